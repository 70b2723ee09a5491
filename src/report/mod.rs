//! PURE. What people and machines read.

mod overview;
pub mod print;
pub mod scan;
pub mod tasks;

pub use overview::overview;
