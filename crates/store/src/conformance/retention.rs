//! Old pages lose their bodies; rows that records are made of do not go with them.

use model::{Model, RawRange};

use super::bed::{Bed, at, checkpoint, page, vehicle};
use crate::*;

const JSON: &str = r#"{"data":[{"id":"1"},{"id":"2"},{"id":"3"}]}"#;

fn range(source_id: &str) -> RawRange {
    let needle = format!("{{\"id\":\"{source_id}\"}}");
    RawRange {
        offset: JSON.find(&needle).expect("it is there") as u32,
        length: needle.len() as u32,
    }
}

fn draft(connection: &Connection, source_id: &str, page: i64) -> PageDraft {
    let mut draft = vehicle(connection, source_id, &format!("on {page}"), page);
    draft.draft.raw = vec![range(source_id)];
    draft
}

async fn data(bed: &Bed, connection: &Connection, pointers: &[RawPointer]) -> Vec<Option<String>> {
    let rows = bed.store.raw_rows(connection.id, pointers).await;
    let rows = rows.expect("read").into_iter();
    rows.map(|row| row.map(|row| row.data)).collect()
}

async fn retire(bed: &Bed, connection: &Connection, before: i64, most: usize) -> Retired {
    let retired = bed
        .store
        .retire_pages(connection.id, at(before), most)
        .await;
    retired.expect("the store answers")
}

pub async fn rows_of_records_outlive_their_pages(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let mut beyond = vehicle(&connection, "4", "on 2", 2);
    beyond.draft.raw[0].offset = 9_999;
    let made = Checkpoint {
        pages: vec![page(1, JSON), page(2, JSON), page(3, "{}")],
        drafts: vec![
            draft(&connection, "1", 1),
            draft(&connection, "2", 1),
            draft(&connection, "3", 1),
            beyond,
        ],
        ..checkpoint(3_000)
    };
    bed.commit(&lease, made).await;
    // One record is made of a newer page now, one is withdrawn, one deleted.
    let changed = Checkpoint {
        pages: vec![page(4, JSON)],
        drafts: vec![draft(&connection, "1", 4)],
        withdrawals: vec![connection.ids().record(Model::Vehicle, "2")],
        listings: vec![ListingEnd {
            stream: "vehicles",
            models: vec![Model::Vehicle],
            seen: vec![connection.ids().vehicle("1").0],
        }],
        ..checkpoint(4_000)
    };
    bed.commit(&lease, changed).await;

    // Page 4 was received at 5 004.
    let due = bed.store.pages_to_retire(at(5_001)).await.expect("read");
    assert_eq!(due, []);
    let due = bed.store.pages_to_retire(at(5_004)).await.expect("read");
    assert_eq!(due, [connection.id]);
    let before = bed.vehicle(&connection, "3").await;
    let retired = retire(&bed, &connection, 5_004, 10).await;
    let counts = (retired.pages, retired.rows_moved, retired.rows_lost);
    assert_eq!(counts, (2, 1, 1), "page 3 changed nothing and had no body");
    assert!(retired.bytes > 0);
    let due = bed.store.pages_to_retire(at(5_004)).await.expect("read");
    assert_eq!(due, []);
    assert_eq!(
        retire(&bed, &connection, 5_004, 10).await,
        Retired::default()
    );

    assert_eq!(bed.vehicle(&connection, "3").await, before);
    let on = |page: i64, source_id: &str| RawPointer::Range {
        page,
        range: range(source_id),
    };
    let pointers = [
        on(1, "3"),
        on(1, "2"),
        on(4, "1"),
        RawPointer::Inside {
            page: 1,
            offset: range("3").offset,
        },
    ];
    let found = data(&bed, &connection, &pointers).await;
    let three = Some(r#"{"id":"3"}"#.to_owned());
    assert_eq!(found, [three, None, Some(r#"{"id":"1"}"#.to_owned()), None]);
    let rows = bed.store.raw_rows(connection.id, &before.raw).await;
    let row = rows.expect("read").remove(0).expect("it is kept");
    assert_eq!(
        (row.stream.as_str(), row.extracted_at),
        ("vehicles", at(5_001))
    );
    // A record that was withdrawn may come back, without the row that nobody pointed to.
    let back = Checkpoint {
        drafts: vec![draft(&connection, "2", 4)],
        ..checkpoint(6_000)
    };
    bed.commit(&lease, back).await;
    let two = bed.vehicle(&connection, "2").await;
    let found = data(&bed, &connection, &two.raw).await;
    assert_eq!(found, [Some(r#"{"id":"2"}"#.to_owned())]);
}

pub async fn old_pages_go_oldest_first(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let (other, other_lease) = bed.syncing(2, 2_000).await;
    for (connection, lease) in [(&connection, &lease), (&other, &other_lease)] {
        let made = Checkpoint {
            pages: (1..=5).map(|number| page(number, JSON)).collect(),
            drafts: (1..=5)
                .map(|number| vehicle(connection, &number.to_string(), "A", number))
                .collect(),
            ..checkpoint(3_000)
        };
        bed.commit(lease, made).await;
    }
    let size = async || bed.store.storage().await.expect("read").page_bytes;
    let full = size().await;
    let due = bed.store.pages_to_retire(at(5_003)).await.expect("read");
    assert_eq!(due, [connection.id, other.id]);
    let first = retire(&bed, &connection, 5_004, 2).await;
    assert_eq!((first.pages, first.rows_moved), (2, 2));
    assert!(size().await < full);
    let rest = retire(&bed, &connection, 5_004, 2).await;
    assert_eq!(rest.pages, 1, "those received from 5 004 on stay");
    let bodies: Vec<RawPointer> = (1..=5)
        .map(|page| RawPointer::Inside { page, offset: 1 })
        .collect();
    let kept = |rows: Vec<Option<String>>| rows.iter().map(Option::is_some).collect::<Vec<_>>();
    let ours = kept(data(&bed, &connection, &bodies).await);
    assert_eq!(ours, [false, false, false, true, true]);
    assert_eq!(kept(data(&bed, &other, &bodies).await), [true; 5]);
}
