//! The engine's handle: what the API and the binary hold.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::SyncId;
use model::connection::ConnectionStatus;
use provider::{Descriptor, OAuthApp};
use store::{Connection, NewSync, Store, StoreError, SyncRow, SyncTrigger};
use tokio::sync::{Notify, Semaphore};
use world::{Clock, Entropy, Transport};

use crate::access::{BaseUrl, Quotas, SignIns};
use crate::ask::IN_FLIGHT_MIB;
use crate::live::{self, LiveFlights};
use crate::probe::Probe;
use crate::replay::Replays;
use crate::request::{RequestSyncError, StartFrom, SyncRequest};

#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Names this process in leases.
    pub owner: String,
    /// Syncs run at once.
    pub workers: usize,
    pub lease: Duration,
    /// Between automatic syncs of a connection that sets none of its own.
    pub cadence: Duration,
    /// Up to this much is added to each cadence, so that syncs do not all start together.
    pub jitter: Duration,
    /// The loop looks for work at least this often, whatever signals it missed: what another node
    /// was asked for is found by looking.
    pub longest_nap: Duration,
    /// What a live call was answered is given to equal calls for so long; zero: to none but those
    /// that wait for it already.
    pub live_cache: Duration,
    /// Bodies of raw pages are kept for so long; `None`: for ever.
    pub raw_retention: Option<Duration>,
    /// Where a disconnected connection's owner signs in again; `linkUrl` begins with it.
    pub link_base_url: String,
    /// Base URLs by provider code, over the providers' own defaults.
    pub base_urls: BTreeMap<String, String>,
    /// The operator's own registrations with providers, by provider code.
    pub oauth_apps: BTreeMap<String, OAuthApp>,
}

pub struct EngineParts {
    pub store: Store,
    pub transport: Arc<dyn Transport>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// Tests look on here; servers have none.
    pub probe: Option<Arc<dyn Probe>>,
}

struct Inner {
    config: EngineConfig,
    parts: EngineParts,
    wake: Notify,
    in_flight: Arc<Semaphore>,
    live_flights: LiveFlights,
    live_places: Arc<Semaphore>,
    replays: Replays,
    quotas: Arc<Quotas>,
    sign_ins: Arc<SignIns>,
}

/// Live calls of this process that are with a provider at once: clients wait for them, so they do
/// not queue behind the pages of syncs.
const LIVE_CALLS: usize = 32;

/// Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

impl Engine {
    pub fn new(config: EngineConfig, parts: EngineParts) -> Engine {
        let in_flight = Arc::new(Semaphore::new(IN_FLIGHT_MIB));
        let clock = Arc::clone(&parts.clock);
        let live_flights = LiveFlights::new(clock, config.live_cache, live::weigh);
        Engine(Arc::new(Inner {
            config,
            parts,
            wake: Notify::new(),
            in_flight,
            live_flights,
            live_places: Arc::new(Semaphore::new(LIVE_CALLS)),
            replays: Replays::default(),
            quotas: Arc::default(),
            sign_ins: Arc::default(),
        }))
    }

    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    pub fn clock(&self) -> &dyn Clock {
        self.0.parts.clock.as_ref()
    }

    pub fn entropy(&self) -> &dyn Entropy {
        self.0.parts.entropy.as_ref()
    }

    pub fn config(&self) -> &EngineConfig {
        &self.0.config
    }

    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.parts.clock)
    }

    pub(crate) fn shared_entropy(&self) -> Arc<dyn Entropy> {
        Arc::clone(&self.0.parts.entropy)
    }

    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.0.parts.transport)
    }

    pub(crate) fn in_flight(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.in_flight)
    }

    pub(crate) fn live_flights(&self) -> &LiveFlights {
        &self.0.live_flights
    }

    pub(crate) fn live_places(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.live_places)
    }

    pub(crate) fn quotas(&self) -> Arc<Quotas> {
        Arc::clone(&self.0.quotas)
    }

    pub(crate) fn sign_ins(&self) -> Arc<SignIns> {
        Arc::clone(&self.0.sign_ins)
    }

    pub(crate) fn replays(&self) -> &Replays {
        &self.0.replays
    }

    pub(crate) fn probe(&self) -> Option<&Arc<dyn Probe>> {
        self.0.parts.probe.as_ref()
    }

    /// The connection's own base URL (`own`; only the operator sets it), else the operator's (of a
    /// brand: of its platform), else the provider's.
    pub(crate) fn base_url(&self, own: Option<&String>, descriptor: &Descriptor) -> BaseUrl {
        let operators = |code: &str| self.0.config.base_urls.get(code);
        let named = own
            .or_else(|| operators(descriptor.code))
            .or_else(|| descriptor.base_code.and_then(operators))
            // A configuration may repeat the provider's own, which says nothing.
            .filter(|url| *url != descriptor.default_base_url);
        match named {
            Some(url) => BaseUrl {
                url: url.clone(),
                is_operators: true,
            },
            None => BaseUrl {
                url: descriptor.default_base_url.to_owned(),
                is_operators: false,
            },
        }
    }

    /// Makes the loop look for work now. A hint only: the loop's timer finds the work too.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.0.wake.notified().await;
    }

    /// Asks for a sync of a connection and wakes a worker. A disconnected connection's sync fails
    /// at once and says where to sign in again.
    pub async fn request_sync(
        &self,
        connection: &Connection,
        request: SyncRequest,
    ) -> Result<SyncRow, RequestSyncError> {
        let fail_at_once = match connection.status {
            ConnectionStatus::Connected => None,
            // Not the address itself, which has a key in it.
            ConnectionStatus::Disconnected => Some(
                "The provider no longer accepts this connection's credentials. Sign in again at \
                 the connection's linkUrl",
            ),
            ConnectionStatus::Archived
            | ConnectionStatus::PendingDeletion
            | ConnectionStatus::Deleting
            | ConnectionStatus::Deleted => {
                return Err(RequestSyncError::ConnectionClosed(connection.status));
            }
        };
        let now = self.clock().now();
        let (start_from, explicit_start) = match request.start_from {
            StartFrom::Continue => (connection.history_from.or(Some(now)), false),
            StartFrom::At(from) => (Some(from), true),
        };
        let new = NewSync {
            id: SyncId::new(now, self.entropy().u128()),
            trigger: SyncTrigger::Requested,
            requested_at: now,
            start_from,
            explicit_start,
            provider_requests: request.provider_requests,
        };
        let row = self
            .store()
            .request_sync(connection.id, &new, fail_at_once)
            .await?;
        self.wake();
        Ok(row)
    }

    /// Puts a failed sync back to requested, with the same parameters.
    pub async fn retry_sync(
        &self,
        connection: &Connection,
        id: SyncId,
    ) -> Result<SyncRow, StoreError> {
        let row = self
            .store()
            .retry_sync(connection.id, id, self.clock().now())
            .await?;
        self.wake();
        Ok(row)
    }

    /// Ends a sync: at once while it waits, at its next step while it runs.
    pub async fn cancel_sync(
        &self,
        connection: &Connection,
        id: SyncId,
    ) -> Result<SyncRow, StoreError> {
        self.store()
            .cancel_sync(connection.id, id, self.clock().now())
            .await
    }
}
