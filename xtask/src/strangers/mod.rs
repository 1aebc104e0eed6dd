//! Clients and checkers that others wrote: what they accept, the connector was not built to, and
//! what they find, the API's own tests did not look for.
//!
//! Each is a step of its own, with a script in `xtask/strangers` and packages that are pinned there
//! and installed into the target directory ([`python`], [`node`]). The servers that they read are
//! the program itself, in processes of their own ([`servers`]). What cannot be had on a machine is
//! skipped, and said.

mod node;
mod python;
mod servers;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::program;
use crate::report::{Outcome, Report};
use python::{Packages, Python};
use servers::{Demo, Simulator};

const SCRIPTS: &str = "xtask/strangers";
/// Beside the checkout, where there is one: the vendor's own description.
const VENDOR_DOCUMENT: &str = "../shared/samples/samsara/openapi.json";
/// The requests that schemathesis makes up are the same in every run.
const SEED: &str = "20260304";

const SAMSARA_API: Packages = Packages {
    name: "samsara_api",
    least_python: (3, 10),
};
const FLEETPULL: Packages = Packages {
    name: "fleetpull",
    least_python: (3, 12),
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
const STRANGERS: [(&str, bool, Check); 5] = [
    ("samsara-api (PyPI)", true, samsara_api),
    ("@samsarahq/samsara (npm)", true, samsara_js),
    ("fleetpull (PyPI)", false, fleetpull),
    ("Samsara's OpenAPI", false, samsara_document),
    ("our OpenAPI", true, own_description),
];

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

/// Runs those whose names hold `word`, a step each.
pub fn run(report: &mut Report, strict: bool, word: &str) {
    let mut started = None;
    report.step("strangers: servers", strict, || match Servers::start() {
        Ok(servers) => {
            started = Some(servers);
            Outcome::Passed(1)
        }
        Err(reason) => Err(reason).into(),
    });
    let Some(servers) = started else { return };
    for (title, is_needed, check) in STRANGERS {
        if title.contains(word) {
            let title = format!("strangers: {title}");
            report.step(&title, strict && is_needed, || check(&servers).into());
        }
    }
}

struct Servers {
    simulator: Simulator,
    demo: Demo,
}

impl Servers {
    fn start() -> Result<Servers, String> {
        let binary = cargo::build_gladhand(false)?;
        Ok(Servers {
            simulator: Simulator::start(&binary)?,
            demo: Demo::start(&binary)?,
        })
    }
}

fn samsara_api(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&SAMSARA_API))?;
    let mut command = script(&python, "samsara_api.py");
    command
        .args([&servers.simulator.url, servers::TOKEN])
        .arg(servers::WHOLE_DAYS);
    Ok(program::succeed(&mut command)?)
}

fn samsara_js(servers: &Servers) -> Result<(), Trouble> {
    let node = absent(node::with_packages())?;
    let directory = empty("javascript")?;
    let shapes = node.directory.join("shapes.ts");
    let script = |name: &str| {
        let mut command = Command::new(&node.interpreter);
        command
            .arg(cargo::root().join(SCRIPTS).join(name))
            .args([&servers.simulator.url, servers::TOKEN])
            .current_dir(&directory);
        command
    };
    let package = node.package("@samsarahq/samsara");
    program::succeed(script("samsara_js_shapes.mjs").arg(&package).arg(&shapes))?;
    let mut compiler = Command::new(&node.interpreter);
    compiler
        .arg(node.package("typescript").join("bin").join("tsc"))
        .args([
            "--noEmit",
            "--strict",
            "--skipLibCheck",
            "--target",
            "es2022",
        ])
        .args(["--module", "nodenext", "--moduleResolution", "nodenext"])
        .arg(&shapes)
        .current_dir(&node.directory);
    program::succeed(&mut compiler)?;
    Ok(program::succeed(
        script("samsara_js_walk.mjs").arg(&node.directory),
    )?)
}

fn fleetpull(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&FLEETPULL))?;
    let mut command = script(&python, "fleetpull_sync.py");
    command
        .args([&servers.simulator.url, servers::TOKEN])
        .arg(servers::WHOLE_DAYS)
        .arg(empty("fleetpull")?);
    Ok(program::succeed(&mut command)?)
}

fn samsara_document(servers: &Servers) -> Result<(), Trouble> {
    let document = cargo::root().join(VENDOR_DOCUMENT);
    if !document.is_file() {
        let reason = format!("no copy of the vendor's document at {VENDOR_DOCUMENT}");
        return Err(Trouble::Absent(reason));
    }
    let python = absent(python::with(&SCHEMATHESIS))?;
    let mut command = script(&python, "samsara_document.py");
    command
        .args([&servers.simulator.url, servers::TOKEN])
        .arg(&document)
        .arg(empty("samsara-document")?)
        .arg(SEED);
    Ok(program::succeed(&mut command)?)
}

fn own_description(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&SCHEMATHESIS))?;
    let mut command = script(&python, "own_description.py");
    command
        .arg(empty("own-description")?)
        .arg(SEED)
        // Keys and tokens, so not among the arguments, which are printed when it fails.
        .env("GLADHAND_DEMO", servers.demo.synced()?);
    Ok(program::succeed(&mut command)?)
}

fn absent<T>(result: Result<T, String>) -> Result<T, Trouble> {
    result.map_err(Trouble::Absent)
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
    remove(&directory)?;
    std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    Ok(directory)
}

fn remove(directory: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.to_string()),
        _ => Ok(()),
    }
}

/// Makes `directory` unless it is there and made of `wanted`: the pins, and what they are for.
fn installed(
    directory: &Path,
    wanted: &str,
    install: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    let stamp = directory.join("made-of");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_of| made_of == wanted) {
        return Ok(());
    }
    remove(directory)?;
    std::fs::create_dir_all(directory).map_err(|error| error.to_string())?;
    install()?;
    // Last: what is half made is made again.
    std::fs::write(&stamp, wanted).map_err(|error| error.to_string())
}
