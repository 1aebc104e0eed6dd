//! Where the server meets the network: what it asks of others, and what others may ask of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::{Api, ApiConfig, ServeLimits};
use bytes::Bytes;
use serde_json::json;
use store::KeyKind;
use testkit::api_server::ApiServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use world::http::Sending;
use world::{Encoding, HttpAnswer, HttpRequest, Reach, Transport};

const PROVIDER: &str = "https://api.samsara.com";

/// Notes where requests go, and redirects each into our own network.
#[derive(Default)]
struct Elsewhere(Mutex<Vec<(String, Reach)>>);

impl Transport for Elsewhere {
    fn send(&self, request: HttpRequest) -> Sending {
        let mut asked = self.0.lock().expect("unpoisoned");
        asked.push((request.url, request.reach));
        let location = "http://169.254.169.254/latest/meta-data".to_owned();
        Box::pin(async move {
            Ok(HttpAnswer {
                status: 302,
                headers: vec![("location".to_owned(), location)],
                wire_body: Bytes::new(),
                encoding: Encoding::Identity,
                body: Bytes::new(),
            })
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_asked_goes_to_the_providers_own_public_host() {
    let server = ApiServer::bare().await;
    let network = Arc::new(Elsewhere::default());
    let connection = server.make_connection(server.application, |request| {
        // The provider's own, where the test's configuration names another.
        request.base_url = Some(PROVIDER.to_owned());
    });
    let token = connection.await.token;
    let client = server.client_over(Arc::clone(&network) as Arc<dyn Transport>);
    let client = client.with_token(token.reveal());
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
    let asked = network.0.lock().expect("unpoisoned");
    // The first three are paths like any other, the live call is one question, and a redirect is
    // never a second one.
    assert_eq!(asked.len(), 3 * 2 + 1, "{asked:?}");
    for (url, reach) in asked.iter() {
        assert!(url.starts_with(&format!("{PROVIDER}/")), "{url}");
        assert_eq!(*reach, Reach::Public, "{url}");
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
