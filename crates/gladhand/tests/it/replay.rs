//! Stored pages mapped again: with the same mapping nothing changes, with another exactly what the
//! other one says, and back again.

mod mapping;
mod operator;
mod retention;
mod stored;

use std::time::Duration;

use engine::{ReplayError, ReplayRequest, ReplayState, ReplayStatus};
use model::sync::SyncStatus;
use model::{Model, StatType};
use provider::Provider;
use providers::samsara::Samsara;
use serde_json::Value;
use simulator::FaultPlan;
use store::{Execution, RowValue};
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};

use mapping::{Other, REKEYED, TENTH, json_of, renamed};
use stored::Stored;

/// Long enough that rows come late, are edited and withdrawn, and are read again.
const HOURS: u32 = 30;

async fn synced(seed: u64, database: TestDatabase) -> Fleet {
    synced_fleet(7, HOURS, seed, database).await
}

async fn synced_fleet(vehicles: usize, hours: u32, seed: u64, database: TestDatabase) -> Fleet {
    let config = FleetConfig {
        vehicles,
        drivers: 6,
        faults: FaultPlan {
            forbid: None,
            ..FaultPlan::all(seed)
        },
        parked: false,
        ..FleetConfig::small(seed)
    };
    let fleet = Fleet::new(config, database).await;
    let first = fleet.backfill().await;
    assert_eq!(first.status, SyncStatus::Completed, "{first:?}");
    for _ in 0..hours {
        fleet.clock.advance(Duration::from_secs(3_600));
        let row = fleet.catch_up().await;
        assert_eq!(row.status, SyncStatus::Completed, "{row:?}");
    }
    fleet
}

async fn replay(fleet: &Fleet, provider: &'static dyn Provider) -> ReplayStatus {
    replay_as(fleet, provider, ReplayRequest::default()).await
}

async fn replay_as(
    fleet: &Fleet,
    provider: &'static dyn Provider,
    request: ReplayRequest,
) -> ReplayStatus {
    // So that whatever it changes bears another time.
    fleet.clock.advance(Duration::from_secs(60));
    let connection = fleet.connection().await;
    let status = fleet.engine.replay_with(&connection, request, provider);
    let status = status.await.expect("nothing else has the connection");
    assert_eq!(status.status, ReplayState::Completed, "{status:?}");
    assert_eq!(
        (status.progress, status.failure_reason.as_ref()),
        (100.0, None)
    );
    status
}

async fn the_same_mapping(fleet: Fleet) {
    let before = Stored::of(&fleet).await;
    let status = replay(&fleet, &Samsara).await;
    println!("{} points, {:?}", before.points(), status.summary);
    assert!(status.summary.changes_nothing(), "{:#?}", status.summary);
    assert_eq!(status.summary.pages().refused, 0);
    assert!(status.summary.points().unchanged > 0 && status.summary.records().unchanged > 0);
    assert!(before == Stored::of(&fleet).await, "something moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mapping_changes_nothing() {
    the_same_mapping(synced(3, TestDatabase::sqlite(Execution::Threads)).await).await;
}

/// More vehicles than are in memory at once.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_mapping_changes_nothing_of_a_larger_fleet() {
    let database = TestDatabase::sqlite(Execution::Threads);
    the_same_mapping(synced_fleet(70, 3, 4, database).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mapping_changes_nothing_on_postgres() {
    if let Some(database) = TestDatabase::postgres().await {
        the_same_mapping(synced(5, database).await).await;
    }
}

async fn another_mapping_and_back(database: TestDatabase) {
    let fleet = synced(8, database).await;
    let first = Stored::of(&fleet).await;
    let named = first.of_model(Model::Vehicle);
    let named = named
        .iter()
        .filter(|v| json_of(&v.body)["name"].is_string());
    let named = named.count() as u64;
    let devices = first.of_model(Model::Device).len() as u64;
    let uneven = first
        .history
        .values()
        .flatten()
        .filter(|row| match &row.value {
            RowValue::Stat { stat, value } => *stat == StatType::FuelLevel && value % TENTH != 0,
            RowValue::Location { .. } => false,
        });
    let uneven = uneven.count() as u64;
    assert!(named > 0 && devices > 0 && uneven > 0);

    let dry = ReplayRequest {
        dry_run: true,
        ..ReplayRequest::default()
    };
    let told = replay_as(&fleet, &Other::Renamed, dry).await.summary;
    assert!(
        first == Stored::of(&fleet).await,
        "a dry run wrote something"
    );

    let done = replay(&fleet, &Other::Renamed).await.summary;
    assert_eq!(
        told.streams, done.streams,
        "the dry run told something else"
    );
    let vehicles = done.streams["vehicles"].records["vehicle"];
    assert_eq!(
        (vehicles.added, vehicles.changed, vehicles.withdrawn),
        (0, named, 0)
    );
    assert_eq!((done.records().added, done.records().changed), (0, named));
    assert_eq!(done.records().withdrawn, devices);
    let fuel = done.streams["stats.motion"].points["fuel_level"];
    assert_eq!((fuel.added, fuel.modified, fuel.removed), (0, uneven, 0));
    assert_eq!(
        (
            done.points().added,
            done.points().modified,
            done.points().removed
        ),
        (0, uneven, 0)
    );

    let altered = Stored::of(&fleet).await;
    for (id, before) in &first.records {
        match (id.model, altered.records.get(id)) {
            (Model::Device, after) => assert_eq!(after, None),
            (Model::Vehicle, Some(after)) => {
                assert_eq!(json_of(&after.body), json_of(&renamed(&before.body)));
                assert_eq!(
                    (after.deleted_at, after.added_at),
                    (before.deleted_at, before.added_at)
                );
            }
            (_, after) => assert_eq!(after, Some(before)),
        }
    }
    for (vehicle, before) in &first.history {
        let after = &altered.history[vehicle];
        assert_eq!(after.len(), before.len());
        for (after, before) in after.iter().zip(before) {
            match (&after.value, &before.value) {
                (
                    RowValue::Stat { value, .. },
                    RowValue::Stat {
                        stat: StatType::FuelLevel,
                        value: old,
                    },
                ) => {
                    assert_eq!(*value, old - old % TENTH);
                    assert_eq!(after.modified_at == before.modified_at, old % TENTH == 0);
                }
                _ => assert_eq!(after, before),
            }
        }
    }

    let again = replay(&fleet, &Other::Renamed).await.summary;
    assert!(again.changes_nothing(), "{again:#?}");
    let back = replay(&fleet, &Samsara).await.summary;
    assert_eq!(
        (back.records().changed, back.records().withdrawn),
        (named + devices, 0)
    );
    let restored = Stored::of(&fleet).await;
    assert_eq!(restored.plain(), first.plain());
    let again = replay(&fleet, &Samsara).await.summary;
    assert!(again.changes_nothing(), "{again:#?}");
    // And the next sync finds nothing amiss either.
    fleet.catch_up().await;
    assert!(replay(&fleet, &Samsara).await.summary.changes_nothing());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_mapping_changes_what_it_says_and_back() {
    another_mapping_and_back(TestDatabase::sqlite(Execution::Threads)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_mapping_changes_what_it_says_and_back_on_postgres() {
    if let Some(database) = TestDatabase::postgres().await {
        another_mapping_and_back(database).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_derived_follows() {
    let fleet = synced(12, TestDatabase::sqlite(Execution::Threads)).await;
    let first = Stored::of(&fleet).await;
    let readings = first.of_model(Model::FaultReading).len() as u64;
    let events = first.of_model(Model::FaultCodeEvent).len() as u64;
    assert!(readings > 0 && events > 0);
    let done = replay(&fleet, &Other::Faultless).await.summary;
    assert_eq!(
        done.streams["faults"].records["fault_reading"].withdrawn,
        readings
    );
    let derived = done.streams["derived.fault_events"].records["fault_code_event"];
    assert_eq!((derived.added, derived.withdrawn), (0, events));
    let without = Stored::of(&fleet).await;
    assert!(without.of_model(Model::FaultCodeEvent).is_empty());
    assert_eq!(
        without.records.len() as u64,
        first.records.len() as u64 - readings - events
    );
    assert!(
        replay(&fleet, &Other::Faultless)
            .await
            .summary
            .changes_nothing()
    );
    replay(&fleet, &Samsara).await;
    assert_eq!(Stored::of(&fleet).await.plain(), first.plain());
}

/// What a window withdrew stays gone under whichever id it would have now.
#[tokio::test(flavor = "multi_thread")]
async fn windows_speak_of_what_a_replay_brings() {
    // With this seed windows withdrew two rows.
    let fleet = synced(14, TestDatabase::sqlite(Execution::Threads)).await;
    let first = Stored::of(&fleet).await;
    let rows = |stored: &Stored| -> Vec<String> {
        let rows = REKEYED.into_iter().flat_map(|model| stored.of_model(model));
        let mut rows: Vec<String> = rows
            .map(|row| {
                let mut body = json_of(&row.body);
                body["id"] = Value::Null;
                body.to_string()
            })
            .collect();
        rows.sort_unstable();
        rows
    };
    let done = replay(&fleet, &Other::Rekeyed).await.summary;
    assert!(
        done.records().added > rows(&first).len() as u64,
        "a window withdrew some: {:?}",
        done.records()
    );
    let rekeyed = Stored::of(&fleet).await;
    assert_eq!(rows(&rekeyed), rows(&first));
    let again = replay(&fleet, &Other::Rekeyed).await.summary;
    assert!(again.changes_nothing(), "{again:#?}");
    replay(&fleet, &Samsara).await;
    assert_eq!(Stored::of(&fleet).await.plain(), first.plain());
    let again = replay(&fleet, &Samsara).await.summary;
    assert!(again.changes_nothing(), "{again:#?}");
}

/// A replay that got only so far is completed by the next one.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_stays_and_a_later_replay_completes_it() {
    let fleet = synced(16, TestDatabase::sqlite(Execution::Threads)).await;
    let first = Stored::of(&fleet).await;
    let done = replay(&fleet, &Other::RenamedInPart).await.summary;
    let pages = done.pages();
    assert!(pages.refused > 0 && pages.mapped > 0, "{pages:?}");
    assert_eq!(done.refusals.len(), 10);
    assert_eq!(
        (done.points().added, done.points().removed),
        (0, 0),
        "{done:#?}"
    );
    assert_eq!(done.records().added, 0);
    assert!(
        replay(&fleet, &Other::RenamedInPart)
            .await
            .summary
            .changes_nothing()
    );
    replay(&fleet, &Other::Renamed).await;
    assert!(
        replay(&fleet, &Other::Renamed)
            .await
            .summary
            .changes_nothing()
    );
    replay(&fleet, &Samsara).await;
    assert_eq!(Stored::of(&fleet).await.plain(), first.plain());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stream_alone_is_replayed_with_its_feed() {
    let fleet = synced(9, TestDatabase::sqlite(Execution::Threads)).await;
    let one = |name: &str| ReplayRequest {
        stream: Some(name.to_owned()),
        ..ReplayRequest::default()
    };
    let done = replay_as(&fleet, &Other::Renamed, one("feed.motion"))
        .await
        .summary;
    let streams: Vec<&str> = done.streams.keys().map(String::as_str).collect();
    assert_eq!(streams, ["feed.motion", "stats.motion"]);
    assert!(
        done.points().modified > 0 && done.points().removed == 0,
        "{done:#?}"
    );
    let back = replay_as(&fleet, &Samsara, one("stats.motion"))
        .await
        .summary;
    assert_eq!(back.points().modified, done.points().modified);
    let connection = fleet.connection().await;
    let refused = fleet
        .engine
        .start_replay(&connection, one("stats.emotion"))
        .await;
    assert!(
        matches!(refused, Err(ReplayError::UnknownStream { .. })),
        "{refused:?}"
    );
}
