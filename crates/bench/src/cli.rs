//! What can be asked for on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::api_server::ApiServerArgs;
use crate::error::BenchError;
use crate::page_server::PageServerArgs;
use crate::table::Table;
use crate::{
    empty_syncs, growth, http, ingest, lists, read, serve_memory, storage, trickle, wire_formats,
};

const ROWS: &str = "\
Rows:
  ingest    points a second from HTTP to durable, beside a bare fetch-and-parse loop; CPU a point
  providers the same of each provider over one world: points a second, CPU and bytes a point
  storage   bytes that a location takes, without and with its address and its page
  trickle   bytes written for each byte kept, when every sync brings one point a series
  read      a thousand consecutive points, in process
  http      a thousand points a page over HTTP, beside the same bytes from memory
  lists     pages of 100 and 1,000 vehicles and trips, plain and expanded, likewise
  syncs     syncs a second that find nothing new
  memory    resident memory of `gladhand serve`, idle and ingesting
  growth    cost of a point and of a page with 1 and 10 million points there (100 with --large)

Examples:
  cargo xtask bench
  cargo xtask bench --only ingest,storage
  cargo xtask bench --only growth --large --directory /a/disk/with/room
  cargo xtask bench --json bench.json
  cargo xtask bench --quick             sizes of a smoke test: does every row still run?

Everything runs on the loopback interface and in temporary directories; medians of three. Databases
should lie on the disk that a server would use: --directory says where. The exit status is 1 when a
row could not be measured; a target that was missed is the table's to say.";

#[derive(Debug, Parser)]
#[command(
    name = "bench",
    bin_name = "cargo xtask bench",
    about = "Measures the release build against the design's targets.",
    after_help = ROWS,
    max_term_width = 100,
    args_conflicts_with_subcommands = true
)]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub server: Option<Server>,
}

#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Only these rows
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "ROW,…",
        hide_possible_values = true
    )]
    pub only: Vec<Row>,
    /// Small sizes, for a smoke test: the figures say little
    #[arg(long)]
    pub quick: bool,
    /// Also with 100 million points: some minutes and gigabytes more
    #[arg(long)]
    pub large: bool,
    /// Where databases are made [default: the system's temporary directory]
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Write the numbers as JSON to this file
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// What standard output gets; progress goes to standard error
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Servers that measurements start in processes of their own.
#[derive(Debug, Subcommand)]
pub enum Server {
    /// A simulated provider whose answers come from memory
    #[command(hide = true)]
    PageServer(PageServerArgs),
    /// The API over a synced fleet
    #[command(hide = true)]
    ApiServer(ApiServerArgs),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Row {
    Ingest,
    Providers,
    Storage,
    Trickle,
    Read,
    Http,
    Lists,
    Syncs,
    Memory,
    Growth,
}

impl Row {
    pub fn name(self) -> &'static str {
        match self {
            Row::Ingest => "ingest",
            Row::Providers => "providers",
            Row::Storage => "storage",
            Row::Trickle => "trickle",
            Row::Read => "read",
            Row::Http => "http",
            Row::Lists => "lists",
            Row::Syncs => "syncs",
            Row::Memory => "memory",
            Row::Growth => "growth",
        }
    }

    pub fn measure(self, settings: &Settings, table: &mut Table) -> Result<(), BenchError> {
        match self {
            Row::Ingest => ingest::run(settings, table),
            Row::Providers => wire_formats::run(settings, table),
            Row::Storage => storage::run(settings, table),
            Row::Trickle => trickle::run(settings, table),
            Row::Read => read::run(settings, table),
            Row::Http => http::run(settings, table),
            Row::Lists => lists::run(settings, table),
            Row::Syncs => empty_syncs::run(settings, table),
            Row::Memory => serve_memory::run(settings, table),
            Row::Growth => growth::run(settings, table),
        }
    }
}

/// What every measurement is told.
#[derive(Clone, Debug)]
pub struct Settings {
    pub quick: bool,
    pub large: bool,
    pub directory: Option<PathBuf>,
}

impl Settings {
    pub fn progress(&self, what: impl std::fmt::Display) {
        eprintln!("{what}");
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_row_can_be_asked_for_and_is_explained() {
        for row in Row::value_variants() {
            let parsed = Cli::try_parse_from(["bench", "--only", row.name()]).expect("a row");
            assert_eq!(parsed.options.only, [*row]);
            assert!(ROWS.contains(&format!("\n  {} ", row.name())), "{row:?}");
        }
        assert!(Cli::try_parse_from(["bench", "--only", "ingest,storage", "--quick"]).is_ok());
        assert!(Cli::try_parse_from(["bench", "--only", "nothing"]).is_err());
    }
}
