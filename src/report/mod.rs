//! PURE. What people and machines read.

mod dossier;
mod overview;

pub use dossier::dossier;
pub use overview::overview;
