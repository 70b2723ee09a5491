//! What could not be read is said wherever an export speaks, and what does not exist is no success.

// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/server.rs"]
mod server;

use std::io::Write as _;

use ecsight::aws::demo::Account;
use ecsight::aws::{Connect, Session};
use ecsight::commands::export::{Wish, run};
use ecsight::commands::{Format, read_all, show};
use ecsight::error::{Error, Kind};
use ecsight::gate::Review;
use serde_json::Value;
use server::Server;
use tokio_util::sync::CancellationToken;

/// A profile file of the test's own: neither the machine's files nor its environment decide.
async fn connect(server: &Server, region: &str) -> Session {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "[profile test]\naws_access_key_id = AKIDTEST\naws_secret_access_key = test\n").unwrap();
    let options = Connect {
        profile: Some("test".to_owned()),
        region: Some(region.to_owned()),
        endpoint_url: Some(server.url()),
        config_file: Some(file.path().to_owned()),
        ..Connect::default()
    };
    Session::connect(&options).await.unwrap()
}

async fn export(session: &Session, wish: &Wish, format: Format) -> Result<String, Error> {
    let mut said = Vec::new();
    let code = run(session, wish, format, &mut said, &CancellationToken::new()).await?;
    assert_eq!(code, 0);
    Ok(String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_list_is_said_by_every_voice_of_an_export_of_everything() {
    let server = Server::start(Account::demo());
    let session = connect(&server, "eu-west-1").await;
    let folder = tempfile::tempdir().unwrap();
    let wish = |name: &str| Wish { all: true, out: Some(folder.path().join(name)), ..Wish::default() };
    let whole = export(&session, &wish("whole"), Format::Text).await.unwrap();
    assert!(!whole.contains("not read"), "nothing is claimed where all was read: {whole}");
    for (denied, action, subject, page) in [
        ("ListServices", "ecs:ListServices", "services of prod-apps", 1),
        ("ListClusters", "ecs:ListClusters", "clusters", 2),
        ("DescribeCapacityProviders", "ecs:DescribeCapacityProviders", "capacity providers", 1),
        ("ListTasks", "ecs:ListTasks", "tasks of prod-apps", 1),
    ] {
        server.ok().deny_page(denied, page);
        if page > 1 {
            server.short_pages(&[1]);
        }
        let text = export(&session, &wish(denied), Format::Text).await.unwrap();
        let why = format!("{subject} (denied: {action})");
        let first = text.lines().next().unwrap();
        assert!(first.contains(" skipped, ") && first.contains(" not read: "), "{denied}: {first}");
        assert!(text.contains(&why), "{denied}: {text}");
        let paper = |name: &str| std::fs::read_to_string(folder.path().join(denied).join(name)).unwrap();
        let (review, evidence) = (paper("REVIEW.md"), paper("evidence.json"));
        assert!(review.contains(&format!("| {subject} | denied: {action} |")), "{denied}: {review}");
        assert!(!review.contains("Everything that this export rests on was read"));
        let dry = Wish { dry_run: true, ..wish("dry") };
        let planned = export(&session, &dry, Format::Text).await.unwrap();
        assert!(planned.lines().next().unwrap().contains(" not read: ") && planned.contains(&why), "{planned}");
        let json = [
            evidence,
            export(&session, &dry, Format::Json).await.unwrap(),
            export(&session, &wish(&format!("{denied}-json")), Format::Json).await.unwrap(),
        ];
        for text in json {
            let value: Value = serde_json::from_str(&text).unwrap();
            let unread = value["unread"].as_array().unwrap();
            assert!(unread.iter().any(|u| u["what"] == subject), "{denied}: {unread:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_says_what_of_its_closure_was_not_described() {
    let server = Server::start(Account::demo());
    let session = connect(&server, "eu-west-1").await;
    let folder = tempfile::tempdir().unwrap();
    let wish = Wish {
        services: vec!["prod-apps/catalog-api".into()],
        out: Some(folder.path().join("one")),
        ..Wish::default()
    };
    server.deny("DescribeClusters");
    let text = export(&session, &wish, Format::Text).await.unwrap();
    assert!(text.lines().next().unwrap().contains(", 1 description not read: "), "{text}");
    let review = std::fs::read_to_string(folder.path().join("one/REVIEW.md")).unwrap();
    assert!(review.contains("| cluster prod-apps | its description | denied: ecs:DescribeClusters |"), "{review}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_does_not_exist_is_an_error_with_the_names_near_it() {
    let server = Server::start(Account::demo());
    let here = connect(&server, "eu-west-1").await;
    let elsewhere = connect(&server, "us-east-1").await;
    let folder = tempfile::tempdir().unwrap();
    for dry_run in [true, false] {
        let wish = |service: &str| Wish {
            services: vec![service.into()],
            dry_run,
            out: Some(folder.path().join("none")),
            ..Wish::default()
        };
        let error = export(&here, &wish("prod-app/payments"), Format::Text).await.unwrap_err();
        assert_eq!(error.kind, Kind::NotFound);
        assert_eq!(error.message, "there is no cluster prod-app in 123456789012-eu-west-1");
        assert!(error.hint.as_deref().unwrap().contains("near it: prod-apps,"), "{error:?}");
        let error = export(&elsewhere, &wish("prod-apps/payments"), Format::Text).await.unwrap_err();
        assert_eq!(error.message, "there is no cluster prod-apps in 123456789012-us-east-1");
        assert!(error.hint.as_deref().unwrap().contains("--region"), "{error:?}");
        let error = export(&here, &wish("prod-apps/payment"), Format::Text).await.unwrap_err();
        assert_eq!(error.message, "there is no service prod-apps/payment in 123456789012-eu-west-1");
        assert!(error.hint.as_deref().unwrap().contains("near it: prod-apps/payments"), "{error:?}");
    }
    assert!(!folder.path().join("none").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn show_reads_what_the_scan_did_not() {
    let session = Session::connect(&Connect { demo: true, ..Connect::default() }).await.unwrap();
    let cancel = CancellationToken::new();
    let mut estate = read_all(&session, &cancel).await.unwrap();
    for name in ["payments:46", "csv-import:2"] {
        let unread = show::resolve(&estate, name).map(|id| estate.document(&id).is_none());
        assert_ne!(unread, Ok(false), "{name} was read by the scan: this test shows nothing");
        let id = show::find(&session, &mut estate, name, &cancel).await.unwrap();
        let mut out = Vec::new();
        show::run(&estate, &Review::of(&estate), &id, Format::Json, &mut out).unwrap();
        let shown: Value = serde_json::from_slice(&out).unwrap();
        assert!(shown["document"]["containerDefinitions"].is_array(), "{name}: {shown:#}");
    }
    let error = show::find(&session, &mut estate, "payments:4600", &cancel).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
}
