//! Reads a plan: what `terraform show -json` (or `tofu show -json`) says about a saved plan.
//!
//! The reader repeats what the engine says and adds no opinion of its own. Two differences are
//! named, since they mislead readers of a plan: an update in which only the sensitivity mark
//! differs, and a null that becomes a zero, which the provider never plans on its own but lists
//! beside every other change.
//!
//! A value that the engine marks as sensitive does not survive the reading: it is replaced by
//! [`SENSITIVE`] before anything is compared or kept.

mod code;
mod compare;
mod containers;
mod credentials;
mod explain;
mod owner;
mod sensitive;
mod traps;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use code::{at, collect_expressions, collect_references, without_indices};
use compare::{compare, member};
pub use credentials::credentials_of;
pub use explain::{Class, Code, Explained, Reason, explain};
use sensitive::{Side, hidden, mark_unknown, mask_strings};

use super::Dialect;

/// Stands in the place of every value that the engine marks as sensitive.
pub const SENSITIVE: &str = "(sensitive value)";
/// Stands in the place of a value that only an apply would tell.
pub const UNKNOWN: &str = "(known after apply)";

/// The text is not a plan that this reader knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The text is not JSON; the reason names line and column.
    #[error("the plan is not JSON: {0}")]
    NotJson(String),
    /// The JSON is something else than a plan; the words name the missing member.
    #[error("this is not the JSON of a plan: {0}")]
    NotAPlan(String),
    /// A later major version of the format, whose meaning is not known.
    #[error("plan format {0} is not known; formats 0 and 1 are")]
    Format(String),
}

/// How a before and an after differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Two values.
    Value,
    /// The after is known only after an apply.
    Unknown,
    /// The values are equal; one side is marked as sensitive and the other is not.
    SensitivityMark,
    /// Null before, a zero after (`false`, `0`, `""`, `[]`, `{}`) or the reverse. Providers on
    /// terraform-plugin-sdk list these beside a real change and plan nothing for them alone.
    NullAgainstZero,
}

/// One attribute in which the imported object and the code differ.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeDiff {
    /// Where: `desired_count`, `tags.env`, `network_configuration[0].subnets`. The path goes on
    /// into JSON text: `container_definitions[0].image`.
    pub path: String,
    /// The live value, or [`SENSITIVE`].
    pub before: Value,
    /// The value of the code, [`UNKNOWN`] or [`SENSITIVE`].
    pub after: Value,
    /// Either side is marked as sensitive; then neither value is here.
    pub sensitive: bool,
    /// How the two differ.
    pub difference: Difference,
}

impl fmt::Display for AttributeDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.difference {
            Difference::SensitivityMark => {
                write!(f, "{}: only the sensitivity mark differs", self.path)
            }
            _ if self.sensitive => write!(f, "{}: {SENSITIVE}, differs", self.path),
            Difference::Unknown => write!(f, "{}: {} -> {UNKNOWN}", self.path, self.before),
            Difference::Value | Difference::NullAgainstZero => {
                write!(f, "{}: {} -> {}", self.path, self.before, self.after)
            }
        }
    }
}

/// What the engine would do with one resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Imported, and nothing to change: what an export is for.
    ImportNoOp,
    /// Imported, then changed in place.
    ImportWithChange {
        /// What differs.
        attributes: Vec<AttributeDiff>,
    },
    /// Imported, then destroyed and created anew.
    ImportReplace {
        /// What differs.
        attributes: Vec<AttributeDiff>,
        /// The attributes that cannot change in place.
        because: Vec<String>,
    },
    /// In the state already, nothing to change.
    NoOp,
    /// Created: there is no import block for it.
    Create,
    /// In the state already, changed in place.
    Update {
        /// What differs.
        attributes: Vec<AttributeDiff>,
    },
    /// In the state already, destroyed and created anew.
    Replace {
        /// What differs.
        attributes: Vec<AttributeDiff>,
        /// The attributes that cannot change in place.
        because: Vec<String>,
    },
    /// Destroyed.
    Delete,
    /// A data source that is read during apply.
    Read,
    /// Dropped from the state, left alive.
    Forget,
    /// Actions that this reader has no word for, as the engine spells them.
    Other(Vec<String>),
}

impl Verdict {
    /// Whether an apply would leave the live object as it is.
    pub fn is_harmless(&self) -> bool {
        matches!(self, Self::ImportNoOp | Self::NoOp | Self::Read)
    }

    /// What differs; empty where nothing does.
    pub fn attributes(&self) -> &[AttributeDiff] {
        match self {
            Self::ImportWithChange { attributes }
            | Self::Update { attributes }
            | Self::ImportReplace { attributes, .. }
            | Self::Replace { attributes, .. } => attributes,
            _ => &[],
        }
    }

    /// The differences that are a reason for the change, without the nulls against zeros that
    /// only accompany it; all of them where there is nothing else.
    pub fn causes(&self) -> impl Iterator<Item = &AttributeDiff> {
        let accompanies = |diff: &AttributeDiff| diff.difference == Difference::NullAgainstZero;
        let nothing_else = self.attributes().iter().all(accompanies);
        self.attributes().iter().filter(move |diff| nothing_else || !accompanies(diff))
    }

    /// Whether this is a change in which no value changes: Terraform plans one for an imported
    /// object whose code carries a sensitive value.
    pub fn is_only_sensitivity(&self) -> bool {
        matches!(self, Self::ImportWithChange { .. } | Self::Update { .. })
            && self.causes().next().is_some()
            && self.causes().all(|diff| diff.difference == Difference::SensitivityMark)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_only_sensitivity() {
            return f.write_str("import with change: only the sensitivity mark differs");
        }
        match self {
            Self::ImportNoOp => f.write_str("import, nothing to change"),
            Self::ImportWithChange { .. } => f.write_str("import with change"),
            Self::ImportReplace { because, .. } => {
                write!(f, "import, then replace ({})", because.join(", "))
            }
            Self::NoOp => f.write_str("nothing to change"),
            Self::Create => f.write_str("create"),
            Self::Update { .. } => f.write_str("change"),
            Self::Replace { because, .. } => write!(f, "replace ({})", because.join(", ")),
            Self::Delete => f.write_str("destroy"),
            Self::Read => f.write_str("read during apply"),
            Self::Forget => f.write_str("forget"),
            Self::Other(actions) => f.write_str(&actions.join(", then ")),
        }
    }
}

/// One resource of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourcePlan {
    /// `aws_ecs_service.web`, with module path and index where it has them.
    pub address: String,
    /// `aws_ecs_service`.
    pub resource_type: String,
    /// `web`.
    pub name: String,
    /// The id of its import block; the identity as JSON where the block names one instead.
    pub import_id: Option<String>,
    /// What would happen to it.
    pub verdict: Verdict,
    /// The attributes as the provider read them, sensitive ones replaced; null for a creation.
    pub before: Value,
    /// The attributes as they would become, sensitive ones replaced; null for a deletion.
    pub after: Value,
}

/// The numbers of the engine's own summary line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Resources with an import, whatever else happens to them.
    pub import: usize,
    /// Creations, replacements included.
    pub add: usize,
    /// Changes in place, those of imported resources included.
    pub change: usize,
    /// Destructions, replacements included.
    pub destroy: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} to import, {} to add, {} to change, {} to destroy",
            self.import, self.add, self.change, self.destroy
        )
    }
}

/// A whole plan, resource by resource, in the engine's order.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanReport {
    /// What happens to each resource, data sources included.
    pub resources: Vec<ResourcePlan>,
    /// The engine's summary.
    pub counts: Counts,
    /// The plan broke off: it says less than the whole.
    pub errored: bool,
    /// Resources that the engine put off to a later plan.
    pub deferred: usize,
    /// The version constraint of the AWS provider, as the code writes it.
    pub constraint: Option<String>,
    /// `expressions` of the configuration, by address without indices.
    expressions: BTreeMap<String, Value>,
}

impl PlanReport {
    /// Reads the output of `show -json PLANFILE`.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let plan: Value = serde_json::from_str(text).map_err(|e| PlanError::NotJson(e.to_string()))?;
        let format = plan
            .get("format_version")
            .and_then(Value::as_str)
            .ok_or_else(|| PlanError::NotAPlan("no format_version".into()))?;
        if !matches!(format.split('.').next(), Some("0" | "1")) {
            return Err(PlanError::Format(format.to_owned()));
        }
        // A state has a format_version too; only a plan has the configuration beside it.
        let configuration = plan.get("configuration").ok_or_else(|| PlanError::NotAPlan("no configuration".into()))?;
        let mut expressions = BTreeMap::new();
        collect_expressions(&configuration["root_module"], "", &mut expressions);

        let mut report = Self {
            resources: Vec::new(),
            counts: Counts::default(),
            errored: plan["errored"].as_bool().unwrap_or(false),
            deferred: plan["deferred_changes"].as_array().map_or(0, Vec::len),
            constraint: constraint(&configuration["provider_config"]),
            expressions,
        };
        for change in plan["resource_changes"].as_array().into_iter().flatten() {
            let resource = read_resource(change)?;
            report.counts.add(&resource);
            report.resources.push(resource);
        }
        Ok(report)
    }

    /// Whether this plan imports, and does nothing else: the promise of an export.
    pub fn is_import_only(&self) -> bool {
        !self.errored
            && self.deferred == 0
            && self.counts.import > 0
            && self.resources.iter().all(|r| r.verdict.is_harmless())
    }

    /// Whether the state holds all of it already and nothing is to change: what an import leaves.
    pub fn is_in_state(&self) -> bool {
        !self.errored
            && self.deferred == 0
            && self.counts.import == 0
            && self.resources.iter().all(|r| r.verdict.is_harmless())
            && self.resources.iter().any(|r| r.verdict == Verdict::NoOp)
    }

    /// The generation of the AWS provider that the code asks for; `None` when it does not say.
    pub fn dialect(&self) -> Option<Dialect> {
        let digits = self.constraint.as_ref()?.trim_start_matches(|c: char| !c.is_ascii_digit());
        let major: u32 = digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        Some(if major < 4 { Dialect::V3 } else { Dialect::V6 })
    }

    /// The resource at an address.
    pub fn resource(&self, address: &str) -> Option<&ResourcePlan> {
        self.resources.iter().find(|r| r.address == address)
    }

    /// What an argument of the code refers to, in the order written and without repetition:
    /// `references_of("aws_ecs_service.web", "cluster")` gives `aws_ecs_cluster.main.arn` and
    /// `aws_ecs_cluster.main`. A block's name gives all that stands in it;
    /// `network_configuration.subnets` one argument of it. Empty for a literal.
    pub fn references_of(&self, address: &str, argument: &str) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(expressions) = self.expressions.get(&without_indices(address)) {
            let steps: Vec<&str> = argument.split('.').collect();
            for expression in at(expressions, &steps) {
                collect_references(expression, &mut found);
            }
        }
        found
    }

    /// Whether the code writes this argument or block of the resource at all.
    pub fn writes(&self, address: &str, argument: &str) -> bool {
        let steps: Vec<&str> = argument.split('.').collect();
        self.expressions.get(&without_indices(address)).is_some_and(|expressions| !at(expressions, &steps).is_empty())
    }

    /// The same report with `mask` laid over every string that came from the account or the
    /// code, also inside JSON text. For values that are secret but not marked as such.
    #[must_use]
    pub fn masked(mut self, mask: &dyn Fn(&str) -> String) -> Self {
        for resource in &mut self.resources {
            mask_strings(&mut resource.before, mask);
            mask_strings(&mut resource.after, mask);
            match &mut resource.verdict {
                Verdict::ImportWithChange { attributes }
                | Verdict::Update { attributes }
                | Verdict::ImportReplace { attributes, .. }
                | Verdict::Replace { attributes, .. } => {
                    for diff in attributes {
                        mask_strings(&mut diff.before, mask);
                        mask_strings(&mut diff.after, mask);
                    }
                }
                _ => {}
            }
        }
        // Constants of the code; the references, which are asked for, are names.
        for expression in self.expressions.values_mut() {
            mask_strings(expression, mask);
        }
        self
    }
}

impl Counts {
    fn add(&mut self, resource: &ResourcePlan) {
        if resource.import_id.is_some() {
            self.import += 1;
        }
        match &resource.verdict {
            Verdict::Create => self.add += 1,
            Verdict::ImportWithChange { .. } | Verdict::Update { .. } => self.change += 1,
            Verdict::Delete => self.destroy += 1,
            Verdict::ImportReplace { .. } | Verdict::Replace { .. } => {
                self.add += 1;
                self.destroy += 1;
            }
            // Create, then forget the old one: the engine counts what it creates.
            Verdict::Other(actions) if actions.iter().any(|a| a == "create") => self.add += 1,
            _ => {}
        }
    }
}

/// What the code asks of hashicorp/aws.
fn constraint(providers: &Value) -> Option<String> {
    let mut all = providers.as_object()?.values();
    let aws = all.find(|p| p["full_name"].as_str().is_some_and(|name| name.ends_with("/hashicorp/aws")))?;
    Some(aws["version_constraint"].as_str()?.to_owned())
}

fn read_resource(entry: &Value) -> Result<ResourcePlan, PlanError> {
    let address =
        entry["address"].as_str().ok_or_else(|| PlanError::NotAPlan("a resource change without an address".into()))?;
    let change = entry.get("change").ok_or_else(|| PlanError::NotAPlan(format!("{address} has no change")))?;
    let actions: Vec<&str> = change["actions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let import_id = match &change["importing"] {
        Value::Object(importing) => Some(import_id(importing)),
        _ => None,
    };
    let differences = || {
        let mut found = Vec::new();
        compare(
            Side::new(&change["before"], &change["before_sensitive"]),
            Side::new(&change["after"], &change["after_sensitive"]),
            &change["after_unknown"],
            "",
            &mut found,
        );
        found
    };
    let because = || {
        let paths = change["replace_paths"].as_array();
        paths.into_iter().flatten().map(path_text).collect()
    };
    let imported = import_id.is_some();
    let verdict = match (actions.as_slice(), imported) {
        (["no-op"], true) => Verdict::ImportNoOp,
        (["no-op"], false) => Verdict::NoOp,
        (["update"], true) => Verdict::ImportWithChange { attributes: differences() },
        (["update"], false) => Verdict::Update { attributes: differences() },
        (["delete", "create"] | ["create", "delete"], true) => {
            Verdict::ImportReplace { attributes: differences(), because: because() }
        }
        (["delete", "create"] | ["create", "delete"], false) => {
            Verdict::Replace { attributes: differences(), because: because() }
        }
        (["create"], false) => Verdict::Create,
        (["delete"], false) => Verdict::Delete,
        (["read"], _) => Verdict::Read,
        (["forget"], false) => Verdict::Forget,
        (other, _) => Verdict::Other(other.iter().map(ToString::to_string).collect()),
    };
    let mut after = hidden(&change["after"], &change["after_sensitive"]);
    mark_unknown(&mut after, &change["after_unknown"]);
    Ok(ResourcePlan {
        address: address.to_owned(),
        resource_type: text_of(&entry["type"]),
        name: text_of(&entry["name"]),
        import_id,
        verdict,
        before: hidden(&change["before"], &change["before_sensitive"]),
        after,
    })
}

fn import_id(importing: &Map<String, Value>) -> String {
    match (importing.get("id"), importing.get("identity")) {
        (Some(Value::String(id)), _) if !id.is_empty() => id.clone(),
        (_, Some(identity)) => identity.to_string(),
        _ => UNKNOWN.to_owned(),
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// `["network_configuration", 0, "subnets"]` as `network_configuration[0].subnets`.
fn path_text(path: &Value) -> String {
    let mut text = String::new();
    for step in path.as_array().into_iter().flatten() {
        match step {
            Value::String(name) => text = member(&text, name),
            other => text = format!("{text}[{other}]"),
        }
    }
    text
}
