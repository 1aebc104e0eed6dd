//! The page as it is rendered.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, HeaderValue, header};

use super::document::Document;
use super::{File, POLICY, SCRIPT, is_known, page};
use crate::config::ApiConfig;

fn rendered(config: &ApiConfig) -> String {
    page::render(&Document::described(), config).into_string()
}

fn html() -> String {
    rendered(&ApiConfig::new("http://gladhand.test"))
}

/// What stands in every attribute of this name.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    let after = html.split(&opening).skip(1);
    after
        .map(|rest| rest.split('"').next().unwrap_or_default())
        .collect()
}

#[test]
fn ids_are_unique_and_links_within_the_page_lead_somewhere() {
    let html = html();
    let ids = attributes(&html, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    for name in ["href", "aria-labelledby", "data-for", "for"] {
        for target in attributes(&html, name) {
            let within = match name {
                "href" => target.strip_prefix('#'),
                _ => Some(target),
            };
            if let Some(id) = within {
                assert!(unique.contains(id), "{name}={target}");
            }
        }
    }
}

#[test]
fn every_operation_and_schema_is_shown() {
    let html = html();
    let document = Document::described();
    for operation in document.operations() {
        let id = operation.id();
        assert!(html.contains(&format!("<article class=\"operation\" id=\"{id}\"")));
        assert!(html.contains(&format!("data-for=\"{id}\"")), "{id}");
    }
    for (name, _) in document.schemas() {
        assert!(html.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
}

#[test]
fn headings_descend_by_one_step() {
    let html = html();
    let main = html.split("<main").nth(1).expect("a main part");
    let levels = main.split("<h").skip(1);
    let levels = levels.filter_map(|rest| rest.chars().next()?.to_digit(10));
    let mut before = 0;
    for level in levels {
        assert!(level <= before + 1, "h{level} after h{before}");
        before = level;
    }
    assert_eq!(html.matches("<h1").count(), 1);
}

/// Nothing that the policy would refuse: no other host, no inline style or script.
#[test]
fn the_page_needs_nothing_but_its_own_two_files() {
    let html = html();
    assert_eq!(attributes(&html, "src"), ["docs/script.js"]);
    for address in attributes(&html, "href") {
        let ours =
            address.starts_with('#') || ["docs/style.css", "openapi.json"].contains(&address);
        assert!(ours, "{address}");
    }
    assert!(attributes(&html, "style").is_empty());
    assert_eq!(html.matches("<script").count(), 1);
    assert!(!html.contains("<style") && !html.contains("<img") && !html.contains(" onclick"));
    assert!(!POLICY.contains("unsafe"));
    assert!(!SCRIPT.contains("innerHTML"));
}

#[test]
fn examples_are_commands() {
    let html = html();
    let vehicles = html
        .split("id=\"listVehicles\"")
        .nth(1)
        .expect("the operation");
    let example = vehicles.split("<pre").nth(1).expect("an example");
    for part in [
        "curl 'http://gladhand.test/tsp/v1/vehicles?limit=3' \\\n",
        "--header &quot;Authorization: Bearer $GLADHAND_KEY&quot; \\\n",
        "--header &quot;Connection-Token: $GLADHAND_TOKEN&quot;</code>",
    ] {
        assert!(example.contains(part), "{part}");
    }
    let commands = html.split("<code>curl ").skip(1);
    let mut seen = 0;
    for command in commands {
        let url = command.split('\'').nth(1).unwrap_or_default();
        assert!(!url.contains(['{', '}']), "{url}");
        seen += 1;
    }
    assert_eq!(seen, Document::described().operations().count());
}

#[test]
fn limits_are_told_where_there_are_any() {
    assert!(!html().contains("Rate limits"));
    let html = rendered(&ApiConfig {
        requests_per_second_per_connection: 100,
        requests_per_second_per_application: 0,
        ..ApiConfig::new("http://gladhand.test")
    });
    assert!(html.contains("100 to each connection's token. More are answered 429"));
}

#[test]
fn a_known_tag_is_recognised() {
    let file = File::new("text/plain", "text");
    let tag = file.tag.to_str().expect("digits").to_owned();
    let check = |text: &str, want: bool| {
        let mut asked = HeaderMap::new();
        let value = HeaderValue::from_str(text).expect("a header");
        asked.insert(header::IF_NONE_MATCH, value);
        assert_eq!(is_known(&asked, &file.tag), want, "{text}");
    };
    check(&tag, true);
    check(tag.trim_start_matches("W/"), true);
    check(&format!("\"other\", {tag}"), true);
    check("*", true);
    check("\"other\"", false);
    check("", false);
    assert!(!is_known(&HeaderMap::new(), &file.tag));
    assert_ne!(File::new("text/plain", "texts").tag, file.tag);
}
