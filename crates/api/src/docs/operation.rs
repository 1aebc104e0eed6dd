//! One operation: where, with what, and what comes back.

use maud::{Markup, html};
use serde_json::Value;

use super::document::{Document, Operation, list, reference, text};
use super::prose::prose;
use super::schema;

const JSON: &str = "application/json";

pub(super) fn render(document: &Document, operation: &Operation<'_>, base_url: &str) -> Markup {
    let id = operation.id();
    let address = format!("{}{}", document.prefix(), operation.path);
    html! {
        article .operation id=(id) aria-labelledby={ (id) "-title" }
            data-search=(search_text(document, operation)) {
            h3 id={ (id) "-title" } {
                a href={ "#" (id) } { (operation.summary()) }
                @if operation.successes().is_empty() { " " span .unbuilt { "not built" } }
            }
            p .address {
                span class={ "method " (operation.method) } { (operation.method.to_uppercase()) }
                " " code { (address) }
            }
            p { (prose(text(operation.told, "description"))) }
            p .wants { (wants(operation)) }
            (parameters(document, operation))
            (body(document, operation))
            (successes(document, operation))
            (refusals(document, operation))
            h4 { "Example" }
            pre tabindex="0" { code { (curl(document, operation, base_url)) } }
        }
    }
}

/// What the filter looks at, in lower case.
fn search_text(document: &Document, operation: &Operation<'_>) -> String {
    let mut words = vec![
        operation.method,
        operation.path,
        operation.id(),
        operation.tag(),
        operation.summary(),
    ];
    let parameters = list(operation.told, "parameters").iter();
    words.extend(parameters.map(|parameter| text(document.resolved(parameter), "name")));
    words.join(" ").to_lowercase()
}

fn wants_scheme(operation: &Operation<'_>, name: &str) -> bool {
    list(operation.told, "security")
        .iter()
        .any(|one| one.get(name).is_some())
}

fn may_be_anonymous(operation: &Operation<'_>) -> bool {
    let is_empty = |one: &Value| one.as_object().is_some_and(serde_json::Map::is_empty);
    list(operation.told, "security").iter().any(is_empty)
}

fn wants(operation: &Operation<'_>) -> &'static str {
    if may_be_anonymous(operation) {
        "Answers everybody; a secret key is looked at where there is one."
    } else if wants_scheme(operation, "connectionToken") {
        "Wants a secret key and a connection's token."
    } else {
        "Wants a secret key."
    }
}

fn parameters(document: &Document, operation: &Operation<'_>) -> Markup {
    let parameters = list(operation.told, "parameters");
    if parameters.is_empty() {
        return html! {};
    }
    let heading = format!("{}-parameters", operation.id());
    html! {
        h4 id=(heading) { "Parameters" }
        div .scroll role="group" tabindex="0" aria-labelledby=(heading) {
            // The roles are what these elements have anyway, until a narrow screen's style takes
            // their layout from them.
            table role="table" {
                thead role="rowgroup" {
                    tr role="row" {
                        @for heading in ["Name", "In", "Kind", "What it does"] {
                            th scope="col" role="columnheader" { (heading) }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for parameter in parameters {
                        (parameter_row(document, document.resolved(parameter)))
                    }
                }
            }
        }
    }
}

fn parameter_row(document: &Document, parameter: &Value) -> Markup {
    html! {
        tr role="row" {
            th scope="row" role="rowheader" {
                code { (text(parameter, "name")) }
                @if parameter["required"] == true { " " span .required { "required" } }
            }
            td role="cell" { (text(parameter, "in")) }
            td role="cell" { (schema::kind(&parameter["schema"])) }
            td role="cell" {
                p { (prose(text(parameter, "description"))) }
                (schema::facts(document, &parameter["schema"]))
            }
        }
    }
}

fn body(document: &Document, operation: &Operation<'_>) -> Markup {
    let Some(body) = operation.told.get("requestBody") else {
        return html! {};
    };
    let may = match body["required"] == true {
        true => "JSON, which must be sent.",
        false => "JSON, which may be left out.",
    };
    html! {
        h4 { "Request body" }
        p { (may) }
        (schema::whole(document, &body["content"][JSON]["schema"]))
    }
}

/// One answer under all statuses that it may have.
fn successes(document: &Document, operation: &Operation<'_>) -> Markup {
    let successes = operation.successes();
    let Some((_, answer)) = successes.first() else {
        return html! {};
    };
    html! {
        h4 { "Answer" }
        @for (status, answer) in &successes {
            p {
                strong { (status) } " " (prose(text(answer, "description")))
                @for (name, header) in answer["headers"].as_object().into_iter().flatten() {
                    " " code { (name) } ": " (prose(text(header, "description")))
                }
            }
        }
        @if answer.get("content").is_some() {
            (schema::whole(document, &answer["content"][JSON]["schema"]))
        }
    }
}

/// A line each; what their bodies look like is shown once, with all errors.
fn refusals(document: &Document, operation: &Operation<'_>) -> Markup {
    html! {
        h4 { "Errors" }
        ul .refusals {
            @for (status, answer) in operation.answers() {
                @if let Some(name) = reference(answer) {
                    li {
                        a href={ "#error-" (name) } { (status) }
                        " " (prose(text(document.resolved(answer), "description")))
                    }
                }
            }
        }
    }
}

/// A command that works once the two variables are set, and the ids are somebody's.
fn curl(document: &Document, operation: &Operation<'_>, base_url: &str) -> String {
    let path = example_path(document, operation);
    let has_limit = list(operation.told, "parameters")
        .iter()
        .any(|parameter| parameter["name"] == "limit");
    let query = if has_limit { "?limit=3" } else { "" };
    let url = quoted(&format!("{base_url}{}{path}{query}", document.prefix()));
    let mut lines = vec![match operation.method {
        "get" => format!("curl {url}"),
        method => format!("curl --request {} {url}", method.to_uppercase()),
    }];
    if wants_scheme(operation, "secretKey") {
        lines.push("--header \"Authorization: Bearer $GLADHAND_KEY\"".to_owned());
    }
    if wants_scheme(operation, "connectionToken") {
        lines.push("--header \"Connection-Token: $GLADHAND_TOKEN\"".to_owned());
    }
    let sent = &operation.told["requestBody"]["content"][JSON]["schema"];
    if let Some(example) = list(document.resolved(sent), "examples").first() {
        lines.push("--header 'Content-Type: application/json'".to_owned());
        lines.push(format!("--data {}", quoted(&example.to_string())));
    }
    lines.join(" \\\n  ")
}

/// The path with an example in the place of each id.
fn example_path(document: &Document, operation: &Operation<'_>) -> String {
    let parameters = list(operation.told, "parameters");
    let of_path = parameters
        .iter()
        .filter(|parameter| parameter["in"] == "path");
    of_path.fold(operation.path.to_owned(), |path, parameter| {
        let name = text(parameter, "name");
        let schema = document.resolved(&parameter["schema"]);
        let examples = list(schema, "examples");
        let example = examples.first().or(schema.get("example"));
        let example = example.and_then(Value::as_str).unwrap_or("ID");
        path.replace(&format!("{{{name}}}"), example)
    })
}

/// As a shell reads it, whatever it holds.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
