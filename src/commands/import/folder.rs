//! What a folder says of itself before anything runs in it: what it imports, into which account and region, and for which
//! provider.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::{Block, Expression};
use serde_json::Value;

use crate::aws::Identity;
use crate::commands::verify::evidence_file;
use crate::error::{Error, Kind};
use crate::estate::{Arn, visible};
use crate::report::imported::earlier;
use crate::terraform::Dialect;

/// A folder with import blocks.
#[derive(Debug, Default)]
pub struct Folder {
    /// Where it is.
    pub dir: PathBuf,
    /// The addresses that the import blocks name, in order.
    pub imports: BTreeSet<String>,
    /// The files in which they stand.
    pub import_files: BTreeSet<String>,
    /// Files of credentials that an export wrote.
    pub credential_files: Vec<String>,
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
}

impl Folder {
    /// Reads the code and the evidence of a folder. An error when it imports nothing.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let mut folder = Self { dir: dir.to_owned(), ..Self::default() };
        let entries = fs::read_dir(dir)
            .map_err(|e| Error::new(Kind::NotFound, format!("cannot read the folder {}: {e}", dir.display())))?;
        let mut files: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        let names = files.iter().filter_map(|path| path.file_name()?.to_str());
        let own =
            |name: &&str| name.trim_start_matches("ecsight_").starts_with("secrets") && name.ends_with(".auto.tfvars");
        folder.credential_files = names.filter(own).map(str::to_owned).collect();
        folder.credential_files.sort();
        files.retain(|path| path.extension().is_some_and(|e| e == "tf") && path.is_file());
        files.sort();
        let mut unread = Vec::new();
        for path in &files {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match fs::read_to_string(path).ok().and_then(|text| hcl::parse(&text).ok()) {
                Some(body) => body.blocks().for_each(|block| folder.block(block, &name)),
                None => unread.push(name),
            }
        }
        if folder.imports.is_empty() {
            let unread = if unread.is_empty() { String::new() } else { format!(" (not read: {})", unread.join(", ")) };
            return Err(Error::new(
                Kind::NotFound,
                visible(&format!("{} holds no import block{unread}: it is no export", dir.display())),
            )
            .hint("write one with: ecsight export --all --out DIR; what was imported before is compared by its plan: ecsight verify"));
        }
        folder.evidence()?;
        Ok(folder)
    }

    fn block(&mut self, block: &Block, file: &str) {
        let attribute = |name: &str| block.body().attributes().find(|a| a.key() == name).map(hcl::Attribute::expr);
        match (block.identifier(), block.labels().first().map(hcl::BlockLabel::as_str)) {
            ("import", _) => {
                if let Some(to) = attribute("to") {
                    self.imports.insert(hcl::format::to_string(to).unwrap_or_default().trim().to_owned());
                    self.import_files.insert(file.to_owned());
                }
            }
            ("provider", Some("aws")) if attribute("alias").is_none() => {
                if let Some(Expression::String(region)) = attribute("region") {
                    self.regions.insert(region.clone());
                }
                if let Some(Expression::Array(accounts)) = attribute("allowed_account_ids") {
                    self.accounts.extend(accounts.iter().filter_map(|account| match account {
                        Expression::String(account) => Some(account.clone()),
                        _ => None,
                    }));
                }
            }
            _ => {}
        }
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
