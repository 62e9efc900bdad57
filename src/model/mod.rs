//! A stored artifact as a model: what is in it, whoever made it, and what makes it another one.
//!
//! Enters: artifacts as [`read`](crate::artifact::read) finds them, in any dialect, with layers that may have no name,
//! no known type, or one name twice. Leaves: what can be said of them in the user's terms: files, kinds, sizes, stated
//! values. No layer is read.

mod change;
mod diff;
mod entry;
mod overview;
mod stated;

pub use change::{Change, File, compare};
pub use diff::{Counts, Diff, Difference, LayerDiff};
pub use entry::{Entry, entries};
pub use overview::{Overview, Share, size};
pub use stated::Statement;
