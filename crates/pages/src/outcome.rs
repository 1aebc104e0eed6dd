//! What can go wrong, as few meanings, and what people are told about each.
//!
//! A [`Refusal`] is about what somebody gave: the form comes back with a sentence, and they try
//! again. A [`Stop`] ends the visit with a page of its own. Causes go to the log and to nobody
//! else.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::ConsentError;
use model::Language;
use model::connection::ConnectionStatus;
use serde::{Deserialize, Serialize};
use store::StoreError;

use crate::layout::Leave;
use crate::parameters::Wrong;
use crate::texts::{Texts, Told, texts};

/// The form comes back. Kept in tickets, for the page after a redirect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The provider refuses what was given.
    Rejected,
    /// The account lacks a permission; named in the provider's words.
    Forbidden(String),
    /// The provider asks to wait, so many seconds if it says.
    Throttled(Option<u64>),
    Unavailable,
    /// What the provider answered makes no sense.
    Misunderstood,
    /// Not the account that the connection is of.
    OtherAccount,
    /// Names of fields that are needed and empty.
    Missing(Vec<String>),
    /// Names of fields whose text cannot be right.
    Unusable(Vec<String>),
    /// The text that was agreed to is no longer the one that is asked for.
    AgreementChanged,
    /// The account's owner said no at the provider.
    Denied,
    /// The provider sent the browser back without a consent.
    NoConsent,
    /// Too many attempts; so many seconds until the next.
    TooMany(u64),
}

impl Refusal {
    pub fn too_many(wait: Duration) -> Refusal {
        Refusal::TooMany(wait.as_secs().max(1))
    }

    /// Refusals are told to people, so whatever the provider did is no failure of this server: a
    /// proxy in front must not put a page of its own in the place of ours.
    pub fn status(&self) -> StatusCode {
        match self {
            Refusal::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    pub fn sentence(&self, texts: &Texts, provider: &str) -> String {
        match self {
            Refusal::Rejected => (texts.rejected)(provider),
            Refusal::Forbidden(permission) => (texts.forbidden)(provider, permission),
            Refusal::Throttled(None) => (texts.throttled)(provider),
            Refusal::Throttled(Some(seconds)) => {
                (texts.throttled_until)(provider, minutes(*seconds))
            }
            Refusal::Unavailable => (texts.unavailable)(provider),
            Refusal::Misunderstood => (texts.misunderstood)(provider),
            Refusal::OtherAccount => (texts.other_account)(provider),
            Refusal::Missing(_) => texts.missing.to_owned(),
            Refusal::Unusable(_) => texts.unusable.to_owned(),
            Refusal::AgreementChanged => texts.agreement_changed.to_owned(),
            Refusal::Denied => (texts.denied)(provider),
            Refusal::NoConsent => (texts.no_consent)(provider),
            Refusal::TooMany(seconds) => (texts.too_many)(minutes(*seconds)),
        }
    }

    /// The fields that it is about; empty where it is about all of them.
    pub fn fields(&self) -> &[String] {
        match self {
            Refusal::Missing(fields) | Refusal::Unusable(fields) => fields,
            _ => &[],
        }
    }
}

/// Rounded up: nobody should come back too early.
fn minutes(seconds: u64) -> u64 {
    seconds.div_ceil(60).max(1)
}

/// Why a visit ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    ExpiredTicket,
    /// Neither made by this server nor whole.
    ForeignTicket,
    UnknownKey,
    /// Revoked, or past its end.
    DeadKey,
    /// A short link that never was, was deleted or is too old.
    UnknownLink,
    UnknownConnection,
    ConnectionClosed(ConnectionStatus),
    /// Names of parameters with what is wrong about each.
    WrongParameters(Vec<(&'static str, Wrong)>),
    NotHere,
    WrongMethod,
    /// A form that no page of ours made the browser send.
    ForeignForm,
    NotAForm,
    TooLarge,
    /// An OAuth answer that this browser did not ask for, or asked for too long ago.
    ForeignState,
    TooManyWishes(Duration),
    /// The cause, for the log.
    Internal(String),
    /// The database does not answer just now; the cause, for the log.
    Unavailable(String),
}

impl Reason {
    pub fn status(&self) -> StatusCode {
        match self {
            Reason::ExpiredTicket
            | Reason::ForeignTicket
            | Reason::WrongParameters(_)
            | Reason::ForeignState => StatusCode::BAD_REQUEST,
            Reason::UnknownKey | Reason::DeadKey => StatusCode::UNAUTHORIZED,
            Reason::ForeignForm => StatusCode::FORBIDDEN,
            Reason::UnknownLink | Reason::UnknownConnection | Reason::NotHere => {
                StatusCode::NOT_FOUND
            }
            Reason::ConnectionClosed(_) => StatusCode::GONE,
            Reason::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Reason::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Reason::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Reason::TooManyWishes(_) => StatusCode::TOO_MANY_REQUESTS,
            Reason::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Reason::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// For the log.
    pub fn name(&self) -> &'static str {
        match self {
            Reason::ExpiredTicket => "expired ticket",
            Reason::ForeignTicket => "foreign ticket",
            Reason::UnknownKey => "unknown key",
            Reason::DeadKey => "dead key",
            Reason::UnknownLink => "unknown link",
            Reason::UnknownConnection => "unknown connection",
            Reason::ConnectionClosed(status) => status.name(),
            Reason::WrongParameters(_) => "wrong parameters",
            Reason::NotHere => "not here",
            Reason::WrongMethod => "wrong method",
            Reason::ForeignForm => "foreign form",
            Reason::NotAForm => "not a form",
            Reason::TooLarge => "too large",
            Reason::ForeignState => "foreign state",
            Reason::TooManyWishes(_) => "too many wishes",
            Reason::Internal(_) => "internal",
            Reason::Unavailable(_) => "unavailable",
        }
    }

    pub fn told(&self, texts: &Texts) -> Told {
        match self {
            Reason::ExpiredTicket => texts.expired_ticket,
            Reason::ForeignTicket => texts.foreign_ticket,
            Reason::UnknownKey => texts.unknown_key,
            Reason::DeadKey => texts.dead_key,
            Reason::UnknownLink => texts.unknown_link,
            Reason::UnknownConnection => texts.unknown_connection,
            Reason::ConnectionClosed(_) => texts.connection_closed,
            Reason::WrongParameters(_) => texts.wrong_parameters,
            Reason::NotHere | Reason::WrongMethod => texts.not_here,
            Reason::ForeignForm | Reason::NotAForm | Reason::TooLarge => texts.foreign_form,
            Reason::ForeignState => texts.foreign_state,
            Reason::TooManyWishes(_) => texts.too_many_wishes,
            Reason::Internal(_) | Reason::Unavailable(_) => texts.internal,
        }
    }
}

/// The end of a visit, with what is known of it by then. It becomes a page where all answers pass
/// ([`crate::policy`]), because only there the browser's language is known for every one of them.
#[derive(Clone, Debug)]
pub struct Stop {
    pub reason: Reason,
    /// The visit's own; `None`: what the browser asks for.
    pub language: Option<Language>,
    /// Who asks for the data, if that is known.
    pub who: Option<String>,
    /// Who may frame the page and is told that it was left.
    pub origins: Vec<String>,
    pub leave: Leave,
}

impl Stop {
    pub fn of(reason: Reason) -> Stop {
        Stop {
            reason,
            language: None,
            who: None,
            origins: Vec::new(),
            leave: Leave::Message,
        }
    }
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Stop {
        Stop::of(reason)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        let cause = error.to_string();
        Stop::of(match error {
            StoreError::Unavailable { .. } => Reason::Unavailable(cause),
            _ => Reason::Internal(cause),
        })
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        let mut response = self.reason.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What a consent can fail with.
#[derive(Debug)]
pub enum Failure {
    Refusal(Refusal),
    Stop(Stop),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Failure {
        Failure::Stop(stop)
    }
}

impl From<ConsentError> for Failure {
    fn from(error: ConsentError) -> Failure {
        let refusal = match error {
            ConsentError::Rejected => Refusal::Rejected,
            ConsentError::Forbidden(permission) => Refusal::Forbidden(permission),
            ConsentError::Throttled { retry_after } => {
                Refusal::Throttled(retry_after.map(|wait| wait.as_secs()))
            }
            ConsentError::Unavailable => Refusal::Unavailable,
            ConsentError::OtherAccount => Refusal::OtherAccount,
            ConsentError::Misunderstood(cause) => {
                tracing::warn!(%cause, "a provider's answer to a consent makes no sense");
                Refusal::Misunderstood
            }
            ConsentError::UnknownProvider(_) => return Stop::of(Reason::NotHere).into(),
            ConsentError::UnknownConnection => return Stop::of(Reason::UnknownConnection).into(),
            ConsentError::ConnectionClosed(status) => {
                return Stop::of(Reason::ConnectionClosed(status)).into();
            }
            ConsentError::Store(error) => return Stop::from(error).into(),
        };
        Failure::Refusal(refusal)
    }
}

/// What a stop's page shows beneath its sentence.
pub fn details(reason: &Reason, language: Language) -> Vec<String> {
    let texts = texts(language);
    match reason {
        Reason::WrongParameters(wrong) => {
            let line = |(name, wrong): &(&str, Wrong)| format!("{name}: {}", wrong.sentence(texts));
            wrong.iter().map(line).collect()
        }
        Reason::TooManyWishes(wait) => vec![(texts.too_many)(minutes(wait.as_secs()))],
        _ => Vec::new(),
    }
}
