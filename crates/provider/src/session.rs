//! Signing in: how credentials become what requests are signed with, where they do not do that
//! themselves.
//!
//! A provider says what to send and what the answer means, as everywhere; the engine sends it, one
//! sign-in of a connection at a time, and keeps what came of it before anything uses it.

use std::collections::BTreeMap;
use std::fmt;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::credentials::{Credentials, Secret};

/// A POST with secrets in it: never kept, never shown.
#[derive(Clone)]
pub struct SignIn {
    /// Begins with a slash; below the base URL that was configured, not below one that an earlier
    /// session moved to.
    pub path: &'static str,
    pub content_type: &'static str,
    /// Lower-case names.
    pub headers: Vec<(&'static str, Secret)>,
    pub body: Secret,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("path", &self.path).finish()
    }
}

/// What signing in gave: sealed beside the credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub secrets: BTreeMap<String, Secret>,
    /// Where the account lives from now on, where the provider named another place: a base URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The provider's own name of the account, where signing in tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    pub begun_at: Timestamp,
    /// Not used from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// When to renew it although nobody needs it, for providers that let idle grants die.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renew_at: Option<Timestamp>,
}

impl Session {
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.secrets.get(name)
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|ends_at| ends_at <= now)
    }
}

/// What the answer to a sign-in means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub session: Session,
    /// The credentials from now on, where the provider replaced them (single-use refresh tokens).
    pub credentials: Option<Credentials>,
}

/// The operator's own registration with a provider, where accounts are connected through one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthApp {
    pub client_id: String,
    pub client_secret: Secret,
    /// As registered; sent with every token call.
    pub redirect_uri: String,
}
