//! Whole screens: keys and news in, frames out.

// A test stops where it fails, in what the tests share too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/app.rs"]
mod app;

use std::sync::Arc;

use app::{App, demo_scan, scope};
use ecsight::error::{Error, Kind as Trouble};
use ecsight::estate::{
    Document, FieldPath, Gap, GapReason, Kind, Listing, News, Observation, ResourceId, Subject, Timestamp, revision_arn,
};
use ecsight::export::Need;
use ecsight::tui::keymap;
use ecsight::tui::message::Message;
use ecsight::tui::model::RowId;
use ecsight::tui::theme::Theme;
use proptest::prelude::*;
use serde_json::{Value, json};

fn at(observed_at: Timestamp, news: News) -> Observation {
    Observation { scope: scope(), observed_at, news }
}

fn described(id: &ResourceId, observed_at: Timestamp, value: &Value) -> Observation {
    let document =
        Document { id: id.clone(), operation: "Describe".into(), observed_at, raw: value.to_string().into() };
    at(observed_at, News::Described(document))
}

fn listed(listing: Listing, ids: Vec<ResourceId>, observed_at: Timestamp) -> Observation {
    at(observed_at, News::Listed { listing, ids, complete: true })
}

fn denied(subject: Subject, action: &str, observed_at: Timestamp) -> Observation {
    let gap = Gap { observed_at, reason: GapReason::Denied, action: action.into(), message: "not for you".into() };
    at(observed_at, News::Denied(subject, gap))
}

fn service(name: &str) -> ResourceId {
    ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/prod/{name}")))
}

fn service_value(name: &str, revision: u32) -> Value {
    json!({
        "serviceArn": service(name).native.to_string(), "serviceName": name,
        "clusterArn": scope().ecs_arn("cluster/prod"), "status": "ACTIVE",
        "taskDefinition": revision_arn(&scope(), &format!("{name}:{revision}")).native.to_string(),
        "desiredCount": 2, "runningCount": 2, "launchType": "FARGATE",
        "deployments": [{"status": "PRIMARY", "rolloutState": "COMPLETED", "desiredCount": 2, "runningCount": 2}],
        "tags": [{"key": "Owner", "value": "core"}],
    })
}

/// One cluster with services that all run revision 2 of a family of their name, of which 3 is the newest.
fn small(names: &[&str], time: Timestamp) -> Vec<Observation> {
    let cluster = ResourceId::cluster(&scope(), "prod");
    let mut news = vec![
        listed(Listing::Clusters, vec![cluster.clone()], time),
        described(
            &cluster,
            time,
            &json!({"clusterName": "prod", "status": "ACTIVE", "activeServicesCount": names.len()}),
        ),
        listed(Listing::Services("prod".into()), names.iter().map(|name| service(name)).collect(), time),
        listed(Listing::Tasks("prod".into()), vec![], time),
    ];
    for name in names {
        let revision = |n: u32| revision_arn(&scope(), &format!("{name}:{n}"));
        news.push(described(&service(name), time, &service_value(name, 2)));
        news.push(listed(Listing::Revisions((*name).into()), vec![revision(1), revision(2), revision(3)], time));
        let role = "arn:aws:iam::123456789012:role/app";
        let value = json!({
            "taskDefinitionArn": revision(2).native.to_string(), "family": name, "revision": 2, "status": "ACTIVE",
            "taskRoleArn": role, "executionRoleArn": role,
            "containerDefinitions": [{"name": "app", "image": "web:1", "environment": [{"name": "MODE", "value": "a"}]}],
        });
        news.push(described(&revision(2), time, &value));
    }
    news
}

fn small_app(width: u16, height: u16) -> App {
    let mut app = App::of(width, height, small(&["api", "ledger", "payments", "web"], 10));
    app.press("Enter");
    app
}

// ---- frames ----

#[test]
fn services_with_marks_and_roles() {
    let mut app = small_app(112, 22);
    app.press("j Space j Space");
    insta::assert_snapshot!(app.screen_with_roles());
}

#[test]
fn json_with_marks_on_their_fields() {
    let mut app = small_app(120, 30);
    app.press("Enter 2");
    insta::assert_snapshot!(app.screen());
}

#[test]
fn the_four_sizes_of_the_demo_account() {
    let mut app = App::demo(80, 24);
    app.press("Enter");
    insta::assert_snapshot!("demo_80x24", app.steady());
    app.resize(40, 10);
    insta::assert_snapshot!("demo_40x10", app.steady());
    app.resize(200, 60);
    insta::assert_snapshot!("demo_200x60", app.steady());
    app.resize(20, 5);
    insta::assert_snapshot!("demo_20x5", app.screen());
    app.resize(1, 1);
    assert_eq!(app.screen().chars().count(), 1);
}

#[test]
fn help_shows_the_keymap() {
    let mut app = small_app(120, 36);
    app.press("?");
    insta::assert_snapshot!(app.screen());
    assert!(app.screen().contains("marked for export"), "the signs are there without scrolling");
    app.press("q");
    assert_eq!(app.model.quit, None, "q closes what is open");
    assert!(!app.screen().contains("marked for export"));
    app.press("! q");
    assert_eq!(app.model.quit, None);
    app.press("q");
    assert_eq!(app.model.quit, Some(0));
}

// ---- keys ----

#[test]
fn the_documented_keys_are_the_keymap() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, keymap::markdown()).unwrap();
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == keymap::markdown(), "docs/keys.md is old: UPDATE=1 cargo test --test screens keys");
}

#[test]
fn every_hint_works() {
    let mut app = App::demo(120, 36);
    for keys in ["", "Enter", "Space", "/ p a y", "Enter", "Enter", "2", "p", "Esc", "?", "Esc", "!", "Esc", "Esc"] {
        app.press(keys);
        let moment = app.model.moment();
        for (key, word) in keymap::hints(&moment) {
            let key = ecsight::tui::key::Key::parse(&key).unwrap();
            assert!(keymap::resolve(key, &moment).is_some(), "{key} {word} in {:?}", moment.context);
        }
    }
}

#[test]
fn a_key_that_does_nothing_draws_nothing() {
    let mut app = small_app(80, 24);
    app.screen();
    for key in ["z", "Z", "7", "Delete", "k", "ctrl-x"] {
        app.press(key);
        assert!(!app.model.dirty, "{key}");
    }
    app.press("j");
    assert!(app.model.dirty);
}

#[test]
fn cursor_marks_sort_and_filter_survive_a_refresh() {
    let mut app = small_app(120, 30);
    app.press("j j Space s S");
    assert_eq!(app.model.row(), Some(&RowId::Resource(service("payments"))));
    app.scan = small(&["aaa", "api", "payments", "zzz"], 20);
    app.press("r");
    assert_eq!(app.model.row(), Some(&RowId::Resource(service("payments"))));
    let screen = app.screen();
    let order: Vec<usize> = ["  zzz ", "* payments ", "  api ", "  aaa "]
        .iter()
        .map(|name| screen.find(&format!("│{name}")).unwrap())
        .collect();
    assert!(order.is_sorted(), "{screen}");
    assert!(!screen.contains("ledger"), "it has gone from the listing");
    app.press("/");
    app.type_text("!pay");
    app.press("Enter r");
    assert!(app.screen().contains("(3 of 4)  /!pay"));
    app.press("Esc");
    assert_eq!(app.model.row(), Some(&RowId::Resource(service("payments"))));
}

#[test]
fn open_and_back_return_to_the_same_row() {
    let mut app = small_app(120, 30);
    app.press("j j Enter");
    assert!(app.screen().contains("prod > payments:2"));
    assert_eq!(app.model.row(), Some(&RowId::Resource(revision_arn(&scope(), "payments:2"))));
    app.press("k");
    assert!(app.screen().contains("prod > payments:3"));
    app.press("h");
    assert_eq!(app.model.row(), Some(&RowId::Resource(service("payments"))));
    app.press("h h h");
    assert!(app.screen().contains("Clusters (1)"));
}

#[test]
fn a_revision_nobody_read_is_read_under_the_cursor_and_only_once() {
    let mut app = small_app(120, 30);
    let three = revision_arn(&scope(), "api:3");
    app.press("Enter k");
    let asked = |app: &App| app.fetched.iter().flatten().filter(|need| **need == Need::Describe(three.clone())).count();
    assert_eq!(asked(&app), 1);
    app.press("j k j k");
    assert_eq!(asked(&app), 1, "a call that brought nothing is not repeated");
    app.press("r j k");
    assert_eq!(asked(&app), 2);
}

#[test]
fn the_start_is_where_the_command_line_says() {
    let mut app = App::new(120, 30);
    app.scan = small(&["api", "web"], 10);
    app.model.settings.start = Some(("prod".into(), Some("web".into())));
    app.start();
    assert_eq!(app.model.row(), Some(&RowId::Resource(service("web"))));
    let mut app = App::new(120, 30);
    app.scan = small(&["api"], 10);
    app.model.settings.start = Some(("pord".into(), None));
    app.start();
    assert!(app.screen().contains("There is no cluster pord here"));
    assert!(app.screen().contains("Clusters (1)"), "it stays at the account");
    app.send(Message::Tick(app.model.now + 5_000));
    assert!(app.screen().contains("Enter open") && !app.screen().contains("pord"));
    let mut app = App::new(120, 30);
    app.scan = small(&["api"], 10);
    app.model.settings.start = Some(("prod".into(), Some("nope".into())));
    app.start();
    assert!(app.screen().contains("There is no service nope in prod"), "{}", app.screen());
    assert!(app.screen().contains("Services and tasks (1)"));
}

// ---- export ----

#[test]
fn x_exports_what_is_marked() {
    let mut app = App::demo(120, 40);
    app.press("Enter j j Space j Space x");
    let [(selection, export)] = &app.written[..] else { panic!("one export") };
    assert_eq!(selection, &["catalog-api", "checkout"]);
    assert!(export.imports.len() >= 6, "{:?}", export.imports);
    let imports = export.imports.len();
    let screen = app.screen();
    assert!(screen.contains("/home/me/ecsight-export/123456789012-eu-west-1/catalog-api"), "{screen}");
    assert!(screen.contains(&format!("{imports} to import")), "{screen}");
    assert!(screen.contains("ecsight verify /home/me/ecsight-export"), "{screen}");
    assert!(screen.contains("2 marked"), "{screen}");
    app.press("z");
    assert!(app.screen().contains("to import"), "a key that means nothing closes nothing");
    app.press("q");
    assert!(!app.screen().contains("to import"));
    assert!(app.screen().contains("2 marked"), "the marks stay");
}

#[test]
fn x_without_marks_exports_the_row() {
    let mut app = App::demo(80, 24);
    app.press("Enter j j j x");
    assert_eq!(app.written[0].0, ["checkout"]);
}

#[test]
fn what_is_not_loaded_is_read_first_and_esc_cancels() {
    let mut app = App::new(120, 30);
    app.use_demo();
    let all = app.scan.clone();
    // A scan that has come as far as naming the services.
    app.scan.retain(|o| !matches!(&o.news, News::Described(d) if d.id.kind != Kind::Cluster));
    app.start();
    app.press("Enter");
    app.hold = true;
    app.press("x");
    assert!(app.screen().contains("for the export"), "{}", app.screen());
    assert!(app.fetched.iter().flatten().any(|need| matches!(need, Need::Describe(id) if id.kind == Kind::Service)));
    app.press("j");
    app.press("Esc");
    assert_eq!(app.cancelled.len(), 1);
    app.release();
    assert!(app.written.is_empty(), "nothing is written after a cancel");
    app.press("k x");
    assert_eq!(app.written.len(), 1);
    let (_, whole) = &app.written[0];
    let mut other = App::new(120, 30);
    other.use_demo();
    other.scan = all;
    other.start();
    other.press("Enter x");
    assert_eq!(whole.files, other.written[0].1.files, "the same bytes whenever x is pressed");
}

#[test]
fn the_hcl_pane_shows_what_the_export_writes() {
    let mut app = App::demo(160, 60);
    app.press("Enter j j Space 3");
    let shown = app.model.pane.content.clone().unwrap().1.text();
    app.press("x");
    let files = &app.written[0].1.files;
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(files.values().any(|file| file.text.lines().any(|l| l == line)), "{line}");
    }
}

// ---- gaps and failures ----

#[test]
fn what_was_denied_stands_where_it_belongs() {
    let mut news = small(&["api", "web"], 10);
    news.push(denied(Subject::Listing(scope(), Listing::Services("prod".into())), "ecs:ListServices", 11));
    news.push(at(
        9,
        News::Listed { listing: Listing::Services("prod".into()), ids: vec![service("late")], complete: false },
    ));
    news.push(at(
        12,
        News::Listed { listing: Listing::Services("prod".into()), ids: vec![service("late")], complete: false },
    ));
    news.push(denied(Subject::Resource(service("late")), "ecs:DescribeServices", 13));
    let mut app = App::of(120, 30, news);
    assert!(app.line("> prod").contains(" 3 !"), "{}", app.screen());
    app.press("Enter");
    assert!(app.line("! denied: ecs:ListServices").contains("services of prod"));
    assert!(app.line("  late").contains("! denied: ecs:DescribeServices"), "{}", app.screen());
    assert!(app.line("> api").contains("2/2"), "the other rows stay");
    assert!(app.screen().contains("2 denied"));
    app.press("!");
    assert!(app.screen().contains("not for you"));
}

#[test]
fn without_a_session_the_reason_and_the_way_out_are_shown() {
    let mut app = App::new(80, 24);
    app.refuse = Some(Error::new(Trouble::Credentials, "The session token has expired.").hint("Run `aws sso login`."));
    app.scan = small(&["api"], 10);
    app.start();
    insta::assert_snapshot!(app.screen());
    app.press("j Enter x");
    app.refuse = None;
    app.press("r");
    assert!(app.screen().contains("Clusters (1)"));
}

#[test]
fn late_news_is_folded_in() {
    let mut app = small_app(120, 30);
    app.send(Message::Observed(small(&["api", "ledger", "payments", "web", "zulu"], 30)));
    app.send(Message::Scanned(99));
    assert!(app.screen().contains("zulu"));
}

#[test]
fn drift_that_nobody_knows_is_no_equals_sign() {
    let listing = |name: &str| Subject::Listing(scope(), Listing::Revisions(name.into()));
    let without = |names: &[&str]| -> Vec<Observation> {
        let mut news = small(names, 10);
        news.retain(|o| !matches!(&o.news, News::Listed { listing: Listing::Revisions(_), .. }));
        news
    };
    let mut news = without(&["api", "web"]);
    news.extend(["api", "web"].map(|name| denied(listing(name), "ecs:ListTaskDefinitions", 11)));
    let mut app = App::of(120, 30, news);
    assert!(app.line("> prod").contains(" ?  "), "{}", app.screen());
    app.press("Enter");
    let row: String = app.line("> api").chars().take(60).collect();
    assert!(row.contains(" ? ") && !row.contains('='), "{row}");
    assert!(app.line("! denied: ecs:ListTaskDefinitions").contains("newest of 2 families"), "{}", app.screen());
    assert!(app.screen().contains("Services and tasks (2)"), "lines that stand for gaps are no rows");
    app.press("G");
    for words in ["Not read", "ecs:ListTaskDefinitions", "not for you", "Allow the action"] {
        assert!(app.screen().contains(words), "{words}: {}", app.screen());
    }
    // While the scan runs it may still come.
    let mut app = App::new(120, 30);
    app.scan = small(&["api"], 10);
    app.hold = true;
    app.start();
    app.send(Message::Observed(without(&["api"])));
    assert!(app.line("> prod").contains(" .. "), "{}", app.screen());
    app.press("Enter");
    let row: String = app.line("> api").chars().take(60).collect();
    assert!(row.contains(" .. ") && !row.contains('='), "{row}");
    app.release();
    assert!(app.line("> api").contains("~rev"));
}

#[test]
fn a_declared_revision_above_the_list_is_not_behind() {
    let mut news = small(&["api"], 10);
    news.push(described(&service("api"), 11, &service_value("api", 4)));
    let mut app = App::of(80, 24, news);
    app.press("Enter");
    assert!(app.line("> api").contains(":4 "), "{}", app.screen());
    assert!(!app.screen().contains("->"));
}

#[test]
fn the_strip_of_a_cluster_counts_what_its_row_counts() {
    let mut app = App::demo(80, 24);
    let row = app.line("> prod-apps");
    let strip = app.line("in its services and tasks");
    let id = ResourceId::cluster(&scope(), "prod-apps");
    let tally = app.model.review.row(&id);
    for (sign, count) in [("!!", tally.grave), ("~", tally.drift)] {
        let word = format!("{sign}{count}");
        assert!(count > 0 && row.contains(&word) && strip.contains(&word), "{word}: {row} / {strip}");
    }
}

#[test]
fn standalone_tasks_show_their_own_risks_and_those_of_their_revision() {
    let mut app = App::demo(120, 36);
    app.press("Enter G");
    let row: String = app.line("> etl-nightly by ma").chars().take(62).collect();
    assert!(row.contains("!!1"), "{row}");
    let id = app.model.subject().cloned().unwrap();
    assert!(app.model.review.row(&id).grave > 0);
    // What its revision has stands on top of its Overview.
    let mut value: Value = json!({"taskDefinitionArn": revision_arn(&scope(), "api:2").native.to_string()});
    value["clusterArn"] = json!(scope().ecs_arn("cluster/prod"));
    value["group"] = json!("family:api");
    value["lastStatus"] = json!("RUNNING");
    let task = ResourceId::new(&scope(), Kind::Task, &scope().ecs_arn("task/prod/0123456789abcdef0123456789abcdef"));
    let mut news = small(&["api"], 10);
    news.retain(|o| !matches!(&o.news, News::Listed { listing: Listing::Tasks(_), .. }));
    news.push(described(&task, 10, &value));
    let mut app = App::of(120, 36, news);
    app.press("Enter G");
    assert!(app.line("api:2: ").contains("IDN-001"), "{}", app.screen());
    for tab in ["[Overview]", " JSON ", " HCL "] {
        assert!(app.screen().contains(tab), "a long name leaves the tabs: {}", app.screen());
    }
}

#[test]
fn columns_go_one_by_one_and_names_last() {
    let mut app = App::demo(120, 24);
    app.press("Enter");
    for width in (32..120).rev() {
        app.resize(width, 24);
        let heads = app.screen().lines().nth(2).unwrap().to_owned();
        assert!(heads.contains("NAME"), "{width}: {heads}");
        let line = app.line("│  payments ");
        assert!(!heads.contains("RISK") || line.contains("!!2"), "{width}: {line}");
    }
    app.resize(40, 10);
    let heads = app.screen().lines().nth(2).unwrap().to_owned();
    assert!(["NAME", "RUN", "DRIFT", "RISK"].iter().all(|head| heads.contains(head)), "{heads}");
    assert!(app.screen().contains("? help"));
}

#[test]
fn the_result_says_what_was_not_taken_and_scrolls() {
    let mut app = App::demo(80, 24);
    app.press("x");
    assert!(app.screen().contains("The services of prod-apps are not exported"), "{}", app.screen());
    assert!(app.screen().contains("ctrl-a"));
    app.press("q Enter G x");
    assert!(app.screen().contains("A task cannot be imported: this is the revision"), "{}", app.screen());
    app.press("Esc ctrl-a x");
    let whole = app.screen();
    let (_, export) = app.written.last().unwrap();
    let (imports, skips) = (export.imports.len(), export.skips.len());
    assert!(whole.contains(&format!("{imports} to import / {skips} skipped")), "{whole}");
    let secrets = export.variables.len();
    assert!(whole.contains(&format!("{secrets} credentials stand in secrets.auto.tfvars")), "{whole}");
    let last = export.imports.last().unwrap().address.clone();
    assert!(!whole.contains(&last));
    app.press("G");
    assert!(app.screen().contains(&last), "{}", app.screen());
    app.press("k");
    assert_ne!(app.screen(), whole);
    app.press("g");
    assert_eq!(app.screen(), whole);
    app.resize(40, 10);
    assert!(app.screen().contains("to import"), "{}", app.screen());
    app.press("Space");
    assert!(!app.screen().contains("to import"));
}

#[test]
fn an_export_of_nothing_or_to_nowhere_is_an_error_in_the_words_of_the_explorer() {
    // A revision that nobody could describe.
    let mut app = small_app(100, 30);
    app.press("Enter k x");
    assert!(app.written.is_empty(), "nothing is written");
    assert!(app.screen().contains("Not exported") && !app.screen().contains("ecsight verify"), "{}", app.screen());
    app.press("Esc !");
    assert!(app.screen().contains("nothing can be imported"), "{}", app.screen());
    let mut app = small_app(100, 30);
    app.unwritable =
        Some(Error::new(Trouble::Io, "cannot make the folder /x: denied").hint("choose another folder with --out"));
    app.press("x");
    assert!(app.screen().contains("--export-dir") && !app.screen().contains("--out"), "{}", app.screen());
    app.press("Esc !");
    assert!(app.screen().contains("cannot make the folder /x"), "it stands in the log: {}", app.screen());
}

#[test]
fn the_first_tab_of_a_hidden_pane_is_the_overview() {
    let mut app = small_app(80, 24);
    app.press("Tab");
    assert!(app.screen().contains("[Overview]"), "{}", app.screen());
    app.press("Tab");
    assert!(app.screen().contains("[JSON]"));
}

#[test]
fn marks_on_no_shown_row_are_said_to_be_elsewhere() {
    let mut app = small_app(100, 24);
    app.press("Space j Space");
    assert!(app.screen().contains(" 2 marked "));
    app.press("/");
    app.type_text("ledger");
    app.press("Enter");
    assert!(app.screen().contains("2 marked (1 elsewhere)"), "{}", app.screen());
    app.press("Esc h");
    assert!(app.screen().contains("2 marked (elsewhere)"), "{}", app.screen());
    app.press("x");
    assert!(app.screen().contains("2 marked"), "{}", app.screen());
}

#[test]
fn a_refresh_shows_when_the_account_was_read() {
    let mut app = small_app(100, 24);
    assert!(app.screen().contains("read 00:16:40Z"), "{}", app.screen());
    app.model.now += 65_000;
    app.hold = true;
    app.press("r");
    assert!(app.screen().contains("scan 4/4 services"), "{}", app.screen());
    app.release();
    assert!(app.screen().contains("read 00:17:45Z"), "{}", app.screen());
}

#[test]
fn an_unknown_column_is_named_with_those_there_are() {
    let mut app = small_app(100, 24);
    app.press("/");
    app.type_text("foo:bar");
    assert!(app.screen().contains("no column foo (NAME, RUN, REVISION, DRIFT, RISK, OWNER)"), "{}", app.screen());
    app.press("Esc h /");
    app.type_text("name:pro");
    assert!(app.screen().contains("(1 of 1)"), "{}", app.screen());
}

#[test]
fn connecting_is_no_filter() {
    let mut app = App::new(80, 24);
    let title = app.line("Clusters");
    assert!(!title.contains('/') && !title.contains("(0)") && title.contains("connecting"), "{title}");
}

#[test]
fn long_words_of_code_break_at_their_seams() {
    let mut news = small(&["api"], 10);
    let name = "payments_database_primary_DB_PASSWORD_of_the_reporting_replica";
    let value = json!({"taskDefinitionArn": revision_arn(&scope(), "api:2").native.to_string(), "family": "api",
        "containerDefinitions": [{"name": name, "image": "web:1"}]});
    news.push(described(&revision_arn(&scope(), "api:2"), 11, &value));
    let mut app = App::of(40, 20, news);
    app.press("Enter Enter 2");
    let screen = app.screen();
    let cut = screen.lines().find(|line| line.contains("payments_database")).unwrap().to_owned();
    assert!(cut.trim_end_matches(['│', ' ']).ends_with('_'), "{screen}");
}

#[test]
fn n_names_and_marks_the_finding_it_has_come_to() {
    let mut app = App::demo(160, 50);
    app.press("Enter /");
    app.type_text("name:payments");
    app.press("Enter Enter");
    let notes = app.model.pane.sheet.notes.len();
    assert!(notes > 1);
    app.press("n");
    assert!(app.screen().contains(&format!("finding 1 of {notes}")), "{}", app.screen());
    app.press("n");
    assert!(app.screen().contains(&format!("finding 2 of {notes}")));
    app.press("N");
    assert!(app.screen().contains(&format!("finding 1 of {notes}")));
}

// ---- hostile text, colour, ASCII ----

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let evil = "\u{1b}[31mred\u{202e}\u{7}";
    let mut value = service_value("api", 2);
    value["tags"] = json!([{"key": "owner", "value": evil}]);
    value["launchType"] = json!(evil);
    let mut news = small(&["api"], 10);
    news.push(described(&service("api"), 11, &value));
    let gap = Gap { observed_at: 12, reason: GapReason::Failed, action: evil.into(), message: evil.into() };
    news.push(at(12, News::Denied(Subject::Listing(scope(), Listing::Tasks("prod".into())), gap)));
    let mut app = App::of(200, 40, news);
    for keys in ["", "Enter", "2", "3", "!", "Esc", "Enter"] {
        app.press(keys);
        let screen = app.screen();
        let bad: Vec<char> = screen.chars().filter(|c| c.is_control() && *c != '\n' || *c == '\u{202e}').collect();
        assert!(bad.is_empty(), "{bad:?} after {keys}");
    }
}

#[test]
fn without_colour_there_is_none_and_ascii_is_ascii() {
    let mut app = App::demo(120, 36);
    app.model.settings.theme = Theme::Plain;
    app.model.settings.ascii = true;
    for keys in ["", "Enter", "j j Space", "2", "3", "Enter", "?"] {
        app.press(keys);
        let buffer = app.buffer();
        assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset && cell.bg == cell.fg));
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()), "{}", app.screen());
    }
    app.press("Esc Esc");
    insta::assert_snapshot!("plain_ascii", app.steady());
}

// ---- risks of the demo account ----

fn planted() -> Value {
    serde_json::from_str(include_str!("../assets/demo/planted.json")).unwrap()
}

/// What stands in a row of the sheet.
fn sheet_text(app: &App, row: usize) -> String {
    app.model.pane.sheet.rows[row].pieces.iter().map(|(text, _)| text.as_str()).collect()
}

/// The rows of the sheet with a sign that carry a rule, in their own words or in the words below them.
fn signed_rows(app: &App, rule: &str) -> Vec<usize> {
    let sheet = &app.model.pane.sheet;
    let end = |at: usize| sheet.notes.iter().copied().find(|next| *next > at).unwrap_or(sheet.rows.len());
    let says = |at: usize| (at..end(at)).any(|row| sheet_text(app, row).contains(rule));
    sheet.notes.iter().copied().filter(|at| says(*at)).collect()
}

#[test]
fn every_planted_risk_has_its_sign_on_its_own_line() {
    let mut app = App::demo(160, 50);
    let planted = planted();
    let risks: Vec<(&str, &str, FieldPath)> = planted["risks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            (
                r["rule"].as_str().unwrap(),
                r["resource"].as_str().unwrap(),
                r["field"].as_str().unwrap().parse().unwrap(),
            )
        })
        .collect();
    assert!(risks.len() > 20);
    let (mut on_lines, mut on_headers) = (0, 0);
    for (rule, arn, field) in risks {
        let kind = if arn.contains(":task-definition/") { Kind::TaskDefinition } else { Kind::Service };
        let id = ResourceId::new(&scope(), kind, arn);
        app.send(Message::Observed((app.fetch)(&[Need::Describe(id.clone())])));
        go_to(&mut app, &id);
        let marks = app.model.review.marks(&id);
        let mark = marks.iter().find(|mark| mark.rule == rule && mark.path == field);
        let sign = mark.unwrap_or_else(|| panic!("{rule} at {field} of {arn}")).sign;
        // The list shows this rule's class: drift as a word, a risk by the count of its sign. A list of revisions has
        // no drift.
        let cells = app.model.level().unwrap().table.at_cursor().unwrap().cells.clone();
        let columns = app.model.level().unwrap().place.columns();
        let cell = |title: &str| columns.iter().position(|column| column.title == title).map(|at| cells[at].plain());
        if sign == "~" {
            assert!(cell("DRIFT").is_none_or(|text| text.starts_with('~')), "{rule} {arn}: {cells:?}");
        } else {
            let count = marks.iter().filter(|mark| mark.sign == sign).count();
            let text = cell("RISK").unwrap();
            let counted = text
                .split(' ')
                .find_map(|word| word.strip_prefix(sign).and_then(|number| number.parse::<usize>().ok()));
            assert!(counted.is_some_and(|counted| counted >= count), "{rule} {sign} {arn}: {text}");
        }
        for tab in ["1", "2", "3"] {
            app.press(tab);
            let (_, text, _) = app.model.pane.content.clone().unwrap();
            let shown = text.lines().iter().any(|line| line.path.as_ref() == Some(&field) && !line.closing);
            assert!(shown || tab == "3", "{field} of {arn} has a line in tab {tab}");
            let rows = signed_rows(&app, rule);
            assert!(!rows.is_empty(), "{rule} {arn} in tab {tab}:\n{}", app.screen());
            // What the provider has no argument for has no line in the HCL: its sign stands on what holds it.
            let line = text.line_of(&field).unwrap_or_else(|| panic!("{field} of {arn} has no place in tab {tab}"));
            let line = &text.lines()[line];
            if shown {
                assert_eq!(line.path.as_ref(), Some(&field), "{rule} of {arn} in tab {tab}");
                on_lines += 1;
            } else {
                let above = line.path.as_ref().unwrap();
                assert!(field.is_within(above) && *above != field, "{rule} of {arn}: {above} holds {field}");
                on_headers += 1;
            }
            let wanted: String = line.text.trim().chars().take(16).collect::<String>().trim_end().to_owned();
            let signed = rows.iter().any(|at| {
                let row = &app.model.pane.sheet.rows[*at];
                sheet_text(&app, *at).contains(&wanted) && !row.sign.is_empty()
            });
            assert!(signed, "{rule} of {arn} in tab {tab}: no sign on {wanted:?}:\n{}", app.screen());
        }
    }
    assert!(on_lines > 60 && on_headers > 0, "{on_lines} on their own line, {on_headers} on what holds them");
}

/// Walks to a service or revision with the keys a reader has: filter, open, move.
fn go_to(app: &mut App, id: &ResourceId) {
    app.press("Esc Esc Esc Esc Esc Esc 1");
    let filtered = |app: &mut App, name: &str| {
        app.press("/");
        app.type_text(&format!("name:{name}"));
        app.press("Enter g");
    };
    let seek = |app: &mut App, id: &ResourceId| {
        let wanted = RowId::Resource(id.clone());
        let rows = app.model.level().unwrap().table.shown().len();
        for _ in 0..rows {
            if app.model.row() == Some(&wanted) {
                return;
            }
            app.press("j");
        }
        assert!(app.model.row() == Some(&wanted), "{id} is not in\n{}", app.screen());
    };
    let family_of = |revision: &ResourceId| revision.family_revision().unwrap().0.to_owned();
    // A revision is reached through a service of its family, or through a task.
    let estate = Arc::clone(&app.model.estate);
    let through = match id.kind {
        Kind::Service => Some(id.clone()),
        _ => estate
            .of_kind(Kind::Service)
            .map(|(service, _)| service.clone())
            .find(|service| estate.declared(service).is_some_and(|declared| family_of(&declared) == family_of(id))),
    };
    if let Some(service) = through {
        filtered(app, service.cluster_name().unwrap());
        app.press("Enter");
        filtered(app, service.name());
        seek(app, &service);
    } else {
        let runs = |cluster: &str| {
            estate.of_kind(Kind::Task).any(|(task, _)| {
                let view = estate.task(task);
                view.is_some_and(|view| {
                    view.cluster_arn.ends_with(&format!("/{cluster}"))
                        && view.is_standalone()
                        && view.task_definition.as_deref().is_some_and(|of| of.contains(&family_of(id)))
                })
            })
        };
        let cluster = estate.of_kind(Kind::Cluster).map(|(id, _)| id.name().to_owned()).find(|name| runs(name));
        filtered(app, &cluster.unwrap_or_else(|| panic!("nothing leads to {id}")));
        app.press("Enter");
        filtered(app, &family_of(id));
    }
    if id.kind == Kind::TaskDefinition {
        app.press("Enter g");
        seek(app, id);
    }
    assert_eq!(app.model.row(), Some(&RowId::Resource(id.clone())));
}

/// Puts a list with the cursor on a resource on the screen, also where no key leads: to families that nothing runs.
fn jump_to(app: &mut App, id: &ResourceId) {
    app.press("Esc Esc Esc Esc 1");
    let place = match id.family_revision() {
        Some((family, _)) => {
            ecsight::tui::place::Place::Family { scope: scope(), family: family.into(), service: None, cursor: None }
        }
        None => ecsight::tui::place::Place::Cluster(ResourceId::cluster(&scope(), id.cluster_name().unwrap())),
    };
    let mut level = ecsight::tui::model::Level::new(place);
    level.table.seek(RowId::Resource(id.clone()));
    app.model.levels.push(level);
    app.send(Message::Observed(vec![]));
    assert_eq!(app.model.row(), Some(&RowId::Resource(id.clone())));
}

#[test]
fn no_planted_secret_is_in_any_frame() {
    let secrets: Vec<String> =
        planted()["secret_values"].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect();
    let mut app = App::demo(200, 400);
    let estate = Arc::clone(&app.model.estate);
    let revisions: Vec<Need> = estate.of_kind(Kind::TaskDefinition).map(|(id, _)| Need::Describe(id.clone())).collect();
    app.send(Message::Observed((app.fetch)(&revisions)));
    let ids: Vec<ResourceId> = [Kind::Service, Kind::TaskDefinition]
        .iter()
        .flat_map(|kind| app.model.estate.of_kind(*kind).map(|(id, _)| id.clone()).collect::<Vec<_>>())
        .collect();
    let mut frames = 0;
    for id in ids {
        jump_to(&mut app, &id);
        for tab in ["1", "2", "3"] {
            app.press(tab);
            let sheet: String = app
                .model
                .pane
                .sheet
                .rows
                .iter()
                .flat_map(|row| row.pieces.iter().map(|(text, _)| text.trim()))
                .collect();
            let screen = app.screen();
            for secret in &secrets {
                assert!(!screen.contains(secret) && !sheet.contains(secret), "{secret} of {id} in tab {tab}");
            }
            frames += 1;
        }
    }
    // Tasks with overrides have rows, not levels.
    app.press("Esc Esc Esc Esc Home Enter G 2");
    for _ in 0..4 {
        let screen = app.screen();
        assert!(secrets.iter().all(|secret| !screen.contains(secret)));
        app.press("k");
    }
    assert!(frames > 60, "{frames}");
}

// ---- laws ----

fn any_key() -> impl Strategy<Value = String> {
    let keys: Vec<String> = keymap::KEYMAP.iter().flat_map(|b| b.keys.iter().map(ToString::to_string)).collect();
    prop_oneof![8 => proptest::sample::select(keys), 1 => "[a-zA-Z0-9é日]".prop_map(|c| c)]
}

#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Size(u16, u16),
    Tick,
    News(Vec<usize>),
    Hold,
    Release,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => any_key().prop_map(Step::Key),
        1 => (1u16..220, 1u16..70).prop_map(|(w, h)| Step::Size(w, h)),
        1 => Just(Step::Tick),
        1 => proptest::collection::vec(0usize..demo_scan().0.len(), 1..20).prop_map(Step::News),
        1 => Just(Step::Hold),
        1 => Just(Step::Release),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    #[allow(clippy::cast_sign_loss, clippy::cast_precision_loss)]
    fn update_never_panics_at_any_size_with_any_keys(
        size in (1u16..220, 1u16..70),
        seen in 0.0f64..=1.0,
        steps in proptest::collection::vec(any_step(), 1..50),
    ) {
        let mut app = App::new(size.0, size.1);
        app.use_demo();
        let all = app.scan.clone();
        app.scan.truncate((all.len() as f64 * seen) as usize);
        app.fetch = Box::new(|_| Vec::new());
        app.start();
        for step in steps {
            match step {
                Step::Key(key) => app.press(&key),
                Step::Size(width, height) => app.resize(width, height),
                Step::Tick => app.send(Message::Tick(app.model.now + 125)),
                Step::News(which) => app.send(Message::Observed(which.iter().map(|at| all[*at].clone()).collect())),
                Step::Hold => app.hold = true,
                Step::Release => app.release(),
            }
            app.buffer();
            prop_assert!(!app.model.levels.is_empty());
            let table = &app.model.level().unwrap().table;
            prop_assert!(table.shown().len() == 0 || table.cursor() < table.shown().len());
        }
    }
}

#[test]
fn a_terminal_that_is_too_small_takes_no_key_but_those_that_leave() {
    for prepare in ["", "Enter j Space", "Enter j Space X", "/", "?"] {
        let mut app = App::demo(120, 36);
        if !prepare.is_empty() {
            app.press(prepare);
        }
        ecsight::tui::update::update(&mut app.model, Message::Resized(20, 5));
        for binding in keymap::KEYMAP {
            for key in binding.keys {
                let mut model = app.model.clone();
                let effects = ecsight::tui::update::update(&mut model, Message::Key(*key));
                assert_eq!(model.marks, app.model.marks, "{key:?} after {prepare:?}");
                assert_eq!(model.levels.len(), app.model.levels.len(), "{key:?} after {prepare:?}");
                let leaves = binding.action == keymap::Action::Suspend;
                assert!(effects.is_empty() || leaves, "{key:?} after {prepare:?}: {effects:?}");
            }
        }
    }
}
