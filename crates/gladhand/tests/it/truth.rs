//! A whole simulated fleet, synced with every fault on, against everything the simulator knows.

use model::issue::{Issue, IssueCode, IssueStatus};
use model::sync::SyncStatus;
use model::{Model, Timestamp};
use simulator::{FaultPlan, Vendor};
use store::{Execution, IssueQuery};
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use testkit::truth;
use world::Clock;

/// What is peculiar about a provider here.
struct Case {
    vendor: Vendor,
    /// What it has nothing of.
    without: &'static [Model],
    /// What requests name that are refused until the owner grants them …
    forbidden: &'static str,
    /// … and what that hides entirely.
    hidden: &'static [Model],
    /// Whether drivers have days after the fleet was parked: one that is not over grows with every
    /// moment of the sync itself.
    days_go_on: bool,
    /// Issues that its fleet has beside the refused requests.
    expects: fn(&Issue) -> bool,
}

const SAMSARA: Case = Case {
    vendor: Vendor::Samsara,
    without: &[Model::IdleEvent],
    forbidden: "batteryMilliVolts",
    hidden: &[],
    days_go_on: false,
    expects: is_untyped_safety_event,
};

/// The common model has no type for some.
fn is_untyped_safety_event(issue: &Issue) -> bool {
    issue.code == IssueCode::ProviderCapabilityNotSupported && issue.stream.starts_with("safety")
}

const GEOTAB: Case = Case {
    vendor: Vendor::Geotab,
    without: &[Model::IdleEvent],
    forbidden: "FuelTaxDetail",
    hidden: &[Model::IftaVehicleMonth],
    days_go_on: true,
    // Faults of the tracker itself are neither J1939 nor OBD-II.
    expects: |issue| {
        issue.code == IssueCode::ProviderCapabilityNotSupported && issue.stream == "faults"
    },
};

const MOTIVE: Case = Case {
    vendor: Vendor::Motive,
    // Its locations name their drivers themselves.
    without: &[Model::DriverAssignment],
    forbidden: "/v1/ifta",
    hidden: &[Model::IftaVehicleMonth],
    days_go_on: false,
    expects: is_untyped_safety_event,
};

impl Case {
    async fn check(&self, seed: u64, database: TestDatabase) {
        let faults = FaultPlan {
            forbid: Some(self.forbidden.to_owned()),
            ..FaultPlan::all(seed)
        };
        let config = FleetConfig {
            faults,
            ..FleetConfig::demo_sized(seed)
        };
        let mut fleet = Fleet::new(config.at([self.vendor]), database).await;
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
        self.holds_the_truth(&fleet, self.hidden).await;
        assert_eq!(self.refused(&fleet).await, [IssueStatus::Ongoing]);

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
        self.holds_the_truth(&fleet, &[]).await;
        assert_eq!(self.refused(&fleet).await, [IssueStatus::Resolved]);
    }

    async fn check_postgres(&self, seed: u64) {
        if let Some(database) = TestDatabase::postgres().await {
            self.check(seed, database).await;
        }
    }

    async fn check_sqlite(&self, seed: u64) {
        self.check(seed, TestDatabase::sqlite(Execution::Threads))
            .await;
    }

    async fn holds_the_truth(&self, fleet: &Fleet, hidden: &[Model]) {
        let truth = fleet.truth().await;
        let over_by = match self.days_go_on {
            true => fleet.clock.now(),
            false => Timestamp::MAX,
        };
        let connection = fleet.connection;
        let compared = truth::compare_days_until(&fleet.store, connection, &*truth, over_by);
        let differences = compared.await;
        let (vendor, seed) = (self.vendor, fleet.config.seed);
        println!(
            "{vendor}, seed {seed}: {} locations ({} with a driver), {} stats, {:?}",
            differences.locations, differences.driven, differences.stats, differences.records
        );
        assert!(
            differences.is_empty(),
            "{vendor}, seed {seed}:\n{differences}"
        );
        let moved = differences.locations > 10_000 && differences.stats > 10_000;
        assert!(moved, "a fleet that moved");
        assert!(differences.driven > 5_000, "drivers are known");
        let empty: Vec<&str> = differences
            .records
            .iter()
            .filter(|(_, count)| **count == 0)
            .map(|(model, _)| *model)
            .collect();
        let without = self.without.iter().chain(hidden);
        let mut without: Vec<&str> = without.map(|model| model.name()).collect();
        without.sort_unstable();
        assert_eq!(empty, without, "models without a row");
    }

    /// How the issues about refused requests stand; others must be expected ones.
    async fn refused(&self, fleet: &Fleet) -> Vec<IssueStatus> {
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
        let (refused, others): (Vec<Issue>, Vec<Issue>) = issues
            .into_iter()
            .partition(|issue| issue.code == IssueCode::PermissionMissing);
        for issue in others {
            assert!((self.expects)(&issue), "{issue:?}");
        }
        refused.iter().map(|issue| issue.status).collect()
    }
}

/// A fleet of three seeds on both databases.
macro_rules! holds_the_truth {
    ($($case:ident $sqlite:ident $postgres:ident $seed:literal,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sqlite() {
                $case.check_sqlite($seed).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $postgres() {
                $case.check_postgres($seed).await;
            }
        )*
    };
}

holds_the_truth! {
    SAMSARA samsara_sqlite_seed_1 samsara_postgres_seed_1 1,
    SAMSARA samsara_sqlite_seed_2 samsara_postgres_seed_2 2,
    SAMSARA samsara_sqlite_seed_3 samsara_postgres_seed_3 3,
    GEOTAB geotab_sqlite_seed_1 geotab_postgres_seed_1 1,
    GEOTAB geotab_sqlite_seed_2 geotab_postgres_seed_2 2,
    GEOTAB geotab_sqlite_seed_3 geotab_postgres_seed_3 3,
    MOTIVE motive_sqlite_seed_1 motive_postgres_seed_1 1,
    MOTIVE motive_sqlite_seed_2 motive_postgres_seed_2 2,
    MOTIVE motive_sqlite_seed_3 motive_postgres_seed_3 3,
}
