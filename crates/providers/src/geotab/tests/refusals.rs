//! What an error means: by its exception, with status 200, and by the status where there is none.

use std::time::Duration;

use expect_test::expect;
use provider::{Answer, ProviderError};
use serde_json::json;

use super::{answer, geotab, with_task};

fn refused(stream: &str, position: Option<&str>, answer: &Answer<'_>) -> ProviderError {
    with_task(stream, position, |task| {
        geotab().read(task, answer).expect_err("a refusal")
    })
}

fn exception(name: &str, message: &str) -> String {
    json!({
        "error": {
            "message": message,
            "code": -32000,
            "data": { "id": "0", "type": name, "requestIndex": 2 },
            "name": "JSONRPCError",
            "errors": [{ "message": message, "name": name }],
        },
        "jsonrpc": "2.0",
    })
    .to_string()
}

#[test]
fn exceptions_have_meanings() {
    let all: Vec<String> = [
        ("InvalidUserException", "Invalid session @ 'db'"),
        ("ExpiredPasswordException", "Password expired"),
        ("InvalidPermissionsException", "You do not have access"),
        ("DbUnavailableException", "UnknownDatabase"),
        ("DatabaseMaintenanceException", "Back soon"),
        ("ServiceUnavailableException", "Overloaded"),
        (
            "OverLimitException",
            "API calls quota exceeded. Maximum admitted 10 per 1m.",
        ),
        (
            "OverLimitException",
            "Supplied results limit (50001) exceeds maximum limit",
        ),
        ("ArgumentException", "Can not sort by id."),
        ("MissingMethodException", "The method could not be found"),
        ("JsonSerializerException", "Incoming message has bad JSON"),
        ("GenericException", "An undefined exception"),
        ("", "nameless"),
    ]
    .into_iter()
    .map(|(name, message)| {
        let body = exception(name, message);
        let error = refused("trips", None, &answer(200, body.as_bytes()));
        format!("{error:?}")
    })
    .collect();
    expect![[r#"
        SessionEnded { excerpt: "InvalidUserException (call 2): Invalid session @ 'db'" }
        SessionEnded { excerpt: "ExpiredPasswordException (call 2): Password expired" }
        Forbidden { scope: "View device status information" }
        Moved { excerpt: "DbUnavailableException (call 2): UnknownDatabase" }
        Moved { excerpt: "DatabaseMaintenanceException (call 2): Back soon" }
        Unavailable { cause: Status(503) }
        Throttled { retry_after: None }
        TooLarge
        Refused { status: 200,
           excerpt: "ArgumentException (call 2): Can not sort by id." }
        Refused { status: 200,
           excerpt: "MissingMethodException (call 2): The method could not be found" }
        Refused { status: 200,
           excerpt: "JsonSerializerException (call 2): Incoming message has bad JSON" }
        Refused { status: 200,
           excerpt: "GenericException (call 2): An undefined exception" }
        Refused { status: 200, excerpt: " (call 2): nameless" }"#]]
    .assert_eq(&super::wrapped(&all.join("\n")));
}

#[test]
fn every_stream_knows_errors() {
    let body = exception("InvalidUserException", "Invalid session");
    for stream in geotab().descriptor().streams {
        let error = refused(stream.name, None, &answer(200, body.as_bytes()));
        assert!(
            matches!(error, ProviderError::SessionEnded { .. }),
            "{}: {error:?}",
            stream.name
        );
    }
}

#[test]
fn old_servers_name_the_exception_elsewhere() {
    let body =
        json!({ "error": { "message": "m", "errors": [{ "name": "InvalidUserException" }] } });
    let error = refused("trips", None, &answer(200, body.to_string().as_bytes()));
    assert!(
        matches!(error, ProviderError::SessionEnded { .. }),
        "{error:?}"
    );
}

#[test]
fn statuses_count_where_nothing_else_is_said() {
    let all: Vec<String> = [400, 401, 403, 404, 408, 413, 429, 500, 502, 503]
        .into_iter()
        .map(|status| {
            let error = refused("trips", None, &answer(status, b"<html>Error</html>"));
            format!("{status} {error:?}")
        })
        .collect();
    expect![[r#"
        400 Refused { status: 400,
           excerpt: "<html>Error</html>" }
        401 SessionEnded { excerpt: "<html>Error</html>" }
        403 Forbidden { scope: "View device status information" }
        404 Refused { status: 404,
           excerpt: "<html>Error</html>" }
        408 Unavailable { cause: TimedOut }
        413 TooLarge
        429 Throttled { retry_after: None }
        500 Unavailable { cause: Status(500) }
        502 Unavailable { cause: Status(502) }
        503 Unavailable { cause: Status(503) }"#]]
    .assert_eq(&super::wrapped(&all.join("\n")));
}

#[test]
fn a_page_that_is_no_json_is_not_taken_for_an_empty_one() {
    for stream in geotab().descriptor().streams {
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"result":null}"#,
            r#"{"result":3}"#,
        ] {
            let error = refused(stream.name, None, &answer(200, body.as_bytes()));
            assert!(
                matches!(error, ProviderError::UnexpectedAnswer { .. }),
                "{}: {error:?}",
                stream.name
            );
        }
    }
}

#[test]
fn too_many_calls_say_how_long_to_wait() {
    let headers = [("retry-after".to_owned(), "56".to_owned())];
    let body = exception("OverLimitException", "API calls quota exceeded.");
    let answer = Answer {
        headers: &headers,
        ..answer(200, body.as_bytes())
    };
    assert_eq!(
        refused("log_records", None, &answer),
        ProviderError::Throttled {
            retry_after: Some(Duration::from_secs(56))
        }
    );
}

#[test]
fn an_argument_of_a_feed_that_went_on_is_its_version() {
    let body = exception("ArgumentOutOfRangeException", "fromVersion");
    let answer = answer(200, body.as_bytes());
    let error = refused("trips.feed", Some("00ff"), &answer);
    assert_eq!(error, ProviderError::PositionExpired);
    let error = refused("trips.feed", None, &answer);
    assert!(matches!(error, ProviderError::Refused { .. }), "{error:?}");
    let error = refused("devices", Some("b1"), &answer);
    assert!(matches!(error, ProviderError::Refused { .. }), "{error:?}");
}

#[test]
fn a_whole_list_that_may_have_been_cut_is_not_believed() {
    let listed = |count: usize| {
        let rows: Vec<_> = (0..count)
            .map(|number| json!({"id": format!("b{number:X}"), "name": "Yard"}))
            .collect();
        json!({"jsonrpc": "2.0", "result": rows}).to_string()
    };
    for stream in ["groups", "rules"] {
        let body = listed(5_000);
        let error = refused(stream, None, &answer(200, body.as_bytes()));
        assert_eq!(error, ProviderError::TooLarge, "{stream}");
    }
    for count in [4_999, 5_001] {
        let body = listed(count);
        let read = with_task("groups", None, |task| {
            geotab().read(task, &answer(200, body.as_bytes()))
        });
        assert_eq!(read.expect("believed").drafts.len(), count);
    }
}
