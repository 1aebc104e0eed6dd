//! What the connection's filters do to everything that names a vehicle or driver, and what deletion
//! does.

use std::time::Duration;

use model::{Model, RecordStatus};
use serde_json::{Value, json};
use testkit::records::{Seed, seeded_server};

use super::{id_set, ids, text};

/// Each list that names vehicles or drivers, and whether it can have either.
const LISTS: [(&str, bool, bool); 7] = [
    ("/devices", true, false),
    ("/trips", true, true),
    ("/safety/events", true, true),
    ("/fault-codes/events", true, false),
    ("/hos/logs", true, true),
    ("/hos/daily-logs", false, true),
    ("/vehicles/utilization", true, false),
];

/// Rows are hidden with the vehicle or driver that they name, whatever the filter hides it by, and
/// come back with it.
#[tokio::test]
async fn rows_of_hidden_vehicles_and_drivers_are_left_out() {
    let (server, contents) = seeded_server().await;
    let (vehicles, drivers) = (&contents.vehicles, &contents.drivers);
    let inactive_vehicle = vehicles.last().expect("there are vehicles");
    assert_eq!(inactive_vehicle.status, RecordStatus::Inactive);
    let vehicle = |number: usize| json!(vehicles[number].id);
    let driver = |number: usize| json!(drivers[number].id);
    let cases = [
        (
            json!({ "vehicles": { "excludeIds": [vehicle(0)] }, "drivers": {} }),
            vec![vehicle(0)],
        ),
        (
            json!({ "vehicles": { "includeIds": [vehicle(1), vehicle(3)] }, "drivers": {} }),
            vec![vehicle(0), vehicle(2)],
        ),
        (
            json!({ "vehicles": { "status": "active" }, "drivers": {} }),
            vec![vehicle(3)],
        ),
        (
            json!({
                "vehicles": { "status": "active", "excludeIds": [vehicle(1)] },
                "drivers": { "excludeIds": [driver(0)] },
            }),
            vec![vehicle(1), vehicle(3), driver(0)],
        ),
        (
            json!({
                "vehicles": {},
                "drivers": { "status": "inactive", "includeIds": [driver(0)] },
            }),
            vec![driver(1), driver(2)],
        ),
        (json!({ "vehicles": {}, "drivers": {} }), vec![]),
    ];
    let mut wholes = Vec::new();
    for (path, _, _) in LISTS {
        wholes.push(server.client.all(path).await);
    }
    for (filters, hidden) in cases {
        let patch = json!({ "filters": filters });
        server
            .client
            .patch_json("/connections/current", &patch)
            .await
            .ok();
        for ((path, has_vehicle, has_driver), whole) in LISTS.iter().zip(&wholes) {
            let names_hidden = |row: &&Value| {
                (*has_vehicle && hidden.contains(&row["vehicle"]))
                    || (*has_driver && hidden.contains(&row["driver"]))
            };
            let wanted: Vec<Value> = whole
                .iter()
                .filter(|row| !names_hidden(row))
                .cloned()
                .collect();
            for query in ["", "?limit=4"] {
                let served = server.client.all(&format!("{path}{query}")).await;
                assert_eq!(served, wanted, "{path}{query} with {filters}");
            }
        }
    }
}

/// By its id an event is served whatever hides it, as a vehicle is.
#[tokio::test]
async fn a_safety_event_is_found_by_its_id() {
    let (server, contents) = seeded_server().await;
    let listed = server.client.all("/safety/events").await;
    let vehicle = contents.safety_events[0].vehicle;
    let exclude = json!({ "filters": { "vehicles": { "excludeIds": [vehicle] } } });
    server
        .client
        .patch_json("/connections/current", &exclude)
        .await
        .ok();
    for row in &listed {
        let path = format!("/safety/events/{}", text(row, "/id"));
        assert_eq!(server.client.get(&path).await.ok(), *row);
    }
    let event = contents.safety_events[0].id;
    let full = server
        .client
        .get(&format!(
            "/safety/events/{event}?expand=vehicle,driver&raw=true"
        ))
        .await
        .ok();
    assert_eq!(
        full["vehicle"]["id"],
        json!(contents.safety_events[0].vehicle)
    );
    assert_eq!(
        full["vehicle"]["metadata"]["visibility"],
        "hidden_by_exclude_list"
    );
    assert_eq!(full["raw"][0]["data"]["key"], full["sourceId"]);
    let nothing = "/safety/events/sft_evt_00000000000000000000000000";
    server.client.get(nothing).await.is(404);
    let answer = server.client.get("/safety/events/vcl_1").await;
    super::refused_at(&answer, "{requestPath}.id");
    let answer = server
        .client
        .get(&format!("/safety/events/{event}?expand=group"))
        .await;
    super::refused_at(&answer, "{requestQuery}.expand");
}

/// What the provider no longer lists is kept, shown to who asks, and comes back as itself; the
/// events of a deleted vehicle stay.
#[tokio::test]
async fn deleted_entities_are_listed_on_request() {
    let (server, contents) = seeded_server().await;
    server.fleet.clock.advance(Duration::from_secs(3_600));
    let space = server.fleet.connection().await.ids();
    let mut seed = Seed::new(space);
    seed.add_all(&contents.devices[1..]);
    seed.add_all(&contents.trailers[1..]);
    seed.add_all(&contents.groups[1..]);
    seed.add_all(&contents.vehicles[1..]);
    seed.add_all(&contents.drivers[1..]);
    let models = [
        Model::Device,
        Model::Trailer,
        Model::Group,
        Model::Vehicle,
        Model::Driver,
    ];
    for model in models {
        seed.lists_all(model);
    }
    let trips = server.client.all("/trips").await;
    seed.commit(&server.fleet).await;

    for path in ["/devices", "/trailers", "/groups", "/vehicles", "/drivers"] {
        let left = server.client.all(path).await;
        let all = server.client.all(&format!("{path}?deleted=true")).await;
        assert_eq!(all.len(), left.len() + 1, "{path}");
        let gone: Vec<_> = all
            .iter()
            .filter(|row| row["metadata"].get("deletedAt").is_some())
            .collect();
        assert_eq!(gone.len(), 1, "{path}");
        assert!(!ids(&left).contains(&text(gone[0], "/id")), "{path}");
    }
    assert_eq!(server.client.all("/trips").await, trips);

    server.fleet.clock.advance(Duration::from_secs(3_600));
    let mut seed = Seed::new(space);
    seed.add_all(&contents.devices);
    seed.lists_all(Model::Device);
    seed.commit(&server.fleet).await;
    let back = server.client.all("/devices").await;
    assert_eq!(back.len(), contents.devices.len());
    assert!(
        back.iter()
            .all(|row| row["metadata"].get("deletedAt").is_none())
    );
    assert_eq!(id_set(&back).len(), contents.devices.len());
}

/// A vehicle's `devices` become the devices themselves.
#[tokio::test]
async fn vehicles_expand_their_devices() {
    let (server, _) = seeded_server().await;
    let devices = server.client.all("/devices").await;
    for vehicle in server.client.all("/vehicles?expand=devices,groups").await {
        let [device] = vehicle["devices"].as_array().expect("a list").as_slice() else {
            panic!("one device: {vehicle}");
        };
        assert!(devices.contains(device), "{device}");
        assert_eq!(device["vehicle"], vehicle["id"]);
    }
}
