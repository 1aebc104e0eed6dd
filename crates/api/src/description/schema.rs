//! What the schemas of the resources are made of.

use std::collections::BTreeMap;

use model::Model;
use utoipa::ToSchema;
use utoipa::openapi::schema::{
    ArrayBuilder, ArrayItems, Object, ObjectBuilder, OneOfBuilder, RefBuilder, Schema,
    SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};

/// The schemas of the description by name.
#[derive(Default)]
pub(super) struct Schemas(BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    pub(super) fn add(&mut self, name: &str, schema: impl Into<RefOr<Schema>>) {
        self.0.insert(name.to_owned(), schema.into());
    }

    /// A type's own schema and all that it refers to.
    pub(super) fn add_type<T: ToSchema>(&mut self) {
        let mut referred = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut referred);
        for (name, schema) in referred {
            self.0.entry(name).or_insert_with(|| as_served(schema));
        }
    }

    /// A struct's schema, to which `complete` adds what is spliced into it.
    pub(super) fn add_record<T: ToSchema>(&mut self, complete: impl FnOnce(&mut Object)) {
        self.add_type::<T>();
        if let Some(RefOr::T(Schema::Object(object))) = self.0.get_mut(T::name().as_ref()) {
            complete(object);
        }
    }

    /// Puts words to a schema or to one of its members, where the code has none. `member` may be
    /// empty.
    pub(super) fn tell(&mut self, schema: &str, member: &str, words: &str) {
        let Some(RefOr::T(Schema::Object(object))) = self.0.get_mut(schema) else {
            return;
        };
        let described = match member {
            "" => &mut object.description,
            member => match object.properties.get_mut(member) {
                Some(RefOr::T(Schema::Object(member))) => &mut member.description,
                Some(RefOr::T(Schema::Array(member))) => &mut member.description,
                _ => return,
            },
        };
        described.get_or_insert_with(|| words.to_owned());
    }

    /// `{results, next}` of these rows, as `…Page`.
    pub(super) fn add_page(&mut self, row: &str) {
        let rows = ArrayBuilder::new()
            .items(Ref::from_schema_name(row))
            .description(Some(
                "The rows. They may be fewer than `limit`, or none, though there is a next page.",
            ));
        let next = text("Send it as `cursor` for the next page; absent on the last.");
        let page = object(&format!("A page of rows of the kind `{row}`."))
            .property("results", rows)
            .required("results")
            .property("next", next);
        self.add(&format!("{row}Page"), page);
    }

    pub(super) fn into_all(self) -> BTreeMap<String, RefOr<Schema>> {
        self.0
    }
}

/// Brings a derived schema to what is served: absent members are left out and never null, JSON has
/// one kind of number, and new members may come.
fn as_served(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Array(types) = &object.schema_type {
                object.schema_type = without_null(types);
            }
            if let SchemaType::Type(Type::Integer | Type::Number) = object.schema_type {
                object.format = None;
            }
            object.additional_properties = None;
            for member in object.properties.values_mut() {
                *member = as_served(std::mem::replace(member, RefOr::T(Schema::default())));
            }
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            if let SchemaType::Array(types) = &array.schema_type {
                array.schema_type = without_null(types);
            }
            RefOr::T(Schema::Array(array))
        }
        RefOr::T(Schema::OneOf(mut one_of)) => {
            one_of.items.retain(|item| !is_null(item));
            match (one_of.items.pop(), one_of.items.is_empty()) {
                (Some(RefOr::Ref(mut only)), true) => {
                    if let (true, Some(own)) = (only.description.is_empty(), one_of.description) {
                        only.description = own;
                    }
                    RefOr::Ref(only)
                }
                (last, _) => {
                    one_of.items.extend(last);
                    RefOr::T(Schema::OneOf(one_of))
                }
            }
        }
        other => other,
    }
}

fn without_null(types: &[Type]) -> SchemaType {
    let mut others = types.iter().filter(|kind| **kind != Type::Null);
    match (others.next(), others.next()) {
        (Some(only), None) => SchemaType::Type(only.clone()),
        _ => SchemaType::Array(types.to_vec()),
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => object.schema_type == SchemaType::Type(Type::Null),
        _ => false,
    }
}

pub(super) fn object(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(description))
}

pub(super) fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
}

pub(super) fn address(description: &str) -> ObjectBuilder {
    text(description).format(Some(SchemaFormat::Custom("uri".to_owned())))
}

pub(super) fn number(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Number)
        .description(Some(description))
}

pub(super) fn texts(description: &str) -> ArrayBuilder {
    ArrayBuilder::new()
        .items(ObjectBuilder::new().schema_type(Type::String))
        .description(Some(description))
}

pub(super) fn list_of(name: &str, description: &str) -> ArrayBuilder {
    ArrayBuilder::new()
        .items(Ref::from_schema_name(name))
        .description(Some(description))
}

/// Another schema under a description of its own.
pub(super) fn like(name: &str, description: &str) -> RefBuilder {
    RefBuilder::new()
        .ref_location_from_schema_name(name)
        .description(Some(description))
}

/// An id, or with `expand` what it names.
pub(super) fn id_or(id: &str, entity: &str, description: &str) -> OneOfBuilder {
    OneOfBuilder::new()
        .item(Ref::from_schema_name(id))
        .item(Ref::from_schema_name(entity))
        .description(Some(description))
}

pub(super) fn ids_or(id: &str, entity: &str, description: &str) -> ArrayBuilder {
    let item = id_or(id, entity, "An id, or with `expand` what it names.");
    let item: RefOr<Schema> = item.into();
    ArrayBuilder::new()
        .items(ArrayItems::RefOrSchema(Box::new(item)))
        .description(Some(description))
}

/// Adds a member, in the place of one of its name.
pub(super) fn splice(into: &mut Object, name: &str, schema: impl Into<RefOr<Schema>>) {
    into.properties.insert(name.to_owned(), schema.into());
}

/// Adds what every record is served with.
pub(super) fn splice_record_members(into: &mut Object) {
    splice(
        into,
        "metadata",
        like("RecordMetadata", "What we know of the record itself."),
    );
    into.required.push("metadata".to_owned());
    splice(
        into,
        "raw",
        list_of("RawRow", "With `raw=true`: the rows it was made of."),
    );
}

/// The name of the schema of a model's ids.
pub(super) fn id_name(model: Model) -> String {
    format!("{}Id", type_name(model.name()))
}

/// Adds what events and days are served with: what is withdrawn of them is gone, and whom they name
/// says whether they are hidden.
pub(super) fn splice_event_members(into: &mut Object) {
    splice_record_members(into);
    splice(
        into,
        "metadata",
        like("EventMetadata", "What we know of the record itself."),
    );
}

/// `engine_state` gives `EngineState`.
pub(super) fn type_name(snake_case: &str) -> String {
    let capitalised = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    snake_case.split('_').map(capitalised).collect()
}
