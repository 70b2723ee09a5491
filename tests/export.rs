//! What an export's text holds, whatever AWS said: no engine needed.
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};

use ecsight::aws::{Connect, Session};
use ecsight::commands::read_all;
use ecsight::estate::{Document, Estate, FieldPath, Kind, Listing, News, Observation, ResourceId, Scope, Segment};
use ecsight::export::{Export, Need, Options, everything, export, needs, pane};
use ecsight::report::dossier;
use ecsight::terraform::Dialect;
use hcl::eval::{Context, Evaluate, FuncDef, ParamType};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

async fn demo() -> Estate {
    let connect = Connect { demo: true, ..Connect::default() };
    let session = Session::connect(&connect).await.expect("the demo account");
    read_all(&session, &CancellationToken::new()).await.expect("a scan")
}

fn options(dialect: Dialect, concise: bool) -> Options {
    Options { dialect, concise, ..Options::default() }
}

/// Evaluates an expression as an engine would: `jsonencode` and `nonsensitive` known, variables from the tfvars file.
fn evaluate(expression: &hcl::Expression, variables: &BTreeMap<String, String>) -> hcl::Value {
    let mut context = Context::new();
    let values: hcl::Map<String, hcl::Value> =
        variables.iter().map(|(name, value)| (name.clone(), hcl::Value::from(value.as_str()))).collect();
    context.declare_var("var", hcl::Value::Object(values));
    let json = |args: hcl::eval::FuncArgs| Ok(hcl::Value::from(serde_json::to_string(&args[0]).unwrap()));
    context.declare_func("jsonencode", FuncDef::builder().param(ParamType::Any).build(json));
    let same = |args: hcl::eval::FuncArgs| Ok(args[0].clone());
    context.declare_func("nonsensitive", FuncDef::builder().param(ParamType::Any).build(same));
    expression.evaluate(&context).expect("it evaluates")
}

fn variables(export: &Export) -> BTreeMap<String, String> {
    let Some(file) = export.files.get("secrets.auto.tfvars") else { return BTreeMap::new() };
    let body = hcl::parse(&file.text).expect("tfvars parse");
    body.attributes()
        .map(|a| (a.key().to_owned(), evaluate(a.expr(), &BTreeMap::new()).as_str().expect("a string").to_owned()))
        .collect()
}

fn is_terraform(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|e| e == "tf")
}

/// Every resource block of an export: address -> body.
fn resources(export: &Export) -> BTreeMap<String, hcl::Body> {
    let mut all = BTreeMap::new();
    for (name, file) in export.files.iter().filter(|(name, _)| is_terraform(name)) {
        let body = hcl::parse(&file.text).unwrap_or_else(|e| panic!("{name}: {e}\n{}", file.text));
        for block in body.into_blocks().filter(|b| b.identifier() == "resource") {
            let labels: Vec<&str> = block.labels().iter().map(hcl::BlockLabel::as_str).collect();
            let address = labels.join(".");
            assert!(all.insert(address.clone(), block.body().clone()).is_none(), "{address} stands twice");
        }
    }
    all
}

fn argument<'b>(body: &'b hcl::Body, name: &str) -> Option<&'b hcl::Expression> {
    body.attributes().find(|a| a.key() == name).map(hcl::Attribute::expr)
}

#[tokio::test]
async fn container_definitions_evaluate_to_what_the_api_said() {
    let estate = demo().await;
    for dialect in [Dialect::V3, Dialect::V6] {
        let export = export(&estate, &everything(&estate), &options(dialect, false));
        let (variables, resources) = (variables(&export), resources(&export));
        let mut compared = 0;
        for import in export.imports.iter().filter(|i| i.resource.kind == Kind::TaskDefinition) {
            let text = evaluate(argument(&resources[&import.address], "container_definitions").unwrap(), &variables);
            let written: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
            let document = estate.document(&import.resource).unwrap().value();
            assert_eq!(written, document["containerDefinitions"], "{}", import.address);
            compared += 1;
        }
        assert!(compared >= 15, "{compared}");
    }
}

#[tokio::test]
async fn no_planted_credential_leaves_the_private_file() {
    let planted: Value = serde_json::from_str(include_str!("../assets/demo/planted.json")).unwrap();
    let needles: Vec<&str> = planted["secret_values"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(needles.len() >= 5);
    let estate = demo().await;
    let mut private = String::new();
    for dialect in [Dialect::V3, Dialect::V6] {
        for concise in [false, true] {
            let export = dossier(&estate, &everything(&estate), &options(dialect, concise)).unwrap();
            for (name, file) in &export.files {
                if file.private {
                    private.push_str(&file.text);
                    continue;
                }
                for needle in &needles {
                    assert!(!file.text.contains(needle), "{name} holds {needle}");
                }
            }
        }
    }
    assert!(needles.iter().filter(|n| private.contains(**n)).count() >= 4, "the private file holds the values in use");
}

#[tokio::test]
async fn the_same_wish_gives_the_same_bytes_whatever_else_was_read() {
    let estate = demo().await;
    let service = |name: &str| ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/{name}")));
    let selection = [service("prod-apps/payments"), service("prod-apps/catalog-api")];
    let whole = dossier(&estate, &selection, &Options::default()).unwrap();
    let mut alone = Estate::default();
    let session = Session::connect(&Connect { demo: true, ..Connect::default() }).await.unwrap();
    let cancel = CancellationToken::new();
    ecsight::commands::complete(&session, &mut alone, &selection, ecsight::aws::now(), &cancel).await.unwrap();
    assert!(alone.of_kind(Kind::Service).count() < estate.of_kind(Kind::Service).count());
    assert_eq!(dossier(&alone, &selection, &Options::default()).unwrap(), whole);
    assert_eq!(whole.files.keys().filter(|n| is_terraform(n)).count(), 8, "{:?}", whole.files.keys());
}

#[tokio::test]
async fn a_fresh_account_needs_no_call_and_a_stale_one_is_read_again() {
    let estate = demo().await;
    let selection = everything(&estate);
    let read_at = estate.of_kind(Kind::Service).filter_map(|(_, e)| e.document()).map(|d| d.observed_at).min().unwrap();
    let idle = ResourceId::new(&scope(), Kind::TaskDefinition, &scope().ecs_arn("task-definition/csv-import:2"));
    assert_eq!(
        needs(&estate, &selection, read_at, read_at),
        [Need::Describe(idle)],
        "what a scan lists and does not read"
    );
    assert_eq!(needs(&estate, &selection[..20], read_at, read_at), []);
    let later = read_at + 120_000;
    let stale = needs(&estate, &selection, later, later);
    let described = |kind: Kind| stale.iter().filter(|n| matches!(n, Need::Describe(id) if id.kind == kind)).count();
    assert_eq!((described(Kind::Service), described(Kind::Cluster)), (17, 4));
    let revisions = selection.iter().filter(|id| id.kind == Kind::TaskDefinition).count();
    assert_eq!(described(Kind::TaskDefinition), revisions, "a revision's tags and status change");
    let newest = stale.iter().filter(|n| matches!(n, Need::List(_, Listing::Revisions(_)))).count();
    assert!(newest >= 15, "{newest}: the families of the declared revisions");
}

#[tokio::test]
async fn the_pane_shows_the_very_lines_of_the_export() {
    let estate = demo().await;
    let selection = everything(&estate);
    for dialect in [Dialect::V3, Dialect::V6] {
        let options = options(dialect, false);
        let export = export(&estate, &selection, &options);
        let all: String = export.files.values().map(|f| f.text.as_str()).collect::<Vec<_>>().join("\n");
        for import in &export.imports {
            let text = pane(&estate, &import.resource, &selection, &options).text();
            for block in text.trim_end().split("\n\nresource").flat_map(|b| b.split("\n\nimport")) {
                assert!(all.contains(block.trim_end()), "{}: not in the files:\n{block}", import.address);
            }
        }
    }
}

/// An account of one cluster, one service and its revision, from three documents.
fn account(cluster: &Value, service: &Value, definition: &Value) -> (Estate, ResourceId) {
    let scope = scope();
    let mut estate = Estate::default();
    let id = |kind, value: &Value, member: &str| ResourceId::new(&scope, kind, value[member].as_str().unwrap());
    let documents = [
        (id(Kind::Cluster, cluster, "clusterArn"), cluster),
        (id(Kind::Service, service, "serviceArn"), service),
        (id(Kind::TaskDefinition, definition, "taskDefinitionArn"), definition),
    ];
    let service_id = documents[1].0.clone();
    for (id, value) in documents {
        let document = Document { id, operation: "Describe".into(), observed_at: 1, raw: value.to_string().into() };
        estate.observe(Observation { scope: scope.clone(), observed_at: 1, news: News::Described(document) });
    }
    (estate, service_id)
}

/// Text that tries to leave its string, its label, its comment or its folder.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "${",
        "%{",
        "$${",
        "%%{",
        "}",
        "\"",
        "\\",
        "\n",
        "\r",
        "\t",
        "\u{0}",
        "\u{1b}[31m",
        "/",
        "..",
        "../",
        "#",
        "//",
        "<<EOT",
        "\nEOT\n",
        "é",
        "日本",
        "😀",
        "\u{202e}",
        "\u{2028}",
        "'",
        "`",
        "$",
        "%",
        "a",
        "B",
        "0",
        " ",
        "=",
        "~}",
        "${file(\"/etc/passwd\")}",
        "\"}\nresource \"x\" \"y\" {",
        "*/",
        "-",
        "_",
        ".",
    ]);
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Names and values come back from the HCL as they went in, and nothing they hold becomes code.
    #[test]
    fn hostile_names_and_values_stay_in_their_place(
        name in hostile(), family in hostile(), value in hostile(), key in hostile(), tag in hostile(), unknown in hostile(),
    ) {
        let cluster_arn = scope().ecs_arn(&format!("cluster/{name}"));
        let revision_arn = scope().ecs_arn(&format!("task-definition/{family}:3"));
        let cluster = json!({"clusterArn": cluster_arn, "clusterName": name, "status": "ACTIVE", "tags": [{"key": format!("k{key}"), "value": tag}]});
        let service = json!({"serviceArn": scope().ecs_arn(&format!("service/{name}/{family}")), "serviceName": family, "clusterArn": cluster_arn,
            "status": "ACTIVE", "taskDefinition": revision_arn, "desiredCount": 1, format!("zz{unknown}"): value});
        let containers = json!([{"name": value, "image": tag, "command": [value, key], "dockerLabels": {key.clone(): value},
            "environment": [{"name": key, "value": value}, {"name": "DB_PASSWORD", "value": format!("x9!{value}K2#qqqq")}]}]);
        let definition = json!({"taskDefinitionArn": revision_arn, "family": family, "revision": 3, "status": "ACTIVE", "containerDefinitions": containers});
        let (estate, id) = account(&cluster, &service, &definition);
        for dialect in [Dialect::V3, Dialect::V6] {
            let export = dossier(&estate, std::slice::from_ref(&id), &options(dialect, false)).unwrap();
            let (variables, resources) = (variables(&export), resources(&export));
            // Only resources that were planned exist: no text became a block of its own.
            let planned: BTreeSet<&str> = export.imports.iter().map(|i| i.address.as_str()).collect();
            prop_assert_eq!(resources.keys().map(String::as_str).collect::<BTreeSet<_>>(), planned);
            let get = |kind: Kind, argument_name: &str| {
                let import = export.imports.iter().find(|i| i.resource.kind == kind).unwrap();
                evaluate(argument(&resources[&import.address], argument_name).unwrap(), &variables)
            };
            prop_assert_eq!(get(Kind::Cluster, "name"), hcl::Value::from(name.as_str()));
            prop_assert_eq!(get(Kind::TaskDefinition, "family"), hcl::Value::from(family.as_str()));
            let text = get(Kind::TaskDefinition, "container_definitions");
            let written: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
            prop_assert_eq!(&written, &containers);
            for (file, content) in &export.files {
                prop_assert!(!file.contains('/') && file != "..", "{}", file);
                let control = content.text.chars().find(|c| c.is_control() && *c != '\n');
                prop_assert!(control.is_none(), "{} holds {:?}", file, control);
            }
            prop_assert!(!export.folder.contains('/') && !export.folder.starts_with('.') && !export.folder.is_empty());
            for import in &export.imports {
                let label = import.address.split_once('.').unwrap().1;
                let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                prop_assert!(label.chars().all(legal) && label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
            }
        }
    }
}

#[test]
fn what_no_argument_can_hold_is_said_in_the_code_and_in_the_review() {
    let cluster = json!({"clusterArn": scope().ecs_arn("cluster/c"), "clusterName": "c", "status": "ACTIVE"});
    let revision = scope().ecs_arn("task-definition/f:1");
    let service = json!({"serviceArn": scope().ecs_arn("service/c/s"), "serviceName": "s", "clusterArn": scope().ecs_arn("cluster/c"),
        "status": "ACTIVE", "taskDefinition": revision, "quantum": {"flux": 1}});
    let definition = json!({"taskDefinitionArn": revision, "family": "f", "revision": 1, "status": "ACTIVE", "containerDefinitions": [{"name": "a", "image": "b", "warp": 9}]});
    let (estate, id) = account(&cluster, &service, &definition);
    let export = dossier(&estate, &[id], &Options::default()).unwrap();
    assert!(
        export.files["services.tf"]
            .text
            .contains("# not written: quantum = {\"flux\":1} (ecsight does not know this member)")
    );
    assert!(export.files["task_definitions.tf"].text.contains("# not written: containerDefinitions[0].warp = 9"));
    for word in ["| quantum |", "containerDefinitions[0].warp"] {
        assert!(export.files["REVIEW.md"].text.contains(word), "{word}");
    }
}

#[test]
fn a_denied_revision_becomes_a_literal_and_a_skip() {
    let cluster = json!({"clusterArn": scope().ecs_arn("cluster/c"), "clusterName": "c", "status": "ACTIVE"});
    let service = json!({"serviceArn": scope().ecs_arn("service/c/s"), "serviceName": "s", "clusterArn": scope().ecs_arn("cluster/c"),
        "status": "ACTIVE", "taskDefinition": scope().ecs_arn("task-definition/f:9")});
    let other = json!({"taskDefinitionArn": scope().ecs_arn("task-definition/f:1"), "family": "f", "revision": 1, "status": "ACTIVE"});
    let (mut estate, id) = account(&cluster, &service, &other);
    let missing = estate.declared(&id).unwrap();
    let gap = ecsight::estate::Gap {
        observed_at: 5,
        reason: ecsight::estate::GapReason::Denied,
        action: "ecs:DescribeTaskDefinition".into(),
        message: "no".into(),
    };
    let subject = ecsight::estate::Subject::Resource(missing.clone());
    estate.observe(Observation { scope: scope(), observed_at: 5, news: News::Denied(subject, gap) });
    let wanted = needs(&estate, std::slice::from_ref(&id), 6, 5);
    assert!(!wanted.contains(&Need::Describe(missing.clone())), "what was refused is not asked for again");
    assert!(wanted.contains(&Need::List(scope(), Listing::ScalableTargetsOf("service/c/s".into()))));
    let export = export(&estate, &[id], &Options::default());
    assert!(export.files["services.tf"].text.contains("= \"f:9\""));
    let skip = export.skips.iter().find(|s| s.resource == missing).unwrap();
    assert!(skip.reason.contains("denied") && skip.reason.contains("ecs:DescribeTaskDefinition"), "{}", skip.reason);
}

/// Every string of a document but those that are its identity: a credential there must not reach a public file.
#[tokio::test]
async fn a_credential_in_any_string_stays_out_of_the_public_files() {
    const TOKEN: &str = "ghp_R7bT2kQ9vXz4LmN8pWc3JfH6sYd1AaGeUo5i";
    const IDENTITY: [&str; 13] = [
        "serviceName",
        "serviceArn",
        "clusterArn",
        "clusterName",
        "family",
        "taskDefinitionArn",
        "taskDefinition",
        "status",
        "networkMode",
        "schedulingStrategy",
        "resourceManagementType",
        "capacityProvider",
        "capacityProviders",
    ];
    let estate = demo().await;
    let mut tried = 0;
    for name in ["prod-apps/storefront", "prod-apps/accounts", "prod-apps/catalog-api"] {
        let service = ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/{name}")));
        let closure =
            [Some(service.clone()), estate.declared(&service), Some(ResourceId::cluster(&scope(), "prod-apps"))];
        for id in closure.into_iter().flatten() {
            let value = estate.document(&id).unwrap().value();
            let mut leaves = Vec::new();
            ecsight::estate::walk(&FieldPath::root(), &value, &mut |path, leaf| {
                let identity =
                    path.segments().iter().any(|s| IDENTITY.iter().any(|i| s == &Segment::Member((*i).into())));
                // Names are written wherever they are named: of containers, of variables, of tags.
                let key = matches!(path.last_member(), Some("key" | "name" | "containerName"));
                if leaf.is_string() && !identity && !key {
                    leaves.push(path.clone());
                }
            });
            for path in leaves {
                let mut odd = value.clone();
                let pointer = path.segments().iter().map(|s| match s {
                    Segment::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
                    Segment::Index(index) => format!("/{index}"),
                });
                *odd.pointer_mut(&pointer.collect::<String>()).unwrap() = TOKEN.into();
                if ecsight::secrets::scan(id.kind, &odd).iter().all(|hit| hit.path != path) {
                    continue;
                }
                tried += 1;
                let mut account = estate.restricted(&ecsight::export::closure(&estate, std::slice::from_ref(&service)));
                let document = Document {
                    id: id.clone(),
                    operation: "Describe".into(),
                    observed_at: i64::MAX,
                    raw: odd.to_string().into(),
                };
                account.observe(Observation { scope: scope(), observed_at: i64::MAX, news: News::Described(document) });
                let Ok(export) = dossier(&account, std::slice::from_ref(&service), &Options::default()) else {
                    continue;
                };
                for (file, content) in export.files.iter().filter(|(_, f)| !f.private) {
                    assert!(!content.text.contains(TOKEN), "{id} {path}: in {file}");
                }
                let shown = pane(&account, &id, std::slice::from_ref(&service), &Options::default()).text();
                assert!(!shown.contains(TOKEN), "{id} {path}: in the pane");
            }
        }
    }
    assert!(tried > 150, "{tried}");
}

#[tokio::test]
async fn what_could_not_be_read_is_said_in_the_code_and_in_the_papers() {
    let full = demo().await;
    let service = ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn("service/prod-apps/catalog-api"));
    let selection = std::slice::from_ref(&service);
    // The same account, in which scaling was refused.
    let mut estate = Estate::default();
    for id in ecsight::export::closure(&full, selection) {
        if !matches!(id.kind, Kind::ScalableTarget | Kind::ScalingPolicy) {
            let document = full.document(&id).unwrap().as_ref().clone();
            let observed_at = document.observed_at;
            estate.observe(Observation { scope: scope(), observed_at, news: News::Described(document) });
        }
    }
    let gap = ecsight::estate::Gap {
        observed_at: i64::MAX,
        reason: ecsight::estate::GapReason::Denied,
        action: "application-autoscaling:DescribeScalableTargets".into(),
        message: "no".into(),
    };
    let subject = ecsight::estate::Subject::Listing(scope(), Listing::ScalableTargets);
    estate.observe(Observation { scope: scope(), observed_at: i64::MAX, news: News::Denied(subject, gap) });
    let export = dossier(&estate, selection, &Options::default()).unwrap();
    let denied = "denied: application-autoscaling:DescribeScalableTargets";
    assert!(export.files["services.tf"].text.contains(&format!("is not known ({denied})")));
    assert!(!export.files["services.tf"].text.contains("ignore_changes"), "only by evidence");
    for file in ["REVIEW.md", "evidence.json"] {
        assert!(export.files[file].text.contains(denied), "{file}");
    }
    let whole = dossier(&full, selection, &Options::default()).unwrap();
    assert!(whole.unread.is_empty() && whole.files["services.tf"].text.contains("ignore_changes = [desired_count]"));
}

#[tokio::test]
async fn other_revisions_and_rollouts_are_named() {
    let estate = demo().await;
    let service = |name: &str| ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/{name}")));
    let export =
        dossier(&estate, &[service("prod-apps/checkout"), service("prod-apps/payments")], &Options::default()).unwrap();
    let rolling = export.skips.iter().find(|s| s.resource.name() == "checkout:20").unwrap();
    assert!(rolling.reason.contains("only in a rollout"), "{}", rolling.reason);
    assert!(export.files["REVIEW.md"].text.contains("| payments:47 | :49 :48"), "{}", export.files["REVIEW.md"].text);
    // Marked by itself, an older revision is exported: the wish counts.
    let old = ResourceId::new(&scope(), Kind::TaskDefinition, &scope().ecs_arn("task-definition/checkout:20"));
    let marked = dossier(&estate, &[service("prod-apps/checkout"), old.clone()], &Options::default()).unwrap();
    assert!(marked.imports.iter().any(|i| i.resource == old));
}
