//! What a recording of an account cannot answer, and says so.
//!
//! A list of which only a part was recorded ends in a page that is refused: the estate then knows that there may be more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::account::Account;
use super::query::{Refusal, members, text};
use crate::estate::{Kind, ResourceId, Scope};

/// What a recording knows beyond its described documents.
#[derive(Debug)]
pub(in crate::aws) struct Recorded {
    /// The one account and region that is answered for.
    pub(in crate::aws) scope: Scope,
    /// Clusters that are named and not described: `clusterArn` and `clusterName`.
    pub(in crate::aws) clusters: Vec<Value>,
    /// ARNs of services that are listed and not described.
    pub(in crate::aws) services: Vec<String>,
    /// ARNs of tasks that are listed and not described.
    pub(in crate::aws) tasks: Vec<String>,
    /// ARNs of clusters of which the list of services was recorded in full.
    pub(in crate::aws) listed: BTreeSet<String>,
    /// ARNs that `list-task-definitions` named; of a family all of them or none.
    pub(in crate::aws) revisions: Vec<String>,
    /// `failures[]` of the recorded answers.
    pub(in crate::aws) failures: Vec<Value>,
    /// Resource ids of which scalable targets were recorded. An answer does not say what it was asked for, so of others
    /// nothing is known, however many answers there are.
    pub(in crate::aws) targets: BTreeSet<String>,
    /// Resource ids of which scaling policies were recorded.
    pub(in crate::aws) policies: BTreeSet<String>,
}

/// How far a call can be answered.
enum Reach {
    Whole,
    /// What was recorded; why that may not be all.
    Part(String),
    /// Not at all.
    Nothing(String),
}

/// The code of such a refusal, and the reason of a failure.
pub(in crate::aws) const NOT_RECORDED: &str = "NotRecordedException";

/// The token of the page that was not recorded.
const REST: &str = "not-recorded";

impl Recorded {
    /// Answers a call from `plain`, the account's own answer, as far as the recording reaches.
    pub(super) fn answer(
        &self,
        account: &Account,
        operation: &str,
        request: &Value,
        plain: impl FnOnce() -> Option<Result<Value, Refusal>>,
    ) -> Option<Result<Value, Refusal>> {
        let token = if operation.starts_with("DescribeScal") { "NextToken" } else { "nextToken" };
        match self.reach(account, operation, request) {
            Reach::Whole => plain(),
            Reach::Nothing(why) => Some(Err(refusal(why))),
            Reach::Part(why) if text(request, token) == Some(REST) => Some(Err(refusal(why))),
            Reach::Part(_) => plain().map(|answer| {
                answer.map(|mut page| {
                    if page.get(token).is_none() {
                        page[token] = REST.into();
                    }
                    page
                })
            }),
        }
    }

    fn reach(&self, account: &Account, operation: &str, request: &Value) -> Reach {
        let scaling = |known: &BTreeSet<String>, of: Vec<&str>, what: &str| {
            let holds = if known.is_empty() { "holds no" } else { "may not hold all" };
            let hint = format!("the recording {holds} {what}");
            match (of.is_empty(), known.is_empty()) {
                (true, false) => Reach::Part(hint),
                (false, _) if of.iter().all(|of| known.contains(*of)) => Reach::Whole,
                _ => Reach::Nothing(hint),
            }
        };
        match operation {
            "ListServices" => self.services_of(account, request),
            "ListTasks" => self.tasks_of(account, request),
            "ListTaskDefinitions" => {
                let nothing = |of: &str| Reach::Nothing(format!("the recording holds no list of {of}"));
                match text(request, "familyPrefix") {
                    Some(family) if self.families().any(|known| known == family) => Reach::Whole,
                    Some(family) => nothing(&format!("the revisions of {family}")),
                    None if self.revisions.is_empty() => nothing("revisions"),
                    None => Reach::Part("the recording does not hold the list of all revisions".into()),
                }
            }
            "DescribeCapacityProviders" if members(request, "capacityProviders").next().is_none() => {
                match account.capacity_providers.rows() {
                    [] => Reach::Nothing("the recording holds no capacity providers".into()),
                    _ => Reach::Whole,
                }
            }
            "DescribeScalableTargets" => {
                scaling(&self.targets, members(request, "ResourceIds").collect(), "scalable targets")
            }
            "DescribeScalingPolicies" => {
                scaling(&self.policies, text(request, "ResourceId").into_iter().collect(), "scaling policies")
            }
            // The answer does not say whose tags it holds.
            "ListTagsForResource" => Reach::Nothing(
                "a recording cannot hold the tags of scalable targets: the answer does not say whose".into(),
            ),
            _ => Reach::Whole,
        }
    }

    /// A cluster says how many active services it has; else nobody knows whether all of them were recorded.
    fn services_of(&self, account: &Account, request: &Value) -> Reach {
        let Ok(cluster) = account.cluster(request) else { return Reach::Whole };
        let arn = text(cluster, "clusterArn");
        if arn.is_some_and(|arn| self.listed.contains(arn)) {
            return Reach::Whole;
        }
        let rows = account.services.rows().iter().filter(|row| text(row, "clusterArn") == arn);
        let active = rows.filter(|row| text(row, "status") == Some("ACTIVE")).count();
        let named = self.lives_in(Kind::Service, cluster).count();
        held(active + named, cluster["activeServicesCount"].as_u64(), "active services", cluster)
    }

    fn tasks_of(&self, account: &Account, request: &Value) -> Reach {
        let Ok(cluster) = account.cluster(request) else { return Reach::Whole };
        let arn = text(cluster, "clusterArn");
        let rows = account.tasks.rows().iter().filter(|row| text(row, "clusterArn") == arn);
        let wanted = rows.filter(|row| text(row, "desiredStatus") == Some("RUNNING")).count();
        let count = |member: &str| cluster[member].as_u64();
        let all =
            count("runningTasksCount").zip(count("pendingTasksCount")).map(|(running, pending)| running + pending);
        held(wanted + self.lives_in(Kind::Task, cluster).count(), all, "tasks", cluster)
    }

    /// ARNs of services or tasks of a cluster that are listed and not described.
    pub(super) fn lives_in<'a>(&'a self, kind: Kind, cluster: &'a Value) -> impl Iterator<Item = Value> + 'a {
        let arns = if kind == Kind::Service { &self.services } else { &self.tasks };
        let here =
            move |arn: &&String| ResourceId::new(&self.scope, kind, arn).cluster_name() == text(cluster, "clusterName");
        arns.iter().filter(here).map(|arn| arn.as_str().into())
    }

    fn families(&self) -> impl Iterator<Item = String> + '_ {
        self.revisions.iter().filter_map(|arn| {
            let id = ResourceId::new(&self.scope, Kind::TaskDefinition, arn);
            id.family_revision().map(|(family, _)| family.to_owned())
        })
    }

    /// The listed revisions in AWS's order: of one family, or all.
    pub(super) fn revisions(&self, family: Option<&str>) -> Vec<Value> {
        let ids = self.revisions.iter().map(|arn| ResourceId::new(&self.scope, Kind::TaskDefinition, arn));
        let mut ordered = BTreeMap::new();
        for id in ids {
            let Some((of, number)) = id.family_revision() else { continue };
            if family.is_none_or(|family| family == of) {
                ordered.insert((of.to_owned(), number), Value::from(&*id.native));
            }
        }
        ordered.into_values().collect()
    }

    /// The entry of `failures[]` for something that is not in the recording: what AWS said, else that it is not.
    pub(super) fn failure(&self, arn: &str) -> Value {
        let said = self.failures.iter().rev().find(|failure| text(failure, "arn") == Some(arn)).cloned();
        said.unwrap_or_else(|| json!({"arn": arn, "reason": NOT_RECORDED, "detail": "the recording does not hold it"}))
    }
}

/// A call that the recording cannot answer. No code of AWS, and none that would be retried.
pub(super) fn refusal(why: impl Into<String>) -> Refusal {
    Refusal::new(NOT_RECORDED, why)
}

fn held(held: usize, all: Option<u64>, what: &str, cluster: &Value) -> Reach {
    let name = text(cluster, "clusterName").unwrap_or_default();
    match all {
        Some(all) if all <= held as u64 => Reach::Whole,
        Some(all) => Reach::Part(format!("the recording holds {held} of {all} {what} of {name}")),
        None => Reach::Part(format!("the recording does not say how many {what} {name} has")),
    }
}
