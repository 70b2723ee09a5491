//! The real binary in a pseudo-terminal: keys in, screens and bytes out.

#![allow(dead_code)] // each user takes what it needs

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// A running program and the terminal it draws on.
pub struct Terminal {
    /// What the terminal shows.
    pub vt: vt100::Parser,
    /// Every byte the program has written.
    pub raw: Vec<u8>,
    /// When it was started.
    pub started: Instant,
    /// How long after that its first byte came.
    pub first_byte: Option<Duration>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
}

impl Terminal {
    /// Starts the program with these arguments in this folder.
    pub fn start(program: &Path, args: &[&str], folder: &Path, (columns, rows): (u16, u16)) -> Self {
        Self::start_with(program, args, folder, (columns, rows), &[])
    }

    /// The same with more of an environment.
    pub fn start_with(
        program: &Path,
        args: &[&str],
        folder: &Path,
        (columns, rows): (u16, u16),
        env: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(folder);
        command.env("TERM", "xterm-256color");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("LC_ALL", "C.UTF-8");
        command.env_remove("NO_COLOR");
        for (name, value) in env {
            command.env(name, value);
        }
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let (send, output) = channel();
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || send.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let vt = vt100::Parser::new(rows.try_into().expect("rows"), columns.try_into().expect("columns"), 0);
        Self { vt, raw: Vec::new(), started, first_byte: None, child, master: pair.master, writer, output }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.first_byte.get_or_insert_with(|| self.started.elapsed());
        self.vt.process(bytes);
        self.raw.extend_from_slice(bytes);
    }

    /// Reads until the program has been silent for so long. Gives the number of bytes that came.
    pub fn settle(&mut self, silence: Duration) -> usize {
        let before = self.raw.len();
        while let Ok(bytes) = self.output.recv_timeout(silence) {
            self.take(&bytes);
        }
        self.raw.len() - before
    }

    /// Reads until the screen satisfies a condition. Gives how long that took; panics with the screen after 20 s.
    pub fn wait_for(&mut self, what: &str, condition: impl Fn(&str) -> bool) -> Duration {
        self.wait_until(Duration::from_secs(20), what, condition)
    }

    /// The same for what takes longer, an engine for example.
    pub fn wait_until(&mut self, most: Duration, what: &str, condition: impl Fn(&str) -> bool) -> Duration {
        let from = Instant::now();
        loop {
            if condition(&self.text()) {
                return from.elapsed();
            }
            match self.output.recv_timeout(Duration::from_millis(50)) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("it ended while waiting for {what}:\n{}", self.text()),
            }
            assert!(from.elapsed() < most, "no {what} on the screen:\n{}", self.text());
        }
    }

    /// Waits until the screen holds a text.
    pub fn wait(&mut self, text: &str) -> Duration {
        self.wait_for(text, |screen| screen.contains(text))
    }

    /// The same for so long.
    pub fn wait_at_most(&mut self, most: Duration, text: &str) -> Duration {
        self.wait_until(most, text, |screen| screen.contains(text))
    }

    /// Waits until the first scan has ended.
    pub fn wait_scanned(&mut self) -> Duration {
        self.wait_for("the end of the scan", |screen| {
            let last = screen.lines().last().unwrap_or_default();
            last.contains("read ") && !last.contains("scan ")
        })
    }

    /// Sends keys, named as the keymap names them, one at a time.
    pub fn press(&mut self, keys: &str) {
        for word in keys.split(' ').filter(|word| !word.is_empty()) {
            self.writer.write_all(&bytes_of(word)).expect("the terminal takes keys");
            self.writer.flush().expect("the terminal takes keys");
        }
    }

    /// Sends keys and gives the time until the first byte of the answer.
    pub fn press_timed(&mut self, keys: &str) -> Option<Duration> {
        self.press(keys);
        let from = Instant::now();
        let bytes = self.output.recv_timeout(Duration::from_secs(2)).ok()?;
        let took = from.elapsed();
        self.take(&bytes);
        Some(took)
    }

    /// The characters on the screen.
    pub fn text(&self) -> String {
        self.vt.screen().contents()
    }

    /// True while the program is on the alternate screen.
    pub fn is_alternate(&self) -> bool {
        self.vt.screen().alternate_screen()
    }

    /// True when the cursor is hidden.
    pub fn hides_cursor(&self) -> bool {
        self.vt.screen().hide_cursor()
    }

    /// True while the terminal passes every key on instead of lines.
    #[cfg(unix)]
    pub fn is_raw(&self) -> bool {
        // The master's settings are those of the terminal; their words are all that is needed.
        let termios = self.master.get_termios().expect("settings of the terminal");
        !format!("{:?}", termios.local_flags).contains("ICANON")
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Waits for the end; gives the exit code and how long it took.
    pub fn end(&mut self) -> (u32, Duration) {
        let from = Instant::now();
        loop {
            while let Ok(bytes) = self.output.try_recv() {
                self.take(&bytes);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                let took = from.elapsed();
                self.settle(Duration::from_millis(50));
                return (status.exit_code(), took);
            }
            assert!(from.elapsed() < Duration::from_secs(10), "it does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bytes_of(word: &str) -> Vec<u8> {
    match word.to_ascii_lowercase().as_str() {
        "space" => b" ".to_vec(),
        "enter" => b"\r".to_vec(),
        "esc" => b"\x1b".to_vec(),
        "tab" => b"\t".to_vec(),
        "up" => b"\x1b[A".to_vec(),
        "down" => b"\x1b[B".to_vec(),
        "right" => b"\x1b[C".to_vec(),
        "left" => b"\x1b[D".to_vec(),
        "pgdn" => b"\x1b[6~".to_vec(),
        lower if lower.starts_with("ctrl-") => vec![lower.as_bytes()[5] & 0x1f],
        _ => word.as_bytes().to_vec(),
    }
}
