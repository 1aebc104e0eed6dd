//! Finding one's way in an OpenAPI document.
//!
//! It is read as JSON, as clients read it: the page can then show nothing that they are not told.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::description::description;

/// Methods in the order in which operations of one path are shown.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

pub(super) struct Document(Value);

pub(super) struct Operation<'a> {
    /// In lower case.
    pub method: &'a str,
    pub path: &'a str,
    pub told: &'a Value,
}

/// A refusal that operations share: an entry of the document's responses.
pub(super) struct Refusal<'a> {
    pub name: &'a str,
    pub told: &'a Value,
}

/// A member of an object, in whichever part of its schema it stands.
pub(super) struct Member<'a> {
    pub name: &'a str,
    pub required: bool,
    pub schema: &'a Value,
}

impl Document {
    /// The one that the server serves.
    pub(super) fn described() -> Document {
        let value = serde_json::to_value(description());
        Document(value.expect("a description is made of texts, numbers and lists"))
    }

    pub(super) fn info(&self) -> &Value {
        &self.0["info"]
    }

    /// Below which all paths lie.
    pub(super) fn prefix(&self) -> &str {
        text(&self.0["servers"][0], "url")
    }

    pub(super) fn security_schemes(&self) -> impl Iterator<Item = (&str, &Value)> {
        members_of(&self.0["components"]["securitySchemes"])
    }

    pub(super) fn schemas(&self) -> impl Iterator<Item = (&str, &Value)> {
        members_of(&self.0["components"]["schemas"])
    }

    /// Operations by tag, both in the order of the alphabet and of paths.
    pub(super) fn operations_by_tag(&self) -> BTreeMap<&str, Vec<Operation<'_>>> {
        let mut by_tag: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
        for operation in self.operations() {
            by_tag.entry(operation.tag()).or_default().push(operation);
        }
        by_tag
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        members_of(&self.0["paths"]).flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                let told = item.get(method)?;
                Some(Operation { method, path, told })
            })
        })
    }

    /// Refusals by status, as operations name them.
    pub(super) fn refusals(&self) -> BTreeMap<&str, Refusal<'_>> {
        let operations: Vec<Operation<'_>> = self.operations().collect();
        let answers = operations
            .iter()
            .flat_map(|operation| members_of(&operation.told["responses"]));
        answers
            .filter_map(|(status, answer)| {
                let name = reference(answer)?;
                let told = self.resolved(answer);
                Some((status, Refusal { name, told }))
            })
            .collect()
    }

    /// What a reference leads to; anything else is itself.
    pub(super) fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let target = |value: &Value| {
            self.0
                .pointer(value["$ref"].as_str()?.trim_start_matches('#'))
        };
        let mut found = value;
        while let Some(next) = target(found) {
            found = next;
        }
        found
    }

    /// The members of an object, those of the parts that it is composed of among them: first the
    /// required ones. Empty for what is no object.
    pub(super) fn members<'a>(&'a self, schema: &'a Value) -> Vec<Member<'a>> {
        let mut members = Vec::new();
        self.add_members(schema, &mut members);
        members.sort_by_key(|member| (!member.required, member.name));
        members
    }

    fn add_members<'a>(&'a self, schema: &'a Value, members: &mut Vec<Member<'a>>) {
        let schema = self.resolved(schema);
        for part in list(schema, "allOf") {
            self.add_members(part, members);
        }
        let required = list(schema, "required");
        for (name, own) in members_of(&schema["properties"]) {
            members.push(Member {
                name,
                required: required.iter().any(|one| one == name),
                schema: own,
            });
        }
    }
}

impl<'a> Operation<'a> {
    pub(super) fn id(&self) -> &'a str {
        text(self.told, "operationId")
    }

    pub(super) fn tag(&self) -> &'a str {
        self.told["tags"][0].as_str().unwrap_or_default()
    }

    pub(super) fn summary(&self) -> &'a str {
        text(self.told, "summary")
    }

    pub(super) fn answers(&self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        members_of(&self.told["responses"])
    }

    /// The answers when all is well; an operation that is not built has none.
    pub(super) fn successes(&self) -> Vec<(&'a str, &'a Value)> {
        let good = self.answers().filter(|(status, _)| status.starts_with('2'));
        good.collect()
    }
}

/// The last part of a reference.
pub(super) fn reference(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.rsplit('/').next()
}

/// A member that is a text; empty without it.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// A member that is a list; empty without it.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// The schemas of which one holds.
pub(super) fn alternatives(schema: &Value) -> &[Value] {
    match list(schema, "oneOf") {
        [] => list(schema, "anyOf"),
        one_of => one_of,
    }
}

fn members_of(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flat_map(Map::iter);
    members.map(|(name, value)| (name.as_str(), value))
}
