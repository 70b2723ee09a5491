//! Where a folder keeps a state of its own: the file that the engine would take.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, Kind};

/// The folder of an engine's own files: `TF_DATA_DIR`, else `.terraform`.
fn data(dir: &Path) -> PathBuf {
    dir.join(env::var_os("TF_DATA_DIR").filter(|d| !d.is_empty()).unwrap_or_else(|| ".terraform".into()))
}

/// The workspace that is chosen in a folder; `None` for the default one. An empty `TF_WORKSPACE` chooses none.
///
/// An error for a name that would lead out of the folder of workspaces.
pub fn workspace(dir: &Path) -> Result<Option<String>, Error> {
    let named = env::var("TF_WORKSPACE").ok();
    workspace_of(named.as_deref(), fs::read_to_string(data(dir).join("environment")).ok().as_deref())
}

fn workspace_of(variable: Option<&str>, file: Option<&str>) -> Result<Option<String>, Error> {
    let named = variable.map(str::trim).filter(|name| !name.is_empty());
    let chosen = named.or_else(|| file.map(str::trim)).filter(|name| !name.is_empty() && *name != "default");
    match chosen {
        Some(name) if name.contains(['/', '\\']) || name == ".." || name == "." => {
            Err(Error::new(Kind::Malformed, format!("{name:?} is no name of a workspace"))
                .hint("choose one with: terraform workspace select"))
        }
        chosen => Ok(chosen.map(str::to_owned)),
    }
}

/// What the last init wrote down of the backend: its `type` and `config`; null when there was none.
pub fn backend(dir: &Path) -> Value {
    let kept = fs::read_to_string(data(dir).join("terraform.tfstate")).ok();
    let kept: Value = kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    kept["backend"].clone()
}

/// The file of a local state, as seen from its folder. `path` is what the code says, where that is known; `backend` what
/// init wrote down ([`backend`]).
pub fn local_state(workspace: Option<&str>, path: Option<&str>, backend: &Value) -> PathBuf {
    let setting = |name: &str| {
        let local = backend["type"] == "local";
        backend["config"][name].as_str().filter(|text| local && !text.is_empty())
    };
    match workspace {
        None => PathBuf::from(path.or_else(|| setting("path")).unwrap_or("terraform.tfstate")),
        Some(name) => {
            Path::new(setting("workspace_dir").unwrap_or("terraform.tfstate.d")).join(name).join("terraform.tfstate")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_empty_variable_chooses_no_workspace_and_names_stay_in_their_folder() {
        assert_eq!(workspace_of(Some(""), Some("blue\n")).unwrap().as_deref(), Some("blue"));
        assert_eq!(workspace_of(Some("green"), Some("blue")).unwrap().as_deref(), Some("green"));
        assert_eq!(workspace_of(Some("default"), Some("blue")).unwrap(), None);
        assert_eq!(workspace_of(None, None).unwrap(), None);
        assert_eq!(workspace_of(Some("../x"), None).unwrap_err().kind, Kind::Malformed);
    }

    #[test]
    fn the_file_is_where_code_or_init_say() {
        let kept = json!({"type": "local", "config": {"path": "s/one.tfstate", "workspace_dir": "w"}});
        let file = |workspace, path, kept: &Value| local_state(workspace, path, kept).display().to_string();
        assert_eq!(file(None, None, &Value::Null), "terraform.tfstate");
        assert_eq!(file(None, None, &kept), "s/one.tfstate");
        assert_eq!(file(None, Some("of-the-code"), &kept), "of-the-code");
        assert_eq!(file(Some("blue"), None, &kept), "w/blue/terraform.tfstate");
        assert_eq!(file(Some("blue"), Some("x"), &Value::Null), "terraform.tfstate.d/blue/terraform.tfstate");
        let s3 = json!({"type": "s3", "config": {"path": "x"}});
        assert_eq!(file(None, None, &s3), "terraform.tfstate");
    }
}
