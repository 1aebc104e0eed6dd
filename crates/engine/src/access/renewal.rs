//! Sessions that are renewed although nobody asks for anything: grants of some providers die when
//! they are left alone.
//!
//! New credentials are due at once, so that wrong ones are found before the first sync wants them.

use std::time::Duration;

use model::ConnectionId;
use model::connection::ConnectionStatus;
use provider::ProviderError;
use store::StoreError;
use tokio::sync::watch;

use super::AccessError;
use super::sign_in::Wanted;
use crate::engine::Engine;

/// Between two looks; providers' sessions last for hours.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(30);
const AT_ONCE: usize = 200;

impl Engine {
    /// Until `stop` turns true.
    pub(crate) async fn renew_sessions(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = self.renew_due(&stop).await {
                tracing::error!(%error, "sessions could not be renewed; trying again later");
            }
            tokio::select! {
                () = self.clock().sleep(LOOK_AGAIN_AFTER) => {}
                // An error means that nobody can stop it any more, so nobody wants it to go on.
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Renews what is due now.
    pub async fn renew_due(&self, stop: &watch::Receiver<bool>) -> Result<(), StoreError> {
        let due = self.store().due_renewals(self.clock().now(), AT_ONCE);
        for connection in due.await? {
            if *stop.borrow() {
                return Ok(());
            }
            let asked_at = self.clock().now();
            match self.renew_one(connection).await {
                Ok(()) => {}
                Err(AccessError::Store(error)) => return Err(error),
                Err(AccessError::Provider(ProviderError::CredentialsRejected { .. })) => {
                    self.disconnect(connection, asked_at).await?;
                }
                Err(AccessError::Provider(error)) => tracing::warn!(
                    connection.id = %connection, %error,
                    "a session could not be renewed; trying again"
                ),
            }
        }
        Ok(())
    }

    async fn renew_one(&self, id: ConnectionId) -> Result<(), AccessError> {
        let Some(connection) = self.store().connection(id).await? else {
            return Ok(());
        };
        let provider = providers::find(&connection.provider);
        let (Some(provider), ConnectionStatus::Connected) = (provider, connection.status) else {
            return Ok(());
        };
        let access = self.access(&connection, provider).await?;
        let held = access.held();
        match access.question(&held.kept)? {
            None => self.store().never_renew(id, held.version).await?,
            Some(_) => {
                let newer = access.sign_in(Wanted::After(held.version)).await?;
                let lasts = newer.kept.session.is_none_or(|s| s.renew_at.is_none());
                if lasts {
                    self.store().never_renew(id, newer.version).await?;
                }
            }
        }
        Ok(())
    }
}
