//! SHELL. The terminal: raw mode and alternate screen while we are there, and everything back however we leave.

use std::io::{self, IsTerminal, Write, stdout};
use std::sync::OnceLock;
use std::thread::{self, ThreadId};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use crate::error::{Error, Kind};

/// Bytes of one frame: they leave in one piece, or not at all when nothing has changed.
#[derive(Debug, Default)]
struct Frame {
    bytes: Vec<u8>,
}

impl Write for Frame {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut out = stdout().lock();
        out.write_all(&self.bytes)?;
        self.bytes.clear();
        out.flush()
    }
}

/// A backend that gathers a frame and writes it within one synchronized update. A frame without a changed cell writes
/// nothing, so a key that does nothing costs nothing.
#[derive(Debug)]
pub struct Screen {
    inner: CrosstermBackend<Frame>,
    changed: bool,
}

impl Screen {
    fn new() -> Self {
        Self { inner: CrosstermBackend::new(Frame::default()), changed: false }
    }
}

impl Backend for Screen {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        if !self.changed {
            queue!(self.inner, BeginSynchronizedUpdate)?;
        }
        self.changed = true;
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        // Hidden once, on entering.
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, _: P) -> io::Result<()> {
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.changed = true;
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.changed = true;
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.changed) {
            queue!(self.inner, EndSynchronizedUpdate)?;
            Write::flush(&mut self.inner)?;
        }
        Ok(())
    }
}

static SCREEN_THREAD: OnceLock<ThreadId> = OnceLock::new();

/// The terminal while it is ours. Dropping it gives it back.
#[derive(Debug)]
pub struct Guard {
    /// What frames are drawn on.
    pub terminal: Terminal<Screen>,
}

impl Guard {
    /// Takes the terminal.
    pub fn take() -> Result<Self, Error> {
        if !stdout().is_terminal() || !io::stdin().is_terminal() {
            return Err(Error::new(Kind::Usage, "The explorer needs a terminal, and this is none.")
                .hint("For output to a file or a pipe use `ecsight scan` or `ecsight export`."));
        }
        let failed = |error: io::Error| Error::new(Kind::Io, format!("The terminal could not be set up: {error}"));
        hook();
        enter().map_err(failed)?;
        let terminal = Terminal::new(Screen::new()).map_err(|error| {
            restore();
            failed(error)
        })?;
        Ok(Self { terminal })
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        let size = self.terminal.size().unwrap_or(Size::new(80, 24));
        (size.width, size.height)
    }

    /// Into the background until the shell brings us back.
    #[cfg(unix)]
    pub fn suspend(&mut self) -> io::Result<()> {
        use rustix::process::{Signal, getpid, getsid, kill_current_process_group};
        // A session leader has no shell to come back to.
        if getsid(None).is_ok_and(|leader| leader == getpid()) {
            return Ok(());
        }
        restore();
        kill_current_process_group(Signal::TSTP)?;
        enter()?;
        self.terminal.clear()
    }

    /// There is no background here.
    #[cfg(not(unix))]
    pub fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)
}

/// Gives the terminal back. A terminal that has gone is no reason to fail.
fn restore() {
    let _ = execute!(stdout(), EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
}

/// A panic of the screen's own thread restores the terminal before it is printed. One of another thread is told by the
/// shell as a message: printing it would only tear the screen.
fn hook() {
    if SCREEN_THREAD.set(thread::current().id()).is_err() {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if SCREEN_THREAD.get() == Some(&thread::current().id()) {
            restore();
            before(info);
        }
    }));
}
