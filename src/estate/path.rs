//! The address of a field. Findings, drift, HCL lines and screen lines all speak [`FieldPath`].

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::Value;

/// One step of a [`FieldPath`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A member of an object.
    Member(Arc<str>),
    /// An element of a list, from 0.
    Index(usize),
}

/// The address of one field in a document: `containerDefinitions[0].environment[3].value`.
///
/// The root (an empty path) is the described object. A path may name an absent member.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FieldPath(Arc<[Segment]>);

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a field path at byte {at}: {text:?}")]
pub struct PathError {
    /// The whole text.
    pub text: String,
    /// Where reading stopped.
    pub at: usize,
}

/// Member names that need no quotes.
fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

impl Segment {
    /// The member's name; `None` for an element.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Member(name) => Some(name),
            Self::Index(_) => None,
        }
    }
}

impl FieldPath {
    /// The described object itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path from segments.
    pub fn new(segments: impl IntoIterator<Item = Segment>) -> Self {
        Self(segments.into_iter().collect())
    }

    /// The steps from the root.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// True for the described object itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path of a member below this one.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        self.push(Segment::Member(name.into()))
    }

    /// The path of an element below this one.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.push(Segment::Index(index))
    }

    /// The path of dotted members below this one: `join("a.b")` is `.a.b`. No brackets.
    #[must_use]
    pub fn join(&self, members: &str) -> Self {
        members.split('.').filter(|m| !m.is_empty()).fold(self.clone(), |path, name| path.member(name))
    }

    fn push(&self, segment: Segment) -> Self {
        Self(self.0.iter().cloned().chain([segment]).collect())
    }

    /// The path one step up; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.into()))
    }

    /// True when `self` is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The value at this path.
    pub fn get<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(root, |value, segment| match segment {
            Segment::Member(name) => value.get(&**name),
            Segment::Index(index) => value.get(index),
        })
    }

    /// The names of the members on the path, the last one first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().rev().filter_map(Segment::name)
    }

    /// The last member name on the path, skipping indices: `environment` of `a.environment[3]`.
    pub fn last_member(&self) -> Option<&str> {
        self.names().next()
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Member(name) if is_plain(name) && at == 0 => write!(f, "{name}")?,
                Segment::Member(name) if is_plain(name) => write!(f, ".{name}")?,
                Segment::Member(name) => write!(f, "[{}]", Value::from(&**name))?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl serde::Serialize for FieldPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for FieldPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let steps = parse(text)?;
        let at_error = || PathError { text: text.into(), at: text.len() };
        steps
            .into_iter()
            .map(|step| match step {
                Step::Member(name) => Ok(Segment::Member(name)),
                Step::Index(index) => Ok(Segment::Index(index)),
                Step::Each | Step::Where(..) => Err(at_error()),
            })
            .collect::<Result<Vec<_>, _>>()
            .map(Self::new)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(Arc<str>),
    Index(usize),
    Each,
    Where(Arc<str>, Arc<str>),
}

/// Reads the grammar that paths and selectors share.
fn parse(text: &str) -> Result<Vec<Step>, PathError> {
    let fail = |at: usize| PathError { text: text.into(), at };
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let at = text.len() - rest.len();
        if let Some(inside) = rest.strip_prefix('[') {
            if inside.starts_with('"') {
                let mut stream = serde_json::Deserializer::from_str(inside).into_iter::<String>();
                let name = stream.next().and_then(Result::ok).ok_or_else(|| fail(at))?;
                rest = inside[stream.byte_offset()..].strip_prefix(']').ok_or_else(|| fail(at))?;
                steps.push(Step::Member(name.into()));
                continue;
            }
            let (body, after) = inside.split_once(']').ok_or_else(|| fail(at))?;
            steps.push(if body.is_empty() {
                Step::Each
            } else if let Some((key, value)) = body.split_once('=') {
                Step::Where(key.into(), value.into())
            } else {
                Step::Index(body.parse().map_err(|_| fail(at))?)
            });
            rest = after;
        } else {
            let named = match rest.strip_prefix('.') {
                Some(after) if !steps.is_empty() => after,
                None if steps.is_empty() => rest,
                Some(_) | None => return Err(fail(at)),
            };
            let end = named.find(['.', '[']).unwrap_or(named.len());
            let name = &named[..end];
            if !is_plain(name) {
                return Err(fail(at));
            }
            steps.push(Step::Member(name.into()));
            rest = &named[end..];
        }
    }
    Ok(steps)
}

/// A pattern over field paths: members, `[]` for each element, `[status=PRIMARY]` for those with a member of that value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(Vec<Step>);

impl FromStr for Selector {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        parse(text).map(Self)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if is_plain(name) && at == 0 => write!(f, "{name}")?,
                Step::Member(name) if is_plain(name) => write!(f, ".{name}")?,
                Step::Member(name) => write!(f, "[{}]", Value::from(&**name))?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Each => write!(f, "[]")?,
                Step::Where(key, value) => write!(f, "[{key}={value}]")?,
            }
        }
        Ok(())
    }
}

impl Selector {
    /// Every place below `base` that the pattern names and that exists, in document order.
    pub fn select<'v>(&self, base: &FieldPath, root: &'v Value) -> Vec<(FieldPath, &'v Value)> {
        let mut found = vec![(base.clone(), root)];
        for step in &self.0 {
            let mut next = Vec::new();
            for (path, value) in found {
                match step {
                    Step::Member(name) => next.extend(value.get(&**name).map(|v| (path.member(name), v))),
                    Step::Index(index) => next.extend(value.get(index).map(|v| (path.index(*index), v))),
                    Step::Each => next.extend(elements(value).map(|(i, v)| (path.index(i), v))),
                    Step::Where(key, want) => next.extend(
                        elements(value)
                            .filter(|(_, v)| v.get(&**key).and_then(Value::as_str) == Some(want))
                            .map(|(i, v)| (path.index(i), v)),
                    ),
                }
            }
            found = next;
        }
        found
    }

    /// The member names along the pattern, for comparing it with the shape of an answer.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|step| match step {
            Step::Member(name) => Some(&**name),
            _ => None,
        })
    }
}

fn elements(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    value.as_array().into_iter().flatten().enumerate()
}

/// The direct children of a value, with their paths.
pub fn children<'v>(path: &FieldPath, value: &'v Value) -> Vec<(FieldPath, &'v Value)> {
    match value {
        Value::Object(object) => object.iter().map(|(name, v)| (path.member(name), v)).collect(),
        Value::Array(array) => array.iter().enumerate().map(|(i, v)| (path.index(i), v)).collect(),
        _ => Vec::new(),
    }
}

/// A field path with names for indices: `containerDefinitions{app}.environment{DB_URL}.value`.
///
/// It survives a reordering of lists, so waivers, the cursor and fingerprints use it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct StableKey(pub Arc<str>);

use serde::Serialize;

/// The members by which AWS's lists name their elements, in order of preference.
const NAMES: [&str; 6] = ["name", "key", "containerName", "capacityProvider", "sourceVolume", "id"];

impl StableKey {
    /// The stable key of a path within its document. An element without a name keeps its index.
    pub fn of(path: &FieldPath, root: &Value) -> Self {
        let mut text = String::new();
        let mut value = Some(root);
        for segment in path.segments() {
            match segment {
                Segment::Member(name) => {
                    if is_plain(name) {
                        if !text.is_empty() {
                            text.push('.');
                        }
                        text.push_str(name);
                    } else {
                        text.push_str(&format!("[{}]", Value::from(&**name)));
                    }
                    value = value.and_then(|v| v.get(&**name));
                }
                Segment::Index(index) => {
                    value = value.and_then(|v| v.get(index));
                    let name = value.and_then(|v| NAMES.iter().find_map(|n| v.get(n)?.as_str()));
                    match name {
                        Some(name) => text.push_str(&format!("{{{name}}}")),
                        None => text.push_str(&format!("[{index}]")),
                    }
                }
            }
        }
        Self(text.into())
    }
}

impl fmt::Display for StableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> FieldPath {
        text.parse().unwrap()
    }

    #[test]
    fn paths_print_as_they_parse() {
        for text in ["", "a", "a.b[3].c", r#"dockerLabels["a.b"].c"#, r#"["x y"][0]"#, "a-b._c"] {
            assert_eq!(path(text).to_string(), text);
        }
        for text in [".a", "a..b", "a[", "a[x]", "a b", "a[0]b"] {
            assert!(text.parse::<FieldPath>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_absent_member_is_a_legal_address() {
        let value = json!({"a": [{"b": 1}]});
        assert_eq!(path("a[0].b").get(&value), Some(&json!(1)));
        assert_eq!(path("a[0].c").get(&value), None);
        assert!(path("a[0].c").is_within(&path("a")));
    }

    #[test]
    fn a_selector_finds_by_value() {
        let value = json!({"deployments": [{"status": "ACTIVE", "id": 1}, {"status": "PRIMARY", "id": 2}]});
        let selector: Selector = "deployments[status=PRIMARY].id".parse().unwrap();
        assert_eq!(selector.select(&FieldPath::root(), &value), vec![(path("deployments[1].id"), &json!(2))]);
        let each: Selector = "deployments[].id".parse().unwrap();
        assert_eq!(each.select(&FieldPath::root(), &value).len(), 2);
        assert_eq!(each.to_string(), "deployments[].id");
    }

    #[test]
    fn a_stable_key_names_its_elements() {
        let value =
            json!({"containerDefinitions": [{"name": "app", "environment": [{"name": "DB_URL"}], "command": ["x"]}]});
        let key = StableKey::of(&path("containerDefinitions[0].environment[0].value"), &value);
        assert_eq!(key.to_string(), "containerDefinitions{app}.environment{DB_URL}.value");
        assert_eq!(
            StableKey::of(&path("containerDefinitions[0].command[0]"), &value).to_string(),
            "containerDefinitions{app}.command[0]"
        );
    }
}
