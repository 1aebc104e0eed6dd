//! `/safety/events/{id}/camera-media`.

use serde_json::{Value, json};
use testkit::records::seeded_server;
use testkit::scripted::{Reaction, ScriptedProvider};

use super::{refused_at, text};

const NO_EVENT: &str = "/safety/events/sft_evt_00000000000000000000000000/camera-media";

fn event(source_id: &str, media: &Value) -> Reaction {
    Reaction::json(&json!({
        "data": [{
            "id": source_id,
            "asset": { "id": "v0" },
            "behaviorLabels": [{ "label": "Crash" }],
            "startMs": "2026-03-01T12:00:00Z",
            "media": media,
        }],
        "pagination": { "endCursor": "", "hasNextPage": false },
    }))
}

fn film(input: &str) -> Value {
    json!({ "input": input, "url": format!("https://media.example.com/{input}.mp4?signature=1") })
}

#[tokio::test]
async fn films_are_asked_for_when_they_are_wanted() {
    let (server, contents) = seeded_server().await;
    let both = json!([film("dashcamRoadFacing"), film("dashcamDriverFacing")]);
    let provider = ScriptedProvider::new(move |_| event("event-0", &both));
    let client = server.client_over(provider.clone());
    let path = format!(
        "/safety/events/{}/camera-media",
        contents.safety_events[0].id
    );
    let body = client.get(&path).await.ok();
    assert_eq!(
        text(&body, "/frontFacing/videoUrl"),
        "https://media.example.com/dashcamRoadFacing.mp4?signature=1"
    );
    assert_eq!(
        text(&body, "/rearFacing/videoUrl"),
        "https://media.example.com/dashcamDriverFacing.mp4?signature=1"
    );
    assert_eq!(body.get("raw"), None);
    assert!(
        provider.paths()[0].contains("event-0"),
        "{:?}",
        provider.paths()
    );
    let with_raw = client.get(&format!("{path}?raw=true")).await.ok();
    assert_eq!(text(&with_raw, "/raw/0/schema"), "live.camera_media");
    assert_eq!(text(&with_raw, "/raw/0/data/id"), "event-0");
    assert_eq!(provider.sent().len(), 1, "the answer was kept");
}

#[tokio::test]
async fn an_event_without_films_has_none() {
    let (server, contents) = seeded_server().await;
    let provider = ScriptedProvider::new(|_| event("event-1", &json!([])));
    let client = server.client_over(provider);
    let path = format!(
        "/safety/events/{}/camera-media",
        contents.safety_events[1].id
    );
    assert_eq!(client.get(&path).await.ok(), json!({}));
    let with_raw = client.get(&format!("{path}?raw=true")).await.ok();
    assert_eq!(with_raw["raw"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn unknown_events_are_404_here_and_there() {
    let (server, contents) = seeded_server().await;
    let provider = ScriptedProvider::new(|_| Reaction::status(404));
    let client = server.client_over(provider.clone());
    client.get(NO_EVENT).await.is(404);
    assert!(provider.sent().is_empty());
    let path = format!(
        "/safety/events/{}/camera-media",
        contents.safety_events[0].id
    );
    client.get(&path).await.is(404);
    assert_eq!(provider.sent().len(), 1);
    let wrong = client.get("/safety/events/vcl_1/camera-media").await;
    refused_at(&wrong, "{requestPath}.id");
}
