//! Live against state: what AWS says now, as the provider's Read would store it, and what a state holds. Member by member.
//!
//! The tables decide: a member is compared under the argument that its row names, with the provider's own notion of equal
//! (zero and absent, rule 0.1; sets without order; container definitions by the provider's equivalence, rule 3). What no
//! argument can hold, and what Read does not read, is listed with its reason and never counted as equal.

mod containers;
mod sides;

use serde::Serialize;
use serde_json::Value;

use crate::estate::{FieldPath, Kind, ResourceId, Scope, revision_arn};
use crate::terraform::mapping::{Context, Many, Row, Shape, TypeMap, What};
use crate::terraform::{Attribute, Attributes, Content, Dialect, StateResource, is_zero, notes, types};

use sides::{Sides, is_default, is_same};

/// A member in which AWS and the state differ. The two sides are texts in which credentials are masked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Differing {
    /// `aws_ecs_service.web`.
    pub address: String,
    /// `desired_count`, `container_definitions[0].image`.
    pub argument: String,
    /// The field of the live document; legal also when it is absent there.
    pub field: FieldPath,
    /// What AWS says, as JSON; bounded.
    pub live: String,
    /// What the state holds, as JSON; bounded.
    pub state: String,
}

/// A member that is set in AWS and that the provider does not hold in state, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotHeld {
    /// `aws_ecs_service.web`.
    pub address: String,
    /// The field of the live document.
    pub field: FieldPath,
    /// Why.
    pub why: String,
}

/// A resource of which nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unknown {
    /// `aws_ecs_service.web`.
    pub address: String,
    /// Why.
    pub why: String,
}

/// What a comparison of live and state found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// How many members were compared: those that AWS or the state say something of.
    pub compared: usize,
    /// Where the two differ.
    pub differing: Vec<Differing>,
    /// What the provider does not hold.
    pub not_held: Vec<NotHeld>,
    /// Resources that could not be compared.
    pub unknown: Vec<Unknown>,
}

impl Comparison {
    /// Everything that was to be compared was, and is the same.
    pub fn is_same(&self) -> bool {
        self.compared > 0 && self.differing.is_empty() && self.unknown.is_empty()
    }
}

/// Which resource of a scope an entry of a state is, and by which table it is read. `None` for types without a table.
pub fn identify(entry: &StateResource, scope: &Scope) -> Option<(ResourceId, &'static TypeMap)> {
    let map = types::ALL.into_iter().find(|map| map.terraform_type == entry.resource_type)?;
    let text = |name: &str| entry.values.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let arn = || text("arn").or_else(|| text("id")).filter(|text| text.starts_with("arn:"));
    let scaling =
        || Some(format!("{}/{}/{}", text("service_namespace")?, text("resource_id")?, text("scalable_dimension")?));
    let id = match map.kind {
        Kind::Cluster => ResourceId::cluster(scope, text("cluster_name").or_else(|| text("name"))?),
        Kind::CapacityProvider => ResourceId::new(scope, map.kind, arn()?),
        Kind::Service => {
            let cluster = text("cluster")?.rsplit('/').next()?;
            let long = scope.ecs_arn(&format!("service/{cluster}/{}", text("name")?));
            ResourceId::new(scope, map.kind, &long)
        }
        Kind::TaskDefinition => revision_arn(scope, arn()?),
        Kind::ScalableTarget => ResourceId::new(scope, map.kind, &scaling()?),
        Kind::ScalingPolicy => ResourceId::new(scope, map.kind, &format!("{}/{}", scaling()?, text("name")?)),
        Kind::Task => return None,
    };
    Some((id, map))
}

/// Compares one live document with the values that a state holds for it, and adds what it finds.
pub fn compare(
    id: &ResourceId,
    map: &'static TypeMap,
    document: &Value,
    entry: &StateResource,
    dialect: Dialect,
    out: &mut Comparison,
) {
    let context = Context { root: document, scope: &id.scope, dialect };
    let attributes = Attributes::read(map, document, &id.scope, dialect);
    let mut values = entry.values.clone();
    // Tags that the provider block adds to all are kept apart from the resource's own, and are its tags all the same.
    if let Some(all @ Value::Object(_)) = values.get("tags_all").cloned()
        && let Some(tags) = values.get_mut("tags")
    {
        *tags = all;
    }
    let mut pass = Pass { address: &entry.address, context, sides: Sides::of(id.kind, document, &values), out };
    pass.items(&attributes.items, &values, "");
    // A document that two tables read is noted once, on the first.
    let first =
        types::ALL.into_iter().find(|other| other.kind == map.kind).is_none_or(|first| std::ptr::eq(first, map));
    if first {
        for note in notes(id.kind, document, dialect) {
            pass.not_held(&note.path, note.why);
        }
    }
}

struct Pass<'a> {
    address: &'a str,
    context: Context<'a>,
    sides: Sides,
    out: &'a mut Comparison,
}

impl Pass<'_> {
    fn not_held(&mut self, field: &FieldPath, why: impl Into<String>) {
        let held = NotHeld { address: self.address.to_owned(), field: field.clone(), why: why.into() };
        if !self.out.not_held.contains(&held) {
            self.out.not_held.push(held);
        }
    }

    /// Counts one member, and notes when it differs.
    fn judge(&mut self, same: bool, argument: &str, field: &FieldPath, live: &Value, state: &Value) {
        // Nothing on one side, and nothing or zero on the other.
        if same && (live.is_null() && is_zero(state) || state.is_null() && is_zero(live)) {
            return;
        }
        self.out.compared += 1;
        if !same {
            let (live, state) = self.sides.told(argument, field, live, state);
            let (address, argument) = (self.address.to_owned(), argument.to_owned());
            self.out.differing.push(Differing { address, argument, field: field.clone(), live, state });
        }
    }

    fn items(&mut self, items: &[Attribute], state: &Value, around: &str) {
        for item in items {
            let argument = if around.is_empty() { item.name.to_owned() } else { format!("{around}.{}", item.name) };
            let is_object = state.is_object();
            let held = state.get(item.name).cloned();
            if is_fixed(item.row) {
                continue;
            }
            if says_something(item) && held.as_ref().is_none_or(is_zero) {
                if let Some(rule) = self.omitted(item) {
                    self.not_held(&item.path, format!("the provider does not read it (rule {rule})"));
                    continue;
                }
                if is_object && held.is_none() {
                    self.not_held(&item.path, "this version of the provider has no such argument");
                    continue;
                }
            }
            self.item(item, &held.unwrap_or(Value::Null), &argument);
        }
    }

    fn omitted(&self, item: &Attribute) -> Option<&'static str> {
        let omission = match item.row.what {
            What::Arg(arg) | What::Naming(arg) => arg.omit,
            What::Block(nested) => nested.omit,
            _ => None,
        }?;
        (omission.when)(self.context.root, &self.context).then_some(omission.rule)
    }

    fn item(&mut self, item: &Attribute, state: &Value, argument: &str) {
        match &item.content {
            Content::Scalar(live) => {
                let same = is_same(live, state) || is_default(item.row, live, state);
                self.judge(same, argument, &item.path, live, state);
            }
            Content::Elements(elements) => {
                let live: Vec<Value> = elements.iter().map(|(_, value)| value.clone()).collect();
                let unordered = matches!(item.row.what, What::Arg(arg) if arg.shape == Shape::Set);
                let same = sides::same_elements(&live, state, unordered);
                self.judge(same, argument, &item.path, &Value::Array(live), state);
            }
            Content::Map(entries) => {
                for (name, path, live) in entries {
                    let held = state.get(name).unwrap_or(&Value::Null);
                    // The presence of a tag counts, whatever its value (rule 0.8).
                    let same = state.get(name).is_some() && is_same(live, held);
                    self.judge(same, &format!("{argument}[{name:?}]"), path, live, held);
                }
                for (name, held) in state.as_object().into_iter().flatten() {
                    if !entries.iter().any(|(known, ..)| known == name) {
                        self.judge(false, &format!("{argument}[{name:?}]"), &item.path, &Value::Null, held);
                    }
                }
            }
            Content::Containers(live) => self.containers(&item.path, live, state, argument),
            Content::Blocks(blocks) => self.blocks(item, blocks, state, argument),
        }
    }

    fn blocks(&mut self, item: &Attribute, blocks: &[(FieldPath, Vec<Attribute>)], state: &Value, argument: &str) {
        let held: Vec<&Value> = match state {
            Value::Array(held) => held.iter().collect(),
            Value::Null => Vec::new(),
            other => vec![other],
        };
        let unordered = matches!(item.row.what, What::Block(nested) if nested.many == Many::Set);
        let mut free: Vec<Option<&Value>> = held.iter().copied().map(Some).collect();
        let mut pairs: Vec<(usize, Option<&Value>)> = Vec::new();
        for (at, (_, inner)) in blocks.iter().enumerate() {
            let place =
                if unordered { free.iter().position(|s| s.is_some_and(|s| self.is_equal(inner, s))) } else { Some(at) };
            pairs.push((at, place.and_then(|place| free.get_mut(place)?.take())));
        }
        // What has no equal is paired with what is left, so that the difference is told at its member.
        for (at, state) in pairs {
            let state = state.or_else(|| free.iter_mut().find_map(Option::take));
            if let Some((_, inner)) = blocks.get(at) {
                let argument =
                    if blocks.len().max(held.len()) > 1 { format!("{argument}[{at}]") } else { argument.to_owned() };
                self.items(inner, state.unwrap_or(&Value::Null), &argument);
            }
        }
        let dialect = self.context.dialect;
        for state in free.into_iter().flatten().filter(|state| !means_nothing(item.row, state, dialect)) {
            self.judge(false, argument, &item.path, &Value::Null, state);
        }
    }

    /// Whether a block of a set is this one.
    fn is_equal(&self, inner: &[Attribute], state: &Value) -> bool {
        let mut found = Comparison::default();
        let mut pass = Pass { address: self.address, context: self.context, sides: Sides::default(), out: &mut found };
        pass.items(inner, state, "");
        found.differing.is_empty()
    }
}

fn is_fixed(row: &Row) -> bool {
    matches!(row.what, What::Block(nested) if nested.fixed)
}

/// True for what a state holds of an argument or block that an absent one means too: zero, or the defaults.
fn means_nothing(row: &Row, state: &Value, dialect: Dialect) -> bool {
    match (row.what, state) {
        (What::Block(nested), Value::Object(members)) => members.iter().all(|(name, held)| {
            let inner = nested.rows.iter().filter(|row| row.holds(dialect)).find(|row| match row.what {
                What::Arg(arg) | What::Naming(arg) => arg.name == name,
                What::Block(block) => block.name == name,
                _ => false,
            });
            inner.map_or_else(|| is_zero(held), |row| means_nothing(row, held, dialect))
        }),
        (What::Block(_), Value::Array(blocks)) => blocks.iter().all(|block| means_nothing(row, block, dialect)),
        _ => row.takes_for_granted(state),
    }
}

/// True when AWS says something that an absent argument would not mean too.
fn says_something(item: &Attribute) -> bool {
    match &item.content {
        Content::Scalar(live) => !item.row.takes_for_granted(live),
        Content::Elements(elements) => !elements.is_empty(),
        Content::Map(entries) => !entries.is_empty(),
        Content::Containers(live) => !is_zero(live),
        Content::Blocks(blocks) => blocks.iter().any(|(_, inner)| inner.iter().any(says_something)),
    }
}

#[cfg(test)]
mod tests;
