//! Terraform names: legal, unique, stable, and short where nothing forces them to be long.

use std::collections::{BTreeMap, BTreeSet};

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

/// Why a text cannot be the name of a resource in Terraform; `None` when it can.
pub fn problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("a resource needs a name".into());
    }
    if identifier(name) == name {
        return None;
    }
    let odd = name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    Some(match odd {
        Some(odd) => {
            format!("{} cannot stand in a name: letters, digits, _ and -", crate::estate::visible(&format!("{odd:?}")))
        }
        None => "a name begins with a letter or _".into(),
    })
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

/// One name per resource of a Terraform type. Names that were chosen by hand come first, and nobody else gets a name that
/// is chosen or taken. All that want the same name get the next longer one; in the end a fingerprint of the identity
/// decides.
pub fn labels<'a>(
    ids: impl IntoIterator<Item = &'a ResourceId>,
    chosen: &BTreeMap<ResourceId, String>,
    is_taken: &dyn Fn(&str) -> bool,
) -> BTreeMap<ResourceId, String> {
    let (by_hand, rest): (Vec<&ResourceId>, Vec<&ResourceId>) =
        ids.into_iter().partition(|id| chosen.contains_key(*id));
    let mut named: BTreeMap<ResourceId, String> = BTreeMap::new();
    let mut reserved: BTreeSet<String> = BTreeSet::new();
    for id in by_hand {
        let wish = identifier(&chosen[id]);
        let label = free(&wish, |label| reserved.contains(label) || is_taken(label));
        reserved.insert(label.clone());
        named.insert(id.clone(), label);
    }
    let wishes = rest.into_iter().map(|id| (id.clone(), wishes(id), &*id.native));
    named.extend(settle(wishes, reserved, is_taken));
    named
}

/// One name per thing, of the names it would like, best first. All that want the same name, or a refused one, get the next
/// longer one; in the end a fingerprint of the identity (the last of the three) decides.
pub fn settle<'a, K: Ord + Clone>(
    wishes: impl IntoIterator<Item = (K, Vec<String>, &'a str)>,
    mut reserved: BTreeSet<String>,
    is_taken: &dyn Fn(&str) -> bool,
) -> BTreeMap<K, String> {
    let wishes: Vec<(K, Vec<String>, &str)> = wishes.into_iter().collect();
    let mut named = BTreeMap::new();
    let mut level = vec![0; wishes.len()];
    loop {
        let mut by_label: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, (_, names, identity)) in wishes.iter().enumerate() {
            let label = names.get(level[at]).cloned().unwrap_or_else(|| {
                let digest = Sha256::digest(identity.as_bytes());
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
        let is_refused = |label: &str| reserved.contains(label) || is_taken(label);
        let clashes = by_label.iter().filter(|(label, at)| at.len() > 1 || is_refused(label));
        let clash = clashes.flat_map(|(_, at)| at).copied().collect::<Vec<_>>();
        let stuck = clash.iter().all(|&at| level[at] > wishes[at].1.len());
        if clash.is_empty() || stuck {
            for (wish, at) in by_label {
                for at in at {
                    let label = free(&wish, |label| reserved.contains(label) || is_taken(label));
                    reserved.insert(label.clone());
                    named.insert(wishes[at].0.clone(), label);
                }
            }
            return named;
        }
        for at in clash {
            level[at] += 1;
        }
    }
}

/// `wish`, or `wish_2`, `wish_3`, ... when that is refused.
fn free(wish: &str, is_refused: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|n| format!("{wish}_{n}"));
    std::iter::once(wish.to_owned()).chain(numbered).find(|label| !is_refused(label)).unwrap_or_default()
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
        let labels = labels(&ids, &BTreeMap::new(), &|_| false);
        assert_eq!(labels[&ids[0]], "prod_web");
        assert_eq!(labels[&ids[1]], "test_web");
        assert_eq!(labels[&ids[2]], "api");
    }

    #[test]
    fn names_that_differ_only_in_illegal_characters_stay_apart() {
        let ids =
            [id(Kind::CapacityProvider, "capacity-provider/a.b"), id(Kind::CapacityProvider, "capacity-provider/a_b")];
        let labels = labels(&ids, &BTreeMap::new(), &|_| false);
        assert_ne!(labels[&ids[0]], labels[&ids[1]]);
    }

    #[test]
    fn two_revisions_of_a_family_carry_their_numbers() {
        let ids =
            [id(Kind::TaskDefinition, "task-definition/pay:4"), id(Kind::TaskDefinition, "task-definition/pay:5")];
        assert_eq!(labels(&ids, &BTreeMap::new(), &|_| false).into_values().collect::<Vec<_>>(), ["pay_4", "pay_5"]);
    }

    #[test]
    fn a_chosen_name_is_kept_and_nobody_else_gets_it() {
        let ids = [id(Kind::Service, "service/prod/web"), id(Kind::Service, "service/prod/api")];
        let chosen = BTreeMap::from([(ids[0].clone(), "api".to_owned())]);
        let named = labels(&ids, &chosen, &|_| false);
        assert_eq!((named[&ids[0]].as_str(), named[&ids[1]].as_str()), ("api", "prod_api"));
        let named = labels(&ids, &chosen, &|label| label == "api");
        assert_eq!((named[&ids[0]].as_str(), named[&ids[1]].as_str()), ("api_2", "prod_api"));
    }
}
