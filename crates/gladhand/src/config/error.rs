//! What can be wrong with a configuration: the key, the place, and the remedy.

use std::fmt;

use super::values::Origin;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: the configuration file cannot be read: {reason}; check --config FILE")]
    Unreadable { path: String, reason: String },
    #[error("{path}:{line}: this is not TOML: {reason}")]
    NotToml {
        path: String,
        line: usize,
        reason: String,
    },
    #[error(
        "{at}: there is no key {key}{}; `gladhand config --default` lists them all",
        suggestion(.nearest)
    )]
    UnknownKey {
        at: Origin,
        key: String,
        nearest: Option<String>,
    },
    #[error("--set {text}: wanted SECTION.KEY=VALUE, such as --set server.listen=127.0.0.1:0")]
    NotASetting { text: String },
    #[error("{at}: {key} = {found}: wanted {wanted}")]
    BadValue {
        at: Origin,
        key: String,
        /// Never the text of a secret.
        found: String,
        wanted: String,
    },
}

fn suggestion(nearest: &Option<String>) -> String {
    match nearest {
        Some(key) => format!(", did you mean {key}?"),
        None => String::new(),
    }
}

/// All that is wrong, so that it is put right in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> ConfigErrors {
        ConfigErrors(vec![error])
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
