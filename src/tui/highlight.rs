//! SHELL. Meanings of the words of a text, by syntect. The grammars are loaded at the first use, away from the screen.

use std::sync::OnceLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::estate::Rendered;

use super::message::{Styles, Tab};
use super::theme::Role;

/// Longer texts are shown plain first and coloured when that is done.
pub const SHORT: usize = 600;

static GRAMMARS: OnceLock<SyntaxSet> = OnceLock::new();

/// True once the grammars are there, so that a text need not be shown plain first.
pub fn is_loaded() -> bool {
    GRAMMARS.get().is_some()
}

/// The meanings of each line, or none when there is no grammar for the tab.
pub fn styles(tab: Tab, text: &Rendered) -> Styles {
    let extension = match tab {
        Tab::Overview => return Styles::new(),
        Tab::Json => "json",
        Tab::Hcl => "tf",
    };
    let grammars = GRAMMARS.get_or_init(two_face::syntax::extra_newlines);
    let Some(grammar) = grammars.find_syntax_by_extension(extension) else { return Styles::new() };
    let roles = Roles::new();
    let mut state = ParseState::new(grammar);
    let mut stack = ScopeStack::new();
    text.lines()
        .iter()
        .map(|line| {
            let with_end = format!("{}\n", line.text);
            let Ok(changes) = state.parse_line(&with_end, grammars) else { return Vec::new() };
            let mut spans: Vec<(usize, Role)> = Vec::new();
            let mut push = |piece: &str, role: Role| {
                let count = piece.chars().count();
                match spans.last_mut() {
                    Some((known, last)) if *last == role => *known += count,
                    _ if count > 0 => spans.push((count, role)),
                    _ => {}
                }
            };
            let mut from = 0;
            for (at, change) in changes {
                if let Some(piece) = with_end.get(from..at.min(line.text.len())) {
                    push(piece, roles.of(&stack));
                }
                from = at.min(line.text.len());
                // A grammar that pops too much leaves the stack as it is: colours may be off, nothing else.
                let _ = stack.apply(&change);
            }
            if let Some(piece) = line.text.get(from..) {
                push(piece, roles.of(&stack));
            }
            spans
        })
        .collect()
}

/// Scopes of the grammars -> roles of the theme. The innermost scope that says something decides.
struct Roles(Vec<(Scope, Role)>);

const SCOPES: [(&str, Role); 14] = [
    ("comment", Role::Comment),
    ("meta.mapping.key", Role::Label),
    ("support.type.property-name", Role::Label),
    ("variable.declaration", Role::Label),
    ("variable.other.readwrite", Role::Label),
    ("variable.other.member", Role::Label),
    ("string", Role::String),
    ("constant.character.escape", Role::Number),
    ("constant", Role::Number),
    ("entity.name.type", Role::Keyword),
    ("storage", Role::Keyword),
    ("keyword.control", Role::Keyword),
    ("support.function", Role::Keyword),
    ("punctuation", Role::Punctuation),
];

impl Roles {
    fn new() -> Self {
        Self(SCOPES.iter().filter_map(|(name, role)| Some((Scope::new(name).ok()?, *role))).collect())
    }

    fn of(&self, stack: &ScopeStack) -> Role {
        let found = stack.scopes.iter().rev().find_map(|scope| {
            // Quotes belong to their string or key.
            let role = self.0.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, role)| *role);
            role.filter(|role| *role != Role::Punctuation || !scope.to_string().contains("string"))
        });
        let keyed = stack
            .scopes
            .iter()
            .any(|scope| self.0.iter().any(|(prefix, role)| *role == Role::Label && prefix.is_prefix_of(*scope)));
        match found {
            Some(Role::String) if keyed => Role::Label,
            Some(role) => role,
            None => Role::Text,
        }
    }
}
