//! What becomes of a connection, until its data is to go.

use model::connection::ConnectionStatus::{
    self, Archived, Connected, Deleted, Deleting, Disconnected, PendingDeletion,
};
use model::connection::SyncMode;
use model::sync::SyncStatus;
use model::{ConnectionId, SyncId};

use super::bed::{Bed, LEASE, at, checkpoint, new_sync};
use crate::*;

async fn patch(
    bed: &Bed,
    id: ConnectionId,
    status: ConnectionStatus,
    now: i64,
) -> Result<Connection, StoreError> {
    let patch = ConnectionPatch {
        status: Some(status),
        ..ConnectionPatch::default()
    };
    bed.store.update_connection(id, &patch, at(now)).await
}

fn is_refused<T: std::fmt::Debug>(result: Result<T, StoreError>, status: ConnectionStatus) {
    let is_it = matches!(&result, Err(StoreError::ConnectionState { status: told })
        if *told == status.name());
    assert!(is_it, "{result:?}");
}

pub async fn a_deletion_can_be_called_off_until_it_begins(bed: Bed) {
    let id = bed.connection(1).await.id;
    for (now, status) in [(2_000, Connected), (3_000, Disconnected), (4_000, Archived)] {
        patch(&bed, id, status, now).await.expect("a good status");
        let asked = bed.store.request_deletion(id, at(now + 500), at(now + 1));
        let asked = asked.await.expect("it can be deleted");
        assert_eq!(asked.status, PendingDeletion);
        assert_eq!(asked.delete_at, Some(at(now + 500)));
        assert_eq!(asked.updated_at, at(now + 1));
        // Asked for again, nothing changes; an earlier time counts.
        let again = bed.store.request_deletion(id, at(now + 600), at(now + 2));
        let again = again.await.expect("it can be deleted");
        assert_eq!(again.delete_at, Some(at(now + 500)));
        assert_eq!(again.updated_at, at(now + 1));
        let sooner = bed.store.request_deletion(id, at(now + 400), at(now + 3));
        let sooner = sooner.await.expect("it can be deleted");
        assert_eq!(sooner.delete_at, Some(at(now + 400)));
        let due = async |now: i64| bed.store.due_erasures(at(now), 9).await.expect("read");
        assert_eq!(due(now + 399).await, []);
        assert!(
            !bed.store
                .begin_erasure(id, at(now + 399))
                .await
                .expect("write")
        );
        assert_eq!(due(now + 400).await, [id]);
        let back = patch(&bed, id, status, now + 401)
            .await
            .expect("called off");
        assert_eq!((back.status, back.delete_at), (status, None));
        assert_eq!(due(now + 9_000).await, []);
        assert!(
            !bed.store
                .begin_erasure(id, at(now + 9_000))
                .await
                .expect("write")
        );
    }
    for status in [PendingDeletion, Deleting, Deleted] {
        is_refused(patch(&bed, id, status, 9_000).await, Archived);
    }
    is_refused(bed.store.erase_some(id).await, Archived);
    is_refused(bed.store.finish_erasure(id, at(9_000)).await, Archived);
}

pub async fn what_is_leaving_takes_nothing_more(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let id = connection.id;
    let asked = bed.store.request_deletion(id, at(3_000), at(2_001)).await;
    asked.expect("it can be deleted");
    let late = bed.store.commit(&lease, checkpoint(2_002)).await;
    assert!(matches!(late, Err(StoreError::Stale)));
    let sync = bed.store.last_sync(id).await.expect("read").expect("one");
    assert_eq!(sync.status, SyncStatus::Failed);
    let told = sync.failure_reason.as_deref();
    assert_eq!(told, Some("the connection is about to be deleted"));
    let claim = bed.store.claim_sync("w", at(2_003), LEASE).await;
    assert!(claim.expect("claim").is_none());
    let refused = bed.store.disconnect_refused(id, at(2_004), at(2_004));
    assert!(!refused.await.expect("write"), "nobody is overruled");

    let replay = SyncId::new(at(2_005), 9);
    let replaying = bed.store.begin_replay(id, replay, "w", at(2_005), LEASE);
    let replaying = replaying.await.expect("history is there until it goes");
    assert!(bed.store.begin_erasure(id, at(3_000)).await.expect("write"));
    assert!(bed.store.begin_erasure(id, at(3_001)).await.expect("write"));
    let late = bed
        .store
        .commit_replay(&replaying.lease, ReplayCheckpoint::default());
    assert!(matches!(late.await, Err(StoreError::Stale)));

    for (now, status) in [(4_000, Deleting), (5_000, Deleted)] {
        if status == Deleted {
            let done = bed
                .store
                .finish_erasure(id, at(now))
                .await
                .expect("it began");
            assert_eq!((done.status, done.deleted_at), (Deleted, Some(at(now))));
            is_refused(bed.store.finish_erasure(id, at(now)).await, Deleted);
            is_refused(bed.store.erase_some(id).await, Deleted);
        }
        is_refused(patch(&bed, id, Connected, now).await, status);
        let tags = ConnectionPatch {
            tags: Some(Vec::new()),
            ..ConnectionPatch::default()
        };
        is_refused(
            bed.store.update_connection(id, &tags, at(now)).await,
            status,
        );
        is_refused(
            bed.store.request_deletion(id, at(now), at(now)).await,
            status,
        );
        is_refused(
            bed.store.request_sync(id, &new_sync(now), None).await,
            status,
        );
        is_refused(bed.store.retry_sync(id, sync.id, at(now)).await, status);
        let replay = bed.store.begin_replay(id, replay, "w", at(now), LEASE);
        is_refused(replay.await, status);
    }
}

pub async fn connected_again_it_is_due_at_once(bed: Bed) {
    let mut new = bed.new_connection(1).await;
    new.sync_mode = SyncMode::Automatic;
    new.next_sync_at = Some(at(90_000));
    let id = bed.store.insert_connection(&new).await.expect("new").id;
    let next_due = async || bed.store.next_due().await.expect("read");
    assert_eq!(next_due().await, Some(at(90_000)));
    let same = patch(&bed, id, Connected, 2_000)
        .await
        .expect("a good status");
    assert_eq!(same.next_sync_at, Some(at(90_000)), "nothing changed");
    for (now, status) in [(3_000, Archived), (4_000, Disconnected)] {
        patch(&bed, id, status, now).await.expect("a good status");
        assert_eq!(next_due().await, None);
        patch(&bed, id, Connected, now + 1)
            .await
            .expect("a good status");
        assert_eq!(next_due().await, Some(at(now + 1)));
    }
    let mode = async |mode: SyncMode, now: i64| {
        let patch = ConnectionPatch {
            sync_mode: Some(mode),
            ..ConnectionPatch::default()
        };
        let patched = bed.store.update_connection(id, &patch, at(now)).await;
        patched.expect("a good mode");
        next_due().await
    };
    assert_eq!(mode(SyncMode::Manual, 5_000).await, None);
    assert_eq!(mode(SyncMode::Automatic, 6_000).await, Some(at(6_000)));
}

pub async fn an_external_id_can_be_taken_away(bed: Bed) {
    let mut new = bed.new_connection(1).await;
    new.external_id = Some("fleet 7".to_owned());
    let id = bed.store.insert_connection(&new).await.expect("new").id;
    for (external_id, wanted) in [
        (None, Some("fleet 7")),
        (Some(Some("fleet 8".to_owned())), Some("fleet 8")),
        (Some(None), None),
    ] {
        let patch = ConnectionPatch {
            external_id,
            ..ConnectionPatch::default()
        };
        let patched = bed.store.update_connection(id, &patch, at(2_000)).await;
        assert_eq!(patched.expect("patch").external_id.as_deref(), wanted);
    }
}
