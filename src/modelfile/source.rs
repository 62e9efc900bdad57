use super::Span;

/// A text that a user wrote, a Modelfile or `modelbuild.toml`, and the name that messages show for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as the user gave it, or `<stdin>`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// The line that holds the start of `span`, counted from 1.
    #[must_use]
    pub fn line(&self, span: Span) -> usize {
        let (before, _) = self.text.split_at(self.text.floor_char_boundary(span.start));
        before.matches('\n').count() + 1
    }

    /// The character of its line that `span` starts with, counted from 1; a byte order mark does not count.
    #[must_use]
    pub fn column(&self, span: Span) -> usize {
        let (line, start) = self.line_text(span);
        let before = line.floor_char_boundary(span.start.saturating_sub(start));
        line.get(..before).unwrap_or_default().chars().count() + 1
    }

    /// The line that holds the start of `span`, without line end and byte order mark, and its offset.
    pub(super) fn line_text(&self, span: Span) -> (&str, usize) {
        let at = self.text.floor_char_boundary(span.start);
        let (before, after) = self.text.split_at(at);
        let mut start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let end = after.find('\n').map_or(self.text.len(), |newline| at + newline);
        if start == 0 && self.text.starts_with('\u{feff}') {
            start = '\u{feff}'.len_utf8().min(end);
        }
        let line = self.text.get(start..end).unwrap_or_default();
        (line.strip_suffix('\r').unwrap_or(line), start)
    }
}
