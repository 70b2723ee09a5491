//! Choices on disk: what an export saves, and what `export --from` makes of it.

// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ecsight::aws::{Connect, Session};
use ecsight::cli::{Cli, Command};
use ecsight::commands::Format;
use ecsight::commands::export::{Saved, Wish, run};
use ecsight::error::{Error, Kind};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use clap::Parser as _;

async fn session() -> Session {
    let connect = Connect { demo: true, ..Connect::default() };
    Session::connect(&connect).await.expect("the demo account")
}

/// Runs `ecsight export` with these arguments, as the command line does.
async fn export(session: &Session, arguments: &[&str]) -> Result<String, Error> {
    let cli = Cli::try_parse_from([&["ecsight", "--demo", "export"], arguments].concat()).expect("arguments");
    let Some(Command::Export { all, service, from, dry_run, out, into, state, writing }) = cli.command else {
        panic!("export")
    };
    let wish = Wish {
        dialect: writing.dialect,
        into,
        state,
        all,
        services: service,
        options: writing.options(),
        from: from.map(|path| Saved::read(&path, &writing)).transpose()?,
        dry_run,
        out,
        base: writing.export_dir.clone(),
    };
    let mut said = Vec::new();
    run(session, &wish, cli.common.format, &mut said, &CancellationToken::new()).await?;
    Ok(String::from_utf8(said).unwrap())
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read_to_string(e.path()).unwrap())).collect()
}

struct Folders {
    root: tempfile::TempDir,
}

impl Folders {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

const SERVICES: [&str; 2] = ["prod-apps/catalog-api", "prod-apps/checkout"];

/// Rewrites the choices in a folder.
fn edit(folder: &Path, from: &str, to: &str) {
    let path = folder.join("ecsight.export.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} in\n{text}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[tokio::test]
async fn the_same_choices_give_the_same_bytes() {
    let (session, folders) = (session().await, Folders::new());
    let [a, b] = SERVICES;
    for (name, arguments) in
        [("some", &["--service", a, "--service", b, "--dialect", "v3", "--concise"][..]), ("all", &["--all"])]
    {
        let (one, two, three) =
            (folders.text(name), folders.text(&format!("{name}2")), folders.text(&format!("{name}3")));
        export(&session, &[arguments, &["--out", &one]].concat()).await.unwrap();
        export(&session, &["--from", &one, "--out", &two]).await.unwrap();
        export(&session, &["--from", &format!("{two}/ecsight.export.toml"), "--out", &three]).await.unwrap();
        let first = files(Path::new(&one));
        assert!(first.len() > 6 && first.contains_key("ecsight.export.toml"));
        assert_eq!(first, files(Path::new(&two)));
        assert_eq!(first, files(Path::new(&three)));
        assert_eq!(first["ecsight.export.toml"].contains("\nall = true\n"), name == "all");
    }
}

#[tokio::test]
async fn what_a_person_edits_is_what_is_written() {
    let (session, folders) = (session().await, Folders::new());
    let one = folders.path("one");
    export(&session, &["--service", SERVICES[0], "--out", &folders.text("one")]).await.unwrap();
    let before = files(&one);
    assert!(
        before["services.tf"].contains("cluster") && before["services.tf"].contains("aws_ecs_cluster.prod-apps.arn")
    );
    edit(&one, "folder = \"catalog-api\"", "folder = \"shop\"");
    edit(&one, "[skip]\n", "[skip]\ncluster = [\"arn:aws:ecs:eu-west-1:123456789012:cluster/prod-apps\"]\n");
    edit(
        &one,
        "[names]\n",
        "[names.service]\n\"arn:aws:ecs:eu-west-1:123456789012:service/prod-apps/catalog-api\" = \"shop_front\"\n",
    );
    let base = folders.text("base");
    let said =
        export(&session, &["--from", &folders.text("one"), "--export-dir", &base, "--dialect", "v3"]).await.unwrap();
    let folder = folders.path("base").join("123456789012-eu-west-1/shop");
    let written = files(&folder);
    assert!(said.contains("left out by choice"), "{said}");
    assert!(written["services.tf"].contains("\"aws_ecs_service\" \"shop_front\""), "{}", written["services.tf"]);
    assert!(written["services.tf"].contains("\"arn:aws:ecs:eu-west-1:123456789012:cluster/prod-apps\""));
    assert!(!written.contains_key("clusters.tf") && before.contains_key("clusters.tf"));
    // The flag beside --from wins, and is what is saved.
    assert!(written["versions.tf"].contains("3.39.0"));
    assert!(written["ecsight.export.toml"].contains("dialect = \"v3\""));
}

#[tokio::test]
async fn what_has_gone_is_a_skip_and_what_is_wrong_is_an_error_with_its_line() {
    let (session, folders) = (session().await, Folders::new());
    let one = folders.path("one");
    let text = folders.text("one");
    export(&session, &["--service", SERVICES[0], "--out", &text]).await.unwrap();
    let arn = "arn:aws:ecs:eu-west-1:123456789012";
    edit(&one, "service = [\n", &format!("service = [\n  \"{arn}:service/prod-apps/gone\",\n"));
    edit(
        &one,
        "\n\n# What is named",
        &format!("\ntask_definition = [\n  \"{arn}:task-definition/gone:7\",\n]\n\n# What is named"),
    );
    edit(&one, "[names]\n", &format!("[names.service]\n\"{arn}:service/prod-apps/nowhere\" = \"x\"\n"));
    let said = export(&session, &["--from", &text, "--out", &folders.text("two")]).await.unwrap();
    assert!(said.contains("skipped service prod-apps/gone: AWS says that it does not exist"), "{said}");
    assert!(said.contains("skipped task definition gone:7: AWS says that it does not exist"), "{said}");
    assert!(
        said.contains("a name was chosen for service prod-apps/nowhere, which is no part of this export"),
        "{said}"
    );
    let first = "service prod-apps/gone was selected, and AWS says that it does not exist";
    let dry = export(&session, &["--from", &text, "--dry-run"]).await.unwrap();
    for said in [&said, &dry] {
        let second = said.lines().skip(1).find(|line| !line.is_empty()).unwrap();
        assert_eq!(second.trim(), first, "{said}");
    }
    assert_eq!(files(&folders.path("two"))["ecsight.export.toml"], files(&one)["ecsight.export.toml"]);
    edit(&one, "region = \"eu-west-1\"", "region = \"eu-west-2\"");
    let error = export(&session, &["--from", &text, "--out", &folders.text("three")]).await.unwrap_err();
    assert_eq!(error.kind, Kind::Malformed);
    assert!(error.message.contains("one/ecsight.export.toml, line 9: region \"eu-west-2\""), "{}", error.message);
    assert!(!folders.path("three").exists());
    let error = export(&session, &["--from", &folders.text("nowhere")]).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
}

#[tokio::test]
async fn a_slip_of_the_pen_is_said_first() {
    let (session, folders) = (session().await, Folders::new());
    let (one, text) = (folders.path("one"), folders.text("one"));
    export(&session, &["--all", "--out", &text]).await.unwrap();
    let arn = "arn:aws:ecs:eu-west-1:123456789012";
    edit(&one, "[skip]\n", &format!("[skip]\nservice = [\"{arn}:service/prod-apps/paymnets\"]\n"));
    edit(&one, "[names]\n", &format!("[names.cluster]\n\"{arn}:cluster/prod-aps\" = \"x\"\n"));
    let slips = [
        "a name was chosen for cluster prod-aps, which is no part of this export",
        "a skip was chosen for service prod-apps/paymnets, which is no part of this export",
    ];
    let (two, three) = (folders.text("two"), folders.text("three"));
    for (text_to, json_to) in [(&["--out", &two][..], &["--out", &three][..]), (&["--dry-run"], &["--dry-run"])] {
        let said = export(&session, &[&["--from", &text], text_to].concat()).await.unwrap();
        let lines: Vec<&str> = said.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).take(2).collect();
        assert_eq!(lines, slips, "{said}");
        let json = [&["--from", &text, "--format", "json"], json_to].concat();
        let value: Value = serde_json::from_str(&export(&session, &json).await.unwrap()).unwrap();
        assert_eq!(value["unused"].as_array().unwrap().len(), 2, "{value:#}");
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let (session, folders) = (session().await, Folders::new());
    let [a, b] = SERVICES;
    let base = folders.text("base");
    let said = export(&session, &["--service", a, "--service", b, "--export-dir", &base, "--dry-run"]).await.unwrap();
    assert!(!folders.path("base").exists(), "nothing is written");
    assert!(said.contains("no earlier export in a folder catalog-api"), "{said}");
    assert!(said.contains("123456789012-eu-west-1/catalog-api (v6); nothing is written"), "{said}");
    let lines: Vec<&str> = said.lines().map(str::trim_start).collect();
    let at = lines.iter().position(|line| *line == "aws_ecs_service.checkout").unwrap();
    assert_eq!(lines[at + 1], "id prod-apps/checkout");
    assert!(lines[at + 2].starts_with("names ") && lines[at + 2].contains("aws_ecs_cluster.prod-apps;"), "{said}");
    // Compared with what stands there.
    export(&session, &["--service", a, "--service", b, "--export-dir", &base]).await.unwrap();
    let again = ["--service", a, "--service", b, "--export-dir", &base, "--dry-run"];
    assert!(export(&session, &again).await.unwrap().contains("nothing differs from catalog-api\n"));
    let said = export(&session, &[&again[..], &["--dialect", "v3"]].concat()).await.unwrap();
    let line = said.lines().find(|line| line.trim_start().starts_with("versions.tf ")).unwrap();
    assert!(line.contains("+1 -1"), "{said}");
    // Exactly a folder: that one is named and compared.
    let exactly = folders.text("exactly");
    let to = ["--service", a, "--out", &exactly, "--dry-run"];
    let said = export(&session, &to).await.unwrap();
    assert!(said.contains(&format!("{exactly} holds nothing yet")) && !said.contains("no earlier export"), "{said}");
    export(&session, &to[..4]).await.unwrap();
    let said = export(&session, &to).await.unwrap();
    assert!(said.contains(&format!("nothing differs from {exactly}")), "{said}");
    assert!(said.contains("without --dry-run this is refused"), "{said}");
    // What the real run refuses is refused in the same words.
    edit(
        &folders.path("exactly"),
        "[skip]\n",
        "[skip]\nservice = [\"arn:aws:ecs:eu-west-1:123456789012:service/prod-apps/catalog-api\"]\ncluster = [\"arn:aws:ecs:eu-west-1:123456789012:cluster/prod-apps\"]\n",
    );
    edit(
        &folders.path("exactly"),
        "[select]\n",
        "[select]\ncluster = [\"arn:aws:ecs:eu-west-1:123456789012:cluster/prod-apps\"]\n",
    );
    let text = files(&folders.path("exactly"))["ecsight.export.toml"].clone();
    let service = text.split("[select]").nth(1).unwrap().split("[references]").next().unwrap();
    let nothing =
        text.replacen(service, "\ncluster = [\"arn:aws:ecs:eu-west-1:123456789012:cluster/prod-apps\"]\n\n", 1);
    std::fs::write(folders.path("exactly").join("ecsight.export.toml"), nothing).unwrap();
    let from = ["--from", &exactly, "--export-dir", &base];
    let real = export(&session, &from).await.unwrap_err();
    let dry = export(&session, &[&from[..], &["--dry-run"]].concat()).await.unwrap_err();
    assert_eq!((dry.kind, &dry.message), (real.kind, &real.message));
    let json = ["--service", a, "--service", b, "--dry-run", "--format", "json"];
    let plan: Value = serde_json::from_str(&export(&session, &json).await.unwrap()).unwrap();
    export(&session, &["--service", a, "--service", b, "--out", &folders.text("out")]).await.unwrap();
    let evidence: Value = serde_json::from_str(&files(&folders.path("out"))["evidence.json"]).unwrap();
    let imported = evidence["imports"].as_array().unwrap();
    assert_eq!(plan["imports"], imported.len());
    // Address by address, it is what the export imports.
    let mut rows: Vec<(&Value, &Value)> = plan["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["skip"].is_null())
        .flat_map(|row| row["addresses"].as_array().unwrap().iter().map(|address| (address, &row["import_id"])))
        .collect();
    rows.sort_by_key(|(address, _)| address.as_str());
    let imports: Vec<(&Value, &Value)> = imported.iter().map(|i| (&i["address"], &i["import_id"])).collect();
    assert_eq!(rows, imports);
    let cluster = plan["rows"].as_array().unwrap().iter().find(|row| row["kind"] == "cluster").unwrap();
    assert_eq!(cluster["addresses"].as_array().unwrap().len(), 2, "a cluster and its capacity providers");
    assert_eq!(Format::Json, Cli::try_parse_from(["ecsight", "export", "--format", "json"]).unwrap().common.format);
}
