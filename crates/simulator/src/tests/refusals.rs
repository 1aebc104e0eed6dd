//! What the endpoints of events and reports refuse.

use super::reader::*;
use crate::{FaultPlan, SamsaraConfig, SamsaraServer};

#[test]
fn wrong_questions_are_refused_loudly() {
    let server = server(111, 1.0, FaultPlan::none());
    let fifty_one = vec!["1"; 51].join(",");
    let twenty_one = vec!["1"; 21].join(",");
    let day = "startTime=2025-06-16T00:00:00Z&endTime=2025-06-17T00:00:00Z";
    let two_days = "startTime=2025-06-16T00:00:00Z&endTime=2025-06-18T00:00:00Z";
    let half_year = "startTime=2025-01-01T00:00:00Z&endTime=2025-06-17T00:00:00Z";
    for (url, message) in [
        ("/trips/stream?startTime=2025-06-16T00:00:00Z", "ids"),
        (
            &*format!("/trips/stream?ids={fifty_one}&{day}"),
            "50 or less",
        ),
        (
            &*format!("/trips/stream?ids=1&{day}&queryBy=birth"),
            "queryBy",
        ),
        ("/safety-events/stream", "startTime"),
        ("/safety-events", "safetyEventIds"),
        (
            &*format!("/safety-events/stream?{day}&queryByTimeField=x"),
            "queryByTimeField",
        ),
        (
            &*format!("/safety-events/stream?{day}&includeAsset=perhaps"),
            "includeAsset",
        ),
        (
            "/fleet/safety-events?startTime=2025-06-16T00:00:00Z",
            "endTime",
        ),
        ("/fleet/hos/daily-logs?startDate=2025-06-16", "endDate"),
        (
            "/fleet/hos/daily-logs?startDate=2025-06-16&endDate=2025-06-15",
            "before",
        ),
        (
            "/fleet/hos/daily-logs?startDate=2025-02-30&endDate=2025-06-15",
            "2025-02-30",
        ),
        ("/fleet/hos/logs?startTime=soon", "soon"),
        ("/fleet/driver-vehicle-assignments", "filterBy"),
        (
            "/fleet/driver-vehicle-assignments?filterBy=moon",
            "'vehicles'",
        ),
        ("/fleet/reports/ifta/vehicle?month=June", "year"),
        ("/fleet/reports/ifta/vehicle?year=2025", "month or quarter"),
        ("/fleet/reports/ifta/vehicle?year=2025&month=Juni", "Juni"),
        (
            "/fleet/reports/ifta/vehicle?year=2025&month=June&quarter=Q2",
            "either",
        ),
        (
            "/fleet/reports/vehicles/fuel-energy?startDate=2025-06-16",
            "endDate",
        ),
        (
            "/fleet/reports/vehicles/fuel-energy?startDate=x&endDate=2025-06-16",
            "startDate",
        ),
        ("/fleet/trailers/stats", "types"),
        ("/fleet/trailers/stats?types=gps,wings", "wings"),
        (
            "/fleet/trailers/stats?types=gps,gpsOdometerMeters,reeferAlarms,reeferRunMode",
            "more than 3",
        ),
        ("/assets?type=boat", "type"),
        ("/devices?limit=101", "100"),
        (
            "/assets/location-and-speed/stream",
            "Need to include asset IDs to filter by.",
        ),
        (
            &*format!("/assets/location-and-speed/stream?ids={fifty_one}"),
            "Need to filter by 50 or less asset IDs or syncTokens.",
        ),
        (
            &*format!("/idling/events?{day}&limit=512"),
            "limit must be lesser or equal than 200 but got value 512",
        ),
        (
            &*format!("/idling/events?{half_year}"),
            "Total duration must be less than 3 months.",
        ),
        (
            &*format!("/cameras/media?vehicleIds=1&{two_days}"),
            "24 hours",
        ),
        (
            &*format!("/cameras/media?vehicleIds={twenty_one}&{day}"),
            "20 or less",
        ),
    ] {
        let (status, body) = json(&server, url, after_days(2.0));
        assert_eq!(status, 400, "{url}");
        let text = body["message"].as_str().unwrap();
        assert!(text.contains(message), "{url}: {text}");
    }
}

#[test]
fn the_old_trips_refuse_in_plain_text_and_know_no_strangers() {
    let server = server(112, 1.0, FaultPlan::none());
    let now = after_days(2.0);
    for (query, text_of) in [
        (
            "",
            "rpc error: code = InvalidArgument desc = Missing parameter: vehicleId",
        ),
        (
            "vehicleId=1&startMs=0&endMs=7776000001",
            "rpc error: code = InvalidArgument desc = requested time range cannot exceed 90 days",
        ),
    ] {
        let answer = get(&server, &format!("/v1/fleet/trips?{query}"), now);
        assert_eq!(answer.status, 400);
        assert_eq!(text(&answer), text_of);
        let content_type = answer.header("content-type").unwrap();
        assert!(content_type.starts_with("text/plain"));
    }
    let (status, body) = json(
        &server,
        "/v1/fleet/trips?vehicleId=1&startMs=0&endMs=9",
        now,
    );
    assert_eq!((status, body.to_string().as_str()), (200, "{\"trips\":[]}"));
}

#[test]
fn a_trip_under_way_has_no_end() {
    let server = server(113, 3.0, FaultPlan::none());
    let mut under_way = 0;
    for hours in 0..48 {
        let now = after_days(f64::from(hours) / 24.0);
        for plan in server.world().vehicles() {
            let url = format!(
                "/v1/fleet/trips?vehicleId={}&startMs={1}&endMs={1}",
                plan.source_id,
                now.millis()
            );
            for row in json(&server, &url, now).1["trips"].as_array().unwrap() {
                if row["endMs"] == i64::MAX {
                    under_way += 1;
                    assert!(row.get("endCoordinates").is_none());
                } else {
                    assert_eq!(row["endMs"], now.millis(), "it ends now");
                }
            }
        }
    }
    assert!(under_way > 10, "{under_way}");
}

#[test]
fn five_a_second_is_what_most_of_them_take() {
    let server = SamsaraServer::new(world(114, 1.0), FaultPlan::none(), SamsaraConfig::default());
    let statuses: Vec<u16> = (0..7)
        .map(|_| get(&server, "/gateways", after_days(1.0)).status)
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 5);
    assert_eq!(get(&server, "/fleet/trailers", after_days(1.0)).status, 200);
}
