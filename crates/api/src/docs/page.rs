//! The page around the operations: head, contents, introduction, errors, schemas.

use maud::{DOCTYPE, Markup, html};

use super::document::{Document, Operation, Refusal, text};
use super::prose::prose;
use super::{operation, schema};
use crate::config::ApiConfig;

const JSON: &str = "application/json";

pub(super) fn render(document: &Document, config: &ApiConfig) -> Markup {
    let info = document.info();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (text(info, "title")) " API" }
                // Relative, so that the page also works below a proxy's prefix.
                link rel="stylesheet" href="docs/style.css";
                script src="docs/script.js" defer {}
            }
            body {
                a .skip href="#content" { "Skip to the content" }
                header {
                    p .title { (text(info, "title")) " API" }
                    p .version {
                        "Version " (text(info, "version")) " · "
                        a href="openapi.json" { "OpenAPI document" }
                    }
                }
                div .side {
                    // The script shows it; without the script it would do nothing.
                    div #filter role="search" hidden {
                        label for="filter-text" { "Filter operations and schemas" }
                        input #filter-text type="search" autocomplete="off" spellcheck="false";
                        p #filter-count role="status" {}
                    }
                    (contents(document))
                }
                main #content tabindex="-1" {
                    (introduction(document, config))
                    @for (tag, operations) in document.operations_by_tag() {
                        (of_tag(document, tag, &operations, config))
                    }
                    (errors(document))
                    (schemas(document))
                }
            }
        }
    }
}

fn contents(document: &Document) -> Markup {
    html! {
        nav aria-label="Contents" {
            p { a href="#introduction" { "Introduction" } }
            @for (tag, operations) in document.operations_by_tag() {
                section .group {
                    h2 { a href={ "#" (tag_id(tag)) } { (tag) } }
                    ul {
                        @for operation in operations {
                            li data-for=(operation.id()) {
                                a href={ "#" (operation.id()) } {
                                    span class={ "method " (operation.method) } {
                                        (operation.method.to_uppercase())
                                    }
                                    " " (operation.path)
                                }
                            }
                        }
                    }
                }
            }
            p { a href="#errors" { "Errors" } }
            details .group {
                summary { "Schemas" }
                ul {
                    @for (name, _) in document.schemas() {
                        li data-for={ "schema-" (name) } {
                            a href={ "#schema-" (name) } { (name) }
                        }
                    }
                }
            }
        }
    }
}

/// `Hours of service` gives `tag-hours-of-service`.
fn tag_id(tag: &str) -> String {
    format!("tag-{}", tag.to_lowercase().replace(' ', "-"))
}

fn introduction(document: &Document, config: &ApiConfig) -> Markup {
    let address = format!("{}{}", config.public_base_url, document.prefix());
    html! {
        section #introduction {
            h1 { "The API of " (text(document.info(), "title")) }
            p { (prose(text(document.info(), "description"))) }
            h2 { "Where, and who asks" }
            p { "All paths lie below " code { (address) } "." }
            ul {
                @for (_, scheme) in document.security_schemes() {
                    li {
                        code { (header_of(scheme)) } ": "
                        (prose(text(scheme, "description")))
                    }
                }
            }
            p {
                "The examples on this page take both from the shell's variables "
                code { "GLADHAND_KEY" } " and " code { "GLADHAND_TOKEN" } "."
            }
            (limits(config))
        }
    }
}

fn header_of(scheme: &serde_json::Value) -> &str {
    match text(scheme, "type") {
        "http" => "Authorization: Bearer",
        _ => text(scheme, "name"),
    }
}

/// What this server grants; nothing is said where nothing is limited.
fn limits(config: &ApiConfig) -> Markup {
    let budgets = [
        (
            config.requests_per_second_per_connection,
            "to each connection's token",
        ),
        (
            config.requests_per_second_per_application,
            "to all requests of an application together",
        ),
    ];
    let limited: Vec<_> = budgets.iter().filter(|(rate, _)| *rate > 0).collect();
    html! {
        @if !limited.is_empty() {
            h2 { "Rate limits" }
            p {
                "Requests per second that this server grants, also all at once: "
                @for (index, (rate, whose)) in limited.iter().enumerate() {
                    @if index > 0 { ", " }
                    (rate) " " (whose)
                }
                ". More are answered 429, code " code { "too_many_requests" } ", with the whole "
                "seconds to wait in " code { "retryAfter" } " and in the header "
                code { "Retry-After" } ". Such a request counts for nothing."
            }
        }
    }
}

fn of_tag(
    document: &Document,
    tag: &str,
    operations: &[Operation<'_>],
    config: &ApiConfig,
) -> Markup {
    html! {
        section .group id=(tag_id(tag)) {
            h2 { (tag) }
            @for one in operations {
                (operation::render(document, one, &config.public_base_url))
            }
        }
    }
}

fn errors(document: &Document) -> Markup {
    html! {
        section #errors {
            h2 { "Errors" }
            @for (status, refusal) in document.refusals() {
                (error(status, &refusal))
            }
        }
    }
}

fn error(status: &str, refusal: &Refusal<'_>) -> Markup {
    let content = &refusal.told["content"][JSON];
    let example = format!("{:#}", content["example"]);
    html! {
        section id={ "error-" (refusal.name) } {
            h3 { (status) " " code { (text(&content["example"], "code")) } }
            p { (prose(text(refusal.told, "description"))) }
            p .kind { (schema::kind(&content["schema"])) }
            pre tabindex="0" { code { (example) } }
        }
    }
}

fn schemas(document: &Document) -> Markup {
    html! {
        section .group #schemas {
            h2 { "Schemas" }
            @for (name, one) in document.schemas() {
                (schema::named(document, name, one))
            }
        }
    }
}
