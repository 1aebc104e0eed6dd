//! Against Samsara's own description of its API, where it is at hand: every required key is given,
//! no key is made up, and values have the types that are written there.

use serde_json::Value;

use super::reader::*;
use super::samples::samples;
use crate::FaultPlan;

/// Given by newer versions of the API than the description is of.
const NEWER: [&str; 2] = ["/data/hosSetting", "/data/email"];
/// Written there as one word with a comma in it.
const MISPRINTED: &str = "/data/ptoState";
/// Empty while a driver's app is not connected, as the description says elsewhere.
const MAYBE_EMPTY: &str = "/data/currentDutyStatus/hosStatusType";

struct Description(Value);

impl Description {
    fn read() -> Option<Description> {
        let Ok(text) = std::fs::read_to_string(samples().join("openapi.json")) else {
            println!("skipped: no description of Samsara's API beside this checkout");
            return None;
        };
        Some(Description(serde_json::from_str(&text).unwrap()))
    }

    fn resolved<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(reference) = value["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            value = self.0.pointer(pointer).expect("references lead somewhere");
        }
        value
    }

    fn answer_of(&self, path: &str) -> &Value {
        let ok = self.resolved(&self.0["paths"][path]["get"]["responses"]["200"]);
        &ok["content"]["application/json"]["schema"]
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        let schema = self.resolved(schema);
        let is_of_type = match schema["type"].as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            _ => true,
        };
        if !is_of_type {
            wrong.push(format!("{at}: {value} is not {}", schema["type"]));
        }
        if let (Some(words), false) = (schema["enum"].as_array(), at == MISPRINTED)
            && !words.contains(value)
            && (at != MAYBE_EMPTY || value != "")
        {
            wrong.push(format!("{at}: {value} is none of the words"));
        }
        for item in value.as_array().into_iter().flatten() {
            self.check(&schema["items"], item, at, wrong);
        }
        let (Some(members), Some(known)) = (value.as_object(), schema["properties"].as_object())
        else {
            return;
        };
        for (name, member) in members {
            let at = format!("{at}/{name}");
            match known.get(name) {
                Some(schema) => self.check(schema, member, &at, wrong),
                None if NEWER.contains(&at.as_str()) => {}
                None => wrong.push(format!("{at}: no such key")),
            }
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            if name
                .as_str()
                .is_some_and(|name| !members.contains_key(name))
            {
                wrong.push(format!("{at}: {name} is missing"));
            }
        }
    }
}

#[test]
fn answers_are_what_samsaras_description_says() {
    let Some(description) = Description::read() else {
        return;
    };
    let server = server(121, 3.0, FaultPlan::parse("edit,late", 2).unwrap());
    let now = after_days(2.45);
    let plans = server.world().vehicles();
    let ids: Vec<&str> = plans.iter().map(|plan| plan.source_id.as_str()).collect();
    let all = ids.join(",");
    let day = format!("startTime={}&endTime={}", after_days(1.5), after_days(2.4));
    let millis = format!("startMs={}&endMs={}", BEGINS_AT.millis(), now.millis());
    let (june, date) = (
        "year=2025&month=June",
        "startDate=2025-06-16&endDate=2025-06-16",
    );
    for url in [
        "/me",
        "/fleet/vehicles",
        "/fleet/drivers",
        "/tags",
        "/gateways",
        "/devices",
        "/assets?includeTags=true&includeExternalIds=true",
        "/fleet/trailers",
        "/fleet/trailers/stats?types=gps,gpsOdometerMeters",
        "/fleet/vehicles/stats?types=gps,engineStates,faultCodes",
        "/fleet/vehicles/stats/feed?types=faultCodes",
        &format!("/fleet/vehicles/stats/history?types=faultCodes,gps&{day}"),
        "/fleet/vehicles/locations",
        "/fleet/vehicles/locations/feed",
        &format!("/fleet/vehicles/locations/history?{day}"),
        &format!("/assets/location-and-speed/stream?ids={all}&{day}&includeSpeed=true"),
        &format!("/trips/stream?ids={all}&{day}&includeAsset=true"),
        &format!("/v1/fleet/trips?vehicleId={}&{millis}", ids[0]),
        &format!("/safety-events/stream?{day}&includeAsset=true&includeDriver=true"),
        &format!("/fleet/safety-events?{day}"),
        &format!("/fleet/hos/logs?{day}"),
        &format!("/fleet/hos/violations?{day}"),
        &format!("/fleet/hos/daily-logs?{date}&expand=vehicle"),
        "/fleet/hos/clocks",
        &format!("/fleet/driver-vehicle-assignments?filterBy=drivers&{day}"),
        &format!("/fleet/reports/ifta/vehicle?{june}"),
        &format!("/fleet/reports/vehicles/fuel-energy?{date}"),
        &format!("/fleet/reports/drivers/fuel-energy?{date}"),
        &format!("/idling/events?{day}"),
        &format!("/cameras/media?vehicleIds={all}&{day}"),
        "/webhooks",
    ] {
        let path = url.split('?').next().unwrap();
        let (status, answer) = json(&server, url, now);
        assert_eq!(status, 200, "{url}");
        let mut wrong = Vec::new();
        description.check(description.answer_of(path), &answer, "", &mut wrong);
        wrong.sort();
        wrong.dedup();
        assert!(wrong.is_empty(), "{path}: {wrong:#?}");
    }
}
