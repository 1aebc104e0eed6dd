//! Signing in, one at a time.
//!
//! In this process a lock of the connection's own keeps others waiting; between processes the vault
//! row is held for as long as the call takes. Whoever had to wait finds the new session in the row
//! and does not sign in again. What came of it is kept before anything uses it: a refresh token
//! that was given once and lost is an account lost.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use model::{ConnectionId, Timestamp};
use provider::{
    Answer, Credentials, Excerpt, Provider, ProviderError, Secret, Session, SignIn, SignedIn,
};
use store::StoreError;
use world::{Clock, HttpRequest, Method, Transport};

use super::kept::Kept;
use super::{Access, AccessError, BaseUrl, Held, url};
use crate::disposition::unanswered;

/// For a sign-in, body included.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A holder that does not let go is dead: longer than any sign-in takes.
const HELD_FOR: Duration = Duration::from_secs(60);
/// Between looks at a row that somebody else holds.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(250);
/// What was refused is not tried again for so long: accounts are locked for wrong passwords.
const REFUSED_FOR: Duration = Duration::from_secs(60);
/// Between sign-ins that were throttled by a provider that does not say for how long.
const USUAL_WAIT: Duration = Duration::from_secs(60);
/// The quota of signing in.
const QUOTA: &str = "sign in";

/// What this process knows of sign-ins under way and refused, by connection: a few bytes for each
/// that ever signed in here.
#[derive(Default)]
pub struct SignIns {
    of: Mutex<HashMap<ConnectionId, Arc<Turn>>>,
}

/// Whoever holds it signs in.
type Turn = tokio::sync::Mutex<Option<Refused>>;

struct Refused {
    version: i64,
    at: Timestamp,
    error: ProviderError,
}

impl SignIns {
    fn turn(&self, connection: ConnectionId) -> Arc<Turn> {
        // A map of handles is whole after any panic.
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(of.entry(connection).or_default())
    }
}

/// Why a session that is there is not good enough.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// Any that has not ended.
    Any,
    /// A newer one than that of this version of the credentials.
    After(i64),
}

impl Access {
    /// The row with a session that is good now, or without one where nobody signs in.
    pub(super) async fn with_session(&self) -> Result<Held, AccessError> {
        let held = self.held();
        let now = self.clock.now();
        let good = |session: &Session| !session.is_over(now);
        if held.kept.session.as_ref().is_some_and(good) || self.question(&held.kept)?.is_none() {
            return Ok(held);
        }
        self.sign_in(Wanted::Any).await
    }

    /// After an error that a new session may mend: signs in anew, unless somebody has since.
    /// Gives back what the error means where that cannot help.
    pub async fn renew(&self, error: ProviderError, version: i64) -> Result<(), AccessError> {
        let held = self.held();
        if held.version != version {
            return Ok(());
        }
        // Refused though it was signed in for just now, and never anything but refused: then it is
        // not the session.
        let is_vain = self.renewed_to.load(Ordering::SeqCst) == version
            && self.good.load(Ordering::SeqCst) != version;
        if held.kept.session.is_none() || is_vain {
            return Err(beyond_help(error).into());
        }
        let renewed = self.sign_in(Wanted::After(version)).await?;
        self.renewed_to.store(renewed.version, Ordering::SeqCst);
        Ok(())
    }

    pub(super) fn question(&self, kept: &Kept) -> Result<Option<SignIn>, ProviderError> {
        self.provider.sign_in(&kept.credentials, self.app.as_ref())
    }

    pub(super) async fn sign_in(&self, wanted: Wanted) -> Result<Held, AccessError> {
        let turn = self.sign_ins.turn(self.connection);
        let mut refused = turn.lock().await;
        loop {
            let now = self.clock.now();
            let held = self.take_hold(now).await?;
            let is_good = |session: &Session| !session.is_over(now);
            let is_new = match wanted {
                Wanted::Any => true,
                Wanted::After(version) => held.version != version,
            };
            if is_new && held.kept.session.as_ref().is_some_and(is_good) {
                self.let_go().await?;
                self.hold(held.clone());
                return Ok(held);
            }
            if let Some(refused) = refused.as_ref().filter(|refused| {
                refused.version == held.version && now.since(refused.at) < REFUSED_FOR
            }) {
                self.let_go().await?;
                return Err(refused.error.clone().into());
            }
            match self.ask(&held.kept).await {
                Ok(signed_in) => {
                    if let Some(held) = self.keep(held, signed_in).await? {
                        *refused = None;
                        self.hold(held.clone());
                        return Ok(held);
                    }
                    // The owner gave new credentials meanwhile: those count.
                }
                Err(error) => {
                    self.let_go().await?;
                    if let ProviderError::CredentialsRejected { .. }
                    | ProviderError::Refused { .. } = &error
                    {
                        *refused = Some(Refused {
                            version: held.version,
                            at: now,
                            error: error.clone(),
                        });
                    }
                    return Err(error.into());
                }
            }
        }
    }

    /// Waits until nobody else holds the row, and reads it.
    async fn take_hold(&self, began: Timestamp) -> Result<Held, AccessError> {
        loop {
            let now = self.clock.now();
            let until = now.saturating_add(HELD_FOR);
            let stored = self
                .store
                .hold_credentials(self.connection, &self.holder, now, until)
                .await?;
            if let Some(stored) = stored {
                let kept = Kept::parse(stored.secret.reveal());
                let kept = kept.ok_or_else(|| StoreError::Corrupt {
                    what: "credentials",
                    reason: "they are no JSON object of texts".to_owned(),
                })?;
                let version = stored.version;
                return Ok(Held { version, kept });
            }
            if now.since(began) > HELD_FOR * 2 {
                let reason = b"another process keeps hold of the credentials";
                let excerpt = Excerpt::of(reason);
                return Err(ProviderError::Refused { status: 0, excerpt }.into());
            }
            self.clock.sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    async fn let_go(&self) -> Result<(), StoreError> {
        let released = self
            .store
            .release_credentials(self.connection, &self.holder);
        released.await
    }

    async fn ask(&self, kept: &Kept) -> Result<SignedIn, ProviderError> {
        let Some(sign_in) = self.question(kept)? else {
            let excerpt = Excerpt::of(b"this account has no session to renew");
            return Err(ProviderError::CredentialsRejected { excerpt });
        };
        self.may_ask(QUOTA)?;
        tracing::info!(
            connection.id = %self.connection,
            provider.code = self.provider.descriptor().code, "signing in"
        );
        let desk = Desk {
            provider: self.provider,
            base_url: &self.base_url,
            transport: self.transport.as_ref(),
            clock: self.clock.as_ref(),
        };
        let signed_in = desk.sign_in(&kept.credentials, sign_in).await;
        if let Err(ProviderError::Throttled { retry_after }) = &signed_in {
            let wait = retry_after.unwrap_or(USUAL_WAIT);
            let now = self.clock.now();
            let until = now.saturating_add(wait);
            self.quotas.used_up(self.connection, QUOTA, until, now);
        }
        signed_in
    }

    /// `None` where the row was replaced while the provider was asked.
    async fn keep(&self, held: Held, signed_in: SignedIn) -> Result<Option<Held>, StoreError> {
        let renew_at = signed_in.session.renew_at;
        let kept = Kept {
            credentials: signed_in.credentials.unwrap_or(held.kept.credentials),
            session: Some(signed_in.session),
        };
        let secret = Secret::new(kept.text());
        let now = self.clock.now();
        let set = self
            .store
            .replace_credentials(self.connection, &secret, held.version, renew_at, now)
            .await?;
        let version = held.version + 1;
        Ok(set.then_some(Held { version, kept }))
    }
}

/// Where accounts sign in.
pub struct Desk<'a> {
    pub provider: &'static dyn Provider,
    pub base_url: &'a BaseUrl,
    pub transport: &'a dyn Transport,
    pub clock: &'a dyn Clock,
}

impl Desk<'_> {
    /// Asks once, whoever it is for.
    pub async fn sign_in(
        &self,
        credentials: &Credentials,
        sign_in: SignIn,
    ) -> Result<SignedIn, ProviderError> {
        let mut headers = vec![
            ("content-type".to_owned(), sign_in.content_type.to_owned()),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        let own = sign_in.headers.iter();
        headers.extend(own.map(|(name, value)| ((*name).to_owned(), value.reveal().to_owned())));
        let url = url(&self.base_url.url, sign_in.path);
        let sent = HttpRequest {
            method: Method::Post,
            reach: self.base_url.reach(&url),
            url,
            headers,
            body: Some(Bytes::copy_from_slice(sign_in.body.reveal().as_bytes())),
            timeout: TIMEOUT,
        };
        let answer = self.transport.send(sent).await.map_err(unanswered)?;
        let answer = Answer {
            status: answer.status,
            headers: &answer.headers,
            body: &answer.body,
            received_at: self.clock.now(),
        };
        self.provider
            .signed_in(credentials, &self.base_url.url, &answer)
    }
}

/// What an error that a new session might have mended means when it did not.
pub fn beyond_help(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::SessionEnded { excerpt } => ProviderError::CredentialsRejected { excerpt },
        ProviderError::Moved { .. } => ProviderError::Unavailable {
            cause: provider::Unavailability::Moved,
        },
        other => other,
    }
}
