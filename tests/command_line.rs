//! What can be typed, and what is answered.

mod context;
mod help;
mod metadata;
mod names;
mod outputs;
mod progress;
mod report;
