//! Making applications, keys and connections: for the admin API, and for the commands themselves
//! where no server owns the store.

use std::time::Duration;

use engine::{Engine, RequestSyncError, StartFrom, SyncRequest};
use model::connection::{Company, SyncMode};
use model::{ApplicationId, ConnectionId, KeyId, Secret, Timestamp, Zone};
use store::{ApiKey, Application, Connection, KeyKind, NewConnection, Store, StoreError, SyncRow};

use crate::sync_request::{MAX_DAYS, days_before};

/// Fills the bytes with chance: of the operating system, as keys are made of it.
pub type Random<'a> = &'a (dyn Fn(&mut [u8]) + Send + Sync);

/// Letters and digits after the prefix of a key or token: 190 bits.
const SECRET_LEN: usize = 32;
/// A key's last characters, by which its owner tells it from others.
const HINT_LEN: usize = 4;
const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// A field holds what it may not.
    #[error("{field} {reason}")]
    Invalid { field: &'static str, reason: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The connection was made, its first sync could not be asked for.
    #[error(transparent)]
    Sync(#[from] RequestSyncError),
}

/// A new key. Its text is shown now or never: what is stored is a hash.
#[derive(Debug)]
pub struct NewKey {
    pub key: ApiKey,
    pub text: Secret,
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

pub async fn create_application(
    store: &Store,
    random: Random<'_>,
    now: Timestamp,
    name: &str,
) -> Result<Application, OperationError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(invalid("name", "must not be empty"));
    }
    let application = Application {
        id: ApplicationId::new(now, chance(random)),
        name: name.to_owned(),
        created_at: now,
    };
    store.create_application(&application).await?;
    Ok(application)
}

pub async fn create_key(
    store: &Store,
    random: Random<'_>,
    now: Timestamp,
    application: ApplicationId,
    kind: KeyKind,
) -> Result<NewKey, OperationError> {
    require_application(store, application).await?;
    let prefix = match kind {
        KeyKind::Secret => "sk_prod_",
        KeyKind::Publishable => "pk_prod_",
    };
    let text = secret_text(prefix, random);
    let key = ApiKey {
        id: KeyId::new(now, chance(random)),
        application,
        kind,
        hint: text[text.len() - HINT_LEN..].to_owned(),
        created_at: now,
        revoked_at: None,
    };
    store.insert_key(&key, store::hash_secret(&text)).await?;
    Ok(NewKey {
        key,
        text: Secret::new(text),
    })
}

/// Makes a connection with its token, and asks for its first sync when it is automatic or has
/// history to backfill.
pub async fn create_connection(
    engine: &Engine,
    random: Random<'_>,
    now: Timestamp,
    request: ConnectionRequest,
) -> Result<CreatedConnection, OperationError> {
    check(&request)?;
    require_application(engine.store(), request.application).await?;
    let backfill_from = request.backfill_days.map(|days| days_before(now, days));
    let automatic = request.sync_mode == SyncMode::Automatic;
    let cadence = request.cadence.unwrap_or(engine.config().cadence);
    let new = NewConnection {
        id: ConnectionId::new(now, chance(random)),
        application: request.application,
        provider: request.provider,
        company: request.company,
        external_id: request.external_id,
        tags: request.tags,
        sync_mode: request.sync_mode,
        token: Secret::new(secret_text("con_tkn_", random)),
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
    let names: Vec<&str> = entry.credentials.iter().map(|(name, _)| *name).collect();
    let known = names.join(", ");
    let code = entry.code;
    if let Some(unknown) = given.keys().find(|name| !names.contains(&name.as_str())) {
        let reason = format!("{code} has no credential {unknown}; it has {known}");
        return Err(invalid("credentials", reason));
    }
    let is_missing = |(name, required): &&(&str, bool)| *required && !given.contains_key(*name);
    if let Some((missing, _)) = entry.credentials.iter().find(is_missing) {
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

async fn require_application(store: &Store, id: ApplicationId) -> Result<(), OperationError> {
    match store.application(id).await? {
        Some(_) => Ok(()),
        None => Err(StoreError::NotFound {
            what: "application",
        }
        .into()),
    }
}

fn invalid(field: &'static str, reason: impl Into<String>) -> OperationError {
    OperationError::Invalid {
        field,
        reason: reason.into(),
    }
}

fn chance(random: Random<'_>) -> u128 {
    let mut bytes = [0; 16];
    random(&mut bytes);
    u128::from_be_bytes(bytes)
}

/// The prefix and 32 letters and digits, each as likely as any other.
fn secret_text(prefix: &str, random: Random<'_>) -> String {
    // The largest multiple of 62 in a byte: above it, the first characters would be likelier.
    const FAIR: u8 = 248;
    let mut text = prefix.to_owned();
    let mut bytes = [0; SECRET_LEN];
    while text.len() < prefix.len() + SECRET_LEN {
        random(&mut bytes);
        let wanted = prefix.len() + SECRET_LEN - text.len();
        let fair = bytes.iter().filter(|byte| **byte < FAIR).take(wanted);
        text.extend(fair.map(|byte| char::from(ALPHANUMERIC[usize::from(byte % 62)])));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    #[test]
    fn secrets_are_a_prefix_and_thirty_two_letters_and_digits() {
        let counter = AtomicU8::new(0);
        let random = |bytes: &mut [u8]| {
            for byte in bytes {
                *byte = counter.fetch_add(37, Ordering::Relaxed);
            }
        };
        let (one, other) = (
            secret_text("sk_prod_", &random),
            secret_text("sk_prod_", &random),
        );
        assert_ne!(one, other);
        for text in [one, other] {
            let rest = text.strip_prefix("sk_prod_").expect("the prefix");
            assert_eq!(rest.len(), SECRET_LEN);
            assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
}
