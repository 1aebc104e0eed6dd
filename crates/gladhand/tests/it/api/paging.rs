//! Cursors and limits: the same for every list.

use serde_json::{Value, json};
use testkit::api_server::ApiServer;

use super::{ids, refused_at, rows, text};

/// One row a page gives what one page of all rows gives, in the same order.
#[tokio::test]
async fn pages_of_one_row_add_up_to_the_whole_list() {
    let server = ApiServer::synced().await;
    for name in ["one", "two", "three"] {
        server
            .make_connection(server.application, |new| new.tags = vec![name.to_owned()])
            .await;
    }
    let vehicle = server.fleet.truth().await.vehicles()[0].id;
    let locations = format!("/vehicles/{vehicle}/locations");
    let begin = server
        .client
        .get(&format!("{locations}?limit=40"))
        .await
        .ok();
    let until = text(&rows(&begin)[39], "/locatedAt").to_owned();
    for path in [
        "/vehicles".to_owned(),
        "/drivers".to_owned(),
        "/groups".to_owned(),
        "/connections".to_owned(),
        "/connections?order=desc".to_owned(),
        format!("{locations}?endAt={until}"),
        format!("/vehicles/{vehicle}/stats/historical?endAt={until}"),
    ] {
        let whole = server.client.all(&path).await;
        assert!(whole.len() > 1, "{path} gives {} rows", whole.len());
        let separator = if path.contains('?') { '&' } else { '?' };
        let one_by_one = server
            .client
            .all(&format!("{path}{separator}limit=1"))
            .await;
        assert_eq!(one_by_one, whole, "{path}");
    }
}

#[tokio::test]
async fn the_last_page_has_no_next_even_when_it_is_full() {
    let server = ApiServer::synced().await;
    for path in ["/vehicles", "/drivers", "/groups", "/syncs", "/connections"] {
        let whole = server.client.get(path).await.ok();
        assert_eq!(whole.get("next"), None, "{path}");
        let count = rows(&whole).len();
        let full = server
            .client
            .get(&format!("{path}?limit={count}"))
            .await
            .ok();
        assert_eq!(rows(&full).len(), count);
        assert_eq!(full.get("next"), None, "{path}: a full last page");
    }
    let nothing = server.client.get("/issues").await.ok();
    assert_eq!(nothing, json!({ "results": [] }));
}

#[tokio::test]
async fn a_cursor_carries_its_query() {
    let server = ApiServer::synced().await;
    let before = "2999-01-01T00:00:00.000Z";
    let query = format!("/vehicles?modifiedBefore={before}&deleted=true&limit=1");
    let first = server.client.get(&query).await.ok();
    let next = text(&first, "/next");

    let alone = server
        .client
        .get(&format!("/vehicles?cursor={next}"))
        .await
        .ok();
    assert_eq!(rows(&alone).len(), 1, "the limit came with the cursor");
    assert_ne!(ids(rows(&alone)), ids(rows(&first)));
    let repeated = server
        .client
        .get(&format!("{query}&cursor={next}"))
        .await
        .ok();
    assert_eq!(repeated, alone);
    // The same instant, written otherwise.
    let shifted = "2999-01-01T01:00:00%2B01:00";
    let path = format!("/vehicles?modifiedBefore={shifted}&cursor={next}");
    assert_eq!(server.client.get(&path).await.ok(), alone);

    for (changed, name) in [
        ("modifiedBefore=2998-01-01T00:00:00.000Z", "modifiedBefore"),
        ("deleted=false", "deleted"),
        ("hidden=true", "hidden"),
        ("modifiedAfter=2000-01-01T00:00:00.000Z", "modifiedAfter"),
    ] {
        let answer = server
            .client
            .get(&format!("/vehicles?{changed}&cursor={next}"))
            .await;
        refused_at(&answer, &format!("{{requestQuery}}.{name}"));
    }
}

#[tokio::test]
async fn limit_expand_and_raw_may_change_between_pages() {
    let server = ApiServer::synced().await;
    let whole = server.client.all("/vehicles").await;
    let first = server.client.get("/vehicles?limit=1").await.ok();
    let next = text(&first, "/next");
    let path = format!("/vehicles?limit=100&expand=groups&raw=true&cursor={next}");
    let rest = server.client.get(&path).await.ok();
    assert_eq!(ids(rows(&rest)), ids(&whole[1..]));
    for row in rows(&rest) {
        assert!(row["raw"].is_array(), "{row}");
        assert!(
            row["groups"]
                .as_array()
                .is_some_and(|all| all.iter().all(Value::is_object))
        );
    }
    // And back.
    let first = server
        .client
        .get("/vehicles?limit=1&expand=groups&raw=true")
        .await
        .ok();
    let next = text(&first, "/next");
    let rest = server
        .client
        .get(&format!("/vehicles?raw=false&cursor={next}"))
        .await
        .ok();
    assert_eq!(rows(&rest)[0].get("raw"), None);
}

#[tokio::test]
async fn a_cursor_of_another_list_or_a_changed_one_is_refused() {
    let server = ApiServer::synced().await;
    let vehicles = server.fleet.truth().await.vehicles().to_vec();
    let first = server.client.get("/vehicles?limit=1").await.ok();
    let next = text(&first, "/next").to_owned();

    let refused = |path: String| {
        let client = server.client.clone();
        async move { refused_at(&client.get(&path).await, "{requestQuery}.cursor") }
    };
    refused(format!("/drivers?cursor={next}")).await;
    refused(format!("/syncs?cursor={next}")).await;
    for nonsense in [
        "x",
        "AAAA",
        "cD0yMDIxLTAxLTA2KzAzJTNBMjQlM0E1My40MzQzMjYlMkIwMCUzQTAw",
    ] {
        refused(format!("/vehicles?cursor={nonsense}")).await;
    }
    let middle = next.len() / 2;
    let replaced = if &next[middle..=middle] == "A" {
        "B"
    } else {
        "A"
    };
    refused(format!(
        "/vehicles?cursor={}{replaced}{}",
        &next[..middle],
        &next[middle + 1..]
    ))
    .await;
    refused(format!("/vehicles?cursor={}", &next[..next.len() - 4])).await;

    // History's cursor belongs to its vehicle and its kind.
    let path = format!("/vehicles/{}/locations", vehicles[0].id);
    let page = server.client.get(&format!("{path}?limit=1")).await.ok();
    let next = text(&page, "/next");
    refused(format!(
        "/vehicles/{}/locations?cursor={next}",
        vehicles[1].id
    ))
    .await;
    refused(format!(
        "/vehicles/{}/stats/historical?cursor={next}",
        vehicles[0].id
    ))
    .await;

    // And to the connection and application it was made for.
    let other = server.fresh_client().await;
    let first = text(&first, "/next");
    refused_at(
        &other.get(&format!("/vehicles?cursor={first}")).await,
        "{requestQuery}.cursor",
    );
}

#[tokio::test]
async fn a_limit_above_the_maximum_is_clamped_and_below_one_refused() {
    let server = ApiServer::synced().await;
    let vehicle = server.fleet.truth().await.vehicles()[0].id;
    let history = format!("/vehicles/{vehicle}/locations");
    for path in [
        "/vehicles",
        "/drivers",
        "/groups",
        "/syncs",
        "/connections",
        "/issues",
        &history,
    ] {
        for below in ["0", "-1"] {
            let answer = server.client.get(&format!("{path}?limit={below}")).await;
            refused_at(&answer, "{requestQuery}.limit");
        }
        for above in ["1000000", "99999999999999999999999999"] {
            server
                .client
                .get(&format!("{path}?limit={above}"))
                .await
                .ok();
        }
    }
}

/// A list gives 100 rows unless told otherwise, and 1,000 at most.
#[tokio::test]
async fn lists_have_their_default_and_maximum() {
    let server = ApiServer::bare().await;
    for _ in 0..1_002 {
        server.make_connection(server.application, |_| {}).await;
    }
    let count = async |path: &str| {
        let page = server.client.get(path).await.ok();
        assert!(page["next"].is_string(), "{path}");
        rows(&page).len()
    };
    assert_eq!(count("/connections").await, 100);
    assert_eq!(count("/connections?limit=1000").await, 1_000);
    assert_eq!(count("/connections?limit=5000").await, 1_000);
    assert_eq!(
        server.client.all("/connections?limit=400").await.len(),
        1_003
    );
}
