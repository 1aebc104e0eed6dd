//! `POST /passthrough`, `POST /passthrough/raw`: a request of the client's own to the provider, in
//! the connection's name.
//!
//! What may be sent is the engine's to say; here the body is read and the answer put into the
//! contract's envelope. JSON stands in it as JSON, other text as a string, and what is no text as
//! base64, which a `Warning` header tells.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::{Method, PassthroughAnswer, PassthroughRefusal, PassthroughRequest};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::body::{Fields, JsonBody};
use crate::error::ApiError;
use crate::extract::Scope;
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

pub(crate) async fn enveloped(
    scope: Scope,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::PASSTHROUGH, &query)?;
    let call = Call::read(body)?;
    let answer = call.send(&scope).await?;
    let (body, mut warnings) = call.envelope(&answer)?;
    warnings.extend(arguments.warnings);
    Ok(Reply::json(body).warn(warnings))
}

/// The provider's bytes where it succeeded, else the envelope with status 200.
pub(crate) async fn raw(
    scope: Scope,
    query: QueryText,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let arguments = scope.arguments(&parameters::RAW_PASSTHROUGH, &query)?;
    let call = Call::read(body)?;
    let answer = call.send(&scope).await?;
    let status = StatusCode::from_u16(answer.status).ok();
    let Some(status) = status.filter(StatusCode::is_success) else {
        let (body, mut warnings) = call.envelope(&answer)?;
        warnings.extend(arguments.warnings);
        return Ok(Reply::json(body).warn(warnings).into_response());
    };
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for name in [header::CONTENT_TYPE, header::CONTENT_DISPOSITION] {
        if let Some(value) = told(&answer, &name) {
            headers.insert(name, value);
        }
    }
    // It is somebody else's document under our address.
    let sniffing = HeaderName::from_static("x-content-type-options");
    headers.insert(sniffing, HeaderValue::from_static("nosniff"));
    for warning in arguments.warnings {
        if let Ok(value) = HeaderValue::try_from(format!("299 - \"{warning}\"")) {
            headers.append(header::WARNING, value);
        }
    }
    Ok(response)
}

fn told(answer: &PassthroughAnswer, name: &HeaderName) -> Option<HeaderValue> {
    HeaderValue::from_str(answer.header(name.as_str())?).ok()
}

/// What the client asked for, as the envelope repeats it.
struct Call {
    method: &'static str,
    path: String,
    request: PassthroughRequest,
}

/// The contract's `PassthroughOutput`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    method: &'a str,
    path: &'a str,
    status_code: u16,
    headers: Map<String, Value>,
    response: Box<RawValue>,
}

impl Call {
    fn read(body: JsonBody) -> Result<Call, ApiError> {
        let mut fields = Fields::of_body(body, &["method", "path", "headers", "body"]);
        let method = fields.word("method", &METHODS);
        let method = fields.required("method", method);
        let path = fields.text("path");
        let path = fields.required("path", path);
        let headers = read_headers(&mut fields);
        let text = fields.text("body");
        let (Some(method), Some(path)) = (method, path) else {
            fields.finish()?;
            return Err(ApiError::internal("a member that is missing is refused"));
        };
        let known = Method::from_name(method)
            .ok_or_else(|| ApiError::internal("a method that the contract has is not known"))?;
        let request = PassthroughRequest::new(known, &path, &headers, text);
        for refusal in request.as_ref().err().into_iter().flatten() {
            match refusal {
                PassthroughRefusal::Path(why) => {
                    let suggestion = "Send path and query as the provider documents them, such as \
                         /fleet/vehicles?limit=10";
                    fields.refuse("path", why, suggestion);
                }
                PassthroughRefusal::Headers(why) => {
                    fields.refuse("headers", why, "Send fewer");
                }
                PassthroughRefusal::Header(index, why) => {
                    let name = format!("headers.{}", headers[*index].0);
                    fields.refuse(&name, why, "Leave it out, or send it well-formed");
                }
            }
        }
        fields.finish()?;
        match request {
            Ok(request) => Ok(Call {
                method,
                path,
                request,
            }),
            Err(_) => Err(ApiError::internal("a request that is wrong is refused")),
        }
    }

    async fn send(&self, scope: &Scope) -> Result<PassthroughAnswer, ApiError> {
        let request = self.request.clone();
        let sent = scope.engine().passthrough(&scope.connection, request);
        Ok(sent.await?)
    }

    /// The envelope, and what is to be warned of.
    fn envelope(&self, answer: &PassthroughAnswer) -> Result<(Vec<u8>, Vec<String>), ApiError> {
        let (response, warning) = embedded(answer)?;
        let mut headers: Map<String, Value> = Map::new();
        for (name, value) in &answer.headers {
            match headers.get_mut(name) {
                Some(Value::String(known)) => {
                    known.push_str(", ");
                    known.push_str(value);
                }
                _ => {
                    headers.insert(name.clone(), Value::String(value.clone()));
                }
            }
        }
        let envelope = Envelope {
            method: self.method,
            path: &self.path,
            status_code: answer.status,
            headers,
            response,
        };
        let body = serde_json::to_vec(&envelope).map_err(ApiError::internal)?;
        Ok((body, warning.into_iter().collect()))
    }
}

fn read_headers(fields: &mut Fields) -> Vec<(String, String)> {
    let members = match fields.value("headers") {
        None => return Vec::new(),
        Some(Value::Object(members)) => members,
        Some(_) => {
            fields.refuse("headers", "must be an object", "Send a JSON object");
            return Vec::new();
        }
    };
    let mut headers = Vec::with_capacity(members.len());
    for (name, value) in members {
        match value {
            Value::String(text) => headers.push((name, text)),
            _ => {
                let place = format!("headers.{name}");
                fields.refuse(&place, "must be a text", "Send a JSON string");
            }
        }
    }
    headers
}

/// The answer's body as a JSON value that is never null, as the contract has it.
fn embedded(answer: &PassthroughAnswer) -> Result<(Box<RawValue>, Option<String>), ApiError> {
    let quoted = |text: &str| serde_json::value::to_raw_value(text).map_err(ApiError::internal);
    let Ok(text) = std::str::from_utf8(&answer.body) else {
        let warning = "'response' is no text and was encoded in base64".to_owned();
        return Ok((quoted(&STANDARD.encode(&answer.body))?, Some(warning)));
    };
    let kind = answer.header("content-type").unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    let is_json = essence == "application/json" || essence.ends_with("+json");
    if is_json
        && let Ok(value) = serde_json::from_str::<Box<RawValue>>(text)
        && value.get() != "null"
    {
        return Ok((value, None));
    }
    Ok((quoted(text)?, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{body, refused_places};
    use axum::body::Bytes;
    use model::Timestamp;

    fn places(text: &str) -> Vec<String> {
        refused_places(Call::read(body(text)).map(|call| call.path))
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        assert_eq!(
            refused_places(Call::read(JsonBody(None)).map(|call| call.path)),
            ["{requestBody}.method", "{requestBody}.path"]
        );
        assert_eq!(
            places(r#"{"method": "get", "path": "/me"}"#),
            ["{requestBody}.method"]
        );
        assert_eq!(
            places(
                r#"{"method": "GET", "path": "//x", "headers": {"Host": "x", "a": 1}, "body": {}}"#
            ),
            [
                "{requestBody}.headers.a",
                "{requestBody}.body",
                "{requestBody}.path",
                "{requestBody}.headers.Host",
            ]
        );
        assert_eq!(
            places(r#"{"method": "GET", "path": "/me", "headers": [], "url": "x"}"#),
            ["{requestBody}.url", "{requestBody}.headers"]
        );
    }

    fn shown(kind: &str, body: &'static [u8]) -> (String, bool) {
        let answer = PassthroughAnswer {
            status: 200,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: Bytes::from_static(body),
            received_at: Timestamp::from_millis(0),
        };
        let (value, warning) = embedded(&answer).expect("any body can be shown");
        (value.get().to_owned(), warning.is_some())
    }

    #[test]
    fn json_is_embedded_text_quoted_and_bytes_encoded() {
        let check = |kind: &str, body: &'static [u8], want: &str| {
            assert_eq!(shown(kind, body), (want.to_owned(), false), "{kind}");
        };
        check(
            "application/json",
            br#"{"a":[1.50,"x"]}"#,
            r#"{"a":[1.50,"x"]}"#,
        );
        check("Application/Problem+JSON; charset=utf-8", b"[1]", "[1]");
        check("application/json", b"null", r#""null""#);
        check("application/json", b"{broken", r#""{broken""#);
        check("application/json", b"", r#""""#);
        check("text/plain", b"{\"a\":1}", r#""{\"a\":1}""#);
        check("text/csv", "a,é\n".as_bytes(), r#""a,é\n""#);
        assert_eq!(
            shown("application/pdf", &[0xff, 0xfe, 0x00]),
            ("\"//4A\"".to_owned(), true)
        );
    }
}
