//! Which generation of the AWS provider a text is written for.

use serde::{Deserialize, Serialize};

/// A generation of the hashicorp/aws provider.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Provider 3.39.
    V3,
    /// Provider 6.34 and later.
    #[default]
    V6,
}

impl Dialect {
    /// The version constraint for `required_providers`.
    pub fn constraint(self) -> &'static str {
        match self {
            Self::V3 => "3.39.0",
            Self::V6 => ">= 6.34.0, < 7.0.0",
        }
    }

    /// `v3`, `v6`.
    pub fn word(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::V6 => "v6",
        }
    }
}
