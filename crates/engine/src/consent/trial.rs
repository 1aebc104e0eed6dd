//! Credentials tried before a connection is made of them.
//!
//! Signed in where that is how the provider does it, then one small question is asked (the
//! descriptor's `check`): a key that opens nothing, or not enough, is told to its owner while they
//! still have the page open.

use std::time::Duration;

use model::{ConnectionId, IdSpace, Secret, Timestamp, Zone};
use provider::{
    AccountFacts, Answer, Credentials, FieldKind, Provider, ProviderError, Session, Task,
    Unavailability,
};
use store::{AccountUpdate, ZoneSetting, ZoneSource};

use crate::access::{BaseUrl, Desk, Kept, answered, beyond_help, signed_with};
use crate::disposition::{Disposition, disposition};
use crate::engine::Engine;

/// All tries together, within the time that a request to us may take.
const PATIENCE: Duration = Duration::from_secs(25);
const TIMEOUT: Duration = Duration::from_secs(15);
/// A provider that stumbles is asked again after these.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(3),
];
/// A person does not wait longer for a quota.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Credentials that the provider takes, ready to be kept.
pub struct Tried {
    /// The vault row's text: with the session, where there is one.
    pub kept: Secret,
    pub renew_at: Option<Timestamp>,
    pub account: AccountUpdate,
}

impl Engine {
    pub(super) async fn try_credentials(
        &self,
        provider: &'static dyn Provider,
        credentials: Credentials,
        own_base_url: Option<&String>,
    ) -> Result<Tried, ProviderError> {
        let descriptor = provider.descriptor();
        let base_url = self.base_url(own_base_url, descriptor);
        let trial = Trial {
            engine: self,
            provider,
            base_url: &base_url,
        };
        // In real time whatever clock the engine has: a person waits in no other.
        let tried = tokio::time::timeout(PATIENCE, trial.run(credentials)).await;
        tried.unwrap_or(Err(ProviderError::Unavailable {
            cause: Unavailability::TimedOut,
        }))
    }
}

struct Trial<'a> {
    engine: &'a Engine,
    provider: &'static dyn Provider,
    base_url: &'a BaseUrl,
}

impl Trial<'_> {
    async fn run(&self, credentials: Credentials) -> Result<Tried, ProviderError> {
        let mut kept = Kept {
            credentials,
            session: None,
        };
        let app = self.engine.oauth_app(self.provider.descriptor());
        if self.provider.sign_in(&kept.credentials, app)?.is_some() {
            kept = self.signed_in(kept).await?;
        }
        let facts = self.patiently(false, || self.check(&kept)).await?;
        let session = kept.session.as_ref();
        let account = session.and_then(|session| session.account.clone());
        let zone = facts.zone.as_deref().and_then(Zone::named);
        Ok(Tried {
            renew_at: session.and_then(|session| session.renew_at),
            account: AccountUpdate {
                source_id: facts.source_id.or(account),
                name: facts.name,
                dot_numbers: facts.dot_numbers,
                zone: zone.map(|zone| ZoneSetting {
                    zone,
                    source: ZoneSource::Account,
                }),
            },
            kept: Secret::new(kept.text()),
        })
    }

    /// A grant is good once, so it is sent again only where the provider said that it did nothing
    /// with it.
    async fn signed_in(&self, kept: Kept) -> Result<Kept, ProviderError> {
        let engine = self.engine;
        let app = engine.oauth_app(self.provider.descriptor());
        let (transport, clock) = (engine.transport(), engine.shared_clock());
        let mut fields = self.provider.descriptor().credentials.iter();
        let is_granted = fields.any(|field| {
            field.kind == FieldKind::Grant && kept.credentials.get(field.name).is_some()
        });
        let signed_in = self
            .patiently(is_granted, || async {
                let Some(sign_in) = self.provider.sign_in(&kept.credentials, app)? else {
                    return Err(beyond_help(ProviderError::SessionEnded {
                        excerpt: provider::Excerpt::of(b"nobody signs in with these"),
                    }));
                };
                let desk = Desk {
                    provider: self.provider,
                    base_url: self.base_url,
                    transport: transport.as_ref(),
                    clock: clock.as_ref(),
                };
                desk.sign_in(&kept.credentials, sign_in).await
            })
            .await?;
        Ok(Kept {
            credentials: signed_in.credentials.unwrap_or(kept.credentials),
            session: Some(signed_in.session),
        })
    }

    /// The descriptor's question, once.
    async fn check(&self, kept: &Kept) -> Result<AccountFacts, ProviderError> {
        let descriptor = self.provider.descriptor();
        let stream = descriptor
            .stream(descriptor.check)
            .expect("the battery sees that every descriptor's check is a listing of its own");
        // Rows of the page are thrown away, so whose they are does not matter.
        let ids = IdSpace {
            connection: ConnectionId::new(Timestamp::from_millis(0), 0),
            created_at: Timestamp::from_millis(0),
        };
        let zone = Zone::utc();
        let task = Task {
            stream,
            ids: &ids,
            zone: &zone,
            partitions: &[],
            window: None,
            position: None,
        };
        let request = self.provider.request(&task);
        let session: Option<&Session> = kept.session.as_ref();
        let auth = self
            .provider
            .authorize(&request, &kept.credentials, session)?;
        let signed = signed_with(auth, session, self.base_url);
        let transport = self.engine.transport();
        let answer = answered(transport.as_ref(), &request, signed, TIMEOUT).await?;
        let page = self.provider.read(
            &task,
            &Answer {
                status: answer.status,
                headers: &answer.headers,
                body: &answer.body,
                received_at: self.engine.clock().now(),
            },
        );
        let page = page.map_err(beyond_help)?;
        Ok(page.account.unwrap_or_default())
    }

    /// Asks again where that can help while a person waits; what is `good_once`, only where the
    /// provider asked to wait.
    async fn patiently<T, F>(
        &self,
        good_once: bool,
        ask: impl Fn() -> F,
    ) -> Result<T, ProviderError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let mut pauses = PAUSES.into_iter();
        loop {
            let error = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let pause = match disposition(&error) {
                Disposition::Wait(wait) if wait.is_none_or(|wait| wait <= LONGEST_WAIT) => wait,
                Disposition::Retry | Disposition::Quarantine(_) if !good_once => None,
                _ => return Err(error),
            };
            let Some(usual) = pauses.next() else {
                return Err(error);
            };
            self.engine.clock().sleep(pause.unwrap_or(usual)).await;
        }
    }
}
