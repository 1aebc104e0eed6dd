//! The battery finds what it is there to find: each check against a vendor with that one fault.

use model::{IdSpace, SeriesKind, Timestamp, Words, Zone};

use super::*;
use crate::{
    Auth, CredentialField, FeedShape, FieldKind, Grain, LiveCall, LiveOperation, LiveState,
    LiveStep, PartitionBy, Reread, Secret, SignalDescriptor,
};

const LISTING: Stream = Stream {
    name: "things",
    permission: "Read Things",
    shape: Shape::Listing { owns: &[] },
};

const SOUND: Descriptor = Descriptor {
    base_code: None,
    omits: &[],
    oauth: None,
    differs: &[],
    code: "vendor",
    name: "Vendor",
    default_base_url: "https://api.vendor.example",
    credentials: &[CredentialField {
        name: "apiKey",
        label: Words {
            en: "Key",
            fr: "Clé",
            es: "Clave",
        },
        help: Words {
            en: "In the settings",
            fr: "Dans les réglages",
            es: "En los ajustes",
        },
        required: true,
        kind: FieldKind::Secret,
    }],
    streams: &[LISTING],
    check: "things",
    live: &[],
    lacks: &["Trip"],
    safety_types: &[],
    location_sample_rate: "",
    location_history: "",
    developer_docs_url: "",
    login_url: "",
    concurrency: 1,
};

static DESCRIPTOR: Descriptor = SOUND;

#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    None,
    LeaksKey,
    StaysInPlace,
    PanicsOnBytes,
    TakesHalves,
}

/// Its pages are `{"next": "…"}`.
struct Vendor(Flaw);

impl Provider for Vendor {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn request(&self, task: &Task<'_>) -> Request {
        let request = Request::get("/things");
        match (self.0, task.position) {
            (Flaw::LeaksKey, _) => request.query("key", "hush-hush"),
            (_, None) | (Flaw::StaysInPlace, _) => request,
            (_, Some(position)) => request.query("after", position.0.clone()),
        }
    }

    fn authorize(
        &self,
        _: &Request,
        credentials: &Credentials,
        _: Option<&crate::Session>,
    ) -> Result<Auth, ProviderError> {
        let key = credentials.get("apiKey").map_or("none", Secret::reveal);
        if key == "none" && self.0 != Flaw::LeaksKey {
            let excerpt = crate::Excerpt::of(b"no key");
            return Err(ProviderError::CredentialsRejected { excerpt });
        }
        Ok(Auth::header("x-key", "", &Secret::new(key)))
    }

    fn live(
        &self,
        _: &LiveCall<'_>,
        _: LiveState,
        _: Option<&Answer<'_>>,
    ) -> Result<LiveStep, ProviderError> {
        Err(ProviderError::Refused {
            status: 501,
            excerpt: crate::Excerpt::of(b"not offered"),
        })
    }

    fn read(&self, _: &Task<'_>, answer: &Answer<'_>) -> Result<Page, ProviderError> {
        assert!(self.0 != Flaw::PanicsOnBytes || answer.body.ends_with(b"}"));
        let next = serde_json::from_slice::<serde_json::Value>(answer.body)
            .ok()
            .and_then(|page| Some(page["next"].as_str()?.to_owned()));
        match next {
            Some(next) if next.is_empty() => Ok(Page::default()),
            Some(next) => Ok(Page {
                next: Next::Page(Position(next)),
                ..Page::default()
            }),
            None if self.0 == Flaw::TakesHalves => Ok(Page::default()),
            None => Err(ProviderError::UnexpectedAnswer {
                at: "next".to_owned(),
                wanted: "a text",
                excerpt: crate::Excerpt::of(answer.body),
            }),
        }
    }
}

fn run<T>(bodies: &[&str], check: impl Fn(&Case<'_>) -> T) -> T {
    let ids = IdSpace {
        connection: "conn_01GV12VR4DJP70GD1ZBK0SDWFH".parse().expect("an id"),
        created_at: Timestamp::from_millis(0),
    };
    let answers: Vec<Answer<'_>> = bodies
        .iter()
        .map(|body| Answer {
            status: 200,
            headers: &[],
            body: body.as_bytes(),
            received_at: Timestamp::from_millis(0),
        })
        .collect();
    check(&Case {
        stream: &DESCRIPTOR.streams[0],
        ids: &ids,
        zone: &Zone::utc(),
        partitions: &[],
        window: None,
        answers: &answers,
    })
}

const PAGES: &[&str] = &[r#"{"next":"b"}"#, r#"{"next":"c"}"#, r#"{"next":""}"#];

fn secrecy(flaw: Flaw) -> Vec<Fault> {
    let mut credentials = Credentials::default();
    let key = Secret::new("hush-hush");
    credentials.0.insert("apiKey".to_owned(), key);
    run(PAGES, |case| {
        check_secrecy(&Vendor(flaw), &credentials, None, &[*case])
    })
}

fn mutations(flaw: Flaw) -> Vec<Fault> {
    run(PAGES, |case| check_mutations(&Vendor(flaw), case, 1, 50, 1))
}

#[test]
fn a_vendor_without_a_flaw_passes() {
    assert_eq!(check_descriptor(&SOUND), []);
    assert_eq!(secrecy(Flaw::None), []);
    assert_eq!(run(PAGES, |case| check_walk(&Vendor(Flaw::None), case)), []);
    assert_eq!(mutations(Flaw::None), []);
}

#[test]
fn every_flaw_is_found() {
    assert!(
        secrecy(Flaw::LeaksKey).len() >= 2,
        "the leak, and signing without a key"
    );
    let stays = run(PAGES, |case| check_walk(&Vendor(Flaw::StaysInPlace), case));
    assert_eq!(stays.len(), 2, "{stays:?}");
    assert!(!mutations(Flaw::PanicsOnBytes).is_empty());
    assert!(!mutations(Flaw::TakesHalves).is_empty());
}

#[test]
fn a_walk_ends_with_its_last_answer() {
    let walk = |bodies: &[&str]| run(bodies, |case| check_walk(&Vendor(Flaw::None), case));
    assert_eq!(walk(&PAGES[..2]).len(), 1, "wants more");
    assert_eq!(walk(&[PAGES[2], PAGES[0]]).len(), 1, "ends early");
    assert_eq!(walk(&["[]"]).len(), 1, "an error");
}

#[test]
fn a_descriptor_that_cannot_be_planned_from_is_found() {
    const SIGNAL: SignalDescriptor = SignalDescriptor {
        name: "gps",
        kind: SeriesKind::Location,
        rank: 0,
    };
    const HOUR: std::time::Duration = std::time::Duration::from_secs(3_600);
    const STEP: Reread = Reread {
        after: HOUR,
        slot: HOUR,
    };
    const HISTORY: Stream = Stream {
        name: "history",
        permission: "Read History",
        shape: Shape::Window(WindowShape {
            partition: PartitionBy::Vehicle,
            grain: Grain::Instant,
            signals: &[SIGNAL, SIGNAL],
            owns: &[],
            proves_absence: true,
            least_open: std::time::Duration::ZERO,
            settle: HOUR,
            max_window: HOUR,
            max_batch: 0,
            bytes_per_partition_hour: 0,
            reread: &[STEP, STEP],
        }),
    };
    const FEED: Stream = Stream {
        name: "feed",
        permission: "Read History",
        shape: Shape::Feed(FeedShape {
            beside: "things",
            is_complete: false,
        }),
    };
    const GRANT: CredentialField = CredentialField {
        kind: FieldKind::Grant,
        help: Words {
            en: "In the settings",
            fr: " ",
            es: "En los ajustes",
        },
        ..SOUND.credentials[0]
    };
    let faults = check_descriptor(&Descriptor {
        code: "Vendor",
        default_base_url: "http://api.vendor.example/",
        streams: &[LISTING, LISTING, HISTORY, FEED],
        lacks: &["Truck", "LatestVehicleLocation"],
        live: &[LiveOperation::VehicleLocations],
        concurrency: 0,
        check: "history",
        credentials: &[GRANT],
        ..SOUND
    });
    assert_eq!(faults.len(), 15, "{faults:#?}");
}
