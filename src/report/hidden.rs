//! The credentials that stand in the files of an earlier export, wherever somebody has put them: they are masked in a
//! diff, and what cannot be read well enough to find them is not shown.
//!
//! A value is hidden when it belongs to something that the code calls sensitive, when its name and shape say that it is a
//! credential, or when its text holds one. JSON texts within strings are read like the code around them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hcl::expr::{Operation, TemplateExpr, TraversalOperator};
use hcl::template::Element;
use hcl::{Expression, Template};
use serde_json::{Map, Value, json};

use crate::estate::Kind;
use crate::secrets::{classify, forms, scan};

/// A line of a credential that is shorter than this many bytes is no credential by itself.
const SHORTEST: usize = 4;

/// What was found in some files.
#[derive(Debug, Default)]
pub struct Hidden {
    /// The values, in every form in which they may be printed. Handle with care: keep, never print.
    pub values: Vec<String>,
    /// Files that could not be read in full.
    pub unread: BTreeSet<String>,
}

/// What has to be hidden of these files: code, values of variables, JSON, choices; of any other its lines.
pub fn hidden(files: &BTreeMap<String, String>) -> Hidden {
    let mut found = Hidden::default();
    let mut bodies = BTreeMap::new();
    for (name, text) in files {
        let read = match kind(name) {
            Text::Code | Text::Values => hcl::parse(text).ok().filter(|_| !is_uneven(text)).map(|body| {
                bodies.insert(name, body);
            }),
            Text::Json => serde_json::from_str::<Value>(text).ok().map(|value| found.document(&value)),
            Text::Toml => toml::from_str::<Value>(text).ok().map(|value| found.document(&value)),
            Text::Free => Some(()),
        };
        if read.is_none() {
            found.unread.insert(name.clone());
        }
        if matches!(kind(name), Text::Code | Text::Values) {
            // The parser tells of all but the comments.
            comments(text).for_each(|comment| found.free(comment));
        } else {
            found.free(text);
        }
    }
    let code = || bodies.iter().filter(|(name, _)| kind(name) == Text::Code);
    // A variable that no code declares may hold anything.
    let plain: BTreeSet<String> = code()
        .flat_map(|(_, body)| {
            body.blocks().filter(|block| block.identifier() == "variable" && !is_sensitive(block.body()))
        })
        .filter_map(|block| block.labels().first().map(|label| label.as_str().to_owned()))
        .collect();
    for (name, body) in &bodies {
        let mut is_whole = true;
        let value = found.body(body, &mut is_whole);
        match kind(name) {
            Text::Values => found.assigned(&value, &plain),
            _ => found.document(&value),
        }
        if !is_whole {
            found.unread.insert((*name).clone());
        }
    }
    for (_, text) in files.iter().filter(|(name, _)| name.ends_with(".tfvars.json")) {
        found.assigned(&serde_json::from_str(text).unwrap_or_default(), &plain);
    }
    found.values.retain(|value| !value.trim().is_empty());
    found.values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    found.values.dedup();
    found
}

/// True when a line of an indented heredoc is less indented than its first: hcl-rs cuts such lines, and the text that it
/// gives is not the one in the file.
fn is_uneven(text: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((_, end)) = line.rsplit_once("<<-") else { continue };
        let inner: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != end.trim()).collect();
        let first = inner.first().map_or(0, |line| indent(line));
        if inner.iter().any(|line| !line.trim().is_empty() && indent(line) < first) {
            return true;
        }
    }
    false
}

/// What may be a comment: a line from its sign on, and every line where there are comments of more than one.
fn comments(text: &str) -> impl Iterator<Item = &str> {
    let all = text.contains("/*");
    text.lines().filter_map(move |line| {
        let at = if all { Some(0) } else { [line.find('#'), line.find("//")].into_iter().flatten().min() };
        at.and_then(|at| line.get(at..))
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Code,
    Values,
    Json,
    Toml,
    Free,
}

fn kind(name: &str) -> Text {
    match Path::new(name).extension().and_then(|end| end.to_str()) {
        Some("tf") => Text::Code,
        Some("tfvars") => Text::Values,
        Some("json") => Text::Json,
        Some("toml") => Text::Toml,
        _ => Text::Free,
    }
}

/// What is not `sensitive = false`, when it says anything at all, is sensitive.
fn is_sensitive(body: &hcl::Body) -> bool {
    let said = body.attributes().find(|attribute| attribute.key() == "sensitive");
    said.is_some_and(|attribute| *attribute.expr() != Expression::Bool(false))
}

impl Hidden {
    /// A credential, in every form in which a file may hold it: an escaped text may stand within a quoted one.
    fn tell(&mut self, text: &str) {
        self.values.extend(forms(text).iter().flat_map(|form| forms(form)));
        // A heredoc indents its lines.
        if text.trim().contains('\n') {
            let lines = text.lines().map(str::trim).filter(|line| line.len() >= SHORTEST);
            self.values.extend(lines.flat_map(forms));
        }
    }

    /// All that a value holds, whatever it is called.
    fn all(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.tell(text),
            Value::Number(number) => self.values.push(number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| self.all(item)),
            Value::Object(members) => members.values().for_each(|item| self.all(item)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Values of variables.
    fn assigned(&mut self, values: &Value, plain: &BTreeSet<String>) {
        let values_of = values.as_object().into_iter().flatten();
        values_of.filter(|(name, _)| !plain.contains(*name)).for_each(|(_, value)| self.all(value));
        self.document(values);
    }

    /// The lines of a text, and the text: a key has many lines.
    fn free(&mut self, text: &str) {
        for part in text.lines().chain([text]) {
            self.scanned(&json!(part));
        }
    }

    fn scanned(&mut self, value: &Value) {
        for hit in scan(Kind::TaskDefinition, value) {
            let Some(text) = hit.path.get(value).and_then(Value::as_str) else { continue };
            hit.spans.iter().filter_map(|span| text.get(span.clone())).for_each(|part| self.tell(part));
        }
    }

    /// The credentials of names and values, at any depth, and of the JSON texts within.
    fn document(&mut self, value: &Value) {
        self.scanned(value);
        self.named("", value);
    }

    fn named(&mut self, called: &str, value: &Value) {
        match value {
            Value::String(text) => {
                if classify(called, text).is_some_and(|_| !called.is_empty()) {
                    self.tell(text);
                }
                if let Some(inner) = json_within(text) {
                    self.document(&inner);
                } else if text.contains('\n') {
                    self.free(text);
                }
            }
            // A number is a password when its name says so: a PIN, a key of digits.
            Value::Number(number) if classify(called, &number.to_string()).is_some() => {
                self.values.push(number.to_string());
            }
            Value::Array(items) => items.iter().for_each(|item| self.named(called, item)),
            Value::Object(members) => {
                let of = |key: &str| members.get(key).and_then(Value::as_str);
                let named = of("name").or_else(|| of("key")).or_else(|| of("Name")).or_else(|| of("Key"));
                for (name, item) in members {
                    let is_value = matches!(name.as_str(), "value" | "Value" | "default");
                    self.named(named.filter(|_| is_value).unwrap_or(name), item);
                }
            }
            _ => {}
        }
    }

    /// A body as JSON: blocks are lists below their word, and each has its last label as its name.
    fn body(&mut self, body: &hcl::Body, is_whole: &mut bool) -> Value {
        let mut members = Map::new();
        for attribute in body.attributes() {
            let value = self.expression(attribute.expr(), is_whole);
            if is_sensitive(body) && matches!(attribute.key(), "default" | "value") {
                self.all(&value);
            }
            members.insert(attribute.key().to_owned(), value);
        }
        for block in body.blocks() {
            let mut inner = self.body(block.body(), is_whole);
            if let (Value::Object(inner), Some(label)) = (&mut inner, block.labels().last()) {
                inner.entry("name").or_insert_with(|| label.as_str().into());
            }
            let list = members.entry(block.identifier().to_owned()).or_insert_with(|| json!([]));
            match list {
                Value::Array(items) => items.push(inner),
                other => *other = json!([other.take(), inner]),
            }
        }
        Value::Object(members)
    }

    /// An expression as JSON. What is made of others is a list of them.
    fn expression(&mut self, expression: &Expression, is_whole: &mut bool) -> Value {
        let mut list =
            |all: &[&Expression]| -> Value { all.iter().map(|one| self.expression(one, is_whole)).collect() };
        match expression {
            Expression::Bool(is) => (*is).into(),
            Expression::Number(number) => json!(number),
            Expression::String(text) => {
                *is_whole &= json_within(text).is_some() || !looks_like_json(text);
                text.as_str().into()
            }
            Expression::Array(items) => list(&items.iter().collect::<Vec<_>>()),
            Expression::Object(members) => {
                let mut all = Map::new();
                for (key, value) in members {
                    all.insert(key_text(key), self.expression(value, is_whole));
                }
                Value::Object(all)
            }
            Expression::TemplateExpr(template) => self.template(template, is_whole),
            Expression::FuncCall(call) => {
                let arguments = list(&call.args.iter().collect::<Vec<_>>());
                if call.name.name.as_str() == "sensitive" {
                    self.all(&arguments);
                }
                match arguments {
                    Value::Array(mut items) if items.len() == 1 => items.remove(0),
                    other => other,
                }
            }
            Expression::Parenthesis(inner) => self.expression(inner, is_whole),
            Expression::Conditional(one) => list(&[&one.cond_expr, &one.true_expr, &one.false_expr]),
            Expression::Operation(operation) => match &**operation {
                Operation::Unary(unary) => list(&[&unary.expr]),
                Operation::Binary(binary) => list(&[&binary.lhs_expr, &binary.rhs_expr]),
            },
            Expression::ForExpr(each) => {
                let parts = [&each.collection_expr, &each.value_expr].into_iter();
                list(&parts.chain(&each.key_expr).chain(&each.cond_expr).collect::<Vec<_>>())
            }
            Expression::Traversal(path) if !matches!(path.expr, Expression::Variable(_)) => {
                let keys = path.operators.iter().filter_map(|operator| match operator {
                    TraversalOperator::Index(key) => Some(key),
                    _ => None,
                });
                list(&[&path.expr].into_iter().chain(keys).collect::<Vec<_>>())
            }
            // A name holds nothing.
            _ => Value::Null,
        }
    }

    /// A text with interpolations: the text, and what stands in them.
    fn template(&mut self, template: &TemplateExpr, is_whole: &mut bool) -> Value {
        let Ok(parsed) = Template::from_expr(template) else {
            *is_whole = false;
            return Value::Null;
        };
        let (mut source, mut literal, mut parts) = (String::new(), String::new(), Vec::new());
        for element in parsed.elements() {
            match element {
                Element::Literal(text) => [&mut source, &mut literal].into_iter().for_each(|out| out.push_str(text)),
                Element::Interpolation(inner) => {
                    source.push_str("${x}");
                    // A number stands where JSON has a text or a value.
                    literal.push('0');
                    parts.push(self.expression(&inner.expr, is_whole));
                }
                // What is repeated or chosen is not followed.
                Element::Directive(_) => *is_whole = false,
            }
        }
        match json_within(&literal) {
            Some(inner) => self.document(&inner),
            None => *is_whole &= !looks_like_json(&source),
        }
        if parts.is_empty() {
            return source.into();
        }
        parts.insert(0, source.into());
        Value::Array(parts)
    }
}

/// The JSON document that a text is.
fn json_within(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// True for what begins as a JSON document with something in it.
fn looks_like_json(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).take(2).collect();
    matches!(text.as_str(), "{\"" | "[{" | "[\"" | "[[")
}

fn key_text(key: &hcl::ObjectKey) -> String {
    match key {
        hcl::ObjectKey::Identifier(name) => name.to_string(),
        hcl::ObjectKey::Expression(Expression::String(name)) => name.clone(),
        other => other.to_string(),
    }
}
