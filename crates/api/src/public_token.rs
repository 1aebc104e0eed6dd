//! `POST /public-token/exchange`: what the Link page gave the browser becomes a connection.

use engine::Engine;
use model::ConnectionId;
use model::connection::ConnectionStatus;
use store::{Connection, Exchange};

use crate::body::{Fields, JsonBody};
use crate::connections;
use crate::error::ApiError;
use crate::extract::Caller;
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

const MEMBER: &str = "publicToken";
const PREFIX: &str = "pub_tkn_";
const SUGGESTION: &str = "Send what the Link page gave, which begins with pub_tkn_";

/// Answers the connection with its token. 404 for tokens that are unknown or another application's,
/// and where the connection is gone meanwhile; 400 for those that are used up or too old.
pub(crate) async fn exchange(
    caller: Caller,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    let arguments = caller.arguments(&parameters::EXCHANGE_PUBLIC_TOKEN, &query)?;
    let token = read(body)?;
    let engine = &caller.api.engine;
    let hash = store::hash_secret(&token);
    let now = engine.clock().now();
    let exchanged = engine
        .store()
        .exchange_public_token(caller.application, hash, now);
    let refused = |message: &str, suggestion: &str| {
        let path = format!("{{requestBody}}.{MEMBER}");
        Err(ApiError::malformed(path, message, suggestion))
    };
    match exchanged.await? {
        Exchange::Connection(id) => {
            let connection = living(engine, id).await?;
            let body = connections::one(engine, &connection).await?;
            Ok(Reply::of(&body).warn(arguments.warnings))
        }
        Exchange::Used => refused(
            "This public token was exchanged before, and one is good once",
            "Use the connection token that it was exchanged for, or have the account connected \
             again",
        ),
        Exchange::Expired => refused(
            "The time of this public token is over",
            "Exchange tokens as soon as the Link page gives them; have the account connected again",
        ),
        Exchange::Unknown => Err(nothing()),
    }
}

/// The token's text. It is never repeated in an error: a token that was sent to the wrong server
/// may still be good at another.
fn read(body: JsonBody) -> Result<String, ApiError> {
    let mut fields = Fields::of_body(body, &[MEMBER]);
    let token = fields.filled_text(MEMBER);
    let token = fields.required(MEMBER, token).unwrap_or_default();
    if !token.is_empty() && !token.starts_with(PREFIX) {
        fields.refuse(MEMBER, "is not a public token", SUGGESTION);
    }
    fields.finish()?;
    Ok(token)
}

async fn living(engine: &Engine, id: ConnectionId) -> Result<Connection, ApiError> {
    let found = engine.store().connection(id).await?;
    let gone = [ConnectionStatus::Deleting, ConnectionStatus::Deleted];
    found
        .filter(|connection| !gone.contains(&connection.status))
        .ok_or_else(nothing)
}

fn nothing() -> ApiError {
    ApiError::NotFound("Your application has no such public token".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{body, refused_places};

    #[test]
    fn a_token_is_read_and_never_repeated() {
        let good = r#"{"publicToken": "pub_tkn_9jNzH26e5b9RgErDnRt8zfm5emDUUyyG"}"#;
        assert!(read(body(good)).expect("good").starts_with(PREFIX));
        let path = "{requestBody}.publicToken";
        for wrong in [
            "{}",
            r#"{"publicToken": ""}"#,
            r#"{"publicToken": 5}"#,
            r#"{"publicToken": "con_tkn_secret"}"#,
        ] {
            assert_eq!(refused_places(read(body(wrong))), [path], "{wrong}");
        }
        let error = read(body(r#"{"publicToken": "con_tkn_secret"}"#));
        let shown = format!("{:?}", error.expect_err("wrong").body());
        assert!(!shown.contains("con_tkn_secret"), "{shown}");
        assert_eq!(refused_places(read(JsonBody(None))), [path]);
    }
}
