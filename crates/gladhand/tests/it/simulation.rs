//! Engine and store under a seeded schedule, in virtual time, with crashes before and after
//! commits.
//!
//! Each life of the server is a runtime of its own under tokio's paused clock; a crash drops it
//! with all its tasks, wherever they are. The store runs inline, so that no reply from another
//! thread loses against a time-out that virtual time has made instant.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::{Probe, ProbePoint, StartFrom, SyncRequest};
use model::sync::SyncStatus;
use model::{ConnectionId, SyncId, Timestamp};
use simulator::{FaultPlan, SimulatedProvider, Vendor};
use store::{Store, SyncQuery};
use testkit::databases::TestDatabase;
use testkit::fleet::{self, FleetConfig};
use testkit::truth;
use tokio::sync::mpsc;
use world::{Clock, Rng, SystemClock, VirtualClock};

const CADENCE: Duration = Duration::from_secs(4 * 3_600);
/// Long enough for the last re-read of the last day.
const HORIZON: Duration = Duration::from_secs(76 * 3_600);
const MOST_CRASHES: u32 = 6;

/// Ends the world at points that the seed chooses.
struct Crasher {
    rng: Mutex<Rng>,
    left: AtomicU32,
    crash: mpsc::UnboundedSender<ProbePoint>,
}

impl Probe for Crasher {
    fn reached(
        &self,
        point: ProbePoint,
        _sync: SyncId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let strikes = self.rng.lock().expect("nobody panicked").chance(0.12);
        let spend = |left: u32| left.checked_sub(1);
        if strikes
            && self
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend)
                .is_ok()
        {
            // The receiver is the life that this ends.
            let _ = self.crash.send(point);
            return Box::pin(std::future::pending());
        }
        Box::pin(std::future::ready(()))
    }
}

/// What one seed makes of the world, across lives.
struct Seed {
    seed: u64,
    vendor: Vendor,
    database: TestDatabase,
    servers: Vec<Arc<dyn SimulatedProvider>>,
    begins_at: Timestamp,
    crashes: Vec<ProbePoint>,
}

enum LifeEnd {
    Crashed(Timestamp, ProbePoint),
    Horizon,
}

impl Seed {
    fn new(vendor: Vendor, seed: u64) -> Seed {
        let config = FleetConfig {
            vehicles: 2,
            drivers: 3,
            faults: FaultPlan {
                forbid: None,
                ..FaultPlan::all(seed)
            },
            ..FleetConfig::small(seed).at([vendor])
        };
        let world = Arc::new(config.world());
        Seed {
            seed,
            vendor,
            database: TestDatabase::sqlite_in_memory_backed_file(),
            servers: fleet::servers(&config.vendors, &world, &config.faults),
            begins_at: world.config().begins_at,
            crashes: Vec::new(),
        }
    }

    /// Runs the server from `now` until it crashes or the horizon is reached.
    fn live(
        &mut self,
        now: Timestamp,
        connection: Option<ConnectionId>,
    ) -> (LifeEnd, ConnectionId) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime starts");
        let horizon = fleet::usual_now().saturating_add(HORIZON);
        runtime.block_on(async {
            let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at(now));
            let store = self.database.open().await;
            store.void_leases().await.expect("the store answers");
            let (crash, mut crashed) = mpsc::unbounded_channel();
            let probe = Crasher {
                rng: Mutex::new(Rng::new(self.seed).fork(self.crashes.len() as u64)),
                left: AtomicU32::new(u32::from((self.crashes.len() as u32) < MOST_CRASHES)),
                crash,
            };
            let transport = fleet::transport(&self.servers, Arc::clone(&clock));
            let label = self.seed.wrapping_add((self.crashes.len() as u64) << 32);
            let engine = fleet::engine(
                &store,
                transport,
                Arc::clone(&clock),
                label,
                Some(Arc::new(probe)),
            );
            let connection = match connection {
                Some(connection) => connection,
                None => self.begin(&store, &engine, now).await,
            };
            let (_stay, stop) = tokio::sync::watch::channel(false);
            let running = engine.clone();
            tokio::spawn(async move { running.run(stop).await });
            let end = tokio::select! {
                Some(point) = crashed.recv() => LifeEnd::Crashed(clock.now(), point),
                () = clock.sleep(horizon.since(now)) => LifeEnd::Horizon,
            };
            (end, connection)
        })
    }

    async fn begin(&self, store: &Store, engine: &engine::Engine, now: Timestamp) -> ConnectionId {
        let made = fleet::connect(store, &[self.vendor], self.seed, now, Some(CADENCE)).await;
        let id = made[0];
        let connection = store.connection(id).await.expect("the store answers");
        let request = SyncRequest {
            start_from: StartFrom::At(self.begins_at),
            ..SyncRequest::default()
        };
        engine
            .request_sync(&connection.expect("it was just made"), request)
            .await
            .expect("a sync is made");
        id
    }

    /// The store against the truth, and syncs against their own rules.
    fn judge(&self, connection: ConnectionId) -> Result<(), String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        let now = fleet::usual_now().saturating_add(HORIZON);
        runtime.block_on(async {
            let store = self.database.open().await;
            let found = store
                .connection(connection)
                .await
                .expect("the store answers");
            let truth = self.servers[0].truth(&found.expect("it exists").ids(), now);
            // Where no provider counts a day, it grows with every moment until it is over.
            let over_by = match self.vendor {
                Vendor::Geotab => now.saturating_sub(CADENCE),
                Vendor::Samsara | Vendor::Motive => Timestamp::MAX,
            };
            let differences = truth::compare_days_until(&store, connection, &*truth, over_by);
            let differences = differences.await;
            if !differences.is_empty() {
                return Err(differences.to_string());
            }
            let query = SyncQuery {
                limit: 1_000,
                ..SyncQuery::default()
            };
            let syncs = store
                .list_syncs(connection, &query)
                .await
                .expect("the store answers");
            match syncs
                .iter()
                .find(|sync| sync.status != SyncStatus::Completed || sync.progress != 100.0)
            {
                Some(sync) => Err(format!("a sync did not complete: {sync:?}")),
                None => Ok(()),
            }
        })
    }
}

fn run(vendor: Vendor, number: u64) -> Result<usize, String> {
    let mut seed = Seed::new(vendor, number);
    let (mut now, mut connection) = (fleet::usual_now(), None);
    loop {
        let (end, id) = seed.live(now, connection);
        connection = Some(id);
        match end {
            LifeEnd::Crashed(at, point) => {
                seed.crashes.push(point);
                now = at.saturating_add(Duration::from_secs(1));
            }
            LifeEnd::Horizon => break,
        }
    }
    let told = |text: String| {
        format!(
            "{vendor}, seed {number}, crashes at {:?}:\n{text}",
            seed.crashes
        )
    };
    let connection = connection.ok_or_else(|| told("no life began".to_owned()))?;
    seed.judge(connection).map_err(told)?;
    Ok(seed.crashes.len())
}

#[test]
fn a_hundred_seeds_of_crashes_and_faults_leave_the_truth() {
    check(Vendor::Samsara, 100);
}

/// Sessions, watches and complete feeds are of this provider alone.
#[test]
fn crashes_leave_the_truth_at_geotab() {
    check(Vendor::Geotab, 40);
}

#[test]
fn crashes_leave_the_truth_at_motive() {
    check(Vendor::Motive, 20);
}

/// `GLADHAND_TEST_SEED` repeats one seed.
fn check(vendor: Vendor, count: u64) {
    let started = SystemClock.now();
    let only = std::env::var("GLADHAND_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seeds: Vec<u64> = only.map_or_else(|| (0..count).collect(), |seed| vec![seed]);
    let next = AtomicU32::new(0);
    let failures = Mutex::new(Vec::new());
    let crashes = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::SeqCst) as usize) {
                    match run(vendor, *seed) {
                        Ok(count) => {
                            crashes.fetch_add(count as u32, Ordering::SeqCst);
                        }
                        Err(failure) => failures.lock().expect("nobody panicked").push(failure),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("nobody panicked");
    println!(
        "{vendor}: {} seeds, {} crashes, {:.1} s",
        seeds.len(),
        crashes.load(Ordering::SeqCst),
        SystemClock.now().since(started).as_secs_f64()
    );
    assert!(
        failures.is_empty(),
        "repeat with GLADHAND_TEST_SEED:\n{}",
        failures.join("\n")
    );
}
