//! Reads a plan: what `terraform show -json` (or `tofu show -json`) says about a saved plan.
//!
//! The reader repeats what the engine says and adds no opinion of its own. Two differences are
//! named, since they mislead readers of a plan: an update in which only the sensitivity mark
//! differs, and a null that becomes a zero, which the provider never plans on its own but lists
//! beside every other change.
//!
//! A value that the engine marks as sensitive does not survive the reading: it is replaced by
//! [`SENSITIVE`] before anything is compared or kept.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

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
    /// The engine's version, as it states it.
    pub engine_version: String,
    /// The plan broke off: it says less than the whole.
    pub errored: bool,
    /// Resources that the engine put off to a later plan.
    pub deferred: usize,
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
            engine_version: text_of(&plan["terraform_version"]),
            errored: plan["errored"].as_bool().unwrap_or(false),
            deferred: plan["deferred_changes"].as_array().map_or(0, Vec::len),
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

fn member(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    match (path.is_empty(), plain) {
        (true, true) => name.to_owned(),
        (false, true) => format!("{path}.{name}"),
        (_, false) => format!("{path}[{}]", Value::String(name.to_owned())),
    }
}

// ---- sensitivity ----------------------------------------------------------------------------

/// A value with its marks: `true` at a place covers all that is under it.
#[derive(Clone, Copy)]
struct Side<'a> {
    value: &'a Value,
    marks: &'a Value,
}

impl<'a> Side<'a> {
    fn new(value: &'a Value, marks: &'a Value) -> Self {
        Self { value, marks }
    }

    fn is_marked(self) -> bool {
        self.marks == &Value::Bool(true)
    }

    /// Whether anything here or below is marked.
    fn holds_marks(self) -> bool {
        fn any(marks: &Value) -> bool {
            match marks {
                Value::Bool(marked) => *marked,
                Value::Array(list) => list.iter().any(any),
                Value::Object(object) => object.values().any(any),
                _ => false,
            }
        }
        any(self.marks)
    }

    fn member(self, name: &str) -> Self {
        Self {
            value: self.value.get(name).unwrap_or(&Value::Null),
            marks: if self.is_marked() { self.marks } else { self.marks.get(name).unwrap_or(&Value::Null) },
        }
    }

    fn element(self, index: usize) -> Self {
        Self {
            value: self.value.get(index).unwrap_or(&Value::Null),
            marks: if self.is_marked() { self.marks } else { self.marks.get(index).unwrap_or(&Value::Null) },
        }
    }
}

/// The value with every marked part replaced.
fn hidden(value: &Value, marks: &Value) -> Value {
    match (value, marks) {
        (Value::Null, _) => Value::Null,
        (_, Value::Bool(true)) => Value::String(SENSITIVE.to_owned()),
        (Value::Array(list), Value::Array(marks)) => {
            list.iter().enumerate().map(|(i, item)| hidden(item, marks.get(i).unwrap_or(&Value::Null))).collect()
        }
        (Value::Object(object), Value::Object(marks)) => object
            .iter()
            .map(|(name, item)| {
                let mark = marks.get(name).unwrap_or(&Value::Null);
                (name.clone(), hidden(item, mark))
            })
            .collect(),
        _ => value.clone(),
    }
}

/// Puts [`UNKNOWN`] where the plan does not know the value yet.
fn mark_unknown(value: &mut Value, unknown: &Value) {
    match unknown {
        Value::Bool(true) => *value = Value::String(UNKNOWN.to_owned()),
        Value::Object(members) => {
            for (name, inner) in members {
                if let (Some(object), true) = (value.as_object_mut(), holds_true(inner)) {
                    mark_unknown(object.entry(name.clone()).or_insert(Value::Null), inner);
                }
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                if let Some(item) = value.get_mut(index) {
                    mark_unknown(item, inner);
                }
            }
        }
        _ => {}
    }
}

fn holds_true(value: &Value) -> bool {
    Side::new(&Value::Null, value).holds_marks()
}

// ---- comparison -----------------------------------------------------------------------------

fn compare(before: Side<'_>, after: Side<'_>, unknown: &Value, path: &str, found: &mut Vec<AttributeDiff>) {
    let sensitive = before.is_marked() || after.is_marked();
    let mut say = |difference: Difference| {
        // A part that holds marks is hidden part by part; a marked whole is hidden whole.
        let (old, new) = if sensitive {
            let word = Value::String(SENSITIVE.to_owned());
            (word.clone(), word)
        } else {
            (hidden(before.value, before.marks), hidden(after.value, after.marks))
        };
        found.push(AttributeDiff {
            path: path.to_owned(),
            before: old,
            after: if difference == Difference::Unknown { Value::String(UNKNOWN.to_owned()) } else { new },
            sensitive: sensitive || before.holds_marks() || after.holds_marks(),
            difference,
        });
    };

    if unknown == &Value::Bool(true) {
        return say(Difference::Unknown);
    }
    if sensitive {
        if before.value != after.value {
            let zero = is_null_against_zero(before.value, after.value);
            return say(if zero { Difference::NullAgainstZero } else { Difference::Value });
        }
        // The mark of a null hides nothing, and no engine plans a change for it.
        if before.is_marked() != after.is_marked() && !before.value.is_null() {
            say(Difference::SensitivityMark);
        }
        return;
    }
    match (before.value, after.value) {
        (Value::Object(old), Value::Object(new)) => {
            let unknown_names = unknown.as_object().into_iter().flat_map(|o| o.keys());
            let mut names: Vec<&String> = old.keys().collect();
            for name in new.keys().chain(unknown_names) {
                if !old.contains_key(name) && !names.contains(&name) {
                    names.push(name);
                }
            }
            for name in names {
                let inner = unknown.get(name).unwrap_or(&Value::Null);
                let path = member(path, name);
                compare(before.member(name), after.member(name), inner, &path, found);
            }
        }
        // Elements of lists of one length are paired by place. Otherwise the pairs would tell
        // nothing: the whole list is shown.
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for index in 0..old.len() {
                let inner = unknown.get(index).unwrap_or(&Value::Null);
                let path = format!("{path}[{index}]");
                compare(before.element(index), after.element(index), inner, &path, found);
            }
        }
        (Value::String(old), Value::String(new)) if old != new => {
            let inner = compare_json_text(old, new, path);
            if inner.is_empty() {
                say(Difference::Value);
            } else {
                found.extend(inner);
            }
        }
        (old, new) if old != new => {
            say(if is_null_against_zero(old, new) { Difference::NullAgainstZero } else { Difference::Value })
        }
        _ => {}
    }
}

/// The differences inside two JSON texts; none if either is no JSON document, or if they differ
/// in spelling only.
fn compare_json_text(before: &str, after: &str, path: &str) -> Vec<AttributeDiff> {
    let mut found = Vec::new();
    if let (Some(old), Some(new)) = (json_document(before), json_document(after)) {
        let none = Value::Null;
        compare(Side::new(&old, &none), Side::new(&new, &none), &none, path, &mut found);
    }
    found
}

/// The document in a text that is a JSON object or array.
fn json_document(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn is_null_against_zero(before: &Value, after: &Value) -> bool {
    (before.is_null() && is_zero(after)) || (after.is_null() && is_zero(before))
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
    }
}

fn mask_strings(value: &mut Value, mask: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => {
            // Inside JSON text a value may be spelled with escapes that the mask does not know.
            if let Some(document) = json_document(text) {
                let mut inner = document.clone();
                mask_strings(&mut inner, mask);
                if inner != document {
                    *text = inner.to_string();
                }
            }
            *text = mask(text);
        }
        Value::Array(list) => list.iter_mut().for_each(|item| mask_strings(item, mask)),
        Value::Object(object) => object.values_mut().for_each(|item| mask_strings(item, mask)),
        _ => {}
    }
}

// ---- configuration --------------------------------------------------------------------------

fn collect_expressions(module: &Value, prefix: &str, found: &mut BTreeMap<String, Value>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        if let Some(address) = resource["address"].as_str() {
            found.insert(format!("{prefix}{address}"), resource["expressions"].clone());
        }
    }
    for (name, call) in module["module_calls"].as_object().into_iter().flatten() {
        collect_expressions(&call["module"], &format!("{prefix}module.{name}."), found);
    }
}

/// The expressions at a path of block and argument names, through lists of blocks.
fn at<'a>(expressions: &'a Value, steps: &[&str]) -> Vec<&'a Value> {
    let Some((first, rest)) = steps.split_first() else {
        return vec![expressions];
    };
    match expressions {
        Value::Array(blocks) => blocks.iter().flat_map(|b| at(b, steps)).collect(),
        Value::Object(members) => members.get(*first).map(|inner| at(inner, rest)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn collect_references(expression: &Value, found: &mut Vec<String>) {
    match expression {
        Value::Array(blocks) => blocks.iter().for_each(|b| collect_references(b, found)),
        Value::Object(members) => {
            if let Some(Value::Array(references)) = members.get("references") {
                for reference in references.iter().filter_map(Value::as_str) {
                    if !found.iter().any(|r| r == reference) {
                        found.push(reference.to_owned());
                    }
                }
                return;
            }
            // A constant is a value, not a block: it may hold anything, "references" too.
            for (name, inner) in members {
                if name != "constant_value" {
                    collect_references(inner, found);
                }
            }
        }
        _ => {}
    }
}

/// `module.a["x"].aws_x.y[0]` as `module.a.aws_x.y`, the address in the configuration.
fn without_indices(address: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}
