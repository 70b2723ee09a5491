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
    insta::assert_snapshot!("demo_80x24", app.screen());
    app.resize(200, 60);
    insta::assert_snapshot!("demo_200x60", app.screen());
    app.resize(20, 5);
    insta::assert_snapshot!("demo_20x5", app.screen());
    app.resize(1, 1);
    assert_eq!(app.screen().chars().count(), 1);
}

#[test]
fn help_shows_the_keymap() {
    let mut app = small_app(100, 60);
    app.press("?");
    insta::assert_snapshot!(app.screen());
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
            if key == "any key" {
                continue;
            }
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
    app.press("z");
    assert!(!app.screen().contains("to import"), "any key closes it");
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
    insta::assert_snapshot!("plain_ascii", app.screen());
}

// ---- risks of the demo account ----

fn planted() -> Value {
    serde_json::from_str(include_str!("../assets/demo/planted.json")).unwrap()
}

/// Every row of the sheet that carries this rule, or is the line above such a note.
fn note_rows(app: &App, rule: &str) -> Vec<usize> {
    let rows = &app.model.pane.sheet.rows;
    let text = |at: usize| rows[at].pieces.iter().map(|(text, _)| text.as_str()).collect::<String>();
    (0..rows.len()).filter(|at| text(*at).contains(rule)).collect()
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
    for (rule, arn, field) in risks {
        let kind = if arn.contains(":task-definition/") { Kind::TaskDefinition } else { Kind::Service };
        let id = ResourceId::new(&scope(), kind, arn);
        app.send(Message::Observed((app.fetch)(&[Need::Describe(id.clone())])));
        go_to(&mut app, &id);
        let name =
            if kind == Kind::Service { id.name().to_owned() } else { format!(":{}", id.family_revision().unwrap().1) };
        let row: String = app.line(&format!("> {name} ")).chars().take(82).collect();
        assert!(row.contains('!') || row.contains('~'), "{rule} {arn}: no sign in the list: {row}");
        for tab in ["1", "2", "3"] {
            app.press(tab);
            // What the provider has no argument for has no line in the HCL; its marks stand on the block.
            assert!(!note_rows(&app, rule).is_empty(), "{rule} {arn} in tab {tab}:\n{}", app.screen());
            let (_, text, _) = app.model.pane.content.clone().unwrap();
            let shown = text.lines().iter().any(|line| line.path.as_ref() == Some(&field) && !line.closing);
            assert!(shown || tab == "3", "{field} of {arn} has a line in tab {tab}");
            let marks = app.model.review.marks(&id);
            assert!(marks.iter().any(|mark| mark.rule == rule && mark.path == field), "{rule} at {field} of {arn}");
            if let Some(line) = text.line_of(&field).filter(|_| shown) {
                let wanted = text.lines()[line].text.trim().chars().take(20).collect::<String>().trim_end().to_owned();
                let sheet = &app.model.pane.sheet;
                let signed = sheet.notes.iter().any(|at| {
                    let text: String = sheet.rows[*at].pieces.iter().map(|(text, _)| text.as_str()).collect();
                    text.contains(&wanted) && !sheet.rows[*at].sign.is_empty()
                });
                assert!(signed, "{rule} of {arn} in tab {tab}: no sign on {wanted:?}");
            }
        }
    }
}

/// Walks to a service or revision with the keys a reader has.
fn go_to(app: &mut App, id: &ResourceId) {
    app.press("Esc Esc Esc Esc 1");
    let (family, cluster, service) = match id.kind {
        Kind::Service => (None, id.cluster_name().unwrap().to_owned(), Some(id.clone())),
        _ => (Some(id.family_revision().unwrap().0.to_owned()), String::new(), None),
    };
    if let Some(family) = family {
        // A revision is reached through any service of its family; families that nothing runs have no row.
        let user = app.model.estate.of_kind(Kind::Service).map(|(id, _)| id.clone()).find(|service| {
            app.model.estate.declared(service).and_then(|d| d.family_revision().map(|(f, _)| f == family)) == Some(true)
        });
        let mut level = ecsight::tui::model::Level::new(ecsight::tui::place::Place::Family {
            scope: scope(),
            family: family.as_str().into(),
            service: user,
            cursor: None,
        });
        level.table.seek(RowId::Resource(id.clone()));
        app.model.levels.push(level);
        app.send(Message::Observed(vec![]));
    } else if let Some(service) = service {
        let place = ecsight::tui::place::Place::Cluster(ResourceId::cluster(&scope(), &cluster));
        let mut level = ecsight::tui::model::Level::new(place);
        level.table.seek(RowId::Resource(service));
        app.model.levels.push(level);
        app.send(Message::Observed(vec![]));
    }
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
        go_to(&mut app, &id);
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
