//! Which row of the mapping tables owns an argument: no second list of fields.

use serde_json::Value;

use crate::estate::{FieldPath, Segment};
use crate::terraform::dialect::Dialect;
use crate::terraform::mapping::{Many, Row, Shape, TypeMap, What};
use crate::terraform::types;

/// The row that owns an argument.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The row.
    pub row: &'static Row,
    /// The API's member, as the text of a selector: `loadBalancers[].containerPort`. Empty for an argument that no member
    /// stands for.
    pub member: String,
    /// The outermost set on the way: the order of what stands in it means nothing, and its places change with it.
    pub set: Option<FieldPath>,
}

impl Owner {
    /// The default that the provider fills in, null where it has none.
    pub fn default(&self) -> Value {
        match self.row.what {
            What::Arg(arg) | What::Naming(arg) => arg.default.value(),
            _ => Value::Null,
        }
    }

    /// The rule by which an export may leave the argument out although AWS says something.
    pub fn omission(&self) -> Option<&'static str> {
        match self.row.what {
            What::Arg(arg) | What::Naming(arg) => arg.omit.map(|o| o.rule),
            What::Block(block) => block.omit.map(|o| o.rule),
            _ => None,
        }
    }

    /// True for the JSON text of container definitions.
    pub fn is_containers(&self) -> bool {
        matches!(self.row.what, What::Arg(arg) if arg.shape == Shape::Containers)
    }
}

/// The table of a Terraform type.
pub fn table(resource_type: &str) -> Option<&'static TypeMap> {
    types::ALL.into_iter().find(|map| map.terraform_type == resource_type)
}

/// The owner of an argument, by the names on its path; without a dialect, of the newest.
pub fn find(resource_type: &str, path: &FieldPath, dialect: Option<Dialect>) -> Option<Owner> {
    let mut rows = table(resource_type)?.rows;
    let mut member = String::new();
    let mut set = None;
    let mut at = FieldPath::root();
    let mut found: Option<&'static Row> = None;
    let mut segments = path.segments().iter().peekable();
    while let Some(segment) = segments.next() {
        let Segment::Member(name) = segment else { return None };
        let row = row_of(rows, name, dialect)?;
        at = at.member(name);
        found = Some(row);
        let (below, many, is_set) = match row.what {
            What::Block(block) => (block.member, block.many != Many::One, block.many == Many::Set),
            What::Arg(arg) | What::Naming(arg) => {
                (arg.member, matches!(arg.shape, Shape::List | Shape::Set), arg.shape == Shape::Set)
            }
            _ => return None,
        };
        join(&mut member, below);
        if is_set && set.is_none() {
            set = Some(at.clone());
        }
        if let Some(Segment::Index(index)) = segments.peek() {
            at = at.index(*index);
            segments.next();
            if many {
                member.push_str("[]");
            }
        }
        match row.what {
            What::Block(block) => rows = block.rows,
            What::Arg(arg) if arg.shape == Shape::Containers => {
                let names: Vec<&str> = segments
                    .by_ref()
                    .filter_map(|s| match s {
                        Segment::Member(name) => Some(&**name),
                        Segment::Index(_) => None,
                    })
                    .collect();
                if !names.is_empty() && !member.ends_with("[]") {
                    member.push_str("[]");
                }
                return within_containers(&member, &names).or(Some(Owner { row, member, set }));
            }
            // What stands below a map or a list of scalars is its own.
            _ => break,
        }
    }
    Some(Owner { row: found?, member, set })
}

/// The owner of a key of one container, by the names on its way: `environment`, `value`.
pub fn of_container(names: &[&str]) -> Option<Owner> {
    within_containers("containerDefinitions[]", names)
}

fn within_containers(base: &str, names: &[&str]) -> Option<Owner> {
    let mut rows = types::CONTAINER;
    let mut member = base.to_owned();
    let mut found = None;
    for (at, name) in names.iter().enumerate() {
        if rows.is_empty() {
            break;
        }
        let (row, key) = rows.iter().find_map(|row| match row.what {
            // Go reads names whatever their case.
            What::Key(key) if key.member.eq_ignore_ascii_case(name) => Some((row, key)),
            _ => None,
        })?;
        join(&mut member, key.member);
        let more = at + 1 < names.len();
        if more && !key.rows.is_empty() && is_list(key.member) {
            member.push_str("[]");
        }
        rows = key.rows;
        found = Some(row);
    }
    Some(Owner { row: found?, member, set: None })
}

/// Whether a key of a container with keys below it is a list of objects; the others are one object.
fn is_list(member: &str) -> bool {
    !matches!(
        member,
        "repositoryCredentials"
            | "restartPolicy"
            | "linuxParameters"
            | "capabilities"
            | "logConfiguration"
            | "healthCheck"
            | "firelensConfiguration"
    )
}

fn row_of(rows: &'static [Row], name: &str, dialect: Option<Dialect>) -> Option<&'static Row> {
    let named = |row: &&'static Row| match row.what {
        What::Arg(arg) | What::Naming(arg) => arg.name == name,
        What::Block(block) => block.name == name,
        _ => false,
    };
    let mut all = rows.iter().filter(named);
    match dialect {
        Some(dialect) => all.find(|row| row.holds(dialect)),
        None => all.max_by_key(|row| row.until),
    }
}

fn join(member: &mut String, below: &str) {
    if !member.is_empty() && !below.is_empty() {
        member.push('.');
    }
    member.push_str(below);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Selector;

    fn every_argument(
        rows: &'static [Row],
        path: &FieldPath,
        until: Dialect,
        visit: &mut impl FnMut(&FieldPath, Dialect, &'static Row),
    ) {
        for row in rows {
            // A row of a block that has gone from the provider has gone with it.
            let until = row.until.min(until);
            match row.what {
                What::Arg(arg) | What::Naming(arg) => visit(&path.member(arg.name), until, row),
                What::Block(block) => {
                    let below = path.member(block.name);
                    visit(&below, until, row);
                    every_argument(block.rows, &below.index(0), until, visit);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn every_argument_of_every_table_finds_its_own_row_and_a_member_that_is_a_selector() {
        let mut seen = 0;
        for map in types::ALL {
            every_argument(map.rows, &FieldPath::root(), Dialect::V6, &mut |path, dialect, row| {
                let owner = find(map.terraform_type, path, Some(dialect)).unwrap();
                assert!(std::ptr::eq(owner.row, row), "{} {path}", map.terraform_type);
                assert!(owner.member.parse::<Selector>().is_ok(), "{path}: {}", owner.member);
                seen += 1;
            });
        }
        assert!(seen > 200, "{seen}");
    }

    #[test]
    fn members_are_those_of_the_api() {
        let member = |kind: &str, path: &str| find(kind, &path.parse().unwrap(), Some(Dialect::V6)).map(|o| o.member);
        let service = |path: &str| member("aws_ecs_service", path);
        assert_eq!(service("desired_count").as_deref(), Some("desiredCount"));
        assert_eq!(service("load_balancer[1].container_port").as_deref(), Some("loadBalancers[].containerPort"));
        assert_eq!(
            service("network_configuration[0].subnets[2]").as_deref(),
            Some("networkConfiguration.awsvpcConfiguration.subnets[]")
        );
        assert_eq!(
            service("service_connect_configuration[0].namespace").as_deref(),
            Some("deployments[status=PRIMARY].serviceConnectConfiguration.namespace")
        );
        assert_eq!(service("tags.env").as_deref(), Some("tags"));
        assert_eq!(service("timeouts"), None, "3.39 alone has it in its table");
        assert_eq!(
            member("aws_ecs_task_definition", "container_definitions[0].environment[3].value").as_deref(),
            Some("containerDefinitions[].environment[].value")
        );
        assert_eq!(
            member("aws_ecs_task_definition", "container_definitions[0].logConfiguration.options.mode").as_deref(),
            Some("containerDefinitions[].logConfiguration.options")
        );
        assert_eq!(member("aws_instance", "ami"), None);
        let set = find("aws_ecs_service", &"network_configuration[0].subnets[2]".parse().unwrap(), None).unwrap().set;
        assert_eq!(set.unwrap().to_string(), "network_configuration[0].subnets");
    }

    #[test]
    fn keys_that_are_lists_are_told_from_objects() {
        // A list of objects is what the provider's equivalence knows as an empty list, or stands in this short list.
        fn check(rows: &'static [Row]) {
            for row in rows {
                if let What::Key(key) = row.what
                    && !key.rows.is_empty()
                {
                    let listed = matches!(key.same, crate::terraform::mapping::Same::EmptyList)
                        || ["devices", "tmpfs", "secretOptions"].contains(&key.member);
                    assert_eq!(is_list(key.member), listed, "{}", key.member);
                    check(key.rows);
                }
            }
        }
        check(types::CONTAINER);
    }
}
