//! PURE. Differences between two named sources, each with a name of its own. Never one "drifted" flag.

mod rollout;
mod stale;
pub mod state;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::estate::{Estate, FieldPath, Kind, ResourceId};

/// One of the two sides of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// What AWS answers now.
    Live,
    /// What the service is declared to run.
    Declared,
    /// The highest ACTIVE revision of the family.
    Newest,
    /// What deployments and tasks run.
    Running,
}

/// The relation in which two sources differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The declared revision is not the newest ACTIVE one.
    NotNewest,
    /// The declared revision is deregistered.
    InactiveInUse,
    /// A rollout has failed, or is on its way.
    NotConverged,
}

/// A difference between two named sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The rule id, for example `DRF-002`.
    pub rule: &'static str,
    /// Which relation.
    pub class: Class,
    /// How bad.
    pub severity: Severity,
    /// Of which resource.
    pub resource: ResourceId,
    /// The two sides.
    pub between: (Source, Source),
    /// The field on the first side.
    pub from: Option<FieldPath>,
    /// The field on the second side.
    pub to: Option<FieldPath>,
    /// For example `:47 -> :49`.
    pub evidence: String,
}

/// How bad a difference or a failed rule is: one scale for both, so that they can be weighed against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Often deliberate.
    Low,
    /// Should be mended.
    Medium,
    /// Should be mended soon.
    High,
    /// Should not be running.
    Critical,
}

impl Severity {
    /// One step worse, as production makes it.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Info => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }

    /// The word that stands on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The revision that a service or a task runs is not the newest, or is deregistered.
pub const STALE: &str = "DRF-002";
/// A rollout has failed, or is on its way.
pub const ROLLOUT: &str = "DRF-003";

/// Every difference that the estate alone shows, in order of resource, rule and field.
pub fn of(estate: &Estate) -> Vec<Drift> {
    let mut out = Vec::new();
    let mut deregistered: BTreeSet<(ResourceId, String)> = BTreeSet::new();
    for (id, entry) in estate.of_kind(Kind::Service) {
        let (Some(view), Some(document)) = (estate.service(id), entry.document()) else { continue };
        // The view holds no task sets and no reasons; most services need neither.
        let settled = |state: &Option<std::sync::Arc<str>>| state.as_deref() == Some("COMPLETED");
        let quiet = &*view.controller == "ECS" && view.deployments.iter().all(|d| settled(&d.rollout_state));
        let value = if quiet { serde_json::Value::Null } else { document.value() };
        stale::of_service(estate, id, &value, &mut deregistered, &mut out);
        rollout::of_service(id, &value, &mut out);
    }
    for (id, _) in estate.of_kind(Kind::Task) {
        stale::of_task(estate, id, &mut deregistered, &mut out);
    }
    stale::of_revisions(estate, &deregistered, &mut out);
    out.sort_by(|a, b| {
        let key = |d: &Drift| (d.resource.clone(), d.rule, d.from.clone(), d.to.clone());
        key(a).cmp(&key(b))
    });
    out
}

#[cfg(test)]
mod tests;
