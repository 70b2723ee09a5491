//! `ecsight verify DIR`: a real plan of an export, with a verdict for every resource.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Format, print};
use crate::engine::{Engine, Phase, Progress, VerifyOptions, verify};
use crate::error::{Error, Kind};
use crate::estate::{Kind as Resource, visible};
use crate::secrets::{MARK, Masks, classify, forms, redact};
use crate::store::{has_import_blocks, plain_variables};
use crate::terraform::plan::{AttributeDiff, PlanReport, Verdict};

/// How to verify.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The export's folder.
    pub dir: PathBuf,
    /// The engine to run, when not the one on PATH.
    pub engine: Option<PathBuf>,
    /// Environment for the engine: profile, region and endpoint, as the command line names them.
    pub env: Vec<(String, String)>,
}

/// Runs the user's engine in the folder and prints the verdicts. 0: import-only; 1: something would change.
pub async fn run(wish: &Wish, format: Format, out: &mut dyn Write, cancel: &CancellationToken) -> Result<u8, Error> {
    if !wish.dir.join("imports.tf").is_file() && !has_import_blocks(&wish.dir) {
        let message = format!("{} holds no import block: there is nothing to verify", wish.dir.display());
        return Err(Error::new(Kind::NotFound, message).hint("write one with: ecsight export --all --out DIR"));
    }
    let mut options = VerifyOptions::new(Engine::find(wish.engine.as_deref())?);
    options.env.clone_from(&wish.env);
    let values = known_values(&wish.dir);
    options.mask = Arc::new(move |text| redact(text, &values));
    let report = verify(&wish.dir, &options, |news| progress(&news), cancel).await?;
    let live = live_values(&report);
    let report = report.masked(&|text| redact(text, &live));
    print(out, &verdict(&report, format))?;
    Ok(u8::from(!report.is_import_only()))
}

/// The verdict on a plan, as it is printed.
pub(super) fn verdict(report: &PlanReport, format: Format) -> String {
    if format == Format::Json { machine(report) } else { people(report) }
}

/// The credentials of the folder's own tfvars files: what the engine says is masked against them.
pub(super) fn known_values(dir: &Path) -> Vec<String> {
    let plain = plain_variables(dir);
    let entries = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let files = entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "tfvars"));
    let mut values: Vec<String> = files
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .filter_map(|text| hcl::parse(&text).ok())
        .flat_map(|body| {
            let values = body.attributes().map(|a| (a.key().to_owned(), hcl::Value::from(a.expr().clone())));
            values.collect::<Vec<_>>()
        })
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
        // In a root module with variables of its own, `env = "prod"` is no credential.
        .filter(|(name, value)| !plain.contains(name) || classify(name, value).is_some())
        .flat_map(|(_, value)| forms(&value))
        .filter(|value| !value.is_empty())
        .collect();
    values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    values.dedup();
    values
}

/// The credentials that the plan itself read: a value that was rotated since the export is in no tfvars file.
pub(super) fn live_values(report: &PlanReport) -> Vec<String> {
    let sides = report.resources.iter().flat_map(|r| [&r.before, &r.after]);
    let texts = sides.filter_map(|side| side.get("container_definitions")?.as_str());
    let mut values: Vec<String> = texts
        .filter_map(|text| serde_json::from_str::<serde_json::Value>(text).ok())
        .flat_map(|containers| {
            let document = json!({"containerDefinitions": containers});
            Masks::of(Resource::TaskDefinition, &document).values(&document)
        })
        .collect();
    values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    values.dedup();
    values
}

/// Progress goes to standard error, a line a step: standard output is the answer.
pub(super) fn progress(news: &Progress) {
    if let Progress::Finished(phase, took) = news {
        let what = match phase {
            Phase::Init => "providers installed",
            Phase::Validate => "code is valid",
            Phase::Plan => "live objects compared",
            Phase::Show => "plan read",
        };
        eprintln!("{:<9} {what}, {:.1} s", phase.name(), took.as_secs_f64());
    }
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::ImportNoOp => "import, no change",
        Verdict::ImportWithChange { .. } => "import, CHANGES",
        Verdict::ImportReplace { .. } => "import, REPLACES",
        Verdict::NoOp => "in state already",
        _ => "OTHER",
    }
}

/// A difference in words. Where one side is a credential, so is the other: a value that was rotated in between is known
/// to nobody but AWS.
fn told(difference: &AttributeDiff) -> String {
    let hides = |value: &serde_json::Value| value.to_string().contains(MARK);
    if hides(&difference.before) || hides(&difference.after) {
        return format!("{}: {MARK}, differs", difference.path);
    }
    difference.to_string()
}

fn people(report: &PlanReport) -> String {
    let mut text = String::new();
    for resource in &report.resources {
        let sign = if resource.verdict.is_harmless() { " " } else { "!" };
        text.push_str(&visible(&format!("{sign} {:<18} {}", word(&resource.verdict), resource.address)));
        text.push('\n');
        for difference in resource.verdict.attributes() {
            text.push_str(&visible(&format!("      {}", told(difference))));
            text.push('\n');
        }
    }
    let verdict = if report.is_import_only() { "import-only" } else { "NOT import-only" };
    text.push_str(&format!("{}: {verdict}\n", report.counts));
    text
}

fn machine(report: &PlanReport) -> String {
    let resources: Vec<_> = report
        .resources
        .iter()
        .map(|r| {
            let differences: Vec<String> = r.verdict.attributes().iter().map(told).collect();
            json!({"address": r.address, "verdict": word(&r.verdict), "harmless": r.verdict.is_harmless(), "differences": differences})
        })
        .collect();
    let counts = &report.counts;
    let value = json!({
        "import_only": report.is_import_only(),
        "counts": {"import": counts.import, "add": counts.add, "change": counts.change, "destroy": counts.destroy},
        "resources": resources,
    });
    crate::report::print::json(&value)
}
