//! A checker for the part of JSON Schema that the contract is written in.
//!
//! It knows exactly the keywords that occur there. Anything else is named by [`Schemas::audit`]
//! before the first answer is judged.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use super::formats;

/// Keywords that say nothing about whether a value is allowed.
const ANNOTATIONS: [&str; 7] = [
    "description",
    "title",
    "example",
    "examples",
    "default",
    "deprecated",
    "discriminator",
];

/// Keywords that are checked.
const ASSERTIONS: [&str; 19] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minLength",
    "minimum",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
];

const TYPES: [&str; 7] = [
    "string", "object", "array", "number", "integer", "boolean", "null",
];

/// One thing that is wrong with a value, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// `$.results[3].metadata.addedAt`
    pub place: String,
    pub what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// The schemas of one document.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'a> {
    document: &'a Value,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(document: &'a Value) -> Schemas<'a> {
        Schemas { document }
    }

    /// What a `$ref` stands for; the value itself when it is none.
    ///
    /// # Panics
    /// When it leads nowhere: [`Schemas::audit`] has found that before.
    pub(super) fn resolve<'b>(self, value: &'b Value) -> &'b Value
    where
        'a: 'b,
    {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => self
                .target(reference)
                .unwrap_or_else(|| panic!("{reference} leads nowhere")),
            None => value,
        }
    }

    fn target(self, reference: &str) -> Option<&'a Value> {
        self.document.pointer(reference.strip_prefix('#')?)
    }

    pub(super) fn check(self, schema: &Value, value: &Value) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        self.check_at(schema, value, "$", &mut complaints);
        complaints
    }

    /// Judges a value at its own place: the schema's demands, and that it names nothing else.
    fn check_at(self, schema: &Value, value: &Value, place: &str, out: &mut Vec<Complaint>) {
        self.apply(schema, value, place, out);
        let Value::Object(members) = value else {
            return;
        };
        let mut named = Named::default();
        self.collect_named(schema, value, &mut named);
        if named.open || named.names.is_empty() || named.is_placeholder() {
            return;
        }
        for name in members
            .keys()
            .filter(|name| !named.names.contains(name.as_str()))
        {
            out.push(complaint(
                place,
                format!("`{name}` is no property that the contract names"),
            ));
        }
    }

    fn apply(self, schema: &Value, value: &Value, place: &str, out: &mut Vec<Complaint>) {
        let Value::Object(keywords) = schema else {
            return;
        };
        for (keyword, wanted) in keywords {
            match keyword.as_str() {
                "$ref" => self.apply(self.resolve(schema), value, place, out),
                "allOf" => {
                    for part in list(wanted) {
                        self.apply(part, value, place, out);
                    }
                }
                "oneOf" => self.check_alternatives(wanted, value, place, true, out),
                "anyOf" => self.check_alternatives(wanted, value, place, false, out),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check_at(wanted, item, &format!("{place}[{index}]"), out);
                    }
                }
                "properties" => self.check_properties(wanted, value, place, out),
                "additionalProperties" => check_additional(keywords, value, place, out),
                _ => {
                    if let Some(what) = check_plain(keyword, wanted, value) {
                        out.push(complaint(place, what));
                    }
                }
            }
        }
    }

    fn check_properties(
        self,
        wanted: &Value,
        value: &Value,
        place: &str,
        out: &mut Vec<Complaint>,
    ) {
        for (name, schema) in wanted.as_object().into_iter().flatten() {
            if let Some(member) = value.get(name) {
                self.check_at(schema, member, &format!("{place}.{name}"), out);
            }
        }
    }

    fn check_alternatives(
        self,
        wanted: &Value,
        value: &Value,
        place: &str,
        exactly_one: bool,
        out: &mut Vec<Complaint>,
    ) {
        let mut nearest: Option<Vec<Complaint>> = None;
        let mut fitting = 0;
        for branch in list(wanted) {
            let mut complaints = Vec::new();
            self.apply(branch, value, place, &mut complaints);
            if complaints.is_empty() {
                fitting += 1;
            } else if nearest
                .as_ref()
                .is_none_or(|least| complaints.len() < least.len())
            {
                nearest = Some(complaints);
            }
        }
        match (fitting, nearest) {
            (0, Some(complaints)) => {
                out.push(complaint(
                    place,
                    "fits none of the alternatives; the nearest:",
                ));
                out.extend(complaints);
            }
            (2.., _) if exactly_one => {
                out.push(complaint(
                    place,
                    format!("fits {fitting} alternatives, not one"),
                ));
            }
            _ => {}
        }
    }

    /// The properties that a schema, and the alternatives of it that the value fits, name.
    fn collect_named<'b>(self, schema: &'b Value, value: &Value, named: &mut Named<'b>)
    where
        'a: 'b,
    {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            named.names.extend(properties.keys().map(String::as_str));
            // What is wanted may be there, although nothing describes it.
            let required = schema.get("required").map(list).unwrap_or_default();
            named
                .names
                .extend(required.iter().filter_map(Value::as_str));
        }
        // `false` complains by itself, `true` allows anything.
        named.open |= schema.get("additionalProperties").is_some();
        if schema.get("$ref").is_some() {
            self.collect_named(self.resolve(schema), value, named);
        }
        for part in schema.get("allOf").map(list).unwrap_or_default() {
            self.collect_named(part, value, named);
        }
        for keyword in ["oneOf", "anyOf"] {
            for branch in schema.get(keyword).map(list).unwrap_or_default() {
                let mut complaints = Vec::new();
                self.apply(branch, value, "$", &mut complaints);
                if complaints.is_empty() {
                    self.collect_named(branch, value, named);
                }
            }
        }
    }

    /// Everything in the document's schemas that this checker does not understand.
    pub(super) fn audit(self) -> Vec<String> {
        let mut unknown = Vec::new();
        let components = &self.document["components"];
        for (name, schema) in components["schemas"].as_object().into_iter().flatten() {
            self.audit_schema(schema, name, &mut unknown);
        }
        for (name, answer) in components["responses"].as_object().into_iter().flatten() {
            self.audit_answer(answer, name, &mut unknown);
        }
        for (path, item) in self.document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let answers = operation.get("responses").and_then(Value::as_object);
                for (status, answer) in answers.into_iter().flatten() {
                    let place = format!("{method} {path} {status}");
                    self.audit_answer(answer, &place, &mut unknown);
                }
            }
        }
        unknown
    }

    fn audit_answer(self, answer: &Value, place: &str, unknown: &mut Vec<String>) {
        if let Some(reference) = answer.get("$ref").and_then(Value::as_str) {
            if self.target(reference).is_none() {
                unknown.push(format!("{place}: {reference} leads nowhere"));
            }
            return;
        }
        for (_, media) in answer["content"].as_object().into_iter().flatten() {
            if let Some(schema) = media.get("schema") {
                self.audit_schema(schema, place, unknown);
            }
        }
    }

    fn audit_schema(self, schema: &Value, place: &str, unknown: &mut Vec<String>) {
        let Value::Object(keywords) = schema else {
            unknown.push(format!("{place}: a schema that is no object"));
            return;
        };
        for (keyword, wanted) in keywords {
            let keyword = keyword.as_str();
            let known = ANNOTATIONS.contains(&keyword)
                || ASSERTIONS.contains(&keyword)
                || keyword.starts_with("x-");
            if !known {
                unknown.push(format!("{place}: the keyword `{keyword}`"));
            }
            if !self.understands(keyword, wanted) {
                unknown.push(format!("{place}: `{keyword}` of {wanted}"));
            }
            match keyword {
                "items" => self.audit_schema(wanted, place, unknown),
                "allOf" | "oneOf" | "anyOf" => {
                    for part in list(wanted) {
                        self.audit_schema(part, place, unknown);
                    }
                }
                "properties" => {
                    for (name, schema) in wanted.as_object().into_iter().flatten() {
                        self.audit_schema(schema, &format!("{place}.{name}"), unknown);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a keyword's value is of the form that the checker handles.
    fn understands(self, keyword: &str, wanted: &Value) -> bool {
        let text = wanted.as_str().unwrap_or_default();
        match keyword {
            "$ref" => self.target(text).is_some(),
            "type" => !alternatives(wanted).is_empty() && is_known(alternatives(wanted)),
            "format" => formats::knows_format(text),
            "pattern" => formats::knows_pattern(text),
            "additionalProperties" => wanted.is_boolean(),
            "enum" | "required" | "allOf" | "oneOf" | "anyOf" => wanted.is_array(),
            "properties" => wanted.is_object(),
            "exclusiveMinimum" | "minimum" | "maximum" => wanted.as_f64().is_some(),
            "maxItems" | "maxLength" | "minLength" => wanted.as_u64().is_some(),
            _ => true,
        }
    }
}

/// What a schema names of an object.
#[derive(Default)]
struct Named<'a> {
    names: BTreeSet<&'a str>,
    open: bool,
}

impl Named<'_> {
    /// Where the contract has an id or the whole entity, it sometimes writes the entity as `{id}`.
    fn is_placeholder(&self) -> bool {
        self.names.len() == 1 && self.names.contains("id")
    }
}

fn complaint(place: &str, what: impl Into<String>) -> Complaint {
    Complaint {
        place: place.to_owned(),
        what: what.into(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn check_additional(
    keywords: &Map<String, Value>,
    value: &Value,
    place: &str,
    out: &mut Vec<Complaint>,
) {
    if keywords["additionalProperties"] != Value::Bool(false) {
        return;
    }
    let named = keywords.get("properties").and_then(Value::as_object);
    for name in value.as_object().into_iter().flat_map(Map::keys) {
        if !named.is_some_and(|named| named.contains_key(name)) {
            out.push(complaint(place, format!("`{name}` is not allowed here")));
        }
    }
}

/// The types of which a value may be one.
fn alternatives(wanted: &Value) -> &[Value] {
    match wanted {
        Value::Array(types) => types,
        one => std::slice::from_ref(one),
    }
}

fn is_known(types: &[Value]) -> bool {
    let mut names = types.iter().map(Value::as_str);
    names.all(|name| name.is_some_and(|name| TYPES.contains(&name)))
}

/// A keyword that looks at the value alone; what is wrong, if anything is.
fn check_plain(keyword: &str, wanted: &Value, value: &Value) -> Option<String> {
    match keyword {
        "type" => {
            let types = alternatives(wanted).iter().filter_map(Value::as_str);
            let types: Vec<&str> = types.collect();
            let fits = types.iter().any(|wanted| is_of_type(wanted, value));
            (!fits).then(|| format!("is {}, not {}", shown(value), types.join(" or ")))
        }
        "required" => {
            let members = value.as_object()?;
            let missing: Vec<&str> = list(wanted)
                .iter()
                .filter_map(Value::as_str)
                .filter(|name| !members.contains_key(*name))
                .collect();
            (!missing.is_empty()).then(|| format!("lacks {}", missing.join(", ")))
        }
        "enum" => {
            (!list(wanted).contains(value)).then(|| format!("{} is none of {wanted}", shown(value)))
        }
        "const" => (wanted != value).then(|| format!("is {}, not {wanted}", shown(value))),
        "minimum" => {
            let (least, number) = (wanted.as_f64()?, value.as_f64()?);
            (number < least).then(|| format!("{number} is below {least}"))
        }
        "exclusiveMinimum" => {
            let (below, number) = (wanted.as_f64()?, value.as_f64()?);
            (number <= below).then(|| format!("{number} is not above {below}"))
        }
        "maximum" => {
            let (most, number) = (wanted.as_f64()?, value.as_f64()?);
            (number > most).then(|| format!("{number} is above {most}"))
        }
        "maxItems" => {
            let (most, items) = (wanted.as_u64()?, value.as_array()?);
            (items.len() as u64 > most).then(|| format!("has more than {most} items"))
        }
        "maxLength" => {
            let (most, text) = (wanted.as_u64()?, value.as_str()?);
            (text.chars().count() as u64 > most)
                .then(|| format!("{} is longer than {most} characters", shown(value)))
        }
        "minLength" => {
            let (least, text) = (wanted.as_u64()?, value.as_str()?);
            ((text.chars().count() as u64) < least)
                .then(|| format!("{} is shorter than {least} characters", shown(value)))
        }
        "format" => {
            let (format, text) = (wanted.as_str()?, value.as_str()?);
            (!formats::has_format(format, text)).then(|| format!("{} is no {format}", shown(value)))
        }
        "pattern" => {
            let (pattern, text) = (wanted.as_str()?, value.as_str()?);
            (!formats::matches(pattern, text))
                .then(|| format!("{} does not match {pattern}", shown(value)))
        }
        // Annotations; the audit has refused everything else.
        _ => None,
    }
}

fn is_of_type(wanted: &str, value: &Value) -> bool {
    match wanted {
        "string" => value.is_string(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "number" => value.is_number(),
        // 1.0 is an integer in JSON Schema.
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the audit has let the type `{other}` pass"),
    }
}

/// The value, cut short.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 120;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
