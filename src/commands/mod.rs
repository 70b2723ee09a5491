//! SHELL. One file per subcommand, each a few lines of wiring: connect, read, and print what a pure room made of it.

pub mod export;
pub mod import;
pub mod scan;
pub mod show;
pub mod signals;
pub mod tasks;
pub mod verify;

use std::io::Write;

use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;

use crate::aws::{Event, Session, now};
use crate::cli::{Cli, Command};
use crate::error::{Error, Kind};
use crate::estate::{Estate, ResourceId, Timestamp};
use crate::export::{Need, needs};
use crate::gate::Review;

/// How a headless command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Runs what the command line asks for; the exit code says how it went.
pub fn run(cli: &Cli) -> Result<u8, Error> {
    if let Some(level) = cli.common.log_level {
        crate::store::start_log(level)?;
    }
    let Some(command) = &cli.command else {
        check(cli)?;
        return crate::tui::run(&cli.tui());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::new(Kind::Io, format!("cannot start: {e}")))?;
    let cancel = CancellationToken::new();
    let done = runtime.block_on(async {
        let stop = cancel.clone();
        // Heard before anything is begun that has to be taken away again. All of them end a run in order, with 130.
        let mut signals = signals::Signals::new()?;
        tokio::spawn(async move {
            signals.next().await;
            stop.cancel();
        });
        headless(cli, command, &cancel).await
    });
    runtime.shutdown_background();
    // A program that asked for JSON gets JSON, whatever happens.
    if let (Err(error), Format::Json) = (&done, cli.common.format) {
        let value = json!({"error": {"kind": error.kind, "message": error.message, "hint": error.hint}});
        print(&mut std::io::stdout(), &crate::report::print::json(&value))?;
    }
    done
}

async fn headless(cli: &Cli, command: &Command, cancel: &CancellationToken) -> Result<u8, Error> {
    check(cli)?;
    let mut out = std::io::stdout().lock();
    let format = cli.common.format;
    if let Command::Verify { dir, engine } = command {
        needs_an_account(cli)?;
        let engine = engine.clone().or_else(|| cli.engine.clone());
        let wish = verify::Wish { dir: dir.clone(), engine, env: cli.common.env() };
        return verify::run(&wish, format, &mut out, cancel).await;
    }
    if let Command::Import { dir, yes, engine } = command {
        needs_an_account(cli)?;
        let wish = import::Wish {
            dir: dir.clone(),
            yes: *yes,
            engine: engine.clone().or_else(|| cli.engine.clone()),
            env: cli.common.env(),
            connect: cli.common.connect(),
        };
        return import::run(&wish, format, &mut out, cancel).await;
    }
    let connect = cli.common.connect();
    let mut notes = Vec::new();
    let session = tokio::select! {
        session = Session::connect_noting(&connect, &mut notes) => session,
        () = cancel.cancelled() => return interrupted(cancel).map(|()| 0),
    };
    // Standard output is the answer.
    for note in &notes {
        eprintln!("{note}");
    }
    let session = session?;
    match command {
        Command::Export { all, service, from, dry_run, out: folder, into, state, writing } => {
            let wish = export::Wish {
                all: *all,
                services: service.clone(),
                options: writing.options(),
                dialect: writing.dialect,
                from: from.as_deref().map(|path| export::Saved::read(path, writing)).transpose()?,
                dry_run: *dry_run,
                out: folder.clone(),
                into: into.clone(),
                state: state.clone(),
                base: writing.export_dir.clone(),
            };
            export::run(&session, &wish, format, &mut out, cancel).await
        }
        Command::Scan => scan::run(&session, format, &mut out, cancel).await,
        Command::Tasks => tasks::run(&session, format, &mut out, cancel).await,
        Command::Show { id } => {
            let mut estate = read_all(&session, cancel).await?;
            let id = show::find(&session, &mut estate, id, cancel).await?;
            show::run(&estate, &Review::of(&estate), &id, format, &mut out)
        }
        Command::Verify { .. } | Command::Import { .. } => Ok(0),
    }
}

/// For what runs an engine: a plan reads the real account, whatever was shown.
fn needs_an_account(cli: &Cli) -> Result<(), Error> {
    let Some(what) = cli.common.connect().offline() else { return Ok(()) };
    Err(Error::new(Kind::Usage, format!("a real plan cannot reach {what}"))
        .hint("it reads a real account: leave the flag out, and choose one with --profile and --region"))
}

/// What does not fit together. Said by hand, since flags that every command takes are not compared by clap.
fn check(cli: &Cli) -> Result<(), Error> {
    let common = &cli.common;
    let Some(replay) = &common.replay else { return Ok(()) };
    let others = [
        ("--demo", common.demo),
        ("--profile", common.profile.is_some()),
        ("--endpoint-url", common.endpoint_url.is_some()),
    ];
    if let Some((flag, _)) = others.into_iter().find(|(_, given)| *given) {
        return Err(Error::new(Kind::Usage, format!("--replay and {flag} name two sources"))
            .hint("give one of them: a recording needs neither credentials nor an address"));
    }
    if cli.command.is_none() && replay.as_os_str() == "-" {
        return Err(Error::new(
            Kind::Usage,
            "the explorer cannot read a recording from standard input: keys come from it",
        )
        .hint("save it to a file, or use a command: ecsight scan --replay -"));
    }
    Ok(())
}

/// Rounds of reading before an export gives up on what keeps changing.
const ROUNDS: usize = 6;

/// Reads a whole account. An interrupt ends it.
pub async fn read_all(session: &Session, cancel: &CancellationToken) -> Result<Estate, Error> {
    let (out, mut news) = unbounded_channel();
    let mut estate = Estate::default();
    let scan = session.scan(out, cancel.clone());
    let fold = async {
        while let Some(event) = news.recv().await {
            match event {
                Event::Observed(batch) => estate.fold(batch),
                Event::Finished => break,
            }
        }
    };
    tokio::join!(scan, fold);
    interrupted(cancel).map(|()| estate)
}

/// Reads just these things into an estate.
pub async fn fetch(
    session: &Session,
    estate: &mut Estate,
    wanted: Vec<Need>,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let (out, mut news) = unbounded_channel();
    let fetch = session.fetch(wanted, out, cancel.clone());
    let fold = async {
        while let Some(event) = news.recv().await {
            match event {
                Event::Observed(batch) => estate.fold(batch),
                Event::Finished => break,
            }
        }
    };
    tokio::join!(fetch, fold);
    interrupted(cancel)
}

/// Reads the closure of a selection, in as many rounds as it takes. What was read since `not_before` is fresh.
pub async fn complete(
    session: &Session,
    estate: &mut Estate,
    selection: &[ResourceId],
    not_before: Timestamp,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    for _ in 0..ROUNDS {
        let wanted = needs(estate, selection, now(), not_before);
        if wanted.is_empty() {
            break;
        }
        fetch(session, estate, wanted, cancel).await?;
    }
    Ok(())
}

fn interrupted(cancel: &CancellationToken) -> Result<(), Error> {
    if cancel.is_cancelled() { Err(Error::new(Kind::Interrupted, "interrupted")) } else { Ok(()) }
}

/// Prints, and turns a closed pipe into a quiet end.
pub fn print(out: &mut dyn Write, text: &str) -> Result<(), Error> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::new(Kind::Io, format!("cannot print: {error}")))
        }
        _ => Ok(()),
    }
}
