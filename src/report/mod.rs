//! PURE. What people and machines read.

mod changes;
mod dossier;
mod hidden;
pub mod imported;
mod overview;
mod planned;
pub mod print;
pub mod scan;
mod show;
pub mod tasks;
pub mod verify;

pub use changes::{Changed, changes};
pub use dossier::{chosen, digest_of, dossier};
pub use overview::overview;
pub use planned::{Planned, Target, planned_json, planned_text, unused};
pub use show::{difference, finding, show_json, show_text};
