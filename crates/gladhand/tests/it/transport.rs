//! The real transport against servers that mean ill: answers that unpack to more than they seem,
//! and certificates that nobody vouches for.

use std::sync::Arc;
use std::time::Duration;

use simulator::{
    FaultPlan, ProviderServer, SamsaraConfig, SamsaraServer, TlsIdentity, World, WorldConfig,
    serve_on,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use world::{
    Clock, HttpAnswer, HttpRequest, Method, Reach, RealTransport, RealTransportConfig, SystemClock,
    Transport, TransportError,
};

/// 4,096 zeros.
const ZEROS: [u8; 38] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x01, 0x0d, 0x00, 0x00,
    0x00, 0xc2, 0xa0, 0xf7, 0x4f, 0x6d, 0x0f, 0x07, 0x14, 0x00, 0x00, 0x00, 0xf0, 0x6e, 0x11, 0x00,
    0x1c, 0xc7, 0x00, 0x10, 0x00, 0x00,
];
const LIMIT_BYTES: u64 = 64 << 10;

async fn ask(
    config: RealTransportConfig,
    url: String,
    token: &str,
) -> Result<HttpAnswer, TransportError> {
    let transport = RealTransport::new(config).expect("a client");
    let request = HttpRequest {
        method: Method::Get,
        url,
        headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
        body: None,
        timeout: Duration::from_secs(10),
        reach: Reach::Anywhere,
    };
    transport.send(request).await
}

/// What becomes of an answer with this body.
async fn answered_with(body: Vec<u8>, header: &str) -> Result<HttpAnswer, TransportError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n{header}content-length: {}\r\n\r\n",
        body.len()
    );
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("somebody connects");
        let mut asked = [0; 4_096];
        let length = stream.read(&mut asked).await.expect("a request comes");
        assert!(length > 0);
        // Who has enough hangs up, and that is what is wanted.
        if stream.write_all(head.as_bytes()).await.is_ok() {
            let _ = stream.write_all(&body).await;
        }
    });
    let config = RealTransportConfig {
        max_body_bytes: LIMIT_BYTES,
        ..RealTransportConfig::default()
    };
    let answer = ask(config, url, "t").await;
    server.await.expect("the server ends");
    answer
}

#[tokio::test]
async fn an_answer_that_is_too_large_packed_or_unpacked_is_given_up() {
    let gzip = "content-encoding: gzip\r\n";
    let small = answered_with(ZEROS.to_vec(), gzip).await;
    assert_eq!(small.expect("small enough").body.len(), 4_096);
    // 38,000 bytes that would be 4 MiB.
    let bomb = ZEROS.repeat(1_000);
    assert!((bomb.len() as u64) < LIMIT_BYTES);
    let too_large = TransportError::TooLarge {
        limit_bytes: LIMIT_BYTES,
    };
    assert_eq!(
        answered_with(bomb, gzip).await.err(),
        Some(too_large.clone())
    );
    let plain = vec![b'a'; 4 * LIMIT_BYTES as usize];
    assert_eq!(answered_with(plain, "").await.err(), Some(too_large));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent() {
    let now = SystemClock.now();
    let world = World::new(WorldConfig {
        vehicles: 1,
        drivers: 1,
        ends_at: Some(now),
        ..WorldConfig::days_before(now, 1, 3)
    });
    let samsara = SamsaraConfig {
        tokens: vec!["planted".to_owned()],
        ..SamsaraConfig::default()
    };
    let server = Arc::new(SamsaraServer::new(
        Arc::new(world),
        FaultPlan::none(),
        samsara,
    ));
    let served = async |names: &'static [&'static str]| {
        let tls = TlsIdentity::generate(names.iter().copied()).expect("a certificate");
        let authority = tls.authority_pem().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let server = Arc::clone(&server) as _;
        let handle = serve_on(listener, server, clock, Some(tls)).expect("it listens");
        (handle, authority)
    };
    let trusting = |authority: &str| RealTransportConfig {
        extra_roots_pem: vec![authority.to_owned()],
        ..RealTransportConfig::default()
    };
    let (handle, authority) = served(&["localhost", "127.0.0.1"]).await;
    let port = handle.address().port();
    let url = || format!("https://127.0.0.1:{port}/me");

    let stranger = ask(RealTransportConfig::default(), url(), "planted").await;
    assert!(
        matches!(stranger, Err(TransportError::Connect { .. })),
        "{stranger:?}"
    );
    assert_eq!(server.requests(), 0);
    let known = ask(trusting(&authority), url(), "planted").await;
    assert_eq!(known.expect("an answer").status, 200);

    // A certificate of somebody whom we trust, for another host.
    let (handle, authority) = served(&["other.example"]).await;
    let url = format!("https://127.0.0.1:{}/me", handle.address().port());
    let other = ask(trusting(&authority), url, "planted").await;
    assert!(
        matches!(other, Err(TransportError::Connect { .. })),
        "{other:?}"
    );
    assert_eq!(server.requests(), 1);
}
