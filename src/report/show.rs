//! One resource for reading: the Overview with its marks, or the masked document with all that is known about it.

use serde_json::{Value, json};

use crate::drift::Drift;
use crate::estate::{Estate, Kind, ResourceId, Subject, visible};
use crate::gate::{Mark, Review};
use crate::policy::{Finding, Verdict};
use crate::secrets::Masks;

use super::overview;

/// Columns up to which a mark is moved to the right, so that short lines align.
const MARKS: usize = 56;

/// The Overview, with each mark behind the line of its field.
pub fn show_text(estate: &Estate, review: &Review, id: &ResourceId) -> String {
    let rendered = overview(estate, id);
    let mut behind: Vec<Vec<Mark>> = vec![Vec::new(); rendered.lines().len()];
    let mut above = Vec::new();
    for mark in review.marks(id) {
        match rendered.line_of(&mark.path).and_then(|at| behind.get_mut(at)) {
            Some(line) => line.push(mark),
            None => above.push(mark),
        }
    }
    let mut text = String::new();
    for mark in above {
        text.push_str(&sign(&mark));
        text.push('\n');
    }
    // What its row counts and other resources carry: the declared revision's findings, a cluster's services'.
    for mark in related(estate, review, id) {
        text.push_str(&visible(&format!("{} {} {}: {} {}", mark.sign, mark.rule, mark.resource, mark.path, mark.text)));
        text.push('\n');
    }
    for (line, marks) in rendered.lines().iter().zip(behind) {
        text.push_str(&line.text);
        if !marks.is_empty() {
            let width = line.text.chars().count();
            text.push_str(&" ".repeat(MARKS.saturating_sub(width).max(2)));
            text.push_str(&marks.iter().map(sign).collect::<Vec<_>>().join("  "));
        }
        text.push('\n');
    }
    text
}

/// The marks that roll up to a resource from those below it.
fn related(estate: &Estate, review: &Review, id: &ResourceId) -> Vec<Mark> {
    review.rolled_up(estate, id).into_iter().filter(|mark| mark.resource != *id).collect()
}

fn sign(mark: &Mark) -> String {
    visible(&format!("{} {} {}", mark.sign, mark.rule, mark.text))
}

/// The resource as one JSON object: `id`, `kind`, `observed_at`, `operation`, `document` (credentials masked),
/// `findings`, `drift`, `related` (what rolls up from resources below it), `gaps`.
pub fn show_json(estate: &Estate, review: &Review, id: &ResourceId) -> Value {
    let document = estate.document(id);
    let masked = document.map(|document| {
        let value = document.value();
        Masks::of(id.kind, &value).masked(&value)
    });
    let findings: Vec<Value> = review.findings.get(id).into_iter().flatten().map(finding).collect();
    let related = related(estate, review, id);
    let drift: Vec<Value> = review.drift.get(id).into_iter().flatten().map(difference).collect();
    json!({
        "id": &*id.native,
        "kind": id.kind,
        "scope": id.scope,
        "observed_at": document.map(|d| d.observed_at),
        "operation": document.map(|d| d.operation.to_string()),
        "document": masked,
        "findings": findings,
        "drift": drift,
        "related": related.iter().map(|m| json!({
            "rule": m.rule, "severity": m.severity, "resource": &*m.resource.native, "field": m.path, "text": m.text,
        })).collect::<Vec<_>>(),
        "gaps": gaps(estate, id),
    })
}

/// One finding, as every JSON report writes it.
pub fn finding(finding: &Finding) -> Value {
    let (verdict, why) = match &finding.verdict {
        Verdict::Fail => ("fail", None),
        Verdict::Pass => ("pass", None),
        Verdict::Unknown(why) => ("unknown", Some(why)),
    };
    json!({
        "rule": finding.rule.id,
        "title": finding.rule.title,
        "severity": finding.severity,
        "resource": &*finding.resource.native,
        "field": finding.field,
        "evidence": finding.evidence,
        "verdict": verdict,
        "why": why,
        "advice": finding.rule.advice,
    })
}

/// One difference, as every JSON report writes it.
pub fn difference(drift: &Drift) -> Value {
    json!({
        "rule": drift.rule,
        "class": drift.class,
        "severity": drift.severity,
        "resource": &*drift.resource.native,
        "between": drift.between,
        "from": drift.from,
        "to": drift.to,
        "evidence": drift.evidence,
    })
}

/// What could not be read of this resource, or of the lists that it stands in or that stand in it.
fn gaps(estate: &Estate, id: &ResourceId) -> Vec<Value> {
    let listings = id.listings();
    let concerns = |subject: &Subject| match subject {
        Subject::Resource(other) => other == id,
        Subject::Listing(scope, listing) => {
            let words = listing.to_string();
            let within = match id.kind {
                Kind::Cluster => words.ends_with(&format!(" of {}", id.name())),
                Kind::TaskDefinition => id.family_revision().is_some_and(|(f, _)| words == format!("revisions of {f}")),
                _ => false,
            };
            *scope == id.scope && (within || listings.contains(listing))
        }
    };
    let all = estate.gaps().filter(|(subject, _)| concerns(subject));
    all.map(|(subject, gap)| {
        let about = match subject {
            Subject::Resource(id) => id.to_string(),
            Subject::Listing(_, listing) => listing.to_string(),
        };
        json!({ "about": about, "reason": gap.reason, "action": &*gap.action, "message": visible(&gap.message) })
    })
    .collect()
}
