//! A database of its own for each test, on either engine.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use store::{Execution, MasterKey, StampSource, Store, StoreConfig, StoreError, Target, Vault};
use world::{Clock, Entropy, SystemClock, SystemEntropy};

use crate::temporary::TemporaryDirectory;

/// Where tests look for PostgreSQL.
pub const POSTGRES_VARIABLE: &str = "GLADHAND_TEST_POSTGRES";
const POSTGRES_DEFAULT: &str = "postgres://postgres@127.0.0.1:5432/postgres";

/// Tries at a lock that a starting process holds for a moment: about a second's worth.
const MOST_OPENINGS: u32 = 50_000;

static MADE: AtomicU64 = AtomicU64::new(0);

/// Gone, with its database, when it is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    directory: TemporaryDirectory,
    target: Target,
    execution: Execution,
    /// Held for its drop.
    _scratch: Option<Scratch>,
}

/// A database on a PostgreSQL server, dropped on drop.
#[derive(Debug)]
struct Scratch {
    server_url: String,
    name: String,
}

impl TestDatabase {
    pub fn sqlite(execution: Execution) -> TestDatabase {
        let directory = TemporaryDirectory::new("store");
        let target = Target::Sqlite {
            path: directory.path().join("gladhand.db"),
        };
        TestDatabase {
            directory,
            target,
            execution,
            _scratch: None,
        }
    }

    /// A file that survives the store but not the machine, inline: what is tested is the process
    /// dying, and a disk's `fsync` would only make it slow.
    pub fn sqlite_in_memory_backed_file() -> TestDatabase {
        let directory = TemporaryDirectory::in_memory("store");
        let target = Target::Sqlite {
            path: directory.path().join("gladhand.db"),
        };
        TestDatabase {
            directory,
            target,
            execution: Execution::Inline,
            _scratch: None,
        }
    }

    /// `None`, with a notice, when no server answers; a failure when `CI=true` says that there must
    /// be one.
    pub async fn postgres() -> Option<TestDatabase> {
        let server_url =
            std::env::var(POSTGRES_VARIABLE).unwrap_or_else(|_| POSTGRES_DEFAULT.to_owned());
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("gladhand_it_{}_{number}", std::process::id());
        match store::scratch::create(&server_url, &name).await {
            Ok(url) => Some(TestDatabase {
                directory: TemporaryDirectory::new("postgres"),
                target: Target::Postgres { url },
                execution: Execution::Threads,
                _scratch: Some(Scratch { server_url, name }),
            }),
            Err(StoreError::Unavailable { reason }) => {
                let must = std::env::var("CI").is_ok_and(|ci| ci == "true");
                assert!(!must, "no PostgreSQL at {POSTGRES_VARIABLE}: {reason}");
                println!("skipped: no PostgreSQL answers at {POSTGRES_VARIABLE} ({reason})");
                None
            }
            Err(error) => panic!("a scratch database cannot be made: {error}"),
        }
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Commits are stamped with the time that the engine's clock gives.
    pub async fn open(&self) -> Store {
        self.open_with(StampSource::Given).await
    }

    /// Commits are stamped with the machine's time, as on a server.
    pub async fn open_in_real_time(&self) -> Store {
        self.open_with(StampSource::Clock(Arc::new(|| SystemClock.now())))
            .await
    }

    async fn open_with(&self, stamps: StampSource) -> Store {
        let config = StoreConfig {
            target: self.target.clone(),
            vault: test_vault(),
            execution: self.execution,
            stamps,
        };
        // A child process that another test starts in this one holds our lock file from its fork
        // to its exec, a moment after the store that had it is gone.
        for _ in 0..MOST_OPENINGS {
            match Store::open(config.clone()).await {
                Err(StoreError::Owned { .. }) => std::thread::yield_now(),
                opened => return opened.expect("a test's database opens"),
            }
        }
        panic!("a test's database stays owned by somebody else");
    }
}

/// Opens the store of a data directory whose server has stopped.
pub async fn open_data_directory(data: &Path) -> Store {
    let key = MasterKey::open_file(&data.join("vault.key"), [0; 32]).expect("the key is there");
    let vault = Vault::new(key, Arc::new(|bytes: &mut [u8]| SystemEntropy.fill(bytes)));
    let config = StoreConfig {
        target: Target::Sqlite {
            path: data.join("gladhand.db"),
        },
        vault,
        execution: Execution::Threads,
        stamps: StampSource::Given,
    };
    Store::open(config).await.expect("nobody else owns it")
}

fn nonces() -> Arc<dyn Fn() -> [u8; 24] + Send + Sync> {
    Arc::new(|| {
        let mut nonce = [0; 24];
        SystemEntropy.fill(&mut nonce);
        nonce
    })
}

/// A fixed key, so that a database can be opened again by another life of the same test.
pub fn test_vault() -> Vault {
    Vault::from_key([7; 32], nonces())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let (server_url, name) = (self.server_url.clone(), self.name.clone());
        // The test's own runtime may be ending: the statement gets a thread and a runtime of its
        // own. A database that stays behind costs disk, not correctness, so failures are only told.
        let removal = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime
                .block_on(store::scratch::remove(&server_url, &name))
                .map_err(|error| std::io::Error::other(error.to_string()))
        });
        if let Ok(Err(error)) = removal.join() {
            eprintln!("the database {} stays behind: {error}", self.name);
        }
    }
}
