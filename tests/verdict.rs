//! What a plan comes to: classes, owners, advice, on paper and on screen.

// A test stops where it fails, in what the tests share too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/app.rs"]
mod app;

use app::App;
use ecsight::error::{Error, Kind as Trouble};
use ecsight::report::verify::{Verified, machine, text};
use ecsight::secrets::{MARK, redact};
use ecsight::terraform::Dialect;
use ecsight::terraform::plan::{Class, Code, Explained, PlanReport, Reason, explain};
use ecsight::tui::key::Key;
use ecsight::tui::keymap;
use ecsight::tui::message::{Message, Step};
use ecsight::tui::model::Overlay;
use ecsight::tui::theme::Theme;
use proptest::prelude::*;
use serde_json::{Value, json};

const MIXED: &str = include_str!("plans/mixed.json");

fn plain(text: &str) -> String {
    text.to_owned()
}

/// A plan of one imported resource `x`, for provider 6, whose code writes these arguments.
fn plan(kind: &str, before: &Value, after: &Value, replaces: &[&str], writes: &Value) -> PlanReport {
    let actions = if replaces.is_empty() { json!(["update"]) } else { json!(["delete", "create"]) };
    let plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.15.5",
        "configuration": {
            "provider_config": {"aws": {"full_name": "registry.terraform.io/hashicorp/aws", "version_constraint": ">= 6.34.0, < 7.0.0"}},
            "root_module": {"resources": [{"address": format!("{kind}.x"), "expressions": writes}]},
        },
        "resource_changes": [{"address": format!("{kind}.x"), "type": kind, "name": "x", "change": {
            "actions": actions, "before": before, "after": after, "importing": {"id": "i"},
            "replace_paths": replaces.iter().map(|path| json!([path])).collect::<Vec<_>>(),
        }}],
    });
    PlanReport::parse(&plan.to_string()).unwrap()
}

fn one(report: &PlanReport, code: Code) -> Explained {
    explain(report, code, &plain).remove(0)
}

fn at<'a>(resource: &'a Explained, path: &str) -> &'a Reason {
    resource.reasons.iter().find(|r| r.path == path).unwrap_or_else(|| panic!("no {path} in {resource:#?}"))
}

fn service(before: &Value, after: &Value) -> Explained {
    one(&plan("aws_ecs_service", before, after, &[], after), Code::Unknown)
}

#[test]
fn a_real_plan_is_explained() {
    let report = PlanReport::parse(MIXED).unwrap();
    assert_eq!(report.dialect(), Some(Dialect::V3));
    let all = explain(&report, Code::Edited, &|text| text.replace("hunter2-not-real", MARK));
    assert!(!format!("{all:?}").contains("hunter2"));
    let of = |address: &str| all.iter().find(|r| r.address == address).unwrap();
    assert_eq!(of("aws_ecs_cluster.main").class, Class::Nothing);
    let marked = of("aws_ecs_cluster.marked");
    assert_eq!(marked.class, Class::Cosmetic);
    assert_eq!(marked.reasons[0].rule, Some("0.12"));
    assert!(marked.reasons[0].advice.contains("nonsensitive"), "{marked:?}");
    let created = of("aws_ecs_cluster.new[0]");
    assert_eq!(created.class, Class::Create);
    assert!(created.advice.as_ref().unwrap().contains("no import block"));
    let web = of("aws_ecs_service.web");
    assert_eq!(web.class, Class::InPlace);
    assert_eq!(at(web, "desired_count").class, Class::InPlace);
    assert_eq!(at(web, "desired_count").member.as_deref(), Some("desiredCount"));
    assert_eq!((at(web, "timeouts").class, at(web, "timeouts").rule), (Class::StateOnly, Some("0.7")));
    assert_eq!(at(web, "wait_for_steady_state").class, Class::Cosmetic);
    let definition = of("aws_ecs_task_definition.web");
    assert_eq!(definition.class, Class::Replace);
    let image = at(definition, "container_definitions{web}.image");
    assert_eq!(image.class, Class::Replace);
    assert_eq!(image.member.as_deref(), Some("containerDefinitions[].image"));
    assert_eq!(at(definition, "revision").class, Class::Cosmetic);
}

#[test]
fn every_difference_of_the_plan_is_told_in_some_reason() {
    let report = PlanReport::parse(MIXED).unwrap();
    for (resource, explained) in report.resources.iter().zip(explain(&report, Code::Unknown, &plain)) {
        for difference in resource.verdict.attributes() {
            let argument = difference.path.split(['.', '[']).next().unwrap();
            assert!(explained.reasons.iter().any(|r| r.path.starts_with(argument)), "{} {argument}", resource.address);
        }
    }
}

#[test]
fn the_code_tells_who_changed_it() {
    let (before, after) = (json!({"desired_count": 3}), json!({"desired_count": 2}));
    let report = plan("aws_ecs_service", &before, &after, &[], &after);
    let advice = |code: Code| one(&report, code).reasons[0].advice.clone();
    assert!(advice(Code::AsExported).contains("somebody changed desired_count in AWS since: export again"));
    assert!(advice(Code::Edited).contains("the code was edited after the export"));
    assert!(advice(Code::Unknown).contains("or the code was edited"));
    for code in [Code::AsExported, Code::Edited, Code::Unknown] {
        assert!(advice(code).starts_with("AWS says 3, the code says 2"), "{}", advice(code));
    }
}

#[test]
fn defaults_omissions_and_what_nobody_owns_have_their_own_words() {
    let filled = service(&json!({"deployment_maximum_percent": 0}), &json!({"deployment_maximum_percent": 200}));
    assert_eq!(filled.reasons[0].rule, Some("0.2"));
    assert_eq!(filled.reasons[0].default.as_deref(), Some("200"));
    assert!(filled.reasons[0].advice.contains("fills its default 200 in"), "{filled:?}");

    let report = plan(
        "aws_ecs_service",
        &json!({"enable_execute_command": true}),
        &json!({"enable_execute_command": false}),
        &[],
        &json!({}),
    );
    let unwritten = one(&report, Code::AsExported);
    assert!(
        unwritten.reasons[0].advice.contains("the code does not write it: the code is as it was exported"),
        "{unwritten:?}"
    );

    let (live, code) = (json!({"launch_type": "FARGATE"}), json!({"launch_type": "EC2"}));
    let omitted = one(&plan("aws_ecs_service", &live, &code, &[], &json!({})), Code::Unknown);
    assert!(omitted.reasons[0].omission.is_some(), "{omitted:?}");
    assert_eq!(service(&live, &code).reasons[0].omission, None, "it is written");

    let strange = service(&json!({"no_such_argument": 1}), &json!({"no_such_argument": 2}));
    assert!(strange.reasons[0].advice.contains("no export writes no_such_argument"), "{strange:?}");
    let foreign = one(&plan("aws_instance", &json!({"ami": "a"}), &json!({"ami": "b"}), &[], &json!({})), Code::Edited);
    assert!(foreign.reasons[0].advice.contains("ecsight does not export aws_instance"), "{foreign:?}");
    assert_eq!(foreign.reasons[0].member, None);
}

#[test]
fn the_order_in_a_set_is_cosmetic_and_its_members_are_told_apart() {
    let balancer = |name: &str, port: u16| json!({"container_name": name, "container_port": port, "elb_name": null});
    let subnets = |names: &[&str]| json!({"network_configuration": [{"subnets": names}]});
    let moved = service(&subnets(&["a", "b"]), &subnets(&["b", "a"]));
    assert_eq!(moved.class, Class::Cosmetic, "{moved:?}");
    let other = service(&subnets(&["a", "b", "c"]), &subnets(&["c", "d", "a"]));
    assert_eq!(other.reasons.len(), 1, "{other:?}");
    assert_eq!((&*other.reasons[0].before, &*other.reasons[0].after), (r#"["b"]"#, r#"["d"]"#));
    let port = service(
        &json!({"load_balancer": [balancer("a", 1), balancer("b", 2)]}),
        &json!({"load_balancer": [balancer("b", 3), balancer("a", 1)]}),
    );
    assert_eq!(port.reasons.len(), 1, "{port:?}");
    assert_eq!(port.reasons[0].path, "load_balancer[1].container_port");
    assert_eq!(port.reasons[0].member.as_deref(), Some("loadBalancers[].containerPort"));
    assert_eq!((&*port.reasons[0].before, &*port.reasons[0].after), ("2", "3"));
}

#[test]
fn a_rotated_credential_is_a_difference_and_neither_side_is_told() {
    let containers =
        |secret: &str| json!([{"name": "app", "environment": [{"name": "DB_PASSWORD", "value": secret}]}]).to_string();
    let (before, after) = (containers("made-up-Old7-Lamp!"), containers("made-up-New8-Lamp!"));
    let sides = (json!({"container_definitions": before}), json!({"container_definitions": after}));
    let report = plan("aws_ecs_task_definition", &sides.0, &sides.1, &["container_definitions"], &sides.1);
    // Only one of the two is known, as after a rotation.
    let hide = |text: &str| redact(text, &["made-up-Old7-Lamp!".to_owned()]);
    let told = explain(&report, Code::AsExported, &hide).remove(0);
    assert_eq!(told.class, Class::Replace);
    let reason = at(&told, "container_definitions{app}.environment{DB_PASSWORD}.value");
    assert_eq!((&*reason.before, &*reason.after), (MARK, MARK));
    assert!(reason.advice.contains("it was rotated"), "{reason:?}");
    let both = explain(&report, Code::AsExported, &|text| {
        redact(text, &["made-up-Old7-Lamp!".into(), "made-up-New8-Lamp!".into()])
    });
    assert_eq!(both[0].reasons.len(), 1, "a mask hides no difference: {both:?}");
    let words = format!("{told:?}{both:?}");
    assert!(!words.contains("Old7") && !words.contains("New8"), "{words}");
}

#[test]
fn values_are_bounded_and_nothing_in_them_moves_the_cursor() {
    let hostile = format!("x\u{1b}[2J\u{202e}{}", "y".repeat(5_000));
    let told = service(&json!({"tags": {"a\u{1b}b": hostile}}), &json!({"tags": {"a\u{1b}b": "z"}}));
    let reason = &told.reasons[0];
    assert!(reason.before.len() < 300 && reason.before.contains("characters)"), "{reason:?}");
    let report =
        plan("aws_ecs_service", &json!({"tags": {"a\u{1b}b": hostile}}), &json!({"tags": {}}), &[], &json!({}));
    let verified = Verified::of(&report, ("Terraform", "1.15.5"), vec![("plan", 1234)], Code::Unknown, &plain);
    for words in [text(&verified), ecsight::report::print::json(&machine(&verified))] {
        assert!(!words.contains('\u{1b}') && !words.contains('\u{202e}'), "{words:?}");
    }
}

#[test]
fn the_report_says_engine_times_and_the_sum() {
    let report = PlanReport::parse(MIXED).unwrap();
    let phases = vec![("init", 3_120), ("plan", 950)];
    let verified = Verified::of(&report, ("OpenTofu", "1.12.6"), phases, Code::Edited, &plain);
    let words = text(&verified);
    assert!(words.starts_with("OpenTofu 1.12.6: init 3.1 s, plan 0.9 s\n"), "{words}");
    let last = words.lines().last().unwrap();
    let sum = "4 to import, 2 to add, 2 to change, 1 to destroy: NOT import-only (1 replace, 1 create, 1 in place, 1 cosmetic)";
    assert_eq!(last, sum);
    let value = machine(&verified);
    assert_eq!(value["resources"].as_array().unwrap().len(), report.resources.len());
    assert_eq!(value["code"], "edited");
}

// ---- on screen ----

fn verified(code: Code) -> Verified {
    let report = PlanReport::parse(MIXED).unwrap();
    let phases = vec![("init", 3_120), ("validate", 1_040), ("plan", 9_950), ("show", 470)];
    Verified::of(&report, ("Terraform", "1.15.5"), phases, code, &|text| redact(text, &["hunter2-not-real".into()]))
}

/// The demo account's documents as if they were AWS's, one service exported.
fn exported(width: u16, height: u16) -> App {
    let mut app = App::demo(width, height);
    app.press("Enter x");
    assert!(matches!(app.model.overlay, Some(Overlay::Result(Ok(_), ..))));
    app
}

fn judged(width: u16, height: u16) -> App {
    let mut app = exported(width, height);
    app.engine = (Vec::new(), Some(Ok(verified(Code::AsExported))));
    app.press("v");
    app
}

fn steps() -> Vec<Step> {
    vec![
        Step::Began("init"),
        Step::Ended("init", 3_120),
        Step::Began("validate"),
        Step::Ended("validate", 1_040),
        Step::Began("plan"),
        Step::Resource("aws_ecs_cluster.main".into()),
        Step::Resource("aws_ecs_service.web".into()),
    ]
}

#[test]
fn v_shows_the_engine_on_its_way_and_esc_ends_it() {
    let mut app = exported(80, 24);
    app.engine.0 = steps();
    // The spinner turns with the clock: from a whole second on.
    app.model.now = (app.model.now / 1000 + 1) * 1000;
    app.press("v");
    app.send(Message::Tick(app.model.now + 12_300));
    insta::assert_snapshot!("verifying_80x24", app.screen_without_scan_time());
    assert!(app.model.is_pending(), "the seconds turn");
    let (job, folder) = app.verified[0].clone();
    assert!(folder.ends_with("/accounts"), "{folder}");
    // Facts that come meanwhile are folded in; other keys do nothing.
    app.press("x j Space v");
    assert!(matches!(app.model.overlay, Some(Overlay::Verifying(_))));
    app.press("Esc");
    assert_eq!(app.cancelled, [job]);
    assert!(app.screen().contains("Verify cancelled"), "{}", app.screen());
    app.send(Message::Verified(job, Ok(std::sync::Arc::new(verified(Code::Unknown)))));
    assert!(app.model.overlay.is_none(), "what was cancelled is not shown any more");
}

#[test]
fn the_verdict_at_four_sizes() {
    let mut app = judged(80, 24);
    insta::assert_snapshot!("verdict_80x24", app.screen_without_scan_time());
    app.press("j j Enter");
    insta::assert_snapshot!("reasons_80x24", app.screen_without_scan_time());
    app.resize(130, 30);
    insta::assert_snapshot!("verdict_130x30", app.screen_without_scan_time());
    app.press("Esc");
    app.resize(32, 7);
    insta::assert_snapshot!("verdict_32x7", app.screen_without_scan_time());
    assert!(app.screen().contains("aws_ecs_service"), "the row under the cursor is seen: {}", app.screen());
}

#[test]
fn the_verdict_without_colour_and_in_ascii() {
    let mut app = judged(100, 24);
    app.model.settings.theme = Theme::Plain;
    app.model.settings.ascii = true;
    let buffer = app.buffer();
    let coloured =
        buffer.content.iter().any(|c| c.fg != ratatui::style::Color::Reset || c.bg != ratatui::style::Color::Reset);
    assert!(!coloured && app.screen().is_ascii(), "{}", app.screen());
    for sign in ["!! replace", "!  in place", "~  cosmetic", "=  no change"] {
        assert!(app.screen().contains(sign), "{sign}: {}", app.screen());
    }
}

#[test]
fn a_clean_verdict_says_so_and_v_works_from_the_list_once_there_is_an_export() {
    let mut app = App::demo(120, 30);
    app.press("v");
    assert!(app.verified.is_empty() && app.model.overlay.is_none(), "nothing is exported yet");
    app.press("Enter x");
    app.press("q");
    let mut clean: Value = serde_json::from_str(MIXED).unwrap();
    clean["resource_changes"].as_array_mut().unwrap().truncate(1);
    let report = PlanReport::parse(&clean.to_string()).unwrap();
    let verified = Verified::of(&report, ("Terraform", "1.15.5"), Vec::new(), Code::AsExported, &plain);
    app.engine.1 = Some(Ok(verified));
    app.press("v");
    let screen = app.screen();
    assert!(screen.contains("1 to import, 0 to add, 0 to change"), "{screen}");
    assert!(screen.contains("Nothing differs"), "{screen}");
    app.press("q");
    assert!(app.model.overlay.is_none());
    app.press("v v");
    assert_eq!(app.verified.len(), 3);
}

#[test]
fn the_demo_account_says_plainly_why_it_cannot() {
    let mut app = exported(80, 24);
    app.model.settings.offline = Some("a recording");
    app.press("v");
    assert!(app.screen().contains("a real plan cannot reach a recording"), "{}", app.screen());
    app.press("Esc");
    app.model.settings.offline = Some("the built-in demo account");
    app.press("v");
    assert!(app.verified.is_empty());
    let screen = app.screen();
    assert!(screen.contains("a real plan cannot reach the built-in demo account"), "{screen}");
    app.press("Esc");
    assert!(app.model.overlay.is_none());
}

#[test]
fn a_missing_engine_is_an_error_with_its_hint_and_can_be_read_again() {
    let mut app = exported(60, 12);
    let error =
        Error::new(Trouble::Engine, "neither terraform nor tofu is on PATH").hint("install Terraform 1.5 or later");
    app.engine.1 = Some(Err(error));
    app.press("v");
    let screen = app.screen();
    for words in ["Not verified", "neither terraform nor tofu", "install Terraform 1.5"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    app.press("Esc !");
    assert!(app.screen().contains("neither terraform nor tofu"), "{}", app.screen());
}

#[test]
fn every_hint_works_on_the_way() {
    let mut app = exported(120, 36);
    app.engine.0 = steps();
    for keys in ["", "v", "Esc", "v"] {
        app.press(keys);
        hints(&app);
    }
    let (job, _) = app.verified.last().unwrap().clone();
    app.send(Message::Verified(job, Ok(std::sync::Arc::new(verified(Code::Unknown)))));
    for keys in ["", "j", "Enter", "G", "Esc", "Enter", "q"] {
        app.press(keys);
        hints(&app);
    }
    assert!(app.model.overlay.is_none());
}

fn hints(app: &App) {
    let moment = app.model.moment();
    let hints = keymap::hints(&moment);
    assert!(!hints.is_empty(), "{:?}", moment.context);
    for (key, word) in hints {
        assert!(keymap::resolve(Key::parse(&key).unwrap(), &moment).is_some(), "{key} {word} in {:?}", moment.context);
    }
}

#[test]
fn the_sum_of_a_plan_that_broke_off_is_no_success() {
    let mut broken: Value = serde_json::from_str(MIXED).unwrap();
    broken["resource_changes"].as_array_mut().unwrap().truncate(1);
    broken["errored"] = json!(true);
    let report = PlanReport::parse(&broken.to_string()).unwrap();
    let verified = Verified::of(&report, ("Terraform", "1.15.5"), Vec::new(), Code::Unknown, &plain);
    assert!(!verified.import_only);
    assert!(text(&verified).contains("the plan broke off"), "{}", text(&verified));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_key_and_no_size_breaks_the_verdict(
        keys in proptest::collection::vec(proptest::sample::select(vec![
            "j", "k", "G", "g", "PgDn", "PgUp", "Enter", "Esc", "l", "h", "v", "J", "?", "x",
        ]), 0..30),
        (width, height) in (1_u16..150, 1_u16..50),
    ) {
        let mut app = judged(80, 24);
        app.resize(width, height);
        for key in keys {
            app.press(key);
            app.screen();
        }
    }
}

#[test]
fn what_the_code_does_not_say_is_the_providers_and_no_cause_is_asserted() {
    // moto answers an empty configuration: nothing came after the export.
    let before = json!({"network_configuration": [{"subnets": ["s-1"]}], "deployment_maximum_percent": 150,
        "health_check_grace_period_seconds": 9, "desired_count": 3});
    let after = json!({"network_configuration": [], "deployment_maximum_percent": 200,
        "health_check_grace_period_seconds": 0, "desired_count": 2});
    let report = plan("aws_ecs_service", &before, &after, &[], &json!({"desired_count": {"constant_value": 2}}));
    for code in [Code::AsExported, Code::Edited, Code::Unknown] {
        let resource = one(&report, code);
        let text = format!("{resource:?}");
        assert!(code == Code::Unknown || !text.contains("it came after the export"), "{text}");
        // Written: the rule by which an export might leave it out explains nothing.
        assert_eq!((&*at(&resource, "desired_count").after, at(&resource, "desired_count").omission), ("2", None));
        let grace = at(&resource, "health_check_grace_period_seconds");
        assert_eq!(grace.after, "0 (the provider's zero, not in the code)");
        assert_eq!(at(&resource, "deployment_maximum_percent").after, "200 (the provider's default, not in the code)");
    }
}

#[test]
fn what_is_in_the_state_already_is_as_good_as_an_import() {
    let of = |actions: Value| {
        let plan = json!({"format_version": "1.2", "configuration": {"root_module": {}}, "resource_changes": [
            {"address": "aws_ecs_cluster.x", "type": "aws_ecs_cluster", "name": "x",
             "change": {"actions": actions, "before": {"name": "a"}, "after": {"name": "a"}}}]});
        let report = PlanReport::parse(&plan.to_string()).unwrap();
        Verified::of(&report, ("Terraform", "1.15.5"), vec![], Code::Unknown, &plain)
    };
    let done = of(json!(["no-op"]));
    assert!(done.is_clean() && done.in_state && !done.import_only);
    assert!(text(&done).ends_with("nothing to import, nothing to change: in the state already\n"), "{}", text(&done));
    assert!(text(&done).starts_with("Terraform 1.15.5\n") && done.troubles().is_empty());
    assert_eq!(machine(&done)["in_state"], true);
    assert!(!of(json!(["update"])).is_clean());
    let nothing = PlanReport::parse(r#"{"format_version":"1.2","configuration":{"root_module":{}}}"#).unwrap();
    assert!(!nothing.is_in_state(), "a plan of nothing proves nothing");
}
