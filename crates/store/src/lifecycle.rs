//! What may become of a connection, and who may say so.
//!
//! A client moves it between connected, disconnected and archived, and may ask for its deletion;
//! until that begins it may think better of it. From then on there is no way back. Every move away
//! from connected raises the fence, so that a sync or replay under way can change nothing any more.
//!
//! Absent here: the erasing itself (`erasure`), and the time of grace, which the engine sets.

use model::connection::ConnectionStatus::{
    self, Archived, Connected, Deleted, Deleting, Disconnected, PendingDeletion,
};
use model::{ConnectionId, Timestamp};

use crate::backend::{Row, Tx, params};
use crate::connections::{connection_of, lock_connection};
use crate::syncs::fail_unfinished;
use crate::{Connection, Store, StoreError};

/// Which status may follow which.
const MOVES: [(ConnectionStatus, &[ConnectionStatus]); 6] = [
    (Connected, &[Disconnected, Archived, PendingDeletion]),
    (Disconnected, &[Connected, Archived, PendingDeletion]),
    (Archived, &[Connected, Disconnected, PendingDeletion]),
    (
        PendingDeletion,
        &[Connected, Disconnected, Archived, Deleting],
    ),
    (Deleting, &[Deleted]),
    (Deleted, &[]),
];

pub(crate) fn may_become(from: ConnectionStatus, to: ConnectionStatus) -> bool {
    let mut rows = MOVES.iter();
    rows.any(|(before, after)| *before == from && after.contains(&to))
}

/// Its data goes or is gone: nothing of it changes any more.
pub(crate) fn is_leaving(status: ConnectionStatus) -> bool {
    matches!(status, Deleting | Deleted)
}

pub(crate) fn status_of(row: &Row) -> Result<ConnectionStatus, StoreError> {
    row.parsed(3, ConnectionStatus::from_name)
}

pub(crate) fn wrong_state(status: ConnectionStatus) -> StoreError {
    StoreError::ConnectionState {
        status: status.name(),
    }
}

/// The row of a connection to which something may still be added, held until the transaction ends.
/// [`StoreError::ConnectionState`] once its erasure has begun.
pub(crate) async fn lock_staying(tx: &mut Tx<'_>, id: ConnectionId) -> Result<Row, StoreError> {
    let row = lock_connection(tx, id).await?;
    match status_of(&row)? {
        status if is_leaving(status) => Err(wrong_state(status)),
        _ => Ok(row),
    }
}

/// Why syncs end with a connection that is no longer to be synced.
pub(crate) fn reason(status: ConnectionStatus) -> &'static str {
    match status {
        Connected => "the connection is connected",
        Disconnected => "the connection is disconnected",
        Archived => "the connection is archived",
        PendingDeletion => "the connection is about to be deleted",
        Deleting => "the connection is being deleted",
        Deleted => "the connection is deleted",
    }
}

/// The caller holds the row and knows that the move is allowed.
pub(crate) async fn close(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    status: ConnectionStatus,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "update connections set status = ?2, updated_at = ?3, fence = fence + 1
        where id = ?1";
    tx.execute(sql, &params![id, status.name(), now]).await?;
    fail_unfinished(tx, id, reason(status), now).await
}

impl Store {
    /// Asks for the deletion of a connection at `delete_at`; of two times the earlier counts.
    /// [`StoreError::ConnectionState`] once its erasure has begun.
    pub async fn request_deletion(
        &self,
        id: ConnectionId,
        delete_at: Timestamp,
        now: Timestamp,
    ) -> Result<Connection, StoreError> {
        let row = self
            .write(move |tx| {
                Box::pin(async move {
                    let row = lock_staying(tx, id).await?;
                    let was = status_of(&row)?;
                    if may_become(was, PendingDeletion) {
                        close(tx, id, PendingDeletion, now).await?;
                    }
                    let sql = "update connections set delete_at = ?2, updated_at = ?3
                        where id = ?1 and (delete_at is null or delete_at > ?2)";
                    tx.execute(sql, &params![id, delete_at, now]).await?;
                    lock_connection(tx, id).await
                })
            })
            .await?;
        connection_of(&row, self.vault())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_way_back_until_the_erasure_begins_and_none_afterwards() {
        for status in [Connected, Disconnected, Archived] {
            for other in [Connected, Disconnected, Archived] {
                assert_eq!(may_become(status, other), status != other);
            }
            assert!(may_become(status, PendingDeletion) && may_become(PendingDeletion, status));
            assert!(!may_become(status, Deleting) && !may_become(status, Deleted));
            assert!(!may_become(Deleting, status) && !may_become(Deleted, status));
        }
        assert!(may_become(PendingDeletion, Deleting) && may_become(Deleting, Deleted));
        assert!(!may_become(PendingDeletion, Deleted) && !may_become(Deleted, Deleting));
    }
}
