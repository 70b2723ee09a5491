//! Facts that are not ours, as `tests/fixtures/` holds them: the members of AWS's answers and the provider's arguments.
//!
//! Included by path (`#[path = "support/facts.rs"] mod facts;`). `tests/coverage.rs` and `tests/arguments.rs` hold the
//! fixtures to their sources.
// Each test uses its part of this. Failing loudly is what a test's own support is for.
#![allow(dead_code, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

/// One member of a shape that the API answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// `Cluster`, `TaskDefinition` ...
    pub shape: String,
    /// Dotted, lists and maps walked through.
    pub path: String,
    /// The model's type: `string`, `structure`, `list<structure>`, `map<string>` ...
    pub of: String,
    /// The Terraform type that owns it, if any.
    pub resource: String,
    /// Its argument, dotted.
    pub argument: String,
    /// `argument`, `read-only`, `deprecated`, `not in provider`.
    pub class: String,
}

/// `fixtures/ecs_members.csv`.
pub fn members() -> Vec<Member> {
    let rows = include_str!("../fixtures/ecs_members.csv").lines().skip(1);
    rows.map(|line| {
        let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        let [shape, path, of, resource, argument, class] = cells.try_into().expect("six cells");
        Member { shape, path, of, resource, argument, class }
    })
    .collect()
}

/// What a provider says of one argument or block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub required: bool,
    pub optional: bool,
    pub computed: bool,
    /// As the provider's source spells it: `DeploymentControllerTypeEcs`, `200`; empty for none.
    pub default: String,
    /// `String`, `Bool`, `Int`, `Float`, `Number` (3.39 does not say which), `NullableFloat`, `Map`, `Set<String>`,
    /// `List<block>` ...
    pub of: String,
    /// Least and most blocks; 0 where nothing is said.
    pub min: usize,
    pub max: usize,
}

impl Fact {
    pub fn is_settable(&self) -> bool {
        self.required || self.optional
    }

    pub fn is_block(&self) -> bool {
        self.of.ends_with("<block>")
    }
}

/// What two generations of the provider say of their arguments: `fixtures/provider_schema.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema(pub BTreeMap<(String, String, String), Fact>);

impl Schema {
    pub fn read() -> Self {
        let rows = include_str!("../fixtures/provider_schema.csv").lines().skip(1);
        let facts = rows.map(|line| {
            let c: Vec<&str> = line.split(',').collect();
            assert_eq!(c.len(), 11, "{line}");
            let number = |text: &str| if text.is_empty() { 0 } else { text.parse().expect("a number") };
            let fact = Fact {
                required: !c[3].is_empty(),
                optional: !c[4].is_empty(),
                computed: !c[5].is_empty(),
                default: c[6].trim_matches('"').to_owned(),
                of: c[7].to_owned(),
                min: number(c[8]),
                max: number(c[9]),
            };
            ((c[0].to_owned(), c[1].to_owned(), c[2].to_owned()), fact)
        });
        Self(facts.collect())
    }

    /// What a dialect says of an argument; `None` when it has none of that name.
    pub fn fact(&self, dialect: &str, resource: &str, argument: &str) -> Option<&Fact> {
        self.0.get(&(dialect.to_owned(), resource.to_owned(), argument.to_owned()))
    }

    /// Every argument of a resource, with its dotted name.
    pub fn of<'s>(&'s self, dialect: &'s str, resource: &'s str) -> impl Iterator<Item = (&'s str, &'s Fact)> {
        let own = move |key: &&(String, String, String)| key.0 == dialect && key.1 == resource;
        self.0.keys().filter(own).map(|key| (key.2.as_str(), &self.0[key]))
    }
}
