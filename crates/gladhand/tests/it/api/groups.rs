//! `/groups`.

use testkit::api_server::ApiServer;

use super::body_of;
use super::vehicles::check_modification_bounds;

#[tokio::test]
async fn the_list_is_the_tree_of_groups() {
    let server = ApiServer::synced().await;
    let truth = server.fleet.truth().await;
    let list = server.client.all("/groups").await;
    assert_eq!(list.len(), truth.groups().len());
    for group in truth.groups() {
        let wanted = serde_json::to_value(group).expect("a group is JSON");
        let served = list
            .iter()
            .find(|row| row["id"] == wanted["id"])
            .expect("it is listed");
        assert_eq!(body_of(served), wanted);
    }
}

#[tokio::test]
async fn modification_bounds_are_those_of_every_list() {
    let server = ApiServer::synced().await;
    check_modification_bounds(&server, "/groups").await;
}

#[tokio::test]
async fn expand_puts_the_parent_in_the_place_of_its_id() {
    let server = ApiServer::synced().await;
    let plain = server.client.all("/groups").await;
    let expanded = server.client.all("/groups?expand=parent").await;
    let mut met = 0;
    for (plain, expanded) in plain.iter().zip(&expanded) {
        match plain.get("parent") {
            None => assert_eq!(expanded, plain),
            Some(id) => {
                let parent = plain_by_id(&server, id.as_str().expect("an id")).await;
                assert_eq!(expanded["parent"], parent);
                met += 1;
            }
        }
    }
    assert!(met > 0, "some group has a parent");
}

async fn plain_by_id(server: &ApiServer, id: &str) -> serde_json::Value {
    let list = server.client.all("/groups").await;
    list.into_iter()
        .find(|group| group["id"] == id)
        .expect("a parent is a group too")
}

#[tokio::test]
async fn raw_gives_the_source_rows() {
    let server = ApiServer::synced().await;
    for group in server.client.all("/groups?raw=true").await {
        assert_eq!(group["raw"][0]["data"]["id"], group["sourceId"]);
        assert_eq!(group["raw"][0]["data"]["name"], group["name"]);
    }
}
