//! The files of an export, as strings.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::credentials::Credential;
use super::references::{Declared, Named, References, User};
use super::{Export, File, Import, Plan, Planned, Referenced, Unread, Variable};
use crate::estate::{Estate, FieldPath, Kind, Listing, Rendered, ResourceId, Scope, Subject};
use crate::terraform::hcl::{Block, Expr, file, padded, string};
use crate::terraform::mapping::Target;
use crate::terraform::{Attributes, Dialect, Ignored, Note, Writer, Written, notes, types};

/// One resource as text, with what it leaves out and the credentials it names.
struct Text {
    written: Written,
    notes: Vec<Note>,
    /// The credentials that the text uses, with their values.
    used: BTreeMap<FieldPath, (Credential, String)>,
    /// What the text names and the export does not import, by field.
    references: BTreeMap<FieldPath, Named>,
    /// The data sources and variables that the text uses.
    needs: BTreeSet<String>,
}

/// Writes one resource; `value` is its document.
fn text(estate: &Estate, plan: &Plan, references: &References, planned: &Planned, value: &Value) -> Text {
    let references = references.of_resource(&planned.id);
    let dialect = plan.options.dialect;
    let credentials = plan.credentials(&planned.id, &planned.label, value);
    let used = RefCell::new(BTreeMap::new());
    let named = RefCell::new(BTreeMap::new());
    let needs = RefCell::new(BTreeSet::new());
    // A cluster is written by two tables; what neither can hold is noted on the first.
    let first = planned.attributes.map.terraform_type != types::CLUSTER_CAPACITY_PROVIDERS.terraform_type;
    let notes = if first { notes(planned.id.kind, value, dialect) } else { Vec::new() };
    let writer = Writer {
        dialect,
        concise: plan.options.concise,
        root: value,
        scope: &planned.id.scope,
        link: &|target: Target, argument: &str, value: &str| plan.link(&planned.id, target, argument, value),
        variable: &|path: &FieldPath, text: &str| {
            // A text may be made of a whole document: then it holds the credentials below its field.
            let (_, credential) = credentials.iter().find(|(hit, _)| hit.is_within(path))?;
            used.borrow_mut().insert(path.clone(), (credential.clone(), text.to_owned()));
            Some(credential.variable.clone())
        },
        is_credential: &|path: &FieldPath| credentials.contains_key(path),
        stand_in: &|path: &FieldPath, text: &str| {
            if let Some(reference) = references.named(path) {
                named.borrow_mut().insert(path.clone(), reference.clone());
            }
            let (expr, more) = references.stand_in(path, text)?;
            needs.borrow_mut().extend(more);
            Some(expr)
        },
        stand_in_list: &|path: &FieldPath| {
            let reference = references.list(path)?;
            named.borrow_mut().insert(path.clone(), reference.clone());
            needs.borrow_mut().extend(reference.address.clone());
            Some(Expr::template(&reference.parts))
        },
    };
    let ignored = if planned.id.kind == Kind::Service { ignored(estate, &planned.id) } else { Vec::new() };
    let remarks = remarks(plan, planned, value);
    let written = writer.resource(&planned.attributes, &planned.label, &notes, &remarks, &ignored);
    let (used, references, needs) = (used.into_inner(), named.into_inner(), needs.into_inner());
    Text { written, notes, used, references, needs }
}

/// What is said of a resource's references: a list that is one variable is said element by element.
fn referenced(text: &Text, address: &str, document: &Value) -> Vec<Referenced> {
    let one = |path: &FieldPath, named: &Named, told: &str| Referenced {
        kind: named.kind,
        named: told.to_owned(),
        address: address.to_owned(),
        field: path.to_string(),
        mode: named.mode,
        by: named.address.clone(),
        why: named.why.clone(),
    };
    let mut all = Vec::new();
    for (path, named) in &text.references {
        match path.get(document) {
            Some(Value::Array(items)) => all.extend(
                items.iter().enumerate().filter_map(|(at, item)| Some(one(&path.index(at), named, item.as_str()?))),
            ),
            Some(Value::String(told)) => all.push(one(path, named, told)),
            _ => {}
        }
    }
    all
}

/// What the reader of a resource has to know and no argument says.
fn remarks(plan: &Plan, planned: &Planned, document: &Value) -> Vec<String> {
    let v6 = plan.options.dialect == Dialect::V6;
    let mut remarks = Vec::new();
    // Read sets no skip_destroy, so `true` would be a change on import (rule 3).
    if planned.id.kind == Kind::TaskDefinition {
        remarks.push(match plan.options.dialect {
            Dialect::V3 => "the first replacement deregisters this revision: provider 3.39 has no skip_destroy".into(),
            Dialect::V6 => {
                "skip_destroy = true would be a change on import: set it afterwards, else the first replacement \
                            deregisters this revision (provider issue #24791)"
                    .into()
            }
        });
    }
    for Unread { subject, why, .. } in plan.unread.get(&planned.id).into_iter().flatten() {
        match subject {
            Subject::Listing(_, Listing::ScalableTargetsOf(_)) => remarks.push(format!(
                "desired_count: whether a scalable target sets it is not known ({why}); if one does, ignore changes of it"
            )),
            Subject::Listing(_, Listing::TagsOf { .. }) if v6 && document.get("tags").is_none() => remarks.push(format!(
                "tags: whether it has any is not known ({why}); if it has, write them here"
            )),
            _ => {}
        }
    }
    remarks
}

/// `ignore_changes` by evidence only.
fn ignored(estate: &Estate, id: &ResourceId) -> Vec<Ignored> {
    let ignore = |argument: &str, evidence: String| Ignored { argument: argument.into(), evidence };
    let mut ignored = Vec::new();
    if let Some(target) = estate.scaling_of(id, Kind::ScalableTarget).first() {
        ignored.push(ignore("desired_count", format!("a scalable target sets it: {}", target.native)));
    }
    if let Some(view) = estate.service(id)
        && matches!(&*view.controller, "CODE_DEPLOY" | "EXTERNAL")
    {
        let evidence = format!("the deployment controller {} sets it", view.controller);
        ignored.push(ignore("task_definition", evidence.clone()));
        ignored.push(ignore("load_balancer", evidence));
    }
    ignored
}

fn import_block(planned: &Planned) -> Block {
    let mut block = Block::new("import", &[]);
    block.argument("to", Expr::raw(planned.address()));
    block.argument("id", Expr::text(&planned.import_id));
    block
}

/// The blocks of one resource, then its import blocks; for a skipped one, the block it would have.
pub(super) fn resource_text(estate: &Estate, plan: &Plan, id: &ResourceId) -> Rendered {
    let Some(document) = estate.document(id) else { return Rendered::default() };
    let mut planned: Vec<Planned> = plan.resources.iter().filter(|p| p.id == *id).cloned().collect();
    let exported = !planned.is_empty();
    let mut alone = None;
    let value = document.value();
    if !exported {
        let map = types::ALL.into_iter().find(|map| map.kind == id.kind && map.since <= plan.options.dialect);
        planned.extend(map.map(|map| {
            let attributes = Attributes::read(map, &value, &id.scope, plan.options.dialect);
            Planned { id: id.clone(), attributes, label: plan.label(id), import_id: String::new() }
        }));
    }
    if let (false, Some(skipped)) = (exported, planned.first()) {
        let hits = plan.credentials(id, &skipped.label, &value);
        let attributes = std::slice::from_ref(&skipped.attributes);
        let credentials = &|path: &FieldPath| hits.keys().any(|hit| hit.is_within(path) || path.is_within(hit));
        let user = User { id, label: &skipped.label, document: &value, attributes, credentials };
        alone = Some(References::of(&[user], &plan.options, &|_| false));
    }
    let references = alone.as_ref().unwrap_or(&plan.references);
    let mut blocks: Vec<Block> =
        planned.iter().map(|p| text(estate, plan, references, p, &value).written.block).collect();
    if exported {
        blocks.extend(planned.iter().map(import_block));
    }
    file(&blocks)
}

fn versions(dialect: Dialect) -> String {
    let aws = vec![
        ("source".to_owned(), Expr::text("hashicorp/aws")),
        ("version".to_owned(), Expr::text(dialect.constraint())),
    ];
    let mut providers = Block::new("required_providers", &[]);
    providers.argument("aws", Expr::object(aws));
    let mut terraform = Block::new("terraform", &[]);
    // Import blocks came with Terraform 1.5 and OpenTofu 1.6.
    terraform.argument("required_version", Expr::text(">= 1.5.0"));
    terraform.block(providers);
    file([&terraform]).text()
}

fn provider(scope: &Scope) -> String {
    let mut block = Block::new("provider", &["aws"]);
    block.argument("region", Expr::text(&scope.region));
    // The wrong account cannot be hit.
    block.argument("allowed_account_ids", Expr::list(vec![Expr::text(&scope.account)]));
    file([&block]).text()
}

const GITIGNORE: &str = "# Values of credentials, saved plans and state never belong in a repository.\n*.tfvars\n*.tfplan\n\
                         *.tfstate\n*.tfstate.*\n.terraform/\n";

/// Writes every file of a plan but the review, which needs findings and drift.
pub(super) fn write(estate: &Estate, plan: &Plan, selection: &[ResourceId]) -> Export {
    let mut export = Export {
        skips: plan.skips.clone(),
        held: plan.held.clone(),
        remarks: plan.remarks.clone(),
        unread: plan.unread.values().flatten().cloned().collect(),
        others: plan.others.clone(),
        folder: folder(plan, selection),
        credentials: plan.masks().clone(),
        known: plan.known.clone(),
        ..Export::default()
    };
    let Some(scope) = plan.resources.first().map(|p| p.id.scope.clone()) else { return export };
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    let mut declared: Vec<(Variable, String)> = Vec::new();
    let mut needs: BTreeSet<String> = BTreeSet::new();
    for planned in &plan.resources {
        let Some(document) = estate.document(&planned.id) else { continue };
        let address = planned.address();
        let value = document.value();
        let text = text(estate, plan, &plan.references, planned, &value);
        let named = referenced(&text, &address, &value);
        needs.extend(text.needs);
        export.references.extend(named);
        for (path, (credential, value)) in text.used {
            let Credential { variable: name, reason } = credential;
            declared.push((Variable { name, address: address.clone(), field: path.to_string(), reason }, value));
        }
        export.left.extend(text.written.left.into_iter().map(|left| (address.clone(), left)));
        export.notes.extend(text.notes.into_iter().map(|note| (address.clone(), note)));
        // A tree is large beside its text, so each is printed and let go.
        let file = files.entry(planned.attributes.map.file).or_default();
        if !file.is_empty() {
            file.push('\n');
        }
        file.push_str(&text.written.block.render().text());
        let (resource, import_id) = (planned.id.clone(), planned.import_id.clone());
        export.imports.push(Import { resource, address, import_id });
    }
    let public = |text: String| File { text, private: false };
    export.files = files.into_iter().map(|(name, text)| (name.to_owned(), public(text))).collect();
    let imports: Vec<Block> = plan.resources.iter().map(import_block).collect();
    export.files.insert("imports.tf".into(), public(file(&imports).text()));
    // A root module has its own provider, version and list of what git ignores.
    if plan.options.taken.is_none() {
        export.files.insert("versions.tf".into(), public(versions(plan.options.dialect)));
        export.files.insert("providers.tf".into(), public(provider(&scope)));
        export.files.insert(".gitignore".into(), public(GITIGNORE.into()));
    }
    if !declared.is_empty() {
        let values: Vec<(&str, &str)> = once(&declared).map(|(v, value)| (v.name.as_str(), value.as_str())).collect();
        export.files.insert("secrets.auto.tfvars".into(), File { text: tfvars(&values), private: true });
    }
    let mut variables = variable_blocks(&declared);
    let mut data = Vec::new();
    for address in &needs {
        match plan.references.declared(address) {
            Some(source @ Declared::Data { .. }) => data.push(source.block(&[])),
            Some(variable @ Declared::Variable { .. }) => variables.push(variable.block(&users(&export, address))),
            None => {}
        }
    }
    for (name, blocks) in [("data.tf", data), ("variables.tf", variables)] {
        if !blocks.is_empty() {
            export.files.insert(name.into(), public(file(&blocks).text()));
        }
    }
    let files = std::mem::take(&mut export.files).into_iter();
    export.files = files.map(|(name, file)| (plan.options.file_name(&name), file)).collect();
    hide(&mut export);
    export.variables = declared.into_iter().map(|(variable, _)| variable).collect();
    export.imports.sort_by(|a, b| a.address.cmp(&b.address));
    export
}

/// The net below all the knots: what was missed is masked, and said, rather than told.
fn hide(export: &mut Export) {
    let Export { files, known, remarks, .. } = export;
    for (name, file) in files.iter_mut().filter(|(_, file)| !file.private) {
        let (text, lines) = known.mask_code(&file.text);
        file.text = text;
        if lines > 0 {
            remarks.push(format!(
                "{name}: a credential stood in {lines} lines of code where no variable could stand for it. It is masked there, \
                 so a plan shows a change: leave the resource out, or give the value a name of its own",
            ));
        }
    }
}

/// The fields that a variable stands in, a list once: `FIELD of ADDRESS`.
fn users(export: &Export, variable: &str) -> Vec<String> {
    let mut users: Vec<String> = Vec::new();
    for reference in export.references.iter().filter(|reference| reference.by.as_deref() == Some(variable)) {
        let element = reference.field.strip_suffix(']').and_then(|field| Some(field.rsplit_once('[')?.0));
        let field = element.unwrap_or(&reference.field);
        let user = format!("{field} of {}", reference.address);
        if !users.contains(&user) {
            users.push(user);
        }
    }
    users
}

fn variable_blocks(declared: &[(Variable, String)]) -> Vec<Block> {
    let mut uses: BTreeMap<&str, Vec<&Variable>> = BTreeMap::new();
    for (variable, _) in declared {
        uses.entry(&variable.name).or_default().push(variable);
    }
    once(declared)
        .map(|(variable, _)| {
            let mut block = Block::new("variable", &[&variable.name]);
            let uses = uses.get(variable.name.as_str()).map_or(&[][..], Vec::as_slice);
            // Where it is called a credential says more than where it is repeated.
            let named = uses.iter().find(|one| !one.reason.starts_with("repeats")).copied().unwrap_or(variable);
            let more = if uses.len() > 1 { format!(" and {} more", uses.len() - 1) } else { String::new() };
            let description = format!("{} of {}{more} ({})", named.field, named.address, named.reason);
            block.argument("description", Expr::text(&description));
            block.argument("type", Expr::raw("string"));
            block.argument("sensitive", Expr::value(true.into()));
            block
        })
        .collect()
}

/// Each variable at its first use.
fn once(declared: &[(Variable, String)]) -> impl Iterator<Item = &(Variable, String)> {
    let mut seen = BTreeSet::new();
    declared.iter().filter(move |(variable, _)| seen.insert(&variable.name))
}

fn tfvars(values: &[(&str, &str)]) -> String {
    let width = values.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines: Vec<String> =
        values.iter().map(|(name, value)| format!("{} = {}\n", padded(name, width), string(value))).collect();
    lines.concat()
}

/// The export folder's name: that of the first selected resource.
pub(super) fn folder(plan: &Plan, selection: &[ResourceId]) -> String {
    match selection {
        [] => "export".into(),
        [first, ..] => {
            let first = plan.label(first);
            let short: String = first.trim_start_matches(['.', '-']).chars().take(60).collect();
            if short.is_empty() || plan.known.is_in(&short) { "export".into() } else { short }
        }
    }
}
