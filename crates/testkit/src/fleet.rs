//! A simulated fleet, a store and an engine between them, all in one process and in manual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, EngineConfig, EngineParts, OAuthApp, Probe, StartFrom, SyncRequest};
use model::connection::{Company, SyncMode};
use model::sync::SyncStatus;
use model::{ApplicationId, ConnectionId, Secret, Timestamp};
use simulator::{
    FaultPlan, InProcessTransport, SimulatedProvider, Truth, Vendor, VendorOptions, World,
    WorldConfig,
};
use store::{Application, Connection, NewConnection, Store, SyncRow};
use world::{Clock, ManualClock, SeededEntropy, Transport};

use crate::databases::TestDatabase;

/// The token, password or key that simulated servers ask for.
pub const TOKEN: &str = "sim-token";
/// Where hosted pages are.
pub const LINK_URL: &str = "https://link.example.test";

/// When simulated worlds have their present unless a test says otherwise.
pub fn usual_now() -> Timestamp {
    Timestamp::parse("2026-03-04T10:17:00Z").expect("a valid time")
}

#[derive(Clone, Debug)]
pub struct FleetConfig {
    pub seed: u64,
    /// Which providers show the fleet; it has a connection to each.
    pub vendors: Vec<Vendor>,
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
            vendors: vec![Vendor::Samsara],
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

    /// The same fleet at other providers.
    pub fn at(self, vendors: impl Into<Vec<Vendor>>) -> FleetConfig {
        FleetConfig {
            vendors: vendors.into(),
            ..self
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
    /// In the order of the configuration's vendors.
    pub servers: Vec<Arc<dyn SimulatedProvider>>,
    pub clock: Arc<ManualClock>,
    pub store: Store,
    pub engine: Engine,
    /// One a vendor, in the same order.
    pub connections: Vec<ConnectionId>,
    /// The first of them: most fleets have no other.
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
        let servers = servers(&config.vendors, &world, &config.faults);
        let clock = Arc::new(ManualClock::at(usual_now()));
        let time = Arc::clone(&clock) as Arc<dyn Clock>;
        let transport = transport(&servers, Arc::clone(&time));
        let engine = engine(&store, transport, time, config.seed, None);
        let connections = connect(&store, &config.vendors, config.seed, clock.now(), None).await;
        Fleet {
            config,
            world,
            servers,
            clock,
            store,
            engine,
            connection: *connections.first().expect("a fleet has a vendor"),
            connections,
            database,
        }
    }

    /// Of the first vendor.
    pub fn server(&self) -> &Arc<dyn SimulatedProvider> {
        self.servers.first().expect("a fleet has a vendor")
    }

    /// The place of a connection in `connections` and of its server in `servers`.
    fn place(&self, connection: ConnectionId) -> usize {
        let is_it = |known: &ConnectionId| *known == connection;
        let place = self.connections.iter().position(is_it);
        place.expect("the connection is one of the fleet's")
    }

    pub async fn connection(&self) -> Connection {
        self.connection_of(self.connection).await
    }

    pub async fn connection_of(&self, connection: ConnectionId) -> Connection {
        let found = self
            .store
            .connection(connection)
            .await
            .expect("the store answers");
        found.expect("the fleet's connection exists")
    }

    /// Asks for a sync from the world's beginning and runs it to its end.
    pub async fn backfill(&self) -> SyncRow {
        self.backfill_of(self.connection).await
    }

    pub async fn backfill_of(&self, connection: ConnectionId) -> SyncRow {
        let request = SyncRequest {
            start_from: StartFrom::At(self.world.config().begins_at),
            ..SyncRequest::default()
        };
        self.sync(connection, request).await
    }

    /// Asks for a sync that goes on from what was read, and runs it to its end.
    pub async fn catch_up(&self) -> SyncRow {
        self.catch_up_of(self.connection).await
    }

    pub async fn catch_up_of(&self, connection: ConnectionId) -> SyncRow {
        self.sync(connection, SyncRequest::default()).await
    }

    async fn sync(&self, connection: ConnectionId, request: SyncRequest) -> SyncRow {
        let connection = self.connection_of(connection).await;
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

    /// Lets hours pass with a sync of every connection in each, so that every re-read falls due and
    /// late, edited and withdrawn rows are seen as they ended up.
    pub async fn settle(&self) {
        for _ in 0..80 {
            self.clock.advance(Duration::from_secs(3_600));
            for connection in &self.connections {
                let row = self.catch_up_of(*connection).await;
                assert_eq!(
                    row.status,
                    SyncStatus::Completed,
                    "{:?}",
                    row.failure_reason
                );
            }
        }
    }

    /// From now on the providers misbehave in these ways and no others.
    pub fn change_faults(&mut self, faults: FaultPlan) {
        self.servers = servers(&self.config.vendors, &self.world, &faults);
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let transport = transport(&self.servers, Arc::clone(&clock));
        self.engine = engine(&self.store, transport, clock, self.config.seed ^ 1, None);
        self.config.faults = faults;
    }

    /// How often the providers were asked.
    pub fn requests_so_far(&self) -> u64 {
        self.servers.iter().map(|server| server.requests()).sum()
    }

    pub async fn truth(&self) -> Box<dyn Truth> {
        self.truth_of(self.connection).await
    }

    pub async fn truth_of(&self, connection: ConnectionId) -> Box<dyn Truth> {
        let ids = self.connection_of(connection).await.ids();
        self.servers[self.place(connection)].truth(&ids, self.clock.now())
    }
}

/// Where a simulated provider is reached.
fn host(vendor: &str) -> String {
    format!("{vendor}.test")
}

/// Where it sends clients on to, if it does: another port of the same host.
fn second_host(vendor: &str) -> String {
    format!("{vendor}.test:8443")
}

/// Servers over one world, without rate limits.
pub fn servers(
    vendors: &[Vendor],
    world: &Arc<World>,
    faults: &FaultPlan,
) -> Vec<Arc<dyn SimulatedProvider>> {
    let server = |vendor: &Vendor| {
        let options = VendorOptions {
            token: TOKEN.to_owned(),
            rate_limits: false,
            second_host: vendor.has_second_host().then(|| second_host(vendor.name())),
            link_url: LINK_URL.to_owned(),
        };
        vendor.server(world, faults, &options)
    };
    vendors.iter().map(server).collect()
}

/// A network in which each server answers at its own hosts, and the first at all others.
pub fn transport(
    servers: &[Arc<dyn SimulatedProvider>],
    clock: Arc<dyn Clock>,
) -> Arc<dyn Transport> {
    let first = servers.first().expect("there is a server");
    let mut transport = InProcessTransport::new(first.clone(), clock);
    for server in servers {
        for host in [host(server.provider()), second_host(server.provider())] {
            transport = transport.with_host(host, server.clone());
        }
    }
    Arc::new(transport)
}

/// The apps that simulated providers know, by provider.
fn oauth_apps() -> BTreeMap<String, OAuthApp> {
    let app = |vendor: Vendor| {
        let known = vendor.app(LINK_URL)?;
        let app = OAuthApp {
            client_id: known.client_id,
            client_secret: Secret::new(known.client_secret),
            redirect_uri: known.redirect_uri,
        };
        Some((vendor.name().to_owned(), app))
    };
    Vendor::ALL.into_iter().filter_map(app).collect()
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
        link_base_url: LINK_URL.to_owned(),
        oauth_apps: oauth_apps(),
        base_urls: Vendor::ALL
            .map(|vendor| {
                let url = format!("http://{}", host(vendor.name()));
                (vendor.name().to_owned(), url)
            })
            .into(),
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

/// An application with a connection to each of the vendors: synced by itself at `cadence` when
/// there is one, else on request only.
pub async fn connect(
    store: &Store,
    vendors: &[Vendor],
    seed: u64,
    now: Timestamp,
    cadence: Option<Duration>,
) -> Vec<ConnectionId> {
    let application = ApplicationId::new(now, u128::from(seed));
    store
        .create_application(&Application::new(application, "Test", now))
        .await
        .expect("an application is made");
    let mut connections = Vec::new();
    for (number, vendor) in (0_u8..).zip(vendors) {
        let connection = NewConnection {
            id: ConnectionId::new(now, u128::from(number) << 64 | u128::from(seed)),
            application,
            provider: vendor.name().to_owned(),
            company: Company::default(),
            external_id: None,
            tags: Vec::new(),
            sync_mode: cadence.map_or(SyncMode::Manual, |_| SyncMode::Automatic),
            token: Secret::new(format!("con_tkn_{number}{seed:031}")),
            credentials: credentials(*vendor),
            base_url: None,
            cadence,
            history_from: None,
            zone: None,
            next_sync_at: cadence.map(|cadence| now.saturating_add(cadence)),
            created_at: now,
        };
        let made = store.insert_connection(&connection).await;
        connections.push(made.expect("a connection is made").id);
    }
    connections
}

/// What opens the account at a simulated server, as connections keep it.
pub fn credentials(vendor: Vendor) -> Secret {
    let named: BTreeMap<&str, String> = vendor.credentials(TOKEN).into_iter().collect();
    Secret::new(serde_json::to_string(&named).expect("texts are JSON"))
}
