//! PURE. The rows of each place, from facts and review.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use crate::estate::{Estate, Gap, Kind, Listing, ResourceId, Scope, ServiceView, Subject, revision_arn, visible};
use crate::gate::{self, Tally};

use super::model::{Model, RowId};
use super::place::Place;
use super::table::{Cell, Row};
use super::tally;
use super::theme::Role;

/// What a place holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filled {
    /// Its rows, in natural order.
    pub rows: Vec<Row<RowId>>,
    /// For rows that stand for many tasks: one of them, whose fields the pane shows.
    pub subjects: BTreeMap<RowId, ResourceId>,
    /// What is wrong with the list as a whole: `50 denied: ecs:DescribeServices`.
    pub trouble: Option<String>,
}

/// The group of rows that stand for what could not be read.
pub const GAPS: u8 = 9;

/// The rows of a place.
pub fn of(model: &Model, place: &Place) -> Filled {
    match place {
        Place::Account => Filled { rows: clusters(model), ..Filled::default() },
        Place::Cluster(cluster) => services(model, cluster),
        Place::Family { scope, family, .. } => Filled { rows: revisions(model, scope, family), ..Filled::default() },
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
    Row { id: RowId::Gap(subject.clone()), group: GAPS, cells: vec![Cell::new(text, Role::Error)] }
}

/// Two dots where a cell is not known yet.
fn waiting() -> Cell {
    Cell::new("..", Role::Dim).by(-1)
}

/// What stands for something that is not known: two dots while it may still come.
fn unknown(model: &Model, refused: bool) -> Cell {
    let reading = model.scan.is_some_and(|scan| scan.took.is_none());
    if reading && !refused { waiting() } else { Cell::new("?", Role::Unknown).by(5) }
}

/// True when the list of a revision's family was refused.
fn refused(estate: &Estate, revision: Option<&ResourceId>) -> Option<Subject> {
    let revision = revision?;
    let (family, _) = revision.family_revision()?;
    let subject = Subject::Listing(revision.scope.clone(), Listing::Revisions(family.into()));
    estate.gap(&subject).is_some().then_some(subject)
}

/// Drift and risk of a service or of tasks, as the review has them; two dots before the first review.
fn signs(model: &Model, id: &ResourceId, definition: Option<&ResourceId>, tally: Tally) -> (Cell, Cell) {
    if model.reviewed.is_none() {
        return (waiting(), waiting());
    }
    let undated = gate::is_undated(&model.estate, id, definition);
    let unknown = undated.then(|| unknown(model, refused(&model.estate, definition).is_some()));
    (tally::drift(&model.review, id, unknown), tally::risk(tally))
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
    // How many services, and how many of them nobody has described.
    let mut by_cluster: BTreeMap<(Scope, String), (usize, usize)> = BTreeMap::new();
    for (id, _) in estate.of_kind(Kind::Service) {
        let view = estate.service(id);
        let in_id = id.cluster_name().map(str::to_owned);
        let named = in_id.or_else(|| Some(view?.cluster_arn.rsplit('/').next()?.to_owned()));
        let Some(name) = named else { continue };
        let (all, unread) = by_cluster.entry((id.scope.clone(), name)).or_default();
        *all += 1;
        *unread += usize::from(view.is_none());
    }
    let mut rows: Vec<Row<RowId>> = Vec::new();
    for (id, entry) in estate.of_kind(Kind::Cluster) {
        let known = entry.document().and_then(|d| serde_json::from_str::<ClusterCounts>(&d.raw).ok());
        let (count, unread) = by_cluster.get(&(id.scope.clone(), id.name().to_owned())).copied().unwrap_or_default();
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
        let (drift, risk) = if model.reviewed.is_some() {
            let unsure = row.undated > 0 || unread > 0 || !complete || cut.is_some();
            let unknown = unsure.then(|| unknown(model, cut.is_some()));
            (tally::drift_count(row, unknown), tally::risk(row))
        } else {
            (waiting(), waiting())
        };
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

/// The owner tag of a service, else of the revision.
fn owner(view: Option<&ServiceView>, estate: &Estate, declared: Option<&ResourceId>) -> Cell {
    let named = |tags: &BTreeMap<Arc<str>, Arc<str>>| {
        ["owner", "team"].iter().find_map(|wanted| {
            tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.to_string())
        })
    };
    let from_revision = || named(&estate.task_definition(declared?)?.tags);
    match view.and_then(|view| named(&view.tags)).or_else(from_revision) {
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
    let role = if estate.revision_status(declared) == Some("INACTIVE") { Role::Drift } else { Role::Text };
    let mut pieces = vec![(revision_number(declared), role)];
    if let Some(newest) = estate.newer(declared) {
        pieces.push((format!(" -> {}", revision_number(&newest)), Role::Drift));
    }
    Cell::pieces(pieces)
}

fn services(model: &Model, cluster: &ResourceId) -> Filled {
    let estate = &model.estate;
    let mut rows = Vec::new();
    let mut unread: BTreeMap<String, usize> = BTreeMap::new();
    let mut unlisted: BTreeSet<Subject> = BTreeSet::new();
    for (id, _) in estate.services_of(cluster) {
        rows.push(service_row(model, id));
        unlisted.extend(refused(estate, estate.declared(id).as_ref()));
        if let Some(gap) = estate.gap(&Subject::Resource(id.clone())) {
            *unread.entry(format!("{}: {}", gap.reason.word(), visible(&gap.action))).or_default() += 1;
        }
    }
    let mut subjects = BTreeMap::new();
    for (row, first) in tasks(model, cluster) {
        subjects.insert(row.id.clone(), first);
        rows.push(row);
    }
    let name: Arc<str> = cluster.name().into();
    for listing in [Listing::Services(name.clone()), Listing::Tasks(name)] {
        let subject = Subject::Listing(cluster.scope.clone(), listing);
        rows.extend(estate.gap(&subject).map(|gap| gap_row(&subject, gap)));
    }
    rows.extend(
        estate.gap(&Subject::Resource(cluster.clone())).map(|gap| gap_row(&Subject::Resource(cluster.clone()), gap)),
    );
    rows.extend(unlisted_rows(estate, &unlisted));
    let trouble = unread.into_iter().map(|(why, count)| format!("{count} {why}")).reduce(|all, one| all + ", " + &one);
    Filled { rows, subjects, trouble }
}

/// One line for all families whose list was refused in the same way.
fn unlisted_rows(estate: &Estate, unlisted: &BTreeSet<Subject>) -> Vec<Row<RowId>> {
    let mut alike: BTreeMap<String, Vec<&Subject>> = BTreeMap::new();
    for (subject, gap) in unlisted.iter().filter_map(|subject| Some((subject, estate.gap(subject)?))) {
        alike.entry(gap_text(gap)).or_default().push(subject);
    }
    let row = |(text, subjects): (String, Vec<&Subject>)| {
        let what = match &subjects[..] {
            [Subject::Listing(_, listing)] => visible(&listing.to_string()),
            several => format!("newest of {} families", several.len()),
        };
        let id = RowId::Gap((*subjects.first()?).clone());
        Some(Row { id, group: GAPS, cells: vec![Cell::new(format!("{text}  {what}"), Role::Error)] })
    };
    alike.into_iter().filter_map(row).collect()
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
    let (drift, risk) = signs(model, id, declared.as_ref(), model.review.row(id));
    row(vec![
        name,
        run.by(view.running),
        revision_cell(estate, declared.as_ref()),
        drift,
        risk,
        owner(Some(view), estate, declared.as_ref()),
    ])
}

/// Standalone tasks, one row for those of one group, starter and revision.
fn tasks(model: &Model, cluster: &ResourceId) -> Vec<(Row<RowId>, ResourceId)> {
    type Group = (Arc<str>, Option<Arc<str>>, Option<ResourceId>);
    let estate = &model.estate;
    let mut groups: BTreeMap<Group, Vec<&ResourceId>> = BTreeMap::new();
    for (id, _) in estate.of_kind(Kind::Task) {
        let Some(view) = estate.task(id) else { continue };
        let here = view.cluster_arn.rsplit('/').next() == Some(cluster.name()) && id.scope == cluster.scope;
        if !here || !view.is_standalone() {
            continue;
        }
        let revision = view.task_definition.as_deref().map(|named| revision_arn(&id.scope, named));
        groups.entry((view.group.clone(), view.started_by.clone(), revision)).or_default().push(id);
    }
    let row = |((group, started_by, revision), tasks): (Group, Vec<&ResourceId>)| {
        let count = u32::try_from(tasks.len()).unwrap_or(u32::MAX);
        let overridden = |id: &ResourceId| estate.task(id).is_some_and(|task| task.overridden);
        // The pane shows the one of which there is most to say.
        let first = tasks.iter().max_by_key(|id| (model.review.count(id).failures(), overridden(id)))?;
        let mut tally = revision.as_ref().map(|id| model.review.count(id)).unwrap_or_default();
        for id in &tasks {
            tally.add(model.review.count(id));
        }
        let (mut drift, risk) = signs(model, first, revision.as_ref(), tally);
        if tasks.iter().any(|id| overridden(id)) {
            // What runs is not what the revision says.
            drift = Cell::new("~overrides", Role::Drift).short(vec![("~".into(), Role::Drift)]).by(10);
        }
        let mut name = vec![(visible(group.strip_prefix("family:").unwrap_or(&group)), Role::Text)];
        name.extend(started_by.as_deref().map(|who| (format!(" by {}", visible(who)), Role::Dim)));
        let name = Cell::pieces(name);
        let id = RowId::Tasks { cluster: cluster.clone(), group, started_by, revision: revision.clone() };
        let cells = vec![
            name,
            Cell::new(format!("{count} task{}", if count == 1 { "" } else { "s" }), Role::Dim).by(count),
            revision_cell(estate, revision.as_ref()),
            drift,
            risk,
            owner(None, estate, revision.as_ref()),
        ];
        Some((Row { id, group: 1, cells }, (*first).clone()))
    };
    groups.into_iter().filter_map(row).collect()
}

/// `prod/web`
fn in_cluster(cluster_arn: &str, name: &str) -> String {
    format!("{}/{}", visible(cluster_arn.rsplit('/').next().unwrap_or_default()), visible(name))
}

/// Who uses each revision: services that declare or run it, standalone tasks.
fn users(estate: &Estate) -> BTreeMap<ResourceId, Vec<String>> {
    let mut users: BTreeMap<ResourceId, Vec<String>> = BTreeMap::new();
    for (id, _) in estate.of_kind(Kind::Service) {
        let Some(view) = estate.service(id) else { continue };
        for arn in view.revisions() {
            users.entry(revision_arn(&id.scope, &arn)).or_default().push(in_cluster(&view.cluster_arn, id.name()));
        }
    }
    for (id, _) in estate.of_kind(Kind::Task) {
        let Some(view) = estate.task(id).filter(|view| view.is_standalone()) else { continue };
        if let Some(named) = &view.task_definition {
            let all = users.entry(revision_arn(&id.scope, named)).or_default();
            let group = view.group.strip_prefix("family:").unwrap_or(&view.group);
            let name = format!("task {}", in_cluster(&view.cluster_arn, group));
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

fn risk_of(model: &Model, id: &ResourceId) -> Cell {
    if model.reviewed.is_some() { tally::risk(model.review.row(id)) } else { waiting() }
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
                (risk_of(model, id), role_name(view.task_role.as_ref()), role_name(view.execution_role.as_ref()))
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
