//! The way through a document, from which a path is made only where one is kept.

use serde_json::Value;

use super::path::{FieldPath, Segment};

/// Where a walk through a document stands. Each step points at the one before it, so a step costs nothing; most fields are
/// only looked at, and the few that are kept get their [`FieldPath`] by [`Trail::path`].
#[derive(Debug, Clone, Copy)]
pub enum Trail<'a> {
    /// Where the walk began.
    From(&'a FieldPath),
    /// A member of the object one step up.
    Member(&'a Trail<'a>, &'a str),
    /// An element of the list one step up.
    Index(&'a Trail<'a>, usize),
}

impl<'a> Trail<'a> {
    /// A step down to a member.
    pub fn member(&'a self, name: &'a str) -> Self {
        Self::Member(self, name)
    }

    /// A step down to an element.
    pub fn index(&'a self, index: usize) -> Self {
        Self::Index(self, index)
    }

    /// The field where the walk stands.
    pub fn path(&self) -> FieldPath {
        let mut steps = Vec::new();
        let mut at = self;
        let base = loop {
            at = match at {
                Self::From(base) => break *base,
                Self::Member(before, name) => {
                    steps.push(Segment::Member((*name).into()));
                    before
                }
                Self::Index(before, index) => {
                    steps.push(Segment::Index(*index));
                    before
                }
            };
        };
        if steps.is_empty() {
            return base.clone();
        }
        FieldPath::new(base.segments().iter().cloned().chain(steps.into_iter().rev()))
    }

    /// The names of the members on the way, the last one first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut at = Some(self);
        let mut base = [].iter();
        std::iter::from_fn(move || {
            while let Some(trail) = at {
                match trail {
                    Self::From(path) => {
                        at = None;
                        base = path.segments().iter();
                    }
                    Self::Member(before, name) => {
                        at = Some(before);
                        return Some(*name);
                    }
                    Self::Index(before, _) => at = Some(before),
                }
            }
            base.by_ref().rev().find_map(Segment::name)
        })
    }
}

/// Visits every value of a document, parents before children, each with its path.
pub fn walk<'v>(path: &FieldPath, value: &'v Value, visit: &mut impl FnMut(&FieldPath, &'v Value)) {
    follow(&Trail::From(path), value, &mut |trail, value| visit(&trail.path(), value));
}

/// The same for those who keep few of the paths.
pub fn follow<'v>(trail: &Trail<'_>, value: &'v Value, visit: &mut impl FnMut(&Trail<'_>, &'v Value)) {
    visit(trail, value);
    match value {
        Value::Object(members) => members.iter().for_each(|(name, child)| follow(&trail.member(name), child, visit)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, child)| follow(&trail.index(at), child, visit)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_walk_visits_every_field_under_its_path() {
        let base: FieldPath = "a[1]".parse().unwrap();
        let value = json!({"b": [{"c.d": 1}], "e": null});
        let mut seen = Vec::new();
        follow(&Trail::From(&base), &value, &mut |trail, _| {
            let path = trail.path();
            assert!(trail.names().eq(path.names()), "{path}");
            seen.push(path.to_string());
        });
        assert_eq!(seen, ["a[1]", "a[1].b", "a[1].b[0]", r#"a[1].b[0]["c.d"]"#, "a[1].e"]);
        let document = json!({"a": [0, value]});
        assert_eq!("a[1].b[0]".parse::<FieldPath>().unwrap().names().collect::<Vec<_>>(), ["b", "a"]);
        walk(&FieldPath::root(), &document, &mut |path, value| {
            assert_eq!(path.get(&document), Some(value));
        });
    }
}
