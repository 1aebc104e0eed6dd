//! One live call against a provider and a transport that follow a script.

use std::collections::VecDeque;
use std::sync::Mutex;

use model::live::LatestVehicleLocation;
use model::{ConnectionId, Ulid, VehicleId};
use provider::{Auth, Credentials, Descriptor, Member, Page, Secret, Task};
use world::http::Sending;
use world::{Encoding, HttpRequest, ManualClock, TransportError};

use super::*;
use crate::access::bed::Bed;

static DESCRIPTOR: Descriptor = Descriptor {
    code: "scripted",
    base_code: None,
    omits: &[],
    oauth: None,
    differs: &[],
    name: "Scripted",
    default_base_url: "https://provider.test",
    credentials: &[],
    streams: &[],
    check: "",
    live: &[LiveOperation::VehicleLocations],
    lacks: &[],
    safety_types: &[],
    location_sample_rate: "",
    location_history: "",
    developer_docs_url: "",
    login_url: "",
    concurrency: 1,
};

/// Understands bodies that say what is to be done: `more` asks for the next page, `rows 3 1` ends
/// with these vehicles; how many pages there were is its state.
struct Scripted;

impl Provider for Scripted {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn request(&self, _task: &Task<'_>) -> Request {
        Request::get("/")
    }

    fn authorize(
        &self,
        _: &Request,
        credentials: &Credentials,
        _: Option<&provider::Session>,
    ) -> Result<Auth, ProviderError> {
        let key = credentials.get("key").cloned();
        let key = key.unwrap_or_else(|| Secret::new(""));
        Ok(Auth::header("authorization", "Bearer ", &key))
    }

    fn read(&self, _: &Task<'_>, _: &Answer<'_>) -> Result<Page, ProviderError> {
        Ok(Page::default())
    }

    fn live(
        &self,
        call: &LiveCall<'_>,
        state: LiveState,
        answer: Option<&Answer<'_>>,
    ) -> Result<LiveStep, ProviderError> {
        let page = state.and_then(|state| state.downcast::<u32>().ok());
        let page = page.map_or(0, |page| *page);
        let ask = |page: u32| LiveStep::Ask {
            request: Request::get(format!("/page/{page}")),
            state: Some(Box::new(page + 1)),
        };
        let Some(answer) = answer else {
            return Ok(ask(0));
        };
        let excerpt = Excerpt::of(answer.body);
        match answer.status {
            200 => {}
            401 => return Err(ProviderError::CredentialsRejected { excerpt }),
            403 => {
                return Err(ProviderError::Forbidden {
                    scope: "Read Vehicles".to_owned(),
                });
            }
            429 => {
                return Err(ProviderError::Throttled {
                    retry_after: answer
                        .header("retry-after")
                        .and_then(|text| text.parse().ok().map(Duration::from_secs)),
                });
            }
            status @ 500.. => {
                return Err(ProviderError::Unavailable {
                    cause: Unavailability::Status(status),
                });
            }
            status => return Err(ProviderError::Refused { status, excerpt }),
        }
        let text = std::str::from_utf8(answer.body).expect("scripts are text");
        match text.trim_end().split_once(' ') {
            Some(("rows", ids)) => Ok(LiveStep::Done(LiveAnswer {
                rows: LiveRows::VehicleLocations(
                    ids.split(' ')
                        .map(|id| row(id.parse().expect("a number")))
                        .collect(),
                ),
                notices: Vec::new(),
            })),
            None if text == "more" => Ok(ask(page)),
            None if text.starts_with("panic") => panic!("as the script wants"),
            _ => {
                assert_eq!(call.operation, LiveOperation::VehicleLocations);
                Err(ProviderError::UnexpectedAnswer {
                    at: "$".to_owned(),
                    wanted: "a line of the script",
                    excerpt,
                })
            }
        }
    }
}

fn row(number: u128) -> LiveRow<LatestVehicleLocation> {
    LiveRow {
        row: LatestVehicleLocation {
            provider: "scripted".to_owned(),
            vehicle: VehicleId(Ulid::from_bits(number)),
            driver: None,
            located_at: Timestamp::from_millis(0),
            location: model::coordinates::Coordinates {
                latitude: 1.0,
                longitude: 2.0,
            },
            address: None,
            heading: None,
            speed: None,
            odometer: None,
            fuel: None,
            engine_state: None,
            engine_runtime: None,
        },
        raw: vec!["{}".to_owned()],
    }
}

type Scene = Result<(u16, &'static str, String), TransportError>;

/// Gives the script's answers in their order and remembers what it was sent.
struct Script {
    scenes: Mutex<VecDeque<Scene>>,
    sent: Mutex<Vec<HttpRequest>>,
    clock: Arc<ManualClock>,
    /// Passes with every answer.
    takes: Duration,
}

impl Transport for Script {
    fn send(&self, request: HttpRequest) -> Sending {
        let timeout = request.timeout;
        self.sent.lock().expect("unpoisoned").push(request);
        let scene = self.scenes.lock().expect("unpoisoned").pop_front();
        self.clock.advance(self.takes.min(timeout));
        let late = self.takes >= timeout;
        Box::pin(async move {
            if late {
                return Err(TransportError::TimedOut { after: timeout });
            }
            let (status, retry_after, body) = scene.expect("the script goes on")?;
            let body = Bytes::from(body);
            Ok(HttpAnswer {
                status,
                headers: vec![("retry-after".to_owned(), retry_after.to_owned())],
                wire_body: body.clone(),
                encoding: Encoding::Identity,
                body,
            })
        })
    }
}

struct Played {
    answer: Result<Vec<u128>, LiveError>,
    paths: Vec<String>,
    took: Duration,
    sent: Vec<HttpRequest>,
}

async fn play_slowly(scenes: impl IntoIterator<Item = Scene>, takes: Duration) -> Played {
    let began = Timestamp::from_millis(1_000_000);
    let clock = Arc::new(ManualClock::at(began));
    let script = Arc::new(Script {
        scenes: Mutex::new(scenes.into_iter().collect()),
        sent: Mutex::default(),
        clock: Arc::clone(&clock),
        takes,
    });
    let bed = Bed::new(&[("key", "opensesame")]).await;
    let line = Line {
        provider: &Scripted,
        access: bed.access(
            &Scripted,
            Arc::clone(&script) as Arc<dyn Transport>,
            Arc::clone(&clock) as Arc<dyn Clock>,
        ),
        transport: Arc::clone(&script) as Arc<dyn Transport>,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        places: Arc::new(Semaphore::new(1)),
    };
    let question = Question {
        operation: LiveOperation::VehicleLocations,
        ids: IdSpace {
            connection: ConnectionId(Ulid::from_bits(1)),
            created_at: began,
        },
        members: vec![Partition {
            member: Member::Vehicle(VehicleId(Ulid::from_bits(1))),
            source_id: "1".to_owned(),
        }],
        event: None,
    };
    let answer = line.ask(question).await;
    let sent = std::mem::take(&mut *script.sent.lock().expect("unpoisoned"));
    let base = "https://provider.test/base";
    let path = |request: &HttpRequest| {
        let path = request.url.strip_prefix(base);
        path.expect("below the base URL").to_owned()
    };
    Played {
        answer: answer.map(|live| match live.answer.rows {
            LiveRows::VehicleLocations(rows) => {
                let number = |row: &LiveRow<LatestVehicleLocation>| row.row.vehicle.0.to_bits();
                rows.iter().map(number).collect()
            }
            _ => panic!("other rows than were asked for"),
        }),
        paths: sent.iter().map(path).collect(),
        took: clock.now().since(began),
        sent,
    }
}

async fn play(scenes: impl IntoIterator<Item = Scene>) -> Played {
    play_slowly(scenes, Duration::ZERO).await
}

fn says(body: &str) -> Scene {
    Ok((200, "", body.to_owned()))
}

fn refuses(status: u16) -> Scene {
    Ok((status, "", "no".to_owned()))
}

fn throttles(retry_after_s: &'static str) -> Scene {
    Ok((429, retry_after_s, String::new()))
}

#[tokio::test]
async fn pages_are_asked_until_it_is_done_and_rows_are_put_in_order() {
    let played = play([says("more"), says("more"), says("rows 3 1 2 1")]).await;
    assert_eq!(played.answer.expect("an answer"), [1, 2, 3]);
    assert_eq!(played.paths, ["/page/0", "/page/1", "/page/2"]);
    for request in &played.sent {
        let signature = ("authorization".to_owned(), "Bearer opensesame".to_owned());
        assert!(request.headers.contains(&signature), "{request:?}");
    }
}

#[tokio::test]
async fn a_short_wait_is_waited_out_and_a_long_one_is_told() {
    let played = play([throttles("3"), throttles(""), says("rows 1")]).await;
    assert_eq!(played.answer.expect("an answer"), [1]);
    assert_eq!(played.took, Duration::from_secs(5));
    let played = play([throttles("9")]).await;
    let told = played.answer.expect_err("too long");
    assert!(
        matches!(told, LiveError::Throttled { after } if after == Duration::from_secs(9)),
        "{told}"
    );
    assert_eq!(played.took, Duration::ZERO);
    let often = [throttles("1"), throttles("1"), throttles("1")];
    let told = play(often).await.answer.expect_err("too often");
    assert!(matches!(told, LiveError::Throttled { .. }), "{told}");
}

#[tokio::test]
async fn what_passes_is_asked_again_once_and_from_the_beginning() {
    let interrupted = || {
        Err(TransportError::Interrupted {
            reason: "reset".to_owned(),
        })
    };
    let played = play([says("more"), refuses(503), says("rows 1")]).await;
    assert_eq!(played.answer.expect("an answer"), [1]);
    assert_eq!(played.paths, ["/page/0", "/page/1", "/page/0"]);
    let played = play([says("more"), interrupted(), says("rows 1")]).await;
    assert_eq!(played.answer.expect("an answer"), [1]);
    assert_eq!(played.paths, ["/page/0", "/page/1", "/page/1"]);
    let played = play([says("nonsense"), says("rows 1")]).await;
    assert_eq!(played.answer.expect("an answer"), [1]);

    let told = play([refuses(503), refuses(502)]).await.answer;
    assert!(matches!(told, Err(LiveError::Answered { status: 502, .. })));
    let told = play([interrupted(), interrupted()]).await.answer;
    assert!(matches!(told, Err(LiveError::Unreachable { .. })));
    let told = play([says("nonsense"), says("nonsense")]).await.answer;
    assert!(matches!(told, Err(LiveError::NotUnderstood { .. })));
}

#[tokio::test]
async fn refusals_are_told_at_once() {
    let told = play([refuses(401)]).await.answer;
    assert!(matches!(told, Err(LiveError::CredentialsRejected)));
    let told = play([refuses(403)]).await.answer;
    let Err(LiveError::NotPermitted { what }) = told else {
        panic!("{told:?}");
    };
    assert_eq!(what, "Read Vehicles");
    let told = play([refuses(418)]).await.answer;
    assert!(matches!(told, Err(LiveError::Answered { status: 418, .. })));
}

#[tokio::test]
async fn a_call_ends_in_requests_bytes_and_time() {
    let endless = std::iter::repeat_with(|| says("more")).take(60);
    let played = play(endless).await;
    assert!(matches!(played.answer, Err(LiveError::TooMuch)));
    assert_eq!(played.paths.len(), 50);

    let played = play_slowly([says("rows 1")], Duration::from_secs(60)).await;
    assert!(matches!(played.answer, Err(LiveError::TooSlow)));
    assert_eq!(played.took, DEADLINE, "and not asked again");

    let played = play_slowly(
        std::iter::repeat_with(|| says("more")).take(60),
        Duration::from_secs(6),
    )
    .await;
    assert!(matches!(played.answer, Err(LiveError::TooSlow)));
    assert_eq!(played.paths.len(), 5);
    assert_eq!(played.took, DEADLINE);
    let last = played.sent.last().expect("sent").timeout;
    assert_eq!(last, Duration::from_secs(1), "what was left");
}

#[tokio::test]
async fn a_large_answer_is_mapped_elsewhere_and_survives_a_panic() {
    let spaces = " ".repeat(INLINE_BYTES);
    let played = play([says(&format!("rows 7{spaces}"))]).await;
    assert_eq!(played.answer.expect("an answer"), [7]);
    let panics = || says(&format!("panic{}", "!".repeat(INLINE_BYTES)));
    let told = play([panics(), panics()]).await.answer;
    assert!(matches!(told, Err(LiveError::NotUnderstood { .. })));
}

#[test]
fn the_bytes_of_all_answers_are_one_budget() {
    let mut budget = Budget {
        ends_at: Timestamp::from_millis(0),
        requests: 1,
        bytes: 10,
        waits: 0,
        repeats: 0,
        renewals: 0,
    };
    assert!(budget.take_bytes(6).is_ok());
    assert!(matches!(budget.take_bytes(6), Err(LiveError::TooMuch)));
}
