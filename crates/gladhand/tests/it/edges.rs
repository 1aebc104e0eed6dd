//! Where the server meets the network: what it asks of others, and what others may ask of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::{Api, ApiConfig, ServeLimits};
use bytes::Bytes;
use model::Secret;
use serde_json::{Value, json};
use store::KeyKind;
use testkit::api_server::ApiServer;
use testkit::client::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use world::http::Sending;
use world::{Encoding, HttpAnswer, HttpRequest, Reach, Transport};

/// Notes where requests go, and answers each with a way into our own network.
struct Elsewhere {
    asked: Mutex<Vec<(String, Reach)>>,
    status: u16,
    body: Bytes,
}

impl Elsewhere {
    fn new(status: u16, body: impl Into<Bytes>) -> Arc<Elsewhere> {
        Arc::new(Elsewhere {
            asked: Mutex::default(),
            status,
            body: body.into(),
        })
    }

    /// All that was asked went to the provider's own host, on the public internet alone.
    fn was_not_led_away_from(&self, base_url: &str) -> usize {
        let asked = self.asked.lock().expect("unpoisoned");
        for (url, reach) in asked.iter() {
            assert!(url.starts_with(&format!("{base_url}/")), "{url}");
            assert_eq!(*reach, Reach::Public, "{url}");
        }
        asked.len()
    }
}

impl Transport for Elsewhere {
    fn send(&self, request: HttpRequest) -> Sending {
        let mut asked = self.asked.lock().expect("unpoisoned");
        asked.push((request.url, request.reach));
        let location = "http://169.254.169.254/latest/meta-data".to_owned();
        let (status, body) = (self.status, self.body.clone());
        Box::pin(async move {
            Ok(HttpAnswer {
                status,
                headers: vec![("location".to_owned(), location)],
                wire_body: body.clone(),
                encoding: Encoding::Identity,
                body,
            })
        })
    }
}

/// A client of a connection at a provider's own host, with this network between.
async fn client_at(
    server: &ApiServer,
    network: &Arc<Elsewhere>,
    (provider, base_url): (&str, &str),
    credentials: Value,
) -> Client {
    let connection = server.make_connection(server.application, |request| {
        request.provider = provider.to_owned();
        request.credentials = Secret::new(credentials.to_string());
        // The provider's own, where the test's configuration names another.
        request.base_url = Some(base_url.to_owned());
    });
    let token = connection.await.token;
    let client = server.client_over(Arc::clone(network) as Arc<dyn Transport>);
    client.with_token(token.reveal())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_asked_goes_to_the_providers_own_public_host() {
    let samsara = ("samsara", "https://api.samsara.com");
    let server = ApiServer::bare().await;
    let network = Elsewhere::new(302, "");
    let client = client_at(&server, &network, samsara, json!({"apiKey": "k"})).await;
    for path in [
        "/fleet/vehicles",
        "/@127.0.0.1/",
        "/127.0.0.1:80/x?url=http://10.0.0.1/",
        "//127.0.0.1/",
        "http://127.0.0.1/",
        "/../../127.0.0.1",
        ".internal/x",
        ":8080/x",
    ] {
        let body = json!({"method": "GET", "path": path});
        client.post_json("/passthrough", &body).await;
        client.post_json("/passthrough/raw", &body).await;
    }
    client.get("/vehicles/locations").await;
    // The first three are paths like any other, the live call is one question, and a redirect is
    // never a second one.
    assert_eq!(network.was_not_led_away_from(samsara.1), 3 * 2 + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_says_it_lives_in_our_network_is_not_followed() {
    let geotab = ("geotab", "https://my.geotab.com");
    let account = json!({"username": "u@example.com", "password": "p", "database": "d"});
    for path in [
        "10.0.0.5",
        "localhost:8880",
        "169.254.169.254",
        "evil.example",
    ] {
        let server = ApiServer::bare().await;
        let session = json!({"userName": "u@example.com", "sessionId": "s", "database": "d"});
        let lives = json!({"result": {"path": path, "credentials": session}});
        let network = Elsewhere::new(200, lives.to_string());
        let client = client_at(&server, &network, geotab, account.clone()).await;
        let answer = client.get("/vehicles/locations").await;
        assert!(answer.status >= 500, "{path}: {}", answer.status);
        assert!(network.was_not_led_away_from(geotab.1) > 0);
    }
}

/// What is answered to the beginning of a request whose rest does not come.
async fn answered(deadline: Duration, limits: ServeLimits) -> String {
    let server = ApiServer::bare().await;
    let key = server.make_key(server.application, KeyKind::Secret).await;
    let token = server.fleet.connection().await.token;
    let config = ApiConfig {
        request_deadline: deadline,
        ..ApiConfig::new("http://gladhand.test")
    };
    let engine = server.fleet.engine.clone();
    let router = api::router(Api { engine, config });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let serving = api::serve_within(listener, router, limits, std::future::pending());
    let serving = tokio::spawn(serving);
    let mut client = TcpStream::connect(address).await.expect("it listens");
    let begun = format!(
        "POST /tsp/v1/passthrough HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {key}\r\n\
         connection-token: {}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\
         \r\n{{\"method\":",
        token.reveal()
    );
    client.write_all(begun.as_bytes()).await.expect("sent");
    let mut heard = Vec::new();
    // Until the server ends the connection: whoever is slow keeps none.
    let read = client.read_to_end(&mut heard).await;
    read.expect("it ends in good order");
    serving.abort();
    String::from_utf8(heard).expect("text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let (short, long) = (Duration::from_millis(50), Duration::from_secs(60));
    let patient = ServeLimits {
        body: long,
        ..ServeLimits::default()
    };
    let impatient = ServeLimits {
        body: short,
        ..ServeLimits::default()
    };
    let check = async |deadline, limits, want: &str| {
        let heard = answered(deadline, limits).await;
        assert!(heard.starts_with(&format!("HTTP/1.1 {want} ")), "{heard}");
        // In our form, whoever noticed.
        assert!(heard.contains(r#""code":""#), "{heard}");
    };
    check(short, patient, "504").await;
    check(long, impatient, "400").await;
}
