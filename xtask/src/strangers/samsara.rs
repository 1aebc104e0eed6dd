//! Readers of the simulated Samsara.

use std::process::Command;

use super::servers::{Servers, TOKEN, Vendor, WHOLE_DAYS};
use super::{
    AUTHLIB, FLEETPULL, SCHEMATHESIS, SCRIPTS, SEED, Trouble, absent, empty, npm, python, script,
};
use crate::cargo;
use crate::program;
use python::Packages;

/// Beside the checkout, where there is one: the vendor's own description.
const VENDOR_DOCUMENT: &str = "../shared/samples/samsara/openapi.json";

const SAMSARA_API: Packages = Packages {
    name: "samsara_api",
    least_python: (3, 10),
};

pub fn samsara_api(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&SAMSARA_API))?;
    let mut command = script(&python, "samsara_api.py");
    command
        .args([&servers.simulator(Vendor::Samsara)?.url, TOKEN])
        .arg(WHOLE_DAYS);
    Ok(program::succeed(&mut command)?)
}

pub fn samsara_js(servers: &Servers) -> Result<(), Trouble> {
    let node = npm()?;
    let simulator = servers.simulator(Vendor::Samsara)?;
    let directory = empty("javascript")?;
    let shapes = node.directory.join("shapes.ts");
    let script = |name: &str| {
        let mut command = Command::new(&node.interpreter);
        command
            .arg(cargo::root().join(SCRIPTS).join(name))
            .args([&simulator.url, TOKEN])
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

pub fn fleetpull(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&FLEETPULL))?;
    let mut command = script(&python, "fleetpull_samsara.py");
    command
        .args([&servers.simulator(Vendor::Samsara)?.url, TOKEN])
        .arg(WHOLE_DAYS)
        .arg(empty("fleetpull-samsara")?);
    Ok(program::succeed(&mut command)?)
}

pub fn authlib(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&AUTHLIB))?;
    let mut command = script(&python, "samsara_oauth.py");
    servers.simulator(Vendor::Samsara)?.tell(&mut command);
    Ok(program::succeed(&mut command)?)
}

pub fn document(servers: &Servers) -> Result<(), Trouble> {
    let document = cargo::root().join(VENDOR_DOCUMENT);
    if !document.is_file() {
        let reason = format!("no copy of the vendor's document at {VENDOR_DOCUMENT}");
        return Err(Trouble::Absent(reason));
    }
    let python = absent(python::with(&SCHEMATHESIS))?;
    let mut command = script(&python, "samsara_document.py");
    command
        .args([&servers.simulator(Vendor::Samsara)?.url, TOKEN])
        .arg(&document)
        .arg(empty("samsara-document")?)
        .arg(SEED);
    Ok(program::succeed(&mut command)?)
}
