//! Consents as browsers and OAuth clients go through them, at the simulated Samsara.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::Timestamp;
use serde_json::Value;

use super::reader::{after_days, server as any_server};
use crate::shown::after;
use crate::{FaultPlan, ProviderServer, SamsaraServer, SimAnswer, SimRequest};

const CALLBACK: &str = "http://127.0.0.1:8881/oauth/callback/samsara";

fn server() -> SamsaraServer {
    any_server(141, 1.0, FaultPlan::none())
}

fn now() -> Timestamp {
    after_days(0.9)
}

fn at(seconds: i64) -> Timestamp {
    after(now(), seconds * 1_000)
}

fn basic(request: SimRequest) -> SimRequest {
    let both = BASE64_STANDARD.encode("sim-client:sim-secret");
    request.with_header("Authorization", &format!("Basic {both}"))
}

fn called(server: &SamsaraServer, path: &str, form: &str) -> (u16, Value) {
    let answer = server.answer(&basic(SimRequest::post(path, form.to_owned())), now());
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

fn tokens(server: &SamsaraServer, form: &str) -> (u16, Value) {
    called(server, "/oauth2/token", form)
}

fn refreshed(server: &SamsaraServer, token: &str) -> (u16, Value) {
    tokens(
        server,
        &format!("grant_type=refresh_token&refresh_token={token}"),
    )
}

fn me(server: &SamsaraServer, token: &str, at: Timestamp) -> (u16, Value) {
    let bearer = format!("Bearer {token}");
    let request = SimRequest::get("/me").with_header("Authorization", &bearer);
    let answer = server.answer(&request, at);
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

fn question() -> String {
    let target = CALLBACK.replace(':', "%3A").replace('/', "%2F");
    format!(
        "/oauth2/authorize?client_id=sim-client&redirect_uri={target}\
         &response_type=code&state=a%20b%26c"
    )
}

/// What pressing a button leads to.
fn pressed(server: &SamsaraServer, button: &str) -> SimAnswer {
    let form = format!("decision={button}");
    let request = SimRequest {
        method: "POST".to_owned(),
        body: form.into(),
        ..SimRequest::get(&question())
    };
    server.answer(&request, now())
}

fn code(server: &SamsaraServer) -> String {
    let answer = pressed(server, "approve");
    assert_eq!(answer.status, 302);
    let target = answer.header("location").unwrap();
    let rest = target.strip_prefix(CALLBACK).unwrap();
    let code = rest.strip_prefix("?code=").unwrap();
    code.strip_suffix("&state=a%20b%26c").unwrap().to_owned()
}

#[test]
fn the_page_has_two_buttons_that_need_no_script_and_no_frame_may_hold_it() {
    let page = server().answer(&SimRequest::get(&question()), now());
    assert_eq!(page.status, 200);
    let text = String::from_utf8_lossy(&page.body);
    for part in [
        "<html lang=\"en\">",
        "<title>Authorize · Samsara (simulated)</title>",
        "<form method=\"post\" action=\"/oauth2/authorize?client_id=sim-client&amp;",
        "value=\"approve\">Approve</button>",
        "value=\"deny\">Deny</button>",
        "Bluebird Freight &quot;Ltd.&quot;",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(
        page.header("content-security-policy"),
        Some("frame-ancestors 'none'")
    );
}

#[test]
fn a_denial_goes_back_with_its_state_and_a_stranger_nowhere() {
    let server = server();
    let denied = pressed(&server, "deny");
    let target = denied.header("location").unwrap();
    assert!(
        target.starts_with(&format!("{CALLBACK}?error=access_denied&")),
        "{target}"
    );
    assert!(target.ends_with("&state=a%20b%26c"), "{target}");
    let at = |uri: &str| format!("client_id=sim-client&redirect_uri={uri}");
    for (query, status) in [
        ("client_id=other".to_owned(), 401),
        (at("http://evil.example"), 400),
        (at("http://127.0.0.1:8881/oauth/callback/motive"), 400),
        (
            at("http://127.0.0.1:8881@evil.example/oauth/callback/samsara"),
            400,
        ),
        (at("https://127.0.0.1:8881/oauth/callback/samsara"), 400),
    ] {
        let path = format!("/oauth2/authorize?{query}&approve=1");
        let answer = server.answer(&SimRequest::get(&path), now());
        assert_eq!((answer.status, answer.header("location")), (status, None));
    }
}

#[test]
fn any_port_of_the_same_machine_will_do() {
    let target = "http://127.0.0.1:40404/oauth/callback/samsara";
    let path = format!("/oauth2/authorize?client_id=sim-client&redirect_uri={target}&approve=1");
    let answer = server().answer(&SimRequest::get(&path), now());
    let location = answer.header("location").unwrap();
    assert!(
        location.starts_with(&format!("{target}?code=")),
        "{location}"
    );
    assert!(!location.contains("state"), "{location}");
}

#[test]
fn a_code_is_good_once_with_its_address_or_without() {
    let server = server();
    let first = code(&server);
    let grant = format!("grant_type=authorization_code&code={first}");
    let (status, made) = tokens(&server, &grant);
    assert_eq!(status, 200);
    assert_eq!(made["token_type"], "bearer");
    assert_eq!(made["expires_in"], 3_600);
    assert_eq!(
        tokens(&server, &grant).1["error"],
        "invalid_grant",
        "a second time"
    );
    let second = code(&server);
    let grant = format!("grant_type=authorization_code&code={second}&redirect_uri=");
    assert_eq!(tokens(&server, &format!("{grant}{CALLBACK}")).0, 200);
    let third = code(&server);
    let grant = format!("grant_type=authorization_code&code={third}&redirect_uri=");
    let elsewhere = tokens(&server, &format!("{grant}http://evil.example"));
    assert_eq!(elsewhere.0, 400);
}

#[test]
fn a_token_opens_the_account_for_an_hour_and_every_refresh_gives_another() {
    let server = server();
    let (status, first) = refreshed(&server, "sim-refresh");
    assert_eq!(status, 200);
    let access = first["access_token"].as_str().unwrap();
    assert_eq!(me(&server, access, at(3_599)).0, 200);
    assert_eq!(me(&server, access, at(3_600)).0, 401);
    assert_eq!(refreshed(&server, "sim-refresh").0, 400);
    let next = first["refresh_token"].as_str().unwrap();
    let (status, second) = refreshed(&server, next);
    assert_eq!(status, 200);
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(refreshed(&server, next).1["error"], "invalid_grant");
}

#[test]
fn who_revokes_ends_the_grant_and_no_other() {
    let server = server();
    let made = |code: String| {
        let (_, made) = tokens(
            &server,
            &format!("grant_type=authorization_code&code={code}"),
        );
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("access_token"), text("refresh_token"))
    };
    let (access, refresh) = made(code(&server));
    let (other, _) = made(code(&server));
    let revoke = |token: &str| called(&server, "/oauth2/revoke", &format!("token={token}")).0;
    assert_eq!(revoke("nobody's"), 200);
    assert_eq!(me(&server, &access, now()).0, 200);
    assert_eq!(revoke(&refresh), 200);
    assert_eq!(me(&server, &access, now()).0, 401);
    assert_eq!(refreshed(&server, &refresh).0, 400);
    assert_eq!(me(&server, &other, now()).0, 200);
}

#[test]
fn the_app_proves_itself_in_either_way() {
    let server = server();
    let form = "grant_type=refresh_token&refresh_token=sim-refresh";
    let ask = |form: &str| {
        let request = SimRequest::post("/oauth2/token", form.to_owned());
        server.answer(&request, now()).status
    };
    assert_eq!(ask(form), 401);
    assert_eq!(
        ask(&format!("{form}&client_id=sim-client&client_secret=x")),
        401
    );
    let proof = "client_id=sim-client&client_secret=sim-secret";
    assert_eq!(ask(&format!("{form}&{proof}")), 200);
    let got = server.answer(&basic(SimRequest::get("/oauth2/token")), now());
    assert_eq!(got.status, 405);
}

#[test]
fn an_account_has_one_id_whatever_opened_it() {
    let server = server();
    let id = |token: &str| me(&server, token, now()).1["data"]["id"].clone();
    let by_code = format!("grant_type=authorization_code&code={}", code(&server));
    let (_, made) = tokens(&server, &by_code);
    let (_, renewed) = refreshed(&server, "sim-refresh");
    for tokens in [made, renewed] {
        let token = tokens["access_token"].as_str().unwrap();
        assert_eq!(id(token), id("sim-token"));
    }
}
