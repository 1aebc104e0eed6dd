//! `/vehicles/{vehicleId}/locations`.

use model::{VehicleId, Window, units};
use serde_json::json;
use simulator::TrueLocation;
use testkit::api_server::ApiServer;

use super::{later, refused_at, rows, text, time};

/// The vehicle with the most points, and the truth about it.
async fn busiest(server: &ApiServer) -> (VehicleId, Vec<TrueLocation>) {
    let truth = server.fleet.truth().await;
    let ever = Window {
        from: model::Timestamp::from_millis(0),
        until: later(testkit::fleet::usual_now(), 1),
    };
    let all = truth
        .vehicle_ids()
        .into_iter()
        .map(|id| (id, truth.locations(id, ever)));
    all.max_by_key(|(_, locations)| locations.len())
        .expect("a fleet has vehicles")
}

#[tokio::test]
async fn every_point_is_served_in_the_order_of_time() {
    let server = ApiServer::synced().await;
    let (vehicle, truth) = busiest(&server).await;
    assert!(truth.len() > 100, "a vehicle that moved");
    let served = server
        .client
        .all(&format!("/vehicles/{vehicle}/locations?limit=700"))
        .await;
    assert_eq!(served.len(), truth.len());
    for (row, wanted) in served.iter().zip(&truth) {
        assert_eq!(time(row, "/locatedAt"), wanted.time);
        assert_eq!(row["vehicle"], vehicle.to_string());
        assert_eq!(row["provider"], "samsara");
        let degrees = |e7: i32| json!(units::from_degrees_e7(e7));
        assert_eq!(
            row["location"]["latitude"].as_f64(),
            degrees(wanted.latitude_e7).as_f64()
        );
        assert_eq!(
            row["location"]["longitude"].as_f64(),
            degrees(wanted.longitude_e7).as_f64()
        );
        let hundredths =
            |value: Option<i32>| value.map(|value| units::from_hundredths(i64::from(value)));
        assert_eq!(row["speed"].as_f64(), hundredths(wanted.speed_centi_kph));
        assert_eq!(row["heading"].as_f64(), hundredths(wanted.heading_centi));
        let address = row
            .pointer("/address/formatted")
            .and_then(|text| text.as_str());
        assert_eq!(address, wanted.address.as_deref());
    }
}

#[tokio::test]
async fn start_at_includes_its_bound_and_end_at_does_not() {
    let server = ApiServer::synced().await;
    let (vehicle, truth) = busiest(&server).await;
    let path = format!("/vehicles/{vehicle}/locations");
    let (start, end) = (truth[3].time, truth[20].time);
    let times = async |query: String| {
        let served = server.client.all(&format!("{path}?{query}")).await;
        served
            .iter()
            .map(|row| time(row, "/locatedAt"))
            .collect::<Vec<_>>()
    };
    let wanted = |from, until| {
        let inside = truth
            .iter()
            .map(|row| row.time)
            .filter(|time| (from..until).contains(time));
        inside.collect::<Vec<_>>()
    };
    for (from, until) in [
        (start, end),
        (later(start, 1), end),
        (start, later(end, 1)),
        (start, later(start, 1)),
    ] {
        let query = format!("startAt={from}&endAt={until}");
        assert_eq!(times(query.clone()).await, wanted(from, until), "{query}");
        assert_eq!(
            times(format!("{query}&limit=4")).await,
            wanted(from, until),
            "{query}"
        );
    }
    assert_eq!(
        times(format!("endAt={start}")).await,
        wanted(truth[0].time, start)
    );
    let last = truth.last().expect("there are points").time;
    assert_eq!(times(format!("startAt={last}")).await, [last]);
    assert_eq!(times(format!("startAt={}", later(last, 1))).await, []);
}

#[tokio::test]
async fn a_span_that_ends_before_it_starts_is_refused() {
    let server = ApiServer::bare().await;
    let path = format!("/vehicles/{}/locations", super::NO_VEHICLE);
    let query = "startAt=2026-01-02T00:00:00Z&endAt=2026-01-01T00:00:00Z";
    refused_at(
        &server.client.get(&format!("{path}?{query}")).await,
        "{requestQuery}.endAt",
    );
}

#[tokio::test]
async fn raw_gives_the_source_row_of_each_point() {
    let server = ApiServer::synced().await;
    let (vehicle, _) = busiest(&server).await;
    let path = format!("/vehicles/{vehicle}/locations?limit=50");
    let plain = server.client.get(&path).await.ok();
    let with_raw = server.client.get(&format!("{path}&raw=true")).await.ok();
    assert_eq!(rows(&with_raw).len(), 50);
    for (plain, row) in rows(&plain).iter().zip(rows(&with_raw)) {
        assert_eq!(plain.get("raw"), None);
        assert_eq!(plain["id"], row["id"]);
        let [raw] = row["raw"].as_array().expect("a list").as_slice() else {
            panic!("one source row: {row}");
        };
        let read = |pointer: &str| {
            raw["data"]
                .pointer(pointer)
                .and_then(|value| value.as_f64())
        };
        assert_eq!(time(raw, "/data/time"), time(row, "/locatedAt"), "{raw}");
        assert_eq!(
            read("/latitude").map(|d| (d * 1e7).round()),
            row["location"]["latitude"]
                .as_f64()
                .map(|d| (d * 1e7).round())
        );
        assert_eq!(text(raw, "/provider"), "samsara");
    }
}

#[tokio::test]
async fn ids_are_unique_and_stay_through_another_sync() {
    let server = ApiServer::synced().await;
    let (vehicle, truth) = busiest(&server).await;
    let path = format!("/vehicles/{vehicle}/locations");
    let before = server.client.all(&path).await;
    assert_eq!(super::id_set(&before).len(), truth.len());
    server.fleet.backfill().await;
    assert_eq!(
        server.client.all(&path).await,
        before,
        "an unchanged point is not even modified"
    );
}

/// Points that do not name their driver have the one of the vehicle's assignments.
#[tokio::test]
async fn drivers_come_from_assignments() {
    let (server, contents) = testkit::records::seeded_server().await;
    let vehicle = contents.vehicles[0].id;
    server.store_locations(vehicle, 260_000).await;
    let path = format!("/vehicles/{vehicle}/locations");
    let begin = contents.assignments[0].started_at;
    let drivers = &contents.drivers;
    let hour = 3_600_000;
    for (from, driver) in [
        (-1_000, None),
        (0, Some(0)),
        (4 * hour - 1_000, Some(0)),
        (4 * hour, Some(2)),
        (5 * hour, Some(1)),
        (6 * hour, Some(2)),
        (8 * hour - 1_000, Some(2)),
        (8 * hour, Some(1)),
        (60 * hour, Some(1)),
    ] {
        let query = format!("startAt={}&limit=1", later(begin, from));
        let page = server.client.get(&format!("{path}?{query}")).await.ok();
        let row = &rows(&page)[0];
        let wanted = driver.map(|number: usize| json!(drivers[number].id));
        assert_eq!(row.get("driver"), wanted.as_ref(), "{from}: {row}");
    }
    // A page in which it changes says the same.
    let query = format!("startAt={}&limit=1000", later(begin, 4 * hour - 500_000));
    let page = server.client.get(&format!("{path}?{query}")).await.ok();
    for row in rows(&page) {
        let number = if time(row, "/locatedAt") < later(begin, 4 * hour) {
            0
        } else {
            2
        };
        assert_eq!(row["driver"], json!(drivers[number].id), "{row}");
    }
    let other = contents.vehicles[1].id;
    server.store_locations(other, 3).await;
    for row in server
        .client
        .all(&format!("/vehicles/{other}/locations"))
        .await
    {
        assert_eq!(row.get("driver"), None);
    }
}
