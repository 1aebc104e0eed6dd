//! Readers of the simulated Motive.

use super::servers::{Servers, Vendor, WHOLE_DAYS};
use super::{AUTHLIB, FLEETPULL, Trouble, absent, empty, python, script};
use crate::program;

pub fn fleetpull(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&FLEETPULL))?;
    let mut command = script(&python, "fleetpull_motive.py");
    command.arg(WHOLE_DAYS).arg(empty("fleetpull-motive")?);
    servers.simulator(Vendor::Motive)?.tell(&mut command);
    Ok(program::succeed(&mut command)?)
}

pub fn authlib(servers: &Servers) -> Result<(), Trouble> {
    let python = absent(python::with(&AUTHLIB))?;
    let mut command = script(&python, "motive_oauth.py");
    servers.simulator(Vendor::Motive)?.tell(&mut command);
    Ok(program::succeed(&mut command)?)
}
