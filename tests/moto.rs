//! The real SDK against a moto server, behind a front that pages and limits batches as AWS does.
//!
//! Needs `ECSIGHT_TEST_ENV` (see `tests/support/env/setup`); without it, says so and passes.

// Helpers of a test may stop it where it stands.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use aws_sdk_ecs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ecs::types::{ContainerDefinition, LaunchType};
use ecsight::aws::{Connect, Event, Session};
use ecsight::commands;
use ecsight::estate::{Estate, GapReason, Kind, Listing, ResourceId, Scope, Subject};
use ecsight::export::Options;
use ecsight::report::dossier;
use futures::StreamExt as _;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

const REGION: &str = "eu-west-1";
const CLUSTERS: usize = 130;
const SERVICES: usize = 250;

/// moto and its front on free ports, ended with the test.
struct Moto {
    processes: Vec<Child>,
    url: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Moto {
    /// `None`, and a word about it, when the environment of the tests is not set up.
    fn start() -> Option<Self> {
        let Some(env) = std::env::var_os("ECSIGHT_TEST_ENV").map(PathBuf::from) else {
            println!("left out: no ECSIGHT_TEST_ENV, so no moto server (tests/support/env/setup makes one)");
            return None;
        };
        let bin = env.join("venv/bin");
        let back = free_port();
        let front = free_port();
        let mut moto = Self { processes: vec![], url: format!("http://127.0.0.1:{front}") };
        moto.run(Command::new(bin.join("moto_server")).args(["-H", "127.0.0.1", "-p", &back.to_string()]));
        wait_for(back);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/env/moto_front.py");
        let (port, back) = (front.to_string(), format!("127.0.0.1:{back}"));
        moto.run(Command::new(bin.join("python")).args([script, "--port", &port, "--back", &back, "--cache"]));
        wait_for(front);
        Some(moto)
    }

    fn run(&mut self, command: &mut Command) {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.processes.push(process.expect("the test environment has python and moto_server"));
    }

    /// One of the front's switches: `reset`, `ok`, `fail/OPERATION/AFTER/CODE`.
    fn front(&self, switch: &str) {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET /_front/{switch} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
    }

    async fn session(&self) -> Session {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "[profile moto]\naws_access_key_id = test\naws_secret_access_key = test\nregion = {REGION}\n")
            .unwrap();
        let options = Connect {
            profile: Some("moto".to_owned()),
            endpoint_url: Some(self.url.clone()),
            config_file: Some(file.path().to_owned()),
            ..Connect::default()
        };
        Session::connect(&options).await.unwrap()
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing answers on port {port}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn ecs(url: &str) -> aws_sdk_ecs::Client {
    let config = aws_sdk_ecs::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(url)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .build();
    aws_sdk_ecs::Client::from_conf(config)
}

/// 130 clusters, one of them with 250 services, one family with 30 ACTIVE revisions and its service on the 28th.
async fn seed(url: &str) {
    let ecs = ecs(url);
    let register = |family: String| {
        let container = ContainerDefinition::builder().name("app").image("acme/app").memory(64).build();
        ecs.register_task_definition().family(family).container_definitions(container).send()
    };
    let create = |cluster: &str, name: String, revision: String| {
        let ask = ecs.create_service().cluster(cluster).service_name(name).task_definition(revision);
        ask.desired_count(0).launch_type(LaunchType::Ec2).send()
    };
    let clusters =
        futures::stream::iter(0..CLUSTERS).map(|n| ecs.create_cluster().cluster_name(format!("cluster-{n:03}")).send());
    clusters.buffer_unordered(8).for_each(|made| async { drop(made.unwrap()) }).await;
    for _ in 0..30 {
        register("many".to_owned()).await.unwrap();
    }
    let families = futures::stream::iter(0..SERVICES).map(|n| register(format!("family-{n:03}")));
    families.buffer_unordered(8).for_each(|made| async { drop(made.unwrap()) }).await;
    let services = futures::stream::iter(0..SERVICES)
        .map(|n| create("cluster-007", format!("service-{n:03}"), format!("family-{n:03}:1")));
    services.buffer_unordered(8).for_each(|made| async { drop(made.unwrap()) }).await;
    create("cluster-000", "many".to_owned(), "many:28".to_owned()).await.unwrap();
}

async fn scan(session: &Session) -> Estate {
    let (out, mut events) = unbounded_channel();
    session.scan(out, CancellationToken::new()).await;
    let mut estate = Estate::default();
    while let Some(event) = events.recv().await {
        if let Event::Observed(batch) = event {
            estate.fold(batch);
        }
    }
    estate
}

/// moto 5.2.5 answers `DescribeCapacityProviders` without names with status 500: a gap that stays within the retries.
fn of_moto(subject: &Subject) -> bool {
    matches!(subject, Subject::Listing(_, Listing::CapacityProviders))
}

fn services(estate: &Estate) -> Vec<(ResourceId, bool)> {
    estate.of_kind(Kind::Service).map(|(id, entry)| (id.clone(), entry.document().is_some())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_large_account_is_cut_off() {
    let Some(moto) = Moto::start() else { return };
    let begun = Instant::now();
    seed(&moto.url).await;
    println!("seeded in {:?}", begun.elapsed());
    let session = moto.session().await;
    let scope = Scope::new("aws", "123456789012", REGION);
    assert_eq!(session.identity().scope, scope);

    let begun = Instant::now();
    let estate = scan(&session).await;
    println!("first scan {:?}, calls {:?}", begun.elapsed(), session.calls());
    let gaps: Vec<_> = estate.gaps().filter(|(subject, _)| !of_moto(subject)).collect();
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(estate.of_kind(Kind::Cluster).filter(|(_, entry)| entry.document().is_some()).count(), CLUSTERS);
    assert_eq!(services(&estate).iter().filter(|(_, described)| *described).count(), SERVICES + 1);
    assert_eq!(estate.revisions(&scope, "many").len(), 30);
    assert_eq!(estate.newest(&scope, "many").unwrap().name(), "many:30");
    let many = ResourceId::new(&scope, Kind::Service, &scope.ecs_arn("service/cluster-000/many"));
    assert_eq!(estate.declared(&many).unwrap().name(), "many:28");

    // The formula of aws/walk.rs: 251 families, 280 ACTIVE revisions on three pages, no tasks, no scaling.
    let expected: BTreeMap<String, usize> = [
        ("GetCallerIdentity", 1),
        ("ListClusters", 2),
        ("DescribeClusters", 2),
        ("ListServices", CLUSTERS - 1 + 3),
        ("DescribeServices", 25 + 1),
        ("DescribeTaskDefinition", SERVICES + 1),
        ("ListTaskDefinitions", 3),
        ("ListTasks", CLUSTERS),
        ("DescribeCapacityProviders", 6), // one page and five retries, see of_moto
        ("DescribeScalableTargets", 1),
        ("DescribeScalingPolicies", 1),
    ]
    .map(|(name, calls)| (name.to_owned(), calls))
    .into();
    assert_eq!(session.calls(), expected);

    // That a hundred scans agree is asked of the loopback server each time (tests/aws.rs,
    // `a_hundred_scans_see_the_same_in_the_same_order`); a hundred over moto take minutes, and prove
    // the same of answers that are not our own.
    let rounds = if std::env::var_os("ECSIGHT_TEST_LONG").is_some() { 100 } else { 5 };
    let begun = Instant::now();
    for _ in 1..rounds {
        assert_eq!(services(&scan(&session).await), services(&estate));
    }
    println!("{rounds} scans, the same rows in the same order, {:?}", begun.elapsed());

    // Page 2 of ListServices: the front lets the 130 first pages pass.
    moto.front("fail/ListServices/131/AccessDeniedException");
    let partial = scan(&session).await;
    moto.front("ok");
    let gaps: Vec<_> = partial.gaps().filter(|(subject, _)| !of_moto(subject)).collect();
    assert!(!gaps.is_empty() && gaps.len() <= 2, "{gaps:?}");
    assert!(gaps.iter().all(|(_, gap)| gap.reason == GapReason::Denied && &*gap.action == "ecs:ListServices"));
    assert!(services(&partial).len() >= 100, "{}", services(&partial).len());
    assert!(partial.complete_at(&scope, &Listing::Clusters).is_some());

    // Five of the 26 batches of DescribeServices.
    moto.front("fail/DescribeServices/21/AccessDeniedException");
    let partial = scan(&session).await;
    moto.front("ok");
    let rows = services(&partial);
    let described = rows.iter().filter(|(_, described)| *described).count();
    let gaps = partial.gaps().filter(|(_, gap)| &*gap.action == "ecs:DescribeServices").count();
    assert_eq!((rows.len(), described), (SERVICES + 1, SERVICES + 1 - gaps));
    assert!((201..=210).contains(&described), "{described}");
}

/// moto 5.2.5 answers `ListTagsForResource` of Application Auto Scaling with status 500.
#[tokio::test(flavor = "multi_thread")]
async fn tags_that_moto_cannot_tell_are_a_gap_and_no_failed_export() {
    let Some(moto) = Moto::start() else { return };
    let ecs = ecs(&moto.url);
    ecs.create_cluster().cluster_name("prod").send().await.unwrap();
    let container = ContainerDefinition::builder().name("app").image("acme/app").memory(64).build();
    ecs.register_task_definition().family("web").container_definitions(container).send().await.unwrap();
    let ask = ecs.create_service().cluster("prod").service_name("web").task_definition("web:1").desired_count(1);
    ask.launch_type(LaunchType::Ec2).send().await.unwrap();
    let config = aws_sdk_applicationautoscaling::Config::builder()
        .behavior_version(aws_sdk_applicationautoscaling::config::BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(&moto.url)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .build();
    let scaling = aws_sdk_applicationautoscaling::Client::from_conf(config);
    let ask = scaling.register_scalable_target().service_namespace(ServiceNamespace::Ecs);
    let ask = ask.resource_id("service/prod/web").scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
    ask.min_capacity(1).max_capacity(3).send().await.unwrap();

    let session = moto.session().await;
    let scope = Scope::new("aws", "123456789012", REGION);
    let service = ResourceId::new(&scope, Kind::Service, &scope.ecs_arn("service/prod/web"));
    let mut estate = Estate::default();
    let (selection, cancel) = ([service], CancellationToken::new());
    commands::complete(&session, &mut estate, &selection, ecsight::aws::now(), &cancel).await.unwrap();
    let target = ResourceId::new(&scope, Kind::ScalableTarget, "ecs/service/prod/web/ecs:service:DesiredCount");
    let tags = estate.tags_apart(&target).unwrap();
    let gap = estate.gap(&Subject::Listing(scope, tags)).expect("a gap");
    assert_eq!((gap.reason, &*gap.action), (GapReason::Failed, "application-autoscaling:ListTagsForResource"));
    let export = dossier(&estate, &selection, &Options::default()).unwrap();
    let code = &export.files["autoscaling.tf"].text;
    assert!(code.contains("resource \"aws_appautoscaling_target\" \"web\"") && code.contains("# tags: "), "{code}");
}
