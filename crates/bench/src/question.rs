//! What a request asks for, whoever signs it: the name under which its answer is kept.
//!
//! Headers are no part of it, nor are credentials in a body (Geotab has its session there).

use axum::http::Method;
use serde_json::{Map, Value};

/// Where OAuth gives tokens, and the JSON-RPC method that begins a session: these answers are for
/// one client and one moment.
const TOKENS: &str = "/oauth/token";
const AUTHENTICATE: &str = "Authenticate";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Method, path, query, and the body without its credentials.
    pub key: String,
    pub is_sign_in: bool,
}

impl Question {
    /// `url`: path and query.
    pub fn of(method: &Method, url: &str, body: &[u8]) -> Question {
        let mut key = format!("{method} {url}");
        let path = url.split('?').next().unwrap_or_default();
        let mut is_sign_in = path == TOKENS;
        if !body.is_empty() {
            key.push(' ');
            match serde_json::from_slice::<Map<String, Value>>(body) {
                Ok(mut call) => {
                    is_sign_in |= call.get("method").is_some_and(|name| name == AUTHENTICATE);
                    if let Some(Value::Object(params)) = call.get_mut("params") {
                        params.remove("credentials");
                    }
                    key.push_str(&Value::Object(call).to_string());
                }
                // A form, or what the simulator will refuse.
                Err(_) => key.push_str(&String::from_utf8_lossy(body)),
            }
        }
        Question { key, is_sign_in }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, url: &str, body: &str, key: &str, is_sign_in: bool) {
        let want = Question {
            key: key.to_owned(),
            is_sign_in,
        };
        assert_eq!(Question::of(&method, url, body.as_bytes()), want);
    }

    #[test]
    fn credentials_are_no_part_of_a_question() {
        check(Method::GET, "/me?a=b", "", "GET /me?a=b", false);
        check(
            Method::POST,
            "/apiv1",
            r#"{"params":{"typeName":"Trip","credentials":{"sessionId":"s"}},"method":"Get"}"#,
            r#"POST /apiv1 {"method":"Get","params":{"typeName":"Trip"}}"#,
            false,
        );
    }

    #[test]
    fn who_signs_in_is_told_from_who_asks() {
        check(
            Method::POST,
            "/apiv1",
            r#"{"method":"Authenticate","params":{"userName":"u"}}"#,
            r#"POST /apiv1 {"method":"Authenticate","params":{"userName":"u"}}"#,
            true,
        );
        let form = "grant_type=refresh_token";
        let key = format!("POST /oauth/token {form}");
        check(Method::POST, "/oauth/token", form, &key, true);
    }
}
