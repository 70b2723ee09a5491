//! Scenarios as data: documents, and what their export must hold. One file each under `tests/scenarios`.
// Failing loudly is what a test's own support is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The file's name without its ending.
    #[serde(skip)]
    pub file: String,
    /// What the trap is.
    #[serde(rename = "title")]
    _title: String,
    /// The known traps that it covers.
    pub rows: Vec<String>,
    /// The dialects it is for; absent: all.
    dialects: Option<Vec<String>>,
    #[serde(default)]
    clusters: Vec<Value>,
    #[serde(default)]
    services: Vec<Value>,
    #[serde(default)]
    task_definitions: Vec<Value>,
    #[serde(default)]
    capacity_providers: Vec<Value>,
    #[serde(default)]
    scalable_targets: Vec<Value>,
    #[serde(default)]
    scaling_policies: Vec<Value>,
    #[serde(default)]
    scheduled_actions: Vec<Value>,
    /// What stands in the code.
    pub expect: Vec<Expected>,
    /// What is skipped.
    #[serde(default)]
    pub skips: Vec<Skipped>,
}

/// What stands in the code of one address, or with `*` in all of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The address.
    #[serde(rename = "in")]
    pub at: String,
    /// Only in this dialect.
    pub dialect: Option<String>,
    /// Only in this mode.
    pub concise: Option<bool>,
    /// Texts that stand there, comments included; runs of spaces count as one.
    #[serde(default)]
    pub has: Vec<String>,
    /// Texts that stand nowhere there but in comments.
    #[serde(default)]
    pub lacks: Vec<String>,
}

/// What is skipped: the end of its ARN, and words of the reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skipped {
    /// `task-definition/d7:1`.
    pub resource: String,
    /// Words of the reason.
    pub reason: String,
    /// Only in this dialect.
    pub dialect: Option<String>,
}

impl Scenario {
    /// True when it is for a dialect.
    pub fn is_for(&self, dialect: &str) -> bool {
        self.dialects.as_ref().is_none_or(|all| all.iter().any(|d| d == dialect))
    }
}

/// Every scenario, by name.
pub fn scenarios() -> Vec<Scenario> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<_> =
        fs::read_dir(dir).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("a file");
        let mut scenario: Scenario = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        scenario.file = path.file_stem().expect("a name").to_string_lossy().into_owned();
        scenario
    };
    paths.iter().map(read).collect()
}

fn arn(resource: &str) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:{resource}")
}

/// What AWS always answers, with a document's own members over it; null takes a member away.
fn over(mut base: Value, own: &Value) -> Value {
    for (name, value) in own.as_object().expect("an object") {
        base[name.as_str()] = value.clone();
    }
    let members: Map<String, Value> = base
        .as_object()
        .expect("an object")
        .iter()
        .filter(|(_, v)| !v.is_null())
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    Value::Object(members)
}

fn text<'v>(value: &'v Value, member: &str) -> Option<&'v str> {
    value.get(member).and_then(Value::as_str)
}

fn cluster(own: &Value) -> Value {
    let name = text(own, "clusterName").expect("a name");
    over(
        json!({"clusterArn": arn(&format!("cluster/{name}")), "clusterName": name, "status": "ACTIVE", "settings": [], "tags": [],
        "registeredContainerInstancesCount": 0, "runningTasksCount": 0, "pendingTasksCount": 0, "activeServicesCount": 0}),
        own,
    )
}

/// `cluster` and `taskDefinition` are names; `primary` stands in the PRIMARY deployment.
fn service(own: &Value) -> Value {
    let name = text(own, "serviceName").expect("a name");
    let cluster = text(own, "cluster").unwrap_or("scenarios");
    let mut own = own.clone();
    let members = own.as_object_mut().expect("an object");
    members.shift_remove("cluster");
    let primary = members.shift_remove("primary").unwrap_or_else(|| json!({}));
    if let Some(revision) = members.get_mut("taskDefinition").filter(|r| r.is_string()) {
        *revision = json!(arn(&format!("task-definition/{}", revision.as_str().expect("a string"))));
    }
    let revision = own.get("taskDefinition").cloned().unwrap_or_else(|| json!(arn("task-definition/plain:1")));
    let primary = over(json!({"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": revision}), &primary);
    over(
        json!({
            "serviceArn": arn(&format!("service/{cluster}/{name}")), "serviceName": name,
            "clusterArn": arn(&format!("cluster/{cluster}")), "status": "ACTIVE", "desiredCount": 1, "runningCount": 1,
            "pendingCount": 0, "launchType": "EC2", "taskDefinition": revision, "schedulingStrategy": "REPLICA",
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100}, "deployments": [primary],
            "roleArn": "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            "events": [], "createdAt": 1_700_000_000.5, "loadBalancers": [], "serviceRegistries": [], "placementConstraints": [],
            "placementStrategy": [], "enableECSManagedTags": false, "enableExecuteCommand": false, "propagateTags": "NONE",
        }),
        &own,
    )
}

fn task_definition(own: &Value) -> Value {
    let family = text(own, "family").expect("a family");
    let mut definition = over(
        json!({
            "taskDefinitionArn": arn(&format!("task-definition/{family}:1")), "family": family, "revision": 1,
            "status": "ACTIVE", "networkMode": "bridge", "volumes": [], "placementConstraints": [], "compatibilities": ["EC2"],
            "containerDefinitions": [{"name": "app", "image": "nginx:1", "cpu": 0, "memory": 64, "essential": true,
                "environment": [], "mountPoints": [], "volumesFrom": [], "portMappings": []}],
        }),
        own,
    );
    let tags = definition.as_object_mut().expect("an object").shift_remove("tags").unwrap_or_else(|| json!([]));
    json!({"taskDefinition": definition, "tags": tags})
}

fn capacity_provider(own: &Value) -> Value {
    let name = text(own, "name").expect("a name");
    over(
        json!({"capacityProviderArn": arn(&format!("capacity-provider/{name}")), "name": name, "status": "ACTIVE", "tags": []}),
        own,
    )
}

/// One account of many scenarios, as `Account::from_json` takes it.
pub fn account(scenarios: &[&Scenario]) -> Value {
    let of = |documents: &dyn Fn(&Scenario) -> &Vec<Value>, whole: &dyn Fn(&Value) -> Value| -> Vec<Value> {
        scenarios.iter().flat_map(|scenario| documents(scenario).iter().map(whole).collect::<Vec<_>>()).collect()
    };
    let mut clusters = of(&|s| &s.clusters, &cluster);
    clusters.push(cluster(&json!({"clusterName": "scenarios"})));
    let mut task_definitions = of(&|s| &s.task_definitions, &task_definition);
    task_definitions.push(task_definition(&json!({"family": "plain"})));
    json!({
        "identity": {"Account": "123456789012", "Arn": "arn:aws:sts::123456789012:assumed-role/r/s", "UserId": "A"},
        "clusters": clusters, "services": of(&|s| &s.services, &service), "task_definitions": task_definitions,
        "capacity_providers": of(&|s| &s.capacity_providers, &capacity_provider),
        "scalable_targets": of(&|s| &s.scalable_targets, &Value::clone),
        "scaling_policies": of(&|s| &s.scaling_policies, &Value::clone),
        "scheduled_actions": of(&|s| &s.scheduled_actions, &Value::clone),
    })
}
