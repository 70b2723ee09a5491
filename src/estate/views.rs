//! Small typed views of documents: what tables, rules and links need at hand without parsing again.
//!
//! Every reader is total: a member that is absent or of another type reads as absent.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::id::{Kind, ResourceId, Scope};

fn text(value: &Value, member: &str) -> Option<Arc<str>> {
    value.get(member).and_then(Value::as_str).map(Into::into)
}

fn count(value: &Value, member: &str) -> u32 {
    value.get(member).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

fn list<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value.get(member).and_then(Value::as_array).into_iter().flatten()
}

/// Tags as a map; both spellings of AWS (`key`/`value` and `Key`/`Value`) and plain maps are read.
fn tags(value: &Value) -> BTreeMap<Arc<str>, Arc<str>> {
    list(value, "tags").filter_map(|tag| Some((text(tag, "key")?, text(tag, "value").unwrap_or_default()))).collect()
}

/// One deployment of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deployment {
    /// `PRIMARY`, `ACTIVE`, `INACTIVE`.
    pub status: Arc<str>,
    /// ARN of the revision it runs.
    pub task_definition: Option<Arc<str>>,
    /// `COMPLETED`, `IN_PROGRESS`, `FAILED`; absent for other controllers than ECS.
    pub rollout_state: Option<Arc<str>>,
    /// Tasks running.
    pub running: u32,
    /// Tasks wanted.
    pub desired: u32,
}

/// What a table row and a rule need of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceView {
    /// `serviceName`.
    pub name: Arc<str>,
    /// ARN of its cluster.
    pub cluster_arn: Arc<str>,
    /// `ACTIVE`, `DRAINING`, `INACTIVE`.
    pub status: Arc<str>,
    /// ARN of the declared revision; absent for an EXTERNAL controller.
    pub task_definition: Option<Arc<str>>,
    /// Tasks wanted, running, pending.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks pending.
    pub pending: u32,
    /// `FARGATE`, `EC2`, `EXTERNAL`; absent with a capacity provider strategy.
    pub launch_type: Option<Arc<str>>,
    /// `REPLICA` or `DAEMON`.
    pub scheduling: Arc<str>,
    /// `ECS`, `CODE_DEPLOY`, `EXTERNAL`.
    pub controller: Arc<str>,
    /// Names in its capacity provider strategy.
    pub capacity_providers: Vec<Arc<str>>,
    /// In the order of the answer.
    pub deployments: Vec<Deployment>,
    /// ARNs of the revisions of its task sets, for other controllers than ECS.
    pub task_sets: Vec<Arc<str>>,
    /// `ECS` when an Express gateway service owns it.
    pub managed_by: Option<Arc<str>>,
    /// Tags, when they were asked for.
    pub tags: BTreeMap<Arc<str>, Arc<str>>,
}

impl ServiceView {
    /// Reads a described service.
    pub fn read(value: &Value) -> Self {
        let deployments = list(value, "deployments")
            .map(|d| Deployment {
                status: text(d, "status").unwrap_or_default(),
                task_definition: text(d, "taskDefinition"),
                rollout_state: text(d, "rolloutState"),
                running: count(d, "runningCount"),
                desired: count(d, "desiredCount"),
            })
            .collect();
        Self {
            name: text(value, "serviceName").unwrap_or_default(),
            cluster_arn: text(value, "clusterArn").unwrap_or_default(),
            status: text(value, "status").unwrap_or_default(),
            task_definition: text(value, "taskDefinition"),
            desired: count(value, "desiredCount"),
            running: count(value, "runningCount"),
            pending: count(value, "pendingCount"),
            launch_type: text(value, "launchType"),
            scheduling: text(value, "schedulingStrategy").unwrap_or_else(|| "REPLICA".into()),
            controller: value.get("deploymentController").and_then(|c| text(c, "type")).unwrap_or_else(|| "ECS".into()),
            capacity_providers: list(value, "capacityProviderStrategy")
                .filter_map(|s| text(s, "capacityProvider"))
                .collect(),
            deployments,
            task_sets: list(value, "taskSets").filter_map(|set| text(set, "taskDefinition")).collect(),
            managed_by: text(value, "resourceManagementType"),
            tags: tags(value),
        }
    }

    /// ARNs of the revisions that run or are meant to run: the declared one first, then those of deployments and task sets.
    pub fn revisions(&self) -> Vec<Arc<str>> {
        let mut all: Vec<Arc<str>> = self.task_definition.iter().cloned().collect();
        let deployed = self.deployments.iter().filter_map(|d| d.task_definition.as_ref());
        for arn in deployed.chain(&self.task_sets) {
            if !all.contains(arn) {
                all.push(arn.clone());
            }
        }
        all
    }

    /// `service/CLUSTER/SERVICE`, the resource id of Application Auto Scaling.
    pub fn scaling_resource_id(&self) -> String {
        let cluster = self.cluster_arn.rsplit('/').next().unwrap_or_default();
        format!("service/{cluster}/{}", self.name)
    }
}

/// What a table row and a rule need of a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskDefinitionView {
    /// `ACTIVE`, `INACTIVE`, `DELETE_IN_PROGRESS`.
    pub status: Arc<str>,
    /// ARN (or, in old definitions, a bare name) of the task role.
    pub task_role: Option<Arc<str>>,
    /// ARN (or bare name) of the execution role.
    pub execution_role: Option<Arc<str>>,
    /// `awsvpc`, `bridge`, `host`, `none`.
    pub network_mode: Option<Arc<str>>,
    /// Number of containers.
    pub containers: u32,
    /// Images, in container order.
    pub images: Vec<Arc<str>>,
    /// Tags, when they were asked for.
    pub tags: BTreeMap<Arc<str>, Arc<str>>,
}

impl TaskDefinitionView {
    /// Reads a described task definition.
    pub fn read(value: &Value) -> Self {
        Self {
            status: text(value, "status").unwrap_or_default(),
            task_role: text(value, "taskRoleArn").filter(|r| !r.is_empty()),
            execution_role: text(value, "executionRoleArn").filter(|r| !r.is_empty()),
            network_mode: text(value, "networkMode"),
            containers: u32::try_from(list(value, "containerDefinitions").count()).unwrap_or(u32::MAX),
            images: list(value, "containerDefinitions").filter_map(|c| text(c, "image")).collect(),
            tags: tags(value),
        }
    }
}

/// What a table row needs of a running task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskView {
    /// ARN of its cluster.
    pub cluster_arn: Arc<str>,
    /// ARN of its revision.
    pub task_definition: Option<Arc<str>>,
    /// `service:NAME`, `family:NAME`, or what the caller chose.
    pub group: Arc<str>,
    /// Who started it: a deployment id, or what the caller chose.
    pub started_by: Option<Arc<str>>,
    /// `RUNNING`, `PENDING`, ...
    pub last_status: Arc<str>,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN`.
    pub health: Option<Arc<str>>,
    /// `FARGATE`, `EC2`, `EXTERNAL`.
    pub launch_type: Option<Arc<str>>,
    /// True when something of the definition is overridden.
    pub overridden: bool,
}

impl TaskView {
    /// Reads a described task.
    pub fn read(value: &Value) -> Self {
        let overrides = value.get("overrides");
        let overridden = overrides.and_then(Value::as_object).is_some_and(|o| {
            o.iter().any(|(member, v)| match v {
                // AWS echoes one empty override per container.
                Value::Array(items) if member == "containerOverrides" => {
                    items.iter().filter_map(Value::as_object).any(|c| c.keys().any(|k| k != "name"))
                }
                Value::Array(items) => !items.is_empty(),
                Value::Object(members) => !members.is_empty(),
                Value::Null => false,
                _ => true,
            })
        });
        Self {
            cluster_arn: text(value, "clusterArn").unwrap_or_default(),
            task_definition: text(value, "taskDefinitionArn"),
            group: text(value, "group").unwrap_or_default(),
            started_by: text(value, "startedBy"),
            last_status: text(value, "lastStatus").unwrap_or_default(),
            health: text(value, "healthStatus"),
            launch_type: text(value, "launchType"),
            overridden,
        }
    }

    /// True when no service owns it.
    pub fn is_standalone(&self) -> bool {
        !self.group.starts_with("service:")
    }
}

/// The identity of a revision from what a service or a task calls it: an ARN or `family:revision`.
pub fn revision_arn(scope: &Scope, named: &str) -> ResourceId {
    if named.starts_with("arn:") {
        ResourceId::new(scope, Kind::TaskDefinition, named)
    } else {
        ResourceId::new(scope, Kind::TaskDefinition, &scope.ecs_arn(&format!("task-definition/{named}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn odd_documents_read_as_absent() {
        let view = ServiceView::read(&json!({"serviceName": 7, "desiredCount": "3", "deployments": {}}));
        assert_eq!(&*view.name, "");
        assert_eq!(view.desired, 0);
        assert_eq!(&*view.controller, "ECS");
    }

    #[test]
    fn an_echoed_empty_override_is_none() {
        let echoed =
            json!({"overrides": {"containerOverrides": [{"name": "app"}], "inferenceAcceleratorOverrides": []}});
        assert!(!TaskView::read(&echoed).overridden);
        let real = json!({"overrides": {"containerOverrides": [{"name": "app", "command": ["x"]}]}});
        assert!(TaskView::read(&real).overridden);
    }
}
