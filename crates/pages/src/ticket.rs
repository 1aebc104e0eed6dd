//! Tickets: what a visit carries from page to page instead of a session.
//!
//! A ticket is JSON, sealed by the vault and written in base64url. Whoever holds one can do what
//! its link was made for and nothing else; nobody but this server can make or change one. What is
//! sealed for one purpose does not open for another.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::link::LinkOptions;
use model::{ApplicationId, ConnectionId, Language, Secret, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::hash_secret;

use crate::outcome::Refusal;
use crate::site::Site;

/// How long a page may stay open.
pub const LIFE: Duration = Duration::from_secs(60 * 60);
/// Letters and digits of a nonce: 131 bits.
const NONCE_LEN: usize = 22;
/// Longer ones are not ours.
const LONGEST: usize = 24 * 1_024;

/// What something is sealed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Visit,
    /// The `state` of an OAuth flow.
    OAuth,
    /// A consent that was given.
    Done,
}

impl Purpose {
    fn bound_to(self) -> &'static str {
        match self {
            Purpose::Visit => "link ticket",
            Purpose::OAuth => "link oauth state",
            Purpose::Done => "link consent",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub application: ApplicationId,
    pub opened_with: OpenedWith,
    pub options: LinkOptions,
    /// The connection to sign in to again; `None` for a new one.
    pub connection: Option<ConnectionId>,
    pub language: Language,
    /// Names the visit: attempts are counted by it.
    pub visit: String,
    /// Names one form of it, which is one consent however often it is sent.
    pub form: String,
    pub made_at: Timestamp,
    /// Told on the next page.
    pub refusal: Option<Refusal>,
}

/// Looked up again at every page: what was revoked or deleted opens nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OpenedWith {
    /// A publishable key, by its SHA-256 in base64url.
    Key(String),
    /// A short link, by its code.
    Code(String),
}

impl OpenedWith {
    pub fn key(text: &str) -> OpenedWith {
        OpenedWith::Key(URL_SAFE_NO_PAD.encode(hash_secret(text)))
    }
}

/// The hash that a key was named by.
pub fn key_hash(encoded: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(encoded).ok()?.try_into().ok()
}

/// Why a ticket is no good.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    #[error("not sealed by this server for this purpose, or damaged")]
    Foreign,
    #[error("made too long ago")]
    Expired(Box<Ticket>),
}

impl Ticket {
    pub fn new(
        site: &Site,
        application: ApplicationId,
        opened_with: OpenedWith,
        options: LinkOptions,
        language: Language,
    ) -> Ticket {
        Ticket {
            application,
            opened_with,
            options,
            connection: None,
            language,
            visit: nonce(site),
            form: String::new(),
            made_at: site.now(),
            refusal: None,
        }
    }

    pub fn seal(&self, site: &Site) -> String {
        seal(site, self, Purpose::Visit)
    }

    pub fn open(site: &Site, text: &str) -> Result<Ticket, TicketError> {
        let ticket: Ticket = open(site, text, Purpose::Visit).ok_or(TicketError::Foreign)?;
        match site.now().since(ticket.made_at) > LIFE {
            true => Err(TicketError::Expired(Box::new(ticket))),
            false => Ok(ticket),
        }
    }

    /// What makes a form that is sent twice one consent: it says nothing about what was typed.
    pub fn consent_hash(&self, provider: &str) -> [u8; 32] {
        hash_secret(&format!("{}\0{}\0{provider}", self.visit, self.form))
    }
}

pub fn nonce(site: &Site) -> String {
    site.engine.entropy().letters("", NONCE_LEN)
}

pub fn seal<T: Serialize>(site: &Site, what: &T, purpose: Purpose) -> String {
    let json = serde_json::to_string(what).expect("texts, times and ids are JSON");
    let sealed = site.vault().seal(&Secret::new(json), purpose.bound_to());
    URL_SAFE_NO_PAD.encode(sealed)
}

/// `None` for what this server did not seal for this purpose.
pub fn open<T: DeserializeOwned>(site: &Site, text: &str, purpose: Purpose) -> Option<T> {
    if text.len() > LONGEST {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let json = site.vault().unseal(&sealed, purpose.bound_to()).ok()?;
    // What an older version of the program sealed may lack a field: it is as foreign.
    serde_json::from_str(json.reveal()).ok()
}
