//! Documents as AWS says them, states as the provider writes them.

use super::*;
use serde_json::json;

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

fn entry(resource_type: &str, values: Value) -> StateResource {
    StateResource {
        address: format!("{resource_type}.x"),
        resource_type: resource_type.into(),
        name: "x".into(),
        module: String::new(),
        is_data: false,
        values,
    }
}

fn compared(document: &Value, entry: &StateResource, dialect: Dialect) -> Comparison {
    let (id, map) = identify(entry, &scope()).unwrap();
    let mut out = Comparison::default();
    compare(&id, map, document, entry, dialect, &mut out);
    out
}

fn told(comparison: &Comparison) -> Vec<String> {
    comparison.differing.iter().map(|d| format!("{} = {}: {} / {}", d.argument, d.field, d.live, d.state)).collect()
}

fn service() -> Value {
    json!({"serviceName": "web", "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod", "desiredCount": 3,
        "taskDefinition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7", "launchType": "FARGATE",
        "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
        "loadBalancers": [{"targetGroupArn": "tg:a", "containerName": "app", "containerPort": 80},
            {"targetGroupArn": "tg:b", "containerName": "app", "containerPort": 81}],
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["s-2", "s-1"], "securityGroups": [], "assignPublicIp": "DISABLED"}},
        "tags": [{"key": "team", "value": ""}, {"key": "aws:x", "value": "1"}]})
}

fn service_state() -> Value {
    json!({"id": "arn:aws:ecs:eu-west-1:123456789012:service/prod/web", "name": "web", "desired_count": 3,
        "cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/prod", "task_definition": "web:7", "launch_type": "FARGATE",
        "deployment_maximum_percent": 200, "deployment_minimum_healthy_percent": 100, "enable_execute_command": false,
        "load_balancer": [{"target_group_arn": "tg:b", "container_name": "app", "container_port": 81, "elb_name": ""},
            {"target_group_arn": "tg:a", "container_name": "app", "container_port": 80, "elb_name": ""}],
        "network_configuration": [{"subnets": ["s-1", "s-2"], "security_groups": null, "assign_public_ip": false}],
        "deployment_controller": [{"type": "ECS"}], "deployment_circuit_breaker": [{"enable": false, "rollback": false}],
        "tags": {}, "tags_all": {"team": ""}, "timeouts": {}})
}

#[test]
fn what_the_provider_reads_is_the_same() {
    let found = compared(&service(), &entry("aws_ecs_service", service_state()), Dialect::V3);
    assert_eq!(told(&found), Vec::<String>::new());
    assert!(found.is_same() && found.compared >= 14, "{}", found.compared);
    assert_eq!(found.not_held, []);
}

#[test]
fn each_change_is_named_by_field_and_argument() {
    let mut document = service();
    document["desiredCount"] = json!(4);
    document["loadBalancers"][1]["containerPort"] = json!(8080);
    document["networkConfiguration"]["awsvpcConfiguration"]["subnets"] = json!(["s-3", "s-1"]);
    document["tags"] = json!([{"key": "owner", "value": "me"}]);
    let found = compared(&document, &entry("aws_ecs_service", service_state()), Dialect::V3);
    assert_eq!(
        told(&found),
        [
            "desired_count = desiredCount: 4 / 3",
            r#"tags["owner"] = tags[0].value: "me" / null"#,
            r#"tags["team"] = tags: null / """#,
            "load_balancer[1].container_port = loadBalancers[1].containerPort: 8080 / 81",
            r#"network_configuration.subnets = networkConfiguration.awsvpcConfiguration.subnets: ["s-1","s-3"] / ["s-1","s-2"]"#,
        ]
    );
    assert!(!found.is_same());
    let mut state = service_state();
    state["load_balancer"].as_array_mut().unwrap().push(json!({"target_group_arn": "tg:c"}));
    let found = compared(&service(), &entry("aws_ecs_service", state), Dialect::V3);
    assert_eq!(told(&found).len(), 1, "{:?}", told(&found));
}

#[test]
fn zero_is_absent_and_a_default_is_not_any_value() {
    let mut document = service();
    document["deploymentConfiguration"]["maximumPercent"] = json!(0);
    let found = compared(&document, &entry("aws_ecs_service", service_state()), Dialect::V3);
    assert_eq!(told(&found), ["deployment_maximum_percent = deploymentConfiguration.maximumPercent: 0 / 200"]);
    document["deploymentConfiguration"] = Value::Null;
    let mut state = service_state();
    state["deployment_maximum_percent"] = json!(0);
    state["deployment_minimum_healthy_percent"] = json!(0);
    let found = compared(&document, &entry("aws_ecs_service", state), Dialect::V3);
    assert!(found.is_same(), "{:?}", told(&found));
}

#[test]
fn what_the_provider_does_not_hold_is_listed_with_a_reason() {
    let mut document = service();
    document["deploymentConfiguration"]["earlySuccessCriteria"] = json!({"enable": true});
    document["availabilityZoneRebalancing"] = json!("ENABLED");
    let state = service_state();
    let found = compared(&document, &entry("aws_ecs_service", state.clone()), Dialect::V6);
    let listed: Vec<String> = found.not_held.iter().map(|n| format!("{}: {}", n.field, n.why)).collect();
    assert!(listed.contains(&"availabilityZoneRebalancing: this version of the provider has no such argument".into()));
    assert!(listed.iter().any(|line| line.starts_with("deploymentConfiguration.earlySuccessCriteria: ")), "{listed:?}");
    // An EXTERNAL controller's revision is not read; one that the state holds is compared.
    document["deploymentController"] = json!({"type": "EXTERNAL"});
    let mut external = state;
    external["task_definition"] = Value::Null;
    let found = compared(&document, &entry("aws_ecs_service", external), Dialect::V3);
    assert!(found.not_held.iter().any(|n| n.field.to_string() == "taskDefinition" && n.why.contains("EXTERNAL")));
    // Settings of a cluster in 3.39.
    let cluster = json!({"clusterName": "prod", "settings": [{"name": "containerInsights", "value": "enabled"}]});
    let values = json!({"name": "prod", "setting": [], "tags": {}});
    let found = compared(&cluster, &entry("aws_ecs_cluster", values), Dialect::V3);
    assert_eq!(found.not_held.len(), 1, "{:?}", found.not_held);
    assert!(found.not_held[0].why.contains("SETTINGS"));
}

fn definition(container: &Value) -> Value {
    json!({"family": "web", "networkMode": "awsvpc", "containerDefinitions": [container]})
}

fn revision(containers: &Value) -> StateResource {
    let arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7";
    let values =
        json!({"arn": arn, "family": "web", "network_mode": "awsvpc", "container_definitions": containers.to_string()});
    entry("aws_ecs_task_definition", values)
}

#[test]
fn containers_are_compared_as_the_provider_does() {
    let live = json!({"name": "app", "image": "nginx:1", "cpu": 0, "essential": true, "command": [],
        "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
        "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
        "restartPolicy": {"enabled": true}});
    let same = json!([{"name": "app", "image": "nginx:1",
        "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "portMappings": [{"containerPort": 80}],
        "restartPolicy": {"enabled": true}}]);
    let found = compared(&definition(&live), &revision(&same), Dialect::V6);
    assert!(found.is_same(), "{:?}", told(&found));

    let other = json!([{"name": "app", "image": "nginx:2", "essential": false,
        "environment": [{"name": "A", "value": "1"}], "portMappings": [{"containerPort": 80}]}]);
    let found = compared(&definition(&live), &revision(&other), Dialect::V6);
    let arguments: Vec<&str> = found.differing.iter().map(|d| &*d.argument).collect();
    assert_eq!(
        arguments,
        [
            "container_definitions[0].image",
            "container_definitions[0].essential",
            "container_definitions[0].restartPolicy",
            "container_definitions[0].environment[0]",
        ]
    );
    // 3.39 drops what is newer than itself, and only that.
    let found = compared(&definition(&live), &revision(&other), Dialect::V3);
    assert_eq!(found.differing.len(), 3, "{:?}", told(&found));
    assert_eq!(
        found.not_held.iter().map(|n| n.field.to_string()).collect::<Vec<_>>(),
        ["containerDefinitions[0].restartPolicy"]
    );
    // What it knows and the state lacks was lost.
    let imageless =
        json!([{"name": "app", "environment": live["environment"], "portMappings": [{"containerPort": 80}]}]);
    let found = compared(&definition(&live), &revision(&imageless), Dialect::V3);
    assert_eq!(told(&found), [r#"container_definitions[0].image = containerDefinitions[0].image: "nginx:1" / null"#]);
}

#[test]
fn no_side_tells_a_credential() {
    let live = json!({"name": "app", "image": "i", "environment": [{"name": "DB_PASSWORD", "value": "made-up-Plum7-Kettle!29"}]});
    let state = json!([{"name": "app", "image": "i", "environment": [{"name": "DB_PASSWORD", "value": "rotated-Quince8-Anvil!31"}]}]);
    let found = compared(&definition(&live), &revision(&state), Dialect::V6);
    assert_eq!(found.differing.len(), 1);
    let text = serde_json::to_string(&found).unwrap();
    assert!(!text.contains("Plum7") && !text.contains("Quince8"), "{text}");
    let without = json!([{"name": "app", "image": "i"}]);
    for (live, state) in [(live, without.clone()), (without[0].clone(), state)] {
        let text = serde_json::to_string(&compared(&definition(&live), &revision(&state), Dialect::V6)).unwrap();
        assert!(text.contains("differing") && !text.contains("Plum7") && !text.contains("Quince8"), "{text}");
    }
}

#[test]
fn a_credential_that_only_the_state_holds_is_masked_wherever_it_stands() {
    let mut state = service_state();
    state["tags_all"] =
        json!({"team": "", "note": "made-up-Quince8-Anvil!31", "DB_PASSWORD": "made-up-Quince8-Anvil!31"});
    let mut document = service();
    document["tags"] = json!([{"key": "team", "value": ""}, {"key": "note", "value": "plain"}]);
    let found = compared(&document, &entry("aws_ecs_service", state), Dialect::V6);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(found.differing.len(), 2, "{text}");
    assert!(!text.contains("Quince8"), "{text}");
}

#[test]
fn every_type_is_identified_from_its_state() {
    let of = |resource_type: &str, values: Value| {
        identify(&entry(resource_type, values), &scope()).map(|(id, _)| id.native.to_string())
    };
    let ecs = |resource: &str| Some(format!("arn:aws:ecs:eu-west-1:123456789012:{resource}"));
    assert_eq!(of("aws_ecs_cluster", json!({"name": "prod"})), ecs("cluster/prod"));
    assert_eq!(of("aws_ecs_cluster_capacity_providers", json!({"cluster_name": "prod"})), ecs("cluster/prod"));
    assert_eq!(of("aws_ecs_service", service_state()), ecs("service/prod/web"));
    let scaling = json!({"service_namespace": "ecs", "resource_id": "service/prod/web", "name": "p/q",
        "scalable_dimension": "ecs:service:DesiredCount"});
    assert_eq!(
        of("aws_appautoscaling_target", scaling.clone()).unwrap(),
        "ecs/service/prod/web/ecs:service:DesiredCount"
    );
    assert_eq!(of("aws_appautoscaling_policy", scaling).unwrap(), "ecs/service/prod/web/ecs:service:DesiredCount/p/q");
    assert_eq!(of("aws_s3_bucket", json!({"id": "b"})), None);
}
