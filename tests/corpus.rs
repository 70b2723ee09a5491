//! Real documents, written by people who knew nothing of this program: all of them are imported and nothing changes, or
//! they are skipped for a reason that stands in a table here.

// Failing loudly is what a test is for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/engines.rs"]
mod engines;
#[path = "support/plans.rs"]
mod plans;
#[path = "support/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::path::Path;

use corpus::Built;
use ecsight::aws::demo::Account;
use engines::{Pair, environment};
use plans::{Schema, dialect, ecsight, evidence, import_only, nothing_left_out};
use serde_json::Value;
use server::Server;

fn export(server: &Server, dir: &Path, pair: &Pair, concise: bool) -> Value {
    let mut words = vec!["export", "--all", "--dialect", dialect(pair), "--out", dir.to_str().expect("UTF-8")];
    words.extend(concise.then_some("--concise"));
    ecsight(server, &words);
    evidence(dir)
}

#[tokio::test]
async fn raw() {
    let Some(files) = corpus::corpus("the corpus as it was written") else { return };
    let Some(environment) = environment("plans of the corpus") else { return };
    let built = Built::of(&files, &|_, _, _| {});
    let server = Server::start(Account::from_json(&built.account()));
    let folder = tempfile::tempdir().expect("a folder");
    for pair in environment.pairs().into_iter().filter(|p| p.command == "terraform") {
        let dir = folder.path().join(pair.to_string().replace(' ', "-"));
        let evidence = export(&server, &dir, &pair, false);
        let of = built.files();
        for skip in evidence["skips"].as_array().unwrap() {
            let arn = skip["resource"].as_str().unwrap();
            println!("{} {pair} {} | {}", of.get(arn).unwrap_or(&"---"), arn, skip["reason"].as_str().unwrap());
        }
        println!("imports {}", evidence["imports"].as_array().unwrap().len());
        match environment.try_plan(&dir, &pair, &server.url()).await {
            Ok(p) => {
                println!("{}", p.report.counts);
                for r in p.report.resources.iter().filter(|r| !r.verdict.is_harmless()) {
                    println!(
                        "{} {} {}",
                        r.address,
                        r.verdict,
                        r.verdict.causes().map(ToString::to_string).collect::<Vec<_>>().join(";")
                    );
                }
            }
            Err(e) => println!("ERROR {e} {:?}", e.hint),
        }
    }
}
