//! The export plan on the screen: keys in, frames, choices and files out.

// A test stops where it fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/app.rs"]
mod app;
#[path = "support/pty.rs"]
mod pty;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use app::{App, scope};
use ecsight::estate::{Kind, News, ResourceId};
use ecsight::export::{Choices, Need, Preview};
use ecsight::tui::keymap::{self, Context};
use ecsight::tui::message::Message;
use ecsight::tui::plan::PlanView;
use ecsight::tui::theme::Theme;
use proptest::prelude::*;

/// The plan of two services of the demo account.
fn open(width: u16, height: u16) -> App {
    let mut app = App::demo(width, height);
    app.press("Enter j j Space j Space X");
    assert!(app.model.plan.is_some());
    app
}

fn plan(app: &App) -> &PlanView {
    app.model.plan.as_ref().expect("the plan is open")
}

fn service(name: &str) -> ResourceId {
    ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&format!("service/prod-apps/{name}")))
}

/// Puts the cursor on a row.
fn go(app: &mut App, id: &ResourceId) {
    app.press("g");
    while plan(app).row().map(|row| &row.id) != Some(id) {
        let before = plan(app).table.cursor();
        app.press("j");
        assert_ne!(plan(app).table.cursor(), before, "no {id} in\n{}", app.screen());
    }
}

fn file(app: &App, at: usize, name: &str) -> String {
    app.written[at].1.files.get(name).map_or_else(String::new, |file| file.text.clone())
}

#[test]
fn the_plan_of_two_services() {
    let mut app = open(120, 36);
    let screen = app.screen();
    assert!(screen.contains("9 to import, 1 not"), "{screen}");
    assert!(
        screen.contains("aws_ecs_cluster.prod-apps + aws_ecs_cluster_capacity_providers.prod-apps"),
        "both addresses"
    );
    assert!(app.written.is_empty(), "nothing is written");
    insta::assert_snapshot!("plan_wide", app.steady());
    app.resize(80, 24);
    insta::assert_snapshot!("plan_narrow", app.steady());
    app.press("p");
    insta::assert_snapshot!("plan_narrow_pane", app.steady());
}

#[test]
fn what_is_planned_is_what_x_writes() {
    let mut app = open(160, 50);
    let rows: Vec<(String, String)> = plan(&app)
        .plan()
        .unwrap()
        .rows
        .iter()
        .filter(|row| row.skip.is_none())
        .flat_map(|row| row.addresses.iter().map(|address| (address.clone(), row.import_id.clone())))
        .collect();
    app.press("x");
    let mut imports: Vec<(String, String)> =
        app.written[0].1.imports.iter().map(|i| (i.address.clone(), i.import_id.clone())).collect();
    imports.sort();
    let mut sorted = rows;
    sorted.sort();
    assert_eq!(sorted, imports);
    assert!(app.screen().contains("to import"));
    app.press("q");
    assert!(app.model.plan.is_some(), "closing the result leads back to the plan");
    app.press("q");
    assert!(app.model.plan.is_none() && app.model.quit.is_none());
}

#[test]
fn what_is_not_loaded_is_read_first_and_esc_cancels() {
    let mut app = App::new(120, 30);
    app.use_demo();
    app.scan.retain(|o| !matches!(&o.news, News::Described(d) if d.id.kind != Kind::Cluster));
    app.start();
    app.press("Enter");
    app.hold = true;
    app.press("X");
    assert!(app.screen().contains("for the export"), "{}", app.screen());
    assert!(app.fetched.iter().flatten().any(|need| matches!(need, Need::Describe(id) if id.kind == Kind::Service)));
    app.press("Esc");
    assert_eq!(app.cancelled.len(), 1);
    app.release();
    assert!(app.model.plan.is_none(), "no plan after a cancel");
    app.press("X");
    assert!(plan(&app).plan().unwrap().imports > 0);
}

#[test]
fn a_name_is_checked_while_it_is_typed() {
    let mut app = open(120, 36);
    go(&mut app, &service("checkout"));
    app.press("r ctrl-u");
    for (text, problem) in [
        ("1st", "a name begins with a letter or _"),
        ("a.b", "'.' cannot stand in a name"),
        ("${x}", "'$' cannot stand in a name"),
        ("catalog-api", "service prod-apps/catalog-api has that name"),
    ] {
        app.type_text(text);
        assert!(app.screen().contains(problem), "{problem} in\n{}", app.screen());
        app.press("Enter");
        assert_eq!(app.model.context(), Context::Naming, "{text} is not accepted");
        app.press("ctrl-u");
    }
    // A cluster may bear the name of a service: only the type and the name together are taken.
    app.type_text("prod-apps");
    app.press("Enter");
    assert_eq!(app.model.context(), Context::Plan);
    let row = app.line("aws_ecs_service.prod-apps");
    assert!(row.contains("renamed") && row.contains('>'), "the cursor is on it still: {row}");
    assert!(app.screen().contains("resource \"aws_ecs_service\" \"prod-apps\""), "{}", app.screen());
    app.press("Enter ctrl-u Enter");
    assert!(app.line("aws_ecs_service.checkout").contains("import"), "an empty name is ecsight's own");
    app.press("r ctrl-u z Esc");
    assert_eq!(plan(&app).choices, plan(&app).own, "Esc leaves it as it was");
}

#[test]
fn a_row_is_left_out_and_what_named_it_says_so() {
    let mut app = open(160, 50);
    let cluster = ResourceId::cluster(&scope(), "prod-apps");
    go(&mut app, &cluster);
    app.press("Space");
    assert!(app.line("cluster prod-apps is left out").contains("a literal in aws_ecs_service.catalog-api"));
    assert!(app.line("aws_ecs_cluster.prod-apps").contains("left out"));
    assert!(app.screen().contains("left out by choice"));
    assert!(app.line("aws_ecs_service.catalog-api").contains("1 not linked"), "{}", app.screen());
    go(&mut app, &service("catalog-api"));
    assert!(app.screen().contains("not linked, left out: cluster prod-apps"), "{}", app.screen());
    app.press("Tab");
    assert!(app.screen().contains("cluster prod-apps: left out, so it is a literal"), "{}", app.screen());
    app.press("x");
    assert!(!app.written[0].1.files.contains_key("clusters.tf"));
    assert!(file(&app, 0, "services.tf").contains("\"arn:aws:ecs:eu-west-1:123456789012:cluster/prod-apps\""));
    assert!(app.screen().contains("As chosen in the plan: 1 left out."), "{}", app.screen());
    app.press("q");
    go(&mut app, &cluster);
    app.press("Space");
    assert!(app.screen().contains("cluster prod-apps is imported"));
    assert_eq!(plan(&app).choices, plan(&app).own);
    // What cannot be imported says why.
    app.press("G Space");
    assert!(
        app.line("cannot be taken in: ").contains("runs only in a rollout"),
        "{}",
        app.line("cannot be taken in: ")
    );
    app.press("r");
    assert_eq!(app.model.context(), Context::Plan, "it has no name to change");
}

#[test]
fn choices_stay_for_their_selection_until_they_are_reset() {
    let mut app = open(120, 36);
    app.press("d c P f ctrl-u");
    app.type_text("../x");
    assert!(app.screen().contains("a folder's name begins with a letter"), "{}", app.screen());
    app.press("Enter ctrl-u");
    app.type_text("shop");
    app.press("Enter");
    assert!(app.screen().contains("v3 concise portable  to shop/"), "{}", app.screen());
    app.press("Esc");
    assert!(app.model.plan.is_none());
    // The export of the same selection is written as chosen, and its pane shows that.
    app.press("x");
    assert_eq!(app.written[0].1.folder, "shop");
    assert!(file(&app, 0, "versions.tf").contains("3.39.0"));
    let saved = file(&app, 0, "ecsight.export.toml");
    for line in ["folder = \"shop\"", "dialect = \"v3\"", "concise = true", "portable = true"] {
        assert!(saved.contains(line), "{line} in\n{saved}");
    }
    app.press("q X");
    assert!(app.screen().contains("v3 concise portable  to shop/"), "{}", app.screen());
    app.press("R");
    assert!(app.screen().contains("v6  to catalog-api/"), "{}", app.screen());
    app.press("Esc x");
    assert_eq!(app.written[1].1.folder, "catalog-api");
    // Another selection has choices of its own.
    app.press("q X c Esc u X");
    assert!(!app.screen().contains("concise  to"), "{}", app.screen());
}

#[test]
fn modes_of_references_are_chosen_by_kind() {
    let mut app = open(120, 36);
    app.press("m");
    assert_eq!(app.model.context(), Context::Modes);
    let (kind, count, _) = plan(&app).kinds()[1];
    assert!(count > 0 && app.screen().contains("How references are written"), "{}", app.screen());
    app.press("j Space");
    assert_eq!(plan(&app).choices.options.references.keys().collect::<Vec<_>>(), [&kind]);
    insta::assert_snapshot!("plan_modes", app.steady());
    app.press("Esc");
    assert_eq!(app.model.context(), Context::Plan);
    app.press("x");
    let saved = file(&app, 0, "ecsight.export.toml");
    let read = Choices::parse(&saved, &scope()).unwrap();
    assert_eq!(read.options, plan(&app).choices.options, "{saved}");
    app.press("q m j Space Space");
    assert!(plan(&app).choices.options.references.is_empty(), "round and round");
}

#[test]
fn a_plan_of_other_choices_is_not_shown_and_the_cursor_stays() {
    let mut app = open(120, 36);
    let id = service("checkout");
    go(&mut app, &id);
    let (stamp, old) = plan(&app).preview.clone().unwrap();
    app.press("d");
    let made = app.plans;
    let mut stale: Preview = (*old).clone();
    stale.folder = "stale".into();
    app.send(Message::Planned(stamp, Arc::new(stale)));
    assert!(!app.screen().contains("stale"));
    assert_eq!(app.plans, made, "nothing is made anew");
    assert_eq!(plan(&app).row().unwrap().id, id);
    // News of the account makes a new plan; sort, filter and cursor stay.
    app.press("/");
    app.type_text("checkout");
    app.press("Enter s");
    let news = app.scan.clone();
    app.send(Message::Observed(news));
    assert_eq!(app.plans, made + 1);
    assert_eq!(plan(&app).row().unwrap().id, id);
    assert!(app.screen().contains("/checkout") && !app.line("ADDRESS").contains("catalog"), "{}", app.screen());
    app.press("Esc");
    assert!(plan(&app).table.filter().is_empty() && app.model.plan.is_some());
}

#[test]
fn the_diff_is_of_the_earlier_export_and_shows_no_credential() {
    let mut app = App::demo(160, 60);
    app.press("Enter ctrl-a X");
    app.press("Tab Tab");
    let folder = plan(&app).plan().unwrap().folder.clone();
    assert!(app.screen().contains(&format!("There is no earlier export in a folder {folder}.")), "{}", app.screen());
    app.press("x q");
    let first = app.written[0].1.clone();
    let mut files: BTreeMap<String, String> =
        first.files.iter().map(|(name, file)| (name.clone(), file.text.clone())).collect();
    app.earlier = Some((folder.clone(), files.clone()));
    app.press("R d d");
    assert!(app.screen().contains(&format!("Nothing differs from {folder}.")), "{}", app.screen());
    // The secret on disk was another, and stands in the open as well.
    let private = first.files.iter().find(|(_, file)| file.private).expect("credentials").0.clone();
    files.insert(private.clone(), "x = \"Kestrel77Osprey\"\n".into());
    files.entry("services.tf".into()).and_modify(|text| text.push_str("# Kestrel77Osprey\n"));
    app.earlier = Some((format!("{folder}-2"), files));
    app.press("c");
    let screen = app.screen();
    assert!(screen.contains(&format!("What would differ from {folder}-2")), "{screen}");
    let text = plan(&app).content.clone().unwrap().1.text();
    assert!(text.contains("it holds values of credentials and is not compared"), "{text}");
    assert!(text.contains("+concise = true") && text.contains("-concise = false"), "{text}");
    let planted: serde_json::Value = serde_json::from_str(include_str!("../assets/demo/planted.json")).unwrap();
    let secrets = planted["secret_values"].as_array().unwrap().iter().map(|v| v.as_str().unwrap());
    for secret in secrets.chain(["Kestrel77Osprey"]) {
        assert!(!text.contains(secret), "{secret}");
    }
    // The file of the row stands first.
    go(&mut app, &service("checkout"));
    let text = plan(&app).content.clone().unwrap().1.text();
    let first = text.lines().nth(1).unwrap();
    assert!(first.trim_start().starts_with("services.tf"), "{text}");
}

#[test]
fn no_credential_is_in_any_text_of_the_plan() {
    let planted: serde_json::Value = serde_json::from_str(include_str!("../assets/demo/planted.json")).unwrap();
    let secrets: Vec<&str> = planted["secret_values"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
    let mut app = App::demo(160, 60);
    app.press("ctrl-a Enter ctrl-a X");
    let rows = plan(&app).table.shown().len();
    assert!(rows > 20);
    for _ in 0..rows {
        for _ in 0..2 {
            let text = plan(&app).content.clone().unwrap().1.text() + &app.screen();
            assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
            app.press("Tab");
        }
        app.press("Tab j");
    }
}

#[test]
fn every_hint_works_in_the_plan() {
    let mut app = open(200, 40);
    for keys in ["", "p", "p", "r", "Esc", "m", "Esc", "/", "Enter", "d", "Space", "f", "Esc", "?", "Esc"] {
        app.press(keys);
        let moment = app.model.moment();
        let hints = keymap::hints(&moment);
        assert!(!hints.is_empty(), "{keys}");
        for (key, word) in hints {
            let key = ecsight::tui::key::Key::parse(&key).unwrap();
            assert!(keymap::resolve(key, &moment).is_some(), "{key} {word} in {:?}", moment.context);
        }
    }
    app.screen();
    for key in ["z", "7", "Delete", "k"] {
        app.press("g");
        app.screen();
        app.press(key);
        assert!(!app.model.dirty, "{key} does nothing and draws nothing");
    }
}

#[test]
fn without_colour_there_is_none_and_ascii_is_ascii() {
    let mut app = open(100, 40);
    app.model.settings.theme = Theme::Plain;
    app.model.settings.ascii = true;
    for keys in ["", "Space", "Tab", "Tab", "r", "Esc", "m", "Esc", "j r"] {
        app.press(keys);
        let buffer = app.buffer();
        assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset && cell.bg == cell.fg));
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()), "{}", app.screen());
    }
}

fn any_key() -> impl Strategy<Value = String> {
    let of_plan = |b: &&keymap::Binding| {
        b.contexts.iter().any(|c| matches!(c, Context::Plan | Context::PlanPane | Context::Naming | Context::Modes))
    };
    let keys: Vec<String> =
        keymap::KEYMAP.iter().filter(of_plan).flat_map(|b| b.keys.iter().map(ToString::to_string)).collect();
    prop_oneof![
        6 => proptest::sample::select(keys),
        1 => "[a-zA-Z0-9é日]",
        1 => Just("X".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_key_panics_at_any_size(
        sizes in proptest::collection::vec((1u16..200, 1u16..60), 1..5),
        keys in proptest::collection::vec(any_key(), 1..60),
    ) {
        let mut app = open(120, 36);
        for (at, key) in keys.iter().enumerate() {
            if let Some(size) = sizes.get(at / 12).filter(|_| at % 12 == 0) {
                app.resize(size.0, size.1);
            }
            app.press(key);
            app.buffer();
            if let Some(plan) = &app.model.plan {
                let shown = plan.table.shown().len();
                prop_assert!(shown == 0 || plan.table.cursor() < shown);
                // Only legal choices get in.
                let text = plan.choices.text(plan.plan().map_or("x", |plan| &plan.folder));
                let read = Choices::parse(&text, &scope());
                prop_assert!(read.is_ok(), "{read:?}\n{text}");
            }
        }
    }
}

// ---- the real binary ----

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_ecsight"))
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read_to_string(e.path()).unwrap())).collect()
}

#[test]
fn the_plan_is_written_as_chosen_and_replayed_byte_by_byte() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = pty::Terminal::start(binary(), &["--demo"], folder.path(), (120, 36));
    terminal.wait_scanned();
    terminal.press("enter");
    terminal.wait("catalog-api");
    terminal.press("j j space j space X");
    terminal.wait("Export plan  9 to import");
    terminal.press("space");
    terminal.wait("7 to import, 2 not");
    terminal.press("j r");
    terminal.wait("Name in Terraform");
    terminal.press("ctrl-u");
    terminal.press("s h o p enter");
    terminal.wait("aws_ecs_service.shop");
    terminal.press("x");
    terminal.wait("ecsight verify");
    let base = folder.path().join("ecsight-export/123456789012-eu-west-1");
    let written = std::fs::read_dir(&base).unwrap().next().unwrap().unwrap().path();
    let there = files(&written);
    assert!(there["services.tf"].contains("\"aws_ecs_service\" \"shop\""), "{}", there["services.tf"]);
    assert!(!there.contains_key("clusters.tf") && there["REVIEW.md"].contains("left out by choice"));
    let twin = folder.path().join("twin");
    let export = Command::new(binary())
        .args(["--demo", "export", "--from"])
        .arg(&written)
        .arg("--out")
        .arg(&twin)
        .output()
        .unwrap();
    assert!(export.status.success(), "{}", String::from_utf8_lossy(&export.stderr));
    assert_eq!(there, files(&twin));
    // Now there is something to compare with: itself.
    terminal.press("q tab tab");
    terminal.wait("Nothing differs from");
    terminal.press("q q");
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn a_name_that_a_left_out_row_bears_is_refused() {
    let mut app = open(120, 36);
    go(&mut app, &service("checkout"));
    app.press("r ctrl-u");
    app.type_text("foo");
    app.press("Enter Space");
    go(&mut app, &service("catalog-api"));
    app.press("r ctrl-u");
    app.type_text("foo");
    let problem = plan(&app).typing.as_ref().and_then(|typing| typing.problem.clone());
    assert!(problem.is_some_and(|problem| problem.contains("has that name")), "{}", app.screen());
}

#[test]
fn a_task_that_fails_leaves_no_plan_on_its_way_and_is_not_tried_for_good() {
    let mut app = open(120, 36);
    let view = app.model.plan.as_mut().unwrap();
    let stamp = (app.model.revision, view.change);
    view.preview = None;
    view.planning = Some(stamp);
    let effects = ecsight::tui::update::update(&mut app.model, Message::Trouble("it failed".into()));
    assert!(plan(&app).planning.is_none() && effects.is_empty(), "{effects:?}");
    assert!(!app.model.is_pending() || app.model.toast.is_some());
    app.press("c");
    assert!(plan(&app).preview.is_some(), "a change tries again");
}
