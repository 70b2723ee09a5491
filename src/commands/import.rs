//! `ecsight import DIR`: verify, a typed confirmation, the saved plan applied unchanged, and the proof afterwards.
//!
//! The only command that applies anything, and what it applies only ever enters a state: a plan with any change in it
//! ends here before the question is asked.

mod folder;

use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::signals::Signals;
use super::verify::say;
use super::{Format, fetch, print, verify};
use crate::aws::{Connect, Session, now};
use crate::drift::state::{Comparison, Unknown, compare, identify};
use crate::engine::apply::{self, Outcome};
use crate::engine::{
    Engine, Lock, SavedPlan, VerifyOptions, left_lock, provider_version, saved_plan, state_json, state_place,
};
use crate::error::{Error, Kind};
use crate::estate::{Estate, Listing, ResourceId, Subject, visible};
use crate::export::Need;
use crate::report::imported::{Record, SecondPlan, Status, history};
use crate::report::verify::Verified;
use crate::secrets::redact;
use crate::store::{is_whole, replace};
use crate::terraform::mapping::TypeMap;
use crate::terraform::plan::{PlanReport, Verdict, credentials_of};
use crate::terraform::{Dialect, State, StateResource};

use folder::Folder;

/// What to import, and how.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The export's folder.
    pub dir: PathBuf,
    /// Do not ask.
    pub yes: bool,
    /// The engine to run, when not the one on PATH.
    pub engine: Option<PathBuf>,
    /// Environment for the engine: profile, region and endpoint, as the command line names them.
    pub env: Vec<(String, String)>,
    /// Where ecsight itself looks.
    pub connect: Connect,
}

/// How long an engine that holds the state lock may take to end in order during a plan.
const GRACE: Duration = Duration::from_mins(1);

/// Imports a folder. 0: the state holds all of it, the second plan is empty, and live and state are the same; 1: not so.
pub async fn run(wish: &Wish, format: Format, out: &mut dyn Write, cancel: &CancellationToken) -> Result<u8, Error> {
    let folder = Folder::read(&wish.dir)?;
    is_whole(&wish.dir)?;
    let can_ask = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !wish.yes && !can_ask {
        return Err(Error::new(Kind::Usage, "an import is confirmed by typing, and there is no terminal to type on")
            .hint(
                "look at the plan with: ecsight verify DIR; then import without the question: ecsight import DIR --yes",
            ));
    }
    let mut connect = wish.connect.clone();
    connect.region = connect.region.or_else(|| folder.region().map(str::to_owned));
    let session = tokio::select! {
        session = Session::connect(&connect) => session?,
        () = cancel.cancelled() => return Err(Error::new(Kind::Interrupted, "interrupted before anything was done")),
    };
    folder.belongs_to(session.identity())?;
    let mut options = VerifyOptions::new(Engine::find(wish.engine.as_deref())?);
    options.env.clone_from(&wish.env);
    options.env.extend(own_arguments_only(&environment_names()));
    options.grace = GRACE;
    let values = verify::known::of_folder(&wish.dir, verify::environment());
    options.mask = Arc::new(move |text| redact(text, &values));
    Import { wish, folder: &folder, session: &session, options, format, readable: None }.run(out, cancel).await
}

/// One import on its way.
struct Import<'a> {
    wish: &'a Wish,
    folder: &'a Folder,
    session: &'a Session,
    options: VerifyOptions,
    format: Format,
    /// A state file that others can read and that holds credentials.
    readable: Option<PathBuf>,
}

impl Import<'_> {
    async fn run(mut self, out: &mut dyn Write, cancel: &CancellationToken) -> Result<u8, Error> {
        let dir = &self.wish.dir;
        let started = now();
        let (flavour, version) = self.options.engine.version().await?;
        if let Some((status, when)) = self.folder.earlier.as_ref().filter(|(status, _)| status == "started") {
            say(&format!(
                "an earlier import ({when}) was broken off (its record still says {status}): what it imported is left alone"
            ));
        }
        if let Some(lock) = state_place(dir).file.as_deref().and_then(left_lock) {
            say(&left_over(&lock));
        }
        let mut locked = self.options.clone();
        locked.plan_arguments = vec!["-lock=true".into()];
        let mut plan = saved_plan(dir, &locked, |news| verify::progress(&news), cancel).await?;
        let report = self.report(&plan)?;
        let engine = (flavour.name(), version.as_str());
        let mask = Arc::clone(&self.options.mask);
        let verified = Verified::of(&report, engine, Vec::new(), verify::code(dir), &|text| mask(text));
        let report = report.masked(&*mask);
        let place = state_place(dir);
        let identity = self.session.identity();
        let mut record = Record {
            status: Status::Started,
            words: None,
            account: identity.account.clone(),
            region: identity.scope.region.to_string(),
            engine: format!("{} {version}", flavour.name()),
            provider: provider_version(dir),
            state: place.words,
            plan: None,
            resources: self.folder.imports.len(),
            in_state: None,
            started,
            finished: None,
            second_plan: None,
            comparison: None,
            earlier: history(&self.folder.evidence),
        };
        if !harmless(&report) || acts(plan.text()) {
            print(out, &verify::words(&verified, self.format))?;
            say("nothing was applied: an import is only done when it changes nothing");
            return Ok(1);
        }
        if self.format == Format::Text && report.counts.import > 0 {
            print(out, &verify::words(&verified, Format::Text))?;
        }
        if place.runs_elsewhere {
            return Err(Error::new(
                Kind::Usage,
                "plans of this folder run elsewhere, where ecsight cannot hold them fast",
            )
            .hint("import it from there, then compare with: ecsight verify DIR"));
        }
        let mut second = SecondPlan { empty: is_empty(&report), counts: report.counts };
        if report.counts.import == 0 {
            say("all of it is in the state already: nothing is applied, live and state are compared");
            plan.keep();
            drop(plan);
        } else {
            self.confirm(&record, &report, plan.sha256(), cancel).await?;
            record.plan = Some(plan.sha256().to_owned());
            self.write(&record)?;
            self.apply(plan, &mut record, report.counts.import, cancel).await?;
            let proof = self.proof(cancel).await;
            second = self.or_unproven(&mut record, proof)?;
        }
        record.second_plan = Some(second);
        let comparison = self.compared(&mut record, cancel).await;
        let comparison = self.or_unproven(&mut record, comparison)?;
        let proved = second.empty && comparison.is_same();
        record.comparison = Some(comparison);
        record.status = if proved { Status::Done } else { Status::Differs };
        record.finished = Some(now());
        self.write(&record)?;
        let text = match self.format {
            Format::Json => crate::report::print::json(&json!({"folder": dir, "import": record.section()})),
            Format::Text => record.text(&self.evidence_name()) + &self.next(&record, proved),
        };
        print(out, &text)?;
        Ok(u8::from(!proved))
    }

    /// Reads a plan in the clear, with every credential that it read itself added to what is masked.
    fn report(&mut self, plan: &SavedPlan) -> Result<PlanReport, Error> {
        let report = PlanReport::parse(plan.text()).map_err(|e| Error::new(Kind::Engine, e.to_string()))?;
        let live = verify::known::of_plan(plan.text(), &report);
        let known = Arc::clone(&self.options.mask);
        self.options.mask = Arc::new(move |text| redact(&known(text), &live));
        Ok(report)
    }

    /// Shows what is going to happen, and waits for the words that agree.
    async fn confirm(
        &self,
        record: &Record,
        report: &PlanReport,
        digest: &str,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let count = report.counts.import;
        let provider = record.provider.as_deref().unwrap_or("of an unknown version");
        say(&format!(
            "{count} resources of account {}, {}, enter the state; nothing in AWS changes",
            record.account, record.region
        ));
        say(&format!("  state   {}", record.state));
        say(&format!("  engine  {}, provider hashicorp/aws {provider}", record.engine));
        say(&format!("  plan    sha256 {digest}"));
        if self.wish.yes {
            return Ok(());
        }
        let wanted = format!("import {count}");
        eprint!("type \"{wanted}\" to go on: ");
        let line = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map(|_| line)
        });
        let line = tokio::select! {
            line = line => line.ok().and_then(Result::ok).unwrap_or_default(),
            () = cancel.cancelled() => return Err(Error::new(Kind::Interrupted, "interrupted: nothing was applied")),
        };
        if line.trim() == wanted {
            return Ok(());
        }
        Err(Error::new(Kind::Interrupted, "not confirmed: nothing was applied"))
    }

    /// Applies the saved plan. An error tells what the state holds then; `evidence.json` says so too.
    async fn apply(
        &self,
        plan: SavedPlan,
        record: &mut Record,
        count: usize,
        cancel: &CancellationToken,
    ) -> Result<(), Error> {
        let kill = CancellationToken::new();
        let listening = tokio::spawn(second_interrupt(kill.clone()));
        let mut done = 0;
        let imported = |address: &str| {
            done += 1;
            say(&format!("imported  {done}/{count} {address}"));
        };
        let outcome = apply::saved(plan, &self.options, imported, cancel, &kill).await;
        listening.abort();
        let outcome = match outcome {
            Ok(Outcome::Done) => return Ok(()),
            Ok(outcome) => outcome,
            // It may not even have started: the state is asked all the same.
            Err(error) => Outcome::Failed(error),
        };
        let held = self.state().await.map(|state| self.held(&state)).ok();
        record.in_state = held;
        let holds = held.map_or_else(
            || "the state could not be read".to_owned(),
            |held| format!("the state holds {held} of {}", record.resources),
        );
        let again = "run ecsight import again: what is imported already is left alone";
        let error = match outcome {
            Outcome::Killed => Error::new(Kind::Interrupted, format!("the engine was killed: {holds}"))
                .hint(format!("{again}; when the state is locked, the engine says how to unlock it")),
            Outcome::Failed(error) => Error { message: format!("{}\n{holds}", error.message), ..error },
            _ => Error::new(Kind::Interrupted, format!("interrupted, the engine has ended in order: {holds}"))
                .hint(again),
        };
        record.status = Status::BrokenOff;
        record.words = Some(format!("{}; {again}", (self.options.mask)(&error.message)));
        record.finished = Some(now());
        self.write(record)?;
        Err(error)
    }

    /// The plan after the import.
    async fn proof(&mut self, cancel: &CancellationToken) -> Result<SecondPlan, Error> {
        let mut options = self.options.clone();
        options.keep_init = true;
        let plan = saved_plan(&self.wish.dir, &options, |news| verify::progress(&news), cancel).await?;
        let report = self.report(&plan)?;
        for resource in report.resources.iter().filter(|r| !matches!(r.verdict, Verdict::NoOp | Verdict::Read)) {
            say(&format!("! {}: {}", resource.address, resource.verdict));
        }
        Ok(SecondPlan { empty: is_empty(&report), counts: report.counts })
    }

    /// Writes into the evidence that the proof is missing, when it is.
    fn or_unproven<T>(&self, record: &mut Record, proof: Result<T, Error>) -> Result<T, Error> {
        proof.map_err(|error| {
            record.status = Status::Unproven;
            let words = (self.options.mask)(&error.message);
            record.words = Some(format!("it is imported, and could not be proved: {words}"));
            record.finished = Some(now());
            let message = format!("it is imported, and could not be proved: {words}");
            let again = "run ecsight import again: it applies nothing, and proves it";
            let hint = error.hint.as_ref().map_or_else(|| again.to_owned(), |hint| format!("{hint}; then {again}"));
            match self.write(record) {
                Ok(()) => Error { message, hint: Some(hint), ..error },
                Err(other) => other,
            }
        })
    }

    /// The state as the engine shows it, wherever it lives. An interrupt does not keep it from being read.
    async fn state(&self) -> Result<State, Error> {
        let text = state_json(&self.wish.dir, &self.options, &CancellationToken::new()).await?;
        State::parse(&text).map_err(|e| Error::new(Kind::Engine, e.to_string()))
    }

    fn held(&self, state: &State) -> usize {
        self.folder.imports.iter().filter(|address| state.resource(address).is_some()).count()
    }

    /// Reads everything that was imported again, by ecsight's own calls, and compares it with the fresh state.
    async fn compared(&mut self, record: &mut Record, cancel: &CancellationToken) -> Result<Comparison, Error> {
        let state = self.state().await?;
        record.in_state = Some(self.held(&state));
        let holds_credentials = state.resources.iter().any(|entry| !credentials_of(&entry.values).is_empty());
        let file = state_place(&self.wish.dir).file.filter(|file| holds_credentials && is_readable_by_others(file));
        self.readable = file;
        let scope = &self.session.identity().scope;
        let dialect = self.folder.dialect.unwrap_or_else(|| {
            let old = record.provider.as_deref().is_some_and(|version| version.starts_with("3."));
            if old { Dialect::V3 } else { Dialect::V6 }
        });
        let mut found = Comparison::default();
        let mut pairs: Vec<(&StateResource, ResourceId, &'static TypeMap)> = Vec::new();
        for address in &self.folder.imports {
            let unknown = |why: &str| Unknown { address: address.clone(), why: why.to_owned() };
            match state.resource(address) {
                None => found.unknown.push(unknown("the state does not hold it")),
                Some(entry) => match identify(entry, scope) {
                    Some((id, map)) => pairs.push((entry, id, map)),
                    None => {
                        found.unknown.push(unknown("ecsight has no table for its type, or its state does not name it"));
                    }
                },
            }
        }
        let mut estate = Estate::default();
        let needs = pairs.iter().map(|(_, id, _)| Need::Describe(id.clone())).collect();
        fetch(self.session, &mut estate, needs, cancel).await?;
        // What a target is described without is compared as well.
        let tags: BTreeMap<ResourceId, Listing> = pairs
            .iter()
            .filter(|_| dialect == Dialect::V6)
            .filter_map(|(_, id, _)| Some((id.clone(), estate.tags_apart(id)?)))
            .collect();
        let needs = tags.values().map(|listing| Need::List(scope.clone(), listing.clone())).collect();
        fetch(self.session, &mut estate, needs, cancel).await?;
        for (entry, id, map) in pairs {
            if let Some(listing) = tags.get(&id)
                && estate.complete_at(scope, listing).is_none()
            {
                let why = match estate.gap(&Subject::Listing(scope.clone(), listing.clone())) {
                    Some(gap) => format!("its tags: {}: {}", gap.reason.word(), gap.action),
                    None => "its tags: AWS does not say its ARN".to_owned(),
                };
                found.unknown.push(Unknown { address: entry.address.clone(), why });
                continue;
            }
            if let Some(document) = estate.document(&id) {
                compare(&id, map, &document.value(), entry, dialect, &mut found);
                continue;
            }
            let why = match estate.gap(&Subject::Resource(id.clone())) {
                Some(gap) => format!("{}: {}", gap.reason.word(), gap.action),
                None => "AWS does not show it any more".to_owned(),
            };
            found.unknown.push(Unknown { address: entry.address.clone(), why });
        }
        for side in found.differing.iter_mut().flat_map(|d| [&mut d.live, &mut d.state]) {
            *side = (self.options.mask)(side);
        }
        found.differing.sort();
        found.not_held.sort();
        Ok(found)
    }

    fn write(&self, record: &Record) -> Result<(), Error> {
        let path = verify::evidence_file(&self.wish.dir);
        let text = record
            .written_into(&self.folder.evidence)
            .map_err(|why| Error::new(Kind::Malformed, format!("{} cannot be written: {why}", path.display())))?;
        replace(&path, &text)
    }

    /// What is left to do.
    fn next(&self, record: &Record, proved: bool) -> String {
        let mut text =
            format!("the record stands in {}\n", visible(&verify::evidence_file(&self.wish.dir).display().to_string()));
        if !proved {
            text.push_str("not proved: mend what differs (in the code, or in AWS), then run ecsight import again: it applies nothing and compares anew\n");
            return text;
        }
        let files: Vec<&str> = self.folder.import_files.iter().map(String::as_str).collect();
        let done = match files.len() {
            0 => String::new(),
            1 => format!("delete {} (its work is done), ", visible(&files.join(", "))),
            _ => format!("delete {} (their work is done), ", visible(&files.join(", "))),
        };
        text.push_str(&format!("next: {done}commit the code with .terraform.lock.hcl\n"));
        text.push_str(&format!(
            "      the state lives in {}: keep it, it is the only record of what is managed\n",
            visible(&record.state)
        ));
        if !self.folder.private.is_empty() {
            let names = visible(&self.folder.private.join(", "));
            text.push_str(&format!(
                "      state and {names} hold credentials in the clear: never commit them; move the values to Secrets Manager or SSM, and rotate them\n"
            ));
        }
        if let Some(file) = &self.readable {
            text.push_str(&format!(
                "      the state holds credentials and others can read it: chmod 600 {}\n",
                visible(&file.display().to_string())
            ));
        }
        text
    }

    /// The evidence as it is called in the folder.
    fn evidence_name(&self) -> String {
        let path = verify::evidence_file(&self.wish.dir);
        path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Variables by which a user adds arguments to every run of the engine. The plan and the proof are what they say only
/// without: `-refresh=false` makes any plan empty, `-target` leaves out what it likes. Those of init stay: they may say
/// where the state is.
const MORE_ARGUMENTS: [&str; 4] = ["TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_CLI_ARGS_show", "TF_CLI_ARGS_validate"];

/// The variables that are set and that an import does not pass on.
fn environment_names() -> Vec<&'static str> {
    MORE_ARGUMENTS.into_iter().filter(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())).collect()
}

/// Empties them, and says so where one was set.
fn own_arguments_only(set: &[&str]) -> Vec<(String, String)> {
    if !set.is_empty() {
        say(&format!("{} set: an import does without, so that its plans show all there is", set.join(", ")));
    }
    MORE_ARGUMENTS.into_iter().map(|name| (name.to_owned(), String::new())).collect()
}

#[cfg(unix)]
fn is_readable_by_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}

/// A lock that stands beside the state. The engine decides whether it still holds; nothing here unlocks.
fn left_over(lock: &Lock) -> String {
    format!(
        "a lock lies beside the state: {}, by {}, since {}. When that run is dead and the engine refuses, unlock the state \
         yourself: terraform force-unlock {} (or tofu)",
        lock.operation, lock.who, lock.created, lock.id
    )
}

/// The second interrupt from now on kills; the first one is heard by all.
async fn second_interrupt(kill: CancellationToken) {
    let Ok(mut signals) = Signals::new() else { return };
    signals.next().await;
    say("interrupting: the engine finishes what it has begun, writes the state and unlocks it; once more kills it");
    signals.next().await;
    kill.cancel();
}

/// Whether nothing but imports would happen. That there is nothing left to import is harmless too.
fn harmless(report: &PlanReport) -> bool {
    !report.errored
        && report.deferred == 0
        && report.resources.iter().all(|r| r.verdict.is_harmless())
        && (report.is_import_only() || report.counts.import == 0)
}

/// Whether nothing is left to do at all.
fn is_empty(report: &PlanReport) -> bool {
    harmless(report) && report.counts.import == 0
}

/// Whether the plan would run actions of providers (Terraform 1.14 and later), which are no change of a resource and may
/// do anything.
fn acts(plan: &str) -> bool {
    let plan: Value = serde_json::from_str(plan).unwrap_or_default();
    let some = |name: &str| plan[name].as_array().is_some_and(|list| !list.is_empty());
    some("action_invocations") || some("deferred_action_invocations")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_more_than_an_import() {
        assert!(!acts(r#"{"resource_changes":[]}"#));
        assert!(acts(r#"{"action_invocations":[{"address":"action.aws_lambda_invoke.x"}]}"#));
    }
}
