//! Applications, their addresses and their keys.

use model::{ApplicationId, KeyId, Secret};

use super::bed::{Bed, at};
use crate::*;

pub async fn applications_and_their_addresses(bed: Bed) {
    let id = bed.application().await;
    let store = &bed.store;
    store.ping().await.expect("it answers");
    let again = Application::new(id, "Again", at(2));
    let refused = store.create_application(&again).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));

    let sandbox = Application {
        environment: Environment::Sandbox,
        merges: Some(true),
        origins: vec!["https://b.example".to_owned()],
        ..Application::new(ApplicationId::new(at(2), 2), "Sandbox", at(2))
    };
    store.create_application(&sandbox).await.expect("another");
    let listed = store.list_applications().await.expect("list");
    let first = Application::new(id, "Test", at(1));
    assert_eq!(listed, [first.clone(), sandbox.clone()]);

    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let patch = ApplicationPatch {
        merges: Some(Some(false)),
        origins_added: texts(&["https://b.example", "https://a.example"]),
        redirects_added: texts(&["https://a.example/done"]),
        ..ApplicationPatch::default()
    };
    for _ in 0..2 {
        let changed = store.update_application(id, &patch).await.expect("changed");
        assert_eq!(changed.merges, Some(false));
        assert_eq!(changed.origins, ["https://a.example", "https://b.example"]);
        assert_eq!(changed.redirects, ["https://a.example/done"]);
    }
    let patch = ApplicationPatch {
        merges: Some(None),
        origins_removed: texts(&["https://b.example", "https://never.example"]),
        redirects_removed: texts(&["https://a.example/done"]),
        ..ApplicationPatch::default()
    };
    let changed = store.update_application(id, &patch).await.expect("changed");
    let want = Application {
        origins: texts(&["https://a.example"]),
        ..first
    };
    assert_eq!(changed, want);
    let read = store.application(sandbox.id).await.expect("read");
    assert_eq!(read, Some(sandbox), "another's addresses are its own");
    let nobody = ApplicationId::new(at(9), 9);
    let unknown = store.update_application(nobody, &patch).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
}

fn key(application: ApplicationId, number: i64, kind: KeyKind) -> ApiKey {
    ApiKey {
        id: KeyId::new(at(number), 1),
        application,
        kind,
        hint: "wxyz".to_owned(),
        created_at: at(number),
        expires_at: None,
        revoked_at: None,
    }
}

pub async fn keys_are_found_listed_and_revoked(bed: Bed) {
    let application = bed.application().await;
    let store = &bed.store;
    let key = key(application, 3, KeyKind::Secret);
    let text = Secret::new("sk_test");
    store.insert_key(&key, &text).await.expect("a new key");
    let twin = ApiKey {
        id: KeyId::new(at(3), 2),
        ..key.clone()
    };
    let refused = store.insert_key(&twin, &text).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    let homeless = ApiKey {
        application: ApplicationId::new(at(9), 9),
        ..twin
    };
    let refused = store.insert_key(&homeless, &Secret::new("other")).await;
    assert!(refused.is_err());

    let hash = hash_secret("sk_test");
    assert_eq!(store.find_key(hash).await.expect("find"), Some(key.clone()));
    assert_eq!(store.key(key.id).await.expect("find"), Some(key.clone()));
    assert_eq!(store.find_key(hash_secret("x")).await.expect("find"), None);
    for now in [50, 60] {
        let revoked = store.revoke_key(key.id, at(now)).await.expect("revoke");
        assert_eq!(revoked.revoked_at, Some(at(50)));
        assert!(!revoked.is_live(at(50)));
    }
    assert_eq!(store.list_keys(application).await.expect("list").len(), 1);
    let unknown = store.revoke_key(KeyId::new(at(1), 1), at(1)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })));
}

pub async fn a_replaced_key_dies_after_its_time(bed: Bed) {
    let application = bed.application().await;
    let store = &bed.store;
    let old = key(application, 3, KeyKind::Secret);
    let text = Secret::new("sk_old");
    store.insert_key(&old, &text).await.expect("a new key");
    let replace = async |number: i64, ends: i64| {
        let successor = key(application, number, KeyKind::Secret);
        let text = Secret::new(format!("sk_{number}"));
        let replaced = store.replace_key(old.id, at(ends), &successor, &text).await;
        (replaced.map(|old| old.expires_at), successor.id)
    };
    let (replaced, _) = replace(10, 500).await;
    assert_eq!(replaced.expect("live"), Some(at(500)));
    // What was settled before is not put off by another successor.
    let (replaced, _) = replace(11, 900).await;
    assert_eq!(replaced.expect("live"), Some(at(500)));
    let (replaced, _) = replace(12, 400).await;
    assert_eq!(replaced.expect("live"), Some(at(400)));
    let found = store.find_key(hash_secret("sk_old")).await.expect("find");
    let found = found.expect("it stays listed");
    assert!(found.is_live(at(399)) && !found.is_live(at(400)));
    let (refused, successor) = replace(400, 999).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })));
    let made = store.key(successor).await.expect("read");
    assert_eq!(made, None, "no successor of a dead key");
    assert_eq!(store.list_keys(application).await.expect("list").len(), 4);
}

pub async fn the_text_of_publishable_keys_is_kept(bed: Bed) {
    let application = bed.application().await;
    let store = &bed.store;
    let newest = async |now: i64| {
        let text = store.publishable_key(application, at(now)).await;
        text.expect("read").map(|text| text.reveal().to_owned())
    };
    assert_eq!(newest(0).await, None);
    let mut ids = Vec::new();
    for (number, kind) in [
        (1, KeyKind::Publishable),
        (2, KeyKind::Publishable),
        (3, KeyKind::Secret),
    ] {
        let key = key(application, number, kind);
        let text = Secret::new(format!("text {number}"));
        store.insert_key(&key, &text).await.expect("a new key");
        ids.push(key.id);
    }
    assert_eq!(newest(5).await.as_deref(), Some("text 2"));
    let texts = store.key_texts(application).await.expect("read");
    let texts: Vec<_> = texts
        .iter()
        .map(|(id, text)| (*id, text.reveal()))
        .collect();
    assert_eq!(texts, [(ids[0], "text 1"), (ids[1], "text 2")]);

    let successor = key(application, 10, KeyKind::Publishable);
    let text = Secret::new("text 10");
    let replaced = store.replace_key(ids[1], at(50), &successor, &text).await;
    replaced.expect("live");
    assert_eq!(newest(11).await.as_deref(), Some("text 10"));
    store
        .revoke_key(successor.id, at(12))
        .await
        .expect("revoke");
    // One that lasts goes before one that ends.
    assert_eq!(newest(13).await.as_deref(), Some("text 1"));
    store.revoke_key(ids[0], at(14)).await.expect("revoke");
    assert_eq!(newest(49).await.as_deref(), Some("text 2"));
    assert_eq!(newest(50).await, None);
    let stranger = ApplicationId::new(at(9), 9);
    let none = store.publishable_key(stranger, at(1)).await.expect("read");
    assert!(none.is_none());
}
