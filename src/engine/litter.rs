//! What a run lays down and must take away again: the override file, and what the engine leaves in a folder.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::OVERRIDE_FILE;
use super::process::io;
use crate::error::Error;

/// The override file, for as long as this lives.
pub(super) struct OverrideFile {
    path: PathBuf,
}

impl OverrideFile {
    pub fn write(dir: &Path, text: &str) -> Result<Self, Error> {
        let path = dir.join(OVERRIDE_FILE);
        // One that a killed run left behind; the name is ours.
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                return Err(io("replacing the override file", &e));
            }
            _ => {}
        }
        let file = Self { path };
        private_file(&file.path, text).map_err(|e| io("writing the override file", &e))?;
        Ok(file)
    }
}

impl Drop for OverrideFile {
    fn drop(&mut self) {
        fs::remove_file(&self.path).ok();
    }
}

/// Makes a new file that only its owner can read.
pub(super) fn private_file(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)?.write_all(text.as_bytes())
}

/// What a run leaves in a folder and was not there before.
pub(super) struct Litter {
    paths: Vec<PathBuf>,
    empty_state: Option<PathBuf>,
}

impl Litter {
    pub fn note(dir: &Path, keep_init: bool) -> Self {
        let absent = |name: &str| {
            let path = dir.join(name);
            fs::symlink_metadata(&path).is_err().then_some(path)
        };
        Self {
            paths: [".terraform", ".terraform.lock.hcl"]
                .into_iter()
                .filter(|_| !keep_init)
                .filter_map(absent)
                .collect(),
            empty_state: absent("terraform.tfstate"),
        }
    }

    /// What is there now stays: the folder is going to be worked in.
    pub fn keep(&mut self) {
        self.paths.clear();
        self.empty_state = None;
    }
}

impl Drop for Litter {
    fn drop(&mut self) {
        for path in &self.paths {
            if path.is_dir() {
                fs::remove_dir_all(path).ok();
            } else {
                fs::remove_file(path).ok();
            }
        }
        // OpenTofu leaves a state file without content when it is interrupted. A state that holds
        // anything, or that another run has locked, is not ours.
        if let Some(path) = &self.empty_state {
            let locked = path.with_file_name(".terraform.tfstate.lock.info").exists();
            if !locked && fs::read_to_string(path).is_ok_and(|text| holds_nothing(&text)) {
                fs::remove_file(path).ok();
            }
        }
    }
}

/// Whether the text of a state names no resource and no output.
fn holds_nothing(state: &str) -> bool {
    if state.trim().is_empty() {
        return true;
    }
    serde_json::from_str::<Value>(state).is_ok_and(|state| {
        state["resources"].as_array().is_some_and(Vec::is_empty)
            && state["outputs"].as_object().is_some_and(Map::is_empty)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_state_without_content_holds_nothing() {
        assert!(holds_nothing(""));
        assert!(holds_nothing(r#"{"version":4,"serial":1,"outputs":{},"resources":[],"check_results":null}"#));
        assert!(!holds_nothing(r#"{"version":4,"outputs":{},"resources":[{}]}"#));
        assert!(!holds_nothing(r#"{"version":4,"outputs":{"a":{}},"resources":[]}"#));
        assert!(!holds_nothing("{"));
        assert!(!holds_nothing("{}"));
    }
}
