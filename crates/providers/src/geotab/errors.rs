//! What a refusal means.
//!
//! Errors of the application come with status 200 and name their exception; the name decides, and a
//! message only where one exception has several meanings (`OverLimitException`). An exception that
//! is not known is `Refused`: reported, never guessed at. In a call of several the first failure
//! ends it, so its index is told.

use std::time::Duration;

use provider::{Answer, Excerpt, ProviderError, Shape, Task, Unavailability};
use serde_json::value::RawValue;

use super::wire::envelope::{Envelope, ErrorBody, NamedError};
use super::wire::{Object, Scalar};

pub const A_RESULT: &str = "an object with `result`, or with `error`";

/// What is known of the question that was refused.
#[derive(Clone, Copy)]
pub struct Question {
    /// What the account's owner must grant for it.
    pub permission: &'static str,
    /// Whether it went on from a version of a feed.
    pub has_version: bool,
}

impl Question {
    pub fn of(task: &Task<'_>) -> Question {
        let is_feed = matches!(task.stream.shape, Shape::Feed(_) | Shape::Watch(_));
        Question {
            permission: task.stream.permission,
            has_version: is_feed && task.position.is_some(),
        }
    }
}

/// An exception by its name.
pub struct Exception {
    pub name: String,
    pub message: String,
    /// Of several calls, which.
    pub call: Option<u64>,
}

/// The result of an answer, or what the refusal means.
pub fn result<'a>(question: Question, answer: &Answer<'a>) -> Result<&'a RawValue, ProviderError> {
    let envelope = match envelope(answer) {
        Ok(envelope) => envelope,
        Err(_) if answer.status != 200 => return Err(of_status(question, answer)),
        Err(error) => return Err(error),
    };
    if let Some(exception) = exception(&envelope) {
        return Err(of_exception(question, answer, &exception));
    }
    if answer.status != 200 {
        return Err(of_status(question, answer));
    }
    envelope
        .result
        .ok_or_else(|| unexpected(answer, "the answer", A_RESULT))
}

pub fn envelope<'a>(answer: &Answer<'a>) -> Result<Envelope<'a>, ProviderError> {
    let body = text(answer, A_RESULT)?;
    match serde_json::from_str::<Object<Envelope<'_>>>(body) {
        Ok(Object::Present(envelope)) => Ok(envelope),
        Ok(_) => Err(unexpected(answer, "the answer", A_RESULT)),
        Err(error) => Err(unreadable(answer, &error, A_RESULT)),
    }
}

/// The exception of an answer, where it is one.
pub fn exception(envelope: &Envelope<'_>) -> Option<Exception> {
    let Object::Present(error) = &envelope.error else {
        return None;
    };
    let (mut name, mut call) = (None, None);
    if let Object::Present(data) = &error.data {
        if let Scalar::Text(exception) = &data.exception {
            name = Some(exception.to_string());
        }
        if let Scalar::Number(index) = data.request_index {
            call = Some(index as u64);
        }
    }
    let message = match &error.message {
        Scalar::Text(message) => message.to_string(),
        _ => String::new(),
    };
    Some(Exception {
        name: name.or_else(|| legacy_name(error)).unwrap_or_default(),
        message,
        call,
    })
}

fn legacy_name(error: &ErrorBody<'_>) -> Option<String> {
    let errors: Vec<NamedError<'_>> = serde_json::from_str(error.errors?.get()).ok()?;
    match &errors.first()?.name {
        Scalar::Text(name) => Some(name.to_string()),
        _ => None,
    }
}

pub fn of_exception(
    question: Question,
    answer: &Answer<'_>,
    exception: &Exception,
) -> ProviderError {
    let excerpt = shown(exception);
    match exception.name.as_str() {
        // The password too may be what changed: only signing in tells.
        "InvalidUserException" | "ExpiredPasswordException" => {
            ProviderError::SessionEnded { excerpt }
        }
        "InvalidPermissionsException" => ProviderError::Forbidden {
            scope: question.permission.to_owned(),
        },
        "DbUnavailableException" | "DatabaseMaintenanceException" => {
            ProviderError::Moved { excerpt }
        }
        "ServiceUnavailableException" => ProviderError::Unavailable {
            cause: Unavailability::Status(503),
        },
        "OverLimitException" => over_limit(answer, exception),
        // The first question of a feed differs from the later ones in its version alone.
        name if question.has_version && name.starts_with("Argument") => {
            ProviderError::PositionExpired
        }
        _ => ProviderError::Refused {
            status: answer.status,
            excerpt,
        },
    }
}

/// Too many calls, or too much of one.
fn over_limit(answer: &Answer<'_>, exception: &Exception) -> ProviderError {
    let retry_after = retry_after(answer);
    let message = exception.message.to_ascii_lowercase();
    let is_size = message.contains("results limit") || message.contains("size");
    match (retry_after, is_size) {
        (None, true) => ProviderError::TooLarge,
        _ => ProviderError::Throttled { retry_after },
    }
}

/// Of the load balancer before the application: no JSON.
fn of_status(question: Question, answer: &Answer<'_>) -> ProviderError {
    let excerpt = Excerpt::of(answer.body);
    match answer.status {
        401 => ProviderError::SessionEnded { excerpt },
        403 => ProviderError::Forbidden {
            scope: question.permission.to_owned(),
        },
        408 => ProviderError::Unavailable {
            cause: Unavailability::TimedOut,
        },
        413 => ProviderError::TooLarge,
        429 => ProviderError::Throttled {
            retry_after: retry_after(answer),
        },
        status @ 500..=599 => ProviderError::Unavailable {
            cause: Unavailability::Status(status),
        },
        status => ProviderError::Refused { status, excerpt },
    }
}

fn shown(exception: &Exception) -> Excerpt {
    let of_call = match exception.call {
        Some(index) if index > 0 => format!(" (call {index})"),
        _ => String::new(),
    };
    let (name, message) = (&exception.name, &exception.message);
    Excerpt::of(format!("{name}{of_call}: {message}").as_bytes())
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

/// The body as text: MyGeotab answers JSON, which is UTF-8.
pub fn text<'a>(answer: &Answer<'a>, wanted: &'static str) -> Result<&'a str, ProviderError> {
    std::str::from_utf8(answer.body).map_err(|error| {
        let at = format!("byte {} (not UTF-8)", error.valid_up_to());
        unexpected(answer, at, wanted)
    })
}

/// Whole seconds.
pub fn retry_after(answer: &Answer<'_>) -> Option<Duration> {
    let seconds: f64 = answer.header("retry-after")?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
