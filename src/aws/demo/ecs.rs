//! Amazon ECS: listing, describing, and the limits it sets on both.

use super::account::Account;
use super::query::{Paging, Refusal, agrees, members, text};
use super::recorded::refusal;
use crate::estate::Kind;
use serde_json::{Value, json};

const HUNDRED: Paging = Paging::ecs(100, 100);
/// `ListServices` gives ten at a time unless asked for more, alone among the lists.
const SERVICES: Paging = Paging::ecs(10, 100);
/// `DescribeCapacityProviders` takes a hundred names and still answers ten at a time.
const CAPACITY_PROVIDERS: Paging = Paging::ecs(10, 10);

impl Account {
    /// The answer to a read call of ECS; `None` for a call that is not known here.
    pub(super) fn ecs(&self, operation: &str, request: &Value) -> Option<Result<Value, Refusal>> {
        Some(match operation {
            "ListClusters" => self.list_clusters(request),
            "DescribeClusters" => self.describe_clusters(request),
            "ListServices" => self.list_services(request),
            "DescribeServices" => self.describe_services(request),
            "ListTaskDefinitions" => self.list_task_definitions(request),
            "ListTaskDefinitionFamilies" => self.list_families(request),
            "DescribeTaskDefinition" => self.describe_task_definition(request),
            "DescribeCapacityProviders" => self.describe_capacity_providers(request),
            "ListTasks" => self.list_tasks(request),
            "DescribeTasks" => self.describe_tasks(request),
            "ListTagsForResource" => self.list_tags(request),
            _ => return None,
        })
    }

    /// The cluster that a request names by name or ARN; without one, `default`.
    pub(super) fn cluster(&self, request: &Value) -> Result<&Value, Refusal> {
        let asked = text(request, "cluster").unwrap_or("default");
        if let Some(recorded) = &self.recorded {
            let named = recorded.clusters.iter().find(|cluster| is(cluster, asked, "clusterName", "clusterArn"));
            let found = self.find_cluster(asked).or(named);
            return found.ok_or_else(|| refusal(format!("the recording does not hold cluster {asked}")));
        }
        self.find_cluster(asked).ok_or_else(|| Refusal::new("ClusterNotFoundException", "Cluster not found."))
    }

    fn find_cluster(&self, asked: &str) -> Option<&Value> {
        self.clusters.rows().iter().find(|cluster| is(cluster, asked, "clusterName", "clusterArn"))
    }

    /// A deleted cluster can be described for a while, but is not listed.
    fn list_clusters(&self, request: &Value) -> Result<Value, Refusal> {
        let named = self.recorded.iter().flat_map(|recorded| &recorded.clusters);
        let wanted = (self.clusters.rows().iter()).filter(|row| self.is_listed(row)).chain(named);
        HUNDRED.cut("clusterArns", column(wanted, "clusterArn"), request)
    }

    /// AWS forgets what was deleted, after a while; a recording holds what was recorded.
    fn is_listed(&self, row: &Value) -> bool {
        self.recorded.is_some() || text(row, "status") != Some("INACTIVE")
    }

    fn describe_clusters(&self, request: &Value) -> Result<Value, Refusal> {
        let asked = batch(request, "clusters", 100)?;
        let asked = if asked.is_empty() { vec!["default"] } else { asked };
        let (mut clusters, mut failures) = (Vec::new(), Vec::new());
        for one in asked {
            match self.find_cluster(one) {
                Some(cluster) => clusters.push(cluster_as_asked(cluster, request)),
                None => failures.push(self.missing("cluster", one)),
            }
        }
        Ok(json!({"clusters": clusters, "failures": failures}))
    }

    fn list_services(&self, request: &Value) -> Result<Value, Refusal> {
        let cluster = self.cluster(request)?;
        let wanted = self.services.rows().iter().filter(|service| {
            text(service, "clusterArn") == text(cluster, "clusterArn")
                && self.is_listed(service)
                && agrees(request, "launchType", text(service, "launchType"))
                && agrees(request, "schedulingStrategy", text(service, "schedulingStrategy"))
        });
        let rows = self.with_named(column(wanted, "serviceArn"), Kind::Service, cluster);
        SERVICES.cut("serviceArns", rows, request)
    }

    /// The rows, and behind them what a recorded list named.
    fn with_named(&self, mut rows: Vec<Value>, kind: Kind, cluster: &Value) -> Vec<Value> {
        let lists = self.recorded.iter().flat_map(|recorded| recorded.lives_in(kind, cluster));
        rows.extend(lists);
        rows
    }

    fn describe_services(&self, request: &Value) -> Result<Value, Refusal> {
        let asked = batch(request, "services", 10)?;
        if asked.is_empty() {
            return Err(Refusal::invalid("Services cannot be empty."));
        }
        let cluster = self.cluster(request)?;
        let (arn, name) = (text(cluster, "clusterArn"), text(cluster, "clusterName").unwrap_or_default());
        let (mut services, mut failures) = (Vec::new(), Vec::new());
        for one in asked {
            let found =
                self.services.rows().iter().find(|service| {
                    text(service, "clusterArn") == arn && is(service, one, "serviceName", "serviceArn")
                });
            match found {
                Some(service) => services.push(tags_if_asked(service, request)),
                None if one.starts_with("arn:") => failures.push(self.missing("service", one)),
                None => failures.push(self.missing("service", &format!("{name}/{one}"))),
            }
        }
        Ok(json!({"services": services, "failures": failures}))
    }

    fn list_task_definitions(&self, request: &Value) -> Result<Value, Refusal> {
        let status = text(request, "status").unwrap_or("ACTIVE");
        if !["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"].contains(&status) {
            return Err(Refusal::invalid(format!("Invalid status: {status}")));
        }
        let envelopes = self.task_definitions.rows();
        let mut arns: Vec<Value> = (self.revisions().ordered.iter())
            .filter(|(family, ..)| agrees(request, "familyPrefix", Some(family)))
            .filter_map(|(.., place)| envelopes.get(*place))
            .map(|envelope| &envelope["taskDefinition"])
            .filter(|definition| text(definition, "status") == Some(status))
            .map(|definition| definition["taskDefinitionArn"].clone())
            .collect();
        if let Some(recorded) = &self.recorded {
            arns = recorded.revisions(text(request, "familyPrefix"));
        }
        if text(request, "sort") == Some("DESC") {
            arns.reverse();
        }
        HUNDRED.cut("taskDefinitionArns", arns, request)
    }

    /// A family is ACTIVE while one of its revisions is. Unlike the listing of revisions, the prefix is a prefix here.
    fn list_families(&self, request: &Value) -> Result<Value, Refusal> {
        let prefix = text(request, "familyPrefix").unwrap_or_default();
        let status = text(request, "status").unwrap_or("ALL");
        let mut families: Vec<(&str, bool)> = Vec::new();
        for (family, _, active, _) in &self.revisions().ordered {
            match families.last_mut() {
                Some(last) if last.0 == family => last.1 |= active,
                _ => families.push((family, *active)),
            }
        }
        let wanted = families.into_iter().filter(|(family, active)| {
            family.starts_with(prefix)
                && match status {
                    "ACTIVE" => *active,
                    "INACTIVE" => !*active,
                    _ => true,
                }
        });
        HUNDRED.cut("families", wanted.map(|(family, _)| Value::from(family)).collect(), request)
    }

    fn describe_task_definition(&self, request: &Value) -> Result<Value, Refusal> {
        let asked = text(request, "taskDefinition")
            .ok_or_else(|| Refusal::new("ClientException", "TaskDefinition can not be blank."))?;
        let envelope = self.revisions().find(asked).and_then(|place| self.task_definitions.rows().get(place));
        let envelope = envelope.ok_or_else(|| match self.recorded {
            Some(_) => refusal(format!("the recording does not hold {asked}")),
            None => Refusal::new("ClientException", "Unable to describe task definition."),
        })?;
        Ok(tags_if_asked(envelope, request))
    }

    fn describe_capacity_providers(&self, request: &Value) -> Result<Value, Refusal> {
        let asked = batch(request, "capacityProviders", 100)?;
        let mut known = self.capacity_providers.rows().to_vec();
        for (place, name) in ["FARGATE", "FARGATE_SPOT"].iter().enumerate() {
            if self.recorded.is_none() && !known.iter().any(|provider| text(provider, "name") == Some(name)) {
                let arn = self.arn(&format!("capacity-provider/{name}"));
                known.insert(
                    place,
                    json!({"capacityProviderArn": arn, "name": name, "status": "ACTIVE", "type": name, "tags": []}),
                );
            }
        }
        let mut failures = Vec::new();
        if !asked.is_empty() {
            let (mut found, all) = (Vec::new(), known);
            for one in asked {
                match all.iter().find(|provider| is(provider, one, "name", "capacityProviderArn")) {
                    Some(provider) => found.push(provider.clone()),
                    None => failures.push(self.missing("capacity-provider", one)),
                }
            }
            known = found;
        }
        if !Self::includes(request, "TAGS") {
            for provider in &mut known {
                provider["tags"] = json!([]);
            }
        }
        let mut answer = CAPACITY_PROVIDERS.cut("capacityProviders", known, request)?;
        answer["failures"] = Value::from(failures);
        Ok(answer)
    }

    fn list_tasks(&self, request: &Value) -> Result<Value, Refusal> {
        let cluster = self.cluster(request)?;
        let desired = text(request, "desiredStatus").unwrap_or("RUNNING");
        let group = text(request, "serviceName")
            .map(|service| format!("service:{}", service.rsplit('/').next().unwrap_or(service)));
        let wanted = self.tasks.rows().iter().filter(|task| {
            let family = text(task, "taskDefinitionArn")
                .and_then(|arn| arn.rsplit('/').next())
                .and_then(|name| name.split(':').next());
            text(task, "clusterArn") == text(cluster, "clusterArn")
                && text(task, "desiredStatus") == Some(desired)
                && group.as_deref().is_none_or(|group| text(task, "group") == Some(group))
                && agrees(request, "family", family)
                && agrees(request, "startedBy", text(task, "startedBy"))
                && agrees(request, "launchType", text(task, "launchType"))
                && agrees(request, "containerInstance", text(task, "containerInstanceArn"))
        });
        let rows = self.with_named(column(wanted, "taskArn"), Kind::Task, cluster);
        HUNDRED.cut("taskArns", rows, request)
    }

    fn describe_tasks(&self, request: &Value) -> Result<Value, Refusal> {
        let asked = batch(request, "tasks", 100)?;
        if asked.is_empty() {
            return Err(Refusal::invalid("Tasks cannot be empty."));
        }
        let cluster = self.cluster(request)?;
        let (arn, name) = (text(cluster, "clusterArn"), text(cluster, "clusterName").unwrap_or_default());
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for one in asked {
            let found = self.tasks.rows().iter().find(|task| {
                let task_arn = text(task, "taskArn");
                text(task, "clusterArn") == arn
                    && (task_arn == Some(one) || task_arn.and_then(|arn| arn.rsplit('/').next()) == Some(one))
            });
            match found {
                Some(task) => tasks.push(tags_if_asked_else_empty(task, request)),
                None if one.starts_with("arn:") => failures.push(self.missing("task", one)),
                None => failures.push(self.missing("task", &format!("{name}/{one}"))),
            }
        }
        Ok(json!({"tasks": tasks, "failures": failures}))
    }

    fn list_tags(&self, request: &Value) -> Result<Value, Refusal> {
        let asked = text(request, "resourceArn").unwrap_or_default();
        let by = |rows: &[Value], member: &str| {
            rows.iter().find(|row| text(row, member) == Some(asked)).map(|row| row["tags"].clone())
        };
        let revision = self
            .revisions()
            .find(asked)
            .filter(|_| asked.starts_with("arn:"))
            .and_then(|place| self.task_definitions.rows().get(place));
        let tags = by(self.clusters.rows(), "clusterArn")
            .or_else(|| by(self.services.rows(), "serviceArn"))
            .or_else(|| by(self.tasks.rows(), "taskArn"))
            .or_else(|| by(self.capacity_providers.rows(), "capacityProviderArn"))
            .or_else(|| revision.map(|envelope| envelope["tags"].clone()));
        match tags {
            Some(Value::Null) => Ok(json!({"tags": []})),
            Some(tags) => Ok(json!({ "tags": tags })),
            None => Err(Refusal::invalid("The specified resource could not be found.")),
        }
    }
}

/// Whether a document answers to what was asked, a name or an ARN.
fn is(document: &Value, asked: &str, name: &str, arn: &str) -> bool {
    text(document, if asked.starts_with("arn:") { arn } else { name }) == Some(asked)
}

fn column<'a>(rows: impl Iterator<Item = &'a Value>, member: &str) -> Vec<Value> {
    rows.filter_map(|row| row.get(member)).cloned().collect()
}

/// The names of a describe call, within its limit.
fn batch<'a>(request: &'a Value, member: &str, most: usize) -> Result<Vec<&'a str>, Refusal> {
    let asked: Vec<&str> = members(request, member).collect();
    if asked.len() > most {
        return Err(Refusal::invalid(format!("{member} can have at most {most} items.")));
    }
    Ok(asked)
}

/// A cluster as AWS cuts it to `include`: empty lists for what was not asked, and no configuration.
fn cluster_as_asked(cluster: &Value, request: &Value) -> Value {
    let mut cluster = cluster.clone();
    if let Value::Object(members) = &mut cluster {
        for (part, member) in [("TAGS", "tags"), ("SETTINGS", "settings"), ("STATISTICS", "statistics")] {
            if !Account::includes(request, part) {
                members.insert(member.to_owned(), json!([]));
            }
        }
        for (part, member) in
            [("CONFIGURATIONS", "configuration"), ("ATTACHMENTS", "attachments"), ("ATTACHMENTS", "attachmentsStatus")]
        {
            if !Account::includes(request, part) {
                members.shift_remove(member);
            }
        }
    }
    cluster
}

fn tags_if_asked(document: &Value, request: &Value) -> Value {
    let mut document = document.clone();
    if let (Value::Object(members), false) = (&mut document, Account::includes(request, "TAGS")) {
        members.shift_remove("tags");
    }
    document
}

fn tags_if_asked_else_empty(document: &Value, request: &Value) -> Value {
    let mut document = document.clone();
    if !Account::includes(request, "TAGS") {
        document["tags"] = json!([]);
    }
    document
}
