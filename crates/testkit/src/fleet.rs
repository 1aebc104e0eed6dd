//! A simulated fleet, a store and an engine between them, all in one process and in manual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, EngineConfig, EngineParts, Probe, StartFrom, SyncRequest};
use model::connection::{Company, SyncMode};
use model::sync::SyncStatus;
use model::{ApplicationId, ConnectionId, Secret, Timestamp};
use simulator::{
    FaultPlan, InProcessTransport, SamsaraConfig, SamsaraServer, Truth, World, WorldConfig,
};
use store::{Application, Connection, NewConnection, Store, SyncRow};
use world::{Clock, ManualClock, SeededEntropy, Transport};

use crate::databases::TestDatabase;

/// The bearer token that simulated servers ask for.
pub const TOKEN: &str = "sim-token";

/// When simulated worlds have their present unless a test says otherwise.
pub fn usual_now() -> Timestamp {
    Timestamp::parse("2026-03-04T10:17:00Z").expect("a valid time")
}

#[derive(Clone, Debug)]
pub struct FleetConfig {
    pub seed: u64,
    pub vehicles: usize,
    pub drivers: usize,
    pub days: u32,
    pub faults: FaultPlan,
    /// Nothing new is produced after the first sync's present.
    pub parked: bool,
}

impl FleetConfig {
    /// As large as the demo's.
    pub fn demo_sized(seed: u64) -> FleetConfig {
        FleetConfig {
            seed,
            vehicles: WorldConfig::DEFAULT_VEHICLES,
            drivers: WorldConfig::DEFAULT_DRIVERS,
            days: WorldConfig::DEFAULT_DAYS,
            faults: FaultPlan::none(),
            parked: true,
        }
    }

    pub fn small(seed: u64) -> FleetConfig {
        FleetConfig {
            vehicles: 4,
            drivers: 4,
            days: 1,
            ..FleetConfig::demo_sized(seed)
        }
    }

    pub fn world(&self) -> World {
        let now = usual_now();
        let config = WorldConfig::days_before(now, self.days, self.seed);
        World::new(WorldConfig {
            vehicles: self.vehicles,
            drivers: self.drivers,
            ends_at: self.parked.then_some(now),
            ..config
        })
    }
}

pub struct Fleet {
    pub config: FleetConfig,
    pub world: Arc<World>,
    pub server: Arc<SamsaraServer>,
    pub clock: Arc<ManualClock>,
    pub store: Store,
    pub engine: Engine,
    pub connection: ConnectionId,
    pub database: TestDatabase,
}

impl Fleet {
    pub async fn new(config: FleetConfig, database: TestDatabase) -> Fleet {
        let store = database.open().await;
        Fleet::with_store(config, database, store).await
    }

    async fn with_store(config: FleetConfig, database: TestDatabase, store: Store) -> Fleet {
        let world = Arc::new(config.world());
        let server = Arc::new(samsara(&world, &config.faults));
        let clock = Arc::new(ManualClock::at(usual_now()));
        let transport: Arc<dyn Transport> = Arc::new(InProcessTransport::new(
            Arc::clone(&server),
            Arc::clone(&clock) as Arc<dyn Clock>,
        ));
        let engine = engine(
            &store,
            transport,
            Arc::clone(&clock) as Arc<dyn Clock>,
            config.seed,
            None,
        );
        let connection = connect(&store, config.seed, clock.now(), None).await;
        Fleet {
            config,
            world,
            server,
            clock,
            store,
            engine,
            connection,
            database,
        }
    }

    pub async fn connection(&self) -> Connection {
        let found = self
            .store
            .connection(self.connection)
            .await
            .expect("the store answers");
        found.expect("the fleet's connection exists")
    }

    /// Asks for a sync from the world's beginning and runs it to its end.
    pub async fn backfill(&self) -> SyncRow {
        let request = SyncRequest {
            start_from: StartFrom::At(self.world.config().begins_at),
            ..SyncRequest::default()
        };
        self.sync(request).await
    }

    /// Asks for a sync that goes on from what was read, and runs it to its end.
    pub async fn catch_up(&self) -> SyncRow {
        self.sync(SyncRequest::default()).await
    }

    async fn sync(&self, request: SyncRequest) -> SyncRow {
        let connection = self.connection().await;
        let asked = self
            .engine
            .request_sync(&connection, request)
            .await
            .expect("a sync is made");
        self.finish(asked).await
    }

    /// Runs until the sync is over, through its pauses.
    pub async fn finish(&self, mut row: SyncRow) -> SyncRow {
        while !row.status.is_over() {
            if let Some(not_before) = row.not_before {
                self.clock.set(not_before);
            }
            row = match self.engine.run_one().await.expect("the store answers") {
                Some(row) => row,
                None => panic!(
                    "sync {} is {} and nobody can claim it",
                    row.id,
                    row.status.name()
                ),
            };
        }
        row
    }

    /// Lets hours pass with a sync in each, so that every re-read falls due and late, edited and
    /// withdrawn rows are seen as they ended up.
    pub async fn settle(&self) {
        for _ in 0..80 {
            self.clock.advance(Duration::from_secs(3_600));
            let row = self.catch_up().await;
            assert_eq!(
                row.status,
                SyncStatus::Completed,
                "{:?}",
                row.failure_reason
            );
        }
    }

    /// From now on the provider misbehaves in these ways and no others.
    pub fn change_faults(&mut self, faults: FaultPlan) {
        self.server = Arc::new(samsara(&self.world, &faults));
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let transport: Arc<dyn Transport> = Arc::new(InProcessTransport::new(
            Arc::clone(&self.server),
            Arc::clone(&clock),
        ));
        self.engine = engine(&self.store, transport, clock, self.config.seed ^ 1, None);
        self.config.faults = faults;
    }

    /// How often the provider was asked.
    pub fn requests_so_far(&self) -> u64 {
        self.server.requests()
    }

    pub async fn truth(&self) -> Truth {
        let ids = self.connection().await.ids();
        self.server.truth(&ids, self.clock.now())
    }
}

pub fn samsara(world: &Arc<World>, faults: &FaultPlan) -> SamsaraServer {
    let config = SamsaraConfig {
        rate_limits: false,
        ..SamsaraConfig::default()
    };
    SamsaraServer::new(Arc::clone(world), faults.clone(), config)
}

pub fn engine(
    store: &Store,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    seed: u64,
    probe: Option<Arc<dyn Probe>>,
) -> Engine {
    let config = EngineConfig {
        owner: format!("test-{seed}"),
        workers: 2,
        lease: Duration::from_secs(60),
        cadence: Duration::from_secs(900),
        jitter: Duration::ZERO,
        longest_nap: Duration::from_secs(3_600),
        raw_retention: None,
        live_cache: Duration::from_secs(5),
        link_base_url: "https://link.example.test".to_owned(),
        base_urls: BTreeMap::from([("samsara".to_owned(), "http://samsara.test".to_owned())]),
    };
    let entropy = Arc::new(SeededEntropy::new(seed ^ 0xE4E4));
    Engine::new(
        config,
        EngineParts {
            store: store.clone(),
            transport,
            clock,
            entropy,
            probe,
        },
    )
}

/// An application and a connection to the simulated Samsara: synced by itself at `cadence` when
/// there is one, else on request only.
pub async fn connect(
    store: &Store,
    seed: u64,
    now: Timestamp,
    cadence: Option<Duration>,
) -> ConnectionId {
    let application = ApplicationId::new(now, u128::from(seed));
    store
        .create_application(&Application {
            id: application,
            name: "Test".to_owned(),
            created_at: now,
        })
        .await
        .expect("an application is made");
    let connection = NewConnection {
        id: ConnectionId::new(now, u128::from(seed)),
        application,
        provider: "samsara".to_owned(),
        company: Company::default(),
        external_id: None,
        tags: Vec::new(),
        sync_mode: cadence.map_or(SyncMode::Manual, |_| SyncMode::Automatic),
        token: Secret::new(format!("con_tkn_{seed:032}")),
        credentials: Secret::new(format!(r#"{{"apiKey":"{TOKEN}"}}"#)),
        base_url: None,
        cadence,
        history_from: None,
        zone: None,
        next_sync_at: cadence.map(|cadence| now.saturating_add(cadence)),
        created_at: now,
    };
    store
        .insert_connection(&connection)
        .await
        .expect("a connection is made")
        .id
}
