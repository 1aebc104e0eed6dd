//! The raw log's retention: bodies of old pages go, in small steps, beside everything else.
//!
//! The store keeps the rows that live records are made of; here it is decided when, and how much at
//! a time.

use std::time::Duration;

use model::Timestamp;
use store::{Retired, StoreError};
use tokio::sync::watch;

use crate::engine::Engine;

/// Between two looks: a page may stay so much longer than it has to.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(3_600);
/// Pages whose bodies are in memory at once; each step is one short transaction.
const PAGES_A_STEP: usize = 8;

impl Engine {
    /// Until `stop` turns true.
    pub(crate) async fn retire_pages(&self, mut stop: watch::Receiver<bool>) {
        let Some(keep_for) = self.config().raw_retention else {
            return;
        };
        while !*stop.borrow() {
            let before = self.clock().now().saturating_sub(keep_for);
            if let Err(error) = self.retire_before(before, &stop).await {
                tracing::error!(%error, "raw pages could not be retired; trying again later");
            }
            tokio::select! {
                () = self.clock().sleep(LOOK_AGAIN_AFTER) => {}
                // An error means that nobody can stop it any more, so nobody wants it to go on.
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Drops the bodies of all pages received before this; what is left over when `stop` turns true
    /// waits for the next time.
    pub async fn retire_before(
        &self,
        before: Timestamp,
        stop: &watch::Receiver<bool>,
    ) -> Result<Retired, StoreError> {
        let mut total = Retired::default();
        for connection in self.store().pages_to_retire(before).await? {
            let mut of_connection = Retired::default();
            while !*stop.borrow() {
                let step = self
                    .store()
                    .retire_pages(connection, before, PAGES_A_STEP)
                    .await?;
                add(&mut of_connection, step);
                // A page may have to wait for its turn: then the next look takes it.
                if step.pages < PAGES_A_STEP as u64 {
                    break;
                }
            }
            tracing::info!(
                connection.id = %connection, pages = of_connection.pages,
                rows_kept = of_connection.rows_moved, rows_lost = of_connection.rows_lost,
                bytes = of_connection.bytes, "old raw pages retired"
            );
            add(&mut total, of_connection);
        }
        Ok(total)
    }
}

fn add(total: &mut Retired, step: Retired) {
    total.pages += step.pages;
    total.rows_moved += step.rows_moved;
    total.rows_lost += step.rows_lost;
    total.bytes += step.bytes;
}
