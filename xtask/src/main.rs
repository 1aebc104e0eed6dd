//! What the README's commands call: `cargo xtask demo`, `test`, `strangers`, `browser`, ….
//!
//! Only the standard library, so that it compiles in seconds before anything else does. Every
//! cargo that it starts shares one target directory outside the checkout ([`cargo`]), so that the
//! second build is short wherever the checkout lies.

mod bench;
mod browser;
mod cargo;
mod demo;
mod node;
mod postgres;
mod program;
mod report;
mod scratch;
mod strangers;
mod test;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  demo [FLAGS]     build, then start simulator and server on a synthetic fleet; --help lists flags
                   (--release first: an optimised build, for large fleets)
  test [--fast]    formatting, tidy checks, lints, all tests, foreign clients, a browser
                   (--fast: no lints, no foreign clients, no browser, no PostgreSQL of its own)
  strangers [WORD] only the foreign clients, those whose names hold the word
  browser [WORD]   only the Link page in a browser, scenarios whose names hold the word
  tidy             only the tidy checks: sizes, words, crate arrows, documents
  bench [FLAGS]    the release build against the targets; prints a table and JSON

Variables: CARGO_TARGET_DIR (where builds go), GLADHAND_TEST_POSTGRES (a server for the tests),
CI=true (what would be skipped is a failure).";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let result = match command.as_str() {
        "demo" => demo::run(rest),
        "test" => test::run(&rest),
        "strangers" => strangers::alone(&rest),
        "browser" => browser::alone(&rest),
        "tidy" => tidy::run(),
        "bench" => bench::run(&rest),
        "" | "help" | "--help" | "-h" => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        unknown => {
            eprintln!("there is no command `{unknown}`\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask {command}: {reason}");
            ExitCode::FAILURE
        }
    }
}
