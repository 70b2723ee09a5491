use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::estate::{Document, Gap, GapReason, News, Observation, Scope, Subject, revision_arn};
use crate::estate::{Listing, Timestamp};

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

fn observe(estate: &mut Estate, at: Timestamp, news: News) {
    estate.observe(Observation { scope: scope(), observed_at: at, news });
}

fn describe(estate: &mut Estate, id: &ResourceId, value: &Value) {
    let raw: Arc<str> = value.to_string().into();
    observe(estate, 1, News::Described(Document { id: id.clone(), operation: "Describe".into(), observed_at: 1, raw }));
}

fn service() -> ResourceId {
    ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn("service/prod/web"))
}

fn revision(number: u32) -> ResourceId {
    revision_arn(&scope(), &format!("web:{number}"))
}

/// A service on revision `declared`, of a family whose ACTIVE revisions are `active`.
fn estate(declared: u32, active: &[u32], service_value: Value) -> Estate {
    let mut estate = Estate::default();
    let mut value = service_value;
    value["taskDefinition"] = (*revision(declared).native).into();
    describe(&mut estate, &service(), &value);
    let ids = active.iter().map(|n| revision(*n)).collect();
    observe(&mut estate, 2, News::Listed { listing: Listing::Revisions("web".into()), ids, complete: true });
    estate
}

fn brief(drift: &[Drift]) -> Vec<String> {
    let line = |d: &Drift| {
        let field = d.from.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {} {}: {}", d.rule, d.severity.word(), field, d.evidence)
    };
    drift.iter().map(line).collect()
}

#[test]
fn an_older_revision_is_named_beside_the_newest() {
    assert_eq!(brief(&of(&estate(47, &[46, 47, 49], json!({})))), ["DRF-002 low taskDefinition: :47 -> :49"]);
    assert!(of(&estate(49, &[47, 49], json!({}))).is_empty());
}

#[test]
fn what_could_not_be_listed_is_not_claimed() {
    let mut estate = estate(47, &[47, 49], json!({}));
    let gap = Gap { observed_at: 9, reason: GapReason::Denied, action: "a".into(), message: "b".into() };
    let subject = Subject::Listing(scope(), Listing::Revisions("web".into()));
    assert_eq!(of(&estate).len(), 1);
    observe(&mut estate, 9, News::Denied(subject, gap));
    assert!(of(&estate).is_empty());
}

#[test]
fn a_deregistered_revision_is_marked_on_both_sides() {
    let mut estate = estate(12, &[14], json!({}));
    describe(&mut estate, &revision(12), &json!({"status": "INACTIVE"}));
    assert_eq!(
        brief(&of(&estate)),
        [
            "DRF-002 medium taskDefinition: web:12 is INACTIVE, newest ACTIVE :12 -> :14",
            "DRF-002 medium status: INACTIVE, declared by service prod/web",
        ]
    );
}

#[test]
fn a_rollout_brings_its_reason() {
    let deployments = json!({"deployments": [
        {"status": "PRIMARY", "rolloutState": "FAILED", "rolloutStateReason": "circuit\u{1b}[31m breaker"},
        {"status": "ACTIVE", "rolloutState": "COMPLETED"}]});
    assert_eq!(
        brief(&of(&estate(1, &[1], deployments))),
        ["DRF-003 high deployments[0].rolloutState: rollout failed: circuit␦[31m breaker"]
    );
    let done = json!({"deployments": [{"status": "PRIMARY", "rolloutState": "COMPLETED"}]});
    assert!(of(&estate(1, &[1], done)).is_empty());
}

#[test]
fn task_sets_are_deployments_too() {
    let sets = json!({"deploymentController": {"type": "CODE_DEPLOY"}, "taskSets": [
        {"status": "PRIMARY", "taskDefinition": &*revision(2).native, "stabilityStatus": "STEADY_STATE"},
        {"status": "ACTIVE", "taskDefinition": &*revision(3).native, "stabilityStatus": "STABILIZING"}]});
    let drift = of(&estate(2, &[2, 3], sets));
    assert_eq!(
        brief(&drift),
        [
            "DRF-002 low taskDefinition: :2 -> :3",
            "DRF-003 info taskSets[1].stabilityStatus: the task set has not settled",
        ]
    );
}

#[test]
fn two_deployments_without_a_state_have_not_converged() {
    let deployments = json!({"deployments": [{"status": "PRIMARY"}, {"status": "ACTIVE"}]});
    assert_eq!(
        brief(&of(&estate(1, &[1], deployments))),
        ["DRF-003 info deployments[1].status: an older deployment still runs"]
    );
}
