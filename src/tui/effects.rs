//! SHELL. Performs effects. Each runs as a task of its own and answers with a message; none holds up the screen.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::aws::{Connect, Event, Session};
use crate::commands::verify;
use crate::engine::Progress;
use crate::error::{Error, Kind};
use crate::estate::Estate;
use crate::export::{self, Choices, Need, Preview};
use crate::gate::Review;
use crate::store;

use super::content;
use super::highlight;
use super::message::{Caller, Effect, Exported, Job, Message, Step, Tab};
use super::plan::{self, About};

/// What effects need of the world.
pub struct Shell {
    connect: Connect,
    export_dir: PathBuf,
    out: UnboundedSender<Message>,
    session: Arc<tokio::sync::OnceCell<Arc<Session>>>,
    scan: CancellationToken,
    jobs: HashMap<Job, CancellationToken>,
    /// The engine to run, as the command line names it, and its environment.
    engine: (Option<PathBuf>, Vec<(String, String)>),
    /// The last run of an engine.
    running: Option<JoinHandle<()>>,
}

/// How long leaving waits for an engine to end: longer than the engine has before it is killed.
const LEAVE: Duration = Duration::from_secs(8);

impl Shell {
    /// A shell that answers into a channel.
    pub fn new(connect: Connect, export_dir: PathBuf, out: UnboundedSender<Message>) -> Self {
        Self {
            connect,
            export_dir,
            out,
            session: Arc::default(),
            scan: CancellationToken::new(),
            jobs: HashMap::new(),
            engine: (None, Vec::new()),
            running: None,
        }
    }

    /// The same with the engine that verifies, when not the one on PATH, and its environment.
    pub fn engine(self, command: Option<PathBuf>, env: Vec<(String, String)>) -> Self {
        Self { engine: (command, env), ..self }
    }

    /// Ends what must not outlive the program: an engine that is on its way, in order.
    pub async fn end(mut self) {
        self.jobs.values().for_each(CancellationToken::cancel);
        if let Some(running) = self.running.take() {
            let _ = tokio::time::timeout(LEAVE, running).await;
        }
    }

    /// Starts an effect. `Suspend` is the loop's own.
    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Connect => self.connect(),
            Effect::Scan(job) => {
                self.scan.cancel();
                self.scan = CancellationToken::new();
                self.read(job, None, self.scan.clone());
            }
            Effect::Fetch(job, needs) => {
                let cancel = self.jobs.entry(job).or_default().clone();
                self.read(job, Some(needs), cancel);
            }
            Effect::Cancel(job) => {
                if let Some(cancel) = self.jobs.remove(&job) {
                    cancel.cancel();
                }
            }
            Effect::Review(revision, estate) => {
                self.compute(move || Message::Reviewed(revision, Arc::new(Review::of(&estate))));
            }
            Effect::Render { key, estate, selection, options } => self.compute(move || {
                let text = content::of(key.tab, &estate, &key.id, &selection, &options);
                let quick =
                    key.tab != Tab::Overview && highlight::is_loaded() && text.lines().len() <= highlight::SHORT;
                let styles = quick.then(|| Arc::new(highlight::styles(key.tab, &text)));
                Message::Rendered(key, Arc::new(text), styles)
            }),
            Effect::Highlight(key, text) => self.compute(move || {
                let styles = highlight::styles(key.tab, &text);
                Message::Highlighted(key, Arc::new(styles))
            }),
            Effect::Needs { job, estate, selection, now, not_before } => {
                self.compute(move || Message::Needed(job, export::needs(&estate, &selection, now, not_before)));
            }
            Effect::Write { job, estate, choices } => {
                self.jobs.remove(&job);
                let base = self.export_dir.clone();
                self.compute(move || Message::Written(job, write(&estate, &choices, &base)));
            }
            Effect::Plan { stamp, estate, choices } => {
                self.compute(move || Message::Planned(stamp, Arc::new(Preview::of(&estate, &choices))));
            }
            Effect::PlanText { key, estate, choices, preview } => {
                let base = self.export_dir.clone();
                self.compute(move || {
                    let earlier = matches!(key.about, About::Diff(_))
                        .then(|| store::newest_export(&base, &choices.scope, &preview.folder))
                        .flatten();
                    let earlier = earlier.as_ref().map(|earlier| (earlier.name.as_str(), &earlier.files));
                    let (text, styles) = plan::text(&key.about, &estate, &choices, &preview, earlier);
                    let styles = styles.unwrap_or_else(|| highlight::styles(Tab::Hcl, &text));
                    Message::PlanText(key, Arc::new(text), Arc::new(styles))
                });
            }
            Effect::Verify(job, folder) => self.verify(job, folder),
            Effect::Suspend => {}
        }
    }

    /// Work for a thread of its own. A panic in it becomes a message.
    fn compute(&self, work: impl FnOnce() -> Message + Send + 'static) {
        let out = self.out.clone();
        tokio::spawn(async move {
            let message = match tokio::task::spawn_blocking(work).await {
                Ok(message) => message,
                Err(error) => Message::Trouble(format!("A task of ecsight failed, please report it: {error}")),
            };
            let _ = out.send(message);
        });
    }

    /// Runs the user's engine in a folder. One at a time: a run that was cancelled ends before the next begins, since they
    /// share the folder.
    fn verify(&mut self, job: Job, folder: String) {
        let cancel = self.jobs.entry(job).or_default().clone();
        let (engine, env) = self.engine.clone();
        let wish = verify::Wish { dir: folder.into(), engine, env };
        let (out, before) = (self.out.clone(), self.running.take());
        self.running = Some(tokio::spawn(async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            let news = |progress: Progress| {
                let _ = out.send(Message::Verifying(job, step(progress)));
            };
            let result = std::panic::AssertUnwindSafe(verify::judge(&wish, news, &cancel)).catch_unwind().await;
            let result = result
                .unwrap_or_else(|_| Err(Error::new(Kind::Engine, "verifying failed within ecsight, please report it")));
            let _ = out.send(Message::Verified(job, result.map(Arc::new)));
        }));
    }

    fn connect(&self) {
        let (options, out, slot) = (self.connect.clone(), self.out.clone(), Arc::clone(&self.session));
        tokio::spawn(async move {
            let mut notes = Vec::new();
            let heard = &mut notes;
            let connect = move || async move { Session::connect_noting(&options, heard).await.map(Arc::new) };
            let message = match slot.get_or_try_init(connect).await {
                Ok(session) => {
                    let identity = session.identity();
                    Message::Connected(Caller { arn: identity.arn.clone(), scope: identity.scope.clone() })
                }
                Err(error) => Message::NotConnected(error),
            };
            let _ = out.send(message);
            // The first says what was taken, the others what was not.
            if notes.len() > 1 {
                let _ = out.send(Message::Noted(notes));
            }
        });
    }

    /// A scan (`needs` is `None`) or a fetch, whose news is passed on as it comes.
    fn read(&self, job: Job, needs: Option<Vec<Need>>, cancel: CancellationToken) {
        let Some(session) = self.session.get().cloned() else { return };
        let out = self.out.clone();
        tokio::spawn(async move {
            let (events, mut news) = unbounded_channel();
            let is_scan = needs.is_none();
            let stop = cancel.clone();
            let reading = tokio::spawn(async move {
                match needs {
                    None => session.scan(events, cancel).await,
                    Some(needs) => session.fetch(needs, events, cancel).await,
                }
            });
            while let Some(event) = news.recv().await {
                match event {
                    Event::Observed(batch) => {
                        let _ = out.send(Message::Observed(batch));
                    }
                    Event::Finished => break,
                }
            }
            if let Err(error) = reading.await {
                let _ = out.send(Message::Trouble(format!("Reading failed, please report it: {error}")));
            }
            // A cancelled fetch is answered for by whoever cancelled it, a cancelled scan by the next one.
            if is_scan && !stop.is_cancelled() {
                let _ = out.send(Message::Scanned(job));
            } else if !is_scan {
                let _ = out.send(Message::Fetched(job));
            }
        });
    }
}

/// The engine's news in the screen's words.
fn step(progress: Progress) -> Step {
    match progress {
        Progress::Started(phase) => Step::Began(phase.name()),
        Progress::Resource { address, .. } => Step::Resource(address),
        Progress::Finished(phase, took) => {
            Step::Ended(phase.name(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
        }
    }
}

/// Writes an export of the fresh estate. Blocking.
fn write(estate: &Estate, choices: &Choices, base: &std::path::Path) -> Result<Exported, Error> {
    let export = crate::report::chosen(estate, choices)?;
    let folder = store::write_export(&export, base, &choices.scope)?;
    let folder = std::fs::canonicalize(&folder).unwrap_or(folder);
    let folder = folder.into_os_string().into_string().map_err(|path| {
        Error::new(Kind::Io, format!("The export stands in a folder whose name is no UTF-8: {}", path.display()))
    })?;
    let files = export.files.keys().cloned().collect();
    let credentials = export.variable_count();
    Ok(Exported { folder, files, imports: export.imports, skips: export.skips, unread: export.unread, credentials })
}
