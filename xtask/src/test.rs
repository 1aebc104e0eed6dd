//! `cargo xtask test`: everything that must hold before a change is accepted.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};

use crate::cargo::{self, in_ci};
use crate::program;
use crate::report::{Outcome, Report};
use crate::{browser, postgres, strangers, tidy};

pub fn run(arguments: &[String]) -> Result<(), String> {
    let fast = match arguments {
        [] => false,
        [flag] if flag == "--fast" => true,
        _ => return Err("wanted no argument, or --fast".to_owned()),
    };
    let strict = in_ci();
    let mut report = Report::default();
    report.step("rustfmt", strict, || {
        program::succeed(cargo::cargo().args(["fmt", "--all", "--check"])).into()
    });
    report.step("tidy", strict, || tidy::run().into());
    if !fast {
        report.step("clippy", strict, || {
            let mut clippy = cargo::cargo();
            clippy.args([
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]);
            program::succeed(&mut clippy).into()
        });
    }
    let mut server = None;
    if !fast {
        report.step("PostgreSQL", strict, || match postgres::provide() {
            Ok(provided) => {
                println!("   {}", provided.notice());
                server = Some(provided);
                Outcome::Passed(1)
            }
            Err(reason) => Outcome::Skipped(format!("no tests on PostgreSQL: {reason}")),
        });
    }
    report.step("tests", strict, || {
        tests(server.as_ref().map(postgres::Server::url))
    });
    drop(server);
    if !fast {
        browser::run(&mut report, strict, "");
        strangers::run(&mut report, strict, "");
    }
    report.finish()
}

fn tests(postgres_url: Option<&str>) -> Outcome {
    let mut command = cargo::cargo();
    if program::find("cargo-nextest").is_some() {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        command.args(["test", "--workspace", "--no-fail-fast"]);
    }
    if let Some(url) = postgres_url {
        command.env(postgres::VARIABLE, url);
    }
    if std::io::stdout().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    match run_and_count(&mut command) {
        Ok((status, counts)) if status && counts.failed == 0 => {
            if counts.passed == 0 {
                Outcome::Skipped("there is no test".to_owned())
            } else {
                Outcome::Passed(counts.passed)
            }
        }
        Ok((_, counts)) => Outcome::Failed {
            passed: counts.passed,
            failed: counts.failed.max(1),
            reason: "see above".to_owned(),
        },
        Err(reason) => Err(reason).into(),
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Shows what the program says as it says it, and counts from the summaries in it.
pub fn run_and_count(command: &mut Command) -> Result<(bool, Counts), String> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {}: {error}", command.get_program().display()))?;
    let stdout = child.stdout.take().expect("piped above");
    let stderr = child.stderr.take().expect("piped above");
    let other = std::thread::spawn(move || show_and_count(stderr, std::io::stderr()));
    let mut counts = show_and_count(stdout, std::io::stdout());
    counts.add(other.join().map_err(|_| "reading its output failed")?);
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok((status.success(), counts))
}

fn show_and_count(from: impl Read, mut to: impl Write) -> Counts {
    let mut counts = Counts::default();
    for line in BufReader::new(from).split(b'\n') {
        let Ok(line) = line else { break };
        let text = without_colours(&String::from_utf8_lossy(&line));
        if text.trim_start().starts_with("Summary [") || text.starts_with("test result:") {
            counts.add(count(&text));
        }
        // A closed terminal is no reason to stop the tests.
        let _shown = to.write_all(&line).and_then(|()| to.write_all(b"\n"));
    }
    counts
}

/// From nextest's (`12 tests run: 11 passed (1 slow), 1 failed, 1 timed out, 2 skipped`) or
/// libtest's (`test result: ok. 12 passed; 0 failed; 0 ignored`).
fn count(summary: &str) -> Counts {
    let after = summary.rsplit(": ").next().unwrap_or_default();
    let mut counts = Counts::default();
    for part in after.split([',', ';', '.']) {
        let mut words = part.split_whitespace();
        let number = words.next().and_then(|word| word.parse::<u64>().ok());
        let (Some(number), Some(word)) = (number, words.next()) else {
            continue;
        };
        match word {
            "passed" => counts.passed += number,
            "failed" | "timed" | "exec" => counts.failed += number,
            _ => {}
        }
    }
    counts
}

fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_counted() {
        let check = |line: &str, passed: u64, failed: u64| {
            let found = count(&without_colours(line));
            assert_eq!(found, Counts { passed, failed }, "{line}");
        };
        check(
            " Summary [   0.5s] 12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 3 skipped",
            10,
            2,
        );
        check(
            "\u{1b}[32m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m4\u{1b}[0m tests run: \
             \u{1b}[1m4\u{1b}[0m \u{1b}[32mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m skipped",
            4,
            0,
        );
        check(
            "test result: FAILED. 12 passed; 1 failed; 0 ignored; 0 measured; finished in 0.02s",
            12,
            1,
        );
    }
}
