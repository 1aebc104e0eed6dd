//! What MyGeotab itself sends: recorded payloads that lie beside the project, not in it (they
//! belong to others). Each file says what it is; the list below says what reads it, and a file that
//! it does not name fails the test, so that none is forgotten.

use std::path::Path;

use expect_test::expect;
use provider::{LiveOperation, LiveRows, Page, ProviderError, Task};
use serde_json::{Value, json};

use super::{answer, credentials, geotab, setting, stream};

enum Sample {
    /// A whole answer to these streams.
    Answer(&'static [&'static str]),
    /// One row, or a list of them, as a call of these streams would have it.
    Rows(&'static [&'static str]),
    /// The answer to a sign-in.
    SignIn,
    /// The same, recorded with its request.
    RecordedSignIn,
    /// One row of a live call.
    Live(LiveOperation),
    /// Of what nothing here reads, and why.
    Foreign(&'static str),
}

use Sample::{Answer, Foreign, Live, Rows};

const A_REQUEST: Sample = Foreign("a request");
const NOT_ASKED: Sample = Foreign("an entity that the contract does not have");

const SAMPLES: &[(&str, Sample)] = &[
    ("add_user_response", Foreign("the answer to a change")),
    ("authenticate_redirect_recorded", Sample::RecordedSignIn),
    ("authenticate_thisserver", Sample::SignIn),
    ("demo_audit", NOT_ASKED),
    ("demo_device", Rows(&["devices"])),
    (
        "demo_devicestatusinfo",
        Live(LiveOperation::VehicleLocations),
    ),
    ("demo_diagnostic", Foreign("read beside faults, by id")),
    ("demo_diagnostic_2", Foreign("read beside faults, by id")),
    ("demo_diagnostic_3", Foreign("read beside faults, by id")),
    ("demo_diagnostic_4", Foreign("read beside faults, by id")),
    ("demo_driverchange", Rows(&["assignments"])),
    ("demo_faultdata", Rows(&["faults"])),
    ("demo_group", Rows(&["groups"])),
    ("demo_logrecord", Rows(&["log_records"])),
    ("demo_statusdata", Rows(&["status_data"])),
    ("demo_trip", Rows(&["trips"])),
    ("demo_user", Rows(&["drivers"])),
    ("device_trailer", Rows(&["devices"])),
    ("doc_dutystatuslog_import", Rows(&["hos.logs"])),
    (
        "doc_error_invaliduser",
        Answer(&["trips", "trips.feed", "devices"]),
    ),
    (
        "doc_error_overlimit_rate",
        Answer(&["trips", "log_records"]),
    ),
    (
        "doc_error_overlimit_results",
        Answer(&["trips", "log_records"]),
    ),
    ("doc_getversion_response", Foreign("a version")),
    ("doc_multicall_error", Answer(&["trips", "status_data"])),
    ("doc_multicall_request", A_REQUEST),
    ("doc_multicall_response", Answer(&["trips", "status_data"])),
    (
        "doc_ratelimit_headers",
        Foreign("headers; see the quotas' test"),
    ),
    (
        "error_argument_exceptionevent_sort_by_id",
        Answer(&["safety"]),
    ),
    ("error_bad_credentials", Sample::SignIn),
    ("error_db_unavailable_synthetic", Answer(&["trips"])),
    ("error_generic_sort_with_rulesearch", Answer(&["safety"])),
    ("error_missing_method_mgapijs", Answer(&["trips"])),
    ("error_over_limit_rate", Answer(&["trips"])),
    ("get_device_seek_page1_request", A_REQUEST),
    ("get_device_seek_page1_response", Answer(&["devices"])),
    ("get_device_seek_page2_request", A_REQUEST),
    ("get_device_seek_page2_response", Answer(&["devices"])),
    (
        "get_device_seek_terminal_response",
        Answer(&["devices", "drivers"]),
    ),
    ("get_exceptionevent_empty_response", Answer(&["safety"])),
    ("get_exceptionevent_response", Answer(&["safety"])),
    ("get_statusdata_recorded_subset", Answer(&["status_data"])),
    ("get_trip_window_page1_request", A_REQUEST),
    (
        "get_trip_window_page1_response",
        Answer(&["trips", "utilization"]),
    ),
    ("get_trip_window_page2_response", Answer(&["trips"])),
    ("get_user_response", Answer(&["drivers"])),
    ("getcountof_device_response", Answer(&["devices"])),
    ("getcountof_user_response", Answer(&["drivers"])),
    (
        "getfeed_annotationlog_page1_synthetic_shape",
        Foreign("read beside duty logs, by id"),
    ),
    (
        "getfeed_annotationlog_page2_synthetic_shape",
        Foreign("read beside duty logs, by id"),
    ),
    (
        "getfeed_driverchange_page1_synthetic_shape",
        Answer(&["assignments.feed"]),
    ),
    (
        "getfeed_driverchange_page2_synthetic_shape",
        Answer(&["assignments.feed"]),
    ),
    (
        "getfeed_dutystatuslog_page1_synthetic_shape",
        Answer(&["hos.feed"]),
    ),
    ("getfeed_dvirlog_page1_synthetic_shape", NOT_ASKED),
    ("getfeed_dvirlog_page2_synthetic_shape", NOT_ASKED),
    (
        "getfeed_empty_at_head",
        Answer(&["trips.feed", "log_records.feed", "status_data.feed"]),
    ),
    (
        "getfeed_faultdata_page1_synthetic_shape",
        Answer(&["faults.feed"]),
    ),
    (
        "getfeed_faultdata_page2_synthetic_shape",
        Answer(&["faults.feed"]),
    ),
    ("getfeed_fillup_page1_synthetic_shape", NOT_ASKED),
    ("getfeed_fillup_page2_synthetic_shape", NOT_ASKED),
    (
        "getfeed_fuelandenergyused_page1_synthetic_shape",
        Foreign("read by window with trips"),
    ),
    (
        "getfeed_fuelandenergyused_page2_synthetic_shape",
        Foreign("read by window with trips"),
    ),
    (
        "getfeed_fueltaxdetail_page1_synthetic_shape",
        Foreign("read by month: see the rows below"),
    ),
    (
        "getfeed_fueltaxdetail_page2_synthetic_shape",
        Foreign("read by month: see the rows below"),
    ),
    (
        "getfeed_logrecord_page1_synthetic_shape",
        Answer(&["log_records.feed"]),
    ),
    (
        "getfeed_logrecord_page2_synthetic_shape",
        Answer(&["log_records.feed"]),
    ),
    ("getfeed_mediafile_page1_synthetic_shape", NOT_ASKED),
    ("getfeed_mediafile_page2_synthetic_shape", NOT_ASKED),
    ("getfeed_shipmentlog_page1_synthetic_shape", NOT_ASKED),
    ("getfeed_shipmentlog_page2_synthetic_shape", NOT_ASKED),
    (
        "getfeed_statusdata_page1_synthetic_shape",
        Answer(&["status_data.feed"]),
    ),
    (
        "getfeed_statusdata_page2_synthetic_shape",
        Answer(&["status_data.feed"]),
    ),
    ("remove_user_void_response", Answer(&["drivers"])),
    ("set_user_void_response", Answer(&["drivers"])),
    ("trip_zero_distance", Rows(&["trips"])),
];

/// Rows of feeds that windows read: the same rows, by another question.
const ALSO_BY_WINDOW: &[(&str, &str)] = &[
    ("getfeed_driverchange_page1_synthetic_shape", "assignments"),
    ("getfeed_dutystatuslog_page1_synthetic_shape", "hos.logs"),
    ("getfeed_faultdata_page1_synthetic_shape", "faults"),
    ("getfeed_fueltaxdetail_page1_synthetic_shape", "ifta"),
    ("getfeed_fueltaxdetail_page2_synthetic_shape", "ifta"),
];

#[test]
fn recorded_payloads_are_read() {
    // Of the checkout whose tests run: this may have been compiled in another one.
    let crate_root = std::env::var("CARGO_MANIFEST_DIR");
    let crate_root = crate_root.unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let folder = format!("{crate_root}/../../../shared/samples/geotab");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("skipped: the folder of recorded Geotab payloads is not here");
        return;
    };
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let mut lines = Vec::new();
    for path in paths {
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a name");
        let (_, sample) = SAMPLES
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{name} is not in the list of samples"));
        read_sample(name, &path, sample, &mut lines);
    }
    expect![[r#"
        authenticate_redirect_recorded: a session at Some("https://my30.geotab.com")
        authenticate_thisserver: a session at None
        demo_device as devices: 2 drafts,
           and more to ask
        demo_devicestatusinfo: 1 row,
           0 notices
        demo_driverchange as assignments: 1 drafts
        demo_faultdata as faults: and more to ask
        demo_group as groups: 1 drafts
        demo_logrecord as log_records: 1 points
        demo_statusdata as status_data: 1 points
        demo_trip as trips: 1 drafts
        demo_user as drivers: 1 drafts,
           and more to ask
        device_trailer as devices: and more to ask
        doc_dutystatuslog_import as hos.logs: 2 drafts
        doc_error_invaliduser as trips: SessionEnded
        doc_error_invaliduser as trips.feed: SessionEnded
        doc_error_invaliduser as devices: SessionEnded
        doc_error_overlimit_rate as trips: Throttled
        doc_error_overlimit_rate as log_records: Throttled
        doc_error_overlimit_results as trips: TooLarge
        doc_error_overlimit_results as log_records: TooLarge
        doc_multicall_error as trips: Refused
        doc_multicall_error as status_data: Refused
        doc_multicall_response as trips: UnexpectedAnswer
        doc_multicall_response as status_data: UnexpectedAnswer
        error_argument_exceptionevent_sort_by_id as safety: Refused
        error_bad_credentials: CredentialsRejected { excerpt: "InvalidUserException" }
        error_db_unavailable_synthetic as trips: Moved
        error_generic_sort_with_rulesearch as safety: Refused
        error_missing_method_mgapijs as trips: Refused
        error_over_limit_rate as trips: Throttled
        get_device_seek_page1_response as devices: 6 drafts,
           and more to ask
        get_device_seek_page2_response as devices: 6 drafts,
           and more to ask
        get_device_seek_terminal_response as devices: 
        get_device_seek_terminal_response as drivers: 
        get_exceptionevent_empty_response as safety: 
        get_exceptionevent_response as safety: 
        get_statusdata_recorded_subset as status_data: 28 points, 58 notices,
           not asked for
        get_trip_window_page1_response as trips: 3 drafts
        get_trip_window_page1_response as utilization: 2 drafts
        get_trip_window_page2_response as trips: 3 drafts
        get_user_response as drivers: 4 drafts,
           and more to ask
        getcountof_device_response as devices: UnexpectedAnswer
        getcountof_user_response as drivers: UnexpectedAnswer
        getfeed_driverchange_page1_synthetic_shape as assignments.feed: 1 news
        getfeed_driverchange_page1_synthetic_shape as assignments: 2 drafts
        getfeed_driverchange_page2_synthetic_shape as assignments.feed: 1 news
        getfeed_dutystatuslog_page1_synthetic_shape as hos.feed: 2 news
        getfeed_dutystatuslog_page1_synthetic_shape as hos.logs: and more to ask
        getfeed_empty_at_head as trips.feed: 
        getfeed_empty_at_head as log_records.feed: 
        getfeed_empty_at_head as status_data.feed: 
        getfeed_faultdata_page1_synthetic_shape as faults.feed: 2 news
        getfeed_faultdata_page1_synthetic_shape as faults: and more to ask
        getfeed_faultdata_page2_synthetic_shape as faults.feed: 1 news
        getfeed_fueltaxdetail_page1_synthetic_shape as ifta: 2 drafts
        getfeed_fueltaxdetail_page2_synthetic_shape as ifta: 1 drafts
        getfeed_logrecord_page1_synthetic_shape as log_records.feed: 2 points
        getfeed_logrecord_page2_synthetic_shape as log_records.feed: 1 points
        getfeed_statusdata_page1_synthetic_shape as status_data.feed: 2 points
        getfeed_statusdata_page2_synthetic_shape as status_data.feed: 1 points
        remove_user_void_response as drivers: UnexpectedAnswer
        set_user_void_response as drivers: UnexpectedAnswer
        trip_zero_distance as trips: 1 drafts"#]]
    .assert_eq(&super::wrapped(&lines.join("\n")));
}

fn read_sample(name: &str, path: &Path, sample: &Sample, lines: &mut Vec<String>) {
    let text = std::fs::read_to_string(path).expect("readable");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let payload = &file["payload"];
    let rows = |rows: &Value| match rows {
        Value::Array(_) => json!({ "result": rows }),
        row => json!({ "result": [row] }),
    };
    match sample {
        Answer(streams) => {
            for stream in *streams {
                lines.push(format!("{name} as {stream}: {}", outcome(stream, payload)));
            }
        }
        Rows(streams) => {
            for stream in *streams {
                let read = outcome(stream, &rows(payload));
                lines.push(format!("{name} as {stream}: {read}"));
            }
        }
        Sample::SignIn => lines.push(format!("{name}: {}", signed_in(payload))),
        Sample::RecordedSignIn => lines.push(format!("{name}: {}", signed_in(&payload["body"]))),
        Live(operation) => {
            let body = json!({ "result": [[payload]] }).to_string();
            let (_, done) = super::live::walk(*operation, &[], &[body.as_bytes()]);
            let done = done.expect("an answer");
            let LiveRows::VehicleLocations(found) = done.rows else {
                panic!("{name}")
            };
            lines.push(format!(
                "{name}: {} row, {} notices",
                found.len(),
                done.notices.len()
            ));
        }
        Foreign(reason) => assert!(!reason.is_empty(), "{name}"),
    }
    for (_, stream) in ALSO_BY_WINDOW.iter().filter(|(known, _)| *known == name) {
        let read = outcome(stream, &rows(&payload["result"]["data"]));
        lines.push(format!("{name} as {stream}: {read}"));
    }
}

/// How much of each, or the error.
fn outcome(stream: &str, payload: &Value) -> String {
    match read(stream, payload.to_string().as_bytes()) {
        Err(error) => {
            let text = format!("{error:?}");
            text.split(" {").next().unwrap_or_default().to_owned()
        }
        Ok(page) => {
            let points: usize = page.points.iter().map(|series| series.points.len()).sum();
            let counts = [
                ("drafts", page.drafts.len()),
                ("points", points),
                ("news", page.news.len()),
                ("notices", page.notices.len()),
            ];
            let counts = counts.iter().filter(|(_, count)| *count > 0);
            let mut texts: Vec<String> = counts.map(|(of, n)| format!("{n} {of}")).collect();
            texts.extend(page.notices.first().map(|notice| notice.reason.clone()));
            if let provider::Next::Page(_) = page.next {
                texts.push("and more to ask".to_owned());
            }
            texts.join(", ")
        }
    }
}

fn read(name: &str, body: &[u8]) -> Result<Page, ProviderError> {
    let setting = setting(name);
    let task = Task {
        stream: stream(name),
        ids: &setting.ids,
        zone: &setting.zone,
        // Recorded answers are of other people, and of other times.
        partitions: &[],
        window: None,
        position: None,
    };
    // After all that was recorded.
    let answer = provider::Answer {
        received_at: super::time("2026-12-01T00:00:00Z"),
        ..answer(200, body)
    };
    let read = geotab().read(&task, &answer);
    if let Ok(page) = &read {
        let descriptor = geotab().descriptor();
        let faults = provider::battery::page_faults(descriptor, &task, &answer, page);
        assert_eq!(faults, []);
    }
    read
}

fn signed_in(payload: &Value) -> String {
    let body = payload.to_string();
    let signed = geotab().signed_in(
        &credentials(),
        "https://my.geotab.com",
        &answer(200, body.as_bytes()),
    );
    match signed {
        Ok(signed) => format!("a session at {:?}", signed.session.base_url),
        Err(error) => format!("{error:?}"),
    }
}
