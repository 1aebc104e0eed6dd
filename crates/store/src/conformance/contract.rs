//! Zones, facts, and issues that clients resolve.

use model::assignment::DriverAssignment;
use model::fault::FaultReading;
use model::issue::{IssueCode, IssueStatus};
use model::{ApplicationId, Draft, IssueId, RawRange, Record, VehicleId, Window, Zone};

use super::bed::{Bed, at, checkpoint};
use crate::*;

fn zone(name: &str) -> Zone {
    Zone::named(name).expect("a zone")
}

pub async fn zones_are_believed_by_their_source(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    assert_eq!((connection.zone(), &connection.zone), (Zone::utc(), &None));
    let said = async |now: i64, source: ZoneSource, name: &str| {
        let account = AccountUpdate {
            zone: Some(ZoneSetting {
                zone: zone(name),
                source,
            }),
            ..AccountUpdate::default()
        };
        let made = Checkpoint {
            account: Some(account),
            ..checkpoint(now)
        };
        bed.commit(&lease, made).await;
        let stored = bed.store.connection(connection.id).await.expect("read");
        let stored = stored.expect("it is there");
        let source = stored.zone.as_ref().map(|setting| setting.source);
        (stored.zone().name().to_owned(), source, stored.updated_at)
    };
    let (account, drivers) = (ZoneSource::Account, ZoneSource::Drivers);
    let is = |name: &str, source, updated: i64| (name.to_owned(), Some(source), at(updated));
    let (berlin, denver, tokyo) = ("Europe/Berlin", "America/Denver", "Asia/Tokyo");
    assert_eq!(
        said(3_000, drivers, berlin).await,
        is(berlin, drivers, 3_000)
    );
    assert_eq!(
        said(4_000, drivers, berlin).await,
        is(berlin, drivers, 3_000)
    );
    assert_eq!(
        said(5_000, drivers, denver).await,
        is(denver, drivers, 5_000)
    );
    assert_eq!(said(6_000, account, tokyo).await, is(tokyo, account, 6_000));
    assert_eq!(
        said(7_000, drivers, berlin).await,
        is(tokyo, account, 6_000)
    );
    assert_eq!(
        said(8_000, account, denver).await,
        is(denver, account, 8_000)
    );

    let operator = ZoneSource::Operator;
    let patch = ConnectionPatch {
        zone: Some(zone(berlin)),
        ..ConnectionPatch::default()
    };
    let id = connection.id;
    let patched = bed.store.update_connection(id, &patch, at(9_000)).await;
    let setting = patched.expect("it is there").zone.expect("just set");
    assert_eq!((setting.zone, setting.source), (zone(berlin), operator));
    assert_eq!(
        said(10_000, account, tokyo).await,
        is(berlin, operator, 9_000)
    );
    let nothing = ConnectionPatch::default();
    let patched = bed.store.update_connection(id, &nothing, at(11_000)).await;
    assert_eq!(patched.expect("it is there").zone(), zone(berlin));

    let mut new = bed.new_connection(2).await;
    new.zone = Some(zone(tokyo));
    let made = bed.store.insert_connection(&new).await.expect("new");
    let setting = made.zone.expect("as it was made");
    assert_eq!((setting.zone, setting.source), (zone(tokyo), operator));
}

fn drafted<R: Record>(connection: &Connection, record: &R, page: i64) -> PageDraft {
    let raw = vec![RawRange {
        offset: page as u32,
        length: 2,
    }];
    PageDraft {
        page,
        stream: "facts",
        draft: Draft::new(&connection.ids(), record, raw),
    }
}

fn between(from: i64, until: i64) -> Window {
    Window::new(at(from), at(until)).expect("not empty")
}

pub async fn assignments_overlap_the_window(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let ids = connection.ids();
    let assignment = |vehicle: &str, from: i64, until: Option<i64>| DriverAssignment {
        vehicle: ids.vehicle(vehicle),
        driver: Some(ids.driver("7")),
        started_at: at(from),
        ended_at: until.map(at),
        assigned_at: None,
    };
    let all = [
        assignment("1", 0, Some(99)),
        assignment("1", 10, Some(150)),
        assignment("1", 20, None),
        assignment("1", 199, Some(500)),
        assignment("1", 200, Some(500)),
        assignment("2", 100, None),
        assignment("1", 120, Some(130)),
    ];
    let withdrawn = ids.record(DriverAssignment::MODEL, &all[6].natural_key());
    let made = Checkpoint {
        drafts: all.iter().map(|one| drafted(&connection, one, 1)).collect(),
        ..checkpoint(3_000)
    };
    bed.commit(&lease, made).await;
    let gone = Checkpoint {
        withdrawals: vec![withdrawn],
        ..checkpoint(4_000)
    };
    bed.commit(&lease, gone).await;
    let found = bed
        .store
        .assignments(connection.id, ids.vehicle("1"), between(100, 200))
        .await;
    assert_eq!(found.expect("read"), all[1..4]);
}

pub async fn fault_readings_come_with_their_neighbours(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let ids = connection.ids();
    let reading = |vehicle: VehicleId, time: i64| FaultReading {
        provider: "samsara".to_owned(),
        vehicle,
        observed_at: at(time),
        codes: Vec::new(),
    };
    let (one, two) = (ids.vehicle("1"), ids.vehicle("2"));
    let times = [10, 90, 100, 150, 200, 300];
    let mut drafts: Vec<PageDraft> = times
        .iter()
        .map(|time| drafted(&connection, &reading(one, *time), *time))
        .collect();
    drafts.push(drafted(&connection, &reading(two, 95), 1));
    let made = Checkpoint {
        drafts,
        ..checkpoint(3_000)
    };
    bed.commit(&lease, made).await;
    let row = |time: i64| FaultReadingRow {
        reading: reading(one, time),
        page: time,
        raw: vec![RawRange {
            offset: time as u32,
            length: 2,
        }],
    };
    let found = async |from: i64, until: i64| {
        let window = between(from, until);
        let found = bed.store.fault_readings(connection.id, one, window).await;
        found.expect("read")
    };
    let wanted = FaultReadings {
        before: Some(row(90)),
        within: vec![row(100), row(150)],
        after: Some(row(200)),
    };
    assert_eq!(found(100, 200).await, wanted);
    let wanted = FaultReadings {
        before: None,
        within: times.map(row).to_vec(),
        after: None,
    };
    assert_eq!(found(10, 301).await, wanted);
    let wanted = FaultReadings {
        before: Some(row(300)),
        ..FaultReadings::default()
    };
    assert_eq!(found(301, 400).await, wanted);
}

pub async fn clients_resolve_their_own_issues(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let id = IssueId::new(at(3_000), 1);
    let met = |now: i64| Checkpoint {
        issues: vec![IssueSeen {
            new_id: id,
            code: IssueCode::PermissionMissing,
            stream: "trips".to_owned(),
            message: "It may not be read.".to_owned(),
        }],
        ..checkpoint(now)
    };
    bed.commit(&lease, met(3_000)).await;
    let resolve = async |application: ApplicationId, id: IssueId| {
        let resolved = bed.store.resolve_issue(application, id).await;
        resolved.expect("the store answers")
    };
    let stranger = ApplicationId::new(at(1), 2);
    assert_eq!(resolve(stranger, id).await, None);
    let unknown = IssueId::new(at(3_000), 2);
    assert_eq!(resolve(connection.application, unknown).await, None);
    let stored = async || {
        let mut found = bed.store.issues(&[id]).await.expect("read");
        found.pop().expect("it is there")
    };
    assert_eq!(stored().await.status, IssueStatus::Ongoing);
    for _ in 0..2 {
        let resolved = resolve(connection.application, id).await;
        let resolved = resolved.expect("it is there");
        assert_eq!(resolved, stored().await);
        assert_eq!(resolved.status, IssueStatus::Resolved);
        assert_eq!(resolved.last_reported_at, at(3_000));
    }
    bed.commit(&lease, met(4_000)).await;
    assert_eq!(stored().await.status, IssueStatus::Ongoing);
}
