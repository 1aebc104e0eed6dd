//! Keeping the lease alive, and hearing that it is time to stop.
//!
//! Whatever takes time calls [`LeaseKeeper::touch`] first and sleeps through
//! [`LeaseKeeper::pause`]; both prolong the lease when a third of it has passed. There is no
//! heartbeat of its own: a worker that hangs must lose its lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::Timestamp;
use store::{Lease, Store, StoreError};
use tokio::sync::{Mutex, watch};
use world::Clock;

/// Why a sync ends before its work does.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    #[error("the client cancelled the sync")]
    Cancelled,
    /// A graceful stop of this process.
    #[error("the server is stopping")]
    Stopping,
    /// Somebody else holds the connection: say nothing, change nothing.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub struct LeaseKeeper {
    pub lease: Lease,
    store: Store,
    clock: Arc<dyn Clock>,
    lease_for: Duration,
    renew_at: Mutex<Timestamp>,
    cancelled: AtomicBool,
    stop: watch::Receiver<bool>,
}

impl LeaseKeeper {
    pub fn new(
        lease: Lease,
        store: Store,
        clock: Arc<dyn Clock>,
        lease_for: Duration,
        stop: watch::Receiver<bool>,
    ) -> LeaseKeeper {
        let renew_at = Mutex::new(clock.now().saturating_add(lease_for / 3));
        let cancelled = AtomicBool::new(false);
        LeaseKeeper {
            lease,
            store,
            clock,
            lease_for,
            renew_at,
            cancelled,
            stop,
        }
    }

    /// What a checkpoint made now prolongs the lease to.
    pub fn next_until(&self) -> Timestamp {
        self.clock.now().saturating_add(self.lease_for)
    }

    /// Notes what a commit said: it prolonged the lease, and may have met a wish to cancel.
    pub async fn committed(&self, cancel_requested: bool) {
        if cancel_requested {
            self.cancelled.store(true, Ordering::SeqCst);
        }
        *self.renew_at.lock().await = self.clock.now().saturating_add(self.lease_for / 3);
    }

    pub async fn touch(&self) -> Result<(), Halt> {
        let mut renew_at = self.renew_at.lock().await;
        if self.clock.now() >= *renew_at {
            if self
                .store
                .renew_lease(&self.lease, self.next_until())
                .await?
            {
                self.cancelled.store(true, Ordering::SeqCst);
            }
            *renew_at = self.clock.now().saturating_add(self.lease_for / 3);
        }
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(Halt::Cancelled);
        }
        if *self.stop.borrow() {
            return Err(Halt::Stopping);
        }
        Ok(())
    }

    /// Sleeps in steps of a third of the lease.
    pub async fn pause(&self, duration: Duration) -> Result<(), Halt> {
        let mut left = duration;
        let mut stop = self.stop.clone();
        while !left.is_zero() {
            self.touch().await?;
            let step = left.min(self.lease_for / 3).max(Duration::from_millis(1));
            tokio::select! {
                () = self.clock.sleep(step) => {}
                // An error means that nobody can stop us any more; then the sleep decides.
                Ok(()) = stop.changed() => {}
            }
            left = left.saturating_sub(step);
        }
        self.touch().await
    }
}
