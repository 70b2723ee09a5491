//! The runner: which subjects there are, which rules they are asked, and what follows from silence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::{Described, Finding, RULES, Severity, Subject, Verdict, Verdicts};
use crate::estate::{Entry, Estate, FieldPath, Kind, ResourceId, Subject as GapSubject, revision_arn};
use crate::secrets::Masks;

/// Runs every rule on every described subject of the estate, and answers UNKNOWN for those in use that were not described.
///
/// Revisions that are audited: what services declare, what deployments, task sets and tasks run, and every other that was
/// described. Findings are in order of resource, rule and field; a pass is one finding on the root.
///
/// Documents of which the credentials are `known` are not searched for them again.
pub fn audit(estate: &Estate, known: &BTreeMap<ResourceId, Masks>) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut in_use: BTreeSet<ResourceId> = BTreeSet::new();
    let mut production: BTreeSet<ResourceId> = BTreeSet::new();

    for (id, entry) in estate.of_kind(Kind::Service) {
        let view = estate.service(id);
        let mut named: Vec<Arc<str>> = view.map(|view| view.revisions()).unwrap_or_default();
        let prod = view.is_some_and(|view| is_production(&view.tags));
        let value = described(estate, (id, entry), known, Subject::Service, prod, &mut out);
        named.extend(value.iter().flat_map(task_sets).map(Into::into));
        let revisions: Vec<ResourceId> = named.iter().map(|arn| revision_arn(&id.scope, arn)).collect();
        if prod {
            production.extend(revisions.iter().cloned());
        }
        in_use.extend(revisions);
    }
    for (id, entry) in estate.of_kind(Kind::Task) {
        let view = estate.task(id);
        in_use.extend(view.and_then(|v| v.task_definition.as_deref()).map(|arn| revision_arn(&id.scope, arn)));
        described(estate, (id, entry), known, Subject::Task, false, &mut out);
    }
    for (id, entry) in estate.of_kind(Kind::TaskDefinition) {
        if entry.document().is_some() {
            in_use.remove(id);
            let tagged = estate.task_definition(id).is_some_and(|view| is_production(&view.tags));
            let production = tagged || production.contains(id);
            described(estate, (id, entry), known, Subject::Revision, production, &mut out);
        }
    }
    for id in &in_use {
        unknown(estate, id, Subject::Revision, &mut out);
    }
    out.sort_by(|a, b| (&a.resource, a.rule.id, &a.field).cmp(&(&b.resource, b.rule.id, &b.field)));
    out
}

/// Asks the rules about a subject, and gives its parsed document back.
fn described(
    estate: &Estate,
    (id, entry): (&ResourceId, &Entry),
    known: &BTreeMap<ResourceId, Masks>,
    subject: Subject,
    production: bool,
    out: &mut Vec<Finding>,
) -> Option<Value> {
    let Some(document) = entry.document() else {
        unknown(estate, id, subject, out);
        return None;
    };
    let value = document.value();
    // No rule asks for the credentials of a service, and its events are long.
    let known = if subject == Subject::Service { Some(&Masks::default()) } else { known.get(id) };
    let searched = if known.is_none() { Masks::of(id.kind, &value) } else { Masks::default() };
    let masks = known.unwrap_or(&searched);
    let seen = Described { id, value: &value, masks, estate };
    for rule in RULES.iter().filter(|rule| rule.subject() == subject) {
        let mut verdicts = Verdicts::default();
        rule.check(&seen, &mut verdicts);
        if verdicts.fails.is_empty() {
            let (resource, rule) = (id.clone(), rule.meta());
            let severity = rule.severity;
            let field = FieldPath::root();
            out.push(Finding { rule, severity, resource, field, evidence: String::new(), verdict: Verdict::Pass });
        }
        for (field, own, evidence) in verdicts.fails {
            let severity = own.unwrap_or(rule.meta().severity);
            let severity = if production { severity.raised() } else { severity };
            let (resource, rule) = (id.clone(), rule.meta());
            out.push(Finding { rule, severity, resource, field, evidence, verdict: Verdict::Fail });
        }
    }
    Some(value)
}

/// A subject that is in use and was not described: every rule about it is open.
fn unknown(estate: &Estate, id: &ResourceId, subject: Subject, out: &mut Vec<Finding>) {
    let why = match estate.gap(&GapSubject::Resource(id.clone())) {
        Some(gap) => format!("{}: {}", gap.reason.word(), gap.action),
        None => format!("not read: {}", subject.action()),
    };
    for rule in RULES.iter().filter(|rule| rule.subject() == subject) {
        let rule = rule.meta();
        let (severity, field) = (Severity::Info, FieldPath::root());
        let evidence = format!("{} was not described ({why})", id.kind.word());
        out.push(Finding {
            rule,
            severity,
            resource: id.clone(),
            field,
            evidence,
            verdict: Verdict::Unknown(why.clone()),
        });
    }
}

/// Revisions that the task sets of a service run (controllers `CODE_DEPLOY` and `EXTERNAL`).
fn task_sets(service: &Value) -> Vec<&str> {
    let sets = service.get("taskSets").and_then(Value::as_array).into_iter().flatten();
    sets.filter_map(|set| set.get("taskDefinition").and_then(Value::as_str)).collect()
}

/// True when the tag `env` or `environment` says production.
fn is_production(tags: &BTreeMap<Arc<str>, Arc<str>>) -> bool {
    let says = |value: &str| ["prod", "production", "prd", "live"].iter().any(|word| value.eq_ignore_ascii_case(word));
    tags.iter().any(|(key, value)| {
        (key.eq_ignore_ascii_case("env") || key.eq_ignore_ascii_case("environment")) && says(value.trim())
    })
}
