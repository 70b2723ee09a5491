//! What an export that was broken off has left in a root module.
//!
//! Its files are placed in an order that makes every state in between one which the engines refuse: values, import blocks,
//! variables, data sources, resources, papers. So an import block without its resource is the sign of a broken run.

use super::{Taken, is_code, number_of, numbered};

/// An export that was broken off before its code was whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file of its import blocks.
    pub imports: String,
    /// Addresses that are imported, and that no code holds.
    pub missing: Vec<String>,
    /// Every file of that run.
    pub files: Vec<String>,
}

impl Taken {
    /// The place of a file in the order in which an export is added to a root module, lowest first.
    ///
    /// An import block without its resource is refused by the engines; a resource without its import block would be created.
    pub fn place_of(&self, file: &str) -> usize {
        let order = ["secrets.auto.tfvars", "imports.tf", "variables.tf", "data.tf"];
        let at = order.iter().position(|name| self.file_name(name) == file);
        at.unwrap_or(if is_code(file) { order.len() } else { order.len() + 1 })
    }

    /// The export of ecsight's whose import blocks name what no code holds, if there is one.
    pub fn broken(&self) -> Option<Broken> {
        let is_missing = |to: &str| {
            // What modules hold is not looked into.
            let bare = to.split('[').next().unwrap_or(to);
            !bare.starts_with("module.") && !self.code.contains_key(bare) && !self.code.contains_key(&self.now_at(bare))
        };
        let ours = |file: &str| is_ours(file, "imports.tf");
        let first = self.imports.iter().find(|import| ours(&import.file) && is_missing(&import.to))?;
        let of_file = self.imports.iter().filter(|import| import.file == first.file && is_missing(&import.to));
        let number = number_of(&first.file);
        // Others may name their files alike: only names that an export gives count.
        let files =
            self.files.iter().filter(|file| number_of(file) == number && NAMES.iter().any(|n| is_ours(file, n)));
        Some(Broken {
            imports: first.file.clone(),
            missing: of_file.map(|import| import.to.clone()).collect(),
            files: files.cloned().collect(),
        })
    }

    /// What else broken runs have left, in words: code without papers, values without variables.
    pub(super) fn left_over(&self) -> Vec<String> {
        let mut words = Vec::new();
        for file in &self.files {
            let Some(number) = number_of(file) else { continue };
            let lacks = |name: &str| !self.files.contains(&numbered(name, number));
            if is_ours(file, "imports.tf") && lacks("evidence.json") {
                words.push(format!(
                    "{file} has no {} beside it: that export was broken off after its code was whole, or its papers were \
                     deleted; a plan tells whether it is as it should be",
                    numbered("evidence.json", number)
                ));
            }
            if is_ours(file, "secrets.auto.tfvars") && lacks("variables.tf") {
                words.push(format!(
                    "{file} holds credentials, and {} is not there: an export was broken off; delete it if nothing uses it",
                    numbered("variables.tf", number)
                ));
            }
        }
        words
    }
}

/// The files of an export, but those of its resources.
const NAMES: [&str; 11] = [
    "imports.tf",
    "secrets.auto.tfvars",
    "variables.tf",
    "data.tf",
    "clusters.tf",
    "capacity_providers.tf",
    "services.tf",
    "task_definitions.tf",
    "autoscaling.tf",
    "REVIEW.md",
    "evidence.json",
];

/// True for `name` as any export is given it.
fn is_ours(file: &str, name: &str) -> bool {
    number_of(file).is_some_and(|number| numbered(name, number) == file)
}
