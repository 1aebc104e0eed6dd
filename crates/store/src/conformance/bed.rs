//! What a case stands on: a fresh store, and short ways to fill it.

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use model::connection::{Company, SyncMode};
use model::{
    ApplicationId, ConnectionId, Draft, Model, RawRange, RecordId, RecordStatus, Secret, SyncId,
    Timestamp, Ulid,
};

use crate::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    SqliteThreads,
    SqliteInline,
    Postgres,
}

const DEFAULT_POSTGRES: &str = "postgres://postgres@127.0.0.1:5432/postgres";
pub const LEASE: Duration = Duration::from_secs(60);

/// Runs a case on a store of its own and clears up after it, whether it passed or not.
pub fn run<F, Fut>(engine: Engine, case: F)
where
    F: FnOnce(Bed) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let runtime = match engine {
        Engine::SqliteInline => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    }
    .worker_threads(2)
    .enable_all()
    .build()
    .expect("a runtime");
    runtime.block_on(async {
        let Some(place) = Place::new(engine).await else {
            return;
        };
        let bed = Bed::open(engine, &place).await;
        let ended = tokio::spawn(case(bed)).await;
        place.clear().await;
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    });
}

/// A number that no other case of any test process uses.
fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("gladhand_test_{}_{number}", std::process::id())
}

/// Where a case's database lies.
#[derive(Clone)]
pub struct Place {
    folder: Option<PathBuf>,
    database: Option<String>,
    pub target: Target,
}

impl Place {
    /// `None` when the engine is not there and may be skipped.
    async fn new(engine: Engine) -> Option<Place> {
        let name = unique();
        if engine != Engine::Postgres {
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&folder).expect("a folder for temporary files");
            let path = folder.join("store.db");
            return Some(Place {
                folder: Some(folder),
                database: None,
                target: Target::Sqlite { path },
            });
        }
        let url = match scratch::create(&postgres_url(), &name).await {
            Ok(url) => url,
            Err(error) => return skip_postgres(&error),
        };
        Some(Place {
            folder: None,
            database: Some(name),
            target: Target::Postgres { url },
        })
    }

    async fn clear(&self) {
        if let Some(folder) = &self.folder {
            std::fs::remove_dir_all(folder).expect("the case's own folder");
        }
        if let Some(database) = &self.database {
            let removed = scratch::remove(&postgres_url(), database).await;
            removed.expect("it was made before");
        }
    }
}

fn postgres_url() -> String {
    std::env::var("GLADHAND_TEST_POSTGRES").unwrap_or_else(|_| DEFAULT_POSTGRES.to_owned())
}

/// Says so, once; with `CI=true` it is a failure.
fn skip_postgres(error: &StoreError) -> Option<Place> {
    static TOLD: OnceLock<()> = OnceLock::new();
    if std::env::var("CI").is_ok_and(|ci| ci == "true") {
        panic!("PostgreSQL does not answer, and CI=true wants it: {error}");
    }
    TOLD.get_or_init(|| {
        // Not `eprintln!`, which the test harness would hide.
        writeln!(
            std::io::stderr(),
            "SKIPPED: the store's tests on PostgreSQL, which does not answer: {error}"
        )
        .expect("standard error takes a line");
    });
    None
}

pub struct Bed {
    pub engine: Engine,
    pub store: Store,
    pub place: Place,
    /// Ticks by one millisecond each time it is asked.
    pub clock: Arc<AtomicI64>,
}

pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub fn test_vault() -> Vault {
    let next = AtomicU64::new(1);
    Vault::from_key(
        [7; 32],
        Arc::new(move || {
            let mut nonce = [0; 24];
            nonce[..8].copy_from_slice(&next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            nonce
        }),
    )
}

impl Bed {
    pub async fn open(engine: Engine, place: &Place) -> Bed {
        let config = Bed::config(engine, place, StampSource::Given);
        Bed {
            engine,
            store: Store::open(config).await.expect("a fresh store opens"),
            place: place.clone(),
            clock: Arc::new(AtomicI64::new(1_000_000)),
        }
    }

    pub fn config(engine: Engine, place: &Place, stamps: StampSource) -> StoreConfig {
        StoreConfig {
            target: place.target.clone(),
            vault: test_vault(),
            execution: match engine {
                Engine::SqliteInline => Execution::Inline,
                _ => Execution::Threads,
            },
            stamps,
        }
    }

    /// Closes the store and opens it again with another source of stamps.
    pub async fn reopened(self, stamps: StampSource) -> Bed {
        let Bed {
            engine,
            store,
            place,
            clock,
        } = self;
        drop(store);
        let store = Store::open(Bed::config(engine, &place, stamps))
            .await
            .expect("the store opens again");
        Bed {
            engine,
            store,
            place,
            clock,
        }
    }

    pub async fn application(&self) -> ApplicationId {
        let id = ApplicationId::new(at(1), 1);
        if self.store.application(id).await.expect("read").is_none() {
            let application = Application::new(id, "Test", at(1));
            self.store
                .create_application(&application)
                .await
                .expect("a new application");
        }
        id
    }

    pub async fn connection(&self, number: u32) -> Connection {
        let new = self.new_connection(number).await;
        self.store
            .insert_connection(&new)
            .await
            .expect("a new connection")
    }

    pub async fn new_connection(&self, number: u32) -> NewConnection {
        NewConnection {
            id: ConnectionId::new(at(1_000 + i64::from(number)), u128::from(number)),
            application: self.application().await,
            provider: "samsara".to_owned(),
            company: Company::default(),
            external_id: None,
            tags: Vec::new(),
            sync_mode: SyncMode::Manual,
            token: Secret::new(format!("con_tkn_{number}")),
            credentials: Secret::new(format!("{{\"apiKey\":\"{number}\"}}")),
            base_url: None,
            cadence: None,
            history_from: None,
            zone: None,
            next_sync_at: None,
            created_at: at(1_000 + i64::from(number)),
        }
    }

    pub async fn request(&self, connection: ConnectionId, now: i64) -> SyncRow {
        self.store
            .request_sync(connection, &new_sync(now), None)
            .await
            .expect("no sync is running")
    }

    pub async fn claim(&self, owner: &str, now: i64) -> Claim {
        self.store
            .claim_sync(owner, at(now), LEASE)
            .await
            .expect("claim")
            .expect("a sync that can be claimed")
    }

    /// A connection with a sync under way.
    pub async fn syncing(&self, number: u32, now: i64) -> (Connection, Lease) {
        let connection = self.connection(number).await;
        self.request(connection.id, now).await;
        let claim = self.claim("worker", now).await;
        assert_eq!(claim.connection.id, connection.id);
        (connection, claim.lease)
    }

    pub async fn commit(&self, lease: &Lease, checkpoint: Checkpoint) -> Committed {
        self.store
            .commit(lease, checkpoint)
            .await
            .expect("the lease counts")
    }

    pub async fn vehicle(&self, connection: &Connection, source_id: &str) -> StoredRecord {
        let id = RecordId::from(connection.ids().vehicle(source_id));
        self.store
            .record(connection.id, id)
            .await
            .expect("read")
            .expect("the vehicle is there")
    }
}

pub fn new_sync(now: i64) -> NewSync {
    NewSync {
        id: SyncId::new(at(now), 5),
        trigger: SyncTrigger::Requested,
        requested_at: at(now),
        start_from: None,
        explicit_start: false,
        provider_requests: Vec::new(),
    }
}

pub fn checkpoint(now: i64) -> Checkpoint {
    Checkpoint {
        now: at(now),
        lease_until: at(now) + LEASE,
        ..Checkpoint::default()
    }
}

/// A vehicle whose body says `name`.
pub fn vehicle(connection: &Connection, source_id: &str, name: &str, page: i64) -> PageDraft {
    let id = connection.ids().record(Model::Vehicle, source_id);
    PageDraft {
        page,
        stream: "vehicles",
        draft: Draft {
            id,
            natural_key: source_id.to_owned(),
            vehicle: None,
            driver: None,
            status: Some(RecordStatus::Active),
            started_at: None,
            ended_at: None,
            body: format!("{{\"id\":\"{id}\",\"name\":\"{name}\"}}"),
            raw: vec![RawRange {
                offset: 0,
                length: 2,
            }],
        },
    }
}

/// A trip that begins here, lasts 50 ms and has no driver, read from page 1.
pub fn trip(connection: &Connection, source_id: &str, vehicle: &str, starts: i64) -> PageDraft {
    let ids = connection.ids();
    let id = ids.record(Model::Trip, source_id);
    PageDraft {
        page: 1,
        stream: "trips",
        draft: Draft {
            id,
            natural_key: source_id.to_owned(),
            vehicle: Some(ids.vehicle(vehicle)),
            driver: None,
            status: None,
            started_at: Some(at(starts)),
            ended_at: Some(at(starts + 50)),
            body: format!("{{\"id\":\"{id}\"}}"),
            raw: Vec::new(),
        },
    }
}

pub fn page(number: i64, body: &str) -> RawPage {
    RawPage {
        number,
        group: number,
        stream: "vehicles",
        request: "GET /fleet/vehicles".to_owned(),
        task: "{}".to_owned(),
        received_at: at(5_000 + number),
        status: 200,
        body: PageBody::Plain(Bytes::copy_from_slice(body.as_bytes())),
    }
}

pub fn vehicles(limit: usize) -> RecordQuery {
    RecordQuery::of(Model::Vehicle, RecordOrder::Modified, limit)
}

pub fn ulids(page: &RecordPage) -> Vec<Ulid> {
    page.records.iter().map(|record| record.id.ulid).collect()
}
