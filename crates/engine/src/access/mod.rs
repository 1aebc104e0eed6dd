//! The one way to a provider in a connection's name: syncs, live calls, passthrough and the timer
//! that renews sessions all go through an [`Access`].
//!
//! It signs what is sent, with the credentials themselves or with a session that it signs in for
//! ([`sign_in`]), heeds quotas ([`quotas`]) and knows where the account lives. What an answer means
//! is not its business: whoever asked tells it when the session has ended.

mod base_url;
#[cfg(test)]
pub mod bed;
mod kept;
mod quotas;
mod redaction;
mod renewal;
mod sign_in;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use model::ConnectionId;
use provider::{Auth, OAuthApp, Provider, ProviderError, Quota, Request, Session};
use store::{Connection, Store, StoreError};
use world::{Clock, HttpAnswer, HttpRequest, Method, Reach, Transport};

use crate::disposition::unanswered;
use crate::engine::Engine;
pub use base_url::BaseUrl;
pub use kept::Kept;
pub use quotas::Quotas;
pub use redaction::Redaction;
pub use sign_in::{Desk, SignIns, beyond_help};

/// Versions count from 1.
const NO_VERSION: i64 = 0;

#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub struct Access {
    provider: &'static dyn Provider,
    connection: ConnectionId,
    /// A session may name another.
    base_url: BaseUrl,
    app: Option<OAuthApp>,
    store: Store,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    quotas: Arc<Quotas>,
    sign_ins: Arc<SignIns>,
    /// Names this process where the credentials are held.
    holder: String,
    held: Mutex<Held>,
    /// The version that was last signed in for because the one before had ended …
    renewed_to: AtomicI64,
    /// … and the one that last signed a question which was answered.
    good: AtomicI64,
}

/// The vault row as it was last read.
#[derive(Clone)]
struct Held {
    version: i64,
    kept: Kept,
}

/// A signature, and the version of the credentials that it was made with.
pub struct Signed {
    pub auth: Auth,
    pub base_url: String,
    pub reach: Reach,
    pub version: i64,
}

impl Engine {
    /// Opens the vault row of a connection. [`ProviderError::CredentialsRejected`] where nothing
    /// usable is in it.
    pub(crate) async fn access(
        &self,
        connection: &Connection,
        provider: &'static dyn Provider,
    ) -> Result<Access, AccessError> {
        let stored = self.store().credentials(connection.id).await?;
        let held = stored.and_then(|stored| {
            Some(Held {
                kept: Kept::parse(stored.secret.reveal())?,
                version: stored.version,
            })
        });
        let held = held.ok_or_else(|| ProviderError::CredentialsRejected {
            excerpt: provider::Excerpt::of(b"the connection has no usable credentials"),
        })?;
        let descriptor = provider.descriptor();
        Ok(Access {
            provider,
            connection: connection.id,
            base_url: self.base_url(connection.base_url.as_ref(), descriptor),
            app: self.oauth_app(descriptor).cloned(),
            store: self.store().clone(),
            transport: self.transport(),
            clock: self.shared_clock(),
            quotas: self.quotas(),
            sign_ins: self.sign_ins(),
            holder: self.config().owner.clone(),
            held: Mutex::new(held),
            renewed_to: AtomicI64::new(NO_VERSION),
            good: AtomicI64::new(NO_VERSION),
        })
    }
}

impl Access {
    /// The account's name, where signing in told it.
    pub fn account(&self) -> Option<String> {
        self.held().kept.session.and_then(|session| session.account)
    }

    /// Signs in first where the account has no session that is good now.
    pub async fn signed(&self, request: &Request) -> Result<Signed, AccessError> {
        let held = self.with_session().await?;
        let session = held.kept.session.as_ref();
        let auth = self
            .provider
            .authorize(request, &held.kept.credentials, session)?;
        Ok(Signed {
            version: held.version,
            ..signed_with(auth, session, &self.base_url)
        })
    }

    /// Sends a request that was signed. That its quota is used up is an error like the provider's
    /// own.
    pub async fn send(
        &self,
        request: &Request,
        signed: Signed,
        timeout: Duration,
    ) -> Result<HttpAnswer, ProviderError> {
        self.may_ask(request.quota)?;
        answered(self.transport.as_ref(), request, signed, timeout).await
    }

    /// That a question signed with this version was answered.
    pub fn note_good(&self, version: i64) {
        self.good.store(version, Ordering::SeqCst);
    }

    /// What an answer to this request said of its quota.
    pub fn note_quota(&self, request: &Request, quota: Option<Quota>) {
        if let Some(quota) = quota {
            let now = self.clock.now();
            self.quotas.note(self.connection, request.quota, quota, now);
        }
    }

    /// That this request was refused for its quota: others of the kind need not be sent.
    pub fn note_throttled(&self, request: &Request, retry_after: Option<Duration>) {
        if let (Some(wait), false) = (retry_after, request.quota.is_empty()) {
            let now = self.clock.now();
            let until = now.saturating_add(wait);
            self.quotas
                .used_up(self.connection, request.quota, until, now);
        }
    }

    fn may_ask(&self, quota: &'static str) -> Result<(), ProviderError> {
        match self.quotas.wait(self.connection, quota, self.clock.now()) {
            Duration::ZERO => Ok(()),
            wait => Err(ProviderError::Throttled {
                retry_after: Some(wait),
            }),
        }
    }

    fn held(&self) -> Held {
        // A copy of the row is whole after any panic.
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }

    fn hold(&self, held: Held) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }
}

/// Where a request that this signature belongs to goes.
pub fn url(base_url: &str, path_and_query: &str) -> String {
    format!("{}{path_and_query}", base_url.trim_end_matches('/'))
}

/// A signature by nobody's version: it goes where the session says, else to the base URL.
pub fn signed_with(auth: Auth, session: Option<&Session>, base_url: &BaseUrl) -> Signed {
    let moved = session.and_then(|session| session.base_url.clone());
    let url = moved.unwrap_or_else(|| base_url.url.clone());
    Signed {
        auth,
        reach: base_url.reach(&url),
        base_url: url,
        version: NO_VERSION,
    }
}

/// Sends a request that was signed. What comes back repeats none of the secrets.
pub async fn answered(
    transport: &dyn Transport,
    request: &Request,
    signed: Signed,
    timeout: Duration,
) -> Result<HttpAnswer, ProviderError> {
    let redaction = Redaction::of(&signed.auth.secrets);
    let sent = http_request(request, signed, timeout);
    let answer = transport.send(sent).await.map_err(unanswered)?;
    Ok(redaction.answer(answer))
}

fn http_request(request: &Request, signed: Signed, timeout: Duration) -> HttpRequest {
    let own = request.headers.iter();
    let own = own.map(|(name, value)| ((*name).to_owned(), value.clone()));
    let signatures = signed.auth.headers.iter();
    let signatures =
        signatures.map(|(name, value)| ((*name).to_owned(), value.reveal().to_owned()));
    let body = match &signed.auth.body {
        Some(body) => Some(Bytes::copy_from_slice(body.reveal().as_bytes())),
        None => request.body.clone().map(Bytes::from),
    };
    HttpRequest {
        method: match request.method {
            provider::Method::Get => Method::Get,
            provider::Method::Post => Method::Post,
        },
        url: url(&signed.base_url, &request.path_and_query()),
        headers: own.chain(signatures).collect(),
        body,
        timeout,
        reach: signed.reach,
    }
}
