//! The real transport against sockets of this machine, and against names that lie.

use std::net::SocketAddr;
use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers one request with `answer`, and gives back what was asked.
async fn answer_one(listener: TcpListener, answer: &'static str) -> String {
    let (mut stream, _) = listener.accept().await.expect("somebody connects");
    let mut asked = Vec::new();
    let mut part = [0; 1_024];
    while !asked.ends_with(b"the body") {
        let length = stream.read(&mut part).await.expect("a request comes");
        assert!(length > 0, "the request ended early");
        asked.extend_from_slice(&part[..length]);
    }
    let written = stream.write_all(answer.as_bytes()).await;
    written.expect("the answer is taken");
    String::from_utf8(asked).expect("text")
}

#[tokio::test]
async fn every_method_goes_out_and_redirects_come_back_as_they_are() {
    let transport = RealTransport::new(RealTransportConfig::default()).expect("a client");
    for method in Method::ALL {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let redirect = "HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\n\
             content-length: 0\r\nconnection: close\r\n\r\n";
        let server = tokio::spawn(answer_one(listener, redirect));
        let answer = transport
            .send(HttpRequest {
                method,
                url: format!("http://{address}/here?a=1"),
                headers: vec![("x-own".to_owned(), "1".to_owned())],
                body: Some(Bytes::from_static(b"the body")),
                timeout: Duration::from_secs(10),
                reach: Reach::Anywhere,
            })
            .await
            .expect("an answer");
        assert_eq!(answer.status, 307);
        assert_eq!(answer.header("location"), Some("/elsewhere"));
        let asked = server.await.expect("it answers once");
        let line = format!("{} /here?a=1 HTTP/1.1\r\n", method.name());
        assert!(asked.starts_with(&line), "{asked}");
        assert!(asked.contains("x-own: 1"), "{asked}");
    }
}

/// A client for which every name has these addresses; it writes down which were asked for.
fn resolving_to(addresses: &[&str], names: &Arc<Mutex<Vec<String>>>) -> RealTransport {
    let found: Vec<SocketAddr> = addresses
        .iter()
        .map(|address| SocketAddr::new(address.parse().expect("an address"), 0))
        .collect();
    let names = Arc::clone(names);
    let lookup: Lookup = Arc::new(move |host| {
        names.lock().expect("unpoisoned").push(host);
        let found = found.clone();
        Box::pin(async move { Ok(found) })
    });
    let config = RealTransportConfig {
        connect_timeout: Duration::from_millis(50),
        ..RealTransportConfig::default()
    };
    RealTransport::with_lookup(config, lookup).expect("a client")
}

async fn sent(transport: &RealTransport, url: &str, reach: Reach) -> TransportError {
    let request = HttpRequest {
        method: Method::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: None,
        timeout: Duration::from_secs(10),
        reach,
    };
    match transport.send(request).await {
        Ok(answer) => panic!("{url} answers {}", answer.status),
        Err(error) => error,
    }
}

#[tokio::test]
async fn whatever_a_name_resolves_to_private_addresses_are_not_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let names = Arc::default();
    for addresses in [
        &["127.0.0.1"][..],
        &["10.0.0.1", "::1", "::ffff:127.0.0.1"][..],
        &[][..],
    ] {
        let transport = resolving_to(addresses, &names);
        let url = format!("http://api.example.com:{port}/me");
        let refused = sent(&transport, &url, Reach::Public).await;
        let wanted = TransportError::NotPublic {
            host: "api.example.com".to_owned(),
        };
        assert_eq!(refused, wanted, "{addresses:?}");
    }
    assert_eq!(*names.lock().expect("unpoisoned"), ["api.example.com"; 3]);
    let untouched = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
    assert!(untouched.is_err(), "nobody connected");
}

#[tokio::test]
async fn literal_addresses_are_refused_without_a_lookup() {
    let names = Arc::default();
    let transport = resolving_to(&["127.0.0.1"], &names);
    for url in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
    ] {
        let refused = sent(&transport, url, Reach::Public).await;
        assert!(
            matches!(refused, TransportError::NotPublic { .. }),
            "{url}: {refused}"
        );
    }
    assert!(names.lock().expect("unpoisoned").is_empty());
}

#[tokio::test]
async fn hosts_that_the_operator_named_may_be_private() {
    let names = Arc::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    // Closed: to be refused by nobody being there, one has to get there.
    drop(listener);
    let transport = resolving_to(&[], &names);
    let unreached = sent(&transport, &url, Reach::Anywhere).await;
    assert!(matches!(unreached, TransportError::Connect { .. }));
    let allowing = RealTransport::new(RealTransportConfig {
        allow_private_addresses: true,
        ..RealTransportConfig::default()
    });
    let unreached = sent(&allowing.expect("a client"), &url, Reach::Public).await;
    assert!(matches!(unreached, TransportError::Connect { .. }));
}
