//! A vault row to test with, in a database of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use model::connection::{Company, SyncMode};
use model::{ApplicationId, ConnectionId, Secret, Timestamp, Ulid};
use provider::{Credentials, Provider};
use store::{
    Application, Execution, NewConnection, StampSource, Store, StoreConfig, Target, Vault,
};
use world::{Clock, Transport};

use super::{Access, BaseUrl, Held, Kept, NO_VERSION, Quotas, SignIns};

static MADE: AtomicU64 = AtomicU64::new(0);

pub struct Bed {
    pub store: Store,
    pub connection: ConnectionId,
    pub sign_ins: Arc<SignIns>,
    pub quotas: Arc<Quotas>,
    credentials: Credentials,
    place: PathBuf,
}

impl Drop for Bed {
    fn drop(&mut self) {
        // What is left behind is the system's to clean; a test must not fail for it.
        let _ = std::fs::remove_dir_all(&self.place);
    }
}

impl Bed {
    pub async fn new(credentials: &[(&str, &str)]) -> Bed {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("gladhand-access-{}-{number}", std::process::id());
        let place = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&place).expect("the temporary directory is writable");
        let last = AtomicU64::new(0);
        let config = StoreConfig {
            target: Target::Sqlite {
                path: place.join("gladhand.db"),
            },
            vault: Vault::from_key(
                [7; 32],
                Arc::new(move || {
                    let mut nonce = [0; 24];
                    nonce[..8].copy_from_slice(&last.fetch_add(1, Ordering::Relaxed).to_le_bytes());
                    nonce
                }),
            ),
            execution: Execution::Inline,
            stamps: StampSource::Given,
        };
        let store = Store::open(config).await.expect("a fresh store opens");
        let secret = |(name, value): &(&str, &str)| ((*name).to_owned(), Secret::new(*value));
        let credentials = Credentials(credentials.iter().map(secret).collect::<BTreeMap<_, _>>());
        let began = Timestamp::from_millis(0);
        let application = Application::new(ApplicationId(Ulid::from_bits(1)), "Test", began);
        let made = store.create_application(&application).await;
        made.expect("an application is made");
        let text = serde_json::to_string(&credentials).expect("texts");
        let new = NewConnection {
            id: ConnectionId(Ulid::from_bits(1)),
            application: application.id,
            provider: "scripted".to_owned(),
            company: Company::default(),
            external_id: None,
            tags: Vec::new(),
            sync_mode: SyncMode::Manual,
            token: Secret::new("con_tkn_1"),
            credentials: Secret::new(text),
            base_url: None,
            cadence: None,
            history_from: None,
            zone: None,
            next_sync_at: None,
            created_at: began,
        };
        let connection = store.insert_connection(&new).await;
        Bed {
            connection: connection.expect("a connection is made").id,
            store,
            sign_ins: Arc::default(),
            quotas: Arc::default(),
            credentials,
            place,
        }
    }

    /// As a sync opens it that has just begun.
    pub fn access(
        &self,
        provider: &'static dyn Provider,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Access {
        Access {
            provider,
            connection: self.connection,
            base_url: BaseUrl {
                url: "https://provider.test/base/".to_owned(),
                is_operators: false,
            },
            app: None,
            store: self.store.clone(),
            transport,
            clock,
            quotas: Arc::clone(&self.quotas),
            sign_ins: Arc::clone(&self.sign_ins),
            holder: "test".to_owned(),
            held: Mutex::new(Held {
                version: 1,
                kept: Kept {
                    credentials: self.credentials.clone(),
                    session: None,
                },
            }),
            renewed_to: NO_VERSION.into(),
            good: NO_VERSION.into(),
        }
    }
}
