//! Readers of the simulated MyGeotab. Two of the three speak TLS only, and are told to trust the
//! simulator's own authority.

use std::process::Command;

use super::servers::{Servers, Simulator, Vendor, WHOLE_DAYS};
use super::{FLEETPULL, SCRIPTS, Trouble, absent, empty, npm, python, script};
use crate::cargo;
use crate::program;
use python::Packages;

const MYGEOTAB: Packages = Packages {
    name: "mygeotab",
    least_python: (3, 11),
};

pub fn mygeotab(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&MYGEOTAB))?;
    let simulator = servers.simulator(Vendor::Geotab)?;
    let mut command = script(&python, "mygeotab_read.py");
    simulator.tell(&mut command);
    command.arg(WHOLE_DAYS);
    Ok(program::succeed(&mut command)?)
}

pub fn mg_api_js(servers: &Servers) -> Result<(), Trouble> {
    let node = npm()?;
    let simulator = servers.simulator(Vendor::GeotabOverTls)?;
    let mut command = Command::new(&node.interpreter);
    command
        .arg(cargo::root().join(SCRIPTS).join("mg_api_js.mjs"))
        .arg(node.package("mg-api-js"))
        .current_dir(empty("mg-api-js")?)
        .env("NODE_EXTRA_CA_CERTS", authority(simulator)?);
    simulator.tell(&mut command);
    Ok(program::succeed(&mut command)?)
}

pub fn fleetpull(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&FLEETPULL))?;
    let simulator = servers.simulator(Vendor::GeotabOverTls)?;
    let mut command = script(&python, "fleetpull_geotab.py");
    command
        .arg(WHOLE_DAYS)
        .arg(empty("fleetpull-geotab")?)
        .env("SSL_CERT_FILE", authority(simulator)?);
    simulator.tell(&mut command);
    Ok(program::succeed(&mut command)?)
}

/// The file with the certificate that clients are to trust.
fn authority(simulator: &Simulator) -> Result<&str, String> {
    let path = simulator.said("authority");
    path.ok_or_else(|| "the simulator named no authority".to_owned())
}
