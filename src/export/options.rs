//! How an export is written: every choice that its reader can make.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::estate::{ReferenceKind, ResourceId};
use crate::terraform::{Dialect, Taken};

/// How something that an export names and does not import is written: a role, a subnet, a secret ...
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As AWS says it.
    #[default]
    Literal,
    /// Looked up by a data source.
    Data,
    /// A variable whose default is what AWS says.
    Variable,
}

/// How an export is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// For which generation of the provider.
    pub dialect: Dialect,
    /// Drop from container definitions exactly what the provider treats as equal.
    pub concise: bool,
    /// Account and region come from data sources, so that the code fits another account as well.
    pub portable: bool,
    /// How each kind of reference is written; a kind that is not here is a literal.
    pub references: BTreeMap<ReferenceKind, Mode>,
    /// Names that were chosen by hand, instead of those that ecsight would give.
    pub labels: BTreeMap<ResourceId, String>,
    /// What is left out because the reader said so.
    pub skips: BTreeSet<ResourceId>,
    /// What the root module that the export is added to has already; `None` for a folder of its own.
    pub taken: Option<Arc<Taken>>,
}

impl Options {
    /// The name of a file of the export: another one in a folder that has files of its own.
    pub fn file_name(&self, name: &str) -> String {
        self.taken.as_ref().map_or_else(|| name.to_owned(), |taken| taken.file_name(name))
    }

    /// How a kind of reference is written.
    pub fn mode(&self, kind: ReferenceKind) -> Mode {
        self.references.get(&kind).copied().unwrap_or_default()
    }
}
