//! Why an artifact, and each of its layers, is made again or not.
//!
//! Enters: a [`Record`] of the last build of the same Modelfile to the same places, where there is one, and what is
//! known of this one. Leaves: an [`Explanation`] in the user's terms: files, Modelfile lines, options.

mod compare;
mod ledger;
mod lines;
mod origin;
mod record;
mod settings;

pub use compare::{Explanation, Now, Reason};
pub use ledger::Ledger;
pub use lines::LineChange;
pub use origin::Origin;
pub use record::{Record, RecordedFile};
pub use settings::settings;
