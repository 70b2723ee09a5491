//! What is written of a resource's attributes: argument, reference, variable, comment, or nothing.

use std::cell::OnceCell;

use serde_json::Value;

use super::attributes::{Attribute, Attributes, Content};
use super::coverage::Note;
use super::dialect::Dialect;
use super::form::Form;
use super::hcl::{Block, Expr};
use super::mapping::{Arg, Context, Key, Literal, Row, Same, Target, What};
use super::refusal::ill_formed;
use super::types;
use crate::estate::{FieldPath, Kind, Scope};
use crate::secrets::{Masks, mask, redact};

/// An argument that the state holds and the HCL leaves out, with the rule that makes it harmless.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// For example `iam_role`, `deployment_configuration.strategy`.
    pub argument: String,
    /// Rule number of the provider's semantics and its words.
    pub rule: &'static str,
    /// The field it comes from.
    pub path: FieldPath,
}

/// A resource block and what it leaves out.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The `resource` block.
    pub block: Block,
    /// Arguments left out by rule.
    pub left: Vec<Left>,
}

/// An argument of `ignore_changes`, with the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// A traversal: `desired_count`, `configuration[0].execute_command_configuration[0].logging`.
    pub argument: String,
    /// Why.
    pub evidence: String,
}

/// What is gathered on the way through the attributes.
#[derive(Default)]
struct Gathered {
    left: Vec<Left>,
    ignored: Vec<Ignored>,
}

/// The values of the document's credentials, found when the first comment is written: most resources have none.
struct Known {
    kind: Kind,
    values: OnceCell<Vec<String>>,
}

/// Where in the resource an item stands: steps of names, put into words only where something is said of it.
#[derive(Clone, Copy, Default)]
struct At<'a> {
    around: Option<&'a At<'a>>,
    name: &'a str,
    /// Which of several blocks of the name.
    number: Option<usize>,
}

impl<'a> At<'a> {
    fn below(&'a self, name: &'a str) -> Self {
        Self { around: Some(self), name, number: None }
    }

    /// Its name for people: `configuration.execute_command_configuration`.
    fn argument(&self) -> String {
        self.text(&|_| String::new())
    }

    /// Its traversal for the engine: `configuration[0].execute_command_configuration`.
    fn traversal(&self) -> String {
        self.text(&|number| number.map_or_else(String::new, |number| format!("[{number}]")))
    }

    fn text(&self, number: &dyn Fn(Option<usize>) -> String) -> String {
        let around = self.around.map(|around| around.text(number)).unwrap_or_default();
        let dot = if around.is_empty() { "" } else { "." };
        format!("{around}{dot}{}{}", self.name, number(self.number))
    }
}

/// How the attributes of one resource are written.
pub struct Writer<'a> {
    /// For which generation of the provider.
    pub dialect: Dialect,
    /// Drop from container definitions what the provider treats as equal.
    pub concise: bool,
    /// The whole document.
    pub root: &'a Value,
    /// Account and region.
    pub scope: &'a Scope,
    /// The expression that names another resource of the export, when it is part of it.
    pub link: &'a dyn Fn(Target, &str, &str) -> Option<String>,
    /// The variable that stands for a text which is, or holds, the credential at a field; asked only for what is written.
    pub variable: &'a dyn Fn(&FieldPath, &str) -> Option<String>,
    /// True for a field that holds a credential.
    pub is_credential: &'a dyn Fn(&FieldPath) -> bool,
    /// What is written for a text that is neither linked nor a credential; `None` for the text itself.
    pub stand_in: &'a dyn Fn(&FieldPath, &str) -> Option<Expr>,
    /// The same for a list as a whole.
    pub stand_in_list: &'a dyn Fn(&FieldPath) -> Option<Expr>,
}

/// Longest value that a comment repeats, in characters.
const LONGEST: usize = 300;

/// Zero and absent are the same to the provider's SDK (rule 0.1).
pub fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(b) => !b,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.iter().all(is_zero),
        Value::Object(o) => o.values().all(is_zero),
    }
}

fn zero_of(default: Literal) -> Value {
    match default {
        Literal::None => Value::Null,
        Literal::Int(_) => 0.into(),
        Literal::Bool(_) => false.into(),
        Literal::Text(_) | Literal::Word(_) => "".into(),
    }
}

/// The same value; numbers by what they are, however they are written.
pub fn equal(a: &Value, b: &Value) -> bool {
    a == b || matches!((a.as_f64(), b.as_f64()), (Some(a), Some(b)) if a.total_cmp(&b).is_eq())
}

impl Writer<'_> {
    /// The `resource` block of a resource: comments, arguments, nested blocks, lifecycle.
    ///
    /// `notes` are the members that no argument can hold; `remarks` are comments of their own; `ignored` are the arguments
    /// of `ignore_changes`.
    pub fn resource(
        &self,
        attributes: &Attributes,
        label: &str,
        notes: &[Note],
        remarks: &[String],
        ignored: &[Ignored],
    ) -> Written {
        let mut block = Block::new("resource", &[attributes.map.terraform_type, label]);
        block.path = Some(FieldPath::root());
        for remark in remarks {
            block.comment(remark, None);
        }
        let known = Known { kind: attributes.map.kind, values: OnceCell::new() };
        for note in notes {
            let value = self.shown(&note.path, &note.value, &known);
            block.comment(&format!("not written: {} = {value} ({})", note.path, note.why), Some(note.path.clone()));
        }
        let mut gathered = Gathered::default();
        self.items(&At::default(), &attributes.items, &mut block, &mut gathered, &known);
        let Gathered { left, ignored: more } = gathered;
        let ignored: Vec<&Ignored> = ignored.iter().chain(&more).collect();
        if !ignored.is_empty() {
            let mut lifecycle = Block::new("lifecycle", &[]);
            for ignored in &ignored {
                lifecycle.comment(&format!("{}: {}", ignored.argument, ignored.evidence), None);
            }
            let names = ignored.iter().map(|ignored| Expr::raw(ignored.argument.clone())).collect();
            lifecycle.argument("ignore_changes", Expr::list(names));
            block.block(lifecycle);
        }
        Written { block, left }
    }

    fn context(&self) -> Context<'_> {
        Context { root: self.root, scope: self.scope, dialect: self.dialect }
    }

    /// A value as JSON on one line, without the credentials that stand in it and without those of other fields.
    fn shown(&self, path: &FieldPath, value: &Value, known: &Known) -> String {
        fn masked(writer: &Writer<'_>, path: &FieldPath, value: &Value) -> Value {
            match value {
                Value::String(text) if (writer.is_credential)(path) => mask(text).into(),
                Value::Array(items) => {
                    items.iter().enumerate().map(|(at, v)| masked(writer, &path.index(at), v)).collect()
                }
                Value::Object(members) => Value::Object(
                    members.iter().map(|(name, v)| (name.clone(), masked(writer, &path.member(name), v))).collect(),
                ),
                other => other.clone(),
            }
        }
        let values = known.values.get_or_init(|| Masks::of(known.kind, self.root).values(self.root));
        let text = redact(&masked(self, path, value).to_string(), values);
        let length = text.chars().count();
        if length <= LONGEST {
            return text;
        }
        let start: String = text.chars().take(LONGEST).collect();
        format!("{start} .. ({length} characters)")
    }

    fn items(&self, around: &At<'_>, items: &[Attribute], block: &mut Block, gathered: &mut Gathered, known: &Known) {
        for item in items {
            let at = around.below(item.name);
            if let Some(rule) = self.omitted(item) {
                if let Some(form) = self.refused(item) {
                    let value = self.root_value(&item.path, known);
                    let why = format!("not written: {} = {value} (the provider takes {form})", item.path);
                    block.comment(&why, Some(item.path.clone()));
                }
                if holds_value(item) {
                    gathered.left.push(Left { argument: at.argument(), rule, path: item.path.clone() });
                }
                continue;
            }
            match (&item.content, item.row.what) {
                (Content::Blocks(blocks), What::Block(nested)) => {
                    for (number, (path, inner)) in blocks.iter().enumerate() {
                        let mut below = Block::new(nested.name, &[]);
                        below.path = (!nested.fixed).then(|| path.clone());
                        let inside = At { number: Some(number), ..at };
                        let mut within = Gathered::default();
                        self.items(&inside, inner, &mut below, &mut within, known);
                        gathered.left.append(&mut within.left);
                        if !nested.suppressed || inner.iter().any(|i| is_significant(i) && self.omitted(i).is_none()) {
                            gathered.ignored.append(&mut within.ignored);
                            block.block(below);
                        }
                    }
                }
                (_, What::Arg(arg) | What::Naming(arg)) => {
                    if let Some(value) = self.argument(item, arg, &at, gathered) {
                        block.argument(item.name, value);
                    }
                }
                _ => {}
            }
        }
    }

    /// The rule by which an item is left out here.
    fn omitted(&self, item: &Attribute) -> Option<&'static str> {
        let omission = match item.row.what {
            What::Arg(arg) | What::Naming(arg) => arg.omit,
            What::Block(nested) => nested.omit,
            _ => None,
        };
        let ruled = omission.filter(|omission| (omission.when)(self.root, &self.context())).map(|o| o.rule);
        ruled.or_else(|| self.refused(item).map(|_| "4: Optional and Computed; the provider would refuse the value"))
    }

    /// The form that the value of an Optional and Computed argument lacks: it is left out, and nothing changes.
    fn refused(&self, item: &Attribute) -> Option<Form> {
        let What::Arg(arg) = item.row.what else { return None };
        ill_formed(item, arg, self.dialect).filter(|_| arg.computed).map(|(.., form)| form)
    }

    /// What the document says at a field, as a comment shows it.
    fn root_value(&self, path: &FieldPath, known: &Known) -> String {
        self.shown(path, path.get(self.root).unwrap_or(&Value::Null), known)
    }

    fn argument(&self, item: &Attribute, arg: Arg, at: &At<'_>, gathered: &mut Gathered) -> Option<Expr> {
        let path = item.path.clone();
        match &item.content {
            Content::Scalar(value) => {
                if let (Literal::Word(word), true) = (arg.default, is_zero(value)) {
                    // The provider fills its default in, and no empty value is valid (rule 0.2).
                    let evidence = format!("AWS does not say it, and the provider would say {word}");
                    gathered.ignored.push(Ignored { argument: at.traversal(), evidence });
                    return None;
                }
                self.scalar(&path, value, arg)
            }
            Content::Elements(elements) => {
                if elements.is_empty() && !arg.required {
                    return None;
                }
                if let Some(whole) = (self.stand_in_list)(&path) {
                    return Some(whole.at(path));
                }
                let items = elements.iter().map(|(path, v)| self.value(path, v, arg)).collect();
                Some(Expr::list(items).at(path))
            }
            Content::Map(entries) => {
                if entries.is_empty() && !arg.required {
                    return None;
                }
                let entries = entries.iter().map(|(name, path, v)| (name.clone(), self.value(path, v, arg))).collect();
                Some(Expr::object(entries).at(path))
            }
            Content::Containers(value) => {
                let containers = value.as_array().into_iter().flatten().enumerate();
                let items =
                    containers.map(|(at, container)| self.keys(&path.index(at), container, types::CONTAINER)).collect();
                Some(Expr::call("jsonencode", Expr::list(items).at(path.clone())).at(path))
            }
            Content::Blocks(_) => None,
        }
    }

    fn scalar(&self, path: &FieldPath, value: &Value, arg: Arg) -> Option<Expr> {
        let default = arg.default.value();
        let written = if arg.required && value.is_null() {
            zero_of(arg.default)
        } else if arg.required || arg.nullable && !value.is_null() {
            value.clone()
        } else if is_zero(value) {
            // The provider would fill in its default: say the zero value (rule 0.2).
            if is_zero(&default) {
                return None;
            }
            if value.is_null() { zero_of(arg.default) } else { value.clone() }
        } else if equal(value, &default) {
            return None;
        } else {
            value.clone()
        };
        Some(self.value(path, &written, arg))
    }

    fn value(&self, path: &FieldPath, value: &Value, arg: Arg) -> Expr {
        if let Value::String(text) = value {
            let linked = arg.target.and_then(|target| (self.link)(target, arg.name, text));
            if let Some(expression) = linked {
                return Expr::raw(expression).at(path.clone());
            }
        }
        self.leaf(path, value)
    }

    fn leaf(&self, path: &FieldPath, value: &Value) -> Expr {
        let text = match value {
            Value::String(text) => text,
            // Refused before it is written; where it is shown all the same, every string within is masked on its own.
            Value::Array(_) | Value::Object(_) => return self.keys(path, value, &[]),
            _ => return Expr::value(value.clone()).at(path.clone()),
        };
        if let Some(variable) = (self.variable)(path, text) {
            // A sensitive value inside an argument is a change on import; the mark is taken off here (rule 0.12).
            return Expr::raw(format!("nonsensitive(var.{variable})")).at(path.clone());
        }
        (self.stand_in)(path, text).unwrap_or_else(|| Expr::text(text)).at(path.clone())
    }

    fn keys(&self, path: &FieldPath, value: &Value, rows: &'static [Row]) -> Expr {
        match value {
            Value::Object(members) if !rows.is_empty() => {
                let entries = members.iter().filter_map(|(name, child)| {
                    let key = rows.iter().find_map(|row| match row.what {
                        What::Key(key) if key.member == name => Some(key),
                        _ => None,
                    })?;
                    if self.concise && self.is_same_as_absent(key, child, value) {
                        return None;
                    }
                    Some((name.clone(), self.keys(&path.member(name), child, key.rows)))
                });
                Expr::object(entries.collect()).at(path.clone())
            }
            Value::Object(members) => {
                let entries = members.iter().map(|(name, v)| (name.clone(), self.keys(&path.member(name), v, rows)));
                Expr::object(entries.collect()).at(path.clone())
            }
            Value::Array(items) => {
                let items = items.iter().enumerate().map(|(at, v)| self.keys(&path.index(at), v, rows));
                Expr::list(items.collect()).at(path.clone())
            }
            scalar => self.leaf(path, scalar),
        }
    }

    /// What the provider's own equivalence makes equal to an absent key, and nothing else.
    fn is_same_as_absent(&self, key: Key, value: &Value, parent: &Value) -> bool {
        let awsvpc = self.root.get("networkMode").and_then(Value::as_str) == Some("awsvpc");
        // Lists of empty objects are kept, as limits of 0 are: who reads the code should see them.
        let says_nothing = key.same != Same::Unset && value.as_array().is_none_or(Vec::is_empty);
        says_nothing && key.is_absent(value, parent.get("containerPort"), self.dialect, awsvpc)
    }
}

/// True when the state holds something for an attribute.
fn holds_value(item: &Attribute) -> bool {
    match &item.content {
        Content::Scalar(value) => !is_zero(value),
        _ => is_significant(item),
    }
}

/// True when an attribute holds a value that is neither zero nor its default.
fn is_significant(item: &Attribute) -> bool {
    match &item.content {
        Content::Scalar(value) => {
            let default = match item.row.what {
                What::Arg(arg) => arg.default.value(),
                _ => Value::Null,
            };
            !is_zero(value) && !equal(value, &default)
        }
        Content::Elements(elements) => !elements.is_empty(),
        Content::Map(entries) => !entries.is_empty(),
        Content::Containers(_) => true,
        Content::Blocks(blocks) => blocks.iter().any(|(_, inner)| inner.is_empty() || inner.iter().any(is_significant)),
    }
}
