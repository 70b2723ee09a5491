//! PURE. Terraform's side: mapping tables, attributes as the provider would read them, HCL, and the plan reader.

mod dialect;

pub use dialect::Dialect;
