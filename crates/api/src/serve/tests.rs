//! Clients that are slow, silent or many, over sockets of this machine.
//!
//! Nobody sleeps: where a limit is to run out it is short, all others are long, and what is waited
//! for is the end of the connection.

use std::sync::Mutex;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::*;

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(60);

/// Nothing runs out while a test lasts.
const PATIENT: ServeLimits = ServeLimits {
    connections: 100,
    head_bytes: 16 << 10,
    head: LONG,
    body: LONG,
    idle: LONG,
    stalled_answer: LONG,
};

/// More than the buffers of two sockets take.
const LARGE_BYTES: usize = 64 << 20;

struct Server {
    address: SocketAddr,
    /// What happened, in order.
    events: Arc<Mutex<Vec<&'static str>>>,
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<io::Result<()>>,
}

impl Server {
    async fn start(limits: ServeLimits) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let events: Arc<Mutex<Vec<&'static str>>> = Arc::default();
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let note = |what: &'static str| {
            let events = Arc::clone(&events);
            move || events.lock().expect("unpoisoned").push(what)
        };
        let (quick, slow_begins, slow_ends) = (note("quick"), note("begins"), note("ends"));
        let (begins, goes_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        let slow = move || async move {
            slow_begins();
            begins.notify_one();
            goes_on.notified().await;
            slow_ends();
            "slow"
        };
        let router = Router::new()
            .route("/slow", get(slow))
            .route("/large", get(async || vec![b'x'; LARGE_BYTES]))
            .route(
                "/told",
                post(async |told: String| format!("{} bytes", told.len())),
            )
            .route(
                "/peer",
                get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()),
            )
            .route(
                "/quick",
                get(move || {
                    quick();
                    std::future::ready("quick")
                }),
            );
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve_within(listener, router, limits, async {
            stopped.await.expect("tests stop their server");
        }));
        Server {
            address,
            events,
            begun,
            go_on,
            stop,
            served,
        }
    }

    async fn client(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it listens")
    }

    fn events(&self) -> Vec<&'static str> {
        self.events.lock().expect("unpoisoned").clone()
    }
}

async fn say(client: &mut TcpStream, text: &str) {
    client.write_all(text.as_bytes()).await.expect("sent");
}

/// Everything until the server ends the connection.
async fn hear_out(client: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    match client.read_to_end(&mut heard).await {
        Ok(_) => {}
        // As good an end as any: something that we sent was never read.
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
    }
    String::from_utf8(heard).expect("text")
}

/// Everything until these are the last words.
async fn hear_until(client: &mut TcpStream, last: &str) {
    let mut heard = Vec::new();
    while !heard.ends_with(last.as_bytes()) {
        let byte = client.read_u8().await.expect("more is to come");
        heard.push(byte);
    }
}

fn question(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n")
}

fn last_question(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn a_client_that_says_nothing_is_sent_away() {
    let server = Server::start(ServeLimits {
        idle: SHORT,
        ..PATIENT
    })
    .await;
    let mut silent = server.client().await;
    assert_eq!(hear_out(&mut silent).await, "");
    let mut once = server.client().await;
    say(&mut once, &question("/quick")).await;
    assert!(hear_out(&mut once).await.ends_with("quick"));
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let server = Server::start(ServeLimits {
        head: SHORT,
        ..PATIENT
    })
    .await;
    let mut slow = server.client().await;
    say(&mut slow, "GET /qui").await;
    assert_eq!(hear_out(&mut slow).await, "");
    // Nor after a first request that was quick.
    let mut later = server.client().await;
    say(&mut later, &question("/quick")).await;
    hear_until(&mut later, "quick").await;
    say(&mut later, "GET /qui").await;
    assert_eq!(hear_out(&mut later).await, "");
    assert_eq!(server.events(), ["quick"]);
}

#[tokio::test]
async fn a_head_that_comes_by_the_byte_is_not_waited_for() {
    let server = Server::start(ServeLimits {
        head: SHORT,
        ..PATIENT
    })
    .await;
    let (mut reading, mut writing) = server.client().await.into_split();
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    writing.write_all(b"GET /quick?").await.expect("sent");
    let mut heard = [0; 1];
    let ended = loop {
        tokio::select! {
            ended = reading.read(&mut heard) => break ended,
            // A write to a connection that has ended fails, and then the read tells.
            _ = ticks.tick() => drop(writing.write_all(b"x").await),
        }
    };
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    assert!(server.events().is_empty());
}

#[tokio::test]
async fn a_body_that_does_not_end_is_not_waited_for() {
    let server = Server::start(ServeLimits {
        body: SHORT,
        ..PATIENT
    })
    .await;
    let asked = "POST /told HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n";
    let mut slow = server.client().await;
    say(&mut slow, &format!("{asked}\r\nsome")).await;
    let heard = hear_out(&mut slow).await;
    assert!(heard.starts_with("HTTP/1.1 400 "), "{heard}");
    let mut quick = server.client().await;
    say(&mut quick, &format!("{asked}connection: close\r\n\r\nsome")).await;
    say(&mut quick, " more").await;
    assert!(hear_out(&mut quick).await.ends_with("9 bytes"));
}

#[tokio::test]
async fn a_long_wait_for_the_answer_is_not_the_clients_fault() {
    let server = Server::start(ServeLimits {
        head: SHORT,
        idle: SHORT,
        stalled_answer: SHORT,
        ..PATIENT
    })
    .await;
    let (mut waits, mut other) = (server.client().await, server.client().await);
    say(&mut waits, &last_question("/slow")).await;
    server.begun.notified().await;
    // All limits have passed by the time that this one is sent away.
    assert_eq!(hear_out(&mut other).await, "");
    server.go_on.notify_one();
    assert!(hear_out(&mut waits).await.ends_with("slow"));
}

#[tokio::test]
async fn an_answer_that_nobody_takes_keeps_no_place() {
    let server = Server::start(ServeLimits {
        connections: 1,
        stalled_answer: SHORT,
        ..PATIENT
    })
    .await;
    let mut deaf = server.client().await;
    say(&mut deaf, &question("/large")).await;
    // There is one place, so this one is served after the other has lost it.
    let mut next = server.client().await;
    say(&mut next, &last_question("/quick")).await;
    assert!(hear_out(&mut next).await.ends_with("quick"));
    let mut left = Vec::new();
    let _ended = deaf.read_to_end(&mut left).await;
    assert!(left.len() < LARGE_BYTES, "{} bytes", left.len());
}

#[tokio::test]
async fn a_large_answer_comes_whole_to_whoever_takes_it() {
    let server = Server::start(PATIENT).await;
    let mut client = server.client().await;
    say(&mut client, &last_question("/large")).await;
    let heard = hear_out(&mut client).await;
    assert!(heard.len() > LARGE_BYTES, "{} bytes", heard.len());
}

#[tokio::test]
async fn heads_that_are_too_large_are_answered_431() {
    let server = Server::start(PATIENT).await;
    let long = format!("x-long: {}\r\n", "x".repeat(16 << 10));
    let many = "x-many: 1\r\n".repeat(101);
    for headers in [long, many] {
        let mut client = server.client().await;
        let asked = format!("GET /quick HTTP/1.1\r\nhost: here\r\n{headers}\r\n");
        say(&mut client, &asked).await;
        let heard = hear_out(&mut client).await;
        assert!(heard.starts_with("HTTP/1.1 431 "), "{heard}");
    }
    assert!(server.events().is_empty());
    let mut client = server.client().await;
    let headers = "x-many: 1\r\n".repeat(98);
    let fits = format!("GET /quick HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
    say(&mut client, &fits).await;
    assert!(hear_out(&mut client).await.ends_with("quick"));
}

#[tokio::test]
async fn no_more_connections_than_there_are_places() {
    let server = Server::start(ServeLimits {
        connections: 1,
        ..PATIENT
    })
    .await;
    let mut first = server.client().await;
    say(&mut first, &last_question("/slow")).await;
    server.begun.notified().await;
    let mut second = server.client().await;
    say(&mut second, &last_question("/quick")).await;
    server.go_on.notify_one();
    let (first, second) = tokio::join!(hear_out(&mut first), hear_out(&mut second));
    assert!(first.ends_with("slow") && second.ends_with("quick"));
    assert_eq!(server.events(), ["begins", "ends", "quick"]);
}

#[tokio::test]
async fn handlers_are_told_who_asks() {
    let server = Server::start(PATIENT).await;
    let mut client = server.client().await;
    let own = client.local_addr().expect("bound").to_string();
    say(&mut client, &last_question("/peer")).await;
    assert!(hear_out(&mut client).await.ends_with(&own));
}

#[tokio::test]
async fn a_server_that_stops_answers_what_was_asked_and_no_more() {
    let server = Server::start(PATIENT).await;
    let (mut asking, mut idle) = (server.client().await, server.client().await);
    say(&mut idle, &question("/quick")).await;
    hear_until(&mut idle, "quick").await;
    say(&mut asking, &question("/slow")).await;
    server.begun.notified().await;
    server.stop.send(()).expect("it runs");
    // The idle connection is ended at once, the other after its answer.
    assert_eq!(hear_out(&mut idle).await, "");
    assert!(!server.served.is_finished(), "a request is under way");
    assert!(TcpStream::connect(server.address).await.is_err());
    server.go_on.notify_one();
    assert!(hear_out(&mut asking).await.ends_with("slow"));
    server.served.await.expect("no panic").expect("a good end");
}
