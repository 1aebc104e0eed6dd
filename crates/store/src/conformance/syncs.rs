//! The life of a sync, as its client sees it.

use model::issue::{IssueCode, IssueStatus};
use model::sync::{ProviderRequestKind, SyncStatus};
use model::{IssueId, SyncId};

use super::bed::{Bed, LEASE, at, checkpoint, new_sync};
use crate::*;

fn completed() -> SyncOutcome {
    SyncOutcome::Completed {
        clean_streams: Vec::new(),
    }
}

fn failed() -> SyncOutcome {
    SyncOutcome::Failed {
        reason: "no luck".to_owned(),
    }
}

pub async fn one_sync_runs_at_a_time(bed: Bed) {
    let connection = bed.connection(1).await.id;
    assert!(
        bed.store
            .claim_sync("w", at(1), LEASE)
            .await
            .expect("claim")
            .is_none()
    );
    let new = NewSync {
        start_from: Some(at(500)),
        explicit_start: true,
        provider_requests: vec![ProviderRequestKind::HistoricalFiles],
        ..new_sync(2_000)
    };
    let sync = bed
        .store
        .request_sync(connection, &new, None)
        .await
        .expect("new");
    assert_eq!(sync.status, SyncStatus::Requested);
    assert_eq!(sync.start_from, Some(at(500)));
    assert!(sync.explicit_start);
    assert_eq!(sync.provider_requests, new.provider_requests);
    let again = bed
        .store
        .request_sync(connection, &new_sync(2_001), None)
        .await;
    assert!(matches!(again, Err(StoreError::SyncRunning(id)) if id == sync.id));
    let later = NewSync {
        start_from: Some(at(900)),
        ..new_sync(3_000)
    };
    let claim = bed.claim("worker", 2_002).await;
    assert_eq!(claim.sync.attempts, 1);
    assert_eq!(claim.sync.started_at, Some(at(2_002)));
    let again = bed.store.request_sync(connection, &later, None).await;
    assert!(matches!(again, Err(StoreError::SyncRunning(_))));
    let sync = bed
        .store
        .finish_sync(&claim.lease, &completed(), at(2_500))
        .await;
    let sync = sync.expect("finish");
    assert_eq!((sync.status, sync.progress), (SyncStatus::Completed, 100.0));
    assert_eq!(sync.completed_at, Some(at(2_500)));
    bed.store
        .request_sync(connection, &later, None)
        .await
        .expect("none is running");
    let stored = bed.store.connection(connection).await.expect("read");
    let history_from = stored.expect("it is there").history_from;
    assert_eq!(history_from, Some(at(500)), "it only moves back");

    let ids = async |query: &SyncQuery| -> Vec<SyncId> {
        let found = bed.store.list_syncs(connection, query).await.expect("list");
        found.iter().map(|sync| sync.id).collect()
    };
    let mut query = SyncQuery {
        limit: 1,
        ..SyncQuery::default()
    };
    assert_eq!(ids(&query).await, [later.id]);
    query.after = Some(later.id);
    assert_eq!(ids(&query).await, [new.id]);
    query.status = Some(SyncStatus::Failed);
    assert!(ids(&query).await.is_empty());
}

pub async fn a_sync_can_be_over_before_it_began(bed: Bed) {
    let connection = bed.connection(1).await.id;
    let new = new_sync(2_000);
    let sync = bed
        .store
        .request_sync(connection, &new, Some("sign in again"));
    let sync = sync.await.expect("new");
    assert_eq!(sync.status, SyncStatus::Failed);
    assert_eq!(sync.failure_reason.as_deref(), Some("sign in again"));
    let claim = bed.store.claim_sync("w", at(3_000), LEASE).await;
    assert!(claim.expect("claim").is_none());
    bed.request(connection, 3_001).await;
}

pub async fn only_failed_syncs_are_retried(bed: Bed) {
    let connection = bed.connection(1).await.id;
    let first = bed.request(connection, 2_000).await.id;
    let retry = async |id, now| bed.store.retry_sync(connection, id, at(now)).await;
    assert!(matches!(
        retry(first, 2_001).await,
        Err(StoreError::SyncState {
            status: "requested"
        })
    ));
    let lease = bed.claim("worker", 2_002).await.lease;
    let progress = Checkpoint {
        progress: 41.234,
        ..checkpoint(2_003)
    };
    bed.commit(&lease, progress).await;
    bed.store
        .finish_sync(&lease, &failed(), at(2_100))
        .await
        .expect("finish");
    let second = bed.request(connection, 2_200).await.id;
    assert!(matches!(
        retry(first, 2_201).await,
        Err(StoreError::SyncRunning(id)) if id == second
    ));
    bed.store
        .cancel_sync(connection, second, at(2_202))
        .await
        .expect("cancel");
    let sync = retry(first, 2_203).await.expect("retry");
    assert_eq!(sync.status, SyncStatus::Requested);
    assert_eq!((sync.progress, sync.attempts), (41.23, 1));
    assert_eq!((sync.failure_reason, sync.completed_at), (None, None));
    let claim = bed.claim("worker", 2_204).await;
    assert_eq!((claim.sync.id, claim.sync.attempts), (first, 2));
    bed.store
        .finish_sync(&claim.lease, &completed(), at(2_300))
        .await
        .expect("finish");
    assert!(matches!(
        retry(first, 2_301).await,
        Err(StoreError::SyncState {
            status: "completed"
        })
    ));
    let unknown = SyncId::new(at(1), 1);
    assert!(matches!(
        retry(unknown, 1).await,
        Err(StoreError::NotFound { .. })
    ));
}

pub async fn cancelling(bed: Bed) {
    let connection = bed.connection(1).await.id;
    let cancel = async |id, now| bed.store.cancel_sync(connection, id, at(now)).await;
    let requested = bed.request(connection, 2_000).await.id;
    let sync = cancel(requested, 2_001).await.expect("cancel");
    assert_eq!(sync.status, SyncStatus::Failed);
    assert!(matches!(
        cancel(requested, 2_002).await,
        Err(StoreError::SyncState { status: "failed" })
    ));

    // In progress: its worker is told, and ends it.
    let running = bed.request(connection, 3_000).await.id;
    let lease = bed.claim("worker", 3_001).await.lease;
    assert!(!bed.commit(&lease, checkpoint(3_002)).await.cancel_requested);
    let sync = cancel(running, 3_003).await.expect("cancel");
    assert_eq!(sync.status, SyncStatus::InProgress);
    assert!(sync.cancel_requested);
    assert!(bed.commit(&lease, checkpoint(3_004)).await.cancel_requested);
    assert!(
        bed.store
            .renew_lease(&lease, at(4_000))
            .await
            .expect("renew")
    );
    let released = bed
        .store
        .finish_sync(&lease, &SyncOutcome::Released, at(3_005))
        .await;
    assert_eq!(released.expect("finish").status, SyncStatus::Failed);

    // In progress, and its worker is gone.
    let orphan = bed.request(connection, 5_000).await.id;
    let lease = bed.claim("worker", 5_001).await.lease;
    bed.store
        .renew_lease(&lease, at(5_100))
        .await
        .expect("renew");
    let sync = cancel(orphan, 5_100).await.expect("cancel");
    assert_eq!(sync.status, SyncStatus::Failed);
    let late = bed.store.commit(&lease, checkpoint(5_101)).await;
    assert!(matches!(late, Err(StoreError::Stale)));
}

pub async fn finishing_resolves_issues(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let seen = |number: u128, stream: &str| IssueSeen {
        new_id: IssueId::new(at(2_000), number),
        code: IssueCode::PermissionMissing,
        stream: stream.to_owned(),
        message: "not allowed".to_owned(),
    };
    let met = Checkpoint {
        issues: vec![seen(1, "vehicles"), seen(2, "drivers"), seen(3, "stats")],
        ..checkpoint(2_001)
    };
    bed.commit(&lease, met).await;
    let streams = |names: &[&str]| SyncOutcome::Completed {
        clean_streams: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    let outcome = streams(&["vehicles", "drivers"]);
    bed.store
        .finish_sync(&lease, &outcome, at(2_002))
        .await
        .expect("finish");
    let ongoing = async || -> Vec<String> {
        let query = IssueQuery {
            status: Some(IssueStatus::Ongoing),
            limit: 10,
            ..IssueQuery::default()
        };
        let found = bed.store.list_issues(connection.application, &query).await;
        found
            .expect("list")
            .into_iter()
            .map(|issue| issue.stream)
            .collect()
    };
    assert_eq!(ongoing().await.len(), 3, "this sync has met them");

    bed.request(connection.id, 3_000).await;
    let lease = bed.claim("worker", 3_001).await.lease;
    let met = Checkpoint {
        issues: vec![seen(4, "drivers")],
        ..checkpoint(3_002)
    };
    bed.commit(&lease, met).await;
    let sync = bed
        .store
        .finish_sync(&lease, &outcome, at(3_003))
        .await
        .expect("finish");
    assert_eq!(ongoing().await, ["drivers", "stats"]);
    assert_eq!(
        sync.issues,
        [IssueId::new(at(2_000), 2)],
        "the row it had before"
    );
}
