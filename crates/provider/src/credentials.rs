//! Credentials: named secrets that `Debug` never shows.

use std::collections::BTreeMap;

pub use model::Secret;
use serde::{Deserialize, Serialize};

/// What one account's owner gave us, by field name (`apiKey`, `username`, …).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credentials(pub BTreeMap<String, Secret>);

impl Credentials {
    pub fn get(&self, field: &str) -> Option<&Secret> {
        self.0.get(field)
    }
}

/// A field of a provider's credential form.
#[derive(Clone, Copy, Debug)]
pub struct CredentialField {
    pub name: &'static str,
    pub label: &'static str,
    /// Where the account's owner finds it.
    pub help: &'static str,
    pub required: bool,
}
