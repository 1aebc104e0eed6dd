//! What only a store in one file promises.

use std::collections::HashSet;

use super::bed::{self, Bed, Engine, at, checkpoint, page, vehicle};
use crate::backend::params;
use crate::history::Chance;
use crate::*;

#[test]
fn a_file_has_one_owner() {
    bed::run(Engine::SqliteThreads, |bed| async move {
        let config = Bed::config(bed.engine, &bed.place, StampSource::Given);
        let second = Store::open(config.clone()).await.map(|_| ());
        assert!(
            matches!(second, Err(StoreError::Owned { .. })),
            "{second:?}"
        );
        drop(bed.store);
        Store::open(config).await.expect("it is free again");
    });
}

/// Operations that share a commit do not share their failures.
#[test]
fn an_operation_that_fails_spoils_no_other() {
    bed::run(Engine::SqliteThreads, |bed| async move {
        let insert = |number: u128, then: fn()| {
            let store = bed.store.clone();
            let id = model::ApplicationId::new(at(1), number);
            tokio::spawn(async move {
                let written = store.write(move |tx| {
                    Box::pin(async move {
                        let sql = "insert into applications (id, name, created_at)
                            values (?1, 'x', 1)";
                        tx.execute(sql, &params![id]).await?;
                        then();
                        // An odd one fails after it has written.
                        if number % 2 == 1 {
                            return Err(StoreError::Stale);
                        }
                        Ok(())
                    })
                });
                written.await
            })
        };
        // The first keeps the writer busy, so that the others wait for it together.
        let (release, hold) = std::sync::mpsc::channel::<()>();
        let busy = {
            let store = bed.store.clone();
            tokio::spawn(async move {
                let held = store.write(move |_| {
                    Box::pin(async move {
                        hold.recv().expect("released");
                        Ok(())
                    })
                });
                held.await
            })
        };
        let mut tasks: Vec<_> = (0..20).map(|number| insert(number, || {})).collect();
        tasks.push(insert(20, || panic!("a bug in one operation")));
        release.send(()).expect("it waits");
        busy.await.expect("no panic here").expect("written");
        for (number, task) in tasks.into_iter().enumerate() {
            let written = task.await.expect("the panic stays with the writer");
            assert_eq!(
                written.is_ok(),
                number % 2 == 0 && number < 20,
                "{written:?}"
            );
        }
        let applications = bed.store.list_applications().await.expect("list");
        assert_eq!(applications.len(), 10);
    });
}

#[test]
fn a_database_in_memory_needs_no_file() {
    bed::run(Engine::SqliteInline, |bed| async move {
        let config = StoreConfig {
            target: Target::Sqlite {
                path: ":memory:".into(),
            },
            execution: Execution::Threads,
            ..Bed::config(bed.engine, &bed.place, StampSource::Given)
        };
        let store = Store::open(config).await.expect("it opens");
        store.ping().await.expect("it answers");
    });
}

#[test]
fn the_file_is_set_up_as_designed() {
    bed::run(Engine::SqliteThreads, |bed| async move {
        let read = async |pragma: &'static str| {
            let row = bed
                .store
                .write(move |tx| Box::pin(async move { tx.query_first(pragma, &[]).await }));
            row.await.expect("a pragma").expect("one row")
        };
        assert_eq!(
            read("pragma journal_mode").await.text(0).expect("text"),
            "wal"
        );
        assert_eq!(read("pragma synchronous").await.i64(0).expect("number"), 2);
        assert_eq!(read("pragma auto_vacuum").await.i64(0).expect("number"), 2);
        assert_eq!(
            read("pragma secure_delete").await.i64(0).expect("number"),
            1
        );
        assert_eq!(read("pragma foreign_keys").await.i64(0).expect("number"), 1);
    });
}

/// What retired pages took, the file gives back.
#[test]
fn retired_pages_make_the_file_smaller() {
    bed::run(Engine::SqliteThreads, |bed| async move {
        let (connection, lease) = bed.syncing(1, 2_000).await;
        let mut chance = Chance::new(1);
        let pages = (1..=3).map(|number| {
            let noise: Vec<u8> = (0..1 << 20).map(|_| chance.next() as u8).collect();
            RawPage {
                body: PageBody::Plain(noise.into()),
                ..page(number, "")
            }
        });
        let made = Checkpoint {
            pages: pages.collect(),
            drafts: (1..=3)
                .map(|number| vehicle(&connection, &number.to_string(), "A", number))
                .collect(),
            ..checkpoint(3_000)
        };
        bed.commit(&lease, made).await;
        let before = bed.store.storage().await.expect("read").database_bytes;
        let retired = bed.store.retire_pages(connection.id, at(6_000), 3).await;
        let retired = retired.expect("the store answers");
        assert!(retired.pages == 3 && retired.bytes > 3 << 20);
        let after = bed.store.storage().await.expect("read").database_bytes;
        assert!(after < before / 2, "{after} of {before}");
    });
}

/// Pages of the file that two connections share keep nothing of the one that was erased: neither
/// its last rows nor what was there before them, wherever the trees put it meanwhile.
#[test]
fn what_is_erased_is_nowhere_in_the_file() {
    bed::run(Engine::SqliteThreads, |bed| async move {
        let (leaving, lease) = bed.syncing(1, 2_000).await;
        let (staying, other_lease) = bed.syncing(2, 2_000).await;
        let mut chance = Chance::new(3);
        let mut written: Vec<(bool, String)> = Vec::new();
        for round in 0..40_i64 {
            for (connection, lease) in [(&leaving, &lease), (&staying, &other_lease)] {
                let mut drafts = Vec::new();
                for _ in 0..8 {
                    // A few hundred vehicles, each written several times, each time longer or not.
                    let id = chance.below(120).to_string();
                    let words = 3 + chance.below(120);
                    let name: String = (0..words)
                        .map(|_| format!("{:016x}", chance.next()))
                        .collect();
                    written.push((connection.id == leaving.id, name.clone()));
                    drafts.push(vehicle(connection, &id, &name, round + 1));
                }
                let made = Checkpoint {
                    pages: vec![page(round + 1, "{}")],
                    drafts,
                    ..checkpoint(3_000 + round)
                };
                bed.commit(lease, made).await;
            }
        }
        let found = async |of_leaving: bool| {
            let Target::Sqlite { path } = &bed.place.target else {
                panic!("a file");
            };
            let mut bytes = Vec::new();
            for name in ["store.db", "store.db-wal"] {
                bytes.extend(std::fs::read(path.with_file_name(name)).expect("it is there"));
            }
            // Sixteen characters of chance stand nowhere else.
            let windows: HashSet<&[u8]> = bytes.windows(16).collect();
            let of_it = written.iter().filter(|(leaving, _)| *leaving == of_leaving);
            let words = of_it.flat_map(|(_, name)| name.as_bytes().chunks(16));
            words.filter(|word| windows.contains(word)).count()
        };
        let (ours, theirs) = (found(true).await, found(false).await);
        assert!(ours > 1_000 && theirs > 1_000);

        let id = leaving.id;
        let asked = bed.store.request_deletion(id, at(9_000), at(9_000)).await;
        asked.expect("it can be deleted");
        assert!(bed.store.begin_erasure(id, at(9_000)).await.expect("write"));
        while bed.store.erase_some(id).await.expect("a step").rows > 0 {}
        assert!(!bed.store.rebuild_file(4_096).await.expect("its size"));
        assert!(bed.store.rebuild_file(1 << 30).await.expect("a new file"));
        assert!(bed.store.truncate_log().await.expect("the log"));
        assert_eq!(found(true).await, 0, "of {ours} words");
        assert!(found(false).await > 1_000);
    });
}

/// Whoever reads keeps the log from being cut, and is not disturbed.
#[test]
fn the_log_is_not_cut_under_a_reader() {
    bed::run(Engine::SqliteThreads, |bed| async move {
        let (connection, lease) = bed.syncing(1, 2_000).await;
        let (release, hold) = std::sync::mpsc::channel::<()>();
        let (reading, begun) = tokio::sync::oneshot::channel::<()>();
        let reader = {
            let store = bed.store.clone();
            tokio::spawn(async move {
                let read = store.read(move |tx| {
                    Box::pin(async move {
                        let count = "select count(*) from records";
                        let before = tx.query_first(count, &[]).await?;
                        reading.send(()).expect("somebody waits");
                        hold.recv().expect("released");
                        Ok((before, tx.query_first(count, &[]).await?))
                    })
                });
                read.await
            })
        };
        begun.await.expect("it reads");
        let made = Checkpoint {
            drafts: vec![vehicle(&connection, "1", "A", 1)],
            ..checkpoint(3_000)
        };
        bed.commit(&lease, made).await;
        assert!(!bed.store.truncate_log().await.expect("an answer"));
        release.send(()).expect("it waits");
        let (before, after) = reader.await.expect("no panic").expect("read");
        assert_eq!(before, after);
        assert!(bed.store.truncate_log().await.expect("an answer"));
    });
}
