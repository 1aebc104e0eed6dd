//! A whole simulated fleet, synced with every fault on, against everything the simulator knows.

use model::sync::SyncStatus;
use simulator::FaultPlan;
use store::Execution;
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use testkit::truth;

async fn check(seed: u64, database: TestDatabase) {
    let config = FleetConfig {
        faults: FaultPlan::all(seed),
        ..FleetConfig::demo_sized(seed)
    };
    let fleet = Fleet::new(config, database).await;
    let first = fleet.backfill().await;
    assert_eq!(
        first.status,
        SyncStatus::Completed,
        "{:?}",
        first.failure_reason
    );
    fleet.settle().await;
    let truth = fleet.truth().await;
    let differences = truth::compare(&fleet.store, fleet.connection, &truth).await;
    println!(
        "seed {seed}: {} vehicles, {} drivers, {} groups, {} locations, {} stats",
        differences.vehicles,
        differences.drivers,
        differences.groups,
        differences.locations,
        differences.stats
    );
    assert!(differences.is_empty(), "seed {seed}:\n{differences}");
    assert!(
        differences.locations > 10_000 && differences.stats > 10_000,
        "a fleet that moved"
    );
    let last = fleet.catch_up().await;
    assert_eq!(
        last.issues.len(),
        1,
        "the forbidden stream, and nothing else, is an issue"
    );
}

async fn check_postgres(seed: u64) {
    if let Some(database) = TestDatabase::postgres().await {
        check(seed, database).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_holds_the_truth_seed_1() {
    check(1, TestDatabase::sqlite(Execution::Threads)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_holds_the_truth_seed_2() {
    check(2, TestDatabase::sqlite(Execution::Threads)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_holds_the_truth_seed_3() {
    check(3, TestDatabase::sqlite(Execution::Threads)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_holds_the_truth_seed_1() {
    check_postgres(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_holds_the_truth_seed_2() {
    check_postgres(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_holds_the_truth_seed_3() {
    check_postgres(3).await;
}
