//! Laws: what holds for every input, not only for those that somebody thought of.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;
use std::sync::Arc;

use ecsight::estate::{
    Document, Estate, FieldPath, Gap, GapReason, Kind, Listing, News, Observation, ResourceId, Scope, Segment,
    StableKey, Subject, Timestamp, children, json_lines, revision_arn, visible,
};
use ecsight::gate::Review;
use ecsight::report::{overview, print::json as json_text, show_json, show_text};
use ecsight::secrets::{Masks, classify, redact};
use ecsight::terraform::hcl::string;
use hcl_edit::expr::Expression;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

/// The third has a short ARN, which does not name its cluster.
fn service(n: u8) -> ResourceId {
    let resource = if n == 2 { "service/s2".to_owned() } else { format!("service/prod/s{n}") };
    ResourceId::new(&scope(), Kind::Service, &scope().ecs_arn(&resource))
}

/// The third has a short ARN too.
fn task(n: u8) -> ResourceId {
    let resource = if n == 2 { "task/t2".to_owned() } else { format!("task/prod/t{n}") };
    ResourceId::new(&scope(), Kind::Task, &scope().ecs_arn(&resource))
}

fn revision(n: u8) -> ResourceId {
    revision_arn(&scope(), &format!("web:{n}"))
}

/// Few names and few moments, so that news collides.
fn news() -> impl Strategy<Value = (Timestamp, News)> {
    let subject = prop_oneof![(0u8..3).prop_map(service), (0u8..3).prop_map(revision), (0u8..3).prop_map(task)];
    let at = 0i64..4;
    (at, subject, 0u8..9, vec(0u8..3, 0..3), any::<bool>()).prop_map(|(at, id, what, members, complete)| {
        let news = match what {
            0 | 1 => {
                let value = match id.kind {
                    Kind::Task => {
                        json!({"clusterArn": scope().ecs_arn(if complete { "cluster/prod" } else { "cluster/c1" })})
                    }
                    Kind::Service => json!({"serviceName": id.name(), "desiredCount": what,
                        "clusterArn": scope().ecs_arn(if complete { "cluster/prod" } else { "cluster/c1" }),
                        "taskDefinition": &*revision(members.first().copied().unwrap_or(0)).native}),
                    _ => json!({"status": if what == 0 { "ACTIVE" } else { "INACTIVE" }, "family": "web"}),
                };
                let raw: Arc<str> = value.to_string().into();
                News::Described(Document { id, operation: "Describe".into(), observed_at: at, raw })
            }
            2 => News::Missing(id),
            8 => News::Tagged(id, json!({"n": members.len()}).to_string().into()),
            3 => News::Denied(Subject::Resource(id), gap(at, what)),
            4 => News::Listed {
                listing: Listing::Services("prod".into()),
                ids: members.into_iter().map(service).collect(),
                complete,
            },
            5 => News::Listed {
                listing: Listing::Tasks("prod".into()),
                ids: members.into_iter().map(task).collect(),
                complete,
            },
            6 => News::Listed {
                listing: Listing::Clusters,
                ids: members
                    .into_iter()
                    .map(|n| ResourceId::cluster(&scope(), if n == 0 { "prod" } else { "c1" }))
                    .collect(),
                complete,
            },
            _ => News::Listed {
                listing: Listing::Revisions("web".into()),
                ids: members.into_iter().map(revision).collect(),
                complete,
            },
        };
        (at, news)
    })
}

fn gap(observed_at: Timestamp, n: u8) -> Gap {
    let reason = if n.is_multiple_of(2) { GapReason::Denied } else { GapReason::Throttled };
    Gap { observed_at, reason, action: "ecs:Describe".into(), message: "no".into() }
}

fn folded(all: &[(Timestamp, News)]) -> Estate {
    let mut estate = Estate::default();
    estate.fold(all.iter().map(|(at, news)| Observation { scope: scope(), observed_at: *at, news: news.clone() }));
    estate
}

/// JSON of modest size, with hostile texts in it.
fn value() -> impl Strategy<Value = Value> {
    let text =
        prop_oneof!["[a-z]{0,8}", "\\PC{0,12}", any::<String>(), Just("\u{1b}[31m\u{202e}${x}%{y}\"\n".to_owned())];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let name = prop_oneof!["[a-zA-Z][a-zA-Z0-9]{0,6}", any::<String>()];
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((name, inner), 0..5).prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn object() -> impl Strategy<Value = Value> {
    vec(("[a-zA-Z]{1,8}", value()), 0..5).prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// A definition whose credentials all carry `KESTREL`, in every place that is read.
fn with_credentials() -> impl Strategy<Value = Value> {
    let odd = "[a-zA-Z0-9!#%^_+]{4,12}";
    (odd, odd, "\\PC{0,12}", object()).prop_map(|(a, b, hostile, extra)| {
        let secret = format!("KESTREL{a}9z");
        json!({
            "family": "web", "revision": 1, "status": "ACTIVE", "extra": extra,
            "containerDefinitions": [{
                "name": hostile, "image": hostile,
                "environment": [
                    {"name": "DB_PASSWORD", "value": secret},
                    {"name": "URL", "value": format!("postgres://app:{secret}@db/app")},
                    {"name": "AWS_SECRET_ACCESS_KEY", "value": format!("KESTREL{b}")},
                ],
                "command": ["app", "--password", secret, format!("--api-token={secret}7Q")],
                "entryPoint": ["sh", "-c", format!("export DB_PASSWORD='{secret}' && exec \"$@\"")],
                "dockerLabels": {"com.example.password": secret},
                "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": format!("{secret}-Xy7")}},
            }],
            "tags": [{"key": "db-password", "value": secret}],
        })
    })
}

fn described(id: &ResourceId, value: &Value) -> Estate {
    let raw: Arc<str> = value.to_string().into();
    let document = Document { id: id.clone(), operation: "Describe".into(), observed_at: 1, raw };
    folded(&[(1, News::Described(document))])
}

fn leaves(path: FieldPath, value: &Value, out: &mut Vec<FieldPath>) {
    for (below, child) in children(&path, value) {
        leaves(below, child, out);
    }
    out.push(path);
}

fn is_safe(text: &str) -> bool {
    text.chars()
        .all(|c| !c.is_control() && !('\u{202a}'..='\u{202e}').contains(&c) && !('\u{2066}'..='\u{2069}').contains(&c))
}

/// True when a field has a line of its own, or stands in the words of a line above or beside it.
fn shows(rendered: &ecsight::estate::Rendered, path: &FieldPath, value: &Value) -> bool {
    let words = value.as_str().map_or_else(|| value.to_string(), ecsight::estate::visible);
    rendered.lines().iter().any(|line| {
        line.path.as_ref() == Some(path)
            || line.path.as_ref().is_some_and(|other| {
                let beside = path.parent().is_some_and(|parent| other.is_within(&parent));
                (beside || path.is_within(other)) && line.text.contains(&words)
            })
    })
}

/// Fields that the Overview says in other words: a date, `ro`, the heading of an override; an event's id says nothing.
fn is_said_otherwise(path: &FieldPath) -> bool {
    let text = path.to_string();
    text.starts_with("events[") && !text.ends_with("].message")
        || text.contains(".mountPoints[") && text.ends_with("].readOnly")
        || text.starts_with("overrides.containerOverrides[") && text.ends_with("].name")
}

/// Every field of every document of the demo account, known members and all.
#[test]
fn the_overviews_of_the_demo_account_drop_nothing() {
    let all = |text: &str| serde_json::from_str::<Vec<Value>>(text).unwrap();
    let revisions =
        all(include_str!("../assets/demo/task_definitions.json")).into_iter().map(|d| d["taskDefinition"].clone());
    let documents = [
        (Kind::Cluster, all(include_str!("../assets/demo/clusters.json"))),
        (Kind::Service, all(include_str!("../assets/demo/services.json"))),
        (Kind::TaskDefinition, revisions.collect()),
        (Kind::Task, all(include_str!("../assets/demo/tasks.json"))),
        (Kind::CapacityProvider, all(include_str!("../assets/demo/capacity_providers.json"))),
    ];
    let mut missing = Vec::new();
    for (kind, values) in documents {
        for value in values {
            let id = ResourceId::new(&scope(), kind, "arn:aws:ecs:eu-west-1:123456789012:x/prod/y:1");
            let rendered = overview(&described(&id, &value), &id);
            let masks = Masks::of(kind, &value);
            let mut all = Vec::new();
            leaves(FieldPath::root(), &value, &mut all);
            for path in all {
                let found = path.get(&value).unwrap();
                let leaf = children(&path, found).is_empty() && !found.is_array() && !found.is_object();
                if leaf && !is_said_otherwise(&path) && masks.hit(&path).is_none() && !shows(&rendered, &path, found) {
                    missing.push(format!("{} {path}", kind.word()));
                }
            }
        }
    }
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "{}:\n{}", missing.len(), missing.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_news_does_not_matter(
        (forward, shuffled) in vec(news(), 0..14).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        let (a, b) = (folded(&forward), folded(&shuffled));
        prop_assert_eq!(&a, &b);
        prop_assert_eq!(Review::of(&a), Review::of(&b));
    }

    #[test]
    fn news_heard_twice_is_news_heard_once(all in vec(news(), 0..10)) {
        let twice: Vec<_> = all.iter().chain(&all).cloned().collect();
        prop_assert_eq!(folded(&all), folded(&twice));
    }

    #[test]
    fn a_path_parses_as_it_prints(steps in vec(prop_oneof![
        any::<String>().prop_map(|name| Segment::Member(name.into())),
        "[a-zA-Z_][a-zA-Z0-9_-]{0,8}".prop_map(|name| Segment::Member(name.into())),
        (0usize..1000).prop_map(Segment::Index),
    ], 0..6)) {
        let path = FieldPath::new(steps);
        prop_assert_eq!(path.to_string().parse::<FieldPath>(), Ok(path));
    }

    #[test]
    fn a_stable_key_survives_reordering(
        (names, shuffled) in proptest::collection::btree_set("[A-Z_]{1,8}", 1..8)
            .prop_map(|names| names.into_iter().collect::<Vec<_>>())
            .prop_flat_map(|names| (Just(names.clone()), Just(names).prop_shuffle()))
    ) {
        let document = |names: &[String]| {
            let items: Vec<Value> = names.iter().map(|name| json!({"name": name, "value": "x"})).collect();
            json!({"containerDefinitions": [{"name": "app", "environment": items}]})
        };
        let (a, b) = (document(&names), document(&shuffled));
        let key = |at: usize, root: &Value| {
            let path: FieldPath = format!("containerDefinitions[0].environment[{at}].value").parse().unwrap();
            StableKey::of(&path, root)
        };
        for (at, name) in names.iter().enumerate() {
            let there = shuffled.iter().position(|n| n == name).unwrap();
            prop_assert_eq!(key(at, &a), key(there, &b));
        }
    }

    #[test]
    fn every_string_is_written_as_hcl_edit_writes_it(
        text in prop_oneof![any::<String>(), "[ -~]{0,24}", "[a-z$%{}\"\\\\ ]{0,12}"],
    ) {
        // Where two markers stand side by side hcl-edit is wrong; `string` has tests of its own for those.
        if !(text.contains("${") || text.contains("%{")) {
            prop_assert_eq!(string(&text), Expression::from(text.as_str()).to_string());
        }
    }

    #[test]
    fn json_lines_parse_back(value in value()) {
        let rendered = json_lines(&value, &|_, v| v.to_string());
        prop_assert_eq!(serde_json::from_str::<Value>(&rendered.text()).unwrap(), value.clone());
        let printed = json_text(&value);
        prop_assert!(printed.lines().all(is_safe));
        prop_assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), value);
    }

    #[test]
    fn visible_text_is_safe_and_keeps_its_length(text in any::<String>()) {
        let shown = visible(&text);
        prop_assert!(is_safe(&shown));
        prop_assert_eq!(shown.chars().count(), text.chars().count());
        prop_assert_eq!(visible(&shown), shown);
    }

    #[test]
    fn no_credential_reaches_a_report(document in with_credentials()) {
        let id = revision(1);
        let estate = described(&id, &document);
        let review = Review::of(&estate);
        let masks = Masks::of(id.kind, &document);
        prop_assert_eq!(&Review::knowing(&estate, &BTreeMap::from([(id.clone(), masks.clone())])), &review);
        let json = json_lines(&document, &|path, v| masks.show(path, v)).text();
        let evidence: String = review.marks(&id).iter().map(|mark| mark.text.clone()).collect();
        for text in [overview(&estate, &id).text(), show_text(&estate, &review, &id),
            json_text(&show_json(&estate, &review, &id)), json, evidence, masks.masked(&document).to_string()] {
            prop_assert!(!text.contains("KESTREL"), "{}", text);
        }
        let relayed = document.to_string();
        prop_assert!(!redact(&relayed, &masks.values(&document)).contains("KESTREL"));
        prop_assert_eq!(masks.hits().count(), 9);
    }

    #[test]
    fn every_kind_of_document_has_an_overview_that_drops_nothing(
        document in object(),
        kind in prop_oneof![Just(Kind::Cluster), Just(Kind::CapacityProvider), Just(Kind::Service), Just(Kind::TaskDefinition),
            Just(Kind::Task), Just(Kind::ScalableTarget), Just(Kind::ScalingPolicy)],
    ) {
        let id = ResourceId::new(&scope(), kind, "arn:aws:ecs:eu-west-1:123456789012:x/prod/y:1");
        let estate = described(&id, &document);
        let rendered = overview(&estate, &id);
        prop_assert!(rendered.lines().iter().all(|line| is_safe(&line.text)));
        let mut all = Vec::new();
        leaves(FieldPath::root(), &document, &mut all);
        for path in all.iter().filter(|path| !path.is_root()) {
            let leaf = children(path, path.get(&document).unwrap()).is_empty();
            prop_assert!(!leaf || shows(&rendered, path, path.get(&document).unwrap()), "{}", path);
        }
        let _ = Review::of(&estate);
    }

    #[test]
    fn the_classifier_is_total_and_spans_fit(name in any::<String>(), text in any::<String>(), flag in "--?[a-z-]{1,12}") {
        let _ = classify(&name, &text);
        let _ = classify("DB_PASSWORD", &text);
        let document = json!({"environment": [{"name": name, "value": text}], "command": [flag, text]});
        let masks = Masks::of(Kind::TaskDefinition, &document);
        for hit in masks.hits() {
            let whole = hit.path.get(&document).and_then(Value::as_str).unwrap();
            for span in &hit.spans {
                prop_assert!(whole.get(span.clone()).is_some());
            }
        }
    }
}
