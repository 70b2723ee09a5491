//! An export plan as its reader sees it, before anything is written: a row for each resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::plan::{CHOSEN, Plan, Planned};
use super::{Choices, Unread, files, rests_on};
use crate::estate::{Estate, FieldPath, Kind, ReferenceKind, ResourceId, references, revision_arn};
use crate::secrets::Known;
use crate::terraform::mapping::{Context, Target, What};
use crate::terraform::{Attribute, Content, types};

/// What was chosen for a resource that was selected.
pub const SELECTED: &str = "selection";

/// Why a resource is not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSkip {
    /// In words.
    pub reason: String,
    /// True when the reader chose it, so that it can be taken back.
    pub by_choice: bool,
}

/// One resource of an export plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Which resource.
    pub id: ResourceId,
    /// Its addresses, a cluster may have two; for a skipped one the first that it would have, for a task none.
    pub addresses: Vec<String>,
    /// As the importer wants it; empty when it has none.
    pub import_id: String,
    /// Its name in Terraform.
    pub label: String,
    /// The file that holds it; `None` for what is no Terraform resource.
    pub file: Option<&'static str>,
    /// True when the name was chosen by hand.
    pub renamed: bool,
    /// Why it is not imported; `None` when it is.
    pub skip: Option<RowSkip>,
    /// Resources of this plan that it names by their address.
    pub links: BTreeSet<ResourceId>,
    /// Resources that it names literally because they are skipped.
    pub loose: BTreeSet<ResourceId>,
    /// What it names that is not imported: kind, and as AWS names it.
    pub references: BTreeMap<ReferenceKind, BTreeSet<String>>,
}

/// An export plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// In order of type and identity; what cannot be imported stands last.
    pub rows: Vec<PlanRow>,
    /// How many import blocks there are.
    pub imports: usize,
    /// The folder's name.
    pub folder: String,
    /// The name that the folder has when none is chosen.
    pub own_folder: String,
    /// What the export rests on and could not be read.
    pub unread: Vec<Unread>,
    /// What is to be said of the root module that the export would be added to.
    pub remarks: Vec<String>,
    /// Names and skips that were chosen for resources that this plan does not hold, and [`SELECTED`] ones that do not
    /// exist.
    pub unused: Vec<(ResourceId, &'static str)>,
    /// The kinds that this plan names and does not import, with the number of those it names.
    pub kinds: BTreeMap<ReferenceKind, usize>,
    /// The values of all credentials that were read for it: masked wherever it is told.
    pub known: Known,
    /// Where each row stands.
    places: BTreeMap<ResourceId, usize>,
}

impl Preview {
    /// The plan for some choices.
    pub fn of(estate: &Estate, choices: &Choices) -> Self {
        let selection = choices.selection(estate);
        let plan = Plan::of(estate, &selection, &choices.options);
        // A folder that does not fit is refused before anything is planned.
        let taken = choices.options.taken.as_ref().map(|taken| taken.remarks(&choices.scope).unwrap_or_default());
        let remarks = taken.into_iter().flatten().chain(plan.remarks.iter().cloned()).collect();
        let own_folder = files::folder(&plan, &selection);
        let skipped: BTreeSet<&ResourceId> = plan.skips.iter().map(|skip| &skip.resource).collect();
        let mut rows: BTreeMap<&ResourceId, PlanRow> = BTreeMap::new();
        for planned in &plan.resources {
            let value = estate.document(&planned.id).map(|d| d.value()).unwrap_or_default();
            let row = rows.entry(&planned.id).or_insert_with(|| imported(&plan, choices, planned, &value));
            row.addresses.push(planned.address());
            let context = Context { root: &value, scope: &planned.id.scope, dialect: choices.options.dialect };
            names(&planned.attributes.items, &context, &mut |target, argument, text| {
                let is_linked = plan.link(&planned.id, target, argument, text).is_some();
                for named in named(&planned.id, target, text).into_iter().filter(|named| *named != planned.id) {
                    if is_linked {
                        row.links.insert(named);
                    } else if skipped.contains(&named) {
                        row.loose.insert(named);
                    }
                }
            });
        }
        let mut rows: Vec<PlanRow> = rows.into_values().collect();
        rows.extend(plan.skips.iter().map(|skip| PlanRow {
            addresses: address(&plan, &skip.resource).into_iter().collect(),
            import_id: skip.import_id.clone(),
            label: plan.known.mask(&plan.label(&skip.resource)),
            skip: Some(RowSkip { reason: skip.reason.clone(), by_choice: skip.reason == CHOSEN }),
            ..bare(&skip.resource, choices)
        }));
        let order = |kind: Kind| types::ALL.iter().position(|map| map.kind == kind).unwrap_or(types::ALL.len());
        rows.sort_by_key(|row| {
            let refused = row.skip.as_ref().is_some_and(|skip| !skip.by_choice);
            (refused, order(row.id.kind), row.id.clone())
        });
        let chosen = choices.options.labels.keys().map(|id| (id, "name"));
        let chosen = chosen.chain(choices.options.skips.iter().map(|id| (id, "skip")));
        let chosen = chosen.filter(|(id, _)| !plan.names(id));
        let gone = choices.these().iter().filter(|id| estate.is_missing(id)).map(|id| (id, SELECTED));
        let unused = gone.chain(chosen).map(|(id, what)| (id.clone(), what)).collect();
        Self {
            imports: plan.resources.len(),
            folder: choices.folder.clone().unwrap_or_else(|| own_folder.clone()),
            own_folder,
            remarks,
            unread: rests_on(estate, choices, plan.unread.into_values().flatten().collect()),
            known: plan.known,
            unused,
            kinds: kinds(&rows),
            places: rows.iter().enumerate().map(|(at, row)| (row.id.clone(), at)).collect(),
            rows,
        }
    }

    /// The row of a resource.
    pub fn row(&self, id: &ResourceId) -> Option<&PlanRow> {
        self.rows.get(*self.places.get(id)?)
    }

    /// Rows that are not imported.
    pub fn skips(&self) -> impl Iterator<Item = &PlanRow> {
        self.rows.iter().filter(|row| row.skip.is_some())
    }

    /// The addresses of the resources that name this one by its address.
    pub fn dependents(&self, id: &ResourceId) -> Vec<&str> {
        let rows = self.rows.iter().filter(|row| row.links.contains(id) || row.loose.contains(id));
        rows.filter_map(|row| row.addresses.first()).map(String::as_str).collect()
    }

    /// The resource of the same kind that bears a name already.
    pub fn bearer(&self, of: &ResourceId, label: &str) -> Option<&ResourceId> {
        let others = self.rows.iter().filter(|row| row.skip.is_none() && row.id.kind == of.kind && row.id != *of);
        others.filter(|row| row.label == label).map(|row| &row.id).next()
    }
}

fn kinds(rows: &[PlanRow]) -> BTreeMap<ReferenceKind, usize> {
    let mut kinds: BTreeMap<ReferenceKind, BTreeSet<&str>> = BTreeMap::new();
    for (kind, named) in rows.iter().flat_map(|row| &row.references) {
        kinds.entry(*kind).or_default().extend(named.iter().map(String::as_str));
    }
    kinds.into_iter().map(|(kind, named)| (kind, named.len())).collect()
}

fn bare(id: &ResourceId, choices: &Choices) -> PlanRow {
    PlanRow {
        id: id.clone(),
        addresses: Vec::new(),
        import_id: String::new(),
        label: String::new(),
        file: types::ALL.into_iter().find(|map| map.kind == id.kind).map(|map| map.file),
        renamed: choices.options.labels.contains_key(id),
        skip: None,
        links: BTreeSet::new(),
        loose: BTreeSet::new(),
        references: BTreeMap::new(),
    }
}

fn imported(plan: &Plan, choices: &Choices, planned: &Planned, document: &Value) -> PlanRow {
    let mut named: BTreeMap<ReferenceKind, BTreeSet<String>> = BTreeMap::new();
    let masks = plan.masks().get(&planned.id);
    let is_credential = |path: &FieldPath| masks.is_some_and(|masks| masks.hit(path).is_some());
    for (_, reference) in references(document).into_iter().filter(|(path, _)| !is_credential(path)) {
        named.entry(reference.kind).or_default().insert(reference.native.to_string());
    }
    PlanRow {
        import_id: planned.import_id.clone(),
        label: planned.label.clone(),
        references: named,
        ..bare(&planned.id, choices)
    }
}

/// The address that a skipped resource would have.
fn address(plan: &Plan, id: &ResourceId) -> Option<String> {
    let map = types::ALL.into_iter().find(|map| map.kind == id.kind)?;
    Some(format!("{}.{}", map.terraform_type, plan.known.mask(&plan.label(id))))
}

/// Tells of every argument that may name another resource: what it names, the argument, the text.
fn names(items: &[Attribute], context: &Context<'_>, tell: &mut dyn FnMut(Target, &str, &str)) {
    for item in items {
        match (item.row.what, &item.content) {
            (What::Arg(arg) | What::Naming(arg), given) => {
                let omitted = arg.omit.is_some_and(|omission| (omission.when)(context.root, context));
                let Some(target) = arg.target.filter(|_| !omitted) else { continue };
                match given {
                    Content::Scalar(Value::String(text)) => tell(target, item.name, text),
                    Content::Elements(elements) => {
                        elements.iter().filter_map(|(_, v)| v.as_str()).for_each(|text| tell(target, item.name, text));
                    }
                    _ => {}
                }
            }
            (_, Content::Blocks(blocks)) => blocks.iter().for_each(|(_, inner)| names(inner, context, tell)),
            _ => {}
        }
    }
}

/// The resources that a text names.
fn named(from: &ResourceId, target: Target, text: &str) -> Vec<ResourceId> {
    let scope = &from.scope;
    match target {
        Target::ClusterArn => vec![ResourceId::new(scope, Kind::Cluster, text)],
        Target::ClusterName => vec![ResourceId::cluster(scope, text)],
        Target::Revision => vec![revision_arn(scope, text)],
        Target::CapacityProvider => {
            let arn = scope.ecs_arn(&format!("capacity-provider/{text}"));
            vec![ResourceId::new(scope, Kind::CapacityProvider, &arn)]
        }
        Target::ScalingResource => {
            let cluster = text.split('/').nth(1).map(|name| ResourceId::cluster(scope, name));
            let service = ResourceId::new(scope, Kind::Service, &scope.ecs_arn(text));
            cluster.into_iter().chain([service]).collect()
        }
        Target::OfScalableTarget => {
            let target = from.native.splitn(6, '/').take(5).collect::<Vec<_>>().join("/");
            vec![ResourceId::new(scope, Kind::ScalableTarget, &target)]
        }
    }
}
