//! Members that no table has heard of: shown in the Overview, a comment in the HCL, a row in both papers, at every depth;
//! and no credential in them is told.
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/facts.rs"]
mod facts;
#[path = "support/full_account.rs"]
mod full_account;

use ecsight::estate::Kind;
use ecsight::export::{Options, pane};
use ecsight::report::{dossier, overview};
use ecsight::secrets;
use ecsight::terraform::Dialect;
use full_account::{account, estate, identity};
use serde_json::{Value, json};

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

/// A comment repeats no credential of another field, also where neither name nor look of its own text gives it away.
#[test]
fn a_comment_tells_no_credential_of_another_field() {
    for dialect in [Dialect::V3, Dialect::V6] {
        let mut documents = account();
        let (kind, document) = documents.iter_mut().find(|(k, _)| *k == Kind::TaskDefinition).unwrap();
        document["containerDefinitions"][0]["environment"] =
            json!([{"name": "DB_PASSWORD", "value": "Marmalade7"}, {"name": "PORT", "value": "8080"}]);
        document["novelty"] = json!({"words": ["quasar", "say Marmalade7 twice"]});
        let id = identity(*kind, document);
        let estate = estate(&documents);
        let options = Options { dialect, ..Options::default() };
        let export = dossier(&estate, std::slice::from_ref(&id), &options).unwrap();
        assert!(export.files.values().any(|file| file.private && file.text.contains("Marmalade7")));
        assert!(export.files["task_definitions.tf"].text.contains("# not written: novelty = {\"words\":[\"quasar\""));
        for (name, file) in export.files.iter().filter(|(_, file)| !file.private) {
            assert!(!file.text.contains("Marmalade7"), "{dialect:?}: {name} tells a credential");
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
