//! The query string as pairs of texts.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::Shared;
use crate::compression::{self, Coding};
use crate::error::ApiError;
use crate::query::QueryText;

impl FromRequestParts<Shared> for QueryText {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _api: &Shared) -> Result<QueryText, ApiError> {
        let pairs = decode(parts.uri.query().unwrap_or_default()).ok_or_else(|| {
            ApiError::malformed(
                "{requestQuery}",
                "the query is not percent-encoded UTF-8",
                "Percent-encode each value as UTF-8",
            )
        })?;
        Ok(QueryText {
            pairs,
            accepts_compression: compression::negotiate(&parts.headers) != Coding::Identity,
        })
    }
}

fn decode(query: &str) -> Option<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode_part(name)?, decode_part(value)?))
        })
        .collect()
}

/// A plus sign is a space, `%XX` a byte; `None` when the bytes are no UTF-8 or a `%` stands alone.
fn decode_part(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                let digit = |byte: u8| char::from(byte).to_digit(16);
                (digit(digits[0])? * 16 + digit(digits[1])?) as u8
            }
            byte => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_as_forms_are_encoded() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            decode("a=1&&b=x+y&c=%C3%A9%26&d"),
            Some(vec![
                pair("a", "1"),
                pair("b", "x y"),
                pair("c", "é&"),
                pair("d", "")
            ])
        );
        assert_eq!(decode(""), Some(Vec::new()));
        for wrong in ["a=%", "a=%2", "a=%zz", "a=%ff"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
