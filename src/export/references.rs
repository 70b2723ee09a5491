//! How that is written which an export names and does not import: as AWS says it, looked up, or as a variable.
//!
//! A thing that several resources name is declared once. A list of subnets or security groups becomes one variable: that
//! is how modules and people pass a network around, and one default shows which subnets belong together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::lookup::{Lookup, Piece};
use super::names;
use super::options::{Mode, Options};
use super::portable::{self, Portable};
use crate::estate::{Arn, FieldPath, ReferenceKind, ResourceId, Scope, Trail, follow};
use crate::terraform::hcl::{Block, Expr, Part};
use crate::terraform::{Attribute, Attributes, Content};

/// A resource whose references are named.
pub(super) struct User<'a> {
    pub id: &'a ResourceId,
    pub label: &'a str,
    pub document: &'a Value,
    pub attributes: &'a [Attributes],
    /// The fields that hold credentials: those never become a default, nor a key to look up.
    pub credentials: &'a dyn Fn(&FieldPath) -> bool,
}

/// How one field that names something is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it names.
    pub kind: ReferenceKind,
    /// As it was chosen, or a literal when that cannot be.
    pub mode: Mode,
    /// `data.aws_iam_role.web`, `var.role_web`; `None` for a literal.
    pub address: Option<String>,
    /// Why it is not written as chosen.
    pub why: Option<String>,
    /// What stands in the code; empty for the text itself.
    pub(super) parts: Vec<Part>,
}

/// What must stand in `data.tf` or `variables.tf`, when it is used.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Declared {
    /// A data source, with the argument that identifies the thing.
    Data { source: &'static str, label: String, argument: Option<(&'static str, Vec<Part>)> },
    /// A variable with its default: a text or a list of texts.
    Variable { name: String, kind: ReferenceKind, default: Value },
}

/// The references of a plan.
#[derive(Debug, Clone, Default)]
pub(super) struct References {
    fields: BTreeMap<ResourceId, BTreeMap<FieldPath, Named>>,
    /// Lists that are one variable.
    lists: BTreeMap<ResourceId, BTreeMap<FieldPath, Named>>,
    /// By address.
    declared: BTreeMap<String, Declared>,
    portable: Option<Portable>,
}

/// What a variable stands for: two fields that say the same share it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    One(ReferenceKind, String),
    List(ReferenceKind, Vec<String>),
}

/// A field that names something: whose, which, what, and how it would be written.
type Wished<'a> = (&'a ResourceId, FieldPath, ReferenceKind, Wish);

/// How a field would be written, before there are names.
enum Wish {
    Literal { why: Option<String> },
    Data(Lookup),
    Variable { base: String, tail: String },
}

impl References {
    /// Names all that the users name, each kind as it was chosen. `is_variable` says which names of variables are gone.
    pub fn of(users: &[User<'_>], options: &Options, is_variable: &dyn Fn(&str) -> bool) -> Self {
        let taken = |address: &str| options.taken.as_ref().is_some_and(|taken| taken.addresses.contains(address));
        let mut references = Self::default();
        let Some(scope) = users.first().map(|user| &user.id.scope) else { return references };
        if options.portable {
            references.declare_portable(scope, options, &taken);
        }
        let mut wishes: Vec<Wished<'_>> = Vec::new();
        let mut lists: Vec<(&User<'_>, FieldPath, ReferenceKind, Vec<String>)> = Vec::new();
        for user in users {
            let mut found = Found::default();
            user.attributes.iter().for_each(|attributes| found.visit(&attributes.items));
            found.fields.retain(|(path, ..)| !(user.credentials)(path));
            found.lists.retain(|(path, kind, _)| options.mode(*kind) == Mode::Variable && !(user.credentials)(path));
            let whole: BTreeSet<FieldPath> = found.lists.iter().map(|(path, ..)| path.clone()).collect();
            lists.extend(found.lists.into_iter().map(|(path, kind, texts)| (user, path, kind, texts)));
            for (path, kind, text) in found.fields {
                if whole.is_empty() || path.parent().is_none_or(|list| !whole.contains(&list)) {
                    let wish = wish(kind, &path, text, user, options);
                    wishes.push((user.id, path, kind, wish));
                }
            }
        }
        references.declare_data(&wishes, &taken);
        references.declare_variables(&wishes, &lists, &|name| is_variable(name) || taken(&format!("var.{name}")));
        references
    }

    fn declare_portable(&mut self, scope: &Scope, options: &Options, taken: &dyn Fn(&str) -> bool) {
        let mut labels: BTreeMap<&str, String> = BTreeMap::new();
        for source in portable::SOURCES {
            let wish = [(source, vec!["current".to_owned(), "export".to_owned()], source)];
            let is_taken = |label: &str| taken(&format!("data.{source}.{label}"));
            let label = names::settle(wish, BTreeSet::new(), &is_taken).remove(source).unwrap_or_default();
            let declared = Declared::Data { source, label: label.clone(), argument: None };
            self.declared.insert(format!("data.{source}.{label}"), declared);
            labels.insert(source, label);
        }
        self.portable = Some(Portable::new(scope, options.dialect, |source| labels[source].clone()));
    }

    fn declare_data(&mut self, wishes: &[Wished<'_>], taken: &dyn Fn(&str) -> bool) {
        let mut lookups: BTreeMap<&str, BTreeMap<&str, &Lookup>> = BTreeMap::new();
        for (.., wish) in wishes {
            if let Wish::Data(lookup) = wish {
                lookups.entry(lookup.source).or_default().insert(&lookup.key, lookup);
            }
        }
        let mut labels: BTreeMap<(&str, &str), String> = BTreeMap::new();
        for (source, things) in &lookups {
            let wishes = things
                .iter()
                .map(|(key, lookup)| (*key, lookup.names().iter().map(|name| names::identifier(name)).collect(), *key));
            let named = names::settle(wishes, BTreeSet::new(), &|label| taken(&format!("data.{source}.{label}")));
            for (key, label) in named {
                let lookup = things[key];
                let parts = self.parts_of(&FieldPath::root(), key);
                let argument = Some((lookup.argument, parts));
                let declared = Declared::Data { source: lookup.source, label: label.clone(), argument };
                self.declared.insert(format!("data.{source}.{label}"), declared);
                labels.insert((source, key), label);
            }
        }
        for (id, path, kind, wish) in wishes {
            let named = match wish {
                Wish::Literal { why } => {
                    Named { kind: *kind, mode: Mode::Literal, address: None, why: why.clone(), parts: Vec::new() }
                }
                Wish::Data(lookup) => {
                    let label = labels.get(&(lookup.source, lookup.key.as_str())).cloned().unwrap_or_default();
                    let address = format!("data.{}.{label}", lookup.source);
                    let pieces = lookup.pieces.iter();
                    let parts = pieces.map(|piece| match piece {
                        Piece::Attribute(name) => Part::Value(format!("{address}.{name}")),
                        Piece::Text(text) => Part::Text(text.clone()),
                    });
                    let parts = parts.collect();
                    Named { kind: *kind, mode: Mode::Data, address: Some(address), why: None, parts }
                }
                Wish::Variable { .. } => continue,
            };
            self.fields.entry((*id).clone()).or_default().insert(path.clone(), named);
        }
    }

    fn declare_variables(
        &mut self,
        wishes: &[Wished<'_>],
        lists: &[(&User<'_>, FieldPath, ReferenceKind, Vec<String>)],
        is_taken: &dyn Fn(&str) -> bool,
    ) {
        let mut things: BTreeMap<Thing, Vec<String>> = BTreeMap::new();
        for (.., kind, wish) in wishes {
            if let Wish::Variable { base, .. } = wish {
                things.entry(Thing::One(*kind, base.clone())).or_insert_with(|| variable_names(*kind, base));
            }
        }
        for (user, _, kind, texts) in lists {
            let plural = format!("{}s", kind.word().replace(' ', "_"));
            let wishes = || vec![plural.clone(), names::identifier(&format!("{}_{plural}", user.label))];
            things.entry(Thing::List(*kind, texts.clone())).or_insert_with(wishes);
        }
        let identities: Vec<(Thing, Vec<String>, String)> = things
            .into_iter()
            .map(|(thing, wishes)| {
                let identity = match &thing {
                    Thing::One(_, text) => text.clone(),
                    Thing::List(_, texts) => texts.join("\n"),
                };
                (thing, wishes, identity)
            })
            .collect();
        let wanted = identities.iter().map(|(thing, wishes, identity)| (thing, wishes.clone(), identity.as_str()));
        let named = names::settle(wanted, BTreeSet::new(), is_taken);
        for (thing, name) in &named {
            let (kind, default) = match thing {
                Thing::One(kind, text) => (*kind, Value::from(text.as_str())),
                Thing::List(kind, texts) => (*kind, Value::from(texts.clone())),
            };
            let declared = Declared::Variable { name: name.clone(), kind, default };
            self.declared.insert(format!("var.{name}"), declared);
        }
        for (id, path, kind, wish) in wishes {
            let Wish::Variable { base, tail } = wish else { continue };
            let Some(name) = named.get(&Thing::One(*kind, base.clone())) else { continue };
            let address = format!("var.{name}");
            let parts = vec![Part::Value(address.clone()), Part::Text(tail.clone())];
            let named = Named { kind: *kind, mode: Mode::Variable, address: Some(address), why: None, parts };
            self.fields.entry((*id).clone()).or_default().insert(path.clone(), named);
        }
        for (user, path, kind, texts) in lists {
            let Some(name) = named.get(&Thing::List(*kind, texts.clone())) else { continue };
            let address = format!("var.{name}");
            let parts = vec![Part::Value(address.clone())];
            let named = Named { kind: *kind, mode: Mode::Variable, address: Some(address), why: None, parts };
            self.lists.entry(user.id.clone()).or_default().insert(path.clone(), named);
        }
    }

    /// A text in pieces: account and region apart, when the export is portable.
    fn parts_of(&self, path: &FieldPath, text: &str) -> Vec<Part> {
        let portable = self.portable.as_ref().and_then(|portable| portable.parts(path, text));
        portable.unwrap_or_else(|| vec![Part::Text(text.to_owned())])
    }

    /// The references of one resource.
    pub fn of_resource(&self, id: &ResourceId) -> OfResource<'_> {
        OfResource { all: self, fields: self.fields.get(id), lists: self.lists.get(id) }
    }

    /// What must be declared under an address.
    pub fn declared(&self, address: &str) -> Option<&Declared> {
        self.declared.get(address)
    }
}

/// The references of one resource: every text of it asks.
#[derive(Clone, Copy)]
pub(super) struct OfResource<'a> {
    all: &'a References,
    fields: Option<&'a BTreeMap<FieldPath, Named>>,
    lists: Option<&'a BTreeMap<FieldPath, Named>>,
}

impl<'a> OfResource<'a> {
    /// How a field that names something is written.
    pub fn named(&self, path: &FieldPath) -> Option<&'a Named> {
        self.fields?.get(path)
    }

    /// The variable that stands for a whole list.
    pub fn list(&self, path: &FieldPath) -> Option<&'a Named> {
        self.lists?.get(path)
    }

    /// What stands for the text of a field, and which declarations that needs; `None` for the text itself.
    pub fn stand_in(&self, path: &FieldPath, text: &str) -> Option<(Expr, BTreeSet<String>)> {
        let named = self.named(path);
        let parts = match named {
            Some(named) if !named.parts.is_empty() => named.parts.clone(),
            _ => self.all.parts_of(path, text),
        };
        let why = named.and_then(|named| named.why.as_ref());
        if why.is_none() && matches!(parts.as_slice(), [Part::Text(part)] if part == text) {
            return None;
        }
        let mut needs = portable::sources(&parts);
        needs.extend(named.and_then(|named| named.address.clone()));
        for address in needs.clone() {
            if let Some(Declared::Data { argument: Some((_, parts)), .. }) = self.all.declared(&address) {
                needs.extend(portable::sources(parts));
            }
        }
        let expr = Expr::template(&parts);
        let expr = match why {
            Some(why) => expr.remark(format!("{path} stays a literal: {why}")),
            None => expr,
        };
        Some((expr, needs))
    }
}

/// How a field is to be written, as it was chosen for its kind.
fn wish(kind: ReferenceKind, path: &FieldPath, text: &str, user: &User<'_>, options: &Options) -> Wish {
    match options.mode(kind) {
        Mode::Literal => Wish::Literal { why: None },
        Mode::Data => match Lookup::of(kind, path, text, user.document, &user.id.scope) {
            Ok(lookup) => Wish::Data(lookup),
            Err(why) => Wish::Literal { why: Some(why) },
        },
        Mode::Variable => {
            let (base, tail) = if kind == ReferenceKind::Secret { split_secret(text) } else { (text, "") };
            Wish::Variable { base: base.into(), tail: tail.into() }
        }
    }
}

/// The ARN of a secret, and what follows it: `:password::`.
fn split_secret(text: &str) -> (&str, &str) {
    let colon = text.match_indices(':').nth(6).map(|(at, _)| at);
    colon.filter(|_| text.starts_with("arn:")).map_or((text, ""), |at| text.split_at(at))
}

/// The names that suit a variable, best first.
fn variable_names(kind: ReferenceKind, text: &str) -> Vec<String> {
    let arn = Arn::parse(text);
    // Whose it is does not matter to a name.
    let scope = arn.map_or_else(|| Scope::new("", "", ""), |arn| Scope::new(arn.partition, arn.account, arn.region));
    let last = arn.map_or(text, |arn| arn.resource.strip_prefix("secret:").unwrap_or_else(|| arn.name()));
    let short = Lookup::of(kind, &FieldPath::root(), text, &Value::Null, &scope)
        .map_or_else(|_| vec![last.trim_start_matches('/').to_owned()], |lookup| lookup.names());
    let prefix = format!("{}_", kind.word().replace(' ', "_"));
    let prefixed = |name: &str| if name.starts_with(&prefix) { name.to_owned() } else { format!("{prefix}{name}") };
    short.iter().map(String::as_str).chain([text]).map(|name| names::identifier(&prefixed(name))).collect()
}

/// The texts of a resource's attributes that name something, each with its field.
#[derive(Default)]
struct Found<'a> {
    fields: Vec<(FieldPath, ReferenceKind, &'a str)>,
    /// Lists of texts alone; what the first names decides.
    lists: Vec<(FieldPath, ReferenceKind, Vec<String>)>,
}

impl<'a> Found<'a> {
    fn visit(&mut self, items: &'a [Attribute]) {
        for item in items {
            match &item.content {
                Content::Scalar(value) => self.value(&Trail::From(&item.path), value),
                Content::Elements(elements) => {
                    for (path, value) in elements {
                        self.value(&Trail::From(path), value);
                    }
                    self.list(&item.path, elements);
                }
                Content::Map(entries) => {
                    for (_, path, value) in entries {
                        self.value(&Trail::From(path), value);
                    }
                }
                Content::Containers(value) => {
                    follow(&Trail::From(&item.path), value, &mut |trail, value| self.value(trail, value));
                }
                Content::Blocks(blocks) => blocks.iter().for_each(|(_, inner)| self.visit(inner)),
            }
        }
    }

    fn value(&mut self, trail: &Trail<'_>, value: &'a Value) {
        let Value::String(text) = value else { return };
        if let Some(kind) = ReferenceKind::of_names(trail.names(), text) {
            self.fields.push((trail.path(), kind, text));
        }
    }

    fn list(&mut self, path: &FieldPath, elements: &[(FieldPath, Value)]) {
        let first = elements.first().and_then(|(_, value)| value.as_str());
        let Some(kind) = first.and_then(|text| ReferenceKind::of(path, text)) else { return };
        let texts: Option<Vec<String>> = elements.iter().map(|(_, value)| value.as_str().map(str::to_owned)).collect();
        self.lists.extend(texts.map(|texts| (path.clone(), kind, texts)));
    }
}

impl Declared {
    /// Its block. `users` are the fields that use it, as `FIELD of ADDRESS`.
    pub fn block(&self, users: &[String]) -> Block {
        match self {
            Self::Data { source, label, argument } => {
                let mut block = Block::new("data", &[source, label]);
                if *source == "aws_ssm_parameter" {
                    block.comment(
                        "Reading a parameter puts its value into the state. A SecureString stays encrypted there.",
                        None,
                    );
                }
                if let Some((name, parts)) = argument {
                    block.argument(name, Expr::template(parts));
                }
                if *source == "aws_ssm_parameter" {
                    block.argument("with_decryption", Expr::value(false.into()));
                }
                block
            }
            Self::Variable { name, kind, default } => {
                let mut block = Block::new("variable", &[name]);
                let more = match users.len() {
                    0 | 1 => String::new(),
                    count => format!(" and {} more", count - 1),
                };
                let first = users.first().map_or("", String::as_str);
                block.argument("description", Expr::text(&format!("{}: {first}{more}", kind.word())));
                let (of, default) = match default {
                    Value::Array(texts) => {
                        ("list(string)", Expr::list(texts.iter().cloned().map(Expr::value).collect()))
                    }
                    text => ("string", Expr::value(text.clone())),
                };
                block.argument("type", Expr::raw(of));
                block.argument("default", default);
                block
            }
        }
    }
}
