//! The npm packages of `xtask/strangers/package.json`. They depend on nothing, so that their exact
//! versions pin everything.

use std::path::PathBuf;
use std::process::Command;

use super::SCRIPTS;
use crate::cargo;
use crate::program;

pub struct Node {
    pub interpreter: PathBuf,
    /// Holds `node_modules`.
    pub directory: PathBuf,
}

impl Node {
    pub fn package(&self, name: &str) -> PathBuf {
        self.directory.join("node_modules").join(name)
    }
}

/// Installs the packages unless they are; the error says why they cannot be had.
pub fn with_packages() -> Result<Node, String> {
    let interpreter = program::find("node").ok_or("there is no node")?;
    let npm = program::find("npm").ok_or("there is no npm")?;
    let version = program::succeed_quietly(Command::new(&interpreter).arg("--version"))?;
    let manifest = cargo::root().join(SCRIPTS).join("package.json");
    let pins = std::fs::read_to_string(&manifest).map_err(|error| error.to_string())?;
    let directory = super::directory().join("npm");
    super::installed(&directory, &format!("{version}{pins}"), || {
        println!("   installing the npm packages of {SCRIPTS}/package.json");
        let copy = directory.join("package.json");
        std::fs::copy(&manifest, copy).map_err(|error| error.to_string())?;
        let mut install = Command::new(&npm);
        install
            .args(["install", "--no-audit", "--no-fund", "--no-package-lock"])
            .arg("--ignore-scripts")
            .current_dir(&directory);
        program::succeed_quietly(&mut install).map(drop)
    })?;
    Ok(Node {
        interpreter,
        directory,
    })
}
