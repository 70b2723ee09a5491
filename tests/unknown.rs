//! Members that no table has heard of: shown in the Overview, a comment in the HCL, a row in both papers, at every depth;
//! and no credential in them is told.
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/facts.rs"]
mod facts;

use ecsight::estate::{Document, Estate, Kind, News, Observation, ResourceId, Scope};
use ecsight::export::{Options, pane};
use ecsight::report::{dossier, overview};
use ecsight::secrets;
use ecsight::terraform::Dialect;
use serde_json::{Value, json};

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

/// The identity of a document of the full account.
fn identity(kind: Kind, document: &Value) -> ResourceId {
    let text = |member: &str| document[member].as_str().unwrap_or_default().to_owned();
    let native = match kind {
        Kind::Cluster => text("clusterArn"),
        Kind::CapacityProvider => text("capacityProviderArn"),
        Kind::Service => text("serviceArn"),
        Kind::TaskDefinition => text("taskDefinitionArn"),
        _ => format!("ecs/{}/{}", text("ResourceId"), text("ScalableDimension")),
    };
    let policy = document.get("PolicyName").and_then(Value::as_str).map(|name| format!("/{name}")).unwrap_or_default();
    ResourceId::new(&scope(), kind, &(native + &policy))
}

/// Every document of the full account, a task definition with the tags of its envelope.
fn account() -> Vec<(Kind, Value)> {
    let account: Value = serde_json::from_str(include_str!("fixtures/full_account.json")).unwrap();
    let lists = [
        ("clusters", Kind::Cluster),
        ("capacity_providers", Kind::CapacityProvider),
        ("services", Kind::Service),
        ("task_definitions", Kind::TaskDefinition),
        ("scalable_targets", Kind::ScalableTarget),
        ("scaling_policies", Kind::ScalingPolicy),
    ];
    let mut all = Vec::new();
    for (list, kind) in lists {
        for document in account[list].as_array().unwrap() {
            let mut own = document.get("taskDefinition").filter(|own| own.is_object()).unwrap_or(document).clone();
            own["tags"] = document["tags"].clone();
            all.push((kind, own));
        }
    }
    all
}

fn estate(documents: &[(Kind, Value)]) -> Estate {
    let mut estate = Estate::default();
    for (kind, document) in documents {
        let id = identity(*kind, document);
        let raw = document.to_string().into();
        let news = News::Described(Document { id, operation: "Describe".into(), observed_at: 1, raw });
        estate.observe(Observation { scope: scope(), observed_at: 1, news });
    }
    estate
}

/// Where a member is put in: kind, pointer to the object that gets it, and how the path is written.
const PLACES: [(Kind, &str, &str); 19] = [
    (Kind::Cluster, "", "novelty"),
    (
        Kind::Cluster,
        "/configuration/executeCommandConfiguration/logConfiguration",
        "configuration.executeCommandConfiguration.logConfiguration.novelty",
    ),
    (Kind::Cluster, "/settings/0", "settings[0].novelty"),
    (Kind::Cluster, "/tags/1", "tags[1].novelty"),
    (Kind::CapacityProvider, "", "novelty"),
    (
        Kind::CapacityProvider,
        "/autoScalingGroupProvider/managedScaling",
        "autoScalingGroupProvider.managedScaling.novelty",
    ),
    (Kind::Service, "", "novelty"),
    (Kind::Service, "/deployments/0", "deployments[0].novelty"),
    (
        Kind::Service,
        "/deployments/0/serviceConnectConfiguration/services/0/tls",
        "deployments[0].serviceConnectConfiguration.services[0].tls.novelty",
    ),
    (Kind::Service, "/deploymentConfiguration", "deploymentConfiguration.novelty"),
    (Kind::Service, "/networkConfiguration/awsvpcConfiguration", "networkConfiguration.awsvpcConfiguration.novelty"),
    (Kind::TaskDefinition, "", "novelty"),
    (Kind::TaskDefinition, "/containerDefinitions/0", "containerDefinitions[0].novelty"),
    (
        Kind::TaskDefinition,
        "/containerDefinitions/0/linuxParameters/devices/0",
        "containerDefinitions[0].linuxParameters.devices[0].novelty",
    ),
    (Kind::TaskDefinition, "/volumes/0", "volumes[0].novelty"),
    (Kind::TaskDefinition, "/tags/0", "tags[0].novelty"),
    (Kind::ScalableTarget, "/SuspendedState", "SuspendedState.novelty"),
    (Kind::ScalingPolicy, "", "novelty"),
    (
        Kind::ScalingPolicy,
        "/StepScalingPolicyConfiguration/StepAdjustments/1",
        "StepScalingPolicyConfiguration.StepAdjustments[1].novelty",
    ),
];

#[test]
fn what_nobody_has_heard_of_is_shown_commented_and_listed() {
    for dialect in [Dialect::V3, Dialect::V6] {
        for (kind, pointer, path) in PLACES {
            let mut documents = account();
            let (_, document) = documents.iter_mut().find(|(k, _)| *k == kind).unwrap();
            document.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}"))["novelty"] =
                json!({"shape": ["quasar", 7], "apiToken": "Kestrel77Quince"});
            let id = identity(kind, document);
            let estate = estate(&documents);

            let page = overview(&estate, &id).text();
            assert!(page.contains("novelty") && page.contains("quasar"), "{path}: not in the overview\n{page}");

            let options = Options { dialect, ..Options::default() };
            let selection = [id.clone()];
            let export = dossier(&estate, &selection, &options).unwrap();
            let evidence: Value = serde_json::from_str(&export.files["evidence.json"].text).unwrap();
            // 3.39 may not know the block at all: then the whole of it is named.
            let listed = evidence["not_written"].as_array().unwrap().iter().find_map(|row| {
                let field = row["field"].as_str().unwrap();
                let is = path == field || dialect == Dialect::V3 && path.starts_with(&format!("{field}."));
                (is && row["address"].is_string()).then(|| field.to_owned())
            });
            let field = listed.unwrap_or_else(|| panic!("{dialect:?} {path}: {}", evidence["not_written"]));
            let review = &export.files["REVIEW.md"].text;
            let row = review.lines().find(|line| line.starts_with("| ") && line.contains(&format!(" | {field} | ")));
            assert!(row.is_some(), "{path}: not in the review");

            let text = pane(&estate, &id, &selection, &options).text();
            let said = |line: &&str| line.trim_start().starts_with(&format!("# not written: {field} = {{"));
            let line = text.lines().find(said).unwrap_or_else(|| panic!("{path}: no comment\n{text}"));
            let cut = field != path && line.contains(" characters) (");
            assert!(cut || line.contains("quasar") && line.contains("(credential, 15 characters)"), "{line}");

            for (name, file) in export.files.iter().filter(|(_, file)| !file.private) {
                assert!(!file.text.contains("Kestrel77"), "{path}: {name} tells a credential");
            }
            assert!(!page.contains("Kestrel77") && !text.contains("Kestrel77"), "{path}");
        }
    }
}

/// Members are read by their names, too: none of today's API is taken for a credential by it, whatever it holds.
#[test]
fn no_member_of_the_api_is_called_like_a_credential() {
    let called: Vec<String> = facts::members()
        .into_iter()
        .filter(|fact| fact.of == "string")
        .filter_map(|fact| fact.path.rsplit('.').next().map(str::to_owned))
        .filter(|name| secrets::classify(name, "kX7f9QbT2mZr8LpW4vNc").is_some())
        .collect();
    // The name of a secret or a parameter, never its value.
    assert!(called.iter().all(|name| name == "credentialsParameter"), "{called:?}");
}
