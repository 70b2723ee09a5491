//! What the root module that an export is added to has already: left out, said, and named by its address where it can be.

use std::collections::BTreeMap;

use super::Skip;
use crate::estate::ResourceId;
use crate::terraform::{Attributes, Taken};

/// A resource that the root module has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which resource.
    pub resource: ResourceId,
    /// Its address there, with modules and indices.
    pub address: String,
    /// True when what is exported names it by that address, false when by its value.
    pub is_linked: bool,
}

/// What came of holding resources against a root module.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// What it has.
    pub held: Vec<Held>,
    /// By which address its code can name what it has: type and resource.
    pub addresses: BTreeMap<(&'static str, ResourceId), String>,
    /// What is left out, with the reason.
    pub skips: Vec<Skip>,
    /// What else is to be said.
    pub remarks: Vec<String>,
    /// What is imported although a block of the code, by address and file, may be it.
    maybe: BTreeMap<(String, String), Vec<ResourceId>>,
}

impl Settled {
    /// Takes out of one resource's attributes what the root module has already, and the tags that its provider sets.
    pub fn settle(&mut self, taken: &Taken, id: &ResourceId, import_id: &str, attributes: &mut Vec<Attributes>) {
        let tags = taken.tags();
        attributes.retain_mut(|attributes| {
            let terraform_type = attributes.map.terraform_type;
            let reason = if let Some(owner) = taken.owner(terraform_type, id, import_id) {
                let (resource, address, is_linked) = (id.clone(), owner.address, owner.link.is_some());
                self.addresses.extend(owner.link.map(|link| ((terraform_type, id.clone()), link)));
                self.held.push(Held { resource, address, is_linked });
                owner.reason
            } else if let Err(key) = attributes.settle_tags(&tags) {
                format!("default_tags of the folder's provider would add the tag {key:?} to it")
            } else {
                self.remarks.extend(taken.unowned(terraform_type, id, import_id));
                for (address, file) in taken.may_be(terraform_type, id, import_id) {
                    self.maybe.entry((address.to_owned(), file.to_owned())).or_default().push(id.clone());
                }
                return true;
            };
            self.skips.push(Skip { resource: id.clone(), import_id: import_id.to_owned(), reason });
            false
        });
    }

    /// What is to be said of blocks whose computed names were not compared: one line for each block.
    pub fn say_what_was_not_compared(&mut self) {
        for ((address, file), resources) in std::mem::take(&mut self.maybe) {
            let named = resources.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let more = match resources.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            self.remarks.push(format!(
                "{address} ({file}) has a computed name, and no state was read that says what it is: it may be one of these, \
                 which are imported all the same, and would then be managed twice: {named}{more}; give the state with \
                 --state FILE, or leave out what it has"
            ));
        }
    }
}

/// So many resources are named in one line.
const NAMED: usize = 5;
