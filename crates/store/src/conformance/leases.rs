//! Claims, fences and attempts.

use model::sync::SyncStatus;

use model::connection::ConnectionStatus;

use super::bed::{Bed, LEASE, at, checkpoint, page, ulids, vehicle, vehicles};
use crate::*;

pub async fn a_stale_lease_changes_nothing(bed: Bed) {
    let (connection, old) = bed.syncing(1, 2_000).await;
    bed.store
        .renew_lease(&old, at(2_100))
        .await
        .expect("it counts still");
    let claim = bed.claim("another", 2_100).await;
    assert_eq!((claim.sync.attempts, claim.lease.fence), (2, old.fence + 1));

    let late = Checkpoint {
        pages: vec![page(1, "{}")],
        drafts: vec![vehicle(&connection, "1", "late", 1)],
        progress: 99.0,
        ..checkpoint(2_101)
    };
    let refused = bed.store.commit(&old, late).await;
    assert!(matches!(refused, Err(StoreError::Stale)));
    let refused = bed.store.renew_lease(&old, at(9_000)).await;
    assert!(matches!(refused, Err(StoreError::Stale)));
    let refused = bed
        .store
        .finish_sync(&old, &SyncOutcome::Released, at(2_102))
        .await;
    assert!(matches!(refused, Err(StoreError::Stale)));

    let page = bed
        .store
        .list_records(connection.id, &vehicles(10), &|_| true)
        .await;
    assert!(ulids(&page.expect("list")).is_empty());
    let state = bed.store.sync_state(connection.id).await.expect("read");
    assert_eq!(state.next_page, 1);
    let sync = bed.store.sync(connection.id, old.sync).await.expect("read");
    assert_eq!(sync.expect("it is there").progress, 0.0);
    bed.commit(&claim.lease, checkpoint(2_103)).await;
}

pub async fn an_expired_lease_is_claimed_again(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let until = at(2_000) + LEASE;
    assert_eq!(bed.store.next_claimable().await.expect("read"), Some(until));
    let early = bed
        .store
        .claim_sync("w", at(until.millis() - 1), LEASE)
        .await;
    assert!(early.expect("claim").is_none());
    let again = bed.claim("another", until.millis()).await;
    assert_eq!((again.sync.attempts, again.sync.barren_attempts), (2, 1));
    bed.commit(&again.lease, checkpoint(until.millis() + 1))
        .await;

    // At its start the only owner of a store ends the leases of a dead process.
    assert_eq!(bed.store.void_leases().await.expect("write"), 1);
    let third = bed.claim("after the crash", until.millis() + 2).await;
    assert_eq!((third.sync.attempts, third.sync.barren_attempts), (3, 0));
    assert_eq!(third.sync.id, lease.sync);
    assert_eq!(third.connection.id, connection.id);
}

pub async fn five_barren_attempts_fail(bed: Bed) {
    let (connection, mut lease) = bed.syncing(1, 2_000).await;
    let later = |now: i64| SyncOutcome::RetryLater {
        not_before: at(now + 10),
        reason: "the provider is down".to_owned(),
    };
    for attempt in 1..=4 {
        let now = 2_000 + 20 * attempt;
        let sync = bed.store.finish_sync(&lease, &later(now), at(now)).await;
        assert_eq!(sync.expect("finish").status, SyncStatus::InProgress);
        let next = bed.store.next_claimable().await.expect("read");
        assert_eq!(next, Some(at(now + 10)));
        let early = bed.store.claim_sync("w", at(now + 9), LEASE).await;
        assert!(early.expect("claim").is_none());
        lease = bed.claim("worker", now + 10).await.lease;
    }
    // A checkpoint makes it start counting again.
    bed.commit(&lease, checkpoint(2_091)).await;
    for attempt in 0..=5 {
        let now = 3_000 + 20 * attempt;
        let sync = bed.store.finish_sync(&lease, &later(now), at(now)).await;
        let sync = sync.expect("finish");
        if attempt == 5 {
            assert_eq!(sync.status, SyncStatus::Failed);
            assert_eq!(sync.failure_reason.as_deref(), Some("the provider is down"));
            break;
        }
        assert_eq!(sync.status, SyncStatus::InProgress);
        assert_eq!(sync.barren_attempts, attempt as u32);
        lease = bed.claim("worker", now + 10).await.lease;
    }
    let sync = bed.store.last_sync(connection.id).await.expect("read");
    assert_eq!(sync.expect("it is there").attempts, 10);
}

pub async fn five_deaths_without_a_checkpoint_fail(bed: Bed) {
    let (connection, _) = bed.syncing(1, 0).await;
    for death in 1..=4 {
        let now = LEASE.as_millis() as i64 * death;
        let claim = bed.claim("worker", now).await;
        assert_eq!(claim.sync.barren_attempts, death as u32);
    }
    let now = LEASE.as_millis() as i64 * 5;
    let claim = bed.store.claim_sync("worker", at(now), LEASE).await;
    assert!(claim.expect("claim").is_none());
    let sync = bed.store.last_sync(connection.id).await.expect("read");
    let sync = sync.expect("it is there");
    assert_eq!((sync.status, sync.attempts), (SyncStatus::Failed, 5));
    assert!(sync.failure_reason.is_some());
}

pub async fn waiting_for_a_quota_spends_no_attempt(bed: Bed) {
    let (_, lease) = bed.syncing(1, 2_000).await;
    let snoozed = SyncOutcome::Snoozed { until: at(3_000) };
    bed.store
        .finish_sync(&lease, &snoozed, at(2_001))
        .await
        .expect("finish");
    let early = bed.store.claim_sync("w", at(2_999), LEASE).await;
    assert!(early.expect("claim").is_none());
    let claim = bed.claim("worker", 3_000).await;
    assert_eq!((claim.sync.attempts, claim.sync.barren_attempts), (1, 0));
    let released = bed
        .store
        .finish_sync(&claim.lease, &SyncOutcome::Released, at(3_001));
    released.await.expect("finish");
    let claim = bed.claim("worker", 3_001).await;
    assert_eq!((claim.sync.attempts, claim.sync.barren_attempts), (1, 0));
    // Its worker dies now: the next attempt counts.
    let claim = bed.claim("worker", 3_001 + LEASE.as_millis() as i64).await;
    assert_eq!((claim.sync.attempts, claim.sync.barren_attempts), (2, 1));
}

pub async fn closed_connections_are_not_synced(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let archive = ConnectionPatch {
        status: Some(ConnectionStatus::Archived),
        ..ConnectionPatch::default()
    };
    let patched = bed
        .store
        .update_connection(connection.id, &archive, at(2_001))
        .await;
    assert_eq!(patched.expect("patch").status, ConnectionStatus::Archived);
    let late = bed.store.commit(&lease, checkpoint(2_002)).await;
    assert!(matches!(late, Err(StoreError::Stale)));
    let sync = bed.store.last_sync(connection.id).await.expect("read");
    let sync = sync.expect("it is there");
    assert_eq!(sync.status, SyncStatus::Failed);
    let claim = bed.store.claim_sync("w", at(2_003), LEASE).await;
    assert!(claim.expect("claim").is_none());
    assert_eq!(
        sync.failure_reason.as_deref(),
        Some("the connection is archived")
    );
}

pub async fn the_longest_waiting_is_claimed_first(bed: Bed) {
    let (one, two) = (bed.connection(1).await.id, bed.connection(2).await.id);
    bed.request(two, 2_000).await;
    bed.request(one, 2_001).await;
    let (store, other) = (bed.store.clone(), bed.store.clone());
    let (first, second) = tokio::join!(
        async move {
            store
                .claim_sync("a", at(3_000), LEASE)
                .await
                .expect("claim")
        },
        async move {
            other
                .claim_sync("b", at(3_000), LEASE)
                .await
                .expect("claim")
        },
    );
    let mut claimed = [first, second].map(|claim| claim.expect("one each").connection.id);
    claimed.sort();
    assert_eq!(claimed, [one, two]);
    assert!(
        bed.store
            .claim_sync("c", at(3_000), LEASE)
            .await
            .expect("claim")
            .is_none()
    );
}
