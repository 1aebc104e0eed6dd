//! Tokens as generic OAuth clients ask for them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::shown::after;

const CLIENT: &str = "client_id=sim-client&client_secret=sim-secret";

fn token_at(server: &MotiveServer, form: &str, at: Timestamp) -> (u16, Value) {
    let answer = server.answer(&SimRequest::post("/oauth/token", form.to_owned()), at);
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

fn token(server: &MotiveServer, form: &str) -> (u16, Value) {
    token_at(server, &format!("{form}&{CLIENT}"), now())
}

fn with_token(server: &MotiveServer, path: &str, token: &str, at: Timestamp) -> u16 {
    let bearer = format!("Bearer {token}");
    let request = SimRequest::get(path).with_header("Authorization", &bearer);
    server.answer(&request, at).status
}

#[test]
fn refresh_tokens_are_good_for_one_use() {
    let server = plain(31);
    let (status, first) = token(
        &server,
        "grant_type=refresh_token&refresh_token=sim-refresh",
    );
    assert_eq!(status, 200);
    assert_eq!(
        (&first["token_type"], &first["expires_in"]),
        (&"Bearer".into(), &7_200.into())
    );
    let (status, refused) = token(
        &server,
        "grant_type=refresh_token&refresh_token=sim-refresh",
    );
    assert_eq!((status, &refused["error"]), (400, &"invalid_grant".into()));
    let next = first["refresh_token"].as_str().unwrap();
    let (status, second) = token(
        &server,
        &format!("grant_type=refresh_token&refresh_token={next}"),
    );
    assert_eq!(status, 200);
    assert_ne!(first["access_token"], second["access_token"]);
    let access = second["access_token"].as_str().unwrap();
    let at = |seconds: i64| after(now(), seconds * 1_000);
    assert_eq!(with_token(&server, "/v1/companies", access, at(7_199)), 200);
    assert_eq!(with_token(&server, "/v1/companies", access, at(7_200)), 401);
    let as_key = SimRequest::get("/v1/companies").with_header("X-Api-Key", access);
    assert_eq!(server.answer(&as_key, now()).status, 401);
}

#[test]
fn a_code_is_asked_for_by_a_person_and_good_for_some_minutes() {
    let server = plain(32);
    let redirect = "http%3A%2F%2F127.0.0.1%3A8881%2Foauth%2Fcallback%2Fmotive";
    let query = format!(
        "client_id=sim-client&redirect_uri={redirect}&response_type=code\
         &scope=companies.read+vehicles.read&state=a%20b%26c"
    );
    let page = server.answer(
        &SimRequest::get(&format!("/oauth/authorize?{query}")),
        now(),
    );
    assert_eq!(page.status, 200);
    assert!(String::from_utf8_lossy(&page.body).contains(">Approve</button>"));
    let posted = SimRequest {
        method: "POST".to_owned(),
        ..SimRequest::get(&format!("/oauth/authorize?{query}"))
    };
    let code = || {
        let answer = server.answer(&posted, now());
        assert_eq!(answer.status, 302);
        let target = answer.header("location").unwrap().to_owned();
        assert!(
            target.starts_with("http://127.0.0.1:8881/oauth/callback/motive?code="),
            "{target}"
        );
        assert!(target.ends_with("&state=a%20b%26c"), "{target}");
        let code = target.split_once("code=").unwrap().1;
        code.split_once('&').unwrap().0.to_owned()
    };
    let grant = format!(
        "grant_type=authorization_code&redirect_uri={redirect}&code={}",
        code()
    );
    let (status, tokens) = token(&server, &grant);
    assert_eq!(status, 200);
    assert_eq!(tokens["scope"], "companies.read vehicles.read");
    assert_eq!(token(&server, &grant).0, 400);
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(with_token(&server, "/v1/vehicles", access, now()), 200);
    assert_eq!(with_token(&server, "/v1/users", access, now()), 403);
    let late = format!(
        "grant_type=authorization_code&redirect_uri={redirect}&code={}",
        code()
    );
    let later = after(now(), 11 * 60_000);
    assert_eq!(token_at(&server, &format!("{late}&{CLIENT}"), later).0, 400);
    let denied = format!("/oauth/authorize?{query}&deny=1");
    let denied = server.answer(&SimRequest::get(&denied), now());
    assert!(
        denied
            .header("location")
            .unwrap()
            .contains("error=access_denied")
    );
}

#[test]
fn clients_say_who_they_are_in_either_way() {
    let server = plain(33);
    let form = "grant_type=refresh_token&refresh_token=sim-refresh";
    assert_eq!(token_at(&server, form, now()).0, 401);
    let wrong = format!("{form}&client_id=sim-client&client_secret=guess");
    assert_eq!(
        token_at(&server, &wrong, now()).1["error"],
        "invalid_client"
    );
    let basic = format!("Basic {}", BASE64_STANDARD.encode("sim-client:sim-secret"));
    let request = SimRequest::post("/oauth/token", form).with_header("Authorization", &basic);
    assert_eq!(server.answer(&request, now()).status, 200);
    let stranger = "/oauth/authorize?client_id=other&response_type=code";
    assert_eq!(server.answer(&SimRequest::get(stranger), now()).status, 401);
    let elsewhere = "/oauth/authorize?client_id=sim-client&redirect_uri=http://evil.example";
    assert_eq!(
        server.answer(&SimRequest::get(elsewhere), now()).status,
        400
    );
}
