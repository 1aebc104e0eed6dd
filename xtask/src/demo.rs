//! `cargo xtask demo`: builds, then becomes `gladhand demo`.
//!
//! The development profile: dependencies are optimised there, it shares its artefacts with the
//! tests, and a new user waits for one build, not two.

use std::process::Command;

use crate::cargo;

pub fn run(mut arguments: Vec<String>) -> Result<(), String> {
    let release = arguments
        .iter()
        .position(|argument| argument == "--release");
    if let Some(index) = release {
        arguments.remove(index);
    }
    eprintln!("building gladhand (the first build takes some minutes, later ones seconds)");
    let binary = cargo::build_gladhand(release.is_some())?;
    let mut command = Command::new(binary);
    command.arg("demo").args(arguments);
    become_it(command)
}

/// Ctrl-C must reach the demo alone, which then stops in order: on Unix it takes this process's
/// place.
#[cfg(unix)]
fn become_it(mut command: Command) -> Result<(), String> {
    use std::os::unix::process::CommandExt;
    Err(format!("cannot start the demo: {}", command.exec()))
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> Result<(), String> {
    crate::program::succeed(&mut command)
}
