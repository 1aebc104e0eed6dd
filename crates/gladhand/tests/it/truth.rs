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
    assert!(!last.issues.is_empty());
    holds_the_truth(&fleet).await;
    assert_eq!(forbidden(&fleet).await.status, IssueStatus::Ongoing);

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
    holds_the_truth(&fleet).await;
    assert_eq!(forbidden(&fleet).await.status, IssueStatus::Resolved);
}

async fn holds_the_truth(fleet: &Fleet) {
    let truth = fleet.truth().await;
    let differences = truth::compare(&fleet.store, fleet.connection, &truth).await;
    println!(
        "seed {}: {} locations ({} with a driver), {} stats, {:?}",
        fleet.config.seed,
        differences.locations,
        differences.driven,
        differences.stats,
        differences.records
    );
    assert!(
        differences.is_empty(),
        "seed {}:\n{differences}",
        fleet.config.seed
    );
    let moved = differences.locations > 10_000 && differences.stats > 10_000;
    assert!(moved, "a fleet that moved");
    assert!(differences.driven > 5_000, "drivers are known");
    let empty: Vec<_> = differences
        .records
        .iter()
        .filter(|(_, n)| **n == 0)
        .collect();
    assert!(empty.is_empty(), "models without a row: {empty:?}");
}

/// The issue of the stream that is forbidden. Beside it there are only issues about safety events
/// that the common model has no type for.
async fn forbidden(fleet: &Fleet) -> Issue {
    let application = fleet.connection().await.application;
    let query = IssueQuery {
        limit: 100,
        ..IssueQuery::default()
    };
    let issues = fleet
        .store
        .list_issues(application, &query)
        .await
        .expect("the store answers");
    let (forbidden, others): (Vec<Issue>, Vec<Issue>) = issues
        .into_iter()
        .partition(|issue| issue.code == IssueCode::PermissionMissing);
    for issue in others {
        let expected = issue.code == IssueCode::ProviderCapabilityNotSupported
            && issue.stream.starts_with("safety");
        assert!(expected, "{issue:?}");
    }
    let [issue] = forbidden.as_slice() else {
        panic!("one issue, not {forbidden:?}")
    };
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
