//! JSON-RPC as MyGeotab speaks it: what is asked, and how a refusal looks.
//!
//! Every refusal of the application has HTTP status 200. Both of its forms are given, the newer
//! `error.data.type` and the older `error.errors[0].name`: clients read the one or the other.

use model::{Timestamp, Window};
use serde_json::{Map, Value, json};

use super::ids;
use crate::exchange::SimRequest;
use crate::shown::after;

/// Why a call gets no result.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// `InvalidUserException` and the like.
    pub kind: &'static str,
    pub message: String,
    code: i32,
    pub retry_after_s: Option<u64>,
    /// Of the call within a multicall.
    pub index: usize,
    /// An answer from before the application: an HTTP status with a page of HTML.
    pub http: Option<u16>,
}

impl Refusal {
    pub fn of(kind: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            kind,
            message: message.into(),
            code: -32_000,
            retry_after_s: None,
            index: 0,
            http: None,
        }
    }

    pub fn argument(message: impl Into<String>) -> Refusal {
        Refusal::of("ArgumentException", message)
    }

    pub fn wrong_password() -> Refusal {
        Refusal::of("InvalidUserException", "Incorrect login credentials")
    }

    pub fn dead_session(database: &str) -> Refusal {
        let message = format!("Invalid session @ '{database}'");
        Refusal::of("InvalidUserException", message)
    }

    pub fn over_limit(most: u32, retry_after_s: u64) -> Refusal {
        Refusal {
            retry_after_s: Some(retry_after_s),
            ..Refusal::of(
                "OverLimitException",
                format!("API calls quota exceeded. Maximum admitted {most} per 1m."),
            )
        }
    }

    /// What an unknown entity gets, too.
    pub fn missing_method(method: &str) -> Refusal {
        Refusal {
            code: -32_601,
            ..Refusal::of(
                "MissingMethodException",
                format!(
                    "The method '{method}' could not be found. Verify the method name and ensure \
                     all method parameters are included."
                ),
            )
        }
    }

    pub fn unreadable() -> Refusal {
        Refusal {
            code: -32_700,
            ..Refusal::of("JsonSerializerException", "Invalid JSON-RPC request")
        }
    }

    pub fn http(status: u16, text: &str) -> Refusal {
        Refusal {
            http: Some(status),
            ..Refusal::of("", text)
        }
    }

    pub fn at(self, index: usize) -> Refusal {
        Refusal { index, ..self }
    }

    /// Content type and bytes. `request`: makes the id of the error.
    pub fn body(&self, request: u64) -> (&'static str, Vec<u8>) {
        if self.http.is_some() {
            let page = format!("<html><body><h1>{}</h1></body></html>", self.message);
            return ("text/html; charset=utf-8", page.into_bytes());
        }
        let (high, low) = (ids::scatter(request), ids::scatter(!request));
        let id = format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        );
        let error = json!({
            "error": {
                "message": self.message,
                "code": self.code,
                "data": {"id": id, "type": self.kind, "requestIndex": self.index},
                "name": "JSONRPCError",
                "errors": [{"message": self.message, "name": self.kind}],
            },
            "jsonrpc": "2.0",
            "requestIndex": self.index,
        });
        (
            "application/json; charset=utf-8",
            error.to_string().into_bytes(),
        )
    }
}

/// One call: of a request, or of a multicall.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub params: Map<String, Value>,
}

impl Call {
    /// From a JSON body, a form with the field `JSON-RPC`, or the query of a GET.
    pub fn read(request: &SimRequest) -> Result<Call, Refusal> {
        if request.method == "GET" {
            return Call::from_query(&request.query);
        }
        let body = std::str::from_utf8(&request.body).map_err(|_| Refusal::unreadable())?;
        let value = match body.trim_start().strip_prefix("JSON-RPC=") {
            Some(encoded) => {
                let encoded = encoded.split('&').next().unwrap_or_default();
                serde_json::from_str(&percent_decoded(encoded))
            }
            None => serde_json::from_str(body),
        };
        Call::from_value(&value.map_err(|_| Refusal::unreadable())?)
    }

    pub fn from_value(value: &Value) -> Result<Call, Refusal> {
        let method = value["method"].as_str().ok_or_else(Refusal::unreadable)?;
        let params = match &value["params"] {
            Value::Object(params) => params.clone(),
            Value::Null => Map::new(),
            _ => return Err(Refusal::unreadable()),
        };
        Ok(Call {
            method: method.to_owned(),
            params,
        })
    }

    fn from_query(query: &str) -> Result<Call, Refusal> {
        let mut method = None;
        let mut params = Map::new();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_decoded(value);
            match name {
                "method" => method = Some(value),
                _ => {
                    let read = serde_json::from_str(&value).unwrap_or(Value::String(value));
                    params.insert(name.to_owned(), read);
                }
            }
        }
        let method = method.ok_or_else(Refusal::unreadable)?;
        Ok(Call { method, params })
    }

    /// `None` where it is absent, null or no text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name)?.as_str()
    }

    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name)
            .ok_or_else(|| Refusal::missing_method(&self.method))
    }

    /// A whole number above zero.
    pub fn limit(&self) -> Result<Option<usize>, Refusal> {
        match self.params.get("resultsLimit") {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let limit = value.as_u64().filter(|limit| *limit > 0);
                limit.map(|limit| Some(limit as usize)).ok_or_else(|| {
                    Refusal::of(
                        "ArgumentOutOfRangeException",
                        "The results limit must be a positive number.",
                    )
                })
            }
        }
    }

    pub fn search(&self) -> Search<'_> {
        Search(
            self.params
                .get("search")
                .filter(|search| search.is_object()),
        )
    }

    /// The same whenever the same is asked, whoever asks.
    pub fn fingerprint(&self) -> u64 {
        let mut params = self.params.clone();
        params.remove("credentials");
        let text = Value::Object(params).to_string();
        ids::mix(&text, ids::mix(&self.method, 7))
    }
}

/// The `search` of a call. Members that this server does not know are ignored, as the real one
/// does.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a>(Option<&'a Value>);

impl<'a> Search<'a> {
    pub fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    /// Without the id, where it does not say whose row it is.
    pub fn without_id(self) -> Search<'a> {
        match self.text("id") {
            Some(_) => Search(None),
            None => self,
        }
    }

    fn member(&self, name: &str) -> Option<&'a Value> {
        self.0?.get(name).filter(|value| !value.is_null())
    }

    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.member(name)?.as_str()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.member(name).and_then(Value::as_bool) == Some(true)
    }

    /// Like [`Search::flag`], of what is so unless it is denied.
    pub fn flag_or_true(&self, name: &str) -> bool {
        self.member(name).and_then(Value::as_bool) != Some(false)
    }

    /// The id that another search within this one names, or that stands in its place.
    pub fn id_in(&self, name: &str) -> Option<&'a str> {
        let member = self.member(name)?;
        member.as_str().or_else(|| member.get("id")?.as_str())
    }

    /// Texts, or objects with an id; `None`: no such list.
    pub fn ids_in(&self, name: &str) -> Option<Vec<&'a str>> {
        let list = self.member(name)?.as_array()?;
        let id = |value: &'a Value| value.as_str().or_else(|| value.get("id")?.as_str());
        Some(list.iter().filter_map(id).collect())
    }

    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        match self.member(name) {
            None => Ok(None),
            Some(value) => {
                let time = value.as_str().and_then(Timestamp::parse);
                time.map(Some).ok_or_else(|| {
                    Refusal::of(
                        "JsonSerializerException",
                        format!("The value of '{name}' could not be converted to a date."),
                    )
                })
            }
        }
    }

    /// From `fromDate` to `toDate`, the last moment of which is in it.
    pub fn window(&self) -> Result<Window, Refusal> {
        let from = self.time("fromDate")?.unwrap_or(Timestamp::from_millis(0));
        let to = self.time("toDate")?.unwrap_or(Timestamp::MAX);
        Ok(Window {
            from,
            until: after(to, 1),
        })
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        let hex = |byte: u8| char::from(byte).to_digit(16);
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut rest = left.clone();
                let digits = rest.next().and_then(hex).zip(rest.next().and_then(hex));
                match digits {
                    Some((high, low)) => {
                        bytes.push((high * 16 + low) as u8);
                        left = rest;
                    }
                    None => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_come_in_three_forms() {
        let json = SimRequest::post("/apiv1", r#"{"method":"Get","params":{"a":"é b"}}"#);
        let form = "JSON-RPC=%7B%22method%22%3A%22Get%22%2C%22params%22%3A%7B%22a%22%3A\
                    %22%C3%A9+b%22%7D%7D";
        let form = SimRequest::post("/apiv1", form);
        let query = SimRequest::get("/apiv1?method=Get&a=%C3%A9%20b");
        for request in [json, form, query] {
            let call = Call::read(&request).unwrap();
            assert_eq!((call.method.as_str(), call.text("a")), ("Get", Some("é b")));
        }
        let refusal = Call::read(&SimRequest::post("/apiv1", "{")).unwrap_err();
        assert_eq!(refusal.kind, "JsonSerializerException");
    }
}
