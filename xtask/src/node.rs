//! npm packages that a `package.json` of ours pins, exact versions all.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::program;
use crate::scratch;

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

/// Installs the packages of a folder of the checkout into `directory`, unless they are; the error
/// says why they cannot be had. Their own scripts are not run.
pub fn with_packages(folder: &str, directory: &Path) -> Result<Node, String> {
    let interpreter = program::find("node").ok_or("there is no node")?;
    let npm = program::find("npm").ok_or("there is no npm")?;
    let version = program::succeed_quietly(Command::new(&interpreter).arg("--version"))?;
    let manifest = cargo::root().join(folder).join("package.json");
    let pins = std::fs::read_to_string(&manifest).map_err(|error| error.to_string())?;
    scratch::installed(directory, &format!("{version}{pins}"), || {
        println!("   installing the npm packages of {folder}/package.json");
        let copy = directory.join("package.json");
        std::fs::copy(&manifest, copy).map_err(|error| error.to_string())?;
        let mut install = Command::new(&npm);
        install
            .args(["install", "--no-audit", "--no-fund", "--no-package-lock"])
            .arg("--ignore-scripts")
            .current_dir(directory);
        program::succeed_quietly(&mut install).map(drop)
    })?;
    Ok(Node {
        interpreter,
        directory: directory.to_owned(),
    })
}
