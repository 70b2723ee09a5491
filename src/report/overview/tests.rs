use std::sync::Arc;

use serde_json::{Value, json};

use super::page::iso;
use super::*;
use crate::estate::{Document, FieldPath, News, Observation, Scope, children, revision_arn};

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

fn draw(id: &ResourceId, value: &Value) -> Rendered {
    let raw: Arc<str> = value.to_string().into();
    let document = Document { id: id.clone(), operation: "Describe".into(), observed_at: 1, raw };
    let mut estate = Estate::default();
    estate.observe(Observation { scope: scope(), observed_at: 1, news: News::Described(document) });
    overview(&estate, id)
}

fn definition() -> Value {
    json!({
        "family": "web", "revision": 3, "status": "ACTIVE", "networkMode": "awsvpc",
        "executionRoleArn": "arn:aws:iam::1:role/exec", "registeredAt": 1_700_000_000.5,
        "newMember": {"deep": [1, {"x": "y"}]},
        "containerDefinitions": [{
            "name": "app", "image": "nginx:1", "essential": true,
            "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
            "environment": [{"name": "PORT", "value": "80"}, {"name": "DB_PASSWORD", "value": "Kestrel77"}],
            "secrets": [{"name": "KEY", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/key"}],
            "command": ["sh", "-c", "exec app\u{1b}[2J --password=Kestrel77"]
        }],
        "tags": [{"key": "owner", "value": "core"}]
    })
}

#[test]
fn a_revision_reads_like_a_page() {
    let rendered = draw(&revision_arn(&scope(), "web:3"), &definition());
    insta::assert_snapshot!(rendered.text(), @r"
    family:revision             web:3
    status                      ACTIVE
    taskRoleArn                 -
    executionRoleArn            arn:aws:iam::1:role/exec
    networkMode                 awsvpc

    container app
      image                     nginx:1
      essential                 true
      portMappings
        port                    80/tcp
      user                      -
      readonlyRootFilesystem    -
      command
        -                       sh
        -                       -c
        -                       (credential, 33 characters)
      environment
        PORT                    80
        DB_PASSWORD             (credential, 9 characters)
      secrets
        KEY                     arn:aws:ssm:eu-west-1:1:parameter/key
      logConfiguration          -

    registeredAt                2023-11-14T22:13:20Z

    tags
      owner                     core

    other
      newMember.deep[0] = 1
      newMember.deep[1].x = y
    ");
}

#[test]
fn every_leaf_is_shown_or_lies_below_a_line() {
    let service = json!({
        "serviceName": "web", "status": "ACTIVE", "desiredCount": 2, "runningCount": 1, "pendingCount": 1,
        "taskDefinition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3",
        "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": "x/web:3", "rolloutState": "FAILED",
            "rolloutStateReason": "tasks failed", "runningCount": 1, "desiredCount": 2, "odd": true}],
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}},
        "loadBalancers": [{"targetGroupArn": "arn:x", "containerName": "app", "containerPort": 80}],
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": true, "rollback": false}},
        "somethingNew": "value"
    });
    let id = ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn("service/prod/web"));
    for (id, value) in [(id, service), (revision_arn(&scope(), "web:3"), definition())] {
        let rendered = draw(&id, &value);
        let text = rendered.text();
        let mut open = vec![(FieldPath::root(), &value)];
        while let Some((path, value)) = open.pop() {
            let below = children(&path, value);
            if below.is_empty() {
                let shown = match value {
                    Value::String(s) if s.starts_with("arn:aws:ecs") => "web:3".to_owned(),
                    Value::String(s) if s == "x/web:3" => "web:3".to_owned(),
                    Value::String(s) if s.contains("Kestrel77") => "(credential, ".to_owned(),
                    Value::String(s) => s.clone(),
                    Value::Number(n) if n.is_f64() => "2023-11-14T22:13:20Z".to_owned(),
                    Value::Number(n) => n.to_string(),
                    other => other.to_string(),
                };
                assert!(text.contains(&shown), "{path} = {shown}\n{text}");
            }
            open.extend(below);
        }
        assert!(!text.contains("Kestrel77"));
    }
}

#[test]
fn marks_find_the_line_of_their_own_field() {
    let rendered = draw(&revision_arn(&scope(), "web:3"), &definition());
    for path in [
        "taskRoleArn",
        "status",
        "containerDefinitions[0].environment[1].value",
        "containerDefinitions[0].command[2]",
        "containerDefinitions[0].logConfiguration",
        "containerDefinitions[0].readonlyRootFilesystem",
    ] {
        let path: FieldPath = path.parse().unwrap();
        let line = &rendered.lines()[rendered.line_of(&path).unwrap()];
        assert_eq!(line.path.as_ref(), Some(&path));
    }
}

#[test]
fn time_is_told_in_utc() {
    assert_eq!(iso(0.0), "1970-01-01T00:00:00Z");
    assert_eq!(iso(951_782_400.0), "2000-02-29T00:00:00Z");
    assert_eq!(iso(1_772_323_199.9), "2026-02-28T23:59:59Z");
    assert_eq!(iso(4_107_542_400.0), "2100-03-01T00:00:00Z");
    assert_eq!(iso(-1.0), "-1");
}

#[test]
fn what_was_not_read_says_so() {
    assert!(overview(&Estate::default(), &revision_arn(&scope(), "web:3")).text().contains("not read yet"));
}
