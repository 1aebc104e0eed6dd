//! The battery of every provider, run on this one's answers.

use provider::Provider;
use provider::battery::{self, Case};

use super::{Samsara, answer, credentials, fixture, key, setting, stream};

/// Every stream's answers, page by page.
const WALKS: &[(&str, &[&[u8]])] = &[
    ("account", &[fixture!("me.json")]),
    (
        "vehicles",
        &[
            fixture!("vehicles-1.json"),
            fixture!("vehicles-2.json"),
            fixture!("vehicles-3.json"),
        ],
    ),
    ("vehicles", &[fixture!("vehicles-unusable.json")]),
    (
        "drivers",
        &[
            fixture!("drivers-active.json"),
            fixture!("drivers-deactivated-1.json"),
            fixture!("drivers-deactivated-2.json"),
        ],
    ),
    ("groups", &[fixture!("tags.json")]),
    (
        "stats.motion",
        &[
            fixture!("stats-motion.json"),
            fixture!("stats-motion-last.json"),
        ],
    ),
    ("stats.motion", &[fixture!("stats-motion-unusable.json")]),
    ("stats.distance", &[fixture!("stats-distance.json")]),
    ("stats.engine", &[fixture!("stats-engine.json")]),
    ("stats.health", &[fixture!("stats-health.json")]),
    (
        "gateways",
        &[
            fixture!("gateways-1.json"),
            fixture!("gateways-unusable.json"),
        ],
    ),
    ("gateways", &[fixture!("gateways-unusable.json")]),
    ("trailers", &[fixture!("trailers.json")]),
    ("feed.motion", &[fixture!("feed-motion.json")]),
    ("feed.distance", &[fixture!("stats-distance.json")]),
    ("feed.engine", &[fixture!("stats-engine.json")]),
    ("feed.health", &[fixture!("stats-health.json")]),
    (
        "assignments",
        &[
            fixture!("assignments-1.json"),
            fixture!("assignments-2.json"),
        ],
    ),
    ("assignments", &[fixture!("assignments-2.json")]),
    ("trips", &[fixture!("trips.json")]),
    ("trips", &[fixture!("trips-unusable.json")]),
    (
        "safety",
        &[fixture!("safety.json"), fixture!("safety-unusable.json")],
    ),
    ("safety", &[fixture!("safety-unusable.json")]),
    ("safety", &[fixture!("safety-legacy.json")]),
    (
        "safety.feed",
        &[fixture!("safety.json"), fixture!("safety-unusable.json")],
    ),
    (
        "faults",
        &[fixture!("faults.json"), fixture!("faults-unusable.json")],
    ),
    ("faults", &[fixture!("faults-unusable.json")]),
    (
        "hos.logs",
        &[
            fixture!("hos-logs.json"),
            fixture!("hos-logs-unusable.json"),
        ],
    ),
    ("hos.logs", &[fixture!("hos-logs-unusable.json")]),
    (
        "hos.daily",
        &[
            fixture!("hos-daily-active.json"),
            fixture!("hos-daily-deactivated.json"),
        ],
    ),
    (
        "utilization",
        &[
            fixture!("utilization.json"),
            fixture!("utilization-unusable.json"),
        ],
    ),
    ("utilization", &[fixture!("utilization-unusable.json")]),
    (
        "ifta",
        &[fixture!("ifta.json"), fixture!("ifta-unusable.json")],
    ),
    ("ifta", &[fixture!("ifta-unusable.json")]),
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
    for stream in super::DESCRIPTOR.streams {
        assert!(
            WALKS.iter().any(|(name, _)| *name == stream.name),
            "{}",
            stream.name
        );
    }
}

#[test]
fn pages_end_and_are_read_twice_alike() {
    with_cases(|case| assert_eq!(battery::check_walk(&Samsara, case), []));
}

#[test]
fn secrets_are_in_the_header_alone() {
    let grant = credentials("refreshToken", "a-refresh-token-that-is-none");
    let tokens = br#"{"access_token":"an-access-token-that-is-none",
        "refresh_token":"another","expires_in":3600}"#;
    let signed_in = Samsara.signed_in(&grant, "", &answer(200, tokens));
    let session = signed_in.expect("a session").session;
    with_cases(|case| {
        let faults = battery::check_secrecy(&Samsara, &key(), None, &[*case]);
        assert_eq!(faults, []);
        let faults = battery::check_secrecy(&Samsara, &grant, Some(&session), &[*case]);
        assert_eq!(faults, []);
    });
}

#[test]
fn broken_answers_never_panic() {
    with_cases(|case| {
        let faults = battery::check_mutations(&Samsara, case, 20_260_301, 500, 7);
        assert_eq!(faults, []);
    });
}

#[test]
fn every_answer_can_be_explained_without_its_task() {
    with_cases(|case| {
        for answer in case.answers {
            let explained = provider::explain(&Samsara, case.stream.name, answer, case.ids);
            assert!(explained.is_ok(), "{}: {explained:?}", case.stream.name);
        }
    });
}
