//! The hosted Link page in a real browser, opened by the real SDK from a page of another origin.
//!
//! A server and simulated providers are started as strangers are shown them ([`servers`]), and
//! `xtask/browser` drives Chromium over them: a scenario is a test, and what it saw is kept as
//! pictures. Chromium is Debian's, since a browser of npm's would be another gigabyte of somebody
//! else's build; it is installed where it may be, and without it the step is skipped.

mod servers;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::node::{self, Node};
use crate::program;
use crate::report::{Outcome, Report};
use crate::scratch;
use crate::test;
use servers::Servers;

const SCRIPTS: &str = "xtask/browser";
/// Pictures of every page, in the target directory.
const SCREENSHOTS: &str = "gladhand-link-screenshots";

/// `cargo xtask browser`: these and no other tests.
pub fn alone(arguments: &[String]) -> Result<(), String> {
    let word = match arguments {
        [] => "",
        [word] => word.as_str(),
        _ => return Err("wanted one word of a scenario's name, or none".to_owned()),
    };
    let mut report = Report::default();
    run(&mut report, cargo::in_ci(), word);
    report.finish()
}

/// Runs the scenarios whose names hold `word`.
pub fn run(report: &mut Report, strict: bool, word: &str) {
    report.step("browser: the Link page", strict, || match tools() {
        Ok((chromium, node)) => drive(&chromium, &node, word).unwrap_or_else(|e| Err(e).into()),
        Err(reason) => Outcome::Skipped(reason),
    });
}

/// The browser, and what drives it; the error says why one cannot be had.
fn tools() -> Result<(PathBuf, Node), String> {
    let node = node::with_packages(SCRIPTS, &directory().join("npm"))?;
    Ok((chromium()?, node))
}

fn chromium() -> Result<PathBuf, String> {
    let installed = || program::find("chromium");
    if let Some(chromium) = installed() {
        return Ok(chromium);
    }
    program::apt_install("chromium")?;
    installed().ok_or_else(|| "the package brought no chromium".to_owned())
}

fn drive(chromium: &Path, node: &Node, word: &str) -> Result<Outcome, String> {
    let binary = cargo::build_gladhand(false)?;
    let work = directory().join("work");
    scratch::empty(&work)?;
    let screenshots = cargo::target_dir().join(SCREENSHOTS);
    if word.is_empty() {
        scratch::empty(&screenshots)?;
    }
    let servers = Servers::start(&binary, &work)?;
    let mut command = Command::new(&node.interpreter);
    command
        .arg(cargo::root().join(SCRIPTS).join("run.mjs"))
        .arg(word)
        .current_dir(&work)
        .env("CHROMIUM", chromium)
        .env("NPM_PACKAGES", &node.directory)
        .env("SCREENSHOTS", &screenshots);
    servers.tell(&mut command);
    let (succeeded, counts) = test::run_and_count(&mut command)?;
    println!("   pictures: {}", screenshots.display());
    if succeeded && counts.failed == 0 && counts.passed > 0 {
        return Ok(Outcome::Passed(counts.passed));
    }
    Ok(Outcome::Failed {
        passed: counts.passed,
        failed: counts.failed.max(1),
        reason: format!("see above; the server said: {}", servers.log.display()),
    })
}

fn directory() -> PathBuf {
    cargo::target_dir().join("browser")
}
