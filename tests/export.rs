//! What an export's text holds, whatever AWS said: no engine needed.
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/hcl.rs"]
mod hcl_text;

use ecsight::aws::{Connect, Session};
use ecsight::commands::read_all;
use ecsight::estate::{Document, Estate, FieldPath, Kind, Listing, News, Observation, ResourceId, Scope, Segment};
use ecsight::export::{Need, Options, everything, export, needs, pane};
use ecsight::report::dossier;
use ecsight::terraform::Dialect;
use hcl_text::{argument, evaluate, is_terraform, resources, variables};
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

/// The demo account with all that the export of these needs beyond a scan.
async fn demo_for(selection: &[ResourceId]) -> Estate {
    let session = Session::connect(&Connect { demo: true, ..Connect::default() }).await.expect("the demo account");
    let cancel = CancellationToken::new();
    let began = ecsight::aws::now();
    let mut estate = read_all(&session, &cancel).await.expect("a scan");
    ecsight::commands::complete(&session, &mut estate, selection, began, &cancel).await.expect("the rest");
    estate
}

fn options(dialect: Dialect, concise: bool) -> Options {
    Options { dialect, concise, ..Options::default() }
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
    let service = |name: &str| ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/{name}")));
    let selection = [service("prod-apps/payments"), service("prod-apps/catalog-api")];
    let estate = demo_for(&selection).await;
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
async fn a_fresh_account_needs_what_no_scan_reads_and_a_stale_one_is_read_again() {
    let estate = demo().await;
    let selection = everything(&estate);
    let read_at = estate.of_kind(Kind::Service).filter_map(|(_, e)| e.document()).map(|d| d.observed_at).min().unwrap();
    let idle = ResourceId::new(&scope(), Kind::TaskDefinition, &scope().ecs_arn("task-definition/csv-import:2"));
    let fresh = needs(&estate, &selection, read_at, read_at);
    assert_eq!(fresh[0], Need::Describe(idle), "what a scan lists and does not read");
    let tags =
        |need: &Need| matches!(need, Need::List(_, Listing::TagsOf { arn, .. }) if arn.contains(":scalable-target/"));
    assert_eq!((fresh.len(), fresh[1..].iter().filter(|need| tags(need)).count()), (4, 3), "{fresh:?}");
    let unscaled: Vec<ResourceId> =
        selection.iter().filter(|id| id.kind != Kind::ScalableTarget).take(4).cloned().collect();
    assert_eq!(needs(&estate, &unscaled, read_at, read_at), []);
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
    let service = ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn("service/prod-apps/catalog-api"));
    let selection = std::slice::from_ref(&service);
    let full = demo_for(selection).await;
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

/// A scalable target with these tags beside it, none when they were not read.
fn scaled(arn: Option<&str>, tags: Option<&str>) -> (Estate, ResourceId) {
    let native = "ecs/service/c/s/ecs:service:DesiredCount";
    let id = ResourceId::new(&scope(), Kind::ScalableTarget, native);
    let mut target = json!({"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "MinCapacity": 1, "MaxCapacity": 2,
        "ScalableDimension": "ecs:service:DesiredCount", "CreationTime": 1_700_000_000.5});
    if let Some(arn) = arn {
        target["ScalableTargetARN"] = json!(arn);
    }
    let operation = "DescribeScalableTargets".into();
    let document = Document { id: id.clone(), operation, observed_at: 1, raw: target.to_string().into() };
    let mut estate = Estate::default();
    let at = |observed_at, news| Observation { scope: scope(), observed_at, news };
    estate.observe(at(1, News::Described(document)));
    if let (Some(tags), Some(listing)) = (tags, estate.tags_apart(&id)) {
        estate.observe(at(2, News::Tagged(id.clone(), tags.into())));
        estate.observe(at(2, News::Listed { listing, ids: vec![], complete: true }));
    }
    (estate, id)
}

#[test]
fn tags_of_a_scalable_target_are_written_or_said_to_be_unknown() {
    let arn = Some("arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/1");
    let code = |estate: &Estate, id: &ResourceId, dialect| {
        let export = dossier(estate, std::slice::from_ref(id), &options(dialect, false)).unwrap();
        (export.files["autoscaling.tf"].text.clone(), export)
    };
    let (estate, id) = scaled(
        arn,
        Some(
            r#"{"team":"core","${x}":"\"","aws:made":"by AWS","api_token":"ghp_R7bT2kQ9vXz4LmN8pWc3JfH6sYd1AaGeUo5i"}"#,
        ),
    );
    let (text, export) = code(&estate, &id, Dialect::V6);
    assert!(text.contains("team") && text.contains("\"core\"") && text.contains("\"$${x}\""), "{text}");
    assert!(!text.contains("aws:made"), "AWS's own tags are no argument: {text}");
    assert!(!text.contains("ghp_") && export.variables.len() == 1, "a credential is a variable: {text}");
    assert!(!text.contains('#') && export.unread.is_empty(), "{text}");
    let (text, export) = code(&estate, &id, Dialect::V3);
    assert!(text.contains("tags") && export.notes.iter().any(|(_, note)| note.path.to_string() == "tags"), "{text}");

    let (estate, id) = scaled(arn, Some("{}"));
    let (text, export) = code(&estate, &id, Dialect::V6);
    assert!(!text.contains("tags") && export.unread.is_empty(), "it has none: {text}");

    for (arn, why) in [(arn, "not read"), (None, "AWS does not say its ARN")] {
        let (estate, id) = scaled(arn, None);
        let (text, export) = code(&estate, &id, Dialect::V6);
        assert!(text.contains(&format!("# tags: whether it has any is not known ({why})")), "{text}");
        assert_eq!(export.unread.len(), 1);
        assert!(
            export.files["REVIEW.md"].text.contains(&format!("| its tags | {why} |")),
            "{}",
            export.files["REVIEW.md"].text
        );
        let asked = needs(&estate, std::slice::from_ref(&id), 3, 3).len();
        assert_eq!(asked, usize::from(arn.is_some()), "what has no ARN cannot be asked for");
    }
}

#[test]
fn a_capacity_provider_whose_cluster_is_an_arn_is_a_skip() {
    let refused = |cluster: &str| {
        let arn = scope().ecs_arn("capacity-provider/pool");
        let provider = json!({"capacityProviderArn": arn, "name": "pool", "status": "ACTIVE", "cluster": cluster, "tags": [],
            "managedInstancesProvider": {"infrastructureRoleArn": "arn:aws:iam::123456789012:role/i", "instanceLaunchTemplate": {
                "ec2InstanceProfileArn": "arn:aws:iam::123456789012:instance-profile/p", "networkConfiguration": {"subnets": ["subnet-1"]}}}});
        let id = ResourceId::new(&scope(), Kind::CapacityProvider, &arn);
        let document =
            Document { id: id.clone(), operation: "D".into(), observed_at: 1, raw: provider.to_string().into() };
        let mut estate = Estate::default();
        estate.observe(Observation { scope: scope(), observed_at: 1, news: News::Described(document) });
        let export = export(&estate, std::slice::from_ref(&id), &Options::default());
        export.skips.into_iter().find(|skip| skip.resource == id).map(|skip| skip.reason)
    };
    assert_eq!(refused("main"), None);
    let why = refused(&scope().ecs_arn("cluster/main")).unwrap();
    assert!(why.contains("its cluster as an ARN") && why.contains("replacement"), "{why}");
}
