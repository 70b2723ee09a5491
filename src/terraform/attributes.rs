//! A resource as the provider's Read would store it in state, each value with the field it comes from.

use serde_json::Value;

use super::dialect::Dialect;
use super::mapping::{Arg, Context, Many, Nested, Row, Shape, TypeMap, What};
use super::reads::Pair;
use super::taken::Tags;
use crate::estate::{FieldPath, Scope, Selector, children};

/// A resource as the provider's Read would store it.
#[derive(Debug, Clone)]
pub struct Attributes {
    /// The table it was read by.
    pub map: &'static TypeMap,
    /// Arguments and blocks, in table order; absent ones are null.
    pub items: Vec<Attribute>,
}

/// One argument or block.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The row it was read by.
    pub row: &'static Row,
    /// Its name.
    pub name: &'static str,
    /// The field it comes from; legal also when the field is absent.
    pub path: FieldPath,
    /// Its value.
    pub content: Content,
}

/// The value of an attribute.
#[derive(Debug, Clone)]
pub enum Content {
    /// A string, number, boolean or null.
    Scalar(Value),
    /// A list or set of scalars.
    Elements(Vec<(FieldPath, Value)>),
    /// A map.
    Map(Vec<(String, FieldPath, Value)>),
    /// Container definitions, as the API gave them.
    Containers(Value),
    /// Nested blocks.
    Blocks(Vec<(FieldPath, Vec<Attribute>)>),
}

impl Attributes {
    /// Reads a document by a table.
    pub fn read(map: &'static TypeMap, document: &Value, scope: &Scope, dialect: Dialect) -> Self {
        let context = Context { root: document, scope, dialect };
        Self { map, items: rows(map.rows, &FieldPath::root(), document, &context) }
    }
}

impl Attributes {
    /// Leaves out the tags that the provider's own settings keep out of the state. An error names a tag that the provider
    /// would add.
    pub fn settle_tags(&mut self, provider: &Tags) -> Result<(), String> {
        for item in self.items.iter_mut().filter(|item| item.name == "tags") {
            let Content::Map(tags) = &mut item.content else { continue };
            if let Some(missing) = provider.missing(&|key| tags.iter().any(|(name, ..)| name == key)) {
                return Err(missing.to_owned());
            }
            tags.retain(|(key, _, value)| !value.as_str().is_some_and(|value| provider.hides(key, value)));
        }
        Ok(())
    }
}

fn rows(rows: &'static [Row], base: &FieldPath, value: &Value, context: &Context<'_>) -> Vec<Attribute> {
    rows.iter()
        .filter(|row| row.holds(context.dialect))
        .filter_map(|row| match row.what {
            What::Arg(arg) | What::Naming(arg) => Some(argument(row, arg, base, value, context)),
            What::Block(block) => Some(nested(row, block, base, value, context)),
            What::Key(_) | What::ReadOnly(_) | What::NotRepresentable(..) => None,
        })
        .collect()
}

/// The first place that a member path names; the path alone when nothing is there.
fn find<'v>(member: &str, base: &FieldPath, value: &'v Value) -> (FieldPath, Option<&'v Value>) {
    if member.contains('[') {
        let found = member.parse::<Selector>().ok().and_then(|s| s.select(base, value).into_iter().next());
        let plain = member.split(['[', ']']).step_by(2).collect::<String>();
        return found.map_or_else(|| (base.join(&plain), None), |(path, value)| (path, Some(value)));
    }
    let found = member.split('.').try_fold(value, |value, name| value.get(name));
    (base.join(member), found.filter(|v| !v.is_null()))
}

fn argument(row: &'static Row, arg: Arg, base: &FieldPath, value: &Value, context: &Context<'_>) -> Attribute {
    let (path, found) = find(arg.member, base, value);
    let through = |value: &Value| match arg.through {
        Some(translate) if arg.reads.takes(value) => translate(value, context).unwrap_or(Value::Null),
        // What a translation cannot read stays as it is: `refusal` tells of it.
        _ => value.clone(),
    };
    let read = match (arg.shape, found) {
        (Shape::Scalar, None) => Content::Scalar(Value::Null),
        (Shape::Scalar, Some(found)) => Content::Scalar(through(found)),
        (Shape::List | Shape::Set, found) => {
            let mut elements: Vec<(FieldPath, Value)> = found
                .map(|found| children(&path, found).into_iter().map(|(p, v)| (p, through(v))).collect())
                .unwrap_or_default();
            if arg.shape == Shape::Set {
                elements.sort_by_key(|(_, v)| v.as_str().map(str::to_owned));
            }
            Content::Elements(elements)
        }
        (Shape::Map, found) => Content::Map(
            found
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, v)| (name.clone(), path.member(name), v.clone()))
                .collect(),
        ),
        (Shape::Pairs, found) => Content::Map(found.map(|found| read_pairs(&path, found)).unwrap_or_default()),
        (Shape::Containers, found) => Content::Containers(found.cloned().unwrap_or(Value::Array(Vec::new()))),
    };
    Attribute { row, name: arg.name, path, content: read }
}

/// A list of `key`/`value` or `name`/`value` pairs as a map, sorted; a map as it is. Keys that begin with `aws:` never reach
/// state. What has no name, and a name that stands a second time, is `refusal`'s to tell.
fn read_pairs(path: &FieldPath, value: &Value) -> Vec<(String, FieldPath, Value)> {
    let text = |value: &Value| if value.is_null() { "".into() } else { value.clone() };
    let mut pairs: Vec<(String, FieldPath, Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, v)| (name.clone(), path.member(name), text(v))).collect(),
        list => children(path, list)
            .into_iter()
            .filter_map(|(path, pair)| {
                let Pair { name, members: [_, member], value } = Pair::read(pair)?;
                Some((name.to_owned(), path.member(member), text(value)))
            })
            .collect(),
    };
    pairs.retain(|(name, ..)| !name.starts_with("aws:"));
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    pairs.dedup_by(|later, first| later.0 == first.0);
    pairs
}

fn nested(row: &'static Row, block: Nested, base: &FieldPath, value: &Value, context: &Context<'_>) -> Attribute {
    if block.fixed {
        let empty = vec![(base.clone(), Vec::new())];
        return Attribute { row, name: block.name, path: base.clone(), content: Content::Blocks(empty) };
    }
    let (path, found) = find(block.member, base, value);
    let places: Vec<(FieldPath, &Value)> = match (block.many, found) {
        (Many::One, Some(found)) => vec![(path.clone(), found)],
        (Many::List | Many::Set, Some(found)) if found.is_array() => children(&path, found),
        (_, None) | (Many::List | Many::Set, Some(_)) => Vec::new(),
    };
    let blocks = places
        .into_iter()
        .filter(|(_, value)| value.is_object())
        .map(|(path, value)| {
            let items = rows(block.rows, &path, value, context);
            (path, items)
        })
        .collect();
    Attribute { row, name: block.name, path, content: Content::Blocks(blocks) }
}
