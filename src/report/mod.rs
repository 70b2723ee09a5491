//! PURE. What people and machines read.

mod dossier;
mod overview;
mod show;

pub use dossier::dossier;
pub use overview::overview;
pub use show::{difference, finding, json_text, show_json, show_text};
