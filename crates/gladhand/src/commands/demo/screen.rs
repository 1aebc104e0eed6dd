//! Where the demo says things: standard output, or, when a script reads that, standard error.

use std::io::Write;

use crate::cli::Format;
use crate::error::CommandError;
use crate::output;

pub struct Screen {
    pub format: Format,
}

impl Screen {
    pub fn new(format: Format) -> Screen {
        Screen { format }
    }

    pub fn say(&self, text: &str) -> Result<(), CommandError> {
        match self.format {
            Format::Text => output::line(text),
            Format::Json => {
                writeln!(std::io::stderr().lock(), "{text}").map_err(CommandError::Output)
            }
        }
    }

    pub fn fact(&self, name: &str, text: &str) -> Result<(), CommandError> {
        self.say(&format!("{name:<12}{text}"))
    }
}
