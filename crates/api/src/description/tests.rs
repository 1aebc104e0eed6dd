//! The description against the route table, and against itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::description;
use crate::router::CONTRACT;

fn document() -> Value {
    serde_json::to_value(description()).expect("JSON")
}

/// `{vehicleId}` and `{id}` are the same place.
fn without_names(path: &str) -> String {
    let parts = path.split('/');
    let parts = parts.map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let routes: BTreeSet<_> = CONTRACT
        .iter()
        .map(|(method, path)| ((*method).to_owned(), without_names(path)))
        .collect();
    let document = document();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            assert!(
                described.insert((method.clone(), without_names(path))),
                "{method} {path} is described twice"
            );
        }
    }
    assert_eq!(described, routes);
    assert_eq!(routes.len(), CONTRACT.len());
}

#[test]
fn operations_have_names_of_their_own() {
    let ids: BTreeSet<_> = super::operations().map(super::Described::id).collect();
    assert_eq!(ids.len(), CONTRACT.len());
}

/// Calls `visit` with every object of the document and its place.
fn walk(value: &Value, place: &str, visit: &mut dyn FnMut(&Value, &str)) {
    match value {
        Value::Object(members) => {
            visit(value, place);
            for (name, member) in members {
                walk(member, &format!("{place}/{name}"), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{place}/{index}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn references_lead_somewhere_and_every_schema_is_used() {
    let document = document();
    let mut referred = BTreeSet::new();
    walk(&document, "", &mut |value, place| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let target = reference
                .strip_prefix('#')
                .and_then(|at| document.pointer(at));
            assert!(target.is_some(), "{place}: {reference}");
            referred.insert(reference.to_owned());
        }
    });
    for name in document["components"]["schemas"]
        .as_object()
        .expect("schemas")
        .keys()
    {
        let reference = format!("#/components/schemas/{name}");
        assert!(referred.contains(&reference), "{name} is used nowhere");
    }
}

#[test]
fn schemas_and_their_members_are_told_in_words() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let told = |value: &Value| {
        let text = value["description"].as_str().unwrap_or_default();
        // A reference without words of its own has those of its target.
        !text.is_empty() || value.get("$ref").is_some()
    };
    let mut untold = Vec::new();
    for (name, schema) in schemas.as_object().expect("schemas") {
        if !told(schema) {
            untold.push(name.clone());
        }
    }
    walk(schemas, "", &mut |value, place| {
        let members = value.get("properties").and_then(Value::as_object);
        for (name, member) in members.into_iter().flatten() {
            if !told(member) {
                untold.push(format!("{place}/{name}"));
            }
        }
    });
    assert_eq!(untold, Vec::<String>::new());
}

/// But for the one member that the contract has so, and for what is taken away.
#[test]
fn nothing_is_null() {
    let may_be = [
        "/components/schemas/IftaSummary/properties/jurisdiction/",
        "/components/schemas/ConnectionPatch/properties/externalId",
        "/components/schemas/ConnectionPatch/properties/company/properties/name",
    ];
    walk(&document(), "", &mut |value, place| {
        assert!(
            (value["type"] != "null" && !value["type"].is_array())
                || may_be.iter().any(|may_be| place.starts_with(may_be)),
            "{place}"
        );
    });
}
