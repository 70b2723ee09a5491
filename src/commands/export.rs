//! `ecsight export`: the selection as a folder of Terraform code, exactly as the key `x` writes it.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::show::near;
use super::{Format, complete, fetch, print, read_all};
use crate::aws::{Session, now};
use crate::cli::Writing;
use crate::error::{Error, Kind};
use crate::estate::{Estate, Kind as Resource, Listing, ResourceId, Scope, visible};
use crate::export::{Choices, Export, Need, Options, Preview, Skip, Unread, Wanted, count};
use crate::report::{Planned, Target, changes, chosen, planned_json, planned_text, unused};
use crate::store::{Root, newest_export, read_choices, read_export, write_export, write_export_to};
use crate::terraform::Dialect;

/// How many unread things a warning names.
const NAMED: usize = 5;

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
    /// The choices of an earlier export, in place of all of the above.
    pub from: Option<Saved>,
    /// Say what would be written, and write nothing.
    pub dry_run: bool,
    /// Exactly this folder; else a new one below `base`.
    pub out: Option<PathBuf>,
    /// Where new export folders are made.
    pub base: PathBuf,
}

/// The choices of an earlier export, not parsed yet: that needs the account of the session.
#[derive(Debug, Clone)]
pub struct Saved {
    path: PathBuf,
    text: String,
    flags: Writing,
}

impl Saved {
    /// Reads the file of choices, or that of an export folder. Flags win over what it says.
    pub fn read(path: &Path, flags: &Writing) -> Result<Self, Error> {
        let (path, text) = read_choices(path)?;
        Ok(Self { path, text, flags: flags.clone() })
    }

    fn choices(&self, scope: &Scope) -> Result<Choices, Error> {
        let choices = Choices::parse(&self.text, scope).map_err(|error| {
            Error::new(Kind::Malformed, format!("{}, {error}", self.path.display())).hint(if error.of_scope {
                "choose the account and region of the file with --profile and --region"
            } else {
                "correct that line; --from reads what an export has written as ecsight.export.toml"
            })
        })?;
        Ok(Choices { options: self.flags.over(choices.options), ..choices })
    }
}

impl Wish {
    fn choices(&self, scope: &Scope) -> Result<Choices, Error> {
        if let Some(saved) = &self.from {
            return saved.choices(scope);
        }
        if self.all {
            return Ok(Choices::all(scope.clone(), self.options.clone()));
        }
        let selection = self.services.iter().map(|text| service(scope, text)).collect::<Result<Vec<_>, _>>()?;
        if selection.is_empty() {
            return Err(Error::new(Kind::Usage, "nothing to export")
                .hint("name services with --service CLUSTER/SERVICE, or export everything with --all"));
        }
        Ok(Choices::of(scope.clone(), &selection, self.options.clone()))
    }
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
    let mut choices = wish.choices(scope)?;
    if let Some(root) = &root {
        // Before AWS is asked for anything.
        let asked = if wish.from.is_some() { Some(choices.options.dialect) } else { wish.dialect };
        choices.options.dialect = root.taken().dialect(asked)?;
        root.taken().remarks(scope)?;
        choices.options.taken = Some(root.taken());
    }
    // What the scan reads is fresh, however long it takes.
    let began = now();
    let mut estate = match choices.wanted {
        Wanted::All => read_everything(session, scope, cancel).await?,
        Wanted::These(_) => Estate::default(),
    };
    let selection = choices.selection(&estate);
    complete(session, &mut estate, &selection, began, cancel).await?;
    // What saved choices name and has gone is a skip with that reason; what was named just now is a mistake.
    if let (Wanted::These(these), None) = (&choices.wanted, &wish.from)
        && let Some(id) = these.iter().find(|id| estate.is_missing(id))
    {
        return Err(absent(session, &mut estate, &id.clone(), cancel).await?);
    }
    if root.is_some() {
        let export = crate::export::export(&estate, &selection, &choices.options);
        if export.imports.is_empty() && !export.held.is_empty() {
            print(out, &export.known.mask(&nothing(&export, format)))?;
            return Ok(0);
        }
    }
    let mut export = chosen(&estate, &choices)?;
    warn(&export.unread);
    if wish.dry_run {
        if let Some(root) = &root {
            export.remarks.extend(root.check(&export)?);
        }
        return print(out, &planned(&estate, &choices, wish, &export, format)).map(|()| 0);
    }
    let folder = match (&root, &wish.into, &wish.out) {
        (Some(root), Some(dir), _) => {
            export.remarks.extend(root.write(&export)?);
            dir.clone()
        }
        (_, _, Some(target)) => write_export_to(&export, target).map(|()| target.clone())?,
        _ => write_export(&export, &wish.base, scope)?,
    };
    let slips = if wish.from.is_some() { unused(&Preview::of(&estate, &choices)) } else { Vec::new() };
    let review = choices.options.file_name("REVIEW.md");
    // A plan asks AWS, and would not find there what was exported.
    let proof = !session.is_offline();
    print(out, &export.known.mask(&summary(&export, &slips, &folder, &Told { review, proof }, format)))?;
    Ok(0)
}

/// Reads a whole account, and every family: a scan goes only as far as what runs.
async fn read_everything(session: &Session, scope: &Scope, cancel: &CancellationToken) -> Result<Estate, Error> {
    let mut estate = read_all(session, cancel).await?;
    if estate.complete_at(scope, &Listing::Families).is_none() {
        fetch(session, &mut estate, vec![Need::List(scope.clone(), Listing::Families)], cancel).await?;
    }
    Ok(estate)
}

/// What was asked for by name does not exist, or its cluster does not: said with the names that are near it.
async fn absent(
    session: &Session,
    estate: &mut Estate,
    id: &ResourceId,
    cancel: &CancellationToken,
) -> Result<Error, Error> {
    let scope = &id.scope;
    let cluster = id.cluster_name().map(|name| ResourceId::cluster(scope, name));
    let (missing, listing, kind) = match &cluster {
        Some(cluster) if !estate.is_missing(cluster) => {
            (id, Listing::Services(cluster.name().into()), Resource::Service)
        }
        Some(cluster) => (cluster, Listing::Clusters, Resource::Cluster),
        None => (id, Listing::Clusters, Resource::Cluster),
    };
    fetch(session, estate, vec![Need::List(scope.clone(), listing.clone())], cancel).await?;
    let near = near(estate, missing.name(), &[kind]);
    let hint = match (near.as_slice(), estate.complete_at(scope, &listing), kind) {
        ([], Some(_), Resource::Cluster) => {
            format!("{scope} has no cluster at all: choose another region with --region, or another --profile")
        }
        ([], ..) => "list what is there with: ecsight scan".to_owned(),
        (near, ..) => format!("near it: {}; list what is there with: ecsight scan", near.join(", ")),
    };
    Ok(Error::new(Kind::NotFound, visible(&format!("there is no {missing} in {scope}"))).hint(visible(&hint)))
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

/// Says beside the answer, too, that it is not whole: standard output may go to a file or a program.
fn warn(unread: &[Unread]) {
    if let Some(count) = count(unread) {
        let first: Vec<String> = unread.iter().take(NAMED).map(Unread::to_string).collect();
        let more = if unread.len() > NAMED { "; ..." } else { "" };
        eprintln!("{}", visible(&format!("warning: {count}, so this may not be all: {}{more}", first.join("; "))));
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

/// What would be written, row by row, with what would differ from what stands there.
fn planned(estate: &Estate, choices: &Choices, wish: &Wish, export: &Export, format: Format) -> String {
    let preview = Preview::of(estate, choices);
    let say = if format == Format::Json { planned_json } else { planned_text };
    let shown = |path: &Path| path.display().to_string();
    let (target, earlier) = match (&wish.into, &wish.out) {
        // What is added to a root module has no earlier folder of its own.
        (Some(root), _) => (Target::Root(shown(root)), None),
        (None, Some(folder)) => (Target::Exactly(shown(folder)), read_export(folder, shown(folder))),
        (None, None) => {
            let below = wish.base.join(choices.scope.to_string()).join(&preview.folder);
            (Target::New(shown(&below)), newest_export(&wish.base, &choices.scope, &preview.folder))
        }
    };
    let compared = earlier.map(|earlier| (earlier.name, changes(&earlier.files, export)));
    let told = say(&preview, choices, &Planned { target, compared, remarks: export.remarks.clone() });
    preview.known.mask(&told)
}

/// What a summary has to know besides the export.
struct Told {
    /// The name of the review's file.
    review: String,
    /// True when a real plan can be made of what was exported.
    proof: bool,
}

fn summary(export: &Export, unused: &[String], folder: &Path, told: &Told, format: Format) -> String {
    if format == Format::Json {
        let value = json!({
            "folder": folder,
            "imports": export.imports.iter().map(|i| json!({"address": i.address, "import_id": i.import_id})).collect::<Vec<_>>(),
            "unread": export.unread.iter().map(|u| json!({
                "resource": u.native(), "what": u.what(), "why": u.why,
            })).collect::<Vec<_>>(),
            "unused": unused,
            "variables": export.variables.iter().map(|v| &v.name).collect::<BTreeSet<_>>(),
            "skips": export.skips.iter().map(skip).collect::<Vec<_>>(),
            "remarks": export.remarks,
        });
        return crate::report::print::json(&value);
    }
    let unread = count(&export.unread).map(|count| format!(", {count}")).unwrap_or_default();
    let (imports, skips) = (export.imports.len(), export.skips.len());
    let mut text = format!("{imports} to import, {skips} skipped{unread}: {}\n", folder.display());
    // Likely slips of the pen come before what is as it was meant.
    for line in unused {
        text.push_str(&visible(&format!("  {line}")));
        text.push('\n');
    }
    text.push_str(&skipped(export));
    for remark in &export.remarks {
        text.push_str(&visible(&format!("  note: {remark}")));
        text.push('\n');
    }
    for unread in &export.unread {
        text.push_str(&visible(&format!("  {unread}")));
        text.push('\n');
    }
    let others: usize = export.others.iter().map(|(_, others)| others.len()).sum();
    if others > 0 {
        let families = export.others.iter().filter(|(_, others)| !others.is_empty()).count();
        let (revisions, are) = if others == 1 { ("revision", "is") } else { ("revisions", "are") };
        let of = if families == 1 { "family" } else { "families" };
        text.push_str(&format!(
            "  {others} other ACTIVE {revisions} of {families} {of} {are} not imported, see {}\n",
            told.review
        ));
    }
    if !export.variables.is_empty() {
        let count = export.variable_count();
        let file = export.files.iter().find(|(_, file)| file.private).map_or("", |(name, _)| name);
        // A folder that was there before may be in no repository: a note says so then.
        let ignored = if export.files.contains_key(".gitignore") { "0600, git-ignored" } else { "0600" };
        let became = if count == 1 { "credential became a variable" } else { "credentials became variables" };
        text.push_str(&format!("  {count} {became}: values in {file} ({ignored})\n"));
    }
    let literals = export.references.iter().filter(|reference| reference.why.is_some()).count();
    if literals > 0 {
        text.push_str(&format!(
            "  {literals} {} although a data source was chosen, see {}\n",
            if literals == 1 { "reference stays a literal" } else { "references stay literals" },
            told.review
        ));
    }
    if told.proof {
        let folder = crate::report::print::shell(&folder.display().to_string());
        text.push_str(&format!("prove it with: ecsight verify {folder}\n"));
    }
    text
}
