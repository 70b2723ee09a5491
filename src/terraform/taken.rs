//! What a root module has already: the names and objects that an export must neither take nor import again.
//!
//! The code of the module and its state become facts here: texts in, facts out. Of a state only identities are kept, never
//! its values.

mod broken;
mod code;
mod identity;
mod owner;
mod provider;
mod version;

use std::collections::{BTreeMap, BTreeSet};

use super::dialect::Dialect;
use super::state::State;
use crate::estate::Scope;

pub use broken::Broken;
pub use code::{BadFile, LOCK_FILE, is_code, is_values};
pub use identity::Identity;
pub use owner::Owner;
pub use provider::{ProviderBlock, Tags};

/// What stands in the code and the state of a root module.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    /// Addresses that no new block can have: `aws_ecs_service.web`, `data.aws_region.here`, and those that a `moved` or
    /// `removed` block speaks of.
    pub addresses: BTreeSet<String>,
    /// Names of variables.
    pub variables: BTreeSet<String>,
    /// Those of them that are declared to be sensitive.
    pub sensitive: BTreeSet<String>,
    /// What a variable is unless the engine is called with another value: the last of its default and the files of values
    /// that engines read by themselves. Texts and numbers, none of a sensitive variable.
    pub values: BTreeMap<String, String>,
    /// Module calls, each with the file it stands in.
    pub modules: BTreeMap<String, String>,
    /// Every file name in the folder.
    pub files: BTreeSet<String>,
    /// Resource blocks, by address.
    pub code: BTreeMap<String, InCode>,
    /// Import blocks.
    pub imports: Vec<ImportBlock>,
    /// `moved` blocks: from, to.
    pub moved: Vec<(String, String)>,
    /// Addresses of `removed` blocks.
    pub removed: BTreeSet<String>,
    /// Resource instances of the state that ecsight could import.
    pub held: Vec<Held>,
    /// The state those are from.
    pub state: StateSource,
    /// Where the code says that the state is.
    pub backend: Backend,
    /// The blocks `provider "aws"`, by alias; the default one under the empty name.
    pub providers: BTreeMap<String, ProviderBlock>,
    /// `source` of the provider that is called `aws`.
    pub provider_source: Option<String>,
    /// The version constraint on it.
    pub constraint: Option<String>,
    /// The version that `.terraform.lock.hcl` has chosen.
    pub locked: Option<String>,
}

/// A resource block of the code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InCode {
    /// `aws_ecs_service`.
    pub terraform_type: String,
    /// The file it stands in.
    pub file: String,
    /// It has `count` or `for_each`: its address names several objects.
    pub is_repeated: bool,
    /// The alias of its provider; empty for the one without.
    pub alias: String,
    /// Its region, where it or its provider says another than the folder's by a literal.
    pub region: Option<String>,
    /// The arguments that make its identity; `None` for one that is not a literal.
    pub arguments: BTreeMap<String, Option<String>>,
}

/// An import block of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportBlock {
    /// The address it imports to, as written.
    pub to: String,
    /// Which object; `None` when the code does not say so by a literal.
    pub identity: Option<Identity>,
    /// The alias of the provider that the block names.
    pub alias: Option<String>,
    /// The file it stands in.
    pub file: String,
}

/// A resource instance of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// `module.a.aws_ecs_service.web["x"]`.
    pub address: String,
    /// `aws_ecs_service`.
    pub terraform_type: String,
    /// Which object it is.
    pub identity: Identity,
}

/// Which state was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateSource {
    /// This file; it may hold nothing.
    Read(String),
    /// There is none yet.
    Absent,
    /// There is one, or may be one, that was not read: why, and what to do.
    NotRead(String),
}

impl Default for StateSource {
    fn default() -> Self {
        Self::NotRead("nobody looked for it".into())
    }
}

/// Where the code says that its state is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Backend {
    /// In the folder; a path when the code names one.
    #[default]
    Local,
    /// In the folder, under a path that the code names.
    Path(String),
    /// Elsewhere, in words: `backend "s3"`, `a cloud block`.
    Remote(String),
}

impl Taken {
    /// Reads the code of a root module: its files by name. Files that are no code are skipped ([`is_code`]).
    pub fn read(files: &BTreeMap<String, String>) -> Result<Self, BadFile> {
        code::read(files)
    }

    /// Takes note of what a state holds.
    pub fn hold(&mut self, state: &State, source: &str) {
        self.state = StateSource::Read(source.to_owned());
        self.held = state
            .resources
            .iter()
            .filter(|resource| !resource.is_data)
            .filter_map(|resource| {
                let identity = Identity::of_values(&resource.resource_type, &resource.values)?;
                let terraform_type = resource.resource_type.clone();
                Some(Held { address: resource.address.clone(), terraform_type, identity })
            })
            .collect();
        // A block of this address would be the state's object, whatever the code says of it now; so would one without index.
        let bare = |address: &str| address.split('[').next().unwrap_or(address).to_owned();
        self.addresses.extend(self.held.iter().map(|held| bare(&held.address)));
    }

    /// The dialect to write in: what was asked for, if the code's constraint admits it; else what the code pins.
    ///
    /// The error says what does not fit and what can be done.
    pub fn dialect(&self, asked: Option<Dialect>) -> Result<Dialect, crate::error::Error> {
        version::dialect(self, asked)
    }

    /// What an export should say about this folder, for this scope. An error when the folder's provider is for another
    /// account or region.
    pub fn remarks(&self, scope: &Scope) -> Result<Vec<String>, crate::error::Error> {
        let mut remarks = Vec::new();
        match &self.state {
            StateSource::Read(_) => {}
            StateSource::NotRead(why) => remarks.push(format!("its state was not read: {why}")),
            StateSource::Absent => remarks.push("there is no state in the folder yet".into()),
        }
        remarks.extend(self.unseen_modules());
        remarks.extend(self.left_over());
        for import in self.imports.iter().filter(|import| import.identity.is_none()) {
            if identity::is_known(import.to.split('.').next().unwrap_or_default()) {
                let (to, file) = (&import.to, &import.file);
                remarks.push(format!(
                    "the import block of {to} ({file}) does not name its object by a literal: it was not compared"
                ));
            }
        }
        remarks.extend(provider::remarks(self, scope)?);
        if self.constraint.is_none() && self.locked.is_none() {
            remarks.push("no version of hashicorp/aws is pinned".into());
        }
        Ok(remarks)
    }

    /// The tags that the folder's provider adds to every resource or does not read.
    pub fn tags(&self) -> Tags {
        self.providers.get("").map(|block| block.tags.clone()).unwrap_or_default()
    }

    /// The name of a file that an export adds here: `services.tf` is `ecsight_services.tf`, `ecsight_services_2.tf` the
    /// next time. All files of one export have the same number, and none exists.
    pub fn file_name(&self, name: &str) -> String {
        let numbers: BTreeSet<u64> = self.files.iter().filter_map(|file| number_of(file)).collect();
        let last = numbers.iter().copied().filter(|number| *number < LIMIT).max();
        let first = last.map_or(1, |last| last + 1);
        numbered(name, (first..u64::MAX).find(|number| !numbers.contains(number)).unwrap_or(u64::MAX))
    }
}

impl Taken {
    /// What git has to ignore, as a line of a `.gitignore`: the credentials of this export and of later ones.
    pub fn secrets_pattern(&self) -> String {
        format!("{PREFIX}secrets*.auto.tfvars")
    }
}

/// How the names of files begin that ecsight adds to a folder.
const PREFIX: &str = "ecsight_";

/// No export is counted on from here: such a number is the name of something else, and only has to be left free.
const LIMIT: u64 = 1_000_000;

/// The number in the name of a file that an earlier export added. File systems may take capitals for small letters.
fn number_of(file: &str) -> Option<u64> {
    let lower = file.to_lowercase();
    let stem = lower.strip_prefix(PREFIX)?.split('.').next()?;
    Some(stem.rsplit_once('_').and_then(|(_, number)| number.parse().ok()).unwrap_or(1))
}

/// The name that a file has in the export of this number.
fn numbered(name: &str, number: u64) -> String {
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let number = if number == 1 { String::new() } else { format!("_{number}") };
    let dot = if ending.is_empty() { "" } else { "." };
    format!("{PREFIX}{stem}{number}{dot}{ending}")
}

#[cfg(test)]
mod tests;
