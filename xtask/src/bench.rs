//! `cargo xtask bench`: the release build against the targets; the `bench` crate measures.

use crate::cargo;
use crate::program;

pub fn run(arguments: &[String]) -> Result<(), String> {
    let mut command = cargo::cargo();
    command
        .args(["run", "--release", "--package", "bench", "--"])
        .args(arguments);
    program::succeed(&mut command)
}
