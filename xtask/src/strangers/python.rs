//! Python packages, pinned, each set in a virtual environment of its own.
//!
//! An environment is made anew when its pins or the interpreter change. Where Python cannot make
//! one, the packages are installed beside it and named in `PYTHONPATH`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::SCRIPTS;
use crate::cargo;
use crate::program;
use crate::scratch;

/// A file of pins in `xtask/strangers/requirements`, and the oldest Python that they run on.
pub struct Packages {
    pub name: &'static str,
    pub least_python: Version,
}

type Version = (u32, u32);

pub struct Python {
    interpreter: PathBuf,
    /// Where the packages lie when there is no virtual environment.
    packages: Option<PathBuf>,
}

impl Python {
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        if let Some(packages) = &self.packages {
            command.env("PYTHONPATH", packages);
        }
        command
    }
}

/// Installs the packages unless they are; the error says why they cannot be had.
pub fn with(packages: &Packages) -> Result<Python, String> {
    let python = interpreter(packages.least_python)?;
    let version = program::succeed_quietly(Command::new(&python).arg("--version"))?;
    let file = format!("{}.txt", packages.name);
    let requirements = cargo::root().join(SCRIPTS).join("requirements").join(&file);
    let pins = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
    let directory = super::directory().join(packages.name);
    let venv = directory.join("venv");
    let beside = directory.join("packages");
    scratch::installed(&directory, &format!("{version}{pins}"), || {
        println!("   installing the Python packages of {file}");
        install(&python, &venv, &beside, &requirements)
    })?;
    let own = venv.join("bin").join("python");
    Ok(if own.exists() {
        Python {
            interpreter: own,
            packages: None,
        }
    } else {
        Python {
            interpreter: python,
            packages: Some(beside),
        }
    })
}

/// `python3` where it is new enough, else a newer one that stands beside it: by its version's name,
/// or where pyenv keeps those that it does not put on the path.
fn interpreter(least: Version) -> Result<PathBuf, String> {
    let names = ["python3", "python3.14", "python3.13", "python3.12"];
    let on_path = names.into_iter().filter_map(program::find);
    on_path
        .chain(kept_by_pyenv())
        .find(|python| version(python).is_some_and(|version| version >= least))
        .ok_or_else(|| format!("there is no Python {}.{} or newer", least.0, least.1))
}

fn kept_by_pyenv() -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let versions = root.and_then(|root| std::fs::read_dir(root.join("versions")).ok());
    let mut pythons: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin").join("python3")))
        .filter(|python| python.is_file())
        .collect();
    pythons.sort();
    pythons
}

/// `None` also for a shim whose version is not active.
fn version(python: &Path) -> Option<Version> {
    let said = program::succeed_quietly(Command::new(python).arg("--version")).ok()?;
    parsed(&said)
}

/// `Python 3.12.1`
fn parsed(said: &str) -> Option<Version> {
    let mut numbers = said.trim().strip_prefix("Python ")?.split('.');
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

fn install(python: &Path, venv: &Path, beside: &Path, requirements: &Path) -> Result<(), String> {
    let with_venv = || make_venv(python, venv, requirements);
    let Err(first) = with_venv() else {
        return Ok(());
    };
    if program::apt_install("python3-venv").is_ok() && with_venv().is_ok() {
        return Ok(());
    }
    // What is left of the attempt would be taken for a whole one.
    scratch::remove(venv)?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--target"])
        .arg(beside)
        .arg("--requirement")
        .arg(requirements);
    program::succeed_quietly(&mut pip)
        .map(drop)
        .map_err(|third| format!("a virtual environment: {first}\npip alone: {third}"))
}

fn make_venv(python: &Path, venv: &Path, requirements: &Path) -> Result<(), String> {
    program::succeed_quietly(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(venv),
    )?;
    let mut pip = Command::new(venv.join("bin").join("python"));
    pip.args(["-m", "pip", "install", "--quiet"])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(requirements);
    program::succeed_quietly(&mut pip).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_what_python_says_it_is() {
        assert_eq!(parsed("Python 3.12.1\n"), Some((3, 12)));
        assert_eq!(parsed("Python 3.14.0rc2"), Some((3, 14)));
        assert_eq!(parsed("pyenv: python3.12: command not found"), None);
        assert!(parsed("Python 3.9.18") < Some((3, 10)));
    }
}
