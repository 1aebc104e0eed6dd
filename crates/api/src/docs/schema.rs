//! Schemas: what kind of value, which members, between which bounds.

use maud::{Markup, html};
use serde_json::Value;

use super::document::{Document, Member, alternatives, list, reference, text};
use super::prose::prose;

/// So many schemas with names may stand inside one another where an operation is shown; what lies
/// deeper is a link. Records refer to one another in circles.
const NESTED_NAMES: usize = 2;

/// Longer lists of words are folded.
const MOST_WORDS_UNFOLDED: usize = 8;

/// A schema with all that is in it, for an operation.
pub(super) fn whole(document: &Document, schema: &Value) -> Markup {
    html! {
        p .kind { (kind(schema)) }
        (facts(document, schema))
        (inside(document, schema, NESTED_NAMES, false))
    }
}

/// A schema with a name, for the list of all; those that it names are links.
pub(super) fn named(document: &Document, name: &str, schema: &Value) -> Markup {
    let search = format!("{name} {}", text(schema, "description"));
    let members = document.members(schema);
    html! {
        section .schema id={ "schema-" (name) } data-search=(search.to_lowercase()) {
            h3 { a href={ "#schema-" (name) } { (name) } }
            p { (prose(text(schema, "description"))) }
            p .kind { (kind(schema)) }
            (facts(document, schema))
            @if members.is_empty() {
                (inside(document, schema, 0, false))
            } @else {
                (member_list(document, &members, 0))
            }
        }
    }
}

/// What kind of value it is, in a few words; a schema with a name is a link to it.
pub(super) fn kind(schema: &Value) -> Markup {
    if let Some(name) = reference(schema) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    if !alternatives(schema).is_empty() {
        return either(schema);
    }
    match (text(schema, "type"), text(schema, "format")) {
        ("array", _) => html! { "list of " (kind(&schema["items"])) },
        ("", _) if list(schema, "allOf").is_empty() && schema.get("properties").is_none() => {
            html! { "any value" }
        }
        ("", _) => html! { "object" },
        (kind, "") => html! { (kind) },
        (kind, format) => html! { (kind) " (" (format) ")" },
    }
}

fn either(schema: &Value) -> Markup {
    html! {
        @for (index, one) in alternatives(schema).iter().enumerate() {
            @if index > 0 { " or " }
            (kind(one))
        }
    }
}

/// Words, bounds, default and example of a value. Those of a schema with a name are said wherever
/// it is used, because they are what one looks for.
pub(super) fn facts(document: &Document, schema: &Value) -> Markup {
    let value = document.resolved(schema);
    if text(value, "type") == "array" {
        return facts(document, &value["items"]);
    }
    let is_named = reference(schema).is_some();
    let words = list(value, "enum");
    let bounds = bounds(value);
    let example = list(value, "examples").first().or(value.get("example"));
    html! {
        @if is_named && !alternatives(value).is_empty() {
            p .fact { "One of " (either(value)) }
        }
        @if words.len() > MOST_WORDS_UNFOLDED {
            details .fact {
                summary { "One of " (words.len()) " words" }
                (word_list(words))
            }
        } @else if !words.is_empty() {
            p .fact { "One of " (word_list(words)) }
        }
        @for bound in bounds {
            p .fact { (bound) }
        }
        @if let Some(default) = value.get("default") {
            p .fact { "Without it " code { (plain(default)) } }
        }
        @if let Some(example) = example {
            p .fact { "Such as " code { (plain(example)) } }
        }
    }
}

fn word_list(words: &[Value]) -> Markup {
    html! {
        @for (index, word) in words.iter().enumerate() {
            @if index > 0 { ", " }
            code { (plain(word)) }
        }
    }
}

fn bounds(value: &Value) -> Vec<Markup> {
    let mut bounds = Vec::new();
    match (value.get("minimum"), value.get("maximum")) {
        (Some(least), Some(most)) => bounds.push(html! { "From " (least) " to " (most) }),
        (Some(least), None) => bounds.push(html! { "At least " (least) }),
        (None, Some(most)) => bounds.push(html! { "At most " (most) }),
        (None, None) => {}
    }
    if value["exclusiveMinimum"].is_number() {
        bounds.push(html! { "More than " (value["exclusiveMinimum"]) });
    }
    if value["minLength"].as_u64() == Some(1) {
        bounds.push(html! { "Not empty" });
    }
    if !text(value, "pattern").is_empty() {
        bounds.push(html! { "Matches " code { (text(value, "pattern")) } });
    }
    bounds
}

/// A text without quotation marks; anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The members inside a value, folded. At most `names` schemas with names are unfolded on the way.
fn inside(document: &Document, schema: &Value, names: usize, open: bool) -> Markup {
    if text(schema, "type") == "array" {
        return inside(document, &schema["items"], names, open);
    }
    let name = reference(schema);
    let names = match (name, names.checked_sub(1)) {
        (None, _) => names,
        (Some(_), Some(left)) => left,
        (Some(_), None) => return html! {},
    };
    let target = document.resolved(schema);
    let members = document.members(target);
    html! {
        @if !members.is_empty() {
            details open[open] {
                summary { "Members" @if let Some(name) = name { " of " (name) } }
                (member_list(document, &members, names))
            }
        } @else if name.is_some() && text(target, "type") == "array" {
            (inside(document, &target["items"], names, open))
        }
        @for one in alternatives(target) {
            (inside(document, one, names, false))
        }
    }
}

fn member_list(document: &Document, members: &[Member<'_>], names: usize) -> Markup {
    html! {
        ul .members {
            @for member in members {
                li { (one_member(document, member, names)) }
            }
        }
    }
}

fn one_member(document: &Document, member: &Member<'_>, names: usize) -> Markup {
    let own = text(member.schema, "description");
    let told = match own {
        "" => text(document.resolved(member.schema), "description"),
        own => own,
    };
    // The rows of a page are what one unfolds it for.
    let is_rows = member.name == "results";
    html! {
        p .head {
            code { (member.name) }
            " " span .kind { (kind(member.schema)) }
            @if member.required { " " span .required { "required" } }
        }
        p { (prose(told)) }
        (facts(document, member.schema))
        (inside(document, member.schema, names, is_rows))
    }
}
