//! A whole simulated fleet, synced with every fault on, against everything the simulator knows.

use model::issue::{Issue, IssueCode, IssueStatus};
use model::sync::SyncStatus;
use simulator::FaultPlan;
use store::{Execution, IssueQuery};
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use testkit::truth;

async fn check(seed: u64, database: TestDatabase) {
    let config = FleetConfig {
        faults: FaultPlan::all(seed),
        ..FleetConfig::demo_sized(seed)
    };
    let mut fleet = Fleet::new(config, database).await;
    let first = fleet.backfill().await;
    assert_eq!(
        first.status,
        SyncStatus::Completed,
        "{:?}",
        first.failure_reason
    );
    fleet.settle().await;
    let last = fleet.catch_up().await;
    assert_eq!(
        last.issues.len(),
        1,
        "the forbidden stream, and nothing else, is an issue"
    );
    holds_the_truth(&fleet).await;
    assert_eq!(issue(&fleet).await.status, IssueStatus::Ongoing);

    // The owner grants what was forbidden: what stayed open for it is read, and the issue ends.
    let faults = FaultPlan {
        forbid: None,
        ..fleet.config.faults.clone()
    };
    fleet.change_faults(faults);
    let granted = fleet.catch_up().await;
    assert_eq!(
        granted.status,
        SyncStatus::Completed,
        "{:?}",
        granted.failure_reason
    );
    assert_eq!(granted.issues, []);
    holds_the_truth(&fleet).await;
    assert_eq!(issue(&fleet).await.status, IssueStatus::Resolved);
}

async fn holds_the_truth(fleet: &Fleet) {
    let truth = fleet.truth().await;
    let differences = truth::compare(&fleet.store, fleet.connection, &truth).await;
    println!(
        "seed {}: {} vehicles, {} drivers, {} groups, {} locations, {} stats",
        fleet.config.seed,
        differences.vehicles,
        differences.drivers,
        differences.groups,
        differences.locations,
        differences.stats
    );
    assert!(
        differences.is_empty(),
        "seed {}:\n{differences}",
        fleet.config.seed
    );
    let moved = differences.locations > 10_000 && differences.stats > 10_000;
    assert!(moved, "a fleet that moved");
}

/// The only issue that the fleet's connection ever had.
async fn issue(fleet: &Fleet) -> Issue {
    let application = fleet.connection().await.application;
    let query = IssueQuery {
        limit: 10,
        ..IssueQuery::default()
    };
    let issues = fleet
        .store
        .list_issues(application, &query)
        .await
        .expect("the store answers");
    let [issue] = issues.as_slice() else {
        panic!("one issue, not {issues:?}")
    };
    assert_eq!(issue.code, IssueCode::PermissionMissing);
    issue.clone()
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
