//! The blocks `provider "aws"` of a folder: which account and region they are for, and what they do with tags.

use std::collections::{BTreeMap, BTreeSet};

use hcl::{Body, Expression};

use super::Taken;
use super::code::{argument, literal, members, nested, traversal};
use crate::error::{Error, Kind};
use crate::estate::Scope;

/// What one block says. `None` within `Some` is something that has to be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderBlock {
    /// `region`.
    pub region: Option<Option<String>>,
    /// The variable that `region` is, when it is nothing else.
    pub region_variable: Option<String>,
    /// The value of that variable, unless the engine is called with another.
    pub likely_region: Option<String>,
    /// `allowed_account_ids`.
    pub allowed: Option<Option<BTreeSet<String>>>,
    /// `forbidden_account_ids`.
    pub forbidden: Option<Option<BTreeSet<String>>>,
    /// `default_tags` and `ignore_tags`.
    pub tags: Tags,
}

/// What a provider does with the tags of every resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags {
    /// Added to every resource, and left out of the state's `tags` where they are equal.
    pub defaults: BTreeMap<String, String>,
    /// Keys that are not read.
    pub ignored: BTreeSet<String>,
    /// Beginnings of keys that are not read.
    pub ignored_prefixes: BTreeSet<String>,
    /// Some of it has to be evaluated, and is not known here.
    pub is_computed: bool,
}

impl Tags {
    /// True when the state does not hold this tag in `tags`: writing it would be a change.
    pub fn hides(&self, key: &str, value: &str) -> bool {
        self.ignores(key) || self.defaults.get(key).is_some_and(|default| default == value)
    }

    /// The first of the default tags that an object with these keys lacks: a plan would add it.
    pub fn missing<'t>(&'t self, has: &dyn Fn(&str) -> bool) -> Option<&'t str> {
        self.defaults.keys().map(String::as_str).find(|key| !self.ignores(key) && !has(key))
    }

    fn ignores(&self, key: &str) -> bool {
        self.ignored.contains(key) || self.ignored_prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
    }
}

fn texts(expression: &Expression) -> Option<BTreeSet<String>> {
    let Expression::Array(items) = expression else { return None };
    items.iter().map(literal).collect()
}

/// Adds what a block says; a later one (an override file) wins.
pub(super) fn add(block: &mut ProviderBlock, body: &Body) {
    if let Some(region) = argument(body, "region") {
        block.region = Some(literal(region));
        block.region_variable = traversal(region).strip_prefix("var.").map(str::to_owned);
    }
    if let Some(allowed) = argument(body, "allowed_account_ids") {
        block.allowed = Some(texts(allowed));
    }
    if let Some(forbidden) = argument(body, "forbidden_account_ids") {
        block.forbidden = Some(texts(forbidden));
    }
    let tags = &mut block.tags;
    if let Some(defaults) = nested(body, "default_tags") {
        let given = argument(defaults, "tags").map(|tags| {
            members(tags)?.into_iter().map(|(key, value)| Some((key, literal(value)?))).collect::<Option<_>>()
        });
        match given {
            Some(Some(given)) => tags.defaults = given,
            Some(None) => tags.is_computed = true,
            None => {}
        }
    }
    if let Some(ignored) = nested(body, "ignore_tags") {
        for (name, into) in [("keys", &mut tags.ignored), ("key_prefixes", &mut tags.ignored_prefixes)] {
            match argument(ignored, name).map(texts) {
                Some(Some(given)) => *into = given,
                Some(None) => tags.is_computed = true,
                None => {}
            }
        }
    }
    // Blocks that are made by a loop.
    tags.is_computed |= body.blocks().any(|block| {
        block.identifier() == "dynamic"
            && block.labels().first().is_some_and(|label| ["default_tags", "ignore_tags"].contains(&label.as_str()))
    });
}

/// What to say of the provider that the exported resources will have: the one without an alias.
pub(super) fn remarks(taken: &Taken, scope: &Scope) -> Result<Vec<String>, Error> {
    let Some(block) = taken.providers.get("") else {
        return Ok(vec![
            "no provider \"aws\" without an alias is configured: account and region are those of the environment"
                .into(),
        ]);
    };
    let refused = |message: String| Error::new(Kind::Usage, message);
    let (account, region) = (&*scope.account, &*scope.region);
    let mut remarks = Vec::new();
    match &block.region {
        Some(Some(said)) if said != region => {
            return Err(refused(format!("the folder's provider is for region {said}, and the export is of {region}"))
                .hint(format!("look there with --region {said}, or choose a folder for {region}")));
        }
        Some(Some(_)) => {}
        Some(None) => remarks.push(match (&block.region_variable, &block.likely_region) {
            // A value from the environment or the command line comes before a default: it may be right all the same.
            (Some(name), Some(said)) if said != region => format!(
                "the provider's region is var.{name}, {said} as the folder says it, and the export is of {region}: a plan \
                 has to be given {region}"
            ),
            (Some(name), Some(said)) => format!("the provider's region is var.{name}, {said} as the folder says it"),
            _ => format!("the provider's region is computed: it has to be {region}"),
        }),
        None => remarks.push(format!("the provider names no region: the environment has to say {region}")),
    }
    match &block.allowed {
        Some(Some(allowed)) if !allowed.contains(account) => {
            let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
            return Err(refused(format!(
                "the folder's provider allows account {} only, and the export is of {account}",
                allowed.join(", ")
            ))
            .hint("look there with --profile, or choose a folder for this account"));
        }
        Some(Some(_)) => {}
        Some(None) => remarks.push(format!("allowed_account_ids is computed: {account} has to be among them")),
        None => remarks.push(format!("nothing in the provider block says that the account is {account}")),
    }
    if block.forbidden.iter().flatten().any(|forbidden| forbidden.contains(account)) {
        return Err(refused(format!("the folder's provider forbids account {account}"))
            .hint("look elsewhere with --profile, or choose a folder for this account"));
    }
    if block.tags.is_computed {
        remarks.push("default_tags or ignore_tags are computed: a plan will tell what they change".into());
    } else if !block.tags.defaults.is_empty() {
        let keys: Vec<&str> = block.tags.defaults.keys().map(String::as_str).collect();
        remarks.push(format!("tags that the provider's default_tags set are not written again: {}", keys.join(", ")));
    }
    Ok(remarks)
}
