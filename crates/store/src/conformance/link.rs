//! What belongs to Link: public tokens, short links, templates, wishes and agreements.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::language::Language;
use model::link::{Backfill, ConsentForm, ConsentTexts, LinkOptions};
use model::{ApplicationId, ProviderRequestId, ShortLinkId, TemplateId};

use super::bed::{Bed, at};
use crate::backend::params;
use crate::*;

/// A token that lives from 1,000 to 2,000.
async fn public_token(bed: &Bed, connection: &Connection, hash: [u8; 32]) {
    let params = params![
        hash,
        connection.application,
        connection.id,
        at(1_000),
        at(2_000)
    ];
    let written = bed.store.write(move |tx| {
        Box::pin(async move {
            let sql = "insert into public_tokens
                (hash, application, connection, created_at, expires_at)
                values (?1, ?2, ?3, ?4, ?5)";
            tx.execute(sql, &params).await
        })
    });
    assert_eq!(written.await.expect("write"), 1);
}

async fn another_application(bed: &Bed) -> ApplicationId {
    let id = ApplicationId::new(at(2), 2);
    let params = params![id, "Another", at(2)];
    let written = bed.store.write(move |tx| {
        Box::pin(async move {
            let sql = "insert into applications (id, name, created_at) values (?1, ?2, ?3)";
            tx.execute(sql, &params).await
        })
    });
    assert_eq!(written.await.expect("write"), 1);
    id
}

pub async fn a_public_token_is_good_once_in_its_time(bed: Bed) {
    let connection = bed.connection(1).await;
    let (one, other) = (hash_secret("pub_tkn_1"), hash_secret("pub_tkn_2"));
    public_token(&bed, &connection, one).await;
    public_token(&bed, &connection, other).await;
    let stranger = another_application(&bed).await;
    let exchange = async |application, hash, now: i64| -> Exchange {
        let exchanged = bed.store.exchange_public_token(application, hash, at(now));
        exchanged.await.expect("write")
    };
    let owner = connection.application;
    let unknown = hash_secret("pub_tkn_3");
    assert_eq!(exchange(owner, unknown, 1_500).await, Exchange::Unknown);
    assert_eq!(exchange(stranger, one, 1_500).await, Exchange::Unknown);
    assert_eq!(
        exchange(owner, one, 1_999).await,
        Exchange::Connection(connection.id)
    );
    assert_eq!(exchange(owner, one, 1_999).await, Exchange::Used);
    assert_eq!(exchange(stranger, one, 1_999).await, Exchange::Unknown);
    assert_eq!(exchange(owner, other, 2_000).await, Exchange::Expired);

    let sweep = async |before: i64| bed.store.sweep_public_tokens(at(before)).await;
    assert_eq!(sweep(2_000).await.expect("write"), 0);
    assert_eq!(sweep(2_001).await.expect("write"), 2);
    assert_eq!(exchange(owner, one, 1_500).await, Exchange::Unknown);
}

pub async fn of_racing_exchanges_one_wins(bed: Bed) {
    let connection = bed.connection(1).await;
    let hash = hash_secret("pub_tkn_1");
    public_token(&bed, &connection, hash).await;
    let racers = (0..12).map(|_| {
        let store = bed.store.clone();
        let application = connection.application;
        tokio::spawn(async move {
            let exchanged = store.exchange_public_token(application, hash, at(1_500));
            exchanged.await.expect("write")
        })
    });
    let racers: Vec<_> = racers.collect();
    let mut winners = 0;
    for racer in racers {
        match racer.await.expect("no panic") {
            Exchange::Connection(found) => {
                assert_eq!(found, connection.id);
                winners += 1;
            }
            lost => assert_eq!(lost, Exchange::Used),
        }
    }
    assert_eq!(winners, 1);
}

/// Made at `now`, good for 1,000.
fn short_link(application: ApplicationId, number: u32, code: &str, now: i64) -> ShortLink {
    ShortLink {
        id: ShortLinkId::new(at(now), u128::from(number)),
        application,
        code: code.to_owned(),
        options: LinkOptions {
            name: Some(format!("Company {number}")),
            tags: vec!["a".to_owned()],
            backfill: Some(Backfill {
                start_from: None,
                days: Some(7.5),
            }),
            ..LinkOptions::default()
        },
        created_at: at(now),
        expires_at: at(now + 1_000),
    }
}

pub async fn short_links_are_found_until_they_end(bed: Bed) {
    let application = bed.application().await;
    let stranger = another_application(&bed).await;
    let store = &bed.store;
    let found = async |code: &str, now: i64| -> Option<ShortLink> {
        store.short_link_by_code(code, at(now)).await.expect("read")
    };
    let link = short_link(application, 1, "aaaaaaaa", 1_000);
    let made = store.create_short_link(&link, [1; 32]).await.expect("new");
    assert_eq!(made, (link.clone(), false));
    assert_eq!(found("aaaaaaaa", 1_999).await, Some(link.clone()));
    assert_eq!(found("aaaaaaaa", 2_000).await, None, "its time is over");
    assert_eq!(found("bbbbbbbb", 1_500).await, None);
    assert_eq!(found("a\0", 1_500).await, None);

    // An equal request of the same application is the same link; of another, one of its own.
    let twin = short_link(application, 2, "bbbbbbbb", 1_100);
    let replayed = store.create_short_link(&twin, [1; 32]).await.expect("read");
    assert_eq!(replayed, (link.clone(), true));
    let taken = short_link(stranger, 3, "aaaaaaaa", 1_100);
    let refused = store.create_short_link(&taken, [1; 32]).await;
    let Err(StoreError::Conflict { what }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(what, "short link code");
    let foreign = short_link(stranger, 3, "bbbbbbbb", 1_100);
    let made = store.create_short_link(&foreign, [1; 32]).await;
    assert_eq!(made.expect("new"), (foreign, false));

    // Deleting gives code and request free again.
    let delete = async |application, id| store.delete_short_link(application, id, at(1_200)).await;
    let refused = delete(stranger, link.id).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    assert!(delete(application, link.id).await.expect("write"));
    assert!(!delete(application, link.id).await.expect("write"));
    assert_eq!(found("aaaaaaaa", 1_500).await, None);
    let again = short_link(application, 4, "aaaaaaaa", 1_300);
    let made = store.create_short_link(&again, [1; 32]).await;
    assert_eq!(made.expect("new"), (again.clone(), false));
    assert!(!delete(application, link.id).await.expect("write"));
    assert_eq!(found("aaaaaaaa", 1_500).await, Some(again));

    // So does the end of its time.
    let next_year = short_link(application, 5, "aaaaaaaa", 2_300);
    let made = store.create_short_link(&next_year, [1; 32]).await;
    assert_eq!(made.expect("new"), (next_year, false));
}

pub async fn racing_equal_requests_make_one_short_link(bed: Bed) {
    let application = bed.application().await;
    let racers = (0..8).map(|number| {
        let store = bed.store.clone();
        let link = short_link(
            application,
            number,
            &format!("aaaaaaa{}", number + 2),
            1_000,
        );
        tokio::spawn(async move {
            store
                .create_short_link(&link, [1; 32])
                .await
                .expect("write")
        })
    });
    let racers: Vec<_> = racers.collect();
    let mut codes = std::collections::BTreeSet::new();
    let mut made = 0;
    for racer in racers {
        let (link, replayed) = racer.await.expect("no panic");
        codes.insert(link.code);
        made += usize::from(!replayed);
    }
    assert_eq!((codes.len(), made), (1, 1));
}

fn template(application: ApplicationId, number: u32, name: &str) -> Template {
    let texts = ConsentTexts {
        title: Some("Connect".to_owned()),
        agreement: Some("One.\n\nTwo.".to_owned()),
        success: None,
    };
    Template {
        id: TemplateId::new(at(1_000), u128::from(number)),
        application,
        name: name.to_owned(),
        form: ConsentForm {
            display_name: Some("Acme".to_owned()),
            border_radius: Some(8),
            texts: BTreeMap::from([(Language::Fr, texts)]),
            require_external_id: true,
            ..ConsentForm::default()
        },
        logo: Some(Logo {
            media_type: "image/png".to_owned(),
            bytes: Bytes::from_static(b"\x89PNG"),
        }),
        created_at: at(1_000),
        updated_at: at(1_000),
        archived_at: None,
    }
}

pub async fn templates_are_kept_changed_and_archived(bed: Bed) {
    let application = bed.application().await;
    let stranger = another_application(&bed).await;
    let store = &bed.store;
    let first = template(application, 1, "default");
    store.create_template(&first).await.expect("new");
    let read = store.template(first.id).await.expect("read");
    assert_eq!(read, Some(first.clone()));
    let twin = store
        .create_template(&template(application, 2, "default"))
        .await;
    assert!(matches!(twin, Err(StoreError::Conflict { .. })));
    let foreign = template(stranger, 3, "default");
    store.create_template(&foreign).await.expect("theirs");
    let other = template(application, 4, "other");
    store.create_template(&other).await.expect("new");

    let rename = TemplatePatch {
        name: Some("default".to_owned()),
        ..TemplatePatch::default()
    };
    let refused = store.update_template(other.id, &rename, at(1_500)).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    let patch = TemplatePatch {
        form: Some(ConsentForm::default()),
        logo: Some(None),
        ..rename
    };
    let updated = store.update_template(first.id, &patch, at(2_000)).await;
    let updated = updated.expect("its own name is no conflict");
    assert_eq!(updated.form, ConsentForm::default());
    assert_eq!(
        (updated.logo.as_ref(), updated.updated_at),
        (None, at(2_000))
    );
    let nothing = TemplatePatch::default();
    let kept = store.update_template(other.id, &nothing, at(2_000)).await;
    assert_eq!(kept.expect("kept").logo, other.logo);

    let named = async |name: &str| {
        let found = store.template_named(application, name).await.expect("read");
        found.map(|template| template.id)
    };
    assert_eq!(named("default").await, Some(first.id));
    assert_eq!(named("none").await, None);
    for now in [3_000, 4_000] {
        let archived = store.archive_template(first.id, at(now)).await;
        assert_eq!(archived.expect("archived").archived_at, Some(at(3_000)));
    }
    assert_eq!(named("default").await, None);
    assert!(store.template(first.id).await.expect("read").is_some());
    let refused = store.update_template(first.id, &patch, at(5_000)).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    let unknown = store
        .archive_template(TemplateId::new(at(9), 9), at(9))
        .await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
    let successor = template(application, 5, "default");
    store.create_template(&successor).await.expect("it is free");
    assert_eq!(named("default").await, Some(successor.id));
    let listed = store.list_templates(application).await.expect("list");
    let listed: Vec<_> = listed.iter().map(|template| template.id).collect();
    assert_eq!(listed, [first.id, other.id, successor.id]);
}

pub async fn wishes_and_agreements_are_kept(bed: Bed) {
    let application = bed.application().await;
    let stranger = another_application(&bed).await;
    let store = &bed.store;
    let wishes = [1, 2].map(|number: u32| ProviderWish {
        id: ProviderRequestId::new(at(1_000 + i64::from(number)), u128::from(number)),
        application,
        name: format!("Provider {number}"),
        contact: (number == 2).then(|| "rosa@example.com".to_owned()),
        requested_at: at(1_000 + i64::from(number)),
    });
    for wish in &wishes {
        store.add_provider_wish(wish).await.expect("new");
    }
    let twice = store.add_provider_wish(&wishes[0]).await;
    assert!(matches!(twice, Err(StoreError::Conflict { .. })));
    let list = async |application| store.list_provider_wishes(application).await.expect("list");
    assert_eq!(list(application).await, wishes);
    assert_eq!(list(stranger).await, []);

    let text = "I agree.\n\nJ’accepte.";
    let hash = store.keep_agreement(text, at(1_000)).await.expect("kept");
    assert_eq!(hash, hash_secret(text));
    let again = store.keep_agreement(text, at(2_000)).await.expect("kept");
    assert_eq!(again, hash);
    let read = store.agreement(hash).await.expect("read");
    assert_eq!(read.as_deref(), Some(text));
    assert_eq!(store.agreement([0; 32]).await.expect("read"), None);
}
