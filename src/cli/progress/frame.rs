//! What a terminal shows while a transfer goes on, as text: the whole, each layer on its way, what became of the others.

use std::fmt::Write as _;
use std::time::Duration;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::super::size::human;
use super::summary;
use super::tally::{Layer, State, percent};
use crate::modelfile::escape;

/// Columns of the bar, where there is room.
const BAR: usize = 24;

/// A layer that has not been on its way for so long gets no line: small files would only flicker.
const SEEN: Duration = Duration::from_millis(400);

/// The fewest columns for a name that still say something.
const NAME: usize = 8;

/// The lines for a terminal of `columns` and `rows`, without a line end behind the last one. The last column stays
/// free, and the last row, so that nothing wraps or scrolls.
pub fn frame(state: &mut State, columns: usize, rows: usize) -> String {
    let columns = columns.saturating_sub(1).max(1);
    let mut lines = vec![total(state, columns)];
    let shown: Vec<_> = state
        .layers
        .iter()
        .filter(|layer| layer.begun.elapsed() >= SEEN)
        .collect();
    let room = rows.saturating_sub(3);
    // Where they do not all fit, the line that says how many more there are takes the place of one.
    lines.extend(shown.iter().take(room).map(|layer| one(layer, columns)));
    let more = shown.len().saturating_sub(room);
    let rest = rest(state, more);
    if !rest.is_empty() && rows > 2 {
        lines.push(cut(&format!("  {rest}"), columns));
    }
    lines.join("\n")
}

fn total(state: &mut State, columns: usize) -> String {
    let numbers = state.numbers();
    let text = numbers.text();
    let bar = columns.saturating_sub(text.width() + 2).min(BAR);
    if bar < 4 {
        return cut(text.trim_start(), columns);
    }
    let full = usize::try_from(percent(numbers.done, numbers.total)).unwrap_or(100) * bar / 100;
    let mut line = "━".repeat(full);
    if full < bar {
        line.push('╸');
        line.extend(std::iter::repeat_n(' ', bar - full - 1));
    }
    let _ = write!(line, "  {text}");
    line
}

/// `  weights/model-00…-of-00012.gguf   4.90 GB   12 %`
fn one(layer: &Layer, columns: usize) -> String {
    let numbers = format!(
        "  {:>8}  {:>3} %",
        human(layer.size),
        percent(layer.moved(), layer.size)
    );
    let room = columns.saturating_sub(numbers.len() + 2);
    if room < NAME {
        return cut(&format!("  {}", escape(&layer.name)), columns);
    }
    let name = shortened(&escape(&layer.name), room);
    let gap = " ".repeat(room - name.width());
    format!("  {name}{gap}{numbers}")
}

/// What became of the layers that are not on their way any more.
fn rest(state: &State, more: usize) -> String {
    let mut parts = Vec::new();
    if more > 0 {
        parts.push(format!("{more} more on the way"));
    }
    let counts = summary::counts(&state.counts, None);
    if !counts.is_empty() {
        parts.push(counts);
    }
    if state.publishing {
        parts.push("publishing".to_owned());
    }
    parts.join("; ")
}

/// The start of `text`.
fn cut(text: &str, columns: usize) -> String {
    let mut width = 0;
    let fits = |character: &char| {
        width += character.width().unwrap_or(0);
        width <= columns
    };
    text.chars().take_while(fits).collect()
}

/// `text` without its middle, where it is too wide: names of files differ at their ends.
fn shortened(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let start = cut(text, (columns - 1) / 3);
    let mut room = columns - 1 - start.width();
    let mut end: Vec<char> = Vec::new();
    for character in text.chars().rev() {
        let width = character.width().unwrap_or(0);
        if width > room {
            break;
        }
        room -= width;
        end.push(character);
    }
    start + "…" + &end.into_iter().rev().collect::<String>()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::store::{Event, Outcome};

    fn state(names: &[&str]) -> State {
        let mut state = State::default();
        state.note(Event::Begin {
            blobs: 9,
            bytes: 4_000_000_000,
            destinations: 1,
        });
        for name in names {
            let size = 2_000_000_000;
            state.note(Event::Started { name, size });
            state.note(Event::Advanced {
                name,
                bytes: 500_000_000,
            });
        }
        for layer in &mut state.layers {
            layer.begun = Instant::now().checked_sub(SEEN).unwrap();
        }
        state.note(Event::Stored {
            name: "config.json",
            destination: "x",
            size: 1,
            outcome: Outcome::Present,
            from: None,
        });
        state
    }

    /// Without what depends on the moment.
    fn lines(state: &mut State, columns: usize, rows: usize) -> Vec<String> {
        let frame = frame(state, columns, rows);
        assert!(frame.lines().all(|line| line.width() < columns), "{frame}");
        frame.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn layers_have_a_line_each_and_long_names_lose_their_middle() {
        let mut state = state(&["weights/model-00001-of-00012.safetensors", "m.gguf"]);
        assert_eq!(
            lines(&mut state, 44, 12),
            [
                "  weights…0012.safetensors   2.00 GB   25 %",
                "  m.gguf                     2.00 GB   25 %",
                "  1 there already"
            ]
        );
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut state = state(&["a", "b", "c"]);
        assert_eq!(
            lines(&mut state, 30, 4),
            ["  a            2.00 GB   25 %", "  2 more on the way; 1 there "]
        );
        assert_eq!(frame(&mut state, 30, 1).lines().count(), 1);
    }

    #[test]
    fn the_narrowest_terminal_gets_what_fits() {
        let mut state = state(&["weights/模型.gguf"]);
        for columns in 0..100 {
            for rows in 0..9 {
                let frame = frame(&mut state, columns, rows);
                assert!(frame.lines().count() <= rows.max(1), "{frame}");
                assert!(
                    frame
                        .lines()
                        .all(|line| line.width() <= columns.saturating_sub(1).max(1)),
                    "{frame}"
                );
            }
        }
    }
}
