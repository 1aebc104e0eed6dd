//! Clients and checkers that others wrote: what they accept, the connector was not built to, and
//! what they find, the API's own tests did not look for.
//!
//! Each is a step of its own, with a script in `xtask/strangers` and packages that are pinned there
//! and installed into the target directory ([`python`], [`crate::node`]). The servers that they
//! read are the program itself, in processes of their own ([`servers`]). What cannot be had on a
//! machine is skipped, and said.

mod geotab;
mod motive;
mod python;
mod samsara;
mod servers;

use std::path::PathBuf;
use std::process::Command;

use crate::cargo;
use crate::node::{self, Node};
use crate::program;
use crate::report::{Outcome, Report};
use crate::scratch;
use python::{Packages, Python};
use servers::Servers;

const SCRIPTS: &str = "xtask/strangers";
/// The requests that schemathesis makes up are the same in every run.
const SEED: &str = "20260304";

/// Reads every provider.
const FLEETPULL: Packages = Packages {
    name: "fleetpull",
    least_python: (3, 12),
};
/// Consents at providers that have OAuth.
const AUTHLIB: Packages = Packages {
    name: "authlib",
    least_python: (3, 10),
};
const SCHEMATHESIS: Packages = Packages {
    name: "schemathesis",
    least_python: (3, 11),
};

/// Why a stranger has not said that all is well.
enum Trouble {
    /// It could not be asked.
    Absent(String),
    Failed(String),
}

impl From<String> for Trouble {
    fn from(reason: String) -> Trouble {
        Trouble::Failed(reason)
    }
}

impl From<Result<(), Trouble>> for Outcome {
    fn from(result: Result<(), Trouble>) -> Outcome {
        match result {
            Ok(()) => Outcome::Passed(1),
            Err(Trouble::Absent(reason)) => Outcome::Skipped(reason),
            Err(Trouble::Failed(reason)) => Err(reason).into(),
        }
    }
}

type Check = fn(&Servers) -> Result<(), Trouble>;

/// By name, and whether continuous integration must have it: not what wants a newer Python than a
/// machine may have, nor what lies beside the checkout.
const STRANGERS: [(&str, bool, Check); 11] = [
    ("samsara-api (PyPI)", true, samsara::samsara_api),
    ("@samsarahq/samsara (npm)", true, samsara::samsara_js),
    ("fleetpull (PyPI) on Samsara", false, samsara::fleetpull),
    ("Samsara's OpenAPI", false, samsara::document),
    ("Authlib (PyPI) on Samsara", true, samsara::authlib),
    ("mygeotab (PyPI) on Geotab", true, geotab::mygeotab),
    ("mg-api-js (npm) on Geotab", true, geotab::mg_api_js),
    ("fleetpull (PyPI) on Geotab", false, geotab::fleetpull),
    ("fleetpull (PyPI) on Motive", false, motive::fleetpull),
    ("Authlib (PyPI) on Motive", true, motive::authlib),
    (OUR_OPENAPI, true, own_description),
];
const OUR_OPENAPI: &str = "our OpenAPI";

/// `cargo xtask strangers`: these and no other tests.
pub fn alone(arguments: &[String]) -> Result<(), String> {
    let word = match arguments {
        [] => "",
        [word] => word.as_str(),
        _ => return Err("wanted one word of a name, or none".to_owned()),
    };
    let mut report = Report::default();
    run(&mut report, cargo::in_ci(), word);
    report.finish()
}

/// Runs those whose names hold `word` in any case, a step each.
pub fn run(report: &mut Report, strict: bool, word: &str) {
    let word = word.to_lowercase();
    let is_asked = |title: &str| title.to_lowercase().contains(&word);
    let mut built = None;
    report.step("strangers: servers", strict, || match build(is_asked) {
        Ok(servers) => {
            built = Some(servers);
            Outcome::Passed(1)
        }
        Err(reason) => Err(reason).into(),
    });
    let Some(servers) = built else { return };
    for (title, is_needed, check) in STRANGERS {
        if is_asked(title) {
            let title = format!("strangers: {title}");
            report.step(&title, strict && is_needed, || check(&servers).into());
        }
    }
}

fn build(is_asked: impl Fn(&str) -> bool) -> Result<Servers, String> {
    if !STRANGERS.iter().any(|(title, ..)| is_asked(title)) {
        return Err("no stranger's name holds that word".to_owned());
    }
    let servers = Servers::build()?;
    if is_asked(OUR_OPENAPI) {
        // It is read last, so that its first sync has passed by then.
        servers.demo()?;
    }
    Ok(servers)
}

fn own_description(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&SCHEMATHESIS))?;
    let mut command = script(&python, "own_description.py");
    command
        .arg(empty("own-description")?)
        .arg(SEED)
        // Keys and tokens, so not among the arguments, which are printed when it fails.
        .env("GLADHAND_DEMO", servers.demo()?.synced()?);
    Ok(program::succeed(&mut command)?)
}

fn absent<T>(result: Result<T, String>) -> Result<T, Trouble> {
    result.map_err(Trouble::Absent)
}

fn npm() -> Result<Node, Trouble> {
    absent(node::with_packages(SCRIPTS, &directory().join("npm")))
}

fn script(python: &Python, name: &str) -> Command {
    let mut command = python.command();
    command
        .arg(cargo::root().join(SCRIPTS).join(name))
        // Nothing may be left in the checkout.
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Where packages are installed and scripts work.
fn directory() -> PathBuf {
    cargo::target_dir().join("strangers")
}

/// An empty directory for a script to work in; what an earlier run left there is removed.
fn empty(name: &str) -> Result<PathBuf, String> {
    let directory = directory().join("work").join(name);
    scratch::empty(&directory)?;
    Ok(directory)
}
