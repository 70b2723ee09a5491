//! A credential that stands in more than one place: wherever it is known from, no public text holds it, and the plan of a real
//! engine changes nothing.
// Failing loudly is what a test is for, and documents read best where they are made.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::needless_pass_by_value)]

#[path = "support/engines.rs"]
mod engines;
#[path = "support/facts.rs"]
mod facts;
#[path = "support/hcl.rs"]
mod hcl_text;
#[path = "support/plans.rs"]
mod plans;
#[path = "support/server.rs"]
mod server;

use ecsight::aws::demo::Account;
use ecsight::aws::{Connect, Session};
use ecsight::commands::read_all;
use ecsight::estate::{Document, Estate, FieldPath, Kind, News, Observation, ResourceId, Scope, Segment, walk};
use ecsight::export::{Choices, Export, Options, Preview, export, pane};
use ecsight::report::{Planned, Target, dossier, planned_text};
use ecsight::terraform::Dialect;
use engines::environment;
use hcl_text::{argument, evaluate, resources, variables};
use plans::{dialect, ecsight, evidence, files, import_only};
use serde_json::{Value, json};
use server::Server;
use tokio_util::sync::CancellationToken;

/// Nothing but its name makes it a credential.
const PASSWORD: &str = "x9!fK2#qqqqZZ";
const TOKEN: &str = "ghp_R7bT2kQ9vXz4LmN8pWc3JfH6sYd1AaGeUo5i";

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

fn arn(resource: &str) -> String {
    scope().ecs_arn(resource)
}

/// A document as it was described.
fn described(estate: &mut Estate, kind: Kind, name: &str, value: &Value) -> ResourceId {
    let id = ResourceId::new(&scope(), kind, name);
    let raw = value.to_string().into();
    let document = Document { id: id.clone(), operation: "Describe".into(), observed_at: 1, raw };
    estate.observe(Observation { scope: scope(), observed_at: 1, news: News::Described(document) });
    id
}

fn definition(family: &str, container: Value) -> Value {
    let mut whole = json!({"name": "app", "image": "nginx:1", "essential": true});
    for (member, value) in container.as_object().unwrap() {
        whole[member] = value.clone();
    }
    json!({"taskDefinitionArn": arn(&format!("task-definition/{family}:1")), "family": family, "revision": 1,
        "status": "ACTIVE", "networkMode": "bridge", "compatibilities": ["EC2"], "containerDefinitions": [whole]})
}

/// An account of one service and two families; the service declares the first.
fn account(tags: Value, web: Value, job: Value) -> Value {
    json!({
        "identity": {"account": "123456789012", "arn": "arn:aws:sts::123456789012:assumed-role/r/s", "userId": "A", "region": "eu-west-1"},
        "clusters": [{"clusterArn": arn("cluster/c"), "clusterName": "c", "status": "ACTIVE", "settings": []}],
        "services": [{"serviceArn": arn("service/c/web"), "serviceName": "web", "clusterArn": arn("cluster/c"), "status": "ACTIVE",
            "desiredCount": 1, "launchType": "EC2", "schedulingStrategy": "REPLICA", "taskDefinition": arn("task-definition/web:1"),
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100}, "deployments": [], "tags": tags}],
        "task_definitions": [{"taskDefinition": definition("web", web), "tags": []}, {"taskDefinition": definition("job", job), "tags": []}],
    })
}

fn estate(account: &Value) -> (Estate, Vec<ResourceId>) {
    let mut estate = Estate::default();
    let mut all = Vec::new();
    for (kind, list, name) in [(Kind::Cluster, "clusters", "clusterArn"), (Kind::Service, "services", "serviceArn")] {
        for value in account[list].as_array().unwrap() {
            all.push(described(&mut estate, kind, value[name].as_str().unwrap(), value));
        }
    }
    for value in account["task_definitions"].as_array().unwrap() {
        let value = &value["taskDefinition"];
        all.push(described(&mut estate, Kind::TaskDefinition, value["taskDefinitionArn"].as_str().unwrap(), value));
    }
    (estate, all)
}

/// Every public text of an export, with the name by which a failure tells it.
fn public(estate: &Estate, selection: &[ResourceId], options: &Options) -> Vec<(String, String)> {
    let mut all = Vec::new();
    if let Ok(export) = dossier(estate, selection, options) {
        all.push((export.folder.clone(), export.folder.clone()));
        all.push(("the skips".into(), export.skips.iter().map(|skip| skip.reason.clone()).collect()));
        all.extend(export.files.into_iter().filter(|(_, file)| !file.private).map(|(name, file)| (name, file.text)));
    }
    all.extend(selection.iter().map(|id| (format!("pane of {id}"), pane(estate, id, selection, options).text())));
    let choices = Choices::of(scope(), selection, options.clone());
    let preview = Preview::of(estate, &choices);
    let planned = Planned { target: Target::New("x".into()), compared: None, remarks: Vec::new() };
    all.push(("dry run".into(), preview.known.mask(&planned_text(&preview, &choices, &planned))));
    all
}

fn silent(estate: &Estate, selection: &[ResourceId], options: &Options, secret: &str, what: &str) {
    for (name, text) in public(estate, selection, options) {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{what}: in {name}");
    }
}

fn names(export: &Export) -> Vec<&str> {
    let mut names: Vec<&str> = export.variables.iter().map(|variable| variable.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn equal_values_share_a_variable_and_texts_that_hold_one_have_their_own() {
    let environment = json!([
        {"name": "DB_PASSWORD", "value": PASSWORD}, {"name": "APP_SECRET", "value": "shorty9!"}, {"name": "Y", "value": "shorty9!"},
        {"name": "SPRING_DATASOURCE_PASSWORD", "value": "correcthorse"}, {"name": "Z", "value": "correcthorse"},
        {"name": "HINT", "value": "say correcthorse now"}, {"name": "PGPASSWORD", "value": "postgres"}, {"name": "DB", "value": "postgres"}]);
    let job = json!({"image": "postgres", "command": ["run", PASSWORD], "environment": [{"name": "FOO", "value": PASSWORD}],
        "futureField": {"note": PASSWORD, TOKEN: "x"}});
    let account = account(json!([{"key": "note", "value": PASSWORD}]), json!({"environment": environment}), job);
    let (estate, all) = estate(&account);
    for dialect in [Dialect::V3, Dialect::V6] {
        let options = Options { dialect, ..Options::default() };
        for secret in [PASSWORD, TOKEN, "shorty9!", "correcthorse"] {
            silent(&estate, &all, &options, secret, secret);
        }
        let export = export(&estate, &all, &options);
        assert_eq!(
            names(&export),
            ["web_APP_SECRET", "web_DB_PASSWORD", "web_HINT", "web_PGPASSWORD", "web_SPRING_DATASOURCE_PASSWORD"]
        );
        assert_eq!(export.variables.len(), 10, "a row for each field");
        assert_eq!(export.variable_count(), 5);
        assert!(export.files["task_definitions.tf"].text.contains("image     = \"postgres\""), "no word is hunted");
        assert!(
            export.files["task_definitions.tf"].text.contains("# not written: containerDefinitions[0].futureField")
        );
        assert!(export.remarks.is_empty(), "the net caught nothing in code: {:?}", export.remarks);
        // The code means what AWS said.
        let (variables, resources) = (variables(&export), resources(&export));
        for family in ["web", "job"] {
            let written = &resources[&format!("aws_ecs_task_definition.{family}")];
            let text = evaluate(argument(written, "container_definitions").unwrap(), &variables);
            let written: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
            let id = ResourceId::new(&scope(), Kind::TaskDefinition, &arn(&format!("task-definition/{family}:1")));
            let mut said = estate.document(&id).unwrap().value()["containerDefinitions"].clone();
            said[0].as_object_mut().unwrap().remove("futureField");
            assert_eq!(written, said, "{family}");
        }
    }
}

#[test]
fn what_bears_a_credential_as_its_name_or_as_a_key_is_left_out_and_nobody_tells_it() {
    let named = |name: &str, web: Value| account(json!([{"key": name, "value": "x"}]), web, json!({}));
    let skipped = |account: &Value| {
        let (estate, all) = estate(account);
        silent(&estate, &all, &Options::default(), TOKEN, "a name or a key");
        export(&estate, &all, &Options::default()).skips
    };
    assert_eq!(skipped(&named("plain", json!({}))).len(), 0);
    let tagged = skipped(&named(TOKEN, json!({})));
    assert!(tagged.len() == 1 && tagged[0].reason.starts_with("a key of tags is, or holds"), "{tagged:?}");
    let labelled = skipped(&named("plain", json!({"dockerLabels": {format!("token={TOKEN}"): "x"}})));
    assert!(labelled.len() == 1 && labelled[0].reason.contains("containerDefinitions[0].dockerLabels"), "{labelled:?}");
    // A family is a name: its revision cannot be imported, and the service that names it is.
    let text =
        named("plain", json!({})).to_string().replace("task-definition/web:1", &format!("task-definition/{TOKEN}:1"));
    let family = skipped(
        &serde_json::from_str(&text.replace("\"family\":\"web\"", &format!("\"family\":\"{TOKEN}\""))).unwrap(),
    );
    assert!(family.len() == 1 && family[0].reason.contains("import id"), "{family:?}");
}

async fn demo() -> Estate {
    let session = Session::connect(&Connect { demo: true, ..Connect::default() }).await.expect("the demo account");
    read_all(&session, &CancellationToken::new()).await.expect("a scan")
}

fn pointer(path: &FieldPath) -> String {
    let step = |segment: &Segment| match segment {
        Segment::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        Segment::Index(index) => format!("/{index}"),
    };
    path.segments().iter().map(step).collect()
}

/// The law: a value that one document calls a credential stands in any string of another, and then in any key.
#[tokio::test]
async fn a_known_credential_in_any_string_or_key_of_another_document_stays_out_of_every_public_text() {
    let demo = demo().await;
    let service = ResourceId::new(&scope(), Kind::Service, &arn("service/prod-apps/catalog-api"));
    let revision = demo.declared(&service).unwrap();
    let selection = [
        service.clone(),
        described(&mut Estate::default(), Kind::TaskDefinition, &arn("task-definition/known:1"), &json!({})),
    ];
    let known = definition("known", json!({"environment": [{"name": "DB_PASSWORD", "value": PASSWORD}]}));
    let (mut strings, mut keys) = (0, 0);
    for id in [service.clone(), revision, ResourceId::cluster(&scope(), "prod-apps")] {
        let value = demo.document(&id).unwrap().value();
        let mut odd: Vec<(String, Value, &str)> = Vec::new();
        walk(&FieldPath::root(), &value, &mut |path, leaf| {
            let mut changed = value.clone();
            let place = changed.pointer_mut(&pointer(path)).unwrap();
            match (leaf, path.last_member()) {
                // A key of a pair is a key: a word's shape does not make it a credential.
                (Value::String(_), name) if name != Some("key") => {
                    *place = PASSWORD.into();
                    strings += 1;
                    odd.push((path.to_string(), changed, PASSWORD));
                }
                (Value::Object(members), _) => {
                    for name in members.keys() {
                        let mut changed = value.clone();
                        let object = changed.pointer_mut(&pointer(path)).unwrap().as_object_mut().unwrap();
                        let below = object.remove(name).unwrap();
                        object.insert(TOKEN.into(), below);
                        keys += 1;
                        odd.push((format!("{path}, key {name}"), changed, TOKEN));
                    }
                }
                _ => {}
            }
        });
        for (what, changed, secret) in odd {
            let mut account = demo.restricted(&ecsight::export::closure(&demo, std::slice::from_ref(&service)));
            described(&mut account, Kind::TaskDefinition, &arn("task-definition/known:1"), &known);
            let raw = changed.to_string().into();
            let document = Document { id: id.clone(), operation: "Describe".into(), observed_at: i64::MAX, raw };
            account.observe(Observation { scope: scope(), observed_at: i64::MAX, news: News::Described(document) });
            silent(&account, &selection, &Options::default(), secret, &format!("{id} {what}"));
        }
    }
    assert!(strings > 60 && keys > 60, "{strings} strings, {keys} keys");
}

#[tokio::test]
async fn an_account_that_repeats_its_credentials_plans_import_only() {
    let Some(environment) = environment("plans of repeated credentials") else { return };
    let web = json!({"memory": 64, "environment": [{"name": "DB_PASSWORD", "value": PASSWORD}, {"name": "A_PASSWORD", "value": "correcthorse"}],
        "dockerLabels": {"hint": "say correcthorse now", "copy": PASSWORD}});
    let job = json!({"memory": 64, "command": ["run", PASSWORD], "environment": [{"name": "FOO", "value": "correcthorse"}],
        "dockerLabels": {"note": format!("was {PASSWORD}")}});
    let tags = json!([{"key": "note", "value": PASSWORD}, {"key": "more", "value": format!("not {PASSWORD}")}]);
    let account = account(tags, web, job);
    let server = Server::start(Account::from_json(&account));
    for pair in environment.pairs() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("copies");
        ecsight(&server, &["export", "--all", "--dialect", dialect(&pair), "--out", dir.to_str().expect("UTF-8")]);
        let planned = environment.plan(&dir, &pair, &server.url()).await;
        import_only(&planned, &pair.to_string());
        assert_eq!(evidence(&dir)["imports"].as_array().expect("imports").len(), 4, "{pair}");
        for (name, bytes) in files(&dir) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let held = [PASSWORD, "correcthorse"].iter().filter(|secret| text.contains(**secret)).count();
            assert_eq!(held, if name == "secrets.auto.tfvars" { 2 } else { 0 }, "{pair}: {name}");
        }
    }
    assert_eq!(server.mutations(), 0);
}
