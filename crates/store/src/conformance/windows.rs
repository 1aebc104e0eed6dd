//! Windows that were read to their end, and what they prove.

use std::collections::BTreeMap;

use model::{Model, RecordId, SeriesKey, SeriesKind, SeriesPoints, Ulid, Window};

use super::bed::{Bed, at, checkpoint, page, trip, ulids};
use crate::*;

const TRIPS: &[Model] = &[Model::Trip];

fn window(member: RecordId, from: i64, until: i64, group: i64) -> WindowEnd {
    WindowEnd {
        stream: "trips",
        models: TRIPS,
        member,
        from: at(from),
        until: at(until),
        seen: Vec::new(),
        group,
    }
}

fn drafts(now: i64, drafts: Vec<PageDraft>) -> Checkpoint {
    Checkpoint {
        drafts,
        ..checkpoint(now)
    }
}

/// Source ids of the trips that are served, in order.
async fn served(bed: &Bed, connection: &Connection, of: &[&str]) -> Vec<String> {
    let query = RecordQuery::of(Model::Trip, RecordOrder::Started, 100);
    let found = bed.store.list_records(connection.id, &query, &|_| true);
    let found = ulids(&found.await.expect("list"));
    let ids = connection.ids();
    let names: BTreeMap<Ulid, &str> = of
        .iter()
        .map(|source_id| (ids.record(Model::Trip, source_id).ulid, *source_id))
        .collect();
    found.iter().map(|id| names[id].to_owned()).collect()
}

pub async fn what_began_in_a_window_and_was_not_listed_is_withdrawn(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let ids = connection.ids();
    let names = ["a", "b", "c", "d", "e"];
    let mut made = vec![
        trip(&connection, "a", "1", 99),
        trip(&connection, "b", "1", 100),
        trip(&connection, "c", "1", 199),
        trip(&connection, "d", "1", 200),
        trip(&connection, "e", "2", 150),
    ];
    made[4].draft.driver = Some(ids.driver("7"));
    bed.commit(&lease, drafts(3_000, made.clone())).await;

    // The trip that was listed stays, and so does what did not begin in the window.
    let mut read = window(ids.vehicle("1").into(), 100, 200, 2);
    read.seen = vec![ids.record(Model::Trip, "c").ulid];
    let ended = |now: i64| Checkpoint {
        windows: vec![read.clone()],
        ..checkpoint(now)
    };
    assert_eq!(bed.commit(&lease, ended(4_000)).await.records_withdrawn, 1);
    assert_eq!(
        served(&bed, &connection, &names).await,
        ["a", "e", "c", "d"]
    );
    assert_eq!(bed.commit(&lease, ended(4_500)).await.records_withdrawn, 0);

    // By driver; and a withdrawn record that is listed again is served again.
    let ended = Checkpoint {
        drafts: vec![PageDraft {
            page: 3,
            ..made[1].clone()
        }],
        windows: vec![window(ids.driver("7").into(), 0, 1_000, 3)],
        ..checkpoint(5_000)
    };
    let committed = bed.commit(&lease, ended).await;
    let counts = (committed.records_withdrawn, committed.records_modified);
    assert_eq!(counts, (1, 1));
    assert_eq!(
        served(&bed, &connection, &names).await,
        ["a", "b", "c", "d"]
    );
}

pub async fn newer_pages_and_other_streams_are_left_alone(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let (other, other_lease) = bed.syncing(2, 2_000).await;
    let ids = connection.ids();
    let mut newer = trip(&connection, "newer", "1", 120);
    newer.page = 7;
    let mut elsewhere = trip(&connection, "elsewhere", "1", 130);
    elsewhere.stream = "trips.other";
    let made = vec![trip(&connection, "old", "1", 110), newer, elsewhere];
    bed.commit(&lease, drafts(3_000, made)).await;
    let theirs = vec![trip(&other, "old", "1", 110)];
    bed.commit(&other_lease, drafts(3_000, theirs)).await;

    let vehicle = RecordId::from(ids.vehicle("1"));
    let mut of_safety = window(vehicle, 0, 1_000, 9);
    of_safety.models = &[Model::SafetyEvent];
    // What this very commit brings was read with the window or after it.
    let mut moved = trip(&connection, "moved", "1", 140);
    moved.page = 6;
    let ended = Checkpoint {
        drafts: vec![moved],
        windows: vec![window(vehicle, 0, 1_000, 6), of_safety],
        ..checkpoint(4_000)
    };
    assert_eq!(bed.commit(&lease, ended).await.records_withdrawn, 1);
    let left = served(&bed, &connection, &["old", "newer", "elsewhere", "moved"]).await;
    assert_eq!(left, ["newer", "elsewhere", "moved"]);
    assert_eq!(served(&bed, &other, &["old"]).await, ["old"]);
}

fn grouped(number: i64, group: i64) -> RawPage {
    RawPage {
        group,
        ..page(number, r#"{"a":1}"#)
    }
}

/// Which of the pages have a body.
async fn bodies(bed: &Bed, connection: &Connection, numbers: std::ops::Range<i64>) -> Vec<i64> {
    let inside = |page| RawPointer::Inside { page, offset: 1 };
    let pointers: Vec<RawPointer> = numbers.clone().map(inside).collect();
    let rows = bed.store.raw_rows(connection.id, &pointers).await;
    let rows = rows.expect("read");
    let kept = numbers.zip(rows).filter(|(_, row)| row.is_some());
    kept.map(|(number, _)| number).collect()
}

pub async fn a_group_keeps_all_bodies_or_none(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let vehicle = connection.ids().vehicle("1");
    let mut one = trip(&connection, "one", "1", 100);
    one.page = 2;
    let series = SeriesKey::new(SeriesKind::Stat(model::StatType::Odometer), "obd");
    let mut points = model::Points::new(series.kind);
    points.time.push(at(100));
    points.source_id.push(None);
    points.raw_offset.push(1);
    match &mut points.values {
        model::Values::Stat(values) => values.push(5),
        model::Values::Location(_) => unreachable!("an odometer"),
    }
    let read = |group: i64| ReadWindow {
        vehicle,
        series: vec![series.clone()],
        window: Window::new(at(0), at(1_000)).expect("not empty"),
        group,
    };
    let of_page = PagePoints {
        page: 4,
        points: SeriesPoints {
            vehicle,
            series: series.clone(),
            rank: 0,
            points,
        },
    };
    let history = bed
        .store
        .prepare_history(connection.id, vec![of_page], vec![read(4)])
        .await;
    // Group 1 has a new record, group 4 a new point, group 6 nothing.
    let made = Checkpoint {
        pages: (1..8)
            .map(|n| grouped(n, [1, 1, 1, 4, 4, 6, 6][n as usize - 1]))
            .collect(),
        drafts: vec![one],
        history: Some(history.expect("the columns fit")),
        ..checkpoint(3_000)
    };
    bed.commit(&lease, made).await;
    assert_eq!(bodies(&bed, &connection, 1..8).await, [1, 2, 3, 4, 5]);

    // Windows that list nothing: one takes the record away, one the point, one nothing.
    let history = bed
        .store
        .prepare_history(connection.id, Vec::new(), vec![read(10)])
        .await;
    let made = Checkpoint {
        pages: (8..14).map(|n| grouped(n, n - n % 2)).collect(),
        windows: vec![
            window(vehicle.into(), 0, 1_000, 8),
            window(vehicle.into(), 1_000, 2_000, 12),
        ],
        history: Some(history.expect("the columns fit")),
        ..checkpoint(4_000)
    };
    let committed = bed.commit(&lease, made).await;
    let withdrawn = (committed.records_withdrawn, committed.points_withdrawn);
    assert_eq!(withdrawn, (1, 1));
    assert_eq!(bodies(&bed, &connection, 8..14).await, [8, 9, 10, 11]);
}
