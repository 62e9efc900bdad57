//! Findings to text in the look of rustc.
//!
//! annotate-snippets draws; this file decides what it gets to see: only the lines that are pointed at, cut to a window
//! when they are long, with no character in them that a terminal would obey. So a finding in a text of one line of
//! 4 MiB, or on line 2,000,000, costs no more than any other, and the text does not depend on the terminal.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::show::{escape, stand_in};
use super::{Diagnostic, Diagnostics, Severity, Source, Span};

/// Most findings that are shown: more than that is one mistake made many times.
const MOST: usize = 20;
/// Longest line that is shown whole, in characters.
const WIDEST: usize = 120;
/// What is shown of a longer line before the place pointed at, in characters.
const BEFORE: usize = 40;
/// Two places up to this many lines apart are drawn in one picture.
const NEAR: usize = 1000;
/// Up to this many lines between two places are drawn.
const FOLDED: usize = 4;
/// Wider than anything that is drawn, so that annotate-snippets never cuts lines a second time.
const UNBOUNDED: usize = 4096;

impl Diagnostics {
    /// The findings as text, each with message, file, line, column, source line, caret and hints, separated by empty
    /// lines and ending in a line break; empty when there are none. At most 20 are shown, errors before the rest.
    #[must_use]
    pub fn render(&self, source: &Source, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(UNBOUNDED);
        let mut shown: Vec<String> = self
            .worst()
            .into_iter()
            .map(|diagnostic| draw(diagnostic, source, &renderer))
            .collect();
        if let Some(more) = self.0.len().checked_sub(MOST).filter(|more| *more > 0) {
            let findings = if more == 1 { "finding" } else { "findings" };
            let title = Level::NOTE.primary_title(format!("and {more} more {findings}"));
            shown.push(renderer.render(&[Group::with_title(title)]));
        }
        shown
            .iter()
            .map(|text| format!("{}\n", text.trim_end()))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// What is shown: errors first if not all fit, in the order of their places in any case.
    fn worst(&self) -> Vec<&Diagnostic> {
        let mut order: Vec<(usize, &Diagnostic)> = self.0.iter().enumerate().collect();
        order.sort_by_key(|(at, diagnostic)| (std::cmp::Reverse(diagnostic.severity), *at));
        order.truncate(MOST);
        order.sort_by_key(|(at, _)| *at);
        order.into_iter().map(|(_, diagnostic)| diagnostic).collect()
    }
}

fn draw(diagnostic: &Diagnostic, source: &Source, renderer: &Renderer) -> String {
    let drawn = renderer.render(&[group(diagnostic, source)]);
    // annotate-snippets counts the column in what it draws. Where that is not the line's start, the column is put right.
    let (primary, _) = diagnostic.primary;
    let window = Window::new(primary, source, 0);
    let counted = window
        .text
        .get(..window.locate(primary).start)
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    let column = source.column(primary);
    if counted == column {
        return drawn;
    }
    let place = format!("{}:{}", escape(&source.name), source.line(primary));
    drawn.replacen(&format!("{place}:{counted}\n"), &format!("{place}:{column}\n"), 1)
}

fn group<'a>(diagnostic: &'a Diagnostic, source: &'a Source) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    level
        .primary_title(escape(&diagnostic.message))
        .elements(pictures(diagnostic, source))
        .elements(diagnostic.help.iter().map(|help| Level::HELP.message(escape(help))))
}

/// One picture for all places that are near each other, the primary one's first.
fn pictures<'a>(diagnostic: &'a Diagnostic, source: &Source) -> Vec<Snippet<'a, Annotation<'a>>> {
    let (primary, label) = &diagnostic.primary;
    let mut places = vec![Place::new(*primary, label, AnnotationKind::Primary, source)];
    places.extend(
        diagnostic
            .secondary
            .iter()
            .map(|(span, label)| Place::new(*span, label, AnnotationKind::Context, source)),
    );
    let home = places.first().map_or(1, |place| place.line);
    let (mut near, far): (Vec<_>, Vec<_>) = places.into_iter().partition(|place| place.line.abs_diff(home) <= NEAR);
    near.sort_by_key(|place| place.line);
    let mut pictures = vec![picture(near, source)];
    pictures.extend(far.into_iter().map(|place| picture(vec![place], source)));
    pictures
}

/// Something to point at, and the line that it stands in.
struct Place<'a> {
    span: Span,
    label: &'a str,
    kind: AnnotationKind,
    line: usize,
}

impl<'a> Place<'a> {
    fn new(span: Span, label: &'a str, kind: AnnotationKind, source: &Source) -> Self {
        Self {
            span,
            label,
            kind,
            line: source.line(span),
        }
    }
}

/// The lines from the first place to the last, `places` being in order of their lines.
fn picture<'a>(places: Vec<Place<'a>>, source: &Source) -> Snippet<'a, Annotation<'a>> {
    let first = places.first().map_or(1, |place| place.line);
    let mut text = String::new();
    let mut annotations = Vec::new();
    let mut line = first;
    // What is drawn of `line`.
    let mut window: Option<Window> = None;
    for place in places {
        if place.line > line {
            // annotate-snippets folds lines between away when there are many, and draws a few; those have to be true.
            let gap = place.line - line - 1;
            text.push('\n');
            for between in source.text.split('\n').skip(line).take(gap) {
                if gap <= FOLDED {
                    text.extend(
                        between
                            .chars()
                            .filter(|character| *character != '\r')
                            .take(WIDEST)
                            .map(drawable),
                    );
                }
                text.push('\n');
            }
        }
        if place.line > line || window.is_none() {
            let drawn = Window::new(place.span, source, text.len());
            text.push_str(&drawn.text);
            window = Some(drawn);
            line = place.line;
        }
        if let Some(window) = &window {
            let annotation = place.kind.span(window.locate(place.span));
            annotations.push(if place.label.is_empty() {
                annotation
            } else {
                annotation.label(escape(place.label))
            });
        }
    }
    Snippet::source(text)
        .path(escape(&source.name))
        .line_start(first)
        .annotations(annotations)
}

/// What is drawn of a line.
struct Window {
    /// The line or a part of it, as drawn.
    text: String,
    /// Offset in the source and offset in `text` of every character drawn, and of the ends.
    offsets: Vec<(usize, usize)>,
    /// Where `text` begins in the picture.
    drawn_at: usize,
}

impl Window {
    /// The line of `span`, or the part of it around the start of `span`.
    fn new(span: Span, source: &Source, drawn_at: usize) -> Self {
        let (line, start) = source.line_text(span);
        let at = line.floor_char_boundary(span.start.saturating_sub(start).min(line.len()));
        let (before, _) = line.split_at(at);
        let whole = line.chars().nth(WIDEST).is_none();
        let from = if whole {
            0
        } else {
            before
                .char_indices()
                .rev()
                .take(BEFORE)
                .last()
                .map_or(at, |(index, _)| index)
        };
        let mut window = Self {
            text: String::new(),
            offsets: Vec::new(),
            drawn_at,
        };
        if from > 0 {
            window.text.push_str("...");
        }
        let mut end = from;
        for character in line.get(from..).unwrap_or_default().chars().take(WIDEST) {
            window.offsets.push((start + end, window.text.len()));
            window.text.push(drawable(character));
            end += character.len_utf8();
        }
        window.offsets.push((start + end, window.text.len()));
        if end < line.len() {
            window.text.push_str("...");
        }
        window
    }

    /// Where `span` is in the picture, or what is drawn of it.
    fn locate(&self, span: Span) -> std::ops::Range<usize> {
        let drawn = |offset: usize| {
            let next = self.offsets.partition_point(|(source, _)| *source < offset);
            self.offsets
                .get(next)
                .or(self.offsets.last())
                .map_or(0, |(_, drawn)| *drawn)
        };
        self.drawn_at + drawn(span.start)..self.drawn_at + drawn(span.end)
    }
}

/// annotate-snippets draws a tab as four blanks and knows where the caret goes then.
fn drawable(character: char) -> char {
    if character == '\t' { '\t' } else { stand_in(character) }
}
