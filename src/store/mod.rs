//! SHELL. Files on disk: exports that never overwrite, and where ecsight keeps its own.

mod into;
mod log;
mod place;
mod saved;

pub use into::{Root, code_of, is_whole};
pub use log::{LogLevel, start_log};
pub use place::{backend, local_state, workspace};
pub use saved::{Earlier, newest_export, read_choices, read_export};

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind};
use crate::estate::Scope;
use crate::export::Export;

fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::Io, format!("{what} {}: {error}", path.display())).hint("is there room, and may you write there?")
}

/// A trouble with the folder of an export.
fn unplaced(what: &str, path: &Path, error: &io::Error) -> Error {
    failed(what, path, error).hint("choose another folder with --out or --export-dir")
}

/// Writes an export below `base` as `ACCOUNT-REGION/FOLDER`, or `FOLDER-2`, `-3`, ... when that exists.
///
/// All files appear at once: they are written beside their place and moved there. Nothing is overwritten.
pub fn write_export(export: &Export, base: &Path, scope: &Scope) -> Result<PathBuf, Error> {
    let parent = base.join(scope.to_string());
    fs::create_dir_all(&parent).map_err(|e| unplaced("cannot make the folder", &parent, &e))?;
    for n in 1..=10_000 {
        let name = if n == 1 { export.folder.clone() } else { format!("{}-{n}", export.folder) };
        let target = parent.join(name);
        match place(export, &target) {
            Err(error) if error.kind == Kind::Usage => {}
            done => return done.map(|()| target),
        }
    }
    Err(Error::new(Kind::Io, format!("ten thousand exports of {} are in {}", export.folder, parent.display()))
        .hint("move some of them away"))
}

/// Writes an export as exactly this folder, which must not exist yet (or be empty).
pub fn write_export_to(export: &Export, target: &Path) -> Result<(), Error> {
    if let Some(parent) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(|e| unplaced("cannot make the folder", parent, &e))?;
    }
    if fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none()) {
        fs::remove_dir(target).map_err(|e| unplaced("cannot use the folder", target, &e))?;
    }
    place(export, target)
}

/// Reserves `target`, fills a folder beside it, and moves that into place. `Kind::Usage` when `target` exists.
fn place(export: &Export, target: &Path) -> Result<(), Error> {
    match fs::create_dir(target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Error::new(
                Kind::Usage,
                format!("{} exists already, and nothing is overwritten", target.display()),
            )
            .hint("choose another folder with --out, or move that one away"));
        }
        Err(error) => return Err(unplaced("cannot make the folder", target, &error)),
    }
    let filled = fill(export, target);
    if filled.is_err() {
        // The reservation is ours and empty; a half export must not stay.
        let _ = fs::remove_dir(target);
    }
    filled
}

fn fill(export: &Export, target: &Path) -> Result<(), Error> {
    let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let staging = tempfile::Builder::new()
        .prefix(".ecsight-")
        .tempdir_in(parent)
        .map_err(|e| unplaced("cannot write in", parent, &e))?;
    for (name, file) in &export.files {
        write_file(&staging.path().join(name), &file.text, file.private)?;
    }
    set_mode(staging.path(), 0o755)?;
    tracing::info!(folder = %target.display(), imports = export.imports.len(), skips = export.skips.len(), "exported");
    // An empty folder at the target (the reservation) is replaced in one step.
    fs::rename(staging.path(), target).map_err(|e| unplaced("cannot move the export to", target, &e))?;
    let _ = staging.keep();
    Ok(())
}

/// Replaces a public file in one step: a reader sees the old text or the new one, also after a crash.
pub fn replace(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |e: &io::Error| Error::new(Kind::Io, format!("cannot write {}: {e}", path.display()));
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".ecsight-").tempfile_in(parent).map_err(|e| failed(&e))?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(|e| failed(&e))?;
    set_mode(file.path(), 0o644)?;
    file.persist(path).map(drop).map_err(|e| failed(&e.error))
}

/// Makes a file that is not there yet; one that is private is for its owner alone from the start.
fn create_new(path: &Path, private: bool) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if private { 0o600 } else { 0o644 });
    }
    options.open(path)
}

fn write_file(path: &Path, text: &str, private: bool) -> Result<(), Error> {
    let mut file = create_new(path, private).map_err(|e| failed("cannot write", path, &e))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| failed("cannot write", path, &e))
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|e| failed("cannot set the mode of", path, &e))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> Result<(), Error> {
    Ok(())
}

/// Where ecsight keeps its log: the XDG state folder, or the local data folder where there is none.
pub fn state_dir() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "ecsight")?;
    Some(dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::File;

    fn export() -> Export {
        let mut export = Export { folder: "web".into(), ..Export::default() };
        export.files.insert("a.tf".into(), File { text: "x = 1\n".into(), private: false });
        export.files.insert("secrets.auto.tfvars".into(), File { text: "y = \"z\"\n".into(), private: true });
        export
    }

    #[test]
    fn a_second_export_takes_the_next_name_and_the_first_stays() {
        let base = tempfile::tempdir().unwrap();
        let scope = Scope::new("aws", "123456789012", "eu-west-1");
        let first = write_export(&export(), base.path(), &scope).unwrap();
        fs::write(first.join("a.tf"), "mine").unwrap();
        let second = write_export(&export(), base.path(), &scope).unwrap();
        assert!(first.ends_with("123456789012-eu-west-1/web") && second.ends_with("123456789012-eu-west-1/web-2"));
        assert_eq!(fs::read_to_string(first.join("a.tf")).unwrap(), "mine");
        assert_eq!(fs::read_dir(first.parent().unwrap()).unwrap().count(), 2, "no staging folder is left");
    }

    #[test]
    fn a_file_is_replaced_in_one_step_and_nothing_is_left_beside_it() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("evidence.json");
        for text in ["a", "b"] {
            replace(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1);
        assert_eq!(replace(&base.path().join("no/such"), "x").unwrap_err().kind, Kind::Io);
    }

    #[cfg(unix)]
    #[test]
    fn private_files_are_for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let base = tempfile::tempdir().unwrap();
        let target = base.path().join("out");
        write_export_to(&export(), &target).unwrap();
        let mode = |name: &str| fs::metadata(target.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("secrets.auto.tfvars"), mode("a.tf")), (0o600, 0o644));
        assert_eq!(write_export_to(&export(), &target).unwrap_err().kind, Kind::Usage);
    }
}
