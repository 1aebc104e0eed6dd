//! Deletion: what is due is erased, in small steps, beside everything else.
//!
//! A connection counts as deleted when its data is gone from the database and, with SQLite, from
//! the file and the log beside it. The store knows how; here it is decided when, and tried again
//! where something prevented it.

use std::time::Duration;

use model::{ConnectionId, Timestamp};
use store::{Connection, StoreError};
use tokio::sync::watch;

use crate::engine::Engine;

/// So long a deletion can be called off.
pub const DELETION_GRACE: Duration = Duration::from_secs(24 * 3_600);
/// Between two looks.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(15);
/// Public tokens are remembered so long after their end, to tell a late client what became of one.
const TOKENS_KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Connections erased in one go; the others wait for the next look.
const ERASED_AT_ONCE: usize = 16;
/// Progress is told each time that so many steps were done.
const STEPS_TOLD: u64 = 100;
/// A file of SQLite's that is larger is not written anew: nobody could write for too long.
const REBUILT_BYTES_MAX: u64 = 1 << 30;
/// Tries at the log of the file, until the next look.
const LOG_TRIES: u32 = 5;
const LOG_PAUSE: Duration = Duration::from_secs(1);

impl Engine {
    /// Asks for the deletion of a connection when `grace` has passed; its syncs end now.
    /// [`StoreError::ConnectionState`] once its erasure has begun.
    pub async fn delete_connection(
        &self,
        id: ConnectionId,
        grace: Duration,
    ) -> Result<Connection, StoreError> {
        let now = self.clock().now();
        let delete_at = now.saturating_add(grace);
        let connection = self.store().request_deletion(id, delete_at, now).await?;
        tracing::info!(
            connection.id = %id, delete_at = connection.delete_at.map(|at| at.to_string()),
            "a connection is to be deleted"
        );
        Ok(connection)
    }

    /// Until `stop` turns true.
    pub(crate) async fn erase_deleted(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.erase_due(&stop).await {
                tracing::error!(%error, "nothing could be erased; trying again later");
            }
            let before = self.clock().now().saturating_sub(TOKENS_KEPT);
            if let Err(error) = self.store().sweep_public_tokens(before).await {
                tracing::error!(%error, "old public tokens could not be forgotten");
            }
            tokio::select! {
                () = self.clock().sleep(LOOK_AGAIN_AFTER) => {}
                // An error means that nobody can stop it any more, so nobody wants it to go on.
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Erases the connections that are due; how many are deleted now. What is left over when `stop`
    /// turns true is gone on with the next time.
    pub async fn erase_due(&self, stop: &watch::Receiver<bool>) -> Result<usize, StoreError> {
        let now = self.clock().now();
        let mut emptied = Vec::new();
        for id in self.store().due_erasures(now, ERASED_AT_ONCE).await? {
            match self.empty(id, now, stop).await {
                Ok(true) => emptied.push(id),
                Ok(false) => {}
                // The others do not wait for it.
                Err(error) => tracing::error!(
                    connection.id = %id, %error,
                    "a connection could not be erased; trying again later"
                ),
            }
        }
        if emptied.is_empty() || !self.clean_file(stop).await? {
            return Ok(0);
        }
        for id in &emptied {
            self.store().finish_erasure(*id, self.clock().now()).await?;
            tracing::info!(connection.id = %id, "a connection is deleted");
        }
        Ok(emptied.len())
    }

    /// Whether nothing of it is left in any table.
    async fn empty(
        &self,
        id: ConnectionId,
        now: Timestamp,
        stop: &watch::Receiver<bool>,
    ) -> Result<bool, StoreError> {
        if !self.store().begin_erasure(id, now).await? {
            return Ok(false);
        }
        let (mut steps, mut rows, mut bytes) = (0_u64, 0, 0);
        while !*stop.borrow() {
            let step = self.store().erase_some(id).await?;
            steps += 1;
            rows += step.rows;
            bytes += step.bytes;
            let is_done = step.rows == 0;
            if is_done || steps.is_multiple_of(STEPS_TOLD) {
                tracing::info!(
                    connection.id = %id, steps, rows, bytes, is_done, "a connection's data goes"
                );
            }
            if is_done {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Leaves no trace in SQLite's file nor in the log beside it. False where that has to be tried
    /// again.
    async fn clean_file(&self, stop: &watch::Receiver<bool>) -> Result<bool, StoreError> {
        if !self.store().rebuild_file(REBUILT_BYTES_MAX).await? {
            tracing::info!("the database's file is too large to be written anew after an erasure");
            self.reclaim(stop).await?;
        }
        for _ in 0..LOG_TRIES {
            if self.store().truncate_log().await? {
                return Ok(true);
            }
            if *stop.borrow() {
                return Ok(false);
            }
            self.clock().sleep(LOG_PAUSE).await;
        }
        tracing::warn!(
            "something keeps reading the database (a backup?), so that the log beside its file \
             cannot be cut off: what was erased may still be in it; trying again"
        );
        Ok(false)
    }

    /// Gives the free space of the file back.
    async fn reclaim(&self, stop: &watch::Receiver<bool>) -> Result<(), StoreError> {
        let mut free = u64::MAX;
        while !*stop.borrow() {
            let left = self.store().reclaim_some().await?;
            // Others free pages, too, and what cannot be given back now can be used again.
            if left == 0 || left >= free {
                break;
            }
            free = left;
        }
        Ok(())
    }
}
