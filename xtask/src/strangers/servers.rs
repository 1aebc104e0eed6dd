//! What the strangers read: the program as a simulator, and as a server over a simulated fleet.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::program::Running;

pub const TOKEN: &str = "strangers-token";
/// Days that the simulator's history covers whatever the hour; it begins a day before them.
pub const WHOLE_DAYS: &str = "3";
const DAYS: &str = "4";

pub struct Simulator {
    _process: Running,
    pub url: String,
}

impl Simulator {
    pub fn start(binary: &Path) -> Result<Simulator, String> {
        let mut command = Command::new(binary);
        command
            .args(["simulate", "--port", "0", "--days", DAYS])
            .args(["--vehicles", "12", "--drivers", "15", "--seed", "5"])
            .args(["--token", TOKEN]);
        let (process, lines) = start(&mut command)?;
        let url = lines.find(|line| {
            let url = line.split_whitespace().find(|w| w.starts_with("http://"))?;
            Some(url.to_owned())
        });
        Ok(Simulator {
            _process: process,
            url: url.ok_or("the simulator ended without naming its address")?,
        })
    }
}

/// `gladhand demo`: simulator and server in one, with keys that it made.
pub struct Demo {
    _process: Running,
    /// What it says beside the one line.
    log: PathBuf,
    /// Until it is asked for: the first sync goes on while others are read.
    lines: Mutex<Option<Lines>>,
}

impl Demo {
    pub fn start(binary: &Path) -> Result<Demo, String> {
        let directory = super::empty("demo")?;
        let log = directory.join("log");
        let said = File::create(&log).map_err(|error| error.to_string())?;
        let mut command = Command::new(binary);
        // Limits would refuse what is asked as fast as it goes.
        for setting in [
            "api.requests_per_second_per_connection=0",
            "api.requests_per_second_per_application=0",
        ] {
            command.args(["--set", setting]);
        }
        command
            .arg("--data")
            .arg(directory.join("data"))
            .args(["demo", "--format", "json", "--port", "0", "--days", "3"])
            .args(["--vehicles", "6", "--drivers", "8", "--seed", "5"])
            .stderr(said);
        let (process, lines) = start(&mut command)?;
        Ok(Demo {
            _process: process,
            log,
            lines: Mutex::new(Some(lines)),
        })
    }

    /// Waits for the first sync; address, keys and tokens as JSON.
    pub fn synced(&self) -> Result<String, String> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = lines.take().ok_or("the demo was asked before")?;
        lines
            .find(|line| line.starts_with('{').then(|| line.to_owned()))
            .ok_or_else(|| {
                let log = self.log.display();
                format!("the demo ended before its first sync did: see {log}")
            })
    }
}

struct Lines(BufReader<std::process::ChildStdout>);

impl Lines {
    /// The first line that `pick` takes something from. The rest is read on in the background, or
    /// the program would stand still once the pipe is full.
    fn find(self, pick: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut lines = self.0.lines().map_while(Result::ok);
        let found = lines.find_map(|line| pick(&line));
        std::thread::spawn(move || lines.for_each(drop));
        found
    }
}

fn start(command: &mut Command) -> Result<(Running, Lines), String> {
    let mut child: Child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start gladhand: {error}"))?;
    let stdout = child.stdout.take().expect("piped above");
    Ok((Running(child), Lines(BufReader::new(stdout))))
}
