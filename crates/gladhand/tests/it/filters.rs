//! A connection's filters limit what is read, not only what is shown.

use model::connection::{ConnectionFilters, EntityFilter};
use model::sync::SyncStatus;
use model::{Model, Timestamp, VehicleId, Window};
use store::{ConnectionPatch, Execution, HistoryKinds, RecordOrder, RecordQuery};
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use testkit::truth;

async fn excludes(fleet: &Fleet, vehicles: Vec<VehicleId>) {
    let patch = ConnectionPatch {
        filters: Some(ConnectionFilters {
            vehicles: Some(EntityFilter {
                status: None,
                exclude_ids: vehicles,
                include_ids: Vec::new(),
            }),
            drivers: None,
        }),
        ..ConnectionPatch::default()
    };
    fleet
        .store
        .update_connection(fleet.connection, &patch, Timestamp::from_millis(0))
        .await
        .expect("the filters are taken");
}

/// Rows of a vehicle: points, and records other than itself and its devices.
async fn rows_of(fleet: &Fleet, vehicle: VehicleId) -> usize {
    let (store, connection) = (&fleet.store, fleet.connection);
    let mut rows = 0;
    for kinds in [HistoryKinds::Locations, HistoryKinds::Stats(Vec::new())] {
        let points = truth::history(store, connection, vehicle, kinds, 5_000).await;
        rows += points.len();
    }
    let listed = [Model::Vehicle, Model::Device, Model::HosLog];
    for model in Model::ALL.into_iter().filter(|m| !listed.contains(m)) {
        let query = RecordQuery {
            vehicles: vec![vehicle],
            ..RecordQuery::of(model, RecordOrder::Modified, 1_000)
        };
        let page = store.list_records(connection, &query, &|_| true).await;
        rows += page.expect("the store answers").records.len();
    }
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_excluded_vehicle_is_not_read_and_an_included_one_is_backfilled() {
    let config = FleetConfig::small(3);
    let fleet = Fleet::new(config, TestDatabase::sqlite(Execution::Threads)).await;
    let truth = fleet.truth().await;
    let everything = Window {
        from: fleet.world.config().begins_at,
        until: Timestamp::MAX,
    };
    let driven = truth
        .vehicle_ids()
        .into_iter()
        .find(|vehicle| truth.locations(*vehicle, everything).len() > 100)
        .expect("a truck that drove");
    excludes(&fleet, vec![driven]).await;
    for _ in 0..3 {
        let sync = match fleet.requests_so_far() {
            0 => fleet.backfill().await,
            _ => fleet.catch_up().await,
        };
        assert_eq!(sync.status, SyncStatus::Completed);
    }
    assert_eq!(rows_of(&fleet, driven).await, 0, "nothing of it was read");
    let others: Vec<VehicleId> = truth
        .vehicle_ids()
        .into_iter()
        .filter(|id| *id != driven)
        .collect();
    let mut read = 0;
    for vehicle in others {
        read += rows_of(&fleet, vehicle).await;
    }
    assert!(read > 100, "the others were");

    // Included again, it is backfilled to where the others were read from.
    excludes(&fleet, Vec::new()).await;
    let sync = fleet.catch_up().await;
    assert_eq!(sync.status, SyncStatus::Completed);
    fleet.settle().await;
    let truth = fleet.truth().await;
    let differences = truth::compare(&fleet.store, fleet.connection, &*truth).await;
    assert!(differences.is_empty(), "{differences}");
}
