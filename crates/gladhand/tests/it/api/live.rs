//! `/vehicles/locations`, `/trailers/locations`, `/hos/available-time`: what the provider says at
//! the moment of the call, here by script.

use std::sync::Arc;
use std::time::Duration;

use model::Timestamp;
use serde_json::{Value, json};
use testkit::api_server::ApiServer;
use testkit::client::Client;
use testkit::records::contents::Contents;
use testkit::records::{Seed, seeded_server};
use testkit::scripted::{Reaction, ScriptedProvider};
use world::Clock;

use super::{refused_at, rows, text};

/// A moment at which the first vehicle has a driver by its assignments.
const LOCATED_AT: &str = "2026-03-01T13:30:00.000Z";

fn page(rows: &[Value]) -> Reaction {
    Reaction::json(&json!({
        "data": rows,
        "pagination": { "endCursor": "", "hasNextPage": false },
    }))
}

fn snapshot(source_id: &str) -> Value {
    json!({
        "id": source_id,
        "name": source_id,
        "gps": {
            "time": LOCATED_AT, "latitude": 36.1627, "longitude": -86.7816,
            "headingDegrees": 271, "speedMilesPerHour": 55,
            "reverseGeo": { "formattedLocation": "Nashville, TN" },
        },
        "engineState": { "time": LOCATED_AT, "value": "On" },
        "fuelPercent": { "time": LOCATED_AT, "value": 62 },
    })
}

fn clock(source_id: &str) -> Value {
    json!({
        "driver": { "id": source_id, "name": "Rosa" },
        "currentDutyStatus": { "hosStatusType": "driving" },
        "clocks": {
            "break": { "timeUntilBreakDurationMs": 14_400_000 },
            "cycle": { "cycleRemainingDurationMs": 180_000_000 },
            "drive": { "driveRemainingDurationMs": 21_600_000 },
            "shift": { "shiftRemainingDurationMs": 28_800_000 },
        },
    })
}

fn position(source_id: &str) -> Value {
    json!({
        "id": source_id,
        "gps": { "time": LOCATED_AT, "latitude": 36.1627, "longitude": -86.7816 },
    })
}

/// Who is asked for in a query (`vehicleIds=v0,v1`), all of these otherwise.
fn asked_for(url: &str, parameter: &str, all: &[&str]) -> Vec<String> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let named = query
        .split('&')
        .find_map(|pair| pair.strip_prefix(parameter)?.strip_prefix('='));
    match named {
        Some(list) => list.split(',').map(str::to_owned).collect(),
        None => all.iter().map(|id| (*id).to_owned()).collect(),
    }
}

/// Four vehicles of the store and one that is not in it yet; drivers and trailers alike.
fn usual(url: &str) -> Reaction {
    let answer = |parameter: &str, all: &[&str], row: fn(&str) -> Value| {
        let rows: Vec<Value> = asked_for(url, parameter, all)
            .iter()
            .map(|id| row(id))
            .collect();
        page(&rows)
    };
    if url.contains("/fleet/vehicles/stats") {
        return answer("vehicleIds", &["v3", "v2", "v1", "v0", "new"], snapshot);
    }
    if url.contains("/fleet/hos/clocks") {
        return answer("driverIds", &["d0", "d1", "d2", "new"], clock);
    }
    if url.contains("/fleet/trailers/stats") {
        return answer("none", &["t0", "t1", "t2", "new"], position);
    }
    Reaction::status(404)
}

pub(super) struct Scene {
    server: ApiServer,
    contents: Contents,
    provider: Arc<ScriptedProvider>,
    pub client: Client,
}

pub(super) async fn scene() -> Scene {
    let (server, contents) = seeded_server().await;
    let provider = ScriptedProvider::new(|request| usual(&request.url));
    let client = server.client_over(provider.clone());
    Scene {
        server,
        contents,
        provider,
        client,
    }
}

impl Scene {
    /// The subjects of a list's rows, by the provider's own ids, in the order of the rows.
    async fn subjects(&self, path: &str, member: &str) -> Vec<String> {
        let found = self.client.all(path).await;
        let ids = self.server.fleet.connection().await.ids();
        let known = [
            "v0", "v1", "v2", "v3", "d0", "d1", "d2", "t0", "t1", "t2", "new",
        ];
        let named = |row: &Value| {
            let id = text(row, member);
            let found = known.iter().find(|known| {
                [
                    ids.vehicle(known).to_string(),
                    ids.driver(known).to_string(),
                    ids.trailer(known).to_string(),
                ]
                .contains(&id.to_owned())
            });
            (*found.expect("a known subject")).to_owned()
        };
        found.iter().map(named).collect()
    }

    async fn filter(&self, filters: Value) {
        let patch = json!({ "filters": filters });
        self.client
            .patch_json("/connections/current", &patch)
            .await
            .ok();
    }
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}

#[tokio::test]
async fn vehicles_are_where_the_provider_says() {
    let scene = scene().await;
    let vehicle = scene.contents.vehicles[0].id;
    let path = format!("/vehicles/locations?vehicleIds={vehicle}");
    let page = scene.client.get(&path).await.ok();
    assert_eq!(
        rows(&page),
        [json!({
            "provider": "samsara",
            "vehicle": vehicle.to_string(),
            // Assigned by the last sync: the snapshot does not say.
            "driver": scene.contents.drivers[0].id.to_string(),
            "locatedAt": LOCATED_AT,
            "location": { "latitude": 36.1627, "longitude": -86.7816 },
            "address": { "formatted": "Nashville, TN" },
            "heading": 271.0,
            "speed": 88.51,
            "fuel": { "primaryPercentage": 62.0 },
            "engineState": "on",
        })]
    );
    for asked in scene.provider.paths() {
        assert!(asked.contains("vehicleIds=v0"), "{asked}");
    }
    let request = &scene.provider.sent()[0];
    let signature = format!("Bearer {}", testkit::fleet::TOKEN);
    let signed = |(name, value): &(String, String)| name == "authorization" && *value == signature;
    assert!(request.headers.iter().any(signed));
}

#[tokio::test]
async fn trailers_and_available_time_too() {
    let scene = scene().await;
    let page = scene
        .client
        .get("/trailers/locations?limit=1000")
        .await
        .ok();
    assert_eq!(rows(&page).len(), 4);
    let driver = scene.contents.drivers[1].id;
    let path = format!("/hos/available-time?driverIds={driver}");
    let page = scene.client.get(&path).await.ok();
    assert_eq!(
        rows(&page),
        [json!({
            "provider": "samsara",
            "driver": driver.to_string(),
            "currentStatus": "driving",
            "availableTime": {
                "break": 14_400_000, "cycle": 180_000_000,
                "drive": 21_600_000, "shift": 28_800_000,
            },
        })]
    );
}

#[tokio::test]
async fn pages_are_walked_in_the_order_of_ids() {
    let scene = scene().await;
    for (path, member, count) in [
        ("/vehicles/locations", "/vehicle", 5),
        ("/trailers/locations", "/trailer", 4),
        ("/hos/available-time", "/driver", 4),
    ] {
        let whole = scene.client.all(path).await;
        assert_eq!(whole.len(), count, "{path}");
        let ids: Vec<&str> = whole.iter().map(|row| text(row, member)).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        for limit in [1, 2, count] {
            // Past the moment for which answers are kept, too.
            scene.server.fleet.clock.advance(Duration::from_secs(6));
            let walked = scene.client.all(&format!("{path}?limit={limit}")).await;
            assert_eq!(walked, whole, "{path} by {limit}");
        }
    }
}

#[tokio::test]
async fn ids_become_entities_and_source_rows_are_added() {
    let scene = scene().await;
    let vehicle = scene.contents.vehicles[0].id;
    let path = format!("/vehicles/locations?vehicleIds={vehicle}&expand=driver,vehicle&raw=true");
    let page = scene.client.get(&path).await.ok();
    let row = &rows(&page)[0];
    assert_eq!(text(row, "/vehicle/id"), vehicle.to_string());
    assert_eq!(text(row, "/driver/lastName"), "Delgado 0");
    let raw = row["raw"].as_array().expect("a list");
    assert_eq!(raw.len(), 2, "both snapshots");
    assert_eq!(text(&raw[0], "/schema"), "live.vehicle_locations");
    assert_eq!(text(&raw[0], "/provider"), "samsara");
    let received = Timestamp::parse(text(&raw[0], "/extractedAt")).expect("a time");
    assert_eq!(received, scene.server.fleet.clock.now());
    assert_eq!(raw[0]["data"], snapshot("v0"));

    let page = scene
        .client
        .get("/trailers/locations?expand=trailer&raw=true")
        .await
        .ok();
    let whole = rows(&page).iter().filter(|row| row["trailer"].is_object());
    assert_eq!(whole.count(), 3, "an unknown one stays an id");
    let page = scene
        .client
        .get("/hos/available-time?expand=driver&raw=true")
        .await
        .ok();
    let whole = rows(&page).iter().filter(|row| row["driver"].is_object());
    assert_eq!(whole.count(), 3);
}

#[tokio::test]
async fn hidden_ones_are_left_out() {
    let scene = scene().await;
    let (vehicles, drivers) = (&scene.contents.vehicles, &scene.contents.drivers);
    scene
        .filter(json!({
            "vehicles": { "status": "active", "excludeIds": [vehicles[1].id] },
            "drivers": { "excludeIds": [drivers[0].id] },
        }))
        .await;
    // The fourth is inactive; what the store does not know yet is shown.
    let found = scene.subjects("/vehicles/locations", "/vehicle").await;
    assert_eq!(sorted(found), ["new", "v0", "v2"]);
    let found = scene.subjects("/hos/available-time", "/driver").await;
    assert_eq!(sorted(found), ["d1", "d2", "new"]);
    // A vehicle stays where it is, whoever may be seen to drive it.
    let path = format!("/vehicles/locations?vehicleIds={}", vehicles[0].id);
    let page = scene.client.get(&path).await.ok();
    assert_eq!(rows(&page)[0].get("driver"), None);

    let asked = scene.provider.sent().len();
    let hidden = format!("/vehicles/locations?vehicleIds={}", vehicles[1].id);
    assert_eq!(rows(&scene.client.get(&hidden).await.ok()).len(), 0);
    assert_eq!(scene.provider.sent().len(), asked, "nobody to ask about");
}

#[tokio::test]
async fn deleted_ones_are_left_out() {
    let scene = scene().await;
    let ids = scene.server.fleet.connection().await.ids();
    let mut seed = Seed::new(ids);
    seed.add_all(&scene.contents.vehicles[1..]);
    seed.lists_all(model::Model::Vehicle);
    seed.commit(&scene.server.fleet).await;
    let found = scene.subjects("/vehicles/locations", "/vehicle").await;
    assert_eq!(sorted(found), ["new", "v1", "v2", "v3"]);
}

#[tokio::test]
async fn lists_are_of_the_vehicles_and_drivers_asked_for() {
    let scene = scene().await;
    let ids = scene.server.fleet.connection().await.ids();
    let (one, other, new) = (ids.vehicle("v1"), ids.vehicle("v2"), ids.vehicle("new"));
    let path = format!("/vehicles/locations?vehicleIds={one},{other}");
    let found = scene.subjects(&path, "/vehicle").await;
    assert_eq!(sorted(found), ["v1", "v2"]);
    // One that the store does not know has no name to ask the provider by: it is asked for all.
    let path = format!("/vehicles/locations?vehicleIds={one},{new}");
    let found = scene.subjects(&path, "/vehicle").await;
    assert_eq!(sorted(found), ["new", "v1"]);
    let driver = ids.driver("d0");
    let path = format!("/vehicles/locations?driverIds={driver}");
    assert_eq!(scene.subjects(&path, "/vehicle").await, ["v0"]);
    let driver = ids.driver("d2");
    let path = format!("/vehicles/locations?driverIds={driver}");
    assert!(scene.subjects(&path, "/vehicle").await.is_empty());
}

#[tokio::test]
async fn malformed_parameters_are_refused_before_anybody_is_asked() {
    let scene = scene().await;
    let driver = scene.contents.drivers[0].id;
    let many: Vec<String> = (0..51)
        .map(|number| {
            let ulid = model::Ulid::from_bits(number);
            model::VehicleId(ulid).to_string()
        })
        .collect();
    for (path, place) in [
        (
            format!("/vehicles/locations?vehicleIds={driver}"),
            "vehicleIds",
        ),
        (
            format!("/vehicles/locations?vehicleIds={}", many.join(",")),
            "vehicleIds",
        ),
        ("/vehicles/locations?driverIds=".to_owned(), "driverIds"),
        ("/vehicles/locations?expand=trailer".to_owned(), "expand"),
        ("/vehicles/locations?cursor=x".to_owned(), "cursor"),
        ("/trailers/locations?expand=vehicle".to_owned(), "expand"),
        ("/hos/available-time?limit=0".to_owned(), "limit"),
    ] {
        let answer = scene.client.get(&path).await;
        refused_at(&answer, &format!("{{requestQuery}}.{place}"));
    }
    assert!(scene.provider.sent().is_empty());
}
