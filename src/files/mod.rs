//! Files that are there whole or not at all, and locks that keep processes apart.
//!
//! Enters: bytes, and the place where they shall be. Leaves: a file that has its name only when it is complete. The room
//! knows nothing of what is in a file; every room that writes writes through it.

mod lock;
mod partial;
mod replace;
mod staging;
mod unfinished;

pub use lock::lock;
pub use partial::{Partial, sweep_partials};
pub use replace::{Durability, replace_file, replace_private, write_file};
pub use staging::{IfTaken, Staged, is_temporary, sweep};
pub use unfinished::Unfinished;
