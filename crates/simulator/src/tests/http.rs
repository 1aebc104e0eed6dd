//! Over sockets, plain and TLS, and without them: the same answers.

use std::sync::Arc;
use std::time::Duration;

use world::{
    Encoding, HttpRequest, ManualClock, Method, Reach, RealTransport, RealTransportConfig,
    Transport, TransportError,
};

use super::reader::*;
use crate::{FaultPlan, InProcessTransport, TlsIdentity, serve};

fn request(base_url: &str, path: &str) -> HttpRequest {
    HttpRequest {
        method: Method::Get,
        url: format!("{base_url}{path}"),
        headers: vec![("authorization".to_owned(), "Bearer sim-token".to_owned())],
        body: None,
        timeout: Duration::from_secs(20),
        reach: Reach::Anywhere,
    }
}

const HISTORY: &str = "/fleet/vehicles/stats/history?types=gps\
                       &startTime=2025-06-15T00:00:00Z&endTime=2025-06-16T12:00:00Z";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_https_and_no_socket_answer_alike() {
    let clock = Arc::new(ManualClock::at(after_days(2.0)));
    let simulated = Arc::new(server(51, 1.0, FaultPlan::none()));
    let tls = TlsIdentity::generate(["localhost", "127.0.0.1"]).unwrap();
    let authority = tls.authority_pem().to_owned();
    let address = "127.0.0.1:0".parse().unwrap();
    let plain = serve(address, simulated.clone(), clock.clone(), None)
        .await
        .unwrap();
    let secure = serve(address, simulated.clone(), clock.clone(), Some(tls))
        .await
        .unwrap();
    assert!(secure.base_url().starts_with("https://127.0.0.1:"));

    let trusting = RealTransport::new(RealTransportConfig {
        extra_roots_pem: vec![authority],
        ..RealTransportConfig::default()
    })
    .unwrap();
    let stranger = RealTransport::new(RealTransportConfig::default()).unwrap();
    let direct = InProcessTransport::new(simulated, clock);

    let over_http = stranger
        .send(request(&plain.base_url(), HISTORY))
        .await
        .unwrap();
    let over_tls = trusting
        .send(request(&secure.base_url(), HISTORY))
        .await
        .unwrap();
    let in_process = direct
        .send(request("http://anything", HISTORY))
        .await
        .unwrap();
    assert_eq!(over_http.status, 200);
    assert_eq!(over_http.encoding, Encoding::Gzip);
    assert!(over_http.body.len() > 100_000 && over_http.wire_body.len() < over_http.body.len());
    assert_eq!(over_http.body, over_tls.body);
    assert_eq!(over_http.wire_body, in_process.wire_body);
    assert_eq!(over_http.body, in_process.body);

    let refused = stranger
        .send(request(&secure.base_url(), "/me"))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, TransportError::Connect { .. }),
        "{refused}"
    );
    plain.stop().await.unwrap();
    drop(secure);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_bodies_break_the_connection() {
    let clock = Arc::new(ManualClock::at(after_days(2.0)));
    let simulated = Arc::new(server(52, 1.0, FaultPlan::parse("truncate", 1).unwrap()));
    let direct = InProcessTransport::new(simulated.clone(), clock.clone());
    let address = "127.0.0.1:0".parse().unwrap();
    let plain = serve(address, simulated, clock, None).await.unwrap();
    let real = RealTransport::new(RealTransportConfig::default()).unwrap();
    for transport in [&real as &dyn Transport, &direct] {
        let mut broken = 0;
        for _ in 0..200 {
            match transport.send(request(&plain.base_url(), "/tags")).await {
                Ok(answer) => assert_eq!(answer.status, 200),
                Err(TransportError::Interrupted { .. }) => broken += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert!((1..40).contains(&broken), "{broken}");
    }
    plain.stop().await.unwrap();
}

#[tokio::test]
async fn delays_pass_on_the_clock_and_may_exceed_the_timeout() {
    let clock = Arc::new(ManualClock::at(after_days(2.0)));
    let simulated = Arc::new(server(53, 1.0, FaultPlan::parse("slow", 1).unwrap()));
    let direct = InProcessTransport::new(simulated, clock);
    let mut impatient = request("http://anything", "/me");
    impatient.timeout = Duration::from_millis(1);
    let mut timed_out = 0;
    for _ in 0..200 {
        let sent = direct.send(impatient.clone()).await;
        timed_out += usize::from(matches!(sent, Err(TransportError::TimedOut { .. })));
    }
    assert!((1..40).contains(&timed_out), "{timed_out}");
}
