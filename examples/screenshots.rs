//! Makes screenshots/*.png from the real binary in a pseudo-terminal: `screenshots/make`, or this with the binary's path,
//! the folder for the pictures, and optionally the names of the wanted ones.

#![allow(missing_docs, clippy::expect_used, clippy::panic)]

#[path = "../tests/support/png.rs"]
mod png;
#[path = "../tests/support/pty.rs"]
mod pty;

use std::path::Path;
use std::time::Duration;

struct Shot {
    name: &'static str,
    size: (u16, u16),
    /// Keys before the picture; after each the screen is left to settle.
    keys: &'static str,
}

const SHOTS: &[Shot] = &[
    Shot { name: "clusters", size: (120, 32), keys: "" },
    Shot { name: "services", size: (120, 36), keys: "Enter j j Space j Space j j j j" },
    Shot { name: "revisions", size: (120, 36), keys: "Enter / n a m e : p a y Enter Enter" },
    Shot { name: "json", size: (120, 36), keys: "Enter / n a m e : p a y Enter Enter 2 n n" },
    Shot { name: "hcl", size: (120, 36), keys: "Enter / n a m e : p a y Enter Enter 3 n n" },
    Shot { name: "help", size: (120, 44), keys: "Enter ?" },
    Shot { name: "export", size: (120, 36), keys: "Enter j j Space j Space x" },
    Shot {
        name: "plan",
        size: (120, 36),
        keys: "Enter j j Space j Space X Space j j r ctrl-u s h o p _ a p i Enter k",
    },
    Shot { name: "narrow", size: (80, 24), keys: "Enter j j" },
    Shot { name: "narrow_json", size: (80, 24), keys: "Enter / n a m e : p a y Enter Enter 2 n" },
    Shot { name: "tall", size: (100, 50), keys: "Enter j j" },
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [binary, folder, wanted @ ..] = &words[..] else { panic!("usage: screenshots BINARY FOLDER [NAME ...]") };
    let binary = std::fs::canonicalize(binary).expect("the binary");
    // The export's folder stands in the picture: a short name, unless it is taken.
    let short = tempfile::Builder::new().prefix("infra").rand_bytes(0).tempdir();
    let work = short.or_else(|_| tempfile::tempdir()).expect("a folder");
    for shot in SHOTS.iter().filter(|shot| wanted.is_empty() || wanted.iter().any(|name| name == shot.name)) {
        let mut terminal = pty::Terminal::start(&binary, &["--demo"], work.path(), shot.size);
        terminal.wait_scanned();
        terminal.settle(Duration::from_millis(400));
        for word in shot.keys.split(' ') {
            terminal.press(word);
            terminal.settle(Duration::from_millis(if word == "x" { 1200 } else { 250 }));
        }
        png::save(terminal.vt.screen(), &Path::new(folder).join(format!("{}.png", shot.name)));
        if std::env::var_os("SHOW").is_some() {
            println!("{}", terminal.text());
        }
    }
}
