//! The budgets of the house, measured: `cargo bench`.
//!
//! Each line is the median of several runs. The last column is the cost per item against the smallest account of the
//! same measure: 1.0 means that the work grows with the account and no faster. `cargo bench -- export` runs what has
//! that word in its name.
// A measure that cannot run should stop.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/support/app.rs"]
mod app;

use std::time::{Duration, Instant};

use clap::ValueEnum;
use ecsight::estate::{Document, Estate, Kind, Listing, News, Observation, ReferenceKind, ResourceId, Scope};
use ecsight::export::{Choices, Mode, Options, Preview, everything, export};
use ecsight::gate::Review;
use ecsight::report::dossier;
use ecsight::tui::message::Message;
use serde_json::{Value, json};

const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

fn described(kind: Kind, value: &Value, member: &str) -> Observation {
    let id = ResourceId::new(&scope(), kind, value[member].as_str().unwrap());
    let raw = value.to_string().into();
    let document = Document { id, operation: "Describe".into(), observed_at: 1, raw };
    Observation { scope: scope(), observed_at: 1, news: News::Described(document) }
}

/// An account of clusters of a hundred services, each with a revision of its own, made from the demo account's richest.
fn account(services: usize) -> Vec<Observation> {
    let all = |text: &str| serde_json::from_str::<Vec<Value>>(text).unwrap();
    let service =
        all(include_str!("../assets/demo/services.json")).into_iter().find(|s| s["serviceName"] == "payments").unwrap();
    let definition = all(include_str!("../assets/demo/task_definitions.json"))
        .into_iter()
        .map(|d| d["taskDefinition"].clone())
        .find(|d| d["family"] == "payments" && d["revision"] == 47)
        .unwrap();
    let mut news = Vec::new();
    for n in 0..services {
        let (cluster, name) = (format!("cluster-{:03}", n / 100), format!("service-{n:05}"));
        let arn = scope().ecs_arn(&format!("cluster/{cluster}"));
        if n % 100 == 0 {
            let cluster = json!({"clusterArn": arn, "clusterName": cluster, "status": "ACTIVE"});
            news.push(described(Kind::Cluster, &cluster, "clusterArn"));
        }
        let revision = scope().ecs_arn(&format!("task-definition/{name}:47"));
        let (mut service, mut definition) = (service.clone(), definition.clone());
        service["serviceArn"] = scope().ecs_arn(&format!("service/{cluster}/{name}")).into();
        service["serviceName"] = name.as_str().into();
        service["clusterArn"] = arn.into();
        service["taskDefinition"] = revision.as_str().into();
        service["deployments"][0]["taskDefinition"] = revision.as_str().into();
        definition["taskDefinitionArn"] = revision.into();
        definition["family"] = name.into();
        news.push(described(Kind::Service, &service, "serviceArn"));
        news.push(described(Kind::TaskDefinition, &definition, "taskDefinitionArn"));
    }
    let ids = |kind: Kind| {
        let of_kind = |o: &Observation| match &o.news {
            News::Described(d) if d.id.kind == kind => Some(d.id.clone()),
            _ => None,
        };
        news.iter().filter_map(of_kind).collect::<Vec<_>>()
    };
    let listed = News::Listed { listing: Listing::Clusters, ids: ids(Kind::Cluster), complete: true };
    news.push(Observation { scope: scope(), observed_at: 2, news: listed });
    news
}

fn median(runs: usize, mut act: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let began = Instant::now();
            act();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// True unless the command line names other measures.
fn is_wanted(what: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| what.contains(&word))
}

/// What an act adds to the resident memory at its highest, in MB; `None` where the kernel does not tell.
fn peak(act: impl FnOnce()) -> Option<f64> {
    let read = |name: &str| {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    // Sets the highest value back to the present one.
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    let before = read("VmRSS:")?;
    act();
    Some((read("VmHWM:")? - before) / 1024.0)
}

/// Prints one measure over all sizes; `items` says how many items one run of `act` handles.
fn measure(what: &str, sizes: &[usize], mut act: impl FnMut(usize) -> (usize, Duration)) {
    let mut first = None;
    for &size in sizes.iter().filter(|_| is_wanted(what)) {
        let (items, took) = act(size);
        let each = took.as_secs_f64() / f64::from(u32::try_from(items).unwrap());
        let ratio = each / *first.get_or_insert(each);
        println!(
            "{what:<32} {size:>7} services {:>10.2} ms {:>9.2} us each {ratio:>6.2}",
            took.as_secs_f64() * 1e3,
            each * 1e6
        );
    }
}

fn main() {
    // `cargo test --benches` only checks that this builds.
    if std::env::args().any(|a| a == "--test") || !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let estate = |size: usize| {
        let mut estate = Estate::default();
        estate.fold(account(size));
        estate
    };
    measure("fold a whole account", &SIZES, |size| {
        let news = account(size);
        let took = median(5, || {
            let mut estate = Estate::default();
            estate.fold(news.clone());
            assert!(estate.of_kind(Kind::Service).count() == size);
        });
        (size, took)
    });
    measure("audit and drift of all", &SIZES, |size| {
        let estate = estate(size);
        (size, median(5, || assert!(!Review::of(&estate).findings.is_empty())))
    });
    measure("export of all", &SIZES, |size| {
        let estate = estate(size);
        let selection = everything(&estate);
        let took = median(3, || assert!(export(&estate, &selection, &Options::default()).imports.len() >= 2 * size));
        (size, took)
    });

    measure("export with its review", &SIZES, |size| {
        let estate = estate(size);
        let selection = everything(&estate);
        let write = || dossier(&estate, &selection, &Options::default()).unwrap();
        let (first, again) = (write(), write());
        assert!(first.files == again.files, "the same wish gives the same bytes");
        drop((first, again));
        (size, median(3, || drop(write())))
    });
    measure("export data references", &SIZES, |size| {
        let estate = estate(size);
        let selection = everything(&estate);
        let references = ReferenceKind::value_variants().iter().map(|kind| (*kind, Mode::Data)).collect();
        let options = Options { references, ..Options::default() };
        assert!(dossier(&estate, &selection, &options).unwrap().files.contains_key("data.tf"));
        (size, median(3, || drop(dossier(&estate, &selection, &options).unwrap())))
    });
    if is_wanted("export, memory") {
        let estate = estate(1_000);
        let selection = everything(&estate);
        let used = peak(|| drop(dossier(&estate, &selection, &Options::default()).unwrap()));
        println!(
            "{:<32} {:>7} services {:>10.1} MB beside the estate",
            "export, memory",
            1_000,
            used.unwrap_or(f64::NAN)
        );
    }
    measure("plan view", &SIZES, |size| {
        let estate = estate(size);
        let choices = Choices::of(scope(), &everything(&estate), Options::default());
        (size, median(5, || assert!(Preview::of(&estate, &choices).imports >= 2 * size)))
    });
    measure("news of one service, to frame", &SIZES, |size| {
        let news = account(size);
        let one = news.iter().find(|o| matches!(&o.news, News::Described(d) if d.id.kind == Kind::Service)).unwrap();
        let mut app = app::App::of(160, 45, news.clone());
        app.press("Enter");
        app.review = Some(std::sync::Arc::clone(&app.model.review));
        let took = median(11, || {
            app.send(Message::Observed(vec![one.clone()]));
            app.buffer();
        });
        (1, took)
    });
    measure("key to frame, one row down", &SIZES, |size| {
        let mut app = app::App::of(160, 45, account(size));
        app.press("Enter");
        let took = median(51, || {
            app.press("j");
            app.buffer();
        });
        (1, took)
    });
}
