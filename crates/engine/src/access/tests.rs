//! Sessions against a provider that lets each of them answer so many questions.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::Timestamp;
use provider::{
    Answer, Auth, Credentials, Descriptor, Excerpt, LiveCall, LiveState, LiveStep, Page, Provider,
    ProviderError, Quota, Request, Secret, Session, SignIn, SignedIn, Task,
};
use world::http::Sending;
use world::{Clock, Encoding, HttpAnswer, HttpRequest, ManualClock, Transport};

use super::bed::Bed;
use super::*;

static DESCRIPTOR: Descriptor = Descriptor {
    code: "scripted",
    base_code: None,
    name: "Scripted",
    default_base_url: "https://provider.test",
    credentials: &[],
    streams: &[],
    check: "",
    live: &[],
    lacks: &[],
    omits: &[],
    oauth: None,
    differs: &[],
    safety_types: &[],
    location_sample_rate: "",
    location_history: "",
    developer_docs_url: "",
    login_url: "",
    concurrency: 1,
};

/// Signs in with a ticket that is good once, and is given the next with each session.
struct Ticketed;

impl Provider for Ticketed {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn request(&self, _: &Task<'_>) -> Request {
        Request::get("/rows").counted_as("rows")
    }

    fn authorize(
        &self,
        _: &Request,
        _: &Credentials,
        session: Option<&Session>,
    ) -> Result<Auth, ProviderError> {
        let token = session.and_then(|session| session.get("token"));
        let none = Secret::new("");
        Ok(Auth::header("x-token", "", token.unwrap_or(&none)))
    }

    fn sign_in(
        &self,
        credentials: &Credentials,
        _: Option<&OAuthApp>,
    ) -> Result<Option<SignIn>, ProviderError> {
        let ticket = credentials.get("ticket").cloned();
        Ok(ticket.map(|body| SignIn {
            path: "/sign-in",
            content_type: "text/plain",
            headers: Vec::new(),
            body,
        }))
    }

    fn signed_in(
        &self,
        _: &Credentials,
        asked: &str,
        answer: &Answer<'_>,
    ) -> Result<SignedIn, ProviderError> {
        assert_eq!(asked, "https://provider.test/base/");
        match answer.status {
            200 => {}
            429 => return Err(ProviderError::Throttled { retry_after: None }),
            _ => {
                let excerpt = Excerpt::of(b"no");
                return Err(ProviderError::CredentialsRejected { excerpt });
            }
        }
        let number = std::str::from_utf8(answer.body).expect("a number");
        let one = |name: &str, value: String| [(name.to_owned(), Secret::new(value))].into();
        Ok(SignedIn {
            session: Session {
                secrets: one("token", format!("token-{number}")),
                begun_at: answer.received_at,
                ..Session::default()
            },
            credentials: Some(Credentials(one("ticket", format!("ticket-{number}")))),
        })
    }

    fn read(&self, _: &Task<'_>, _: &Answer<'_>) -> Result<Page, ProviderError> {
        Ok(Page::default())
    }

    fn live(
        &self,
        _: &LiveCall<'_>,
        _: LiveState,
        _: Option<&Answer<'_>>,
    ) -> Result<LiveStep, ProviderError> {
        let excerpt = Excerpt::of(b"");
        Err(ProviderError::Refused {
            status: 501,
            excerpt,
        })
    }
}

/// The provider's side: which ticket is good, and how often its newest token still answers.
#[derive(Default)]
struct Office {
    /// Sessions begun; its tickets and tokens have this number.
    begun: AtomicU32,
    sign_ins: AtomicU32,
    dead: AtomicU32,
    refuses: Mutex<Option<u16>>,
}

impl Transport for Office {
    fn send(&self, request: HttpRequest) -> Sending {
        let body = request.body.unwrap_or_default();
        let begun = self.begun.load(Ordering::SeqCst);
        let (status, text) = if request.url.ends_with("/sign-in") {
            self.sign_ins.fetch_add(1, Ordering::SeqCst);
            let refused = *self.refuses.lock().expect("unpoisoned");
            let is_good = body == format!("ticket-{begun}").as_bytes();
            match refused {
                Some(status) => (status, String::new()),
                None if !is_good => (401, "used up".to_owned()),
                None => {
                    self.begun.store(begun + 1, Ordering::SeqCst);
                    (200, (begun + 1).to_string())
                }
            }
        } else {
            let token = request.headers.iter().find(|(name, _)| name == "x-token");
            let token = token.map_or("", |(_, value)| value.as_str());
            let is_good =
                token == format!("token-{begun}") && self.dead.load(Ordering::SeqCst) < begun;
            (if is_good { 200 } else { 401 }, String::new())
        };
        Box::pin(async move {
            let body: Bytes = text.into();
            Ok(HttpAnswer {
                status,
                headers: Vec::new(),
                wire_body: body.clone(),
                encoding: Encoding::Identity,
                body,
            })
        })
    }
}

impl Office {
    /// The newest session ends.
    fn end_session(&self) {
        self.dead
            .store(self.begun.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    fn sign_ins(&self) -> u32 {
        self.sign_ins.load(Ordering::SeqCst)
    }
}

struct Scene {
    bed: Bed,
    office: Arc<Office>,
    clock: Arc<ManualClock>,
}

impl Scene {
    async fn new() -> Scene {
        Scene {
            bed: Bed::new(&[("ticket", "ticket-0")]).await,
            office: Arc::default(),
            clock: Arc::new(ManualClock::at(Timestamp::from_millis(1_000))),
        }
    }

    fn access(&self) -> Access {
        let transport = Arc::clone(&self.office) as Arc<dyn Transport>;
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        self.bed.access(&Ticketed, transport, clock)
    }
}

/// Asks as syncs do: once more after a session has ended.
async fn ask(access: &Access) -> Result<(), AccessError> {
    for _ in 0..3 {
        let request = Request::get("/rows").counted_as("rows");
        let signed = access.signed(&request).await?;
        let version = signed.version;
        let answer = access
            .send(&request, signed, Duration::from_secs(1))
            .await?;
        if answer.status == 200 {
            access.note_good(version);
            return Ok(());
        }
        let excerpt = Excerpt::of(&answer.body);
        let ended = ProviderError::SessionEnded { excerpt };
        access.renew(ended, version).await?;
    }
    panic!("neither answered nor refused")
}

fn is_rejected(result: &Result<(), AccessError>) -> bool {
    let rejected = |e: &AccessError| {
        matches!(
            e,
            AccessError::Provider(ProviderError::CredentialsRejected { .. })
        )
    };
    result.as_ref().is_err_and(rejected)
}

#[tokio::test]
async fn many_that_ask_at_once_are_one_sign_in() {
    let scene = Scene::new().await;
    // Syncs and live calls of one connection, opened before anybody signed in.
    let accesses: Vec<Arc<Access>> = (0..8).map(|_| Arc::new(scene.access())).collect();
    let all_ask = async || {
        let mut asking = tokio::task::JoinSet::new();
        for access in &accesses {
            let access = Arc::clone(access);
            asking.spawn(async move { ask(&access).await });
        }
        while let Some(asked) = asking.join_next().await {
            asked.expect("no panic").expect("answered");
        }
    };
    all_ask().await;
    assert_eq!(scene.office.sign_ins(), 1, "each single-use ticket once");
    scene.office.end_session();
    all_ask().await;
    assert_eq!(scene.office.sign_ins(), 2);
    assert_eq!(scene.office.begun.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_session_outlives_the_process_that_began_it() {
    let scene = Scene::new().await;
    ask(&scene.access()).await.expect("answered");
    let stored = scene.bed.store.credentials(scene.bed.connection).await;
    let kept = stored.expect("read").expect("there");
    assert!(kept.secret.reveal().contains("ticket-1") && kept.version == 2);
    ask(&scene.access()).await.expect("answered");
    assert_eq!(scene.office.sign_ins(), 1);
}

#[tokio::test]
async fn wrong_credentials_are_tried_once_and_not_by_everybody() {
    let scene = Scene::new().await;
    *scene.office.refuses.lock().expect("unpoisoned") = Some(401);
    for _ in 0..5 {
        assert!(is_rejected(&ask(&scene.access()).await));
    }
    assert_eq!(scene.office.sign_ins(), 1);
    // After a while it may have been a lock that was lifted.
    scene.clock.advance(Duration::from_secs(61));
    *scene.office.refuses.lock().expect("unpoisoned") = None;
    ask(&scene.access()).await.expect("answered");
}

#[tokio::test]
async fn a_session_that_never_answers_is_no_session() {
    let scene = Scene::new().await;
    let access = scene.access();
    // Every session is dead from its beginning.
    scene.office.dead.store(u32::MAX, Ordering::SeqCst);
    assert!(is_rejected(&ask(&access).await));
    assert_eq!(
        scene.office.sign_ins(),
        2,
        "tried again once, then given up"
    );
}

#[tokio::test]
async fn sessions_that_answer_are_renewed_as_often_as_they_end() {
    let scene = Scene::new().await;
    let access = scene.access();
    for _ in 0..5 {
        ask(&access).await.expect("answered");
        scene.office.end_session();
    }
    ask(&access).await.expect("answered");
    assert_eq!(scene.office.sign_ins(), 6);
}

#[tokio::test]
async fn throttled_sign_ins_are_not_repeated_at_once() {
    let scene = Scene::new().await;
    *scene.office.refuses.lock().expect("unpoisoned") = Some(429);
    for _ in 0..4 {
        let asked = ask(&scene.access()).await;
        let Err(AccessError::Provider(ProviderError::Throttled { .. })) = asked else {
            panic!("{asked:?}")
        };
    }
    assert_eq!(scene.office.sign_ins(), 1);
    scene.clock.advance(Duration::from_secs(61));
    *scene.office.refuses.lock().expect("unpoisoned") = None;
    ask(&scene.access()).await.expect("answered");
}

#[tokio::test]
async fn another_process_that_signs_in_is_waited_for() {
    let scene = Scene::new().await;
    let (store, id) = (&scene.bed.store, scene.bed.connection);
    let (now, until) = (scene.clock.now(), Timestamp::from_millis(4_000));
    let held = store.hold_credentials(id, "other", now, until).await;
    assert!(held.expect("write").is_some());
    ask(&scene.access()).await.expect("answered in the end");
    assert!(scene.clock.now() >= until, "its time had to run out");
}

#[tokio::test]
async fn a_used_up_quota_is_not_asked() {
    let scene = Scene::new().await;
    let access = scene.access();
    ask(&access).await.expect("answered");
    let quota = Quota {
        remaining: 0,
        filled_at: scene.clock.now().saturating_add(Duration::from_secs(7)),
    };
    let request = Request::get("/rows").counted_as("rows");
    access.note_quota(&request, Some(quota));
    let throttled = ask(&access).await;
    let Err(AccessError::Provider(ProviderError::Throttled { retry_after })) = throttled else {
        panic!("{throttled:?}")
    };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
    scene.clock.advance(Duration::from_secs(7));
    ask(&access).await.expect("answered");
}
