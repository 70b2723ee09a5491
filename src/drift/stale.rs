//! What is declared against what is newest, and what is deregistered and still in use.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Class, Drift, STALE, Severity, Source};
use crate::estate::{Estate, FieldPath, ResourceId, revision_arn, visible};

/// Users of deregistered revisions: revision, and who uses it in words.
type Users = BTreeSet<(ResourceId, String)>;

pub(super) fn of_service(estate: &Estate, id: &ResourceId, value: &Value, users: &mut Users, out: &mut Vec<Drift>) {
    let declared = estate.declared(id);
    if let Some(revision) = &declared {
        let field = FieldPath::root().member("taskDefinition");
        let user = format!("declared by {}", visible(&id.to_string()));
        compare(estate, id, Source::Declared, field, revision, user, users, out);
    }
    let sets = value.get("taskSets").and_then(Value::as_array).into_iter().flatten().enumerate();
    for (at, set) in sets {
        let Some(named) = set.get("taskDefinition").and_then(Value::as_str) else { continue };
        let revision = revision_arn(&id.scope, named);
        // A draining set is on its way out; the declared revision has been compared already.
        let leaving = set.get("status").and_then(Value::as_str) == Some("DRAINING");
        if leaving || declared.as_ref() == Some(&revision) {
            continue;
        }
        let field = FieldPath::root().member("taskSets").index(at).member("taskDefinition");
        let user = format!("run by a task set of {}", visible(&id.to_string()));
        compare(estate, id, Source::Running, field, &revision, user, users, out);
    }
}

/// A task is compared for deregistration only: that it runs an older revision is its service's matter.
pub(super) fn of_task(estate: &Estate, id: &ResourceId, users: &mut Users, out: &mut Vec<Drift>) {
    let Some(view) = estate.task(id) else { return };
    let Some(revision) = view.task_definition.as_deref().map(|named| revision_arn(&id.scope, named)) else { return };
    let Some(status) = gone(estate, &revision) else { return };
    // The tasks of a service say nothing that its own row does not.
    if view.is_standalone() {
        let field = FieldPath::root().member("taskDefinitionArn");
        let evidence = format!("{} is {}", visible(revision.name()), visible(status));
        out.push(inactive(id, Source::Running, field, evidence));
    }
    users.insert((revision, format!("run by {}", visible(&id.to_string()))));
}

/// One entry on each deregistered revision in use, on its own `status`.
pub(super) fn of_revisions(estate: &Estate, users: &Users, out: &mut Vec<Drift>) {
    let mut by_revision: BTreeMap<&ResourceId, Vec<&str>> = BTreeMap::new();
    for (revision, user) in users {
        by_revision.entry(revision).or_default().push(user);
    }
    for (revision, who) in by_revision {
        let status = visible(gone(estate, revision).unwrap_or("INACTIVE"));
        let more = who.len().saturating_sub(1);
        let others = if more == 0 { String::new() } else { format!(" and {more} more") };
        let evidence = format!("{status}, {}{others}", who.first().copied().unwrap_or("in use"));
        out.push(inactive(revision, Source::Live, FieldPath::root().member("status"), evidence));
    }
}

fn inactive(id: &ResourceId, source: Source, field: FieldPath, evidence: String) -> Drift {
    Drift {
        rule: STALE,
        class: Class::InactiveInUse,
        severity: Severity::Medium,
        resource: id.clone(),
        between: (source, Source::Newest),
        from: Some(field),
        to: None,
        evidence,
    }
}

/// The status of a revision that is known not to be ACTIVE.
fn gone<'e>(estate: &'e Estate, revision: &ResourceId) -> Option<&'e str> {
    estate.revision_status(revision).filter(|status| !status.is_empty() && *status != "ACTIVE")
}

#[expect(clippy::too_many_arguments, reason = "one comparison, called for two fields")]
fn compare(
    estate: &Estate,
    id: &ResourceId,
    source: Source,
    field: FieldPath,
    revision: &ResourceId,
    user: String,
    users: &mut Users,
    out: &mut Vec<Drift>,
) {
    let newest = estate.newer(revision);
    let number = |of: &ResourceId| of.family_revision().map_or(0, |(_, number)| number);
    let step = newest.as_ref().map(|newest| format!(":{} -> :{}", number(revision), number(newest)));
    if let Some(status) = gone(estate, revision) {
        let step = step.map(|step| format!(", newest ACTIVE {step}")).unwrap_or_default();
        out.push(inactive(id, source, field, format!("{} is {}{step}", visible(revision.name()), visible(status))));
        users.insert((revision.clone(), user));
    } else if let Some(evidence) = step {
        out.push(Drift {
            rule: STALE,
            class: Class::NotNewest,
            severity: Severity::Low,
            resource: id.clone(),
            between: (source, Source::Newest),
            from: Some(field),
            to: None,
            evidence,
        });
    }
}
