//! The server process killed at random moments of its syncs, twenty times over.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::{ConnectionId, Model, Timestamp, VehicleId};
use simulator::{FaultPlan, SimulatedProvider, Vendor, World, WorldConfig};
use store::{HistoryKinds, Store};
use testkit::fleet;
use testkit::process::{Program, PublicApi, Server, wait_until};
use testkit::temporary::TemporaryDirectory;
use testkit::truth;
use world::{Clock, Method, Rng, SystemClock};

const KILLS: u32 = 20;
const SEED: u64 = 11;

struct Scene {
    program: Program,
    samsara: Arc<dyn SimulatedProvider>,
    connection: ConnectionId,
    api: PublicApi,
}

/// A fleet that stands still since a while, behind a server that misbehaves.
fn misbehaving() -> Arc<dyn SimulatedProvider> {
    let now = SystemClock.now();
    let config = WorldConfig::days_before(now, 2, SEED);
    let world = World::new(WorldConfig {
        vehicles: 8,
        drivers: 8,
        ends_at: Some(now.saturating_sub(Duration::from_secs(600))),
        ..config
    });
    let faults = FaultPlan {
        seed: SEED,
        throttle: true,
        errors: true,
        truncate: true,
        repeat: true,
        empty_pages: true,
        ..FaultPlan::none()
    };
    let servers = fleet::servers(&[Vendor::Samsara], &Arc::new(world), &faults);
    Arc::clone(&servers[0])
}

impl Scene {
    fn new(data: &Path, samsara: Arc<dyn SimulatedProvider>, samsara_url: &str) -> Scene {
        let program = Program {
            binary: env!("CARGO_BIN_EXE_gladhand").into(),
            data: data.to_owned(),
            settings: vec![
                "sync.lease_seconds=2".to_owned(),
                // The test looks at its sync more often than a client may.
                "api.requests_per_second_per_connection=0".to_owned(),
                format!("providers.samsara.base_url={samsara_url}"),
            ],
        };
        program.run(&["application", "create", "Kill test"]);
        let key = program.run(&["key", "create"]);
        let made = program.run(&[
            "connection",
            "create",
            "--provider",
            "samsara",
            "--credential",
            "apiKey=sim-token",
            "--sync-mode",
            "manual",
            "--days",
            "2",
        ]);
        let text = |value: &serde_json::Value, member: &str| -> String {
            value[member]
                .as_str()
                .unwrap_or_else(|| panic!("no {member} in {value}"))
                .to_owned()
        };
        let connection = text(&made, "id").parse().expect("a connection's id");
        let api = PublicApi::new(&text(&key, "key"), &text(&made, "token"));
        Scene {
            program,
            samsara,
            connection,
            api,
        }
    }

    async fn newest_sync(&self, server: &Server) -> serde_json::Value {
        let url = format!("{}/tsp/v1/syncs?limit=1", server.base_url);
        let (status, body) = self.api.call(Method::Get, url, None).await;
        assert_eq!(status, 200, "{body}");
        body["results"][0].clone()
    }

    /// Makes sure that a sync is there to be killed.
    async fn have_a_sync(&self, server: &Server) {
        let newest = self.newest_sync(server).await;
        if matches!(newest["status"].as_str(), Some("requested" | "in_progress")) {
            return;
        }
        let url = format!("{}/tsp/v1/syncs", server.base_url);
        let (status, body) = self
            .api
            .call(Method::Post, url, Some(r#"{"days":2}"#))
            .await;
        assert_eq!(status, 201, "{body}");
    }

    /// Waits until nothing is under way, and tells how the newest sync ended.
    async fn finished_sync(&self, server: &Server) -> serde_json::Value {
        wait_until("the sync to be over", async || {
            let newest = self.newest_sync(server).await;
            matches!(newest["status"].as_str(), Some("completed" | "failed"))
        })
        .await;
        self.newest_sync(server).await
    }

    async fn open_store(&self) -> Store {
        testkit::databases::open_data_directory(&self.program.data).await
    }
}

/// When each record and each point of a store was last modified.
async fn modified(
    store: &Store,
    connection: ConnectionId,
    vehicles: &[VehicleId],
) -> BTreeMap<String, Timestamp> {
    let mut times = BTreeMap::new();
    // Drivers' days grow while they last.
    for model in Model::ALL
        .into_iter()
        .filter(|model| *model != Model::HosDailyLog)
    {
        times.extend(truth::modified_times(store, connection, model).await);
    }
    for vehicle in vehicles {
        for kinds in [HistoryKinds::Locations, HistoryKinds::Stats(Vec::new())] {
            let rows = truth::history(store, connection, *vehicle, kinds, 10_000).await;
            times.extend(
                rows.iter()
                    .map(|row| (row.ulid.to_string(), row.modified_at)),
            );
        }
    }
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_twenty_times_ends_up_with_the_truth() {
    let samsara = misbehaving();
    let address = "127.0.0.1:0".parse().expect("an address");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let provider = simulator::serve(address, samsara.clone(), clock, None)
        .await
        .expect("the simulator listens");
    let data = TemporaryDirectory::new("kill");
    let scene = Scene::new(data.path(), samsara, &provider.base_url());
    let mut rng = Rng::new(SEED);

    for _ in 0..KILLS {
        let server = scene.program.serve();
        scene.have_a_sync(&server).await;
        let moment = scene.samsara.requests() + rng.below(14);
        wait_until("the provider to be asked", async || {
            scene.samsara.requests() >= moment || {
                let newest = scene.newest_sync(&server).await;
                !matches!(newest["status"].as_str(), Some("requested" | "in_progress"))
            }
        })
        .await;
        server.kill();
    }

    let server = scene.program.serve();
    scene.have_a_sync(&server).await;
    let sync = scene.finished_sync(&server).await;
    assert_eq!(sync["status"], "completed", "{sync}");
    server.stop();

    let store = scene.open_store().await;
    let connection = store
        .connection(scene.connection)
        .await
        .expect("the store answers");
    let ids = connection.expect("the connection exists").ids();
    let now = SystemClock.now();
    let truth = scene.samsara.truth(&ids, now);
    let vehicles: Vec<VehicleId> = truth.vehicles().iter().map(|vehicle| vehicle.id).collect();
    let differences = truth::compare_days_until(&store, scene.connection, &*truth, now).await;
    assert!(differences.is_empty(), "{differences}");
    let before = modified(&store, scene.connection, &vehicles).await;
    drop(store);

    // Everything is read once more: nothing has changed, so nothing may move.
    let server = scene.program.serve();
    scene.have_a_sync(&server).await;
    let sync = scene.finished_sync(&server).await;
    assert_eq!(sync["status"], "completed", "{sync}");
    server.stop();
    let store = scene.open_store().await;
    let after = modified(&store, scene.connection, &vehicles).await;
    println!("{} records and points, none moved", after.len());
    assert_eq!(before.len(), after.len());
    let moved: Vec<_> = before
        .iter()
        .filter(|(id, time)| after.get(*id) != Some(*time))
        .collect();
    assert!(
        moved.is_empty(),
        "modifiedAt moved without a change: {:?}",
        &moved[..5.min(moved.len())]
    );
    assert!(before.len() > 5_000, "a fleet that moved");
}
