//! Data keys: made, kept, rotated, and sealed by another master key.

use std::sync::{Arc, Mutex};

use model::{ConnectionId, KeyId, Secret};

use super::bed::{Bed, at, test_vault};
use crate::backend::{Dialect, params};
use crate::vault::SEALED_COLUMNS;
use crate::*;

async fn reopened(bed: Bed, vault: Vault) -> Result<Bed, StoreError> {
    let Bed {
        engine,
        store,
        place,
        clock,
    } = bed;
    drop(store);
    let config = StoreConfig {
        vault,
        ..Bed::config(engine, &place, StampSource::Given)
    };
    Ok(Bed {
        engine,
        store: Store::open(config).await?,
        place,
        clock,
    })
}

/// Two connections and a publishable key: five sealed values.
async fn five_values(bed: &Bed) -> (ConnectionId, ConnectionId) {
    let (one, two) = (bed.connection(1).await.id, bed.connection(2).await.id);
    let key = ApiKey {
        id: KeyId::new(at(3), 1),
        application: bed.application().await,
        kind: KeyKind::Publishable,
        hint: "wxyz".to_owned(),
        created_at: at(3),
        expires_at: None,
        revoked_at: None,
    };
    let text = Secret::new("pk_test");
    bed.store.insert_key(&key, &text).await.expect("a new key");
    (one, two)
}

async fn all_open(bed: &Bed) {
    for number in [1, 2] {
        let id = bed.new_connection(number).await.id;
        let connection = bed.store.connection(id).await.expect("its token opens");
        let token = connection.expect("there").token;
        assert_eq!(token.reveal(), format!("con_tkn_{number}"));
        let stored = bed.store.credentials(id).await.expect("they open");
        let secret = stored.expect("there").secret;
        assert_eq!(secret.reveal(), format!("{{\"apiKey\":\"{number}\"}}"));
    }
    let application = bed.application().await;
    let text = bed.store.publishable_key(application, at(4)).await;
    assert_eq!(text.expect("opens").expect("there").reveal(), "pk_test");
}

async fn counts(bed: &Bed) -> (Vec<(u32, u64)>, u64) {
    let status = bed.store.vault_status().await.expect("read");
    let keys = status.data_keys.iter();
    (
        keys.map(|key| (key.number, key.values)).collect(),
        status.values_of_master_key,
    )
}

pub async fn data_keys_are_made_once_and_kept(bed: Bed) {
    five_values(&bed).await;
    assert_eq!(counts(&bed).await, (vec![(1, 5)], 0));
    let bed = reopened(bed, test_vault()).await.expect("it opens again");
    all_open(&bed).await;
    assert_eq!(counts(&bed).await, (vec![(1, 5)], 0));
}

pub async fn another_master_key_is_refused(bed: Bed) {
    five_values(&bed).await;
    let other = || Vault::from_key([8; 32], Arc::new(|| [1; 24]));
    let (engine, place) = (bed.engine, bed.place.clone());
    let opened = reopened(bed, other()).await.map(|_| ());
    let Err(StoreError::Vault(VaultError::WrongMasterKey { .. })) = opened else {
        panic!("{opened:?}");
    };
    let config = Bed::config(engine, &place, StampSource::Given);
    Store::open(config).await.expect("its own still opens it");
}

pub async fn every_sealed_column_is_known(bed: Bed) {
    let found = bed.store.read(|tx| {
        Box::pin(async move {
            let sql = match tx.dialect() {
                Dialect::Sqlite => {
                    "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c
                    where m.type = 'table' and c.name like '%sealed%' order by 1, 2"
                }
                Dialect::Postgres => {
                    "select cast(table_name as text), cast(column_name as text)
                    from information_schema.columns
                    where table_schema = current_schema() and column_name like '%sealed%'
                    order by 1, 2"
                }
            };
            tx.query(sql, &[]).await
        })
    });
    let rows = found.await.expect("the schema is readable");
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.text(0).expect("text"), row.text(1).expect("text")))
        .filter(|(table, _)| *table != "data_keys")
        .collect();
    let known = SEALED_COLUMNS.map(|column| (column.table, column.column));
    assert_eq!(
        found, known,
        "a rotation would pass over what is not listed"
    );
}

pub async fn a_rotation_seals_everything_anew(bed: Bed) {
    five_values(&bed).await;
    let told = Mutex::new(Vec::new());
    let progress = |done: u64, total: u64| told.lock().expect("whole").push((done, total));
    let rotated = bed.store.rotate_data_key(at(70), &progress).await;
    let want = Rotated {
        number: 2,
        values: 5,
        unopenable: 0,
    };
    assert_eq!(rotated.expect("it rotates"), want);
    let told = told.into_inner().expect("whole");
    assert_eq!(told.last(), Some(&(5, 5)));
    assert_eq!(counts(&bed).await, (vec![(1, 0), (2, 5)], 0));
    all_open(&bed).await;

    // A rotation that ended early: the next leaves nothing behind either.
    let third = bed.store.add_data_key(at(80)).await.expect("a key");
    let stretch = bed.store.reseal(1).await.expect("some");
    assert!(!stretch.is_finished && stretch.values >= 1);
    bed.connection(3).await;
    let bed = reopened(bed, test_vault()).await.expect("it opens again");
    all_open(&bed).await;
    let rotated = bed.store.rotate_data_key(at(90), &|_, _| ()).await;
    assert_eq!(rotated.expect("it rotates").number, third + 1);
    let bed = reopened(bed, test_vault()).await.expect("it opens again");
    let (keys, _) = counts(&bed).await;
    assert_eq!(keys, [(third + 1, 7)], "idle keys are gone");
    all_open(&bed).await;
}

pub async fn what_changes_meanwhile_wins(bed: Bed) {
    let (one, two) = five_values(&bed).await;
    bed.store.add_data_key(at(70)).await.expect("a key");
    let renewed = Secret::new("{\"apiKey\":\"new\"}");
    let replaced = bed
        .store
        .replace_credentials(one, &renewed, 1, None, at(71))
        .await;
    assert!(replaced.expect("write"));
    // What opens with no key is told and left, and ends no rotation early.
    let damaged = bed.store.write(move |tx| {
        Box::pin(async move {
            let sql = "update credentials set sealed = ?2 where connection = ?1";
            tx.execute(sql, &params![two, vec![1_u8; 60]]).await
        })
    });
    assert_eq!(damaged.await.expect("write"), 1);
    let (mut values, mut last) = (0, Resealed::default());
    while !last.is_finished {
        last = bed.store.reseal(1).await.expect("it goes on");
        values += last.values;
    }
    assert_eq!((values, last.unopenable), (3, 1));
    let stored = bed.store.credentials(one).await.expect("read");
    assert_eq!(stored.expect("there").secret, renewed);
    assert_eq!(counts(&bed).await, (vec![(1, 0), (2, 4)], 1));
}

pub async fn values_of_before_data_keys_open(bed: Bed) {
    let (one, _) = five_values(&bed).await;
    // As an earlier version left it: sealed by the master key, and no data key.
    let old = test_vault().seal(&Secret::new("con_tkn_1"), &format!("{one}/token"));
    let written = bed.store.write(move |tx| {
        Box::pin(async move {
            tx.execute("delete from data_keys", &[]).await?;
            tx.execute("delete from credentials", &[]).await?;
            tx.execute("delete from keys", &[]).await?;
            let sql = "delete from connection_labels where connection <> ?1";
            tx.execute(sql, &params![one]).await?;
            tx.execute("delete from connections where id <> ?1", &params![one])
                .await?;
            let sql = "update connections set token_sealed = ?2 where id = ?1";
            tx.execute(sql, &params![one, old]).await
        })
    });
    assert_eq!(written.await.expect("write"), 1);
    let (engine, place) = (bed.engine, bed.place.clone());
    let other = Vault::from_key([8; 32], Arc::new(|| [1; 24]));
    let refused = reopened(bed, other).await.map(|_| ());
    let Err(StoreError::Vault(VaultError::WrongMasterKey { .. })) = refused else {
        panic!("{refused:?}");
    };
    let bed = Bed::open(engine, &place).await;
    assert_eq!(counts(&bed).await, (vec![(1, 0)], 1));
    let token = async || {
        let connection = bed.store.connection(one).await.expect("it opens");
        connection.expect("there").token.reveal().to_owned()
    };
    assert_eq!(token().await, "con_tkn_1");
    let rotated = bed.store.rotate_data_key(at(90), &|_, _| ()).await;
    assert_eq!(rotated.expect("it rotates").values, 1);
    assert_eq!(token().await, "con_tkn_1");
    assert_eq!(counts(&bed).await, (vec![(1, 0), (2, 1)], 0));
}

pub async fn the_master_key_changes(bed: Bed) {
    five_values(&bed).await;
    bed.store.add_data_key(at(70)).await.expect("a key");
    let new = MasterKey::new([9; 32], "the new place");
    let changed = bed.store.change_master_key(new.clone()).await;
    assert_eq!(changed.expect("changed"), 2);
    all_open(&bed).await;
    let status = bed.store.vault_status().await.expect("read");
    assert_eq!(status.master_key_from, "the new place");
    // Keys that come later are sealed by the new one, too.
    bed.store.add_data_key(at(80)).await.expect("a key");
    let (engine, place) = (bed.engine, bed.place.clone());
    let refused = reopened(bed, test_vault()).await.map(|_| ());
    let Err(StoreError::Vault(VaultError::WrongMasterKey { .. })) = refused else {
        panic!("{refused:?}");
    };
    let config = StoreConfig {
        vault: Vault::new(new, Arc::new(|bytes: &mut [u8]| bytes.fill(3))),
        ..Bed::config(engine, &place, StampSource::Given)
    };
    let bed = Bed {
        engine,
        store: Store::open(config).await.expect("by the new key"),
        place,
        clock: Arc::default(),
    };
    all_open(&bed).await;
}
