//! PURE. From what was marked to the text of an import: closure, names, plan, files as strings.

use std::collections::BTreeMap;

use crate::estate::{Estate, Listing, Rendered, ResourceId, Scope, Timestamp};
use crate::terraform::Dialect;

/// Something that must be read before an export can be written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Describe this resource (again).
    Describe(ResourceId),
    /// Answer this list in full.
    List(Scope, Listing),
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// For which generation of the provider.
    pub dialect: Dialect,
    /// Drop from container definitions exactly what the provider treats as equal.
    pub concise: bool,
}

/// Services, clusters and scaling documents older than this, in milliseconds, are described again before an export.
pub const FRESH: Timestamp = 60_000;

/// What still has to be read for the closure of a selection. Call again after folding the answers in, until it is empty.
///
/// What was denied since `not_before` is not asked for again: it becomes a literal and a skip.
pub fn needs(_estate: &Estate, _selection: &[ResourceId], _now: Timestamp, _not_before: Timestamp) -> Vec<Need> {
    Vec::new()
}

/// A finished export of one scope: every file by name, relative to its folder, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Export {
    /// File name -> content.
    pub files: BTreeMap<String, File>,
    /// The folder's name below `ACCOUNT-REGION`, from the first selected resource.
    pub folder: String,
    /// Resources that are imported: address, import id.
    pub imports: Vec<Import>,
    /// Resources that are not, with the reason.
    pub skips: Vec<Skip>,
}

/// One file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// UTF-8 text.
    pub text: String,
    /// True for files that hold credentials: written with mode 0600.
    pub private: bool,
}

/// One resource that an export imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Which resource.
    pub resource: ResourceId,
    /// `aws_ecs_service.web`.
    pub address: String,
    /// As the provider's importer wants it.
    pub import_id: String,
}

/// One resource that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Which resource, in words.
    pub resource: String,
    /// What its import id would be; empty when it has none.
    pub import_id: String,
    /// Why.
    pub reason: String,
}

/// Writes an export. Same estate, selection and options in, same bytes out.
pub fn export(_estate: &Estate, _selection: &[ResourceId], _options: Options) -> Export {
    Export::default()
}

/// The resource blocks of one resource as they stand in the export of `selection`, then its import blocks.
///
/// Each line carries the field of the resource's document that it shows.
pub fn pane(_estate: &Estate, _id: &ResourceId, _selection: &[ResourceId], _options: Options) -> Rendered {
    Rendered::default()
}
