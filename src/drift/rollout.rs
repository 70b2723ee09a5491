//! What was asked for against what runs: rollouts that failed, or are on their way.

use serde_json::Value;

use super::{Class, Drift, ROLLOUT, Severity, Source};
use crate::estate::{FieldPath, ResourceId, visible};

fn text<'v>(value: &'v Value, member: &str) -> Option<&'v str> {
    value.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn elements<'v>(value: &'v Value, list: &str) -> Vec<(FieldPath, &'v Value)> {
    let path = FieldPath::root().member(list);
    let items = value.get(list).and_then(Value::as_array);
    items.into_iter().flatten().enumerate().map(|(at, item)| (path.index(at), item)).collect()
}

pub(super) fn of_service(id: &ResourceId, value: &Value, out: &mut Vec<Drift>) {
    let mut claim = |severity: Severity, field: FieldPath, evidence: String| {
        out.push(Drift {
            rule: ROLLOUT,
            class: Class::NotConverged,
            severity,
            resource: id.clone(),
            between: (Source::Declared, Source::Running),
            from: Some(field),
            to: None,
            evidence,
        });
    };
    let deployments = elements(value, "deployments");
    for (path, deployment) in &deployments {
        let reason = text(deployment, "rolloutStateReason").map(|reason| format!(": {}", visible(reason)));
        let (severity, words) = match text(deployment, "rolloutState") {
            Some("FAILED") => (Severity::High, "rollout failed"),
            Some("IN_PROGRESS") => (Severity::Info, "rollout in progress"),
            _ => continue,
        };
        claim(severity, path.member("rolloutState"), format!("{words}{}", reason.unwrap_or_default()));
    }
    // Services that never had a circuit breaker, and other controllers, tell no rollout state.
    let stated = deployments.iter().any(|(_, d)| text(d, "rolloutState").is_some());
    if !stated && deployments.len() > 1 {
        for (path, _) in deployments.iter().filter(|(_, d)| text(d, "status") == Some("ACTIVE")) {
            claim(Severity::Info, path.member("status"), "an older deployment still runs".into());
        }
    }
    let sets = elements(value, "taskSets");
    let primary = sets.iter().any(|(_, set)| text(set, "status") == Some("PRIMARY"));
    for (path, set) in &sets {
        if text(set, "stabilityStatus") == Some("STABILIZING") {
            claim(Severity::Info, path.member("stabilityStatus"), "the task set has not settled".into());
        } else if primary && sets.len() > 1 && text(set, "status") == Some("ACTIVE") {
            claim(Severity::Info, path.member("status"), "a second task set runs beside the primary one".into());
        }
    }
}
