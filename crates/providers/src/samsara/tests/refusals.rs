//! What an answer that is no 200 means.

use std::time::Duration;

use expect_test::expect;
use provider::{Answer, Provider, ProviderError, Request};

use super::{Samsara, answer, credentials, key, with_task};

fn refused(stream: &str, position: Option<&str>, status: u16, body: &str) -> ProviderError {
    with_task(stream, position, |task| {
        let result = Samsara.read(task, &answer(status, body.as_bytes()));
        result.expect_err("a refusal")
    })
}

#[test]
fn a_status_has_one_meaning_where_it_can() {
    let all: Vec<String> = [401, 404, 405, 408, 413, 414, 429, 500, 503, 302, 204]
        .into_iter()
        .map(|status| format!("{status} {:?}", refused("vehicles", None, status, "text")))
        .collect();
    expect![[r#"
        401 SessionEnded { excerpt: "text" }
        404 Refused { status: 404, excerpt: "text" }
        405 Refused { status: 405, excerpt: "text" }
        408 Unavailable { cause: TimedOut }
        413 TooLarge
        414 TooLarge
        429 Throttled { retry_after: None }
        500 Unavailable { cause: Status(500) }
        503 Unavailable { cause: Status(503) }
        302 Refused { status: 302, excerpt: "text" }
        204 Refused { status: 204, excerpt: "text" }"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn a_403_is_about_scopes_or_about_licences() {
    let scope = refused("groups", None, 403, r#"{"message":"Missing scope."}"#);
    let licence = r#"{"message":"Your current Plan has no diagnostics.","requestId":"r"}"#;
    let licence = refused("stats.engine", None, 403, licence);
    let all = format!("{scope:?}\n{licence:?}");
    expect![[r#"
        Forbidden { scope: "Read Tags" }
        NotEntitled { what: "Your current Plan has no diagnostics." }"#]]
    .assert_eq(&all);
}

#[test]
fn a_400_about_the_cursor_means_that_it_expired_if_one_was_sent() {
    let body = r#"{"message":"Invalid value for parameter 'after'.","requestId":"r"}"#;
    let stale = refused("vehicles", Some("old"), 400, body);
    assert_eq!(stale, ProviderError::PositionExpired);
    let body = "rpc error: code = InvalidArgument desc = pagination cursor has expired";
    let stale = refused("drivers", Some("deactivated:old"), 400, body);
    assert_eq!(stale, ProviderError::PositionExpired);
    for (stream, position) in [("vehicles", None), ("drivers", Some("deactivated:"))] {
        let error = refused(stream, position, 400, body);
        assert!(
            matches!(error, ProviderError::Refused { status: 400, .. }),
            "{error:?}"
        );
    }
    let body = r#"{"message":"endTime must be after startTime"}"#;
    let error = refused("stats.motion", Some("cursor"), 400, body);
    assert!(matches!(error, ProviderError::Refused { .. }), "{error:?}");
}

#[test]
fn a_400_about_size_is_too_large_where_something_can_be_halved() {
    for message in [
        "Need to filter by 50 or less asset IDs or syncTokens.",
        "Total duration must be less than 3 months.",
        "rpc error: code = InvalidArgument desc = requested time range cannot exceed 90 days",
        "Too many vehicles were asked for",
    ] {
        let body = format!(r#"{{"message":"{message}"}}"#);
        assert_eq!(
            refused("stats.motion", None, 400, &body),
            ProviderError::TooLarge
        );
        let error = refused("vehicles", None, 400, &body);
        assert!(matches!(error, ProviderError::Refused { .. }), "{error:?}");
    }
    let limit = "limit must be lesser or equal than 200 but got value 512";
    let error = refused("stats.motion", None, 400, limit);
    assert!(matches!(error, ProviderError::Refused { .. }), "{error:?}");
}

#[test]
fn a_pause_has_fractions_of_seconds() {
    let pause = |value: &str| {
        let headers = [("retry-after".to_owned(), value.to_owned())];
        let answer = Answer {
            headers: &headers,
            ..answer(429, b"{\"message\":\"Exceeded rate limit.\"}")
        };
        match with_task("vehicles", None, |task| Samsara.read(task, &answer)) {
            Err(ProviderError::Throttled { retry_after }) => retry_after,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(pause("0.40235"), Some(Duration::from_secs_f64(0.402_35)));
    assert_eq!(pause(" 3 "), Some(Duration::from_secs(3)));
    for odd in ["", "-1", "soon", "NaN", "inf", "1e300"] {
        assert_eq!(pause(odd), None, "{odd}");
    }
}

#[test]
fn a_token_is_a_bearer_token_or_is_refused() {
    let request = Request::get("/me");
    let auth = Samsara.authorize(&request, &key(), None).expect("a token");
    let [(header, value)] = &auth.headers[..] else {
        panic!("one header")
    };
    assert_eq!(*header, "authorization");
    assert_eq!(value.reveal(), "Bearer samsara_api_not_a_real_token");
    for wrong in ["", "  ", "two words", "line\r\nbreak", "naïve"] {
        let credentials = credentials("apiKey", wrong);
        let error = Samsara
            .authorize(&request, &credentials, None)
            .expect_err("no token");
        assert!(matches!(error, ProviderError::CredentialsRejected { .. }));
    }
}
