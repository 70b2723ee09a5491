//! The files of an export, as strings.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::plan::Credential;
use super::{Export, File, Import, Plan, Planned, Variable};
use crate::estate::{Document, Estate, FieldPath, Kind, Listing, Rendered, ResourceId, Scope, Subject};
use crate::terraform::hcl::{Block, Expr, file, string};
use crate::terraform::mapping::Target;
use crate::terraform::{Attributes, Dialect, Ignored, Note, Writer, Written, notes, types};

/// One resource as text, with what it leaves out and the credentials it names.
struct Text {
    written: Written,
    notes: Vec<Note>,
    /// The credentials that the text uses, with their values.
    used: BTreeMap<FieldPath, (Credential, String)>,
}

fn text(estate: &Estate, plan: &Plan, planned: &Planned, document: &Document) -> Text {
    let value = document.value();
    let dialect = plan.options.dialect;
    let credentials = plan.credentials(&planned.id, &planned.label, &value);
    let used = RefCell::new(BTreeMap::new());
    // A cluster is written by two tables; what neither can hold is noted on the first.
    let first = planned.attributes.map.terraform_type != types::CLUSTER_CAPACITY_PROVIDERS.terraform_type;
    let notes = if first { notes(planned.id.kind, &value, dialect) } else { Vec::new() };
    let writer = Writer {
        dialect,
        concise: plan.options.concise,
        root: &value,
        scope: &planned.id.scope,
        link: &|target: Target, argument: &str, value: &str| plan.link(&planned.id, target, argument, value),
        variable: &|path: &FieldPath, text: &str| {
            // A text may be made of a whole document: then it holds the credentials below its field.
            let (_, credential) = credentials.iter().find(|(hit, _)| hit.is_within(path))?;
            used.borrow_mut().insert(path.clone(), (credential.clone(), text.to_owned()));
            Some(credential.variable.clone())
        },
        is_credential: &|path: &FieldPath| credentials.contains_key(path),
    };
    let ignored = if planned.id.kind == Kind::Service { ignored(estate, &planned.id) } else { Vec::new() };
    let remarks: Vec<String> = plan
        .unread
        .get(&planned.id)
        .into_iter()
        .flatten()
        .filter_map(|unread| match unread.subject {
            Subject::Listing(_, Listing::ScalableTargetsOf(_)) => Some(format!(
                "desired_count: whether a scalable target sets it is not known ({}); if one does, ignore changes of it",
                unread.why
            )),
            _ => None,
        })
        .collect();
    let written = writer.resource(&planned.attributes, &planned.label, &notes, &remarks, &ignored);
    Text { written, notes, used: used.into_inner() }
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
    if !exported {
        let map = types::ALL.into_iter().find(|map| map.kind == id.kind && map.since <= plan.options.dialect);
        planned.extend(map.map(|map| {
            let attributes = Attributes::read(map, &document.value(), &id.scope, plan.options.dialect);
            Planned { id: id.clone(), attributes, label: plan.label(id), import_id: String::new() }
        }));
    }
    let mut blocks: Vec<Block> = planned.iter().map(|p| text(estate, plan, p, document).written.block).collect();
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
        unread: plan.unread.values().flatten().cloned().collect(),
        others: plan.others.clone(),
        folder: folder(plan, selection),
        ..Export::default()
    };
    let Some(scope) = plan.resources.first().map(|p| p.id.scope.clone()) else { return export };
    let mut blocks: BTreeMap<&str, Vec<Block>> = BTreeMap::new();
    let mut declared: Vec<(Variable, String)> = Vec::new();
    for planned in &plan.resources {
        let Some(document) = estate.document(&planned.id) else { continue };
        let address = planned.address();
        let text = text(estate, plan, planned, document);
        for (path, (credential, value)) in text.used {
            let Credential { variable: name, reason } = credential;
            declared.push((Variable { name, address: address.clone(), field: path.to_string(), reason }, value));
        }
        export.left.extend(text.written.left.into_iter().map(|left| (address.clone(), left)));
        export.notes.extend(text.notes.into_iter().map(|note| (address.clone(), note)));
        blocks.entry(planned.attributes.map.file).or_default().push(text.written.block);
        let (resource, import_id) = (planned.id.clone(), planned.import_id.clone());
        export.imports.push(Import { resource, address, import_id });
    }
    let public = |text: String| File { text, private: false };
    for (name, blocks) in &blocks {
        export.files.insert((*name).to_owned(), public(file(blocks).text()));
    }
    let imports: Vec<Block> = plan.resources.iter().map(import_block).collect();
    export.files.insert("imports.tf".into(), public(file(&imports).text()));
    export.files.insert("versions.tf".into(), public(versions(plan.options.dialect)));
    export.files.insert("providers.tf".into(), public(provider(&scope)));
    export.files.insert(".gitignore".into(), public(GITIGNORE.into()));
    if !declared.is_empty() {
        export.files.insert("variables.tf".into(), public(variable_blocks(&declared)));
        let values: Vec<(&str, &str)> = declared.iter().map(|(v, value)| (v.name.as_str(), value.as_str())).collect();
        export.files.insert("secrets.auto.tfvars".into(), File { text: tfvars(&values), private: true });
    }
    export.variables = declared.into_iter().map(|(variable, _)| variable).collect();
    export.imports.sort_by(|a, b| a.address.cmp(&b.address));
    export
}

fn variable_blocks(declared: &[(Variable, String)]) -> String {
    let blocks: Vec<Block> = declared
        .iter()
        .map(|(variable, _)| {
            let mut block = Block::new("variable", &[&variable.name]);
            let description = format!("{} of {} ({})", variable.field, variable.address, variable.reason);
            block.argument("description", Expr::text(&description));
            block.argument("type", Expr::raw("string"));
            block.argument("sensitive", Expr::scalar(true.into()));
            block
        })
        .collect();
    file(&blocks).text()
}

fn tfvars(values: &[(&str, &str)]) -> String {
    let width = values.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines: Vec<String> =
        values.iter().map(|(name, value)| format!("{name:<width$} = {}\n", string(value))).collect();
    lines.concat()
}

/// The export folder's name: that of the first selected resource.
pub(super) fn folder(plan: &Plan, selection: &[ResourceId]) -> String {
    match selection {
        [] => "export".into(),
        [first, ..] => {
            let first = plan.label(first);
            let short: String = first.trim_start_matches(['.', '-']).chars().take(60).collect();
            if short.is_empty() { "export".into() } else { short }
        }
    }
}
