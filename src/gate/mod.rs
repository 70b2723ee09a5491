//! PURE. The ground of every decision: findings and drift of one estate, computed as one unit of work.

use std::collections::BTreeMap;

use crate::drift::{self, Drift};
use crate::estate::{Estate, FieldPath, ResourceId};
use crate::policy::{self, Finding, Severity, Verdict};

/// Findings and drift of one estate. The screen keeps the last whole review.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Review {
    /// By resource, failures and unknowns only for display; passes are counted.
    pub findings: BTreeMap<ResourceId, Vec<Finding>>,
    /// By resource.
    pub drift: BTreeMap<ResourceId, Vec<Drift>>,
}

/// A sign on one field: what tree, Overview, JSON and HCL draw beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Which field.
    pub path: FieldPath,
    /// `!!` critical and high, `!` medium and low, `~` drift, `?` unknown.
    pub sign: &'static str,
    /// For example `IDN-001`.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What was seen.
    pub text: String,
}

impl Review {
    /// Reviews an estate.
    pub fn of(estate: &Estate) -> Self {
        let mut review = Self::default();
        for finding in policy::audit(estate) {
            review.findings.entry(finding.resource.clone()).or_default().push(finding);
        }
        for difference in drift::of(estate) {
            review.drift.entry(difference.resource.clone()).or_default().push(difference);
        }
        review
    }

    /// The marks of one resource, worst first.
    pub fn marks(&self, id: &ResourceId) -> Vec<Mark> {
        let findings = self.findings.get(id).into_iter().flatten().filter_map(|f| {
            let sign = match (&f.verdict, f.severity) {
                (Verdict::Pass, _) => return None,
                (Verdict::Unknown(_), _) => "?",
                (Verdict::Fail, Severity::Critical | Severity::High) => "!!",
                (Verdict::Fail, _) => "!",
            };
            let text = f.evidence.clone();
            Some(Mark { path: f.field.clone(), sign, rule: f.rule.id, severity: f.severity, text })
        });
        let drift = self.drift.get(id).into_iter().flatten().map(|d| Mark {
            path: d.from.clone().or_else(|| d.to.clone()).unwrap_or_default(),
            sign: "~",
            rule: d.rule,
            severity: match d.severity {
                drift::Severity::Info => Severity::Info,
                drift::Severity::Low => Severity::Low,
                drift::Severity::Medium => Severity::Medium,
                drift::Severity::High => Severity::High,
            },
            text: d.evidence.clone(),
        });
        let mut marks: Vec<Mark> = findings.chain(drift).collect();
        marks.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.path.cmp(&b.path)).then(a.rule.cmp(b.rule)));
        marks
    }
}
