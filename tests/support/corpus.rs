//! Documents that other people wrote, as one account: each gets the envelope that AWS would add, and nothing else.
//!
//! The documents lie beside the checkout (`ECSIGHT_TEST_CORPUS`) and are never copied into the project.
// Failing loudly is what a test's own support is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::engines::say;

/// Account and region of every document.
pub const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";

/// An ARN of the account's own.
pub fn arn(resource: &str) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT}:{resource}")
}

/// One file of the corpus.
#[derive(Debug, Clone)]
pub struct File {
    /// `001`.
    pub number: String,
    /// As the manifest says it: `describe-task-definition`.
    pub kind: String,
    /// What it holds.
    pub value: Value,
}

/// The corpus, or nothing and a line on standard error that says what is left out.
pub fn corpus(test: &str) -> Option<Vec<File>> {
    let dir = env::var_os("ECSIGHT_TEST_CORPUS").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let Some(dir) = dir else {
        say(&format!("left out: {test}: needs ECSIGHT_TEST_CORPUS, a folder of ECS documents with a MANIFEST.tsv"));
        return None;
    };
    let manifest = fs::read_to_string(dir.join("MANIFEST.tsv")).expect("MANIFEST.tsv");
    let files = manifest.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [name, kind, ..] = cells[..] else { return None };
        let number = name.split('_').next().filter(|n| n.bytes().all(|b| b.is_ascii_digit()))?;
        let value = serde_json::from_slice(&fs::read(dir.join(name)).expect(name)).expect(name);
        Some(File { number: number.to_owned(), kind: kind.to_owned(), value })
    });
    Some(files.collect())
}

/// One resource of the account that came from a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Its file.
    pub file: String,
    /// Its ARN in the account.
    pub arn: String,
}

/// The account, and which of its resources came from which file.
#[derive(Debug, Default)]
pub struct Built {
    clusters: Vec<Value>,
    services: Vec<Value>,
    task_definitions: Vec<Value>,
    capacity_providers: Vec<Value>,
    /// The documents.
    pub members: Vec<Member>,
    taken: BTreeSet<String>,
}

/// True for what AWS takes as a name of a cluster, a service or a family.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// The objects that a file holds, without the wrapping of the answer or input that it stands in.
fn objects(value: &Value, one: &str, many: &str) -> Vec<Value> {
    match (value.get(many), value.get(one)) {
        (Some(Value::Array(all)), _) => all.clone(),
        (_, Some(inner @ Value::Object(_))) => {
            let mut inner = inner.clone();
            // Tags of the envelope.
            if let (Some(tags), None) = (value.get("tags"), inner.get("tags")) {
                inner["tags"] = tags.clone();
            }
            vec![inner]
        }
        _ => vec![value.clone()],
    }
}

/// Times as the wire has them: numbers, where people save ISO 8601.
fn times_as_numbers(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(times_as_numbers),
        Value::Object(members) => {
            for (name, v) in members {
                if (name.ends_with("At") || name == "timestamp") && v.is_string() {
                    *v = json!(1_700_000_000.25);
                } else {
                    times_as_numbers(v);
                }
            }
        }
        _ => {}
    }
}

fn insert_new(object: &mut Value, more: Value) {
    let Value::Object(more) = more else { return };
    for (name, value) in more {
        if object.get(&name).is_none_or(Value::is_null) {
            object[name.as_str()] = value;
        }
    }
}

impl Built {
    /// The account of all files; `mend` is asked for each object before its envelope is put on.
    pub fn of(files: &[File], mend: &dyn Fn(&str, &mut Value)) -> Self {
        let mut built = Self::default();
        // Revisions first: services name them.
        for pass in ["task", "other"] {
            for file in files {
                let is_task = file.kind.contains("task-definition") || file.kind == "container-definitions";
                if is_task == (pass == "task") {
                    built.file(file, mend);
                }
            }
        }
        built.clusters_of_services();
        built
    }

    fn file(&mut self, file: &File, mend: &dyn Fn(&str, &mut Value)) {
        let wrapped = match &file.value {
            containers @ Value::Array(_) => json!({"containerDefinitions": containers}),
            other => other.clone(),
        };
        let (one, many) = match file.kind.as_str() {
            "describe-clusters" => ("cluster", "clusters"),
            "describe-capacity-providers" => ("capacityProvider", "capacityProviders"),
            "describe-services" => ("service", "services"),
            "service-create-input" => ("", ""),
            _ => ("taskDefinition", "taskDefinitions"),
        };
        for mut object in objects(&wrapped, one, many) {
            mend(&file.number, &mut object);
            times_as_numbers(&mut object);
            let arn = match one {
                "cluster" => self.cluster(&file.number, object),
                "capacityProvider" => self.capacity_provider(&file.number, object),
                "taskDefinition" => self.task_definition(&file.number, object),
                _ => self.service(&file.number, object),
            };
            self.members.push(Member { file: file.number.clone(), arn });
        }
    }

    /// A name that nothing of its kind has: the document's own if AWS would take it.
    fn name(&mut self, kind: &str, wish: &str, number: &str) -> String {
        let wish = if is_name(wish) { wish.to_owned() } else { format!("corpus-{number}") };
        let free = !self.taken.contains(&format!("{kind}/{wish}"));
        let name = if free { wish } else { format!("{wish}-{number}") };
        self.taken.insert(format!("{kind}/{name}"));
        name
    }

    fn cluster(&mut self, number: &str, mut cluster: Value) -> String {
        let name = self.name("cluster", text(&cluster, "clusterName"), number);
        let arn = arn(&format!("cluster/{name}"));
        cluster["clusterName"] = json!(name);
        cluster["clusterArn"] = json!(arn);
        self.clusters.push(cluster);
        arn
    }

    fn capacity_provider(&mut self, number: &str, mut provider: Value) -> String {
        let name = self.name("capacity-provider", text(&provider, "name"), number);
        let arn = arn(&format!("capacity-provider/{name}"));
        provider["name"] = json!(name);
        provider["capacityProviderArn"] = json!(arn);
        self.capacity_providers.push(provider);
        arn
    }

    fn task_definition(&mut self, number: &str, mut definition: Value) -> String {
        let family = self.name("family", text(&definition, "family"), number);
        let revision = definition.get("revision").and_then(Value::as_u64).unwrap_or(1);
        let arn = arn(&format!("task-definition/{family}:{revision}"));
        let tags = definition.as_object_mut().expect("an object").shift_remove("tags").unwrap_or_else(|| json!([]));
        definition["family"] = json!(family);
        definition["revision"] = json!(revision);
        definition["taskDefinitionArn"] = json!(arn);
        let compatibilities = definition.get("requiresCompatibilities").cloned().unwrap_or_else(|| json!(["EC2"]));
        let more =
            json!({"status": "ACTIVE", "volumes": [], "placementConstraints": [], "compatibilities": compatibilities});
        insert_new(&mut definition, more);
        self.task_definitions.push(json!({"taskDefinition": definition, "tags": tags}));
        arn
    }

    /// A service; an input becomes what `describe-services` answers once it was created.
    fn service(&mut self, number: &str, mut service: Value) -> String {
        let given = [text(&service, "clusterArn"), text(&service, "cluster")].into_iter().find(|c| !c.is_empty());
        let cluster = given.and_then(|c| c.rsplit('/').next()).filter(|c| is_name(c)).unwrap_or("corpus").to_owned();
        let name = self.name(&format!("service/{cluster}"), text(&service, "serviceName"), number);
        let service_arn = arn(&format!("service/{cluster}/{name}"));
        let revision = self.revision(text(&service, "taskDefinition"));
        let members: &mut Map<String, Value> = service.as_object_mut().expect("an object");
        let is_input = !members.contains_key("serviceArn");
        members.retain(|name, v| {
            !(matches!(name.as_str(), "cluster" | "clientToken" | "externalId" | "scale")
                || name == "launchType" && v == "")
        });
        members.insert("serviceName".into(), json!(name));
        members.insert("serviceArn".into(), json!(service_arn));
        members.insert("clusterArn".into(), json!(arn(&format!("cluster/{cluster}"))));
        let external = members.get("deploymentController").is_some_and(|c| c["type"] == "EXTERNAL");
        if !external {
            members.insert("taskDefinition".into(), json!(revision));
        }
        if is_input {
            let role =
                members.shift_remove("role").and_then(|r| r.as_str().filter(|r| !r.is_empty()).map(str::to_owned));
            let role = role.unwrap_or_else(|| "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS".into());
            members.insert("roleArn".into(), json!(format!("arn:aws:iam::{ACCOUNT}:role/{role}")));
            // What AWS answers in the deployment, not in the service.
            let mut primary = json!({"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": revision});
            for moved in ["serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"] {
                if let Some(value) = members.shift_remove(moved) {
                    primary[moved] = value;
                }
            }
            members.insert("deployments".into(), if external { json!([]) } else { json!([primary]) });
        } else {
            for deployment in members.get_mut("deployments").and_then(Value::as_array_mut).into_iter().flatten() {
                deployment["taskDefinition"] = json!(revision);
            }
        }
        insert_new(
            &mut service,
            json!({"status": "ACTIVE", "desiredCount": 0, "runningCount": 0, "pendingCount": 0, "events": [],
                "schedulingStrategy": "REPLICA", "createdAt": 1_700_000_000.25, "enableECSManagedTags": false}),
        );
        self.services.push(service);
        service_arn
    }

    /// The declared revision: the corpus's own where the family is there, else as the document names it.
    fn revision(&self, wish: &str) -> String {
        let name = wish.rsplit('/').next().unwrap_or_default();
        let family = name.split(':').next().unwrap_or_default();
        let known = self
            .members
            .iter()
            .find(|m| m.arn.rsplit('/').next().and_then(|n| n.split(':').next()).is_some_and(|known| known == family));
        match known {
            Some(member) => member.arn.clone(),
            None if is_name(family) && name.contains(':') => arn(&format!("task-definition/{name}")),
            None if is_name(family) => arn(&format!("task-definition/{family}:1")),
            // AWS takes no service without one.
            None => self.members[0].arn.clone(),
        }
    }

    /// The clusters that services stand in and no file describes.
    fn clusters_of_services(&mut self) {
        let known: BTreeSet<String> = self.clusters.iter().map(|c| text(c, "clusterArn").to_owned()).collect();
        let wanted: BTreeSet<String> = self.services.iter().map(|s| text(s, "clusterArn").to_owned()).collect();
        for arn in wanted.difference(&known) {
            let name = arn.rsplit('/').next().expect("a name");
            self.clusters.push(json!({"clusterArn": arn, "clusterName": name, "status": "ACTIVE"}));
        }
    }

    /// The account as `Account::from_json` takes it.
    pub fn account(&self) -> Value {
        json!({
            "identity": {"Account": ACCOUNT, "Arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/s"), "UserId": "A"},
            "clusters": self.clusters, "services": self.services, "task_definitions": self.task_definitions,
            "capacity_providers": self.capacity_providers,
        })
    }

    /// The file of each ARN.
    pub fn files(&self) -> BTreeMap<&str, &str> {
        self.members.iter().map(|m| (m.arn.as_str(), m.file.as_str())).collect()
    }
}
