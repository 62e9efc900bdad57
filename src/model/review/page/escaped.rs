use std::fmt::{self, Write as _};

use crate::modelfile::escape;

/// Text as it stands in an element or in an attribute between double quotes.
///
/// What turns the direction of text or hides is shown as an escape, as on a terminal: a reviewer must see what a name is.
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.0.split('\n').enumerate() {
            if index > 0 {
                f.write_char('\n')?;
            }
            for character in escape(line).chars() {
                match character {
                    '&' => f.write_str("&amp;")?,
                    '<' => f.write_str("&lt;")?,
                    '>' => f.write_str("&gt;")?,
                    '"' => f.write_str("&quot;")?,
                    '\'' => f.write_str("&#39;")?,
                    character => f.write_char(character)?,
                }
            }
        }
        Ok(())
    }
}

/// Writes a text that may be an address of the web; of any other scheme, `javascript:` say, it stays a text.
pub fn linked(html: &mut String, text: &str) {
    let is_address = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
        && !text.contains(|character: char| character.is_whitespace() || character.is_control());
    let text = Escaped(text);
    // Writing to a String cannot fail.
    let _ = if is_address {
        write!(html, "<a href=\"{text}\" rel=\"noopener noreferrer\">{text}</a>")
    } else {
        write!(html, "{text}")
    };
}
