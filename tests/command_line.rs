//! What can be typed, and what is answered.

mod build_args;
mod context;
mod dialects;
mod habits;
mod help;
mod metadata;
mod names;
mod notes;
mod outputs;
mod progress;
mod quiet;
mod report;
mod terminal;
mod to_terminal;
