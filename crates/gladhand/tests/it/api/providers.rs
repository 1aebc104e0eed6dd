//! `/providers`.

use serde_json::json;
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
    for (name, model) in models.as_object().expect("an object") {
        let read = text(model, "/supportedOperations/read");
        let words = [
            "supported",
            "not_supported_by_terminal",
            "not_supported_by_provider",
        ];
        assert!(words.contains(&read), "{name}: {read}");
    }
    assert!(!text(models, "/VehicleLocation/sampleRate").is_empty());
    let types = models["SafetyEvent"]["types"].as_array();
    assert!(types.is_some_and(|types| types.contains(&json!("harsh_brake"))));
    let references = samsara["references"].as_array().expect("a list");
    let kinds: Vec<&str> = references.iter().map(|it| text(it, "/type")).collect();
    assert_eq!(kinds, ["login-page", "developer-docs"]);
    for artwork in ["logo", "icon"] {
        let url = text(samsara, &format!("/{artwork}"));
        assert!(
            url.starts_with(testkit::api_server::PUBLIC_BASE_URL),
            "{url}"
        );
    }
}
