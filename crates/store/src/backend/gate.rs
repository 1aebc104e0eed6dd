//! Where readers wait for a commit in flight.
//!
//! A commit holds its connection's gate from before its stamp is taken until after it is durable;
//! a reader by modification passes the gate first. Commits do not exclude each other here (the
//! connection's row does that), and a reader does not hold the gate while it reads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::ConnectionId;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

type Gate = Arc<RwLock<()>>;
type GateMap = Arc<Mutex<HashMap<ConnectionId, Gate>>>;

#[derive(Clone, Default)]
pub(super) struct Gates {
    gates: GateMap,
}

impl Gates {
    pub(super) async fn enter(&self, connection: ConnectionId) -> CommitTicket {
        let gate = lock(&self.gates).entry(connection).or_default().clone();
        CommitTicket {
            held: Some(gate.read_owned().await),
            gates: Arc::clone(&self.gates),
            connection,
        }
    }

    pub(super) async fn pass(&self, connection: ConnectionId) {
        let gate = lock(&self.gates).get(&connection).cloned();
        if let Some(gate) = gate {
            drop(gate.write_owned().await);
        }
    }
}

fn lock(gates: &GateMap) -> std::sync::MutexGuard<'_, HashMap<ConnectionId, Gate>> {
    gates.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A commit in flight.
pub(crate) struct CommitTicket {
    held: Option<OwnedRwLockReadGuard<()>>,
    gates: GateMap,
    connection: ConnectionId,
}

impl Drop for CommitTicket {
    fn drop(&mut self) {
        self.held = None;
        // The map's own reference is the last: nobody holds the gate or waits at it.
        let mut gates = lock(&self.gates);
        if gates
            .get(&self.connection)
            .is_some_and(|gate| Arc::strong_count(gate) == 1)
        {
            gates.remove(&self.connection);
        }
    }
}
