//! `fixtures/full_account.json`, document by document: every member that is an argument is set.
// Each test uses its part of this. Failing loudly is what a test's own support is for.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ecsight::estate::{Document, Estate, Kind, News, Observation, ResourceId, Scope};
use serde_json::Value;

pub fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

/// The identity of a document of the full account.
pub fn identity(kind: Kind, document: &Value) -> ResourceId {
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
pub fn account() -> Vec<(Kind, Value)> {
    let account: Value = serde_json::from_str(include_str!("../fixtures/full_account.json")).unwrap();
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

pub fn estate(documents: &[(Kind, Value)]) -> Estate {
    let mut estate = Estate::default();
    for (kind, document) in documents {
        let id = identity(*kind, document);
        let raw = document.to_string().into();
        let news = News::Described(Document { id, operation: "Describe".into(), observed_at: 1, raw });
        estate.observe(Observation { scope: scope(), observed_at: 1, news });
    }
    estate
}
