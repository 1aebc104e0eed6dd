//! Making and changing applications and their keys: for the admin API, and for the commands
//! themselves where no server owns the store.

use std::time::Duration;

use engine::Entropy;
use model::{ApplicationId, KeyId, Secret, Timestamp};
use store::{
    AddressError, ApiKey, Application, ApplicationPatch, Environment, KeyKind, Store, StoreError,
    origin_address, redirect_address,
};

use super::operations::{OperationError, SECRET_LEN, invalid, require_application};

/// A key's last characters, by which its owner tells it from others.
const HINT_LEN: usize = 4;
/// Addresses of a kind that an application may register: all stand in a header of each Link page.
const MOST_ADDRESSES: usize = 100;
/// How long a replaced key may still be good.
pub const MAX_OVERLAP: Duration = Duration::from_secs(366 * 86_400);

/// A new key. The text of a secret one is shown now or never: what is stored is a hash.
#[derive(Debug)]
pub struct NewKey {
    pub key: ApiKey,
    pub text: Secret,
}

/// A successor, and the key that it replaces.
#[derive(Debug)]
pub struct RotatedKey {
    pub successor: NewKey,
    pub replaced: ApiKey,
}

pub async fn create_application(
    store: &Store,
    entropy: &dyn Entropy,
    now: Timestamp,
    name: &str,
    environment: Environment,
) -> Result<Application, OperationError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(invalid("name", "must not be empty"));
    }
    let application = Application {
        environment,
        ..Application::new(ApplicationId::new(now, entropy.u128()), name, now)
    };
    store.create_application(&application).await?;
    Ok(application)
}

/// Addresses in any spelling; what is removed must be there.
pub async fn change_application(
    store: &Store,
    id: ApplicationId,
    change: &ApplicationPatch,
) -> Result<Application, OperationError> {
    let application = require_application(store, id).await?;
    let (origins, redirects) = (&application.origins, &application.redirects);
    let patch = ApplicationPatch {
        merges: change.merges,
        origins_added: spelt("allowOrigins", &change.origins_added, origin_address)?,
        origins_removed: removable("removeOrigins", &change.origins_removed, origins, |text| {
            origin_address(text)
        })?,
        redirects_added: spelt("allowRedirects", &change.redirects_added, redirect_address)?,
        redirects_removed: removable(
            "removeRedirects",
            &change.redirects_removed,
            redirects,
            redirect_address,
        )?,
    };
    for (field, there, added, removed) in [
        (
            "allowOrigins",
            origins,
            &patch.origins_added,
            &patch.origins_removed,
        ),
        (
            "allowRedirects",
            redirects,
            &patch.redirects_added,
            &patch.redirects_removed,
        ),
    ] {
        let kept = there.iter().filter(|address| !removed.contains(address));
        if kept.chain(added).count() > MOST_ADDRESSES {
            let reason = format!("would make more than {MOST_ADDRESSES} addresses");
            return Err(invalid(field, reason));
        }
    }
    Ok(store.update_application(id, &patch).await?)
}

/// In their one spelling.
fn spelt(
    field: &'static str,
    texts: &[String],
    spell: fn(&str) -> Result<String, AddressError>,
) -> Result<Vec<String>, OperationError> {
    let spelt = texts.iter().map(|text| {
        let wrong = |error: AddressError| invalid(field, format!("has {text:?}, which {error}"));
        spell(text).map_err(wrong)
    });
    spelt.collect()
}

fn removable(
    field: &'static str,
    texts: &[String],
    there: &[String],
    spell: fn(&str) -> Result<String, AddressError>,
) -> Result<Vec<String>, OperationError> {
    let spelt = spelt(field, texts, spell)?;
    match spelt.iter().find(|address| !there.contains(address)) {
        None => Ok(spelt),
        Some(stranger) => {
            let known = match there {
                [] => "none is".to_owned(),
                there => format!("these are: {}", there.join(", ")),
            };
            let reason = format!("has {stranger}, which is not registered; {known}");
            Err(invalid(field, reason))
        }
    }
}

pub async fn create_key(
    store: &Store,
    entropy: &dyn Entropy,
    now: Timestamp,
    application: ApplicationId,
    kind: KeyKind,
) -> Result<NewKey, OperationError> {
    let application = require_application(store, application).await?;
    let new = new_key(entropy, now, &application, kind);
    store.insert_key(&new.key, &new.text).await?;
    Ok(new)
}

/// A key of the same kind takes the place of this one, which is refused once the overlap is over.
/// [`OperationError::KeyIsOver`] when it is refused already.
pub async fn rotate_key(
    store: &Store,
    entropy: &dyn Entropy,
    now: Timestamp,
    id: KeyId,
    overlap: Duration,
) -> Result<RotatedKey, OperationError> {
    if overlap > MAX_OVERLAP {
        return Err(invalid("overlapSeconds", "must be 366 days at most"));
    }
    let old = store.key(id).await?;
    let old = old.ok_or(StoreError::NotFound { what: "key" })?;
    if !old.is_live(now) {
        return Err(OperationError::KeyIsOver(id));
    }
    let application = require_application(store, old.application).await?;
    let successor = new_key(entropy, now, &application, old.kind);
    let replaced = store
        .replace_key(id, now + overlap, &successor.key, &successor.text)
        .await?;
    Ok(RotatedKey {
        successor,
        replaced,
    })
}

fn new_key(
    entropy: &dyn Entropy,
    now: Timestamp,
    application: &Application,
    kind: KeyKind,
) -> NewKey {
    let text = entropy.letters(kind.prefix(application.environment), SECRET_LEN);
    NewKey {
        key: ApiKey {
            id: KeyId::new(now, entropy.u128()),
            application: application.id,
            kind,
            hint: text[text.len() - HINT_LEN..].to_owned(),
            created_at: now,
            expires_at: None,
            revoked_at: None,
        },
        text: Secret::new(text),
    }
}
