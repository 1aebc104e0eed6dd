//! Steps with a heading and a time each, and the count at the end.

use std::time::{Duration, Instant};

/// How a step ended.
pub enum Outcome {
    /// So many checks passed.
    Passed(u64),
    /// Passed so many, failed so many (at least one).
    Failed {
        passed: u64,
        failed: u64,
        reason: String,
    },
    /// Not done, and why.
    Skipped(String),
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Outcome {
        match result {
            Ok(()) => Outcome::Passed(1),
            Err(reason) => Outcome::Failed {
                passed: 0,
                failed: 1,
                reason,
            },
        }
    }
}

#[derive(Default)]
pub struct Report {
    steps: Vec<(String, Duration, Outcome)>,
}

impl Report {
    /// Runs a step under its heading. What is skipped fails where nothing may be (`strict`).
    pub fn step(&mut self, title: &str, strict: bool, run: impl FnOnce() -> Outcome) {
        println!("\n── {title}");
        let start = Instant::now();
        let outcome = match run() {
            Outcome::Skipped(reason) if strict => Outcome::Failed {
                passed: 0,
                failed: 1,
                reason: format!("{reason} (with CI=true nothing may be skipped)"),
            },
            outcome => outcome,
        };
        let took = start.elapsed();
        let seconds = took.as_secs_f64();
        match &outcome {
            Outcome::Passed(_) => println!("   {title}: ok, {seconds:.1} s"),
            Outcome::Failed { reason, .. } => {
                println!("   {title}: FAILED, {seconds:.1} s\n   {reason}");
            }
            Outcome::Skipped(reason) => println!("   {title}: SKIPPED: {reason}"),
        }
        self.steps.push((title.to_owned(), took, outcome));
    }

    /// The table and the last line; an error when anything failed.
    pub fn finish(self) -> Result<(), String> {
        println!("\n── summary");
        let (mut passed_in_all, mut failed_in_all) = (0, 0);
        for (title, took, outcome) in &self.steps {
            let word = match outcome {
                Outcome::Passed(passed) => {
                    passed_in_all += passed;
                    "ok".to_owned()
                }
                Outcome::Failed { passed, failed, .. } => {
                    passed_in_all += passed;
                    failed_in_all += failed;
                    "FAILED".to_owned()
                }
                Outcome::Skipped(reason) => format!("skipped: {reason}"),
            };
            println!("   {title:<38} {:>7.1} s  {word}", took.as_secs_f64());
        }
        println!("{passed_in_all} passed, {failed_in_all} failed");
        if failed_in_all == 0 {
            Ok(())
        } else {
            Err("not everything passed".to_owned())
        }
    }
}
