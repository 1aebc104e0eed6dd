//! The checker must be able to fail: for every keyword a value that it takes and one that it names.

use serde_json::{Value, json};

use super::schema::Schemas;
use super::*;

/// What is wrong with `value` under `schema`, as texts; `#/components/schemas/Vin` is at hand.
fn complaints(schema: Value, value: Value) -> Vec<String> {
    let document = json!({ "components": { "schemas": {
        "Vin": { "type": "string", "minLength": 3 },
        "Case": schema,
    } } });
    let schemas = Schemas::new(&document);
    assert_eq!(schemas.audit(), Vec::<String>::new());
    let found = schemas.check(&document["components"]["schemas"]["Case"], &value);
    found.iter().map(ToString::to_string).collect()
}

fn takes(schema: Value, value: Value) {
    assert_eq!(complaints(schema, value), Vec::<String>::new());
}

fn refuses(schema: Value, value: Value, wanted: &[&str]) {
    assert_eq!(complaints(schema, value), wanted);
}

#[test]
fn type_is_checked() {
    let good = [
        ("string", json!("")),
        ("object", json!({})),
        ("array", json!([])),
        ("number", json!(1.5)),
        ("integer", json!(1)),
        ("integer", json!(1.0)),
        ("boolean", json!(false)),
        ("null", Value::Null),
    ];
    for (name, value) in &good {
        takes(json!({ "type": name }), value.clone());
    }
    for (name, value) in good {
        let other = if value.is_string() {
            json!(7)
        } else {
            json!("x")
        };
        let complaint = format!("$: is {other}, not {name}");
        refuses(json!({ "type": name }), other, &[&complaint]);
    }
    refuses(
        json!({ "type": "integer" }),
        json!(1.5),
        &["$: is 1.5, not integer"],
    );
    refuses(
        json!({ "type": "string" }),
        Value::Null,
        &["$: is null, not string"],
    );
}

#[test]
fn properties_required_and_items_are_checked_in_depth() {
    let schema = json!({
        "type": "object",
        "properties": { "results": { "type": "array", "items": {
            "type": "object",
            "properties": { "vin": { "$ref": "#/components/schemas/Vin" } },
            "required": ["vin"],
        } } },
        "required": ["results"],
    });
    takes(schema.clone(), json!({ "results": [{ "vin": "abc" }] }));
    refuses(schema.clone(), json!({}), &["$: lacks results"]);
    refuses(
        schema,
        json!({ "results": [{ "vin": "abc" }, {}, { "vin": "ab" }, 4] }),
        &[
            "$.results[1]: lacks vin",
            "$.results[2].vin: \"ab\" is shorter than 3 characters",
            "$.results[3]: is 4, not object",
        ],
    );
}

#[test]
fn a_value_may_be_of_one_of_several_types() {
    let schema = json!({ "type": ["string", "null"] });
    takes(schema.clone(), json!("a"));
    takes(schema.clone(), Value::Null);
    refuses(schema, json!(1), &["$: is 1, not string or null"]);
}

#[test]
fn enum_and_const_are_checked() {
    takes(json!({ "enum": ["a", "b"] }), json!("b"));
    refuses(
        json!({ "enum": ["a"] }),
        json!("c"),
        &["$: \"c\" is none of [\"a\"]"],
    );
    takes(json!({ "const": "a" }), json!("a"));
    refuses(
        json!({ "const": "a" }),
        json!("b"),
        &["$: is \"b\", not \"a\""],
    );
}

#[test]
fn bounds_and_lengths_are_checked() {
    let schema = json!({ "type": "number", "minimum": 0, "maximum": 100 });
    takes(schema.clone(), json!(0));
    takes(schema.clone(), json!(100));
    refuses(schema.clone(), json!(-0.01), &["$: -0.01 is below 0"]);
    refuses(schema, json!(100.5), &["$: 100.5 is above 100"]);
    takes(json!({ "minLength": 1 }), json!("é"));
    refuses(
        json!({ "minLength": 2 }),
        json!("é"),
        &["$: \"é\" is shorter than 2 characters"],
    );
    takes(json!({ "maxLength": 1 }), json!("é"));
    refuses(
        json!({ "maxLength": 1 }),
        json!("éa"),
        &["$: \"éa\" is longer than 1 characters"],
    );
    takes(json!({ "maxItems": 1 }), json!([1]));
    refuses(
        json!({ "maxItems": 1 }),
        json!([1, 2]),
        &["$: has more than 1 items"],
    );
}

#[test]
fn format_and_pattern_are_checked() {
    let time = json!({ "type": "string", "format": "date-time" });
    takes(time.clone(), json!("2021-01-06T03:24:53.000Z"));
    refuses(
        time,
        json!("2021-01-06"),
        &["$: \"2021-01-06\" is no date-time"],
    );
    let id = json!({ "pattern": "^vcl_[0-9A-HJKMNP-TV-Z]{26}$" });
    takes(id.clone(), json!("vcl_01D8ZQFGHVJ858NBF2Q7DV9MNC"));
    refuses(
        id,
        json!("vcl_1"),
        &["$: \"vcl_1\" does not match ^vcl_[0-9A-HJKMNP-TV-Z]{26}$"],
    );
}

#[test]
fn one_of_wants_exactly_one_and_any_of_at_least_one() {
    let alternatives = json!([
        { "type": "string" },
        { "type": "number", "minimum": 5 },
        { "type": "number", "maximum": 9 },
    ]);
    let one = json!({ "oneOf": alternatives });
    takes(one.clone(), json!("a"));
    takes(one.clone(), json!(4));
    refuses(one.clone(), json!(7), &["$: fits 2 alternatives, not one"]);
    refuses(
        one,
        json!(true),
        &[
            "$: fits none of the alternatives; the nearest:",
            "$: is true, not string",
        ],
    );
    let any = json!({ "anyOf": alternatives });
    takes(any.clone(), json!(7));
    assert_eq!(complaints(any, json!(true)).len(), 2);
}

#[test]
fn all_of_wants_all() {
    let schema = json!({ "allOf": [
        { "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] },
        { "type": "object", "properties": { "b": { "type": "string" } }, "required": ["b"] },
    ] });
    takes(schema.clone(), json!({ "a": "", "b": "" }));
    refuses(schema, json!({ "a": "" }), &["$: lacks b"]);
}

#[test]
fn a_property_that_nobody_names_is_refused_unless_the_object_is_open() {
    let schema = json!({ "type": "object", "properties": { "a": {} } });
    refuses(
        schema,
        json!({ "a": 1, "A": 1 }),
        &["$: `A` is no property that the contract names"],
    );
    takes(json!({ "type": "object" }), json!({ "anything": 1 }));
    takes(
        json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": true }),
        json!({ "b": 1 }),
    );
    let wanted = json!({ "type": "object", "properties": { "a": {} }, "required": ["b"] });
    takes(wanted, json!({ "b": 1 }));
    let closed = json!({
        "type": "object", "properties": { "a": {} }, "additionalProperties": false,
    });
    refuses(closed, json!({ "b": 1 }), &["$: `b` is not allowed here"]);
    // What an alternative names counts where the value fits that alternative.
    let tagged = json!({
        "type": "object",
        "properties": { "type": { "type": "string" } },
        "oneOf": [
            { "properties": { "type": { "const": "x" }, "x": {} }, "required": ["x"] },
            { "properties": { "type": { "const": "y" }, "y": {} }, "required": ["y"] },
        ],
    });
    takes(tagged.clone(), json!({ "type": "x", "x": 1 }));
    refuses(
        tagged,
        json!({ "type": "x", "x": 1, "y": 1 }),
        &["$: `y` is no property that the contract names"],
    );
}

#[test]
fn annotations_are_ignored_and_anything_unknown_is_named() {
    takes(
        json!({
            "title": "T", "description": "d", "example": 1, "examples": [1], "default": 1,
            "deprecated": true, "discriminator": { "propertyName": "a" }, "x-anything": 1,
        }),
        json!("free"),
    );
    let check = |schema: Value, wanted: &str| {
        let document = json!({ "components": { "schemas": { "S": schema } } });
        assert_eq!(Schemas::new(&document).audit(), [wanted]);
    };
    check(
        json!({ "uniqueItems": true }),
        "S: the keyword `uniqueItems`",
    );
    check(json!({ "items": { "not": {} } }), "S: the keyword `not`");
    check(
        json!({ "oneOf": [{ "minItems": 1 }] }),
        "S: the keyword `minItems`",
    );
    check(
        json!({ "type": ["string", "text"] }),
        r#"S: `type` of ["string","text"]"#,
    );
    check(json!({ "format": "uuid" }), r#"S: `format` of "uuid""#);
    check(json!({ "pattern": "^a+$" }), r#"S: `pattern` of "^a+$""#);
    check(
        json!({ "additionalProperties": {} }),
        "S: `additionalProperties` of {}",
    );
    check(
        json!({ "properties": { "p": true } }),
        "S.p: a schema that is no object",
    );
    check(
        json!({ "$ref": "#/components/schemas/None" }),
        r##"S: `$ref` of "#/components/schemas/None""##,
    );
}

fn small_contract() -> Contract {
    let document = json!({
        "paths": {
            "/things": { "parameters": [], "get": {
                "operationId": "listThings",
                "responses": {
                    "200": { "content": { "application/json": { "schema": { "type": "array" } } } },
                    "404": { "$ref": "#/components/responses/NotFound" },
                },
            } },
            "/things/{id}": {
                "get": { "operationId": "getThing", "responses": {
                    "200": { "content": { "*/*": { "schema": { "type": "string" } } } },
                } },
                "delete": { "operationId": "deleteThing", "responses": {
                    "204": { "description": "gone" },
                    "400": { "description": "no schema" },
                } },
            },
            "/things/all": { "get": { "operationId": "getAllThings", "responses": {} } },
        },
        "components": {
            "schemas": { "ErrorPathDetail": { "type": "object" } },
            "responses": { "NotFound": { "content": { "application/json": { "schema": {
                "type": "object",
                "properties": { "code": { "enum": ["not_found"] }, "message": {} },
                "required": ["code", "message"],
            } } } } },
        },
    });
    let extra =
        "# beyond the contract\n\ngetAllThings 501 not built\n* 405 no such method # always\n";
    Contract::parse(&document.to_string(), extra).expect("a contract that is understood")
}

#[test]
fn answers_are_judged_by_operation_and_status() {
    let contract = small_contract();
    let error = br#"{"code":"not_found","message":"m"}"#;
    let check = |method: &str, path: &str, status: u16, body: &[u8]| {
        let judged = contract.check(method, path, status, body);
        judged.map(|operation| operation.map(|operation| operation.id))
    };
    let met = |id: &str| Some(id.to_owned());
    assert_eq!(
        check("GET", "/things", 200, b"[1]").expect("fits"),
        met("listThings")
    );
    assert_eq!(
        check("GET", "/things", 404, error).expect("fits"),
        met("listThings")
    );
    assert_eq!(
        check("GET", "/things/x", 200, b"\x00\x01").expect("fits"),
        met("getThing")
    );
    assert_eq!(
        check("GET", "/things/all", 501, error).expect("fits"),
        met("getAllThings")
    );
    assert_eq!(check("PUT", "/things", 405, error).expect("fits"), None);
    assert_eq!(
        check("DELETE", "/things/x", 204, b"").expect("fits"),
        met("deleteThing")
    );
    assert_eq!(
        check("DELETE", "/things/x", 400, error).expect("fits"),
        met("deleteThing")
    );
    assert_eq!(check("GET", "/nothing", 404, error).expect("fits"), None);
    assert_eq!(check("HEAD", "/things", 405, b"").expect("fits"), None);

    let wrong = [
        ("GET", "/things", 200, b"{}".as_slice()),
        ("GET", "/things", 200, b""),
        ("GET", "/things", 404, br#"{"code":"gone","message":"m"}"#),
        ("GET", "/things", 500, error),
        ("GET", "/things", 501, error),
        ("GET", "/things/all", 501, br#"{"code":"not_implemented"}"#),
        ("DELETE", "/things/x", 204, b"surplus"),
        ("DELETE", "/things/x", 400, b"no JSON"),
        ("GET", "/nothing", 405, error),
        ("PUT", "/things", 404, error),
        ("PUT", "/things", 405, b"{}"),
        ("GET", "/nothing", 404, b"{}"),
    ];
    for (method, path, status, body) in wrong {
        let judged = check(method, path, status, body);
        assert!(
            judged.is_err(),
            "{method} {path} {status} should be refused"
        );
    }
}

#[test]
fn a_violation_says_where() {
    let violation = small_contract().check("GET", "/things", 404, br#"{"code":"gone"}"#);
    assert_eq!(
        violation.expect_err("wrong twice").to_string(),
        "listThings (GET /things) 404: 2 complaints\n  $.code: \"gone\" is none of \
         [\"not_found\"]\n  $: lacks message",
    );
}

#[test]
fn the_list_of_extra_statuses_is_held_to_its_form() {
    for (text, wanted) in [
        (
            "\nlistThings",
            "extra-statuses.txt, line 2: names no status",
        ),
        (
            "* x because",
            "extra-statuses.txt, line 1: has a status that is none",
        ),
        (
            "* 404 # because",
            "extra-statuses.txt, line 1: gives no reason",
        ),
    ] {
        let error = ExtraStatuses::parse(text).expect_err("malformed");
        assert_eq!(error.to_string(), wanted);
    }
}

/// The contract itself is understood, and its operations are found.
#[test]
fn the_contract_is_understood() {
    let Some(contract) = Contract::shared() else {
        return;
    };
    assert_eq!(contract.operations().len(), 38);
    let parameters = contract.query_parameters();
    assert!(parameters.contains("modifiedAfter") && parameters.contains("startMonth"));
    let id = |method, path| {
        contract
            .operation(method, path)
            .map(|found| found.id.as_str())
    };
    assert_eq!(
        id("GET", "/vehicles/locations"),
        Some("listLatestVehicleLocations")
    );
    assert_eq!(id("GET", "/vehicles/vcl_1"), Some("getVehicle"));
    assert_eq!(
        id("GET", "/vehicles/vcl_1/locations"),
        Some("listHistoricalVehicleLocations")
    );
    assert_eq!(id("PUT", "/vehicles"), None);
    assert_eq!(id("GET", "/vehicles/"), None);
}
