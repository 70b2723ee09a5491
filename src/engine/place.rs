//! Where a folder keeps its state, who has locked it, and which provider it has: what init and other runs left there.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::store;

/// Where the state of a folder lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatePlace {
    /// For people: `the file terraform.tfstate of the folder`, `s3 (bucket b, key k)`.
    pub words: String,
    /// The file, when it is one.
    pub file: Option<PathBuf>,
    /// Plans and applies run elsewhere (HCP Terraform, Terraform Enterprise): a saved plan is no plan there.
    pub runs_elsewhere: bool,
}

/// The members of a backend's settings that say where it is. The others may be credentials.
const SAYS_WHERE: [&str; 13] = [
    "path",
    "bucket",
    "key",
    "region",
    "prefix",
    "container_name",
    "storage_account_name",
    "address",
    "schema_name",
    "namespace",
    "secret_suffix",
    "hostname",
    "organization",
];

/// Where the state of a folder lives, once init has run in it.
pub fn state_place(dir: &Path) -> StatePlace {
    let backend = store::backend(dir);
    match store::workspace(dir) {
        Ok(workspace) => place(dir, &backend, workspace.as_deref()),
        Err(error) => StatePlace { words: format!("nowhere: {error}"), file: None, runs_elsewhere: false },
    }
}

fn place(dir: &Path, backend: &Value, workspace: Option<&str>) -> StatePlace {
    let within = workspace.map(|name| format!(", workspace {name}")).unwrap_or_default();
    let kind = backend["type"].as_str().unwrap_or("local");
    let setting = |name: &str| backend["config"][name].as_str().filter(|text| !text.is_empty());
    if kind == "local" {
        let file = store::local_state(workspace, None, backend);
        // In words it stands as the folder sees it: a record of it says nothing of this machine.
        let words = format!("the file {} of the folder", file.display());
        return StatePlace { words, file: Some(dir.join(file)), runs_elsewhere: false };
    }
    // An address may hold a name and a password.
    let told =
        |text: &str| match text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?))) {
            Some((scheme, (_, host))) => format!("{scheme}://{host}"),
            None => text.to_owned(),
        };
    let says: Vec<String> =
        SAYS_WHERE.iter().filter_map(|name| Some(format!("{name} {}", told(setting(name)?)))).collect();
    let says = if says.is_empty() { String::new() } else { format!(" ({})", says.join(", ")) };
    StatePlace {
        words: format!("the backend {kind}{says}{within}"),
        file: None,
        runs_elsewhere: matches!(kind, "cloud" | "remote"),
    }
}

/// A lock on a state file, as the engine that took it wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Lock {
    /// What `force-unlock` wants.
    #[serde(rename = "ID")]
    pub id: String,
    /// `OperationTypeApply`, `OperationTypePlan`.
    #[serde(default)]
    pub operation: String,
    /// `user@host`.
    #[serde(default)]
    pub who: String,
    /// When, in the engine's words.
    #[serde(default)]
    pub created: String,
}

/// The lock that stands beside a state file: of a run that is on, or of one that was killed.
pub fn left_lock(state: &Path) -> Option<Lock> {
    let name = state.file_name()?.to_string_lossy();
    let text = fs::read_to_string(state.with_file_name(format!(".{name}.lock.info"))).ok()?;
    serde_json::from_str(&text).ok()
}

/// The version of hashicorp/aws that init chose: `6.62.0`.
pub fn provider_version(dir: &Path) -> Option<String> {
    let text = fs::read_to_string(dir.join(".terraform.lock.hcl")).ok()?;
    let body = hcl::parse(&text).ok()?;
    let aws = body.blocks().find(|block| {
        block.identifier() == "provider" && block.labels().iter().any(|l| l.as_str().ends_with("hashicorp/aws"))
    })?;
    let version = aws.body().attributes().find(|a| a.key() == "version")?;
    match version.expr() {
        hcl::Expression::String(version) => Some(version.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_place_is_named_without_its_credentials() {
        let dir = Path::new("/code");
        assert_eq!(place(dir, &Value::Null, None).file, Some("/code/terraform.tfstate".into()));
        let named = place(dir, &Value::Null, Some("blue"));
        assert_eq!(named.file, Some("/code/terraform.tfstate.d/blue/terraform.tfstate".into()));
        let config = json!({"bucket": "b", "key": "k", "access_key": "made-up-1", "token": "made-up-2"});
        let s3 = place(dir, &json!({"type": "s3", "config": config}), Some("blue"));
        assert_eq!(s3.words, "the backend s3 (bucket b, key k), workspace blue");
        let http = place(dir, &json!({"type": "http", "config": {"address": "https://me:made-up-3@host/x"}}), None);
        assert_eq!(http.words, "the backend http (address https://host/x)");
        assert!(place(dir, &json!({"type": "cloud", "config": {}}), None).runs_elsewhere);
    }

    #[test]
    fn a_lock_and_a_provider_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("terraform.tfstate");
        assert_eq!(left_lock(&state), None);
        let text = r#"{"ID":"b3-4","Operation":"OperationTypeApply","Info":"","Who":"me@host","Version":"1.15.5","Created":"2026-01-02T03:04:05Z","Path":"terraform.tfstate"}"#;
        fs::write(folder.path().join(".terraform.tfstate.lock.info"), text).unwrap();
        let lock = left_lock(&state).unwrap();
        assert_eq!((&*lock.id, &*lock.who, &*lock.created), ("b3-4", "me@host", "2026-01-02T03:04:05Z"));
        let lock = "provider \"registry.terraform.io/hashicorp/aws\" {\n  version     = \"3.39.0\"\n}\n";
        fs::write(folder.path().join(".terraform.lock.hcl"), lock).unwrap();
        assert_eq!(provider_version(folder.path()).as_deref(), Some("3.39.0"));
    }
}
