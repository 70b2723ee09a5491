//! The running tasks: those of services counted, standalone ones grouped by who started them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::print::table;
use super::scan::{Denied, TASK_HEADS, Task, calls_text, denied, denied_text, task, task_cells};
use crate::estate::{Estate, Kind, Scope, visible};

/// The tasks of one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceTasks {
    /// The name of the cluster.
    pub cluster: String,
    /// The name of the service.
    pub service: String,
    /// How many run.
    pub tasks: usize,
}

/// Standalone tasks of one cluster with the same group and starter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standalone {
    /// The name of the cluster.
    pub cluster: String,
    /// `family:NAME`, or what the caller chose.
    pub group: Arc<str>,
    /// Who started them.
    pub started_by: Option<Arc<str>>,
    /// In order of id.
    pub tasks: Vec<Task>,
}

/// Cluster, group, starter.
type Group = (String, Arc<str>, Option<Arc<str>>);

/// All running tasks of a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tasks {
    /// Twelve digits.
    pub account: Arc<str>,
    /// For example `eu-west-1`.
    pub region: Arc<str>,
    /// Operation -> API calls made, retries included.
    pub calls: BTreeMap<String, usize>,
    /// What could not be read.
    pub denied: Vec<Denied>,
    /// In order of cluster, group and starter.
    pub standalone: Vec<Standalone>,
    /// In order of cluster and service.
    pub services: Vec<ServiceTasks>,
    /// Tasks that are only known by name.
    pub unknown: Vec<Task>,
}

impl Tasks {
    /// What an estate knows of the tasks of one scope.
    pub fn of(estate: &Estate, scope: &Scope, calls: BTreeMap<String, usize>) -> Self {
        let mut services: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut groups: BTreeMap<Group, Vec<Task>> = BTreeMap::new();
        let mut unknown = vec![];
        for (id, _) in estate.of_kind(Kind::Task).filter(|(id, _)| id.scope == *scope) {
            let task = task(estate, id);
            match &task.group {
                None => unknown.push(task),
                Some(group) => {
                    if let Some(service) = group.strip_prefix("service:") {
                        *services.entry((task.cluster.clone(), service.to_owned())).or_default() += 1;
                    } else {
                        let key = (task.cluster.clone(), group.clone(), task.started_by.clone());
                        groups.entry(key).or_default().push(task);
                    }
                }
            }
        }
        Self {
            account: scope.account.clone(),
            region: scope.region.clone(),
            calls,
            denied: denied(estate, scope),
            standalone: groups
                .into_iter()
                .map(|((cluster, group, started_by), tasks)| Standalone { cluster, group, started_by, tasks })
                .collect(),
            services: services
                .into_iter()
                .map(|((cluster, service), tasks)| ServiceTasks { cluster, service, tasks })
                .collect(),
            unknown,
        }
    }

    /// The same as aligned tables.
    pub fn text(&self) -> String {
        let mut out = format!("account {}  region {}\n\n", visible(&self.account), visible(&self.region));
        let all = self.standalone.iter().flat_map(|group| &group.tasks).chain(&self.unknown);
        out += &table("standalone tasks", TASK_HEADS, &all.map(task_cells).collect::<Vec<_>>());
        let row = |of: &ServiceTasks| vec![of.cluster.clone(), of.service.clone(), of.tasks.to_string()];
        out += "\n";
        out += &table(
            "tasks of services",
            &["CLUSTER", "SERVICE", "TASKS"],
            &self.services.iter().map(row).collect::<Vec<_>>(),
        );
        out += "\n";
        out += &denied_text(&self.denied);
        out += "\n";
        out + &calls_text(&self.calls)
    }

    /// True when not even the clusters could be listed: no answer can be given.
    pub fn is_empty_handed(&self) -> bool {
        self.standalone.is_empty()
            && self.services.is_empty()
            && self.unknown.is_empty()
            && self.denied.iter().any(|gap| &*gap.action == "ecs:ListClusters")
    }
}
