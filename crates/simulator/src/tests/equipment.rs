//! Gateways, devices and trailers against the truth.

use std::collections::BTreeMap;

use model::device::DeviceType;
use serde_json::Value;

use super::reader::*;
use crate::FaultPlan;

#[test]
fn gateways_and_trailers_are_what_the_truth_says() {
    for faults in ["none", "late,edit,withdraw,repeat,empty-pages"] {
        let server = server(91, 3.0, FaultPlan::parse(faults, 4).unwrap());
        for days in [0.01, 1.0, 4.0] {
            let now = after_days(days);
            let truth = server.truth(&ids(), now);
            let gateways: BTreeMap<String, Value> = walk(&server, "/gateways", now)
                .into_iter()
                .map(|row| (row["serial"].as_str().unwrap().to_owned(), row))
                .collect();
            let trackers = truth
                .devices
                .iter()
                .filter(|device| device.device_type == DeviceType::Tracker);
            let mut count = 0;
            for device in trackers {
                count += 1;
                let row = &gateways[&device.source_id];
                assert_eq!(row["model"].as_str(), device.description.as_deref());
                let at = row["connectionStatus"]["lastConnected"].as_str();
                assert_eq!(
                    at.and_then(model::Timestamp::parse),
                    device.last_connected_at
                );
                if let Some(vehicle) = device.vehicle {
                    assert_eq!(ids().vehicle(row["asset"]["id"].as_str().unwrap()), vehicle);
                    assert!(row["model"].as_str().unwrap().starts_with("VG"));
                } else if let Some(asset) = row["asset"]["id"].as_str() {
                    assert!(row["model"].as_str().unwrap().starts_with("AG"), "{row}");
                    let is_it = |t: &&model::trailer::Trailer| t.source_id == asset;
                    assert!(truth.trailers.iter().any(|trailer| is_it(&trailer)));
                }
            }
            assert_eq!(count, gateways.len());
            let trailers: BTreeMap<String, Value> = walk(
                &server,
                "/assets?type=trailer&includeTags=true&includeExternalIds=true",
                now,
            )
            .into_iter()
            .map(|row| (row["id"].as_str().unwrap().to_owned(), row))
            .collect();
            assert_eq!(trailers.len(), truth.trailers.len());
            for trailer in &truth.trailers {
                let row = &trailers[&trailer.source_id];
                assert_eq!(filled(&row["name"]), trailer.name.as_deref());
                assert_eq!(filled(&row["vin"]), trailer.vin.as_deref());
                assert_eq!(
                    filled(&row["serialNumber"]),
                    trailer.serial_number.as_deref()
                );
                assert_eq!(row["year"].as_i64(), trailer.year.map(i64::from));
                assert_eq!(Some(time(&row["updatedAtTime"])), trailer.updated_at);
                let tags = row["tags"].as_array().map_or(0, Vec::len);
                assert_eq!(tags, trailer.groups.len());
            }
        }
    }
}

#[test]
fn trailers_and_spare_gateways_come_go_and_are_renamed() {
    let faults = FaultPlan::parse("late,edit,withdraw", 4).unwrap();
    let config = crate::WorldConfig {
        vehicles: 40,
        ..world(92, 3.0).config().clone()
    };
    let world = std::sync::Arc::new(crate::World::new(config));
    let server = crate::SamsaraServer::new(world, faults, crate::SamsaraConfig::default());
    let names = |days: f64| -> BTreeMap<String, String> {
        let truth = server.truth(&ids(), after_days(days));
        let trailers = truth.trailers.into_iter();
        let devices = truth.devices.into_iter();
        trailers
            .map(|trailer| (trailer.source_id, trailer.name.unwrap()))
            .chain(devices.map(|device| (device.source_id.clone(), device.source_id)))
            .collect()
    };
    let (early, late) = (names(0.0), names(3.0));
    let came = late.keys().filter(|id| !early.contains_key(*id)).count();
    let went = early.keys().filter(|id| !late.contains_key(*id)).count();
    let is_renamed =
        |(id, name): &(&String, &String)| late.get(*id).is_some_and(|now| now != *name);
    let renamed = early.iter().filter(is_renamed).count();
    assert!(
        came > 1 && went > 1 && renamed > 0,
        "{came} {went} {renamed}"
    );
}

#[test]
fn old_and_new_lists_tell_of_the_same_trailers() {
    let server = server(93, 1.0, FaultPlan::none());
    let now = after_days(1.0);
    let ids = |path: &str| -> Vec<String> {
        let rows = walk(&server, path, now);
        let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
        rows.iter().map(id).collect()
    };
    assert_eq!(ids("/fleet/trailers"), ids("/assets"));
    assert_eq!(ids("/assets?type=trailer"), ids("/assets"));
    assert!(ids("/assets?type=equipment").is_empty());
    let devices = walk(&server, "/devices?limit=5", now);
    assert!(devices.iter().any(|row| row["model"] == "CM32"));
}
