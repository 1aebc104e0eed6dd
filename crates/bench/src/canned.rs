//! Providers in process that answer from memory: one that never changes, one that trickles.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::Timestamp;
use model::time::{MINUTE_MS, SECOND_MS};
use world::http::Sending;
use world::{Clock, Encoding, HttpAnswer, HttpRequest, Rng, Transport, TransportError};

const HISTORY: &str = "/fleet/vehicles/stats/history?";
const FEED: &str = "/fleet/vehicles/stats/feed?";
/// A cursor that stays what it is.
const NO_NEWS: &str = "still";
const STEP_MS: i64 = 15 * MINUTE_MS;

/// Names its vehicles, and nothing ever happens: one unchanged answer to each question.
#[derive(Clone)]
pub struct StillProvider {
    account: HttpAnswer,
    vehicles: HttpAnswer,
    trips: HttpAnswer,
    reports: HttpAnswer,
    feed: HttpAnswer,
    nothing: HttpAnswer,
}

impl StillProvider {
    pub fn new(vehicles: usize) -> Result<StillProvider, TransportError> {
        let rows: Vec<String> = (0..vehicles)
            .map(|number| {
                let id = source_id(number);
                format!(
                    r#"{{"id":"{id}","name":"Truck {number}","vin":"1FUJGHDV0CLBP{number:04}"}}"#
                )
            })
            .collect();
        let list = |rows: &str| {
            format!(r#"{{"data":[{rows}],"pagination":{{"endCursor":"","hasNextPage":false}}}}"#)
        };
        Ok(StillProvider {
            account: answer(r#"{"data":{"id":"1","name":"Bench Freight"}}"#)?,
            vehicles: answer(&list(&rows.join(",")))?,
            trips: answer(r#"{"trips":[]}"#)?,
            reports: answer(
                r#"{"data":{"vehicleReports":[]},
                "pagination":{"endCursor":"","hasNextPage":false}}"#,
            )?,
            feed: answer(&format!(
                r#"{{"data":[],"pagination":{{"endCursor":"{NO_NEWS}","hasNextPage":false}}}}"#
            ))?,
            nothing: answer(&list(""))?,
        })
    }

    fn answer_to(&self, url: &str) -> HttpAnswer {
        let of = |path: &str| url.ends_with(path) || url.contains(&format!("{path}?"));
        if of("/me") {
            self.account.clone()
        } else if of("/fleet/vehicles") {
            self.vehicles.clone()
        } else if of("/v1/fleet/trips") {
            self.trips.clone()
        } else if url.contains("/fleet/reports/") {
            self.reports.clone()
        } else if url.contains(FEED) || of("/safety-events/stream") {
            self.feed.clone()
        } else {
            self.nothing.clone()
        }
    }
}

impl Transport for StillProvider {
    fn send(&self, request: HttpRequest) -> Sending {
        let answer = self.answer_to(&request.url);
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// Names the same vehicles, and each of their series has one point every quarter of an hour: the
/// feeds give those since they were last asked, history those of its window.
#[derive(Clone)]
pub struct TrickleProvider {
    still: Arc<StillProvider>,
    vehicles: usize,
    clock: Arc<dyn Clock>,
}

impl TrickleProvider {
    pub fn new(vehicles: usize, clock: Arc<dyn Clock>) -> Result<TrickleProvider, TransportError> {
        Ok(TrickleProvider {
            still: Arc::new(StillProvider::new(vehicles)?),
            vehicles,
            clock,
        })
    }

    /// A cursor is the time up to which the feed was read; the first call gives nothing but one.
    fn feed(&self, query: &str) -> Result<HttpAnswer, TransportError> {
        let now = self.clock.now();
        let from = value(query, "after").and_then(Timestamp::parse);
        let ids: Vec<String> = (0..self.vehicles).map(source_id).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let types = value(query, "types").unwrap_or_default();
        points(&ids, types, from.unwrap_or(now), now, &now.to_string())
    }
}

impl Transport for TrickleProvider {
    fn send(&self, request: HttpRequest) -> Sending {
        let url = request.url.replace("%2C", ",").replace("%3A", ":");
        let sent = if let Some((_, query)) = url.split_once(FEED) {
            self.feed(query)
        } else if let Some((_, query)) = url.split_once(HISTORY) {
            history(query)
        } else {
            Ok(self.still.answer_to(&url))
        };
        Box::pin(std::future::ready(sent))
    }
}

fn source_id(number: usize) -> String {
    format!("2814749800{number:05}")
}

/// Compressed, as every provider does it.
fn answer(json: &str) -> Result<HttpAnswer, TransportError> {
    let interrupted = |error: std::io::Error| TransportError::Interrupted {
        reason: error.to_string(),
    };
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(json.as_bytes()).map_err(interrupted)?;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Ok(HttpAnswer {
        status: 200,
        headers: vec![
            header("content-type", "application/json"),
            header("content-encoding", "gzip"),
        ],
        wire_body: gzip.finish().map_err(interrupted)?.into(),
        encoding: Encoding::Gzip,
        body: Bytes::copy_from_slice(json.as_bytes()),
    })
}

fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name)?;
    Some(value)
}

fn history(query: &str) -> Result<HttpAnswer, TransportError> {
    let time = |name| value(query, name).and_then(Timestamp::parse);
    let (Some(from), Some(until)) = (time("startTime"), time("endTime")) else {
        return Err(TransportError::Unsendable {
            reason: format!("no window in {query}"),
        });
    };
    let ids: Vec<&str> = value(query, "vehicleIds")
        .unwrap_or_default()
        .split(',')
        .collect();
    let types = value(query, "types").unwrap_or_default();
    points(&ids, types, from, until, "")
}

/// What these vehicles' series have in the window. Fault codes they have none.
fn points(
    ids: &[&str],
    types: &str,
    from: Timestamp,
    until: Timestamp,
    cursor: &str,
) -> Result<HttpAnswer, TransportError> {
    let mut json = String::from(r#"{"data":["#);
    for (index, id) in ids.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        json.push_str(&format!(r#"{comma}{{"id":"{id}","name":"Truck""#));
        for name in types.split(',').filter(|name| *name != "faultCodes") {
            let rows: Vec<String> = times(id, name, from, until)
                .map(|time| row(name, id, time))
                .collect();
            json.push_str(&format!(r#","{name}":[{}]"#, rows.join(",")));
        }
        json.push('}');
    }
    json.push_str(&format!(
        r#"],"pagination":{{"endCursor":"{cursor}","hasNextPage":false}}}}"#
    ));
    answer(&json)
}

/// When the series has its points: the same place in every quarter of an hour.
fn times(
    id: &str,
    name: &str,
    from: Timestamp,
    until: Timestamp,
) -> impl Iterator<Item = Timestamp> {
    let place_ms = chance(id, name).below(STEP_MS as u64) as i64;
    let mut at_ms = from.floor_to(STEP_MS).millis() + place_ms;
    if at_ms < from.millis() {
        at_ms += STEP_MS;
    }
    let step = STEP_MS as usize;
    (at_ms..until.millis())
        .step_by(step)
        .map(Timestamp::from_millis)
}

fn chance(id: &str, name: &str) -> Rng {
    let seed = id.bytes().chain(name.bytes());
    Rng::new(seed.fold(1, |hash: u64, byte| {
        hash.wrapping_mul(131) + u64::from(byte)
    }))
}

/// Values as a truck under way has them, a function of the time alone.
fn row(name: &str, id: &str, time: Timestamp) -> String {
    let mut rng = chance(id, name).fork(time.millis() as u64);
    let elapsed_s = time.millis() / SECOND_MS % 10_000_000;
    match name {
        "gps" => {
            let latitude = 35.0 + elapsed_s as f64 * 1e-6 + rng.unit() * 0.01;
            let longitude = -86.0 - elapsed_s as f64 * 1e-6 - rng.unit() * 0.01;
            let (heading, speed) = (rng.below(360), rng.between(40.0, 70.0));
            format!(r#"{{"time":"{time}","latitude":{latitude:.7},"longitude":{longitude:.7},"#)
                + &format!(r#""headingDegrees":{heading},"speedMilesPerHour":{speed:.2}}}"#)
        }
        "engineStates" => {
            let state = rng.pick(&["Off", "On", "Idle"]);
            format!(r#"{{"time":"{time}","value":"{state}"}}"#)
        }
        "fuelPercents" => format!(r#"{{"time":"{time}","value":{}}}"#, rng.below(100)),
        _ => {
            let value = 10_000_000 + elapsed_s * 22 + rng.below(500) as i64;
            format!(r#"{{"time":"{time}","value":{value}}}"#)
        }
    }
}

#[cfg(test)]
mod tests {
    use world::ManualClock;

    use super::*;

    #[test]
    fn every_quarter_of_an_hour_has_one_point() {
        let start = Timestamp::from_millis(1_772_619_420_000);
        for step in 0..50 {
            let from = Timestamp::from_millis(start.millis() + step * STEP_MS);
            let until = Timestamp::from_millis(from.millis() + STEP_MS);
            assert_eq!(times("2814749800001", "gps", from, until).count(), 1);
        }
    }

    #[test]
    fn history_answers_what_was_asked() {
        let query = "types=gps,engineStates&vehicleIds=1,2&startTime=2026-03-04T10:00:00.000Z\
                     &endTime=2026-03-04T10:30:00.000Z&limit=512";
        let answer = history(query).expect("an answer");
        let json: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(json["data"][1]["id"], "2");
        assert_eq!(json["data"][1]["gps"].as_array().map(Vec::len), Some(2));
        let inflated = world::inflate(&answer.wire_body, 1 << 20).expect("gzip");
        assert_eq!(inflated, answer.body);
    }
    #[test]
    fn a_feed_gives_each_point_once() {
        let start = Timestamp::from_millis(1_772_619_420_000);
        let clock = Arc::new(ManualClock::at(start));
        let provider = TrickleProvider::new(1, Arc::clone(&clock) as Arc<dyn Clock>);
        let provider = provider.expect("it is made");
        let (mut cursor, mut points) = (String::new(), 0);
        for _ in 0..10 {
            let answer = provider.feed(&format!("types=gps&after={cursor}"));
            let body = answer.expect("an answer").body;
            let json: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
            points += json["data"][0]["gps"].as_array().map_or(0, Vec::len);
            cursor = json["pagination"]["endCursor"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            clock.advance(std::time::Duration::from_millis(STEP_MS as u64));
        }
        assert_eq!(points, 9);
    }
}
