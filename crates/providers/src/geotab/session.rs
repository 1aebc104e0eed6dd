//! Signing in, and signing with what that gave.
//!
//! A session is good for 14 days at most and the hundredth-and-first ends the oldest, so one is
//! kept and never asked for twice. `Authenticate` says where the account lives: the server that was
//! asked, or another, to which every later call goes. That other server gets the session, so it
//! must be one of Geotab's, or the host that was configured.

use std::collections::BTreeMap;
use std::time::Duration;

use model::Timestamp;
use provider::{
    Answer, Auth, Credentials, Excerpt, ProviderError, Quota, Request, Secret, Session, SignIn,
    SignedIn, Unavailability,
};
use serde_json::{Map, Value, json};

use super::credentials::{DATABASE, PASSWORD, USERNAME};
use super::errors::{self, Exception, Question};
use super::wire::envelope::Login;

pub const PATH: &str = "/apiv1";
const SESSION_ID: &str = "sessionId";
const USER_NAME: &str = "userName";
/// A day less than the longest that a session may live.
const LIFETIME: Duration = Duration::from_secs(13 * 24 * 60 * 60);
const OF_GEOTAB: &str = "geotab.com";
const HERE: &str = "ThisServer";
const A_LOGIN: &str = "an object with `result.credentials` and `result.path`";

pub fn sign_in(credentials: &Credentials) -> Result<SignIn, ProviderError> {
    let field = |name: &str| {
        credentials
            .get(name)
            .map(|value| value.reveal().trim())
            .filter(|value| !value.is_empty())
    };
    let missing = |name: &str| ProviderError::CredentialsRejected {
        excerpt: Excerpt::of(format!("no {name} was given").as_bytes()),
    };
    let user_name = field(USERNAME).ok_or_else(|| missing(USERNAME))?;
    let password = credentials
        .get(PASSWORD)
        .filter(|password| !password.reveal().is_empty())
        .ok_or_else(|| missing(PASSWORD))?;
    let mut params = json!({ USER_NAME: user_name, "password": password.reveal() });
    if let Some(database) = field(DATABASE) {
        params["database"] = database.into();
    }
    let body = json!({ "method": "Authenticate", "params": params }).to_string();
    Ok(SignIn {
        path: PATH,
        content_type: "application/json",
        headers: Vec::new(),
        body: Secret::new(body),
    })
}

pub fn signed_in(asked: &str, answer: &Answer<'_>) -> Result<SignedIn, ProviderError> {
    let envelope = match errors::envelope(answer) {
        Ok(envelope) => envelope,
        Err(_) if answer.status != 200 => return Err(refused_by_status(answer)),
        Err(_) => return Err(unexpected("the answer")),
    };
    if let Some(exception) = errors::exception(&envelope) {
        return Err(refused(answer, &exception));
    }
    if answer.status != 200 {
        return Err(refused_by_status(answer));
    }
    let login: Login<'_> = envelope
        .result
        .and_then(|result| serde_json::from_str(result.get()).ok())
        .ok_or_else(|| unexpected("result"))?;
    let session_id = login.credentials.session_id.as_ref();
    if session_id.is_empty() {
        return Err(unexpected("result.credentials.sessionId"));
    }
    let secrets = [
        (SESSION_ID, session_id),
        (USER_NAME, login.credentials.user_name.as_ref()),
    ];
    Ok(SignedIn {
        session: Session {
            secrets: BTreeMap::from(
                secrets.map(|(name, text)| (name.to_owned(), Secret::new(text))),
            ),
            base_url: base_url(asked, &login.path)?,
            account: Some(login.credentials.database.into_owned()),
            begun_at: answer.received_at,
            ends_at: Some(answer.received_at.saturating_add(LIFETIME)),
            renew_at: None,
        },
        credentials: None,
    })
}

/// Answers to logins are never shown, so their exception's name has to do.
fn refused(answer: &Answer<'_>, exception: &Exception) -> ProviderError {
    let excerpt = Excerpt::of(exception.name.as_bytes());
    match exception.name.as_str() {
        "InvalidUserException"
        | "ExpiredPasswordException"
        | "CaptchaException"
        | "PasswordPolicyViolationException" => ProviderError::CredentialsRejected { excerpt },
        "OverLimitException" => ProviderError::Throttled {
            retry_after: errors::retry_after(answer),
        },
        // There is no other place to look: what was asked is the root.
        "DbUnavailableException"
        | "DatabaseMaintenanceException"
        | "ServiceUnavailableException" => ProviderError::Unavailable {
            cause: Unavailability::Status(503),
        },
        _ => ProviderError::Refused {
            status: answer.status,
            excerpt,
        },
    }
}

fn refused_by_status(answer: &Answer<'_>) -> ProviderError {
    let status = answer.status;
    match status {
        429 => ProviderError::Throttled {
            retry_after: errors::retry_after(answer),
        },
        500..=599 => ProviderError::Unavailable {
            cause: Unavailability::Status(status),
        },
        _ => ProviderError::Refused {
            status,
            excerpt: Excerpt::of(b"no JSON"),
        },
    }
}

fn unexpected(at: &str) -> ProviderError {
    ProviderError::UnexpectedAnswer {
        at: at.to_owned(),
        wanted: A_LOGIN,
        excerpt: Excerpt::of(b""),
    }
}

/// Where the account lives, if elsewhere: a bare host, as a rule.
pub fn base_url(asked: &str, path: &str) -> Result<Option<String>, ProviderError> {
    let path = path.trim();
    if path.is_empty() || path == HERE {
        return Ok(None);
    }
    let (asked_scheme, asked_authority) = asked.split_once("://").unwrap_or(("https", asked));
    let authority = path.split_once("://").map_or(path, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    let host = host_name(authority);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte);
    if host.is_empty() || !authority.bytes().all(is_plain) {
        return Err(unexpected("result.path (not a host)"));
    }
    let is_of_geotab = host == OF_GEOTAB
        || host
            .strip_suffix(OF_GEOTAB)
            .is_some_and(|front| front.ends_with('.'));
    if is_of_geotab {
        Ok(Some(format!("https://{authority}")))
    } else if host == host_name(asked_authority.split('/').next().unwrap_or_default()) {
        Ok(Some(format!("{asked_scheme}://{authority}")))
    } else {
        Err(unexpected("result.path (a host that is not Geotab's)"))
    }
}

/// Without its port.
fn host_name(authority: &str) -> String {
    let host = authority.split(':').next().unwrap_or_default();
    host.to_ascii_lowercase()
}

/// Credentials belong into the parameters. A request without a JSON body has none, and goes as it
/// is.
pub fn authorize(request: &Request, session: Option<&Session>) -> Result<Auth, ProviderError> {
    let ended = |why: &str| ProviderError::SessionEnded {
        excerpt: Excerpt::of(why.as_bytes()),
    };
    let session = session.ok_or_else(|| ended("nobody has signed in"))?;
    let (Some(id), Some(user_name)) = (session.get(SESSION_ID), session.get(USER_NAME)) else {
        return Err(ended("the session is not one of this provider"));
    };
    let mut auth = Auth {
        headers: Vec::new(),
        body: None,
        secrets: vec![id.clone()],
    };
    let body = request.body.as_deref().map(serde_json::from_str::<Value>);
    if let Some(Ok(Value::Object(mut call))) = body {
        let params = call
            .entry("params")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(params) = params {
            let credentials = json!({
                "database": session.account,
                USER_NAME: user_name.reveal(),
                SESSION_ID: id.reveal(),
            });
            params.insert("credentials".to_owned(), credentials);
            auth.body = Some(Secret::new(Value::Object(call).to_string()));
        }
    }
    Ok(auth)
}

/// Of the method and entity that was asked for; the reset has seven decimals.
pub fn quota(answer: &Answer<'_>) -> Option<Quota> {
    let remaining = answer
        .header("x-rate-limit-remaining")?
        .trim()
        .parse()
        .ok()?;
    let filled_at = Timestamp::parse(answer.header("x-rate-limit-reset")?.trim())?;
    Some(Quota {
        remaining,
        filled_at,
    })
}

/// A question of no stream: a live call.
pub const fn live_question(permission: &'static str) -> Question {
    Question {
        permission,
        has_version: false,
    }
}
