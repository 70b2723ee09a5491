//! `--replay`: what people have recorded, through the real program. No test sees a credential, a profile or a network.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]

#[path = "support/app.rs"]
mod app;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ecsight::tui::message::Message;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What the program said: exit code, standard output, standard error.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

fn run_with(arguments: &[&str], stdin: &[u8]) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ecsight"))
        .args(arguments)
        .env_clear()
        // Whatever would be asked of a network or of a profile, fails.
        .env("HOME", "/nonexistent")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn run(arguments: &[&str]) -> Said {
    run_with(arguments, b"")
}

fn arn(rest: &str) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:{rest}")
}

fn cluster(services: u64) -> Value {
    json!({"clusters": [{
        "clusterArn": arn("cluster/prod"), "clusterName": "prod", "status": "ACTIVE",
        "activeServicesCount": services, "runningTasksCount": 0, "pendingTasksCount": 0,
        "capacityProviders": [], "defaultCapacityProviderStrategy": [], "tags": [],
        "settings": [{"name": "containerInsights", "value": "disabled"}],
    }], "failures": []})
}

fn service(name: &str, desired: u64) -> Value {
    json!({"services": [{
        "serviceArn": arn(&format!("service/prod/{name}")), "serviceName": name, "clusterArn": arn("cluster/prod"),
        "status": "ACTIVE", "desiredCount": desired, "runningCount": desired, "pendingCount": 0,
        "launchType": "FARGATE", "taskDefinition": arn("task-definition/web:3"),
        "schedulingStrategy": "REPLICA", "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
        "createdAt": "2024-05-01T12:00:00.250000+02:00",
        "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": arn("task-definition/web:3"),
                         "createdAt": "2024-05-01T12:00:00+02:00", "updatedAt": "2024-05-01T12:00:00+02:00"}],
        "events": [], "loadBalancers": [], "enableExecuteCommand": false, "propagateTags": "NONE",
        "tags": [{"key": "team", "value": "shop"}],
    }], "failures": []})
}

fn definition(revision: u64) -> Value {
    json!({"taskDefinition": {
        "taskDefinitionArn": arn(&format!("task-definition/web:{revision}")), "family": "web", "revision": revision,
        "status": "ACTIVE", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "requiresCompatibilities": ["FARGATE"],
        "registeredAt": "2024-04-30T08:00:00+00:00", "volumes": [], "placementConstraints": [],
        "containerDefinitions": [{
            "name": "web", "image": "nginx:1", "essential": true, "memory": "0.5 GB", "novelty": {"on": true},
            "dockerLabels": {"createdAt": "2024-05-01T12:00:00+02:00"},
            "environment": [], "mountPoints": [], "volumesFrom": [], "portMappings": [],
        }],
    }, "tags": []})
}

fn targets() -> Value {
    json!({"ScalableTargets": [{
        "ServiceNamespace": "ecs", "ResourceId": "service/prod/web", "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 1, "MaxCapacity": 4, "RoleARN": "arn:aws:iam::123456789012:role/scale",
        "CreationTime": "2024-05-01T12:00:00+02:00",
        "SuspendedState": {"DynamicScalingInSuspended": false, "DynamicScalingOutSuspended": false,
                           "ScheduledScalingSuspended": false},
    }]})
}

fn identity() -> Value {
    json!({"UserId": "AROA1:me", "Account": "123456789012", "Arn": "arn:aws:sts::123456789012:assumed-role/<ro>/me"})
}

/// A whole account as a loop over the AWS CLI leaves it: indented documents, one behind the other.
fn loop_of_calls() -> String {
    let all = [
        identity(),
        cluster(2),
        service("web", 2),
        service("api", 1),
        definition(3),
        targets(),
        json!({"ScalingPolicies": []}),
        json!({"capacityProviders": [], "failures": []}),
        json!({"taskDefinitionArns": [arn("task-definition/web:3")]}),
    ];
    all.map(|document| format!("{document:#}\n")).concat()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn scan(source: &Path) -> Said {
    run(&["scan", "--format", "json", "--replay", source.to_str().unwrap()])
}

/// Subject and reason of everything that was not read.
fn gaps(scan: &Value) -> Vec<String> {
    let gaps = scan["denied"].as_array().unwrap().iter();
    gaps.map(|gap| format!("{}: {}", gap["subject"].as_str().unwrap(), gap["message"].as_str().unwrap())).collect()
}

#[test]
fn a_loop_over_the_cli_is_an_account() {
    let folder = folder();
    let all = file(&folder, "all.json", loop_of_calls());
    let said = scan(&all);
    let scan = said.json();
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(scan["account"], "123456789012");
    assert_eq!(scan["caller"], "arn:aws:sts::123456789012:assumed-role/<ro>/me");
    assert_eq!(scan["clusters"][0]["services_complete"], true);
    let web = &scan["services"][1];
    assert_eq!((&web["name"], &web["declared"], &web["behind"]), (&json!("web"), &json!("web:3"), &json!(false)));
    assert_eq!(web["autoscaled"], true);
    assert_eq!(
        gaps(&scan),
        [
            "capacity providers: the recording holds no capacity providers",
            "scalable targets: the recording may not hold all scalable targets",
            "scaling policies: the recording holds no scaling policies",
        ]
    );
    // Whose scaling was asked for, an answer does not say.
    assert_eq!(scan["services"][0]["autoscaled"], Value::Null);
    assert!(said.err.contains("took 1 cluster, 2 services, 1 task definition, 1 scalable target"), "{}", said.err);

    // Times are those of the wire again, and what nobody knows is shown as it is.
    let source = all.to_str().unwrap();
    let shown = run(&["show", "--replay", source, "prod/web"]).out;
    assert!(shown.contains("2024-05-01T10:00:00Z"), "{shown}");
    let shown = run(&["show", "--format", "json", "--replay", source, "web:3"]).json();
    let container = &shown["document"]["containerDefinitions"][0];
    assert_eq!(container["memory"], "0.5 GB", "{shown:#}");
    assert_eq!(container["novelty"], json!({"on": true}));
    assert_eq!(container["dockerLabels"]["createdAt"], "2024-05-01T12:00:00+02:00", "a label is no time");
    assert_eq!(shown["document"]["registeredAt"], 1_714_464_000);
    assert_eq!(run(&["tasks", "--replay", source]).code, 0);

    let target = folder.path().join("export");
    let said = run(&["export", "--service", "prod/web", "--replay", source, "--out", target.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    let written = |name: &str| std::fs::read_to_string(target.join(name)).unwrap();
    assert!(written("services.tf").contains("ignore_changes = [desired_count]"), "{}", written("services.tf"));
    assert!(written("services.tf").contains("team = \"shop\""));
    assert!(written("imports.tf").contains("prod/web"));
    assert!(written("providers.tf").contains("123456789012"));
}

#[test]
fn every_shape_and_encoding_of_the_same_answers_is_the_same_account() {
    let folder = folder();
    let text = loop_of_calls();
    let documents: Vec<Value> =
        serde_json::Deserializer::from_str(&text).into_iter::<Value>().map(Result::unwrap).collect();
    let wanted = scan(&file(&folder, "wanted.json", &text)).out;
    let lines = documents.iter().map(Value::to_string).collect::<Vec<_>>().join("\r\n");
    let array = Value::from(documents.clone()).to_string();
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let bom = format!("\u{feff}{text}").into_bytes();
    for (name, bytes) in
        [("lines", lines.into_bytes()), ("array", array.into_bytes()), ("le", utf16), ("be", big), ("bom", bom)]
    {
        assert_eq!(scan(&file(&folder, name, bytes)).out, wanted, "{name}");
    }
    let piped = run_with(&["scan", "--format", "json", "--replay", "-"], text.as_bytes());
    assert_eq!(piped.out, wanted, "{}", piped.err);
    // A folder with a file for each, one of them below.
    std::fs::create_dir(folder.path().join("many")).unwrap();
    std::fs::create_dir(folder.path().join("many/below")).unwrap();
    for (number, document) in documents.iter().enumerate() {
        let below = if number % 2 == 0 { "many" } else { "many/below" };
        file(&folder, &format!("{below}/{number}.json"), document.to_string());
    }
    assert_eq!(scan(&folder.path().join("many")).out, wanted);
    // Bare objects, as --query leaves them.
    let bare = [
        documents[0].clone(),
        documents[1]["clusters"][0].clone(),
        documents[2]["services"].clone(),
        documents[3]["services"][0].clone(),
        documents[4]["taskDefinition"].clone(),
        documents[5].clone(),
        documents[6].clone(),
        documents[8].clone(),
    ];
    let scanned = scan(&file(&folder, "bare.json", Value::from(bare.to_vec()).to_string())).json();
    let wanted: Value = serde_json::from_str(&wanted).unwrap();
    for part in ["clusters", "services", "task_definitions"] {
        assert_eq!(scanned[part], wanted[part], "{part}");
    }
}

#[test]
fn the_folder_of_the_demo_account_exports_what_the_demo_exports() {
    let folder = folder();
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo");
    let export = |source: &[&str], name: &str| {
        let target = folder.path().join(name);
        let wish = ["export", "--service", "prod-apps/catalog-api", "--out", target.to_str().unwrap()];
        let said = run(&[&wish, source].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        let read = |name: &str| std::fs::read_to_string(target.join(name)).unwrap();
        let code =
            ["services.tf", "task_definitions.tf", "autoscaling.tf", "clusters.tf", "imports.tf", "providers.tf"];
        (code.map(read), said.out, read("REVIEW.md"))
    };
    let (mut replayed, said, review) = export(&["--replay", demo], "replayed");
    let (exported, ..) = export(&["--demo"], "demo");
    // No recording can tell the tags of scalable targets: the one line that says so is all that differs.
    let why = "not recorded: application-autoscaling:ListTagsForResource";
    let unknown = format!("  # tags: whether it has any is not known ({why}); if it has, write them here\n");
    assert!(replayed[2].contains(&unknown), "{}", replayed[2]);
    replayed[2] = replayed[2].replace(&unknown, "");
    assert_eq!(replayed, exported);
    assert!(said.contains(&format!("not read, for scalable target catalog-api: its tags ({why})")), "{said}");
    assert!(review.contains(&format!("| its tags | {why} |")), "{review}");
}

#[test]
fn recorded_tags_of_a_scalable_target_are_refused_with_the_reason() {
    let folder = folder();
    let tags = json!({"Tags": {"team": "core"}}).to_string();
    std::fs::write(folder.path().join("service.json"), service("web", 2).to_string()).unwrap();
    std::fs::write(folder.path().join("tags.json"), tags).unwrap();
    let said = scan(folder.path());
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("list-tags-for-resource answers, which does not say whose tags they are"),
        "{}",
        said.err
    );
}

#[test]
fn what_was_not_recorded_is_a_gap_and_no_fact() {
    let folder = folder();
    let said = scan(&file(&folder, "service.json", service("web", 2).to_string()));
    let scan = said.json();
    assert_eq!(said.code, 0);
    // The cluster that the service names leads to it.
    assert_eq!(scan["clusters"][0]["name"], "prod");
    assert_eq!(scan["clusters"][0]["services_complete"], false);
    assert_eq!(scan["services"][0]["name"], "web");
    assert_eq!(scan["services"][0]["behind"], Value::Null);
    assert_eq!(scan["services"][0]["declared_status"], Value::Null, "not INACTIVE, only unknown");
    assert_eq!(scan["caller"], "arn:aws:sts::123456789012:not-recorded");
    let gaps = gaps(&scan);
    for subject in [
        "capacity providers",
        "services of prod",
        "tasks of prod",
        "revisions of web",
        "scalable targets",
        "scaling policies",
        "cluster prod",
        "task definition web:3",
    ] {
        assert!(gaps.iter().any(|gap| gap.starts_with(&format!("{subject}: "))), "{subject}: {gaps:#?}");
    }
    let row = &scan["clusters"][0];
    for member in ["tasks", "running_tasks", "pending_tasks", "container_instances"] {
        assert_eq!(row[member], Value::Null, "{member}: {row:#}");
    }
    let reasons: Vec<&Value> = scan["denied"].as_array().unwrap().iter().map(|gap| &gap["reason"]).collect();
    assert!(reasons.iter().all(|reason| *reason == "not recorded"), "{reasons:?}");
    let text = run(&["scan", "--replay", folder.path().join("service.json").to_str().unwrap()]).out;
    assert!(text.contains("standalone tasks that are known, there may be more"), "{text}");
    // The export says that it does not know, and claims nothing.
    let target = folder.path().join("export");
    let source = folder.path().join("service.json");
    let said = run(&["export", "--all", "--replay", source.to_str().unwrap(), "--out", target.to_str().unwrap()]);
    assert!(said.out.contains("skipped cluster prod: not described"), "{}", said.out);
    assert!(!said.out.contains("does not exist"), "{}", said.out);
    let first = said.out.lines().next().unwrap();
    assert!(first.contains("lists and 2 descriptions not read: "), "{first}");
    for unread in ["services of prod (not recorded: ecs:ListServices)", "capacity providers (not recorded: "] {
        assert!(said.out.contains(unread), "{unread}: {}", said.out);
    }
    assert!(said.err.contains("warning: ") && said.err.contains("this may not be all"), "{}", said.err);
    let written = std::fs::read_to_string(target.join("services.tf")).unwrap();
    assert!(written.contains("whether a scalable target sets it is not known"), "{written}");
}

#[test]
fn a_part_of_a_cluster_is_not_all_of_it() {
    let folder = folder();
    let text = format!("{}{}", cluster(5), service("web", 2));
    let scan = scan(&file(&folder, "part.json", text)).json();
    assert_eq!(scan["clusters"][0]["services_complete"], false);
    let gap = "services of prod: the recording holds 1 of 5 active services of prod";
    assert!(gaps(&scan).iter().any(|said| said == gap), "{:#?}", gaps(&scan));
}

#[test]
fn what_aws_said_to_be_missing_is_missing() {
    let folder = folder();
    let gone = arn("service/prod/gone");
    let text = format!(
        "{}{}{}",
        cluster(1),
        json!({"serviceArns": [arn("service/prod/web"), gone]}),
        json!({"services": service("web", 2)["services"], "failures": [{"arn": gone, "reason": "MISSING"}]})
    );
    let scan = scan(&file(&folder, "missing.json", text)).json();
    let names: Vec<&Value> = scan["services"].as_array().unwrap().iter().map(|service| &service["name"]).collect();
    assert_eq!(names, ["web"]);
    assert!(!gaps(&scan).iter().any(|gap| gap.contains("gone")));
}

#[test]
fn an_answer_about_scaling_is_of_the_services_that_it_names() {
    several(&[]);
    several(&[json!({"ScalableTargets": []})]);
}

fn several(more: &[Value]) {
    let folder = folder();
    let text = [&[cluster(2), service("web", 2), service("api", 1), targets()], more].concat();
    let text: String = text.iter().map(Value::to_string).collect();
    let source = file(&folder, "loop.json", text);
    let target = folder.path().join("export");
    let said = run(&["export", "--all", "--replay", source.to_str().unwrap(), "--out", target.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    let written = std::fs::read_to_string(target.join("services.tf")).unwrap();
    let (api, web) = written.split_once("resource \"aws_ecs_service\" \"web\"").unwrap();
    assert!(api.contains("whether a scalable target sets it is not known"), "{api}");
    assert!(web.contains("ignore_changes = [desired_count]"), "{web}");
}

#[test]
fn a_revision_alone_is_shown_and_exported() {
    let folder = folder();
    let mut revision = definition(7)["taskDefinition"].clone();
    revision["containerDefinitions"][0]["memory"] = json!(512);
    let source = file(&folder, "td.json", revision.to_string());
    let said = run(&["scan", "--replay", source.to_str().unwrap()]);
    assert!(said.out.contains("web:7"), "{}", said.out);
    assert!(said.err.contains("1 task definition: recorded without --include TAGS"), "{}", said.err);
    let target = folder.path().join("export");
    let said = run(&["export", "--all", "--replay", source.to_str().unwrap(), "--out", target.to_str().unwrap()]);
    assert!(said.out.starts_with("1 to import"), "{}{}", said.out, said.err);
}

#[test]
fn the_later_answer_wins() {
    let folder = folder();
    file(&folder, "1.json", service("web", 2).to_string());
    file(&folder, "2.json", service("web", 5).to_string());
    let scan = scan(folder.path()).json();
    assert_eq!(scan["services"].as_array().unwrap().len(), 1);
    assert_eq!(scan["services"][0]["desired"], 5);
}

#[test]
fn two_regions_are_named_and_one_can_be_chosen() {
    let folder = folder();
    file(&folder, "here.json", service("web", 2).to_string());
    file(&folder, "there.json", service("api", 2).to_string().replace("eu-west-1", "us-east-1"));
    let said = run(&["scan", "--replay", folder.path().to_str().unwrap()]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("123456789012-eu-west-1 (1 service), 123456789012-us-east-1 (1 service)"),
        "{}",
        said.err
    );
    assert!(said.err.contains("--region"), "{}", said.err);
    let chosen = |region: &str| {
        run(&["scan", "--format", "json", "--region", region, "--replay", folder.path().to_str().unwrap()])
    };
    let scan = chosen("us-east-1").json();
    assert_eq!((&scan["region"], &scan["services"][0]["name"]), (&json!("us-east-1"), &json!("api")));
    assert!(chosen("us-west-2").err.contains("holds nothing of region us-west-2"));
    // Of two accounts the recorded caller says which.
    file(&folder, "other.json", service("old", 1).to_string().replace("123456789012", "210987654321"));
    assert_eq!(chosen("eu-west-1").code, 2);
    file(&folder, "who.json", identity().to_string());
    assert_eq!(chosen("eu-west-1").json()["services"][0]["name"], "web");
}

#[test]
fn what_is_no_answer_is_refused_by_name_and_the_rest_is_used() {
    let folder = folder();
    file(&folder, "good.json", service("web", 2).to_string());
    file(&folder, "register.json", json!({"family": "web", "containerDefinitions": []}).to_string());
    file(&folder, "create.json", json!({"cluster": "prod", "serviceName": "web", "desiredCount": 1}).to_string());
    file(&folder, "containers.json", json!([{"name": "web", "image": "nginx"}]).to_string());
    file(&folder, "table.json", "-----------\n| Describe |\n");
    file(&folder, "cut.json", "{\"services\": [");
    file(&folder, "hostile.json", json!({"serviceArn": "a\u{1b}[2J\u{202e}", "serviceName": "x"}).to_string());
    file(&folder, "notes.txt", "hello");
    let said = scan(folder.path());
    assert_eq!(said.code, 0);
    assert_eq!(said.json()["services"][0]["name"], "web");
    for (name, why) in [
        ("register.json", "taskDefinitionArn is missing"),
        ("create.json", "serviceArn is missing"),
        ("containers.json", "containers alone"),
        ("table.json", "--output json"),
        ("cut.json", "line 1 column"),
        ("hostile.json", "clusterArn is missing"),
        ("notes.txt", "does not end in .json"),
    ] {
        let line = said.err.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {}", said.err));
        assert!(line.contains(why), "{line}");
    }
    assert!(!said.err.contains(['\u{1b}', '\u{202e}']));
    // Alone each is an error.
    for (name, why) in [("register.json", "describe-task-definition"), ("create.json", "describe-services")] {
        let said = scan(&folder.path().join(name));
        assert_eq!((said.code, said.json()["error"]["kind"].clone()), (2, json!("malformed")));
        assert!(said.err.contains(name) && said.err.contains(why), "{}", said.err);
    }
    let empty = scan(&file(&folder, "empty", ""));
    assert!(empty.code == 2 && empty.err.contains("it is empty"), "{}", empty.err);
    let nowhere = scan(&folder.path().join("nowhere.json"));
    assert_eq!(nowhere.json()["error"]["kind"], "not_found");
}

#[cfg(unix)]
#[test]
fn a_pipe_within_a_folder_is_refused_and_not_waited_for() {
    let folder = folder();
    file(&folder, "good.json", service("web", 2).to_string());
    let pipe = folder.path().join("pipe.json");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let said = scan(folder.path());
    assert_eq!(said.json()["services"][0]["name"], "web");
    assert!(said.err.contains("not taken: pipe.json: it is no file"), "{}", said.err);
}

#[test]
fn hostile_files_are_errors_and_no_crash() {
    let folder = folder();
    let deep = format!("{{\"services\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
    let mut nested = service("web", 2);
    let mut below = json!("x");
    for _ in 0..110 {
        below = json!({ "a": below });
    }
    nested["services"][0]["below"] = below;
    for (name, text, why) in [
        ("deep", deep, "recursion limit"),
        ("nested", nested.to_string(), "nests deeper"),
        ("huge", "{\"a\": 1e999}".to_owned(), "line 1 column"),
        ("twice", "{\"services\": [], \"services\": []}".to_owned(), "stands twice"),
        ("nul", "{\"a\": 1}\0".to_owned(), "NUL byte"),
        ("number", "7".to_owned(), "no JSON object"),
        ("strings", "{\"services\": [\"a\", 1, null]}".to_owned(), "serviceArn is missing"),
        ("object", "{\"services\": {\"web\": {\"image\": \"x\"}}}".to_owned(), "no answer"),
    ] {
        let said = scan(&file(&folder, name, text));
        assert_eq!(said.code, 2, "{name}: {}", said.err);
        assert!(said.err.contains(why), "{name}: {}", said.err);
    }
}

#[test]
fn a_recording_is_no_account_to_plan_against() {
    let folder = folder();
    let source = file(&folder, "all.json", loop_of_calls());
    let source = source.to_str().unwrap();
    let said = run(&["verify", "--replay", source, folder.path().to_str().unwrap()]);
    assert!(said.code == 2 && said.err.contains("a real plan cannot reach a recording"), "{}", said.err);
    for other in [&["--demo"][..], &["--profile", "x"], &["--endpoint-url", "http://127.0.0.1:1"]] {
        let said = run(&[&["scan", "--replay", source], other].concat());
        assert!(said.code == 2 && said.err.contains("two sources"), "{other:?}: {}", said.err);
    }
    let said = run(&["--replay", "-"]);
    assert!(said.code == 2 && said.err.contains("standard input"), "{}", said.err);
}

#[test]
fn the_explorer_says_what_it_did_not_take() {
    let mut app = app::App::demo(100, 30);
    app.send(Message::Noted(vec!["all.json: took 1 service".into(), "not taken: td.json: it has no ARN".into()]));
    assert!(app.screen().contains("1 thing of the recording was not taken"), "{}", app.screen());
    app.press("!");
    assert!(app.screen().contains("not taken: td.json: it has no ARN"), "{}", app.screen());
}
