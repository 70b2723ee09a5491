//! SHELL: runs the user's `terraform` or `tofu`.
//!
//! [`Engine`] finds the command; [`verify`] takes a folder through init, validate, plan and show
//! and gives back what the plan would do to each resource. Nothing here applies anything.

mod complaint;
mod find;
mod process;
mod verify;

pub use find::{ENGINE_VARIABLE, Engine, Flavour};
pub use verify::{Activity, OVERRIDE_FILE, Phase, Progress, VerifyOptions, plan_json, verify};
