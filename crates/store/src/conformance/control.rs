//! Connections, what is sealed of them, the schema and the cadence.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use model::connection::{Company, ConnectionFilters, ConnectionStatus, EntityFilter, SyncMode};
use model::{ApplicationId, ConnectionId, RecordStatus, Secret, SyncId};

use super::bed::{Bed, at, checkpoint};
use crate::backend::params;
use crate::*;

pub async fn connections_round_trip(bed: Bed) {
    let mut new = bed.new_connection(1).await;
    new.external_id = Some("fleet 7".to_owned());
    new.cadence = Some(Duration::from_secs(90));
    new.base_url = Some("http://127.0.0.1:1/".to_owned());
    let made = bed.store.insert_connection(&new).await.expect("new");
    let twin = bed.store.insert_connection(&new).await;
    assert!(matches!(twin, Err(StoreError::Conflict { .. })));
    assert_eq!(made.token.reveal(), "con_tkn_1");
    assert_eq!(made.cadence, new.cadence);
    assert_eq!(made.status, ConnectionStatus::Connected);

    let hash = hash_secret("con_tkn_1");
    let found = bed.store.connection_by_token(hash).await.expect("find");
    assert_eq!(found.expect("it is there").id, made.id);
    let none = bed.store.connection_by_token([0; 32]).await.expect("find");
    assert!(none.is_none());

    let included = made.ids().vehicle("1");
    let filters = ConnectionFilters {
        vehicles: Some(EntityFilter {
            status: Some(RecordStatus::Active),
            exclude_ids: Vec::new(),
            include_ids: vec![included],
        }),
        drivers: None,
    };
    let patch = ConnectionPatch {
        filters: Some(filters.clone()),
        tags: Some(vec!["a".to_owned()]),
        sync_mode: Some(SyncMode::Automatic),
        ..ConnectionPatch::default()
    };
    let patched = bed
        .store
        .update_connection(made.id, &patch, at(9_000))
        .await;
    let patched = patched.expect("patch");
    assert_eq!(patched.filters, filters);
    assert_eq!(patched.external_id.as_deref(), Some("fleet 7"));
    assert_eq!(patched.updated_at, at(9_000));
    assert_eq!(patched.created_at, made.created_at);
    let unknown = ConnectionId::new(at(1), 99);
    let unknown = bed.store.update_connection(unknown, &patch, at(1)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
}

pub async fn connections_are_listed_by_filter_and_page(bed: Bed) {
    let application = bed.application().await;
    for number in 1..=5 {
        let mut new = bed.new_connection(number).await;
        new.tags = vec![format!("tag{}", number % 2), "all".to_owned()];
        new.company = Company {
            name: None,
            dot_numbers: vec![format!("100{number}")],
        };
        bed.store.insert_connection(&new).await.expect("new");
    }
    let list = async |query: ConnectionQuery| -> Vec<i64> {
        let found = bed.store.list_connections(application, &query).await;
        let found = found.expect("list");
        found
            .iter()
            .map(|c| c.created_at.millis() - 1_000)
            .collect()
    };
    let all = ConnectionQuery {
        limit: 2,
        ..ConnectionQuery::default()
    };
    assert_eq!(list(all.clone()).await, [1, 2]);
    let second = ConnectionId::new(at(1_002), 2);
    let after = ConnectionQuery {
        after: Some(second),
        ..all.clone()
    };
    assert_eq!(list(after.clone()).await, [3, 4]);
    let descending = ConnectionQuery {
        descending: true,
        ..after
    };
    assert_eq!(list(descending).await, [1]);
    let newest = ConnectionQuery {
        descending: true,
        ..all.clone()
    };
    assert_eq!(list(newest).await, [5, 4]);
    let tagged = ConnectionQuery {
        tag: Some("tag1".to_owned()),
        limit: 9,
        ..ConnectionQuery::default()
    };
    assert_eq!(list(tagged.clone()).await, [1, 3, 5]);
    let dot = ConnectionQuery {
        dot_number: Some("1003".to_owned()),
        ..tagged.clone()
    };
    assert_eq!(list(dot).await, [3]);
    let partial = ConnectionQuery {
        dot_number: Some("100".to_owned()),
        ..tagged
    };
    assert!(list(partial).await.is_empty());
    let updated = ConnectionQuery {
        updated_after: Some(at(1_002)),
        updated_before: Some(at(1_004)),
        limit: 9,
        ..ConnectionQuery::default()
    };
    assert_eq!(list(updated).await, [2, 3, 4]);
    let stranger = ApplicationId::new(at(1), 2);
    let theirs = bed.store.list_connections(stranger, &all).await;
    assert!(theirs.expect("list").is_empty());
}

pub async fn sealed_values_stay_where_they_belong(bed: Bed) {
    let (one, two) = (bed.connection(1).await.id, bed.connection(2).await.id);
    let stored = bed.store.credentials(one).await.expect("read");
    let stored = stored.expect("they are there");
    assert_eq!(stored.secret.reveal(), "{\"apiKey\":\"1\"}");
    let renewed = Secret::new("{\"apiKey\":\"new\"}");
    for expected in [true, false] {
        let replaced = bed
            .store
            .replace_credentials(one, &renewed, stored.version, None, at(2_000))
            .await;
        assert_eq!(replaced.expect("write"), expected);
    }
    let stored = bed.store.credentials(one).await.expect("read");
    assert_eq!(stored.expect("still there").secret, renewed);

    // Moved to another connection's row, neither opens.
    let moved = bed.store.write(move |tx| {
        Box::pin(async move {
            let sql = "update credentials set sealed =
                (select o.sealed from credentials o where o.connection = ?1) where connection = ?2";
            tx.execute(sql, &params![one, two]).await?;
            let sql = "update connections set token_sealed =
                (select o.token_sealed from connections o where o.id = ?1) where id = ?2";
            tx.execute(sql, &params![one, two]).await
        })
    });
    assert_eq!(moved.await.expect("write"), 1);
    let opened = bed.store.credentials(two).await;
    assert!(matches!(opened, Err(StoreError::Vault(_))));
    let opened = bed.store.connection(two).await;
    assert!(matches!(opened, Err(StoreError::Vault(_))));
}

pub async fn one_at_a_time_signs_in(bed: Bed) {
    let one = bed.connection(1).await.id;
    let created = bed.connection(2).await.id;
    let hold = async |holder: &'static str, now: i64| {
        let held = bed
            .store
            .hold_credentials(one, holder, at(now), at(now + 100));
        held.await.expect("write").map(|stored| stored.version)
    };
    assert_eq!(hold("a", 0).await, Some(1));
    assert_eq!(hold("b", 50).await, None, "somebody has it");
    assert_eq!(hold("a", 60).await, Some(1), "prolonged");
    assert_eq!(hold("b", 159).await, None);
    assert_eq!(hold("b", 160).await, Some(1), "its time was up");
    // Who came too late lets go of nothing.
    let release = async |holder: &str| bed.store.release_credentials(one, holder).await;
    release("a").await.expect("write");
    assert_eq!(hold("c", 170).await, None);
    release("b").await.expect("write");
    assert_eq!(hold("c", 170).await, Some(1));

    // What was kept is there for the next, and is due when it says.
    let due = async |now: i64| bed.store.due_renewals(at(now), 10).await.expect("read");
    assert!(due(5_000).await.contains(&one), "new credentials are due");
    let secret = Secret::new("{}");
    let renew_at = Some(at(7_000));
    let kept = bed
        .store
        .replace_credentials(one, &secret, 1, renew_at, at(171));
    assert!(kept.await.expect("write"));
    assert_eq!(hold("d", 172).await, Some(2), "it was let go of");
    assert!(!due(6_999).await.contains(&one) && due(7_000).await.contains(&one));
    bed.store.never_renew(one, 1).await.expect("write");
    assert!(due(7_000).await.contains(&one), "of another version");
    bed.store.never_renew(one, 2).await.expect("write");
    assert!(!due(7_000).await.contains(&one) && due(7_000).await.contains(&created));
    let archived = crate::ConnectionPatch {
        status: Some(model::connection::ConnectionStatus::Archived),
        ..crate::ConnectionPatch::default()
    };
    let patched = bed.store.update_connection(created, &archived, at(7_000));
    patched.await.expect("write");
    assert_eq!(due(7_000).await, []);
}

pub async fn a_newer_schema_is_refused(bed: Bed) {
    let newer = crate::migrations::NEWEST + 1;
    let written = bed.store.write(move |tx| {
        Box::pin(async move {
            let sql = "update schema_version set version = ?1";
            tx.execute(sql, &params![newer]).await
        })
    });
    assert_eq!(written.await.expect("write"), 1);
    let config = Bed::config(bed.engine, &bed.place, StampSource::Given);
    drop(bed.store);
    let opened = Store::open(config).await.map(|_| ());
    let Err(StoreError::NewerSchema { found, known }) = opened else {
        panic!("{opened:?}");
    };
    assert_eq!((found, known), (newer, newer - 1));
}

pub async fn the_cadence_makes_one_sync_at_a_time(bed: Bed) {
    let mut new = bed.new_connection(1).await;
    new.sync_mode = SyncMode::Automatic;
    new.next_sync_at = Some(at(10_000));
    new.cadence = Some(Duration::from_millis(500));
    let connection = bed.store.insert_connection(&new).await.expect("new").id;
    bed.connection(2).await;
    let ids = AtomicI64::new(0);
    let enqueue = async |now: i64| {
        let new_id = || SyncId::new(at(now), ids.fetch_add(1, Ordering::Relaxed) as u128);
        let default = Duration::from_secs(1);
        let made = bed.store.enqueue_due(at(now), default, 10, &|_| 7, &new_id);
        made.await.expect("enqueue")
    };
    let next_due = async || bed.store.next_due().await.expect("read");
    assert_eq!(next_due().await, Some(at(10_000)));
    assert_eq!(enqueue(9_999).await, 0);
    assert_eq!(enqueue(10_000).await, 1);
    assert_eq!(next_due().await, None, "one is running");
    assert_eq!(enqueue(20_000).await, 0, "one is running");
    let claim = bed.claim("worker", 20_000).await;
    assert_eq!(claim.sync.trigger, SyncTrigger::Cadence);
    bed.commit(&claim.lease, checkpoint(20_001)).await;
    let outcome = SyncOutcome::Completed {
        clean_streams: Vec::new(),
    };
    let finished = bed
        .store
        .finish_sync(&claim.lease, &outcome, at(20_002))
        .await;
    finished.expect("finish");
    assert_eq!(next_due().await, Some(at(10_507)));
    assert_eq!(enqueue(20_003).await, 1);
    let last = bed.store.last_sync(connection).await.expect("read");
    assert_eq!(last.expect("a sync").requested_at, at(20_003));
}
