//! Merged values: a text and an origin each, and the getters that give them their types.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::error::ConfigError;
use super::section::mask_database_url;

/// Who gave a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File { path: String, line: usize },
    Environment { name: String },
    Flag { name: String },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { path, line } => write!(f, "{path}:{line}"),
            Origin::Environment { name } => write!(f, "environment variable {name}"),
            Origin::Flag { name } => write!(f, "flag {name}"),
        }
    }
}

/// `Debug` would show a secret, so there is none.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    text: String,
    pub origin: Origin,
}

impl Value {
    pub fn new(text: impl Into<String>, origin: Origin) -> Value {
        Value {
            text: text.into(),
            origin,
        }
    }
}

/// By key (`server.listen`).
#[derive(Clone, Default)]
pub struct Values(BTreeMap<String, Value>);

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.shown().map(|(key, text, _)| (key, text)))
            .finish()
    }
}

impl Values {
    pub fn insert(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    pub fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Key, text with its secrets masked, origin.
    pub fn shown(&self) -> impl Iterator<Item = (&str, String, &Origin)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), shown(key, &value.text), &value.origin))
    }

    /// Keys come from the program, never from its user: the built-in default holds each.
    fn get(&self, key: &str) -> &Value {
        self.0
            .get(key)
            .expect("a key that is read stands in the built-in default")
    }

    pub fn text(&self, key: &str) -> &str {
        &self.get(key).text
    }

    /// `wanted` completes the sentence "wanted …".
    pub fn bad(&self, key: &str, wanted: impl Into<String>) -> ConfigError {
        let value = self.get(key);
        ConfigError::BadValue {
            at: value.origin.clone(),
            key: key.to_owned(),
            found: format!("{:?}", shown(key, &value.text)),
            wanted: wanted.into(),
        }
    }

    pub fn parse<T: FromStr>(&self, key: &str, wanted: &str) -> Result<T, ConfigError> {
        self.text(key).parse().map_err(|_| self.bad(key, wanted))
    }

    pub fn whole_number(&self, key: &str, range: RangeInclusive<u64>) -> Result<u64, ConfigError> {
        let number = self.text(key).parse::<u64>().ok();
        number.filter(|n| range.contains(n)).ok_or_else(|| {
            let (least, most) = range.clone().into_inner();
            self.bad(key, format!("a whole number from {least} to {most}"))
        })
    }

    pub fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Result<T, ConfigError> {
        let text = self.text(key);
        let found = choices.iter().find(|(name, _)| *name == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<String> = choices
                .iter()
                .map(|(name, _)| format!("{name:?}"))
                .collect();
            self.bad(key, names.join(" or "))
        })
    }

    /// An `http` or `https` URL without its last slash; `None` when empty.
    pub fn base_url(&self, key: &str) -> Result<Option<String>, ConfigError> {
        let text = self.text(key);
        if text.is_empty() {
            return Ok(None);
        }
        let host = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        match host {
            Some(host)
                if !host.trim_start_matches('/').is_empty() && !text.contains([' ', '?']) =>
            {
                Ok(Some(text.trim_end_matches('/').to_owned()))
            }
            _ => Err(self.bad(key, "a URL that begins with http:// or https://")),
        }
    }
}

fn shown(key: &str, text: &str) -> String {
    match key {
        "database.url" => mask_database_url(text),
        "vault.master_key" if !text.is_empty() => "…".to_owned(),
        key if key.ends_with("_secret") && !text.is_empty() => "…".to_owned(),
        _ => text.to_owned(),
    }
}
