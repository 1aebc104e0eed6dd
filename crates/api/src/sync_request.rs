//! The body of `POST /syncs`.

use engine::{StartFrom, SyncRequest};
use model::Timestamp;
use model::sync::ProviderRequestKind;
use model::time::DAY_MS;
use serde_json::Value;

use crate::body::{Fields, JsonBody};
use crate::error::ApiError;

/// Ten years, and what they have of leap days.
pub(crate) const MAX_DAYS: f64 = 3_660.0;

/// `startFrom` in the past, `days` (0 < d ≤ 3,660, used in place of `startFrom`), and
/// `providerRequests` as texts or as objects with a `type`; nothing at all is a request to go on.
pub(crate) fn read(body: JsonBody, now: Timestamp) -> Result<SyncRequest, ApiError> {
    let mut fields = Fields::of_body(body, &["startFrom", "days", "providerRequests"]);
    let start_from = fields.time("startFrom");
    if start_from.is_some_and(|time| time > now) {
        fields.refuse(
            "startFrom",
            "lies in the future",
            "Send a time that has passed",
        );
    }
    if start_from.is_some_and(|time| time.millis() < 0) {
        fields.refuse("startFrom", "lies before 1970", "Send a later time");
    }
    let days = read_days(&mut fields, "days");
    let mut provider_requests = fields
        .list("providerRequests", "\"historical_files\"", provider_request)
        .unwrap_or_default();
    provider_requests.dedup();
    fields.finish()?;
    let start_from = match (days, start_from) {
        (Some(days), _) => StartFrom::At(days_before(now, days)),
        (None, Some(time)) => StartFrom::At(time),
        (None, None) => StartFrom::Continue,
    };
    Ok(SyncRequest {
        start_from,
        provider_requests,
    })
}

pub(crate) fn read_days(fields: &mut Fields, name: &str) -> Option<f64> {
    let days = fields.number(name)?;
    if days > 0.0 && days <= MAX_DAYS {
        return Some(days);
    }
    fields.refuse(
        name,
        "must be above 0 and at most 3660",
        "Fractions are allowed",
    );
    None
}

pub(crate) fn days_before(now: Timestamp, days: f64) -> Timestamp {
    let millis = (days * DAY_MS as f64).round() as i64;
    Timestamp::from_millis(now.millis() - millis)
}

fn provider_request(item: &Value) -> Option<ProviderRequestKind> {
    let name = match item {
        Value::Object(members) if members.len() == 1 => members.get("type")?,
        other => other,
    };
    match name.as_str()? {
        "historical_files" => Some(ProviderRequestKind::HistoricalFiles),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{body, refused_places};

    const NOW: Timestamp = Timestamp::from_millis(1_767_268_800_000);

    #[test]
    fn days_win_over_start_from() {
        let check = |text: &str, want: StartFrom| {
            let request = read(body(text), NOW).expect("a good body");
            assert_eq!(request.start_from, want, "{text}");
        };
        let before = |millis: i64| StartFrom::At(Timestamp::from_millis(NOW.millis() - millis));
        check("{}", StartFrom::Continue);
        check(r#"{"days": 7}"#, before(7 * DAY_MS));
        check(r#"{"days": 0.5}"#, before(DAY_MS / 2));
        check(r#"{"days": 3660}"#, before(3_660 * DAY_MS));
        check(
            r#"{"days": 1, "startFrom": "2020-01-01T00:00:00Z"}"#,
            before(DAY_MS),
        );
        check(r#"{"startFrom": "2026-01-01T12:00:00Z"}"#, before(0));
        assert_eq!(
            read(JsonBody(None), NOW).expect("no body").start_from,
            StartFrom::Continue
        );
    }

    #[test]
    fn provider_requests_are_texts_or_objects() {
        let request = read(
            body(r#"{"providerRequests": ["historical_files", {"type": "historical_files"}]}"#),
            NOW,
        )
        .expect("a good body");
        assert_eq!(
            request.provider_requests,
            [ProviderRequestKind::HistoricalFiles]
        );
    }

    #[test]
    fn anything_else_is_refused() {
        let check = |text: &str, want: &str| {
            assert_eq!(refused_places(read(body(text), NOW)), [want], "{text}");
        };
        for days in ["0", "-1", "3660.1", "1e999", "\"7\"", "null", "true"] {
            // JSON itself knows no number as large as one of these.
            if let Ok(value) = serde_json::from_str::<Value>(days) {
                check(&format!(r#"{{"days": {value}}}"#), "{requestBody}.days");
            }
        }
        for time in [
            "\"2026-01-01T12:00:00.001Z\"",
            "\"soon\"",
            "5",
            "null",
            "\"1969-12-31T00:00:00Z\"",
        ] {
            check(
                &format!(r#"{{"startFrom": {time}}}"#),
                "{requestBody}.startFrom",
            );
        }
        check(r#"{"from": "2020-01-01T00:00:00Z"}"#, "{requestBody}.from");
        check(
            r#"{"providerRequests": "historical_files"}"#,
            "{requestBody}.providerRequests",
        );
        for item in [
            "\"files\"",
            "1",
            "{}",
            r#"{"type": "historical_files", "more": 1}"#,
        ] {
            check(
                &format!(r#"{{"providerRequests": [{item}]}}"#),
                "{requestBody}.providerRequests[0]",
            );
        }
    }
}
