//! An existing root module: read in full, then given new files, or none at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::error::{Error, Kind};
use crate::export::Export;
use crate::terraform::{Backend, LOCK_FILE, State, StateSource, Taken, is_code};

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
        let remarks = self.check(export)?;
        place(export, &self.dir)?;
        tracing::info!(folder = %self.dir.display(), imports = export.imports.len(), "added to a root module");
        Ok(remarks)
    }
}

/// True when some code of a folder has an import block; a file that cannot be read is the engine's to judge.
pub fn has_import_blocks(dir: &Path) -> bool {
    files(dir).is_ok_and(|files| {
        files.into_iter().filter(|(name, _)| is_code(name)).any(|(name, text)| {
            Taken::read(&BTreeMap::from([(name, text)])).is_ok_and(|taken| !taken.imports.is_empty())
        })
    })
}

/// The variables of a folder whose values nobody has to hide: declared, and not as sensitive. None of them when some code
/// cannot be read.
pub fn plain_variables(dir: &Path) -> BTreeSet<String> {
    let taken = files(dir).ok().and_then(|files| Taken::read(&files).ok()).unwrap_or_default();
    taken.variables.difference(&taken.sensitive).cloned().collect()
}

/// Every name in a folder, with the text of what is code; others are empty.
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
        }
        files.insert(name, text);
    }
    Ok(files)
}

/// The file of a local state: that of the workspace which is selected.
fn state_file(dir: &Path, backend: &Backend) -> Result<Option<PathBuf>, Error> {
    let path = match backend {
        Backend::Remote(_) => return Ok(None),
        Backend::Local => Path::new("terraform.tfstate"),
        Backend::Path(path) => Path::new(path),
    };
    let data = std::env::var_os("TF_DATA_DIR")
        .filter(|dir| !dir.is_empty())
        .map_or(dir.join(".terraform"), |data| dir.join(data));
    let named = std::env::var("TF_WORKSPACE").ok().filter(|name| !name.is_empty());
    let chosen = || fs::read_to_string(data.join("environment")).ok().map(|name| name.trim().to_owned());
    match named.or_else(chosen).filter(|name| !name.is_empty() && name != "default") {
        None => Ok(Some(dir.join(path))),
        Some(name) if name.contains(['/', '\\']) || name == ".." || name == "." => {
            Err(Error::new(Kind::Malformed, format!("{name:?} is no name of a workspace"))
                .hint("choose one with: terraform workspace select"))
        }
        Some(name) => Ok(Some(dir.join("terraform.tfstate.d").join(name).join("terraform.tfstate"))),
    }
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
fn place(export: &Export, dir: &Path) -> Result<(), Error> {
    let mut placed = Placed::default();
    let mut staged = Vec::new();
    for (name, file) in &export.files {
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
    // Import blocks come last: an engine that looks in between sees resources, and imports nothing half.
    staged.sort_by_key(|(path, _)| path.to_string_lossy().contains("imports"));
    for (path, file) in staged {
        file.persist_noclobber(&path).map_err(|failure| {
            cannot("nothing was written, cannot make", &path, &failure.error)
                .hint("if the folder was changed in between, run it again")
        })?;
        placed.0.push(path);
    }
    placed.0.clear();
    // The names are durable, too, where folders can be synced.
    let _ = fs::File::open(dir).and_then(|dir| dir.sync_all());
    Ok(())
}

/// Files that go again unless all of them are in their place.
#[derive(Default)]
struct Placed(Vec<PathBuf>);

impl Drop for Placed {
    fn drop(&mut self) {
        for path in &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

fn stage(dir: &Path, text: &str) -> Result<tempfile::NamedTempFile, Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ecsight-");
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
            place(&export(&[("a.tf", false), ("s.auto.tfvars", true), ("z.tf", false)]), dir.path()).unwrap_err();
        assert!(error.message.contains("z.tf"), "{error}");
        assert_eq!(names(dir.path()), ["z.tf"]);
        assert_eq!(fs::read_to_string(dir.path().join("z.tf")).unwrap(), "mine");
        place(&export(&[("a.tf", false), ("s.auto.tfvars", true)]), dir.path()).unwrap();
        assert_eq!(names(dir.path()), ["a.tf", "s.auto.tfvars", "z.tf"]);
    }

    #[cfg(unix)]
    #[test]
    fn credentials_are_for_the_owner_alone_and_no_link_is_followed() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        place(&export(&[("s.auto.tfvars", true)]), dir.path()).unwrap();
        let mode = fs::metadata(dir.path().join("s.auto.tfvars")).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        symlink(dir.path().join("elsewhere"), dir.path().join("link.tf")).unwrap();
        assert!(place(&export(&[("link.tf", false)]), dir.path()).is_err());
        assert!(!dir.path().join("elsewhere").exists());
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
