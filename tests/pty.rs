//! The real binary in a pseudo-terminal, over the demo account.
//!
//! The figures are printed with `-- --nocapture`; a release build is held to the figures of the design.

// A test stops where it fails, in what the tests share too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/pty.rs"]
mod pty;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pty::Terminal;

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_ecsight"))
}

/// The limit that is asked of a release build, and the one an unoptimised build is held to.
fn asked(release: u64, debug: u64) -> Duration {
    Duration::from_millis(if cfg!(debug_assertions) { debug } else { release })
}

fn silence() -> Duration {
    Duration::from_millis(250)
}

fn start(args: &[&str], size: (u16, u16)) -> (tempfile::TempDir, Terminal) {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal::start(binary(), args, folder.path(), size);
    (folder, terminal)
}

/// Both folders hold the same files with the same bytes.
fn assert_same(one: &Path, other: &Path) {
    let files = |folder: &Path| -> Vec<(std::ffi::OsString, String)> {
        let mut all: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name(), std::fs::read_to_string(entry.path()).unwrap()))
            .collect();
        all.sort();
        all
    };
    assert_eq!(files(one), files(other));
}

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().unwrap().success());
}

/// The terminal is as it was: main screen, cursor shown, lines again.
fn assert_restored(terminal: &Terminal, how: &str) {
    assert!(!terminal.is_alternate(), "{how}: on the alternate screen still");
    assert!(!terminal.hides_cursor(), "{how}: the cursor is hidden still");
    assert!(!terminal.is_raw(), "{how}: raw mode still");
}

#[test]
fn the_first_frame_comes_before_anything_is_known() {
    let (_folder, mut terminal) = start(&["--demo", "--demo-latency", "1500"], (80, 24));
    terminal.wait("connecting");
    let first = terminal.first_byte.unwrap();
    println!("first byte {first:?}");
    assert!(first < asked(30, 100), "{first:?}");
    assert!(terminal.is_alternate() && terminal.hides_cursor() && terminal.is_raw());
}

#[test]
fn two_marks_and_x_make_the_folder_that_the_command_line_makes() {
    let (folder, mut terminal) = start(&["--demo"], (120, 36));
    terminal.wait_scanned();
    terminal.press("enter");
    terminal.wait("catalog-api");
    terminal.press("j j space j space x");
    terminal.wait("to import");
    let shown = folder.path().join("ecsight-export/123456789012-eu-west-1/catalog-api");
    assert!(shown.join("imports.tf").is_file(), "{}", terminal.text());
    let first = std::fs::read(shown.join("services.tf")).unwrap();
    let twin = folder.path().join("twin");
    let export = Command::new(binary())
        .args(["--demo", "export", "--service", "prod-apps/catalog-api", "--service", "prod-apps/checkout", "--out"])
        .arg(&twin)
        .output()
        .unwrap();
    assert!(export.status.success(), "{}", String::from_utf8_lossy(&export.stderr));
    assert_same(&shown, &twin);
    // Once more: another folder, and the first as it was.
    terminal.press("q x");
    terminal.wait("catalog-api-2");
    assert_eq!(std::fs::read(shown.join("services.tf")).unwrap(), first);
    terminal.press("q q");
    let (code, _) = terminal.end();
    assert_eq!(code, 0);
    assert_restored(&terminal, "q");
}

#[test]
fn every_way_out_restores_the_terminal() {
    for (how, code) in [("ctrl-c", 130), ("INT", 130), ("TERM", 143), ("HUP", 129)] {
        // Calls are on their way: they must not hold up the end.
        let (_folder, mut terminal) = start(&["--demo", "--demo-latency", "1500"], (80, 24));
        terminal.wait("connecting");
        match how {
            "ctrl-c" => terminal.press("ctrl-c"),
            name => signal(terminal.pid(), name),
        }
        let (status, took) = terminal.end();
        println!("{how}: {took:?}");
        assert_eq!(status, code, "{how}");
        assert!(took < asked(100, 100), "{how} took {took:?}");
        assert_restored(&terminal, how);
    }
}

#[test]
fn a_moved_cursor_costs_few_bytes_and_a_dead_key_none() {
    for (size, limit) in [((80, 24), 600), ((160, 45), 6_000)] {
        let (_folder, mut terminal) = start(&["--demo"], size);
        terminal.wait_scanned();
        terminal.press("enter");
        terminal.wait("catalog-api");
        terminal.settle(silence());
        let mut worst = 0;
        for _ in 0..8 {
            terminal.press("j");
            worst = worst.max(terminal.settle(silence()));
        }
        println!("{size:?}: at most {worst} bytes a move");
        assert!(worst > 0 && worst < limit, "{worst} bytes at {size:?}");
        terminal.press("Z");
        assert_eq!(terminal.settle(silence()), 0, "a dead key");
        assert_eq!(terminal.settle(Duration::from_secs(1)), 0, "nothing moves by itself");
    }
}

#[test]
fn keys_are_answered_while_calls_are_pending() {
    let (_folder, mut terminal) = start(&["--demo", "--demo-latency", "1500"], (120, 36));
    // Clusters are named after the second call; their services are still on their way.
    terminal.wait("prod-data");
    let mut worst = Duration::ZERO;
    for key in ["j", "k", "j", "k", "?", "q"] {
        terminal.settle(Duration::from_millis(20));
        let took = terminal.press_timed(key);
        if key != "q" {
            worst = worst.max(took.expect("an answer"));
        }
    }
    println!("slowest answer while calls take 1.5 s: {worst:?}");
    assert!(worst < asked(50, 50), "{worst:?}");
}

#[test]
fn x_while_the_scan_runs_writes_the_same() {
    let (folder, mut terminal) = start(&["--demo", "--demo-latency", "150"], (120, 36));
    terminal.wait("prod-apps");
    terminal.press("enter");
    terminal.wait("checkout");
    terminal.press("j j space j space x");
    terminal.wait("to import");
    let early = folder.path().join("ecsight-export/123456789012-eu-west-1/catalog-api");
    terminal.press("q");
    terminal.wait_scanned();
    terminal.press("x");
    terminal.wait("catalog-api-2");
    let late = folder.path().join("ecsight-export/123456789012-eu-west-1/catalog-api-2");
    assert_same(&early, &late);
}

#[test]
fn a_dead_endpoint_ends_in_words_and_an_intact_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let env = [
        ("AWS_ACCESS_KEY_ID", "AKIDTEST"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_CONFIG_FILE", "/nowhere"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/nowhere"),
    ];
    let args = ["--endpoint-url", "http://127.0.0.1:9"];
    let mut terminal = Terminal::start_with(binary(), &args, folder.path(), (80, 24), &env);
    terminal.wait("Not connected");
    assert!(terminal.text().contains("r retry"), "{}", terminal.text());
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
    assert_restored(&terminal, "q");
}

#[test]
fn it_comes_back_from_the_background() {
    use std::io::Write as _;
    // A shell with job control, because a program alone has nowhere to go.
    let folder = tempfile::tempdir().unwrap();
    let mut script = std::fs::File::create(folder.path().join("rc")).unwrap();
    writeln!(script, "PS1='ready$ '").unwrap();
    let bash = Path::new("/bin/bash");
    if !bash.exists() {
        eprintln!("left out: no /bin/bash");
        return;
    }
    let mut terminal =
        Terminal::start(bash, &["--norc", "--noprofile", "--rcfile", "rc", "-i"], folder.path(), (100, 30));
    terminal.settle(silence());
    terminal.press(&format!("{} space --demo enter", binary().display()));
    terminal.wait_scanned();
    terminal.press("ctrl-z");
    terminal.wait("Stopped");
    assert!(!terminal.is_alternate() && !terminal.hides_cursor());
    terminal.press("fg enter");
    terminal.wait_scanned();
    assert!(terminal.is_alternate());
    terminal.press("j");
    terminal.wait("> prod-data");
    terminal.press("q");
    terminal.settle(silence());
    assert!(!terminal.is_alternate());
}

#[test]
fn output_that_is_no_terminal_is_refused() {
    let output = Command::new(binary()).arg("--demo").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
}
