//! What Motive itself sends: recorded payloads that lie beside the project, not in it (they belong
//! to others). Each file says what it is; the list below says what becomes of it, and a file that
//! it does not name fails the test, so that none is forgotten.

use std::path::Path;

use provider::{Answer, LiveOperation, LiveRows, Page, Position, Provider, ProviderError, Task};
use serde_json::Value;

use super::{DESCRIPTOR, Motive, answer, setting, stream};

enum Sample {
    /// Drafts, points and notices that it gives as an answer to a stream at a place.
    Page(&'static str, &'static str, [usize; 3]),
    /// The same of one row, which is recorded without its list and wrapper.
    Row(&'static str, &'static str, [usize; 3]),
    /// What a live call reads, with so many rows and notices.
    Live(LiveOperation, [usize; 2]),
    /// A refusal with this status, as an answer to a stream.
    Refused(&'static str, u16, &'static str),
    /// Of an endpoint that nothing here reads, and why.
    Foreign(&'static str),
}

use Sample::{Foreign, Live, Refused, Row};

const WEBHOOKS: &str = "a webhook: these are another issue's";
const ONE_OF_MANY: &str = "one by its id, not the list";

const SAMPLES: &[(&str, Sample)] = &[
    (
        "docs2022_assets.json",
        Sample::Page("assets", "", [2, 0, 0]),
    ),
    (
        "docs2022_users.json",
        Sample::Page("drivers", "", [4, 0, 0]),
    ),
    (
        "docs2022_vehicles.json",
        Sample::Page("vehicles", "", [1, 0, 0]),
    ),
    (
        "documented_response_fields.json",
        Foreign("names of members, no payload"),
    ),
    (
        "error_400_range_cap.json",
        Refused("trips", 400, "TooLarge"),
    ),
    (
        "error_401_invalid_key.json",
        Refused("vehicles", 401, "SessionEnded"),
    ),
    (
        "fp2026_driver_utilization_v2_p1.json",
        Foreign("drivers' fuel: not in the contract"),
    ),
    (
        "fp2026_driver_utilization_v2_p2.json",
        Foreign("drivers' fuel: not in the contract"),
    ),
    (
        "fp2026_driving_periods_p1.json",
        Sample::Page("trips", "", [5, 0, 0]),
    ),
    (
        "fp2026_driving_periods_p2.json",
        Sample::Page("trips", "", [5, 0, 0]),
    ),
    (
        "fp2026_driving_periods_past_end.json",
        Sample::Page("trips", "", [0, 0, 0]),
    ),
    (
        "fp2026_groups_p1.json",
        Sample::Page("groups", "", [3, 0, 0]),
    ),
    (
        "fp2026_groups_p2.json",
        Sample::Page("groups", "2/5", [2, 0, 0]),
    ),
    (
        "fp2026_idle_events_p1.json",
        Sample::Page("idle_events", "", [5, 0, 0]),
    ),
    (
        "fp2026_idle_events_rg_no_match.json",
        Sample::Page("idle_events", "", [1, 0, 0]),
    ),
    // The office is not among the drivers.
    (
        "fp2026_users_p1.json",
        Sample::Page("drivers", "", [1, 0, 0]),
    ),
    (
        "fp2026_users_p2.json",
        Sample::Page("drivers", "2/4", [1, 0, 0]),
    ),
    (
        "fp2026_vehicle_full.json",
        Sample::Page("vehicles", "", [1, 0, 0]),
    ),
    // A position, two odometers, two hours of the engine and the fuel.
    (
        "fp2026_vehicle_locations_history_v3.json",
        Sample::Page("locations", "", [0, 6, 0]),
    ),
    // Gallons although litres are asked for, and a vehicle without data.
    (
        "fp2026_vehicle_utilization_v2_p1.json",
        Sample::Page("utilization", "", [1, 0, 1]),
    ),
    (
        "kt2017_available_time.json",
        Live(LiveOperation::HosAvailableTime, [2, 0]),
    ),
    ("kt2017_company_webhook_requests.json", Foreign(WEBHOOKS)),
    ("kt2017_company_webhooks_list.json", Foreign(WEBHOOKS)),
    (
        "kt2017_driver_locations.json",
        Foreign("drivers' positions: vehicles have theirs"),
    ),
    (
        "kt2017_eld_devices.json",
        Sample::Page("eld_devices", "", [1, 0, 0]),
    ),
    (
        "kt2017_group_users.json",
        Foreign("members of a group: members name their groups"),
    ),
    (
        "kt2017_group_vehicles.json",
        Foreign("members of a group: members name their groups"),
    ),
    (
        "kt2017_groups_list.json",
        Sample::Page("groups", "", [2, 0, 0]),
    ),
    (
        "kt2017_hos_violations.json",
        Foreign("violations: not in the contract"),
    ),
    (
        "kt2017_hours_of_service.json",
        Foreign("sums that the logs have too"),
    ),
    (
        "kt2017_ifta_summary.json",
        Sample::Page("ifta", "", [2, 0, 0]),
    ),
    (
        "kt2017_ifta_trips.json",
        Foreign("border crossings of the same months"),
    ),
    (
        "kt2017_inspection_reports.json",
        Foreign("inspections: not in the contract"),
    ),
    // Nothing in it asks for a range, so nothing reaches beyond one.
    ("kt2017_logs.json", Sample::Page("hos.logs", "", [3, 0, 0])),
    ("kt2017_user_get.json", Foreign(ONE_OF_MANY)),
    (
        "kt2017_users_list.json",
        Sample::Page("drivers", "", [1, 0, 0]),
    ),
    // The first version of the same rows: 2 × position, odometer, hours, fuel and one start.
    (
        "kt2017_vehicle_locations_history_v1.json",
        Sample::Page("locations", "", [0, 9, 0]),
    ),
    (
        "kt2017_vehicle_locations_list_v1.json",
        Live(LiveOperation::VehicleLocations, [1, 0]),
    ),
    (
        "kt2017_vehicles_list.json",
        Sample::Page("vehicles", "", [1, 0, 0]),
    ),
    (
        "pd2023_driver_performance_event_v1.json",
        Row("safety", "", [1, 0, 0]),
    ),
    (
        "pd2023_webhook_driver_performance_event_created.json",
        Foreign(WEBHOOKS),
    ),
    // The first version has no distance, without which there is no day.
    (
        "vehicle_utilization_v1_schema_observed.json",
        Sample::Page("utilization", "", [0, 0, 1]),
    ),
    ("webhook_signature_vectors.json", Foreign(WEBHOOKS)),
    ("webhook_v2_aggregated_dpe_partial.json", Foreign(WEBHOOKS)),
    ("webhook_vehicle_location_updated.json", Foreign(WEBHOOKS)),
];

#[test]
fn recorded_payloads_are_read() {
    // Of the checkout whose tests run: this may have been compiled in another one.
    let crate_root = std::env::var("CARGO_MANIFEST_DIR");
    let crate_root = crate_root.unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let folder = format!("{crate_root}/../../../shared/samples/motive");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("skipped: the folder of recorded Motive payloads is not here");
        return;
    };
    for file in files {
        let path = file.expect("a file").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let (_, sample) = SAMPLES
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{name} is not in the list of samples"));
        check_sample(name, &path, sample);
    }
}

fn check_sample(name: &str, path: &Path, sample: &Sample) {
    if let Foreign(reason) = sample {
        return assert!(!reason.is_empty(), "{name}");
    }
    let text = std::fs::read_to_string(path).expect("readable");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let payload = &file["payload"];
    let body = payload.to_string().into_bytes();
    match sample {
        Sample::Page(stream, place, counts) => check_page(name, stream, place, &body, *counts),
        Row(stream, place, counts) => {
            let body = serde_json::json!({
                "driver_performance_events": [{ "driver_performance_event": payload }],
                "pagination": { "per_page": 25, "page_no": 1, "total": 1 },
            });
            check_page(name, stream, place, body.to_string().as_bytes(), *counts);
        }
        Live(operation, counts) => {
            let (_, answered) = super::live::walk(*operation, &[], &[&body, &body]);
            let rows = match &answered.rows {
                LiveRows::VehicleLocations(rows) => rows.len(),
                LiveRows::TrailerLocations(rows) => rows.len(),
                LiveRows::HosAvailableTime(rows) => rows.len(),
                LiveRows::CameraMedia(row) => usize::from(row.is_some()),
            };
            let notices = answered.notices.len();
            assert_eq!([rows, notices], *counts, "{name}: {:?}", answered.notices);
        }
        Refused(stream, status, wanted) => {
            let error = read(stream, "", &answer(*status, &body)).expect_err(name);
            let text = format!("{error:?}");
            let kind = text.split([' ', '{']).next().unwrap_or_default();
            assert_eq!(kind, *wanted, "{name}");
        }
        Foreign(_) => {}
    }
}

fn check_page(name: &str, stream: &str, place: &str, body: &[u8], counts: [usize; 3]) {
    let page = read(stream, place, &answer(200, body)).expect(name);
    let points = page.points.iter().map(|series| series.points.len()).sum();
    let found = [page.drafts.len(), points, page.notices.len()];
    assert_eq!(found, counts, "{name} as {stream}: {:?}", page.notices);
}

fn read(name: &str, place: &str, answer: &Answer<'_>) -> Result<Page, ProviderError> {
    let setting = setting(name);
    let position = (!place.is_empty()).then(|| Position(place.to_owned()));
    let task = Task {
        stream: stream(name),
        ids: &setting.ids,
        zone: &setting.zone,
        // Recorded answers are of other people, except that positions do not say whose they are.
        partitions: match name {
            "locations" => &setting.partitions,
            _ => &[],
        },
        window: None,
        position: position.as_ref(),
    };
    let read = Motive.read(&task, answer);
    if let Ok(page) = &read {
        let faults = provider::battery::page_faults(&DESCRIPTOR, &task, answer, page);
        assert_eq!(faults, [], "{}", DESCRIPTOR.code);
    }
    read
}
