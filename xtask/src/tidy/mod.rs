//! Checks of what no compiler checks: sizes, words, who depends on whom, which documents exist.
//!
//! Every rule stands in a list of this folder with its reason; an exception is a line in a list,
//! never a comment in the file that needs it.

mod arrows;
mod files;
mod shape;
mod text;

use std::fmt;

use crate::cargo;

/// A rule that does not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub path: String,
    /// Counted from 1; 0 for the whole file.
    pub line: usize,
    pub what: String,
}

impl Finding {
    pub fn new(path: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

pub fn run() -> Result<(), String> {
    let files = files::read(cargo::root())?;
    let mut findings = text::check(&files);
    findings.extend(arrows::check(&files));
    findings.extend(shape::check(&files));
    findings.sort();
    for finding in &findings {
        println!("   {finding}");
    }
    if findings.is_empty() {
        println!("   {} files are tidy", files.len());
        Ok(())
    } else {
        Err(format!("{} things are not tidy", findings.len()))
    }
}
