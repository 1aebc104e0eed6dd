//! Everything that a synced fleet serves, and everything that is asked live, against the truth.

use model::RecordStatus;
use serde::Serialize;
use serde_json::Value;
use testkit::api_server::ApiServer;
use testkit::fleet::FleetConfig;

use super::{body_of, text};

/// As served, without what the server adds, and in an order of its own.
fn bodies(rows: &[Value]) -> Vec<String> {
    let mut bodies: Vec<String> = rows.iter().map(|row| body_of(row).to_string()).collect();
    bodies.sort();
    bodies
}

fn wanted<T: Serialize>(rows: &[T]) -> Vec<String> {
    let as_value = |row: &T| serde_json::to_value(row).expect("it is JSON");
    bodies(&rows.iter().map(as_value).collect::<Vec<_>>())
}

async fn serves<T: Serialize>(server: &ApiServer, path: &str, truth: &[T]) {
    let served = server.client.all(path).await;
    let (served, truth) = (bodies(&served), wanted(truth));
    assert!(!truth.is_empty(), "{path}: the fleet has some");
    assert_eq!(served.len(), truth.len(), "{path}");
    for (served, truth) in served.iter().zip(&truth) {
        assert_eq!(served, truth, "{path}");
    }
}

async fn a_fleet() -> ApiServer {
    ApiServer::synced_from(FleetConfig::demo_sized(7)).await
}

#[tokio::test]
async fn lists_are_the_truth() {
    let server = a_fleet().await;
    let truth = server.fleet.truth().await;
    serves(&server, "/vehicles", truth.vehicles()).await;
    serves(&server, "/drivers", truth.drivers()).await;
    serves(&server, "/groups", truth.groups()).await;
    serves(&server, "/devices", truth.devices()).await;
    serves(&server, "/trailers", truth.trailers()).await;
    serves(&server, "/trips", &truth.trips()).await;
    serves(&server, "/safety/events", &truth.safety_events()).await;
    serves(&server, "/fault-codes/events", &truth.fault_code_events()).await;
    serves(&server, "/hos/logs", &truth.hos_logs()).await;
    serves(&server, "/hos/daily-logs", &truth.hos_daily_logs()).await;
    serves(&server, "/vehicles/utilization", &truth.utilization()).await;
}

#[tokio::test]
async fn miles_add_up_in_every_grouping() {
    let server = a_fleet().await;
    let truth = server.fleet.truth().await.ifta();
    let hundredths = |km: f64| (km * 100.0).round() as i64;
    let driven: i64 = truth.iter().map(|row| hundredths(row.distance)).sum();
    assert!(driven > 0, "a fleet that moved");
    for group_by in [
        "jurisdiction",
        "vehicle",
        "vehicle,jurisdiction",
        "vehicle,jurisdiction,month",
    ] {
        let path = format!("/ifta/summary?startMonth=2026-01&endMonth=2026-12&groupBy={group_by}");
        let rows = server.client.all(&path).await;
        let distance = |row: &Value| row["distance"].as_f64().expect("a number");
        let total: i64 = rows.iter().map(|row| hundredths(distance(row))).sum();
        assert_eq!(total, driven, "{group_by}");
    }
    let path = "/ifta/summary?startMonth=2026-01&endMonth=2026-12\
                &groupBy=vehicle,jurisdiction,month";
    let rows = server.client.all(path).await;
    assert_eq!(rows.len(), truth.len());
}

#[tokio::test]
async fn what_is_asked_live_is_the_truth_of_that_moment() {
    let server = a_fleet().await;
    let truth = server.fleet.truth().await;
    let locations = truth.latest_vehicle_locations();
    serves(&server, "/vehicles/locations", &locations).await;
    let trailers = truth.latest_trailer_locations();
    serves(&server, "/trailers/locations", &trailers).await;
    serves(&server, "/hos/available-time", &truth.available_times()).await;
    let mut films = 0;
    for event in truth.safety_events() {
        let answer = server
            .client
            .get(&format!("/safety/events/{}/camera-media", event.id))
            .await;
        let media = truth.camera_media(&event.source_id, event.started_at);
        let media = serde_json::to_value(media.expect("the event is published")).expect("JSON");
        films += usize::from(media != serde_json::json!({}));
        assert_eq!(answer.ok(), media, "{}", event.source_id);
    }
    assert!(films > 0, "some events were filmed");
    // Nobody but those asked for.
    let some = &locations[0].vehicle;
    let path = format!("/vehicles/locations?vehicleIds={some}&expand=vehicle");
    let rows = server.client.all(&path).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(text(&rows[0], "/vehicle/id"), some.to_string());
}

#[tokio::test]
async fn a_driver_stands_on_the_positions_of_what_he_drove() {
    let server = a_fleet().await;
    let truth = server.fleet.truth().await;
    let mut driven = 0;
    let active = |vehicle: &&model::vehicle::Vehicle| vehicle.status == RecordStatus::Active;
    for vehicle in truth.vehicles().iter().filter(active).take(4) {
        let path = format!("/vehicles/{}/locations?limit=5000", vehicle.id);
        let rows = server.client.all(&path).await;
        let ever = model::Window {
            from: server.fleet.world.config().begins_at,
            until: model::Timestamp::MAX,
        };
        let wanted = truth.locations(vehicle.id, ever);
        assert_eq!(rows.len(), wanted.len());
        for (row, wanted) in rows.iter().zip(&wanted) {
            let driver = wanted.driver.map(|driver| driver.to_string());
            assert_eq!(row["driver"].as_str(), driver.as_deref());
            driven += usize::from(driver.is_some());
        }
    }
    assert!(driven > 1_000, "drivers are known");
}
