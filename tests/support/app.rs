//! The explorer without a terminal: keys and news in, frames out. Effects are performed at once, or held back.

#![allow(dead_code)] // each test takes what it needs

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use ecsight::aws::{Connect, Event, Session};
use ecsight::error::Error;
use ecsight::estate::{Estate, Observation, Scope, Timestamp};
use ecsight::export::{self, Need, Options, Preview};
use ecsight::gate::Review;
use ecsight::report::{self, verify::Verified};
use ecsight::tui::key::Key;
use ecsight::tui::message::{Caller, Effect, Exported, Job, Message, Step, Tab};
use ecsight::tui::model::{Model, Settings};
use ecsight::tui::theme::{ROLES, Theme};
use ecsight::tui::{content, highlight, plan, update, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

/// The account of every test.
pub fn scope() -> Scope {
    Scope::new("aws", "123456789012", "eu-west-1")
}

/// What answers a fetch.
pub type Answers = Box<dyn Fn(&[Need]) -> Vec<Observation>>;

/// A running explorer.
pub struct App {
    pub model: Model,
    terminal: Terminal<TestBackend>,
    /// What a scan tells.
    pub scan: Vec<Observation>,
    /// What a fetch tells.
    pub fetch: Answers,
    /// Reviews of its own, in place of the rules'.
    pub review: Option<Arc<Review>>,
    /// The answer to connecting, when it fails.
    pub refuse: Option<Error>,
    /// The answer to writing, when it fails.
    pub unwritable: Option<Error>,
    /// Scans and fetches wait until [`App::release`].
    pub hold: bool,
    held: Vec<Effect>,
    /// Every export that was written.
    pub written: Vec<(Vec<String>, export::Export)>,
    /// An export that stands on disk: its folder's name and its files.
    pub earlier: Option<(String, BTreeMap<String, String>)>,
    /// How many plans were made.
    pub plans: usize,
    /// Every fetch that was asked for.
    pub fetched: Vec<Vec<Need>>,
    /// Jobs that were cancelled.
    pub cancelled: Vec<Job>,
    /// What an engine tells on its way, and its verdict; without one it never ends.
    pub engine: (Vec<Step>, Option<Result<Verified, Error>>),
    /// Folders that were to be verified.
    pub verified: Vec<(Job, String)>,
}

impl App {
    /// An explorer that has not started yet.
    pub fn new(width: u16, height: u16) -> Self {
        let settings = Settings {
            profile: "demo".to_owned(),
            options: Options::default(),
            offline: None,
            ascii: false,
            theme: Theme::Roles,
            start: None,
        };
        Self {
            model: Model::new(settings, (width, height), 1_000_000),
            terminal: Terminal::new(TestBackend::new(width, height)).unwrap(),
            scan: Vec::new(),
            fetch: Box::new(|_| Vec::new()),
            review: None,
            refuse: None,
            unwritable: None,
            hold: false,
            held: Vec::new(),
            written: Vec::new(),
            earlier: None,
            plans: 0,
            fetched: Vec::new(),
            cancelled: Vec::new(),
            engine: (Vec::new(), None),
            verified: Vec::new(),
        }
    }

    /// The demo account, scanned.
    pub fn demo(width: u16, height: u16) -> Self {
        let mut app = Self::new(width, height);
        app.use_demo();
        app.start();
        app
    }

    /// Scans and fetches answer from the demo account.
    pub fn use_demo(&mut self) {
        let (scan, now) = demo_scan();
        self.scan.clone_from(scan);
        self.model.now = *now;
        self.fetch = Box::new(demo_fetch);
    }

    /// An explorer of these facts, scanned.
    pub fn of(width: u16, height: u16, scan: Vec<Observation>) -> Self {
        let mut app = Self::new(width, height);
        app.scan = scan;
        app.start();
        app
    }

    pub fn start(&mut self) {
        self.perform(update::start());
    }

    /// Sends a message and performs what follows.
    pub fn send(&mut self, message: Message) {
        let effects = update::update(&mut self.model, message);
        self.perform(effects);
    }

    /// Presses keys, named as the keymap names them.
    pub fn press(&mut self, keys: &str) {
        for word in keys.split(' ').filter(|word| !word.is_empty()) {
            let key = Key::parse(word).unwrap_or_else(|| panic!("no key {word}"));
            self.send(Message::Key(key));
        }
    }

    /// Types a text.
    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.send(Message::Key(Key::char(c)));
        }
    }

    /// Answers what was held back.
    pub fn release(&mut self) {
        self.hold = false;
        let held = std::mem::take(&mut self.held);
        self.perform(held);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if self.hold && matches!(effect, Effect::Scan(_) | Effect::Fetch(..)) {
                if let Effect::Fetch(_, needs) = &effect {
                    self.fetched.push(needs.clone());
                }
                self.held.push(effect);
                continue;
            }
            for message in self.answer(effect) {
                self.send(message);
            }
        }
    }

    fn answer(&mut self, effect: Effect) -> Vec<Message> {
        match effect {
            Effect::Connect => {
                if let Some(error) = &self.refuse {
                    vec![Message::NotConnected(error.clone())]
                } else {
                    let arn = "arn:aws:sts::123456789012:assumed-role/ReadOnly/me".to_owned();
                    vec![Message::Connected(Caller { arn, scope: scope() })]
                }
            }
            Effect::Scan(job) => vec![Message::Observed(self.scan.clone()), Message::Scanned(job)],
            Effect::Fetch(job, needs) => {
                let news = (self.fetch)(&needs);
                self.fetched.push(needs);
                vec![Message::Observed(news), Message::Fetched(job)]
            }
            Effect::Cancel(job) => {
                self.cancelled.push(job);
                vec![]
            }
            Effect::Review(revision, estate) => {
                let review = self.review.clone().unwrap_or_else(|| Arc::new(Review::of(&estate)));
                vec![Message::Reviewed(revision, review)]
            }
            Effect::Render { key, estate, selection, options } => {
                let text = content::of(key.tab, &estate, &key.id, &selection, &options);
                vec![Message::Rendered(key, Arc::new(text), None)]
            }
            Effect::Highlight(key, text) => {
                let styles = highlight::styles(key.tab, &text);
                vec![Message::Highlighted(key, Arc::new(styles))]
            }
            Effect::Needs { job, estate, selection, now, not_before } => {
                vec![Message::Needed(job, export::needs(&estate, &selection, now, not_before))]
            }
            Effect::Plan { stamp, estate, choices } => {
                self.plans += 1;
                vec![Message::Planned(stamp, Arc::new(Preview::of(&estate, &choices)))]
            }
            Effect::PlanText { key, estate, choices, preview } => {
                let earlier = self.earlier.as_ref().filter(|(name, _)| name.starts_with(&preview.folder));
                let earlier = earlier.map(|(name, files)| (name.as_str(), files));
                let (text, styles) = plan::text(&key.about, &estate, &choices, &preview, earlier);
                let styles = styles.unwrap_or_else(|| highlight::styles(Tab::Hcl, &text));
                vec![Message::PlanText(key, Arc::new(text), Arc::new(styles))]
            }
            Effect::Write { job, estate, choices } => {
                if let Some(error) = self.unwritable.clone() {
                    return vec![Message::Written(job, Err(error))];
                }
                let export = match report::chosen(&estate, &choices) {
                    Ok(export) => export,
                    Err(error) => return vec![Message::Written(job, Err(error))],
                };
                let folder = format!("/home/me/ecsight-export/{}/{}", choices.scope, export.folder);
                let files = export.files.keys().cloned().collect();
                let (imports, skips, unread) = (export.imports.clone(), export.skips.clone(), export.unread.clone());
                let credentials = export.variables.len();
                self.written.push((choices.these().iter().map(|id| id.name().to_owned()).collect(), export));
                vec![Message::Written(job, Ok(Exported { folder, files, imports, skips, unread, credentials }))]
            }
            Effect::Verify(job, folder) => {
                self.verified.push((job, folder));
                let (steps, verdict) = self.engine.clone();
                let steps = steps.into_iter().map(|step| Message::Verifying(job, step));
                steps.chain(verdict.map(|verdict| Message::Verified(job, verdict.map(Arc::new)))).collect()
            }
            Effect::Suspend => vec![],
        }
    }

    /// Another size of terminal.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().resize(width, height);
        self.send(Message::Resized(width, height));
    }

    /// The cells of the next frame.
    pub fn buffer(&mut self) -> Buffer {
        self.model.dirty = false;
        let model = &self.model;
        self.terminal.draw(|frame| view::draw(frame, model)).unwrap();
        self.terminal.backend().buffer().clone()
    }

    /// The characters of the next frame, without blanks at the ends of lines.
    pub fn screen(&mut self) -> String {
        let buffer = self.buffer();
        let width = usize::from(buffer.area.width);
        let lines = buffer.content.chunks(width.max(1)).map(|row| {
            let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            line.trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The next frame with zeros for the time of the last scan, which the demo account takes from the clock.
    pub fn steady(&mut self) -> String {
        let screen = self.screen();
        let Some(at) = screen.rfind("read ").filter(|at| screen[*at..].trim_end().ends_with('Z')) else {
            return screen;
        };
        let zero = |c: char| if c.is_ascii_digit() { '0' } else { c };
        format!("{}{}", &screen[..at], screen[at..].chars().map(zero).collect::<String>())
    }

    /// The next frame without the time of the last scan, wherever it stands.
    pub fn screen_without_scan_time(&mut self) -> String {
        let screen = self.steady();
        screen.lines().map(|line| line.trim_end_matches("read 00:00:00Z").trim_end()).collect::<Vec<_>>().join("\n")
    }

    /// The frame, then the role of each cell as a letter, then what the letters mean.
    pub fn screen_with_roles(&mut self) -> String {
        let buffer = self.buffer();
        let width = usize::from(buffer.area.width);
        let mut used = std::collections::BTreeSet::new();
        let mut grid = String::new();
        for row in buffer.content.chunks(width.max(1)) {
            let mut line = String::new();
            for cell in row {
                match cell.fg {
                    Color::Indexed(role) if cell.symbol() != " " => {
                        used.insert(role);
                        line.push(letter(role));
                    }
                    _ => line.push(' '),
                }
            }
            grid.push_str(line.trim_end());
            grid.push('\n');
        }
        let meanings: Vec<String> =
            used.iter().map(|role| format!("{} {:?}", letter(*role), ROLES[usize::from(*role)])).collect();
        format!("{}\n\n{grid}\n{}", self.screen(), meanings.join("  "))
    }

    /// The line of the frame that holds a text.
    pub fn line(&mut self, text: &str) -> String {
        let screen = self.screen();
        screen.lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("no {text:?} in\n{screen}")).to_owned()
    }
}

fn letter(role: u8) -> char {
    char::from(if role < 26 { b'a' + role } else { b'A' + role - 26 })
}

fn demo_session() -> &'static (tokio::runtime::Runtime, Session) {
    static SESSION: OnceLock<(tokio::runtime::Runtime, Session)> = OnceLock::new();
    SESSION.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let connect = Connect { demo: true, ..Connect::default() };
        let session = runtime.block_on(Session::connect(&connect)).unwrap();
        (runtime, session)
    })
}

fn collect(needs: Option<Vec<Need>>) -> Vec<Observation> {
    let (runtime, session) = demo_session();
    runtime.block_on(async {
        let (out, mut events) = unbounded_channel();
        match needs {
            None => session.scan(out, CancellationToken::new()).await,
            Some(needs) => session.fetch(needs, out, CancellationToken::new()).await,
        }
        let mut news = Vec::new();
        while let Some(event) = events.recv().await {
            match event {
                Event::Observed(batch) => news.extend(batch),
                Event::Finished => break,
            }
        }
        news
    })
}

/// What a scan of the demo account tells, and the time after it.
pub fn demo_scan() -> &'static (Vec<Observation>, Timestamp) {
    static SCAN: OnceLock<(Vec<Observation>, Timestamp)> = OnceLock::new();
    SCAN.get_or_init(|| {
        let news = collect(None);
        let now = news.iter().map(|o| o.observed_at).max().unwrap_or_default() + 1;
        (news, now)
    })
}

fn demo_fetch(needs: &[Need]) -> Vec<Observation> {
    collect(Some(needs.to_vec()))
}

/// An estate of these facts.
pub fn estate(news: Vec<Observation>) -> Estate {
    let mut estate = Estate::default();
    estate.fold(news);
    estate
}
