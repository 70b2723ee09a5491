//! SHELL: runs the user's `terraform` or `tofu`.
//!
//! [`Engine`] finds the command; [`verify()`] takes a folder through init, validate, plan and show
//! and gives back what the plan would do to each resource. [`apply`] is the one file that applies:
//! a saved plan, unchanged, for `ecsight import`.

pub mod apply;
mod complaint;
mod find;
mod litter;
mod place;
mod process;
mod saved;
mod verify;

pub use find::{ENGINE_VARIABLE, Engine, Flavour};
pub use place::{Lock, StatePlace, left_lock, provider_version, state_place};
pub use saved::SavedPlan;
pub use verify::{Activity, OVERRIDE_FILE, Phase, Progress, VerifyOptions, plan_json, saved_plan, state_json, verify};
