//! The arrows between the rooms go one way, and pure rooms touch nothing. Every path is parsed, none is searched for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// Pure rooms with their height: a room may name those that are lower, and itself.
const PURE: [(&str, u8); 8] = [
    ("estate", 1),
    ("secrets", 2),
    ("terraform", 3),
    ("drift", 4),
    ("export", 4),
    ("policy", 5),
    ("gate", 6),
    ("report", 7),
];

/// Files of tui/ that touch the terminal, run effects or wire the others together. The rest is pure.
const TUI_SHELL: [&str; 4] = ["mod.rs", "run.rs", "effects.rs", "terminal.rs"];

/// Crates that touch the world, or bring chance.
const WORLD: [&str; 12] = [
    "tokio",
    "tokio_util",
    "futures",
    "crossterm",
    "rand",
    "getrandom",
    "fastrand",
    "tempfile",
    "directories",
    "rustix",
    "tracing_subscriber",
    "http",
];

/// Parts of the standard library that touch the world or the clock.
const STD: [&[&str]; 8] = [
    &["std", "fs"],
    &["std", "env"],
    &["std", "net"],
    &["std", "process"],
    &["std", "os"],
    &["std", "thread"],
    &["std", "time", "SystemTime"],
    &["std", "time", "Instant"],
];

/// Macros that write to the terminal or read the environment of the build.
const MACROS: [&str; 7] = ["println", "print", "eprintln", "eprint", "dbg", "env", "option_env"];

/// What a file is, by where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Pure { room: String, height: u8 },
    TuiPure,
    Shell,
}

fn place(relative: &Path) -> Place {
    let mut parts = relative.components().map(|c| c.as_os_str().to_string_lossy().into_owned());
    let room = parts.next().unwrap_or_default();
    let rest: Vec<String> = parts.collect();
    if let Some((room, height)) = PURE.iter().find(|(name, _)| *name == room) {
        return Place::Pure { room: (*room).to_owned(), height: *height };
    }
    if room == "tui" && !rest.first().is_some_and(|first| rest.len() == 1 && TUI_SHELL.contains(&first.as_str())) {
        return Place::TuiPure;
    }
    if room == "error.rs" {
        return Place::Pure { room: "error".into(), height: 0 };
    }
    Place::Shell
}

/// The module that a file holds: `estate/path.rs` is `["estate", "path"]`.
fn module(relative: &Path) -> Vec<String> {
    let mut parts: Vec<String> =
        relative.with_extension("").components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        parts.pop();
    }
    parts
}

/// Everything a file names, from the root of its crate.
#[derive(Default)]
struct Named {
    module: Vec<String>,
    aliases: BTreeMap<String, Vec<String>>,
    paths: BTreeSet<Vec<String>>,
    macros: BTreeSet<String>,
    test_modules: BTreeSet<String>,
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

impl Named {
    fn of(module: Vec<String>, source: &str) -> syn::Result<Self> {
        let file = syn::parse_file(source)?;
        let mut named = Self { module, ..Self::default() };
        // Uses first: they may stand below what they rename.
        let mut uses = Uses { named: &mut named };
        uses.visit_file(&file);
        named.visit_file(&file);
        Ok(named)
    }

    /// Resolves `self`, `super`, `crate`, the crate's own name, and names that a `use` of this file brought in.
    fn resolve(&self, path: &[String], follow: bool) -> Vec<String> {
        let own = |rest: &[String], up: usize| {
            let keep = self.module.len().saturating_sub(up);
            ["crate".to_owned()]
                .into_iter()
                .chain(self.module[..keep].iter().cloned())
                .chain(rest.iter().cloned())
                .collect()
        };
        match path.first().map(String::as_str) {
            Some("crate" | "ecsight") => ["crate".to_owned()].into_iter().chain(path[1..].iter().cloned()).collect(),
            Some("self") => own(&path[1..], 0),
            Some("super") => {
                let up = path.iter().take_while(|segment| *segment == "super").count();
                own(&path[up..], up)
            }
            Some(first) if follow && self.aliases.contains_key(first) => {
                self.aliases[first].iter().cloned().chain(path[1..].iter().cloned()).collect()
            }
            _ => path.to_vec(),
        }
    }

    fn add(&mut self, path: &[String]) {
        let resolved = self.resolve(path, true);
        self.paths.insert(resolved);
    }

    fn flatten(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| before.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>();
        match tree {
            syn::UseTree::Path(path) => self.flatten(&path.tree, &with(&path.ident)),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.flatten(item, before)),
            syn::UseTree::Name(name) if name.ident == "self" => self.bring(before.last().cloned(), before),
            syn::UseTree::Name(name) => self.bring(Some(name.ident.to_string()), &with(&name.ident)),
            syn::UseTree::Rename(rename) if rename.ident == "self" => {
                self.bring(Some(rename.rename.to_string()), before);
            }
            syn::UseTree::Rename(rename) => self.bring(Some(rename.rename.to_string()), &with(&rename.ident)),
            syn::UseTree::Glob(_) => self.bring(None, before),
        }
    }

    fn bring(&mut self, name: Option<String>, path: &[String]) {
        let resolved = self.resolve(path, false);
        self.paths.insert(resolved.clone());
        // `use x;` and `use x as x` would send the resolution in circles.
        if let Some(name) = name.filter(|name| resolved.first() != Some(name) || resolved.len() > 1) {
            self.aliases.insert(name, resolved);
        }
    }
}

struct Uses<'a> {
    named: &'a mut Named,
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !item_is_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.named.flatten(&item.tree, &[]);
    }
}

fn item_is_test(item: &syn::Item) -> bool {
    match item {
        syn::Item::Mod(i) => is_test(&i.attrs),
        syn::Item::Fn(i) => is_test(&i.attrs),
        syn::Item::Use(i) => is_test(&i.attrs),
        syn::Item::Impl(i) => is_test(&i.attrs),
        syn::Item::Const(i) => is_test(&i.attrs),
        syn::Item::Static(i) => is_test(&i.attrs),
        syn::Item::Struct(i) => is_test(&i.attrs),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Named {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Mod(module) if is_test(&module.attrs) => {
                self.test_modules.insert(module.ident.to_string());
            }
            _ if item_is_test(item) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(last) = call.path.segments.last() {
            self.macros.insert(last.ident.to_string());
        }
        // What stands within a macro is tokens, not syntax: a path there is a run of names joined by `::`.
        let mut run: Vec<String> = Vec::new();
        let mut joined = false;
        let text = call.tokens.to_string().replace("::", " :: ");
        for token in text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).filter(|t| !t.is_empty()) {
            if token == "::" {
                joined = true;
            } else if joined {
                run.push(token.to_owned());
                joined = false;
            } else {
                if run.len() > 1 {
                    self.add(&run);
                }
                run = vec![token.to_owned()];
            }
        }
        if run.len() > 1 {
            self.add(&run);
        }
        visit::visit_macro(self, call);
    }
}

/// What a file of a place may not name, in words.
fn faults(place: &Place, named: &Named) -> Vec<String> {
    let (own, height) = match place {
        Place::Shell => return Vec::new(),
        Place::Pure { room, height } => (room.as_str(), *height),
        Place::TuiPure => ("tui", u8::MAX),
    };
    let tui = *place == Place::TuiPure;
    let mut faults = Vec::new();
    for path in &named.paths {
        let text = path.join("::");
        let first = path.first().map_or("", String::as_str);
        let second = path.get(1).map_or("", String::as_str);
        if WORLD.contains(&first) || first.starts_with("aws_") || first == "aws" && path.len() > 1 {
            faults.push(format!("names the outside world: {text}"));
        } else if ["ratatui", "tui_input"].contains(&first) && (!tui || second == "crossterm") {
            faults.push(format!("names the terminal: {text}"));
        } else if STD.iter().any(|part| path.iter().map(String::as_str).take(part.len()).eq(part.iter().copied())) {
            faults.push(format!("names files, network, process, environment or clock: {text}"));
        } else if path.len() >= 2 && path[..2] == ["std", "time"] && path.get(2).is_none_or(|name| name != "Duration") {
            faults.push(format!("names the clock: {text}"));
        } else if first == "crate" && second == "error" {
            // Errors are words for people; every room has them.
        } else if first == "crate" && second == own {
            let shell = path.get(2).is_some_and(|file| tui && TUI_SHELL.contains(&format!("{file}.rs").as_str()));
            if shell {
                faults.push(format!("names the shell of its own room: {text}"));
            }
        } else if first == "crate" {
            let below = PURE.iter().find(|(room, _)| *room == second).is_some_and(|(_, other)| *other < height);
            if !below {
                faults.push(format!("names a room beside or above it: {text}"));
            }
        }
    }
    faults.extend(named.macros.iter().filter(|m| MACROS.contains(&m.as_str())).map(|m| format!("calls {m}!")));
    faults
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            files(&entry, out);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            out.push(entry);
        }
    }
}

#[test]
fn arrows_go_one_way_and_pure_rooms_touch_nothing() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&source, &mut all);
    let mut read = Vec::new();
    let mut tests: BTreeSet<Vec<String>> = BTreeSet::new();
    for file in &all {
        let relative = file.strip_prefix(&source).unwrap();
        let named = Named::of(module(relative), &fs::read_to_string(file).unwrap()).unwrap();
        tests.extend(named.test_modules.iter().map(|m| named.module.iter().cloned().chain([m.clone()]).collect()));
        read.push((relative.to_path_buf(), named));
    }
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for (relative, named) in &read {
        if tests.iter().any(|test| named.module.starts_with(test)) {
            continue;
        }
        let place = place(relative);
        looked_at += if place == Place::Shell { 0 } else { named.paths.len() };
        wrong.extend(faults(&place, named).into_iter().map(|fault| format!("{}: {fault}", relative.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(looked_at > 300, "only {looked_at} paths were read: the reader is broken");
    for (room, _) in PURE {
        assert!(source.join(room).is_dir(), "{room} is gone: change the table and ARCHITECTURE.md");
    }
}

/// The faults of a snippet, were it to stand at this place.
fn judged(relative: &str, source: &str) -> Vec<String> {
    let relative = Path::new(relative);
    faults(&place(relative), &Named::of(module(relative), source).unwrap())
}

#[test]
fn the_checker_sees_through_disguise() {
    for (source, why) in [
        ("use std::fs;", "plain"),
        ("use std::{collections::BTreeMap, fs as files};", "in a group, renamed"),
        ("use std::time; fn now() -> time::SystemTime { loop {} }", "through a module"),
        ("use std::time::*;", "a glob"),
        ("fn f() { let x = ::std::env::var(\"X\"); }", "a full path"),
        ("fn f() { assert!(std::process::id() > 0); }", "within a macro"),
        ("use crate::gate::Review;", "a room above"),
        ("use super::super::report;", "a room above, by super"),
        ("fn f() -> ecsight::aws::Session { loop {} }", "a shell room, by the crate's name"),
        ("use crate as house; fn f() -> house::tui::Model { loop {} }", "through a renamed root"),
        ("use tokio::sync::mpsc;", "an async runtime"),
        ("type T = aws_sdk_ecs::Client;", "the SDK"),
        ("use ratatui::text::Line;", "the terminal"),
        ("fn f() { println!(\"x\"); }", "printing"),
        ("use std::time::Instant as Moment;", "the clock"),
    ] {
        assert!(!judged("policy/bad.rs", source).is_empty(), "{why}: {source}");
    }
    for source in [
        "use crate::estate::Estate; use crate::secrets::Masks; use std::collections::BTreeMap;",
        "use super::Rule; use crate::error::Error; use std::time::Duration;",
        "#[cfg(test)] mod tests { use std::fs; use crate::report; }",
        "#[derive(clap::ValueEnum)] enum E { A }",
        "mod fs {} fn f() { let fs = 1; let _ = fs; }",
    ] {
        assert_eq!(judged("policy/good.rs", source), Vec::<String>::new(), "{source}");
    }
    assert!(judged("drift/x.rs", "use crate::export::Export;").len() == 1, "rooms side by side do not know each other");
    assert!(judged("tui/view/table.rs", "use ratatui::Frame; use crate::report; use crate::tui::Model;").is_empty());
    assert_eq!(judged("tui/update.rs", "use ratatui::crossterm::event::KeyEvent;").len(), 1);
    assert_eq!(judged("tui/update.rs", "use super::terminal::Terminal;").len(), 1);
    assert!(judged("tui/run.rs", "use tokio::sync::mpsc; use std::fs;").is_empty());
    assert!(judged("aws/mod.rs", "use tokio::sync::mpsc; use crate::export::Need;").is_empty());
}

/// The text literals of a file outside of its tests, and the functions that it calls by path.
#[derive(Default)]
struct Words(Vec<String>);

impl<'ast> Visit<'ast> for Words {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !item_is_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.0.push(text.value());
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        // What stands within a macro is tokens: most are expressions, and in the others quotes are searched for.
        let list = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        match call.parse_body_with(list) {
            Ok(body) => body.iter().for_each(|e| self.0.extend(Self::within(e))),
            Err(_) => self.0.extend(call.tokens.to_string().split('"').map(str::to_owned)),
        }
    }
}

impl Words {
    fn within(expression: &syn::Expr) -> Vec<String> {
        let mut words = Self::default();
        words.visit_expr(expression);
        words.0
    }
}

/// Where engines are told to change something, and who asks for it.
fn appliers(files: &[(&str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (relative, source) in files {
        let mut words = Words::default();
        words.visit_file(&syn::parse_file(source).unwrap());
        for word in ["apply", "destroy", "force-unlock", "taint", "untaint"] {
            let said = words.0.iter().any(|text| text.trim() == word || text.trim().starts_with(&format!("{word} -")));
            // Only the engine room gives words to engines; elsewhere "destroy" is a word for people.
            let here = word == "apply" || relative.starts_with("engine/");
            if said && here && !(word == "apply" && *relative == "engine/apply.rs") {
                wrong.push(format!("{relative}: gives an engine the word {word}"));
            }
        }
        let named = Named::of(module(Path::new(relative)), source).unwrap();
        let asks = named.paths.iter().any(|path| path.len() >= 3 && path[..3] == ["crate", "engine", "apply"]);
        if asks && !["commands/import.rs", "engine/apply.rs", "engine/mod.rs"].contains(relative) {
            wrong.push(format!("{relative}: names engine::apply, which is for the import alone"));
        }
    }
    wrong
}

#[test]
fn only_the_import_applies() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&source, &mut all);
    let read: Vec<(String, String)> = all
        .iter()
        .map(|file| (file.strip_prefix(&source).unwrap().display().to_string(), fs::read_to_string(file).unwrap()))
        .collect();
    let borrowed: Vec<(&str, &str)> = read.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(appliers(&borrowed), Vec::<String>::new());
    assert!(borrowed.iter().any(|(name, text)| *name == "engine/apply.rs" && text.contains("\"apply\"")));
}

#[test]
fn the_checker_of_applying_sees_through_disguise() {
    for (file, source) in [
        ("engine/verify.rs", "fn f(e: &Engine) { e.command(dir, &[\"apply\", \"-auto-approve\"]); }"),
        ("commands/verify.rs", "use crate::engine::apply; fn f() { apply::saved(); }"),
        ("tui/effects.rs", "use crate::engine::{self, Engine}; fn f() { engine::apply::saved(); }"),
        ("commands/export.rs", "fn f() { let words = vec![\"apply\"]; }"),
        ("engine/apply.rs", "fn f(e: &Engine) { e.command(dir, &[\"destroy\"]); }"),
        ("commands/import.rs", "const A: &str = \"apply -auto-approve\";"),
        ("gate/mod.rs", "fn f() { run(&format!(\"apply -{x}\")); }"),
    ] {
        assert_eq!(appliers(&[(file, source)]).len(), 1, "{file}: {source}");
    }
    let good = "use crate::engine::apply; fn f() { apply::saved(); say(\"what it would apply\"); } #[cfg(test)] mod tests { const A: &str = \"apply\"; }";
    assert_eq!(appliers(&[("commands/import.rs", good)]), Vec::<String>::new());
}
