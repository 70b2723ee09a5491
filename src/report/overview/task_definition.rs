//! One revision of a family.

use serde_json::Value;

use super::page::Page;
use crate::estate::{Estate, FieldPath, ResourceId, visible};

pub(super) fn task_definition(page: &mut Page<'_>, estate: &Estate, id: &ResourceId) {
    let root = FieldPath::root();
    let family = root.member("family");
    let revision = root.member("revision");
    page.line("family:revision", &format!("{}:{}", page.show(&family), page.show(&revision)), &family);
    page.covers(&revision);
    let status = root.member("status");
    let told = page.show(&status);
    // A complete listing of the family may be newer than the document.
    let status_text = match estate.revision_status(id) {
        Some(now) if now != told => format!("{} (described as {told})", visible(now)),
        _ => told,
    };
    page.line("status", &status_text, &status);
    page.risky(&root.member("taskRoleArn"));
    page.risky(&root.member("executionRoleArn"));
    page.fields(&root, &["networkMode", "cpu", "memory", "requiresCompatibilities", "compatibilities"]);
    page.fields(&root, &["pidMode", "ipcMode"]);
    let platform = root.member("runtimePlatform");
    page.field(&platform);
    page.fields(&root, &["ephemeralStorage", "enableFaultInjection"]);

    for (path, container) in page.each(&root.member("containerDefinitions")) {
        page.gap();
        let name = container.get("name").and_then(Value::as_str).unwrap_or("-");
        page.heading(&format!("container {name}"), &path);
        page.covers(&path.member("name"));
        page.indented(|page| draw_container(page, &path));
    }

    let volumes = root.member("volumes");
    if !page.each(&volumes).is_empty() {
        page.gap();
        page.tree(&volumes);
    }
    page.gap();
    page.fields(&root, &["registeredBy", "registeredAt", "deregisteredAt", "taskDefinitionArn"]);
    page.list(&root.member("requiresAttributes"), |page, path, _| {
        let name = path.member("name");
        let text = page.show(&name);
        page.line("-", &text, &name);
    });
    page.tags();
}

fn draw_container(page: &mut Page<'_>, base: &FieldPath) {
    page.fields(base, &["image", "essential", "cpu", "memory", "memoryReservation"]);
    ports(page, &base.member("portMappings"));
    page.fields(base, &["privileged"]);
    page.risky(&base.member("user"));
    page.risky(&base.member("readonlyRootFilesystem"));
    arguments(page, &base.member("entryPoint"));
    arguments(page, &base.member("command"));
    page.fields(base, &["workingDirectory"]);
    page.pairs(&base.member("environment"), "name", "value");
    page.pairs(&base.member("secrets"), "name", "valueFrom");
    page.tree(&base.member("environmentFiles"));
    page.list(&base.member("mountPoints"), |page, path, mount| {
        let from = mount.get("sourceVolume").and_then(Value::as_str).unwrap_or("-");
        let read_only = mount.get("readOnly").and_then(Value::as_bool).unwrap_or(false);
        let at = page.show(&path.member("containerPath"));
        page.line(from, &format!("{at}{}", if read_only { " (read only)" } else { "" }), path);
    });
    page.tree(&base.member("dependsOn"));
    logs(page, base);
    page.tree(&base.member("firelensConfiguration"));
    if page.at(&base.member("healthCheck")).is_some() {
        page.tree(&base.member("healthCheck"));
    }
    page.tree(&base.member("dockerLabels"));
    page.tree(&base.member("linuxParameters"));
    for list in ["ulimits", "resourceRequirements", "systemControls", "volumesFrom"] {
        let path = base.member(list);
        if page.each(&path).is_empty() { page.covers(&path) } else { page.tree(&path) }
    }
    // AWS echoes these empty; an empty list says nothing.
    for list in ["environment", "secrets", "environmentFiles", "mountPoints", "portMappings", "dependsOn"] {
        let path = base.member(list);
        if page.each(&path).is_empty() {
            page.covers(&path);
        }
    }
}

fn ports(page: &mut Page<'_>, path: &FieldPath) {
    page.list(path, |page, path, port| {
        let number = |member: &str| port.get(member).and_then(Value::as_u64).map(|n| n.to_string());
        let container =
            number("containerPort").or_else(|| port.get("containerPortRange").and_then(Value::as_str).map(visible));
        let host = number("hostPort").filter(|host| Some(host) != container.as_ref());
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("tcp");
        let mut text = format!("{}/{}", container.unwrap_or_else(|| "-".into()), visible(protocol));
        if let Some(host) = host {
            text = format!("{text} on host port {host}");
        }
        if let Some(app) = port.get("appProtocol").and_then(Value::as_str) {
            text = format!("{text} {}", visible(app));
        }
        let name = port.get("name").and_then(Value::as_str).unwrap_or("port");
        let known = ["containerPort", "containerPortRange", "hostPort", "protocol", "appProtocol", "name"];
        page.line(name, &text, &path.member("containerPort"));
        for member in known {
            page.covers(&path.member(member));
        }
    });
}

/// One line for a short list of arguments; one each when an argument is a script or is masked.
fn arguments(page: &mut Page<'_>, path: &FieldPath) {
    let items = page.each(path);
    if items.is_empty() {
        page.covers(path);
        return;
    }
    let length: usize = items.iter().filter_map(|(_, v)| v.as_str()).map(str::len).sum();
    if items.len() == 1 || length < 60 && items.iter().all(|(path, _)| !page.is_masked(path)) {
        page.field(path);
        return;
    }
    page.list(path, |page, path, _| {
        let text = page.show(path);
        page.line("-", &text, path);
    });
}

fn logs(page: &mut Page<'_>, base: &FieldPath) {
    let path = base.member("logConfiguration");
    if page.at(&path).is_none_or(Value::is_null) {
        page.line("logConfiguration", "-", &path);
        return;
    }
    page.heading("logConfiguration", &path);
    page.indented(|page| {
        page.fields(&path, &["logDriver"]);
        page.tree(&path.member("options"));
        page.pairs(&path.member("secretOptions"), "name", "valueFrom");
        let secrets = path.member("secretOptions");
        if page.each(&secrets).is_empty() {
            page.covers(&secrets);
        }
    });
}
