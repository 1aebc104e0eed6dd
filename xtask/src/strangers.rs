//! Clients that others wrote read the simulator: what they accept, the connector was not built to.
//!
//! The Python packages are pinned in `strangers/requirements.txt` and live in a virtual environment
//! in the target directory, made anew when the pins or Python change.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo;
use crate::program::{self, Running};
use crate::report::Outcome;

const REQUIREMENTS: &str = "xtask/strangers/requirements.txt";
const SCRIPT: &str = "xtask/strangers/samsara_api.py";
const TOKEN: &str = "strangers-token";

pub fn run() -> Outcome {
    let python = match environment() {
        Ok(python) => python,
        Err(reason) => return Outcome::Skipped(format!("no Python packages: {reason}")),
    };
    check(&python).into()
}

fn check(python: &Python) -> Result<(), String> {
    let binary = cargo::build_gladhand(false)?;
    let (_simulator, url) = start_simulator(&binary)?;
    let mut command = Command::new(&python.interpreter);
    command
        .arg(cargo::root().join(SCRIPT))
        .args([&url, TOKEN])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    if let Some(packages) = &python.packages {
        command.env("PYTHONPATH", packages);
    }
    program::succeed(&mut command)
}

fn start_simulator(binary: &Path) -> Result<(Running, String), String> {
    let mut child = Command::new(binary)
        .args(["simulate", "--port", "0", "--days", "2", "--vehicles", "12"])
        .args(["--drivers", "15", "--seed", "5", "--token", TOKEN])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start the simulator: {error}"))?;
    let stdout = child.stdout.take().expect("piped above");
    let running = Running(child);
    let mut lines = BufReader::new(stdout).lines();
    let url = lines.by_ref().find_map(|line| {
        let line = line.ok()?;
        let word = line.split_whitespace().find(|w| w.starts_with("http://"))?;
        Some(word.to_owned())
    });
    // Read on, or the simulator would stand still once the pipe is full.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    let url = url.ok_or("the simulator ended without naming its address")?;
    Ok((running, url))
}

struct Python {
    interpreter: PathBuf,
    /// Where the packages lie when there is no virtual environment.
    packages: Option<PathBuf>,
}

fn environment() -> Result<Python, String> {
    let python = program::find("python3").ok_or("there is no python3")?;
    let version = program::succeed_quietly(Command::new(&python).arg("--version"))?;
    let requirements = cargo::root().join(REQUIREMENTS);
    let pins = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
    let directory = cargo::target_dir().join("strangers");
    let wanted = format!("{version}{pins}");
    let stamp = directory.join("made-of");
    let venv = directory.join("venv");
    let packages = directory.join("packages");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_of| made_of == wanted) {
        return Ok(existing(&python, &venv, packages));
    }
    if directory.exists() {
        std::fs::remove_dir_all(&directory).map_err(|error| error.to_string())?;
    }
    std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    println!("   installing the packages of {REQUIREMENTS}");
    let with_venv = || make_venv(&python, &venv, &requirements);
    if let Err(first) = with_venv() {
        let second = program::apt_install("python3-venv").and_then(|()| with_venv());
        if second.is_err() {
            // What is left of the attempt would be taken for a whole one.
            let _removed = std::fs::remove_dir_all(&venv);
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--target"])
                .arg(&packages)
                .arg("--requirement")
                .arg(&requirements);
            program::succeed_quietly(&mut pip)
                .map_err(|third| format!("a virtual environment: {first}\npip alone: {third}"))?;
        }
    }
    std::fs::write(&stamp, &wanted).map_err(|error| error.to_string())?;
    Ok(existing(&python, &venv, packages))
}

fn existing(python: &Path, venv: &Path, packages: PathBuf) -> Python {
    let own = venv.join("bin").join("python");
    if own.exists() {
        Python {
            interpreter: own,
            packages: None,
        }
    } else {
        Python {
            interpreter: python.to_owned(),
            packages: Some(packages),
        }
    }
}

fn make_venv(python: &Path, venv: &Path, requirements: &Path) -> Result<(), String> {
    program::succeed_quietly(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(venv),
    )?;
    let mut pip = Command::new(venv.join("bin").join("python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
    .arg("--requirement")
    .arg(requirements);
    program::succeed_quietly(&mut pip).map(drop)
}
