//! Memory of the server alone: the `gladhand` binary, idle and while it ingests.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use model::Timestamp;
use model::time::DAY_MS;
use simulator::Vendor;
use world::{Clock, SystemClock};

use crate::child::ChildServer;
use crate::cli::Settings;
use crate::error::{BenchError, Doing};
use crate::median::{ROUNDS, median};
use crate::page_server::{PageServerArgs, PageServerAt, TOKEN};
use crate::process::{self, ResidentBytes};
use crate::scratch::Scratch;
use crate::selection::Selection;
use crate::table::{Line, Table, grouped};

const ROW: &str = "memory";
const MIB: f64 = (1 << 20) as f64;
const MOST_IDLE_MIB: f64 = 40.0;
const MOST_INGESTING_MIB: f64 = 150.0;
/// After this the start is over.
const SETTLING: Duration = Duration::from_secs(1);

/// `gladhand serve` over a directory of its own.
struct Served {
    program: PathBuf,
    scratch: Scratch,
    child: Child,
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has ended by itself can be neither killed nor waited for twice.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn run(settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
    let (vehicles, days) = if settings.quick { (10, 3) } else { (50, 14) };
    let program = gladhand(settings)?;
    // The server asks up to the machine's time, so the fleet's present must be that.
    let now = SystemClock.now();
    let begins_at = Timestamp::from_millis(now.start_of_utc_day().millis() - days * DAY_MS);
    let pages = PageServerArgs {
        vehicles,
        provider: Vendor::Samsara,
        begins_at_ms: begins_at.millis(),
        now_ms: now.millis(),
        selection: Selection::All,
    };
    let server: ChildServer<PageServerAt> = ChildServer::start(&pages.command_line())?;
    settings.progress("memory: warm-up, the simulator makes its pages");
    Served::start(&program, settings)?.ingest(&server.said.base_url, begins_at)?;
    let (mut idle, mut peak, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let served = Served::start(&program, settings)?;
        let at_rest = process::resident(served.child.id())?;
        let ingested = served.ingest(&server.said.base_url, begins_at)?;
        settings.progress(format!(
            "memory, round {round}: idle {} MiB, peak {} MiB",
            grouped(at_rest.now as f64 / MIB),
            grouped(ingested.peak as f64 / MIB)
        ));
        idle.push(at_rest.now as f64 / MIB);
        peak.push(ingested.peak as f64 / MIB);
        after.push(ingested.now as f64 / MIB);
    }
    let (idle, peak, after) = (median(idle), median(peak), median(after));
    table.lines.extend([
        Line::new(ROW, "serve, idle", format!("{idle:.1} MiB"))
            .target("≤ 40 MiB", idle <= MOST_IDLE_MIB)
            .figure("mib", idle),
        Line::new(ROW, "serve, ingesting, at most", format!("{peak:.1} MiB"))
            .target("≤ 150 MiB", peak <= MOST_INGESTING_MIB)
            .figure("mib", peak)
            .figure("mib_afterwards", after)
            .note(format!(
                "{vehicles} vehicles, {days} days, all streams; {after:.1} MiB when done"
            )),
    ]);
    Ok(())
}

/// The server's binary beside this one; cargo brings it up to date where cargo runs us.
fn gladhand(settings: &Settings) -> Result<PathBuf, BenchError> {
    if let Some(cargo) = std::env::var_os("CARGO") {
        settings.progress("memory: building gladhand");
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "gladhand"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let built = build.status().doing("building gladhand")?;
        if !built.success() {
            return Err(BenchError::Unexpected(format!(
                "gladhand does not build: {built}"
            )));
        }
    }
    let program = std::env::current_exe().doing("finding this program")?;
    let beside = program.with_file_name("gladhand");
    if !beside.exists() {
        return Err(BenchError::Unexpected(format!(
            "{} is not there: build it first, with the same profile",
            beside.display()
        )));
    }
    Ok(beside)
}

impl Served {
    fn start(program: &Path, settings: &Settings) -> Result<Served, BenchError> {
        let scratch = Scratch::new(settings.directory.as_deref())?;
        let mut child = command(program, scratch.path())
            .args([
                "--set",
                "log.level=error",
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--link-listen",
                "127.0.0.1:0",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .doing("starting gladhand serve")?;
        let mut line = String::new();
        if let Some(output) = child.stdout.as_mut() {
            let read = BufReader::new(output).read_line(&mut line);
            read.doing("waiting for gladhand serve")?;
        }
        let served = Served {
            program: program.to_owned(),
            scratch,
            child,
        };
        if line.is_empty() {
            return Err(BenchError::unexpected("gladhand serve did not start"));
        }
        let settled = async { tokio::time::sleep(SETTLING).await };
        process::runtime()?.block_on(settled);
        Ok(served)
    }

    /// One sync from `from`, to its end; then the server's memory.
    fn ingest(&self, base_url: &str, from: Timestamp) -> Result<ResidentBytes, BenchError> {
        self.tell(&["application", "create", "Bench"])?;
        let credential = format!("apiKey={TOKEN}");
        let made = self.tell(&[
            "connection",
            "create",
            "--provider=samsara",
            "--sync-mode=manual",
            "--format=json",
            "--base-url",
            base_url,
            "--credential",
            &credential,
        ])?;
        let made: serde_json::Value =
            serde_json::from_str(&made).map_err(BenchError::unexpected)?;
        let connection = made["id"].as_str().unwrap_or_default();
        let from = from.to_string();
        self.tell(&[
            "sync",
            "request",
            connection,
            "--wait",
            "--start-from",
            &from,
        ])?;
        process::resident(self.child.id())
    }

    /// Runs a command of the operator's; returns what it said.
    fn tell(&self, words: &[&str]) -> Result<String, BenchError> {
        let output = command(&self.program, self.scratch.path())
            .args(words)
            .output()
            .doing("running gladhand")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let what = format!("gladhand {}: {}", words.join(" "), said.trim());
            return Err(BenchError::Unexpected(what));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn command(program: &Path, data: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--data").arg(data).stdin(Stdio::null());
    command
}
