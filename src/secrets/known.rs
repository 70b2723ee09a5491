//! Values that are known to be credentials, sought wherever else they stand.
//!
//! Which field is a credential is said by its name and its shape. A value that was found so is one everywhere: a copy of it
//! under a name that says nothing would stand in the clear beside the variable. The rule:
//!
//! - A common value (a well-known default, a word that chooses a mode, a word or number of fewer than eight characters,
//!   the name of a database) is hidden in its own field only: `postgres` as a password makes no image a credential.
//! - A string that is exactly a known value is a credential, however short. So is one that holds a known value of eight
//!   characters or more; a value made of words has to stand alone in it, as a word does.
//! - A value that only its name makes a credential, and that stands in the name of a resource, is public already. One that
//!   is random or has a published format is not: what bears such a name cannot be exported.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;

use super::{Confidence, Hit, MARK, escaped, pattern, strings, value};
use crate::estate::{FieldPath, Line, Rendered, Segment, visible};

/// Shorter values are sought as whole strings only.
const SHORTEST: usize = 8;

/// Values of credentials. Handle with care: they are compared and never printed.
#[derive(Clone, Default)]
pub struct Known {
    /// Each value, and whether its shape alone would tell it: random, or of a published format.
    values: BTreeMap<String, bool>,
    within: OnceLock<Option<Finder>>,
    printed: OnceLock<Option<Finder>>,
}

/// All texts at once, each with the value that it is a form of.
#[derive(Clone)]
struct Finder {
    automaton: AhoCorasick,
    /// True for the texts that have to stand alone.
    alone: Vec<bool>,
    values: Vec<String>,
}

impl Finder {
    fn new(texts: Vec<(String, String)>, kind: MatchKind) -> Option<Self> {
        if texts.is_empty() {
            return None;
        }
        let automaton = AhoCorasick::builder().match_kind(kind).build(texts.iter().map(|(text, _)| text)).ok()?;
        let alone = texts.iter().map(|(_, value)| value::is_plain(value)).collect();
        Some(Self { automaton, alone, values: texts.into_iter().map(|(_, value)| value).collect() })
    }

    fn counts(&self, text: &str, at: &Range<usize>, pattern: usize) -> bool {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let inside =
            text[..at.start].chars().next_back().is_some_and(word) || text[at.end..].chars().next().is_some_and(word);
        !(inside && self.alone.get(pattern).copied().unwrap_or_default())
    }

    /// Every value that stands in a text, and where.
    fn find<'s>(&'s self, text: &'s str) -> impl Iterator<Item = (Range<usize>, &'s str)> {
        self.automaton.find_overlapping_iter(text).filter_map(move |found| {
            let (at, pattern) = (found.range(), found.pattern().as_usize());
            self.counts(text, &at, pattern).then(|| (at, self.values[pattern].as_str()))
        })
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl Eq for Known {}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} credentials", self.values.len())
    }
}

impl Known {
    /// The values of one document, for a search within it: what its own ARNs say is public.
    pub(super) fn of(document: &Value, hits: &[Hit]) -> Self {
        let mut known = Self::default();
        known.add(document, hits);
        if !known.is_empty() {
            let arns = document.as_object().into_iter().flatten().filter_map(|(_, member)| member.as_str());
            known.publish(arns.filter(|text| text.starts_with("arn:")));
        }
        known
    }

    /// Takes the values of a document's hits, and the keys that are credentials.
    pub fn add(&mut self, document: &Value, hits: &[Hit]) {
        for hit in hits {
            let Some(text) = hit.path.get(document).and_then(Value::as_str) else { continue };
            for part in hit.spans.iter().filter_map(|span| text.get(span.clone())) {
                self.insert(part);
            }
        }
        self.add_keys(document);
    }

    fn add_keys(&mut self, document: &Value) {
        match document {
            Value::Array(items) => items.iter().for_each(|item| self.add_keys(item)),
            Value::Object(members) => {
                for (key, value) in members {
                    for (at, _) in pattern::find(key) {
                        self.insert(&key[at]);
                    }
                    self.add_keys(value);
                }
            }
            _ => {}
        }
    }

    fn insert(&mut self, part: &str) {
        let part = part.trim();
        if !value::is_common(part) {
            let sure = part.len() >= 10 && value::is_random(part) || !pattern::find(part).is_empty();
            self.values.insert(part.to_owned(), sure);
            (self.within, self.printed) = (OnceLock::new(), OnceLock::new());
        }
    }

    /// True when nothing is known.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn within(&self) -> Option<&Finder> {
        let long = || self.values.keys().filter(|value| value.len() >= SHORTEST);
        let finder = || Finder::new(long().map(|v| (v.clone(), v.clone())).collect(), MatchKind::Standard);
        self.within.get_or_init(finder).as_ref()
    }

    /// Forgets what stands in names that are told anyway, unless its shape says what it is.
    pub fn publish<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let mut public: BTreeSet<String> = BTreeSet::new();
        for name in names {
            if let Some(finder) = self.within() {
                public.extend(finder.find(name).map(|(_, value)| value.to_owned()));
            }
            let parts = name.split(['/', ':']).chain([name]);
            public.extend(parts.filter(|part| self.values.contains_key(*part)).map(str::to_owned));
        }
        let before = self.values.len();
        self.values.retain(|value, sure| *sure || !public.contains(value));
        if self.values.len() != before {
            (self.within, self.printed) = (OnceLock::new(), OnceLock::new());
        }
    }

    /// Where known values stand in a string of a document.
    fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let trimmed = text.trim();
        if self.values.contains_key(trimmed) {
            let start = text.len() - text.trim_start().len();
            return std::iter::once(start..start + trimmed.len()).collect();
        }
        let mut spans: Vec<_> =
            self.within().into_iter().flat_map(|finder| finder.find(text)).map(|(at, _)| at).collect();
        spans.sort_by_key(|span| (span.start, span.end));
        spans.dedup();
        spans
    }

    /// True when a string is, or holds, a known value.
    pub fn is_in(&self, text: &str) -> bool {
        !self.is_empty() && !self.spans(text).is_empty()
    }

    /// True when a name or a key holds a credential: a known value that is random, or a published format.
    pub fn is_in_name(&self, name: &str) -> bool {
        let sure = |value: &str| self.values.get(value) == Some(&true);
        !self.is_empty() && self.within().is_some_and(|finder| finder.find(name).any(|(_, value)| sure(value)))
    }

    /// False when no string of a JSON text can hold a known value. One that has escapes has to be read to know.
    pub fn may_stand_in(&self, json: &str) -> bool {
        !self.is_empty()
            && (json.contains('\\')
                || self.values.keys().any(|value| value.len() < SHORTEST && json.contains(value.as_str()))
                || self.within().is_some_and(|finder| finder.automaton.is_match(json)))
    }

    /// The strings of a document that repeat a known value and are no hits yet, in document order.
    pub fn repeats(&self, document: &Value, hits: &[Hit], reason: &'static str) -> Vec<Hit> {
        let mut more = Vec::new();
        if self.is_empty() {
            return more;
        }
        let hit: BTreeSet<&FieldPath> = hits.iter().map(|hit| &hit.path).collect();
        strings(&FieldPath::root(), document, &|text| self.is_in(text), &mut |path, text| {
            if !hit.contains(&path) {
                let name = called(document, &path);
                let (spans, confidence) = (self.spans(text), Confidence::Heuristic);
                more.push(Hit { path, name, reason, confidence, spans });
            }
        });
        more
    }

    /// A text of a file, a comment or a report, with [`MARK`] in place of every known value of eight characters or more,
    /// in each form in which it may stand there.
    pub fn mask(&self, text: &str) -> String {
        self.masked(text, &|_| true)
    }

    fn masked(&self, text: &str, is_meant: &dyn Fn(&str) -> bool) -> String {
        let Some(finder) = self.printed() else { return text.to_owned() };
        let mut out = String::new();
        finder.automaton.replace_all_with(text, &mut out, |found, matched, out| {
            let pattern = found.pattern().as_usize();
            let hidden = finder.counts(text, &found.range(), pattern) && is_meant(&finder.values[pattern]);
            out.push_str(if hidden { MARK } else { matched });
            true
        });
        out
    }

    fn printed(&self) -> Option<&Finder> {
        let forms = || {
            let mut forms: BTreeMap<String, String> = BTreeMap::new();
            for value in self.values.keys().filter(|value| value.len() >= SHORTEST) {
                let seen = visible(value);
                // The cells of a Markdown table have escapes of their own.
                let cell = seen.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('`', "'");
                let all = escaped(value).into_iter().chain([value.clone(), seen, cell]);
                forms.extend(all.map(|form| (form, value.clone())));
            }
            Finder::new(forms.into_iter().collect(), MatchKind::LeftmostLongest)
        };
        self.printed.get_or_init(forms).as_ref()
    }

    /// A file of code with masked comments. The second value counts the lines of code that were masked: those would not
    /// mean what AWS said, so somebody has to be told. In code only what no ordinary text looks like is masked.
    pub fn mask_code(&self, code: &str) -> (String, usize) {
        if self.printed().is_none() {
            return (code.to_owned(), 0);
        }
        let mut lines = 0;
        let masked = code.split_inclusive('\n').map(|line| self.mask_line(line, &mut lines)).collect();
        (masked, lines)
    }

    /// The same for code on screen.
    pub fn mask_rendered(&self, code: Rendered) -> Rendered {
        if self.printed().is_none() {
            return code;
        }
        let masked = |line: &Line| Line { text: self.mask_line(&line.text, &mut 0), ..line.clone() };
        Rendered::new(code.lines().iter().map(masked).collect())
    }

    fn mask_line(&self, line: &str, lines: &mut usize) -> String {
        if line.trim_start().starts_with('#') {
            return self.mask(line);
        }
        let masked = self.masked(line, &|value| self.values.get(value) == Some(&true));
        *lines += usize::from(masked != line);
        masked
    }
}

/// What a field is called: the name that stands beside a value, else its own.
fn called(document: &Value, path: &FieldPath) -> String {
    let own = path.last_member().unwrap_or_default();
    let beside = matches!(path.segments().last(), Some(Segment::Member(name)) if matches!(&**name, "value" | "Value"));
    let pair = path.parent().filter(|_| beside);
    let pair = pair.as_ref().and_then(|pair| pair.get(document));
    let name =
        pair.and_then(|pair| ["name", "key", "Key", "Name"].iter().find_map(|member| pair.get(member)?.as_str()));
    name.unwrap_or(own).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Kind;
    use crate::secrets::scan;
    use serde_json::json;

    fn known(pairs: &[(&str, &str)]) -> Known {
        let environment: Vec<Value> = pairs.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let document = json!({"environment": environment});
        let mut known = Known::default();
        known.add(&document, &scan(Kind::TaskDefinition, &document));
        known
    }

    #[test]
    fn a_known_value_is_found_wherever_it_stands() {
        let known = known(&[("APP_SECRET", "shorty9!"), ("A_PASSWORD", "correcthorse"), ("B_PASSWORD", "x9!f")]);
        for text in ["shorty9!", " correcthorse ", "x9!f", "say correcthorse now", "run=shorty9!;", "prefixshorty9!"] {
            assert!(known.is_in(text), "{text}");
        }
        for text in ["", "correcthorses", "x9!f and more", "shorty9"] {
            assert!(!known.is_in(text), "{text}");
        }
    }

    #[test]
    fn common_values_stay_in_their_field() {
        let pairs = ["true", "password", "admin", "1", "postgres", "8080", "rabbit"].map(|v| ("DB_PASSWORD", v));
        assert!(known(&pairs).is_empty(), "{:?}", known(&pairs).values);
    }

    #[test]
    fn a_name_is_public_unless_it_can_only_be_a_credential() {
        let token = "ghp_R7bT2mXq9LkV4nZc8WyP1sDf6GhJ3aKoQe5U";
        let mut known = known(&[("A_PASSWORD", "orders-service"), ("B", token), ("C_PASSWORD", "correcthorse")]);
        assert!(known.is_in("orders-service") && known.is_in_name(token));
        known.publish(["arn:aws:ecs:eu-west-1:1:service/prod/orders-service", token]);
        assert!(
            !known.is_in("orders-service") && known.is_in_name(&format!("a/{token}")) && known.is_in("correcthorse")
        );
        assert!(!known.is_in_name("correcthorse"), "a key may be a word");
    }

    #[test]
    fn every_form_is_masked_and_code_is_counted() {
        let known = known(&[("DB_PASSWORD", "a`b\"|${x9<Kestrel77")]);
        for text in ["a`b\"|${x9<Kestrel77", "\"a`b\\\"|$${x9<Kestrel77\"", "| a'b\"\\|${x9&lt;Kestrel77 |"] {
            assert!(!known.mask(text).contains("Kestrel77"), "{text}");
        }
        let code = "# was a`b\"|${x9<Kestrel77\nx = \"a`b\\\"|$${x9<Kestrel77\"\n";
        let (masked, lines) = known.mask_code(code);
        assert!(!masked.contains("Kestrel77") && masked.lines().count() == 2, "{masked}");
        assert_eq!(lines, 1);
    }
}
