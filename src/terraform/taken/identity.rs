//! Which object something in a state, an import block or the code is: the same key however it is spelled.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::estate::{Arn, Kind, ResourceId};

/// One object of AWS, of a Terraform type that is told apart from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Cluster, capacity provider: the name. Service: `CLUSTER/SERVICE`. Revision: `FAMILY:REVISION`. Scaling: the import id.
    pub key: String,
    /// The account, where it is said.
    pub account: Option<String>,
    /// The region, where it is said.
    pub region: Option<String>,
}

/// How surely a block of code stands for an object, the least sure first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    /// It is another one.
    No,
    /// What names it has to be evaluated, and the rest agrees.
    Computed,
    /// It has that name.
    Named,
}

/// True for a type whose identity is known here.
pub(super) fn is_known(terraform_type: &str) -> bool {
    !arguments(terraform_type).is_empty()
}

/// The arguments that make the identity of a type.
pub(super) fn arguments(terraform_type: &str) -> &'static [&'static str] {
    match terraform_type {
        "aws_ecs_cluster" | "aws_ecs_capacity_provider" => &["name"],
        "aws_ecs_cluster_capacity_providers" => &["cluster_name"],
        "aws_ecs_service" => &["cluster", "name"],
        "aws_ecs_task_definition" => &["family"],
        "aws_appautoscaling_target" => &["resource_id", "scalable_dimension"],
        "aws_appautoscaling_policy" => &["resource_id", "scalable_dimension", "name"],
        _ => &[],
    }
}

fn last(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// `id@eu-west-1`: the id, and the region behind it.
fn without_region(id: &str) -> (&str, Option<&str>) {
    let is_region = |text: &str| {
        !text.is_empty()
            && text.contains('-')
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match id.rsplit_once('@') {
        Some((id, region)) if is_region(region) => (id, Some(region)),
        _ => (id, None),
    }
}

impl Identity {
    fn new(key: String) -> Self {
        Self { key, account: None, region: None }
    }

    fn placed(mut self, arn: &str) -> Self {
        if let Some(arn) = Arn::parse(arn) {
            let said = |part: &str| (!part.is_empty()).then(|| part.to_owned());
            self.account = self.account.take().or(said(arn.account));
            self.region = self.region.take().or(said(arn.region));
        }
        self
    }

    /// The identity of a planned resource of this type.
    pub(super) fn wanted(terraform_type: &str, id: &ResourceId, import_id: &str) -> Self {
        let key = match (id.kind, terraform_type) {
            (Kind::Service, _) => import_id,
            (Kind::ScalableTarget | Kind::ScalingPolicy, _) => &id.native,
            _ => id.name(),
        };
        let (account, region) = (id.scope.account.to_string(), id.scope.region.to_string());
        Self { key: key.to_owned(), account: Some(account), region: Some(region) }
    }

    /// The identity of a resource by its attributes in a state, or by the `identity` of an import block.
    pub(super) fn of_values(terraform_type: &str, values: &Value) -> Option<Self> {
        let text = |name: &str| values.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let by_arn = || text("arn").or_else(|| text("id")).map(last);
        let scaling = || {
            let (resource, dimension) = (text("resource_id")?, text("scalable_dimension")?);
            Some(format!("{}/{resource}/{dimension}", text("service_namespace").unwrap_or("ecs")))
        };
        let key = match terraform_type {
            "aws_ecs_cluster" | "aws_ecs_capacity_provider" => text("name").or_else(by_arn)?.to_owned(),
            "aws_ecs_cluster_capacity_providers" => text("cluster_name").or_else(|| text("id"))?.to_owned(),
            "aws_ecs_service" => format!("{}/{}", last(text("cluster")?), text("name")?),
            "aws_ecs_task_definition" => match values.get("revision") {
                Some(Value::Number(revision)) => format!("{}:{revision}", text("family")?),
                Some(Value::String(revision)) => format!("{}:{revision}", text("family")?),
                _ => last(text("arn")?).to_owned(),
            },
            "aws_appautoscaling_target" => scaling()?,
            "aws_appautoscaling_policy" => format!("{}/{}", scaling()?, text("name")?),
            _ => return None,
        };
        let mut identity = Self::new(key);
        identity.region = text("region").map(str::to_owned);
        identity.account = text("account_id").map(str::to_owned);
        Some(["arn", "id", "cluster"].iter().filter_map(|name| text(name)).fold(identity, Self::placed))
    }

    /// The identity that the id of an import block names.
    pub(super) fn of_import_id(terraform_type: &str, id: &str) -> Option<Self> {
        let (id, region) = without_region(id);
        let key = match terraform_type {
            "aws_ecs_service" | "aws_appautoscaling_target" | "aws_appautoscaling_policy" => id,
            _ if is_known(terraform_type) => last(id),
            _ => return None,
        };
        let mut identity = Self::new(key.to_owned());
        identity.region = region.map(str::to_owned);
        Some(identity.placed(id))
    }

    /// Whether a block of code stands for this object: `None` in the code's arguments means "something".
    pub(super) fn of_code(terraform_type: &str, arguments: &BTreeMap<String, Option<String>>, wanted: &Self) -> Match {
        // What is not a literal may be this one; a service without a cluster is of the cluster "default".
        let is = |name: &str, value: &str| match arguments.get(name) {
            Some(Some(said)) if said == value => Match::Named,
            Some(None) => Match::Computed,
            _ => Match::No,
        };
        let of_cluster = |name: &str, cluster: &str| match arguments.get(name) {
            Some(Some(said)) if last(said) == cluster => Match::Named,
            None if cluster == "default" => Match::Named,
            Some(None) => Match::Computed,
            _ => Match::No,
        };
        // A computed cluster leaves a name that is said in full a name.
        let known = |found: Match| if found == Match::Computed { Match::Named } else { found };
        let key = wanted.key.as_str();
        let found = match terraform_type {
            "aws_ecs_cluster" | "aws_ecs_capacity_provider" => Some(is("name", key)),
            "aws_ecs_cluster_capacity_providers" => {
                arguments.get("cluster_name").map(|_| of_cluster("cluster_name", key))
            }
            "aws_ecs_service" => {
                key.split_once('/').map(|(cluster, name)| is("name", name).min(known(of_cluster("cluster", cluster))))
            }
            "aws_ecs_task_definition" => key.rsplit_once(':').map(|(family, _)| is("family", family)),
            "aws_appautoscaling_target" => scaling(key).map(|(resource, _)| is("resource_id", resource)),
            "aws_appautoscaling_policy" => {
                scaling(key).map(|(resource, name)| is("resource_id", resource).min(is("name", name)))
            }
            _ => None,
        };
        found.unwrap_or(Match::No)
    }

    /// True when both may be one object: same key, and no account or region that both name differs.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.key == other.key && self.shares_place(other)
    }

    /// True when both may be in one account and region.
    pub(super) fn shares_place(&self, other: &Self) -> bool {
        let agree = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        agree(&self.account, &other.account) && agree(&self.region, &other.region)
    }
}

/// Resource id and, for a policy, name of `ecs/service/C/S/DIMENSION[/NAME]`.
fn scaling(key: &str) -> Option<(&str, &str)> {
    let rest = key.strip_prefix("ecs/")?;
    let end = rest.match_indices('/').nth(2)?.0;
    let name = rest[end + 1..].split_once('/').map_or("", |(_, name)| name);
    Some((&rest[..end], name))
}
