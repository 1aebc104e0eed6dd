//! What a refusal means.
//!
//! Samsara says what is wrong in prose and warns that the prose changes, so the status decides
//! wherever it can, and a message is searched for single words only where one status has several
//! meanings (400 and 403). A message that matches nothing is `Refused`: reported, never guessed at.

use std::time::Duration;

use provider::{Answer, Excerpt, ProviderError, Shape, Task, Unavailability};
use serde::Deserialize;

use super::place::Place;

/// What is known of the question that was refused.
pub struct Question {
    /// What the account's owner must grant for it.
    pub permission: &'static str,
    pub has_cursor: bool,
    pub is_feed: bool,
    /// Whether it is over a window and can be asked for less.
    pub is_divisible: bool,
}

/// Any answer to a task but a 200.
pub fn of_task(task: &Task<'_>, answer: &Answer<'_>) -> ProviderError {
    let question = Question {
        permission: task.stream.permission,
        has_cursor: !Place::of(task).cursor.is_empty(),
        is_feed: matches!(task.stream.shape, Shape::Feed(_)),
        is_divisible: matches!(task.stream.shape, Shape::Window(_)),
    };
    classify(&question, answer)
}

/// Any answer but a 200.
pub fn classify(question: &Question, answer: &Answer<'_>) -> ProviderError {
    let excerpt = Excerpt::of(answer.body);
    match answer.status {
        // Of a token that was made in the dashboard the engine knows that there is no other.
        401 => ProviderError::SessionEnded { excerpt },
        403 => forbidden(question, answer),
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
        400 => bad_request(question, answer),
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

/// The body as text: Samsara answers JSON, which is UTF-8.
pub fn text<'a>(answer: &Answer<'a>, wanted: &'static str) -> Result<&'a str, ProviderError> {
    std::str::from_utf8(answer.body).map_err(|error| {
        let at = format!("byte {} (not UTF-8)", error.valid_up_to());
        unexpected(answer, at, wanted)
    })
}

fn forbidden(question: &Question, answer: &Answer<'_>) -> ProviderError {
    let message = message(answer);
    let of_licence = words(&message.to_lowercase()).any(|word| {
        word == "plan"
            || word == "plans"
            || ["licen", "subscri", "entitle"]
                .iter()
                .any(|stem| word.starts_with(stem))
    });
    if of_licence {
        return ProviderError::NotEntitled {
            what: Excerpt::of(message.as_bytes()).to_string(),
        };
    }
    ProviderError::Forbidden {
        scope: question.permission.to_owned(),
    }
}

fn bad_request(question: &Question, answer: &Answer<'_>) -> ProviderError {
    // The first question of a feed differs from the later ones in its cursor alone, so that is what
    // is wrong with a later one, in whatever words.
    if question.is_feed && question.has_cursor {
        return ProviderError::PositionExpired;
    }
    let message = message(answer).to_lowercase();
    let has = |wanted: &[&str]| words(&message).any(|word| wanted.contains(&word.as_str()));
    let of_cursor = has(&["cursor", "endcursor", "pagination"])
        || (has(&["after"]) && !has(&["starttime", "endtime"]));
    if of_cursor && question.has_cursor {
        return ProviderError::PositionExpired;
    }
    // Half a window or half a batch can help only where there is one; a `limit` that is too high
    // stays too high.
    let too_much = [
        "or less",
        "or fewer",
        "too many",
        "too large",
        "exceed",
        "must be less",
    ]
    .iter()
    .any(|phrase| message.contains(phrase));
    let of_extent = has(&[
        "range", "duration", "ids", "vehicles", "days", "hours", "months",
    ]);
    if too_much && of_extent && question.is_divisible {
        return ProviderError::TooLarge;
    }
    ProviderError::Refused {
        status: answer.status,
        excerpt: Excerpt::of(answer.body),
    }
}

/// The message: `message` of a JSON body, else the body (older endpoints answer
/// plain text).
fn message(answer: &Answer<'_>) -> String {
    #[derive(Deserialize)]
    struct ErrorBody {
        message: String,
    }
    match serde_json::from_slice::<ErrorBody>(answer.body) {
        Ok(body) => body.message,
        Err(_) => String::from_utf8_lossy(answer.body).into_owned(),
    }
}

fn words(message: &str) -> impl Iterator<Item = String> + '_ {
    message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_owned)
}

/// Seconds, with decimals (`0.40235`): read as whole ones they would be lost or rounded to none.
fn retry_after(answer: &Answer<'_>) -> Option<Duration> {
    let seconds: f64 = answer.header("retry-after")?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
