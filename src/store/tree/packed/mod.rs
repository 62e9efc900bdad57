//! Layers that are tars of files, compressed or not, or files that are compressed.
//!
//! Enters: the bytes of a blob in their order, not verified yet. Leaves: its files, staged; those who offered the bytes say
//! by [`Slot::commit`](crate::store::Slot::commit) that they were the right ones. Before that nothing of them counts: not
//! that they cannot be unpacked, nor which paths they have. Memory depends neither on the blob's size nor on what it
//! claims: what unpacks to too much, or to too many entries, is given up.

mod decode;
mod entry;
mod inside;
mod inspector;
mod limit;
mod single;
mod slot;
mod stream;
mod unpack;

pub use inside::{Inside, Packer};
pub use inspector::Inspector;
pub use limit::{Budget, FREE, RATIO, TOTAL};
pub use slot::PackedSlot;
pub use unpack::{PassedOver, Unpacked};
