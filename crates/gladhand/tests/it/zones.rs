//! Days and months follow the connection's time zone, there and back.

use model::sync::SyncStatus;
use model::utilization::VehicleUtilizationDay;
use model::{Timestamp, Zone};
use store::{ConnectionPatch, Execution};
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use testkit::truth;

async fn synced_in(fleet: &Fleet, zone: &str) -> Vec<VehicleUtilizationDay> {
    let patch = ConnectionPatch {
        zone: Zone::named(zone),
        ..ConnectionPatch::default()
    };
    fleet
        .store
        .update_connection(fleet.connection, &patch, Timestamp::from_millis(0))
        .await
        .expect("the zone is taken");
    let sync = fleet.catch_up().await;
    assert_eq!(sync.status, SyncStatus::Completed);
    truth::stored(&fleet.store, fleet.connection).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_are_read_again_in_each_zone_that_is_set() {
    let config = FleetConfig::small(4);
    let fleet = Fleet::new(config, TestDatabase::sqlite(Execution::Threads)).await;
    let first = fleet.backfill().await;
    assert_eq!(first.status, SyncStatus::Completed);
    let bounds = |days: &[VehicleUtilizationDay]| -> Vec<_> {
        let mut bounds: Vec<_> = days.iter().map(|day| (day.vehicle, day.start_at)).collect();
        bounds.sort();
        bounds
    };
    let truth = fleet.truth().await;
    let elsewhere = synced_in(&fleet, "America/Denver").await;
    let denver = Zone::named("America/Denver").expect("bundled");
    assert!(!elsewhere.is_empty());
    for day in &elsewhere {
        let date = denver.date_of(day.start_at);
        assert_eq!((day.start_at, day.end_at), {
            let whole = denver.day(date);
            (whole.from, whole.until)
        });
    }
    let back = synced_in(&fleet, "America/Chicago").await;
    assert_eq!(bounds(&back), bounds(&truth.utilization()));
    let differences = truth::compare(&fleet.store, fleet.connection, &*fleet.truth().await).await;
    assert!(differences.is_empty(), "{differences}");
}
