//! A service: what is declared, what runs, and how one becomes the other.

use serde_json::Value;

use super::page::{Page, iso};
use crate::estate::{Estate, FieldPath, Kind, ResourceId, visible};

/// Events that are shown; AWS keeps the last hundred.
const EVENTS: usize = 5;

pub(super) fn service(page: &mut Page<'_>, estate: &Estate, id: &ResourceId) {
    let root = FieldPath::root();
    page.fields(&root, &["serviceName", "clusterArn", "status"]);
    let running = root.member("runningCount");
    let counts = ["runningCount", "desiredCount", "pendingCount"].map(|member| page.show(&root.member(member)));
    page.line("running", &format!("{}/{} ({} pending)", counts[0], counts[1], counts[2]), &running);
    page.covers(&root.member("desiredCount"));
    page.covers(&root.member("pendingCount"));
    declared(page, estate, id);
    page.fields(&root, &["launchType"]);
    page.list(&root.member("capacityProviderStrategy"), |page, path, item| {
        let provider = item.get("capacityProvider").and_then(Value::as_str).unwrap_or("-");
        let text = format!("weight {} base {}", page.show(&path.member("weight")), page.show(&path.member("base")));
        page.line(provider, &text, path);
    });
    page.fields(&root, &["platformVersion", "platformFamily", "schedulingStrategy"]);
    page.line(
        "deploymentController",
        page.text("deploymentController.type").unwrap_or("ECS"),
        &root.join("deploymentController.type"),
    );
    page.fields(&root, &["roleArn", "createdBy", "createdAt", "enableExecuteCommand", "enableECSManagedTags"]);
    page.fields(&root, &["propagateTags", "healthCheckGracePeriodSeconds", "availabilityZoneRebalancing"]);

    deployments(page);
    network(page, &root.join("networkConfiguration.awsvpcConfiguration"));
    let balancers = root.member("loadBalancers");
    for list in ["loadBalancers", "serviceRegistries", "placementConstraints", "placementStrategy"] {
        let path = root.member(list);
        if page.each(&path).is_empty() {
            page.covers(&path);
        } else {
            if path == balancers {
                page.gap();
            }
            page.tree(&path);
        }
    }
    let configuration = root.member("deploymentConfiguration");
    if page.at(&configuration).is_some() {
        page.gap();
        page.tree(&configuration);
    }
    scaling(page, estate, id);
    events(page);
    page.tags();
    page.gap();
    page.fields(&root, &["serviceArn"]);
}

fn declared(page: &mut Page<'_>, estate: &Estate, id: &ResourceId) {
    let path = FieldPath::root().member("taskDefinition");
    let Some(declared) = estate.declared(id) else {
        page.risky(&path);
        return;
    };
    let known = declared.family_revision().is_some_and(|(family, _)| estate.knows_newest(&id.scope, family));
    let text = match estate.behind(id).as_ref().and_then(ResourceId::family_revision) {
        Some((_, number)) => format!("{} (newest :{number})", visible(declared.name())),
        None if known => format!("{} (newest)", visible(declared.name())),
        None => visible(declared.name()),
    };
    page.line("taskDefinition", &text, &path);
}

fn deployments(page: &mut Page<'_>) {
    for list in ["deployments", "taskSets"] {
        let path = FieldPath::root().member(list);
        if page.each(&path).is_empty() {
            page.covers(&path);
            continue;
        }
        page.gap();
        page.list(&path, |page, path, item| {
            let text = |member: &str| item.get(member).and_then(Value::as_str).unwrap_or("-");
            let revision = text("taskDefinition").rsplit('/').next().unwrap_or("-");
            let count = |member: &str| page.show(&path.member(member));
            let running = item.get("runningCount").map_or_else(String::new, |_| {
                let wanted = if item.get("desiredCount").is_some() { "desiredCount" } else { "computedDesiredCount" };
                format!("  {}/{} running", count("runningCount"), count(wanted))
            });
            page.line(text("status"), &format!("{}{running}", visible(revision)), &path.member("taskDefinition"));
            for member in ["status", "runningCount", "desiredCount", "computedDesiredCount"] {
                page.covers(&path.member(member));
            }
            page.indented(|page| {
                page.fields(path, &["rolloutState", "rolloutStateReason", "stabilityStatus", "scale", "failedTasks"]);
                page.fields(path, &["id", "createdAt", "updatedAt", "launchType", "platformVersion"]);
                network(page, &path.join("networkConfiguration.awsvpcConfiguration"));
                for member in
                    ["capacityProviderStrategy", "serviceConnectConfiguration", "volumeConfigurations", "loadBalancers"]
                {
                    let below = path.member(member);
                    match page.at(&below) {
                        Some(Value::Array(items)) if items.is_empty() => page.covers(&below),
                        Some(_) => page.tree(&below),
                        None => {}
                    }
                }
            });
        });
    }
}

fn network(page: &mut Page<'_>, base: &FieldPath) {
    if page.at(base).is_none() {
        return;
    }
    page.fields(base, &["subnets", "securityGroups"]);
    page.risky(&base.member("assignPublicIp"));
}

fn scaling(page: &mut Page<'_>, estate: &Estate, id: &ResourceId) {
    for target in estate.scaling_of(id, Kind::ScalableTarget) {
        let Some(document) = estate.document(target) else { continue };
        let value = document.value();
        let number = |member: &str| value.get(member).map_or_else(|| "-".to_owned(), ToString::to_string);
        page.gap();
        page.plain(&format!("{:<26}  {} to {} tasks", "autoscaling", number("MinCapacity"), number("MaxCapacity")));
        for policy in estate.scaling_of(id, Kind::ScalingPolicy) {
            page.plain(&format!("  {:<24}  {}", "policy", policy.name()));
        }
    }
}

fn events(page: &mut Page<'_>) {
    let path = FieldPath::root().member("events");
    let all = page.each(&path);
    if all.is_empty() {
        page.covers(&path);
        return;
    }
    page.gap();
    let shown = all.len().min(EVENTS);
    page.heading(&format!("events (last {shown} of {})", all.len()), &path);
    page.indented(|page| {
        for (path, event) in all.into_iter().take(EVENTS) {
            let at = event.get("createdAt").and_then(Value::as_f64).map_or_else(|| "-".to_owned(), iso);
            let message = page.show(&path.member("message"));
            page.line(&at, &message, &path.member("message"));
        }
    });
    page.covers(&path);
}
