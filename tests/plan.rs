//! Real engines, real providers, a real plan: an export of the demo account imports everything and changes nothing.
//!
//! The program and the provider read the same documents from the same loopback server.

// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/engines.rs"]
mod engines;
#[path = "support/facts.rs"]
mod facts;
#[path = "support/plans.rs"]
mod plans;
#[path = "support/pty.rs"]
mod pty;
#[path = "support/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use ecsight::aws::demo::Account;
use engines::{Pair, Planned, Provider, environment};
use facts::Schema;
use plans::{dialect, ecsight, evidence, files, import_only, nothing_left_out};
use serde_json::{Value, json};
use server::Server;

/// Every service that is exported names its cluster, and its revision unless that was skipped, by reference.
fn linked(pair: &Pair, planned: &Planned, evidence: &Value) {
    let skipped: Vec<&str> = evidence["skips"]
        .as_array()
        .expect("skips")
        .iter()
        .filter(|s| s["kind"] == "task_definition")
        .filter_map(|s| s["resource"].as_str()?.rsplit('/').next())
        .collect();
    let mut services = 0;
    for resource in planned.report.resources.iter().filter(|r| r.resource_type == "aws_ecs_service") {
        services += 1;
        let cluster = planned.report.references_of(&resource.address, "cluster");
        assert!(cluster.iter().any(|r| r.starts_with("aws_ecs_cluster.")), "{pair}: {} {cluster:?}", resource.address);
        let declared = resource.before["task_definition"].as_str().expect("a revision");
        let references = planned.report.references_of(&resource.address, "task_definition");
        assert!(
            references.iter().any(|r| r.starts_with("aws_ecs_task_definition.")) || skipped.contains(&declared),
            "{pair}: {} names {declared} as {references:?}",
            resource.address
        );
    }
    assert_eq!(services, 17, "{pair}: services of the demo account");
}

/// What can be imported of the demo account, counted from its documents: types, and how many of each.
fn importables(dialect: &str) -> BTreeMap<&'static str, usize> {
    let mut all = BTreeMap::from([
        ("aws_ecs_cluster", 4),
        ("aws_ecs_capacity_provider", 2),
        ("aws_ecs_service", 17),
        ("aws_appautoscaling_target", 3),
        ("aws_appautoscaling_policy", 5),
    ]);
    if dialect == "v6" {
        // The empty cluster has no capacity providers.
        all.insert("aws_ecs_cluster_capacity_providers", 3);
    }
    all
}

#[tokio::test]
async fn the_whole_demo_account_is_imported_and_nothing_changes() {
    let Some(environment) = environment("plans of the whole demo account") else { return };
    let schema = Schema::read();
    let server = Server::start(Account::demo());
    let folder = tempfile::tempdir().expect("a folder");
    for pair in environment.pairs() {
        for concise in [false, true] {
            let name = format!("{}-{}-{concise}", pair.command, dialect(&pair));
            let dir = folder.path().join(&name);
            let again = folder.path().join(format!("{name}-again"));
            for out in [&dir, &again] {
                let mut words =
                    vec!["export", "--all", "--dialect", dialect(&pair), "--out", out.to_str().expect("UTF-8")];
                words.extend(concise.then_some("--concise"));
                ecsight(&server, &words);
            }
            assert_eq!(files(&dir), files(&again), "{name}: same account, same bytes");
            assert_eq!(environment.fmt_check(&dir, &pair), "", "{name}: fmt");
            let planned = environment.plan(&dir, &pair, &server.url()).await;
            import_only(&planned, &name);
            let evidence = evidence(&dir);
            let imports = evidence["imports"].as_array().expect("imports").len();
            assert_eq!(planned.report.counts.import, imports, "{name}");
            let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
            for resource in &planned.report.resources {
                *by_type.entry(&resource.resource_type).or_default() += 1;
            }
            // Revisions: those in use and the newest of idle families, or a skip with its reason.
            let revisions = by_type.remove("aws_ecs_task_definition").expect("revisions");
            let skips = evidence["skips"].as_array().expect("skips");
            let skipped = skips.iter().filter(|s| s["kind"] == "task_definition").count();
            assert_eq!(revisions + skipped, 23, "{name}: 22 revisions in use, one family that nothing runs");
            assert!(skips.iter().all(|s| !s["reason"].as_str().expect("reason").is_empty()));
            assert_eq!(by_type, importables(dialect(&pair)), "{name}");
            linked(&pair, &planned, &evidence);
            nothing_left_out(&schema, &pair, &planned, &evidence, 40);
        }
    }
    assert_eq!(server.mutations(), 0);
}

#[tokio::test]
async fn two_services_and_all_they_depend_on() {
    let Some(environment) = environment("plans of two services") else { return };
    let server = Server::start(Account::demo());
    let folder = tempfile::tempdir().expect("a folder");
    for pair in environment.pairs() {
        let dir = folder.path().join(format!("{}-{}", pair.command, dialect(&pair)));
        let out = dir.to_str().expect("UTF-8");
        let services = ["--service", "prod-apps/payments", "--service", "prod-data/queue-worker"];
        let words: Vec<&str> =
            ["export", "--dialect", dialect(&pair), "--out", out].into_iter().chain(services).collect();
        ecsight(&server, &words);
        let planned = environment.plan(&dir, &pair, &server.url()).await;
        import_only(&planned, &pair.to_string());
    }
}

/// What is left out and renamed by hand, in the file of choices, changes names and links and nothing else.
#[tokio::test]
async fn edited_choices_plan_import_only() {
    let Some(environment) = environment("plans of edited choices") else { return };
    let server = Server::start(Account::demo());
    let folder = tempfile::tempdir().expect("a folder");
    for pair in environment.pairs() {
        let first = folder.path().join(format!("first-{}-{}", pair.command, dialect(&pair)));
        let second = folder.path().join(format!("second-{}-{}", pair.command, dialect(&pair)));
        let (from, out) = (first.to_str().expect("UTF-8"), second.to_str().expect("UTF-8"));
        let service = "prod-apps/catalog-api";
        ecsight(&server, &["export", "--dialect", dialect(&pair), "--service", service, "--out", from]);
        let saved = first.join("ecsight.export.toml");
        let arn = "arn:aws:ecs:eu-west-1:123456789012";
        let text = fs::read_to_string(&saved).expect("the choices");
        let text = text
            .replace("[skip]\n", &format!("[skip]\ncluster = [\"{arn}:cluster/prod-apps\"]\n"))
            .replace("[names]\n", &format!("[names.service]\n\"{arn}:service/{service}\" = \"shop_front\"\n"))
            .replace("concise = false", "concise = true");
        fs::write(&saved, text).expect("the choices");
        ecsight(&server, &["export", "--from", from, "--out", out]);
        let planned = environment.plan(&second, &pair, &server.url()).await;
        import_only(&planned, &pair.to_string());
        assert!(planned.report.resource("aws_ecs_service.shop_front").is_some());
        assert!(planned.report.resource("aws_ecs_cluster.prod-apps").is_none());
        assert!(planned.report.resource("aws_appautoscaling_target.catalog-api").is_some());
    }
    assert_eq!(server.mutations(), 0);
}

/// The whole way: a terminal, two marks, `x`, and a real plan of the folder that the screen names.
#[tokio::test]
async fn what_x_writes_in_a_terminal_plans_import_only() {
    let Some(environment) = environment("plans of what x writes") else { return };
    let server = Server::start(Account::demo());
    for pair in environment.pairs() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = server.url();
        let arguments = ["--dialect", dialect(&pair), "--endpoint-url", &url, "--region", "eu-west-1"];
        let credentials = [
            ("AWS_ACCESS_KEY_ID", "testing"),
            ("AWS_SECRET_ACCESS_KEY", "testing"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ];
        let program = Path::new(env!("CARGO_BIN_EXE_ecsight"));
        let mut terminal = pty::Terminal::start_with(program, &arguments, folder.path(), (120, 36), &credentials);
        terminal.wait_scanned();
        terminal.press("enter");
        terminal.wait("catalog-api");
        terminal.press("j j space j space x");
        terminal.wait("to import");
        let shown = folder.path().join("ecsight-export/123456789012-eu-west-1/catalog-api");
        assert!(terminal.text().contains("ecsight-export/123456789012-eu-west-1/catalog-api"), "{}", terminal.text());
        let planned = environment.plan(&shown, &pair, &url).await;
        import_only(&planned, &pair.to_string());
        assert!(planned.report.resource("aws_ecs_service.checkout").is_some());
    }
    assert_eq!(server.mutations(), 0);
}

/// An account of documents that the demo lacks: members left out, blocks that no HCL can say, older and newer shapes.
fn odd_account() -> Value {
    let arn = |resource: &str| format!("arn:aws:ecs:eu-west-1:123456789012:{resource}");
    let role = "arn:aws:iam::123456789012:role/odd";
    let service = |name: &str, more: Value| {
        let mut service = json!({
            "serviceArn": arn(&format!("service/odd/{name}")), "serviceName": name, "clusterArn": arn("cluster/odd"),
            "status": "ACTIVE", "desiredCount": 1, "runningCount": 1, "pendingCount": 0, "launchType": "EC2",
            "taskDefinition": arn("task-definition/plain:1"), "schedulingStrategy": "REPLICA",
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
            "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": arn("task-definition/plain:1")}],
            "createdAt": 1_700_000_000.5, "enableECSManagedTags": false, "propagateTags": "NONE",
        });
        for (member, value) in more.as_object().expect("members") {
            service[member] = value.clone();
        }
        service
    };
    let primary = |member: &str, value: Value| json!({"deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": arn("task-definition/plain:1"), member: value}]});
    let definition = |family: &str, more: Value| {
        let mut definition = json!({
            "taskDefinitionArn": arn(&format!("task-definition/{family}:1")), "family": family, "revision": 1,
            "status": "ACTIVE", "networkMode": "bridge", "volumes": [], "placementConstraints": [],
            "compatibilities": ["EC2"], "containerDefinitions": [{"name": "app", "image": "nginx:1", "cpu": 0, "memory": 64,
                "essential": true, "environment": [], "mountPoints": [], "volumesFrom": [], "portMappings": []}],
        });
        for (member, value) in more.as_object().expect("members") {
            definition[member] = value.clone();
        }
        json!({"taskDefinition": definition, "tags": []})
    };
    let hook = |more: Value| {
        let mut hook = json!({"hookTargetArn": "arn:aws:lambda:eu-west-1:123456789012:function:h", "roleArn": role, "lifecycleStages": ["PRE_SCALE_UP"]});
        for (member, value) in more.as_object().expect("members") {
            hook[member] = value.clone();
        }
        hook
    };
    let blue_green = |hooks: Value| json!({"deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "BLUE_GREEN", "lifecycleHooks": hooks}});
    json!({
        "identity": {"account": "123456789012", "arn": "arn:aws:sts::123456789012:assumed-role/r/s", "userId": "A", "region": "eu-west-1"},
        "clusters": [
            {"clusterArn": arn("cluster/odd"), "clusterName": "odd", "status": "ACTIVE", "capacityProviders": [], "defaultCapacityProviderStrategy": [],
             "settings": [{"name": "containerInsights", "value": "enabled"}], "configuration": {"executeCommandConfiguration": {"logConfiguration": {"cloudWatchLogGroupName": "/x"}}}},
            {"clusterArn": arn("cluster/nameless"), "clusterName": "nameless", "status": "ACTIVE", "serviceConnectDefaults": {}},
        ],
        "services": [
            service("plain", json!({})),
            service("no-configuration", json!({"deploymentConfiguration": null})),
            service("no-rollback", json!({"deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100, "deploymentCircuitBreaker": {"enable": true}}})),
            service("blue-green", blue_green(json!([hook(json!({"targetType": "AWS_LAMBDA", "hookDetails": {"b": [1, "<&>"], "a": "${x}"}}))]))),
            service("pause", blue_green(json!([{"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"], "timeoutConfiguration": {"timeoutInMinutes": 5, "action": "ROLLBACK"}}]))),
            service("hook-secret", blue_green(json!([hook(json!({"hookDetails": {"api_token": "ghp_R7bT2kQ9vXz4LmN8pWc3JfH6sYd1AaGeUo5i", "n": 1}}))]))),
            service("ebs", primary("volumeConfigurations", json!([{"name": "data", "managedEBSVolume": {"roleArn": role, "encrypted": true, "sizeInGiB": 5, "volumeType": "gp3"}}]))),
            service("two-aliases", primary("serviceConnectConfiguration", json!({"enabled": true, "namespace": "ns", "services": [
                {"portName": "http", "clientAliases": [{"port": 80}, {"port": 81}]}]}))),
            service("external", json!({"deploymentController": {"type": "EXTERNAL"}, "taskDefinition": null, "deployments": [], "desiredCount": 0,
                "taskSets": [{"id": "ts-1", "taskDefinition": arn("task-definition/alone:1"), "status": "PRIMARY", "launchType": "EC2"}]})),
            service("placed", json!({"placementStrategy": [{"type": "spread", "field": "attribute:ecs.availability-zone"}, {"type": "binpack", "field": "MEMORY"}],
                "placementConstraints": [{"type": "distinctInstance"}], "healthCheckGracePeriodSeconds": 7, "enableExecuteCommand": true,
                "loadBalancers": [{"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/0123456789abcdef", "containerName": "app", "containerPort": 80}],
                "roleArn": "arn:aws:iam::123456789012:role/own"})),
            service("volumes", json!({"taskDefinition": arn("task-definition/volumes:1")})),
            service("proxied", json!({"taskDefinition": arn("task-definition/proxied:1")})),
        ],
        "task_definitions": [
            definition("plain", json!({})),
            definition("alone", json!({})),
            definition("volumes", json!({"volumes": [
                {"name": "host", "host": {"sourcePath": "/srv"}}, {"name": "scratch", "host": {}},
                {"name": "docker", "dockerVolumeConfiguration": {"scope": "shared", "autoprovision": true, "driver": "local", "driverOpts": {"o": "x"}, "labels": {"a.b": "c"}}},
                {"name": "efs", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "transitEncryption": "ENABLED"}},
                {"name": "efs-root", "efsVolumeConfiguration": {"fileSystemId": "fs-2", "rootDirectory": "/"}}]})),
            definition("proxied", json!({"networkMode": "awsvpc", "cpu": "1 vCPU", "memory": "2 GB", "requiresCompatibilities": ["EC2"], "pidMode": "task", "ipcMode": "none",
                "proxyConfiguration": {"type": "APPMESH", "containerName": "app", "properties": [{"name": "ProxyIngressPort", "value": "15000"}, {"name": "AppPorts", "value": "80"}]},
                "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}]})),
        ],
        "capacity_providers": [], "tasks": [], "scalable_targets": [], "scaling_policies": [],
    })
}

#[tokio::test]
async fn odd_documents_are_imported_or_skipped_alone() {
    let Some(environment) = environment("plans of odd documents") else { return };
    let schema = Schema::read();
    let server = Server::start(Account::from_json(&odd_account()));
    for pair in environment.pairs() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("odd");
        ecsight(&server, &["export", "--all", "--dialect", dialect(&pair), "--out", dir.to_str().expect("UTF-8")]);
        let planned = environment.plan(&dir, &pair, &server.url()).await;
        import_only(&planned, &pair.to_string());
        let evidence = evidence(&dir);
        let mut skipped: Vec<String> = evidence["skips"]
            .as_array()
            .expect("skips")
            .iter()
            .filter(|s| s["kind"] != "capacity_provider")
            .map(|s| s["resource"].as_str().expect("a resource").rsplit('/').next().expect("a name").to_owned())
            .collect();
        skipped.sort();
        match pair.provider {
            // What 3.39 has no argument for cannot be wrong there.
            Provider::V3 => assert!(skipped.is_empty(), "{pair}: {skipped:?}"),
            Provider::V6 => assert_eq!(skipped, ["nameless", "two-aliases"], "{pair}"),
        }
        let text: String = files(&dir)
            .iter()
            .filter(|(name, _)| *name != "secrets.auto.tfvars")
            .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
            .collect();
        assert!(!text.contains("ghp_R7bT2"), "{pair}: a credential inside a document is a variable");
        assert!(text.contains("taskSets"), "{pair}: task sets are named");
        let alone = planned.report.resource("aws_ecs_task_definition.alone");
        assert!(alone.is_some(), "{pair}: what an EXTERNAL service runs is exported");
        nothing_left_out(&schema, &pair, &planned, &evidence, 10);
    }
}

/// The tags of a scalable target, which only a call of their own answers: written, or said to have no argument.
fn tags_of_targets(pair: &Pair, planned: &Planned, dir: &Path) {
    let code = fs::read_to_string(dir.join("autoscaling.tf")).expect("autoscaling.tf");
    let evidence = evidence(dir);
    assert_eq!(evidence["unread"], json!([]), "{pair}");
    let target = |name: &str| planned.report.resource(&format!("aws_appautoscaling_target.{name}")).expect("a target");
    match pair.provider {
        Provider::V6 => {
            assert!(
                code.contains("\"cost center\" = \"$${1001}\"") && !code.contains("aws:cloudformation"),
                "{pair}: {code}"
            );
            let read = json!({"team": "core", "cost center": "${1001}"});
            assert_eq!(target("connected").before["tags"], read, "{pair}: as the provider reads them");
            assert!(!code.contains("tags: whether it has any"), "{pair}: {code}");
        }
        Provider::V3 => {
            assert!(target("connected").before["tags"].is_null(), "{pair}");
            let said = evidence["not_written"].as_array().expect("not_written").iter();
            let said = said.filter(|note| note["address"] == "aws_appautoscaling_target.connected");
            assert!(said.clone().any(|note| note["field"] == "tags"), "{pair}: {:?}", said.collect::<Vec<_>>());
            assert!(code.contains("# ") && code.contains("core"), "{pair}: and stands in a comment: {code}");
        }
    }
}

/// Documents that set every member an argument can hold (`coverage` counts them): each argument is planned, none changes.
#[tokio::test]
async fn an_account_that_sets_all_it_can_is_imported() {
    let Some(environment) = environment("plans of an account that sets all it can") else { return };
    let schema = Schema::read();
    let documents = serde_json::from_str(include_str!("fixtures/full_account.json")).expect("JSON");
    let server = Server::start(Account::from_json(&documents));
    for pair in environment.pairs() {
        for concise in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            let dir = folder.path().join("full");
            let mut words = vec!["export", "--all", "--dialect", dialect(&pair), "--out", dir.to_str().expect("UTF-8")];
            words.extend(concise.then_some("--concise"));
            ecsight(&server, &words);
            assert_eq!(environment.fmt_check(&dir, &pair), "", "{pair}: fmt");
            let planned = environment.plan(&dir, &pair, &server.url()).await;
            import_only(&planned, &pair.to_string());
            let evidence = evidence(&dir);
            let mut skipped: Vec<String> = evidence["skips"]
                .as_array()
                .expect("skips")
                .iter()
                .map(|s| s["resource"].as_str().expect("a resource").rsplit('/').next().expect("a name").to_owned())
                .filter(|name| !name.starts_with("FARGATE"))
                .collect();
            skipped.sort();
            let new = [
                "forecast-custom",
                "forecast-pair",
                "forecast-pair-label",
                "forecast-predefined",
                "full-managed",
                "math",
            ];
            match pair.provider {
                Provider::V3 => assert_eq!(skipped, new, "{pair}"),
                Provider::V6 => assert!(skipped.is_empty(), "{pair}: {skipped:?}"),
            }
            tags_of_targets(&pair, &planned, &dir);
            nothing_left_out(&schema, &pair, &planned, &evidence, 10);
        }
    }
    assert_eq!(server.mutations(), 0);
}

/// `ecsight verify`, the command: 0 for an export as it was written, 1 with the differing attribute for one that was not,
/// and no credential in what it prints, not even one that only AWS still holds.
#[tokio::test]
async fn verify_judges_and_tells_no_credential() {
    let Some(environment) = environment("ecsight verify") else { return };
    let Some(pair) = environment.pairs().into_iter().find(|p| p.provider == Provider::V6) else { return };
    let server = Server::start(Account::demo());
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("export");
    let out = dir.to_str().expect("UTF-8");
    ecsight(&server, &["export", "--service", "prod-apps/payments", "--out", out]);
    let url = server.url();
    let verify = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecsight"));
        command.args(["verify", out, "--endpoint-url", &url, "--region", "eu-west-1", "--format", format]);
        command.arg("--engine").arg(environment.engine(&pair).program()).envs(environment.variables());
        let output = command.output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    };
    let (code, text) = verify("text");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("0 to add, 0 to change, 0 to destroy: import-only"), "{text}");

    let secrets = dir.join("secrets.auto.tfvars");
    let rotated =
        fs::read_to_string(&secrets).expect("secrets").replace("made-up-Plum7-Kettle!29", "rotated-Quince8-Anvil!31");
    fs::write(&secrets, rotated).expect("written");
    for format in ["text", "json"] {
        let (code, text) = verify(format);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("container_definitions{app}.environment{"), "{text}");
        let hidden = if format == "json" { "\"before\": \"(credential)\"" } else { "(credential), differs" };
        assert!(text.contains(hidden), "{text}");
        for secret in ["made-up-Plum7", "rotated-Quince8", "made-up-Falcon42Rain"] {
            assert!(!text.contains(secret), "{format} tells {secret}: {text}");
        }
    }
}
