//! `/ifta/summary`.

use std::collections::BTreeMap;

use model::Month;
use serde_json::{Value, json};
use testkit::api_server::ApiServer;
use testkit::records::contents::Contents;
use testkit::records::{Seed, seeded_server};

use super::{refused_at, text};

const ALL_MONTHS: &str = "/ifta/summary?startMonth=2025-12&endMonth=2026-02";

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}

/// What rows are called in sums: vehicle, jurisdiction and month, as far as they have them.
type Key = (Option<String>, Option<Value>, Option<String>);

fn key(row: &Value) -> Key {
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    (
        text("vehicle"),
        row.get("jurisdiction").cloned(),
        text("month"),
    )
}

/// Hundredths of kilometres by key, summed here by hand.
fn sums(contents: &Contents, group_by: &str, months: [&str; 2]) -> BTreeMap<String, i64> {
    let months = months.map(month);
    let by = |name: &str| group_by.split(',').any(|part| part == name);
    let mut sums = BTreeMap::new();
    for row in &contents.ifta {
        if row.month < months[0] || row.month > months[1] {
            continue;
        }
        let key: Key = (
            by("vehicle").then(|| row.vehicle.to_string()),
            by("jurisdiction").then(|| json!(row.jurisdiction)),
            by("month").then(|| row.month.to_string()),
        );
        *sums.entry(format!("{key:?}")).or_insert(0) += (row.distance * 100.0).round() as i64;
    }
    sums
}

fn served_sums(rows: &[Value]) -> BTreeMap<String, i64> {
    let distance = |row: &Value| (row["distance"].as_f64().expect("a number") * 100.0).round();
    rows.iter()
        .map(|row| (format!("{:?}", key(row)), distance(row) as i64))
        .collect()
}

#[tokio::test]
async fn each_grouping_sums_what_it_says() {
    let (server, contents) = seeded_server().await;
    for (query, group_by) in [
        ("", "vehicle,jurisdiction"),
        ("&groupBy=vehicle,jurisdiction", "vehicle,jurisdiction"),
        ("&groupBy=vehicle", "vehicle"),
        ("&groupBy=jurisdiction", "jurisdiction"),
        (
            "&groupBy=vehicle,jurisdiction,month",
            "vehicle,jurisdiction,month",
        ),
    ] {
        for months in [
            ["2025-12", "2026-02"],
            ["2026-01", "2026-01"],
            ["2020-01", "2025-12"],
        ] {
            let [first, last] = months;
            let path = format!("/ifta/summary?startMonth={first}&endMonth={last}{query}");
            let rows = server.client.all(&path).await;
            let served = served_sums(&rows);
            assert_eq!(served.len(), rows.len(), "{path}: no sum comes twice");
            assert_eq!(served, sums(&contents, group_by, months), "{path}");
            assert!(rows.iter().all(|row| row["provider"] == "samsara"));
        }
    }
    let nothing = "/ifta/summary?startMonth=2020-01&endMonth=2020-12";
    assert_eq!(
        server.client.get(nothing).await.ok(),
        json!({ "results": [] })
    );
}

#[tokio::test]
async fn what_lies_in_no_jurisdiction_is_null() {
    let (server, _) = seeded_server().await;
    let rows = server
        .client
        .all(&format!("{ALL_MONTHS}&groupBy=jurisdiction"))
        .await;
    let found: Vec<&Value> = rows.iter().map(|row| &row["jurisdiction"]).collect();
    assert_eq!(found, [&Value::Null, &json!("KY"), &json!("TN")]);
    assert!(rows.iter().all(|row| row.get("jurisdiction").is_some()));
    let by_vehicle = server
        .client
        .all(&format!("{ALL_MONTHS}&groupBy=vehicle"))
        .await;
    assert!(
        by_vehicle
            .iter()
            .all(|row| row.get("jurisdiction").is_none())
    );
}

#[tokio::test]
async fn expand_and_raw_give_vehicles_and_all_source_rows() {
    let (server, contents) = seeded_server().await;
    let vehicles = server.client.all("/vehicles").await;
    let path = format!("{ALL_MONTHS}&expand=vehicle&raw=true");
    let rows = server.client.all(&path).await;
    assert!(!rows.is_empty());
    for row in &rows {
        assert!(vehicles.contains(&row["vehicle"]), "{row}");
        let raw = row["raw"].as_array().expect("a list");
        assert_eq!(raw.len(), 3, "one a month: {row}");
        let vehicle = text(row, "/vehicle/id");
        assert!(
            raw.iter()
                .all(|raw| text(raw, "/data/key").starts_with(vehicle))
        );
    }
    let all = server
        .client
        .all(&format!(
            "{ALL_MONTHS}&groupBy=jurisdiction&raw=true&expand=vehicle"
        ))
        .await;
    let count: usize = all
        .iter()
        .map(|row| row["raw"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(count, contents.ifta.len());
}

#[tokio::test]
async fn hidden_vehicles_do_not_count() {
    let (server, contents) = seeded_server().await;
    let filters = json!({ "filters": { "vehicles": { "includeIds": [contents.vehicles[1].id] } } });
    server
        .client
        .patch_json("/connections/current", &filters)
        .await
        .ok();
    let rows = server
        .client
        .all(&format!("{ALL_MONTHS}&groupBy=vehicle"))
        .await;
    let [row] = rows.as_slice() else {
        panic!("one vehicle: {rows:?}");
    };
    assert_eq!(row["vehicle"], json!(contents.vehicles[1].id));
    let total = contents
        .ifta
        .iter()
        .filter(|row| row.vehicle == contents.vehicles[1].id);
    let total: i64 = total.map(|row| (row.distance * 100.0).round() as i64).sum();
    assert_eq!(served_sums(&rows).into_values().sum::<i64>(), total);
}

/// The server chooses how long its pages are; they add up all the same.
#[tokio::test]
async fn long_summaries_come_in_pages() {
    let (server, contents) = seeded_server().await;
    let space = server.fleet.connection().await.ids();
    let mut seed = Seed::new(space);
    let mut wanted = 0;
    for number in 0..700 {
        for month in ["2026-01", "2026-02"] {
            let mut row = contents.ifta[0].clone();
            row.vehicle = space.vehicle(&format!("many{number}"));
            row.month = self::month(month);
            row.distance = 0.01;
            let key = model::ifta::IftaVehicleMonth::key(row.vehicle, row.month, Some("TN"));
            row.id = space.ifta_report(&key);
            seed.add(&row);
            wanted += 1;
        }
    }
    seed.commit(&server.fleet).await;
    let path = format!("{ALL_MONTHS}&groupBy=vehicle,jurisdiction,month");
    let first = server.client.get(&path).await.ok();
    assert!(first["next"].is_string());
    // The cursor carries the months too.
    let next = text(&first, "/next");
    server
        .client
        .get(&format!("/ifta/summary?cursor={next}"))
        .await
        .ok();
    let rows = server.client.all(&path).await;
    assert_eq!(rows.len(), wanted + contents.ifta.len());
    assert_eq!(served_sums(&rows).len(), rows.len());
}

#[tokio::test]
async fn months_are_demanded_and_held_to_a_span() {
    let server = ApiServer::bare().await;
    for (query, name) in [
        ("?startMonth=2026-01", "endMonth"),
        ("?endMonth=2026-01", "startMonth"),
        ("?startMonth=2026-1&endMonth=2026-02", "startMonth"),
        ("?startMonth=2026-01-01&endMonth=2026-02", "startMonth"),
        ("?startMonth=2026-01&endMonth=2026-13", "endMonth"),
        ("?startMonth=2026-02&endMonth=2026-01", "endMonth"),
        ("?startMonth=2016-01&endMonth=2026-01", "endMonth"),
        (
            "?startMonth=2026-01&endMonth=2026-01&groupBy=month",
            "groupBy",
        ),
        (
            "?startMonth=2026-01&endMonth=2026-01&expand=driver",
            "expand",
        ),
        ("?cursor=nonsense", "cursor"),
    ] {
        let answer = server.client.get(&format!("/ifta/summary{query}")).await;
        refused_at(&answer, &format!("{{requestQuery}}.{name}"));
    }
    let answer = server.client.get("/ifta/summary").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.places().len(), 2, "both are missing: {answer}");
    let ten_years = "/ifta/summary?startMonth=2016-02&endMonth=2026-01";
    server.client.get(ten_years).await.ok();
    let answer = server.client.get(&format!("{ten_years}&limit=5")).await;
    answer.ok();
    assert_eq!(answer.header_texts("warning").len(), 1, "it has no limit");
}
