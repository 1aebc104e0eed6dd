//! Absence is knowledge, within reason.

use model::Model;
use model::time::HOUR_MS;

use super::bed::{Bed, checkpoint, vehicle};
use crate::*;

fn listing(connection: &Connection, named: std::ops::Range<i64>, now: i64) -> Checkpoint {
    let ids = connection.ids();
    Checkpoint {
        listings: vec![ListingEnd {
            stream: "vehicles",
            models: vec![Model::Vehicle],
            seen: named.map(|id| ids.vehicle(&id.to_string()).0).collect(),
        }],
        ..checkpoint(now)
    }
}

async fn fleet(bed: &Bed, size: i64) -> (Connection, Lease) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let drafts = (0..size)
        .map(|id| vehicle(&connection, &id.to_string(), "A", 1))
        .collect();
    let made = Checkpoint {
        drafts,
        ..checkpoint(3_000)
    };
    bed.commit(&lease, made).await;
    (connection, lease)
}

async fn verdict(bed: &Bed, lease: &Lease, checkpoint: Checkpoint) -> ListingVerdict {
    let committed = bed.commit(lease, checkpoint).await;
    let [("vehicles", verdict)] = &committed.listings[..] else {
        panic!("{:?}", committed.listings);
    };
    *verdict
}

pub async fn what_a_listing_does_not_name_is_deleted(bed: Bed) {
    let (connection, lease) = fleet(&bed, 30).await;
    // Six of thirty are 20 %, not more than that.
    let removed = verdict(&bed, &lease, listing(&connection, 0..24, 4_000)).await;
    assert_eq!(removed, ListingVerdict::Removed { records: 6 });
    // What is deleted is not deleted again, and another stream's rows are its own.
    let mut other = vehicle(&connection, "other", "A", 2);
    other.stream = "assets";
    let made = Checkpoint {
        drafts: vec![other],
        ..checkpoint(5_000)
    };
    bed.commit(&lease, made).await;
    let removed = verdict(&bed, &lease, listing(&connection, 0..24, 6_000)).await;
    assert_eq!(removed, ListingVerdict::Removed { records: 0 });
    // Five rows of a small fleet are believed, however large their share.
    verdict(&bed, &lease, listing(&connection, 0..20, 7_000)).await;
    verdict(&bed, &lease, listing(&connection, 0..16, 8_000)).await;
    let known = bed
        .store
        .known_members(connection.id, Model::Vehicle)
        .await
        .expect("read");
    assert_eq!(known.len(), 31);
    assert_eq!(known.iter().filter(|vehicle| vehicle.deleted).count(), 14);
}

pub async fn a_listing_that_removes_much_is_doubted_for_an_hour(bed: Bed) {
    let (connection, lease) = fleet(&bed, 20).await;
    let doubted = ListingVerdict::Doubted { records: 20 };
    let removed = ListingVerdict::Removed { records: 20 };
    let empty = |now: i64| listing(&connection, 0..0, now);
    let start = 10_000;
    assert_eq!(verdict(&bed, &lease, empty(start)).await, doubted);
    assert_eq!(
        verdict(&bed, &lease, empty(start + HOUR_MS - 1)).await,
        doubted
    );
    // A full listing in between clears the doubt.
    let full = listing(&connection, 0..20, start + HOUR_MS);
    let nothing = ListingVerdict::Removed { records: 0 };
    assert_eq!(verdict(&bed, &lease, full).await, nothing);
    let start = start + HOUR_MS + 1;
    assert_eq!(verdict(&bed, &lease, empty(start)).await, doubted);
    let known = bed
        .store
        .known_members(connection.id, Model::Vehicle)
        .await
        .expect("read");
    assert!(known.iter().all(|vehicle| !vehicle.deleted));
    assert_eq!(verdict(&bed, &lease, empty(start + HOUR_MS)).await, removed);
    let known = bed
        .store
        .known_members(connection.id, Model::Vehicle)
        .await
        .expect("read");
    assert!(known.iter().all(|vehicle| vehicle.deleted));
}
