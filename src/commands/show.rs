//! `ecsight show ID`: one resource, headless.

use std::io::Write;

use tokio_util::sync::CancellationToken;

use super::{Format, fetch, print};
use crate::aws::Session;
use crate::error::{Error, Kind as ErrorKind};
use crate::estate::{Estate, Kind, ResourceId, Scope, Subject, revision_arn, visible};
use crate::export::Need;
use crate::gate::Review;
use crate::report::{print::json, show_json, show_text};

/// Writes one resource: its Overview with the marks, or its document and all that is known about it.
pub fn run(
    estate: &Estate,
    review: &Review,
    id: &ResourceId,
    format: Format,
    out: &mut dyn Write,
) -> Result<u8, Error> {
    let text = match format {
        Format::Text => show_text(estate, review, id),
        Format::Json => json(&show_json(estate, review, id)),
    };
    print(out, &text).map(|()| 0)
}

/// The resource that a text means, read when the scan has not: it reads of idle families the names only.
///
/// An error of kind `NotFound` when AWS says that there is none.
pub async fn find(
    session: &Session,
    estate: &mut Estate,
    text: &str,
    cancel: &CancellationToken,
) -> Result<ResourceId, Error> {
    let id = match resolve(estate, text) {
        Ok(id) => id,
        Err(error) => match revision(&session.identity().scope, text).filter(|_| error.kind == ErrorKind::NotFound) {
            Some(id) => {
                fetch(session, estate, vec![Need::Describe(id.clone())], cancel).await?;
                let said = estate.document(&id).is_some() || estate.gap(&Subject::Resource(id.clone())).is_some();
                return if said { Ok(id) } else { Err(error) };
            }
            None => return Err(error),
        },
    };
    let known = estate.document(&id).is_some() || estate.gap(&Subject::Resource(id.clone())).is_some();
    if !known {
        fetch(session, estate, vec![Need::Describe(id.clone())], cancel).await?;
        if estate.is_missing(&id) {
            let scope = &id.scope;
            return Err(Error::new(ErrorKind::NotFound, visible(&format!("there is no {id} in {scope} any more"))));
        }
    }
    Ok(id)
}

/// A revision that no list has named, as `family:revision` or an ARN of this account: an older or a deregistered one.
fn revision(scope: &Scope, text: &str) -> Option<ResourceId> {
    let text = text.trim();
    if text.starts_with("arn:") && !text.starts_with(&*scope.ecs_arn("task-definition/")) {
        return None;
    }
    let id = revision_arn(scope, text);
    id.family_revision().is_some_and(|(family, _)| !family.is_empty() && !family.contains('/')).then_some(id)
}

/// Names that are offered when a text fits none.
const NEAR: usize = 5;

/// Which resource a text means: an ARN or other native id, `cluster`, `cluster/service`, `family:revision`, or `family`
/// (its newest revision).
pub fn resolve(estate: &Estate, text: &str) -> Result<ResourceId, Error> {
    let text = text.trim();
    let found = candidates(estate, text);
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(unknown(estate, text)),
        several => {
            let names: Vec<String> =
                several.iter().take(NEAR).map(|id| visible(&format!("{id} ({})", id.native))).collect();
            let message = format!("{} means more than one resource", visible(text));
            Err(Error::new(ErrorKind::Usage, message).hint(format!("give the ARN: {}", names.join(", "))))
        }
    }
}

/// Every kind that has rows of its own.
const KINDS: [Kind; 7] = [
    Kind::Cluster,
    Kind::Service,
    Kind::TaskDefinition,
    Kind::Task,
    Kind::CapacityProvider,
    Kind::ScalableTarget,
    Kind::ScalingPolicy,
];

fn candidates(estate: &Estate, text: &str) -> Vec<ResourceId> {
    let all = || KINDS.into_iter().flat_map(|kind| estate.of_kind(kind).map(|(id, _)| id));
    let exact: Vec<ResourceId> = all().filter(|id| &*id.native == text).cloned().collect();
    if !exact.is_empty() || text.is_empty() {
        return exact;
    }
    // The shortest way to say it wins: `web` is the cluster, else the family, else a service of that name.
    let steps: [&dyn Fn(&ResourceId) -> bool; 5] = [
        &|id| id.kind == Kind::Cluster && id.name() == text,
        &|id| id.kind == Kind::TaskDefinition && id.name() == text,
        &|id| {
            [Kind::Service, Kind::Task].contains(&id.kind)
                && id.cluster_name().is_some_and(|cluster| text.split_once('/') == Some((cluster, id.name())))
        },
        &|id| newest_of(estate, id, text),
        &|id| id.name() == text,
    ];
    steps
        .iter()
        .map(|fits| all().filter(|id| fits(id)).cloned().collect::<Vec<_>>())
        .find(|f| !f.is_empty())
        .unwrap_or_default()
}

/// True for the newest revision of the family `text`; for the highest that is known when none is ACTIVE.
fn newest_of(estate: &Estate, id: &ResourceId, text: &str) -> bool {
    if id.family_revision().is_none_or(|(family, _)| family != text) {
        return false;
    }
    match estate.newest(&id.scope, text) {
        Some(newest) => newest == *id,
        None => estate.revisions(&id.scope, text).first() == Some(&id),
    }
}

fn unknown(estate: &Estate, text: &str) -> Error {
    let names = near(estate, text, &KINDS[..3]);
    let hint = if names.is_empty() {
        "nothing has been read; check the region and the credentials".to_owned()
    } else {
        format!("near it: {}", names.join(", "))
    };
    Error::new(ErrorKind::NotFound, format!("no cluster, service or task definition is called {}", visible(text)))
        .hint(hint)
}

/// The names of these kinds that are nearest to a text, safe to print.
pub(super) fn near(estate: &Estate, text: &str, kinds: &[Kind]) -> Vec<String> {
    let wanted = text.rsplit('/').next().unwrap_or(text).to_lowercase();
    let mut near: Vec<(usize, String)> = kinds
        .iter()
        .flat_map(|kind| estate.of_kind(*kind).map(|(id, _)| id))
        .map(|id| {
            let said = match (id.kind, id.cluster_name()) {
                (Kind::Service, Some(cluster)) => format!("{cluster}/{}", id.name()),
                _ => id.name().to_owned(),
            };
            (distance(&wanted, &id.name().to_lowercase()), said)
        })
        .collect();
    near.sort();
    near.dedup();
    near.into_iter().take(NEAR).map(|(_, said)| visible(&said)).collect()
}

/// How far two names are apart: letters to change, none when one contains the other.
fn distance(a: &str, b: &str) -> usize {
    if !a.is_empty() && (b.contains(a) || a.contains(b) && !b.is_empty()) {
        return 0;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{Document, Listing, News, Observation};

    fn scope() -> Scope {
        Scope::new("aws", "123456789012", "eu-west-1")
    }

    fn estate() -> Estate {
        let mut estate = Estate::default();
        let mut observe = |news| estate.observe(Observation { scope: scope(), observed_at: 1, news });
        let native = |resource: &str| scope().ecs_arn(resource);
        let secret = r#"{"family":"web","revision":2,"status":"ACTIVE","containerDefinitions":[{"name":"app","environment":[{"name":"DB_PASSWORD","value":"Kestrel77"}]}]}"#;
        for (kind, resource, raw) in [
            (Kind::Cluster, "cluster/prod", "{}"),
            (Kind::Service, "service/prod/api", "{}"),
            (Kind::Service, "service/prod/jobs", "{}"),
            (Kind::Cluster, "cluster/stage", "{}"),
            (Kind::Service, "service/stage/api", "{}"),
            (Kind::TaskDefinition, "task-definition/web:2", secret),
        ] {
            let id = ResourceId::new(&scope(), kind, &native(resource));
            observe(News::Described(Document { id, operation: "X".into(), observed_at: 1, raw: raw.into() }));
        }
        let ids = vec![revision_arn(&scope(), "web:2"), revision_arn(&scope(), "web:10")];
        observe(News::Listed { listing: Listing::Revisions("web".into()), ids, complete: true });
        estate
    }

    #[test]
    fn a_text_means_one_resource() {
        let estate = estate();
        let means = |text: &str| resolve(&estate, text).map(|id| id.to_string());
        assert_eq!(means("prod").as_deref(), Ok("cluster prod"));
        assert_eq!(means("prod/api").as_deref(), Ok("service prod/api"));
        assert_eq!(means("jobs").as_deref(), Ok("service prod/jobs"));
        assert_eq!(means("web:2").as_deref(), Ok("task definition web:2"));
        assert_eq!(means("web").as_deref(), Ok("task definition web:10"));
        assert_eq!(means(&scope().ecs_arn("service/stage/api")).as_deref(), Ok("service stage/api"));
    }

    #[test]
    fn what_means_many_or_none_says_what_is_near() {
        let estate = estate();
        let many = resolve(&estate, "api").unwrap_err();
        assert_eq!(many.kind, ErrorKind::Usage);
        assert!(many.hint.unwrap().contains("service/stage/api"));
        let none = resolve(&estate, "prod/apj").unwrap_err();
        assert_eq!(none.kind, ErrorKind::NotFound);
        assert!(none.hint.unwrap().starts_with("near it: prod/api, stage/api"));
    }

    #[test]
    fn both_formats_mark_and_neither_tells() {
        let estate = estate();
        let review = Review::of(&estate);
        let id = resolve(&estate, "web:2").unwrap();
        for format in [Format::Text, Format::Json] {
            let mut out = Vec::new();
            run(&estate, &review, &id, format, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains("SEC-001") && !text.contains("Kestrel77"), "{text}");
            if format == Format::Text {
                let line = text.lines().find(|line| line.contains("DB_PASSWORD ")).unwrap();
                assert!(line.contains("!! SEC-001 DB_PASSWORD: named as a credential"), "{line}");
            } else {
                let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_eq!(json["findings"][0]["field"], "containerDefinitions[0].environment[0].value");
                assert_eq!(json["kind"], "task_definition");
            }
        }
    }
}
