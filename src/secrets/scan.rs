//! Walks a document and asks, for every string, what it is called and what it looks like.

use serde_json::{Map, Value};

use super::{Confidence, Found, Hit, Known, name, text, value};
use crate::estate::{FieldPath, Kind, Trail};

/// Maps whose member names the user chose, so that a name says what the value is for.
const NAMED_BY_USER: &[&str] = &["dockerLabels", "options", "driverOpts", "labels", "hookDetails"];

/// Lists of arguments of a program.
const ARGUMENTS: &[&str] = &["command", "entryPoint"];

/// Every credential of a document, in document order.
pub fn scan(_kind: Kind, document: &Value) -> Vec<Hit> {
    let mut hits = Vec::new();
    descend(&Trail::From(&FieldPath::root()), None, document, &mut hits);
    // A credential that stands a second time, under a name that says nothing, is one there as well.
    if !hits.is_empty() {
        let more = Known::of(document, &hits).repeats(document, &hits, "repeats a credential of this document");
        hits.extend(more);
    }
    hits
}

/// What a name says of the whole of a text.
fn by_name(called: &str, text: &str) -> Option<Found> {
    let (confidence, reason) = name::family(called).and_then(|family| value::judge(family, text))?;
    let start = text.len() - text.trim_start().len();
    let span = start..start + text.trim().len();
    Some(Found { name: called.to_owned(), span, confidence, reason })
}

/// The credentials of a value with a name.
pub(super) fn pair(called: &str, text: &str) -> Vec<Found> {
    let mut all: Vec<Found> = by_name(called, text).into_iter().collect();
    // A public name is public; only the formats of known credentials are believed beside it.
    all.extend(text::find(text).into_iter().map(|found| Found { name: called.to_owned(), ..found }));
    all
}

/// Most strings are no credentials, so a path is made only where it is needed.
fn descend(trail: &Trail<'_>, member: Option<&str>, value: &Value, hits: &mut Vec<Hit>) {
    match value {
        Value::String(text) => record(trail, text::find(text), hits),
        Value::Array(items) if member.is_some_and(|m| ARGUMENTS.contains(&m)) => arguments(trail, items, hits),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| {
            descend(&trail.index(at), member, item, hits);
        }),
        Value::Object(members) => object(trail, member, members, hits),
        _ => {}
    }
}

fn object(trail: &Trail<'_>, member: Option<&str>, members: &Map<String, Value>, hits: &mut Vec<Hit>) {
    let of = |name: &str| members.get(name).and_then(Value::as_str);
    let named = of("name").or_else(|| of("key")).or_else(|| of("Key"));
    let by_user = member.is_some_and(|m| NAMED_BY_USER.contains(&m));
    for (name, value) in members {
        let called = if by_user {
            Some(name.as_str())
        } else if name == "value" || name == "Value" {
            named
        } else {
            None
        };
        let below = trail.member(name);
        match (called, value) {
            (Some(called), Value::String(text)) => record(&below, pair(called, text), hits),
            // No member of today's API is called like a credential; one that nobody has heard of may be.
            (None, Value::String(text)) => {
                record(&below, by_name(name, text).into_iter().chain(text::find(text)).collect(), hits);
            }
            (_, Value::Array(_) | Value::Object(_)) => descend(&below, Some(name), value, hits),
            _ => {}
        }
    }
}

/// Arguments are read one by one, and each with the flag before it.
fn arguments(trail: &Trail<'_>, items: &[Value], hits: &mut Vec<Hit>) {
    let mut before: Option<&str> = None;
    let program =
        |name: &str| items.iter().filter_map(Value::as_str).any(|a| a == name || a.ends_with(&format!("/{name}")));
    for (at, item) in items.iter().enumerate() {
        let Value::String(argument) = item else {
            descend(&trail.index(at), None, item, hits);
            continue;
        };
        let mut found = text::find(argument);
        if let Some(flag) = before {
            let short = flag == "-p" && (program("sshpass") || program("docker"))
                || flag == "-a" && program("redis-cli")
                || flag == "-p" && argument.len() > 6 && value::is_random(argument);
            let verdict = text::flag_value(flag, argument)
                .or_else(|| short.then(|| value::judge(name::Family::Password, argument)).flatten());
            if let Some((confidence, reason)) = verdict {
                found.push(Found { name: flag.to_owned(), span: 0..argument.len(), confidence, reason });
            } else if ["-u", "--user", "--proxy-user"].contains(&flag)
                && let Some((user, password)) = argument.split_once(':')
                && !user.is_empty()
                && !password.chars().all(|c| c.is_ascii_digit())
                && value::judge(name::Family::Password, password).is_some()
            {
                let span = user.len() + 1..argument.len();
                let (confidence, reason) = (Confidence::Heuristic, "a user name with a password");
                found.push(Found { name: flag.to_owned(), span, confidence, reason });
            }
        }
        if let Some(attached) = argument.strip_prefix("-p")
            && !attached.is_empty()
            && ["mysql", "mysqldump", "mysqladmin", "mariadb"].iter().any(|name| program(name))
            && let Some((confidence, reason)) = value::judge(name::Family::Password, attached)
        {
            found.push(Found { name: "-p".into(), span: 2..argument.len(), confidence, reason });
        }
        record(&trail.index(at), found, hits);
        before = Some(argument);
    }
}

/// One hit for one string: the surest reason, and every span.
fn record(trail: &Trail<'_>, mut found: Vec<Found>, hits: &mut Vec<Hit>) {
    found.sort_by_key(|f| (std::cmp::Reverse(f.confidence), f.span.start));
    let Some(first) = found.first() else { return };
    let (name, reason, confidence) = (first.name.clone(), first.reason, first.confidence);
    let mut spans: Vec<_> = found.iter().map(|f| f.span.clone()).collect();
    spans.sort_by_key(|s| (s.start, s.end));
    spans.dedup();
    hits.push(Hit { path: trail.path(), name, reason, confidence, spans });
}
