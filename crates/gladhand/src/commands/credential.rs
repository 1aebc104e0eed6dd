//! Where a credential's text comes from: a file, standard input, the environment, or (warned of)
//! the command line itself.

use std::collections::BTreeMap;
use std::io::Read;

use model::Secret;

use crate::error::CommandError;

/// What is outside, as far as credentials are read from it.
pub trait Sources {
    fn file(&self, path: &str) -> std::io::Result<String>;
    fn standard_input(&self) -> std::io::Result<String>;
    fn variable(&self, name: &str) -> Option<String>;
    fn warn(&self, text: &str);
}

/// This process's.
pub struct Process;

impl Sources for Process {
    fn file(&self, path: &str) -> std::io::Result<String> {
        std::fs::read_to_string(path)
    }

    fn standard_input(&self) -> std::io::Result<String> {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        Ok(text)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn warn(&self, text: &str) {
        eprintln!("gladhand: {text}");
    }
}

/// From `NAME=SOURCE` words. Line ends around a text are the editor's, not the secret's.
pub fn read(
    words: &[String],
    sources: &dyn Sources,
) -> Result<BTreeMap<String, Secret>, CommandError> {
    let mut fields = BTreeMap::new();
    let mut input_is_read = false;
    for word in words {
        let Some((name, source)) = word.split_once('=') else {
            return Err(CommandError::Usage(
                "--credential wants NAME=SOURCE, such as apiKey=@token.txt".to_owned(),
            ));
        };
        let text = if let Some(path) = source.strip_prefix('@') {
            sources.file(path).map_err(|error| CommandError::File {
                path: path.to_owned(),
                reason: error.to_string(),
            })?
        } else if source == "-" {
            if std::mem::replace(&mut input_is_read, true) {
                let reason = "standard input can be read for one credential only";
                return Err(CommandError::Usage(reason.to_owned()));
            }
            sources
                .standard_input()
                .map_err(|error| CommandError::File {
                    path: "standard input".to_owned(),
                    reason: error.to_string(),
                })?
        } else if let Some(variable) = source.strip_prefix("env:") {
            sources.variable(variable).ok_or_else(|| {
                CommandError::Usage(format!("environment variable {variable} is not set"))
            })?
        } else {
            sources.warn(&format!(
                "the credential {name} was given on the command line, where others can see it; \
                 {name}=@FILE, {name}=- and {name}=env:VARIABLE keep it out of there"
            ));
            source.to_owned()
        };
        let text = text.trim_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(CommandError::Usage(format!(
                "the credential {name} is empty"
            )));
        }
        fields.insert(name.to_owned(), Secret::new(text));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[derive(Default)]
    struct Scripted {
        warnings: Cell<usize>,
    }

    impl Sources for Scripted {
        fn file(&self, path: &str) -> std::io::Result<String> {
            match path {
                "token.txt" => Ok("from-file\r\n".to_owned()),
                _ => Err(std::io::ErrorKind::NotFound.into()),
            }
        }

        fn standard_input(&self) -> std::io::Result<String> {
            Ok("from-input\n".to_owned())
        }

        fn variable(&self, name: &str) -> Option<String> {
            (name == "TOKEN").then(|| "from-variable".to_owned())
        }

        fn warn(&self, _: &str) {
            self.warnings.set(self.warnings.get() + 1);
        }
    }

    fn check(words: &[&str], want: &[&str], warnings: usize) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let sources = Scripted::default();
        let shown: Vec<String> = match read(&words, &sources) {
            Ok(fields) => fields
                .iter()
                .map(|(name, secret)| format!("{name}:{}", secret.reveal()))
                .collect(),
            Err(error) => vec![error.to_string()],
        };
        assert_eq!(shown, want, "{words:?}");
        assert_eq!(sources.warnings.get(), warnings, "{words:?}");
    }

    #[test]
    fn each_source_is_read() {
        check(&["apiKey=@token.txt"], &["apiKey:from-file"], 0);
        check(&["apiKey=-"], &["apiKey:from-input"], 0);
        check(&["apiKey=env:TOKEN"], &["apiKey:from-variable"], 0);
        check(&["b=plain", "a=x=y"], &["a:x=y", "b:plain"], 2);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        check(&["apiKey=@absent"], &["absent: entity not found"], 0);
        check(
            &["apiKey=env:NONE"],
            &["environment variable NONE is not set"],
            0,
        );
        check(&["apiKey="], &["the credential apiKey is empty"], 1);
        check(
            &["a=-", "b=-"],
            &["standard input can be read for one credential only"],
            0,
        );
    }
}
