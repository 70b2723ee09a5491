//! One run of the engine: both outputs read as they come, an orderly end when cancelled, and
//! nothing left running on any path.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command as TokioCommand};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Kind};

/// How long an interrupted engine may take to end in order before it is killed.
const GRACE: Duration = Duration::from_secs(5);
/// How long to wait for the last output after the engine itself has ended: a provider that it
/// left behind may hold the pipe open.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How often the output of a run that outlasts this program is looked at.
const LISTEN: Duration = Duration::from_millis(50);

/// A command line, not yet started.
pub(super) struct Command {
    program: PathBuf,
    dir: PathBuf,
    arguments: Vec<OsString>,
    env: Vec<(String, String)>,
    grace: Duration,
}

/// What an engine wrote, and how it ended.
pub(super) struct Output {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Output {
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// How a run ended.
pub(super) enum Ended {
    Finished(Output),
    Cancelled,
}

/// How a run ended that is not cut short.
pub(super) struct Lasting {
    pub output: Output,
    /// It was asked to stop.
    pub interrupted: bool,
    /// It was killed, because it was asked twice.
    pub killed: bool,
}

enum Line {
    Out(Vec<u8>),
    Err(Vec<u8>),
}

impl Command {
    pub fn new(program: &Path, dir: &Path) -> Self {
        Self { program: program.to_owned(), dir: dir.to_owned(), arguments: Vec::new(), env: Vec::new(), grace: GRACE }
    }

    pub fn arguments<A: Into<OsString>>(mut self, more: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(more.into_iter().map(Into::into));
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn envs(mut self, more: &[(String, String)]) -> Self {
        self.env.extend_from_slice(more);
        self
    }

    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Runs to the end, or until cancelled. `on_line` hears each line of standard output.
    pub async fn run(self, cancel: &CancellationToken, mut on_line: impl FnMut(&str)) -> Result<Ended, Error> {
        if cancel.is_cancelled() {
            return Ok(Ended::Cancelled);
        }
        let mut group = self.start(Stdio::piped(), Stdio::piped(), true)?;
        let (send, mut lines) = mpsc::channel(64);
        // The readers are tasks of their own: an engine that is being interrupted still writes,
        // and must not die of a closed pipe before it has cleaned up.
        if let Some(stdout) = group.child.stdout.take() {
            tokio::spawn(read(stdout, send.clone(), Line::Out));
        }
        if let Some(stderr) = group.child.stderr.take() {
            tokio::spawn(read(stderr, send, Line::Err));
        }

        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let (mut open, mut status, mut interrupted) = (true, None, false);
        let far = Instant::now() + Duration::from_hours(24 * 365);
        let mut deadline = far;
        while open || status.is_none() {
            tokio::select! {
                line = lines.recv(), if open => match line {
                    Some(Line::Out(line)) => {
                        on_line(String::from_utf8_lossy(&line).trim_end());
                        stdout.extend(line);
                    }
                    Some(Line::Err(line)) => stderr.extend(line),
                    None => open = false,
                },
                ended = group.child.wait(), if status.is_none() => {
                    status = Some(ended.map_err(|e| io("waiting for the engine", &e))?);
                    deadline = Instant::now() + LAST_WORDS;
                }
                () = cancel.cancelled(), if !interrupted && status.is_none() => {
                    interrupted = true;
                    group.signal(Stop::Ask);
                    deadline = Instant::now() + self.grace;
                }
                () = sleep_until(deadline) => {
                    if status.is_some() {
                        break;
                    }
                    group.signal(Stop::Kill);
                    deadline = far;
                }
            }
        }
        // Providers are children of the engine: none of them may outlive it.
        group.signal(Stop::Kill);
        group.done = true;
        match status {
            _ if interrupted => Ok(Ended::Cancelled),
            Some(status) => Ok(Ended::Finished(Output { status, stdout, stderr })),
            None => Ok(Ended::Cancelled),
        }
    }

    /// Runs to the end, whatever becomes of this program: the engine writes into files without a name, so that it never
    /// meets a closed pipe, and is not killed with its parent. `ask` interrupts it, as often as it takes to end in order;
    /// `kill` ends it at once. `on_line` hears each line of standard output.
    pub async fn outlast(
        self,
        ask: &CancellationToken,
        kill: &CancellationToken,
        mut on_line: impl FnMut(&str),
    ) -> Result<Lasting, Error> {
        let (mut stdout, mut stderr) = (Tail::new()?, Tail::new()?);
        let mut group = self.start(stdout.writer()?, stderr.writer()?, false)?;
        let (mut interrupted, mut killed) = (false, false);
        let status = loop {
            tokio::select! {
                ended = group.child.wait() => break ended.map_err(|e| io("waiting for the engine", &e))?,
                () = ask.cancelled(), if !interrupted => {
                    interrupted = true;
                    group.signal(Stop::Ask);
                }
                () = kill.cancelled(), if !killed => {
                    (interrupted, killed) = (true, true);
                    group.signal(Stop::Kill);
                }
                () = tokio::time::sleep(LISTEN) => {}
            }
            stdout.read(&mut on_line)?;
            stderr.read(&mut |_| {})?;
        };
        stdout.read(&mut on_line)?;
        stderr.read(&mut |_| {})?;
        // Providers are children of the engine: none of them may outlive it.
        group.signal(Stop::Kill);
        let output = Output { status, stdout: stdout.heard, stderr: stderr.heard };
        Ok(Lasting { output, interrupted, killed })
    }

    fn start(&self, stdout: Stdio, stderr: Stdio, tied: bool) -> Result<Group, Error> {
        let mut command = TokioCommand::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.dir)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .kill_on_drop(tied);
        // A group of its own: ctrl-c in the terminal reaches the engine through us, once, and a
        // signal from us reaches its providers too.
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn().map_err(|e| {
            Error::new(Kind::Engine, format!("{} does not start: {e}", self.program.display()))
                .hint("name another engine with --engine PATH or ECSIGHT_ENGINE")
        })?;
        Ok(Group { id: child.id(), child, done: !tied })
    }
}

/// A file without a name that the engine writes and this program reads as it grows.
struct Tail {
    file: File,
    writer: Option<File>,
    heard: Vec<u8>,
    /// How much of `heard` has been given out as whole lines.
    told: usize,
}

impl Tail {
    fn new() -> Result<Self, Error> {
        let failed = |e: std::io::Error| io("making a file for the engine's output", &e);
        let named = tempfile::NamedTempFile::new().map_err(failed)?;
        let file = named.reopen().map_err(failed)?;
        Ok(Self { file, writer: Some(named.into_file()), heard: Vec::new(), told: 0 })
    }

    fn writer(&mut self) -> Result<Stdio, Error> {
        self.writer.take().map(Stdio::from).ok_or_else(|| Error::new(Kind::Io, "the engine's output is taken"))
    }

    fn read(&mut self, on_line: &mut impl FnMut(&str)) -> Result<(), Error> {
        self.file.read_to_end(&mut self.heard).map_err(|e| io("reading the engine's output", &e))?;
        while let Some(length) = self.heard[self.told..].iter().position(|byte| *byte == b'\n') {
            let end = self.told + length;
            on_line(String::from_utf8_lossy(&self.heard[self.told..end]).trim_end());
            self.told = end + 1;
        }
        Ok(())
    }
}

async fn read(from: impl AsyncRead + Unpin, to: mpsc::Sender<Line>, wrap: fn(Vec<u8>) -> Line) -> std::io::Result<()> {
    let mut from = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        if from.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        // Nobody listens any more: keep the pipe empty all the same.
        to.send(wrap(line)).await.ok();
    }
}

#[derive(Clone, Copy)]
enum Stop {
    Ask,
    Kill,
}

/// The engine with its providers: a process group that dies with this value.
struct Group {
    child: Child,
    id: Option<u32>,
    done: bool,
}

impl Group {
    #[cfg(unix)]
    fn signal(&self, stop: Stop) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = match stop {
            Stop::Ask => Signal::INT,
            Stop::Kill => Signal::KILL,
        };
        let pid = self.id.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // An error means that the group is gone, which is what was wanted.
            kill_process_group(pid, signal).ok();
        }
    }

    #[cfg(not(unix))]
    fn signal(&mut self, _: Stop) {
        self.child.start_kill().ok();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.done {
            self.signal(Stop::Kill);
        }
    }
}

pub(super) fn io(what: &str, error: &std::io::Error) -> Error {
    Error::new(Kind::Io, format!("{what}: {error}"))
}
