//! What a plan's differences mean: what an apply would do, which row of the tables owns the argument, and what to do.
//!
//! The plan reader repeats the engine; here it is judged. It is judged in the clear, since a rotated credential is a
//! difference that a mask would hide, and told through the mask: no value leaves [`explain`] without passing it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::containers;
use super::owner::{self, Owner};
use super::sensitive::{Side, json_document, mask_strings};
use super::traps;
use super::{AttributeDiff, Difference, PlanReport, ResourcePlan, SENSITIVE, UNKNOWN, Verdict};
use crate::estate::{FieldPath, Segment, visible};
use crate::secrets::MARK;
use crate::terraform::dialect::Dialect;
use crate::terraform::is_zero;

/// What an apply would do about a difference, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Nothing: there is no difference.
    Nothing,
    /// No call to AWS follows, and the object stays: a mark, a spelling, a zero for a null.
    Cosmetic,
    /// Only the state changes: an argument of the provider alone.
    StateOnly,
    /// A call to AWS changes the object.
    InPlace,
    /// An object is made.
    Create,
    /// Something that this reader has no word for.
    Other,
    /// The object is destroyed and another is made.
    Replace,
    /// The object is destroyed, or leaves the state.
    Destroy,
}

impl Class {
    /// The word for people and machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "no change",
            Self::Cosmetic => "cosmetic",
            Self::StateOnly => "state only",
            Self::InPlace => "in place",
            Self::Create => "create",
            Self::Other => "other",
            Self::Replace => "replace",
            Self::Destroy => "destroy",
        }
    }

    /// The sign on screen: `=` nothing, `~` nothing at AWS, `!` AWS changes, `!!` something is lost.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Nothing => "=",
            Self::Cosmetic | Self::StateOnly => "~",
            Self::InPlace | Self::Create | Self::Other => "!",
            Self::Replace | Self::Destroy => "!!",
        }
    }
}

/// Whether the code of an export is as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Code {
    /// Byte for byte: a difference is a change in AWS.
    AsExported,
    /// Edited since: a difference may be either's.
    Edited,
    /// Nobody can tell.
    #[default]
    Unknown,
}

impl Code {
    /// The word for machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::AsExported => "as_exported",
            Self::Edited => "edited",
            Self::Unknown => "unknown",
        }
    }
}

/// One difference, explained. Texts are masked, bounded and safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Where: `desired_count`, `container_definitions{app}.environment{LOG_LEVEL}.value`.
    pub path: String,
    /// What an apply would do about it.
    pub class: Class,
    /// The live value, as JSON.
    pub before: String,
    /// The value of the code, as JSON.
    pub after: String,
    /// The API's member that the mapping row reads, as a selector; `None` where no row owns the argument.
    pub member: Option<String>,
    /// The default that the provider fills in, as JSON.
    pub default: Option<String>,
    /// When an export leaves the argument out although AWS says something: rule number and words.
    pub omission: Option<&'static str>,
    /// The number of the provider's rule behind the difference, where one is known.
    pub rule: Option<&'static str>,
    /// What to do.
    pub advice: String,
}

/// One resource of a plan, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// `aws_ecs_service.web`.
    pub address: String,
    /// The id of its import block.
    pub import_id: Option<String>,
    /// What the engine plans, in words.
    pub verdict: &'static str,
    /// What that comes to: the worst of its differences.
    pub class: Class,
    /// What to do about the resource as a whole.
    pub advice: Option<String>,
    /// Its differences, the worst first.
    pub reasons: Vec<Reason>,
}

impl Explained {
    /// True when an apply leaves the live object as it is, by the engine's own word.
    pub fn is_harmless(&self) -> bool {
        self.class == Class::Nothing
    }
}

/// Longest value that is shown, in characters.
const LONGEST: usize = 160;

/// Explains every resource of a plan that was read in the clear. `hide` is laid over every text of the account or the code.
pub fn explain(report: &PlanReport, code: Code, hide: &dyn Fn(&str) -> String) -> Vec<Explained> {
    report.resources.iter().map(|resource| Reader { report, code, hide, resource }.read()).collect()
}

/// One difference before it is put in words.
struct Found {
    path: String,
    /// The argument's names on the path, without indices.
    names: Vec<String>,
    before: Value,
    after: Value,
    difference: Difference,
    sensitive: bool,
    owner: Option<Owner>,
    /// The provider itself treats both sides as equal.
    equal: bool,
}

struct Reader<'a> {
    report: &'a PlanReport,
    code: Code,
    hide: &'a dyn Fn(&str) -> String,
    resource: &'a ResourcePlan,
}

impl Reader<'_> {
    fn read(&self) -> Explained {
        let verdict = &self.resource.verdict;
        let mut reasons: Vec<Reason> = self.differences().iter().map(|found| self.reason(found)).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.class));
        let worst = reasons.iter().map(|reason| reason.class).max();
        let changed = worst.unwrap_or(Class::InPlace).max(Class::Cosmetic);
        let (word, class, advice): (_, _, Option<&str>) = match verdict {
            Verdict::ImportNoOp => ("import", Class::Nothing, None),
            Verdict::NoOp => ("in the state already", Class::Nothing, None),
            Verdict::Read => ("read during apply", Class::Nothing, None),
            Verdict::ImportWithChange { .. } => ("import, then change", changed, None),
            Verdict::Update { .. } => ("change", changed, None),
            Verdict::ImportReplace { .. } => ("import, then replace", Class::Replace, None),
            Verdict::Replace { .. } => ("replace", Class::Replace, None),
            Verdict::Create => (
                "create",
                Class::Create,
                Some(
                    "no import block names it: an apply would make a second one. Give it an import block, or take it out of the code",
                ),
            ),
            Verdict::Delete => (
                "destroy",
                Class::Destroy,
                Some(
                    "the state holds it and the code does not: put its block back, or take it out of the state with state rm",
                ),
            ),
            Verdict::Forget => (
                "forget",
                Class::Destroy,
                Some("a removed block drops it from the state; the object stays. Take the block out to keep it"),
            ),
            Verdict::Other(_) => (
                "other",
                Class::Other,
                Some("ecsight has no word for what the engine plans here: read the engine's own plan before any apply"),
            ),
        };
        let advice = advice.map(str::to_owned).or_else(|| {
            (class > Class::Nothing && reasons.is_empty()).then(|| {
                "the engine plans a change and names no attribute: read its own plan before any apply".to_owned()
            })
        });
        Explained {
            address: visible(&self.resource.address),
            import_id: self.resource.import_id.as_deref().map(|id| visible(&(self.hide)(id))),
            verdict: word,
            class,
            advice,
            reasons,
        }
    }

    fn because(&self) -> &[String] {
        match &self.resource.verdict {
            Verdict::ImportReplace { because, .. } | Verdict::Replace { because, .. } => because,
            _ => &[],
        }
    }

    fn dialect(&self) -> Option<Dialect> {
        self.report.dialect()
    }

    /// The plan's differences, those inside a set or inside container definitions told as the provider sees them.
    fn differences(&self) -> Vec<Found> {
        let raw = self.resource.verdict.attributes();
        let mut out = Vec::new();
        let mut done: BTreeSet<String> = BTreeSet::new();
        for diff in raw {
            let path: Option<FieldPath> = diff.path.parse().ok();
            let owner = path.as_ref().and_then(|p| owner::find(&self.resource.resource_type, p, self.dialect()));
            let plain = |diff: &AttributeDiff| !diff.sensitive && diff.difference != Difference::Unknown;
            // A group is told as one where nothing in it is hidden or unknown.
            let group = |base: &str| -> Vec<&AttributeDiff> {
                raw.iter().filter(|other| other.path == base || is_below(&other.path, base)).collect()
            };
            let argument = path.as_ref().and_then(first_name).unwrap_or_default();
            if table_says_containers(&self.resource.resource_type, argument) {
                if !done.insert(argument.to_owned()) {
                    continue;
                }
                let all = group(argument);
                match all.iter().all(|d| plain(d)).then(|| self.containers(argument)).flatten() {
                    Some(found) => out.extend(found),
                    None => out.extend(all.into_iter().map(|d| self.single(d))),
                }
                continue;
            }
            if let Some(set) = owner.as_ref().and_then(|o| o.set.clone()) {
                let base = set.to_string();
                if !done.insert(base.clone()) {
                    continue;
                }
                let all = group(&base);
                match all.iter().all(|d| plain(d)).then(|| self.set(&set)).flatten() {
                    Some(found) => out.extend(found),
                    None => {
                        let equal = self.same_set(&set) && all.iter().all(|d| plain(d));
                        out.extend(all.into_iter().map(|d| Found { equal, ..self.single(d) }));
                    }
                }
                continue;
            }
            out.push(self.single(diff));
        }
        out
    }

    fn single(&self, diff: &AttributeDiff) -> Found {
        let path: Option<FieldPath> = diff.path.parse().ok();
        Found {
            names: path.as_ref().map(names).unwrap_or_default(),
            owner: path.as_ref().and_then(|p| owner::find(&self.resource.resource_type, p, self.dialect())),
            path: diff.path.clone(),
            before: diff.before.clone(),
            after: diff.after.clone(),
            difference: diff.difference,
            sensitive: diff.sensitive,
            equal: false,
        }
    }

    /// Container definitions through the provider's own equivalence; `None` when a side cannot be read.
    fn containers(&self, argument: &str) -> Option<Vec<Found>> {
        let side = |values: &Value| json_document(values.get(argument)?.as_str()?);
        let (before, after) = (side(&self.resource.before)?, side(&self.resource.after)?);
        let mode = |values: &Value| values.get("network_mode").and_then(Value::as_str) == Some("awsvpc");
        let is_awsvpc = mode(&self.resource.after) || mode(&self.resource.before);
        let compared = containers::compare(&before, &after, self.dialect().unwrap_or_default(), is_awsvpc);
        let found = |part: containers::Part, equal: bool| {
            let below: Vec<&str> = part.names.iter().map(String::as_str).collect();
            let whole = || owner::find(&self.resource.resource_type, &FieldPath::root().member(argument), None);
            Found {
                path: format!("{argument}{}", part.path),
                owner: owner::of_container(&below).or_else(whole),
                names: [argument.to_owned()].into_iter().chain(part.names).collect(),
                before: part.before,
                after: part.after,
                difference: Difference::Value,
                sensitive: false,
                equal,
            }
        };
        let real = compared.real.into_iter().map(|part| found(part, false));
        let mut all: Vec<Found> = real.chain(compared.spelling.into_iter().map(|part| found(part, true))).collect();
        if all.is_empty() {
            // Order or blanks are all that differs.
            let part = containers::Part { path: String::new(), names: Vec::new(), before, after };
            all.push(found(part, true));
        }
        Some(all)
    }

    fn sides(&self, set: &FieldPath) -> Option<(Vec<Value>, Vec<Value>)> {
        let list = |values: &Value| -> Option<Vec<Value>> {
            match set.get(values) {
                Some(Value::Array(items)) => Some(items.clone()),
                None | Some(Value::Null) => Some(Vec::new()),
                Some(_) => None,
            }
        };
        Some((list(&self.resource.before)?, list(&self.resource.after)?))
    }

    fn same_set(&self, set: &FieldPath) -> bool {
        self.sides(set).is_some_and(|(before, after)| {
            let (gone, come) = missing(&before, &after);
            gone.is_empty() && come.is_empty()
        })
    }

    /// A set without its order: what only AWS holds, and what only the code does. `None` when the places tell it better.
    fn set(&self, set: &FieldPath) -> Option<Vec<Found>> {
        let (before, after) = self.sides(set)?;
        let (gone, come) = missing(&before, &after);
        let owner = owner::find(&self.resource.resource_type, set, self.dialect());
        match (&gone[..], &come[..]) {
            ([], []) => None,
            ([old], [new]) if before[*old].is_object() && after[*new].is_object() => {
                let base = format!("{set}[{old}]");
                let mut inner = Vec::new();
                let none = Value::Null;
                let (old, new) = (Side::new(&before[*old], &none), Side::new(&after[*new], &none));
                super::compare::compare(old, new, &none, &base, &mut inner);
                Some(inner.iter().map(|diff| self.single(diff)).collect())
            }
            _ => Some(vec![Found {
                path: set.to_string(),
                names: names(set),
                before: gone.iter().map(|at| before[*at].clone()).collect(),
                after: come.iter().map(|at| after[*at].clone()).collect(),
                difference: Difference::Value,
                sensitive: false,
                owner,
                equal: false,
            }]),
        }
    }

    fn is_replacing(&self, path: &str) -> bool {
        self.because().iter().any(|b| path == b || is_below(path, b) || is_below(b, path))
    }

    fn has_causes(&self) -> bool {
        self.resource.verdict.attributes().iter().any(|d| d.difference != Difference::NullAgainstZero)
    }

    fn reason(&self, found: &Found) -> Reason {
        let (class, rule, advice) = self.judged(found);
        let (before, after) = self.told(found);
        Reason {
            path: visible(&(self.hide)(&found.path)),
            class,
            before,
            after,
            member: found.owner.as_ref().map(|o| o.member.clone()).filter(|m| !m.is_empty()),
            default: found.owner.as_ref().map(Owner::default).filter(|d| !d.is_null()).map(|d| d.to_string()),
            omission: found.owner.as_ref().and_then(Owner::omission),
            rule,
            advice: visible(&(self.hide)(&advice)),
        }
    }

    /// Both values through the mask. Where one is a credential, so is the other: one that was rotated is known to nobody
    /// but AWS.
    fn told(&self, found: &Found) -> (String, String) {
        let side = |value: &Value| {
            if [SENSITIVE, UNKNOWN].iter().any(|word| value == word) {
                return value.as_str().unwrap_or_default().to_owned();
            }
            let mut value = value.clone();
            mask_strings(&mut value, self.hide);
            shortened(&visible(&(self.hide)(&value.to_string())))
        };
        let (before, after) = (side(&found.before), side(&found.after));
        if before.contains(MARK) || after.contains(MARK) {
            return (MARK.to_owned(), MARK.to_owned());
        }
        (before, after)
    }

    fn judged(&self, found: &Found) -> (Class, Option<&'static str>, String) {
        let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
        let argument = names.first().copied().unwrap_or_default();
        let replaces = self.is_replacing(&found.path);
        let apply = if replaces { Class::Replace } else { Class::InPlace };
        if found.equal {
            let is_text = table_says_containers(&self.resource.resource_type, argument);
            return if is_text {
                (Class::Cosmetic, Some("3"), "the provider treats both spellings as equal: nothing to do".into())
            } else {
                (Class::Cosmetic, None, "the order in a set means nothing: nothing to do".into())
            };
        }
        match found.difference {
            Difference::SensitivityMark => {
                let advice =
                    "only the mark of a sensitive value differs: write nonsensitive(var.NAME), as the export does";
                return (Class::Cosmetic, Some("0.12"), advice.into());
            }
            Difference::NullAgainstZero if !replaces && self.has_causes() => {
                let advice = "it only accompanies the other differences and goes with them";
                return (Class::Cosmetic, Some("0.1"), advice.into());
            }
            Difference::Unknown => return self.unknown(found, argument, apply),
            _ => {}
        }
        if let Some(own) = traps::own_argument(&self.resource.resource_type, argument) {
            return (Class::StateOnly, Some(own.rule), own.advice.into());
        }
        if let Some(echo) = self.tags(&names, apply) {
            return echo;
        }
        if let Some(trap) = traps::trap_of(&self.resource.resource_type, &names, &found.before, &found.after) {
            let advice = if trap.is_change {
                format!("{}; {}", self.cause(found, &names).1, trap.advice)
            } else {
                trap.advice.to_owned()
            };
            return (apply, Some(trap.rule), advice);
        }
        let (rule, advice) = self.cause(found, &names);
        (apply, rule, advice)
    }

    /// A value that only an apply would tell.
    fn unknown(&self, found: &Found, argument: &str, apply: Class) -> (Class, Option<&'static str>, String) {
        if found.owner.is_none() {
            return (
                Class::Cosmetic,
                None,
                "AWS gives it anew when the rest is applied; it goes with the other differences".into(),
            );
        }
        let references = self.report.references_of(&self.resource.address, argument);
        let changed =
            self.report.resources.iter().filter(|r| !r.verdict.is_harmless() && r.address != self.resource.address);
        let cause = changed.map(|r| r.address.as_str()).find(|address| {
            let plain = super::without_indices(address);
            references.iter().any(|r| *r == plain || r.starts_with(&format!("{plain}.")))
        });
        let advice = match cause {
            Some(address) => format!("it names {address}, which this plan changes too: mend that one, and this goes"),
            None => "its value comes from something that only an apply would tell: write what AWS says".to_owned(),
        };
        (apply, Some("0.6"), advice)
    }

    /// Tags have rules of their own.
    fn tags(&self, names: &[&str], apply: Class) -> Option<(Class, Option<&'static str>, String)> {
        match names {
            ["tags_all", ..] => {
                let differs = |name: &str| {
                    self.resource.verdict.attributes().iter().any(|d| d.path == name || is_below(&d.path, name))
                };
                Some(if differs("tags") {
                    (Class::Cosmetic, Some("0.8"), "the sum of the tags: it goes with the difference in tags".into())
                } else {
                    let advice =
                        "default_tags of the provider block add to the tags: take them out until the import is done";
                    (apply, Some("0.8"), advice.into())
                })
            }
            ["tags", name, ..] if name.starts_with("aws:") => {
                let advice = "tags that begin with aws: are AWS's own and never in the state: take it out of the code";
                Some((apply, Some("0.8"), advice.into()))
            }
            _ => None,
        }
    }

    /// Why two values differ, as far as the code tells, and what to do.
    fn cause(&self, found: &Found, names: &[&str]) -> (Option<&'static str>, String) {
        let Some(owner) = &found.owner else {
            return (None, self.unowned(names));
        };
        let (before, after) = self.told(found);
        let what = names.last().copied().unwrap_or_default();
        if before == MARK {
            let advice = "the credential in AWS is not the one that the code has: it was rotated, or the private file was \
                          edited. Export again, or put the live value into the private tfvars file";
            return (None, advice.into());
        }
        if found.sensitive {
            return (None, "the sensitive value in AWS is not the one that the code has: export again".into());
        }
        let default = owner.default();
        if is_zero(&found.before) && !is_zero(&default) && found.after == default {
            let advice = format!(
                "AWS does not say {what} and the provider fills its default {after} in: export again, which writes the empty value"
            );
            return (Some("0.2"), advice);
        }
        let argument = names.iter().take_while(|_| !owner.is_containers() && !self.is_inside_text(names)).copied();
        let argument = argument.collect::<Vec<_>>().join(".");
        let writes = argument.is_empty() || self.report.writes(&self.resource.address, &argument);
        if !writes && is_zero(&found.after) {
            let omitted = match owner.omission() {
                Some(rule) => format!("An export leaves it out only by rule {rule}. "),
                None => String::new(),
            };
            let who = match self.code {
                Code::AsExported => "it came after the export",
                Code::Edited => "the code was edited since the export and may have lost it",
                Code::Unknown => "it came after the export, or the code has lost it",
            };
            return (None, format!("AWS says {before} and the code does not write it: {who}. {omitted}Export again"));
        }
        let word = |value: &Value, text: &str| if value.is_null() { "nothing".to_owned() } else { text.to_owned() };
        let says = format!("AWS says {}, the code says {}", word(&found.before, &before), word(&found.after, &after));
        let who = match self.code {
            Code::AsExported => {
                format!("the code is as it was exported, so somebody changed {what} in AWS since: export again")
            }
            Code::Edited => "the code was edited after the export: put back what AWS says, or export again".to_owned(),
            Code::Unknown => {
                format!("somebody changed {what} in AWS since the export, or the code was edited: export again")
            }
        };
        let scaled = if what == "desired_count" {
            ". Where autoscaling owns it, ignore_changes = [desired_count] is what an export of its scalable target writes"
        } else {
            ""
        };
        (None, format!("{says}: {who}{scaled}"))
    }

    /// What stands inside a JSON text has no argument of its own.
    fn is_inside_text(&self, names: &[&str]) -> bool {
        names.first().is_some_and(|first| table_says_containers(&self.resource.resource_type, first))
    }

    fn unowned(&self, names: &[&str]) -> String {
        let argument = names.first().copied().unwrap_or_default();
        let kind = &self.resource.resource_type;
        if owner::table(kind).is_none() {
            return format!("ecsight does not export {kind}: it was written by hand, and so is its cure");
        }
        if self.report.writes(&self.resource.address, argument) {
            return format!(
                "no export writes {argument}: it was written by hand after the export. Take it out until the import is done"
            );
        }
        format!("the provider computes {argument}; it goes with the other differences")
    }
}

/// Whether an argument is the JSON text of container definitions.
fn table_says_containers(resource_type: &str, argument: &str) -> bool {
    owner::find(resource_type, &FieldPath::root().member(argument), None).is_some_and(|o| o.is_containers())
}

fn is_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.starts_with(['.', '[', '{']))
}

fn first_name(path: &FieldPath) -> Option<&str> {
    path.segments().iter().find_map(|segment| match segment {
        Segment::Member(name) => Some(&**name),
        Segment::Index(_) => None,
    })
}

fn names(path: &FieldPath) -> Vec<String> {
    path.segments()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Member(name) => Some(name.to_string()),
            Segment::Index(_) => None,
        })
        .collect()
}

/// The places of elements without an equal on the other side.
fn missing(before: &[Value], after: &[Value]) -> (Vec<usize>, Vec<usize>) {
    let mut come: Vec<usize> = (0..after.len()).collect();
    let mut gone = Vec::new();
    for (at, element) in before.iter().enumerate() {
        match come.iter().position(|other| same(element, &after[*other])) {
            Some(place) => {
                come.remove(place);
            }
            None => gone.push(at),
        }
    }
    (gone, come)
}

/// Equal, a null and a zero being one (rule 0.1).
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(old), Value::Object(new)) => {
            let none = &Value::Null;
            old.keys().chain(new.keys()).all(|n| same(old.get(n).unwrap_or(none), new.get(n).unwrap_or(none)))
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(a, b)| same(a, b))
        }
        _ => a == b || is_zero(a) && is_zero(b),
    }
}

fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start} .. ({length} characters)")
}
