//! `expand`: ids in a body replaced by the entities that they name. An id without a record stays
//! an id.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

use model::{Model, RecordId};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::error::ApiError;
use crate::extract::Scope;
use crate::{json, visibility};

/// An object's members as they came, in their order.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Ids {
    One(String),
    Many(Vec<String>),
}

/// The entities that some bodies name in some members.
pub(crate) struct Expansion<'a> {
    members: &'a [&'static str],
    /// By id.
    entities: HashMap<String, String>,
}

impl<'a> Expansion<'a> {
    /// Fetches, in one read, all that these bodies name in `members`.
    pub(crate) async fn load<'b>(
        scope: &Scope,
        bodies: impl Iterator<Item = &'b str>,
        members: &'a [&'static str],
    ) -> Result<Expansion<'a>, ApiError> {
        let mut expansion = Expansion {
            members,
            entities: HashMap::new(),
        };
        if members.is_empty() {
            return Ok(expansion);
        }
        let mut named = BTreeSet::new();
        for body in bodies {
            for (name, value) in parse(body)?.0 {
                if members.contains(&name.as_str()) {
                    named.extend(match read_ids(&value)? {
                        Ids::One(id) => vec![id],
                        Ids::Many(ids) => ids,
                    });
                }
            }
        }
        let ids: Vec<RecordId> = named.iter().filter_map(|id| record_id(id)).collect();
        if !ids.is_empty() {
            let found = scope.store().records(scope.connection.id, &ids).await?;
            for record in &found {
                let entity = entity(scope, record)?;
                expansion.entities.insert(record.id.to_string(), entity);
            }
        }
        Ok(expansion)
    }

    /// The body with the entities in the place of their ids.
    pub(crate) fn apply<'b>(&self, body: &'b str) -> Result<Cow<'b, str>, ApiError> {
        if self.entities.is_empty() {
            return Ok(Cow::Borrowed(body));
        }
        let mut expanded = Vec::with_capacity(body.len() * 2);
        for (index, (name, value)) in parse(body)?.0.iter().enumerate() {
            expanded.push(if index == 0 { b'{' } else { b',' });
            json::push_text(&mut expanded, name);
            expanded.push(b':');
            if self.members.contains(&name.as_str()) {
                self.push_expanded(&mut expanded, read_ids(value)?);
            } else {
                expanded.extend_from_slice(value.get().as_bytes());
            }
        }
        expanded.push(b'}');
        let text = String::from_utf8(expanded).expect("made of texts");
        Ok(Cow::Owned(text))
    }

    fn push_expanded(&self, bytes: &mut Vec<u8>, ids: Ids) {
        let push = |bytes: &mut Vec<u8>, id: &str| match self.entities.get(id) {
            Some(entity) => bytes.extend_from_slice(entity.as_bytes()),
            None => json::push_text(bytes, id),
        };
        match ids {
            Ids::One(id) => push(bytes, &id),
            Ids::Many(ids) => {
                bytes.push(b'[');
                for (index, id) in ids.iter().enumerate() {
                    if index > 0 {
                        bytes.push(b',');
                    }
                    push(bytes, id);
                }
                bytes.push(b']');
            }
        }
    }
}

/// A whole record as it stands inside another.
pub(crate) fn entity(scope: &Scope, record: &store::StoredRecord) -> Result<String, ApiError> {
    let mut bytes = Vec::with_capacity(record.body.len() + 160);
    let visibility = visibility::of(&scope.connection.filters, record);
    json::push_record(&mut bytes, record, &record.body, visibility, None)?;
    Ok(String::from_utf8(bytes).expect("made of texts"))
}

fn record_id(text: &str) -> Option<RecordId> {
    Model::ALL
        .into_iter()
        .find_map(|model| RecordId::parse(model, text).ok())
}

fn parse(body: &str) -> Result<Members, ApiError> {
    serde_json::from_str(body).map_err(ApiError::internal)
}

fn read_ids(value: &RawValue) -> Result<Ids, ApiError> {
    serde_json::from_str(value.get()).map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_with_a_record_become_entities_and_others_stay() {
        let expansion = Expansion {
            members: &["groups", "parent"],
            entities: HashMap::from([("group_1".to_owned(), r#"{"id":"group_1"}"#.to_owned())]),
        };
        let check = |body: &str, want: &str| {
            assert_eq!(expansion.apply(body).expect("expands"), want);
        };
        check(
            r#"{"id":"x","groups":["group_2","group_1"],"z":{"groups":[1]}}"#,
            r#"{"id":"x","groups":["group_2",{"id":"group_1"}],"z":{"groups":[1]}}"#,
        );
        check(
            r#"{"parent":"group_1","devices":["group_1"]}"#,
            r#"{"parent":{"id":"group_1"},"devices":["group_1"]}"#,
        );
        check(r#"{"groups":[]}"#, r#"{"groups":[]}"#);
        assert!(expansion.apply("[]").is_err());
    }
}
