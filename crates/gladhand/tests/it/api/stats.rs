//! `/vehicles/{vehicleId}/stats/historical`.

use std::collections::BTreeMap;

use model::history::{EngineState, StatUnit};
use model::{StatType, VehicleId, Window, units};
use serde_json::Value;
use testkit::api_server::ApiServer;

use super::{later, rows, text, time};

fn ever() -> Window {
    Window {
        from: model::Timestamp::from_millis(0),
        until: later(testkit::fleet::usual_now(), 1),
    }
}

/// The vehicle with the most points of all its stats.
async fn busiest(server: &ApiServer) -> VehicleId {
    let truth = server.fleet.truth().await;
    let count = |id: VehicleId| -> usize {
        StatType::ALL
            .into_iter()
            .map(|stat| truth.served_stats(id, stat, ever()).len())
            .sum()
    };
    truth
        .vehicle_ids()
        .into_iter()
        .max_by_key(|id| count(*id))
        .expect("a fleet has vehicles")
}

/// The fixed-point value of a served row.
fn value(row: &Value, stat: StatType) -> i64 {
    let (member, unit) = stat.member();
    let served = &row[member];
    match unit {
        StatUnit::Hundredths => {
            units::hundredths(served.as_f64().expect("a number")).expect("a sane number")
        }
        StatUnit::Milliseconds => served.as_i64().expect("a whole number"),
        StatUnit::EngineState => {
            let states = [EngineState::Off, EngineState::On, EngineState::Idle];
            let found = states.into_iter().find(|state| served == state.name());
            found.expect("a known state") as i64
        }
    }
}

#[tokio::test]
async fn every_type_is_served_as_the_truth_has_it() {
    let server = ApiServer::synced().await;
    let vehicle = busiest(&server).await;
    let truth = server.fleet.truth().await;
    let path = format!("/vehicles/{vehicle}/stats/historical?limit=5000");
    let all = server.client.all(&path).await;
    let mut by_type: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for row in &all {
        by_type.entry(text(row, "/type")).or_default().push(row);
        assert_eq!(row["vehicle"], vehicle.to_string());
    }
    let mut met = 0;
    for stat in StatType::ALL {
        let wanted = truth.served_stats(vehicle, stat, ever());
        let served = by_type.remove(stat.name()).unwrap_or_default();
        let served: Vec<_> = served
            .iter()
            .map(|row| (time(row, "/timestamp"), value(row, stat)))
            .collect();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|point| (point.time, point.value))
            .collect();
        assert_eq!(served, wanted, "{}", stat.name());
        met += usize::from(!wanted.is_empty());
    }
    assert!(met > 4, "a vehicle with {met} types says little");
    assert!(all.iter().map(|row| time(row, "/timestamp")).is_sorted());
    assert_eq!(super::id_set(&all).len(), all.len());
}

#[tokio::test]
async fn types_choose_what_is_served() {
    let server = ApiServer::synced().await;
    let vehicle = busiest(&server).await;
    let path = format!("/vehicles/{vehicle}/stats/historical");
    let all = server.client.all(&format!("{path}?limit=5000")).await;
    for types in [
        "odometer",
        "engine_state,odometer",
        "odometer,engine_state,fuel_level",
    ] {
        let chosen: Vec<&str> = types.split(',').collect();
        let wanted: Vec<_> = all
            .iter()
            .filter(|row| chosen.contains(&text(row, "/type")))
            .cloned()
            .collect();
        assert!(!wanted.is_empty());
        let served = server
            .client
            .all(&format!("{path}?limit=333&types={types}"))
            .await;
        assert_eq!(served, wanted, "{types}");
    }
    // The order of the types is no part of the query.
    let page = server
        .client
        .get(&format!("{path}?limit=1&types=odometer,engine_state"))
        .await
        .ok();
    let next = text(&page, "/next");
    let swapped = format!("{path}?types=engine_state,odometer&cursor={next}");
    server.client.get(&swapped).await.ok();
    let other = server
        .client
        .get(&format!("{path}?types=odometer&cursor={next}"))
        .await;
    super::refused_at(&other, "{requestQuery}.types");
}

#[tokio::test]
async fn start_at_includes_its_bound_and_end_at_does_not() {
    let server = ApiServer::synced().await;
    let vehicle = busiest(&server).await;
    let path = format!("/vehicles/{vehicle}/stats/historical?types=odometer");
    let all = server.client.all(&path).await;
    let times: Vec<_> = all.iter().map(|row| time(row, "/timestamp")).collect();
    let (start, end) = (times[2], times[9]);
    let served = server
        .client
        .all(&format!("{path}&startAt={start}&endAt={end}&limit=3"))
        .await;
    assert_eq!(served, all[2..9]);
    let served = server
        .client
        .all(&format!("{path}&startAt={start}&endAt={}", later(end, 1)))
        .await;
    assert_eq!(served, all[2..10]);
}

#[tokio::test]
async fn expand_puts_the_vehicle_in_the_place_of_its_id() {
    let server = ApiServer::synced().await;
    let vehicle = busiest(&server).await;
    let whole = server
        .client
        .get(&format!("/vehicles/{vehicle}"))
        .await
        .ok();
    let path = format!("/vehicles/{vehicle}/stats/historical?limit=20");
    let plain = server.client.get(&path).await.ok();
    let expanded = server
        .client
        .get(&format!("{path}&expand=vehicle"))
        .await
        .ok();
    for (plain, expanded) in rows(&plain).iter().zip(rows(&expanded)) {
        assert_eq!(expanded["vehicle"], whole);
        assert_eq!(expanded["id"], plain["id"]);
    }
}

#[tokio::test]
async fn raw_gives_the_source_row_of_each_point() {
    let server = ApiServer::synced().await;
    let vehicle = busiest(&server).await;
    let path = format!("/vehicles/{vehicle}/stats/historical?limit=200&raw=true");
    let page = server.client.get(&path).await.ok();
    assert_eq!(rows(&page).len(), 200);
    for row in rows(&page) {
        let [raw] = row["raw"].as_array().expect("a list").as_slice() else {
            panic!("one source row: {row}");
        };
        assert_eq!(time(raw, "/data/time"), time(row, "/timestamp"), "{row}");
        assert!(!raw["data"]["value"].is_null(), "{raw}");
    }
}
