//! The session against the loopback server: whole scans, gaps, faults, cancelling.

// Helpers of a test may stop it where it stands.
#![allow(clippy::unwrap_used)]

#[path = "support/server.rs"]
mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ecsight::aws::demo::Account;
use ecsight::aws::{Connect, Event, Session};
use ecsight::commands::{self, Format};
use ecsight::error::{Error, Kind as Trouble};
use ecsight::estate::{Estate, GapReason, Kind, Listing, News, Observation, ResourceId, Scope, Subject};
use ecsight::export::Need;
use ecsight::report::scan::Scan;
use serde_json::{Value, json};
use server::Server;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

const REGION: &str = "eu-west-1";
const ACCOUNT: &str = "123456789012";

fn scope() -> Scope {
    Scope::new("aws", ACCOUNT, REGION)
}

/// A profile file of a test's own: neither the machine's files nor its environment decide.
fn profile_file() -> &'static std::path::Path {
    static FILE: OnceLock<tempfile::TempPath> = OnceLock::new();
    FILE.get_or_init(|| {
        use std::io::Write as _;
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(
            file,
            "[profile test]\naws_access_key_id = AKIDTEST\naws_secret_access_key = test\nregion = {REGION}\n\
             [profile nowhere]\naws_access_key_id = AKIDTEST\naws_secret_access_key = test\n\
             [profile empty]\nregion = {REGION}\n\
             [profile single]\nregion = {REGION}\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = ReadOnly\n\
             [sso-session corp]\nsso_region = {REGION}\nsso_start_url = https://corp.example/start\n"
        )
        .unwrap();
        file.into_temp_path()
    })
}

fn options(url: &str) -> Connect {
    Connect {
        profile: Some("test".to_owned()),
        endpoint_url: Some(url.to_owned()),
        config_file: Some(profile_file().to_owned()),
        ..Connect::default()
    }
}

async fn connect(server: &Server) -> Session {
    Session::connect(&options(&server.url())).await.unwrap()
}

/// Runs a scan to its end: the estate, and the batches as they came.
async fn scan(session: &Session) -> (Estate, Vec<Vec<Observation>>) {
    let (out, mut events) = unbounded_channel();
    session.scan(out, CancellationToken::new()).await;
    let mut batches = vec![];
    let mut finished = false;
    while let Some(event) = events.recv().await {
        assert!(!finished, "something came after the end");
        match event {
            Event::Observed(batch) => batches.push(batch),
            Event::Finished => finished = true,
        }
    }
    assert!(finished);
    let mut estate = Estate::default();
    estate.fold(batches.iter().flatten().cloned());
    (estate, batches)
}

async fn fetch(session: &Session, estate: &mut Estate, needs: Vec<Need>) {
    let (out, mut events) = unbounded_channel();
    session.fetch(needs, out, CancellationToken::new()).await;
    while let Some(event) = events.recv().await {
        if let Event::Observed(batch) = event {
            estate.fold(batch);
        }
    }
}

fn count(estate: &Estate, kind: Kind) -> usize {
    estate.of_kind(kind).filter(|(_, entry)| entry.document().is_some()).count()
}

fn ids(estate: &Estate) -> Vec<ResourceId> {
    use Kind::{CapacityProvider, Cluster, ScalableTarget, ScalingPolicy, Service, Task, TaskDefinition};
    [Cluster, CapacityProvider, Service, TaskDefinition, Task, ScalableTarget, ScalingPolicy]
        .into_iter()
        .flat_map(|kind| estate.of_kind(kind).map(|(id, _)| id.clone()))
        .collect()
}

// ---- the edge account: 130 clusters, one of 250 services, a family of 30 ACTIVE revisions --------------------------

const CLUSTERS: usize = 130;
const SERVICES: usize = 250;

fn arn(resource: &str) -> String {
    scope().ecs_arn(resource)
}

fn revision(family: &str, revision: usize) -> Value {
    let definition = json!({
        "taskDefinitionArn": arn(&format!("task-definition/{family}:{revision}")),
        "family": family, "revision": revision, "status": "ACTIVE",
        "containerDefinitions": [{"name": "app", "image": format!("acme/{family}:{revision}")}],
    });
    json!({"taskDefinition": definition, "tags": [{"key": "family", "value": family}]})
}

fn service(cluster: &str, name: &str, revision: &str) -> Value {
    let revision = arn(&format!("task-definition/{revision}"));
    json!({
        "serviceArn": arn(&format!("service/{cluster}/{name}")), "serviceName": name,
        "clusterArn": arn(&format!("cluster/{cluster}")), "status": "ACTIVE",
        "desiredCount": 1, "runningCount": 1, "pendingCount": 0, "taskDefinition": revision,
        "deployments": [{"id": format!("ecs-svc/{name}"), "status": "PRIMARY", "taskDefinition": revision,
            "desiredCount": 1, "runningCount": 1, "rolloutState": "COMPLETED"}],
    })
}

fn task(cluster: &str, number: usize, revision: &str, group: &str) -> Value {
    json!({
        "taskArn": arn(&format!("task/{cluster}/{number:032x}")), "clusterArn": arn(&format!("cluster/{cluster}")),
        "taskDefinitionArn": arn(&format!("task-definition/{revision}")), "group": group,
        "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "overrides": {"containerOverrides": [{"name": "app"}]},
    })
}

fn edge() -> Arc<Account> {
    static EDGE: OnceLock<Arc<Account>> = OnceLock::new();
    EDGE.get_or_init(|| Arc::new(Account::from_json(&account(CLUSTERS, SERVICES)))).clone()
}

fn target_arn(number: usize) -> String {
    format!("arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/{number:032x}")
}

/// So many clusters, and in the eighth of them so many services.
fn account(clusters: usize, services: usize) -> Value {
    let count = services;
    let clusters: Vec<Value> = (0..clusters)
        .map(|n| {
            let name = format!("cluster-{n:03}");
            json!({"clusterArn": arn(&format!("cluster/{name}")), "clusterName": name, "status": "ACTIVE"})
        })
        .collect();
    let mut services: Vec<Value> =
        (0..count).map(|n| service("cluster-007", &format!("service-{n:03}"), &format!("family-{n:03}:1"))).collect();
    services.push(service("cluster-000", "many", "many:28"));
    let mut revisions: Vec<Value> = (0..count).map(|n| revision(&format!("family-{n:03}"), 1)).collect();
    revisions.extend((1..=30).map(|n| revision("many", n)));
    revisions.push(revision("job", 3));
    let mut tasks: Vec<Value> =
        (0..120).map(|n| task("cluster-007", n, "family-000:1", "service:service-000")).collect();
    tasks.push(task("cluster-001", 500, "job:3", "family:job"));
    let capacity_providers: Vec<Value> = (0..23)
        .map(|n| {
            let name = format!("pool-{n:02}");
            json!({"capacityProviderArn": arn(&format!("capacity-provider/{name}")), "name": name, "status": "ACTIVE"})
        })
        .collect();
    let target = |n: usize| {
        json!({"ServiceNamespace": "ecs", "ResourceId": format!("service/cluster-007/service-{n:03}"),
                "ScalableTargetARN": target_arn(n), "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 3})
    };
    let targets: Vec<Value> = (0..60).map(target).collect();
    let policies: Vec<Value> = (0..101)
        .map(|n| {
            let mut policy = target(n % 60);
            policy["PolicyName"] = json!(format!("cpu/{n}"));
            policy["PolicyARN"] = json!(format!("arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:{n}"));
            policy
        })
        .collect();
    json!({
        "identity": {"Account": ACCOUNT, "UserId": "AIDA", "Arn": format!("arn:aws:iam::{ACCOUNT}:user/reader")},
        "clusters": clusters, "services": services, "task_definitions": revisions, "tasks": tasks,
        "capacity_providers": capacity_providers, "scalable_targets": targets, "scaling_policies": policies,
    })
}

/// The formula of `aws/walk.rs` for the edge account.
fn edge_calls() -> BTreeMap<String, usize> {
    let pages = |n: usize, size: usize| n.div_ceil(size).max(1);
    // 251 families of services and one of a task; their 281 ACTIVE revisions stand on three pages.
    [
        ("GetCallerIdentity", 1),
        ("ListClusters", pages(CLUSTERS, 100)),
        ("DescribeClusters", CLUSTERS.div_ceil(100)),
        ("ListServices", CLUSTERS - 1 + pages(SERVICES, 100)),
        ("DescribeServices", SERVICES.div_ceil(10) + 1),
        ("DescribeTaskDefinition", SERVICES + 2),
        ("ListTaskDefinitions", pages(SERVICES + 31, 100)),
        ("ListTasks", CLUSTERS - 1 + pages(120, 100)),
        ("DescribeTasks", 120_usize.div_ceil(100) + 1),
        ("DescribeCapacityProviders", pages(23 + 2, 10)),
        ("DescribeScalableTargets", pages(60, 50)),
        ("DescribeScalingPolicies", pages(101, 50)),
    ]
    .into_iter()
    .map(|(name, calls)| (name.to_owned(), calls))
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_account_is_read_whole_with_the_fewest_calls() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    assert_eq!(session.identity().account, ACCOUNT);
    assert_eq!(session.identity().scope, scope());
    let (estate, batches) = scan(&session).await;
    assert_eq!(session.calls(), edge_calls());
    assert_eq!(server.calls(), edge_calls());
    assert!(server.most_in_flight() <= 16, "{}", server.most_in_flight());
    assert_whole(&estate);
    // Rows come as the answers come: clusters in the first batches, long before the end.
    let first = batches
        .iter()
        .position(|batch| batch.iter().any(|o| matches!(&o.news, News::Described(d) if d.id.kind == Kind::Cluster)));
    assert!(first.unwrap() < batches.len() / 4, "first cluster rows in batch {first:?} of {}", batches.len());
}

/// Nothing of the edge account is missing, and nothing is said to be.
fn assert_whole(estate: &Estate) {
    assert_eq!(estate.gaps().count(), 0, "{:?}", estate.gaps().next());
    assert_eq!(count(estate, Kind::Cluster), CLUSTERS);
    assert_eq!(count(estate, Kind::Service), SERVICES + 1);
    assert_eq!(count(estate, Kind::TaskDefinition), SERVICES + 2);
    assert_eq!(count(estate, Kind::Task), 121);
    assert_eq!(count(estate, Kind::CapacityProvider), 25, "FARGATE and FARGATE_SPOT are everywhere");
    assert_eq!(count(estate, Kind::ScalableTarget), 60);
    assert_eq!(count(estate, Kind::ScalingPolicy), 101);
    assert_eq!(estate.revisions(&scope(), "many").len(), 30);
    assert_eq!(estate.newest(&scope(), "many").unwrap().name(), "many:30");
    assert_eq!(estate.newest(&scope(), "job").unwrap().name(), "job:3");
    for listing in [
        Listing::Clusters,
        Listing::CapacityProviders,
        Listing::Services("cluster-007".into()),
        Listing::Services("cluster-129".into()),
        Listing::Tasks("cluster-007".into()),
        Listing::Revisions("many".into()),
        Listing::Revisions("family-249".into()),
        Listing::ScalableTargets,
        Listing::ScalingPolicies,
    ] {
        assert!(estate.complete_at(&scope(), &listing).is_some(), "{listing} is not whole");
    }
}

/// AWS may give fewer rows than were asked for at any time, and an empty page that is not the last.
const SHORT: [&[usize]; 3] = [&[37, 0, 3], &[0, 9, 61, 0, 0, 1], &[7]];

#[tokio::test(flavor = "multi_thread")]
async fn short_and_empty_pages_lose_nothing() {
    for sizes in SHORT {
        let server = Server::start(edge());
        let session = connect(&server).await;
        server.short_pages(sizes);
        let (estate, _) = scan(&session).await;
        println!("{sizes:?}: {:?}", session.calls());
        assert_whole(&estate);
        let calls = session.calls();
        for operation in ["DescribeClusters", "DescribeServices", "DescribeTasks", "DescribeTaskDefinition"] {
            assert!(calls[operation] <= edge_calls()[operation] + CLUSTERS, "{operation}: {}", calls[operation]);
        }
        assert_eq!(calls["DescribeServices"], 26, "batches are filled across pages");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_first_page_of_a_family_is_not_its_end() {
    let server = Server::start(Account::from_json(&account(8, 1)));
    let session = connect(&server).await;
    // Three families are in use: the walk gives up at `many`, after three pages, and asks for the other two by name.
    server.short_pages(&[0, 1]);
    let (estate, _) = scan(&session).await;
    let by_name: Vec<Value> = server
        .requests()
        .into_iter()
        .filter(|r| r.operation == "ListTaskDefinitions")
        .map(|r| r.body["familyPrefix"].clone())
        .collect();
    assert_eq!(by_name.iter().filter(|family| family.is_string()).count(), 2 * 2, "{by_name:?}");
    for newest in ["many:30", "job:3", "family-000:1"] {
        assert_eq!(estate.newest(&scope(), newest.split(':').next().unwrap()).unwrap().name(), newest);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_account_reads_the_same_in_short_pages() {
    let server = Server::start(Account::demo());
    let session = connect(&server).await;
    let (whole, _) = scan(&session).await;
    for sizes in SHORT {
        server.short_pages(sizes);
        let (short, _) = scan(&session).await;
        assert_eq!(short.gaps().count(), 0, "{sizes:?}: {:?}", short.gaps().next());
        // A walk over all revisions may end sooner or later: those in use and the newest are what is compared.
        let told = |estate: &Estate| -> Vec<ResourceId> {
            let seen = ids(estate).into_iter();
            seen.filter(|id| id.kind != Kind::TaskDefinition || estate.document(id).is_some()).collect()
        };
        assert_eq!(told(&short), told(&whole), "{sizes:?}");
        for id in whole.in_use() {
            let (family, _) = id.family_revision().unwrap();
            assert_eq!(short.newest(&scope(), family), whole.newest(&scope(), family), "{sizes:?}: {family}");
        }
    }
}

/// What this proves: the answers overtake each other in other ways each time (every answer of the server is late by a
/// time of its own, and in two rounds of three the pages are short too), and still every scan ends with the same
/// resources in the same order, and `ecsight scan` with the same report but for the count of calls. Most rounds read a
/// small account with every kind of list and batch, six the whole edge account. A hundred scans of the edge account over
/// an emulator that is not ours are those of `tests/moto.rs`, with `ECSIGHT_TEST_LONG`.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_scans_see_the_same_in_the_same_order() {
    let small = Account::from_json(&account(12, 25));
    for (account, rounds, least) in [(Arc::new(small), 94, 300), (edge(), 6, 750)] {
        let server = Server::start(account);
        let session = connect(&server).await;
        let report = |estate: &Estate| Scan::of(estate, &scope(), "reader", BTreeMap::new());
        let whole = scan(&session).await.0;
        let (first, first_report) = (ids(&whole), report(&whole));
        assert!(first.len() > least, "{}", first.len());
        let begun = Instant::now();
        let mut ways = BTreeSet::new();
        for round in 1..=rounds {
            server.ok().jitter(Duration::from_millis(4)).forget();
            if round % 3 != 0 {
                server.short_pages(SHORT[round % SHORT.len()]);
            }
            let (estate, batches) = scan(&session).await;
            assert_eq!(ids(&estate), first, "round {round}");
            assert!(report(&estate) == first_report, "round {round}: another report");
            assert_eq!(estate.gaps().count(), 0, "round {round}: {:?}", estate.gaps().next());
            ways.insert(batches.iter().flatten().map(|o| format!("{:?}", subject_of(&o.news))).collect::<Vec<_>>());
        }
        println!("{rounds} rounds, {} ways to arrive, {:?}", ways.len(), begun.elapsed());
        assert!(ways.len() > rounds / 2, "the answers came in {} ways only", ways.len());
    }
}

/// What a piece of news is about.
fn subject_of(news: &News) -> String {
    match news {
        News::Described(document) => document.id.to_string(),
        News::Listed { listing, ids, .. } => format!("{listing} {}", ids.len()),
        News::Tagged(id, tags) => format!("tags of {id} {tags}"),
        News::Missing(id) => format!("no {id}"),
        News::Denied(subject, _) => format!("{subject:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_the_bytes_that_aws_sent() {
    let server = Server::start(Account::demo());
    let session = connect(&server).await;
    let (estate, _) = scan(&session).await;
    let sent = Account::demo();
    let (_, entry) = estate.of_kind(Kind::Service).next().unwrap();
    let document = entry.document().unwrap();
    let value = document.value();
    let asked = json!({"cluster": value["clusterArn"], "services": [value["serviceArn"]], "include": ["TAGS"]});
    let answer = sent.answer("AmazonEC2ContainerServiceV20141113.DescribeServices", &asked);
    assert!(answer.body.contains(&*document.raw), "{}", document.raw);
    let (_, entry) = estate.of_kind(Kind::TaskDefinition).find(|(_, entry)| entry.document().is_some()).unwrap();
    assert!(entry.document().unwrap().value()["tags"].is_array(), "tags of the envelope are a member");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_account_needs_no_network() {
    let session = Session::connect(&Connect { demo: true, ..Connect::default() }).await.unwrap();
    let (over_demo, _) = scan(&session).await;
    let server = Server::start(Account::demo());
    let (over_http, _) = scan(&connect(&server).await).await;
    assert_eq!(ids(&over_demo), ids(&over_http));
    assert_eq!(over_demo.gaps().count(), 0, "{:?}", over_demo.gaps().next());
    // Every revision that a service, a deployment, a task set or a task uses is described.
    let used: BTreeSet<ResourceId> = over_demo
        .of_kind(Kind::Service)
        .flat_map(|(id, _)| over_demo.service(id).unwrap().revisions())
        .map(|arn| ResourceId::new(&session.identity().scope, Kind::TaskDefinition, &arn))
        .collect();
    assert!(used.len() >= 12);
    assert!(used.iter().all(|id| over_demo.document(id).is_some()));
}

// ---- partial failure ------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_page_leaves_the_other_rows() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    server.deny_page("ListServices", 2);
    let (estate, _) = scan(&session).await;
    assert_eq!(count(&estate, Kind::Service), 101, "the first page of cluster-007, and the one of cluster-000");
    let gaps: Vec<_> = estate.gaps().collect();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    let (subject, gap) = gaps[0];
    assert_eq!(*subject, Subject::Listing(scope(), Listing::Services("cluster-007".into())));
    assert_eq!((gap.reason, &*gap.action), (GapReason::Denied, "ecs:ListServices"));
    assert!(gap.message.contains("not authorized"), "{}", gap.message);
    assert_eq!(session.calls()["ListServices"], CLUSTERS + 1, "a denied page is not asked for again");
    // What was whole before stays: a page that is denied now is not a deletion.
    server.ok();
    let (mut whole, _) = scan(&session).await;
    server.deny_page("ListServices", 2);
    let (_, batches) = scan(&session).await;
    whole.fold(batches.into_iter().flatten());
    assert_eq!(count(&whole, Kind::Service), SERVICES + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_named_is_described_though_the_next_one_is_denied() {
    for denied in ["ListServices", "ListTasks"] {
        let server = Server::start(edge());
        let session = connect(&server).await;
        // 37 and 0 are named; 7 of them fill no batch of ten, and 37 none of a hundred.
        server.short_pages(&[37, 0, 3]).deny_page(denied, 3);
        let (estate, _) = scan(&session).await;
        let kind = if denied == "ListServices" { Kind::Service } else { Kind::Task };
        assert_eq!(estate.of_kind(kind).count(), 37 + 1, "{denied}");
        assert_eq!(count(&estate, kind), 37 + 1, "{denied}: what is named is described");
        let gaps: Vec<_> = estate.gaps().collect();
        assert_eq!(gaps.len(), 1, "{denied}: {gaps:?}");
        for request in server.requests().iter().filter(|request| request.operation == "DescribeTasks") {
            let asked = request.body["tasks"].as_array().unwrap();
            assert!(asked.iter().all(|arn| arn.as_str().unwrap().contains(":task/")), "{asked:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_odd_row_costs_itself_and_not_the_pages_behind_it() {
    // Without an identity the row cannot be kept; with a member of another type the SDK cannot read the page.
    for odd in [json!({"status": "ACTIVE"}), json!({"tags": "odd"})] {
        let mut account = account(12, 35);
        for member in ["capacity_providers", "scalable_targets", "scaling_policies"] {
            let rows = account[member].as_array_mut().unwrap();
            let mut row = odd.clone();
            row["ServiceNamespace"] = json!("ecs");
            row["ScalingTargetTrackingConfig"] = odd["tags"].clone();
            row["MinCapacity"] = odd["tags"].clone();
            rows.insert(1, row);
        }
        let server = Server::start(Account::from_json(&account));
        let session = connect(&server).await;
        let (estate, _) = scan(&session).await;
        assert_eq!(count(&estate, Kind::CapacityProvider), 25);
        assert_eq!(count(&estate, Kind::ScalableTarget), 60);
        assert_eq!(count(&estate, Kind::ScalingPolicy), 101);
        for listing in [Listing::CapacityProviders, Listing::ScalableTargets, Listing::ScalingPolicies] {
            assert_eq!(estate.complete_at(&scope(), &listing), None, "{listing} is not whole");
            let gap = estate.gap(&Subject::Listing(scope(), listing)).unwrap();
            assert_eq!(gap.reason, GapReason::Malformed);
        }
        assert_eq!(estate.gaps().count(), 3, "{:?}", estate.gaps().collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_ended_since_it_was_listed_does_not_run() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    let of = |number: usize| arn(&format!("task/cluster-007/{number:032x}"));
    let standalone = arn(&format!("task/cluster-001/{:032x}", 500));
    server.end_task(&of(3), true).end_task(&of(4), false).end_task(&standalone, false);
    server.delay("DescribeTasks", Duration::from_millis(20));
    let (estate, _) = scan(&session).await;
    assert_eq!(estate.gaps().count(), 0, "{:?}", estate.gaps().next());
    for ended in [of(3), of(4), standalone] {
        assert!(!estate.is_present(&ResourceId::new(&scope(), Kind::Task, &ended)), "{ended}");
    }
    assert_eq!(estate.of_kind(Kind::Task).count(), 118);
    let job = ResourceId::new(&scope(), Kind::TaskDefinition, &arn("task-definition/job:3"));
    assert!(!estate.in_use().contains(&job), "no task uses it any more");

    let mut out = vec![];
    assert_eq!(commands::scan::run(&session, Format::Json, &mut out, &CancellationToken::new()).await.unwrap(), 0);
    let report: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(report["tasks"].as_array().unwrap().len(), 118);
    assert_eq!(report["clusters"][7]["tasks"], 118);
    assert_eq!(report["clusters"][1]["tasks"], 0);
    let mut out = vec![];
    assert_eq!(commands::tasks::run(&session, Format::Json, &mut out, &CancellationToken::new()).await.unwrap(), 0);
    let report: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&report["standalone"], &report["unknown"]), (&json!([]), &json!([])));
    assert_eq!(report["services"][0]["tasks"], 118);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_denied_batches_of_twenty_five_cost_fifty_rows_and_no_more() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    server.deny_nth("DescribeServices", |n| (1..=5).contains(&n));
    let (estate, _) = scan(&session).await;
    assert_eq!(estate.of_kind(Kind::Service).count(), SERVICES + 1, "all are named");
    let described = count(&estate, Kind::Service);
    let gaps = estate.gaps().filter(|(_, gap)| &*gap.action == "ecs:DescribeServices").count();
    assert_eq!(described + gaps, SERVICES + 1);
    assert!(gaps == 50 || gaps == 41, "five batches: {gaps}");
    assert_eq!(session.calls()["DescribeServices"], 26);
}

#[tokio::test(flavor = "multi_thread")]
async fn denied_task_definitions_and_scaling_are_named_gaps() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    server.deny("ListTaskDefinitions").deny("DescribeScalableTargets").deny("DescribeTaskDefinition");
    let (estate, _) = scan(&session).await;
    assert_eq!(session.calls()["ListTaskDefinitions"], 1, "once denied, not asked for family by family");
    let denied = |subject: Subject| estate.gap(&subject).unwrap().reason == GapReason::Denied;
    assert!(denied(Subject::Listing(scope(), Listing::ScalableTargets)));
    assert!(denied(Subject::Listing(scope(), Listing::Revisions("many".into()))));
    assert!(denied(Subject::Listing(scope(), Listing::Revisions("job".into()))), "a family that only a task brings");
    let id = ResourceId::new(&scope(), Kind::TaskDefinition, &arn("task-definition/many:28"));
    assert!(denied(Subject::Resource(id)));
    assert_eq!(count(&estate, Kind::Service), SERVICES + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_waited_out_within_the_retry_limit() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    server.throttle("ListClusters", 4);
    let (estate, _) = scan(&session).await;
    assert_eq!(estate.gaps().count(), 0);
    assert_eq!(count(&estate, Kind::Cluster), CLUSTERS);
    assert_eq!(session.calls()["ListClusters"], 6, "four retries are counted");
    server.throttle("DescribeClusters", 1_000);
    let (estate, _) = scan(&session).await;
    assert_eq!(count(&estate, Kind::Service), SERVICES + 1);
    assert_eq!(estate.gaps().count(), CLUSTERS);
    assert!(estate.gaps().all(|(_, gap)| gap.reason == GapReason::Throttled));
    assert!(session.calls()["DescribeClusters"] <= 2 + 2 * 6, "{:?}", session.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_answer_is_a_gap() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    server.malform("DescribeServices").malform("ListTasks").malform("DescribeCapacityProviders");
    let (estate, _) = scan(&session).await;
    assert_eq!(count(&estate, Kind::Cluster), CLUSTERS);
    assert_eq!(estate.of_kind(Kind::Service).count(), SERVICES + 1);
    let reasons: BTreeSet<GapReason> = estate.gaps().map(|(_, gap)| gap.reason).collect();
    assert_eq!(reasons, BTreeSet::from([GapReason::Malformed]));
    assert_eq!(estate.gaps().count(), SERVICES + 1 + CLUSTERS + 1);
    assert_eq!(session.calls()["DescribeServices"], 26, "what AWS said once in broken JSON is not asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_in_mid_scan_is_said_of_each_subject() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    server.expire();
    let (estate, _) = scan(&session).await;
    assert!(estate.gaps().count() >= 4);
    assert!(estate.gaps().all(|(_, gap)| gap.reason == GapReason::Expired), "{:?}", estate.gaps().next());
}

// ---- connecting ------------------------------------------------------------------------------------------------------

async fn refusal(options: &Connect) -> Error {
    let begun = Instant::now();
    let error = Session::connect(options).await.unwrap_err();
    println!("{:?} after {:?}\n  {}\n  {}", error.kind, begun.elapsed(), error.message, error.hint.as_deref().unwrap());
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_fail_to_connect_has_its_words() {
    let server = Server::start(edge());

    server.expire();
    let error = refusal(&options(&server.url())).await;
    assert_eq!(error.kind, Trouble::Credentials);
    assert!(error.message.contains("expired") && error.message.contains("test"), "{error}");
    assert!(error.hint.unwrap().contains("aws sso login --profile test"));

    server.ok().deny("GetCallerIdentity");
    let error = refusal(&options(&server.url())).await;
    assert_eq!(error.kind, Trouble::Denied);
    assert!(error.hint.unwrap().contains("sts:GetCallerIdentity"));

    server.ok().malform("GetCallerIdentity");
    let error = refusal(&options(&server.url())).await;
    assert_eq!(error.kind, Trouble::Malformed);
    assert!(error.hint.unwrap().contains("--endpoint-url"));

    server.ok().throttle("GetCallerIdentity", 1_000);
    assert_eq!(refusal(&options(&server.url())).await.kind, Trouble::Throttled);

    server.ok().refuse(
        "GetCallerIdentity",
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    );
    let error = refusal(&Connect { region: Some("af-south-1".into()), ..options(&server.url()) }).await;
    assert_eq!(error.kind, Trouble::Credentials);
    assert!(error.message.contains("in region af-south-1"), "{error}");
    assert!(error.hint.unwrap().contains("Is region af-south-1 enabled in this account?"));
    server.ok();

    let nowhere = "http://sts.eu-wst-1.invalid";
    let error = refusal(&Connect { region: Some("eu-wst-1".into()), ..options(nowhere) }).await;
    assert_eq!(error.kind, Trouble::Network);
    assert!(error.message.contains("in region eu-wst-1"), "{error}");
    assert!(error.hint.unwrap().contains("did you mean eu-west-1?"));

    let dead = "http://127.0.0.1:9";
    let error = refusal(&options(dead)).await;
    assert_eq!(error.kind, Trouble::Network);
    assert!(error.hint.unwrap().contains(dead));

    let error = refusal(&Connect { region: Some("Mars 1".into()), ..options(&server.url()) }).await;
    assert_eq!(error.kind, Trouble::Usage);

    let error = refusal(&Connect { endpoint_url: Some("localhost".into()), ..options(&server.url()) }).await;
    assert_eq!(error.kind, Trouble::Usage);
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_that_cannot_work_are_named() {
    let server = Server::start(edge());
    let with = |profile: &str| Connect { profile: Some(profile.to_owned()), ..options(&server.url()) };

    if std::env::var_os("AWS_REGION").is_none() && std::env::var_os("AWS_DEFAULT_REGION").is_none() {
        let error = refusal(&with("nowhere")).await;
        assert_eq!(error.kind, Trouble::Usage);
        assert!(error.message.contains("region") && error.hint.unwrap().contains("--region"));
    }
    for profile in ["missing", "empty"] {
        let error = refusal(&Connect { region: Some(REGION.to_owned()), ..with(profile) }).await;
        assert_eq!(error.kind, Trouble::Credentials);
        assert!(error.message.contains(profile), "{error}");
    }
    let error = refusal(&with("single")).await;
    assert_eq!(error.kind, Trouble::Credentials);
    assert!(error.message.starts_with("no credentials of profile single"), "{error}");
    assert!(error.hint.unwrap().contains("aws sso login --profile single"));
    assert_eq!(server.calls().len(), 0, "nothing is sent without credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_region_of_the_account_is_empty_and_not_an_error() {
    let server = Server::start(edge());
    let elsewhere = Connect { region: Some("us-west-2".to_owned()), ..options(&server.url()) };
    let session = Session::connect(&elsewhere).await.unwrap();
    let (estate, _) = scan(&session).await;
    assert_eq!(session.identity().scope.region.as_ref(), "us-west-2");
    assert!(ids(&estate).iter().all(|id| id.kind == Kind::CapacityProvider), "AWS's own two stand in every region");
    assert_eq!(estate.gaps().count(), 0);
    assert_eq!(session.calls()["ListTaskDefinitions"], 1, "one page says whether there are families");
}

// ---- cancelling and fetching -----------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_ends_at_once_when_it_is_cancelled() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    server.delay_all(Duration::from_millis(1_500));
    let (out, mut events) = unbounded_channel();
    let cancel = CancellationToken::new();
    let running = tokio::spawn({
        let (session, cancel) = (session.clone(), cancel.clone());
        async move { session.scan(out, cancel).await }
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    let begun = Instant::now();
    cancel.cancel();
    running.await.unwrap();
    let took = begun.elapsed();
    println!("cancelled in {took:?}");
    assert!(took < Duration::from_millis(100), "{took:?}");
    let mut last = None;
    while let Some(event) = events.recv().await {
        last = Some(event);
    }
    assert!(matches!(last, Some(Event::Finished)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_reads_what_is_needed_and_nothing_else() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    let mut estate = Estate::default();
    let describe = |kind, resource: &str| Need::Describe(ResourceId::new(&scope(), kind, &arn(resource)));
    let mut needs: Vec<Need> =
        (0..25).map(|n| describe(Kind::Service, &format!("service/cluster-007/service-{n:03}"))).collect();
    needs.extend([
        describe(Kind::Service, "service/cluster-007/service-000"),
        describe(Kind::Service, "service/cluster-007/gone"),
        describe(Kind::Cluster, "cluster/cluster-007"),
        describe(Kind::Cluster, "cluster/gone"),
        describe(Kind::TaskDefinition, "task-definition/many:28"),
        describe(Kind::TaskDefinition, "task-definition/many:99"),
        describe(Kind::CapacityProvider, "capacity-provider/pool-03"),
        Need::List(scope(), Listing::Revisions("many".into())),
        Need::List(scope(), Listing::Services("cluster-007".into())),
        Need::List(scope(), Listing::ScalableTargetsOf("service/cluster-007/service-001".into())),
        Need::List(scope(), Listing::ScalableTargetsOf("service/cluster-007/service-100".into())),
        Need::List(scope(), Listing::ScalingPoliciesOf("service/cluster-007/service-001".into())),
    ]);
    fetch(&session, &mut estate, needs.clone()).await;
    let calls: Vec<(String, usize)> = session.calls().into_iter().collect();
    let expected = [
        ("DescribeCapacityProviders", 1),
        ("DescribeClusters", 1),
        ("DescribeScalableTargets", 1),
        ("DescribeScalingPolicies", 1),
        ("DescribeServices", 3),
        ("DescribeTaskDefinition", 2),
        ("GetCallerIdentity", 1),
        ("ListServices", 3),
        ("ListTaskDefinitions", 1),
    ];
    assert_eq!(calls, expected.map(|(name, n)| (name.to_owned(), n)));
    assert_eq!(estate.gaps().count(), 0, "{:?}", estate.gaps().next());
    assert_eq!(count(&estate, Kind::Service), 25);
    let gone = ResourceId::new(&scope(), Kind::Service, &arn("service/cluster-007/gone"));
    assert!(!estate.is_present(&gone));
    assert!(estate.document(&ResourceId::cluster(&scope(), "cluster-007")).is_some());
    assert_eq!(estate.revisions(&scope(), "many").len(), 30);
    let none = Listing::ScalableTargetsOf("service/cluster-007/service-100".into());
    assert!(estate.complete_at(&scope(), &none).is_some(), "an empty answer is whole too");
    assert_eq!(count(&estate, Kind::ScalableTarget), 1);
    assert_eq!(count(&estate, Kind::ScalingPolicy), 2);
    assert_eq!(count(&estate, Kind::CapacityProvider), 1);

    needs.extend((0..12).map(|n| describe(Kind::CapacityProvider, &format!("capacity-provider/pool-{n:02}"))));
    needs.push(describe(Kind::CapacityProvider, "capacity-provider/gone"));
    for sizes in SHORT {
        server.short_pages(sizes);
        let mut short = Estate::default();
        fetch(&session, &mut short, needs.clone()).await;
        assert_eq!(short.gaps().count(), 0, "{sizes:?}: {:?}", short.gaps().next());
        assert_eq!(count(&short, Kind::CapacityProvider), 12, "{sizes:?}");
        assert_eq!(short.revisions(&scope(), "many").len(), 30, "{sizes:?}");
        assert_eq!((count(&short, Kind::ScalableTarget), count(&short, Kind::ScalingPolicy)), (1, 2), "{sizes:?}");
        let listed = short.listing(&scope(), &Listing::Services("cluster-007".into())).unwrap();
        assert_eq!(listed.complete.len(), SERVICES, "{sizes:?}");
    }
}

/// The edge account, some of whose scalable targets carry tags.
fn tagged_edge() -> Account {
    let mut account = account(8, 25);
    account["scaling_tags"] = json!({target_arn(0): {"team": "core"}, target_arn(1): {}});
    Account::from_json(&account)
}

fn target(number: usize) -> ResourceId {
    let native = format!("ecs/service/cluster-007/service-{number:03}/ecs:service:DesiredCount");
    ResourceId::new(&scope(), Kind::ScalableTarget, &native)
}

/// Reads all that an export of these needs.
async fn complete(session: &Session, estate: &mut Estate, selection: &[ResourceId]) {
    let cancel = CancellationToken::new();
    commands::complete(session, estate, selection, ecsight::aws::now(), &cancel).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_of_scalable_targets_are_asked_for_once_each_and_by_an_export_only() {
    let server = Server::start(tagged_edge());
    let session = connect(&server).await;
    let (mut estate, _) = scan(&session).await;
    assert_eq!(server.calls().get("ListTagsForResource"), None, "a scan makes no such call");
    server.forget();
    let selection: Vec<ResourceId> = (0..3).map(target).collect();
    complete(&session, &mut estate, &selection).await;
    assert_eq!(server.calls(), BTreeMap::from([("ListTagsForResource".to_owned(), 3)]));
    let asked: BTreeSet<String> =
        server.requests().iter().map(|r| r.body["ResourceARN"].as_str().unwrap().to_owned()).collect();
    assert_eq!(asked, (0..3).map(target_arn).collect());
    assert_eq!(estate.document(&target(0)).unwrap().value()["tags"], json!({"team": "core"}));
    for number in [1, 2] {
        assert_eq!(estate.document(&target(number)).unwrap().value()["tags"], json!({}), "it has none");
    }
    complete(&session, &mut estate, &selection).await;
    assert_eq!(server.calls()["ListTagsForResource"], 3, "they are fresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_that_nobody_may_read_are_a_gap_at_their_target() {
    type Break = fn(&Server);
    let faults: [(Break, GapReason); 4] = [
        (|server| _ = server.deny("ListTagsForResource"), GapReason::Denied),
        (|server| _ = server.malform("ListTagsForResource"), GapReason::Malformed),
        // moto 5.2.5 answers with status 500 and an error that AWS does not know.
        (|server| _ = server.refuse("ListTagsForResource", "NotImplemented", "no"), GapReason::Failed),
        (|server| server.swap(Account::from_json(&json!({}))), GapReason::Failed),
    ];
    for (break_it, reason) in faults {
        let server = Server::start(tagged_edge());
        let session = connect(&server).await;
        let (mut estate, _) = scan(&session).await;
        break_it(&server);
        server.forget();
        complete(&session, &mut estate, &[target(0)]).await;
        assert_eq!(server.calls(), BTreeMap::from([("ListTagsForResource".to_owned(), 1)]), "{reason:?}");
        let gaps: Vec<_> = estate.gaps().collect();
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        let (subject, gap) = gaps[0];
        assert_eq!(*subject, Subject::Listing(scope(), estate.tags_apart(&target(0)).unwrap()));
        assert_eq!(
            (gap.reason, &*gap.action),
            (reason, "application-autoscaling:ListTagsForResource"),
            "{}",
            gap.message
        );
        assert!(estate.document(&target(0)).unwrap().value().get("tags").is_none());
    }
}

/// An account in which nothing runs: so many families of three ACTIVE revisions, and these clusters.
fn idle(families: usize, clusters: &Value) -> Account {
    let revisions: Vec<Value> =
        (0..families).flat_map(|n| (1..=3).map(move |number| revision(&format!("idle-{n:03}"), number))).collect();
    let identity = json!({"Account": ACCOUNT, "UserId": "AIDA", "Arn": format!("arn:aws:iam::{ACCOUNT}:user/reader")});
    Account::from_json(&json!({"identity": identity, "clusters": clusters, "task_definitions": revisions}))
}

/// Runs `ecsight export --all` into a folder: its standard output, and the names of what it imports.
fn exported(server: &Server, folder: &std::path::Path) -> (String, Vec<String>) {
    let out = folder.to_str().unwrap();
    let done = binary(&server.url(), &["export", "--all", "--out", out]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let evidence: Value = serde_json::from_slice(&std::fs::read(folder.join("evidence.json")).unwrap()).unwrap();
    let imports = evidence["imports"].as_array().unwrap().iter();
    let imports = imports.map(|import| import["import_id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned());
    (String::from_utf8(done.stdout).unwrap(), imports.collect())
}

#[test]
fn families_of_an_account_in_which_nothing_runs_are_exported() {
    let cluster = json!([{"clusterArn": arn("cluster/empty"), "clusterName": "empty", "status": "ACTIVE"}]);
    for (families, clusters, pages) in [(2, json!([]), 1), (70, json!([]), 4), (2, cluster, 1)] {
        let server = Server::start(idle(families, &clusters));
        let folder = tempfile::tempdir().unwrap();
        let (said, mut imports) = exported(&server, &folder.path().join("all"));
        imports.retain(|name| name.starts_with("idle-"));
        let newest: Vec<String> = (0..families).map(|n| format!("idle-{n:03}:3")).collect();
        assert_eq!(imports, newest, "the newest ACTIVE revision of each");
        // One page of the scan; where that was not the whole list, all three pages of it.
        assert_eq!(server.calls()["ListTaskDefinitions"], pages);
        assert!(
            said.contains(&format!("{} other ACTIVE revisions of {families} families are not imported", 2 * families)),
            "{said}"
        );
        let review = std::fs::read_to_string(folder.path().join("all/REVIEW.md")).unwrap();
        assert!(review.contains("| idle-000:3 | :2 :1 |"), "{review}");
        assert!(review.contains("Everything that this export rests on was read."), "{review}");
    }
}

/// Where something runs, a scan reads only as many pages as there are families in use.
#[test]
fn families_beyond_the_pages_of_a_scan_are_exported_too() {
    let mut documents = account(8, 1);
    let more = (0..120).map(|n| revision(&format!("idle-{n:03}"), 1));
    documents["task_definitions"].as_array_mut().unwrap().extend(more);
    let server = Server::start(Account::from_json(&documents));
    let folder = tempfile::tempdir().unwrap();
    server.short_pages(&[10]);
    let (_, imports) = exported(&server, &folder.path().join("all"));
    assert_eq!(imports.iter().filter(|name| name.starts_with("idle-")).count(), 120);
}

#[test]
fn lists_that_an_export_of_all_could_not_read_are_named_in_it() {
    let cluster = json!([{"clusterArn": arn("cluster/empty"), "clusterName": "empty", "status": "ACTIVE"}]);
    let server = Server::start(idle(2, &cluster));
    server.deny("ListTaskDefinitions").deny("ListServices");
    let folder = tempfile::tempdir().unwrap();
    let (said, imports) = exported(&server, &folder.path().join("all"));
    assert_eq!(imports, ["empty"]);
    let review = std::fs::read_to_string(folder.path().join("all/REVIEW.md")).unwrap();
    for (whose, what, why) in [
        ("the whole account", "families", "ecs:ListTaskDefinitions"),
        ("cluster empty", "services of empty", "ecs:ListServices"),
    ] {
        assert!(said.contains(&format!("not read, for {whose}: {what} (denied: {why})")), "{said}");
        assert!(review.contains(&format!("| {whose} | {what} | denied: {why} |")), "{review}");
    }
}

// ---- the binary ------------------------------------------------------------------------------------------------------

/// The binary with keys and an endpoint, and with nothing of the machine's configuration.
fn binary(url: &str, command: &[&str]) -> std::process::Command {
    let mut binary = std::process::Command::new(env!("CARGO_BIN_EXE_ecsight"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        binary.env_remove(name);
    }
    binary.env("AWS_CONFIG_FILE", profile_file()).env("AWS_SHARED_CREDENTIALS_FILE", profile_file());
    binary.args(["--profile", "test", "--endpoint-url", url]).args(command);
    binary.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    binary
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_every_reading_command_at_once_with_130() {
    let commands: [&[&str]; 4] =
        [&["scan"], &["tasks"], &["show", "cluster-007"], &["export", "--all", "--out", "/nonexistent/never"]];
    // While it asks who it is, and while it reads.
    for slow in ["GetCallerIdentity", "ListClusters"] {
        for command in commands {
            let server = Server::start(edge());
            server.delay(slow, Duration::from_secs(20));
            let child = binary(&server.url(), command).spawn().unwrap();
            let begun = Instant::now();
            while !server.calls().contains_key(slow) {
                assert!(begun.elapsed() < Duration::from_secs(20), "{command:?} does not call {slow}");
                std::thread::sleep(Duration::from_millis(5));
            }
            let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
            let sent = Instant::now();
            let output = child.wait_with_output().unwrap();
            let took = sent.elapsed();
            let said = String::from_utf8(output.stderr).unwrap();
            println!("{command:?} during {slow}: {took:?}");
            assert_eq!(output.status.code(), Some(130), "{command:?} during {slow}: {said}");
            assert!(took < Duration::from_millis(200), "{command:?} during {slow}: {took:?}");
            assert_eq!((said.trim(), output.stdout.len()), ("ecsight: interrupted", 0), "{command:?} during {slow}");
        }
    }
}

#[test]
fn a_slip_in_the_region_is_said_with_what_was_meant() {
    let output = binary("http://sts.eu-wst-1.invalid", &["--region", "eu-wst-1", "scan"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    println!("{said}");
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("AWS cannot be reached in region eu-wst-1") && said.contains("did you mean eu-west-1?"));
    let output = binary("http://127.0.0.1:9", &["--region", "eu_west_1", "scan"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("`eu_west_1` is not the name of a region"), "{said}");
}

// ---- headless twins --------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread")]
async fn scan_and_tasks_write_json_and_tables() {
    let session = Session::connect(&Connect { demo: true, ..Connect::default() }).await.unwrap();
    let mut out = vec![];
    assert_eq!(commands::scan::run(&session, Format::Json, &mut out, &CancellationToken::new()).await.unwrap(), 0);
    let report: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(report["calls"]["ListClusters"], 1);
    assert_eq!(report["denied"], json!([]));
    let sizes = ["clusters", "services", "task_definitions", "tasks"].map(|m| report[m].as_array().unwrap().len());
    println!("{sizes:?}");
    assert!(sizes[0] >= 3 && sizes[1] >= 14 && sizes[2] >= 12 && sizes[3] >= 3);
    assert!(report["tasks"].as_array().unwrap().iter().any(|task| task["standalone"] == true));
    assert!(report["services"].as_array().unwrap().iter().any(|service| service["behind"] == true));
    let mut out = vec![];
    commands::scan::run(&session, Format::Text, &mut out, &CancellationToken::new()).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    println!("{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "no escape reaches the terminal");
    assert!(text.contains("services (") && text.contains("standalone tasks ("));

    let fresh = Session::connect(&Connect { demo: true, ..Connect::default() }).await.unwrap();
    let mut out = vec![];
    assert_eq!(commands::tasks::run(&fresh, Format::Json, &mut out, &CancellationToken::new()).await.unwrap(), 0);
    let report: Value = serde_json::from_slice(&out).unwrap();
    assert!(!report["standalone"].as_array().unwrap().is_empty());
    assert!(report["calls"].get("ListServices").is_none());
    let mut out = vec![];
    commands::tasks::run(&fresh, Format::Text, &mut out, &CancellationToken::new()).await.unwrap();
    println!("{}", String::from_utf8(out).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_account_is_exit_code_two_and_says_why() {
    let server = Server::start(edge());
    let session = connect(&server).await;
    server.deny("ListClusters");
    for twin in ["scan", "tasks"] {
        let mut out = vec![];
        let code = match twin {
            "scan" => commands::scan::run(&session, Format::Json, &mut out, &CancellationToken::new()).await.unwrap(),
            _ => commands::tasks::run(&session, Format::Json, &mut out, &CancellationToken::new()).await.unwrap(),
        };
        assert_eq!(code, 2, "{twin}");
        let report: Value = serde_json::from_slice(&out).unwrap();
        let gap = &report["denied"][0];
        assert_eq!((gap["subject"].as_str(), gap["reason"].as_str()), (Some("clusters"), Some("denied")));
        assert_eq!(gap["action"], "ecs:ListClusters");
    }
}
