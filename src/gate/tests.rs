use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::estate::{Document, Gap, GapReason, News, Observation, Scope, Subject, revision_arn};

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

fn describe(estate: &mut Estate, id: &ResourceId, value: &Value) {
    let raw: Arc<str> = value.to_string().into();
    let document = Document { id: id.clone(), operation: "Describe".into(), observed_at: 1, raw };
    estate.observe(Observation { scope: scope(), observed_at: 1, news: News::Described(document) });
}

fn service(name: &str) -> ResourceId {
    ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/prod/{name}")))
}

fn revision(named: &str) -> ResourceId {
    revision_arn(&scope(), named)
}

/// One service on one revision, with these documents.
fn estate(service_value: Value, definition: &Value) -> Estate {
    let mut estate = Estate::default();
    let mut value = service_value;
    value["taskDefinition"] = (*revision("web:1").native).into();
    describe(&mut estate, &service("web"), &value);
    describe(&mut estate, &revision("web:1"), definition);
    estate
}

fn brief(review: &Review, id: &ResourceId) -> Vec<String> {
    let line = |m: &Mark| format!("{} {} {} {}: {}", m.sign, m.severity.word(), m.rule, m.path, m.text);
    review.marks(id).iter().map(line).collect()
}

fn risky() -> Value {
    json!({
        "taskRoleArn": "arn:aws:iam::123456789012:role/app",
        "executionRoleArn": "arn:aws:iam::123456789012:role/app",
        "containerDefinitions": [{
            "name": "app", "privileged": true, "command": ["--password", "Kestrel77"],
            "environment": [{"name": "PORT", "value": "80"}, {"name": "DB_PASSWORD", "value": "Kestrel77"},
                            {"name": "URL", "value": "postgres://a:Kestrel78@db/x"}, {"name": "ADMIN_PASSWORD", "value": "admin"}]
        }]
    })
}

#[test]
fn each_rule_marks_its_own_field() {
    let service_value = json!({"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "ENABLED"}},
        "taskSets": [{"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "ENABLED"}}},
                     {"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "DISABLED"}}}]});
    let review = Review::of(&estate(service_value, &risky()));
    assert_eq!(
        brief(&review, &revision("web:1")),
        [
            "!! critical SEC-001 containerDefinitions[0].environment[2].value: URL: an address with a password",
            "!! critical ISO-001 containerDefinitions[0].privileged: container app is root on its host",
            "!! high SEC-002 containerDefinitions[0].command[1]: --password: named as a credential",
            "!! high SEC-001 containerDefinitions[0].environment[1].value: DB_PASSWORD: named as a credential",
            "!! high IDN-001 taskRoleArn: executionRoleArn is the same role, app",
            "! medium SEC-001 containerDefinitions[0].environment[3].value: ADMIN_PASSWORD: a well-known default",
        ]
    );
    assert_eq!(
        brief(&review, &service("web")),
        [
            "!! high NET-001 networkConfiguration.awsvpcConfiguration.assignPublicIp: tasks get a public address",
            "!! high NET-001 taskSets[0].networkConfiguration.awsvpcConfiguration.assignPublicIp: tasks get a public address",
        ]
    );
    let row = review.row(&service("web"));
    assert_eq!((row.grave, row.lesser, row.worst), (7, 1, Some(Severity::Critical)));
    assert_eq!(review.row(&ResourceId::cluster(&scope(), "prod")), row);
    assert_eq!(review.count(&service("web")).grave, 2);
}

#[test]
fn a_harmless_workload_is_clean_and_its_passes_are_counted() {
    let definition = json!({"taskRoleArn": "arn:aws:iam::1:role/a", "executionRoleArn": "arn:aws:iam::1:role/b",
        "containerDefinitions": [{"name": "app", "privileged": false}]});
    let review = Review::of(&estate(json!({}), &definition));
    assert!(review.findings.is_empty(), "{:?}", review.findings);
    assert_eq!(review.passes.get("IDN-001"), Some(&1));
    assert_eq!(review.passes.get("NET-001"), Some(&1));
}

#[test]
fn production_raises_by_one_step_from_either_side() {
    let tag = json!([{"key": "Environment", "value": "PROD"}]);
    let severity = |estate: &Estate| {
        let review = Review::of(estate);
        let marks = review.marks(&revision("web:1"));
        marks.iter().find(|m| m.rule == "IDN-001").unwrap().severity
    };
    assert_eq!(severity(&estate(json!({}), &risky())), Severity::High);
    assert_eq!(severity(&estate(json!({"tags": tag}), &risky())), Severity::Critical);
    let mut tagged = risky();
    tagged["tags"] = json!([{"key": "env", "value": "production"}]);
    assert_eq!(severity(&estate(json!({}), &tagged)), Severity::Critical);
    tagged["tags"] = json!([{"key": "env", "value": "non-prod"}, {"key": "team", "value": "prod"}]);
    assert_eq!(severity(&estate(json!({}), &tagged)), Severity::High);
}

#[test]
fn silence_is_unknown_with_its_reason() {
    let mut estate = Estate::default();
    let named = |n: u32| (*revision(&format!("web:{n}")).native).to_owned();
    let value = json!({"taskDefinition": named(1), "deployments": [{"taskDefinition": named(2)}],
        "taskSets": [{"taskDefinition": named(3)}]});
    describe(&mut estate, &service("web"), &value);
    let gap = Gap {
        observed_at: 2,
        reason: GapReason::Denied,
        action: "ecs:DescribeTaskDefinition".into(),
        message: "no".into(),
    };
    let news = News::Denied(Subject::Resource(revision("web:1")), gap);
    estate.observe(Observation { scope: scope(), observed_at: 2, news });
    let review = Review::of(&estate);
    let why = |n: u32| match &review.findings[&revision(&format!("web:{n}"))][0].verdict {
        Verdict::Unknown(why) => why.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(why(1), "denied: ecs:DescribeTaskDefinition");
    assert_eq!(why(2), "not read: ecs:DescribeTaskDefinition");
    assert_eq!(why(3), "not read: ecs:DescribeTaskDefinition");
    let row = review.row(&service("web"));
    assert!(row.unknown >= 4 && row.failures() == 0 && !row.is_clean());
    assert!(!review.passes.contains_key("IDN-001"));
}

#[test]
fn an_override_of_a_running_task_is_read() {
    let mut estate = Estate::default();
    let task = ResourceId::new(&scope(), Kind::Task, &scope().ecs_arn("task/prod/0123456789abcdef"));
    let value = json!({"overrides": {"containerOverrides": [{"name": "a", "environment": [{"name": "API_SECRET", "value": "k2LmQ9xT4vZ1"}]}]}});
    describe(&mut estate, &task, &value);
    let marks = Review::of(&estate).marks(&task);
    assert_eq!(marks[0].rule, "SEC-002");
    assert_eq!(marks[0].path.to_string(), "overrides.containerOverrides[0].environment[0].value");
}

/// The budget is five thousand revisions in a second of an optimised build; this one is not optimised.
#[test]
fn five_hundred_revisions_are_reviewed_quickly() {
    let mut estate = Estate::default();
    for n in 0..500 {
        let mut value = risky();
        let environment: Vec<Value> = (0..30)
            .map(|v| json!({"name": format!("SETTING_{v}"), "value": format!("https://host-{v}.example.com/path")}))
            .collect();
        value["containerDefinitions"][0]["environment"] = environment.into();
        describe(&mut estate, &revision(&format!("family{n}:1")), &value);
    }
    let start = std::time::Instant::now();
    let review = Review::of(&estate);
    assert_eq!(review.findings.len(), 500);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn unknown_drift_is_counted_and_standalone_tasks_count_too() {
    let mut estate = estate(json!({"clusterArn": &*scope().ecs_arn("cluster/prod")}), &risky());
    let cluster = ResourceId::cluster(&scope(), "prod");
    let before = Review::of(&estate);
    assert_eq!(before.row(&service("web")).undated, 1, "nobody has listed the family");
    assert_eq!(before.row(&cluster).undated, 1);
    let listing = crate::estate::Listing::Revisions("web".into());
    let news = News::Listed { listing, ids: vec![revision("web:1")], complete: false };
    estate.observe(Observation { scope: scope(), observed_at: 2, news });
    let after = Review::of(&estate);
    assert_eq!(after.row(&cluster).undated, 0);
    describe(&mut estate, &revision("job:1"), &risky());
    for name in ["one", "two"] {
        let id = ResourceId::new(&scope(), Kind::Task, &scope().ecs_arn(&format!("task/prod/{name}")));
        let secret = json!({"name": "app", "environment": [{"name": "DB_PASSWORD", "value": "Kestrel77"}]});
        describe(
            &mut estate,
            &id,
            &json!({
                "clusterArn": &*scope().ecs_arn("cluster/prod"), "group": "family:job", "lastStatus": "RUNNING",
                "taskDefinitionArn": &*revision("job:1").native, "overrides": {"containerOverrides": [secret]},
            }),
        );
    }
    let with = Review::of(&estate);
    let task = ResourceId::new(&scope(), Kind::Task, &scope().ecs_arn("task/prod/one"));
    let (own, of_job) = (with.count(&task), with.count(&revision("job:1")));
    assert!(own.grave > 0 && of_job.grave > 0);
    assert_eq!(with.row(&task).grave, own.grave + of_job.grave);
    // Two tasks, one revision.
    assert_eq!(with.row(&cluster).grave, after.row(&cluster).grave + 2 * own.grave + of_job.grave);
    assert_eq!(
        with.rolled_up(&estate, &cluster).iter().filter(|mark| mark.sign == "!!").count(),
        with.row(&cluster).grave
    );
}
