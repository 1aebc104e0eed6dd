//! Who is signed in: at most a hundred sessions of a user, of which the oldest gives way.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use model::Timestamp;

use super::ids;
use crate::fleet::lock;

const MOST_SESSIONS: usize = 100;

#[derive(Debug)]
struct Session {
    id: String,
    ends_at: Timestamp,
    calls: u64,
}

/// Sessions of the one user that this server knows, oldest first.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<VecDeque<Session>>);

impl Sessions {
    /// `request`: makes the id.
    pub fn begin(&self, request: u64, now: Timestamp, life: Duration) -> String {
        let id = ids::hashed_id(&format!("session {request} {}", now.millis()));
        let mut sessions = lock(&self.0);
        sessions.push_back(Session {
            id: id.clone(),
            ends_at: now.saturating_add(life),
            calls: 0,
        });
        while sessions.len() > MOST_SESSIONS {
            sessions.pop_front();
        }
        id
    }

    /// Counts a call of a session: how many there were before it; `None`: no such session lives.
    pub fn call(&self, id: &str, now: Timestamp) -> Option<u64> {
        let mut sessions = lock(&self.0);
        let session = sessions
            .iter_mut()
            .find(|session| session.id == id && now < session.ends_at)?;
        session.calls += 1;
        Some(session.calls - 1)
    }

    pub fn end(&self, id: &str) {
        lock(&self.0).retain(|session| session.id != id);
    }

    pub fn extend(&self, id: &str, now: Timestamp, life: Duration) {
        let mut sessions = lock(&self.0);
        let found = sessions.iter_mut().find(|session| session.id == id);
        if let Some(session) = found {
            session.ends_at = now.saturating_add(life);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hundred_and_first_session_ends_the_first() {
        let sessions = Sessions::default();
        let now = Timestamp::from_millis(1_760_000_000_000);
        let life = Duration::from_secs(60);
        let ids: Vec<String> = (0..101)
            .map(|request| sessions.begin(request, now, life))
            .collect();
        assert_eq!(sessions.call(&ids[0], now), None);
        assert_eq!(sessions.call(&ids[1], now), Some(0));
        assert_eq!(sessions.call(&ids[1], now), Some(1));
        assert_eq!(sessions.call(&ids[1], now.saturating_add(life)), None);
        sessions.end(&ids[2]);
        assert_eq!(sessions.call(&ids[2], now), None);
    }
}
