//! Names and values that would be code: they stay in their string, their label, their comment and their folder.
// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/facts.rs"]
mod facts;
#[path = "support/full_account.rs"]
mod full_account;
#[path = "support/hcl.rs"]
mod hcl_text;
#[path = "support/hostile.rs"]
mod text;

use std::collections::{BTreeMap, BTreeSet};

use ecsight::estate::{Document, Estate, FieldPath, Kind, News, Observation, ResourceId, Scope, walk};
use ecsight::export::{Export, Options, everything, pane};
use ecsight::report::dossier;
use ecsight::terraform::Dialect;
use hcl_text::{argument, evaluate, is_terraform, resources, variables};
use proptest::prelude::*;
use serde_json::{Value, json};
use text::hostile;

/// What a made-up account is named after, and what stands in it.
#[derive(Debug, Clone)]
struct Names {
    cluster: String,
    family: String,
    service: String,
    provider: String,
    policy: String,
    tag: String,
    container: String,
    label: String,
    option: String,
    variable: String,
    value: String,
    unknown: String,
}

impl Names {
    /// The same account with names that nobody minds.
    fn tame() -> Self {
        let [cluster, family, service, provider, policy, tag, container, label, option, variable, value, unknown] = [
            "cluster",
            "family",
            "service",
            "provider",
            "policy",
            "tag",
            "container",
            "label",
            "option",
            "VARIABLE",
            "value",
            "unknown",
        ]
        .map(String::from);
        Self { cluster, family, service, provider, policy, tag, container, label, option, variable, value, unknown }
    }
}

/// Every name begins with a letter, so that none is the empty string, which is no name.
fn names() -> impl Strategy<Value = Names> {
    prop::collection::vec(hostile(), 12).prop_map(|all| {
        let of = |at: usize, first: &str| format!("{first}{}", all[at]);
        Names {
            cluster: of(0, "c"),
            family: of(1, "f"),
            service: of(2, "s"),
            provider: of(3, "p"),
            policy: of(4, "q"),
            tag: of(5, "t"),
            container: of(6, "n"),
            label: of(7, "l"),
            option: of(8, "o"),
            variable: of(9, "e"),
            value: of(10, "v"),
            unknown: of(11, "zz"),
        }
    })
}

fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

fn containers(names: &Names) -> Value {
    let Names { container, label, option, variable, value, .. } = names;
    json!([{"name": container, "image": value, "command": [value, variable], "dockerLabels": {label.as_str(): value},
        "environment": [{"name": variable, "value": value}, {"name": "DB_PASSWORD", "value": format!("x9!{value}K2#qqqq")}],
        "logConfiguration": {"logDriver": "awslogs", "options": {option.as_str(): value}}}])
}

fn account(names: &Names) -> Estate {
    let Names { cluster, family, service, provider, policy, tag, value, unknown, .. } = names;
    let arn = |resource: String| scope().ecs_arn(&resource);
    let tags = json!([{"key": tag, "value": value}]);
    let (cluster_arn, revision) = (arn(format!("cluster/{cluster}")), arn(format!("task-definition/{family}:3")));
    let resource = format!("service/{cluster}/{service}");
    let scaled =
        json!({"ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": "ecs:service:DesiredCount"});
    let with = |more: Value| {
        let mut all = scaled.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let target = format!("ecs/{resource}/ecs:service:DesiredCount");
    let documents = [
        (
            Kind::Cluster,
            cluster_arn.clone(),
            json!({"clusterArn": cluster_arn, "clusterName": cluster, "status": "ACTIVE", "tags": tags}),
        ),
        (
            Kind::Service,
            arn(resource.clone()),
            json!({"serviceArn": arn(resource.clone()), "serviceName": service, "clusterArn": cluster_arn,
            "status": "ACTIVE", "taskDefinition": revision, "desiredCount": 1, "tags": tags, unknown.as_str(): value,
            "capacityProviderStrategy": [{"capacityProvider": provider, "weight": 1}]}),
        ),
        (
            Kind::TaskDefinition,
            revision.clone(),
            json!({"taskDefinitionArn": revision, "family": family, "revision": 3, "status": "ACTIVE",
            "containerDefinitions": containers(names), "tags": tags}),
        ),
        (
            Kind::CapacityProvider,
            arn(format!("capacity-provider/{provider}")),
            json!({"name": provider, "status": "ACTIVE", "tags": tags,
            "capacityProviderArn": arn(format!("capacity-provider/{provider}")),
            "autoScalingGroupProvider": {"autoScalingGroupArn": "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1:autoScalingGroupName/x"}}),
        ),
        (Kind::ScalableTarget, target.clone(), with(json!({"MinCapacity": 1, "MaxCapacity": 2}))),
        (
            Kind::ScalingPolicy,
            format!("{target}/{policy}"),
            with(json!({"PolicyName": policy, "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "x"}}})),
        ),
    ];
    let mut estate = Estate::default();
    for (kind, native, value) in documents {
        let id = ResourceId::new(&scope(), kind, &native);
        let document = Document { id, operation: "Describe".into(), observed_at: 1, raw: value.to_string().into() };
        estate.observe(Observation { scope: scope(), observed_at: 1, news: News::Described(document) });
    }
    estate
}

/// A body without its values and labels: argument names and nested blocks, in order.
fn structure(body: &hcl::Body, out: &mut String) {
    for part in body {
        match part {
            hcl::Structure::Attribute(attribute) => *out += &format!("{} ", attribute.key()),
            hcl::Structure::Block(block) => {
                *out += &format!("{}/{}{{", block.identifier(), block.labels().len());
                structure(block.body(), out);
                *out += "} ";
            }
        }
    }
}

/// The structure of each file, its blocks sorted: their order follows from names. Variables are left out, since a hostile
/// value may be no credential where a tame one is (`${...}` is a reference); [`stays_in_place`] counts them.
fn structures(export: &Export) -> BTreeMap<&str, Vec<String>> {
    let files = export.files.iter().filter(|(name, _)| is_terraform(name) && *name != "variables.tf");
    files
        .map(|(name, file)| {
            let body = hcl::parse(&file.text).unwrap_or_else(|e| panic!("{name}: {e}\n{}", file.text));
            assert_eq!(body.attributes().count(), 0, "{name} has arguments of its own");
            let mut blocks: Vec<String> = body
                .blocks()
                .map(|block| {
                    let kind = block.labels().first().filter(|_| block.identifier() == "resource");
                    let mut text = format!("{} {} ", block.identifier(), kind.map_or("", hcl::BlockLabel::as_str));
                    structure(block.body(), &mut text);
                    text
                })
                .collect();
            blocks.sort();
            (name.as_str(), blocks)
        })
        .collect()
}

fn is_legal(label: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    label.chars().all(inner) && label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// What holds for every export: files, folder, labels, and no block that was not planned.
fn stays_in_place(export: &Export) -> Result<(), TestCaseError> {
    for (file, content) in &export.files {
        prop_assert!(!file.contains(['/', '\\']) && file != "..", "{}", file);
        let control = content.text.chars().find(|c| c.is_control() && *c != '\n');
        prop_assert!(control.is_none(), "{} holds {:?}", file, control);
    }
    prop_assert!(!export.folder.contains(['/', '\\']) && !export.folder.starts_with('.') && !export.folder.is_empty());
    let mut planned: Vec<&str> = export.imports.iter().map(|i| i.address.as_str()).collect();
    planned.sort_unstable();
    let resources = resources(export);
    prop_assert_eq!(resources.keys().map(String::as_str).collect::<Vec<_>>(), planned);
    for import in &export.imports {
        prop_assert!(is_legal(import.address.split_once('.').unwrap().1), "{}", import.address);
    }
    let declared: Vec<String> = export.variables.iter().map(|v| v.name.clone()).collect();
    prop_assert!(declared.iter().all(|name| is_legal(name)), "{:?}", declared);
    let declared: BTreeSet<&str> = declared.iter().map(String::as_str).collect();
    let valued = variables(export);
    prop_assert_eq!(valued.keys().map(String::as_str).collect::<BTreeSet<_>>(), declared.clone());
    let body = hcl::parse(export.files.get("variables.tf").map_or("", |file| &file.text)).unwrap();
    prop_assert_eq!(body.blocks().map(|block| block.labels()[0].as_str()).collect::<BTreeSet<_>>(), declared);
    // An import block says the id as it is.
    let body = hcl::parse(&export.files["imports.tf"].text).unwrap();
    let mut ids: Vec<String> = body
        .blocks()
        .map(|block| evaluate(argument(block.body(), "id").unwrap(), &BTreeMap::new()).as_str().unwrap().to_owned())
        .collect();
    let mut wanted: Vec<String> = export.imports.iter().map(|i| i.import_id.clone()).collect();
    ids.sort();
    wanted.sort();
    prop_assert_eq!(ids, wanted);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Whatever the names are, the code has the blocks and arguments that it has for tame ones, no more and no less, and
    /// every name and value comes back from it as it went in.
    #[test]
    fn hostile_names_change_no_structure(names in names()) {
        for dialect in [Dialect::V3, Dialect::V6] {
            let mut names = names.clone();
            // A slash parts the names within an id: the policy of such a one cannot be imported, and is a skip.
            for name in [&mut names.cluster, &mut names.service, &mut names.policy] {
                *name = name.replace('/', "|");
            }
            if dialect == Dialect::V6 {
                // Later providers refuse such names of clusters and families: see the next law.
                (names.cluster, names.family) = ("c".into(), "f".into());
            }
            let options = Options { dialect, ..Options::default() };
            let write = |estate: &Estate| dossier(estate, &everything(estate), &options).unwrap();
            let export = write(&account(&names));
            let tame = write(&account(&Names::tame()));
            prop_assert_eq!(structures(&export), structures(&tame));
            prop_assert!(export.skips.is_empty(), "{:?}", export.skips);
            stays_in_place(&export)?;
            let (variables, resources) = (variables(&export), resources(&export));
            let get = |kind: Kind, name: &str| {
                let import = export.imports.iter().find(|i| i.resource.kind == kind).unwrap();
                evaluate(argument(&resources[&import.address], name).unwrap(), &variables)
            };
            for (kind, argument, name) in [
                (Kind::Cluster, "name", &names.cluster),
                (Kind::TaskDefinition, "family", &names.family),
                (Kind::Service, "name", &names.service),
                (Kind::CapacityProvider, "name", &names.provider),
                (Kind::ScalingPolicy, "name", &names.policy),
            ] {
                prop_assert_eq!(get(kind, argument), hcl::Value::from(name.as_str()));
            }
            let tags: BTreeMap<String, String> = [(names.tag.clone(), names.value.clone())].into();
            for kind in [Kind::Cluster, Kind::Service, Kind::TaskDefinition, Kind::CapacityProvider] {
                let written: BTreeMap<String, String> = hcl::from_value(get(kind, "tags")).unwrap();
                prop_assert_eq!(&written, &tags);
            }
            let text = get(Kind::TaskDefinition, "container_definitions");
            let written: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
            prop_assert_eq!(written, containers(&names));
        }
    }

    /// A name that later providers refuse is a skip with its reason, and what is left stays in its place.
    #[test]
    fn a_name_that_the_provider_refuses_is_a_skip(names in names()) {
        let estate = account(&names);
        let export = dossier(&estate, &everything(&estate), &Options::default()).unwrap();
        stays_in_place(&export)?;
        for (kind, name) in [(Kind::Cluster, &names.cluster), (Kind::TaskDefinition, &names.family)] {
            let legal = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
            let skip = export.skips.iter().find(|skip| skip.resource.kind == kind);
            prop_assert_eq!(skip.is_none(), legal, "{:?}", skip);
            if let Some(skip) = skip {
                prop_assert!(skip.reason.contains("the provider takes 1 to 255 letters, digits, hyphens"), "{}", skip.reason);
            }
        }
    }
}

/// What no answer of AWS holds: a value of another JSON type than its member's, code in it, and a credential.
fn odd_values(leaf: &Value) -> [Value; 3] {
    let inner = json!({"x": "${file(\"/etc/passwd\")}", "%{if true}": "48151623", "DB_PASSWORD": "Kestrel77Quince"});
    let scalar = if leaf.is_string() { json!(48_151_623) } else { json!("48151623") };
    [inner.clone(), json!([inner, ["${file(\"/etc/passwd\")}"]]), scalar]
}

/// Lines of the code that are no comment.
fn code(export: &Export) -> String {
    let files = export.files.iter().filter(|(name, _)| is_terraform(name) && *name != "imports.tf");
    let lines = files.flat_map(|(_, file)| file.text.lines()).filter(|line| !line.trim_start().starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

/// Wherever a value is of another type than its member's, nothing of it is code, no credential in it is told, and it is
/// written, refused or named: never dropped in silence.
#[test]
fn a_value_of_another_type_is_written_refused_or_named_and_never_code() {
    let read_only: BTreeSet<(String, String)> = facts::members()
        .into_iter()
        .filter(|fact| fact.class == "read-only")
        .map(|fact| (fact.shape, fact.path))
        .collect();
    let (mut ways, mut wrong, mut seen) = ([0; 4], Vec::new(), BTreeSet::new());
    for (kind, document) in full_account::account() {
        let id = full_account::identity(kind, &document);
        let mut leaves: Vec<(FieldPath, Value)> = Vec::new();
        walk(&FieldPath::root(), &document, &mut |path, value| {
            if !value.is_array() && !value.is_object() && !value.is_null() {
                leaves.push((path.clone(), value.clone()));
            }
        });
        for (path, leaf) in leaves {
            let pointer = format!("/{path}").replace('.', "/").replace('[', "/").replace(']', "");
            let plain: Vec<&str> =
                pointer.split('/').filter(|s| !s.is_empty() && s.parse::<usize>().is_err()).collect();
            let plain = plain.join(".");
            // One of many like elements is enough.
            if !seen.insert((kind, plain.clone())) {
                continue;
            }
            for (odd, dialect) in
                odd_values(&leaf).into_iter().flat_map(|odd| [(odd.clone(), Dialect::V3), (odd, Dialect::V6)])
            {
                let mut document = document.clone();
                let Some(place) = document.pointer_mut(&pointer) else { continue };
                *place = odd;
                let mut estate = Estate::default();
                let raw = document.to_string().into();
                let news =
                    News::Described(Document { id: id.clone(), operation: "Describe".into(), observed_at: 1, raw });
                estate.observe(Observation { scope: scope(), observed_at: 1, news });
                let options = Options { dialect, ..Options::default() };
                let at = format!("{kind:?} {path} {dialect:?} {}", document.pointer(&pointer).unwrap());
                if document.pointer(&pointer).is_some_and(Value::is_object) {
                    let page = pane(&estate, &id, std::slice::from_ref(&id), &options).text();
                    assert!(!page.contains("Kestrel77"), "{at}: the pane tells a credential\n{page}");
                }
                let export = match dossier(&estate, std::slice::from_ref(&id), &options) {
                    Ok(export) => export,
                    // It is refused, and nothing else is left.
                    Err(error) => {
                        let reason = error.to_string();
                        assert!(!reason.contains("Kestrel77"), "{at}: {reason}");
                        // The name of a pair stands for the pair; a skip for the whole document names none.
                        let named = path.to_string();
                        let around = named.rsplit_once('.').map_or(named.as_str(), |(around, _)| around);
                        if reason.contains("cannot be read") && !reason.contains(around) {
                            wrong.push(format!("{at}: {reason}"));
                        }
                        ways[0] += 1;
                        continue;
                    }
                };

                let code = code(&export);
                assert_eq!(code.matches("${file(").count(), code.matches("$${file(").count(), "{at}: code\n{code}");
                for (name, file) in &export.files {
                    assert!(!is_terraform(name) || hcl::parse(&file.text).is_ok(), "{at}: {name}\n{}", file.text);
                    assert!(file.private || !file.text.contains("Kestrel77"), "{at}: {name} tells a credential");
                }
                let evidence: Value = serde_json::from_str(&export.files["evidence.json"].text).unwrap();
                // A comment, or a rule by which it is left out: both stand in the papers.
                let rows = |list: &str| evidence[list].as_array().unwrap().clone();
                let is_named = rows("not_written").into_iter().chain(rows("omissions")).any(|row| {
                    let field: FieldPath = row["field"].as_str().unwrap().parse().unwrap();
                    field != FieldPath::root() && (path.is_within(&field) || field.is_within(&path))
                });
                let shape = format!("{kind:?}");
                let way = if export.skips.iter().any(|skip| skip.resource == id) {
                    0
                } else if is_named {
                    1
                } else if code.contains("48151623")
                    // A document with a credential in it is a variable as a whole.
                    || export.files.values().any(|file| file.private && file.text.contains("48151623"))
                {
                    2
                } else {
                    let known = |plain: &str| read_only.contains(&(shape.clone(), plain.to_owned()));
                    let above = plain.match_indices('.').any(|(end, _)| known(&plain[..end]));
                    if !(known(&plain) || above) {
                        wrong.push(format!("{at} is dropped in silence"));
                    }
                    3
                };
                ways[way] += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(ways.iter().all(|count| *count > 20), "refused, named, written, read-only: {ways:?}");
}
