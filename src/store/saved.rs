//! What earlier exports have left on disk: their choices, and their files to compare with.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::failed;
use crate::error::{Error, Kind};
use crate::estate::Scope;
use crate::export::{CHOICES, choices};

/// Files larger than this, in bytes, are none of ours.
const LARGEST: u64 = 16 << 20;

/// The text of a file of choices: the file itself, or that of an export folder; and its path.
pub fn read_choices(path: &Path) -> Result<(PathBuf, String), Error> {
    let file = if path.is_dir() { path.join(CHOICES) } else { path.to_path_buf() };
    if !file.is_file() {
        return Err(Error::new(Kind::NotFound, format!("there is no {}", file.display()))
            .hint("--from takes an export folder that holds ecsight.export.toml, or that file"));
    }
    match read(&file) {
        Ok(Some(text)) => Ok((file, text)),
        Ok(None) => Err(Error::new(Kind::Malformed, format!("{} is no UTF-8 text of a few lines", file.display()))
            .hint("--from takes an export folder that holds ecsight.export.toml, or that file")),
        Err(error) => Err(failed("cannot read", &file, &error)),
    }
}

/// A text file; `None` for what is too large, no UTF-8, or no file: reading a pipe would wait for ever.
fn read(path: &Path) -> std::io::Result<Option<String>> {
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > LARGEST { None } else { String::from_utf8(bytes).ok() })
}

/// An export that stands on disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Earlier {
    /// The folder's name: `web-2`.
    pub name: String,
    /// Its text files by name.
    pub files: BTreeMap<String, String>,
}

/// The newest export below `base` that bears this name, or this name and a number; `None` when there is none.
///
/// A folder whose own choices name another folder is another export: `web-2` may be that of a service `web-2`.
pub fn newest_export(base: &Path, scope: &Scope, folder: &str) -> Option<Earlier> {
    let parent = base.join(scope.to_string());
    let entries = fs::read_dir(&parent).ok()?.filter_map(Result::ok);
    let mut candidates: Vec<(SystemTime, u32, String)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = match name.strip_prefix(folder)? {
                "" => 1,
                rest => rest.strip_prefix('-')?.parse().ok()?,
            };
            let written = ["evidence.json", CHOICES, ""].iter().find_map(|file| {
                fs::metadata(if file.is_empty() { entry.path() } else { entry.path().join(file) }).ok()?.modified().ok()
            })?;
            let own = read(&entry.path().join(CHOICES)).ok().flatten();
            let named = own.and_then(|text| choices::folder_of(&text));
            named.is_none_or(|named| named == folder).then_some((written, number, name))
        })
        .collect();
    candidates.sort();
    let (_, _, name) = candidates.pop()?;
    read_export(&parent.join(&name), name)
}

/// The text files of a folder, by a name; `None` when there is no such folder, or nothing in it.
pub fn read_export(folder: &Path, name: String) -> Option<Earlier> {
    let files = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())).filter_map(|entry| {
        let file = entry.file_name().into_string().ok()?;
        Some((file, read(&entry.path()).ok().flatten()?))
    });
    let files: BTreeMap<String, String> = files.collect();
    (!files.is_empty()).then_some(Earlier { name, files })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &Path, own: &str, text: &str) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("services.tf"), text).unwrap();
        if !own.is_empty() {
            fs::write(folder.join(CHOICES), format!("folder = \"{own}\"\n")).unwrap();
        }
    }

    #[test]
    fn the_newest_export_of_a_name_is_found_and_no_other() {
        let base = tempfile::tempdir().unwrap();
        let scope = Scope::new("aws", "123456789012", "eu-west-1");
        let parent = base.path().join(scope.to_string());
        assert_eq!(newest_export(base.path(), &scope, "web"), None);
        put(&parent.join("web"), "", "one");
        put(&parent.join("web-2"), "web", "two");
        put(&parent.join("web-3"), "web-3", "another export");
        put(&parent.join("web-x"), "web", "no number");
        let old = SystemTime::UNIX_EPOCH;
        fs::File::open(parent.join("web")).unwrap().set_modified(old).unwrap();
        let newest = newest_export(base.path(), &scope, "web").unwrap();
        assert_eq!((newest.name.as_str(), newest.files["services.tf"].as_str()), ("web-2", "two"));
        assert_eq!(newest_export(base.path(), &scope, "web-3").unwrap().files["services.tf"], "another export");
    }

    #[test]
    fn choices_are_read_from_a_file_or_its_folder() {
        let base = tempfile::tempdir().unwrap();
        put(base.path(), "web", "");
        let file = base.path().join(CHOICES);
        assert_eq!(read_choices(base.path()).unwrap(), read_choices(&file).unwrap());
        fs::write(&file, [0xff, 0xfe]).unwrap();
        assert_eq!(read_choices(&file).unwrap_err().kind, Kind::Malformed);
        fs::remove_file(&file).unwrap();
        assert_eq!(read_choices(base.path()).unwrap_err().kind, Kind::NotFound);
    }
}
