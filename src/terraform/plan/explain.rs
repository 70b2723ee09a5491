//! What a plan's differences mean: what an apply would do, which row of the tables owns the argument, and what to do.
//!
//! The plan reader repeats the engine; here it is judged. It is judged in the clear, since a rotated credential is a
//! difference that a mask would hide, and told through the mask: no value leaves [`explain`] without passing it.

mod differences;
mod judge;

use serde_json::Value;

use super::owner::{self, Owner};
use super::sensitive::mask_strings;
use super::{Difference, PlanReport, ResourcePlan, SENSITIVE, UNKNOWN, Verdict};
use crate::estate::{FieldPath, visible};
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
    /// The value of the code, as JSON; with words where the code does not say it and the provider fills it in.
    pub after: String,
    /// The API's member that the mapping row reads, as a selector; `None` where no row owns the argument.
    pub member: Option<String>,
    /// The default that the provider fills in, as JSON.
    pub default: Option<String>,
    /// When an export leaves the argument out although AWS says something: rule number and words; `None` where the code
    /// writes it.
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

    fn is_replacing(&self, path: &str) -> bool {
        self.because().iter().any(|b| path == b || is_below(path, b) || is_below(b, path))
    }

    fn has_causes(&self) -> bool {
        self.resource.verdict.attributes().iter().any(|d| d.difference != Difference::NullAgainstZero)
    }

    fn reason(&self, found: &Found) -> Reason {
        let (class, rule, advice) = self.judged(found);
        let (before, mut after) = self.told(found);
        let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
        let is_written = self.writes(&names);
        // A value that the code does not say is the provider's, and no line of the code holds it.
        let is_filled = !found.after.is_null() && found.difference != Difference::Unknown && after != MARK;
        if let Some(owner) = found.owner.as_ref().filter(|_| is_filled && !is_written) {
            if owner.default() == found.after {
                after.push_str(" (the provider's default, not in the code)");
            } else if is_zero(&found.after) {
                after.push_str(" (the provider's zero, not in the code)");
            }
        }
        Reason {
            path: visible(&(self.hide)(&found.path)),
            class,
            before,
            after,
            member: found.owner.as_ref().map(|o| o.member.clone()).filter(|m| !m.is_empty()),
            default: found.owner.as_ref().map(Owner::default).filter(|d| !d.is_null()).map(|d| d.to_string()),
            // Why an export may leave it out says nothing of an argument that is there.
            omission: found.owner.as_ref().filter(|_| !is_written).and_then(Owner::omission),
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
}

/// Whether an argument is the JSON text of container definitions.
fn table_says_containers(resource_type: &str, argument: &str) -> bool {
    owner::find(resource_type, &FieldPath::root().member(argument), None).is_some_and(|o| o.is_containers())
}

fn is_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.starts_with(['.', '[', '{']))
}

fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start} .. ({length} characters)")
}
