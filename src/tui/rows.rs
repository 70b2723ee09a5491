//! PURE. The rows of each place, from facts and review.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::estate::{Estate, Gap, Kind, Listing, ResourceId, Scope, ServiceView, Subject, revision_arn, visible};

use super::model::{Model, RowId};
use super::place::Place;
use super::table::{Cell, Row};
use super::tally;
use super::theme::Role;

/// The rows of a place.
pub fn of(model: &Model, place: &Place) -> Vec<Row<RowId>> {
    match place {
        Place::Account => clusters(model),
        Place::Cluster(cluster) => services(model, cluster),
        Place::Family { scope, family, .. } => revisions(model, scope, family),
    }
}

/// Services described, services named, over the whole estate.
pub fn service_counts(estate: &Estate) -> (usize, usize) {
    let described = |(id, _): &(&ResourceId, _)| estate.service(id).is_some();
    (estate.of_kind(Kind::Service).filter(described).count(), estate.of_kind(Kind::Service).count())
}

fn gap_text(gap: &Gap) -> String {
    format!("! {}: {}", gap.reason.word(), visible(&gap.action))
}

fn gap_row(subject: &Subject, gap: &Gap) -> Row<RowId> {
    let what = match subject {
        Subject::Listing(_, listing) => visible(&listing.to_string()),
        Subject::Resource(id) => visible(&id.to_string()),
    };
    let text = format!("{}  {what}", gap_text(gap));
    Row { id: RowId::Gap(subject.clone()), group: 9, cells: vec![Cell::new(text, Role::Error)] }
}

/// Two dots where a cell is not known yet.
fn waiting() -> Cell {
    Cell::new("..", Role::Dim)
}

/// Drift and risk of a resource, as the review has them; two dots before the first review.
fn signs(model: &Model, id: &ResourceId) -> (Cell, Cell) {
    if model.reviewed.is_none() {
        return (waiting(), waiting());
    }
    (tally::drift(&model.review, id), tally::risk(model.review.row(id)))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ClusterCounts {
    status: Option<String>,
    active_services_count: Option<i64>,
    running_tasks_count: Option<i64>,
    pending_tasks_count: Option<i64>,
}

fn clusters(model: &Model) -> Vec<Row<RowId>> {
    let estate = &model.estate;
    let mut by_cluster: BTreeMap<(Scope, String), usize> = BTreeMap::new();
    for (id, _) in estate.of_kind(Kind::Service) {
        let in_id = id.cluster_name().map(str::to_owned);
        let named = in_id.or_else(|| Some(estate.service(id)?.cluster_arn.rsplit('/').next()?.to_owned()));
        let Some(name) = named else { continue };
        *by_cluster.entry((id.scope.clone(), name)).or_default() += 1;
    }
    let mut rows: Vec<Row<RowId>> = Vec::new();
    for (id, entry) in estate.of_kind(Kind::Cluster) {
        let known = entry.document().and_then(|d| serde_json::from_str::<ClusterCounts>(&d.raw).ok());
        let count = by_cluster.get(&(id.scope.clone(), id.name().to_owned())).copied().unwrap_or_default();
        let listing = Listing::Services(id.name().into());
        let cut = estate.gap(&Subject::Listing(id.scope.clone(), listing.clone()));
        let complete = estate.complete_at(&id.scope, &listing).is_some();
        let total = known.as_ref().and_then(|k| k.active_services_count).unwrap_or_default();
        let shown = i64::try_from(count).unwrap_or(i64::MAX);
        let services = match (cut, complete) {
            (Some(_), _) if total > shown => Cell::new(format!("{count} of {total} !"), Role::Error),
            (Some(_), _) => Cell::new(format!("{count} !"), Role::Error),
            (None, true) => Cell::text(count.to_string()),
            (None, false) => Cell::new(format!("{count} of {total}"), Role::Dim),
        };
        let gap = estate.gap(&Subject::Resource(id.clone()));
        let (status, tasks) = match (&known, gap) {
            (Some(known), _) => {
                let status = known.status.clone().unwrap_or_default();
                let role = if status == "ACTIVE" { Role::Dim } else { Role::Warning };
                let (running, pending) =
                    (known.running_tasks_count.unwrap_or(0), known.pending_tasks_count.unwrap_or(0));
                let tasks = if pending > 0 { format!("{running}+{pending}") } else { running.to_string() };
                (Cell::new(visible(&status), role), Cell::text(tasks).by(running))
            }
            (None, Some(gap)) => (Cell::new(gap_text(gap), Role::Error), Cell::new("?", Role::Unknown)),
            (None, None) => (waiting(), waiting()),
        };
        let row = model.review.row(id);
        let known = model.reviewed.is_some();
        let (drift, risk) = if known { (tally::drift_count(row), tally::risk(row)) } else { (waiting(), waiting()) };
        let cells = vec![Cell::text(visible(id.name())), services.by(shown), tasks, status, drift, risk];
        rows.push(Row { id: RowId::Resource(id.clone()), group: 0, cells });
    }
    // What concerns the account stands here; what concerns one cluster stands under it.
    let here = |subject: &Subject| {
        matches!(subject, Subject::Listing(_, listing)
            if !matches!(listing, Listing::Services(_) | Listing::Tasks(_) | Listing::Revisions(_)))
    };
    rows.extend(estate.gaps().filter(|(s, _)| here(s)).map(|(s, g)| gap_row(s, g)));
    rows
}

fn owner(view: &ServiceView, estate: &Estate, declared: Option<&ResourceId>) -> Cell {
    let named = |tags: &BTreeMap<Arc<str>, Arc<str>>| {
        ["owner", "team"].iter().find_map(|wanted| {
            tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.to_string())
        })
    };
    let from_revision = || named(&estate.task_definition(declared?)?.tags);
    match named(&view.tags).or_else(from_revision) {
        Some(owner) => Cell::text(visible(&owner)),
        None => Cell::new("none", Role::Dim),
    }
}

fn revision_number(id: &ResourceId) -> String {
    id.family_revision().map_or_else(|| visible(id.name()), |(_, revision)| format!(":{revision}"))
}

/// `:47 -> :49`, declared to newest.
fn revision_cell(estate: &Estate, declared: Option<&ResourceId>) -> Cell {
    let Some(declared) = declared else { return Cell::new("none", Role::Dim) };
    let newest = declared.family_revision().and_then(|(family, _)| estate.newest(&declared.scope, family));
    let role = if estate.revision_status(declared) == Some("INACTIVE") { Role::Drift } else { Role::Text };
    let mut pieces = vec![(revision_number(declared), role)];
    if let Some(newest) = newest.filter(|newest| newest != declared) {
        pieces.push((format!(" -> {}", revision_number(&newest)), Role::Drift));
    }
    Cell::pieces(pieces)
}

fn services(model: &Model, cluster: &ResourceId) -> Vec<Row<RowId>> {
    let estate = &model.estate;
    let mut rows: Vec<Row<RowId>> = estate.services_of(cluster).map(|(id, _)| service_row(model, id)).collect();
    rows.extend(tasks(model, cluster));
    let name: Arc<str> = cluster.name().into();
    for listing in [Listing::Services(name.clone()), Listing::Tasks(name)] {
        let subject = Subject::Listing(cluster.scope.clone(), listing);
        rows.extend(estate.gap(&subject).map(|gap| gap_row(&subject, gap)));
    }
    rows.extend(
        estate.gap(&Subject::Resource(cluster.clone())).map(|gap| gap_row(&Subject::Resource(cluster.clone()), gap)),
    );
    rows
}

fn service_row(model: &Model, id: &ResourceId) -> Row<RowId> {
    let estate = &model.estate;
    let name = Cell::text(visible(id.name()));
    let row = |cells| Row { id: RowId::Resource(id.clone()), group: 0, cells };
    let Some(view) = estate.service(id) else {
        let state = match estate.gap(&Subject::Resource(id.clone())) {
            Some(gap) => Cell::new(gap_text(gap), Role::Error),
            None => Cell::new("..", Role::Dim),
        };
        return row(vec![
            name,
            Cell::new("?", Role::Unknown),
            state,
            Cell::default(),
            Cell::default(),
            Cell::default(),
        ]);
    };
    let declared = estate.declared(id);
    let short = view.running < view.desired;
    let run = Cell::new(format!("{}/{}", view.running, view.desired), if short { Role::Warning } else { Role::Text });
    let (drift, risk) = signs(model, id);
    row(vec![
        name,
        run.by(view.running),
        revision_cell(estate, declared.as_ref()),
        drift,
        risk,
        owner(view, estate, declared.as_ref()),
    ])
}

/// The first of the tasks that a row stands for: the pane shows its fields.
pub fn first_task<'e>(estate: &'e Estate, row: &RowId) -> Option<&'e ResourceId> {
    let RowId::Tasks { cluster, group, started_by, revision } = row else { return None };
    let is_one = |id: &ResourceId| {
        let Some(view) = estate.task(id) else { return false };
        let runs = view.task_definition.as_deref().map(|named| revision_arn(&id.scope, named));
        id.scope == cluster.scope
            && view.cluster_arn.rsplit('/').next() == Some(cluster.name())
            && (&view.group, &view.started_by, &runs) == (group, started_by, revision)
    };
    estate.of_kind(Kind::Task).map(|(id, _)| id).find(|id| is_one(id))
}

/// Standalone tasks, one row for those of one group, starter and revision.
fn tasks(model: &Model, cluster: &ResourceId) -> Vec<Row<RowId>> {
    type Group = (Arc<str>, Option<Arc<str>>, Option<ResourceId>);
    let estate = &model.estate;
    let mut groups: BTreeMap<Group, (ResourceId, u32, bool)> = BTreeMap::new();
    for (id, _) in estate.of_kind(Kind::Task) {
        let Some(view) = estate.task(id) else { continue };
        let here = view.cluster_arn.rsplit('/').next() == Some(cluster.name()) && id.scope == cluster.scope;
        if !here || !view.is_standalone() {
            continue;
        }
        let revision = view.task_definition.as_deref().map(|named| revision_arn(&id.scope, named));
        let (_, count, overridden) = groups
            .entry((view.group.clone(), view.started_by.clone(), revision))
            .or_insert_with(|| (id.clone(), 0, false));
        *count += 1;
        *overridden |= view.overridden;
    }
    let row = |((group, started_by, revision), (first, count, overridden)): (Group, (ResourceId, u32, bool))| {
        let drift = signs(model, &first).0;
        let risk = signs(model, revision.as_ref().unwrap_or(&first)).1;
        let short = group.strip_prefix("family:").unwrap_or(&group);
        let mut name = vec![(visible(short), Role::Text)];
        if overridden {
            name.push((" (overrides)".to_owned(), Role::Warning));
        }
        let starter =
            started_by.as_deref().map_or_else(|| Cell::new("none", Role::Dim), |s| Cell::new(visible(s), Role::Dim));
        let id = RowId::Tasks { cluster: cluster.clone(), group, started_by, revision: revision.clone() };
        let cells = vec![
            Cell::pieces(name),
            Cell::new(format!("{count} task{}", if count == 1 { "" } else { "s" }), Role::Dim).by(count),
            revision_cell(estate, revision.as_ref()),
            drift,
            risk,
            starter,
        ];
        Row { id, group: 1, cells }
    };
    groups.into_iter().map(row).collect()
}

/// Who uses each revision: services that declare or run it, standalone tasks.
fn users(estate: &Estate) -> BTreeMap<ResourceId, Vec<String>> {
    let mut users: BTreeMap<ResourceId, Vec<String>> = BTreeMap::new();
    for (id, _) in estate.of_kind(Kind::Service) {
        let Some(view) = estate.service(id) else { continue };
        for arn in view.revisions() {
            users.entry(revision_arn(&id.scope, &arn)).or_default().push(visible(id.name()));
        }
    }
    for (id, _) in estate.of_kind(Kind::Task) {
        let Some(view) = estate.task(id).filter(|view| view.is_standalone()) else { continue };
        if let Some(named) = &view.task_definition {
            let all = users.entry(revision_arn(&id.scope, named)).or_default();
            let name = format!("task {}", visible(view.group.strip_prefix("family:").unwrap_or(&view.group)));
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }
    users
}

fn role_name(arn: Option<&Arc<str>>) -> Cell {
    match arn {
        Some(arn) => Cell::text(visible(arn.rsplit('/').next().unwrap_or(arn))),
        None => Cell::new("none", Role::Dim),
    }
}

fn revisions(model: &Model, scope: &Scope, family: &Arc<str>) -> Vec<Row<RowId>> {
    let estate = &model.estate;
    let users = users(estate);
    let mut rows: Vec<Row<RowId>> = Vec::new();
    for id in estate.revisions(scope, family) {
        let number = id.family_revision().map_or(0, |(_, revision)| revision);
        let status = estate.revision_status(id).unwrap_or("?");
        let status_role = match status {
            "ACTIVE" => Role::Dim,
            _ => Role::Drift,
        };
        let used = users.get(id);
        let used_cell = used.map_or_else(|| Cell::new("-", Role::Dim), |names| Cell::text(names.join(", ")));
        let view = estate.task_definition(id);
        let (risk, task_role, execution_role) = match (view, estate.gap(&Subject::Resource(id.clone()))) {
            (Some(view), _) => {
                (signs(model, id).1, role_name(view.task_role.as_ref()), role_name(view.execution_role.as_ref()))
            }
            (None, Some(gap)) => {
                (Cell::new("?", Role::Unknown), Cell::new(gap_text(gap), Role::Error), Cell::default())
            }
            (None, None) => (Cell::new("not read", Role::Dim), Cell::default(), Cell::default()),
        };
        let cells = vec![
            Cell::text(format!(":{number}")).by(number),
            Cell::new(visible(status), status_role),
            risk,
            used_cell,
            task_role,
            execution_role,
        ];
        rows.push(Row { id: RowId::Resource(id.clone()), group: 0, cells });
    }
    let subject = Subject::Listing(scope.clone(), Listing::Revisions(family.clone()));
    rows.extend(estate.gap(&subject).map(|gap| gap_row(&subject, gap)));
    rows
}
