//! A connection made by its account's owner: credentials tried with the provider, then kept.
//!
//! Nothing is stored of credentials that the provider refuses ([`trial`]). What the owner agreed
//! to, the connection that it became (a new one, or one that has the same account already), its
//! credentials and the token that the browser carries away are one transaction
//! ([`store::Store::settle_consent`]). The first sync is asked for after it; if that fails, the
//! cadence makes it.

mod authorization;
mod trial;

use std::collections::BTreeMap;
use std::time::Duration;

use model::connection::{Company, ConnectionStatus, SyncMode};
use model::{ApplicationId, ConnectionId, ConsentId, Secret, Timestamp};
use provider::{Credentials, Provider, ProviderError};
use store::{ConsentOutcome, NewConnection, NewConsent, Settled, StoreError, SyncRow};

use crate::disposition::{Disposition, disposition};
use crate::engine::Engine;
use crate::request::{RequestSyncError, StartFrom, SyncRequest};
use trial::Tried;

/// How long what the browser carries away can be exchanged for the connection's token.
pub const PUBLIC_TOKEN_LIFE: Duration = Duration::from_secs(30 * 60);
/// Letters and digits after the prefix of a token: 190 bits.
const TOKEN_LEN: usize = 32;

/// What an account's owner gives, and what was asked for with the link.
#[derive(Clone, Debug)]
pub struct Consent {
    pub application: ApplicationId,
    /// Provider code.
    pub provider: String,
    /// By the names of the descriptor's fields.
    pub credentials: BTreeMap<String, Secret>,
    /// The connection to authenticate again; `None` for a new one.
    pub again: Option<ConnectionId>,
    /// The customer's company.
    pub company_name: Option<String>,
    pub external_id: Option<String>,
    pub tags: Vec<String>,
    /// Of a new connection.
    pub sync_mode: SyncMode,
    pub backfill_from: Option<Timestamp>,
    /// Whether a connection that has the account already takes this consent.
    pub merges: bool,
    /// SHA-256 of the ticket that it was given with: the same ticket again is the same consent.
    pub ticket: [u8; 32],
    /// Of the text that was agreed to ([`store::Store::keep_agreement`]).
    pub agreement: [u8; 32],
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
}

#[derive(Debug)]
pub struct Consented {
    pub connection: store::Connection,
    pub outcome: ConsentOutcome,
    /// Good for [`PUBLIC_TOKEN_LIFE`], once.
    pub public_token: Secret,
    /// Asked for by itself for automatic connections, and where there is history to backfill.
    pub first_sync: Option<SyncRow>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    #[error("there is no provider {0}")]
    UnknownProvider(String),
    #[error("there is no such connection")]
    UnknownConnection,
    /// On its way to deletion: nobody signs in to it any more.
    #[error("the connection is {}", .0.name())]
    ConnectionClosed(ConnectionStatus),
    /// Authenticating again takes the account that the connection is of.
    #[error("these are the credentials of another account")]
    OtherAccount,
    #[error("the provider refuses the credentials")]
    Rejected,
    /// The account may not read what is needed; in the provider's words.
    #[error("the account lacks a permission: {0}")]
    Forbidden(String),
    #[error("the provider asks to wait")]
    Throttled { retry_after: Option<Duration> },
    #[error("the provider does not answer")]
    Unavailable,
    /// The text is for the log: it may show what the provider answered.
    #[error("the provider's answer makes no sense: {0}")]
    Misunderstood(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ProviderError> for ConsentError {
    fn from(error: ProviderError) -> ConsentError {
        match (disposition(&error), error) {
            (Disposition::Disconnect, _) => ConsentError::Rejected,
            (_, ProviderError::Forbidden { scope }) => ConsentError::Forbidden(scope),
            (_, ProviderError::NotEntitled { what }) => ConsentError::Forbidden(what),
            (Disposition::Wait(retry_after), _) => ConsentError::Throttled { retry_after },
            (Disposition::Retry, _) => ConsentError::Unavailable,
            (_, error) => ConsentError::Misunderstood(error.to_string()),
        }
    }
}

/// What makes a form that is sent twice one consent: the ticket, and the account, since the same
/// form filled in for another account is another consent.
fn form_of(ticket: &[u8; 32], account: Option<&str>) -> [u8; 32] {
    let ticket: String = ticket.iter().map(|byte| format!("{byte:02x}")).collect();
    store::hash_secret(&format!("{ticket}/{}", account.unwrap_or_default()))
}

impl Engine {
    /// Tries the credentials with the provider and keeps them. A provider that is slow is waited
    /// for no longer than a person waits.
    pub async fn consent(&self, consent: Consent) -> Result<Consented, ConsentError> {
        let provider = providers::find(&consent.provider)
            .ok_or_else(|| ConsentError::UnknownProvider(consent.provider.clone()))?;
        let again = self.connection_again(&consent).await?;
        let own_base_url = again.as_ref().and_then(|known| known.base_url.clone());
        let credentials = Credentials(consent.credentials.clone());
        let tried = self
            .try_credentials(provider, credentials, own_base_url.as_ref())
            .await?;
        let (settled, public_token) = self.settle(&consent, provider, tried).await?;
        let (connection, outcome) = match settled {
            Settled::Done {
                connection,
                outcome,
            } => (*connection, outcome),
            Settled::OtherAccount => return Err(ConsentError::OtherAccount),
            Settled::Closed(status) => return Err(ConsentError::ConnectionClosed(status)),
        };
        tracing::info!(
            connection.id = %connection.id, provider.code = consent.provider,
            outcome = outcome.name(), "an account's owner gave consent"
        );
        let first_sync = self.first_sync(&connection, &consent, outcome).await?;
        Ok(Consented {
            connection,
            outcome,
            public_token,
            first_sync,
        })
    }

    /// The connection that is to be authenticated again, if it may be.
    async fn connection_again(
        &self,
        consent: &Consent,
    ) -> Result<Option<store::Connection>, ConsentError> {
        let Some(id) = consent.again else {
            return Ok(None);
        };
        let known = self.store().connection(id).await?;
        let known = known.filter(|known| {
            known.application == consent.application && known.provider == consent.provider
        });
        let known = known.ok_or(ConsentError::UnknownConnection)?;
        match known.status {
            ConnectionStatus::Connected
            | ConnectionStatus::Disconnected
            | ConnectionStatus::Archived => Ok(Some(known)),
            closed => Err(ConsentError::ConnectionClosed(closed)),
        }
    }

    async fn settle(
        &self,
        consent: &Consent,
        provider: &'static dyn Provider,
        tried: Tried,
    ) -> Result<(Settled, Secret), ConsentError> {
        let now = self.clock().now();
        let entropy = self.entropy();
        let public_token = Secret::new(entropy.letters("pub_tkn_", TOKEN_LEN));
        let new = NewConsent {
            id: ConsentId::new(now, entropy.u128()),
            ticket: form_of(&consent.ticket, tried.account.source_id.as_deref()),
            again: consent.again,
            merges: consent.merges,
            agreement: consent.agreement,
            ip_address: consent.ip_address.clone(),
            user_agent: consent.user_agent.clone(),
            account: tried.account,
            renew_at: tried.renew_at,
            public_token: store::hash_secret(public_token.reveal()),
            public_token_ends: now.saturating_add(PUBLIC_TOKEN_LIFE),
            connection: NewConnection {
                id: ConnectionId::new(now, entropy.u128()),
                application: consent.application,
                provider: provider.descriptor().code.to_owned(),
                company: Company {
                    name: consent.company_name.clone(),
                    dot_numbers: Vec::new(),
                },
                external_id: consent.external_id.clone(),
                tags: consent.tags.clone(),
                sync_mode: consent.sync_mode,
                token: Secret::new(entropy.letters("con_tkn_", TOKEN_LEN)),
                credentials: tried.kept,
                base_url: None,
                cadence: None,
                history_from: consent.backfill_from,
                zone: None,
                // The first sync is asked for once this is kept; if that fails, the cadence does.
                next_sync_at: (consent.sync_mode == SyncMode::Automatic).then_some(now),
                created_at: now,
            },
        };
        let settled = self.store().settle_consent(&new, now).await?;
        Ok((settled, public_token))
    }

    /// Where a sync is under way already, it or the next one reads what was asked for.
    async fn first_sync(
        &self,
        connection: &store::Connection,
        consent: &Consent,
        outcome: ConsentOutcome,
    ) -> Result<Option<SyncRow>, ConsentError> {
        let is_automatic = connection.sync_mode == SyncMode::Automatic;
        let asks = match outcome {
            ConsentOutcome::Repeated => false,
            ConsentOutcome::New | ConsentOutcome::Merged | ConsentOutcome::Reconnected => {
                is_automatic || consent.backfill_from.is_some()
            }
        };
        if !asks {
            return Ok(None);
        }
        let request = SyncRequest {
            start_from: consent
                .backfill_from
                .map_or(StartFrom::Continue, StartFrom::At),
            provider_requests: Vec::new(),
        };
        match self.request_sync(connection, request).await {
            Ok(sync) => Ok(Some(sync)),
            Err(RequestSyncError::Store(
                StoreError::SyncRunning(_) | StoreError::ReplayRunning(_),
            )) => {
                self.wake();
                Ok(None)
            }
            // Archived or deleted in this very moment: somebody wants no sync.
            Err(RequestSyncError::ConnectionClosed(_)) => Ok(None),
            Err(RequestSyncError::Store(error)) => Err(error.into()),
        }
    }
}
