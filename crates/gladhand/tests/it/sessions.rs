//! Accounts that sign in: what is asked live and passed through in their names, grants that must
//! not be left alone, and passwords that are wrong.

use std::time::Duration;

use engine::{LiveOperation, LiveRows, Method, PassthroughRequest};
use model::Secret;
use model::connection::ConnectionStatus;
use model::sync::SyncStatus;
use serde::Serialize;
use serde_json::Value;
use simulator::Vendor;
use store::Execution;
use testkit::databases::TestDatabase;
use testkit::fleet::{Fleet, FleetConfig};
use testkit::truth;
use tokio::sync::watch;
use world::Clock;

async fn fleet_at(vendor: Vendor) -> Fleet {
    // Hours are left to those who still work.
    let config = FleetConfig {
        parked: false,
        ..FleetConfig::demo_sized(4).at([vendor])
    };
    Fleet::new(config, TestDatabase::sqlite(Execution::Threads)).await
}

/// Other credentials for the fleet's connection, as its owner would give them.
async fn give(fleet: &Fleet, credentials: &str) {
    let stored = fleet.store.credentials(fleet.connection).await;
    let version = stored.expect("the store answers").expect("there").version;
    let now = fleet.clock.now();
    let secret = Secret::new(credentials);
    let replaced =
        fleet
            .store
            .replace_credentials(fleet.connection, &secret, version, Some(now), now);
    assert!(replaced.await.expect("the store answers"));
}

async fn status(fleet: &Fleet) -> ConnectionStatus {
    fleet.connection().await.status
}

/// In one order, whatever order they came in.
fn sorted<'a, T: Serialize + 'a>(rows: impl IntoIterator<Item = &'a T>) -> Vec<Value> {
    let mut rows: Vec<Value> = rows
        .into_iter()
        .map(|row| serde_json::to_value(row).expect("rows are JSON"))
        .collect();
    rows.sort_by_key(Value::to_string);
    rows
}

async fn asked_live(fleet: &Fleet, operation: LiveOperation) -> Vec<Value> {
    let connection = fleet.connection().await;
    let live = fleet.engine.live(&connection, operation, Vec::new(), None);
    let live = live.await.expect("an answer");
    match &live.answer.rows {
        LiveRows::VehicleLocations(rows) => sorted(rows.iter().map(|row| &row.row)),
        LiveRows::TrailerLocations(rows) => sorted(rows.iter().map(|row| &row.row)),
        LiveRows::HosAvailableTime(rows) => sorted(rows.iter().map(|row| &row.row)),
        LiveRows::CameraMedia(rows) => sorted(rows.iter().map(|row| &row.row)),
    }
}

async fn what_is_asked_live_is_the_truth(vendor: Vendor) {
    let fleet = fleet_at(vendor).await;
    let truth = fleet.truth().await;
    let locations = asked_live(&fleet, LiveOperation::VehicleLocations).await;
    assert_eq!(locations, sorted(&truth.latest_vehicle_locations()));
    let trailers = asked_live(&fleet, LiveOperation::TrailerLocations).await;
    assert_eq!(trailers, sorted(&truth.latest_trailer_locations()));
    let hours = asked_live(&fleet, LiveOperation::HosAvailableTime).await;
    assert_eq!(hours, sorted(&truth.available_times()));
    let counts = (locations.len(), trailers.len(), hours.len());
    assert!(counts.0 > 10 && counts.1 > 0 && counts.2 > 10, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_live_of_geotab_is_the_truth() {
    what_is_asked_live_is_the_truth(Vendor::Geotab).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_live_of_motive_is_the_truth() {
    what_is_asked_live_is_the_truth(Vendor::Motive).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn films_of_motive_are_the_truth() {
    let fleet = fleet_at(Vendor::Motive).await;
    let (truth, connection) = (fleet.truth().await, fleet.connection().await);
    let mut filmed = 0;
    for event in truth.safety_events() {
        let asked = engine::LiveEvent {
            source_id: event.source_id.clone(),
            started_at: event.started_at,
        };
        let operation = LiveOperation::CameraMedia;
        let live = fleet
            .engine
            .live(&connection, operation, Vec::new(), Some(asked));
        let live = live.await.expect("an answer");
        let LiveRows::CameraMedia(found) = &live.answer.rows else {
            panic!("other rows than were asked for")
        };
        let wanted = truth.camera_media(&event.source_id, event.started_at);
        filmed += usize::from(wanted.is_some());
        assert_eq!(found.as_ref().map(|row| &row.row), wanted.as_ref());
    }
    assert!(filmed > 0, "some events were filmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_of_the_clients_own_is_signed_and_its_answer_holds_no_session() {
    let fleet = fleet_at(Vendor::Geotab).await;
    let asked = r#"{"method":"GetCountOf","params":{"typeName":"Device"}}"#;
    let request = PassthroughRequest::new(Method::Post, "/apiv1", &[], Some(asked.to_owned()));
    let request = request.expect("a good request");
    let connection = fleet.connection().await;
    let answer = fleet.engine.passthrough(&connection, request).await;
    let answer = answer.expect("an answer");
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert!(
        body["result"].as_u64().is_some_and(|count| count > 20),
        "{body}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_tried_once_and_disconnects() {
    let fleet = fleet_at(Vendor::Geotab).await;
    let stored = fleet.store.credentials(fleet.connection).await;
    let right = stored.expect("read").expect("there").secret;
    let mut wrong: Value = serde_json::from_str(right.reveal()).expect("JSON");
    wrong["password"] = "not this one".into();
    give(&fleet, &wrong.to_string()).await;
    let before = fleet.requests_so_far();
    let row = fleet.backfill().await;
    assert_eq!(row.status, SyncStatus::Failed);
    let reason = row.failure_reason.expect("a reason");
    assert!(reason.contains("Sign in again"), "{reason}");
    assert!(!reason.contains("not this one"), "{reason}");
    assert_eq!(
        fleet.requests_so_far() - before,
        1,
        "one sign-in and no more"
    );
    assert_eq!(status(&fleet).await, ConnectionStatus::Disconnected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_outlives_hours_in_which_nobody_asks() {
    let fleet = fleet_at(Vendor::Motive).await;
    give(&fleet, r#"{"refreshToken":"sim-refresh"}"#).await;
    let (_stay, stop) = watch::channel(false);
    let renew = || async {
        fleet
            .engine
            .renew_due(&stop)
            .await
            .expect("the store answers")
    };
    let sealed = || async {
        let stored = fleet.store.credentials(fleet.connection).await;
        stored.expect("read").expect("there")
    };
    renew().await;
    let first = sealed().await;
    // What was kept is the next refresh token, not the one that is used up.
    assert!(!first.secret.reveal().contains("sim-refresh"));
    // Twelve hours and no sync: each session is renewed before its two hours are over.
    for _ in 0..24 {
        fleet.clock.advance(Duration::from_secs(30 * 60));
        renew().await;
    }
    let last = sealed().await;
    let renewals = last.version - first.version;
    assert!(
        (6..=12).contains(&renewals),
        "{renewals} renewals in 12 hours"
    );
    assert_eq!(status(&fleet).await, ConnectionStatus::Connected);
    let row = fleet.backfill().await;
    assert_eq!(
        row.status,
        SyncStatus::Completed,
        "{:?}",
        row.failure_reason
    );
    // The session that the timer renewed was good: the sync did not sign in.
    assert_eq!(sealed().await.version, last.version);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_that_was_used_up_elsewhere_disconnects() {
    let fleet = fleet_at(Vendor::Motive).await;
    let (_stay, stop) = watch::channel(false);
    give(&fleet, r#"{"refreshToken":"sim-refresh"}"#).await;
    fleet
        .engine
        .renew_due(&stop)
        .await
        .expect("the store answers");
    // Somebody restored an old backup.
    give(&fleet, r#"{"refreshToken":"sim-refresh"}"#).await;
    fleet
        .engine
        .renew_due(&stop)
        .await
        .expect("the store answers");
    assert_eq!(status(&fleet).await, ConnectionStatus::Disconnected);
}

/// Everything that the connection has stored is true.
async fn is_true(fleet: &Fleet) {
    let truth = fleet.truth().await;
    let differences = truth::compare(&fleet.store, fleet.connection, &*truth).await;
    assert!(differences.is_empty(), "{differences}");
}

/// The version of the stored credentials: every sign-in makes another.
async fn version(fleet: &Fleet) -> i64 {
    let stored = fleet.store.credentials(fleet.connection).await;
    stored.expect("the store answers").expect("there").version
}

async fn caught_up(fleet: &Fleet) {
    let row = fleet.catch_up().await;
    let why = row.failure_reason;
    assert_eq!(row.status, SyncStatus::Completed, "{why:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_of_samsara_reads_the_truth_and_outlives_its_tokens() {
    let config = FleetConfig::small(6).at([Vendor::Samsara]);
    let fleet = Fleet::new(config, TestDatabase::sqlite(Execution::Threads)).await;
    give(&fleet, r#"{"refreshToken":"sim-refresh"}"#).await;
    let row = fleet.backfill().await;
    let why = row.failure_reason;
    assert_eq!(row.status, SyncStatus::Completed, "{why:?}");
    is_true(&fleet).await;
    let (first, account) = (version(&fleet).await, fleet.connection().await.source_id);
    // One token for an hour is enough for what is asked in it.
    fleet.clock.advance(Duration::from_secs(30 * 60));
    caught_up(&fleet).await;
    assert_eq!(version(&fleet).await, first);
    fleet.clock.advance(Duration::from_secs(2 * 3_600));
    caught_up(&fleet).await;
    assert_eq!(version(&fleet).await, first + 1);
    is_true(&fleet).await;
    // The account is the one that a token of the dashboard opens.
    give(&fleet, r#"{"apiKey":"sim-token"}"#).await;
    caught_up(&fleet).await;
    assert_eq!(fleet.connection().await.source_id, account);
    assert!(account.is_some());
    // Somebody restored an old backup.
    give(&fleet, r#"{"refreshToken":"sim-refresh"}"#).await;
    let row = fleet.catch_up().await;
    assert_eq!(row.status, SyncStatus::Failed);
    let reason = row.failure_reason.expect("a reason");
    assert!(!reason.contains("sim-refresh"), "{reason}");
    assert_eq!(status(&fleet).await, ConnectionStatus::Disconnected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_of_samsara_that_nobody_uses_is_renewed_once_a_day() {
    let fleet = fleet_at(Vendor::Samsara).await;
    give(&fleet, r#"{"refreshToken":"sim-refresh"}"#).await;
    let (_stay, stop) = watch::channel(false);
    let given = version(&fleet).await;
    for _ in 0..72 {
        let renewed = fleet.engine.renew_due(&stop).await;
        renewed.expect("the store answers");
        fleet.clock.advance(Duration::from_secs(3_600));
    }
    // When it was given, and at the beginning of the second and the third day.
    assert_eq!(version(&fleet).await - given, 3);
    assert_eq!(status(&fleet).await, ConnectionStatus::Connected);
}
