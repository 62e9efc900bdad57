//! A stored model as somebody sees it who has to approve it.
//!
//! Enters: an [`Image`](crate::model::Image), which may be hostile in every byte. Leaves: what there is to look at before
//! the model is loaded ([`findings`]), and one page of HTML that says all there is to say ([`page()`]): it needs no other
//! file, no network and no script, and the same artifact gives the same bytes. Nothing is read but manifest and config,
//! so nothing is said of what is in the files.

mod finding;
mod page;
mod rules;
mod treemap;

pub use finding::{Finding, Urgency};
pub use page::page;
pub use rules::findings;
pub use treemap::{Tile, squarify};
