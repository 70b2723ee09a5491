//! A running task, with what it overrides.

use serde_json::Value;

use super::page::Page;
use crate::estate::{FieldPath, visible};

pub(super) fn task(page: &mut Page<'_>) {
    let root = FieldPath::root();
    page.fields(&root, &["taskArn", "taskDefinitionArn", "clusterArn", "group", "startedBy"]);
    page.fields(&root, &["lastStatus", "desiredStatus", "healthStatus", "stopCode", "stoppedReason"]);
    page.fields(&root, &["launchType", "capacityProviderName", "platformVersion", "platformFamily", "cpu", "memory"]);
    page.fields(&root, &["availabilityZone", "containerInstanceArn", "connectivity", "enableExecuteCommand"]);
    page.fields(&root, &["createdAt", "startedAt", "stoppingAt", "stoppedAt"]);

    overrides(page, &root.member("overrides"));
    for (path, container) in page.each(&root.member("containers")) {
        page.gap();
        let name = container.get("name").and_then(Value::as_str).unwrap_or("-");
        page.heading(&format!("container {name}"), &path);
        page.covers(&path.member("name"));
        page.indented(|page| {
            page.fields(&path, &["image", "imageDigest", "lastStatus", "healthStatus", "exitCode", "reason"]);
            page.fields(&path, &["cpu", "memory", "memoryReservation", "runtimeId"]);
        });
    }
    let attachments = root.member("attachments");
    if !page.each(&attachments).is_empty() {
        page.gap();
        page.tree(&attachments);
    }
    page.tags();
}

/// AWS echoes one empty override per container; those say nothing.
fn overrides(page: &mut Page<'_>, base: &FieldPath) {
    let Some(Value::Object(members)) = page.at(base) else { return };
    let empty = |v: &Value| match v {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Null => true,
        _ => false,
    };
    let containers = base.member("containerOverrides");
    let said: Vec<(FieldPath, &Value)> = page
        .each(&containers)
        .into_iter()
        .filter(|(_, o)| o.as_object().is_some_and(|o| o.iter().any(|(name, v)| name != "name" && !empty(v))))
        .collect();
    let rest: Vec<&String> =
        members.iter().filter(|(name, v)| *name != "containerOverrides" && !empty(v)).map(|(name, _)| name).collect();
    if said.is_empty() && rest.is_empty() {
        page.line("overrides", "none", base);
        return;
    }
    page.gap();
    page.heading("overrides", base);
    page.indented(|page| {
        for name in rest {
            page.tree(&base.member(name));
        }
        for (path, container) in said {
            let name = container.get("name").and_then(Value::as_str).unwrap_or("-");
            page.heading(&format!("container {}", visible(name)), &path);
            page.covers(&path.member("name"));
            page.indented(|page| {
                page.pairs(&path.member("environment"), "name", "value");
                for member in container.as_object().into_iter().flatten().map(|(name, _)| name) {
                    if !["name", "environment"].contains(&member.as_str()) {
                        page.tree(&path.member(member));
                    }
                }
            });
        }
    });
    page.covers(base);
}
