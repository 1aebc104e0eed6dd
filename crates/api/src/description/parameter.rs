//! Parameters as they are described: those of a query from the table that the parser reads.

use model::StatType;
use serde_json::Value;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{
    AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{Ref, RefOr, Required};

use super::operation;
use crate::parameters::{self, Kind};
use crate::query::Limits;

/// The header that names the connection.
pub(super) fn token() -> Parameter {
    ParameterBuilder::new()
        .name(operation::TOKEN_HEADER)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(
            "The token of the connection, which must belong to the key's application.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

/// What the path names; `schema` may be empty.
pub(super) fn of_path(name: &str, schema: &str) -> Parameter {
    let schema: RefOr<Schema> = match schema {
        "" => ObjectBuilder::new().schema_type(Type::String).into(),
        schema => Ref::from_schema_name(schema).into(),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The id of what is meant."))
        .schema(Some(schema))
        .build()
}

pub(super) fn of_query(parameter: &parameters::Parameter) -> Parameter {
    let mut described = ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(ParameterIn::Query)
        .required(match parameter.required {
            true => Required::True,
            false => Required::False,
        })
        .description(Some(text(parameter)))
        .schema(Some(schema(parameter.kind)));
    if let Kind::Expand(_) | Kind::StatTypes | Kind::Ids(_) = parameter.kind {
        described = described
            .style(Some(ParameterStyle::Form))
            .explode(Some(false));
    }
    described.build()
}

fn text(parameter: &parameters::Parameter) -> String {
    let mut text = parameter.text.to_owned();
    match parameter.kind {
        Kind::Limit(limits) => text.push_str(&limits_text(limits)),
        Kind::Expand(_) | Kind::StatTypes => text.push_str(" Separated by commas, none twice."),
        Kind::Ids(_) => text.push_str(" Separated by commas."),
        _ => {}
    }
    if let Some(alias) = parameter.alias {
        text.push_str(&format!(" `{alias}` is read as well."));
    }
    text
}

fn limits_text(limits: Limits) -> String {
    let Limits {
        default,
        maximum,
        compressed_maximum,
    } = limits;
    let compressed = match compressed_maximum == maximum {
        true => String::new(),
        false => format!(" ({compressed_maximum} for a client that takes gzip or zstd)"),
    };
    format!(" {default} without it, at most {maximum}{compressed}; more is lowered to that.")
}

fn schema(kind: Kind) -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let formatted = |format| text().format(Some(SchemaFormat::KnownFormat(format)));
    match kind {
        Kind::Cursor | Kind::Text => text().min_length(Some(1)).into(),
        Kind::Limit(limits) => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .default(Some(limits.default.into()))
            .into(),
        Kind::Time => formatted(KnownFormat::DateTime).into(),
        Kind::DateOrTime => AnyOfBuilder::new()
            .item(formatted(KnownFormat::DateTime))
            .item(formatted(KnownFormat::Date))
            .into(),
        Kind::Date => formatted(KnownFormat::Date).into(),
        Kind::Month => Ref::from_schema_name("Month").into(),
        Kind::Flag => ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .default(Some(Value::Bool(false)))
            .into(),
        Kind::Choice(words) => text().enum_values(Some(words.iter().copied())).into(),
        Kind::Order => text()
            .enum_values(Some(["asc", "desc"]))
            .default(Some("asc".into()))
            .into(),
        Kind::Expand(words) => words_schema(words.iter().copied()),
        Kind::StatTypes => words_schema(StatType::ALL.map(StatType::name)),
        Kind::Ids(model) => ArrayBuilder::new()
            .items(Ref::from_schema_name(super::schema::id_name(model)))
            .min_items(Some(1))
            .max_items(Some(parameters::MOST_IDS))
            .into(),
        Kind::ConnectionId => Ref::from_schema_name("ConnectionId").into(),
        Kind::ApplicationId => Ref::from_schema_name("ApplicationId").into(),
    }
}

fn words_schema(words: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    let word = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words));
    ArrayBuilder::new()
        .items(word)
        .min_items(Some(1))
        .unique_items(true)
        .into()
}
