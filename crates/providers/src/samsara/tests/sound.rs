//! The battery of every provider, run on this one's answers.

use provider::battery::{self, Case};

use super::{Samsara, answer, credentials, fixture, ids, partitions, stream, window};

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
];

fn with_cases(mut run: impl FnMut(&Case<'_>)) {
    let (ids, partitions) = (ids(), partitions());
    for (name, bodies) in WALKS {
        let answers: Vec<_> = bodies.iter().map(|body| answer(200, body)).collect();
        let is_history = name.starts_with("stats.");
        run(&Case {
            stream: stream(name),
            ids: &ids,
            partitions: if is_history { &partitions } else { &[] },
            window: is_history.then(window),
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
    with_cases(|case| {
        let faults = battery::check_secrecy(&Samsara, &credentials(), &[*case]);
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
