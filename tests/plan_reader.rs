//! The plan reader, on what Terraform 1.15.5 wrote with provider 3.39.0 (`plans/mixed.json`), and
//! on small plans that change one thing.
// The functions beside the tests may fail as loudly as the tests.
#![allow(clippy::expect_used)]

use ecsight::terraform::plan::{Counts, Difference, PlanError, PlanReport, SENSITIVE, UNKNOWN, Verdict};
use serde_json::{Value, json};

const MIXED: &str = include_str!("plans/mixed.json");

fn mixed() -> PlanReport {
    PlanReport::parse(MIXED).expect("a plan")
}

/// A plan of one resource, `aws_x.a`.
fn plan_of(change: &Value) -> PlanReport {
    let plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.15.5",
        "configuration": {"root_module": {}},
        "resource_changes": [{"address": "aws_x.a", "type": "aws_x", "name": "a", "change": change}],
    });
    PlanReport::parse(&plan.to_string()).expect("a plan")
}

fn differences(change: &Value) -> Vec<String> {
    let report = plan_of(change);
    let attributes = report.resources[0].verdict.attributes();
    attributes.iter().map(ToString::to_string).collect()
}

#[test]
fn each_resource_has_its_verdict() {
    let report = mixed();
    let verdict = |address: &str| &report.resource(address).expect(address).verdict;
    assert_eq!(verdict("aws_ecs_cluster.main"), &Verdict::ImportNoOp);
    assert_eq!(verdict("aws_ecs_cluster.new[0]"), &Verdict::Create);
    assert!(matches!(verdict("aws_ecs_service.web"), Verdict::ImportWithChange { .. }));
    let Verdict::ImportReplace { attributes, because } = verdict("aws_ecs_task_definition.web") else {
        panic!("{}", verdict("aws_ecs_task_definition.web"));
    };
    assert_eq!(because, &["container_definitions"]);
    let image = attributes.iter().find(|diff| diff.path.ends_with("image")).expect("named");
    assert_eq!(
        image.to_string(),
        r#"container_definitions[0].image: "public.ecr.aws/acme/web:1" -> "public.ecr.aws/acme/web:2""#
    );
    let revision = attributes.iter().find(|diff| diff.path == "revision").expect("named");
    assert_eq!((revision.difference, &revision.after), (Difference::Unknown, &json!(UNKNOWN)));
}

#[test]
fn counts_are_those_of_the_engine() {
    // The engine's own line: "Plan: 4 to import, 2 to add, 2 to change, 1 to destroy."
    let report = mixed();
    assert_eq!(report.counts, Counts { import: 4, add: 2, change: 2, destroy: 1 });
    assert_eq!(report.counts.to_string(), "4 to import, 2 to add, 2 to change, 1 to destroy");
    assert!(!report.is_import_only());
}

#[test]
fn a_change_names_its_causes_and_its_company() {
    let report = mixed();
    let verdict = &report.resource("aws_ecs_service.web").expect("planned").verdict;
    let causes: Vec<&str> = verdict.causes().map(|diff| diff.path.as_str()).collect();
    // Provider 3.39 imports an object of nulls for `timeouts`, and plans a change if the code has none.
    assert_eq!(causes, ["desired_count", "placement_constraints", "timeouts"]);
    // Not causes, and still there: nulls that an update of any kind would turn into zeros.
    let company: Vec<&str> = verdict
        .attributes()
        .iter()
        .filter(|diff| diff.difference == Difference::NullAgainstZero)
        .map(|diff| diff.path.as_str())
        .collect();
    assert!(company.contains(&"wait_for_steady_state"), "{company:?}");
}

#[test]
fn only_the_sensitivity_mark_differs_and_the_value_is_nowhere() {
    let report = mixed();
    let cluster = report.resource("aws_ecs_cluster.marked").expect("planned");
    assert!(cluster.verdict.is_only_sensitivity());
    assert_eq!(cluster.verdict.attributes()[0].to_string(), "tags.owner: only the sensitivity mark differs");
    assert_eq!(cluster.after["tags"]["owner"], SENSITIVE);
    // What the provider read is not marked: that is what a mask is for.
    assert_eq!(cluster.before["tags"]["owner"], "hunter2-not-real");
    let hidden = report.masked(&|text| text.replace("hunter2-not-real", "***"));
    assert!(MIXED.contains("hunter2"));
    assert!(!format!("{hidden:?}").contains("hunter2"));
}

#[test]
fn references_are_read_from_the_code() {
    let report = mixed();
    let references = |argument: &str| report.references_of("aws_ecs_service.web", argument);
    assert_eq!(references("cluster"), ["aws_ecs_cluster.main.arn", "aws_ecs_cluster.main"]);
    assert_eq!(references("task_definition"), ["aws_ecs_task_definition.web.family", "aws_ecs_task_definition.web"]);
    let in_block = ["aws_ecs_cluster.main.name", "aws_ecs_cluster.main"];
    assert_eq!(references("placement_constraints"), in_block);
    assert_eq!(references("placement_constraints.expression"), in_block);
    assert!(references("placement_constraints.type").is_empty());
    assert!(references("name").is_empty());
    assert!(references("no_such_argument").is_empty());
    assert!(report.writes("aws_ecs_service.web", "placement_constraints.type"));
    assert!(report.writes("aws_ecs_cluster.new[0]", "name"));
    assert!(!report.writes("aws_ecs_service.web", "iam_role"));
}

#[test]
fn references_are_found_in_modules_and_behind_indices() {
    let resource = json!({"address": "aws_x.a", "expressions": {"b": [{"c": {"references": ["var.d"]}}]}});
    let inner = json!({"module": {"resources": [resource]}});
    let plan = json!({"format_version": "1.2", "configuration": {"root_module": {"module_calls": {"m": inner}}}});
    let report = PlanReport::parse(&plan.to_string()).expect("a plan");
    let address = r#"module.m["x].\"y"].aws_x.a["k"]"#;
    assert_eq!(report.references_of(address, "b.c"), ["var.d"]);
}

#[test]
fn an_import_alone_is_import_only() {
    let clean = json!({"actions": ["no-op"], "before": {}, "after": {}, "importing": {"id": "i"}});
    let report = plan_of(&clean);
    assert!(report.is_import_only());
    assert_eq!(report.resources[0].import_id.as_deref(), Some("i"));

    let by_identity =
        json!({"actions": ["no-op"], "before": {}, "after": {}, "importing": {"identity": {"name": "n"}}});
    assert_eq!(plan_of(&by_identity).resources[0].import_id.as_deref(), Some(r#"{"name":"n"}"#));

    // Nothing to do is not an import.
    assert!(!plan_of(&json!({"actions": ["no-op"], "before": {}, "after": {}})).is_import_only());
}

#[test]
fn a_plan_that_broke_off_is_not_import_only() {
    for (member, value) in [("errored", json!(true)), ("deferred_changes", json!([{}]))] {
        let mut plan = json!({
            "format_version": "1.2", "configuration": {}, "resource_changes": [{"address": "aws_x.a", "change":
                {"actions": ["no-op"], "before": {}, "after": {}, "importing": {"id": "i"}}}]
        });
        assert!(PlanReport::parse(&plan.to_string()).expect("a plan").is_import_only());
        plan[member] = value;
        assert!(!PlanReport::parse(&plan.to_string()).expect("a plan").is_import_only(), "{member}");
    }
}

#[test]
fn every_action_has_a_word_and_is_counted_as_the_engine_counts() {
    for (actions, words, counted) in [
        (json!(["no-op"]), "nothing to change", (0, 0, 0)),
        (json!(["create"]), "create", (1, 0, 0)),
        (json!(["read"]), "read during apply", (0, 0, 0)),
        (json!(["update"]), "change", (0, 1, 0)),
        (json!(["delete", "create"]), "replace ()", (1, 0, 1)),
        (json!(["create", "delete"]), "replace ()", (1, 0, 1)),
        (json!(["delete"]), "destroy", (0, 0, 1)),
        (json!(["forget"]), "forget", (0, 0, 0)),
        (json!(["create", "forget"]), "create, then forget", (1, 0, 0)),
        (json!(["open"]), "open", (0, 0, 0)),
    ] {
        let report = plan_of(&json!({"actions": actions, "before": null, "after": null}));
        assert_eq!(report.resources[0].verdict.to_string(), words);
        let counts = report.counts;
        assert_eq!((counts.add, counts.change, counts.destroy), counted, "{words}");
        assert_eq!(counts.import, 0);
        assert!(!report.is_import_only());
    }
}

#[test]
fn sensitive_values_are_hidden_wherever_they_stand() {
    let report = plan_of(&json!({
        "actions": ["update"],
        "importing": {"id": "i"},
        "before": {"a": "s3cret", "b": [{"c": "s3cret", "d": 1}], "e": {"f": "s3cret"}, "g": ["s3cret"], "h": "x"},
        "after": {"a": "S3CRET", "b": [{"c": "s3cret", "d": 2}], "e": {"f": "S3CRET"}, "g": ["S3CRET", "y"], "h": "x"},
        "before_sensitive": {"a": true, "b": [{"c": true}], "e": true, "g": [true]},
        "after_sensitive": {"a": true, "b": [{"c": true}], "e": {"f": true}, "g": [true, false], "h": true},
    }));
    let words = format!("{report:?}");
    assert!(!words.to_lowercase().contains("s3cret"), "{words}");
    let found: Vec<String> = report.resources[0].verdict.attributes().iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "a: (sensitive value), differs",
            "b[0].d: 1 -> 2",
            "e: (sensitive value), differs",
            "g: (sensitive value), differs",
            "h: only the sensitivity mark differs",
        ]
    );
    assert!(!report.resources[0].verdict.is_only_sensitivity());
}

#[test]
fn a_json_text_is_compared_member_by_member() {
    let change = |before: &str, after: &str| {
        differences(
            &json!({"actions": ["update"], "importing": {"id": "i"}, "before": {"j": before}, "after": {"j": after}}),
        )
    };
    assert_eq!(change(r#"{"a":[1,2]}"#, r#"{"a":[1,3]}"#), ["j.a[1]: 2 -> 3"]);
    assert_eq!(change(r#"[{"a b":1}]"#, r#"[{"a b":2}]"#), [r#"j[0]["a b"]: 1 -> 2"#]);
    assert_eq!(change(r#"{"a":[1]}"#, r#"{"a":[1,3]}"#), ["j.a: [1] -> [1,3]"]);
    // Spelling is all that differs: the engine plans an update, so it is said.
    assert_eq!(change(r#"{"a":1}"#, r#"{ "a": 1 }"#), [r#"j: "{\"a\":1}" -> "{ \"a\": 1 }""#]);
    assert_eq!(change("[x", "[y"), [r#"j: "[x" -> "[y""#]);
}

#[test]
fn a_mask_reaches_into_json_text() {
    let text = json!([{"environment": [{"name": "A", "value": "a\"b"}]}]).to_string();
    let report = plan_of(&json!({"actions": ["no-op"], "before": {"c": text}, "after": {}, "importing": {"id": "i"}}));
    let hidden = report.masked(&|text| text.replace("a\"b", "***"));
    assert_eq!(hidden.resources[0].before["c"], r#"[{"environment":[{"name":"A","value":"***"}]}]"#);
}

#[test]
fn null_against_zero_is_told_apart_and_not_hidden() {
    let report = plan_of(&json!({
        "actions": ["update"], "importing": {"id": "i"},
        "before": {"a": null, "b": null, "c": "", "d": null, "e": 0},
        "after": {"a": false, "b": [], "c": null, "d": 1, "e": false},
    }));
    let found: Vec<(String, Difference)> =
        report.resources[0].verdict.attributes().iter().map(|diff| (diff.path.clone(), diff.difference)).collect();
    let zero = Difference::NullAgainstZero;
    // Nothing else to blame: then they are the causes.
    let alone = plan_of(&json!({"actions": ["update"], "before": {"a": null}, "after": {"a": 0}}));
    assert_eq!(alone.resources[0].verdict.causes().count(), 1);
    assert_eq!(report.resources[0].verdict.causes().count(), 2);
    assert_eq!(
        found,
        [
            ("a".into(), zero),
            ("b".into(), zero),
            ("c".into(), zero),
            ("d".into(), Difference::Value),
            ("e".into(), Difference::Value),
        ]
    );
}

#[test]
fn what_is_not_a_plan_is_refused_with_a_reason() {
    assert!(matches!(PlanReport::parse("{"), Err(PlanError::NotJson(_))));
    assert_eq!(PlanReport::parse("{}"), Err(PlanError::NotAPlan("no format_version".into())));
    let state = r#"{"format_version":"1.0","values":{}}"#;
    assert_eq!(PlanReport::parse(state), Err(PlanError::NotAPlan("no configuration".into())));
    let later = r#"{"format_version":"2.0","configuration":{}}"#;
    assert_eq!(PlanReport::parse(later), Err(PlanError::Format("2.0".into())));
}
