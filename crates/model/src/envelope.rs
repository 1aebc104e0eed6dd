//! The shapes around answers: pages and errors.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of a list: `next` is absent on the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    pub results: Vec<T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One place of a request that is wrong (400 and 422).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorPathDetail {
    /// What is wrong there.
    #[schema(example = "'limit' must be a whole number from 1")]
    pub message: String,
    /// `{requestQuery}.limit`, `{requestBody}.days`, `{requestHeader}.Connection-Token`.
    #[schema(example = "{requestQuery}.limit")]
    pub path: String,
    /// What to send in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Send 1 or more")]
    pub suggestion: Option<String>,
}

/// The `detail` of an error: places for 400 and 422, a sentence elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ErrorDetail {
    Text(String),
    Places(Vec<ErrorPathDetail>),
}

/// The body of every error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    pub code: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<ErrorDetail>,
    /// Whole seconds (429 only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}
