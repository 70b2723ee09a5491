//! Holds HCL to what a provider says of its arguments: each exists and can be set, has its type, the required ones are
//! there, and no block occurs too often.
// Failing loudly is what a test's own support is for.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use hcl::expr::{Expression, TraversalOperator};
use hcl::structure::{Block, Body};

use crate::facts::{Fact, Schema};

/// What a check found.
#[derive(Debug, Default)]
pub struct Findings {
    /// One line for each thing that is wrong, with its address.
    pub wrong: Vec<String>,
    /// Every argument and block that was written: (resource type, dotted argument).
    pub written: BTreeSet<(String, String)>,
}

struct Check<'a> {
    schema: &'a Schema,
    dialect: &'a str,
    resource: &'a str,
    address: String,
    out: &'a mut Findings,
}

/// Checks every `resource` block of one file.
pub fn check(schema: &Schema, dialect: &str, text: &str, out: &mut Findings) {
    let body = match hcl::parse(text) {
        Ok(body) => body,
        Err(error) => return out.wrong.push(format!("it does not parse: {error}")),
    };
    for block in body.blocks().filter(|block| block.identifier() == "resource") {
        let labels: Vec<&str> = block.labels().iter().map(hcl::BlockLabel::as_str).collect();
        let mut check = Check { schema, dialect, resource: labels[0], address: labels.join("."), out };
        if schema.of(dialect, labels[0]).next().is_none() {
            check.wrong("", "there is no such resource type");
            continue;
        }
        check.body(block.body(), "");
    }
}

fn join(around: &str, name: &str) -> String {
    if around.is_empty() { name.to_owned() } else { format!("{around}.{name}") }
}

impl Check<'_> {
    fn wrong(&mut self, argument: &str, what: &str) {
        self.out.wrong.push(format!("{} {argument}: {what}", self.address));
    }

    /// The facts of a name at some level, if it can be set; else says why not.
    fn settable(&mut self, path: &str) -> Option<Fact> {
        self.out.written.insert((self.resource.to_owned(), path.to_owned()));
        match self.schema.fact(self.dialect, self.resource, path) {
            None => self.wrong(path, "there is no such argument"),
            Some(fact) if !fact.is_settable() => self.wrong(path, "it is computed only"),
            Some(fact) => return Some(fact.clone()),
        }
        None
    }

    fn body(&mut self, body: &Body, around: &str) {
        let mut blocks: BTreeMap<&str, Vec<&Block>> = BTreeMap::new();
        for block in body.blocks() {
            blocks.entry(block.identifier()).or_default().push(block);
        }
        if around.is_empty()
            && let Some(lifecycle) = blocks.remove("lifecycle")
        {
            self.lifecycle(&lifecycle);
        }
        let mut written: BTreeSet<&str> = blocks.keys().copied().collect();
        for attribute in body.attributes() {
            let path = join(around, attribute.key());
            written.insert(attribute.key());
            let Some(fact) = self.settable(&path) else { continue };
            if fact.is_block() {
                self.wrong(&path, "it is a block");
            } else if !self.is_of(attribute.expr(), &fact.of) {
                self.wrong(&path, &format!("{} is not of type {}", attribute.expr(), fact.of));
            }
        }
        for (name, blocks) in &blocks {
            let path = join(around, name);
            let Some(fact) = self.settable(&path) else { continue };
            if !fact.is_block() {
                self.wrong(&path, "it is no block");
                continue;
            }
            let (max, count) = (if fact.of == "Single<block>" { 1 } else { fact.max }, blocks.len());
            if max > 0 && count > max || count < fact.min {
                self.wrong(&path, &format!("{count} blocks, {} to {max} are allowed", fact.min));
            }
            for block in blocks {
                self.body(block.body(), &path);
            }
        }
        let required = self.schema.of(self.dialect, self.resource).filter(|(_, fact)| fact.required);
        let missing: Vec<String> = required
            .map(|(argument, _)| (argument, argument.rsplit_once('.').unwrap_or(("", argument))))
            .filter(|(_, (up, name))| *up == around && !written.contains(name))
            .map(|(argument, _)| argument.to_owned())
            .collect();
        for argument in missing {
            self.wrong(&argument, "it is required");
        }
    }

    /// `ignore_changes` names arguments that can be set.
    fn lifecycle(&mut self, blocks: &[&Block]) {
        for attribute in blocks.iter().flat_map(|block| block.body().attributes()) {
            let Expression::Array(items) = attribute.expr() else {
                self.wrong("lifecycle", "only lists are written there");
                continue;
            };
            for item in items {
                let path = traversal(item).unwrap_or_default().join(".");
                if self.schema.fact(self.dialect, self.resource, &path).is_none_or(|fact| !fact.is_settable()) {
                    self.wrong("lifecycle", &format!("{path} is no argument"));
                }
            }
        }
    }

    fn is_of(&self, expression: &Expression, of: &str) -> bool {
        let inner = of.split_once('<').map(|(_, inner)| inner.trim_end_matches('>'));
        match expression {
            // What a reference gives is what its own attribute is; a variable and a data source are not known here.
            Expression::Traversal(_) | Expression::Variable(_) => {
                let names = traversal(expression).unwrap_or_default();
                match names.as_slice() {
                    [first, ..] if ["var", "local", "data"].contains(&first.as_str()) => true,
                    [resource, _, path @ ..] => {
                        let fact = self.schema.fact(self.dialect, resource, &path.join("."));
                        fact.is_some_and(|fact| fact.of == of)
                    }
                    _ => false,
                }
            }
            Expression::FuncCall(call) => match call.name.name.as_str() {
                "nonsensitive" => call.args.iter().all(|argument| self.is_of(argument, of)),
                "jsonencode" => of == "String",
                _ => false,
            },
            Expression::String(text) => match of {
                "String" => true,
                // The SDK keeps a number that may be absent as a text.
                "NullableInt" => text.parse::<i64>().is_ok(),
                "NullableFloat" => text.parse::<f64>().is_ok(),
                _ => false,
            },
            Expression::TemplateExpr(_) => of == "String",
            Expression::Number(number) => match of {
                "Int" => number.as_i64().is_some(),
                "Float" | "Number" => true,
                _ => false,
            },
            Expression::Bool(_) => of == "Bool",
            Expression::Array(items) => {
                (of.starts_with("Set<") || of.starts_with("List<"))
                    && inner.is_some_and(|inner| items.iter().all(|item| self.is_of(item, inner)))
            }
            Expression::Object(members) => of == "Map" && members.values().all(|value| self.is_of(value, "String")),
            _ => false,
        }
    }
}

/// The names of a traversal; indices fall away.
fn traversal(expression: &Expression) -> Option<Vec<String>> {
    match expression {
        Expression::Variable(name) => Some(vec![name.as_str().to_owned()]),
        Expression::Traversal(traversal) => {
            let Expression::Variable(first) = &traversal.expr else { return None };
            let steps = traversal.operators.iter().filter_map(|step| match step {
                TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
                _ => None,
            });
            Some(std::iter::once(first.as_str().to_owned()).chain(steps).collect())
        }
        _ => None,
    }
}
