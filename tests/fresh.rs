//! What has just been read is not read again: `x` right after a scan asks only for what no scan reads, the tags of the
//! scalable targets that it writes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]

#[path = "support/app.rs"]
mod app;
#[path = "support/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;

use app::App;
use ecsight::aws::demo::Account;
use ecsight::aws::{Connect, Event, Session};
use ecsight::estate::{News, Observation, Timestamp};
use ecsight::export::{FRESH, Need};
use server::Server;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

/// A session over the loopback server, with its runtime. The configuration file is the test's own.
struct Connected {
    runtime: Runtime,
    session: Session,
    _config: tempfile::TempDir,
}

impl Connected {
    fn to(server: &Server) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config_file = folder.path().join("config");
        let keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = made-up\n";
        std::fs::write(&config_file, format!("[profile fresh]\nregion = eu-west-1\n{keys}")).unwrap();
        let connect = Connect {
            profile: Some("fresh".into()),
            endpoint_url: Some(server.url()),
            config_file: Some(config_file),
            ..Connect::default()
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let session = runtime.block_on(Session::connect(&connect)).unwrap();
        Arc::new(Self { runtime, session, _config: folder })
    }

    fn read(&self, needs: Option<Vec<Need>>) -> Vec<Observation> {
        self.runtime.block_on(async {
            let (out, mut events) = unbounded_channel();
            match needs {
                None => self.session.scan(out, CancellationToken::new()).await,
                Some(needs) => self.session.fetch(needs, out, CancellationToken::new()).await,
            }
            let mut news = Vec::new();
            while let Some(Event::Observed(batch)) = events.recv().await {
                news.extend(batch);
            }
            news
        })
    }
}

/// An explorer that has just scanned the demo account over the server; what it fetches is asked of the server.
///
/// The scan was `ago` milliseconds ago.
fn scanned(server: &Server, ago: Timestamp) -> App {
    let aws = Connected::to(server);
    let mut app = App::new(120, 40);
    app.scan = aws.read(None);
    app.model.now = app.scan.iter().map(|o| o.observed_at).max().unwrap() + 1;
    app.scan.iter_mut().for_each(|news| age(news, ago));
    app.fetch = Box::new(move |needs| aws.read(Some(needs.to_vec())));
    app.start();
    server.forget();
    app
}

/// Makes a piece of news older.
fn age(observation: &mut Observation, by: Timestamp) {
    observation.observed_at -= by;
    match &mut observation.news {
        News::Described(document) => document.observed_at -= by,
        News::Denied(_, gap) => gap.observed_at -= by,
        News::Listed { .. } | News::Tagged(..) | News::Missing(_) => {}
    }
}

#[test]
fn an_export_of_what_is_fresh_asks_only_for_what_no_scan_reads() {
    let server = Server::start(Account::demo());
    let mut app = scanned(&server, 0);
    // Every cluster, then every service of one, then one row.
    app.press("ctrl-a x");
    assert_eq!(server.calls(), BTreeMap::new(), "{:?}", app.fetched);
    app.press("Esc u Enter ctrl-a x");
    let tags = BTreeMap::from([("ListTagsForResource".to_owned(), 2)]);
    assert_eq!(server.calls(), tags, "the tags of the cluster's two scalable targets: {:?}", app.fetched);
    app.press("Esc u x");
    assert_eq!(server.calls(), tags, "and those are fresh now, too: {:?}", app.fetched);
    assert_eq!(app.written.len(), 3, "{}", app.screen());
    let imports: Vec<usize> = app.written.iter().map(|(_, export)| export.imports.len()).collect();
    assert!(imports[1] > imports[2] && imports[2] > 1, "{imports:?}");
}

#[test]
fn what_was_refused_is_asked_for_again_and_nothing_else() {
    let server = Server::start(Account::demo());
    server.deny("DescribeScalableTargets");
    let mut app = scanned(&server, 0);
    server.ok();
    app.press("Enter x");
    assert_eq!(server.calls(), BTreeMap::from([("DescribeScalableTargets".to_owned(), 1)]));
    assert_eq!(app.written.len(), 1);
    assert!(app.written[0].1.unread.is_empty());
}

#[test]
fn what_has_aged_is_read_again_and_revisions_are_not_walked() {
    let server = Server::start(Account::demo());
    let mut app = scanned(&server, 2 * FRESH);
    app.press("Enter x");
    let calls = server.calls();
    assert_eq!(calls.get("DescribeServices"), Some(&1), "{calls:?}");
    assert_eq!(calls.get("ListServices"), None, "{calls:?}");
    assert_eq!(calls.get("DescribeTaskDefinition"), Some(&1), "its tags may have changed: {calls:?}");
    assert_eq!(app.written.len(), 1);
}
