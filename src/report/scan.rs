//! What a scan found: counts and states, and what could not be read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::print::table;
use crate::estate::{Arn, Estate, Gap, Kind, Listing, ResourceId, Scope, Subject, visible};

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Denied {
    /// A list or a resource, in words: `services of prod`, `service prod/web`.
    pub subject: String,
    /// The IAM action of the call, for example `ecs:ListServices`.
    pub action: Arc<str>,
    /// `denied`, `throttled`, `expired`, `unreachable`, `malformed`, `failed`.
    pub reason: &'static str,
    /// AWS's own words.
    pub message: Arc<str>,
}

impl Denied {
    fn of(subject: &Subject, gap: &Gap) -> Self {
        let subject = match subject {
            Subject::Listing(_, listing) => listing.to_string(),
            Subject::Resource(id) => id.to_string(),
        };
        Self { subject, action: gap.action.clone(), reason: gap.reason.word(), message: gap.message.clone() }
    }
}

/// Every open gap of a scope, in order of subject.
pub fn denied(estate: &Estate, scope: &Scope) -> Vec<Denied> {
    let of_scope = |subject: &Subject| match subject {
        Subject::Listing(of, _) => of == scope,
        Subject::Resource(id) => id.scope == *scope,
    };
    estate.gaps().filter(|(subject, _)| of_scope(subject)).map(|(subject, gap)| Denied::of(subject, gap)).collect()
}

fn gaps(estate: &Estate, subjects: impl IntoIterator<Item = Subject>) -> Vec<Denied> {
    subjects.into_iter().filter_map(|subject| Some(Denied::of(&subject, estate.gap(&subject)?))).collect()
}

/// One cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cluster {
    /// Its ARN.
    pub id: Arc<str>,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, ...; absent when it was not described.
    pub status: Option<String>,
    /// Services that are known.
    pub services: usize,
    /// True when the list of its services is whole.
    pub services_complete: bool,
    /// Tasks that are known; absent when none is and their list is not whole.
    pub tasks: Option<usize>,
    /// True when the list of its tasks is whole.
    pub tasks_complete: bool,
    /// `runningTasksCount`; absent, as the next two, when it was not described.
    pub running_tasks: Option<u64>,
    /// `pendingTasksCount`.
    pub pending_tasks: Option<u64>,
    /// `registeredContainerInstancesCount`.
    pub container_instances: Option<u64>,
    /// Names, in the order of the answer.
    pub capacity_providers: Vec<String>,
    /// What of it could not be read.
    pub gaps: Vec<Denied>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its ARN.
    pub id: Arc<str>,
    /// Its name.
    pub name: String,
    /// The name of its cluster.
    pub cluster: String,
    /// False when only its name is known.
    pub described: bool,
    /// `ACTIVE`, `DRAINING`.
    pub status: Option<Arc<str>>,
    /// Tasks wanted; absent, as the next two, when it was not described.
    pub desired: Option<u32>,
    /// Tasks running.
    pub running: Option<u32>,
    /// Tasks pending.
    pub pending: Option<u32>,
    /// `FARGATE`, `EC2`, `EXTERNAL`; absent with a capacity provider strategy.
    pub launch_type: Option<Arc<str>>,
    /// Of its strategy.
    pub capacity_providers: Vec<Arc<str>>,
    /// `REPLICA`, `DAEMON`.
    pub scheduling: Option<Arc<str>>,
    /// `ECS`, `CODE_DEPLOY`, `EXTERNAL`.
    pub controller: Option<Arc<str>>,
    /// `family:revision` of the declared revision.
    pub declared: Option<String>,
    /// `ACTIVE`, `INACTIVE`.
    pub declared_status: Option<String>,
    /// `family:revision` of the highest ACTIVE revision of that family.
    pub newest: Option<String>,
    /// True when a newer ACTIVE revision than the declared one exists; absent when that is not known.
    pub behind: Option<bool>,
    /// `rolloutState` of the primary deployment.
    pub rollout: Option<Arc<str>>,
    /// Deployments under way, the primary one included; absent when it was not described.
    pub deployments: Option<usize>,
    /// True when a scalable target exists; absent when that is not known.
    pub autoscaled: Option<bool>,
    /// What of it could not be read.
    pub gaps: Vec<Denied>,
}

/// One revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskDefinition {
    /// Its ARN.
    pub id: Arc<str>,
    /// Its family.
    pub family: String,
    /// Its number.
    pub revision: u32,
    /// False when only its name is known.
    pub described: bool,
    /// `ACTIVE`, `INACTIVE`, `DELETE_IN_PROGRESS`.
    pub status: Option<String>,
    /// True for the highest ACTIVE revision of its family.
    pub newest: bool,
    /// Containers.
    pub containers: u32,
    /// `CLUSTER/SERVICE` of the services that declare or deploy it, and `task CLUSTER/ID` of standalone tasks.
    pub used_by: Vec<String>,
    /// What of it could not be read.
    pub gaps: Vec<Denied>,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Its ARN.
    pub id: Arc<str>,
    /// The name of its cluster.
    pub cluster: String,
    /// False when only its name is known.
    pub described: bool,
    /// `family:revision`.
    pub task_definition: Option<String>,
    /// `service:NAME`, `family:NAME`, or what the caller chose.
    pub group: Option<Arc<str>>,
    /// Who started it.
    pub started_by: Option<Arc<str>>,
    /// `RUNNING`, `PENDING`, ...
    pub status: Option<Arc<str>>,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN`.
    pub health: Option<Arc<str>>,
    /// `FARGATE`, `EC2`, `EXTERNAL`.
    pub launch_type: Option<Arc<str>>,
    /// True when no service owns it; absent when it was not described.
    pub standalone: Option<bool>,
    /// True when something of its definition is overridden.
    pub overridden: bool,
    /// What of it could not be read.
    pub gaps: Vec<Denied>,
}

/// A whole scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scan {
    /// Twelve digits.
    pub account: Arc<str>,
    /// For example `eu-west-1`.
    pub region: Arc<str>,
    /// The caller's ARN.
    pub caller: String,
    /// Operation -> API calls made, retries included.
    pub calls: BTreeMap<String, usize>,
    /// What could not be read.
    pub denied: Vec<Denied>,
    /// In order of name.
    pub clusters: Vec<Cluster>,
    /// In order of cluster and name.
    pub services: Vec<Service>,
    /// In order of family, newest revision first.
    pub task_definitions: Vec<TaskDefinition>,
    /// In order of cluster and id.
    pub tasks: Vec<Task>,
}

impl Scan {
    /// What an estate knows of one scope.
    pub fn of(estate: &Estate, scope: &Scope, caller: &str, calls: BTreeMap<String, usize>) -> Self {
        let here = |kind| estate.of_kind(kind).map(|(id, _)| id).filter(|id| id.scope == *scope);
        let users = users(estate);
        let mut task_definitions: Vec<TaskDefinition> =
            here(Kind::TaskDefinition).filter_map(|id| task_definition(estate, id, &users)).collect();
        task_definitions.sort_by(|a, b| (&a.family, b.revision).cmp(&(&b.family, a.revision)));
        Self {
            account: scope.account.clone(),
            region: scope.region.clone(),
            caller: caller.to_owned(),
            calls,
            denied: denied(estate, scope),
            clusters: here(Kind::Cluster).map(|id| cluster(estate, id)).collect(),
            services: here(Kind::Service).map(|id| service(estate, id)).collect(),
            task_definitions,
            tasks: here(Kind::Task).map(|id| task(estate, id)).collect(),
        }
    }

    /// True when not even the clusters could be listed and nothing is known: no answer can be given.
    pub fn is_empty_handed(&self) -> bool {
        self.clusters.is_empty() && self.denied.iter().any(|gap| &*gap.action == "ecs:ListClusters")
    }

    /// The same as aligned tables. Of revisions those in use and the newest of their families are shown.
    pub fn text(&self) -> String {
        let mut out = format!(
            "account {}  region {}  caller {}\n\n",
            visible(&self.account),
            visible(&self.region),
            visible(&self.caller)
        );
        let rows = |cluster: &Cluster| {
            let cut = |complete: bool| if complete { "" } else { "+?" };
            let or_unknown = |count: Option<String>| count.unwrap_or_else(|| UNKNOWN.to_owned());
            let tasks = cluster.tasks.map(|tasks| format!("{tasks}{}", cut(cluster.tasks_complete)));
            vec![
                cluster.name.clone(),
                cluster.status.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
                format!("{}{}", cluster.services, cut(cluster.services_complete)),
                or_unknown(tasks),
                or_unknown(cluster.container_instances.map(|count| count.to_string())),
                cluster.capacity_providers.join(","),
            ]
        };
        let heads = ["NAME", "STATUS", "SERVICES", "TASKS", "INSTANCES", "CAPACITY PROVIDERS"];
        out += &table("clusters", &heads, &self.clusters.iter().map(rows).collect::<Vec<_>>());
        let heads = ["CLUSTER", "NAME", "RUN", "STATUS", "REVISION", "NEWEST", "ROLLOUT"];
        out += "\n";
        out += &table("services", &heads, &self.services.iter().map(service_cells).collect::<Vec<_>>());
        let in_use = |revision: &&TaskDefinition| revision.newest || !revision.used_by.is_empty();
        // A scan describes what is in use; what else was described stood in a recording.
        let all = self.task_definitions.iter().all(|revision| in_use(&revision) || !revision.described);
        let title = if all { "task definitions in use or newest" } else { "task definitions" };
        let shown: Vec<Vec<String>> = (self.task_definitions.iter())
            .filter(|revision| in_use(revision) || revision.described)
            .map(|revision| {
                vec![
                    format!("{}:{}", revision.family, revision.revision),
                    revision.status.clone().unwrap_or_else(|| UNKNOWN.to_owned()),
                    if revision.newest { "newest".to_owned() } else { String::new() },
                    revision.used_by.len().to_string(),
                ]
            })
            .collect();
        out += "\n";
        out += &table(title, &["REVISION", "STATUS", "", "USED BY"], &shown);
        let standalone: Vec<Vec<String>> =
            self.tasks.iter().filter(|task| task.standalone != Some(false)).map(task_cells).collect();
        out += "\n";
        let all = self.clusters.iter().all(|cluster| cluster.tasks_complete);
        let title = if all { "standalone tasks" } else { "standalone tasks that are known, there may be more" };
        out += &table(title, TASK_HEADS, &standalone);
        out += "\n";
        out += &denied_text(&self.denied);
        out += "\n";
        out + &calls_text(&self.calls)
    }
}

/// What stands for a value that is not known.
pub(super) const UNKNOWN: &str = "?";
/// The columns of [`task_cells`].
pub(super) const TASK_HEADS: &[&str] = &["CLUSTER", "TASK", "REVISION", "GROUP", "STARTED BY", "STATUS", ""];

/// The gaps as a table.
pub(super) fn denied_text(denied: &[Denied]) -> String {
    let row = |gap: &Denied| {
        vec![gap.subject.clone(), gap.reason.to_owned(), gap.action.to_string(), gap.message.to_string()]
    };
    table("not read", &["SUBJECT", "REASON", "ACTION", "MESSAGE"], &denied.iter().map(row).collect::<Vec<_>>())
}

/// The API calls as a table.
pub(super) fn calls_text(calls: &BTreeMap<String, usize>) -> String {
    let rows: Vec<Vec<String>> = calls.iter().map(|(name, n)| vec![name.clone(), n.to_string()]).collect();
    format!("{}{} calls\n", table("API operations", &["OPERATION", "CALLS"], &rows), calls.values().sum::<usize>())
}

fn service_cells(service: &Service) -> Vec<String> {
    let status = service.status.as_deref().unwrap_or(UNKNOWN).to_owned();
    let run = match (service.running, service.desired) {
        (Some(running), Some(desired)) => format!("{running}/{desired}"),
        _ => UNKNOWN.to_owned(),
    };
    let newest = match service.behind {
        Some(true) => service.newest.clone().unwrap_or_default(),
        Some(false) => "=".to_owned(),
        None if service.declared.is_some() => UNKNOWN.to_owned(),
        None => String::new(),
    };
    let mut declared = service.declared.clone().unwrap_or_default();
    if let Some(status) = service.declared_status.as_deref().filter(|status| *status != "ACTIVE") {
        declared = [&declared, status].join(" ");
    }
    let rollout = service.rollout.as_deref().unwrap_or_default().to_owned();
    vec![service.cluster.clone(), service.name.clone(), run, status, declared, newest, rollout]
}

/// One task as cells under [`TASK_HEADS`].
pub(super) fn task_cells(task: &Task) -> Vec<String> {
    let or_empty = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
    vec![
        task.cluster.clone(),
        task.id.rsplit('/').next().unwrap_or_default().to_owned(),
        task.task_definition.clone().unwrap_or_default(),
        or_empty(&task.group),
        or_empty(&task.started_by),
        task.status.as_deref().unwrap_or(UNKNOWN).to_owned(),
        if task.overridden { "overridden".to_owned() } else { String::new() },
    ]
}

fn cluster(estate: &Estate, id: &ResourceId) -> Cluster {
    let name = id.name().to_owned();
    let value = estate.document(id).map(|document| document.value()).unwrap_or_default();
    let count = |member: &str| value[member].as_u64();
    let (services, tasks) = (Listing::Services(name.as_str().into()), Listing::Tasks(name.as_str().into()));
    let in_cluster = |task: &&ResourceId| {
        let named = task.cluster_name().map(str::to_owned);
        let named = named.or_else(|| Some(last(&estate.task(task)?.cluster_arn).to_owned()));
        task.scope == id.scope && named.as_deref() == Some(&*name)
    };
    let subjects = [
        Subject::Resource(id.clone()),
        Subject::Listing(id.scope.clone(), services.clone()),
        Subject::Listing(id.scope.clone(), tasks.clone()),
    ];
    let tasks_complete = estate.complete_at(&id.scope, &tasks).is_some();
    let known = estate.of_kind(Kind::Task).map(|(id, _)| id).filter(in_cluster).count();
    let providers = value["capacityProviders"].as_array().into_iter().flatten();
    Cluster {
        id: id.native.clone(),
        status: value["status"].as_str().map(str::to_owned),
        services: estate.services_of(id).count(),
        services_complete: estate.complete_at(&id.scope, &services).is_some(),
        tasks: (tasks_complete || known > 0).then_some(known),
        tasks_complete,
        running_tasks: count("runningTasksCount"),
        pending_tasks: count("pendingTasksCount"),
        container_instances: count("registeredContainerInstancesCount"),
        capacity_providers: providers.filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        gaps: gaps(estate, subjects),
        name,
    }
}

fn service(estate: &Estate, id: &ResourceId) -> Service {
    let view = estate.service(id);
    let declared = estate.declared(id);
    let family = declared.as_ref().and_then(|id| Some(id.family_revision()?.0.to_owned()));
    let newer = estate.behind(id);
    let known = family.as_deref().filter(|family| estate.knows_newest(&id.scope, family));
    let newest = newer.clone().or_else(|| estate.newest(&id.scope, known?));
    let behind = newest.is_some().then_some(newer.is_some());
    let in_view = view.map(|view| last(&view.cluster_arn).to_owned());
    let primary = view.and_then(|view| view.deployments.iter().find(|d| &*d.status == "PRIMARY"));
    let mut subjects = vec![Subject::Resource(id.clone())];
    subjects.extend(declared.iter().cloned().map(Subject::Resource));
    subjects.extend(family.map(|family| Subject::Listing(id.scope.clone(), Listing::Revisions(family.into()))));
    Service {
        id: id.native.clone(),
        name: id.name().to_owned(),
        cluster: id.cluster_name().map(str::to_owned).or(in_view).unwrap_or_default(),
        described: view.is_some(),
        status: view.map(|view| view.status.clone()),
        desired: view.map(|view| view.desired),
        running: view.map(|view| view.running),
        pending: view.map(|view| view.pending),
        launch_type: view.and_then(|view| view.launch_type.clone()),
        capacity_providers: view.map(|view| view.capacity_providers.clone()).unwrap_or_default(),
        scheduling: view.map(|view| view.scheduling.clone()),
        controller: view.map(|view| view.controller.clone()),
        declared_status: declared.as_ref().and_then(|id| estate.revision_status(id)).map(str::to_owned),
        declared: declared.map(|id| id.name().to_owned()),
        newest: newest.map(|id| id.name().to_owned()),
        behind,
        rollout: primary.and_then(|deployment| deployment.rollout_state.clone()),
        deployments: view.map(|view| view.deployments.len()),
        autoscaled: autoscaled(estate, id),
        gaps: gaps(estate, subjects),
    }
}

/// Whether a scalable target of a service exists; `None` when nobody has answered that.
fn autoscaled(estate: &Estate, id: &ResourceId) -> Option<bool> {
    if !estate.scaling_of(id, Kind::ScalableTarget).is_empty() {
        return Some(true);
    }
    let listing = Listing::ScalableTargetsOf(estate.service(id)?.scaling_resource_id().into());
    let (answered, refused) = (estate.answered_at(&id.scope, &listing), |listing| {
        estate.gap(&Subject::Listing(id.scope.clone(), listing)).is_some()
    });
    (answered.is_some() && !refused(listing)).then_some(false)
}

fn task_definition(estate: &Estate, id: &ResourceId, users: &Users) -> Option<TaskDefinition> {
    let (family, revision) = id.family_revision()?;
    Some(TaskDefinition {
        id: id.native.clone(),
        family: family.to_owned(),
        revision,
        described: estate.document(id).is_some(),
        status: estate.revision_status(id).map(str::to_owned),
        newest: estate.knows_newest(&id.scope, family) && estate.newest(&id.scope, family).as_ref() == Some(id),
        containers: estate.task_definition(id).map_or(0, |view| view.containers),
        used_by: users.get(id).into_iter().flatten().cloned().collect(),
        gaps: gaps(estate, [Subject::Resource(id.clone())]),
    })
}

/// One task as a row.
pub(super) fn task(estate: &Estate, id: &ResourceId) -> Task {
    let view = estate.task(id);
    let in_view = view.map(|view| last(&view.cluster_arn).to_owned());
    Task {
        id: id.native.clone(),
        cluster: id.cluster_name().map(str::to_owned).or(in_view).unwrap_or_default(),
        described: view.is_some(),
        task_definition: view.and_then(|view| Some(last(view.task_definition.as_deref()?).to_owned())),
        group: view.map(|view| view.group.clone()),
        started_by: view.and_then(|view| view.started_by.clone()),
        status: view.map(|view| view.last_status.clone()),
        health: view.and_then(|view| view.health.clone()),
        launch_type: view.and_then(|view| view.launch_type.clone()),
        standalone: view.map(|view| view.is_standalone()),
        overridden: view.is_some_and(|view| view.overridden),
        gaps: gaps(estate, [Subject::Resource(id.clone())]),
    }
}

/// Who uses a revision.
type Users = BTreeMap<ResourceId, BTreeSet<String>>;

fn users(estate: &Estate) -> Users {
    let mut users = Users::new();
    let mut add = |scope: &Scope, revision: &str, who: String| {
        users.entry(crate::estate::revision_arn(scope, revision)).or_default().insert(who);
    };
    for (id, _) in estate.of_kind(Kind::Service) {
        if let Some(view) = estate.service(id) {
            for revision in view.revisions() {
                add(&id.scope, &revision, format!("{}/{}", last(&view.cluster_arn), id.name()));
            }
        }
    }
    for (id, _) in estate.of_kind(Kind::Task) {
        if let Some(view) = estate.task(id).filter(|view| view.is_standalone())
            && let Some(revision) = &view.task_definition
        {
            add(&id.scope, revision, format!("task {}/{}", last(&view.cluster_arn), id.name()));
        }
    }
    users
}

/// The last segment of an ARN's resource.
fn last(arn: &str) -> &str {
    Arn::parse(arn).map_or(arn, |arn| arn.name())
}
