/// A word's characters, each with whether it is literal.
pub(super) type Chars = [(char, bool)];

/// Why a word is no path or pattern in the context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SyntaxError {
    /// A `[` or `{` without its end.
    #[error("`{opening}` is not closed")]
    Unclosed { opening: char, closing: char },
    /// `[b-a]`.
    #[error("the range `{low}-{high}` is empty")]
    EmptyRange { low: char, high: char },
    /// Braces that multiply.
    #[error("the braces stand for more than {most} paths")]
    TooManyAlternatives { most: usize },
    /// A `..` that leads out, and no way back.
    #[error("`..` leaves the context")]
    Parent,
    /// A leading `/`, and a place that is not in the context.
    #[error("this absolute path lies outside of the context")]
    Absolute,
    /// An alternative without a character, as in `{,a}`; it would name the whole context.
    #[error("one of the alternatives is empty")]
    EmptyAlternative,
}

impl SyntaxError {
    /// What to do about it.
    pub(super) fn help(&self) -> String {
        match self {
            Self::Unclosed { opening, closing } => {
                format!("add the `{closing}`, or write `\\{opening}` if it belongs to a file's name")
            }
            Self::EmptyRange { low, high } => {
                format!("write `{high}-{low}`, or quote the word if it is a file's name")
            }
            Self::TooManyAlternatives { .. } => "use `*`, or several lines".to_owned(),
            Self::Parent | Self::Absolute => {
                "only files in the context directory are packed; paths are relative to it".to_owned()
            }
            Self::EmptyAlternative => "write `.` for the whole context, or take the extra comma away".to_owned(),
        }
    }
}
