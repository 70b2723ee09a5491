//! PURE. What people and machines read.

mod dossier;
pub mod imported;
mod overview;
pub mod print;
pub mod scan;
mod show;
pub mod tasks;
pub mod verify;

pub use dossier::{digest_of, dossier};
pub use overview::overview;
pub use show::{difference, finding, show_json, show_text};
