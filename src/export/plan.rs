//! The export plan: what is imported under which address, and what is not, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::closure::Closure;
use super::{Options, Skip, names};
use crate::estate::{Estate, FieldPath, Kind, ResourceId, Scope, Subject, revision_arn};
use crate::secrets;
use crate::terraform::mapping::{Target, TypeMap};
use crate::terraform::{Dialect, import_id, types};

/// One Terraform resource of an export.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The document it is written from.
    pub id: ResourceId,
    /// Its type.
    pub map: &'static TypeMap,
    /// Its name.
    pub label: String,
    /// As the importer wants it.
    pub import_id: String,
}

impl Planned {
    /// `aws_ecs_service.web`.
    pub fn address(&self) -> String {
        format!("{}.{}", self.map.terraform_type, self.label)
    }
}

/// A credential of a document: which variable stands for it, and why it is taken for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The variable's name, unique in the plan.
    pub variable: String,
    /// Why.
    pub reason: &'static str,
}

/// What an export imports and what it leaves out.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How it is written.
    pub options: Options,
    /// In order of type and identity.
    pub resources: Vec<Planned>,
    /// In order of identity.
    pub skips: Vec<Skip>,
    /// The name of every described resource, exported or not.
    labels: BTreeMap<ResourceId, String>,
    /// The credentials of every exported document.
    credentials: BTreeMap<ResourceId, BTreeMap<FieldPath, Credential>>,
}

/// The credentials of a document: `LABEL_NAME`, numbered where another has taken the name.
fn name_credentials(
    id: &ResourceId,
    label: &str,
    document: &Value,
    taken: &mut BTreeSet<String>,
) -> BTreeMap<FieldPath, Credential> {
    let mut named = BTreeMap::new();
    for hit in secrets::scan(id.kind, document) {
        let wish = names::identifier(&format!("{label}_{}", hit.name));
        let mut variable = wish.clone();
        let mut number = 2;
        while !taken.insert(variable.clone()) {
            variable = format!("{wish}_{number}");
            number += 1;
        }
        named.insert(hit.path, Credential { variable, reason: hit.reason });
    }
    named
}

impl Plan {
    /// The plan for a selection and its closure.
    pub fn of(estate: &Estate, selection: &[ResourceId], options: Options) -> Self {
        let closure = Closure::of(estate, selection);
        let declared = Declared::of(estate, &closure.reached);
        let mut skips = Vec::new();
        let mut members: Vec<(ResourceId, Value)> = Vec::new();
        for id in &closure.reached {
            let value = estate.document(id).map(|d| d.value());
            let import_id = value.as_ref().and_then(|v| import_id(id, v, options.dialect)).unwrap_or_default();
            match (refusal(estate, id, value.as_ref(), options.dialect, &declared), value) {
                (Some(reason), _) => skips.push(Skip { resource: id.clone(), import_id, reason }),
                (None, Some(value)) => members.push((id.clone(), value)),
                (None, None) => {}
            }
        }
        let mut labels = BTreeMap::new();
        for map in types::ALL {
            let named = members.iter().map(|(id, _)| id).filter(|id| id.kind == map.kind);
            labels.extend(names::labels(named));
        }
        let mut taken = BTreeSet::new();
        let credentials = members
            .iter()
            .map(|(id, value)| {
                let label = labels.get(id).map_or("", String::as_str);
                (id.clone(), name_credentials(id, label, value, &mut taken))
            })
            .collect();
        let mut resources = Vec::new();
        for map in types::ALL.into_iter().filter(|map| map.since <= options.dialect) {
            for (id, value) in members.iter().filter(|(id, _)| id.kind == map.kind) {
                if map.terraform_type == types::CLUSTER_CAPACITY_PROVIDERS.terraform_type && !has_providers(value) {
                    continue;
                }
                let Some(import_id) = import_id(id, value, options.dialect) else { continue };
                let label = labels.get(id).cloned().unwrap_or_default();
                resources.push(Planned { id: id.clone(), map, label, import_id });
            }
        }
        Self { options, resources, skips, labels, credentials }
    }

    /// The credentials of a document; for a skipped one, as if it stood alone.
    pub fn credentials(&self, id: &ResourceId, label: &str, document: &Value) -> BTreeMap<FieldPath, Credential> {
        let known = self.credentials.get(id).cloned();
        known.unwrap_or_else(|| name_credentials(id, label, document, &mut BTreeSet::new()))
    }

    /// True when the plan says something of this resource.
    pub fn names(&self, id: &ResourceId) -> bool {
        self.labels.contains_key(id) || self.skips.iter().any(|skip| skip.resource == *id)
    }

    /// The name of a resource; for a skipped one, the name it would have.
    pub fn label(&self, id: &ResourceId) -> String {
        self.labels.get(id).cloned().unwrap_or_else(|| names::labels([id]).remove(id).unwrap_or_default())
    }

    /// The expression by which the value of an argument of `from` names another resource of this plan.
    pub fn link(&self, from: &ResourceId, target: Target, argument: &str, value: &str) -> Option<String> {
        let scope = &from.scope;
        let label = |id: &ResourceId| self.labels.get(id).map(String::as_str);
        let cluster = |name: &str| label(&ResourceId::cluster(scope, name));
        Some(match target {
            Target::ClusterArn => {
                format!("aws_ecs_cluster.{}.arn", label(&ResourceId::new(scope, Kind::Cluster, value))?)
            }
            Target::ClusterName => format!("aws_ecs_cluster.{}.name", cluster(value)?),
            Target::CapacityProvider => {
                let arn = scope.ecs_arn(&format!("capacity-provider/{value}"));
                format!(
                    "aws_ecs_capacity_provider.{}.name",
                    label(&ResourceId::new(scope, Kind::CapacityProvider, &arn))?
                )
            }
            Target::Revision => {
                let address = format!("aws_ecs_task_definition.{}", label(&revision_arn(scope, value))?);
                format!("\"${{{address}.family}}:${{{address}.revision}}\"")
            }
            Target::ScalingResource => {
                let (cluster_name, _) = value.strip_prefix("service/")?.split_once('/')?;
                let service = label(&ResourceId::new(scope, Kind::Service, &scope.ecs_arn(value)))?;
                let cluster = cluster(cluster_name)?;
                format!("\"service/${{aws_ecs_cluster.{cluster}.name}}/${{aws_ecs_service.{service}.name}}\"")
            }
            Target::OfScalableTarget => {
                let target = from.native.splitn(6, '/').take(5).collect::<Vec<_>>().join("/");
                let label = label(&ResourceId::new(scope, Kind::ScalableTarget, &target))?;
                format!("aws_appautoscaling_target.{label}.{argument}")
            }
        })
    }
}

fn has_providers(cluster: &Value) -> bool {
    ["capacityProviders", "defaultCapacityProviderStrategy"]
        .iter()
        .any(|member| cluster.get(member).and_then(Value::as_array).is_some_and(|a| !a.is_empty()))
}

/// Why a resource cannot be imported; `None` when it can.
fn refusal(
    estate: &Estate,
    id: &ResourceId,
    value: Option<&Value>,
    dialect: Dialect,
    declared: &Declared,
) -> Option<String> {
    let Some(value) = value else {
        let gap = estate.gap(&Subject::Resource(id.clone()));
        return Some(match gap {
            Some(gap) => format!("not described, {}: {}", gap.reason.word(), gap.action),
            None if estate.is_missing(id) => "AWS says that it does not exist".into(),
            None => "it was not described".into(),
        });
    };
    let text = |member: &str| value.get(member).and_then(Value::as_str);
    let status = text("status").unwrap_or("ACTIVE");
    match id.kind {
        Kind::Cluster if status != "ACTIVE" => Some(format!("the cluster is {status}")),
        Kind::Service if status != "ACTIVE" => Some(format!("the service is {status}")),
        Kind::Service if text("resourceManagementType") == Some("ECS") => {
            Some("an Express gateway service owns it: import that one instead".into())
        }
        Kind::TaskDefinition => revision_refusal(estate, id, value, declared),
        Kind::CapacityProvider if matches!(id.name(), "FARGATE" | "FARGATE_SPOT") => {
            Some("AWS owns it: the provider reads it and then refuses it".into())
        }
        Kind::CapacityProvider if status != "ACTIVE" => Some(format!("the capacity provider is {status}")),
        Kind::CapacityProvider if value.get("autoScalingGroupProvider").is_none_or(Value::is_null) => {
            match (value.get("managedInstancesProvider"), dialect) {
                (Some(_), Dialect::V6) => None,
                (Some(_), Dialect::V3) => Some("provider 3.39 does not know managed instances".into()),
                (None, _) => Some("it has neither an Auto Scaling group nor managed instances".into()),
            }
        }
        Kind::ScalingPolicy if text("PolicyType") == Some("PredictiveScaling") => {
            Some("predictive scaling policies are not written yet".into())
        }
        Kind::ScalingPolicy if id.name().contains('/') => {
            Some("the importer misreads a policy name that holds a slash".into())
        }
        Kind::ScalingPolicy
            if dialect == Dialect::V3
                && value
                    .pointer("/TargetTrackingScalingPolicyConfiguration/CustomizedMetricSpecification/Metrics")
                    .is_some() =>
        {
            Some("provider 3.39 has no argument for metric math".into())
        }
        Kind::Task => Some("a running task is no Terraform resource: its revision is exported".into()),
        _ => None,
    }
}

fn revision_refusal(estate: &Estate, id: &ResourceId, value: &Value, declared: &Declared) -> Option<String> {
    let status = estate.revision_status(id).unwrap_or("ACTIVE");
    if status != "ACTIVE" {
        return Some(format!("the revision is {status}: the provider reads it as absent"));
    }
    if let Some(member) = ["taskRoleArn", "executionRoleArn"].into_iter().find(|m| {
        value.get(m).and_then(Value::as_str).is_some_and(|role| !role.is_empty() && !role.starts_with("arn:"))
    }) {
        return Some(format!("{member} is a bare role name, which the provider refuses"));
    }
    let sibling = declared.families.get(&(id.scope.clone(), id.family_revision()?.0.to_owned()))?;
    let only_rolling = !declared.revisions.contains(id) && !estate.runs_standalone(id);
    only_rolling.then(|| format!("it runs only in a rollout: the declared revision {} is exported", sibling.name()))
}

/// The revisions that the services of a closure declare.
struct Declared {
    revisions: BTreeSet<ResourceId>,
    families: BTreeMap<(Scope, String), ResourceId>,
}

impl Declared {
    fn of(estate: &Estate, reached: &BTreeSet<ResourceId>) -> Self {
        let services = reached.iter().filter(|id| id.kind == Kind::Service);
        let revisions: BTreeSet<ResourceId> = services.filter_map(|id| estate.declared(id)).collect();
        let families = revisions
            .iter()
            .filter_map(|id| Some(((id.scope.clone(), id.family_revision()?.0.to_owned()), id.clone())))
            .collect();
        Self { revisions, families }
    }
}
