//! PURE. Differences between two named sources, each with a name of its own. Never one "drifted" flag.

use serde::Serialize;

use crate::estate::{Estate, FieldPath, ResourceId};

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
    /// How bad, by name: drift lies below policy, so it brings its own word.
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

/// How much a difference weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// On its way: nothing to do yet.
    Info,
    /// Often deliberate.
    Low,
    /// Should be mended.
    Medium,
    /// Something has gone wrong.
    High,
}

/// Every difference that the estate alone shows.
pub fn of(_estate: &Estate) -> Vec<Drift> {
    Vec::new()
}
