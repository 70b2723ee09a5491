//! `ecsight export`: the selection as a folder of Terraform code, exactly as the key `x` writes it.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Format, complete, print, read_all};
use crate::aws::{Session, now};
use crate::error::{Error, Kind};
use crate::estate::{Estate, Kind as Resource, ResourceId, Scope, visible};
use crate::export::{Export, Options, Skip, everything};
use crate::report::dossier;
use crate::store::{Root, write_export, write_export_to};
use crate::terraform::Dialect;

/// What to export, and where to.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Everything that can be imported.
    pub all: bool,
    /// `CLUSTER/SERVICE`, each with its closure.
    pub services: Vec<String>,
    /// How it is written.
    pub options: Options,
    /// The dialect, when it was asked for by name.
    pub dialect: Option<Dialect>,
    /// This root module; then nothing else is written.
    pub into: Option<PathBuf>,
    /// Its state, when that is not a file in its folder.
    pub state: Option<PathBuf>,
    /// Exactly this folder; else a new one below `base`.
    pub out: Option<PathBuf>,
    /// Where new export folders are made.
    pub base: PathBuf,
}

/// Reads what the wish needs, writes the folder, and says what it holds.
pub async fn run(
    session: &Session,
    wish: &Wish,
    format: Format,
    out: &mut dyn Write,
    cancel: &CancellationToken,
) -> Result<u8, Error> {
    let scope = &session.identity().scope;
    let root = wish.into.as_deref().map(|dir| Root::read(dir, wish.state.as_deref())).transpose()?;
    let mut options = wish.options.clone();
    if let Some(root) = &root {
        // Before AWS is asked for anything.
        options.taken = Some(root.taken());
        options.dialect = root.taken().dialect(wish.dialect)?;
        root.taken().remarks(scope)?;
    }
    // What the scan reads is fresh, however long it takes.
    let began = now();
    let mut estate;
    let selection;
    if wish.all {
        estate = read_all(session, cancel).await?;
        selection = everything(&estate);
    } else {
        estate = Estate::default();
        selection = wish.services.iter().map(|text| service(scope, text)).collect::<Result<Vec<_>, _>>()?;
        if selection.is_empty() {
            return Err(Error::new(Kind::Usage, "nothing to export")
                .hint("name services with --service CLUSTER/SERVICE, or export everything with --all"));
        }
    }
    complete(session, &mut estate, &selection, began, cancel).await?;
    for id in selection.iter().filter(|_| !wish.all) {
        if estate.is_missing(id) {
            return Err(Error::new(Kind::NotFound, format!("there is no {id} in {scope}"))
                .hint("list what is there with: ecsight scan"));
        }
    }
    if root.is_some() {
        let export = crate::export::export(&estate, &selection, &options);
        if export.imports.is_empty() && !export.held.is_empty() {
            print(out, &nothing(&export, format))?;
            return Ok(0);
        }
    }
    let mut export = dossier(&estate, &selection, &options)?;
    let folder = match (&root, &wish.into, &wish.out) {
        (Some(root), Some(dir), _) => {
            export.remarks.extend(root.write(&export)?);
            dir.clone()
        }
        (_, _, Some(target)) => write_export_to(&export, target).map(|()| target.clone())?,
        _ => write_export(&export, &wish.base, scope)?,
    };
    print(out, &summary(&export, &folder, format))?;
    Ok(0)
}

/// `CLUSTER/SERVICE` as an identity.
fn service(scope: &Scope, text: &str) -> Result<ResourceId, Error> {
    if text.starts_with("arn:") {
        return Ok(ResourceId::new(scope, Resource::Service, text));
    }
    match text.split('/').collect::<Vec<_>>()[..] {
        [cluster, service] if !cluster.is_empty() && !service.is_empty() => {
            Ok(ResourceId::new(scope, Resource::Service, &scope.ecs_arn(&format!("service/{cluster}/{service}"))))
        }
        _ => {
            Err(Error::new(Kind::Usage, format!("{text:?} is no CLUSTER/SERVICE"))
                .hint("for example --service prod/web"))
        }
    }
}

/// The root module has everything already: nothing is written.
fn nothing(export: &Export, format: Format) -> String {
    if format == Format::Json {
        let skips: Vec<_> = export.skips.iter().map(skip).collect();
        return crate::report::print::json(&json!({"folder": null, "imports": [], "skips": skips}));
    }
    format!("nothing to import, nothing was written\n{}", skipped(export))
}

fn skip(skip: &Skip) -> serde_json::Value {
    json!({"resource": skip.resource.native, "import_id": skip.import_id, "reason": skip.reason})
}

fn skipped(export: &Export) -> String {
    let lines =
        export.skips.iter().map(|skip| visible(&format!("  skipped {}: {}", skip.resource, skip.reason)) + "\n");
    lines.collect()
}

fn summary(export: &Export, folder: &Path, format: Format) -> String {
    if format == Format::Json {
        let value = json!({
            "folder": folder,
            "imports": export.imports.iter().map(|i| json!({"address": i.address, "import_id": i.import_id})).collect::<Vec<_>>(),
            "unread": export.unread.iter().map(|u| json!({
                "resource": u.resource.native, "what": u.what(), "why": u.why,
            })).collect::<Vec<_>>(),
            "variables": export.variables.iter().map(|v| &v.name).collect::<Vec<_>>(),
            "skips": export.skips.iter().map(skip).collect::<Vec<_>>(),
            "remarks": export.remarks,
        });
        return crate::report::print::json(&value);
    }
    let mut text =
        format!("{} to import, {} skipped: {}\n", export.imports.len(), export.skips.len(), folder.display());
    text.push_str(&skipped(export));
    for remark in &export.remarks {
        text.push_str(&visible(&format!("  note: {remark}")));
        text.push('\n');
    }
    for unread in &export.unread {
        text.push_str(&visible(&format!("  not read, for {}: {} ({})", unread.resource, unread.what(), unread.why)));
        text.push('\n');
    }
    let others: usize = export.others.iter().map(|(_, others)| others.len()).sum();
    if others > 0 {
        text.push_str(&format!("  {others} other ACTIVE revisions are not imported, see REVIEW.md\n"));
    }
    if !export.variables.is_empty() {
        let count = export.variables.len();
        let file = export.files.iter().find(|(_, file)| file.private).map_or("", |(name, _)| name);
        // A folder that was there before may be in no repository: a note says so then.
        let ignored = if export.files.contains_key(".gitignore") { "0600, git-ignored" } else { "0600" };
        text.push_str(&format!("  {count} credentials became variables: values in {file} ({ignored})\n"));
    }
    let literals = export.references.iter().filter(|reference| reference.why.is_some()).count();
    if literals > 0 {
        text.push_str(&format!(
            "  {literals} references stay literals although a data source was chosen, see REVIEW.md\n"
        ));
    }
    text.push_str(&format!("prove it with: ecsight verify {}\n", folder.display()));
    text
}
