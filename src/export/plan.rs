//! The export plan: what is imported under which address, and what is not, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::closure::Closure;
use super::{Options, Skip, names};
use crate::estate::{Estate, FieldPath, Gap, Kind, Listing, ResourceId, Scope, Subject, revision_arn};
use crate::secrets;
use crate::terraform::mapping::{Context, Target, TypeMap};
use crate::terraform::{Attributes, Dialect, import_id, types};

/// One Terraform resource of an export.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The document it is written from.
    pub id: ResourceId,
    /// What the provider would read, and by which table.
    pub attributes: Attributes,
    /// Its name.
    pub label: String,
    /// As the importer wants it.
    pub import_id: String,
}

impl Planned {
    /// `aws_ecs_service.web`.
    pub fn address(&self) -> String {
        format!("{}.{}", self.attributes.map.terraform_type, self.label)
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

/// The reason of a skip that the reader chose.
pub const CHOSEN: &str = "left out by choice";

/// What an export imports and what it leaves out.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How it is written.
    pub options: Options,
    /// In order of type and identity.
    pub resources: Vec<Planned>,
    /// In order of identity.
    pub skips: Vec<Skip>,
    /// What the export rests on and could not be read, by the resource that rests on it.
    pub unread: BTreeMap<ResourceId, Vec<Unread>>,
    /// Other ACTIVE revisions of the declared families: declared revision, and theirs, newest first.
    pub others: Vec<(ResourceId, Vec<ResourceId>)>,
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
    pub fn of(estate: &Estate, selection: &[ResourceId], options: &Options) -> Self {
        let closure = Closure::of(estate, selection);
        let mut skips = Vec::new();
        let mut members: Vec<Member> = Vec::new();
        for id in &closure.reached {
            match Member::of(estate, id, options) {
                Ok(member) => members.push(member),
                Err(skip) => skips.push(skip),
            }
        }
        let exported: BTreeSet<&ResourceId> = members.iter().map(|member| &member.id).collect();
        for (revision, service) in &closure.rolling {
            let declared = estate.declared(service);
            let exported = declared.as_ref().is_some_and(|d| exported.contains(d));
            let name = declared.as_ref().map_or("none", |d| d.name());
            let reason = if exported {
                format!("it runs only in a rollout of {service}: the declared revision {name} is exported")
            } else {
                format!("it runs only in a rollout of {service}, which declares {name}")
            };
            skips.push(Skip { resource: revision.clone(), import_id: revision.native.to_string(), reason });
        }
        skips.sort();
        let mut labels = BTreeMap::new();
        for map in types::ALL {
            let named = members.iter().map(|member| &member.id).filter(|id| id.kind == map.kind);
            labels.extend(names::labels(named, &options.labels, &|label| {
                let address = format!("{}.{label}", map.terraform_type);
                options.taken.as_ref().is_some_and(|taken| taken.addresses.contains(&address))
            }));
        }
        let mut taken = BTreeSet::new();
        let mut credentials = BTreeMap::new();
        for member in &members {
            let label = labels.get(&member.id).map_or("", String::as_str);
            credentials.insert(member.id.clone(), name_credentials(&member.id, label, &member.value, &mut taken));
        }
        let mut resources: Vec<Planned> = Vec::new();
        for member in members {
            let label = labels.get(&member.id).cloned().unwrap_or_default();
            resources.extend(member.attributes.into_iter().map(|attributes| Planned {
                id: member.id.clone(),
                attributes,
                label: label.clone(),
                import_id: member.import_id.clone(),
            }));
        }
        let order = |map: &TypeMap| types::ALL.iter().position(|m| m.terraform_type == map.terraform_type);
        resources.sort_by(|a, b| (order(a.attributes.map), &a.id).cmp(&(order(b.attributes.map), &b.id)));
        let unread = unread(estate, &closure);
        let others = others(estate, &closure);
        Self { options: options.clone(), resources, skips, unread, others, labels, credentials }
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
        self.labels
            .get(id)
            .cloned()
            .unwrap_or_else(|| names::labels([id], &self.options.labels, &|_| false).remove(id).unwrap_or_default())
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

/// A described resource that can be imported.
struct Member {
    id: ResourceId,
    value: Value,
    import_id: String,
    attributes: Vec<Attributes>,
}

impl Member {
    /// Reads a resource by every table of its kind; the skip says why it cannot be imported.
    fn of(estate: &Estate, id: &ResourceId, options: &Options) -> Result<Self, Skip> {
        let dialect = options.dialect;
        let value = estate.document(id).map(|d| d.value());
        let named = value.as_ref().and_then(|v| import_id(id, v, dialect));
        let skip = |reason| Skip { resource: id.clone(), import_id: named.clone().unwrap_or_default(), reason };
        if let Some(reason) = refusal(estate, id, value.as_ref(), dialect) {
            return Err(skip(reason));
        }
        if options.skips.contains(id) {
            return Err(skip(CHOSEN.into()));
        }
        let (Some(value), Some(import_id)) = (value, named.clone()) else {
            return Err(skip("AWS does not say what its import id is made of".into()));
        };
        let maps = types::ALL.into_iter().filter(|map| map.kind == id.kind && map.since <= dialect);
        let maps = maps.filter(|map| {
            map.terraform_type != types::CLUSTER_CAPACITY_PROVIDERS.terraform_type || has_providers(&value)
        });
        let attributes: Vec<Attributes> = maps.map(|map| Attributes::read(map, &value, &id.scope, dialect)).collect();
        let context = Context { root: &value, scope: &id.scope, dialect };
        if let Some(reason) = attributes.iter().find_map(|attributes| attributes.refusal(&context)) {
            return Err(skip(reason));
        }
        Ok(Self { id: id.clone(), value, import_id, attributes })
    }
}

fn has_providers(cluster: &Value) -> bool {
    ["capacityProviders", "defaultCapacityProviderStrategy"]
        .iter()
        .any(|member| cluster.get(member).and_then(Value::as_array).is_some_and(|a| !a.is_empty()))
}

/// What an export rests on and could not be read, or could not be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Whose export rests on it.
    pub resource: ResourceId,
    /// What was asked for.
    pub subject: Subject,
    /// `denied: application-autoscaling:DescribeScalableTargets`, or that nobody asked.
    pub why: String,
}

impl Unread {
    /// What was asked for, in words.
    pub fn what(&self) -> String {
        match &self.subject {
            Subject::Listing(_, listing) => listing.to_string(),
            Subject::Resource(_) => "its description; an older one was used".into(),
        }
    }
}

fn unread(estate: &Estate, closure: &Closure<'_>) -> BTreeMap<ResourceId, Vec<Unread>> {
    let said = |gap: &Gap| format!("{}: {}", gap.reason.word(), gap.action);
    let documents = closure.reached.iter().filter(|id| estate.document(id).is_some()).filter_map(|id| {
        let subject = Subject::Resource(id.clone());
        let why = said(estate.gap(&subject)?);
        Some(Unread { resource: id.clone(), subject, why })
    });
    let lists = closure.all_listings().into_iter().filter_map(|(resource, listing)| {
        let scope = resource.scope.clone();
        let gap = |listing: Listing| estate.gap(&Subject::Listing(scope.clone(), listing));
        let gap = gap(listing.clone()).or_else(|| gap(listing.whole()?));
        let why = match (gap, estate.answered_at(&scope, &listing)) {
            (Some(gap), _) => said(gap),
            (None, None) => "not read".into(),
            (None, Some(_)) => return None,
        };
        Some(Unread { resource, subject: Subject::Listing(scope.clone(), listing), why })
    });
    let mut unread: BTreeMap<ResourceId, Vec<Unread>> = BTreeMap::new();
    for one in documents.chain(lists) {
        unread.entry(one.resource.clone()).or_default().push(one);
    }
    unread
}

/// The ACTIVE revisions of each declared family that are neither declared nor exported.
fn others(estate: &Estate, closure: &Closure<'_>) -> Vec<(ResourceId, Vec<ResourceId>)> {
    let services = closure.reached.iter().filter(|id| id.kind == Kind::Service);
    let declared: BTreeSet<ResourceId> = services.filter_map(|id| estate.declared(id)).collect();
    // Two services may declare two revisions of one family: its others are named once, beside the newer.
    let families: BTreeMap<(Scope, String), ResourceId> = declared
        .into_iter()
        .filter_map(|id| Some(((id.scope.clone(), id.family_revision()?.0.to_owned()), id)))
        .fold(BTreeMap::new(), |mut families, (family, id)| {
            let known = families.entry(family).or_insert_with(|| id.clone());
            if known.family_revision() < id.family_revision() {
                *known = id;
            }
            families
        });
    families
        .into_values()
        .filter_map(|id| {
            let listed = estate.listing(&id.scope, &Listing::Revisions(id.family_revision()?.0.into()))?;
            let left = |other: &&ResourceId| !closure.reached.contains(*other) && !closure.rolling.contains_key(*other);
            let mut others: Vec<ResourceId> = listed.complete.iter().filter(left).cloned().collect();
            others.sort_by_key(|other| std::cmp::Reverse(other.family_revision().map(|(_, revision)| revision)));
            (!others.is_empty()).then_some((id, others))
        })
        .collect()
}

/// Why a resource cannot be imported; `None` when it can.
fn refusal(estate: &Estate, id: &ResourceId, value: Option<&Value>, dialect: Dialect) -> Option<String> {
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
        Kind::TaskDefinition => revision_refusal(estate, id, value),
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
        Kind::ScalingPolicy if text("PolicyType") == Some("PredictiveScaling") && dialect == Dialect::V3 => {
            Some("provider 3.39 has no argument for predictive scaling".into())
        }
        Kind::ScalingPolicy if id.name().contains('/') => {
            Some("the importer misreads a policy name that holds a slash".into())
        }
        Kind::ScalingPolicy
            if dialect == Dialect::V3
                && value
                    .pointer("/TargetTrackingScalingPolicyConfiguration/CustomizedMetricSpecification/Metrics")
                    .and_then(Value::as_array)
                    .is_some_and(|metrics| !metrics.is_empty()) =>
        {
            Some("provider 3.39 has no argument for metric math".into())
        }
        Kind::Task => Some("a running task is no Terraform resource: its revision is exported".into()),
        _ => None,
    }
}

fn revision_refusal(estate: &Estate, id: &ResourceId, value: &Value) -> Option<String> {
    let status = estate.revision_status(id).unwrap_or("ACTIVE");
    if status != "ACTIVE" {
        return Some(format!("the revision is {status}: the provider reads it as absent"));
    }
    let bare = |member: &&str| {
        value.get(member).and_then(Value::as_str).is_some_and(|role| !role.is_empty() && !role.starts_with("arn:"))
    };
    let member = ["taskRoleArn", "executionRoleArn"].into_iter().find(|member| bare(member))?;
    Some(format!("{member} is a bare role name, which the provider refuses"))
}
