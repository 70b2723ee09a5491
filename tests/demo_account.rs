//! The demo account holds what it says, and answers the real SDK as AWS would, in the process and over loopback.

// A test stops where it fails, in what the tests share too.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/server.rs"]
mod server;

use aws_sdk_ecs::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig};
use aws_sdk_ecs::error::ProvideErrorMetadata;
use aws_sdk_ecs::types::{
    CapacityProviderField, ClusterField, DesiredStatus, ServiceField, SortOrder, TaskDefinitionFamilyStatus,
    TaskDefinitionField, TaskField,
};
use ecsight::aws::demo::{Account, DemoClient};
use serde_json::{Value, json};
use server::Server;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PREFIX: &str = "arn:aws:ecs:eu-west-1:123456789012";

fn config() -> aws_sdk_ecs::config::Builder {
    aws_sdk_ecs::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(credentials())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(5)))
}

fn credentials() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new("DEMO", "demo", None, None, "test"))
}

fn through_demo(account: Arc<Account>) -> aws_sdk_ecs::Client {
    aws_sdk_ecs::Client::from_conf(config().http_client(DemoClient::new(account)).build())
}

fn through_server(server: &Server) -> aws_sdk_ecs::Client {
    aws_sdk_ecs::Client::from_conf(config().http_client(plain_http()).endpoint_url(server.url()).build())
}

fn plain_http() -> impl aws_smithy_runtime_api::client::http::HttpClient + 'static {
    aws_smithy_http_client::Builder::new().build_http()
}

/// 130 clusters, the first with 250 services, and a family of 30 ACTIVE revisions and 2 INACTIVE ones.
fn edge() -> Account {
    let clusters: Vec<Value> = (0..130).map(|n| json!({"clusterArn": format!("{PREFIX}:cluster/c{n:03}"), "clusterName": format!("c{n:03}"), "status": "ACTIVE", "tags": [{"key": "n", "value": n.to_string()}]})).collect();
    let services: Vec<Value> = (0..250)
        .map(|n| json!({"serviceArn": format!("{PREFIX}:service/c000/s{n:03}"), "serviceName": format!("s{n:03}"), "clusterArn": format!("{PREFIX}:cluster/c000"), "status": "ACTIVE", "desiredCount": 1, "taskDefinition": format!("{PREFIX}:task-definition/many:30"), "schedulingStrategy": "REPLICA", "tags": []}))
        .collect();
    let revisions: Vec<Value> = (1..=32).rev().map(|n| json!({"taskDefinition": {"taskDefinitionArn": format!("{PREFIX}:task-definition/many:{n}"), "family": "many", "revision": n, "status": if n > 30 { "INACTIVE" } else { "ACTIVE" }, "containerDefinitions": []}, "tags": []})).collect();
    let tasks: Vec<Value> = (0..250).map(|n| json!({"taskArn": format!("{PREFIX}:task/c000/{n:032x}"), "clusterArn": format!("{PREFIX}:cluster/c000"), "taskDefinitionArn": format!("{PREFIX}:task-definition/many:30"), "desiredStatus": "RUNNING", "lastStatus": "RUNNING", "group": "service:s000"})).collect();
    Account::from_json(
        &json!({"clusters": clusters, "services": services, "task_definitions": revisions, "tasks": tasks}),
    )
}

/// Pages everything of the edge account, and returns the counts.
async fn page_everything(client: &aws_sdk_ecs::Client) -> (usize, usize, usize, usize) {
    let clusters: Vec<String> =
        client.list_clusters().into_paginator().items().send().collect::<Result<_, _>>().await.unwrap();
    let services: BTreeSet<String> = client
        .list_services()
        .cluster("c000")
        .max_results(100)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .unwrap()
        .into_iter()
        .collect();
    let tasks: Vec<String> = client
        .list_tasks()
        .cluster(&clusters[0])
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .unwrap();
    let revisions: Vec<String> = client
        .list_task_definitions()
        .family_prefix("many")
        .max_results(10)
        .sort(SortOrder::Desc)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .unwrap();
    assert!(
        revisions[0].ends_with("many:30") && revisions[29].ends_with("many:1"),
        "newest first, by number: {revisions:?}"
    );
    (clusters.len(), services.len(), tasks.len(), revisions.len())
}

#[tokio::test]
async fn the_sdk_pages_everything_in_the_process_and_over_loopback() {
    assert_eq!(page_everything(&through_demo(Arc::new(edge()))).await, (130, 250, 250, 30));
    let server = Server::start(edge());
    assert_eq!(page_everything(&through_server(&server)).await, (130, 250, 250, 30));
    let calls: BTreeMap<String, usize> =
        [("ListClusters", 2), ("ListServices", 3), ("ListTasks", 3), ("ListTaskDefinitions", 3)]
            .map(|(name, calls)| (name.to_owned(), calls))
            .into();
    assert_eq!(server.calls(), calls);
    assert_eq!(server.mutations(), 0);
}

#[tokio::test]
async fn list_services_gives_ten_unless_asked() {
    let client = through_demo(Arc::new(edge()));
    let page = client.list_services().cluster("c000").send().await.unwrap();
    assert_eq!((page.service_arns().len(), page.next_token().is_some()), (10, true));
    assert_eq!(
        client.list_services().cluster("c000").max_results(101).send().await.unwrap_err().code(),
        Some("InvalidParameterException")
    );
    assert_eq!(
        client.list_services().cluster("c000").next_token("made up").send().await.unwrap_err().code(),
        Some("InvalidParameterException")
    );
    assert_eq!(
        client.list_services().cluster("nowhere").send().await.unwrap_err().code(),
        Some("ClusterNotFoundException")
    );
}

#[tokio::test]
async fn batches_over_the_limit_are_refused() {
    let client = through_demo(Arc::new(edge()));
    let names = |letter: char, n: usize| Some((0..n).map(|n| format!("{letter}{n:03}")).collect::<Vec<_>>());
    assert_eq!(
        client.describe_services().cluster("c000").set_services(names('s', 10)).send().await.unwrap().services().len(),
        10
    );
    assert_eq!(
        client.describe_services().cluster("c000").set_services(names('s', 11)).send().await.unwrap_err().code(),
        Some("InvalidParameterException")
    );
    assert_eq!(client.describe_clusters().set_clusters(names('c', 100)).send().await.unwrap().clusters().len(), 100);
    assert_eq!(
        client.describe_clusters().set_clusters(names('c', 101)).send().await.unwrap_err().code(),
        Some("InvalidParameterException")
    );
    let tasks = |n: u32| Some((0..n).map(|n| format!("{n:032x}")).collect::<Vec<_>>());
    assert_eq!(client.describe_tasks().cluster("c000").set_tasks(tasks(100)).send().await.unwrap().tasks().len(), 100);
    assert_eq!(
        client.describe_tasks().cluster("c000").set_tasks(tasks(101)).send().await.unwrap_err().code(),
        Some("InvalidParameterException")
    );
}

#[tokio::test]
async fn what_is_not_there_is_missing_not_an_error() {
    let client = through_demo(Arc::new(Account::demo()));
    let answer =
        client.describe_services().cluster("prod-apps").services("payments").services("gone").send().await.unwrap();
    assert_eq!((answer.services().len(), answer.failures()[0].reason()), (1, Some("MISSING")));
    assert_eq!(answer.failures()[0].arn(), Some(format!("{PREFIX}:service/prod-apps/gone").as_str()));
    assert_eq!(
        client.describe_task_definition().task_definition("payments:1").send().await.unwrap_err().code(),
        Some("ClientException")
    );
}

#[tokio::test]
async fn a_clusters_tags_settings_and_configuration_come_only_when_asked_for() {
    let client = through_demo(Arc::new(Account::demo()));
    let bare = client.describe_clusters().clusters("prod-apps").send().await.unwrap().clusters()[0].clone();
    assert!(
        bare.tags().is_empty()
            && bare.settings().is_empty()
            && bare.statistics().is_empty()
            && bare.configuration().is_none()
    );
    let all = [
        ClusterField::Tags,
        ClusterField::Settings,
        ClusterField::Statistics,
        ClusterField::Configurations,
        ClusterField::Attachments,
    ];
    let full = client
        .describe_clusters()
        .clusters(format!("{PREFIX}:cluster/prod-apps"))
        .set_include(Some(all.to_vec()))
        .send()
        .await
        .unwrap()
        .clusters()[0]
        .clone();
    assert!(
        !full.tags().is_empty()
            && !full.settings().is_empty()
            && !full.statistics().is_empty()
            && full.configuration().is_some()
    );
}

#[tokio::test]
async fn tags_of_services_revisions_tasks_and_providers_come_only_when_asked_for() {
    let client = through_demo(Arc::new(Account::demo()));
    let service = client.describe_services().cluster("prod-apps").services("payments");
    assert!(service.clone().send().await.unwrap().services()[0].tags().is_empty());
    assert!(!service.include(ServiceField::Tags).send().await.unwrap().services()[0].tags().is_empty());

    let revision = client.describe_task_definition().task_definition("payments:47");
    assert!(revision.clone().send().await.unwrap().tags().is_empty());
    assert!(!revision.include(TaskDefinitionField::Tags).send().await.unwrap().tags().is_empty());

    let arns =
        client.list_tasks().cluster("prod-apps").family("etl-nightly").send().await.unwrap().task_arns().to_vec();
    assert_eq!(arns.len(), 2);
    let task = client.describe_tasks().cluster("prod-apps").tasks(&arns[0]);
    assert!(task.clone().send().await.unwrap().tasks()[0].tags().is_empty());
    assert!(!task.include(TaskField::Tags).send().await.unwrap().tasks()[0].tags().is_empty());

    let providers = client.describe_capacity_providers();
    let names: Vec<_> = providers
        .clone()
        .send()
        .await
        .unwrap()
        .capacity_providers()
        .iter()
        .map(|one| (one.name().unwrap_or_default().to_owned(), one.tags().len()))
        .collect();
    assert_eq!(
        names,
        [
            ("FARGATE".to_owned(), 0),
            ("FARGATE_SPOT".to_owned(), 0),
            ("prod-data-asg".to_owned(), 0),
            ("prod-data-gpu".to_owned(), 0)
        ]
    );
    assert_eq!(
        providers
            .capacity_providers("prod-data-asg")
            .include(CapacityProviderField::Tags)
            .send()
            .await
            .unwrap()
            .capacity_providers()[0]
            .tags()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_family_is_its_newest_active_revision() {
    let client = through_demo(Arc::new(Account::demo()));
    let described = client.describe_task_definition().task_definition("ledger").send().await.unwrap();
    assert_eq!(described.task_definition().unwrap().revision(), 12);
    let edge = through_demo(Arc::new(edge()));
    let newest = edge.describe_task_definition().task_definition("many");
    let newest = newest.send().await.unwrap();
    assert_eq!(newest.task_definition().unwrap().revision(), 30);
    let gone = client.describe_task_definition().task_definition("beta-probe");
    assert_eq!(gone.send().await.unwrap_err().code(), Some("ClientException"));
    let families = client.list_task_definition_families().status(TaskDefinitionFamilyStatus::Active);
    let families = families.send().await.unwrap().families().to_vec();
    assert!(families.len() >= 12 && !families.contains(&"beta-probe".to_owned()));
    let inactive = client.describe_task_definition().task_definition("ledger:11").send().await.unwrap();
    assert_eq!(inactive.task_definition().unwrap().status().unwrap().as_str(), "INACTIVE");
    let active = client.list_task_definitions().family_prefix("ledger").send().await.unwrap();
    assert_eq!(active.task_definition_arns(), [format!("{PREFIX}:task-definition/ledger:12")]);
    assert!(
        client.list_task_definitions().family_prefix("ledg").send().await.unwrap().task_definition_arns().is_empty(),
        "familyPrefix is a whole family name here"
    );
}

#[tokio::test]
async fn stopped_tasks_are_listed_apart() {
    let client = through_demo(Arc::new(Account::demo()));
    let running = client.list_tasks().cluster("prod-apps").service_name("search-api").send().await.unwrap();
    let stopped = client
        .list_tasks()
        .cluster("prod-apps")
        .service_name("search-api")
        .desired_status(DesiredStatus::Stopped)
        .send()
        .await
        .unwrap();
    assert_eq!((running.task_arns().len(), stopped.task_arns().len()), (3, 2));
}

#[tokio::test]
async fn scaling_and_identity_answer_too() {
    let account = Arc::new(Account::demo());
    let server = Server::start(Arc::clone(&account));
    for over_loopback in [false, true] {
        let sdk = if over_loopback {
            sdk_config(plain_http(), Some(&server))
        } else {
            sdk_config(DemoClient::new(Arc::clone(&account)), None)
        };
        let scaling = aws_sdk_applicationautoscaling::Client::new(&sdk);
        let ecs = aws_sdk_applicationautoscaling::types::ServiceNamespace::Ecs;
        let targets = scaling.describe_scalable_targets().service_namespace(ecs.clone()).send().await.unwrap();
        assert_eq!(targets.scalable_targets().len(), 3);
        let policies = scaling
            .describe_scaling_policies()
            .service_namespace(ecs.clone())
            .resource_id("service/prod-apps/catalog-api")
            .send()
            .await
            .unwrap();
        assert_eq!(policies.scaling_policies().len(), 2);
        assert!(
            scaling
                .describe_scheduled_actions()
                .service_namespace(ecs)
                .send()
                .await
                .unwrap()
                .scheduled_actions()
                .is_empty()
        );
        let caller = aws_sdk_sts::Client::new(&sdk).get_caller_identity().send().await.unwrap();
        assert_eq!(caller.account(), Some("123456789012"));
    }
    assert_eq!(account.mutations(), 0);
}

/// For the clients beside ECS: over loopback when an endpoint is given, else in the process.
fn sdk_config(
    http: impl aws_smithy_runtime_api::client::http::HttpClient + 'static,
    endpoint: Option<&Server>,
) -> aws_config::SdkConfig {
    let mut builder = aws_config::SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(credentials())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(5)))
        .http_client(http);
    builder.set_endpoint_url(endpoint.map(Server::url));
    builder.build()
}

#[tokio::test]
async fn nothing_can_be_changed_and_the_try_is_counted() {
    let account = Arc::new(Account::demo());
    let refused = through_demo(Arc::clone(&account)).delete_cluster().cluster("sandbox").send().await.unwrap_err();
    assert_eq!((refused.code(), account.mutations()), (Some("ReadOnlyAccountException"), 1));
    let server = Server::start(Arc::clone(&account));
    through_server(&server)
        .update_service()
        .cluster("prod-apps")
        .service("payments")
        .desired_count(0)
        .send()
        .await
        .unwrap_err();
    assert_eq!((server.mutations(), account.mutations()), (1, 2));
    assert_eq!(
        through_server(&server).list_container_instances().cluster("prod-data").send().await.unwrap_err().code(),
        Some("AccessDeniedException")
    );
    assert_eq!(server.mutations(), 1);
}

#[tokio::test]
async fn the_server_denies_slows_throttles_and_breaks_what_it_is_told_to() {
    let server = Server::start(edge());
    let client = through_server(&server);
    let list = || client.list_services().cluster("c000").max_results(100);

    server.deny("ListServices");
    assert_eq!(list().send().await.unwrap_err().code(), Some("AccessDeniedException"));
    server.ok().deny_page("ListServices", 2);
    let first = list().send().await.unwrap();
    assert_eq!(
        list().next_token(first.next_token().unwrap()).send().await.unwrap_err().code(),
        Some("AccessDeniedException")
    );

    server.ok().deny_nth("DescribeClusters", |n| n % 2 == 1);
    let describe = || client.describe_clusters().clusters("c001");
    assert!(describe().send().await.is_ok() && describe().send().await.is_err() && describe().send().await.is_ok());

    server.ok().forget();
    server.throttle("DescribeClusters", 2);
    assert!(describe().send().await.is_ok());
    assert_eq!(server.calls()["DescribeClusters"], 3);

    server.ok().malform("DescribeClusters");
    assert!(describe().send().await.is_err());

    server.ok().expire();
    assert_eq!(describe().send().await.unwrap_err().code(), Some("ExpiredTokenException"));
    let sts = aws_sdk_sts::Client::new(&sdk_config(plain_http(), Some(&server)));
    assert_eq!(sts.get_caller_identity().send().await.unwrap_err().code(), Some("ExpiredToken"));
    server.ok();
    assert!(sts.get_caller_identity().send().await.is_ok());

    server.delay("DescribeClusters", Duration::from_millis(120));
    let began = Instant::now();
    describe().send().await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(120));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_calls_are_answered_side_by_side() {
    let server = Server::start(edge());
    let client = through_server(&server);
    server.delay_all(Duration::from_millis(200));
    let began = Instant::now();
    let calls = (0..20).map(|n| client.describe_services().cluster("c000").services(format!("s{n:03}")).send());
    assert!(
        futures::future::join_all(calls)
            .await
            .into_iter()
            .all(|answer| answer.is_ok_and(|answer| answer.services().len() == 1))
    );
    assert!(server.most_in_flight() >= 10, "{} side by side", server.most_in_flight());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());

    let slow = aws_sdk_ecs::Client::from_conf(
        config().http_client(DemoClient::new(Arc::new(edge())).with_latency(Duration::from_millis(150))).build(),
    );
    let began = Instant::now();
    let calls = (0..20).map(|n| slow.describe_services().cluster("c000").services(format!("s{n:03}")).send());
    assert!(futures::future::join_all(calls).await.into_iter().all(|answer| answer.is_ok()));
    assert!((150..1500).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let server = Server::start(Account::demo());
    let client = through_server(&server);
    assert!(client.list_clusters().send().await.is_ok());
    let address = server.url().replace("http://", "");
    drop(server);
    assert!(client.list_clusters().send().await.is_err());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn making_the_demo_account_parses_nothing() {
    let began = Instant::now();
    let accounts: Vec<Account> = (0..100).map(|_| Account::demo()).collect();
    assert!(began.elapsed() < Duration::from_millis(20), "{:?}", began.elapsed());
    assert_eq!(accounts.len(), 100);
}

#[tokio::test]
async fn the_last_page_is_neither_lost_nor_doubled() {
    let server = Server::start(edge());
    let client = through_server(&server);
    for (size, pages) in [(83, 4), (50, 5), (100, 3), (99, 3)] {
        server.forget();
        let list = client.list_services().cluster("c000").max_results(size);
        let pager = list.into_paginator().items().send();
        let arns: Vec<String> = pager.collect::<Result<_, _>>().await.unwrap();
        let distinct: BTreeSet<&String> = arns.iter().collect();
        assert_eq!((arns.len(), distinct.len()), (250, 250), "{size} a page");
        assert_eq!(server.calls()["ListServices"], pages, "{size} a page");
    }
}

#[tokio::test]
async fn capacity_providers_come_ten_at_a_time_and_targets_fifty() {
    let account = json!({
        "capacity_providers": (0..23).map(|n| json!({"name": format!("p{n:02}"), "capacityProviderArn": format!("{PREFIX}:capacity-provider/p{n:02}"), "status": "ACTIVE", "tags": []})).collect::<Vec<_>>(),
        "scalable_targets": (0..120).map(|n| json!({"ServiceNamespace": "ecs", "ResourceId": format!("service/c/s{n}"), "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 2})).collect::<Vec<_>>(),
    });
    let server = Server::start(Account::from_json(&account));
    let client = through_server(&server);
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let call = client.describe_capacity_providers();
        let page = call.set_next_token(token).send().await.unwrap();
        let found = page.capacity_providers().iter().filter_map(|one| one.name());
        names.extend(found.map(str::to_owned));
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(names.len(), 25, "FARGATE and FARGATE_SPOT are always there");
    let scaling = aws_sdk_applicationautoscaling::Client::new(&sdk_config(plain_http(), Some(&server)));
    let targets = scaling
        .describe_scalable_targets()
        .service_namespace(aws_sdk_applicationautoscaling::types::ServiceNamespace::Ecs);
    let targets = targets.into_paginator().items().send();
    let targets = targets.collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(targets.len(), 120);
    let calls = server.calls();
    let pages = (calls["DescribeCapacityProviders"], calls["DescribeScalableTargets"]);
    assert_eq!(pages, (3, 3));
}

#[tokio::test]
async fn another_region_is_empty() {
    let server = Server::start(Account::demo());
    let client = aws_sdk_ecs::Client::from_conf(
        config().region(Region::new("us-east-1")).http_client(plain_http()).endpoint_url(server.url()).build(),
    );
    assert!(client.list_clusters().send().await.unwrap().cluster_arns().is_empty());
}

// ---- the documents themselves ----

fn asset(name: &str) -> Value {
    let path = format!("{}/assets/demo/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn rows(name: &str) -> Vec<Value> {
    let Value::Array(rows) = asset(name) else { panic!("{name} is not a list") };
    rows
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("{member} is not text in {value}"))
}

/// Every resource by ARN; a revision's tags are its member `tags`.
fn resources() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (file, arn) in [
        ("clusters", "clusterArn"),
        ("services", "serviceArn"),
        ("tasks", "taskArn"),
        ("capacity_providers", "capacityProviderArn"),
    ] {
        found.extend(rows(file).into_iter().map(|row| (text(&row, arn).to_owned(), row)));
    }
    for envelope in rows("task_definitions") {
        let mut definition = envelope["taskDefinition"].clone();
        definition["tags"] = envelope["tags"].clone();
        found.insert(text(&definition, "taskDefinitionArn").to_owned(), definition);
    }
    found
}

/// The value at `containerDefinitions[0].environment[3].value`.
fn at<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(document, |value, step| {
        let (member, places) = step.split_once('[').map_or((step, ""), |(member, places)| (member, places));
        let value = value.get(member)?;
        places
            .split(['[', ']'])
            .filter(|place| !place.is_empty())
            .try_fold(value, |value, place| value.get(place.parse::<usize>().ok()?))
    })
}

#[test]
fn the_account_is_as_rich_as_promised() {
    let (clusters, services, revisions) = (rows("clusters"), rows("services"), rows("task_definitions"));
    assert!(clusters.len() >= 3 && services.len() >= 14);
    let empty = clusters
        .iter()
        .filter(|cluster| !services.iter().any(|service| service["clusterArn"] == cluster["clusterArn"]));
    assert_eq!(empty.count(), 1);
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    for envelope in &revisions {
        *families.entry(text(&envelope["taskDefinition"], "family")).or_default() += 1;
    }
    assert!(families.values().filter(|revisions| **revisions > 1).count() >= 12, "{families:?}");
    let has = |pointer: &str, wanted: &str| {
        services.iter().any(|service| service.pointer(pointer).and_then(Value::as_str) == Some(wanted))
    };
    assert!(has("/deployments/0/rolloutState", "FAILED") && has("/deployments/0/rolloutState", "IN_PROGRESS"));
    assert!(
        has("/deploymentController/type", "CODE_DEPLOY")
            && has("/schedulingStrategy", "DAEMON")
            && has("/taskSets/0/status", "PRIMARY")
    );
    assert!(
        rows("tasks")
            .iter()
            .any(|task| text(task, "group").starts_with("family:") && task.pointer("/overrides/taskRoleArn").is_some())
    );
    assert!(rows("scaling_policies").iter().any(|policy| policy["PolicyType"] == "StepScaling"));
}

#[test]
fn every_reference_inside_the_account_leads_somewhere() {
    let resources = resources();
    let known = |arn: &Value| resources.contains_key(arn.as_str().unwrap_or_default());
    for service in rows("services") {
        let name = text(&service, "serviceArn");
        assert!(known(&service["clusterArn"]) && known(&service["taskDefinition"]), "{name}");
        let offered = &resources[text(&service, "clusterArn")]["capacityProviders"];
        let strategy = service["capacityProviderStrategy"].as_array().cloned().unwrap_or_default();
        assert!(strategy.iter().all(|one| offered.as_array().unwrap().contains(&one["capacityProvider"])), "{name}");
        assert_eq!(
            strategy.is_empty(),
            service.get("launchType").is_some(),
            "{name}: a launch type or a strategy, never both"
        );
        let started: Vec<&Value> =
            service["deployments"].as_array().into_iter().chain(service["taskSets"].as_array()).flatten().collect();
        assert!(!started.is_empty() && started.iter().all(|one| known(&one["taskDefinition"])), "{name}");
        for count in ["runningCount", "pendingCount"] {
            assert_eq!(
                service[count].as_u64(),
                Some(started.iter().filter_map(|one| one[count].as_u64()).sum()),
                "{name} {count}"
            );
        }
        let containers =
            resources[text(&service, "taskDefinition")]["containerDefinitions"].as_array().unwrap().clone();
        for balancer in service["loadBalancers"].as_array().unwrap() {
            assert!(
                containers.iter().any(|container| container["name"] == balancer["containerName"]
                    && container["portMappings"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|port| port["containerPort"] == balancer["containerPort"])),
                "{name}"
            );
        }
    }
    for provider in rows("clusters").iter().flat_map(|cluster| cluster["capacityProviders"].as_array().unwrap()) {
        assert!(rows("capacity_providers").iter().any(|known| known["name"] == *provider), "{provider}");
    }
    for target in rows("scalable_targets").iter().chain(&rows("scaling_policies")) {
        assert!(known(&Value::from(format!("{PREFIX}:{}", text(target, "ResourceId")))), "{target}");
    }
}

#[test]
fn counts_and_tasks_agree() {
    let (services, tasks, resources) = (rows("services"), rows("tasks"), resources());
    for task in &tasks {
        let definition = &resources[text(task, "taskDefinitionArn")];
        let names = |value: &Value| {
            value.as_array().unwrap().iter().map(|one| text(one, "name").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(&task["containers"]), names(&definition["containerDefinitions"]), "{}", task["taskArn"]);
    }
    for service in &services {
        let group = format!("service:{}", text(service, "serviceName"));
        let own: Vec<&Value> = tasks
            .iter()
            .filter(|task| {
                task["group"] == group
                    && task["clusterArn"] == service["clusterArn"]
                    && task["desiredStatus"] == "RUNNING"
            })
            .collect();
        let running = own.iter().filter(|task| task["lastStatus"] == "RUNNING").count();
        assert_eq!(
            (service["runningCount"].as_u64(), service["pendingCount"].as_u64()),
            (Some(running as u64), Some((own.len() - running) as u64)),
            "{group}"
        );
        let started: Vec<&Value> =
            service["deployments"].as_array().into_iter().chain(service["taskSets"].as_array()).flatten().collect();
        assert!(
            own.iter().all(|task| started
                .iter()
                .any(|one| one["id"] == task["startedBy"] && one["taskDefinition"] == task["taskDefinitionArn"])),
            "{group}"
        );
    }
    for cluster in rows("clusters") {
        let own = |status: &[&str]| {
            tasks
                .iter()
                .filter(|task| {
                    task["clusterArn"] == cluster["clusterArn"] && status.contains(&text(task, "lastStatus"))
                })
                .count() as u64
        };
        assert_eq!(cluster["runningTasksCount"].as_u64(), Some(own(&["RUNNING"])), "{}", cluster["clusterName"]);
        assert_eq!(
            cluster["pendingTasksCount"].as_u64(),
            Some(own(&["PENDING", "PROVISIONING"])),
            "{}",
            cluster["clusterName"]
        );
        assert_eq!(
            cluster["activeServicesCount"].as_u64(),
            Some(services.iter().filter(|service| service["clusterArn"] == cluster["clusterArn"]).count() as u64)
        );
    }
}

#[test]
fn what_was_planted_stands_where_it_was_planted() {
    let (planted, resources) = (asset("planted"), resources());
    let list = |member: &str| planted[member].as_array().unwrap().clone();
    let field = |entry: &Value| {
        let (resource, path) = (text(entry, "resource"), text(entry, "field"));
        at(resources.get(resource).unwrap_or_else(|| panic!("no {resource}")), path)
            .unwrap_or_else(|| panic!("no {path} in {resource}"))
            .clone()
    };
    let needles = list("secret_values");
    for secret in list("secrets") {
        assert_eq!(field(&secret), secret["value"]);
        assert!(needles.contains(&secret["needle"]) && text(&secret, "value").contains(text(&secret, "needle")));
    }
    let everything: String = ["services", "task_definitions", "tasks", "clusters", "capacity_providers"]
        .map(|name| asset(name).to_string())
        .concat();
    let all: usize = needles.iter().map(|needle| everything.matches(needle.as_str().unwrap()).count()).sum();
    assert_eq!(all, list("secrets").len(), "each planted value stands only where planted.json says");
    for risk in list("risks").iter().chain(&list("more_risks")) {
        let value = field(risk);
        match text(risk, "rule") {
            "DRF-003" => assert!(value == "FAILED" || value == "IN_PROGRESS", "{risk}"),
            "ISO-001" => assert_eq!(value, true),
            "NET-001" => assert_eq!(value, "ENABLED"),
            "IDN-001" => assert_eq!(value, resources[text(risk, "resource")]["executionRoleArn"]),
            "SEC-001" => assert!(
                list("secrets")
                    .iter()
                    .any(|secret| secret["field"] == risk["field"] && secret["resource"] == risk["resource"])
            ),
            "DRF-002" => {
                let declared = &resources[value.as_str().unwrap()];
                let newest = resources
                    .values()
                    .filter(|one| one["family"] == declared["family"] && one["status"] == "ACTIVE")
                    .filter_map(|one| one["revision"].as_u64())
                    .max();
                assert!(declared["status"] == "INACTIVE" || declared["revision"].as_u64() < newest, "{risk}");
            }
            _ => {}
        }
    }
    let rules: BTreeSet<String> = list("risks").iter().map(|risk| text(risk, "rule").to_owned()).collect();
    assert_eq!(
        rules.into_iter().collect::<Vec<_>>(),
        ["DRF-002", "DRF-003", "IDN-001", "ISO-001", "NET-001", "SEC-001"]
    );
    for decoy in list("decoys") {
        assert!(!needles.contains(&field(&decoy)));
    }
}

#[test]
fn aws_never_sends_an_empty_object_where_it_sends_nothing() {
    fn empties(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) if members.is_empty() => found.push(path.to_owned()),
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| empties(value, &format!("{path}.{name}"), found));
            }
            Value::Array(items) => items.iter().for_each(|value| empties(value, path, found)),
            Value::Null => found.push(format!("{path} is null")),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for name in [
        "clusters",
        "services",
        "task_definitions",
        "tasks",
        "capacity_providers",
        "scalable_targets",
        "scaling_policies",
    ] {
        empties(&asset(name), name, &mut found);
    }
    found.retain(|path| path != "task_definitions.taskDefinition.volumes.host"); // a scratch volume is `host: {}`
    assert_eq!(found, Vec::<String>::new());
}
