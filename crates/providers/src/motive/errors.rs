//! What a refusal means.
//!
//! A refusal is `{"error_message": "…"}` with a status that says nearly all. The message is
//! searched for words only on a 400, which is a range that is too long or anything else; what
//! matches nothing is `Refused`: reported, never guessed at.

use std::time::Duration;

use provider::{Answer, Excerpt, ProviderError, Shape, Task, Unavailability};
use serde::Deserialize;

/// Any answer to a task but a 200.
pub fn of_task(task: &Task<'_>, answer: &Answer<'_>) -> ProviderError {
    let is_divisible = matches!(task.stream.shape, Shape::Window(_));
    classify(task.stream.permission, is_divisible, answer)
}

/// Any answer but a 200. `permission` is what the account's owner must grant, `is_divisible`
/// whether less can be asked for.
pub fn classify(
    permission: &'static str,
    is_divisible: bool,
    answer: &Answer<'_>,
) -> ProviderError {
    let excerpt = Excerpt::of(answer.body);
    match answer.status {
        // Of a key nothing is left to be done: the engine makes rejected credentials of it.
        401 => ProviderError::SessionEnded { excerpt },
        403 => ProviderError::Forbidden {
            scope: permission.to_owned(),
        },
        408 => ProviderError::Unavailable {
            cause: Unavailability::TimedOut,
        },
        413 | 414 => ProviderError::TooLarge,
        429 => ProviderError::Throttled {
            retry_after: retry_after(answer),
        },
        status @ 500..=599 => ProviderError::Unavailable {
            cause: Unavailability::Status(status),
        },
        400 if is_divisible && is_too_long(answer) => ProviderError::TooLarge,
        status => ProviderError::Refused { status, excerpt },
    }
}

/// A 200 that is not what was asked for.
pub fn unexpected(
    answer: &Answer<'_>,
    at: impl Into<String>,
    wanted: &'static str,
) -> ProviderError {
    ProviderError::UnexpectedAnswer {
        at: at.into(),
        wanted,
        excerpt: Excerpt::of(answer.body),
    }
}

/// A 200 that serde could not read; the place comes with what it missed there.
pub fn unreadable(
    answer: &Answer<'_>,
    error: &serde_json::Error,
    wanted: &'static str,
) -> ProviderError {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    let at = format!("line {} column {} ({what})", error.line(), error.column());
    unexpected(answer, at, wanted)
}

/// The body as text: JSON is UTF-8.
pub fn text<'a>(answer: &Answer<'a>, wanted: &'static str) -> Result<&'a str, ProviderError> {
    std::str::from_utf8(answer.body).map_err(|error| {
        let at = format!("byte {} (not UTF-8)", error.valid_up_to());
        unexpected(answer, at, wanted)
    })
}

/// `Date range cannot be greater than 30 days`, and what such caps may say elsewhere.
fn is_too_long(answer: &Answer<'_>) -> bool {
    let message = message(answer).to_lowercase();
    let of_extent = ["range", "days", "months", "ids"]
        .iter()
        .any(|word| message.contains(word));
    let too_much = [
        "greater than",
        "more than",
        "exceed",
        "too long",
        "too many",
    ]
    .iter()
    .any(|phrase| message.contains(phrase));
    of_extent && too_much
}

fn message(answer: &Answer<'_>) -> String {
    #[derive(Deserialize)]
    struct ErrorBody {
        error_message: String,
    }
    match serde_json::from_slice::<ErrorBody>(answer.body) {
        Ok(body) => body.error_message,
        Err(_) => String::from_utf8_lossy(answer.body).into_owned(),
    }
}

fn retry_after(answer: &Answer<'_>) -> Option<Duration> {
    let seconds: f64 = answer.header("retry-after")?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
