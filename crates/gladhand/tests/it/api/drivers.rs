//! `/drivers`, `/drivers/{id}`.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::FaultPlan;
use testkit::api_server::ApiServer;
use testkit::fleet::FleetConfig;
use world::Clock;

use super::vehicles::check_modification_bounds;
use super::{body_of, text, time};

pub(super) const NO_DRIVER: &str = "drv_00000000000000000000000000";

#[tokio::test]
async fn the_list_is_all_drivers_in_the_order_of_modification() {
    let server = ApiServer::synced().await;
    let truth = server.fleet.truth().await;
    let list = server.client.all("/drivers").await;
    assert_eq!(list.len(), truth.drivers().len());
    for driver in truth.drivers() {
        let wanted = serde_json::to_value(driver).expect("a driver is JSON");
        let served = list
            .iter()
            .find(|row| row["id"] == wanted["id"])
            .expect("it is listed");
        assert_eq!(body_of(served), wanted);
        let path = format!("/drivers/{}", driver.id);
        assert_eq!(server.client.get(&path).await.ok(), *served);
    }
    let places: Vec<_> = list
        .iter()
        .map(|row| (time(row, "/metadata/modifiedAt"), text(row, "/id")))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    server
        .client
        .get(&format!("/drivers/{NO_DRIVER}"))
        .await
        .is(404);
}

#[tokio::test]
async fn modification_bounds_are_those_of_every_list() {
    let server = ApiServer::synced().await;
    check_modification_bounds(&server, "/drivers").await;
}

#[tokio::test]
async fn expand_and_raw_give_groups_and_source_rows() {
    let server = ApiServer::synced().await;
    let groups = server.client.all("/groups").await;
    let plain = server.client.all("/drivers").await;
    let full = server.client.all("/drivers?expand=groups&raw=true").await;
    let mut met = 0;
    for (plain, full) in plain.iter().zip(&full) {
        let ids = plain["groups"].as_array().expect("a list").iter();
        for (id, group) in ids.zip(full["groups"].as_array().expect("a list")) {
            assert!(group["id"] == *id && groups.contains(group), "{group}");
            met += 1;
        }
        assert_eq!(full["raw"][0]["data"]["id"], plain["sourceId"]);
        let path = format!("/drivers/{}?expand=groups&raw=true", text(plain, "/id"));
        assert_eq!(server.client.get(&path).await.ok(), *full);
    }
    assert!(met > 0, "some driver is in a group");
}

/// A driver that the provider no longer lists is kept, and shown only to who asks for it.
#[tokio::test]
async fn deleted_drivers_are_listed_on_request() {
    let faults = FaultPlan {
        withdraw: true,
        ..FaultPlan::none()
    };
    let config = FleetConfig {
        drivers: 6,
        faults,
        ..FleetConfig::small(1)
    };
    let server = ApiServer::synced_from(config).await;
    let before = server.client.all("/drivers?deleted=true").await;
    server.fleet.clock.advance(Duration::from_secs(48 * 3_600));
    let gone_at = server.fleet.clock.now();
    server.fleet.catch_up().await;

    let left = server.client.all("/drivers").await;
    let all = server.client.all("/drivers?deleted=true").await;
    assert_eq!((before.len(), left.len(), all.len()), (6, 5, 6));
    let is_gone = |row: &&Value| !left.iter().any(|other| other["id"] == row["id"]);
    let gone = all.iter().find(is_gone).expect("one is gone");
    assert_eq!(gone["metadata"]["visibility"], "deleted");
    assert!(time(gone, "/metadata/deletedAt") >= gone_at);
    assert!(
        left.iter()
            .all(|row| row["metadata"].get("deletedAt").is_none())
    );
    let path = format!("/drivers/{}", text(gone, "/id"));
    assert_eq!(
        server.client.get(&path).await.ok(),
        *gone,
        "by its id it is still found"
    );
    // Its deletion is news to who polls.
    let since = format!("/drivers?deleted=true&modifiedAfter={gone_at}");
    assert_eq!(server.client.all(&since).await, std::slice::from_ref(gone));
}

#[tokio::test]
async fn filters_of_drivers_are_their_own() {
    let server = ApiServer::synced().await;
    let vehicles = server.client.all("/vehicles").await;
    let drivers = server.client.all("/drivers").await;
    let include = json!({ "filters": { "drivers": { "includeIds": [drivers[0]["id"]] } } });
    server
        .client
        .patch_json("/connections/current", &include)
        .await
        .ok();
    assert_eq!(server.client.all("/drivers").await, drivers[..1]);
    assert_eq!(
        server.client.all("/drivers?hidden=true").await.len(),
        drivers.len()
    );
    assert_eq!(server.client.all("/vehicles").await, vehicles);
}
