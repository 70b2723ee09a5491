//! Who has an object already: the state, an import block, or the code.

use super::identity::{Identity, Match};
use super::{StateSource, Taken};
use crate::estate::ResourceId;

/// What has an object already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its address, with modules and indices.
    pub address: String,
    /// The address by which code of the root module can name it; `None` for what a module or an index hides, and for
    /// another revision.
    pub link: Option<String>,
    /// Why the object is not imported, for people.
    pub reason: String,
}

impl Taken {
    /// Who has a resource of this type already; `None` when it may be imported.
    pub fn owner(&self, terraform_type: &str, id: &ResourceId, import_id: &str) -> Option<Owner> {
        let wanted = Identity::wanted(terraform_type, id, import_id);
        let is = |identity: &Identity| identity.is(&wanted);
        self.in_state(terraform_type, &is, "already in the state as")
            .or_else(|| self.in_imports(terraform_type, &is))
            .or_else(|| self.other_revision(terraform_type, &wanted))
            .or_else(|| self.in_code_with_unknown_state(terraform_type, &wanted))
    }

    /// A block of the code that may be this object, while neither the state nor an import block has it. It is not in the
    /// way of the import, but a plan would create it.
    pub fn unowned(&self, terraform_type: &str, id: &ResourceId, import_id: &str) -> Option<String> {
        let wanted = Identity::wanted(terraform_type, id, import_id);
        let (address, file) = self.matching_code(terraform_type, &wanted)?;
        Some(format!(
            "{address} ({file}) may be the same object as {id}, and neither the state nor an import block has it: as it \
             stands, a plan would create it"
        ))
    }

    fn in_state(&self, terraform_type: &str, is: &dyn Fn(&Identity) -> bool, words: &str) -> Option<Owner> {
        let held = self.held.iter().find(|held| held.terraform_type == terraform_type && is(&held.identity))?;
        let address = self.now_at(&held.address);
        let (link, why) = self.nameable(&address, terraform_type);
        let reason = match why {
            Some(why) => format!("{words} {address}, {why}"),
            None => format!("{words} {address}"),
        };
        Some(Owner { address, link, reason })
    }

    fn in_imports(&self, terraform_type: &str, is: &dyn Fn(&Identity) -> bool) -> Option<Owner> {
        let import = self
            .imports
            .iter()
            .find(|import| type_of(&import.to) == Some(terraform_type) && import.identity.as_ref().is_some_and(is))?;
        let address = import.to.clone();
        let (link, _) = self.nameable(&address, terraform_type);
        let reason = format!("an import block has it already, as {address} ({})", import.file);
        Some(Owner { address, link, reason })
    }

    /// A family belongs to one address: another revision of it is not imported beside that.
    fn other_revision(&self, terraform_type: &str, wanted: &Identity) -> Option<Owner> {
        if terraform_type != "aws_ecs_task_definition" {
            return None;
        }
        let (family, _) = wanted.key.rsplit_once(':')?;
        let is = |identity: &Identity| {
            identity.key.rsplit_once(':').is_some_and(|(other, _)| other == family) && identity.shares_place(wanted)
        };
        let revision =
            self.held
                .iter()
                .filter(|held| held.terraform_type == terraform_type)
                .map(|held| &held.identity)
                .chain(self.imports.iter().filter_map(|import| {
                    import.identity.as_ref().filter(|_| type_of(&import.to) == Some(terraform_type))
                }))
                .find(|identity| is(identity))
                .map(|identity| identity.key.clone())?;
        let owner = self.in_state(terraform_type, &is, "").or_else(|| self.in_imports(terraform_type, &is))?;
        let address = owner.address;
        let reason =
            format!("its family is {address} already, which holds {revision}: one family does not get two addresses");
        Some(Owner { address, link: None, reason })
    }

    fn in_code_with_unknown_state(&self, terraform_type: &str, wanted: &Identity) -> Option<Owner> {
        if !matches!(self.state, StateSource::NotRead(_)) {
            return None;
        }
        let (address, file) = self.matching_code(terraform_type, wanted)?;
        let reason = format!("the code may have it already, as {address} ({file}), and the state was not read");
        // Whether the state has it is not known: a reference could be to something that is still to be created.
        Some(Owner { address: address.to_owned(), link: None, reason })
    }

    fn matching_code(&self, terraform_type: &str, wanted: &Identity) -> Option<(&str, &str)> {
        self.code
            .iter()
            .filter(|(_, code)| code.terraform_type == terraform_type)
            .filter(|(_, code)| Identity::of_code(terraform_type, &code.arguments, wanted) == Match::Named)
            .filter(|(_, code)| code.region.is_none() || code.region == wanted.region)
            // What the state or an import block says of an address is surer than its name.
            .find(|(address, _)| !self.is_settled(address))
            .map(|(address, code)| (address.as_str(), code.file.as_str()))
    }

    /// The blocks of the code whose computed names may be this object's, while no state was read that would tell: address and
    /// file. It is imported all the same, and that has to be said.
    pub fn may_be(&self, terraform_type: &str, id: &ResourceId, import_id: &str) -> Vec<(&str, &str)> {
        if matches!(self.state, StateSource::Read(_)) {
            return Vec::new();
        }
        let wanted = Identity::wanted(terraform_type, id, import_id);
        self.code
            .iter()
            .filter(|(_, code)| code.terraform_type == terraform_type)
            .filter(|(_, code)| Identity::of_code(terraform_type, &code.arguments, &wanted) == Match::Computed)
            .filter(|(_, code)| code.region.is_none() || code.region == wanted.region)
            // An import block names one of several objects at most.
            .filter(|(address, code)| code.is_repeated || !self.is_settled(address))
            .map(|(address, code)| (address.as_str(), code.file.as_str()))
            .collect()
    }

    /// The module calls that may hold anything, in words, while no state was read that would tell.
    pub(super) fn unseen_modules(&self) -> Option<String> {
        if matches!(self.state, StateSource::Read(_)) || self.modules.is_empty() {
            return None;
        }
        let calls: Vec<String> = self.modules.iter().map(|(name, file)| format!("module.{name} ({file})")).collect();
        Some(format!(
            "no state says what these module calls hold, and they were not looked into: {}; what one of them has is \
             imported a second time",
            calls.join(", ")
        ))
    }

    /// True when the state or an import block says which object stands at an address, or at one of its instances.
    fn is_settled(&self, address: &str) -> bool {
        let covers = |at: &str| at == address || at.strip_prefix(address).is_some_and(|rest| rest.starts_with('['));
        self.held.iter().any(|held| covers(&self.now_at(&held.address)))
            || self.imports.iter().any(|import| covers(&import.to))
    }

    /// The address by which the root module can name what stands at `address`, or why it cannot.
    fn nameable(&self, address: &str, terraform_type: &str) -> (Option<String>, Option<&'static str>) {
        let root = address.strip_prefix(terraform_type).and_then(|rest| rest.strip_prefix('.'));
        match root {
            None => (None, Some("where the root module cannot name it")),
            Some(name) if name.contains('[') => (None, Some("one of several: it is named by its value")),
            Some(_) if self.removed.contains(address) => (None, Some("which a removed block lets go")),
            Some(_) => match self.code.get(address) {
                None => (None, Some("which is not in the code any more: a plan would destroy it")),
                Some(code) if code.is_repeated => (None, Some("which has become one of several")),
                Some(_) => (Some(address.to_owned()), None),
            },
        }
    }

    /// Where `moved` blocks have put an address.
    pub(super) fn now_at(&self, address: &str) -> String {
        let mut at = address.to_owned();
        // A chain is as long as there are blocks; blocks that go in circles are the engine's to refuse.
        for _ in 0..=self.moved.len() {
            let step = self.moved.iter().find_map(|(from, to)| {
                let rest = at.strip_prefix(from.as_str())?;
                (rest.is_empty() || rest.starts_with(['.', '['])).then(|| format!("{to}{rest}"))
            });
            match step {
                Some(next) if next != at => at = next,
                _ => break,
            }
        }
        at
    }
}

/// The resource type of an address: the last but one of its names, indices aside.
pub(super) fn type_of(address: &str) -> Option<&str> {
    // The key of an index may hold dots; a type never follows one.
    let plain = address.split('[').next().unwrap_or(address);
    if plain.starts_with("module.") {
        return address.rsplit_once(".aws_").and_then(|(before, rest)| {
            let start = before.len() + 1;
            let end = rest.find('.')?;
            address.get(start..start + "aws_".len() + end)
        });
    }
    plain.split('.').next()
}
