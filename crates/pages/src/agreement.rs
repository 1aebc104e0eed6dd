//! What owners agreed to, under the hash of its text: the address in a connection's `agreements`.
//!
//! Given as plain text: it is kept word for word, and nothing around it can change.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use crate::files::{File, unhex};
use crate::outcome::{Reason, Stop};
use crate::site::Shared;

/// `GET /agreements/{64 hexadecimal digits}`
pub async fn text(
    State(site): State<Shared>,
    Path(hash): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Stop> {
    let hash = unhex(&hash).ok_or(Reason::NotHere)?;
    let text = site.engine.store().agreement(hash).await?;
    let text = text.ok_or(Reason::NotHere)?;
    let mut response = File::new("text/plain; charset=utf-8", text).answer(&asked);
    let for_ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, for_ever);
    Ok(response)
}
