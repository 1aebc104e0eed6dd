//! SQLite's writer: commits in groups.
//!
//! Whatever waits is run in one transaction, each operation in a savepoint so that one that fails
//! spoils no other; all are answered after the one commit, hence after the one `fsync`.

use std::panic::AssertUnwindSafe;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::Operation;
use super::sqlite::{batch, run_now};
use crate::StoreError;

/// Operations that one transaction takes at most.
const GROUP_MAX: usize = 256;

/// An operation that waits for the writer, and what became of it until the group is committed.
pub(super) trait Queued: Send {
    /// False when it failed and its savepoint must be rolled back.
    fn run(&mut self, connection: &mut Connection) -> bool;
    fn answer(self: Box<Self>, committed: Result<(), &str>);
    /// Outside of any transaction, hence in no group.
    fn is_alone(&self) -> bool {
        false
    }
}

/// A statement that SQLite runs outside of transactions only.
struct Alone {
    sql: &'static str,
    result: Option<Result<(), StoreError>>,
    reply: oneshot::Sender<Result<(), StoreError>>,
}

/// The statement for the queue, and where its answer will come.
pub(super) fn alone(
    sql: &'static str,
) -> (Box<dyn Queued>, oneshot::Receiver<Result<(), StoreError>>) {
    let (reply, answer) = oneshot::channel();
    let alone = Alone {
        sql,
        result: None,
        reply,
    };
    (Box::new(alone), answer)
}

impl Queued for Alone {
    fn run(&mut self, connection: &mut Connection) -> bool {
        let result = batch(connection, self.sql);
        let worked = result.is_ok();
        self.result = Some(result);
        worked
    }

    fn answer(self: Box<Self>, _: Result<(), &str>) {
        let not_run = || StoreError::Unavailable {
            reason: "the statement was not run".to_owned(),
        };
        // Whoever asked may have gone away; what was done stays done.
        drop(
            self.reply
                .send(self.result.unwrap_or_else(|| Err(not_run()))),
        );
    }

    fn is_alone(&self) -> bool {
        true
    }
}

struct QueuedOperation<T, F> {
    operation: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

/// An operation for the queue, and where its answer will come.
pub(super) fn queued<T, F>(
    operation: F,
) -> (Box<dyn Queued>, oneshot::Receiver<Result<T, StoreError>>)
where
    T: Send + 'static,
    F: Operation<T>,
{
    let (reply, answer) = oneshot::channel();
    let queued = QueuedOperation {
        operation: Some(operation),
        result: None,
        reply,
    };
    (Box::new(queued), answer)
}

impl<T, F> Queued for QueuedOperation<T, F>
where
    T: Send + 'static,
    F: Operation<T>,
{
    fn run(&mut self, connection: &mut Connection) -> bool {
        let Some(operation) = self.operation.take() else {
            return false;
        };
        // A bug in one operation must not end the writer, and with it every other tenant's syncs.
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| run_now(connection, operation)))
            .unwrap_or_else(|_| {
                Err(StoreError::Corrupt {
                    what: "operation",
                    reason: "it panicked".to_owned(),
                })
            });
        let worked = result.is_ok();
        self.result = Some(result);
        worked
    }

    fn answer(self: Box<Self>, committed: Result<(), &str>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Err(_), Some(Err(error))) => Err(error),
            (Err(reason), _) => Err(StoreError::Unavailable {
                reason: reason.to_owned(),
            }),
            (Ok(()), None) => Err(StoreError::Unavailable {
                reason: "the operation was not run".to_owned(),
            }),
        };
        // Whoever asked may have gone away; what was committed stays committed.
        drop(self.reply.send(result));
    }
}

/// Until nobody can ask any more.
pub(super) fn write_groups(
    mut connection: Connection,
    mut waiting: mpsc::Receiver<Box<dyn Queued>>,
) {
    let mut group = Vec::new();
    let mut put_back = None;
    while let Some(mut first) = put_back.take().or_else(|| waiting.blocking_recv()) {
        if first.is_alone() {
            first.run(&mut connection);
            first.answer(Ok(()));
            continue;
        }
        let committed = write_group(
            &mut connection,
            first,
            &mut waiting,
            &mut group,
            &mut put_back,
        );
        let outcome = match &committed {
            Ok(()) => Ok(()),
            Err(reason) => Err(reason.as_str()),
        };
        for queued in group.drain(..) {
            queued.answer(outcome);
        }
    }
}

fn write_group(
    connection: &mut Connection,
    first: Box<dyn Queued>,
    waiting: &mut mpsc::Receiver<Box<dyn Queued>>,
    group: &mut Vec<Box<dyn Queued>>,
    put_back: &mut Option<Box<dyn Queued>>,
) -> Result<(), String> {
    if let Err(error) = batch(connection, "begin immediate") {
        group.push(first);
        return Err(error.to_string());
    }
    let mut next = Some(first);
    while let Some(mut queued) = next {
        let result = write_one(connection, &mut *queued);
        group.push(queued);
        if let Err(error) = result {
            return Err(rolled_back(connection, &error));
        }
        next = match group.len() < GROUP_MAX {
            true => waiting.try_recv().ok(),
            false => None,
        };
        if next.as_ref().is_some_and(|next| next.is_alone()) {
            *put_back = next.take();
        }
    }
    batch(connection, "commit").map_err(|error| rolled_back(connection, &error))
}

fn write_one(connection: &mut Connection, queued: &mut dyn Queued) -> Result<(), StoreError> {
    batch(connection, "savepoint operation")?;
    if queued.run(connection) {
        return batch(connection, "release operation");
    }
    batch(connection, "rollback to operation; release operation")
}

/// After a failure of the transaction itself. A full disk may have rolled it back already.
fn rolled_back(connection: &Connection, error: &StoreError) -> String {
    if !connection.is_autocommit()
        && let Err(rollback) = batch(connection, "rollback")
    {
        tracing::error!(error = %rollback, "a failed transaction could not be rolled back");
    }
    error.to_string()
}
