//! An existing root module: read in full, then given new files, or none at all.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::place::local_state;
use crate::error::{Error, Kind};
use crate::estate::visible;
use crate::export::Export;
use crate::terraform::{Backend, LOCK_FILE, State, StateSource, Taken, is_code, is_values};

/// A folder with a root module, as it was when it was read.
#[derive(Debug, Clone)]
pub struct Root {
    dir: PathBuf,
    taken: Arc<Taken>,
    /// Where the engine keeps its state, when that is a file here.
    state_file: Option<PathBuf>,
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::Io, format!("{what} {}: {error}", path.display()))
}

impl Root {
    /// Reads the code of a folder and its state: `state`, or the file in the folder that the code names.
    ///
    /// Errors: no folder, no code in it, a file that does not parse (with its line), a state that is none.
    pub fn read(dir: &Path, state: Option<&Path>) -> Result<Self, Error> {
        if !dir.is_dir() {
            return Err(Error::new(Kind::NotFound, format!("{} is not a folder", dir.display()))
                .hint("--into adds to a root module that exists; a new folder is written with --out"));
        }
        let files = files(dir)?;
        if !files.keys().any(|name| is_code(name)) {
            return Err(Error::new(
                Kind::NotFound,
                format!("{} holds no .tf file: it is no root module", dir.display()),
            )
            .hint("a folder of its own is written with --out"));
        }
        let mut taken = Taken::read(&files).map_err(|bad| {
            Error::new(Kind::Malformed, format!("{}: {bad}", dir.display()))
                .hint("nothing was written; terraform validate says more about it")
        })?;
        whole(dir, &taken)?;
        let state_file = state_file(dir, &taken.backend)?;
        match (state, &state_file, &taken.backend) {
            (Some(path), ..) => hold(&mut taken, path)?,
            (None, Some(path), _) if path.is_file() => hold(&mut taken, path)?,
            (None, Some(_), _) => taken.state = StateSource::Absent,
            (None, None, Backend::Remote(what)) => {
                taken.state = StateSource::NotRead(format!(
                    "it is kept by {what}; give it with: terraform state pull > FILE, and --state FILE"
                ));
            }
            (None, None, _) => {}
        }
        Ok(Self { dir: dir.to_owned(), taken: Arc::new(taken), state_file })
    }

    /// What it has, for [`crate::export::Options`].
    pub fn taken(&self) -> Arc<Taken> {
        Arc::clone(&self.taken)
    }

    /// Says whether the files of an export can be added, and writes nothing.
    ///
    /// Refuses credentials that git does not ignore here. Gives what else is to be said of the folder.
    pub fn check(&self, export: &Export) -> Result<Vec<String>, Error> {
        let mut remarks = Vec::new();
        for (name, _) in export.files.iter().filter(|(_, file)| file.private) {
            match git_ignores(&self.dir, Path::new(name))? {
                Ignored::Yes => {}
                Ignored::NoRepository => {
                    remarks.push(format!("{name} holds credentials, and the folder is in no git work tree"));
                }
                Ignored::No => {
                    let pattern = self.taken.secrets_pattern();
                    let gitignore = self.dir.join(".gitignore");
                    return Err(Error::new(
                        Kind::Usage,
                        format!("the export holds credentials, and git does not ignore {name}: nothing was written"),
                    )
                    .hint(format!("add the line {pattern} to {}", gitignore.display())));
                }
            }
        }
        if let Some(file) = &self.state_file
            && let Ok(Ignored::No) = git_ignores(&self.dir, file.strip_prefix(&self.dir).unwrap_or(file))
        {
            remarks.push(format!(
                "git does not ignore the state {}: it will hold whatever is imported, credentials too; add the line \
                 *.tfstate* to {}",
                file.display(),
                self.dir.join(".gitignore").display()
            ));
        }
        Ok(remarks)
    }

    /// Adds the files of an export. All of them, or none: what is there stays as it is. What [`Root::check`] refuses is
    /// refused, what it says is given.
    pub fn write(&self, export: &Export) -> Result<Vec<String>, Error> {
        let mut remarks = self.check(export)?;
        let swept = sweep(&self.dir);
        if swept > 0 {
            remarks.push(format!("{swept} files {STAGED}* of a run that was broken off were removed"));
        }
        place(export, &self.dir, &self.taken)?;
        tracing::info!(folder = %self.dir.display(), imports = export.imports.len(), "added to a root module");
        Ok(remarks)
    }
}

/// Refuses a folder in which an export by `--into` was broken off before its code was whole. Code that cannot be read is the
/// engine's to judge.
pub fn is_whole(dir: &Path) -> Result<(), Error> {
    files(dir).ok().and_then(|files| Taken::read(&files).ok()).map_or(Ok(()), |taken| whole(dir, &taken))
}

fn whole(dir: &Path, taken: &Taken) -> Result<(), Error> {
    let Some(broken) = taken.broken() else { return Ok(()) };
    let more = match broken.missing.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    Err(Error::new(
        Kind::Usage,
        visible(&format!(
            "{} imports {}{more}, and no code of the folder holds that: an export was broken off there",
            dir.join(&broken.imports).display(),
            broken.missing.first().map_or("", String::as_str)
        )),
    )
    .hint(visible(&format!(
        "delete what it left, then export again: {}; if the code was taken out by hand, delete its import block alone",
        broken.files.join(", ")
    ))))
}

/// Removes files that a run which was killed has staged and not placed. A run that is under way is quicker than that.
fn sweep(dir: &Path) -> usize {
    let is_left = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(STAGED)).unwrap_or_default();
        let age = |meta: &fs::Metadata| meta.modified().ok()?.elapsed().ok();
        let old = |meta: fs::Metadata| meta.is_file() && age(&meta).is_some_and(|age| age > LEFT);
        random.len() == 6 && random.chars().all(|c| c.is_ascii_alphanumeric()) && entry.metadata().is_ok_and(old)
    };
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok).filter(is_left);
    entries.filter(|entry| fs::remove_file(entry.path()).is_ok()).count()
}

/// How the names of files begin that are not in their place yet; six characters of chance follow.
const STAGED: &str = ".ecsight-";

/// Staged files that are older belong to a run that is dead.
const LEFT: std::time::Duration = std::time::Duration::from_mins(1);

/// What stands in the code of a folder, and the names of the files that could not be read: they are the engine's to judge.
///
/// An error when there is no such folder.
pub fn code_of(dir: &Path) -> Result<(Taken, Vec<String>), Error> {
    let mut files = BTreeMap::new();
    let mut unread = Vec::new();
    let entries = fs::read_dir(dir)
        .map_err(|e| Error::new(Kind::NotFound, format!("cannot read the folder {}: {e}", dir.display())))?;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if !(is_code(&name) || is_values(&name) || name == LOCK_FILE) || !path.is_file() {
            continue;
        }
        let text = fs::read_to_string(&path).ok();
        let is_read = |text: &String| Taken::read(&BTreeMap::from([(name.clone(), text.clone())])).is_ok();
        match text.filter(is_read) {
            Some(text) => drop(files.insert(name, text)),
            None => unread.push(name),
        }
    }
    unread.sort();
    Ok((Taken::read(&files).unwrap_or_default(), unread))
}

/// Every name in a folder, with the text of what is code or values; others are empty.
fn files(dir: &Path) -> Result<BTreeMap<String, String>, Error> {
    let mut files = BTreeMap::new();
    let entries = fs::read_dir(dir).map_err(|e| cannot("cannot read the folder", dir, &e))?;
    for entry in entries {
        let entry = entry.map_err(|e| cannot("cannot read the folder", dir, &e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let mut text = String::new();
        // Not a folder, and nothing that blocks when it is opened.
        if (is_code(&name) || name == LOCK_FILE) && path.is_file() {
            text = String::from_utf8(fs::read(&path).map_err(|e| cannot("cannot read", &path, &e))?)
                .map_err(|_| Error::new(Kind::Malformed, format!("{} is not UTF-8", path.display())))?;
        } else if is_values(&name) && path.is_file() {
            // Only what tells the region is used of them: what cannot be read is the engine's to refuse.
            text = fs::read_to_string(&path).unwrap_or_default();
        }
        files.insert(name, text);
    }
    Ok(files)
}

/// The file of a local state: that of the workspace which is selected.
fn state_file(dir: &Path, backend: &Backend) -> Result<Option<PathBuf>, Error> {
    let path = match backend {
        Backend::Remote(_) => return Ok(None),
        Backend::Local => None,
        Backend::Path(path) => Some(path.as_str()),
    };
    let workspace = super::place::workspace(dir)?;
    Ok(Some(dir.join(local_state(workspace.as_deref(), path, &super::place::backend(dir)))))
}

fn hold(taken: &mut Taken, path: &Path) -> Result<(), Error> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|e| {
        cannot("cannot read the state", path, &e).hint("--state FILE names another, from: terraform state pull > FILE")
    })?;
    let state = State::parse(&text).map_err(|e| {
        Error::new(Kind::Malformed, format!("{shown}: {e}"))
            .hint("give the state with: terraform state pull > FILE, and --state FILE")
    })?;
    taken.hold(&state, &shown);
    Ok(())
}

/// What git says of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ignored {
    Yes,
    No,
    NoRepository,
}

/// Asks git whether it ignores a path of a folder. An error when there is a repository and git does not say.
fn git_ignores(dir: &Path, path: &Path) -> Result<Ignored, Error> {
    let repository = fs::canonicalize(dir)
        .map_err(|e| cannot("cannot find", dir, &e))?
        .ancestors()
        .any(|folder| fs::symlink_metadata(folder.join(".git")).is_ok());
    let refused = |why: &str| {
        Err(Error::new(
            Kind::Usage,
            format!(
                "{} is in a git repository, and whether that ignores {} is not known: {why}",
                dir.display(),
                path.display()
            ),
        )
        .hint("nothing was written; git has to be on PATH and to trust the folder"))
    };
    // No program that the repository's settings name is run for this question.
    let asked = Command::new("git")
        .args(["-c", "core.fsmonitor=false", "-C"])
        .arg(dir)
        .args(["check-ignore", "-q", "--"])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match asked.as_ref().map(std::process::ExitStatus::code) {
        Ok(Some(0)) => Ok(Ignored::Yes),
        Ok(Some(1)) => Ok(Ignored::No),
        _ if !repository => Ok(Ignored::NoRepository),
        Ok(_) => refused("git check-ignore fails"),
        Err(error) => refused(&format!("git does not start: {error}")),
    }
}

/// Puts every file in its place, never onto another. When one fails, what was placed goes again.
///
/// Public files are written beside their place and moved there. A file of credentials is written where it belongs: git
/// ignores that name, and no other.
///
/// At any moment the folder is one whose plan the engines refuse, or has no new code, or all of it: a run that is killed
/// leaves no resource without its import block, which a plan would create.
fn place(export: &Export, dir: &Path, taken: &Taken) -> Result<(), Error> {
    let mut placed = Placed::default();
    let mut staged = Vec::new();
    let mut files: Vec<_> = export.files.iter().collect();
    files.sort_by_key(|(name, _)| taken.place_of(name));
    for (name, file) in files {
        let path = dir.join(name);
        if file.private {
            let mut made = super::create_new(&path, true).map_err(|e| cannot("cannot make", &path, &e))?;
            placed.0.push(path.clone());
            let written = made.write_all(file.text.as_bytes()).and_then(|()| made.sync_all());
            written.map_err(|e| cannot("cannot write", &path, &e))?;
        } else {
            staged.push((path, stage(dir, &file.text)?));
        }
    }
    for (path, file) in staged {
        file.persist_noclobber(&path).map_err(|failure| {
            cannot("nothing was written, cannot make", &path, &failure.error)
                .hint("if the folder was changed in between, run it again")
        })?;
        placed.0.push(path);
        // The names are durable in this order, too, where folders can be synced.
        let _ = fs::File::open(dir).and_then(|dir| dir.sync_all());
    }
    placed.0.clear();
    Ok(())
}

/// Files that go again unless all of them are in their place: the last one first, so that import blocks outlive resources.
#[derive(Default)]
struct Placed(Vec<PathBuf>);

impl Drop for Placed {
    fn drop(&mut self) {
        for path in self.0.iter().rev() {
            let _ = fs::remove_file(path);
        }
    }
}

fn stage(dir: &Path, text: &str) -> Result<tempfile::NamedTempFile, Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(STAGED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    let mut file = builder.tempfile_in(dir).map_err(|e| cannot("cannot write in", dir, &e))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all());
    written.map_err(|e| cannot("cannot write in", dir, &e))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::File;

    fn export(files: &[(&str, bool)]) -> Export {
        let file =
            |(name, private): &(&str, bool)| ((*name).to_owned(), File { text: "x = 1\n".into(), private: *private });
        Export { files: files.iter().map(file).collect(), ..Export::default() }
    }

    fn names(dir: &Path) -> Vec<String> {
        files(dir).unwrap().into_keys().collect()
    }

    #[test]
    fn all_files_are_placed_or_none() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("z.tf"), "mine").unwrap();
        let error =
            place(&export(&[("a.tf", false), ("s.auto.tfvars", true), ("z.tf", false)]), dir.path(), &Taken::default())
                .unwrap_err();
        assert!(error.message.contains("z.tf"), "{error}");
        assert_eq!(names(dir.path()), ["z.tf"]);
        assert_eq!(fs::read_to_string(dir.path().join("z.tf")).unwrap(), "mine");
        place(&export(&[("a.tf", false), ("s.auto.tfvars", true)]), dir.path(), &Taken::default()).unwrap();
        assert_eq!(names(dir.path()), ["a.tf", "s.auto.tfvars", "z.tf"]);
    }

    #[cfg(unix)]
    #[test]
    fn credentials_are_for_the_owner_alone_and_no_link_is_followed() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        place(&export(&[("s.auto.tfvars", true)]), dir.path(), &Taken::default()).unwrap();
        let mode = fs::metadata(dir.path().join("s.auto.tfvars")).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        symlink(dir.path().join("elsewhere"), dir.path().join("link.tf")).unwrap();
        assert!(place(&export(&[("link.tf", false)]), dir.path(), &Taken::default()).is_err());
        assert!(!dir.path().join("elsewhere").exists());
    }

    #[test]
    fn import_blocks_stand_before_resources_and_papers_come_last() {
        // The folder's name, and that of a file of the module, are no reason to move anything.
        let base = tempfile::tempdir().unwrap();
        let dir = base.path().join("my-imports");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("main.tf"), "").unwrap();
        let root = Root::read(&dir, None).unwrap();
        let names =
            ["evidence.json", "REVIEW.md", "services.tf", "data.tf", "clusters.tf", "variables.tf", "imports.tf"];
        let mut names: Vec<String> = names.iter().map(|name| root.taken.file_name(name)).collect();
        names.sort_by_key(|name| root.taken.place_of(name));
        assert_eq!(names[..3], ["ecsight_imports.tf", "ecsight_variables.tf", "ecsight_data.tf"]);
        assert!(is_code(&names[3]) && is_code(&names[4]) && !is_code(&names[5]), "{names:?}");
    }

    #[test]
    fn what_a_killed_run_has_staged_goes_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let old = std::time::SystemTime::now() - 2 * LEFT;
        for name in [".ecsight-aB3dE6", ".ecsight-notes", ".ecsight-toolong", "ecsight-aB3dE6", ".ecsight-ab/def"] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "x").unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        }
        fs::write(dir.path().join(".ecsight-fresh1"), "a run that is under way").unwrap();
        fs::create_dir(dir.path().join(".ecsight-folder")).unwrap();
        // `notes` has five letters, `folder` is a folder.
        assert_eq!(sweep(dir.path()), 1);
        assert!(!dir.path().join(".ecsight-aB3dE6").exists() && dir.path().join(".ecsight-fresh1").exists());
        assert_eq!(names(dir.path()).len(), 6);
    }

    #[test]
    fn a_broken_run_is_named_with_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("main.tf", "resource \"aws_ecs_cluster\" \"mine\" {}\n");
        write("ecsight_services.tf", "");
        let import = |to: &str| format!("import {{\n  to = {to}\n  id = \"x\"\n}}\n");
        write("ecsight_imports_2.tf", &(import("aws_ecs_cluster.mine") + &import("aws_ecs_service.gone")));
        write("ecsight_secrets_2.auto.tfvars", "");
        write("ecsight_mine_2.tf", "");
        let error = Root::read(dir.path(), None).unwrap_err();
        assert!(error.message.contains("ecsight_imports_2.tf imports aws_ecs_service.gone, and"), "{error}");
        let hint = error.hint.unwrap();
        assert!(hint.contains("again: ecsight_imports_2.tf, ecsight_secrets_2.auto.tfvars;"), "{hint}");
        assert_eq!(is_whole(dir.path()).unwrap_err().message, error.message);
        write("ecsight_services_2.tf", "resource \"aws_ecs_service\" \"gone\" {}\n");
        is_whole(dir.path()).unwrap();
        // What the module's own files import is the engine's to judge.
        write("own.tf", &import("aws_ecs_service.none"));
        let scope = crate::estate::Scope::new("aws", "123456789012", "eu-west-1");
        let said = Root::read(dir.path(), None).unwrap().taken.remarks(&scope).unwrap().join("\n");
        assert!(said.contains("ecsight_imports_2.tf has no ecsight_evidence_2.json"), "{said}");
        assert!(said.contains("and ecsight_variables_2.tf is not there"), "{said}");
    }

    #[test]
    fn the_state_is_that_of_the_workspace() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("main.tf", "");
        let state = || Root::read(dir.path(), None).map(|root| root.taken.state.clone());
        assert_eq!(state().unwrap(), StateSource::Absent);
        write(".terraform/environment", "staging\n");
        write("terraform.tfstate.d/staging/terraform.tfstate", "{}");
        assert!(matches!(state().unwrap(), StateSource::Read(path) if path.contains("staging")));
        write(".terraform/environment", "../..");
        assert_eq!(state().unwrap_err().kind, Kind::Malformed);
        write(".terraform/environment", "default");
        write("terraform.tfstate", "{ no state");
        assert!(state().unwrap_err().message.contains("terraform.tfstate: the state is not JSON"));
        write("backend.tf", "terraform {\n  backend \"s3\" {}\n}\n");
        assert!(matches!(state().unwrap(), StateSource::NotRead(why) if why.contains("state pull")));
    }

    #[test]
    fn a_folder_without_code_is_no_root_module() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Root::read(dir.path(), None).unwrap_err().kind, Kind::NotFound);
        assert_eq!(Root::read(&dir.path().join("none"), None).unwrap_err().kind, Kind::NotFound);
        fs::write(dir.path().join("a.tf"), [0xff]).unwrap();
        assert!(Root::read(dir.path(), None).unwrap_err().message.ends_with("a.tf is not UTF-8"));
    }
}
