//! `POST /link/short`, `DELETE /link/short/{id}`: Link pages under an address of eight characters.
//!
//! A link holds what the page is opened with, so that an address which people see, forward and
//! print names neither key nor customer.

use std::time::Duration;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use engine::{Engine, Entropy};
use model::link::LinkOptions;
use model::{ApplicationId, ShortLinkId};
use serde_json::json;
use store::{ShortLink, StoreError};

use crate::body::JsonBody;
use crate::error::ApiError;
use crate::extract::{Caller, path_id};
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{link_options, parameters};

/// A year.
const LIFE: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const CODE_LEN: usize = 8;
/// Letters and digits that are not taken for each other: without `i`, `l`, `o`, `0` and `1`.
const CODE_ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// There are 852 billion codes: whoever meets a taken one so many times has no chance to draw from.
const MOST_DRAWS: usize = 5;

const REPLAYED: [(&str, &str); 1] = [("idempotent-replayed", "true")];

/// 201 for a new link; 200 with `Idempotent-Replayed` for the one that an equal body made before.
pub(crate) async fn create(
    caller: Caller,
    query: QueryText,
    body: JsonBody,
) -> Result<Response, ApiError> {
    let arguments = caller.arguments(&parameters::CREATE_SHORT_LINK, &query)?;
    let engine = &caller.api.engine;
    let application = engine.store().application(caller.application).await?;
    let application =
        application.ok_or_else(|| ApiError::internal("a key's application is not there"))?;
    let now = engine.clock().now();
    let options = link_options::read(body, engine.store(), &application, now).await?;
    let (link, replayed) = make(engine, caller.application, options).await?;
    let base_url = engine.config().link_base_url.trim_end_matches('/');
    let body = json!({
        "id": link.id,
        "code": link.code,
        "url": format!("{base_url}/{}", link.code),
        "expiresAt": link.expires_at,
    });
    Ok(match replayed {
        true => (REPLAYED, Reply::of(&body).warn(arguments.warnings)).into_response(),
        false => Reply::created(&body)
            .warn(arguments.warnings)
            .into_response(),
    })
}

async fn make(
    engine: &Engine,
    application: ApplicationId,
    options: LinkOptions,
) -> Result<(ShortLink, bool), ApiError> {
    let now = engine.clock().now();
    // Read and written again, so neither order nor spacing of members makes another request.
    let canonical = serde_json::to_string(&options).map_err(ApiError::internal)?;
    let request_hash = store::hash_secret(&canonical);
    let mut link = ShortLink {
        id: ShortLinkId::new(now, engine.entropy().u128()),
        application,
        code: String::new(),
        options,
        created_at: now,
        expires_at: now + LIFE,
    };
    for _ in 0..MOST_DRAWS {
        link.code = draw_code(engine.entropy());
        match engine.store().create_short_link(&link, request_hash).await {
            Err(StoreError::Conflict { .. }) => {}
            other => return Ok(other?),
        }
    }
    Err(ApiError::internal("every code that was drawn is taken"))
}

/// Each character as likely as any other.
fn draw_code(entropy: &dyn Entropy) -> String {
    // The largest multiple of 31 in a byte: above it, the first characters would be likelier.
    const FAIR: u8 = 248;
    let mut code = String::with_capacity(CODE_LEN);
    let mut bytes = [0; 2 * CODE_LEN];
    while code.len() < CODE_LEN {
        entropy.fill(&mut bytes);
        let wanted = CODE_LEN - code.len();
        let fair = bytes.iter().filter(|byte| **byte < FAIR).take(wanted);
        code.extend(fair.map(|byte| char::from(CODE_ALPHABET[usize::from(byte % 31)])));
    }
    code
}

/// 204; a second time, too, with `Idempotent-Replayed`.
pub(crate) async fn delete(
    caller: Caller,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Response, ApiError> {
    let arguments = caller.arguments(&parameters::DELETE_SHORT_LINK, &query)?;
    let id: ShortLinkId = path_id(&id, "id")?;
    let engine = &caller.api.engine;
    let now = engine.clock().now();
    let deleted = engine
        .store()
        .delete_short_link(caller.application, id, now)
        .await?;
    let reply = Reply::no_content().warn(arguments.warnings);
    Ok(match deleted {
        true => reply.into_response(),
        false => (REPLAYED, reply).into_response(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts on, and past three numbers from call to call.
    struct Counting(std::sync::Mutex<u8>);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let mut next = self.0.lock().expect("one thread");
            for byte in bytes {
                *byte = *next;
                *next = next.wrapping_add(1);
            }
            *next = next.wrapping_add(3);
        }
    }

    #[test]
    fn codes_are_eight_clear_characters() {
        let counting = Counting(std::sync::Mutex::new(240));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..64 {
            let code = draw_code(&counting);
            assert_eq!(code.len(), CODE_LEN);
            seen.extend(code.bytes());
        }
        let all: std::collections::BTreeSet<u8> = CODE_ALPHABET.iter().copied().collect();
        assert_eq!(seen, all);
        assert!(!all.iter().any(|byte| b"ilo01".contains(byte)));
    }
}
