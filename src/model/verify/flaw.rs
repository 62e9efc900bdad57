//! Which rule a flaw of a blob breaks.

use super::rule::{BLOB_CHANGED, BLOB_DIGEST, BLOB_MISSING, BLOB_SIZE, BLOB_UNREADABLE, DOCUMENT_SIZE, Rule};
use crate::store::stored::Flaw;

pub const fn rule(flaw: &Flaw) -> Rule {
    match flaw {
        Flaw::Missing => BLOB_MISSING,
        Flaw::Size { .. } => BLOB_SIZE,
        Flaw::Digest { .. } => BLOB_DIGEST,
        Flaw::NoFile | Flaw::Unreadable(_) => BLOB_UNREADABLE,
        Flaw::TooLarge { .. } => DOCUMENT_SIZE,
        Flaw::Changed => BLOB_CHANGED,
    }
}
