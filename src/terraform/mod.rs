//! PURE. Terraform's side: mapping tables, attributes as the provider would read them, HCL, and the plan reader.
//!
//! A document becomes [`Attributes`] by a table of [`types`]; what is written of them is a second decision
//! ([`Writer`]), so that drift and verify can compare attributes that no HCL ever shows.

mod attributes;
mod coverage;
mod dialect;
mod form;
pub mod hcl;
mod import_id;
pub mod mapping;
pub mod plan;
mod reads;
mod refusal;
mod state;
mod taken;
pub mod types;
mod write;

pub use attributes::{Attribute, Attributes, Content};
pub use coverage::{Note, notes};
pub use dialect::Dialect;
pub use form::Form;
pub use import_id::import_id;
pub use reads::Reads;
pub use state::{State, StateError, StateResource};
pub use taken::{
    Backend, BadFile, Broken, Held, Identity, ImportBlock, InCode, LOCK_FILE, Owner, ProviderBlock, StateSource, Tags,
    Taken, is_code, is_values,
};
pub use write::{Ignored, Left, Writer, Written, equal, is_zero};
