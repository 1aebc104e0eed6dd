//! The binary: configuration, commands, wiring.
//!
//! `main` reads the command line, [`commands`] does what it says. [`config`] is read once and
//! handed down; [`instance`] puts store, engine and API together; [`operator`] is how the commands
//! that manage applications, keys, connections and syncs reach them. Absent here: everything that
//! a fleet's data goes through, which lives in the crates below.

mod cli;
mod commands;
mod config;
mod data_directory;
mod error;
mod instance;
mod log;
mod master_key;
mod operator;
mod output;
mod signals;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(cli)),
        Err(error) => {
            eprintln!("gladhand: no threads to run on: {error}");
            return ExitCode::FAILURE;
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gladhand: {error}");
            error.exit_code()
        }
    }
}
