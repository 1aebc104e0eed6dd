//! A sync's progress: a live bar on a terminal, a line every tenth elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use store::{StoreError, SyncRow};
use world::{Clock, SystemClock};

use crate::error::CommandError;
use crate::instance::Instance;

use super::screen::Screen;

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(100);
/// Progress has two decimals.
const STEPS: f64 = 100.0;

/// Until the sync is over; returns it.
pub async fn follow(
    instance: &Instance,
    screen: &Screen,
    mut sync: SyncRow,
) -> Result<SyncRow, CommandError> {
    let shown: &mut dyn Shown = match std::io::stderr().is_terminal() {
        true => &mut Bar::new(),
        false => &mut Lines::default(),
    };
    loop {
        shown.show(screen, &sync)?;
        if sync.status.is_over() {
            shown.end();
            return Ok(sync);
        }
        SystemClock.sleep(LOOK_AGAIN_AFTER).await;
        let store = instance.engine.store();
        let row = store.sync(sync.connection, sync.id).await?;
        sync = row.ok_or(StoreError::NotFound { what: "sync" })?;
    }
}

trait Shown: Send {
    fn show(&mut self, screen: &Screen, sync: &SyncRow) -> Result<(), CommandError>;
    fn end(&mut self);
}

struct Bar(ProgressBar);

impl Bar {
    fn new() -> Bar {
        let style = ProgressStyle::with_template("  [{bar:40}] {msg}  {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        let bar = ProgressBar::new((100.0 * STEPS) as u64).with_style(style);
        Bar(bar)
    }
}

impl Shown for Bar {
    fn show(&mut self, _: &Screen, sync: &SyncRow) -> Result<(), CommandError> {
        self.0.set_position((sync.progress * STEPS) as u64);
        self.0.set_message(state(sync));
        Ok(())
    }

    fn end(&mut self) {
        self.0.abandon();
    }
}

#[derive(Default)]
struct Lines {
    said: Option<(u32, u32)>,
}

impl Shown for Lines {
    fn show(&mut self, screen: &Screen, sync: &SyncRow) -> Result<(), CommandError> {
        let tenth = ((sync.progress / 10.0) as u32, sync.attempts);
        if self.said == Some(tenth) {
            return Ok(());
        }
        self.said = Some(tenth);
        screen.say(&format!("  {}", state(sync)))
    }

    fn end(&mut self) {}
}

fn state(sync: &SyncRow) -> String {
    let attempt = match sync.attempts {
        0 | 1 => String::new(),
        attempts => format!(", attempt {attempts}"),
    };
    format!("{:.2} %{attempt}", sync.progress)
}
