//! PURE. From what was marked to the text of an import: closure, names, plan, files as strings.
//!
//! [`needs`] says what must be read first; [`Plan::of`] says what is imported under which address and what is left out
//! and why; [`export`] writes it. A resource's HCL on screen is [`pane`], cut from the same text.

pub mod choices;
mod closure;
mod credentials;
mod files;
mod held;
mod lookup;
mod names;
mod options;
mod plan;
mod portable;
mod preview;
mod references;
mod refusal;
mod unread;

use std::collections::{BTreeMap, BTreeSet};

use crate::estate::{Estate, Kind, Line, Listing, ReferenceKind, Rendered, ResourceId, Scope, Timestamp};
use crate::secrets::{Known, Masks};
use crate::terraform::{Left, Note};

pub use choices::{CHOICES, Choices, ChoicesError, Wanted};
pub use closure::{closure, needs};
pub use held::Held;
pub use names::problem as name_problem;
pub use options::{Mode, Options};
pub use plan::{CHOSEN, Plan, Planned};
pub use preview::{PlanRow, Preview, RowSkip, SELECTED};
pub use unread::{Unread, count, rests_on};

/// Something that must be read before an export can be written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Describe this resource (again).
    Describe(ResourceId),
    /// Answer this list in full.
    List(Scope, Listing),
}

/// Services, clusters and scaling documents older than this, in milliseconds, are described again before an export.
pub const FRESH: Timestamp = 60_000;

/// A finished export of one scope: every file by name, relative to its folder, and what was left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Export {
    /// File name -> content.
    pub files: BTreeMap<String, File>,
    /// The folder's name below `ACCOUNT-REGION`, from the first selected resource.
    pub folder: String,
    /// Resources that are imported, in order of address.
    pub imports: Vec<Import>,
    /// Resources that are not, with the reason.
    pub skips: Vec<Skip>,
    /// What is left out because the root module that the export is added to has it already; each is a skip, too.
    pub held: Vec<Held>,
    /// What else is to be said of that root module.
    pub remarks: Vec<String>,
    /// What the export rests on and could not be read.
    pub unread: Vec<Unread>,
    /// Other ACTIVE revisions of the exported families, newest first: not imported.
    pub others: Vec<(ResourceId, Vec<ResourceId>)>,
    /// Arguments that the state will hold and the HCL leaves out, by address.
    pub left: Vec<(String, Left)>,
    /// Members that are set and that no argument can hold, by address.
    pub notes: Vec<(String, Note)>,
    /// Credentials that became variables, a row for each field: variable name, address, field. Never the value.
    pub variables: Vec<Variable>,
    /// What the written fields name and the export does not import, in order of address.
    pub references: Vec<Referenced>,
    /// The credentials of each imported document, whether the code uses them or not.
    pub credentials: BTreeMap<ResourceId, Masks>,
    /// The values of all credentials that were read for it: no public text holds one.
    pub known: Known,
}

impl Export {
    /// How many variables stand for credentials; fields with the same value share one.
    pub fn variable_count(&self) -> usize {
        self.variables.iter().map(|variable| &variable.name).collect::<BTreeSet<_>>().len()
    }
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// Which resource.
    pub resource: ResourceId,
    /// What its import id would be; empty when it has none.
    pub import_id: String,
    /// Why.
    pub reason: String,
}

/// A credential that became a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The variable's name.
    pub name: String,
    /// The address of the resource that uses it.
    pub address: String,
    /// The field it comes from, as text.
    pub field: String,
    /// Why it is taken for a credential.
    pub reason: &'static str,
}

/// A field that names something which the export does not import, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referenced {
    /// What it names.
    pub kind: ReferenceKind,
    /// As AWS told it.
    pub named: String,
    /// The address of the resource that names it.
    pub address: String,
    /// The field, as text.
    pub field: String,
    /// How it is written.
    pub mode: Mode,
    /// `data.aws_iam_role.web`, `var.role_web`; `None` for a literal.
    pub by: Option<String>,
    /// Why it is not written as chosen.
    pub why: Option<String>,
}

/// Everything of an estate that can be imported or must be named as a skip: clusters, capacity providers, services,
/// scaling, every revision that a service declares or a standalone task runs, and the newest revision of each known
/// family that nothing runs now (a scheduled task's, often).
pub fn everything(estate: &Estate) -> Vec<ResourceId> {
    let kinds = [Kind::Cluster, Kind::CapacityProvider, Kind::Service, Kind::ScalableTarget, Kind::ScalingPolicy];
    let whole = kinds.into_iter().flat_map(|kind| estate.of_kind(kind).map(|(id, _)| id.clone()));
    let mut all: Vec<ResourceId> = whole.collect();
    // What only a rollout runs is named by the export of its service.
    all.extend(estate.lasting_revisions());
    all.extend(estate.newest_of_idle_families());
    all
}

/// Writes an export. Same estate, selection and options in, same bytes out.
pub fn export(estate: &Estate, selection: &[ResourceId], options: &Options) -> Export {
    files::write(estate, &Plan::of(estate, selection, options), selection)
}

/// The resource blocks of one resource as they stand in the export of `selection`, then its import blocks.
///
/// Each line carries the field of the resource's document that it shows. What cannot be imported says so on top.
pub fn pane(estate: &Estate, id: &ResourceId, selection: &[ResourceId], options: &Options) -> Rendered {
    let mut plan = Plan::of(estate, selection, options);
    if !plan.names(id) {
        plan = Plan::of(estate, std::slice::from_ref(id), options);
    }
    let mut out = Rendered::default();
    if let Some(skip) = plan.skips.iter().find(|skip| skip.resource == *id) {
        out.push(Line::plain(format!("# not exported: {}", crate::estate::visible(&skip.reason))));
    }
    out.extend(files::resource_text(estate, &plan, id));
    plan.known.mask_rendered(out)
}
