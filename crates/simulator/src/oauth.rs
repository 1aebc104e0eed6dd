//! OAuth 2 as the simulated providers have it: an authorization code for the one app that a server
//! knows, access tokens that end, and refresh tokens that are good for one use.
//!
//! What differs between providers is data in a [`Flow`]. Who uses a code or a refresh token a
//! second time gets `invalid_grant`: a client that lost the new token has to ask its customer
//! again. Absent are PKCE, and signing in: who opens the page is the account's owner.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::Timestamp;
use model::time::{MINUTE_MS, SECOND_MS};
use world::Rng;

use crate::exchange::SimRequest;
use crate::fleet::lock;
use crate::samsara::request::Parameters;
use crate::samsara::wire::Json;
use crate::shown::after;

mod page;

pub(crate) use page::Page;

/// Where a server has its hosted pages unless it is told otherwise.
pub const USUAL_LINK_URL: &str = "http://127.0.0.1:8881";

const CODE_LIVES_MS: i64 = 10 * MINUTE_MS;

/// The one app that a simulated provider knows.
#[derive(Clone, PartialEq, Eq)]
pub struct AppConfig {
    pub client_id: String,
    pub client_secret: String,
    /// The only address that people are sent back to; at a loopback address (RFC 8252) with any
    /// port, since servers that are tried out take any free one.
    pub redirect_uri: String,
    /// One that is good from the beginning, once, for everything.
    pub refresh_token: Option<String>,
}

impl AppConfig {
    /// The app of whoever has hosted pages at `link_url` (`http://127.0.0.1:8881`), as a provider
    /// of this code knows it.
    pub fn of(provider: &str, link_url: &str) -> AppConfig {
        let link_url = link_url.trim_end_matches('/');
        AppConfig {
            client_id: "sim-client".to_owned(),
            client_secret: "sim-secret".to_owned(),
            redirect_uri: format!("{link_url}/oauth/callback/{provider}"),
            refresh_token: Some("sim-refresh".to_owned()),
        }
    }

    fn sends_back_to(&self, target: &str) -> bool {
        target == self.redirect_uri
            || matches!(
                (loopback_path(target), loopback_path(&self.redirect_uri)),
                (Some(asked), Some(registered)) if asked == registered
            )
    }
}

/// What follows host and port of an address at this machine.
fn loopback_path(uri: &str) -> Option<&str> {
    let (authority, path) = uri.strip_prefix("http://127.0.0.1:")?.split_once('/')?;
    authority
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(path)
}

impl fmt::Debug for AppConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppConfig")
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}

/// How a provider goes through it.
#[derive(Debug)]
pub(crate) struct Flow {
    /// As people know the provider.
    pub name: &'static str,
    pub authorize_path: &'static str,
    pub token_path: &'static str,
    pub revoke_path: Option<&'static str>,
    /// Of access tokens.
    pub life_s: i64,
    /// What apps may ask for by name; empty: nothing is asked for, the app's registration decides.
    pub scopes: &'static [&'static str],
    /// Whether a code must come with the address that it was sent to.
    pub code_needs_redirect: bool,
    pub token_type: &'static str,
    /// Whether token answers say when they were made.
    pub dates_tokens: bool,
}

/// What a customer agreed to. `None`: to everything.
pub(crate) type Scopes = Option<Vec<String>>;

/// One consent, from its code on.
#[derive(Clone, Debug)]
struct Grant {
    number: u64,
    scopes: Scopes,
}

/// All that was handed out by a server.
pub(crate) struct Grants {
    flow: &'static Flow,
    app: AppConfig,
    /// Whose data it is, as the page says.
    organisation: String,
    issued: Mutex<Issued>,
}

#[derive(Default)]
struct Issued {
    count: u64,
    /// With where the code was sent, and until when it is good.
    codes: HashMap<String, (Grant, String, Timestamp)>,
    refresh: HashMap<String, Grant>,
    access: HashMap<String, (Grant, Timestamp)>,
}

impl Grants {
    pub fn new(flow: &'static Flow, app: &AppConfig, organisation: &str) -> Grants {
        let mut issued = Issued::default();
        let first = Grant {
            number: issued.number(),
            scopes: None,
        };
        let token = app.refresh_token.iter().cloned();
        issued
            .refresh
            .extend(token.map(|token| (token, first.clone())));
        Grants {
            flow,
            app: app.clone(),
            organisation: organisation.to_owned(),
            issued: Mutex::new(issued),
        }
    }

    /// What the bearer of the token may do; `None`: it is no token, or no longer.
    pub fn scopes(&self, token: &str, now: Timestamp) -> Option<Scopes> {
        let issued = lock(&self.issued);
        let (grant, until) = issued.access.get(token)?;
        (now < *until).then(|| grant.scopes.clone())
    }

    /// `None`: the path has nothing to do with it.
    pub fn answer(&self, request: &SimRequest, now: Timestamp) -> Option<Page> {
        let path = request.path.as_str();
        if path == self.flow.authorize_path {
            return Some(self.authorize(request, now));
        }
        let is_revocation = Some(path) == self.flow.revoke_path;
        if path != self.flow.token_path && !is_revocation {
            return None;
        }
        let form = Parameters::read(&String::from_utf8_lossy(&request.body));
        Some(if request.method != "POST" {
            Page::error(405, "invalid_request", "Ask with POST")
        } else if !self.knows(request, &form) {
            Page::error(401, "invalid_client", "Client authentication failed")
        } else if is_revocation {
            self.revoke(&form)
        } else {
            self.token(&form, now)
        })
    }

    /// The page with the buttons, and where they lead: back to the app, with a code or without.
    fn authorize(&self, request: &SimRequest, now: Timestamp) -> Page {
        let is_posted = request.method == "POST";
        let form = match is_posted {
            true => String::from_utf8_lossy(&request.body).into_owned(),
            false => String::new(),
        };
        let asked = Parameters::read(&format!("{form}&{}", request.query));
        if asked.one("client_id") != Some(&self.app.client_id) {
            return Page::refusal(401, "Client authentication failed");
        }
        let target = asked.one("redirect_uri").unwrap_or(&self.app.redirect_uri);
        if !self.app.sends_back_to(target) {
            let text = "The requested redirect uri is malformed or does not match";
            return Page::refusal(400, text);
        }
        let back = |outcome: &str| {
            let joint = if target.contains('?') { '&' } else { '?' };
            let state = asked.one("state").map(page::encoded);
            let state = state.map_or_else(String::new, |state| format!("&state={state}"));
            Page::redirect(format!("{target}{joint}{outcome}{state}"))
        };
        if asked
            .one("response_type")
            .is_some_and(|kind| kind != "code")
        {
            return back("error=unsupported_response_type");
        }
        // Scripts press the buttons by adding a parameter.
        let presses =
            |button: &str| asked.one("decision") == Some(button) || asked.one(button) == Some("1");
        if presses("deny") {
            return back("error=access_denied&error_description=The+owner+said+no");
        }
        if !is_posted && !presses("approve") {
            return self.question(&asked, request);
        }
        let scopes = asked.one("scope").filter(|_| !self.flow.scopes.is_empty());
        let names = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let mut issued = lock(&self.issued);
        let grant = Grant {
            number: issued.number(),
            scopes: scopes.map(names),
        };
        let code = issued.fresh(now);
        let until = after(now, CODE_LIVES_MS);
        let sent = (grant, target.to_owned(), until);
        issued.codes.insert(code.clone(), sent);
        back(&format!("code={code}"))
    }

    fn question(&self, asked: &Parameters, request: &SimRequest) -> Page {
        let everything = "everything";
        let scope = match self.flow.scopes {
            [] => everything,
            _ => asked.one("scope").unwrap_or(everything),
        };
        Page::consent(&page::Consent {
            provider: self.flow.name,
            organisation: &self.organisation,
            app: &self.app.client_id,
            scope,
            action: &format!("{}?{}", self.flow.authorize_path, request.query),
        })
    }

    /// Codes and refresh tokens to access tokens.
    fn token(&self, form: &Parameters, now: Timestamp) -> Page {
        let mut issued = lock(&self.issued);
        let grant = match form.one("grant_type") {
            Some("authorization_code") => {
                let code = form.one("code").unwrap_or_default();
                let sent = issued.codes.remove(code);
                sent.filter(|(_, target, until)| {
                    let named = form.one("redirect_uri");
                    let is_named = named.map_or(!self.flow.code_needs_redirect, |n| n == target);
                    now < *until && is_named
                })
                .map(|(grant, _, _)| grant)
            }
            Some("refresh_token") => {
                let token = form.one("refresh_token").unwrap_or_default();
                issued.refresh.remove(token)
            }
            _ => {
                let description = "The authorization grant type is not supported";
                return Page::error(400, "unsupported_grant_type", description);
            }
        };
        let Some(grant) = grant else {
            let description = "The grant is invalid, expired, revoked or was used before";
            return Page::error(400, "invalid_grant", description);
        };
        let (access, refresh) = (issued.fresh(now), issued.fresh(now));
        let until = after(now, self.flow.life_s * SECOND_MS);
        issued.access.insert(access.clone(), (grant.clone(), until));
        issued.refresh.insert(refresh.clone(), grant.clone());
        let scope = match (&grant.scopes, self.flow.scopes) {
            (Some(scopes), _) => scopes.join(" "),
            (None, []) => "all".to_owned(),
            (None, scopes) => scopes.join(" "),
        };
        let mut json = Json::default();
        json.raw("{").text_member("access_token", &access);
        json.text_member("token_type", self.flow.token_type);
        json.integer_member("expires_in", self.flow.life_s);
        json.text_member("refresh_token", &refresh);
        json.text_member("scope", &scope);
        if self.flow.dates_tokens {
            json.integer_member("created_at", now.millis().div_euclid(SECOND_MS));
        }
        json.raw("}");
        Page::json(200, json)
    }

    /// Ends the whole grant that a token of either kind is of. That of nobody is none already.
    fn revoke(&self, form: &Parameters) -> Page {
        let mut issued = lock(&self.issued);
        let token = form.one("token").unwrap_or_default();
        let of_access = issued.access.get(token).map(|(grant, _)| grant.number);
        let of_refresh = issued.refresh.get(token).map(|grant| grant.number);
        if let Some(number) = of_refresh.or(of_access) {
            issued.refresh.retain(|_, grant| grant.number != number);
            issued.access.retain(|_, (grant, _)| grant.number != number);
        }
        let mut json = Json::default();
        json.raw("{}");
        Page::json(200, json)
    }

    /// The app's name and secret, in the form or as Basic authentication.
    fn knows(&self, request: &SimRequest, form: &Parameters) -> bool {
        let basic = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|text| BASE64_STANDARD.decode(text).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let named = match basic.as_deref().and_then(|text| text.split_once(':')) {
            Some((id, secret)) => (Some(id), Some(secret)),
            None => (form.one("client_id"), form.one("client_secret")),
        };
        named == (Some(&self.app.client_id), Some(&self.app.client_secret))
    }
}

impl Issued {
    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn fresh(&mut self, now: Timestamp) -> String {
        let number = self.number();
        let mut rng = Rng::new(now.millis().cast_unsigned()).fork(number);
        let mut text = String::new();
        for _ in 0..4 {
            // Writing to a text does not fail.
            let _ = write!(text, "{:016x}", rng.next_u64());
        }
        text
    }
}
