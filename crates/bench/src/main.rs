//! `cargo xtask bench`: the release build against what the design says it must reach.
//!
//! One file a row: each sets up what it needs, measures, and adds lines to one table. Providers and
//! the measured API run in processes of their own (this program a second time); the rest runs here,
//! through the crates' public functions, on as many threads as there are cores.
//!
//! Absent: verdicts on correctness (tests have those), and any tuning that the server lacks.

mod api_server;
mod bare;
mod canned;
mod child;
mod cli;
mod counted;
mod deployment;
mod empty_syncs;
mod error;
mod first_sync;
mod growth;
mod http;
mod ingest;
mod lists;
mod load;
mod material;
mod median;
mod page_server;
mod process;
mod question;
mod read;
mod scratch;
mod selection;
mod serve_memory;
mod storage;
mod table;
mod trickle;
mod wire_formats;
mod writer;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use crate::cli::{Cli, Format, Options, Row, Server, Settings};
use crate::error::{BenchError, Doing};
use crate::table::Table;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match &cli.server {
        Some(Server::PageServer(arguments)) => page_server::run(arguments).map(|()| true),
        Some(Server::ApiServer(arguments)) => api_server::run(arguments).map(|()| true),
        None => measure(&cli.options),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// False when a row could not be measured.
fn measure(options: &Options) -> Result<bool, BenchError> {
    let settings = Settings {
        quick: options.quick,
        large: options.large,
        directory: options.directory.clone(),
    };
    let rows = match options.only.as_slice() {
        [] => Row::value_variants(),
        only => only,
    };
    let mut table = Table::new(process::cores(), options.quick);
    if cfg!(debug_assertions) {
        settings.progress("this is a debug build: its figures say nothing");
    }
    for row in rows {
        if let Err(error) = row.measure(&settings, &mut table) {
            settings.progress(format!("{} could not be measured: {error}", row.name()));
            table.failures.insert(row.name(), error.to_string());
        }
    }
    if let Some(path) = &options.json {
        let what = format!("writing {}", path.display());
        std::fs::write(path, table.json()).doing(what)?;
    }
    match options.format {
        Format::Text => print!("{}", table.text()),
        Format::Json => println!("{}", table.json()),
    }
    Ok(table.failures.is_empty())
}
