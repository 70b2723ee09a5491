//! `v` and `ecsight verify` with real engines: what an export became, and what somebody did to it afterwards.

// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/engines.rs"]
mod engines;
#[path = "support/png.rs"]
mod png;
#[path = "support/pty.rs"]
mod pty;
#[path = "support/server.rs"]
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ecsight::aws::demo::Account;
use ecsight::terraform::plan::{Class, Code, Explained, Reason, explain};
use engines::{Environment, Pair, Provider, environment};
use serde_json::{Value, json};
use server::Server;

/// An engine on two cores beside everything else takes its time.
const ENGINE: Duration = Duration::from_mins(3);

/// Pairs whose provider takes its endpoints from the environment, as the program gives them.
fn pairs(environment: &Environment) -> Vec<Pair> {
    environment.pairs().into_iter().filter(|pair| pair.provider == Provider::V6).collect()
}

fn terminal(environment: &Environment, pair: &Pair, server: &Server, folder: &Path) -> pty::Terminal {
    let url = server.url();
    let engine = environment.engine(pair).program().display().to_string();
    let arguments = ["--endpoint-url", &url, "--region", "eu-west-1", "--engine", &engine];
    let variables = environment.variables();
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let program = Path::new(env!("CARGO_BIN_EXE_ecsight"));
    let mut terminal = pty::Terminal::start_with(program, &arguments, folder, (120, 36), &variables);
    terminal.wait_scanned();
    terminal.press("enter");
    terminal.wait("catalog-api");
    terminal
}

/// Edits one resource block of an export, in whichever file it stands.
fn edit(dir: &Path, kind: &str, label: &str, change: impl Fn(&str) -> String) {
    let head = format!("resource \"{kind}\" \"{label}\" {{\n");
    for path in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        let Some(text) = fs::read_to_string(&path).ok().filter(|_| path.extension().is_some_and(|e| e == "tf")) else {
            continue;
        };
        if let Some(from) = text.find(&head) {
            let to = from + text[from..].find("\n}\n").unwrap() + 3;
            let changed = change(&text[from..to]);
            assert_ne!(changed, text[from..to], "{label}: the edit changes nothing");
            fs::write(&path, format!("{}{changed}{}", &text[..from], &text[to..])).unwrap();
            return;
        }
    }
    panic!("no {kind} {label} in {}", dir.display());
}

/// The demo account's documents, to be changed.
fn documents() -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    let mut all = Value::Object(serde_json::Map::new());
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|e| e == "json") && name != "planted" {
            all[name] = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        }
    }
    all
}

/// Runs the real binary against the loopback server; exit code and both outputs.
fn ecsight(environment: &Environment, server: &Server, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ecsight"))
        .args(arguments)
        .args(["--endpoint-url", &server.url(), "--region", "eu-west-1"])
        .envs(environment.variables())
        .env_remove("AWS_PROFILE")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn export(environment: &Environment, server: &Server, arguments: &[&str], out: &Path) {
    let arguments: Vec<&str> =
        ["export"].iter().chain(arguments).copied().chain(["--out", out.to_str().unwrap()]).collect();
    let (code, _, complaint) = ecsight(environment, server, &arguments);
    assert_eq!(code, Some(0), "{complaint}");
}

fn folder_of(folder: &Path) -> PathBuf {
    folder.join("ecsight-export/123456789012-eu-west-1/catalog-api")
}

/// The whole way on one screen: two marks, `x`, `v`, a verdict; then somebody edits the code, and `v` names the
/// argument, its class and what to do.
#[test]
fn x_then_v_then_a_verdict_and_an_edit_is_found() {
    let Some(environment) = environment("v after x, with a real engine") else { return };
    for pair in pairs(&environment) {
        let server = Server::start(Account::demo());
        let folder = tempfile::tempdir().unwrap();
        let mut terminal = terminal(&environment, &pair, &server, folder.path());
        terminal.press("j j space j space x");
        terminal.wait("to import");
        terminal.wait("v verify");
        terminal.press("v");
        terminal.wait("compare live objects");
        terminal.wait_at_most(ENGINE, "Enter why");
        let screen = terminal.text();
        assert!(screen.contains("9 to import, 0 to add, 0 to change, 0 to destroy:"), "{pair}: {screen}");
        assert!(screen.contains("import-only") && !screen.contains("NOT import-only"), "{pair}: {screen}");
        assert!(screen.contains("aws_ecs_service.catalog-api"), "{pair}: {screen}");

        edit(&folder_of(folder.path()), "aws_ecs_service", "checkout", |block| {
            let count = block.lines().find(|line| line.trim_start().starts_with("desired_count")).expect("a count");
            block.replacen(count, "  desired_count = 41", 1)
        });
        // Closed, and `v` again from the list.
        terminal.press("q v");
        terminal.wait("compare live objects");
        terminal.wait_at_most(ENGINE, "Enter why");
        let screen = terminal.text();
        assert!(screen.contains("1 to change") && screen.contains("(1 in place)"), "{pair}: {screen}");
        assert!(screen.contains("! in place: desired_count"), "{pair}: {screen}");
        assert!(screen.contains("code  41") && screen.contains("AWS member desiredCount"), "{pair}: {screen}");
        assert!(screen.contains("the code was edited"), "{pair}: {screen}");
        if let Some(folder) = std::env::var_os("ECSIGHT_SHOTS") {
            png::save(terminal.vt.screen(), &Path::new(&folder).join("verdict.png"));
        }
        assert_eq!(server.mutations(), 0);
    }
}

/// The engine is interrupted in order: by Esc, and by leaving while it runs. Nothing of it stays.
#[test]
fn esc_and_leaving_end_the_engine_and_leave_no_litter() {
    let Some(environment) = environment("an engine that is interrupted") else { return };
    let Some(pair) = pairs(&environment).into_iter().next() else { return };
    let server = Server::start(Account::demo());
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = terminal(&environment, &pair, &server, folder.path());
    terminal.press("j j x");
    terminal.wait("to import");
    server.delay_all(Duration::from_millis(1500));
    terminal.press("v");
    terminal.wait_at_most(ENGINE, "resources looked at");
    // The screen answers while the engine runs.
    terminal.press("esc");
    terminal.wait("Verify cancelled");
    terminal.press("v");
    terminal.wait_at_most(ENGINE, "resources looked at");
    terminal.press("ctrl-c");
    let (code, _) = terminal.end();
    assert_eq!(code, 130);
    let left: Vec<String> = fs::read_dir(folder_of(folder.path()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".terraform") || name.contains("tfstate"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Somebody changes the account after the export; the code is as it was. `ecsight verify` says so.
#[test]
fn a_change_in_the_account_is_told_from_an_edit() {
    let Some(environment) = environment("verify after a change in the account") else { return };
    let Some(pair) = pairs(&environment).into_iter().next() else { return };
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("export");
    export(&environment, &Server::start(Account::demo()), &["--service", "prod-apps/checkout"], &dir);
    let mut changed = documents();
    let services = changed["services"].as_array_mut().unwrap();
    let checkout = services.iter_mut().find(|s| s["serviceName"] == "checkout").unwrap();
    checkout["desiredCount"] = json!(23);
    checkout["enableExecuteCommand"] = json!(true);
    let server = Server::start(Account::from_json(&changed));
    let engine = environment.engine(&pair).program().display().to_string();
    let arguments = ["verify", dir.to_str().unwrap(), "--engine", &engine, "--format"];
    let verify = |format: &str| ecsight(&environment, &server, &[&arguments[..], &[format]].concat());

    let (code, text, progress) = verify("text");
    assert_eq!(code, Some(1), "{text}{progress}");
    assert!(text.contains("!  in place   desired_count: 23 -> "), "{text}");
    assert!(text.contains("AWS member desiredCount"), "{text}");
    assert!(text.contains("the code is as it was exported, so somebody changed desired_count in AWS since"), "{text}");
    assert!(progress.contains("plan") && !text.contains("live objects compared"), "{progress}");
    let last = text.lines().last().unwrap();
    assert!(last.contains("1 to change, 0 to destroy: NOT import-only (1 in place)"), "{last}");

    let (code, answer, _) = verify("json");
    assert_eq!(code, Some(1));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["import_only"], false);
    assert_eq!(answer["code"], "as_exported");
    assert_eq!(answer["engine"]["name"], "Terraform");
    assert_eq!(answer["phases"].as_array().unwrap().len(), 4);
    let service = answer["resources"].as_array().unwrap().iter().find(|r| r["address"] == "aws_ecs_service.checkout");
    let differences = service.unwrap()["differences"].as_array().unwrap();
    let command = differences.iter().find(|d| d["argument"] == "enable_execute_command").unwrap();
    assert_eq!(command["class"], "in place");
    assert_eq!(command["member"], "enableExecuteCommand");
    assert!(command["advice"].as_str().unwrap().contains("the code does not write it"), "{command}");
    assert_eq!(server.mutations(), 0);
}

/// An engine that fails quotes the line it fails at. Neither the message nor the hint holds a value, and the code is 2.
#[test]
fn what_an_engine_complains_about_is_masked() {
    let Some(environment) = environment("masked complaints of an engine") else { return };
    let Some(pair) = pairs(&environment).into_iter().next() else { return };
    let server = Server::start(Account::demo());
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("export");
    export(&environment, &server, &["--service", "prod-apps/payments"], &dir);
    let secrets = dir.join("secrets.auto.tfvars");
    let text = fs::read_to_string(&secrets).unwrap();
    let secret = "made-up-Plum7-Kettle!29";
    let line = text.lines().find(|line| line.contains(secret)).expect("a planted credential").to_owned();
    let engine = environment.engine(&pair).program().display().to_string();
    let verify = |format: &str| {
        ecsight(&environment, &server, &["verify", dir.to_str().unwrap(), "--engine", &engine, "--format", format])
    };
    // Broken so that the engine quotes it: a value that is never closed, and one with something after it.
    for broken in [line.trim_end_matches('"').to_owned(), format!("{line} what is this")] {
        fs::write(&secrets, text.replace(&line, &broken)).unwrap();
        for format in ["text", "json"] {
            let (code, out, complaint) = verify(format);
            let all = out + &complaint;
            assert_eq!(code, Some(2), "{all}");
            assert!(all.contains("secrets.auto.tfvars"), "{all}");
            assert!(!all.contains(secret) && !all.contains("Plum7"), "{all}");
        }
    }
    // The provider refuses to change a strategy: the hint names the cure.
    fs::write(&secrets, &text).unwrap();
    let strategic = folder.path().join("strategy");
    export(&environment, &server, &["--service", "prod-apps/catalog-api"], &strategic);
    edit(&strategic, "aws_ecs_service", "catalog-api", |block| {
        block.replacen("weight            = 1", "weight            = 7", 1)
    });
    let (code, _, complaint) =
        ecsight(&environment, &server, &["verify", strategic.to_str().unwrap(), "--engine", &engine]);
    assert_eq!(code, Some(2), "{complaint}");
    assert!(complaint.contains("every element that AWS says"), "{complaint}");
}

fn resource<'a>(all: &'a [Explained], address: &str) -> &'a Explained {
    all.iter().find(|r| r.address == address).unwrap_or_else(|| panic!("no {address}"))
}

fn reason<'a>(all: &'a [Explained], address: &str, path: &str) -> &'a Reason {
    let resource = resource(all, address);
    let found = resource.reasons.iter().find(|r| r.path == path);
    found.unwrap_or_else(|| panic!("no {path} in {resource:#?}"))
}

/// The known traps, each set in a real export and planned by a real engine with a real provider (or its double): the
/// class, the owner and the rule that come out are those of the provider's semantics.
#[tokio::test]
async fn traps_are_classified_as_the_engines_plan_them() {
    let Some(environment) = environment("plans of the known traps") else { return };
    let server = Server::start(Account::demo());
    let folder = tempfile::tempdir().unwrap();
    for pair in environment.pairs() {
        let is_v3 = pair.provider == Provider::V3;
        let dir = folder.path().join(format!("{}-{is_v3}", pair.command));
        export(&environment, &server, &["--all", "--dialect", if is_v3 { "v3" } else { "v6" }], &dir);
        let service = |label: &str, change: &dyn Fn(&str) -> String| edit(&dir, "aws_ecs_service", label, change);
        let definition =
            |label: &str, change: &dyn Fn(&str) -> String| edit(&dir, "aws_ecs_task_definition", label, change);
        service("cart-cache", &|b| b.replace("aws_ecs_cluster.prod-apps.arn", "aws_ecs_cluster.prod-apps.name"));
        service("checkout", &|b| {
            let line = b.lines().find(|l| l.trim_start().starts_with("task_definition ")).unwrap();
            b.replace(line, "  task_definition = aws_ecs_task_definition.checkout.arn")
        });
        service("edge-proxy", &|b| b.replacen('{', "{\n  wait_for_steady_state = true", 1));
        service("log-shipper", &|b| {
            if is_v3 { b.replace("  timeouts {}\n", "") } else { b.replacen('{', "{\n  timeouts {}", 1) }
        });
        service("notifications", &|b| b.replace("subnet-0a1b2c3d4e5f60002", "subnet-0123456789abcdef0"));
        service("accounts", &|b| b.replacen("tags = {", "tags = {\n    \"aws:made\" = \"up\"", 1));
        definition("search-api", &|b| {
            b.replacen("essential = true", "essential = true\n      privileged = false", 1)
                .replace("mountPoints = []", "")
        });
        definition("image-resizer", &|b| {
            let line = b.lines().find(|l| l.trim_start().starts_with("cpu ")).unwrap();
            let cpu: f64 = line.split('"').nth(1).unwrap().parse().unwrap();
            b.replacen(line, &format!("  cpu = \"{} vCPU\"", cpu / 1024.0), 1)
        });
        edit(&dir, "aws_appautoscaling_policy", "catalog-api_cpu", |b| {
            let line = b.lines().find(|l| l.trim_start().starts_with("target_value")).unwrap();
            b.replacen(line, "    target_value = 12.5", 1)
        });
        let report = environment.plan(&dir, &pair, &server.url()).await.report;
        let all = explain(&report, Code::Edited, &str::to_owned);
        let check = |label: &str, path: &str, class: Class, rule: Option<&str>, member: Option<&str>| {
            let reason = reason(&all, label, path);
            assert_eq!(reason.class, class, "{pair}: {label} {path}: {reason:?}");
            assert_eq!(reason.rule, rule, "{pair}: {label} {path}: {reason:?}");
            assert_eq!(reason.member.as_deref(), member, "{pair}: {label} {path}: {reason:?}");
        };
        check("aws_ecs_service.cart-cache", "cluster", Class::Replace, Some("2"), Some("clusterArn"));
        check("aws_ecs_service.checkout", "task_definition", Class::InPlace, Some("2"), Some("taskDefinition"));
        check("aws_ecs_service.edge-proxy", "wait_for_steady_state", Class::StateOnly, Some("2"), None);
        assert_eq!(resource(&all, "aws_ecs_service.edge-proxy").class, Class::StateOnly, "{pair}");
        check("aws_ecs_service.log-shipper", "timeouts", Class::StateOnly, Some("0.7"), None);
        let subnets = "network_configuration[0].subnets";
        let member = "networkConfiguration.awsvpcConfiguration.subnets";
        check("aws_ecs_service.notifications", subnets, Class::InPlace, None, Some(member));
        let moved = reason(&all, "aws_ecs_service.notifications", subnets);
        assert_eq!(moved.before, r#"["subnet-0a1b2c3d4e5f60002"]"#, "{pair}");
        assert_eq!(moved.after, r#"["subnet-0123456789abcdef0"]"#, "{pair}");
        check("aws_ecs_service.accounts", r#"tags["aws:made"]"#, Class::InPlace, Some("0.8"), Some("tags"));
        check("aws_ecs_service.accounts", r#"tags_all["aws:made"]"#, Class::Cosmetic, Some("0.8"), None);
        let privileged = "container_definitions{search}.privileged";
        let member = Some("containerDefinitions[].privileged");
        check("aws_ecs_task_definition.search-api", privileged, Class::Replace, None, member);
        let spelled = "container_definitions{search}.mountPoints";
        let member = Some("containerDefinitions[].mountPoints");
        check("aws_ecs_task_definition.search-api", spelled, Class::Cosmetic, Some("3"), member);
        // A service of a revision that is replaced changes with it, and is told so.
        check("aws_ecs_service.search-api", "task_definition", Class::InPlace, Some("0.6"), Some("taskDefinition"));
        let follows = reason(&all, "aws_ecs_service.search-api", "task_definition");
        assert!(follows.advice.contains("aws_ecs_task_definition.search-api"), "{pair}: {follows:?}");
        check("aws_ecs_task_definition.image-resizer", "cpu", Class::Replace, Some("3"), Some("cpu"));
        let target = "target_tracking_scaling_policy_configuration[0].target_value";
        let member = Some("TargetTrackingScalingPolicyConfiguration.TargetValue");
        check("aws_appautoscaling_policy.catalog-api_cpu", target, Class::InPlace, None, member);
        // What was left alone is what it was.
        assert_eq!(resource(&all, "aws_ecs_cluster.staging").class, Class::Nothing, "{pair}");
    }
    assert_eq!(server.mutations(), 0);
}
