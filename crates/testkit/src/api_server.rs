//! The API over a simulated fleet, with an application, keys and connections, all in one process.
//!
//! Nothing listens on a socket and no sync runs by itself: a test asks for what it wants and time
//! stands still until the test moves it.

use std::sync::Arc;
use std::time::Duration;

use api::admin::operations::{self, ConnectionRequest};
use api::admin::tenants;
use api::{Api, ApiConfig};
use engine::SyncRequest;
use model::connection::{Company, SyncMode};
use model::history::LocationPoint;
use model::sync::SyncStatus;
use model::{
    ApplicationId, Points, Secret, SeriesKey, SeriesKind, SeriesPoints, Timestamp, Values,
    VehicleId,
};
use store::{
    Checkpoint, Connection, Environment, Execution, KeyKind, PagePoints, Store, SyncOutcome,
};
use world::{Clock, SeededEntropy, Transport};

use crate::client::Client;
use crate::databases::TestDatabase;
use crate::fleet::{self, Fleet, FleetConfig};

/// Where clients of test servers would reach them.
pub const PUBLIC_BASE_URL: &str = "http://gladhand.test";

pub struct ApiServer {
    pub fleet: Fleet,
    /// Of the fleet's connection.
    pub application: ApplicationId,
    /// With a secret key of the application and the token of the fleet's connection.
    pub client: Client,
    config: ApiConfig,
    /// Keys, tokens and ids are drawn from it.
    entropy: SeededEntropy,
}

impl ApiServer {
    /// A small fleet that was never synced.
    pub async fn bare() -> ApiServer {
        ApiServer::new(FleetConfig::small(1)).await
    }

    /// A small fleet after its first sync.
    pub async fn synced() -> ApiServer {
        ApiServer::synced_from(FleetConfig::small(1)).await
    }

    /// The sync comes an hour after the parked fleet's last row: no row is too fresh for it.
    ///
    /// # Panics
    /// When the first sync does not complete.
    pub async fn synced_from(config: FleetConfig) -> ApiServer {
        ApiServer::synced_on(config, TestDatabase::sqlite(Execution::Threads)).await
    }

    /// # Panics
    /// When the first sync does not complete.
    pub async fn synced_on(config: FleetConfig, database: TestDatabase) -> ApiServer {
        let server = ApiServer::on(config, database).await;
        server.fleet.clock.advance(Duration::from_secs(3_600));
        let sync = server.fleet.backfill().await;
        assert_eq!(
            sync.status,
            SyncStatus::Completed,
            "{:?}",
            sync.failure_reason
        );
        server
    }

    /// On SQLite, as it is served.
    pub async fn new(config: FleetConfig) -> ApiServer {
        ApiServer::on(config, TestDatabase::sqlite(Execution::Threads)).await
    }

    pub async fn on(config: FleetConfig, database: TestDatabase) -> ApiServer {
        let fleet = Fleet::new(config, database).await;
        let connection = fleet.connection().await;
        let config = ApiConfig::new(PUBLIC_BASE_URL);
        let router = api::router(Api {
            engine: fleet.engine.clone(),
            config: config.clone(),
        });
        let mut server = ApiServer {
            fleet,
            application: connection.application,
            client: Client::new(router),
            config,
            entropy: SeededEntropy::new(0xA915),
        };
        let key = server
            .make_key(connection.application, KeyKind::Secret)
            .await;
        server.client = server
            .client
            .with_key(&key)
            .with_token(connection.token.reveal());
        server
    }

    fn store(&self) -> &Store {
        &self.fleet.store
    }

    fn now(&self) -> Timestamp {
        self.fleet.clock.now()
    }

    /// The same data behind another configuration, with the same key and token.
    pub fn client_of(&self, change: impl FnOnce(&mut ApiConfig)) -> Client {
        let mut config = self.config.clone();
        change(&mut config);
        let router = api::router(Api {
            engine: self.fleet.engine.clone(),
            config,
        });
        self.client.with_router(router)
    }

    /// The same data with another provider behind it, with the same key and token.
    pub fn client_over(&self, provider: Arc<dyn Transport>) -> Client {
        let clock = Arc::clone(&self.fleet.clock) as Arc<dyn Clock>;
        let engine = fleet::engine(&self.fleet.store, provider, clock, 0x5C21, None);
        let router = api::router(Api {
            engine,
            config: self.config.clone(),
        });
        self.client.with_router(router)
    }

    /// A key's text.
    pub async fn make_key(&self, application: ApplicationId, kind: KeyKind) -> String {
        let made = tenants::create_key(self.store(), &self.entropy, self.now(), application, kind);
        made.await.expect("a key is made").text.reveal().to_owned()
    }

    /// A secret key that was revoked.
    pub async fn make_revoked_key(&self) -> String {
        let text = self.make_key(self.application, KeyKind::Secret).await;
        let found = self.store().find_key(store::hash_secret(&text)).await;
        let key = found
            .expect("the store answers")
            .expect("the key was just made");
        self.store()
            .revoke_key(key.id, self.now())
            .await
            .expect("a key is revoked");
        text
    }

    /// An application of its own, with a secret key and nothing else.
    pub async fn make_application(&self) -> (ApplicationId, String) {
        let (entropy, environment) = (&self.entropy, Environment::Production);
        let store = self.store();
        let made = tenants::create_application(store, entropy, self.now(), "Another", environment);
        let id = made.await.expect("an application is made").id;
        (id, self.make_key(id, KeyKind::Secret).await)
    }

    /// A connection to the simulated fleet, without any sync yet; `change` has the last word.
    pub async fn make_connection(
        &self,
        application: ApplicationId,
        change: impl FnOnce(&mut ConnectionRequest),
    ) -> Connection {
        let mut request = ConnectionRequest {
            application,
            provider: "samsara".to_owned(),
            credentials: Secret::new(format!(r#"{{"apiKey":"{}"}}"#, fleet::TOKEN)),
            external_id: None,
            company: Company::default(),
            tags: Vec::new(),
            sync_mode: SyncMode::Manual,
            base_url: None,
            cadence: None,
            backfill_days: None,
            zone: None,
        };
        change(&mut request);
        let engine = &self.fleet.engine;
        let made = operations::create_connection(engine, &self.entropy, self.now(), request).await;
        made.expect("a connection is made").connection
    }

    /// A client of a new connection of the server's own application.
    pub async fn fresh_client(&self) -> Client {
        let connection = self.make_connection(self.application, |_| {}).await;
        self.client.with_token(connection.token.reveal())
    }

    /// Puts so many locations, a second apart, into the history of a vehicle of the fleet's
    /// connection, as a sync would: quicker than simulating months.
    pub async fn store_locations(&self, vehicle: VehicleId, count: i64) {
        let store = self.store();
        let connection = self.fleet.connection().await;
        let engine = &self.fleet.engine;
        let asked = engine
            .request_sync(&connection, SyncRequest::default())
            .await;
        asked.expect("nothing runs");
        let lease_for = Duration::from_secs(60);
        let claimed = store.claim_sync("filler", self.now(), lease_for).await;
        let claim = claimed.expect("the store answers").expect("the sync waits");

        let series = SeriesKey::new(SeriesKind::Location, "gps");
        let mut points = Points::new(series.kind);
        if let Values::Location(columns) = &mut points.values {
            for second in 0..count {
                let time = Timestamp::from_millis(self.now().millis() - (count - second) * 1_000);
                points.time.push(time);
                points.source_id.push(None);
                points.raw_offset.push(u32::MAX);
                columns.push(LocationPoint {
                    latitude_e7: 377_749_295,
                    longitude_e7: -1_224_194_155,
                    heading_centi: None,
                    speed_centi_kph: Some(0),
                    driver: None,
                    address: None,
                });
            }
        }
        let points = PagePoints {
            page: 0,
            points: SeriesPoints {
                vehicle,
                series,
                rank: 0,
                points,
            },
        };
        let prepared = store
            .prepare_history(connection.id, vec![points], Vec::new())
            .await;
        let checkpoint = Checkpoint {
            now: self.now(),
            lease_until: self.now() + lease_for,
            history: Some(prepared.expect("the columns fit")),
            ..Checkpoint::default()
        };
        store
            .commit(&claim.lease, checkpoint)
            .await
            .expect("the lease holds");
        let done = SyncOutcome::Completed {
            clean_streams: Vec::new(),
        };
        store
            .finish_sync(&claim.lease, &done, self.now())
            .await
            .expect("the lease holds");
    }
}
