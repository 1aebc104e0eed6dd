//! Connections made by their accounts' owners: what becomes of a consent, and what of one that the
//! provider does not back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::{Consent, ConsentError, Consented, Engine};
use model::connection::{ConnectionStatus, SyncMode};
use model::sync::SyncStatus;
use model::{ApplicationId, ConnectionId, Secret, Timestamp};
use serde_json::json;
use simulator::{FaultPlan, Vendor};
use store::{
    Application, Connection, ConnectionPatch, ConnectionQuery, ConsentOutcome, Execution, Store,
};
use testkit::databases::TestDatabase;
use testkit::fleet::{self, Fleet, FleetConfig, TOKEN};
use testkit::scripted::{Reaction, ScriptedProvider};
use world::{Clock, HttpRequest, ManualClock};

/// An application, an engine, and a Samsara whose keys say which account they open: `account-7`.
struct Desk {
    application: ApplicationId,
    engine: Engine,
    store: Store,
    clock: Arc<ManualClock>,
    _database: TestDatabase,
}

impl Desk {
    async fn on(database: TestDatabase) -> Desk {
        Desk::before(database, accounts).await
    }

    async fn before(
        database: TestDatabase,
        react: impl Fn(&HttpRequest) -> Reaction + Send + Sync + 'static,
    ) -> Desk {
        let store = database.open().await;
        let clock = Arc::new(ManualClock::at(fleet::usual_now()));
        let time = Arc::clone(&clock) as Arc<dyn Clock>;
        let engine = fleet::engine(&store, ScriptedProvider::new(react), time, 9, None);
        let application = ApplicationId::new(clock.now(), 9);
        let made = Application::new(application, "Ours", clock.now());
        store.create_application(&made).await.expect("made");
        Desk {
            application,
            engine,
            store,
            clock,
            _database: database,
        }
    }

    /// By key, with a ticket of its own.
    fn consent(&self, key: &str, ticket: u8) -> Consent {
        Consent {
            application: self.application,
            provider: "samsara".to_owned(),
            credentials: BTreeMap::from([("apiKey".to_owned(), Secret::new(key))]),
            again: None,
            company_name: None,
            external_id: None,
            tags: Vec::new(),
            sync_mode: SyncMode::Automatic,
            backfill_from: None,
            merges: true,
            ticket: [ticket; 32],
            agreement: [7; 32],
            ip_address: Some("203.0.113.9".to_owned()),
            user_agent: Some("a browser".to_owned()),
        }
    }

    async fn give(&self, consent: Consent) -> Consented {
        let given = self.engine.consent(consent).await;
        given.expect("the consent is kept")
    }

    async fn connections(&self) -> Vec<Connection> {
        let query = ConnectionQuery {
            limit: 100,
            ..ConnectionQuery::default()
        };
        let listed = self.store.list_connections(self.application, &query).await;
        listed.expect("the store answers")
    }

    async fn set_status(&self, id: ConnectionId, status: ConnectionStatus) {
        let patch = ConnectionPatch {
            status: Some(status),
            ..ConnectionPatch::default()
        };
        let patched = self.store.update_connection(id, &patch, self.clock.now());
        patched.await.expect("patched");
    }

    /// What signs requests of the connection now.
    async fn kept_key(&self, id: ConnectionId) -> String {
        let kept = self.store.credentials(id).await.expect("answers");
        kept.expect("there").secret.reveal().to_owned()
    }
}

fn accounts(request: &HttpRequest) -> Reaction {
    let key = request
        .headers
        .iter()
        .find(|(name, _)| name == "authorization");
    let key = key.map_or("", |(_, value)| value.as_str());
    match key.strip_prefix("Bearer account-") {
        Some(account) => {
            let number = account.split('-').next().unwrap_or_default();
            Reaction::json(&json!({"data": {"id": number, "name": format!("Fleet {number}")}}))
        }
        None => Reaction::status(401).body("{\"message\":\"Invalid token\"}"),
    }
}

/// The same on every engine that there is.
async fn databases() -> Vec<TestDatabase> {
    let mut databases = vec![TestDatabase::sqlite(Execution::Threads)];
    databases.extend(TestDatabase::postgres().await);
    databases
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_becomes_a_connection_with_all_that_was_asked_for() {
    for database in databases().await {
        let desk = Desk::on(database).await;
        let from = Timestamp::from_millis(desk.clock.now().millis() - 3 * 86_400_000);
        let given = desk
            .give(Consent {
                company_name: Some("Delgado Haulage".to_owned()),
                external_id: Some("customer-1".to_owned()),
                tags: vec!["west".to_owned()],
                backfill_from: Some(from),
                ..desk.consent("account-7", 1)
            })
            .await;
        assert_eq!(given.outcome, ConsentOutcome::New);
        assert!(given.public_token.reveal().starts_with("pub_tkn_"));
        let sync = given.first_sync.expect("the first sync begins by itself");
        assert_eq!((sync.start_from, sync.explicit_start), (Some(from), true));
        let made = given.connection;
        assert_eq!(made.source_id.as_deref(), Some("7"));
        assert_eq!(made.account.name.as_deref(), Some("Fleet 7"));
        assert_eq!(made.company.name.as_deref(), Some("Delgado Haulage"));
        assert_eq!(made.external_id.as_deref(), Some("customer-1"));
        assert_eq!(made.tags, ["west"]);
        assert_eq!(made.history_from, Some(from));
        assert_eq!(made.status, ConnectionStatus::Connected);
        let consents = desk.store.consents(made.id).await.expect("answers");
        let [consent] = consents.as_slice() else {
            panic!("one consent was given: {consents:?}")
        };
        assert_eq!(consent.agreement, [7; 32]);
        assert_eq!(consent.ip_address.as_deref(), Some("203.0.113.9"));
        assert_eq!(consent.user_agent.as_deref(), Some("a browser"));
        // Nobody is synced by hand who asked for nothing.
        let manual = Consent {
            sync_mode: SyncMode::Manual,
            ..desk.consent("account-8", 2)
        };
        assert!(desk.give(manual).await.first_sync.is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_account_again_is_the_same_connection() {
    for database in databases().await {
        let desk = Desk::on(database).await;
        let first = desk
            .give(Consent {
                tags: vec!["west".to_owned()],
                sync_mode: SyncMode::Manual,
                ..desk.consent("account-7-old", 1)
            })
            .await
            .connection;
        desk.set_status(first.id, ConnectionStatus::Disconnected)
            .await;
        let from = Timestamp::from_millis(desk.clock.now().millis() - 86_400_000);
        let second = desk
            .give(Consent {
                tags: vec!["west".to_owned(), "east".to_owned()],
                external_id: Some("customer-1".to_owned()),
                backfill_from: Some(from),
                ..desk.consent("account-7-new", 2)
            })
            .await;
        assert_eq!(second.outcome, ConsentOutcome::Merged);
        let merged = second.connection;
        assert_eq!(merged.id, first.id);
        assert_eq!(merged.token.reveal(), first.token.reveal());
        assert_eq!(merged.tags, ["west", "east"]);
        assert_eq!(merged.external_id.as_deref(), Some("customer-1"));
        assert_eq!(merged.status, ConnectionStatus::Connected);
        assert_eq!(merged.sync_mode, SyncMode::Manual);
        assert_eq!(merged.history_from, Some(from));
        assert!(desk.kept_key(first.id).await.contains("account-7-new"));
        let found = ConnectionQuery {
            tag: Some("east".to_owned()),
            limit: 9,
            ..ConnectionQuery::default()
        };
        let found = desk.store.list_connections(desk.application, &found).await;
        assert_eq!(found.expect("answers").len(), 1);

        // Two different ids of the client's own are two customers.
        let other = desk
            .give(Consent {
                external_id: Some("customer-2".to_owned()),
                ..desk.consent("account-7", 3)
            })
            .await;
        assert_eq!(other.outcome, ConsentOutcome::New);
        // Switched off, every consent is a connection.
        let apart = Consent {
            merges: false,
            ..desk.consent("account-7", 4)
        };
        assert_eq!(desk.give(apart).await.outcome, ConsentOutcome::New);
        assert_eq!(desk.connections().await.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_sent_twice_and_two_forms_at_once_are_one_connection() {
    for database in databases().await {
        let desk = Desk::on(database).await;
        let (one, other) = tokio::join!(
            desk.engine.consent(desk.consent("account-7", 1)),
            desk.engine.consent(desk.consent("account-7", 2)),
        );
        let (one, other) = (one.expect("kept"), other.expect("kept"));
        assert_eq!(one.connection.id, other.connection.id);
        let again = desk
            .give(Consent {
                // Whatever it says now: it is the same form.
                merges: false,
                ..desk.consent("account-7", 1)
            })
            .await;
        assert_eq!(again.outcome, ConsentOutcome::Repeated);
        assert_eq!(again.connection.id, one.connection.id);
        assert_ne!(again.public_token.reveal(), one.public_token.reveal());
        assert_eq!(desk.connections().await.len(), 1);
        let consents = desk.store.consents(one.connection.id).await;
        assert_eq!(consents.expect("answers").len(), 2);
        // Whoever goes back and types another account's credentials means that account.
        let other = desk.give(desk.consent("account-8", 1)).await;
        assert_eq!(other.outcome, ConsentOutcome::New);
        assert_eq!(other.connection.source_id.as_deref(), Some("8"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authenticating_again_takes_the_same_account_and_no_other() {
    for database in databases().await {
        let desk = Desk::on(database).await;
        let known = desk.give(desk.consent("account-7-old", 1)).await.connection;
        desk.set_status(known.id, ConnectionStatus::Disconnected)
            .await;
        let again = |key: &str, ticket: u8| Consent {
            again: Some(known.id),
            ..desk.consent(key, ticket)
        };
        let refused = desk.engine.consent(again("account-8", 2)).await;
        assert!(matches!(refused, Err(ConsentError::OtherAccount)));
        assert!(desk.kept_key(known.id).await.contains("account-7-old"));
        desk.clock.advance(Duration::from_secs(60));
        let given = desk.give(again("account-7-new", 3)).await;
        assert_eq!(given.outcome, ConsentOutcome::Reconnected);
        assert_eq!(given.connection.status, ConnectionStatus::Connected);
        assert_eq!(given.connection.token.reveal(), known.token.reveal());
        assert_eq!(given.connection.next_sync_at, Some(desk.clock.now()));
        let foreign = Consent {
            application: ApplicationId::new(desk.clock.now(), 1),
            ..again("account-7", 4)
        };
        let refused = desk.engine.consent(foreign).await;
        assert!(matches!(refused, Err(ConsentError::UnknownConnection)));
        let now = desk.clock.now();
        let leaving = desk.store.request_deletion(known.id, now, now).await;
        leaving.expect("it can be deleted");
        let refused = desk.engine.consent(again("account-7", 5)).await;
        let closed = ConnectionStatus::PendingDeletion;
        assert!(matches!(refused, Err(ConsentError::ConnectionClosed(status)) if status == closed));
        assert_eq!(desk.connections().await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_while_a_sync_runs_leaves_what_was_asked_for_to_the_next() {
    let desk = Desk::on(TestDatabase::sqlite(Execution::Threads)).await;
    let first = desk.give(desk.consent("account-7", 1)).await;
    assert!(first.first_sync.is_some(), "it waits to be claimed");
    let from = Timestamp::from_millis(desk.clock.now().millis() - 86_400_000);
    let second = desk
        .give(Consent {
            backfill_from: Some(from),
            ..desk.consent("account-7", 2)
        })
        .await;
    assert_eq!(second.outcome, ConsentOutcome::Merged);
    assert!(second.first_sync.is_none());
    assert_eq!(second.connection.history_from, Some(from));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_of_what_the_provider_does_not_take() {
    type Check = fn(&ConsentError) -> bool;
    let cases: [(fn() -> Reaction, Check); 6] = [
        (
            || Reaction::status(401),
            |e| matches!(e, ConsentError::Rejected),
        ),
        (
            || Reaction::status(403),
            |e| matches!(e, ConsentError::Forbidden(_)),
        ),
        (
            || Reaction::status(503),
            |e| matches!(e, ConsentError::Unavailable),
        ),
        (Reaction::unreachable, |e| {
            matches!(e, ConsentError::Unavailable)
        }),
        (
            || Reaction::status(429).header("retry-after", "40"),
            |e| matches!(e, ConsentError::Throttled { retry_after } if retry_after.is_some()),
        ),
        (
            || Reaction::status(200).body("<html>"),
            |e| matches!(e, ConsentError::Misunderstood(_)),
        ),
    ];
    for (reaction, is_wanted) in cases {
        let database = TestDatabase::sqlite(Execution::Threads);
        let desk = Desk::before(database, move |_| reaction()).await;
        let refused = desk.engine.consent(desk.consent("account-7", 1)).await;
        let error = refused.expect_err("the provider does not take it");
        assert!(is_wanted(&error), "{error:?}");
        assert!(!format!("{error:?}").contains("account-7"));
        assert!(desk.connections().await.is_empty());
    }
    let desk = Desk::on(TestDatabase::sqlite(Execution::Threads)).await;
    let unknown = Consent {
        provider: "nobody".to_owned(),
        ..desk.consent("account-7", 1)
    };
    let refused = desk.engine.consent(unknown).await;
    assert!(matches!(refused, Err(ConsentError::UnknownProvider(code)) if code == "nobody"));
}

/// With all that goes wrong on the way, and on into the first sync.
async fn is_connected_at(vendor: Vendor) {
    let mut faults = FaultPlan::all(3);
    faults.forbid = None;
    let config = FleetConfig {
        faults,
        ..FleetConfig::small(3).at([vendor])
    };
    let fleet = Fleet::new(config, TestDatabase::sqlite(Execution::Threads)).await;
    let credentials = vendor.credentials(TOKEN).into_iter();
    let named = |(name, value): (&str, String)| (name.to_owned(), Secret::new(value));
    let mut consent = Consent {
        application: fleet.connection().await.application,
        provider: vendor.name().to_owned(),
        credentials: credentials.map(named).collect(),
        again: None,
        company_name: None,
        external_id: None,
        tags: Vec::new(),
        sync_mode: SyncMode::Manual,
        backfill_from: Some(fleet.world.config().begins_at),
        merges: true,
        ticket: [1; 32],
        agreement: [7; 32],
        ip_address: None,
        user_agent: None,
    };
    // The fleet's own connection has never been synced: nobody knows its account yet.
    let given = fleet.engine.consent(consent.clone()).await.expect("kept");
    assert_eq!(given.outcome, ConsentOutcome::New);
    assert!(given.connection.source_id.is_some(), "the account is named");
    let first = given.first_sync.expect("there is history to read");
    let done = fleet.finish(first).await;
    assert_eq!(
        done.status,
        SyncStatus::Completed,
        "{:?}",
        done.failure_reason
    );
    let synced = fleet.connection_of(given.connection.id).await;
    assert_eq!(synced.source_id, given.connection.source_id);
    assert_eq!(synced.account, given.connection.account);

    consent.ticket = [2; 32];
    let again = fleet.engine.consent(consent.clone()).await.expect("kept");
    assert_eq!(again.outcome, ConsentOutcome::Merged);
    assert_eq!(again.connection.id, given.connection.id);
    for (name, value) in &mut consent.credentials {
        if name != "username" && name != "database" {
            *value = Secret::new("wrong");
        }
    }
    let refused = fleet.engine.consent(consent).await;
    assert!(
        matches!(refused, Err(ConsentError::Rejected)),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_of_samsara_is_connected() {
    is_connected_at(Vendor::Samsara).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_of_geotab_is_connected() {
    is_connected_at(Vendor::Geotab).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_of_motive_is_connected() {
    is_connected_at(Vendor::Motive).await;
}
