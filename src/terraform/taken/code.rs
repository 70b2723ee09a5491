//! Reads the code of a root module: HCL, its JSON syntax, override files, `.tofu` files and the lock file.

use std::collections::BTreeMap;
use std::path::Path;

use hcl::{Block, Body, Expression};
use serde_json::Value;

use super::identity::{self, Identity};
use super::provider;
use super::{Backend, ImportBlock, InCode, Taken};

/// The file in which the engines keep which provider versions they have chosen.
pub const LOCK_FILE: &str = ".terraform.lock.hcl";

/// A file that is no code. Nothing of its text is repeated: it may hold anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {why}")]
pub struct BadFile {
    /// Its name.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// What was expected.
    pub why: String,
}

/// True for the name of a file that an engine reads as code of a module.
pub fn is_code(name: &str) -> bool {
    let hidden = name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#');
    !hidden && stem(name).is_some()
}

/// A name without the ending that makes it code, and whether the file is in JSON syntax.
fn stem(name: &str) -> Option<(&str, bool)> {
    [(".tf.json", true), (".tofu.json", true), (".tf", false), (".tofu", false)]
        .into_iter()
        .find_map(|(ending, json)| Some((name.strip_suffix(ending)?, json)))
}

/// True for the name of a file of values that an engine reads by itself.
pub fn is_values(name: &str) -> bool {
    let is_auto = name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json");
    is_auto || ["terraform.tfvars", "terraform.tfvars.json"].contains(&name)
}

/// See [`Taken::read`].
pub(super) fn read(files: &BTreeMap<String, String>) -> Result<Taken, BadFile> {
    let mut taken = Taken { files: files.keys().cloned().collect(), ..Taken::default() };
    // Override files are merged into the others: they come last, as for the engines.
    let is_override = |stem: &str| stem == "override" || stem.ends_with("_override");
    let mut code: Vec<(bool, &String, &String)> = files
        .iter()
        .filter(|(name, _)| is_code(name))
        .filter_map(|(name, text)| Some((is_override(stem(name)?.0), name, text)))
        .collect();
    code.sort();
    for (_, name, text) in code {
        for block in parse(name, text)? {
            taken.add(name, &block);
        }
    }
    taken.settle_values(files);
    taken.settle_regions();
    if let Some(text) = files.get(LOCK_FILE) {
        let chosen = parse(LOCK_FILE, text)?.into_iter().find(|block| {
            block.identifier() == "provider" && label(block, 0).is_some_and(|source| source.ends_with("/hashicorp/aws"))
        });
        taken.locked = chosen.and_then(|block| literal(argument(block.body(), "version")?));
    }
    Ok(taken)
}

fn parse(name: &str, text: &str) -> Result<Vec<Block>, BadFile> {
    let text = text.trim_start_matches('\u{feff}');
    let bad = |line: usize, why: String| BadFile { file: name.to_owned(), line, why };
    if stem(name).is_some_and(|(_, json)| json) {
        let value: Value =
            serde_json::from_str(text).map_err(|e| bad(e.line(), format!("not JSON (column {})", e.column())))?;
        return json_blocks(&value).map_err(|why| bad(1, why));
    }
    match hcl::parse(text) {
        Ok(body) => Ok(body.into_blocks().collect()),
        Err(hcl::Error::Parse(error)) => {
            let at = error.location();
            Err(bad(at.line(), format!("not HCL (column {}): {}", at.column(), error.message())))
        }
        Err(_) => Err(bad(1, "not HCL".into())),
    }
}

/// Keywords of a module, with the number of labels behind each.
const KEYWORDS: [(&str, usize); 11] = [
    ("resource", 2),
    ("data", 2),
    ("variable", 1),
    ("output", 1),
    ("module", 1),
    ("provider", 1),
    ("locals", 0),
    ("terraform", 0),
    ("import", 0),
    ("moved", 0),
    ("removed", 0),
];

/// Blocks within those, for the JSON syntax, which does not tell a block from an argument.
const NESTED: [(&str, usize); 6] = [
    ("required_providers", 0),
    ("backend", 1),
    ("cloud", 0),
    ("lifecycle", 0),
    ("default_tags", 0),
    ("ignore_tags", 0),
];

fn json_blocks(value: &Value) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    match value {
        Value::Array(parts) => {
            for part in parts {
                blocks.extend(json_blocks(part)?);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                if let Some((keyword, labels)) = KEYWORDS.iter().find(|(keyword, _)| keyword == name) {
                    unfold(keyword, &[], *labels, value, &mut blocks);
                }
            }
        }
        _ => return Err("the JSON syntax wants an object".into()),
    }
    Ok(blocks)
}

/// One block for each object below `labels` more names; lists of them are several.
fn unfold(keyword: &str, named: &[String], labels: usize, value: &Value, out: &mut Vec<Block>) {
    match value {
        Value::Array(parts) => parts.iter().for_each(|part| unfold(keyword, named, labels, part, out)),
        Value::Object(members) if labels > 0 => {
            for (name, value) in members {
                let named: Vec<String> = named.iter().cloned().chain([name.clone()]).collect();
                unfold(keyword, &named, labels - 1, value, out);
            }
        }
        Value::Object(members) => {
            let mut body = Body::builder();
            for (name, value) in members {
                let nested = NESTED.iter().find(|(keyword, _)| keyword == name);
                let Some((keyword, labels)) = nested else {
                    body = body.add_attribute((name.as_str(), expression(value)));
                    continue;
                };
                let mut blocks = Vec::new();
                unfold(keyword, &[], *labels, value, &mut blocks);
                body = blocks.into_iter().fold(body, hcl::structure::BodyBuilder::add_block);
            }
            let block = Block::builder(keyword).add_labels(named.iter().map(String::as_str));
            out.push(block.add_structures(body.build()).build());
        }
        _ => {}
    }
}

/// A value of the JSON syntax. A string is a template there: one that is all interpolation is an expression.
fn expression(value: &Value) -> Expression {
    match value {
        Value::String(text) if text.contains("${") || text.contains("%{") => {
            let inner = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
            let whole = inner.and_then(|text| text.parse::<Expression>().ok());
            whole.unwrap_or_else(|| {
                Expression::TemplateExpr(Box::new(hcl::expr::TemplateExpr::QuotedString(text.clone())))
            })
        }
        Value::String(text) => Expression::String(text.clone()),
        Value::Null => Expression::Null,
        Value::Bool(value) => Expression::Bool(*value),
        Value::Number(number) => number
            .as_u64()
            .map(hcl::Number::from)
            .or_else(|| number.as_i64().map(hcl::Number::from))
            .or_else(|| hcl::Number::from_f64(number.as_f64()?))
            .map_or(Expression::Null, Expression::Number),
        Value::Array(items) => Expression::Array(items.iter().map(expression).collect()),
        Value::Object(members) => Expression::Object(
            members
                .iter()
                .map(|(name, value)| {
                    (hcl::expr::ObjectKey::Expression(Expression::String(name.clone())), expression(value))
                })
                .collect(),
        ),
    }
}

pub(super) fn argument<'b>(body: &'b Body, name: &str) -> Option<&'b Expression> {
    body.attributes().find(|attribute| attribute.key() == name).map(hcl::Attribute::expr)
}

pub(super) fn nested<'b>(body: &'b Body, name: &str) -> Option<&'b Body> {
    body.blocks().find(|block| block.identifier() == name).map(Block::body)
}

fn label(block: &Block, at: usize) -> Option<&str> {
    block.labels().get(at).map(hcl::BlockLabel::as_str)
}

/// The text of a literal: a string or a number. `None` for anything that has to be evaluated.
pub(super) fn literal(expression: &Expression) -> Option<String> {
    match expression {
        Expression::String(text) => Some(text.clone()),
        Expression::Number(number) => Some(number.to_string()),
        Expression::Parenthesis(inner) => literal(inner),
        _ => None,
    }
}

/// An address or another traversal, as written; the JSON syntax has it as a string.
pub(super) fn traversal(expression: &Expression) -> String {
    match expression {
        Expression::String(text) => text.clone(),
        other => hcl::format::to_string(other).unwrap_or_default().trim().to_owned(),
    }
}

/// The members of an object whose keys are names or strings.
pub(super) fn members(expression: &Expression) -> Option<Vec<(String, &Expression)>> {
    let Expression::Object(object) = expression else { return None };
    object
        .iter()
        .map(|(key, value)| {
            let name = match key {
                hcl::expr::ObjectKey::Identifier(name) => name.as_str().to_owned(),
                hcl::expr::ObjectKey::Expression(key) => literal(key)?,
                _ => return None,
            };
            Some((name, value))
        })
        .collect()
}

/// `us` of `aws.us`; empty for `aws`.
fn alias(provider: &Expression) -> String {
    traversal(provider).split_once('.').map_or(String::new(), |(_, alias)| alias.to_owned())
}

fn backend(block: &Block) -> Backend {
    let kind = label(block, 0).unwrap_or_default();
    if kind != "local" {
        return Backend::Remote(format!("backend {kind:?}"));
    }
    let computed = |what: &str| Backend::Remote(format!("backend \"local\" {what}"));
    if argument(block.body(), "workspace_dir").is_some() {
        return computed("with a workspace_dir");
    }
    match argument(block.body(), "path").map(literal) {
        None => Backend::Local,
        Some(Some(path)) => Backend::Path(path),
        Some(None) => computed("at a computed path"),
    }
}

impl Taken {
    fn add(&mut self, file: &str, block: &Block) {
        let body = block.body();
        let named = |at: usize| label(block, at).unwrap_or_default().to_owned();
        match block.identifier() {
            "resource" => self.add_resource(file, block),
            "data" => {
                self.addresses.insert(format!("data.{}.{}", named(0), named(1)));
            }
            "variable" => {
                if argument(body, "sensitive") == Some(&Expression::Bool(true)) {
                    self.sensitive.insert(named(0));
                }
                if let Some(value) = argument(body, "default").and_then(literal) {
                    self.values.insert(named(0), value);
                }
                self.variables.insert(named(0));
            }
            "module" => {
                self.modules.insert(named(0), file.to_owned());
            }
            "provider" if label(block, 0) == Some("aws") => {
                let alias = argument(body, "alias").and_then(literal).unwrap_or_default();
                // The constraint of old: what stands in required_providers is stronger.
                let old = argument(body, "version").and_then(literal);
                self.constraint = self.constraint.take().or(old);
                provider::add(self.providers.entry(alias).or_default(), body);
            }
            "terraform" => self.add_settings(body),
            "import" => self.add_import(file, body),
            "moved" => {
                let at = |name: &str| argument(body, name).map(traversal);
                if let (Some(from), Some(to)) = (at("from"), at("to")) {
                    self.addresses.insert(from.clone());
                    self.moved.push((from, to));
                }
            }
            "removed" => {
                if let Some(from) = argument(body, "from").map(traversal) {
                    self.addresses.insert(from.clone());
                    self.removed.insert(from);
                }
            }
            _ => {}
        }
    }

    fn add_resource(&mut self, file: &str, block: &Block) {
        let (Some(terraform_type), Some(name)) = (label(block, 0), label(block, 1)) else { return };
        let address = format!("{terraform_type}.{name}");
        self.addresses.insert(address.clone());
        let body = block.body();
        let code = self.code.entry(address).or_insert_with(|| InCode { file: file.to_owned(), ..InCode::default() });
        terraform_type.clone_into(&mut code.terraform_type);
        if let Some(provider) = argument(body, "provider") {
            code.alias = alias(provider);
        }
        if let Some(region) = argument(body, "region") {
            code.region = literal(region);
        }
        code.is_repeated |= argument(body, "count").or_else(|| argument(body, "for_each")).is_some();
        for name in identity::arguments(terraform_type) {
            if let Some(value) = argument(body, name) {
                code.arguments.insert((*name).to_owned(), literal(value));
            }
        }
    }

    fn add_settings(&mut self, body: &Body) {
        for block in body.blocks() {
            match block.identifier() {
                "required_providers" => {
                    if let Some(aws) = argument(block.body(), "aws") {
                        let parts = members(aws).unwrap_or_default();
                        let part = |name: &str| parts.iter().find(|(key, _)| key == name).and_then(|(_, v)| literal(v));
                        self.provider_source = part("source");
                        self.constraint = part("version").or_else(|| literal(aws)).or(self.constraint.take());
                    }
                }
                "backend" => self.backend = backend(block),
                "cloud" => self.backend = Backend::Remote("a cloud block".into()),
                _ => {}
            }
        }
    }

    fn add_import(&mut self, file: &str, body: &Body) {
        let Some(to) = argument(body, "to").map(traversal) else { return };
        let terraform_type = super::owner::type_of(&to).unwrap_or_default();
        let by_id = || Identity::of_import_id(terraform_type, &literal(argument(body, "id")?)?);
        let by_identity = || {
            let parts = members(argument(body, "identity")?)?;
            let texts = parts.into_iter().map(|(name, value)| Some((name, Value::from(literal(value)?))));
            Identity::of_values(terraform_type, &Value::Object(texts.collect::<Option<_>>()?))
        };
        let identity = if argument(body, "for_each").is_some() { None } else { by_id().or_else(by_identity) };
        let alias = argument(body, "provider").map(alias);
        self.imports.push(ImportBlock { to, identity, alias, file: file.to_owned() });
    }

    /// What the files of values say of variables: each over the default and over the files before it, in the engines' order.
    /// One that does not parse is the engine's to refuse.
    fn settle_values(&mut self, files: &BTreeMap<String, String>) {
        let mut given: Vec<(&String, &String)> = files.iter().filter(|(name, _)| is_values(name)).collect();
        given.sort_by_key(|(name, _)| (name.contains(".auto."), *name));
        for (name, text) in given {
            let text = text.trim_start_matches('\u{feff}');
            let read: Vec<(String, Option<String>)> = if Path::new(name).extension().is_some_and(|e| e == "json") {
                let values: Value = serde_json::from_str(text).unwrap_or_default();
                values
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, v)| (name.clone(), literal(&expression(v))))
                    .collect()
            } else {
                let body = hcl::parse(text).unwrap_or_default();
                body.attributes().map(|a| (a.key().to_owned(), literal(a.expr()))).collect()
            };
            for (name, value) in read {
                match value {
                    Some(value) => self.values.insert(name, value),
                    None => self.values.remove(&name),
                };
            }
        }
        // Values of others may be credentials: they are not kept.
        self.values.retain(|name, _| self.variables.contains(name) && !self.sensitive.contains(name));
        let values = &self.values;
        for block in self.providers.values_mut() {
            if let Some(Some(value)) = block.region_variable.as_ref().map(|name| values.get(name)) {
                block.likely_region = Some(value.clone());
            }
        }
    }

    /// What has a provider with an alias is in the region of that.
    fn settle_regions(&mut self) {
        let region = |alias: &str| match alias {
            "" => None,
            alias => self.providers.get(alias)?.region.clone()?,
        };
        for code in self.code.values_mut() {
            code.region = code.region.take().or_else(|| region(&code.alias));
        }
        for import in &mut self.imports {
            let Some(identity) = &mut import.identity else { continue };
            let of_code = || self.code.get(&import.to)?.region.clone();
            let named = import.alias.as_deref().and_then(region);
            identity.region = identity.region.take().or(named).or_else(of_code);
        }
    }
}
