//! Writes points as the engine would, under a lease, without an engine: merge, encode, commit.

use std::time::Duration;

use model::{ConnectionId, IdSpace, SyncId, Timestamp};
use store::{
    Checkpoint, Connection, Lease, NewSync, PagePoints, RawPage, ReadWindow, Store, SyncTrigger,
};

use crate::error::BenchError;

const LEASE: Duration = Duration::from_secs(86_400);

pub struct Writer {
    store: Store,
    lease: Lease,
    ids: IdSpace,
    now: Timestamp,
    next_page: i64,
}

impl Writer {
    /// Requests a sync of the connection and claims it.
    pub async fn new(
        store: &Store,
        connection: &Connection,
        now: Timestamp,
    ) -> Result<Writer, BenchError> {
        let new = NewSync {
            id: SyncId::new(now, 1),
            trigger: SyncTrigger::Requested,
            requested_at: now,
            start_from: Some(now),
            explicit_start: false,
            provider_requests: Vec::new(),
        };
        store.request_sync(connection.id, &new, None).await?;
        let claim = store.claim_sync("bench", now, LEASE).await?;
        let claim = claim.ok_or_else(|| BenchError::unexpected("no sync could be claimed"))?;
        let state = store.sync_state(connection.id).await?;
        Ok(Writer {
            store: store.clone(),
            lease: claim.lease,
            ids: connection.ids(),
            now,
            next_page: state.next_page,
        })
    }

    pub fn ids(&self) -> &IdSpace {
        &self.ids
    }

    pub fn connection(&self) -> ConnectionId {
        self.lease.connection
    }

    /// The number for the next raw page.
    pub fn page_number(&mut self) -> i64 {
        let number = self.next_page;
        self.next_page += 1;
        number
    }

    /// One checkpoint; returns how many points were new.
    pub async fn write(
        &mut self,
        points: Vec<PagePoints>,
        read: Vec<ReadWindow>,
        pages: Vec<RawPage>,
    ) -> Result<u64, BenchError> {
        let connection = self.lease.connection;
        let history = self.store.prepare_history(connection, points, read).await?;
        let checkpoint = Checkpoint {
            now: self.now,
            lease_until: self.now.saturating_add(LEASE),
            pages,
            history: Some(history),
            ..Checkpoint::default()
        };
        Ok(self
            .store
            .commit(&self.lease, checkpoint)
            .await?
            .points_added)
    }
}
