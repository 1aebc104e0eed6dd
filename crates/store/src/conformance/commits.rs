//! What a commit changes, and what it leaves alone.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::issue::{IssueCode, IssueStatus};
use model::{IssueId, Model, RawRange, RecordId};
use std::io::Write;

use super::bed::{Bed, at, checkpoint, page, ulids, vehicle, vehicles};
use crate::*;

fn drafts(now: i64, drafts: Vec<PageDraft>) -> Checkpoint {
    Checkpoint {
        drafts,
        ..checkpoint(now)
    }
}

pub async fn unchanged_drafts_change_nothing(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let first = vec![
        vehicle(&connection, "1", "A", 1),
        vehicle(&connection, "2", "B", 1),
    ];
    let committed = bed.commit(&lease, drafts(3_000, first)).await;
    assert_eq!((committed.stamp, committed.records_added), (at(3_000), 2));

    let mut again = vehicle(&connection, "1", "A", 2);
    again.draft.raw.clear();
    let changed = vehicle(&connection, "2", "C", 2);
    let committed = bed
        .commit(&lease, drafts(4_000, vec![again, changed]))
        .await;
    assert_eq!(
        (committed.records_added, committed.records_modified),
        (0, 1)
    );
    assert_eq!(committed.records_unchanged, 1);
    let one = bed.vehicle(&connection, "1").await;
    assert_eq!((one.added_at, one.modified_at), (at(3_000), at(3_000)));
    let kept = RawPointer::Range {
        page: 1,
        range: RawRange {
            offset: 0,
            length: 2,
        },
    };
    assert_eq!(
        one.raw,
        [kept],
        "the page it was made of, whose body is kept"
    );
    let two = bed.vehicle(&connection, "2").await;
    assert_eq!((two.added_at, two.modified_at), (at(3_000), at(4_000)));

    // A status or a time is part of what a client sees.
    let mut inactive = vehicle(&connection, "1", "A", 3);
    inactive.draft.status = Some(model::RecordStatus::Inactive);
    let committed = bed.commit(&lease, drafts(5_000, vec![inactive])).await;
    assert_eq!(committed.records_modified, 1);
    let known = bed
        .store
        .known_members(connection.id, Model::Vehicle)
        .await
        .expect("read");
    let mut known: Vec<_> = known
        .iter()
        .map(|v| (v.source_id.as_str(), v.status))
        .collect();
    known.sort_by_key(|(source_id, _)| source_id.to_owned());
    let (active, inactive) = (model::RecordStatus::Active, model::RecordStatus::Inactive);
    assert_eq!(known, [("1", Some(inactive)), ("2", Some(active))]);
}

pub async fn an_older_page_never_replaces_a_newer_one(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    // In one checkpoint, in whatever order.
    let both = vec![
        vehicle(&connection, "1", "new", 6),
        vehicle(&connection, "1", "old", 5),
    ];
    let committed = bed.commit(&lease, drafts(3_000, both)).await;
    assert_eq!(committed.records_added, 1);
    let older = vec![vehicle(&connection, "1", "older", 4)];
    let committed = bed.commit(&lease, drafts(4_000, older)).await;
    assert_eq!(
        (committed.records_modified, committed.records_unchanged),
        (0, 1)
    );
    let one = bed.vehicle(&connection, "1").await;
    assert!(one.body.contains("\"new\""), "{}", one.body);
    let same_page = vec![vehicle(&connection, "1", "mapped anew", 6)];
    let committed = bed.commit(&lease, drafts(5_000, same_page)).await;
    assert_eq!(committed.records_modified, 1);
}

pub async fn withdrawn_and_deleted_records_come_back(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let made = vec![
        vehicle(&connection, "1", "A", 1),
        vehicle(&connection, "2", "B", 1),
    ];
    bed.commit(&lease, drafts(3_000, made)).await;
    let (one, two) = (connection.ids().vehicle("1"), connection.ids().vehicle("2"));
    let gone = Checkpoint {
        withdrawals: vec![one.into(), connection.ids().vehicle("unknown").into()],
        listings: vec![ListingEnd {
            stream: "vehicles",
            models: vec![model::Model::Vehicle],
            seen: vec![one.0],
        }],
        ..checkpoint(4_000)
    };
    let committed = bed.commit(&lease, gone).await;
    assert_eq!(committed.records_withdrawn, 1);
    let removed = ListingVerdict::Removed { records: 1 };
    assert_eq!(committed.listings, [("vehicles", removed)]);
    let found = bed
        .store
        .record(connection.id, one.into())
        .await
        .expect("read");
    assert!(found.is_none(), "withdrawn is not served at all");
    let found = bed.vehicle(&connection, "2").await;
    assert_eq!(
        (found.deleted_at, found.modified_at),
        (Some(at(4_000)), at(4_000))
    );
    let everything = RecordQuery {
        include_deleted: true,
        ..vehicles(10)
    };
    let listed = async |query: &RecordQuery| {
        let page = bed
            .store
            .list_records(connection.id, query, &|_| true)
            .await;
        ulids(&page.expect("list"))
    };
    assert_eq!(listed(&vehicles(10)).await, []);
    assert_eq!(listed(&everything).await, [two.0]);

    // The same content again, and both are back under their ids.
    let back = vec![
        vehicle(&connection, "1", "A", 2),
        vehicle(&connection, "2", "B", 2),
    ];
    let committed = bed.commit(&lease, drafts(5_000, back)).await;
    assert_eq!(
        (committed.records_added, committed.records_modified),
        (0, 2)
    );
    let ids: [RecordId; 2] = [one.into(), two.into()];
    for record in bed.store.records(connection.id, &ids).await.expect("read") {
        assert_eq!(
            (record.added_at, record.modified_at),
            (at(3_000), at(5_000))
        );
        assert_eq!(record.deleted_at, None);
    }
}

pub async fn progress_coverage_positions_and_account(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let coverage = |body: &[u8]| CoverageRow {
        stream: "stats".to_owned(),
        shard: 3,
        body: body.to_vec(),
    };
    let position = |slot: &str, body: &[u8]| PositionRow {
        stream: "feed".to_owned(),
        slot: slot.to_owned(),
        body: body.to_vec(),
    };
    let first = Checkpoint {
        pages: vec![page(1, "[]"), page(2, "[]")],
        coverage: vec![coverage(b"a")],
        positions: vec![position("x", b"1"), position("y", b"2")],
        progress: 33.337,
        account: Some(AccountUpdate {
            source_id: Some("org 5".to_owned()),
            name: Some("Acme".to_owned()),
            dot_numbers: vec!["42".to_owned()],
            zone: None,
        }),
        ..checkpoint(3_000)
    };
    bed.commit(&lease, first).await;
    let second = Checkpoint {
        coverage: vec![coverage(b"b")],
        positions: vec![position("x", b""), position("y", b"3")],
        progress: f64::NAN,
        account: Some(AccountUpdate {
            name: Some("Acme Ltd".to_owned()),
            ..AccountUpdate::default()
        }),
        ..checkpoint(4_000)
    };
    bed.commit(&lease, second).await;
    let state = bed.store.sync_state(connection.id).await.expect("read");
    assert_eq!(state.next_page, 3);
    assert_eq!(state.coverage, [coverage(b"b")]);
    assert_eq!(state.positions, [position("y", b"3")]);
    let sync = bed
        .store
        .sync(connection.id, lease.sync)
        .await
        .expect("read");
    let sync = sync.expect("it is there");
    assert_eq!(sync.progress, 33.34);
    assert_eq!(sync.lease_until, Some(checkpoint(4_000).lease_until));
    let stored = bed.store.connection(connection.id).await.expect("read");
    let stored = stored.expect("it is there");
    assert_eq!(stored.source_id.as_deref(), Some("org 5"));
    assert_eq!(stored.company.name.as_deref(), Some("Acme"), "filled once");
    assert_eq!(stored.account.name.as_deref(), Some("Acme Ltd"));
    assert_eq!(stored.account.dot_numbers, ["42"]);
    assert_eq!(stored.updated_at, at(4_000));
    bed.commit(&lease, checkpoint(5_000)).await;
    let stored = bed.store.connection(connection.id).await.expect("read");
    assert_eq!(stored.expect("it is there").updated_at, at(4_000));
}

pub async fn issues_are_one_row_each(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let seen = |number: u128, message: &str| IssueSeen {
        new_id: IssueId::new(at(3_000), number),
        code: IssueCode::OauthScopeMissing,
        stream: "drivers".to_owned(),
        message: message.to_owned(),
    };
    for (now, number) in [(3_000, 1), (4_000, 2)] {
        let met = Checkpoint {
            issues: vec![seen(number, &format!("message {number}"))],
            ..checkpoint(now)
        };
        bed.commit(&lease, met).await;
    }
    let id = IssueId::new(at(3_000), 1);
    let sync = bed
        .store
        .sync(connection.id, lease.sync)
        .await
        .expect("read");
    assert_eq!(sync.expect("it is there").issues, [id]);
    let issues = bed.store.issues(&[id]).await.expect("read");
    let [issue] = &issues[..] else {
        panic!("{issues:?}");
    };
    assert_eq!(issue.status, IssueStatus::Ongoing);
    assert_eq!(issue.message, "message 2");
    assert_eq!(
        (issue.first_reported_at, issue.last_reported_at),
        (at(3_000), at(4_000))
    );
    let found = async |query: IssueQuery| {
        let found = bed.store.list_issues(connection.application, &query).await;
        found.expect("list").len()
    };
    let query = IssueQuery {
        connection: Some(connection.id),
        code: Some(IssueCode::OauthScopeMissing),
        last_reported_after: Some(at(4_000)),
        last_reported_before: Some(at(4_000)),
        limit: 10,
        ..IssueQuery::default()
    };
    assert_eq!(found(query.clone()).await, 1);
    let after = IssueQuery {
        after: Some(id),
        ..query.clone()
    };
    assert_eq!(found(after).await, 0);
    let later = IssueQuery {
        last_reported_after: Some(at(4_001)),
        ..query
    };
    assert_eq!(found(later).await, 0);
}

pub async fn a_failed_commit_leaves_no_trace(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let good = Checkpoint {
        pages: vec![page(1, "{}")],
        drafts: vec![vehicle(&connection, "1", "A", 1)],
        ..checkpoint(3_000)
    };
    bed.commit(&lease, good).await;
    // Page 1 is there already: everything before that in the commit must go, too.
    let bad = Checkpoint {
        pages: vec![page(1, "{}")],
        drafts: vec![
            vehicle(&connection, "1", "B", 2),
            vehicle(&connection, "2", "C", 2),
        ],
        progress: 50.0,
        ..checkpoint(4_000)
    };
    let refused = bed.store.commit(&lease, bad).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict { .. })),
        "{refused:?}"
    );
    let listed = bed
        .store
        .list_records(connection.id, &vehicles(10), &|_| true)
        .await;
    let listed = listed.expect("list");
    assert_eq!(listed.records.len(), 1);
    assert_eq!(listed.records[0].modified_at, at(3_000));
    let sync = bed
        .store
        .sync(connection.id, lease.sync)
        .await
        .expect("read");
    assert_eq!(sync.expect("it is there").progress, 0.0);
    // The stamp was not used up either.
    assert_eq!(bed.commit(&lease, checkpoint(3_001)).await.stamp, at(3_001));
}

pub async fn raw_rows_outlive_pages_that_changed_nothing(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let json = r#"{"data":[{"id":"1","name":"é}"},{"id":"2"}]}"#;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(json.as_bytes()).expect("in memory");
    let wire = encoder.finish().expect("in memory");
    let gzip = RawPage {
        body: PageBody::gzip(Bytes::from(wire), json.as_bytes()),
        ..page(1, "")
    };
    let place = |needle: &str| json.find(needle).expect("it is there") as u32;
    let range = RawRange {
        offset: place("{\"id\":\"2\""),
        length: 10,
    };
    let draft = |page: i64, source_id: &str| {
        let mut draft = vehicle(&connection, source_id, "A", page);
        draft.draft.raw = vec![range];
        draft
    };
    let first = Checkpoint {
        pages: vec![gzip],
        drafts: vec![draft(1, "1")],
        ..checkpoint(3_000)
    };
    bed.commit(&lease, first).await;
    let second = Checkpoint {
        pages: vec![page(2, json), page(3, json)],
        drafts: vec![draft(2, "1"), draft(3, "2")],
        ..checkpoint(4_000)
    };
    bed.commit(&lease, second).await;
    let pointers = [
        RawPointer::Range { page: 3, range },
        RawPointer::Inside {
            page: 1,
            offset: place("name"),
        },
        RawPointer::Range { page: 1, range },
        RawPointer::Range { page: 2, range },
        RawPointer::Range { page: 9, range },
    ];
    let rows = bed
        .store
        .raw_rows(connection.id, &pointers)
        .await
        .expect("read");
    let data: Vec<Option<&str>> = rows
        .iter()
        .map(|row| row.as_ref().map(|row| row.data.as_str()))
        .collect();
    let two = Some(r#"{"id":"2"}"#);
    assert_eq!(
        data,
        [two, Some(r#"{"id":"1","name":"é}"}"#), two, None, None]
    );
    let row = rows[0].as_ref().expect("it is kept");
    assert_eq!(
        (row.stream.as_str(), row.extracted_at),
        ("vehicles", at(5_003))
    );
    let outside = RawPointer::Range {
        page: 1,
        range: RawRange {
            offset: 40,
            length: 400,
        },
    };
    let refused = bed.store.raw_rows(connection.id, &[outside]).await;
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })));
}

pub async fn sizes_are_told(bed: Bed) {
    let empty = bed.store.storage().await.expect("the store answers");
    assert_eq!(
        (empty.points, empty.record_bytes, empty.page_bytes),
        (0, 0, 0)
    );
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let one = vec![vehicle(&connection, "1", "A", 1)];
    bed.commit(&lease, drafts(3_000, one)).await;
    let filled = bed.store.storage().await.expect("the store answers");
    assert!(filled.record_bytes > 0 && filled.database_bytes > filled.record_bytes);
}
