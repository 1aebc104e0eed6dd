//! Request bodies: JSON objects, read member by member so that every refusal names its place.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use model::envelope::ErrorPathDetail;
use model::{Secret, Timestamp};
use serde_json::{Map, Value};

use crate::Shared;
use crate::error::{ApiError, place};
use crate::nearest::nearest;

const ROOT: &str = "{requestBody}";

/// The body of a request; `None` when it is empty.
pub(crate) struct JsonBody(pub Option<Map<String, Value>>);

impl FromRequest<Shared> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Shared) -> Result<JsonBody, ApiError> {
        let is_json = declares_json(request.headers());
        let bytes = Bytes::from_request(request, api).await.map_err(|refusal| {
            match refusal.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => ApiError::PayloadTooLarge,
                _ => ApiError::malformed(
                    ROOT,
                    "the body ended before its time",
                    "Send the body again",
                ),
            }
        })?;
        match (bytes.is_empty(), is_json) {
            (true, _) => Ok(JsonBody(None)),
            (false, false) => Err(ApiError::UnsupportedMediaType),
            (false, true) => read_object(&bytes).map(|members| JsonBody(Some(members))),
        }
    }
}

/// A body without a Content-Type is taken for JSON, the only form there is.
fn declares_json(headers: &HeaderMap) -> bool {
    let Some(header) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let text = header.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn read_object(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ApiError::malformed(
            ROOT,
            "the body must be a JSON object",
            "Send an object, or no body where none is needed",
        )),
        Err(error) => Err(ApiError::malformed(
            ROOT,
            format!(
                "the body is not JSON (line {}, column {})",
                error.line(),
                error.column()
            ),
            "Send a JSON object",
        )),
    }
}

/// The members of an object, taken one by one; what is wrong is gathered.
pub(crate) struct Fields {
    path: String,
    members: Map<String, Value>,
    pub places: Vec<ErrorPathDetail>,
}

impl Fields {
    /// The body itself. Members other than `known` are refused.
    pub(crate) fn of_body(body: JsonBody, known: &[&'static str]) -> Fields {
        Fields::new(ROOT.to_owned(), body.0.unwrap_or_default(), known)
    }

    fn new(path: String, members: Map<String, Value>, known: &[&'static str]) -> Fields {
        let mut fields = Fields {
            path,
            members,
            places: Vec::new(),
        };
        let unknown: Vec<String> = fields
            .members
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
            .cloned()
            .collect();
        for name in unknown {
            let suggestion = nearest(&name, known.iter().copied())
                .map_or("Leave it out".to_owned(), |near| {
                    format!("The nearest member is '{near}'")
                });
            fields.refuse(&name, "is not known here", suggestion);
        }
        fields
    }

    pub(crate) fn refuse(&mut self, name: &str, what: &str, suggestion: impl Into<String>) {
        self.places.push(place(
            format!("{}.{name}", self.path),
            format!("'{name}' {what}"),
            Some(suggestion.into()),
        ));
    }

    /// Takes a member that must be there.
    pub(crate) fn required<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        let refused = format!("{}.{name}", self.path);
        if value.is_none()
            && self
                .places
                .iter()
                .all(|place| !place.path.starts_with(&refused))
        {
            self.refuse(name, "is missing", "Send it");
        }
        value
    }

    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.refuse(name, "must be a text", "Send a JSON string");
                None
            }
        }
    }

    /// A text that holds more than spaces.
    pub(crate) fn filled_text(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        if text.trim().is_empty() {
            self.refuse(
                name,
                "must not be empty",
                "Leave it out, or give it a value",
            );
            return None;
        }
        Some(text)
    }

    pub(crate) fn number(&mut self, name: &str) -> Option<f64> {
        match self.value(name)? {
            Value::Number(number) => number.as_f64(),
            _ => {
                self.refuse(name, "must be a number", "Send a JSON number");
                None
            }
        }
    }

    pub(crate) fn time(&mut self, name: &str) -> Option<Timestamp> {
        let value = self.value(name)?;
        let time = value.as_str().and_then(Timestamp::parse);
        if time.is_none() {
            let suggestion = "Send it like 2021-01-06T03:24:53.000Z";
            self.refuse(name, "must be an ISO 8601 date and time", suggestion);
        }
        time
    }

    /// One of `words`.
    pub(crate) fn word(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let value = self.value(name)?;
        let found = words
            .iter()
            .copied()
            .find(|word| value.as_str() == Some(word));
        if found.is_none() {
            let near = nearest(value.as_str().unwrap_or_default(), words.iter().copied());
            let suggestion = format!("The nearest value is '{}'", near.unwrap_or_default());
            self.refuse(
                name,
                &format!("must be one of {}", words.join(", ")),
                suggestion,
            );
        }
        found
    }

    /// A list whose items `read` understands; the others are refused, each at its place.
    pub(crate) fn list<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Array(items) = self.value(name)? else {
            self.refuse(name, "must be a list", "Send a JSON array");
            return None;
        };
        let mut found = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match read(item) {
                Some(item) => found.push(item),
                None => {
                    let suggestion = format!("Each item must be {what}");
                    self.refuse(&format!("{name}[{index}]"), "is malformed", suggestion);
                }
            }
        }
        Some(found)
    }

    /// A list of texts, none empty.
    pub(crate) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        self.list(name, "a text that is not empty", |item| {
            let text = item.as_str().filter(|text| !text.trim().is_empty());
            text.map(str::to_owned)
        })
    }

    /// An object inside; `absorb` its complaints when done with it.
    pub(crate) fn object(&mut self, name: &str, known: &[&'static str]) -> Option<Fields> {
        match self.value(name)? {
            Value::Object(members) => {
                Some(Fields::new(format!("{}.{name}", self.path), members, known))
            }
            _ => {
                self.refuse(name, "must be an object", "Send a JSON object");
                None
            }
        }
    }

    pub(crate) fn absorb(&mut self, inner: Fields) {
        self.places.extend(inner.places);
    }

    /// An object of secret texts, as text again.
    pub(crate) fn secrets(&mut self, name: &str) -> Option<Secret> {
        let suggestion = "Send an object of texts, such as {\"apiKey\": \"…\"}";
        match self.value(name)? {
            Value::Object(members) if members.values().all(Value::is_string) => {
                Some(Secret::new(Value::Object(members).to_string()))
            }
            _ => {
                self.refuse(name, "must be an object of texts", suggestion);
                None
            }
        }
    }

    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.places.is_empty() {
            true => Ok(()),
            false => Err(ApiError::BadRequest(self.places)),
        }
    }
}

/// A body for tests of what is read from one.
#[cfg(test)]
pub(crate) fn body(text: &str) -> JsonBody {
    JsonBody(Some(read_object(text.as_bytes()).expect("a JSON object")))
}

/// The places that a 400 names.
#[cfg(test)]
pub(crate) fn refused_places<T>(result: Result<T, ApiError>) -> Vec<String> {
    match result {
        Err(ApiError::BadRequest(places)) => places.into_iter().map(|place| place.path).collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn json_is_declared_in_several_ways() {
        let check = |text: Option<&'static str>, want: bool| {
            let mut headers = HeaderMap::new();
            headers.extend(text.map(|text| (header::CONTENT_TYPE, HeaderValue::from_static(text))));
            assert_eq!(declares_json(&headers), want, "{text:?}");
        };
        check(None, true);
        check(Some("application/json"), true);
        check(Some("Application/JSON; charset=utf-8"), true);
        check(Some("application/merge-patch+json"), true);
        check(Some("text/plain"), false);
        check(Some("application/x-www-form-urlencoded"), false);
        check(Some(""), false);
    }

    #[test]
    fn only_objects_are_bodies() {
        for wrong in ["[]", "1", "null", "{", "nonsense", " "] {
            let places = refused_places(read_object(wrong.as_bytes()));
            assert_eq!(places, ["{requestBody}"], "{wrong}");
        }
    }

    #[test]
    fn every_complaint_names_its_place() {
        let text = r#"{"name": 1, "tags": ["a", 2], "inner": {"stats": 1}, "wrong": 1}"#;
        let mut fields = Fields::of_body(body(text), &["name", "tags", "inner", "kind"]);
        assert_eq!(fields.text("name"), None);
        assert_eq!(fields.texts("tags"), Some(vec!["a".to_owned()]));
        let mut inner = fields.object("inner", &["status"]).expect("an object");
        assert_eq!(inner.word("status", &["active"]), None);
        fields.absorb(inner);
        let kind = fields.text("kind");
        fields.required("kind", kind);
        assert_eq!(
            refused_places(fields.finish()),
            [
                "{requestBody}.wrong",
                "{requestBody}.name",
                "{requestBody}.tags[1]",
                "{requestBody}.inner.stats",
                "{requestBody}.kind",
            ]
        );
    }
}
