//! Credentials: named secrets that `Debug` never shows.

use std::collections::BTreeMap;

pub use model::Secret;
use model::Words;
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
    pub label: Words,
    /// Where the account's owner finds it.
    pub help: Words,
    pub required: bool,
    pub kind: FieldKind,
}

/// How a field is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Typed, and shown while it is: a user name, a database.
    Name,
    /// Typed, and hidden while it is.
    Secret,
    /// Given by the provider through OAuth, never asked of people.
    Grant,
}
