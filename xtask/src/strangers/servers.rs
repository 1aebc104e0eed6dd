//! What the strangers read: the program as a simulator, and as a server over a simulated fleet.
//!
//! Each is started when the first stranger asks for it, and ends with [`Servers`].

use std::cell::OnceCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::cargo;
use crate::program::{self, Lines, Running};

pub const TOKEN: &str = "strangers-token";
/// Days that the simulator's history covers whatever the hour; it begins a day before them.
pub const WHOLE_DAYS: &str = "3";
const DAYS: &str = "4";
/// The last line that the simulator prints by itself begins so.
const END_OF_GREETING: &str = "  gladhand serve";

/// A simulated provider, and how it is spoken to.
#[derive(Clone, Copy, Debug)]
pub enum Vendor {
    Samsara,
    Geotab,
    GeotabOverTls,
    Motive,
}

impl Vendor {
    const COUNT: usize = 4;

    fn provider(self) -> &'static str {
        match self {
            Vendor::Samsara => "samsara",
            Vendor::Geotab | Vendor::GeotabOverTls => "geotab",
            Vendor::Motive => "motive",
        }
    }
}

pub struct Servers {
    binary: PathBuf,
    simulators: [OnceCell<Simulator>; Vendor::COUNT],
    demo: OnceCell<Demo>,
}

impl Servers {
    pub fn build() -> Result<Servers, String> {
        Ok(Servers {
            binary: cargo::build_gladhand(false)?,
            simulators: std::array::from_fn(|_| OnceCell::new()),
            demo: OnceCell::new(),
        })
    }

    pub fn simulator(&self, vendor: Vendor) -> Result<&Simulator, String> {
        let cell = &self.simulators[vendor as usize];
        if let Some(started) = cell.get() {
            return Ok(started);
        }
        let started = Simulator::start(&self.binary, vendor)?;
        Ok(cell.get_or_init(|| started))
    }

    pub fn demo(&self) -> Result<&Demo, String> {
        if let Some(started) = self.demo.get() {
            return Ok(started);
        }
        let started = Demo::start(&self.binary)?;
        Ok(self.demo.get_or_init(|| started))
    }
}

/// `gladhand simulate` with one provider.
pub struct Simulator {
    _process: Running,
    pub url: String,
    /// What it said of itself, by the names of its printed lines: `moves to`, `password`.
    said: Vec<(String, String)>,
}

impl Simulator {
    fn start(binary: &Path, vendor: Vendor) -> Result<Simulator, String> {
        let directory = super::empty(&format!("simulator-{vendor:?}"))?;
        let mut command = Command::new(binary);
        command
            .args(["simulate", "--port", "0", "--days", DAYS])
            .args(["--vehicles", "12", "--drivers", "15", "--seed", "5"])
            .args(["--provider", vendor.provider(), "--token", TOKEN])
            // Where it leaves its authority's certificate.
            .env("TMPDIR", directory);
        if matches!(vendor, Vendor::GeotabOverTls) {
            command.arg("--tls");
        }
        let (process, lines) = program::start(&mut command)?;
        let greeting = lines.until(|line| line.starts_with(END_OF_GREETING));
        let url = greeting.iter().find_map(|line| {
            let listening = line.strip_prefix("listening on ")?;
            listening.split_whitespace().next().map(str::to_owned)
        });
        Ok(Simulator {
            _process: process,
            url: url.ok_or("the simulator ended without naming its address")?,
            said: greeting.iter().filter_map(|line| named(line)).collect(),
        })
    }

    pub fn said(&self, name: &str) -> Option<&str> {
        let found = self.said.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Tells a script where the server is and what opens its account.
    pub fn tell(&self, command: &mut Command) {
        command.env("SIMULATOR_URL", &self.url);
        if let Some(second) = self.said(MOVES_TO) {
            command.env("SIMULATOR_SECOND_URL", second);
        }
        for (name, value) in self.said.iter().filter(|(name, _)| name != MOVES_TO) {
            command.env(format!("SIMULATOR_{}", name.to_ascii_uppercase()), value);
        }
    }
}

const MOVES_TO: &str = "moves to";

/// `  password   strangers-token` is a name and its value.
fn named(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if let Some(url) = line.strip_prefix(MOVES_TO) {
        return Some((MOVES_TO.to_owned(), url.trim().to_owned()));
    }
    let (name, value) = line.split_once(char::is_whitespace)?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_name.then(|| (name.to_owned(), value.trim().to_owned()))
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
    fn start(binary: &Path) -> Result<Demo, String> {
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
        let (process, lines) = program::start(&mut command)?;
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
        let said = lines.until(|line| line.starts_with('{'));
        let last = said.into_iter().last();
        last.filter(|line| line.starts_with('{')).ok_or_else(|| {
            let log = self.log.display();
            format!("the demo ended before its first sync did: see {log}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_lines_are_names_and_values() {
        let pair = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(
            named("  password   a secret "),
            pair("password", "a secret")
        );
        assert_eq!(
            named("  moves to   http://h:1"),
            pair(MOVES_TO, "http://h:1")
        );
        assert_eq!(
            named("authority    /somewhere/ca.pem"),
            pair("authority", "/somewhere/ca.pem")
        );
        assert_eq!(named("geotab"), None);
        assert_eq!(named("  --set a=b c"), None);
    }
}
