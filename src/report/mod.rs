//! PURE. What people and machines read.

mod overview;

pub use overview::overview;
