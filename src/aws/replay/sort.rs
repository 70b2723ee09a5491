//! Which answer of AWS a JSON value is, and what of it is a described resource. Nothing is guessed: what is no answer is
//! refused, with the reason.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::times::as_on_the_wire;
use crate::estate::{Arn, Kind, Scope};

/// One described resource of a recording.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) kind: Kind,
    /// Where it lives; `None` for old answers about scaling, which do not say.
    pub(super) scope: Option<Scope>,
    /// As the call that describes it would answer; a revision within its envelope.
    pub(super) value: Value,
}

/// A resource that a list names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) kind: Kind,
    pub(super) scope: Scope,
    pub(super) arn: String,
}

/// All that the files of a recording hold, and what was refused of them.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// In the order in which they first stood; a later answer about the same resource takes the place of the earlier.
    pub(super) rows: Vec<Row>,
    places: HashMap<(Kind, String), usize>,
    /// What `list-clusters` and the other lists name.
    pub(super) named: BTreeSet<Named>,
    /// Clusters of which `list-services` was answered in full, by ARN.
    pub(super) listed: BTreeSet<String>,
    /// `failures[]` of the answers.
    pub(super) failures: Vec<Value>,
    /// Answers to `get-caller-identity`.
    pub(super) identities: Vec<Value>,
    /// What was not taken, by the reason: where it stands.
    pub(super) refused: BTreeMap<String, Vec<String>>,
}

/// Lists of an answer, and lists of names, in the spellings of the CLI and of `assets/demo`.
const DESCRIBED: &[(&str, Kind)] = &[
    ("clusters", Kind::Cluster),
    ("services", Kind::Service),
    ("tasks", Kind::Task),
    ("taskDefinitions", Kind::TaskDefinition),
    ("task_definitions", Kind::TaskDefinition),
    ("capacityProviders", Kind::CapacityProvider),
    ("capacity_providers", Kind::CapacityProvider),
    ("ScalableTargets", Kind::ScalableTarget),
    ("scalable_targets", Kind::ScalableTarget),
    ("ScalingPolicies", Kind::ScalingPolicy),
    ("scaling_policies", Kind::ScalingPolicy),
];
/// What calls that change something print: one resource.
const SINGLE: &[(&str, Kind)] = &[
    ("cluster", Kind::Cluster),
    ("service", Kind::Service),
    ("task", Kind::Task),
    ("capacityProvider", Kind::CapacityProvider),
];
const NAMES: &[(&str, Kind)] = &[
    ("clusterArns", Kind::Cluster),
    ("serviceArns", Kind::Service),
    ("taskArns", Kind::Task),
    ("taskDefinitionArns", Kind::TaskDefinition),
];
/// Members that say nothing of a resource.
const PAPERS: &[&str] = &["nextToken", "NextToken", "ResponseMetadata", "failures", "identity"];

/// Deeper documents would not fit into an answer: `serde_json` reads 128 levels.
const DEEPEST: usize = 100;

impl Sorted {
    /// Takes one JSON document of a file. `at` says where it stands, for people.
    pub(super) fn take(&mut self, value: Value, at: &str) {
        match value {
            Value::Array(items) => {
                if items.iter().any(is_container) {
                    return self.refuse(at, "it holds containers alone: their revision has an ARN, and they have none");
                }
                if items.is_empty() {
                    return self.refuse(at, "it is an empty list of nobody knows what");
                }
                for (number, item) in items.into_iter().enumerate() {
                    self.take(item, &format!("{at}, item {}", number + 1));
                }
            }
            Value::Object(_) => match described(&value) {
                Some(kind) => self.row(kind, value, at),
                None => self.answer(value, at),
            },
            _ => self.refuse(at, "it is no JSON object"),
        }
    }

    /// Notes that what stands there is not taken.
    pub(super) fn refuse(&mut self, at: &str, why: impl Into<String>) {
        self.refused.entry(why.into()).or_default().push(at.to_owned());
    }

    fn answer(&mut self, value: Value, at: &str) {
        if is_identity(&value) {
            return self.identities.push(value);
        }
        // A revision comes in an envelope, with its tags beside it.
        if value.get("taskDefinition").is_some_and(Value::is_object) {
            return self.row(Kind::TaskDefinition, value, at);
        }
        let known = |name: &str| {
            let of = |list: &[(&str, Kind)]| list.iter().any(|(known, _)| *known == name);
            of(DESCRIBED) && value[name].is_array() || of(SINGLE) && value[name].is_object() || of(NAMES)
        };
        let Value::Object(members) = &value else { return };
        if !members.keys().any(|name| known(name)) {
            let why = what_it_is(members);
            return self.refuse(at, why);
        }
        let more = |name: &str| value.get(name).is_some_and(|token| !token.is_null());
        let cut = more("nextToken") || more("NextToken");
        let unknown: Vec<&String> = members.keys().filter(|n| !known(n) && !PAPERS.contains(&n.as_str())).collect();
        if !unknown.is_empty() {
            let names = unknown.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            self.refuse(at, format!("nothing is made of its {names}"));
        }
        if cut {
            self.refuse(at, "it is one page of several: what the next ones hold is not known");
        }
        let Value::Object(members) = value else { return };
        for (name, below) in members {
            let kind_in = |list: &[(&str, Kind)]| list.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
            match below {
                Value::Array(items) if name == "failures" => self.failures.extend(items),
                Value::Array(items) if name == "identity" => self.identities.extend(items),
                one @ Value::Object(_) if name == "identity" => self.identities.push(one),
                Value::Array(items) => {
                    if let Some(kind) = kind_in(NAMES) {
                        self.names(kind, &items, cut, at);
                    } else if let Some(kind) = kind_in(DESCRIBED) {
                        self.list(kind, items, &format!("{at}, {name}"));
                    }
                }
                one @ Value::Object(_) => {
                    if let Some(kind) = kind_in(SINGLE) {
                        self.row(kind, one, &format!("{at}, {name}"));
                    }
                }
                _ => {}
            }
        }
    }

    fn list(&mut self, kind: Kind, items: Vec<Value>, at: &str) {
        for (number, item) in items.into_iter().enumerate() {
            self.row(kind, item, &format!("{at}[{number}]"));
        }
    }

    fn names(&mut self, kind: Kind, items: &[Value], cut: bool, at: &str) {
        for item in items {
            let named = item.as_str().unwrap_or_default();
            match place(named, "ecs") {
                Some(scope) => {
                    if let (Kind::Service, false, [_, cluster, _]) =
                        (kind, cut, &resource(named).split('/').collect::<Vec<_>>()[..])
                    {
                        self.listed.insert(scope.ecs_arn(&format!("cluster/{cluster}")));
                    }
                    self.named.insert(Named { kind, scope, arn: named.to_owned() });
                }
                None => self.refuse(at, format!("`{named}` is no ARN of ECS")),
            }
        }
    }

    /// A resource that should be of this kind.
    fn row(&mut self, kind: Kind, mut value: Value, at: &str) {
        let enveloped = kind == Kind::TaskDefinition && value.get("taskDefinition").is_some_and(Value::is_object);
        let object = if enveloped { &mut value["taskDefinition"] } else { &mut value };
        match check(kind, object) {
            Ok((key, scope)) => {
                as_on_the_wire(kind, object);
                if kind == Kind::TaskDefinition && !enveloped {
                    value = json!({ "taskDefinition": value });
                }
                let row = Row { kind, scope, value };
                let next = self.rows.len();
                let place = *self.places.entry((kind, key)).or_insert(next);
                if place == next {
                    self.rows.push(row);
                } else {
                    self.rows[place] = row;
                }
            }
            Err(why) => self.refuse(at, why),
        }
    }
}

/// What a bare object is, by the members that only AWS gives.
fn described(value: &Value) -> Option<Kind> {
    let has = |member: &str| value.get(member).is_some();
    if has("taskSetArn") || has("serviceDeploymentArn") || has("serviceRevisionArn") {
        return None;
    }
    let kinds = [
        (has("taskArn"), Kind::Task),
        (has("serviceArn") && has("serviceName"), Kind::Service),
        (has("capacityProviderArn"), Kind::CapacityProvider),
        (has("taskDefinitionArn") && has("containerDefinitions"), Kind::TaskDefinition),
        (has("clusterArn") && has("clusterName"), Kind::Cluster),
        (has("PolicyName") && has("PolicyType"), Kind::ScalingPolicy),
        (has("ScalableDimension") && has("MinCapacity"), Kind::ScalableTarget),
    ];
    kinds.into_iter().find(|(is, _)| *is).map(|(_, kind)| kind)
}

fn is_identity(value: &Value) -> bool {
    ["Account", "Arn", "UserId"].iter().all(|member| value.get(member).is_some_and(Value::is_string))
}

fn is_container(value: &Value) -> bool {
    value.get("image").is_some() && value.get("name").is_some() && described(value).is_none()
}

/// Why an object is no answer, in words that help to get one.
fn what_it_is(members: &Map<String, Value>) -> String {
    let has = |member: &str| members.contains_key(member);
    if has("containerDefinitions") {
        return "it is what register-task-definition takes and no answer of AWS: taskDefinitionArn is missing. Record the \
                registered one: aws ecs describe-task-definition --task-definition FAMILY --include TAGS"
            .into();
    }
    if ["serviceName", "desiredCount", "taskDefinition"].into_iter().any(has) {
        return "it is what create-service or update-service takes and no answer of AWS: serviceArn is missing. Record \
                the service: aws ecs describe-services --cluster CLUSTER --services NAME --include TAGS"
            .into();
    }
    if has("autoScalingGroupProvider") || has("managedInstancesProvider") {
        return "it is what create-capacity-provider takes and no answer of AWS: capacityProviderArn is missing".into();
    }
    if has("Tags") && members.len() == 1 {
        return "it is what list-tags-for-resource answers, which does not say whose tags they are".into();
    }
    let names: Vec<&str> = members.keys().map(String::as_str).take(5).collect();
    format!(
        "no answer that is read here: its members are {}",
        if names.is_empty() { "none".into() } else { names.join(", ") }
    )
}

/// The identity of a described object and where it lives, or why it is none.
fn check(kind: Kind, object: &Value) -> Result<(String, Option<Scope>), String> {
    let text = |member: &str| object.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    let needs = |members: &[&str]| {
        let missing: Vec<&str> = members.iter().copied().filter(|member| text(member).is_none()).collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("it is no {}: {} is missing", kind.word(), missing.join(", ")))
        }
    };
    if depth(object) > DEEPEST {
        return Err(format!("it nests deeper than {DEEPEST} levels"));
    }
    let arn = match kind {
        Kind::Cluster => "clusterArn",
        Kind::Service => "serviceArn",
        Kind::Task => "taskArn",
        Kind::CapacityProvider => "capacityProviderArn",
        Kind::TaskDefinition => {
            if object.get("containerDefinitions").is_some() && text("taskDefinitionArn").is_none() {
                return Err(what_it_is(object.as_object().unwrap_or(&Map::new())));
            }
            "taskDefinitionArn"
        }
        Kind::ScalableTarget | Kind::ScalingPolicy => return check_scaling(kind, object, &needs),
    };
    needs(&[arn])?;
    if matches!(kind, Kind::Service | Kind::Task) {
        needs(&["clusterArn"])?;
    }
    let named = text(arn).unwrap_or_default();
    let scope = place(named, "ecs").ok_or_else(|| format!("its {arn} `{named}` is no ARN of ECS"))?;
    Ok((named.to_owned(), Some(scope)))
}

fn check_scaling(
    kind: Kind,
    object: &Value,
    needs: &dyn Fn(&[&str]) -> Result<(), String>,
) -> Result<(String, Option<Scope>), String> {
    let text = |member: &str| object.get(member).and_then(Value::as_str).unwrap_or_default();
    let (name, arn, service) = match kind {
        Kind::ScalingPolicy => ("PolicyName", text("PolicyARN"), "autoscaling"),
        _ => ("ResourceId", text("ScalableTargetARN"), "application-autoscaling"),
    };
    needs(&["ServiceNamespace", "ResourceId", "ScalableDimension", name])?;
    if text("ServiceNamespace") != "ecs" {
        return Err(format!("it scales `{}`, not ecs", text("ServiceNamespace")));
    }
    let scope = place(arn, service);
    let home = scope.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok((format!("{home} {} {} {}", text("ResourceId"), text("ScalableDimension"), text(name)), scope))
}

/// Where an ARN of a service of AWS lives.
pub(super) fn place(arn: &str, service: &str) -> Option<Scope> {
    let arn = Arn::parse(arn).filter(|arn| arn.service == service && !arn.resource.is_empty())?;
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let is_region = |text: &str| plain(text) && !text.contains(|c: char| c.is_ascii_uppercase() || c == '_');
    let whole = plain(arn.partition) && is_region(arn.region) && plain(arn.account);
    whole.then(|| Scope::new(arn.partition, arn.account, arn.region))
}

fn resource(arn: &str) -> &str {
    Arn::parse(arn).map_or("", |arn| arn.resource)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
