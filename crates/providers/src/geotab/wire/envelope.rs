//! What every answer is wrapped in: a result or an error, both with status 200.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Object, Scalar};

/// `{"result": …}` or `{"error": …}`; a call without a result has neither.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Envelope<'a> {
    #[serde(borrow)]
    pub result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Object<ErrorBody<'a>>,
}

/// The type is in `data.type`, and on old servers in `errors[0].name` alone.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ErrorBody<'a> {
    #[serde(borrow)]
    pub message: Scalar<'a>,
    #[serde(borrow)]
    pub data: Object<ErrorData<'a>>,
    #[serde(borrow)]
    pub errors: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorData<'a> {
    #[serde(borrow, rename = "type")]
    pub exception: Scalar<'a>,
    /// Which call of several failed.
    #[serde(borrow)]
    pub request_index: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct NamedError<'a> {
    #[serde(borrow)]
    pub name: Scalar<'a>,
}

/// The result of `GetFeed`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Feed<'a> {
    #[serde(borrow)]
    pub data: Vec<&'a RawValue>,
    #[serde(borrow)]
    pub to_version: Cow<'a, str>,
}

/// The result of `Authenticate`.
#[derive(Deserialize)]
pub struct Login<'a> {
    #[serde(borrow)]
    pub credentials: LoginCredentials<'a>,
    #[serde(borrow, default)]
    pub path: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginCredentials<'a> {
    #[serde(borrow)]
    pub user_name: Cow<'a, str>,
    #[serde(borrow)]
    pub database: Cow<'a, str>,
    #[serde(borrow)]
    pub session_id: Cow<'a, str>,
}
