//! Terraform names: legal, unique, stable, and short where nothing forces them to be long.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::estate::{Kind, ResourceId};

/// Turns any text into a Terraform identifier.
pub fn identifier(text: &str) -> String {
    let mut name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        name.insert(0, '_');
    }
    name
}

/// The names a resource would like, best first.
fn wishes(id: &ResourceId) -> Vec<String> {
    let name = id.name();
    let cluster = id.cluster_name().unwrap_or_default();
    let raw = match id.kind {
        Kind::TaskDefinition => {
            let family = id.family_revision().map_or(name, |(family, _)| family);
            vec![family.to_owned(), name.to_owned()]
        }
        Kind::Service | Kind::Task => vec![name.to_owned(), format!("{cluster}_{name}")],
        Kind::ScalableTarget => vec![name.to_owned(), format!("{cluster}_{name}"), id.native.to_string()],
        Kind::ScalingPolicy => {
            let service = id.native.split('/').nth(3).unwrap_or_default();
            // AWS's consoles name policies after the whole resource id; the service is said once.
            let short = name.strip_prefix(&format!("{service}-")).unwrap_or(name);
            vec![format!("{service}_{short}"), format!("{cluster}_{service}_{name}"), id.native.to_string()]
        }
        Kind::Cluster | Kind::CapacityProvider => vec![name.to_owned()],
    };
    raw.iter().map(|text| identifier(text)).collect()
}

/// One name per resource of a Terraform type. All that want the same name get the next longer one; in the end a
/// fingerprint of the identity decides.
pub fn labels<'a>(ids: impl IntoIterator<Item = &'a ResourceId>) -> BTreeMap<ResourceId, String> {
    let wishes: Vec<(&ResourceId, Vec<String>)> = ids.into_iter().map(|id| (id, wishes(id))).collect();
    let mut level = vec![0; wishes.len()];
    loop {
        let mut by_label: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, (id, names)) in wishes.iter().enumerate() {
            let label = names.get(level[at]).cloned().unwrap_or_else(|| {
                let digest = Sha256::digest(id.native.as_bytes());
                format!(
                    "{}_{:02x}{:02x}{:02x}",
                    names.last().map_or("", String::as_str),
                    digest[0],
                    digest[1],
                    digest[2]
                )
            });
            by_label.entry(label).or_default().push(at);
        }
        let clash = by_label.values().filter(|at| at.len() > 1).flatten().copied().collect::<Vec<_>>();
        let stuck = clash.iter().all(|&at| level[at] > wishes[at].1.len());
        if clash.is_empty() || stuck {
            return by_label
                .into_iter()
                .flat_map(|(label, at)| {
                    let alone = at.len() == 1;
                    at.into_iter()
                        .enumerate()
                        .map(move |(n, at)| (at, if alone { label.clone() } else { format!("{label}_{n}") }))
                })
                .map(|(at, label)| (wishes[at].0.clone(), label))
                .collect();
        }
        for at in clash {
            level[at] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Scope;

    fn scope() -> Scope {
        Scope::new("aws", "1", "eu-west-1")
    }

    fn id(kind: Kind, resource: &str) -> ResourceId {
        ResourceId::new(&scope(), kind, &scope().ecs_arn(resource))
    }

    #[test]
    fn names_are_legal_and_short() {
        assert_eq!(identifier("my.app/1"), "my_app_1");
        assert_eq!(identifier("1st"), "_1st");
        assert_eq!(identifier("${x}\""), "__x__");
        assert_eq!(identifier(""), "_");
    }

    #[test]
    fn only_clashing_names_grow() {
        let ids = [
            id(Kind::Service, "service/prod/web"),
            id(Kind::Service, "service/test/web"),
            id(Kind::Service, "service/prod/api"),
        ];
        let labels = labels(&ids);
        assert_eq!(labels[&ids[0]], "prod_web");
        assert_eq!(labels[&ids[1]], "test_web");
        assert_eq!(labels[&ids[2]], "api");
    }

    #[test]
    fn names_that_differ_only_in_illegal_characters_stay_apart() {
        let ids =
            [id(Kind::CapacityProvider, "capacity-provider/a.b"), id(Kind::CapacityProvider, "capacity-provider/a_b")];
        let labels = labels(&ids);
        assert_ne!(labels[&ids[0]], labels[&ids[1]]);
    }

    #[test]
    fn two_revisions_of_a_family_carry_their_numbers() {
        let ids =
            [id(Kind::TaskDefinition, "task-definition/pay:4"), id(Kind::TaskDefinition, "task-definition/pay:5")];
        assert_eq!(labels(&ids).into_values().collect::<Vec<_>>(), ["pay_4", "pay_5"]);
    }
}
