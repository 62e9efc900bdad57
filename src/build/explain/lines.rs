use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

/// A statement of a Modelfile that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineChange {
    /// The line in the Modelfile of now; in the old one where it is gone.
    pub line: usize,
    /// What stood there.
    pub from: Option<String>,
    /// What stands there.
    pub to: Option<String>,
}

/// The statements that differ between two Modelfiles, in order. Comments and blank lines state nothing.
pub fn changed(old: &str, new: &str) -> Vec<LineChange> {
    /// Two texts of 4 MiB that have nothing in common are not worth a minute's thought.
    const PATIENCE: Duration = Duration::from_millis(200);
    let (old, new) = (statements(old), statements(new));
    let (old_text, new_text): (Vec<_>, Vec<_>) = (texts(&old), texts(&new));
    let deadline = Instant::now() + PATIENCE;
    let operations = capture_diff_slices_deadline(Algorithm::Myers, &old_text, &new_text, Some(deadline));
    let mut changes = Vec::new();
    for operation in operations {
        if matches!(operation, DiffOp::Equal { .. }) {
            continue;
        }
        let gone = old.get(operation.old_range()).unwrap_or_default();
        let come = new.get(operation.new_range()).unwrap_or_default();
        for index in 0..gone.len().max(come.len()) {
            let (from, to) = (gone.get(index), come.get(index));
            let Some((line, _)) = to.or(from) else { continue };
            changes.push(LineChange {
                line: *line,
                from: from.map(|(_, text)| (*text).to_owned()),
                to: to.map(|(_, text)| (*text).to_owned()),
            });
        }
    }
    changes
}

/// The lines that state something, with their numbers from 1.
fn statements(text: &str) -> Vec<(usize, &str)> {
    let text = text.trim_start_matches('\u{feff}');
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

fn texts<'a>(statements: &[(usize, &'a str)]) -> Vec<&'a str> {
    statements.iter().map(|(_, text)| *text).collect()
}
