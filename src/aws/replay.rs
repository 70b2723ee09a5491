//! `--replay`: recorded answers of AWS in place of AWS. The files become an [`Account`] of the demo transport, so the
//! real SDK reads them and everything above it stays as it is.
//!
//! What a recording does not hold is answered by a refusal that says so, never by an empty list: nobody knows whether
//! what was not recorded exists.

mod sort;
mod text;
mod times;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::demo::{Account, Recorded};
use crate::error::{Error, Kind as Trouble};
use crate::estate::{Arn, Kind, ResourceId, Scope, visible};
use sort::{Named, Row, Sorted};

/// A file is read up to this size: 512 MiB. Something that never ends is no recording.
const LARGEST: u64 = 512 << 20;

/// Names of files of a folder that are read.
const ENDINGS: &[&str] = &["json", "jsonl", "ndjson"];

const RECORD: &str =
    "record with the AWS CLI: aws ecs describe-services --cluster C --services S --include TAGS > FILE";

/// What the files of a recording hold.
#[derive(Debug)]
pub(super) struct Recording {
    /// As the command line names it.
    source: String,
    sorted: Sorted,
}

impl Recording {
    /// Reads a file, a folder, or standard input (`-`). Blocking.
    ///
    /// Within a folder a file that is no JSON is refused and the others are taken; alone it is an error.
    pub(super) fn read(source: &Path) -> Result<Self, Error> {
        let mut sorted = Sorted::default();
        let name = source.display().to_string();
        if source.is_dir() {
            let (mut others, mut odd) = (Vec::new(), Vec::new());
            for file in files(source, &mut others, &mut odd)? {
                let called = file.strip_prefix(source).unwrap_or(&file).display().to_string();
                let read = bytes(&file).map_err(|error| error.message);
                let taken = read.and_then(|bytes| {
                    take(&mut sorted, &bytes, &called).map_err(|fault| format!("{}. {}", fault.what, fault.hint))
                });
                if let Err(why) = taken {
                    sorted.refuse(&called, why);
                }
            }
            for name in &odd {
                sorted.refuse(name, "it is no file: a pipe or a device, or a link that leads to none");
            }
            for name in &others {
                sorted.refuse(name, "its name does not end in .json, .jsonl or .ndjson");
            }
        } else {
            take(&mut sorted, &bytes(source)?, &name).map_err(|fault| {
                Error::new(Trouble::Malformed, visible(&format!("{name}: {}", fault.what))).hint(fault.hint)
            })?;
        }
        Ok(Self { source: name, sorted })
    }

    /// What was taken and what was not, a line each, for people.
    pub(super) fn notes(&self) -> Vec<String> {
        let refused = self.sorted.refused.iter().map(|(why, at)| match at.as_slice() {
            [one] => format!("not taken: {one}: {why}"),
            many => format!("not taken, {} times: {why}: {}", many.len(), many.join(", ")),
        });
        let mut notes = vec![format!("{}: took {}", self.source, counts(self.sorted.rows.iter()))];
        notes.extend(doubts(&self.sorted.rows));
        notes.extend(refused);
        notes.into_iter().map(|note| visible(&note)).collect()
    }

    /// The recorded account of one scope, and the revisions it holds.
    pub(super) fn account(self, region: Option<&str>) -> Result<(Account, Vec<ResourceId>), Error> {
        let scope = self.scope(region)?;
        let Self { sorted, .. } = self;
        let alone = scopes(&sorted).len() < 2;
        let named: Vec<Named> = sorted.named.into_iter().filter(|named| named.scope == scope).collect();
        let mut of_kind: BTreeMap<Kind, Vec<Value>> = BTreeMap::new();
        for row in sorted.rows {
            // Old answers about scaling do not say where: in a recording of one place they are of that place.
            if row.scope.as_ref().map_or(alone, |of| *of == scope) {
                of_kind.entry(row.kind).or_default().push(row.value);
            }
        }
        let mut rows = |kind| of_kind.remove(&kind).unwrap_or_default();
        let (clusters, services, tasks) = (rows(Kind::Cluster), rows(Kind::Service), rows(Kind::Task));
        let definitions = rows(Kind::TaskDefinition);
        let (targets, policies) = (rows(Kind::ScalableTarget), rows(Kind::ScalingPolicy));
        let arns = |kind| named.iter().filter(move |named| named.kind == kind).map(|named| named.arn.clone());
        let member = |rows: &[Value], member: &str| -> Vec<String> {
            rows.iter().filter_map(|row| row.get(member)?.as_str()).map(str::to_owned).collect()
        };
        // A cluster that services and tasks name leads to them, described or not.
        let lived_in = [member(&services, "clusterArn"), member(&tasks, "clusterArn")].concat();
        let lived_in =
            lived_in.into_iter().chain([Kind::Service, Kind::Task].into_iter().flat_map(arns).filter_map(|arn| {
                let cluster = ResourceId::new(&scope, Kind::Service, &arn).cluster_name()?.to_owned();
                Some(scope.ecs_arn(&format!("cluster/{cluster}")))
            }));
        let mut homes: BTreeSet<String> = arns(Kind::Cluster).chain(lived_in).collect();
        homes.retain(|arn| !member(&clusters, "clusterArn").contains(arn));
        let seeds = definitions.iter().filter_map(|envelope| envelope["taskDefinition"]["taskDefinitionArn"].as_str());
        let seeds = seeds.map(|arn| ResourceId::new(&scope, Kind::TaskDefinition, arn)).collect();
        let unless = |described: Vec<String>, kind: Kind| {
            arns(kind).filter(|arn| !described.contains(arn)).collect::<Vec<String>>()
        };
        let recorded = Recorded {
            scope: scope.clone(),
            clusters: homes.iter().map(|arn| cluster(arn)).collect(),
            services: unless(member(&services, "serviceArn"), Kind::Service),
            tasks: unless(member(&tasks, "taskArn"), Kind::Task),
            listed: sorted.listed,
            revisions: arns(Kind::TaskDefinition).collect(),
            failures: sorted.failures,
            targets: member(&targets, "ResourceId").into_iter().collect(),
            policies: member(&policies, "ResourceId").into_iter().collect(),
        };
        let identity = sorted.identities.into_iter().rfind(|identity| identity["Account"] == *scope.account);
        let documents = json!({
            "identity": identity.unwrap_or_else(|| json!({
                "Account": *scope.account,
                "UserId": "not-recorded",
                "Arn": format!("arn:{}:sts::{}:not-recorded", scope.partition, scope.account),
            })),
            "clusters": clusters,
            "services": services,
            "tasks": tasks,
            "task_definitions": definitions,
            "capacity_providers": rows(Kind::CapacityProvider),
            "scalable_targets": targets,
            "scaling_policies": policies,
        });
        Ok((Account::of_recording(&documents, recorded), seeds))
    }

    /// The one account and region that is shown.
    fn scope(&self, region: Option<&str>) -> Result<Scope, Error> {
        let all = scopes(&self.sorted);
        let accounts: BTreeSet<&str> = self.sorted.identities.iter().filter_map(|i| i["Account"].as_str()).collect();
        let fits = |scope: &&Scope| {
            region.is_none_or(|region| *scope.region == *region)
                && (accounts.len() != 1 || all.len() == 1 || accounts.contains(&*scope.account))
        };
        let found: Vec<&Scope> = all.keys().filter(fits).collect();
        let names: Vec<String> = all.iter().map(|(scope, kinds)| format!("{scope} ({kinds})")).collect();
        let names = names.join(", ");
        match (found.as_slice(), region) {
            ([one], _) => Ok((*one).clone()),
            ([], _) if all.is_empty() => self.nowhere(region),
            ([], Some(region)) => Err(Error::new(
                Trouble::NotFound,
                format!("{} holds nothing of region {}: it is of {}", self.source, visible(region), visible(&names)),
            )
            .hint("Choose one of these with --region, or leave it out.")),
            _ => Err(Error::new(
                Trouble::Usage,
                format!("{} holds more than one account or region: {}", self.source, visible(&names)),
            )
            .hint(
                "Choose a region with --region; of several accounts keep the files apart, or add the answer of \
                 `aws sts get-caller-identity` of one of them.",
            )),
        }
    }

    /// Nothing of ECS was described or listed: an empty account when the recording says which, else an error.
    fn nowhere(&self, region: Option<&str>) -> Result<Scope, Error> {
        let caller = self.sorted.identities.last().and_then(|identity| identity["Arn"].as_str());
        if let (Some(arn), Some(region)) = (caller.and_then(Arn::parse), region) {
            return Ok(Scope::new(arn.partition, arn.account, region));
        }
        let first = self.sorted.refused.first_key_value();
        let first = first.map(|(why, at)| visible(&format!("; {}: {why}", at.join(", ")))).unwrap_or_default();
        Err(Error::new(Trouble::Malformed, format!("{} holds no answer of AWS about ECS{first}", self.source))
            .hint(RECORD))
    }
}

/// What the recorded calls did not ask for, as far as that can be told: an export would take it for absent.
fn doubts(rows: &[Row]) -> Vec<String> {
    let of = |is: fn(&Row) -> bool| rows.iter().filter(move |row| is(row));
    let untagged = of(|row| match row.kind {
        Kind::Service | Kind::CapacityProvider => row.value.get("tags").is_none(),
        Kind::TaskDefinition => row.value.get("tags").or_else(|| row.value["taskDefinition"].get("tags")).is_none(),
        _ => false,
    });
    let bare = of(|row| {
        let settings = row.value.get("settings").and_then(Value::as_array);
        row.kind == Kind::Cluster && settings.is_none_or(Vec::is_empty)
    });
    let stopped = of(|row| row.kind == Kind::Task && row.value["desiredStatus"] == "STOPPED");
    let doubts = [
        (counts(untagged), "recorded without --include TAGS: an export would take off the tags that they have"),
        (
            counts(bare),
            "recorded without --include TAGS SETTINGS CONFIGURATIONS ATTACHMENTS STATISTICS: an export would take off \
             what they have of it",
        ),
        (counts(stopped), "stopped, and not shown"),
    ];
    doubts
        .into_iter()
        .filter(|(counts, _)| counts != NOTHING)
        .map(|(counts, what)| format!("{counts}: {what}"))
        .collect()
}

/// The count of no rows.
const NOTHING: &str = "nothing";

/// The places that a recording tells of, each with what it holds of them.
fn scopes(sorted: &Sorted) -> BTreeMap<Scope, String> {
    let mut rows: BTreeMap<&Scope, Vec<&Row>> = sorted.named.iter().map(|named| (&named.scope, vec![])).collect();
    for row in &sorted.rows {
        if let Some(scope) = &row.scope {
            rows.entry(scope).or_default().push(row);
        }
    }
    rows.into_iter().map(|(scope, rows)| (scope.clone(), counts(rows.into_iter()))).collect()
}

/// `2 clusters, 1 service`.
fn counts<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    let mut of_kind: BTreeMap<Kind, usize> = BTreeMap::new();
    rows.for_each(|row| *of_kind.entry(row.kind).or_default() += 1);
    let word = |kind: Kind, count: usize| match (kind, count) {
        (_, 1) => format!("1 {}", kind.word()),
        (Kind::ScalingPolicy, _) => format!("{count} scaling policies"),
        _ => format!("{count} {}s", kind.word()),
    };
    let words: Vec<String> = of_kind.into_iter().map(|(kind, count)| word(kind, count)).collect();
    if words.is_empty() { NOTHING.to_owned() } else { words.join(", ") }
}

/// A cluster of which no more than the ARN is known.
fn cluster(arn: &str) -> Value {
    let name = Arn::parse(arn).map_or("", |parsed| parsed.name()).to_owned();
    json!({"clusterArn": arn, "clusterName": name})
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let kind = if error.kind() == std::io::ErrorKind::NotFound { Trouble::NotFound } else { Trouble::Io };
    Error::new(kind, format!("cannot read {}: {error}", path.display())).hint(RECORD)
}

/// The files of a folder and of those below it, in order of name. Links to folders are not followed.
fn files(folder: &Path, others: &mut Vec<String>, odd: &mut Vec<String>) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = std::fs::read_dir(&next).map_err(|error| unreadable(&next, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&next, &error))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(|error| unreadable(&next, &error))?);
            let name = entry.file_name().to_string_lossy().into_owned();
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
            if name.starts_with('.') {
                // Hidden files are not part of a recording.
            } else if kind.is_dir() {
                folders.push(path);
            } else if ENDINGS.contains(&ending.as_str()) && path.is_file() {
                found.push(path);
            } else if ENDINGS.contains(&ending.as_str()) {
                // Reading a pipe would wait for a writer that never comes.
                odd.push(name);
            } else {
                others.push(name);
            }
        }
    }
    found.sort();
    others.sort();
    odd.sort();
    Ok(found)
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::new(Trouble::Io, format!("{} is larger than 512 MiB", path.display())).hint(RECORD));
    }
    Ok(bytes)
}

/// Takes the documents of one file in.
fn take(sorted: &mut Sorted, bytes: &[u8], called: &str) -> Result<(), text::Fault> {
    let documents = text::documents(&text::decode(bytes)?)?;
    let one = documents.len() == 1;
    for (number, document) in documents.into_iter().enumerate() {
        let at = if one { called.to_owned() } else { format!("{called}, document {}", number + 1) };
        sorted.take(document, &at);
    }
    Ok(())
}
