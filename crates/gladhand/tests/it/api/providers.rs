//! `/providers`.

use testkit::api_server::ApiServer;

use super::text;

#[tokio::test]
async fn strangers_are_answered_without_base_code() {
    let server = ApiServer::bare().await;
    let stranger = server.client.without_key().without_token();
    let shown = stranger.get("/providers").await.ok();
    let known = server.client.get("/providers").await.ok();
    let (shown, known) = (
        shown.as_array().expect("a list"),
        known.as_array().expect("a list"),
    );
    assert!(!shown.is_empty());
    assert_eq!(shown.len(), known.len());
    for (shown, known) in shown.iter().zip(known) {
        assert_eq!(shown.get("baseCode"), None);
        assert!(!text(known, "/baseCode").is_empty());
        let mut without = known.clone();
        without
            .as_object_mut()
            .expect("an object")
            .remove("baseCode");
        assert_eq!(*shown, without);
    }
}

#[tokio::test]
async fn samsara_says_what_is_read() {
    let server = ApiServer::bare().await;
    let list = server.client.get("/providers").await.ok();
    let mut all = list.as_array().expect("a list").iter();
    let samsara = all
        .find(|provider| provider["code"] == "samsara")
        .expect("it is built");
    assert_eq!(samsara["name"], "Samsara");
    let models = &samsara["supportedModels"];
    for model in [
        "Vehicle",
        "Driver",
        "Group",
        "VehicleLocation",
        "VehicleStatLog",
    ] {
        assert_eq!(
            models[model]["supportedOperations"]["read"], "supported",
            "{model}"
        );
    }
    assert_ne!(models["Trip"]["supportedOperations"]["read"], "supported");
    for artwork in ["logo", "icon"] {
        let url = text(samsara, &format!("/{artwork}"));
        assert!(
            url.starts_with(testkit::api_server::PUBLIC_BASE_URL),
            "{url}"
        );
    }
}
