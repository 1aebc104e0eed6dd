//! A store and an engine as `serve` would have them, for measurements in this process.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, EngineConfig, EngineParts, Probe, StartFrom, SyncRequest};
use model::connection::{Company, SyncMode};
use model::sync::SyncStatus;
use model::{ApplicationId, ConnectionId, Secret, Timestamp};
use simulator::Vendor;
use store::{
    Application, Connection, Execution, NewConnection, StampSource, Store, StoreConfig, Target,
    Vault,
};
use world::{Clock, Entropy, SeededEntropy, Transport};

use crate::error::BenchError;
use crate::page_server::TOKEN;

/// When measurements have their present, unless they need the machine's: 2026-03-04T10:17:00Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_772_619_420_000);
pub const PROVIDER: &str = "samsara";
pub const CADENCE: Duration = Duration::from_secs(15 * 60);
/// Nobody else is there to take a lease over.
const LEASE: Duration = Duration::from_secs(3_600);

pub struct Deployment {
    pub store: Store,
    pub application: ApplicationId,
    now: Timestamp,
}

/// SQLite as `serve` opens it: a writer's thread, readers, `synchronous=full`.
pub async fn open_store(directory: &Path) -> Result<Store, BenchError> {
    let entropy = SeededEntropy::new(17);
    let nonces = Arc::new(move || {
        let mut nonce = [0; 24];
        entropy.fill(&mut nonce);
        nonce
    });
    let config = StoreConfig {
        target: Target::Sqlite {
            path: directory.join("gladhand.db"),
        },
        vault: Vault::from_key([7; 32], nonces),
        execution: Execution::Threads,
        stamps: StampSource::Given,
    };
    Ok(Store::open(config).await?)
}

impl Deployment {
    /// A new store with one application.
    pub async fn new(directory: &Path, now: Timestamp) -> Result<Deployment, BenchError> {
        let store = open_store(directory).await?;
        let application = ApplicationId::new(now, 1);
        store
            .create_application(&Application::new(application, "Bench", now))
            .await?;
        Ok(Deployment {
            store,
            application,
            now,
        })
    }

    /// Connection number `number` to the provider that most rows are about.
    pub async fn connect(
        &self,
        number: u64,
        cadence: Option<Duration>,
    ) -> Result<Connection, BenchError> {
        self.connect_to(Vendor::Samsara, number, cadence).await
    }

    /// Synced by itself where there is a cadence, else on request.
    pub async fn connect_to(
        &self,
        provider: Vendor,
        number: u64,
        cadence: Option<Duration>,
    ) -> Result<Connection, BenchError> {
        let credentials: BTreeMap<&str, String> = provider.credentials(TOKEN).into_iter().collect();
        let credentials = serde_json::to_string(&credentials).map_err(BenchError::unexpected)?;
        let new = NewConnection {
            id: ConnectionId::new(self.now, u128::from(number)),
            application: self.application,
            provider: provider.name().to_owned(),
            company: Company::default(),
            external_id: None,
            tags: Vec::new(),
            sync_mode: cadence.map_or(SyncMode::Manual, |_| SyncMode::Automatic),
            token: Secret::new(connection_token(number)),
            credentials: Secret::new(credentials),
            base_url: None,
            cadence,
            history_from: cadence.map(|_| self.now),
            zone: None,
            next_sync_at: cadence.map(|_| self.now),
            created_at: self.now,
        };
        Ok(self.store.insert_connection(&new).await?)
    }

    pub fn engine(&self, outside: Outside) -> Engine {
        let config = EngineConfig {
            owner: "bench".to_owned(),
            workers: outside.workers,
            lease: LEASE,
            cadence: CADENCE,
            longest_nap: Duration::from_secs(30),
            live_cache: Duration::ZERO,
            raw_retention: None,
            jitter: Duration::ZERO,
            link_base_url: "http://127.0.0.1/link".to_owned(),
            base_urls: Vendor::ALL
                .map(|provider| (provider.name().to_owned(), outside.base_url.clone()))
                .into(),
            oauth_apps: BTreeMap::new(),
        };
        let parts = EngineParts {
            store: self.store.clone(),
            transport: outside.transport,
            clock: outside.clock,
            entropy: Arc::new(SeededEntropy::new(23)),
            probe: outside.probe,
        };
        Engine::new(config, parts)
    }
}

/// What an engine is given of the outside.
pub struct Outside {
    /// Of every provider.
    pub base_url: String,
    pub transport: Arc<dyn Transport>,
    pub clock: Arc<dyn Clock>,
    pub workers: usize,
    pub probe: Option<Arc<dyn Probe>>,
}

pub fn connection_token(number: u64) -> String {
    format!("con_tkn_{number:032}")
}

/// One sync from `start`, to its end.
pub async fn sync(
    engine: &Engine,
    connection: &Connection,
    start: StartFrom,
) -> Result<(), BenchError> {
    let request = SyncRequest {
        start_from: start,
        ..SyncRequest::default()
    };
    engine.request_sync(connection, request).await?;
    run_next(engine).await
}

/// Runs the sync that waits; an error unless it completes.
pub async fn run_next(engine: &Engine) -> Result<(), BenchError> {
    let row = engine.run_one().await?;
    let row = row.ok_or_else(|| BenchError::unexpected("no sync could be claimed"))?;
    if row.status != SyncStatus::Completed {
        let reason = row.failure_reason.unwrap_or_default();
        let status = row.status.name();
        return Err(BenchError::Unexpected(format!(
            "a sync is {status}: {reason}"
        )));
    }
    Ok(())
}
