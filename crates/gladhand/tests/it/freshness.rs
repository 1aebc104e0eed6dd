//! What arrives late is there after the next sync: feeds beside history.

use std::time::Duration;

use model::sync::SyncStatus;
use simulator::FaultPlan;
use store::Execution;
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use testkit::truth;

const CADENCE: Duration = Duration::from_secs(15 * 60);
const SYNCS: u32 = 60;

/// Rows come up to 20 hours late. Read by window alone they would be missing until their window is
/// read again; the feed brings each of them when it arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_rows_are_there_at_the_next_sync() {
    let config = FleetConfig {
        vehicles: 5,
        drivers: 5,
        parked: false,
        faults: FaultPlan {
            seed: 5,
            late: true,
            ..FaultPlan::none()
        },
        ..FleetConfig::small(5)
    };
    let fleet = Fleet::new(config, TestDatabase::sqlite(Execution::Threads)).await;
    let first = fleet.backfill().await;
    assert_eq!(first.status, SyncStatus::Completed);
    let mut points = 0;
    for round in 0..SYNCS {
        fleet.clock.advance(CADENCE);
        let sync = fleet.catch_up().await;
        assert_eq!(sync.status, SyncStatus::Completed);
        if round % 4 == 3 {
            let truth = fleet.truth().await;
            let found = truth::compare_history(&fleet.store, fleet.connection, &*truth).await;
            assert!(found.is_empty(), "after sync {round}:\n{found}");
            points = found.locations + found.stats;
        }
    }
    assert!(points > 1_000, "a fleet that moved");
}
