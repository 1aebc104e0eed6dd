//! What ingest is measured against: the same pages fetched, decompressed and parsed, and no more.
//!
//! The transport is the server's own, and so is the number of requests under way; the parser is
//! serde's derived one on structs of what an ingest needs. Nothing is checked, converted or kept.

use std::borrow::Cow;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::task::JoinSet;
use world::{HttpAnswer, HttpRequest, Method, Reach, Transport};

use crate::error::BenchError;
use crate::first_sync::transport;
use crate::page_server::{KeptPages, LISTING, TOKEN};
use crate::process;

#[derive(Deserialize)]
struct BarePage<'a> {
    #[serde(borrow)]
    data: Vec<BareVehicle<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct BareVehicle<'a> {
    id: &'a str,
    #[serde(borrow)]
    gps: Vec<BareFix<'a>>,
    #[serde(borrow)]
    engine_states: Vec<BareState<'a>>,
    #[serde(borrow)]
    fuel_percents: Vec<BareReading<'a>>,
    #[serde(borrow)]
    obd_odometer_meters: Vec<BareReading<'a>>,
    #[serde(borrow)]
    gps_odometer_meters: Vec<BareReading<'a>>,
    #[serde(borrow)]
    obd_engine_seconds: Vec<BareReading<'a>>,
    #[serde(borrow)]
    synthetic_engine_seconds: Vec<BareReading<'a>>,
    #[serde(borrow)]
    fuel_consumed_milliliters: Vec<BareReading<'a>>,
    #[serde(borrow)]
    engine_rpm: Vec<BareReading<'a>>,
    #[serde(borrow, rename = "engineOilPressureKPa")]
    engine_oil_pressure_kpa: Vec<BareReading<'a>>,
    #[serde(borrow)]
    engine_coolant_temperature_milli_c: Vec<BareReading<'a>>,
    #[serde(borrow)]
    battery_milli_volts: Vec<BareReading<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)] // Read by nobody: this loop ends where ingest begins.
struct BareFix<'a> {
    time: &'a str,
    latitude: f64,
    longitude: f64,
    heading_degrees: f64,
    speed_miles_per_hour: f64,
    #[serde(borrow)]
    reverse_geo: Option<BareAddress<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)] // As above.
struct BareAddress<'a> {
    #[serde(borrow)]
    formatted_location: Cow<'a, str>,
}

#[derive(Deserialize)]
#[allow(dead_code)] // As above.
struct BareState<'a> {
    time: &'a str,
    value: &'a str,
}

#[derive(Deserialize)]
#[allow(dead_code)] // As above.
struct BareReading<'a> {
    time: &'a str,
    value: f64,
}

impl BareVehicle<'_> {
    fn points(&self) -> usize {
        let readings = [
            &self.fuel_percents,
            &self.obd_odometer_meters,
            &self.gps_odometer_meters,
            &self.obd_engine_seconds,
            &self.synthetic_engine_seconds,
            &self.fuel_consumed_milliliters,
            &self.engine_rpm,
            &self.engine_oil_pressure_kpa,
            &self.engine_coolant_temperature_milli_c,
            &self.battery_milli_volts,
        ];
        let counted: usize = readings.iter().map(|column| column.len()).sum();
        counted + self.gps.len() + self.engine_states.len()
    }
}

/// Asks for `url` as the engine would.
async fn fetch(transport: &dyn Transport, url: String) -> Result<HttpAnswer, BenchError> {
    let request = HttpRequest {
        method: Method::Get,
        url,
        headers: vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))],
        body: None,
        timeout: Duration::from_secs(60),
        reach: Reach::Anywhere,
    };
    let answer = transport.send(request).await?;
    if answer.status != 200 {
        let status = answer.status;
        return Err(BenchError::Unexpected(format!(
            "the page server answered {status}"
        )));
    }
    Ok(answer)
}

/// What the page server keeps by now.
pub fn kept_pages(base_url: &str) -> Result<KeptPages, BenchError> {
    let (transport, url) = (transport()?, format!("{base_url}{LISTING}"));
    let answer = process::runtime()?.block_on(fetch(transport.as_ref(), url))?;
    serde_json::from_slice(&answer.body).map_err(BenchError::unexpected)
}

/// Reads all pages, `concurrency` at once; returns how many points are on them.
pub async fn read_pages(
    transport: Arc<dyn Transport>,
    base_url: &str,
    urls: Arc<Vec<String>>,
    concurrency: usize,
) -> Result<u64, BenchError> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut readers = JoinSet::new();
    for _ in 0..concurrency {
        let (transport, urls, next) = (Arc::clone(&transport), urls.clone(), next.clone());
        let base_url = base_url.to_owned();
        readers.spawn(async move {
            let mut points = 0;
            while let Some(url) = urls.get(next.fetch_add(1, Ordering::Relaxed)) {
                let answer = fetch(transport.as_ref(), format!("{base_url}{url}")).await?;
                points += parse(url, &answer.body)?;
            }
            Ok::<u64, BenchError>(points)
        });
    }
    let mut points = 0;
    while let Some(read) = readers.join_next().await {
        points += read.map_err(BenchError::unexpected)??;
    }
    Ok(points)
}

fn parse(url: &str, body: &[u8]) -> Result<u64, BenchError> {
    if !url.contains("/stats/history") {
        serde_json::from_slice::<IgnoredAny>(body).map_err(BenchError::unexpected)?;
        return Ok(0);
    }
    let page: BarePage<'_> = serde_json::from_slice(body).map_err(BenchError::unexpected)?;
    let points: usize = page.data.iter().map(BareVehicle::points).sum();
    black_box(
        page.data
            .iter()
            .map(|vehicle| vehicle.id.len())
            .sum::<usize>(),
    );
    Ok(points as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_every_kind_are_counted() {
        let body = r#"{"data":[{"id":"1","name":"a","gps":[{"time":"t","latitude":1.5,
            "longitude":-2,"headingDegrees":3,"speedMilesPerHour":4,"isEcuSpeed":true,
            "reverseGeo":{"formattedLocation":"a \"b\""}}],
            "engineStates":[{"time":"t","value":"On"}],
            "engineOilPressureKPa":[{"time":"t","value":5}],
            "engineCoolantTemperatureMilliC":[{"time":"t","value":6}],
            "batteryMilliVolts":[{"time":"t","value":7}]}],
            "pagination":{"endCursor":"","hasNextPage":false}}"#;
        let points = parse("/fleet/vehicles/stats/history?x", body.as_bytes());
        assert_eq!(points.expect("it parses"), 5);
        assert_eq!(parse("/me", b"{}").expect("it parses"), 0);
    }
}
