//! Making connections: for the admin API, and for the commands themselves where no server owns the
//! store.

use std::time::Duration;

use engine::{Engine, Entropy, RequestSyncError, StartFrom, SyncRequest};
use model::connection::{Company, SyncMode};
use model::{ApplicationId, ConnectionId, KeyId, Secret, Timestamp, Zone};
use store::{Application, Connection, NewConnection, Store, StoreError, SyncRow};

use crate::sync_request::{MAX_DAYS, days_before};

/// Letters and digits after the prefix of a key or token: 190 bits.
pub(super) const SECRET_LEN: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// A field holds what it may not.
    #[error("{field} {reason}")]
    Invalid { field: &'static str, reason: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key is revoked or expired.
    #[error("{0} is refused already")]
    KeyIsOver(KeyId),
    /// The connection was made, its first sync could not be asked for.
    #[error(transparent)]
    Sync(#[from] RequestSyncError),
}

/// What a connection is made of.
#[derive(Clone, Debug)]
pub struct ConnectionRequest {
    pub application: ApplicationId,
    /// Provider code.
    pub provider: String,
    /// A JSON object of credential fields, all texts.
    pub credentials: Secret,
    pub external_id: Option<String>,
    pub company: Company,
    pub tags: Vec<String>,
    pub sync_mode: SyncMode,
    /// Overrides the provider's own.
    pub base_url: Option<String>,
    /// Overrides the server's, for automatic syncs.
    pub cadence: Option<Duration>,
    /// How much history the first sync reads: above 0, at most 3,660.
    pub backfill_days: Option<f64>,
    /// Whose days and months its rows are in; without it the account's, else its drivers' own.
    pub zone: Option<Zone>,
}

#[derive(Debug)]
pub struct CreatedConnection {
    pub connection: Connection,
    /// Asked for by itself for automatic connections, and where there is history to backfill.
    pub first_sync: Option<SyncRow>,
}

/// Makes a connection with its token, and asks for its first sync when it is automatic or has
/// history to backfill.
pub async fn create_connection(
    engine: &Engine,
    entropy: &dyn Entropy,
    now: Timestamp,
    request: ConnectionRequest,
) -> Result<CreatedConnection, OperationError> {
    check(&request)?;
    require_application(engine.store(), request.application).await?;
    let backfill_from = request.backfill_days.map(|days| days_before(now, days));
    let automatic = request.sync_mode == SyncMode::Automatic;
    let cadence = request.cadence.unwrap_or(engine.config().cadence);
    let new = NewConnection {
        id: ConnectionId::new(now, entropy.u128()),
        application: request.application,
        provider: request.provider,
        company: request.company,
        external_id: request.external_id,
        tags: request.tags,
        sync_mode: request.sync_mode,
        token: Secret::new(entropy.letters("con_tkn_", SECRET_LEN)),
        credentials: request.credentials,
        base_url: request.base_url,
        cadence: request.cadence,
        history_from: backfill_from,
        zone: request.zone,
        // The first is asked for below; the cadence counts from there.
        next_sync_at: automatic.then(|| now + cadence),
        created_at: now,
    };
    let connection = engine.store().insert_connection(&new).await?;
    let first_sync = match automatic || backfill_from.is_some() {
        false => None,
        true => {
            let request = SyncRequest {
                start_from: backfill_from.map_or(StartFrom::Continue, StartFrom::At),
                provider_requests: Vec::new(),
            };
            Some(engine.request_sync(&connection, request).await?)
        }
    };
    Ok(CreatedConnection {
        connection,
        first_sync,
    })
}

fn check(request: &ConnectionRequest) -> Result<(), OperationError> {
    let catalogue = engine::catalogue();
    let mut entries = catalogue.iter();
    let Some(entry) = entries.find(|entry| entry.code == request.provider) else {
        let codes: Vec<_> = catalogue.iter().map(|entry| entry.code).collect();
        let reason = format!("is none of the providers: {}", codes.join(", "));
        return Err(invalid("provider", reason));
    };
    check_credentials(entry, &request.credentials)?;
    if let Some(url) = &request.base_url
        && !url.starts_with("http://")
        && !url.starts_with("https://")
    {
        return Err(invalid("baseUrl", "must begin with http:// or https://"));
    }
    if request.cadence == Some(Duration::ZERO) {
        return Err(invalid("cadenceSeconds", "must be at least 1"));
    }
    match request.backfill_days {
        Some(days) if !(days > 0.0 && days <= MAX_DAYS) => {
            Err(invalid("backfillDays", "must be above 0 and at most 3660"))
        }
        _ => Ok(()),
    }
}

/// Every required field, no unknown one, and at least one. What they hold the provider judges.
fn check_credentials(
    entry: &engine::CatalogueEntry,
    credentials: &Secret,
) -> Result<(), OperationError> {
    let given: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(credentials.reveal()).unwrap_or_default();
    let names: Vec<&str> = entry.credentials.iter().map(|field| field.name).collect();
    let known = names.join(", ");
    let code = entry.code;
    if let Some(unknown) = given.keys().find(|name| !names.contains(&name.as_str())) {
        let reason = format!("{code} has no credential {unknown}; it has {known}");
        return Err(invalid("credentials", reason));
    }
    let mut fields = entry.credentials.iter();
    if let Some(missing) = fields.find(|field| field.required && !given.contains_key(field.name)) {
        let missing = missing.name;
        let reason = format!("{code} needs the credential {missing}; it has {known}");
        return Err(invalid("credentials", reason));
    }
    if given.is_empty() {
        return Err(invalid(
            "credentials",
            format!("{code} needs one of {known}"),
        ));
    }
    Ok(())
}

pub(super) async fn require_application(
    store: &Store,
    id: ApplicationId,
) -> Result<Application, OperationError> {
    let found = store.application(id).await?;
    let missing = StoreError::NotFound {
        what: "application",
    };
    Ok(found.ok_or(missing)?)
}

pub(super) fn invalid(field: &'static str, reason: impl Into<String>) -> OperationError {
    OperationError::Invalid {
        field,
        reason: reason.into(),
    }
}
