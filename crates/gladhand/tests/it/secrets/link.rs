//! An account that its owner connects at the hosted page, as a browser without scripts would.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::process::PublicApi;
use world::{
    HttpAnswer, HttpRequest, Method, Reach, RealTransport, RealTransportConfig, Transport,
};

use super::{SAMSARA_KEY, Scene, WRONG_KEY};

struct Browser {
    transport: RealTransport,
    origin: String,
}

impl Browser {
    async fn send(&self, method: Method, path: &str, fields: &[(&str, &str)]) -> HttpAnswer {
        let encoded: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let form = ("content-type", "application/x-www-form-urlencoded");
        let headers = [("origin", self.origin.as_str()), form];
        let request = HttpRequest {
            method,
            url: format!("{}{path}", self.origin),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            body: (method == Method::Post).then(|| encoded.join("&").into()),
            timeout: Duration::from_secs(30),
            reach: Reach::Anywhere,
        };
        self.transport
            .send(request)
            .await
            .expect("the page answers")
    }

    /// Opens Link for Samsara and gives this key there.
    async fn give(&self, publishable: &str, key: &str) -> HttpAnswer {
        let opened = format!("/?key={publishable}&provider=samsara&sync_mode=manual");
        let page = self.send(Method::Get, &opened, &[]).await;
        let html = String::from_utf8(page.body.to_vec()).expect("text");
        assert_eq!(page.status, 200, "{html}");
        let (ticket, agreement) = (hidden(&html, "ticket"), hidden(&html, "agreement"));
        let fields = [
            ("ticket", ticket),
            ("agreement", agreement),
            ("credential.apiKey", key),
        ];
        self.send(Method::Post, "/provider/samsara", &fields).await
    }
}

fn encoded(value: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    value.bytes().map(byte).collect()
}

/// The value of a hidden field.
fn hidden<'a>(html: &'a str, name: &str) -> &'a str {
    between(html, &format!("name=\"{name}\" value=\""), "\"")
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let found = text
        .split_once(before)
        .and_then(|(_, rest)| rest.split_once(after));
    found.unwrap_or_else(|| panic!("no {before} in {text}")).0
}

/// The secrets that came of it.
pub async fn connect_samsara(
    scene: &Scene,
    base_url: &str,
    secret_key: &str,
    publishable: &str,
) -> Vec<(&'static str, String)> {
    let said = std::fs::read_to_string(scene.logs.path().join("stdout")).expect("it speaks");
    let origin = between(&said, "Link ", "\n").trim().to_owned();
    let transport = RealTransport::new(RealTransportConfig::default()).expect("a transport");
    let browser = Browser { transport, origin };
    let refused = browser.give(publishable, WRONG_KEY).await;
    assert!(refused.status >= 400, "{}", refused.status);
    let given = browser.give(publishable, SAMSARA_KEY).await;
    assert_eq!(
        given.status,
        303,
        "{}",
        String::from_utf8_lossy(&given.body)
    );
    let done = given.header("location").expect("a place to go").to_owned();
    let page = browser.send(Method::Get, &done, &[]).await;
    let html = String::from_utf8(page.body.to_vec()).expect("text");
    let token = between(&html, "data-public-token=\"", "\"").to_owned();

    let api = PublicApi::new(secret_key, "none");
    let exchange = format!("{base_url}/tsp/v1/public-token/exchange");
    let body = json!({"publicToken": token}).to_string();
    let (status, exchanged) = api.call(Method::Post, exchange.clone(), Some(&body)).await;
    assert_eq!(status, 200, "{exchanged}");
    let connection_token = exchanged["token"].as_str().map(str::to_owned);
    let (again, told) = api.call(Method::Post, exchange, Some(&body)).await;
    assert_eq!(again, 400, "{told}");
    assert_ne!(told, Value::Null);
    vec![
        ("a public token", token),
        ("a connection's token", connection_token.expect("a token")),
    ]
}
