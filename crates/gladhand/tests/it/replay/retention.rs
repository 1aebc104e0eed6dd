//! What of the raw log goes with time, and what a replay makes of the rest.

use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, EngineConfig, EngineParts};
use model::Timestamp;
use providers::samsara::Samsara;
use store::{Execution, RawPointer};
use testkit::databases::TestDatabase;
use testkit::fleet::{self, Fleet, FleetConfig};
use tokio::sync::watch;
use world::{Clock, SeededEntropy};

use super::mapping::Other;
use super::stored::Stored;
use super::{HOURS, replay, synced};

async fn raw_rows(fleet: &Fleet, stored: &Stored) -> Vec<Option<String>> {
    let live = stored
        .records
        .values()
        .filter(|record| record.deleted_at.is_none());
    let pointers: Vec<RawPointer> = live.flat_map(|record| record.raw.clone()).collect();
    let rows = fleet.store.raw_rows(fleet.connection, &pointers).await;
    let rows = rows.expect("the store answers").into_iter();
    rows.map(|row| row.map(|row| row.data)).collect()
}

async fn retire(fleet: &Fleet, before: Timestamp) -> u64 {
    let (_stay, stop) = watch::channel(false);
    let retired = fleet.engine.retire_before(before, &stop).await;
    let retired = retired.expect("the store answers");
    assert_eq!(retired.rows_lost, 0);
    retired.pages
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_retired_is_left_alone() {
    let fleet = synced(10, TestDatabase::sqlite(Execution::Threads)).await;
    let first = Stored::of(&fleet).await;
    let raw = raw_rows(&fleet, &first).await;
    assert!(raw.iter().all(Option::is_some));

    // The older half goes: what is left of the log contradicts nothing.
    let middle = fleet
        .clock
        .now()
        .saturating_sub(Duration::from_secs(u64::from(HOURS) * 1_800));
    assert!(retire(&fleet, middle).await > 0);
    assert_eq!(raw_rows(&fleet, &first).await, raw);
    let status = replay(&fleet, &Samsara).await;
    assert!(status.summary.changes_nothing(), "{:#?}", status.summary);
    assert!(first == Stored::of(&fleet).await);

    assert!(retire(&fleet, fleet.clock.now()).await > 0);
    assert_eq!(retire(&fleet, fleet.clock.now()).await, 0);
    assert_eq!(raw_rows(&fleet, &first).await, raw);
    let pages = fleet.store.count_logged_pages(fleet.connection).await;
    let pages = pages.expect("the store answers");
    assert!(pages.pages > 0 && pages.with_body == 0, "{pages:?}");
    let status = replay(&fleet, &Other::Renamed).await;
    assert!(status.summary.changes_nothing());
    assert_eq!(status.summary.pages().without_body, pages.pages);
    assert!(first == Stored::of(&fleet).await);
}

/// The server's own loop: it looks when it starts, and as the clock goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_retires_pages() {
    let fleet = Fleet::new(
        FleetConfig::small(17),
        TestDatabase::sqlite(Execution::Threads),
    )
    .await;
    fleet.backfill().await;
    let clock: Arc<dyn Clock> = Arc::clone(&fleet.clock) as Arc<dyn Clock>;
    let transport = fleet::transport(&fleet.servers, Arc::clone(&clock));
    let engine = Engine::new(
        EngineConfig {
            raw_retention: Some(Duration::from_secs(7_200)),
            ..fleet.engine.config().clone()
        },
        EngineParts {
            store: fleet.store.clone(),
            transport,
            clock,
            entropy: Arc::new(SeededEntropy::new(17)),
            probe: None,
        },
    );
    let (stopping, stop) = watch::channel(false);
    let running = tokio::spawn(async move { engine.run(stop).await });
    let with_body = async || {
        let pages = fleet.store.count_logged_pages(fleet.connection).await;
        pages.expect("the store answers").with_body
    };
    let at_first = with_body().await;
    assert!(at_first > 0);
    while with_body().await > 0 {
        fleet.clock.advance(Duration::from_secs(600));
    }
    stopping.send_replace(true);
    running.await.expect("it ends");
}
