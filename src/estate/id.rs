//! Identities: which account and region, which kind, which native name.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::Serialize;

/// Milliseconds since the Unix epoch. Pure rooms never ask the clock; they are told.
pub type Timestamp = i64;

/// Partition + account + region. Two profiles of one account are one scope.
///
/// Every identity holds one, so it is shared: a clone is cheap, and so is the comparison of two clones.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Scope(Arc<Parts>);

/// The parts of a [`Scope`].
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Parts {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: Arc<str>,
    /// Twelve digits.
    pub account: Arc<str>,
    /// For example `eu-west-1`.
    pub region: Arc<str>,
}

impl Deref for Scope {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl PartialOrd for Scope {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scope {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl Scope {
    /// A scope from its three parts.
    pub fn new(partition: &str, account: &str, region: &str) -> Self {
        Self(Arc::new(Parts { partition: partition.into(), account: account.into(), region: region.into() }))
    }

    /// The ARN of an ECS resource in this scope: `arn:PARTITION:ecs:REGION:ACCOUNT:RESOURCE`.
    pub fn ecs_arn(&self, resource: &str) -> String {
        format!("arn:{}:ecs:{}:{}:{resource}", self.partition, self.region, self.account)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.account, self.region)
    }
}

/// The kinds of resource that are read as documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An ECS cluster; native id: its ARN.
    Cluster,
    /// A capacity provider; native id: its ARN.
    CapacityProvider,
    /// An ECS service; native id: its ARN.
    Service,
    /// One revision of a family; native id: its ARN.
    TaskDefinition,
    /// A running task; native id: its ARN.
    Task,
    /// A scalable target of Application Auto Scaling; native id: `ecs/RESOURCE_ID/DIMENSION`.
    ScalableTarget,
    /// A scaling policy; native id: `ecs/RESOURCE_ID/DIMENSION/NAME`.
    ScalingPolicy,
}

impl Kind {
    /// The word for one of them, as AWS writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::CapacityProvider => "capacity provider",
            Self::Service => "service",
            Self::TaskDefinition => "task definition",
            Self::Task => "task",
            Self::ScalableTarget => "scalable target",
            Self::ScalingPolicy => "scaling policy",
        }
    }
}

/// The parts of an ARN: `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, ...
    pub partition: &'a str,
    /// `ecs`, `iam`, ...
    pub service: &'a str,
    /// May be empty (IAM).
    pub region: &'a str,
    /// May be empty (S3).
    pub account: &'a str,
    /// All that follows, colons included.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; `None` when it has fewer than six parts or does not start with `arn:`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// The last segment of the resource: `web` of `service/prod/web`.
    pub fn name(&self) -> &'a str {
        self.resource.rsplit('/').next().unwrap_or(self.resource)
    }
}

/// Scope + kind + native id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ResourceId {
    /// Which account and region.
    pub scope: Scope,
    /// Which kind.
    pub kind: Kind,
    /// The ARN where there is one, else the import id.
    pub native: Arc<str>,
}

impl ResourceId {
    /// An identity from its parts.
    pub fn new(scope: &Scope, kind: Kind, native: &str) -> Self {
        Self { scope: scope.clone(), kind, native: native.into() }
    }

    /// A cluster by name.
    pub fn cluster(scope: &Scope, name: &str) -> Self {
        Self::new(scope, Kind::Cluster, &scope.ecs_arn(&format!("cluster/{name}")))
    }

    /// The short name that people use: `web`, `payments:47`, the policy's name.
    pub fn name(&self) -> &str {
        match self.kind {
            Kind::ScalableTarget => self.native.split('/').nth(3).unwrap_or(&self.native),
            // A policy's name may hold slashes of its own.
            Kind::ScalingPolicy => self.native.splitn(6, '/').nth(5).unwrap_or(&self.native),
            _ => self.native.rsplit('/').next().unwrap_or(&self.native),
        }
    }

    /// The cluster's name, for kinds that live in one: services, tasks, scalable targets and policies.
    ///
    /// `None` for other kinds and for the short ARNs of before 2018, which do not name their cluster.
    pub fn cluster_name(&self) -> Option<&str> {
        let parts: Vec<&str> = match self.kind {
            Kind::Service | Kind::Task => Arn::parse(&self.native)?.resource.split('/').collect(),
            Kind::ScalableTarget | Kind::ScalingPolicy => {
                return self.native.split('/').nth(2);
            }
            _ => return None,
        };
        if parts.len() >= 3 { parts.get(1).copied() } else { None }
    }

    /// Family and revision of a task definition.
    pub fn family_revision(&self) -> Option<(&str, u32)> {
        if self.kind != Kind::TaskDefinition {
            return None;
        }
        let (family, revision) = self.name().rsplit_once(':')?;
        Some((family, revision.parse().ok()?))
    }

    /// The complete listings that decide whether this resource still exists.
    pub fn listings(&self) -> Vec<Listing> {
        match self.kind {
            Kind::Cluster => vec![Listing::Clusters],
            Kind::CapacityProvider => vec![Listing::CapacityProviders],
            Kind::Service => self.cluster_name().map(|c| Listing::Services(c.into())).into_iter().collect(),
            Kind::Task => self.cluster_name().map(|c| Listing::Tasks(c.into())).into_iter().collect(),
            // A deregistered revision leaves the ACTIVE listing and still runs: no listing removes a revision.
            Kind::TaskDefinition => vec![],
            Kind::ScalableTarget | Kind::ScalingPolicy => {
                let of: Vec<&str> = self.native.split('/').skip(1).take(3).collect();
                let of: Arc<str> = of.join("/").into();
                if self.kind == Kind::ScalableTarget {
                    vec![Listing::ScalableTargets, Listing::ScalableTargetsOf(of)]
                } else {
                    vec![Listing::ScalingPolicies, Listing::ScalingPoliciesOf(of)]
                }
            }
        }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.cluster_name()) {
            (Kind::Service | Kind::Task, Some(cluster)) => write!(f, "{} {cluster}/{}", self.kind.word(), self.name()),
            _ => write!(f, "{} {}", self.kind.word(), self.name()),
        }
    }
}

/// One list that AWS can be asked for within a scope.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// All clusters of the scope.
    Clusters,
    /// All capacity providers of the scope.
    CapacityProviders,
    /// The services of one cluster, by cluster name.
    Services(Arc<str>),
    /// The running tasks of one cluster, by cluster name.
    Tasks(Arc<str>),
    /// The ACTIVE revisions of one family.
    Revisions(Arc<str>),
    /// Every scalable target of namespace `ecs`.
    ScalableTargets,
    /// The scalable targets of one resource id (`service/CLUSTER/SERVICE`).
    ScalableTargetsOf(Arc<str>),
    /// Every scaling policy of namespace `ecs`.
    ScalingPolicies,
    /// The scaling policies of one resource id (`service/CLUSTER/SERVICE`).
    ScalingPoliciesOf(Arc<str>),
    /// Every family with an ACTIVE revision; named are their newest ones.
    Families,
    /// The tags of one scalable target, which its description does not hold.
    TagsOf {
        /// The target's native id.
        target: Arc<str>,
        /// The ARN that its tags are asked for by; empty when AWS does not say it.
        arn: Arc<str>,
    },
}

impl Listing {
    /// The list of the whole scope that holds this one, for the lists of one service's scaling.
    pub fn whole(&self) -> Option<Self> {
        match self {
            Self::ScalableTargetsOf(_) => Some(Self::ScalableTargets),
            Self::ScalingPoliciesOf(_) => Some(Self::ScalingPolicies),
            _ => None,
        }
    }

    /// The resources whose existence this listing decides: their kind, and how their native ids begin.
    pub fn governs(&self, scope: &Scope) -> Option<(Kind, String)> {
        Some(match self {
            Self::Clusters => (Kind::Cluster, String::new()),
            Self::CapacityProviders => (Kind::CapacityProvider, String::new()),
            Self::Services(cluster) => (Kind::Service, scope.ecs_arn(&format!("service/{cluster}/"))),
            Self::Tasks(cluster) => (Kind::Task, scope.ecs_arn(&format!("task/{cluster}/"))),
            Self::Revisions(_) | Self::Families | Self::TagsOf { .. } => return None,
            Self::ScalableTargets => (Kind::ScalableTarget, String::new()),
            Self::ScalableTargetsOf(id) => (Kind::ScalableTarget, format!("ecs/{id}/")),
            Self::ScalingPolicies => (Kind::ScalingPolicy, String::new()),
            Self::ScalingPoliciesOf(id) => (Kind::ScalingPolicy, format!("ecs/{id}/")),
        })
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clusters => f.write_str("clusters"),
            Self::CapacityProviders => f.write_str("capacity providers"),
            Self::Services(cluster) => write!(f, "services of {cluster}"),
            Self::Tasks(cluster) => write!(f, "tasks of {cluster}"),
            Self::Revisions(family) => write!(f, "revisions of {family}"),
            Self::ScalableTargets => f.write_str("scalable targets"),
            Self::ScalableTargetsOf(id) => write!(f, "scalable targets of {id}"),
            Self::ScalingPolicies => f.write_str("scaling policies"),
            Self::ScalingPoliciesOf(id) => write!(f, "scaling policies of {id}"),
            Self::Families => f.write_str("families"),
            Self::TagsOf { target, .. } => write!(f, "tags of {target}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_names_its_cluster_and_its_listing() {
        let scope = Scope::new("aws", "123456789012", "eu-west-1");
        let id = ResourceId::new(&scope, Kind::Service, "arn:aws:ecs:eu-west-1:123456789012:service/prod/web");
        assert_eq!(id.cluster_name(), Some("prod"));
        assert_eq!(id.name(), "web");
        assert_eq!(id.listings(), vec![Listing::Services("prod".into())]);
        let short = ResourceId::new(&scope, Kind::Service, "arn:aws:ecs:eu-west-1:123456789012:service/web");
        assert_eq!(short.cluster_name(), None);
    }

    #[test]
    fn a_revision_knows_family_and_number() {
        let scope = Scope::new("aws", "123456789012", "eu-west-1");
        let native = "arn:aws:ecs:eu-west-1:123456789012:task-definition/payments:47";
        assert_eq!(ResourceId::new(&scope, Kind::TaskDefinition, native).family_revision(), Some(("payments", 47)));
    }

    #[test]
    fn a_scaling_policy_belongs_to_two_listings() {
        let scope = Scope::new("aws", "123456789012", "eu-west-1");
        let native = "ecs/service/prod/web/ecs:service:DesiredCount/cpu";
        let id = ResourceId::new(&scope, Kind::ScalingPolicy, native);
        assert_eq!(id.cluster_name(), Some("prod"));
        assert_eq!(id.name(), "cpu");
        assert_eq!(
            id.listings(),
            vec![Listing::ScalingPolicies, Listing::ScalingPoliciesOf("service/prod/web".into())]
        );
    }
}
