//! PURE. What an ECS workload is allowed to be: rules, and the verdicts they give.

use serde::Serialize;

use crate::estate::{Estate, FieldPath, ResourceId};

/// How bad a failed rule is.
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

/// What a rule is, whatever it is asked about.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleMeta {
    /// For example `IDN-001`.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// Why it matters and what to do, one or two sentences.
    pub advice: &'static str,
    /// Severity when nothing raises or lowers it.
    pub severity: Severity,
}

/// What a rule says of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict", content = "why")]
pub enum Verdict {
    /// The subject breaks the rule.
    Fail,
    /// The subject keeps the rule.
    Pass,
    /// What the rule needs was not read. Never the same as a pass.
    Unknown(String),
}

/// One verdict of one rule on one field of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static RuleMeta,
    /// How bad, here.
    pub severity: Severity,
    /// Of which resource.
    pub resource: ResourceId,
    /// On which field; may name an absent member.
    pub field: FieldPath,
    /// What was seen, in words. Never a credential's value.
    pub evidence: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// Runs every rule on every described subject of the estate.
pub fn audit(_estate: &Estate) -> Vec<Finding> {
    Vec::new()
}
