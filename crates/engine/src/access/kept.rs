//! What a connection's vault row holds: credentials, and the session that they were signed in with.

use provider::{Credentials, Session};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    pub credentials: Credentials,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
}

impl Kept {
    /// `None` where the text is neither this nor bare credentials, which is how a connection
    /// begins.
    pub fn parse(text: &str) -> Option<Kept> {
        serde_json::from_str(text).ok().or_else(|| {
            let credentials = serde_json::from_str(text).ok()?;
            Some(Kept {
                credentials,
                session: None,
            })
        })
    }

    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("texts and times are always valid JSON")
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use provider::Secret;

    use super::*;

    #[test]
    fn bare_credentials_and_sessions_are_read() {
        let bare = Kept::parse(r#"{"apiKey":"k"}"#).expect("credentials");
        assert!(bare.session.is_none());
        let secret = |kept: &Kept| kept.credentials.get("apiKey").cloned();
        assert_eq!(secret(&bare), Some(Secret::new("k")));
        let session = Session {
            begun_at: Timestamp::from_millis(5),
            ..Session::default()
        };
        let signed_in = Kept {
            session: Some(session.clone()),
            ..bare
        };
        let again = Kept::parse(&signed_in.text()).expect("what was written");
        assert_eq!(again.session, Some(session));
        assert_eq!(secret(&again), Some(Secret::new("k")));
        assert!(Kept::parse("[]").is_none() && Kept::parse(r#"{"a":1}"#).is_none());
    }
}
