//! The choices of an export as a file: `ecsight.export.toml` stands in every export folder, can be edited by a person, and
//! writes the same export again. The same choices give the same text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use clap::ValueEnum as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{Mode, Options, everything, names};
use crate::estate::{Arn, Estate, Kind, ReferenceKind, ResourceId, Scope, visible};
use crate::terraform::Dialect;

/// The file's name within an export folder.
pub const CHOICES: &str = "ecsight.export.toml";

/// Longest name of an export folder, in characters.
const LONGEST: usize = 60;

/// What an export is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Everything of the account that can be imported, whatever that is when it is read.
    All,
    /// These, each with all that it depends on.
    These(Vec<ResourceId>),
}

/// Everything that decides an export, but for the account itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// The account and region that the choices were made in.
    pub scope: Scope,
    /// What is exported.
    pub wanted: Wanted,
    /// How it is written. What a root module has already is no choice and is not saved.
    pub options: Options,
    /// The name of the folder, when it is not that of the first selected resource.
    pub folder: Option<String>,
}

/// A file of choices that cannot be used: what is wrong, and in which line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ChoicesError {
    /// From 1.
    pub line: usize,
    /// What is wrong, safe to print.
    pub message: String,
    /// True when the file is sound and of another account or region.
    pub of_scope: bool,
}

/// Why a text cannot name an export folder; `None` when it can. A name never leaves its folder.
pub fn folder_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("a folder needs a name".into());
    }
    if name.chars().count() > LONGEST {
        return Some(format!("a folder's name has at most {LONGEST} characters"));
    }
    if name.starts_with(['.', '-']) {
        return Some("a folder's name begins with a letter, a digit or _".into());
    }
    let odd = name.chars().find(|c| !(c.is_ascii_alphanumeric() || "._-".contains(*c)))?;
    Some(format!("{} cannot stand in a folder's name: letters, digits, . _ -", visible(&format!("{odd:?}"))))
}

/// The word by which a kind of reference stands in files and on screen: `security_group`.
pub fn reference_word(kind: ReferenceKind) -> String {
    word(&kind)
}

/// The word of a mode: `literal`, `data`, `variable`.
pub fn mode_word(mode: Mode) -> String {
    word(&mode)
}

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Choices {
    /// Choices for some resources; in order of their kinds, as the file has them, each once.
    pub fn of(scope: Scope, selection: &[ResourceId], options: Options) -> Self {
        let mut seen = BTreeSet::new();
        let mut these: Vec<ResourceId> = selection.iter().filter(|id| seen.insert(*id)).cloned().collect();
        these.sort_by_key(|id| id.kind);
        Self { scope, wanted: Wanted::These(these), options, folder: None }
    }

    /// Choices for everything.
    pub fn all(scope: Scope, options: Options) -> Self {
        Self { scope, wanted: Wanted::All, options, folder: None }
    }

    /// The resources that are selected.
    pub fn selection(&self, estate: &Estate) -> Vec<ResourceId> {
        match &self.wanted {
            Wanted::All => everything(estate),
            Wanted::These(these) => these.clone(),
        }
    }

    /// The resources that were named; none when everything is exported.
    pub fn these(&self) -> &[ResourceId] {
        match &self.wanted {
            Wanted::All => &[],
            Wanted::These(these) => these,
        }
    }

    /// The file's text. `folder` is the name that the export bears.
    pub fn text(&self, folder: &str) -> String {
        let mut out = String::from(
            "# The choices of an export, as ecsight wrote it. Edit them, then read the account and write it again:\n\
             #\n\
             #     ecsight export --from DIR            DIR is this folder, or the path of this file\n\
             #     ecsight export --from DIR --dry-run  shows what would be written\n\n",
        );
        let _ = writeln!(out, "# Account and region. Another one is refused.");
        for (key, value) in
            [("partition", &self.scope.partition), ("account", &self.scope.account), ("region", &self.scope.region)]
        {
            let _ = writeln!(out, "{key} = {}", quoted(value));
        }
        let _ =
            writeln!(out, "\n# The folder's name; where it is taken, a number is added.\nfolder = {}", quoted(folder));
        let dialects: Vec<String> = Dialect::value_variants().iter().map(word).collect();
        let _ = writeln!(
            out,
            "\n# The provider's generation: {}.\ndialect = {}",
            dialects.join(", "),
            quoted(self.options.dialect.word())
        );
        let _ = writeln!(
            out,
            "# Leave out of container definitions what the provider treats as equal.\nconcise = {}\n\
             # Account id and region as data sources.\nportable = {}",
            self.options.concise, self.options.portable
        );
        let mut selection: BTreeMap<Kind, Vec<&ResourceId>> = BTreeMap::new();
        let _ = writeln!(
            out,
            "\n# What is exported, with all that it depends on: all = true, or lists by kind below [select]."
        );
        match &self.wanted {
            Wanted::All => out.push_str("all = true\n"),
            Wanted::These(these) => {
                for id in these {
                    selection.entry(id.kind).or_default().push(id);
                }
                lists(&mut out, "select", &selection);
            }
        }
        let kinds: Vec<String> = ReferenceKind::value_variants().iter().map(word).collect();
        let modes: Vec<String> = Mode::value_variants().iter().map(word).collect();
        let _ = writeln!(
            out,
            "\n# What is named and not imported, KIND = {}; literal where nothing is said.\n# Kinds: {}.\n[references]",
            modes.iter().map(|mode| quoted(mode)).collect::<Vec<_>>().join(" or "),
            kinds.join(", ")
        );
        for (kind, mode) in self.options.references.iter().filter(|(_, mode)| **mode != Mode::Literal) {
            let _ = writeln!(out, "{} = {}", word(kind), quoted(&word(mode)));
        }
        let _ = writeln!(out, "\n# What is left out although it could be imported; what names it, names it literally.");
        let mut skips: BTreeMap<Kind, Vec<&ResourceId>> = BTreeMap::new();
        for id in &self.options.skips {
            skips.entry(id.kind).or_default().push(id);
        }
        lists(&mut out, "skip", &skips);
        let _ = writeln!(
            out,
            "\n# Names in place of those that ecsight gives, by kind: \"ID\" = \"name\".\n# ID is an ARN, as in the lists \
         above; of a scalable target or scaling policy ecs/service/CLUSTER/SERVICE/...."
        );
        if self.options.labels.is_empty() {
            out.push_str("[names]\n");
        }
        let mut last = None;
        for (id, label) in &self.options.labels {
            if last.replace(id.kind) != Some(id.kind) {
                let _ = writeln!(out, "[names.{}]", word(&id.kind));
            }
            let _ = writeln!(out, "{} = {}", quoted(&id.native), quoted(label));
        }
        out
    }

    /// Reads a file's text for the account and region of a session.
    pub fn parse(text: &str, session: &Scope) -> Result<Self, ChoicesError> {
        let at = Lines { text };
        let raw: Raw = at.read()?;
        for (key, said, is) in [
            ("partition", &raw.partition, &session.partition),
            ("account", &raw.account, &session.account),
            ("region", &raw.region, &session.region),
        ] {
            if *said.get_ref() != **is {
                let message = format!("{key} {:?} is not that of this session, {is}", said.get_ref());
                return Err(ChoicesError { of_scope: true, ..at.error(said, &message) });
            }
        }
        let folder = raw.folder.as_ref().map(|name| match folder_problem(name.get_ref()) {
            Some(problem) => Err(at.error(name, &problem)),
            None => Ok(name.get_ref().clone()),
        });
        let selected = at.ids(&raw.select, session)?;
        let all = raw.all.as_ref().is_some_and(|all| *all.get_ref());
        let wanted = match (&raw.all, selected.is_empty()) {
            (Some(all), false) if *all.get_ref() => {
                return Err(at.error(all, "all = true and lists below [select] exclude each other"));
            }
            (_, true) if !all => {
                let message = "nothing is selected: all = true, or service = [\"ARN\"] below [select]".to_owned();
                return Err(ChoicesError { line: 1, message, of_scope: false });
            }
            (_, true) => Wanted::All,
            (_, false) => Wanted::These(Vec::new()),
        };
        let options = Options {
            dialect: raw.dialect,
            concise: raw.concise,
            portable: raw.portable,
            references: raw.references,
            labels: at.labels(&raw.names, session)?,
            skips: at.ids(&raw.skip, session)?.into_iter().collect(),
            taken: None,
        };
        let mut choices = Self::of(session.clone(), &selected, options);
        if wanted == Wanted::All {
            choices.wanted = Wanted::All;
        }
        choices.folder = folder.transpose()?;
        Ok(choices)
    }
}

/// The folder that a file of choices names, whatever else it says.
pub fn folder_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        folder: String,
    }
    toml::from_str::<Named>(text).ok().map(|named| named.folder)
}

fn lists(out: &mut String, table: &str, ids: &BTreeMap<Kind, Vec<&ResourceId>>) {
    let _ = writeln!(out, "[{table}]");
    for (kind, ids) in ids {
        let _ = writeln!(out, "{} = [", word(kind));
        for id in ids {
            let _ = writeln!(out, "  {},", quoted(&id.native));
        }
        out.push_str("]\n");
    }
}

/// A basic string: what could deceive a reader or a terminal stands as an escape.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() || visible(c.encode_utf8(&mut [0; 4])) != c.to_string() => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "\""
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    partition: Spanned<String>,
    account: Spanned<String>,
    region: Spanned<String>,
    folder: Option<Spanned<String>>,
    #[serde(default)]
    dialect: Dialect,
    #[serde(default)]
    concise: bool,
    #[serde(default)]
    portable: bool,
    all: Option<Spanned<bool>>,
    #[serde(default)]
    select: Ids,
    #[serde(default)]
    references: BTreeMap<ReferenceKind, Mode>,
    #[serde(default)]
    skip: Ids,
    #[serde(default)]
    names: BTreeMap<Kind, BTreeMap<String, Spanned<String>>>,
}

type Ids = BTreeMap<Kind, Vec<Spanned<String>>>;

/// A text whose errors name their line.
struct Lines<'t> {
    text: &'t str,
}

impl Lines<'_> {
    fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }

    fn error<T>(&self, at: &Spanned<T>, message: &str) -> ChoicesError {
        ChoicesError { line: self.line(at.span().start), message: visible(message), of_scope: false }
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, ChoicesError> {
        toml::from_str(self.text).map_err(|error| ChoicesError {
            line: self.line(error.span().map_or(0, |span| span.start)),
            message: visible(&in_words(error.message())),
            of_scope: false,
        })
    }

    fn id(&self, kind: Kind, native: &str, at: &Spanned<String>, scope: &Scope) -> Result<ResourceId, ChoicesError> {
        id_problem(kind, native, scope).map_or_else(
            || Ok(ResourceId::new(scope, kind, native)),
            |problem| Err(self.error(at, &format!("{native:?} {problem}"))),
        )
    }

    fn ids(&self, lists: &Ids, scope: &Scope) -> Result<Vec<ResourceId>, ChoicesError> {
        let all = lists.iter().flat_map(|(kind, natives)| natives.iter().map(|native| (*kind, native)));
        all.map(|(kind, native)| self.id(kind, native.get_ref(), native, scope)).collect()
    }

    fn labels(
        &self,
        names: &BTreeMap<Kind, BTreeMap<String, Spanned<String>>>,
        scope: &Scope,
    ) -> Result<BTreeMap<ResourceId, String>, ChoicesError> {
        let mut labels = BTreeMap::new();
        for (kind, names) in names {
            let mut given: BTreeMap<&str, &str> = BTreeMap::new();
            for (native, label) in names {
                let id = self.id(*kind, native, label, scope)?;
                if let Some(problem) = names::problem(label.get_ref()) {
                    return Err(self.error(label, &problem));
                }
                if let Some(other) = given.insert(label.get_ref(), native) {
                    let message = format!("{} is the name of {other:?} too", label.get_ref());
                    return Err(self.error(label, &message));
                }
                labels.insert(id, label.get_ref().clone());
            }
        }
        Ok(labels)
    }
}

/// What the reader of the format says, without its own jargon.
fn in_words(message: &str) -> String {
    for (jargon, words) in [
        ("missing field ", "this has to be said, and is not: "),
        ("unknown field ", "ecsight knows nothing of this name: "),
        ("unknown variant ", "ecsight knows no such word: "),
        ("invalid type: ", "another sort of value belongs here: "),
    ] {
        if let Some(rest) = message.strip_prefix(jargon) {
            return format!("{words}{rest}").replace("expected one of", "it knows").replace("a map", "a table");
        }
    }
    message.to_owned()
}

/// Why a text is no native id of a kind in a scope.
fn id_problem(kind: Kind, native: &str, scope: &Scope) -> Option<String> {
    let resource = match kind {
        Kind::Cluster => "cluster/",
        Kind::CapacityProvider => "capacity-provider/",
        Kind::Service => "service/",
        Kind::TaskDefinition => "task-definition/",
        Kind::Task => "task/",
        Kind::ScalableTarget | Kind::ScalingPolicy => {
            let least = if kind == Kind::ScalableTarget { 5 } else { 6 };
            let parts: Vec<&str> = native.splitn(least, '/').collect();
            let fits = parts.len() == least && parts[..2] == ["ecs", "service"] && parts.iter().all(|p| !p.is_empty());
            let shape = if least == 5 { "" } else { "/NAME" };
            return (!fits).then(|| format!("is no {}: ecs/service/CLUSTER/SERVICE/DIMENSION{shape}", kind.word()));
        }
    };
    let name = native.strip_prefix(&*scope.ecs_arn(resource));
    if name.is_some_and(|name| !name.is_empty()) {
        return None;
    }
    Some(match Arn::parse(native) {
        Some(arn) if *arn.account != *scope.account || *arn.region != *scope.region => {
            format!("is of another account or region than {scope}")
        }
        _ => format!("is no ARN of a {} in {scope}", kind.word()),
    })
}

#[cfg(test)]
mod tests;
