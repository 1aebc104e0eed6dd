//! The battery of every provider, run on this one's answers.

use provider::battery::{self, Case};
use provider::{
    Answer, Auth, Credentials, Descriptor, LiveCall, LiveState, LiveStep, Page, Position, Provider,
    ProviderError, Request, Session, SignIn, Task,
};

use super::{answer, credentials, fixture, geotab, position_after, session, setting, stream};

/// Every stream's answers, page by page.
pub const WALKS: &[(&str, &[&[u8]])] = &[
    ("devices", &[fixture!("devices"), fixture!("empty")]),
    (
        "devices",
        &[fixture!("devices-unusable"), fixture!("empty")],
    ),
    ("drivers", &[fixture!("users"), fixture!("empty")]),
    ("groups", &[fixture!("groups")]),
    (
        "trailers",
        &[fixture!("trailers"), fixture!("no-more-trailers")],
    ),
    ("rules", &[fixture!("rules")]),
    ("diagnostics", &[fixture!("diagnostics")]),
    ("log_records", &[fixture!("log-records")]),
    ("log_records", &[fixture!("log-records-unusable")]),
    ("log_records.feed", &[fixture!("log-records-feed")]),
    ("status_data", &[fixture!("status-data")]),
    ("status_data", &[fixture!("status-data-unusable")]),
    ("status_data.feed", &[fixture!("status-data-feed")]),
    ("trips", &[fixture!("trips")]),
    ("trips", &[fixture!("trips-unusable")]),
    ("trips.feed", &[fixture!("trips-feed")]),
    ("utilization", &[fixture!("utilization")]),
    (
        "safety",
        &[fixture!("safety"), fixture!("safety-explained")],
    ),
    ("safety.feed", &[fixture!("safety-feed")]),
    (
        "faults",
        &[fixture!("faults"), fixture!("faults-explained")],
    ),
    ("faults.feed", &[fixture!("faults-feed")]),
    ("assignments", &[fixture!("assignments")]),
    ("assignments.feed", &[fixture!("assignments-feed")]),
    (
        "hos.logs",
        &[fixture!("hos-logs"), fixture!("hos-logs-annotated")],
    ),
    ("hos.daily", &[fixture!("hos-daily")]),
    ("hos.feed", &[fixture!("hos-feed")]),
    ("ifta", &[fixture!("ifta")]),
];

/// Pages that explain rows of the page before them.
pub const EXPLAINED: &[(&str, &[u8], &[u8])] = &[
    ("safety", fixture!("safety"), fixture!("safety-explained")),
    ("faults", fixture!("faults"), fixture!("faults-explained")),
    (
        "hos.logs",
        fixture!("hos-logs"),
        fixture!("hos-logs-annotated"),
    ),
];

fn with_case(name: &str, bodies: &[&[u8]], run: impl FnOnce(&Case<'_>)) {
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

fn with_cases(mut run: impl FnMut(&Case<'_>)) {
    for (name, bodies) in WALKS {
        with_case(name, bodies, &mut run);
    }
}

/// The connector at a position: what the battery asks as a first page is a later one.
struct At(Position);

impl Provider for At {
    fn descriptor(&self) -> &'static Descriptor {
        geotab().descriptor()
    }

    fn request(&self, task: &Task<'_>) -> Request {
        geotab().request(&Task {
            position: Some(&self.0),
            ..*task
        })
    }

    fn authorize(
        &self,
        request: &Request,
        credentials: &Credentials,
        session: Option<&Session>,
    ) -> Result<Auth, ProviderError> {
        geotab().authorize(request, credentials, session)
    }

    fn sign_in(
        &self,
        credentials: &Credentials,
        app: Option<&provider::OAuthApp>,
    ) -> Result<Option<SignIn>, ProviderError> {
        geotab().sign_in(credentials, app)
    }

    fn read(&self, task: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
        geotab().read(
            &Task {
                position: Some(&self.0),
                ..*task
            },
            answer,
        )
    }

    fn live(
        &self,
        call: &LiveCall<'_>,
        state: LiveState,
        answer: Option<&Answer<'_>>,
    ) -> Result<LiveStep, ProviderError> {
        geotab().live(call, state, answer)
    }
}

#[test]
fn every_stream_has_answers_here() {
    for stream in geotab().descriptor().streams {
        assert!(
            WALKS.iter().any(|(name, _)| *name == stream.name),
            "{}",
            stream.name
        );
    }
}

#[test]
fn brands_are_sound_and_differ_in_their_names_alone() {
    let base = geotab().descriptor();
    assert_eq!(super::PROVIDERS.len(), 18);
    for brand in super::PROVIDERS {
        let descriptor = brand.descriptor();
        assert_eq!(battery::check_descriptor(descriptor), []);
        let is_base = descriptor.code == base.code;
        assert_eq!(descriptor.base_code, (!is_base).then_some("geotab"));
        assert_eq!(descriptor.streams.len(), base.streams.len());
    }
}

#[test]
fn pages_end_and_are_read_twice_alike() {
    with_cases(|case| assert_eq!(battery::check_walk(geotab(), case), []));
}

#[test]
fn secrets_are_in_the_signature_alone() {
    let session = session();
    // The database's name is no secret: it is the account's, which sessions show.
    let mut credentials = credentials();
    credentials.0.remove("database");
    with_cases(|case| {
        let faults = battery::check_secrecy(geotab(), &credentials, Some(&session), &[*case]);
        assert_eq!(faults, []);
    });
}

#[test]
fn broken_answers_never_panic() {
    for seed in [20_260_301, 7, 99] {
        with_cases(|case| {
            let faults = battery::check_mutations(geotab(), case, seed, 120, 311);
            assert_eq!(faults, []);
        });
    }
}

#[test]
fn broken_answers_of_second_pages_never_panic() {
    for (name, first, second) in EXPLAINED {
        let at = At(Position(position_after(name, first)));
        for seed in [1, 20_260_302] {
            with_case(name, &[second], |case| {
                let faults = battery::check_mutations(&at, case, seed, 200, 511);
                assert_eq!(faults, []);
            });
        }
    }
}

#[test]
fn first_answers_can_be_explained_without_their_task() {
    with_cases(|case| {
        let answer = &case.answers[0];
        let explained = provider::explain(geotab(), case.stream.name, answer, case.ids);
        assert!(explained.is_ok(), "{}: {explained:?}", case.stream.name);
    });
}
