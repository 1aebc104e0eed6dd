//! OAuth 2 as Motive has it: an authorization code for a confidential client, access tokens of two
//! hours, and refresh tokens that are used once.
//!
//! Who uses a refresh token a second time, or a code a second time, gets `invalid_grant`, as with
//! Doorkeeper: a client that lost the new token has to ask its customer again. Absent are PKCE
//! (nothing documents it), revocation, and a page to sign in on: who opens the page is signed in.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::Timestamp;
use model::time::{MINUTE_MS, SECOND_MS};
use world::Rng;

use super::MotiveConfig;
use super::answer::Refusal;
use super::request::Parameters;
use crate::exchange::SimRequest;
use crate::fleet::lock;
use crate::samsara::wire::Json;
use crate::shown::after;

const LIVES_S: i64 = 7_200;
const CODE_LIVES_MS: i64 = 10 * MINUTE_MS;

/// What a customer agreed to. `None`: to everything.
type Scopes = Option<Vec<String>>;

/// All that was handed out.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<Issued>);

#[derive(Debug, Default)]
struct Issued {
    count: u64,
    /// With where the code was sent, and until when it is good.
    codes: HashMap<String, (Scopes, String, Timestamp)>,
    refresh: HashMap<String, Scopes>,
    access: HashMap<String, (Scopes, Timestamp)>,
}

/// An answer that is not JSON of the API.
pub(super) struct Page {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Tokens {
    pub fn new(config: &MotiveConfig) -> Tokens {
        let mut issued = Issued::default();
        if let Some(token) = &config.refresh_token {
            issued.refresh.insert(token.clone(), None);
        }
        Tokens(Mutex::new(issued))
    }

    /// What the bearer of the token may do; `None`: it is no token, or no longer.
    pub fn scopes(&self, token: &str, now: Timestamp) -> Option<Scopes> {
        let issued = lock(&self.0);
        let (scopes, until) = issued.access.get(token)?;
        (now < *until).then(|| scopes.clone())
    }

    /// The page with the button, and where it leads: back to the app with a code.
    pub fn authorize(
        &self,
        request: &SimRequest,
        config: &MotiveConfig,
        now: Timestamp,
    ) -> Result<Page, Refusal> {
        let mut asked = Parameters::read(&request.query);
        let is_posted = request.method == "POST";
        if is_posted {
            let form = String::from_utf8_lossy(&request.body).into_owned();
            asked = Parameters::read(&format!("{form}&{}", request.query));
        }
        if asked.one("client_id") != Some(&config.client_id) {
            return Err(Refusal::plain(401, "Client authentication failed"));
        }
        let target = asked.one("redirect_uri").unwrap_or(&config.redirect_uri);
        if target != config.redirect_uri {
            let text = "The requested redirect uri is malformed or does not match";
            return Err(Refusal::plain(400, text));
        }
        let state = asked.one("state").unwrap_or_default();
        let back = |outcome: &str| {
            let joint = if target.contains('?') { '&' } else { '?' };
            let state = encoded(state);
            redirect(format!("{target}{joint}{outcome}&state={state}"))
        };
        if asked
            .one("response_type")
            .is_some_and(|kind| kind != "code")
        {
            return Ok(back("error=unsupported_response_type"));
        }
        if asked.one("deny") == Some("1") {
            return Ok(back("error=access_denied"));
        }
        if !is_posted && asked.one("approve") != Some("1") {
            return Ok(consent(config, &asked, request));
        }
        let scopes = scopes(asked.one("scope"));
        let mut issued = lock(&self.0);
        let code = issued.fresh(now);
        let until = after(now, CODE_LIVES_MS);
        issued
            .codes
            .insert(code.clone(), (scopes, target.to_owned(), until));
        Ok(back(&format!("code={code}")))
    }

    /// Codes and refresh tokens to access tokens.
    pub fn token(
        &self,
        request: &SimRequest,
        config: &MotiveConfig,
        now: Timestamp,
    ) -> Result<Json, Refusal> {
        let form = Parameters::read(&String::from_utf8_lossy(&request.body));
        authenticate(request, &form, config)?;
        let dead = || {
            let description = "The grant is invalid, expired, revoked or was used before";
            Refusal::oauth(400, "invalid_grant", description)
        };
        let mut issued = lock(&self.0);
        let scopes = match form.one("grant_type") {
            Some("authorization_code") => {
                let code = form.one("code").unwrap_or_default();
                let (scopes, target, until) = issued.codes.remove(code).ok_or_else(dead)?;
                if now >= until || form.one("redirect_uri") != Some(&target) {
                    return Err(dead());
                }
                scopes
            }
            Some("refresh_token") => {
                let token = form.one("refresh_token").unwrap_or_default();
                issued.refresh.remove(token).ok_or_else(dead)?
            }
            _ => {
                let description = "The authorization grant type is not supported";
                return Err(Refusal::oauth(400, "unsupported_grant_type", description));
            }
        };
        let (access, refresh) = (issued.fresh(now), issued.fresh(now));
        let until = after(now, LIVES_S * SECOND_MS);
        issued
            .access
            .insert(access.clone(), (scopes.clone(), until));
        issued.refresh.insert(refresh.clone(), scopes.clone());
        let mut json = Json::default();
        json.raw("{").text_member("access_token", &access);
        json.text_member("token_type", "Bearer");
        json.integer_member("expires_in", LIVES_S);
        json.text_member("refresh_token", &refresh);
        let scope = scopes.map_or_else(|| super::SCOPES.join(" "), |scopes| scopes.join(" "));
        json.text_member("scope", &scope);
        json.integer_member("created_at", now.millis().div_euclid(SECOND_MS))
            .raw("}");
        Ok(json)
    }
}

impl Issued {
    fn fresh(&mut self, now: Timestamp) -> String {
        self.count += 1;
        let mut rng = Rng::new(now.millis().cast_unsigned()).fork(self.count);
        let mut text = String::new();
        for _ in 0..4 {
            // Writing to a text does not fail.
            let _ = write!(text, "{:016x}", rng.next_u64());
        }
        text
    }
}

/// The client's name and secret, in the form or as Basic authentication.
fn authenticate(
    request: &SimRequest,
    form: &Parameters,
    config: &MotiveConfig,
) -> Result<(), Refusal> {
    let basic = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|text| BASE64_STANDARD.decode(text).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let (id, secret) = match basic.as_deref().and_then(|text| text.split_once(':')) {
        Some((id, secret)) => (Some(id), Some(secret)),
        None => (form.one("client_id"), form.one("client_secret")),
    };
    if (id, secret) == (Some(&config.client_id), Some(&config.client_secret)) {
        return Ok(());
    }
    let description = "Client authentication failed";
    Err(Refusal::oauth(401, "invalid_client", description))
}

fn scopes(asked: Option<&str>) -> Scopes {
    let names = asked?.split_whitespace();
    Some(names.map(str::to_owned).collect())
}

fn redirect(to: String) -> Page {
    Page {
        status: 302,
        headers: vec![("location".to_owned(), to)],
        body: Vec::new(),
    }
}

fn consent(config: &MotiveConfig, asked: &Parameters, request: &SimRequest) -> Page {
    let scope = asked.one("scope").unwrap_or("everything");
    let body = format!(
        "<!doctype html><title>Authorize</title><h1>{}</h1>\
         <p>{} asks for: {}</p>\
         <form method=\"post\" action=\"/oauth/authorize?{}\"><button>Approve</button></form>",
        escaped(&config.organisation),
        escaped(&config.client_id),
        escaped(scope),
        escaped(&request.query),
    );
    Page {
        status: 200,
        headers: vec![(
            "content-type".to_owned(),
            "text/html; charset=utf-8".to_owned(),
        )],
        body: body.into_bytes(),
    }
}

fn escaped(text: &str) -> String {
    let escape = |char| match char {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}
