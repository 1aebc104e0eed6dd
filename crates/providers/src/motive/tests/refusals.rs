//! What an answer that is no 200 means.

use std::time::Duration;

use expect_test::expect;
use provider::{Answer, Provider, ProviderError};

use super::{Motive, answer, with_task};

fn refused(stream: &str, status: u16, body: &str) -> ProviderError {
    with_task(stream, None, |task| {
        let result = Motive.read(task, &answer(status, body.as_bytes()));
        result.expect_err("a refusal")
    })
}

#[test]
fn a_status_says_nearly_all() {
    let all: Vec<String> = [
        400, 401, 403, 404, 408, 413, 414, 422, 429, 500, 503, 302, 204,
    ]
    .into_iter()
    .map(|status| {
        let body = r#"{"error_message":"no"}"#;
        format!("{status} {:?}", refused("trips", status, body))
    })
    .collect();
    expect![[r#"
        400 Refused { status: 400, excerpt: "{\"error_message\":\"no\"}" }
        401 SessionEnded { excerpt: "{\"error_message\":\"no\"}" }
        403 Forbidden { scope: "driving_periods.read" }
        404 Refused { status: 404, excerpt: "{\"error_message\":\"no\"}" }
        408 Unavailable { cause: TimedOut }
        413 TooLarge
        414 TooLarge
        422 Refused { status: 422, excerpt: "{\"error_message\":\"no\"}" }
        429 Throttled { retry_after: None }
        500 Unavailable { cause: Status(500) }
        503 Unavailable { cause: Status(503) }
        302 Refused { status: 302, excerpt: "{\"error_message\":\"no\"}" }
        204 Refused { status: 204, excerpt: "{\"error_message\":\"no\"}" }"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn a_range_that_is_too_long_is_asked_for_in_parts_where_there_are_any() {
    let cap = r#"{"error_message":"Date range cannot be greater than 30 days"}"#;
    assert_eq!(refused("trips", 400, cap), ProviderError::TooLarge);
    for (stream, body) in [
        ("vehicles", cap),
        ("trips", r#"{"error_message":"start_date is invalid"}"#),
        ("trips", "no JSON at all"),
    ] {
        let error = refused(stream, 400, body);
        assert!(
            matches!(error, ProviderError::Refused { status: 400, .. }),
            "{error:?}"
        );
    }
}

#[test]
fn a_throttle_says_how_long() {
    let headers = [("retry-after".to_owned(), "2.5".to_owned())];
    let answer = Answer {
        headers: &headers,
        ..answer(429, b"")
    };
    let error = with_task("groups", None, |task| Motive.read(task, &answer));
    assert_eq!(
        error,
        Err(ProviderError::Throttled {
            retry_after: Some(Duration::from_millis(2_500))
        })
    );
}
