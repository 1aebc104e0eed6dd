//! Compressed answers.

use testkit::api_server::ApiServer;

use super::rows;

/// The client decompresses whatever the answer's headers say.
#[tokio::test]
async fn answers_come_in_gzip_or_zstd_when_asked_for() {
    let server = ApiServer::synced().await;
    let vehicle = server.fleet.truth().await.vehicles()[0].id;
    for path in [
        format!("/vehicles/{vehicle}/locations"),
        "/drivers?raw=true".to_owned(),
    ] {
        let plain = server.client.get(&path).await;
        assert_eq!(plain.header("content-encoding"), None);
        assert_eq!(plain.wire_bytes, plain.body.len());
        assert!(
            plain
                .header("vary")
                .is_some_and(|vary| vary.contains("accept-encoding"))
        );
        for (asked, given) in [
            ("gzip", Some("gzip")),
            ("zstd", Some("zstd")),
            ("gzip;q=1.0, zstd;q=0.5", Some("gzip")),
            ("gzip, deflate, br, zstd", Some("zstd")),
            ("*", Some("zstd")),
            ("br", None),
            ("identity", None),
            ("gzip;q=0", None),
            ("", None),
        ] {
            let call = server
                .client
                .call("GET", &path)
                .header("accept-encoding", asked);
            let answer = call.send().await;
            assert_eq!(answer.header("content-encoding"), given, "{asked}");
            assert_eq!(answer.ok(), plain.ok(), "{asked}");
            if given.is_some() {
                assert!(
                    answer.wire_bytes < plain.wire_bytes / 2,
                    "{asked}: {}",
                    answer.wire_bytes
                );
            }
        }
    }
}

#[tokio::test]
async fn errors_are_errors_in_any_encoding() {
    let server = ApiServer::bare().await;
    let call = server
        .client
        .call("GET", "/vehicles?limit=0")
        .header("accept-encoding", "gzip");
    super::refused_at(&call.send().await, "{requestQuery}.limit");
}

/// 1,000 points unless told otherwise, 10,000 at most, 40,000 where the answer is compressed.
#[tokio::test]
async fn history_has_longer_pages_when_compressed() {
    const STORED: usize = 10_003;
    let server = ApiServer::bare().await;
    let vehicle = server.fleet.truth().await.vehicles()[0].id;
    server.store_locations(vehicle, STORED as i64).await;
    let path = format!("/vehicles/{vehicle}/locations");
    let count = async |limit: &str, encoding: &str| {
        let call = server.client.call("GET", &format!("{path}{limit}"));
        rows(&call.header("accept-encoding", encoding).send().await.ok()).len()
    };
    assert_eq!(count("", "identity").await, 1_000);
    assert_eq!(count("", "gzip").await, 1_000);
    assert_eq!(count("?limit=10000", "identity").await, 10_000);
    assert_eq!(count("?limit=40000", "identity").await, 10_000);
    assert_eq!(count("?limit=10001", "gzip").await, 10_001);
    assert_eq!(count("?limit=100000", "zstd").await, STORED);
}
