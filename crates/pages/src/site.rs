//! The route table of the pages, and what they share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use engine::Engine;
use model::Timestamp;
use store::Vault;

use crate::attempts::{Attempts, Subject};
use crate::files::Files;
use crate::outcome::{Reason, Stop};
use crate::{agreement, artwork, choose, connect, done, entry, files, oauth, policy, wish};

#[derive(Clone, Debug)]
pub struct PagesConfig {
    /// How browsers reach the pages: scheme, host and port, and nothing after them.
    pub base_url: String,
    /// A header in which a proxy gives the browser's address, its last entry; `None`: whoever
    /// connects is the browser (`ConnectInfo<SocketAddr>` among the request's extensions).
    pub client_ip_header: Option<String>,
    /// Of a form.
    pub max_body_bytes: usize,
}

impl PagesConfig {
    /// Far more than any form of ours has.
    pub const MAX_BODY_BYTES: usize = 32 * 1_024;

    pub fn new(base_url: impl Into<String>) -> PagesConfig {
        let base_url: String = base_url.into();
        PagesConfig {
            base_url: base_url.trim_end_matches('/').to_owned(),
            client_ip_header: None,
            max_body_bytes: PagesConfig::MAX_BODY_BYTES,
        }
    }
}

pub struct Pages {
    pub engine: Engine,
    pub config: PagesConfig,
}

/// What every handler is given.
pub(crate) struct Site {
    pub engine: Engine,
    pub config: PagesConfig,
    /// The pages' own, as browsers write it.
    pub origin: String,
    pub files: Files,
    attempts: Mutex<Attempts>,
}

pub(crate) type Shared = Arc<Site>;

impl Site {
    /// What seals tickets.
    pub fn vault(&self) -> &Vault {
        self.engine.store().vault()
    }

    pub fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

    /// Counts an attempt against all of these, or says how long to wait.
    pub fn admit(&self, subjects: &[Subject]) -> Result<(), Duration> {
        let now = self.now();
        // Whoever panicked here left counts, and any counts are good ones.
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.admit(subjects, now)
    }

    /// Whether cookies can ask for an encrypted connection.
    pub fn is_https(&self) -> bool {
        self.config.base_url.starts_with("https://")
    }
}

/// In lower case and without a port that the scheme has anyway. What is no address stays as it is:
/// no browser names it, so that no form is taken for ours.
fn origin_of(base_url: &str) -> String {
    let url = url::Url::parse(base_url);
    url.map_or(base_url.to_owned(), |url| {
        url.origin().ascii_serialization()
    })
}

/// All pages, ready to be served or called.
pub fn router(pages: Pages) -> Router {
    let max_body_bytes = pages.config.max_body_bytes;
    let site: Shared = Arc::new(Site {
        engine: pages.engine,
        origin: origin_of(&pages.config.base_url),
        config: pages.config,
        files: Files::default(),
        attempts: Mutex::default(),
    });
    Router::new()
        .route("/", get(entry::with_key))
        .route("/{code}", get(entry::short_link))
        .route("/connection/{id}", get(entry::again))
        .route("/choose", get(choose::page))
        .route("/provider/{code}", get(connect::page).post(connect::submit))
        .route("/oauth/start/{code}", get(oauth::start))
        .route("/oauth/callback/{code}", get(oauth::callback))
        .route("/request", get(wish::page).post(wish::submit))
        .route("/done", get(done::page))
        .route("/agreements/{hash}", get(agreement::text))
        .route("/providers/{code}/icon.svg", get(artwork::icon))
        .route("/templates/{id}/logo", get(artwork::logo))
        .route("/templates/{id}/theme.css", get(artwork::theme))
        .route("/icon.svg", get(artwork::own))
        .route("/link.css", get(files::style))
        .route("/link.js", get(files::script))
        .fallback(async || Stop::of(Reason::NotHere))
        .method_not_allowed_fallback(async || Stop::of(Reason::WrongMethod))
        .layer(DefaultBodyLimit::max(max_body_bytes))
        .layer(from_fn_with_state(site.clone(), policy::protect))
        .with_state(site)
}
