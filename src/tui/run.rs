//! SHELL. The loop: wait for something, change the model, do what follows, draw if the picture has changed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use crate::aws::{self, Connect};
use crate::commands::signals::Signals;
use crate::error::{Error, Kind};
use crate::estate::ReferenceKind;
use crate::export::{Mode, Options};
use crate::terraform::Dialect;

use super::effects::Shell;
use super::key::{Code, Key};
use super::message::{Effect, Message};
use super::model::{Model, Settings};
use super::terminal::Guard;
use super::theme::Theme;
use super::{update, view};

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// Unless `NO_COLOR` is set or the terminal is dumb.
    #[default]
    Auto,
    /// In any case.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    fn theme(self) -> Theme {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self {
            Self::Never => Theme::Plain,
            Self::Auto if set("NO_COLOR") || std::env::var("TERM").is_ok_and(|term| term == "dumb") => Theme::Plain,
            Self::Always | Self::Auto => Theme::Sixteen,
        }
    }
}

/// How the explorer is started.
#[derive(Debug, Clone)]
pub struct TuiOptions {
    /// Where to look.
    pub connect: Connect,
    /// Below which folder exports are written.
    pub export_dir: PathBuf,
    /// For which provider generation.
    pub dialect: Dialect,
    /// Container definitions without what the provider treats as equal.
    pub concise: bool,
    /// Account and region come from data sources.
    pub portable: bool,
    /// How each kind of reference is written.
    pub references: BTreeMap<ReferenceKind, Mode>,
    /// No glyphs beyond ASCII.
    pub ascii: bool,
    /// When to use colour.
    pub color: ColorChoice,
    /// `CLUSTER` or `CLUSTER/SERVICE` to start at.
    pub start: Option<String>,
    /// The engine that verifies exports, when not the one on PATH.
    pub engine: Option<PathBuf>,
    /// The engine's environment: profile, region and endpoint, as the command line names them.
    pub env: Vec<(String, String)>,
}

impl TuiOptions {
    fn settings(&self) -> Settings {
        let from_env = || std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
        let profile = match (&self.connect.replay, self.connect.demo) {
            // Nothing in a recording says when it was made.
            (Some(_), _) => Some("replay (age unknown)".to_owned()),
            (None, true) => Some("demo".to_owned()),
            (None, false) => self.connect.profile.clone(),
        };
        let start = self.start.as_deref().map(|text| match text.split_once('/') {
            Some((cluster, service)) => (cluster.to_owned(), Some(service.to_owned())),
            None => (text.to_owned(), None),
        });
        Settings {
            profile: profile.or_else(from_env).unwrap_or_else(|| "default".to_owned()),
            options: Options {
                dialect: self.dialect,
                concise: self.concise,
                portable: self.portable,
                references: self.references.clone(),
                ..Options::default()
            },
            offline: self.connect.offline(),
            ascii: self.ascii || speaks_ascii_only(|name| std::env::var(name).ok()),
            theme: self.color.theme(),
            start,
        }
    }
}

/// True when the terminal is dumb, or the locale names another encoding than UTF-8. A locale that is not set says nothing.
fn speaks_ascii_only(env: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| env(name)).find(|value| !value.is_empty());
    let utf8 = |value: &str| ["utf-8", "utf8"].iter().any(|word| value.to_ascii_lowercase().contains(word));
    env("TERM").as_deref() == Some("dumb") || locale.is_some_and(|locale| !utf8(&locale))
}

/// News is folded in and drawn at most so often; keys are answered at once.
const FRAME: Duration = Duration::from_millis(16);

/// However long folding takes, news is not older than this on the screen.
const SLOWEST: Duration = Duration::from_secs(1);

/// How often the spinner turns, while something is on its way.
const TICK: Duration = Duration::from_millis(125);

/// Runs the explorer and gives the exit code. The first frame is drawn before anything is looked at.
pub fn run(options: &TuiOptions) -> Result<u8, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Kind::Io, format!("No threads could be started: {error}")))?;
    // Before the terminal is taken: a signal at any later moment gives it back.
    let signals = {
        let _inside = runtime.enter();
        Signals::new()?
    };
    let mut guard = Guard::take()?;
    let mut model = Model::new(options.settings(), guard.size(), aws::now());
    draw(&mut guard, &mut model)?;
    let code = runtime.block_on(Loop::new(options, guard, model).run(signals));
    // Calls that are still on their way are not waited for.
    runtime.shutdown_background();
    code
}

fn draw(guard: &mut Guard, model: &mut Model) -> Result<(), Error> {
    model.dirty = false;
    guard
        .terminal
        .draw(|frame| view::draw(frame, model))
        .map(|_| ())
        .map_err(|error| Error::new(Kind::Io, format!("The terminal could not be written: {error}")))
}

struct Loop {
    guard: Guard,
    model: Model,
    shell: Shell,
    messages: UnboundedReceiver<Message>,
    /// News that waits for the next frame.
    inbox: Vec<Message>,
    next_frame: Instant,
}

impl Loop {
    fn new(options: &TuiOptions, guard: Guard, model: Model) -> Self {
        let (out, messages) = unbounded_channel();
        let shell = Shell::new(options.connect.clone(), options.export_dir.clone(), out)
            .engine(options.engine.clone(), options.env.clone());
        Self { guard, model, shell, messages, inbox: Vec::new(), next_frame: Instant::now() }
    }

    /// Runs until it is time to leave. The terminal is given back first, then an engine that is on its way is ended.
    async fn run(mut self, mut signals: Signals) -> Result<u8, Error> {
        let code = self.turn(&mut signals).await;
        let Self { guard, shell, .. } = self;
        drop(guard);
        shell.end().await;
        code
    }

    async fn turn(&mut self, signals: &mut Signals) -> Result<u8, Error> {
        let mut keys = EventStream::new();
        self.perform(update::start())?;
        let mut next_tick = Instant::now() + TICK;
        loop {
            let pending = self.model.is_pending();
            tokio::select! {
                biased;
                code = signals.next() => return Ok(code),
                event = keys.next() => match event {
                    Some(Ok(event)) => self.input(event)?,
                    // The terminal has gone.
                    Some(Err(_)) | None => return Ok(129),
                },
                Some(message) = self.messages.recv() => {
                    self.inbox.push(message);
                    while let Ok(message) = self.messages.try_recv() {
                        self.inbox.push(message);
                    }
                }
                () = sleep_until(self.next_frame), if !self.inbox.is_empty() => {}
                () = sleep_until(next_tick), if pending => self.apply(Message::Tick(aws::now()))?,
            }
            if pending && Instant::now() >= next_tick {
                next_tick = Instant::now() + TICK;
            }
            if !self.inbox.is_empty() && Instant::now() >= self.next_frame {
                self.read_inbox()?;
            }
            if let Some(code) = self.model.quit {
                return Ok(code);
            }
            if self.model.dirty {
                draw(&mut self.guard, &mut self.model)?;
            }
        }
    }

    fn input(&mut self, event: Event) -> Result<(), Error> {
        self.model.now = aws::now();
        match event {
            Event::Key(key) => match translate(key) {
                Some(key) => self.apply(Message::Key(key)),
                None => Ok(()),
            },
            Event::Paste(text) => self.apply(Message::Pasted(text)),
            Event::Resize(width, height) => self.apply(Message::Resized(width, height)),
            _ => Ok(()),
        }
    }

    /// Everything that has come since the last frame; news in one batch.
    fn read_inbox(&mut self) -> Result<(), Error> {
        self.model.now = aws::now();
        let from = Instant::now();
        let mut news = Vec::new();
        for message in std::mem::take(&mut self.inbox) {
            match message {
                Message::Observed(batch) => news.extend(batch),
                other => {
                    // What ends a scan or a fetch must find its news folded in.
                    if !news.is_empty() {
                        self.apply(Message::Observed(std::mem::take(&mut news)))?;
                    }
                    self.apply(other)?;
                }
            }
        }
        if !news.is_empty() {
            self.apply(Message::Observed(news))?;
        }
        // In a very large account folding takes its time: then it is done less often, and keys find the loop free.
        self.next_frame = Instant::now() + FRAME.max(from.elapsed() * 4).min(SLOWEST);
        Ok(())
    }

    fn apply(&mut self, message: Message) -> Result<(), Error> {
        let effects = update::update(&mut self.model, message);
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), Error> {
        for effect in effects {
            if matches!(effect, Effect::Suspend) {
                self.guard.suspend().map_err(|error| Error::new(Kind::Io, error.to_string()))?;
                self.model.size = self.guard.size();
                self.model.dirty = true;
            } else {
                self.shell.perform(effect);
            }
        }
        Ok(())
    }
}

fn translate(key: KeyEvent) -> Option<Key> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let code = match key.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    match code {
        // A terminal sends ctrl-\ as the control character of 4.
        Code::Char('4') if ctrl => Some(Key::ctrl('\\')),
        Code::Char(c) => Some(Key { code: Code::Char(if ctrl { c.to_ascii_lowercase() } else { c }), ctrl }),
        _ => Some(Key { code, ctrl }),
    }
}

#[cfg(test)]
mod tests {
    use super::speaks_ascii_only;

    #[test]
    fn a_dumb_terminal_and_a_locale_without_utf8_mean_ascii() {
        let env = |set: &'static [(&'static str, &'static str)]| {
            move |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        assert!(speaks_ascii_only(env(&[("TERM", "dumb"), ("LANG", "en_GB.UTF-8")])));
        assert!(speaks_ascii_only(env(&[("LANG", "C")])));
        assert!(speaks_ascii_only(env(&[("LC_ALL", "POSIX"), ("LANG", "en_GB.UTF-8")])));
        assert!(!speaks_ascii_only(env(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")])));
        assert!(!speaks_ascii_only(env(&[("TERM", "xterm")])));
    }
}
