//! What a Link page may be opened with, and the rules that consent templates share with it.

use model::TemplateId;
use model::Timestamp;
use model::link::{
    Backfill, LONGEST_ADDRESS, LONGEST_TAG, LONGEST_TEXT, LinkOptions, MOST_HINTS, MOST_TAG_BYTES,
    MOST_TAGS,
};
use serde_json::Value;
use store::{Application, Store, Template};

use crate::body::{Fields, JsonBody};
use crate::connection_patch::read_sync_mode;
use crate::error::ApiError;
use crate::nearest::nearest;
use crate::sync_request::MAX_DAYS;

const MEMBERS: [&str; 9] = [
    "name",
    "provider",
    "providerHints",
    "externalId",
    "tags",
    "redirectUrl",
    "syncMode",
    "backfill",
    "template",
];

/// The template of links that name none.
const DEFAULT_TEMPLATE: &str = "default";

/// The contract's `ShortLinkInput`. Everything that is wrong with it is refused at once.
pub(crate) async fn read(
    body: JsonBody,
    store: &Store,
    application: &Application,
    now: Timestamp,
) -> Result<LinkOptions, ApiError> {
    let mut fields = Fields::of_body(body, &MEMBERS);
    let codes: Vec<&str> = engine::catalogue().iter().map(|entry| entry.code).collect();
    let mut options = read_members(&mut fields, &codes, application, now);
    let template = match fields.text("template") {
        None => {
            store
                .template_named(application.id, DEFAULT_TEMPLATE)
                .await?
        }
        Some(text) => {
            options.template = read_template_id(&mut fields, &text);
            find_template(&mut fields, store, application, options.template).await?
        }
    };
    let wants_id = template.is_some_and(|template| template.form.require_external_id);
    if wants_id && options.external_id.is_none() {
        // Told now, and not to an owner who can do nothing about it.
        fields.required("externalId", None::<()>);
    }
    fields.finish()?;
    Ok(options)
}

fn read_members(
    fields: &mut Fields,
    codes: &[&str],
    application: &Application,
    now: Timestamp,
) -> LinkOptions {
    LinkOptions {
        name: read_text(fields, "name", LONGEST_TEXT),
        provider: read_provider(fields, codes),
        provider_hints: read_hints(fields, codes),
        external_id: read_text(fields, "externalId", LONGEST_TEXT),
        tags: read_tags(fields),
        redirect_url: read_redirect(fields, "redirectUrl", application),
        sync_mode: read_sync_mode(fields),
        backfill: read_backfill(fields, now),
        template: None,
        state: None,
    }
}

/// A text of at most so many characters, and of one at least.
pub(crate) fn read_text(fields: &mut Fields, name: &str, longest: usize) -> Option<String> {
    let text = fields.filled_text(name)?;
    if text.chars().count() > longest {
        let what = format!("is longer than {longest} characters");
        fields.refuse(name, &what, "Send a shorter one");
        return None;
    }
    check_characters(fields, name, &text);
    Some(text)
}

/// A line for people has no control characters, and not every database can hold all of them.
pub(crate) fn check_characters(fields: &mut Fields, name: &str, text: &str) {
    if text.chars().any(char::is_control) {
        let suggestion = "Send printable characters only";
        fields.refuse(name, "has control characters", suggestion);
    }
}

pub(crate) fn read_tags(fields: &mut Fields) -> Vec<String> {
    let tags = fields.texts("tags").unwrap_or_default();
    if tags.len() > MOST_TAGS {
        let what = format!("has more than {MOST_TAGS} items");
        fields.refuse("tags", &what, "Send fewer");
    }
    if tags.iter().map(String::len).sum::<usize>() > MOST_TAG_BYTES {
        let what = format!("has more than {MOST_TAG_BYTES} bytes in all");
        fields.refuse("tags", &what, "Send fewer or shorter ones");
    }
    for (index, tag) in tags.iter().enumerate() {
        if tag.chars().count() > LONGEST_TAG {
            let what = format!("is longer than {LONGEST_TAG} characters");
            fields.refuse(&format!("tags[{index}]"), &what, "Send a shorter one");
        }
        check_characters(fields, &format!("tags[{index}]"), tag);
    }
    tags
}

fn read_provider(fields: &mut Fields, codes: &[&str]) -> Option<String> {
    let code = fields.text("provider")?;
    if !codes.contains(&code.as_str()) {
        refuse_code(fields, "provider", &code, codes);
    }
    Some(code)
}

fn read_hints(fields: &mut Fields, codes: &[&str]) -> Vec<String> {
    let items = match fields.value("providerHints") {
        None => return Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            fields.refuse("providerHints", "must be a list", "Send a JSON array");
            return Vec::new();
        }
    };
    if items.len() > MOST_HINTS {
        let what = format!("has more than {MOST_HINTS} items");
        fields.refuse("providerHints", &what, "Send fewer");
        return Vec::new();
    }
    let mut hints = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let code = item.as_str().unwrap_or_default();
        if !codes.contains(&code) {
            refuse_code(fields, &format!("providerHints[{index}]"), code, codes);
        }
        hints.push(code.to_owned());
    }
    hints
}

fn refuse_code(fields: &mut Fields, name: &str, code: &str, codes: &[&str]) {
    let near = nearest(code, codes.iter().copied()).unwrap_or_default();
    let suggestion = format!("The nearest is '{near}'; GET /providers lists all");
    fields.refuse(name, "is not a provider's code", suggestion);
}

fn read_backfill(fields: &mut Fields, now: Timestamp) -> Option<Backfill> {
    let mut inner = fields.object("backfill", &["startFrom", "days"])?;
    let start_from = inner.time("startFrom");
    if start_from.is_some_and(|time| time > now) {
        let suggestion = "Send a time that has passed";
        inner.refuse("startFrom", "lies in the future", suggestion);
    }
    if start_from.is_some_and(|time| time.millis() < 0) {
        inner.refuse("startFrom", "lies before 1970", "Send a later time");
    }
    let days = read_days(&mut inner, "days");
    if start_from.is_some() && days.is_some() {
        let suggestion = "Send one of the two";
        inner.refuse("days", "cannot stand beside 'startFrom'", suggestion);
    }
    fields.absorb(inner);
    let asks = start_from.is_some() || days.is_some();
    asks.then_some(Backfill { start_from, days })
}

/// Days of history: none is a wish like any other here, since a template may ask for more.
pub(crate) fn read_days(fields: &mut Fields, name: &str) -> Option<f64> {
    let days = fields.number(name)?;
    if (0.0..=MAX_DAYS).contains(&days) {
        // Minus nothing is nothing.
        return Some(days + 0.0);
    }
    fields.refuse(name, "must be from 0 to 3660", "Fractions are allowed");
    None
}

/// An address that browsers may be sent to: scheme, host, port and path must be those of a
/// registered one, so that nobody has a token sent elsewhere; queries are the application's affair.
pub(crate) fn read_redirect(
    fields: &mut Fields,
    name: &str,
    application: &Application,
) -> Option<String> {
    let text = read_text(fields, name, LONGEST_ADDRESS)?;
    if let Err(error) = store::redirect_address(&text) {
        let suggestion = "Send one like https://app.example.com/connected";
        fields.refuse(name, &error.to_string(), suggestion);
    } else if !application.may_redirect_to(&text) {
        let suggestion = match application.redirects.as_slice() {
            [] => "Register it: gladhand application set --allow-redirect".to_owned(),
            known => format!("Registered: {}; a query may differ", known.join(", ")),
        };
        let what = "is none of the application's redirect addresses";
        fields.refuse(name, what, suggestion);
    }
    Some(text)
}

fn read_template_id(fields: &mut Fields, text: &str) -> Option<TemplateId> {
    let id = text.parse().ok();
    if id.is_none() {
        let suggestion = "Such ids are ltp_ and 26 characters";
        fields.refuse("template", "is not a template's id", suggestion);
    }
    id
}

async fn find_template(
    fields: &mut Fields,
    store: &Store,
    application: &Application,
    id: Option<TemplateId>,
) -> Result<Option<Template>, ApiError> {
    let Some(id) = id else {
        return Ok(None);
    };
    let found = store.template(id).await?;
    let found = found.filter(|template| template.application == application.id);
    let refusal = match &found {
        None => Some("is none of the application's"),
        Some(template) if template.archived_at.is_some() => Some("is archived"),
        Some(_) => None,
    };
    if let Some(refusal) = refusal {
        let suggestion = "gladhand template list shows those that are there";
        fields.refuse("template", refusal, suggestion);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{body, refused_places};
    use model::ApplicationId;
    use model::connection::SyncMode;

    const NOW: Timestamp = Timestamp::from_millis(1_767_268_800_000);

    fn read(text: &str) -> Result<LinkOptions, ApiError> {
        let mut fields = Fields::of_body(body(text), &MEMBERS);
        let id = ApplicationId::new(NOW, 1);
        let mut application = Application::new(id, "Test", NOW);
        application.redirects = vec![
            "http://127.0.0.1:3000/".to_owned(),
            "https://app.example.com/connected".to_owned(),
        ];
        let mut options = read_members(&mut fields, &["samsara", "motive"], &application, NOW);
        if let Some(text) = fields.text("template") {
            options.template = read_template_id(&mut fields, &text);
        }
        fields.finish()?;
        Ok(options)
    }

    #[test]
    fn every_member_is_read() {
        let options = read(
            r#"{"name": "Acme", "provider": "samsara", "providerHints": ["motive", "samsara"],
            "externalId": "7", "tags": ["a"], "syncMode": "manual", "backfill": {"days": 0},
            "redirectUrl": "https://app.example.com/connected?customer=7"}"#,
        );
        let wanted = LinkOptions {
            name: Some("Acme".to_owned()),
            provider: Some("samsara".to_owned()),
            provider_hints: vec!["motive".to_owned(), "samsara".to_owned()],
            external_id: Some("7".to_owned()),
            tags: vec!["a".to_owned()],
            redirect_url: Some("https://app.example.com/connected?customer=7".to_owned()),
            sync_mode: Some(SyncMode::Manual),
            backfill: Some(Backfill {
                start_from: None,
                days: Some(0.0),
            }),
            template: None,
            state: None,
        };
        assert_eq!(options.expect("good"), wanted);
        let nothing = read(r#"{"backfill": {}, "tags": []}"#).expect("good");
        assert_eq!(nothing, LinkOptions::default());
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let text = r#"{"name": "", "provider": "samsra", "providerHints": [1, "motive", "x"],
            "externalId": 5, "tags": ["a", ""], "redirectUrl": "https://evil.example/",
            "syncMode": "auto", "backfill": {"days": 3661, "startFrom": "2026-01-01T12:00:00.001Z",
            "from": 1}, "template": "ltp_1", "state": "x"}"#;
        let body = |rest: &str| format!("{{requestBody}}.{rest}");
        assert_eq!(
            refused_places(read(text)),
            [
                "state",
                "name",
                "provider",
                "providerHints[0]",
                "providerHints[2]",
                "externalId",
                "tags[1]",
                "redirectUrl",
                "syncMode",
                "backfill.from",
                "backfill.startFrom",
                "backfill.days",
                "template",
            ]
            .map(body)
        );
        let both = r#"{"backfill": {"days": 1, "startFrom": "2026-01-01T00:00:00Z"}}"#;
        assert_eq!(refused_places(read(both)), [body("backfill.days")]);
        let long = format!(r#"{{"name": "{}"}}"#, "é".repeat(256));
        assert_eq!(refused_places(read(&long)), [body("name")]);
    }

    #[test]
    fn browsers_are_sent_to_registered_addresses_only() {
        let check = |address: &str, allowed: bool| {
            let text = format!(r#"{{"redirectUrl": "{address}"}}"#);
            assert_eq!(read(&text).is_ok(), allowed, "{address}");
        };
        check("https://app.example.com/connected", true);
        check("HTTPS://APP.example.com:443/connected?a=1", true);
        check("http://127.0.0.1:3000", true);
        for wrong in [
            "http://app.example.com/connected",
            "https://app.example.com/connected/",
            "https://app.example.com/connected/../x",
            "https://app.example.com:8443/connected",
            "https://app.example.com.evil.example/connected",
            "https://app.example.com@evil.example/connected",
            "https://rosa@app.example.com/connected",
            "https://app.example.com/connected#token",
            "https://app.example.com",
            "http://127.0.0.1:3001/",
            "/connected",
            "javascript:alert(1)",
            "",
        ] {
            check(wrong, false);
        }
    }
}
