//! PURE. What an ECS workload is allowed to be: rules, and the verdicts they give.
//!
//! A rule is small, total over what it is given, and says where it looked. That something was not given is not its
//! business: the runner answers UNKNOWN for every subject that is in use and was not described, so no rule can take
//! silence for a pass.

mod identity;
mod isolation;
mod network;
mod run;
mod secrets;

use serde::Serialize;
use serde_json::Value;

use crate::estate::{Estate, FieldPath, Kind, ResourceId};
use crate::secrets::Masks;

pub use crate::drift::Severity;
pub use run::audit;

/// What a rule is, whatever it is asked about.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleMeta {
    /// For example `IDN-001`.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// Why it matters and what to do, one or two sentences.
    pub advice: &'static str,
    /// Severity when nothing raises or lowers it.
    pub severity: Severity,
}

/// What a rule says of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict", content = "why")]
pub enum Verdict {
    /// The subject breaks the rule.
    Fail,
    /// The subject keeps the rule.
    Pass,
    /// What the rule needs was not read. Never the same as a pass.
    Unknown(String),
}

/// One verdict of one rule on one field of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static RuleMeta,
    /// How bad, here.
    pub severity: Severity,
    /// Of which resource.
    pub resource: ResourceId,
    /// On which field; may name an absent member.
    pub field: FieldPath,
    /// What was seen, in words. Never a credential's value.
    pub evidence: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// What a rule is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A service.
    Service,
    /// One revision of a task definition.
    Revision,
    /// A running task.
    Task,
}

impl Subject {
    /// The kind of document that describes it.
    pub fn kind(self) -> Kind {
        match self {
            Self::Service => Kind::Service,
            Self::Revision => Kind::TaskDefinition,
            Self::Task => Kind::Task,
        }
    }

    /// The IAM action of the call that describes it.
    fn action(self) -> &'static str {
        match self {
            Self::Service => "ecs:DescribeServices",
            Self::Revision => "ecs:DescribeTaskDefinition",
            Self::Task => "ecs:DescribeTasks",
        }
    }
}

/// A described subject: its document, parsed once for all rules, and the credentials in it.
#[derive(Debug)]
pub struct Described<'a> {
    /// Which resource.
    pub id: &'a ResourceId,
    /// The parsed document.
    pub value: &'a Value,
    /// Its credentials.
    pub masks: &'a Masks,
    /// All that surrounds it.
    pub estate: &'a Estate,
}

impl<'a> Described<'a> {
    /// The text of a member of the root, unless it is empty.
    pub fn text(&self, member: &str) -> Option<&'a str> {
        self.value.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The elements of a list of the root, each with its path.
    pub fn each(&self, list: &str) -> impl Iterator<Item = (FieldPath, &'a Value)> {
        let path = FieldPath::root().member(list);
        let items = self.value.get(list).and_then(Value::as_array);
        items.into_iter().flatten().enumerate().map(move |(at, item)| (path.index(at), item))
    }
}

/// What a rule found on one subject. None of it is a pass.
#[derive(Debug, Default)]
pub struct Verdicts {
    fails: Vec<(FieldPath, Option<Severity>, String)>,
}

impl Verdicts {
    /// The subject breaks the rule at a field. The evidence never holds a credential.
    pub fn fail(&mut self, field: FieldPath, evidence: impl Into<String>) {
        self.fails.push((field, None, evidence.into()));
    }

    /// As [`Self::fail`], weighed by the rule instead of by its meta.
    pub fn fail_as(&mut self, severity: Severity, field: FieldPath, evidence: impl Into<String>) {
        self.fails.push((field, Some(severity), evidence.into()));
    }
}

/// One thing that an ECS workload should be.
pub trait Rule: Sync {
    /// What the rule is.
    fn meta(&self) -> &'static RuleMeta;
    /// What it is asked about.
    fn subject(&self) -> Subject;
    /// Looks at one described subject. Saying nothing is a pass.
    fn check(&self, subject: &Described<'_>, out: &mut Verdicts);
}

/// Every rule, in order of id.
pub static RULES: &[&dyn Rule] = &[
    &identity::RolePlaysTwoParts,
    &isolation::PrivilegedContainer,
    &network::PublicIp,
    &secrets::CredentialInEnvironment,
    &secrets::CredentialElsewhere,
    &secrets::CredentialInOverride,
];
