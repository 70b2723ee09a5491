//! What a folder says of itself before anything runs in it: what it imports, into which account and region, and for which
//! provider.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::aws::Identity;
use crate::commands::verify::evidence_file;
use crate::error::{Error, Kind};
use crate::estate::{Arn, visible};
use crate::report::imported::{addresses, earlier};
use crate::store::code_of;
use crate::terraform::Dialect;

/// A folder that imports, or has imported.
#[derive(Debug, Default)]
pub struct Folder {
    /// Where it is.
    pub dir: PathBuf,
    /// The addresses that the import blocks name, or the evidence where there are none, in order.
    pub imports: BTreeSet<String>,
    /// The files in which import blocks stand.
    pub import_files: BTreeSet<String>,
    /// The accounts that the evidence names, or that the provider block allows.
    accounts: BTreeSet<String>,
    /// The regions that the provider block or the evidence name.
    regions: BTreeSet<String>,
    /// The text of `evidence.json`; empty when there is none.
    pub evidence: String,
    /// The generation that the evidence names.
    pub dialect: Option<Dialect>,
    /// Status and beginning of an earlier import.
    pub earlier: Option<(String, String)>,
    /// The names of the files that hold the credentials of an export.
    pub private: Vec<String>,
}

impl Folder {
    /// Reads the code and the evidence of a folder. Where no import block stands any more, what an export of it imported is
    /// proved again, by the addresses in its evidence. An error when there are none.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let (taken, unread) = code_of(dir)?;
        let mut folder = Self { dir: dir.to_owned(), ..Self::default() };
        for block in &taken.imports {
            folder.imports.insert(block.to.clone());
            folder.import_files.insert(block.file.clone());
        }
        if let Some(provider) = taken.providers.get("") {
            folder.regions.extend(provider.region.clone().flatten());
            folder.accounts.extend(provider.allowed.clone().flatten().into_iter().flatten());
        }
        let is_private = |name: &&String| {
            let ours = name.as_str() == "secrets.auto.tfvars" || name.starts_with("ecsight_secrets");
            ours && name.ends_with(".auto.tfvars")
        };
        folder.private = names(dir).iter().filter(is_private).cloned().collect();
        folder.evidence()?;
        if folder.imports.is_empty() {
            folder.imports.extend(addresses(&folder.evidence));
        }
        if folder.imports.is_empty() {
            let unread = if unread.is_empty() { String::new() } else { format!(" (not read: {})", unread.join(", ")) };
            return Err(Error::new(
                Kind::NotFound,
                visible(&format!(
                    "{} holds no import block{unread}, and no evidence of what it imported: it is no export",
                    dir.display()
                )),
            )
            .hint("write one with: ecsight export --all --out DIR; the plan of any folder with a state is judged by: ecsight verify"));
        }
        Ok(folder)
    }

    fn evidence(&mut self) -> Result<(), Error> {
        let path = evidence_file(&self.dir);
        if !path.exists() {
            return Ok(());
        }
        let broken = |why: String| {
            Error::new(Kind::Malformed, format!("{} cannot be read: {}", path.display(), visible(&why)))
                .hint("export again, or move the file away")
        };
        self.evidence = fs::read_to_string(&path).map_err(|e| broken(e.to_string()))?;
        self.earlier = earlier(&self.evidence).map_err(broken)?;
        let value: Value = serde_json::from_str(&self.evidence).unwrap_or_default();
        self.dialect = serde_json::from_value(value["dialect"].clone()).ok();
        let natives = value["provenance"].as_array().into_iter().flatten().filter_map(|p| p["resource"].as_str());
        let (mut accounts, mut regions) = (BTreeSet::new(), BTreeSet::new());
        for arn in natives.filter_map(Arn::parse).filter(|arn| arn.service == "ecs") {
            accounts.insert(arn.account.to_owned());
            regions.insert(arn.region.to_owned());
        }
        // A root module may allow several accounts: the export is of one of them.
        for (said, exported) in [(&mut self.accounts, accounts), (&mut self.regions, regions)] {
            if !exported.is_empty() && exported.is_subset(said) {
                *said = exported;
            } else {
                said.extend(exported);
            }
        }
        Ok(())
    }

    /// The region to look in, when the folder names one.
    pub fn region(&self) -> Option<&str> {
        let mut regions = self.regions.iter();
        regions.next().filter(|_| regions.next().is_none()).map(String::as_str)
    }

    /// Refuses a session in another account or region than the folder's.
    pub fn belongs_to(&self, identity: &Identity) -> Result<(), Error> {
        let (account, region) = (&*identity.account, &*identity.scope.region);
        for (what, named, here) in [("account", &self.accounts, account), ("region", &self.regions, region)] {
            let names = named.iter().map(|name| visible(name)).collect::<Vec<_>>().join(", ");
            if named.is_empty() {
                return Err(Error::new(
                    Kind::Usage,
                    format!("{} does not say of which {what} it is", self.dir.display()),
                )
                .hint(
                    "write allowed_account_ids and region into the provider block, so that nothing else can be hit",
                ));
            }
            if named.len() > 1 || !named.contains(here) {
                return Err(Error::new(
                    Kind::Usage,
                    format!("the folder is of {what} {names}, and the credentials and flags lead to {here}"),
                )
                .hint("sign in to the folder's account with --profile, and name its region with --region"));
            }
        }
        Ok(())
    }
}

/// The names in a folder, in order.
fn names(dir: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Scope;

    fn identity(account: &str, region: &str) -> Identity {
        Identity { account: account.into(), arn: String::new(), scope: Scope::new("aws", account, region) }
    }

    fn folder(files: &[(&str, &str)]) -> Result<Folder, Error> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        Folder::read(dir.path())
    }

    const IMPORTS: &str = "import {\n  to = aws_ecs_cluster.a\n  id = \"a\"\n}\nimport {\n  to = module.m.aws_ecs_cluster.b[\"x\"]\n  id = \"b\"\n}\n";
    const PROVIDER: &str =
        "provider \"aws\" {\n  region = \"eu-west-1\"\n  allowed_account_ids = [\"123456789012\"]\n}\n";

    #[test]
    fn the_code_says_what_is_imported_and_where() {
        let read = folder(&[("imports.tf", IMPORTS), ("providers.tf", PROVIDER)]).unwrap();
        let addresses: Vec<&str> = read.imports.iter().map(String::as_str).collect();
        assert_eq!(addresses, ["aws_ecs_cluster.a", "module.m.aws_ecs_cluster.b[\"x\"]"]);
        assert_eq!(read.region(), Some("eu-west-1"));
        read.belongs_to(&identity("123456789012", "eu-west-1")).unwrap();
        for (account, region) in [("210987654321", "eu-west-1"), ("123456789012", "us-east-1")] {
            let error = read.belongs_to(&identity(account, region)).unwrap_err();
            assert_eq!(error.kind, Kind::Usage, "{error}");
        }
    }

    #[test]
    fn json_is_code_too_and_the_evidence_stands_in_for_blocks_whose_work_is_done() {
        let json = r#"{"import":[{"to":"aws_ecs_cluster.a","id":"a"}]}"#;
        let read = folder(&[("imports.tf.json", json), ("providers.tf", PROVIDER)]).unwrap();
        assert_eq!(read.imports.iter().map(String::as_str).collect::<Vec<_>>(), ["aws_ecs_cluster.a"]);
        assert_eq!(read.import_files.len(), 1);
        let evidence = r#"{"imports":[{"address":"aws_ecs_cluster.a","import_id":"a"}]}"#;
        let read = folder(&[
            ("providers.tf", PROVIDER),
            ("ecsight_evidence.json", evidence),
            ("ecsight_secrets_2.auto.tfvars", ""),
            ("mine.auto.tfvars", ""),
        ])
        .unwrap();
        assert_eq!(read.imports.iter().map(String::as_str).collect::<Vec<_>>(), ["aws_ecs_cluster.a"]);
        assert!(read.import_files.is_empty());
        assert_eq!(read.private, ["ecsight_secrets_2.auto.tfvars"]);
        let error = folder(&[("broken.tf", "import {"), ("providers.tf", PROVIDER)]).unwrap_err();
        assert!(error.message.contains("not read: broken.tf"), "{error}");
    }

    #[test]
    fn what_does_not_say_where_or_says_two_things_is_refused() {
        let here = identity("123456789012", "eu-west-1");
        assert!(folder(&[("imports.tf", IMPORTS)]).unwrap().belongs_to(&here).is_err());
        let elsewhere = r#"{"provenance":[{"resource":"arn:aws:ecs:eu-west-1:210987654321:cluster/a"}]}"#;
        let read =
            folder(&[("imports.tf", IMPORTS), ("providers.tf", PROVIDER), ("evidence.json", elsewhere)]).unwrap();
        assert!(read.belongs_to(&here).is_err());
        let evidence = r#"{"dialect":"v3","import":{"status":"started","started":"t"},"provenance":[{"resource":"arn:aws:ecs:eu-west-1:123456789012:cluster/a"}]}"#;
        let read = folder(&[("imports.tf", IMPORTS), ("evidence.json", evidence)]).unwrap();
        read.belongs_to(&here).unwrap();
        assert_eq!(read.dialect, Some(Dialect::V3));
        assert_eq!(read.earlier, Some(("started".into(), "t".into())));
        let two = PROVIDER.replace("[\"1", "[\"210987654321\", \"1");
        let read = folder(&[("imports.tf", IMPORTS), ("providers.tf", &two), ("evidence.json", evidence)]).unwrap();
        read.belongs_to(&here).unwrap();
        assert!(read.belongs_to(&identity("210987654321", "eu-west-1")).is_err());
        assert!(folder(&[("imports.tf", IMPORTS), ("providers.tf", &two)]).unwrap().belongs_to(&here).is_err());
        assert_eq!(folder(&[("a.tf", PROVIDER)]).unwrap_err().kind, Kind::NotFound);
        assert_eq!(folder(&[("imports.tf", IMPORTS), ("evidence.json", "{")]).unwrap_err().kind, Kind::Malformed);
    }
}
