//! Lists: where they go on, and that they miss nothing.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::task::{Context, Waker};
use std::time::{SystemTime, UNIX_EPOCH};

use model::{Timestamp, Ulid};

use super::bed::{Bed, Engine, at, checkpoint, ulids, vehicle, vehicles};
use crate::*;

pub async fn lists_go_on_where_they_stopped(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    for batch in 0..5 {
        let drafts = (0..30)
            .map(|n| {
                let source_id = format!("{batch}/{n}");
                let mut draft = vehicle(&connection, &source_id, "A", 1);
                draft.draft.started_at = Some(at(100 - n / 2));
                draft
            })
            .collect();
        let made = Checkpoint {
            drafts,
            ..checkpoint(3_000 + batch)
        };
        bed.commit(&lease, made).await;
    }
    let pages = async |mut query: RecordQuery, even: bool| -> (Vec<Ulid>, usize) {
        let keep = |record: &StoredRecord| !even || record.id.ulid.to_bits().is_multiple_of(2);
        let (mut all, mut pages) = (Vec::new(), 0);
        loop {
            let page = bed.store.list_records(connection.id, &query, &keep).await;
            let page = page.expect("list");
            assert!(page.records.len() <= query.limit);
            all.extend(ulids(&page));
            pages += 1;
            query.after = page.next;
            if query.after.is_none() {
                return (all, pages);
            }
        }
    };
    for order in [RecordOrder::Modified, RecordOrder::Started] {
        let query = |limit: usize| RecordQuery {
            order,
            ..vehicles(limit)
        };
        let (whole, count) = pages(query(150), false).await;
        assert_eq!((whole.len(), count), (150, 1));
        let distinct: BTreeSet<Ulid> = whole.iter().copied().collect();
        assert_eq!(distinct.len(), 150);
        for limit in [1, 7, 50, 149] {
            let (all, count) = pages(query(limit), false).await;
            assert_eq!(all, whole, "{order:?} by {limit}");
            assert_eq!(count, 150usize.div_ceil(limit), "{order:?} by {limit}");
        }
        let even: Vec<Ulid> = whole
            .iter()
            .copied()
            .filter(|id| id.to_bits().is_multiple_of(2))
            .collect();
        assert_eq!(pages(query(7), true).await.0, even);
    }
    // From its bound on, up to before the other.
    let bounded = RecordQuery {
        modified_after: Some(at(3_001)),
        modified_before: Some(at(3_003)),
        ..vehicles(100)
    };
    assert_eq!(pages(bounded, false).await.0.len(), 60);
    // A filter that keeps nothing gives an empty page to go on from, not a long wait.
    let page = bed
        .store
        .list_records(connection.id, &vehicles(2), &|_| false)
        .await;
    let page = page.expect("list");
    assert!(page.records.is_empty() && page.next.is_some());
}

pub async fn stamps_rise_strictly(bed: Bed) {
    let (_, lease) = bed.syncing(1, 2_000).await;
    let mut last = at(0);
    for now in [3_000, 3_000, 2_500, 3_001, 9_000, 0] {
        let stamp = bed.commit(&lease, checkpoint(now)).await.stamp;
        assert!(stamp > last && stamp >= at(now), "{stamp} after {last}");
        last = stamp;
    }
    assert_eq!(last, at(9_001));
}

/// The reader's and the stamps' clock: the database's own where it stamps, else one that ticks with
/// each look at it, so that no two moments are the same.
fn clocks(engine: Engine) -> (StampSource, Arc<dyn Fn() -> Timestamp + Send + Sync>) {
    if engine == Engine::Postgres {
        let read = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            at(since.expect("after 1970").as_millis() as i64)
        };
        return (StampSource::Database, Arc::new(read));
    }
    let ticks = AtomicI64::new(1_000_000);
    let clock: Arc<dyn Fn() -> Timestamp + Send + Sync> =
        Arc::new(move || at(ticks.fetch_add(1, Ordering::SeqCst)));
    (StampSource::Clock(Arc::clone(&clock)), clock)
}

pub async fn modified_after_never_misses(bed: Bed) {
    const COMMITS: i64 = 120;
    const DRAFTS: i64 = 25;
    let (stamps, clock) = clocks(bed.engine);
    let bed = Arc::new(bed.reopened(stamps).await);
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (bed, connection, done) = (Arc::clone(&bed), connection.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            for commit in 0..COMMITS {
                let drafts = (0..DRAFTS)
                    .map(|n| vehicle(&connection, &format!("{commit}/{n}"), "A", commit))
                    .collect();
                let made = Checkpoint {
                    drafts,
                    ..checkpoint(3_000)
                };
                bed.commit(&lease, made).await;
                tokio::task::yield_now().await;
            }
            done.store(true, Ordering::SeqCst);
        })
    };
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (bed, clock, done) = (Arc::clone(&bed), Arc::clone(&clock), Arc::clone(&done));
            let id = connection.id;
            tokio::spawn(async move {
                let (mut seen, mut since) = (BTreeSet::new(), None);
                loop {
                    let last = done.load(Ordering::SeqCst);
                    let started = clock();
                    let query = RecordQuery {
                        modified_after: since,
                        ..vehicles((COMMITS * DRAFTS) as usize)
                    };
                    let page = bed.store.list_records(id, &query, &|_| true).await;
                    seen.extend(ulids(&page.expect("list")));
                    since = Some(started);
                    if last {
                        return seen;
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    writer.await.expect("every commit succeeds");
    for reader in readers {
        let seen = reader.await.expect("every list succeeds");
        assert_eq!(seen.len() as i64, COMMITS * DRAFTS);
    }
}

pub async fn a_reader_waits_for_the_commit_in_flight(bed: Bed) {
    let (connection, lease) = bed.syncing(1, 2_000).await;
    let other = bed.connection(2).await;
    // Held as a commit holds it, from before its stamp is taken until after it is durable.
    let ticket = bed.store.commit_ticket(connection.id).await;
    let query = vehicles(10);
    let mut list = pin!(bed.store.list_records(connection.id, &query, &|_| true));
    assert!(waits(list.as_mut()));
    // Readers of other connections, and in other orders, need not wait.
    let theirs = bed.store.list_records(other.id, &query, &|_| true).await;
    theirs.expect("list");
    let by_start = RecordQuery {
        order: RecordOrder::Started,
        ..vehicles(10)
    };
    let started = bed
        .store
        .list_records(connection.id, &by_start, &|_| true)
        .await;
    started.expect("list");
    assert!(waits(list.as_mut()));
    drop(ticket);
    list.await.expect("list");
    bed.commit(&lease, checkpoint(3_000)).await;
}

fn waits<F: Future>(future: Pin<&mut F>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    future.poll(&mut context).is_pending()
}
