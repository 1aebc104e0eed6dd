//! The battery of every provider, run on this one's answers.

use provider::battery::{self, Case};
use provider::{Answer, Next, Position, Provider, Task};

use super::{DESCRIPTOR, Motive, answer, credentials, fixture, setting, stream};

/// Every stream's answers, page by page.
const WALKS: &[(&str, &[&[u8]])] = &[
    ("account", &[fixture!("companies.json")]),
    ("account", &[fixture!("companies-unusable.json")]),
    (
        "vehicles",
        &[fixture!("vehicles-1.json"), fixture!("vehicles-2.json")],
    ),
    ("vehicles", &[fixture!("vehicles-unusable.json")]),
    (
        "drivers",
        &[fixture!("users-1.json"), fixture!("users-2.json")],
    ),
    ("groups", &[fixture!("groups.json")]),
    ("eld_devices", &[fixture!("eld-devices.json")]),
    ("assets", &[fixture!("assets.json")]),
    ("locations", &[fixture!("locations.json")]),
    ("locations", &[fixture!("locations-unusable.json")]),
    ("trips", &[fixture!("driving-periods.json")]),
    ("trips", &[fixture!("driving-periods-unusable.json")]),
    ("idle_events", &[fixture!("idle-events.json")]),
    (
        "safety",
        &[
            fixture!("performance-1.json"),
            fixture!("performance-2.json"),
            fixture!("speeding.json"),
        ],
    ),
    (
        "safety",
        &[
            fixture!("performance-unusable.json"),
            fixture!("speeding.json"),
        ],
    ),
    (
        "hos.logs",
        &[fixture!("logs.json"), fixture!("logs-alone.json")],
    ),
    ("hos.logs", &[fixture!("logs-unusable.json")]),
    ("hos.daily", &[fixture!("logs-daily.json")]),
    ("hos.daily", &[fixture!("logs-unusable.json")]),
    (
        "utilization",
        &[fixture!("utilization.json"), fixture!("utilization-2.json")],
    ),
    ("utilization", &[fixture!("utilization-unusable.json")]),
    ("ifta", &[fixture!("ifta.json")]),
    ("ifta", &[fixture!("ifta-unusable.json")]),
    (
        "faults",
        &[
            fixture!("faults-1.json"),
            fixture!("faults-2.json"),
            fixture!("faults-3.json"),
        ],
    ),
    ("faults", &[fixture!("faults-unusable.json")]),
    (
        "faults.feed",
        &[
            fixture!("faults-1.json"),
            fixture!("faults-2.json"),
            fixture!("faults-3.json"),
        ],
    ),
];

fn with_cases(mut run: impl FnMut(&Case<'_>)) {
    for (name, bodies) in WALKS {
        let answers: Vec<_> = bodies.iter().map(|body| answer(200, body)).collect();
        let setting = setting(name);
        run(&Case {
            stream: stream(name),
            ids: &setting.ids,
            zone: &setting.zone,
            partitions: &setting.partitions,
            window: setting.window,
            answers: &answers,
        });
    }
}

#[test]
fn every_stream_has_answers_here() {
    for stream in DESCRIPTOR.streams {
        assert!(
            WALKS.iter().any(|(name, _)| *name == stream.name),
            "{}",
            stream.name
        );
    }
}

#[test]
fn the_engine_can_plan_from_the_descriptor() {
    assert_eq!(battery::check_descriptor(&DESCRIPTOR), []);
}

#[test]
fn pages_end_and_are_read_twice_alike() {
    with_cases(|case| assert_eq!(battery::check_walk(&Motive, case), []));
}

#[test]
fn secrets_are_in_the_header_alone() {
    let key = credentials("apiKey", "a-key-that-is-none");
    let grant = credentials("refreshToken", "a-refresh-token-that-is-none");
    let token = br#"{"access_token":"an-access-token-that-is-none",
        "refresh_token":"another","expires_in":7200}"#;
    let signed_in = Motive.signed_in(&grant, "", &answer(200, token));
    let session = signed_in.expect("a session").session;
    with_cases(|case| {
        let faults = battery::check_secrecy(&Motive, &key, None, &[*case]);
        assert_eq!(faults, []);
        let faults = battery::check_secrecy(&Motive, &grant, Some(&session), &[*case]);
        assert_eq!(faults, []);
    });
}

#[test]
fn broken_answers_never_panic() {
    with_cases(|case| {
        for seed in [20_260_301, 77_000_000, 4_242_424_242] {
            let faults = battery::check_mutations(&Motive, case, seed, 100, 23);
            assert_eq!(faults, []);
        }
    });
}

/// A row that is no longer told of in any way was dropped in silence: of every list, each row that
/// is replaced by nonsense must leave a notice.
#[test]
fn rows_of_nonsense_are_all_told() {
    with_cases(|case| {
        let body: serde_json::Value =
            serde_json::from_slice(case.answers[0].body).expect("a fixture is JSON");
        let members = body.as_object().expect("an object");
        let (list, rows) = members
            .iter()
            .find_map(|(name, value)| Some((name.clone(), value.as_array()?.len())))
            .expect("a list");
        for nonsense in [serde_json::json!(null), serde_json::json!(7)] {
            let mut broken = body.clone();
            broken[&list] = vec![nonsense; rows].into();
            let broken = broken.to_string();
            let task = Task {
                stream: case.stream,
                ids: case.ids,
                zone: case.zone,
                partitions: case.partitions,
                window: case.window,
                position: None,
            };
            let read = Motive.read(&task, &answer(200, broken.as_bytes()));
            // The one company is needed; of all others each is told.
            match read {
                Ok(page) => assert_eq!(page.notices.len(), rows, "{}", case.stream.name),
                Err(error) => assert_eq!(case.stream.name, "account", "{error}"),
            }
        }
    });
}

#[test]
fn every_answer_can_be_explained_without_its_task() {
    with_cases(|case| {
        let mut position: Option<Position> = None;
        for body in case.answers {
            let first: &Answer<'_> = &case.answers[0];
            let explained = provider::explain(&Motive, case.stream.name, first, case.ids);
            assert!(explained.is_ok(), "{}: {explained:?}", case.stream.name);
            // The others are of their places: a second list is read as one there alone.
            let task = Task {
                stream: case.stream,
                ids: case.ids,
                zone: case.zone,
                partitions: &[],
                window: None,
                position: position.as_ref(),
            };
            let page = Motive.read(&task, body).expect("readable");
            match page.next {
                Next::Page(next) => position = Some(next),
                Next::Later(_) | Next::End => break,
            }
        }
    });
}
