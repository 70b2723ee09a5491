//! terraform

pub mod plan;
