//! `/admin/v1/templates`: how applications ask for consent.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::Path;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::language::Language;
use model::link::{ConsentForm, ConsentTexts};
use model::{ApplicationId, TemplateId};
use serde_json::{Value, json};
use store::{Application, Logo, Store, StoreError, Template, TemplatePatch};

use super::keys::application_id;
use crate::body::{Fields, JsonBody};
use crate::connection_patch::read_sync_mode;
use crate::error::ApiError;
use crate::extract::{Admin, path_id};
use crate::link_options::{check_characters, read_days, read_redirect, read_tags, read_text};
use crate::parameters;
use crate::query::QueryText;
use crate::reply::Reply;

const FORM_MEMBERS: [&str; 10] = [
    "displayName",
    "primaryColor",
    "borderRadius",
    "texts",
    "syncMode",
    "backfillDays",
    "tags",
    "requireExternalId",
    "redirectUrl",
    "unsupportedRedirectUrl",
];

const LONGEST_NAME: usize = 100;
const LONGEST_TITLE: usize = 200;
/// Characters: some twenty pages.
const LONGEST_AGREEMENT: usize = 64 << 10;
const LONGEST_SUCCESS: usize = 1_000;
/// Pixels.
const LARGEST_RADIUS: u8 = 24;
const LARGEST_LOGO_BYTES: usize = 64 << 10;
const PNG: &str = "image/png";
const SVG: &str = "image/svg+xml";
const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

pub(crate) async fn create(
    admin: Admin,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let engine = &admin.api.engine;
    let store = engine.store();
    let mut fields = Fields::of_body(body, &["applicationId", "name", "form", "logo"]);
    let application = match application_id(&mut fields) {
        Ok(id) => find_application(store, id).await?,
        Err(error) => {
            fields.finish()?;
            return Err(error);
        }
    };
    let name = read_text(&mut fields, "name", LONGEST_NAME);
    let name = fields.required("name", name).unwrap_or_default();
    let form = read_form(&mut fields, &application).unwrap_or_default();
    let logo = read_logo(&mut fields);
    fields.finish()?;
    let now = engine.clock().now();
    let template = Template {
        id: TemplateId::new(now, engine.entropy().u128()),
        application: application.id,
        name,
        form,
        logo,
        created_at: now,
        updated_at: now,
        archived_at: None,
    };
    store.create_template(&template).await?;
    Ok(Reply::created(&template_json(&template)))
}

/// Those of one application, or of all; archived ones included.
pub(crate) async fn list(admin: Admin, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = admin.arguments(&parameters::admin::LIST_TEMPLATES, &query)?;
    let store = admin.api.engine.store();
    let asked = arguments.text("applicationId");
    let mut results: Vec<Value> = Vec::new();
    for application in store.list_applications().await? {
        if asked.is_none_or(|asked| asked == application.id.to_string()) {
            let templates = store.list_templates(application.id).await?;
            results.extend(templates.iter().map(template_json));
        }
    }
    Ok(Reply::of(&json!({"results": results})))
}

pub(crate) async fn get(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let template = find(admin.api.engine.store(), &id).await?;
    Ok(Reply::of(&template_json(&template)))
}

/// A form takes the place of the whole form before; `"logo": null` takes the logo away.
pub(crate) async fn update(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
    body: JsonBody,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let engine = &admin.api.engine;
    let store = engine.store();
    let before = find(store, &id).await?;
    if before.archived_at.is_some() {
        return Err(ApiError::Conflict {
            message: "Template is archived",
            detail: "An archived template stays as it is; make another".to_owned(),
        });
    }
    let application = find_application(store, before.application).await?;
    let removes_logo = has_null(&body, "logo");
    let mut fields = Fields::of_body(body, &["name", "form", "logo"]);
    let patch = TemplatePatch {
        name: read_text(&mut fields, "name", LONGEST_NAME),
        form: read_form(&mut fields, &application),
        logo: match removes_logo {
            true => {
                fields.value("logo");
                Some(None)
            }
            false => read_logo(&mut fields).map(Some),
        },
    };
    fields.finish()?;
    let now = engine.clock().now();
    let updated = store.update_template(before.id, &patch, now).await?;
    Ok(Reply::of(&template_json(&updated)))
}

/// No new link can name it; those that do go on working.
pub(crate) async fn archive(
    admin: Admin,
    Path(id): Path<String>,
    query: QueryText,
) -> Result<Reply, ApiError> {
    admin.arguments(&parameters::admin::PLAIN, &query)?;
    let id: TemplateId = path_id(&id, "id")?;
    let engine = &admin.api.engine;
    let now = engine.clock().now();
    let archived = engine.store().archive_template(id, now).await?;
    Ok(Reply::of(&template_json(&archived)))
}

async fn find(store: &Store, id: &str) -> Result<Template, ApiError> {
    let found = store.template(path_id(id, "id")?).await?;
    Ok(found.ok_or(StoreError::NotFound { what: "template" })?)
}

async fn find_application(store: &Store, id: ApplicationId) -> Result<Application, ApiError> {
    let found = store.application(id).await?;
    Ok(found.ok_or(StoreError::NotFound {
        what: "application",
    })?)
}

fn has_null(body: &JsonBody, name: &str) -> bool {
    let members = body.0.as_ref();
    members.is_some_and(|members| members.get(name) == Some(&Value::Null))
}

fn read_form(fields: &mut Fields, application: &Application) -> Option<ConsentForm> {
    let mut inner = fields.object("form", &FORM_MEMBERS)?;
    let form = ConsentForm {
        display_name: read_text(&mut inner, "displayName", LONGEST_NAME),
        primary_color: read_color(&mut inner),
        border_radius: read_radius(&mut inner),
        texts: read_texts(&mut inner),
        sync_mode: read_sync_mode(&mut inner),
        backfill_days: read_days(&mut inner, "backfillDays"),
        tags: read_tags(&mut inner),
        require_external_id: read_flag(&mut inner, "requireExternalId"),
        redirect_url: read_redirect(&mut inner, "redirectUrl", application),
        unsupported_redirect_url: read_redirect(&mut inner, "unsupportedRedirectUrl", application),
    };
    fields.absorb(inner);
    Some(form)
}

/// It goes into a stylesheet, so it is this and nothing else.
fn read_color(fields: &mut Fields) -> Option<String> {
    let text = fields.text("primaryColor")?;
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let suggestion = "Send one like #1b66d1";
        fields.refuse("primaryColor", "is not a colour", suggestion);
    }
    Some(text.to_ascii_lowercase())
}

fn read_radius(fields: &mut Fields) -> Option<u8> {
    let value = fields.value("borderRadius")?;
    let radius = value.as_u64().and_then(|pixels| u8::try_from(pixels).ok());
    let radius = radius.filter(|pixels| *pixels <= LARGEST_RADIUS);
    if radius.is_none() {
        let what = "must be a whole number of pixels from 0 to 24";
        fields.refuse("borderRadius", what, "Send a JSON number");
    }
    radius
}

fn read_flag(fields: &mut Fields, name: &str) -> bool {
    match fields.value(name) {
        None => false,
        Some(Value::Bool(flag)) => flag,
        Some(_) => {
            fields.refuse(name, "must be true or false", "Send a JSON boolean");
            false
        }
    }
}

fn read_texts(fields: &mut Fields) -> BTreeMap<Language, ConsentTexts> {
    let mut texts = BTreeMap::new();
    let Some(mut all) = fields.object("texts", &Language::ALL.map(Language::tag)) else {
        return texts;
    };
    for language in Language::ALL {
        let members = ["title", "agreement", "success"];
        let Some(mut own) = all.object(language.tag(), &members) else {
            continue;
        };
        let read = ConsentTexts {
            title: read_text(&mut own, "title", LONGEST_TITLE),
            agreement: read_paragraphs(&mut own, "agreement", LONGEST_AGREEMENT),
            success: read_paragraphs(&mut own, "success", LONGEST_SUCCESS),
        };
        all.absorb(own);
        if read != ConsentTexts::default() {
            texts.insert(language, read);
        }
    }
    fields.absorb(all);
    texts
}

/// A text of several lines, whose ends are one character here wherever it was written.
fn read_paragraphs(fields: &mut Fields, name: &str, longest: usize) -> Option<String> {
    let text = fields.filled_text(name)?.replace("\r\n", "\n");
    check_characters(fields, name, &text.replace(['\n', '\t'], ""));
    if text.chars().count() > longest {
        let what = format!("is longer than {longest} characters");
        fields.refuse(name, &what, "Send a shorter one");
    }
    Some(text)
}

/// A PNG or SVG in base64. What an SVG may hold is not judged: it is served for `<img>` alone,
/// where nothing in it runs.
fn read_logo(fields: &mut Fields) -> Option<Logo> {
    let mut inner = fields.object("logo", &["mediaType", "bytes"])?;
    let media_type = inner.word("mediaType", &[PNG, SVG]);
    let media_type = inner.required("mediaType", media_type);
    let text = inner.text("bytes");
    let text = inner.required("bytes", text);
    let bytes = text.and_then(|text| STANDARD.decode(text).ok());
    let refusal = match (media_type, &bytes) {
        (_, None) => Some("is not base64"),
        (_, Some(bytes)) if bytes.len() > LARGEST_LOGO_BYTES => Some("is larger than 64 KiB"),
        (Some(PNG), Some(bytes)) if !bytes.starts_with(PNG_SIGNATURE) => Some("is not a PNG"),
        (Some(SVG), Some(bytes)) if !is_svg(bytes) => Some("is not an SVG"),
        _ => None,
    };
    if let Some(refusal) = refusal
        && inner.places.is_empty()
    {
        let suggestion = "Send a PNG or an SVG of at most 64 KiB";
        inner.refuse("bytes", refusal, suggestion);
    }
    fields.absorb(inner);
    Some(Logo {
        media_type: media_type?.to_owned(),
        bytes: Bytes::from(bytes?),
    })
}

fn is_svg(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.contains("<svg"))
}

fn template_json(template: &Template) -> Value {
    let mut body = json!({
        "id": template.id,
        "applicationId": template.application,
        "name": template.name,
        "form": template.form,
        "createdAt": template.created_at,
        "updatedAt": template.updated_at,
    });
    if let Some(logo) = &template.logo {
        body["logo"] = json!({"mediaType": logo.media_type, "bytes": logo.bytes.len()});
    }
    if let Some(archived_at) = template.archived_at {
        body["archivedAt"] = json!(archived_at);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{body, refused_places};
    use model::Timestamp;
    use model::connection::SyncMode;

    fn read(text: &str) -> Result<(Option<ConsentForm>, Option<Logo>), ApiError> {
        let now = Timestamp::from_millis(0);
        let mut application = Application::new(ApplicationId::new(now, 1), "Test", now);
        application.redirects = vec!["https://app.example.com/done".to_owned()];
        let mut fields = Fields::of_body(body(text), &["form", "logo"]);
        let form = read_form(&mut fields, &application);
        let logo = read_logo(&mut fields);
        fields.finish()?;
        Ok((form, logo))
    }

    #[test]
    fn a_form_is_read_whole() {
        let text = r##"{"form": {"displayName": "Acme", "primaryColor": "#1B66D1",
            "borderRadius": 24, "texts": {"fr": {"agreement": "Un.\r\n\r\nDeux."}, "es": {}},
            "syncMode": "manual", "backfillDays": 30, "tags": ["a"], "requireExternalId": true,
            "redirectUrl": "https://app.example.com/done?from=link"},
            "logo": {"mediaType": "image/svg+xml", "bytes": "PHN2Zy8+"}}"##;
        let (form, logo) = read(text).expect("good");
        let french = ConsentTexts {
            agreement: Some("Un.\n\nDeux.".to_owned()),
            ..ConsentTexts::default()
        };
        let wanted = ConsentForm {
            display_name: Some("Acme".to_owned()),
            primary_color: Some("#1b66d1".to_owned()),
            border_radius: Some(24),
            texts: BTreeMap::from([(Language::Fr, french)]),
            sync_mode: Some(SyncMode::Manual),
            backfill_days: Some(30.0),
            tags: vec!["a".to_owned()],
            require_external_id: true,
            redirect_url: Some("https://app.example.com/done?from=link".to_owned()),
            unsupported_redirect_url: None,
        };
        assert_eq!(form, Some(wanted));
        assert_eq!(logo.expect("a logo").bytes, &b"<svg/>"[..]);
        assert_eq!(read("{}").expect("nothing"), (None, None));
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let text = r#"{"form": {"displayName": "", "primaryColor": "red", "borderRadius": 24.5,
            "texts": {"fr": {"title": "a\u0000b", "text": "x"}, "de": {}},
            "backfillDays": -1, "requireExternalId": "yes",
            "redirectUrl": "https://evil.example/", "logo": "x"}}"#;
        let form = |rest: &str| format!("{{requestBody}}.form.{rest}");
        assert_eq!(
            refused_places(read(text)),
            [
                "logo",
                "displayName",
                "primaryColor",
                "borderRadius",
                "texts.de",
                "texts.fr.text",
                "texts.fr.title",
                "backfillDays",
                "requireExternalId",
                "redirectUrl",
            ]
            .map(form)
        );
        let check = |logo: &str, place: &str| {
            let text = format!(r#"{{"logo": {logo}}}"#);
            let place = format!("{{requestBody}}.logo.{place}");
            assert_eq!(refused_places(read(&text)), [place], "{logo}");
        };
        check(
            r#"{"mediaType": "image/png", "bytes": "PHN2Zy8+"}"#,
            "bytes",
        );
        check(r#"{"mediaType": "image/png", "bytes": "%"}"#, "bytes");
        check(r#"{"mediaType": "image/svg+xml", "bytes": ""}"#, "bytes");
        check(
            r#"{"mediaType": "text/html", "bytes": "PHN2Zy8+"}"#,
            "mediaType",
        );
        check(r#"{"bytes": "PHN2Zy8+"}"#, "mediaType");
        let large = STANDARD.encode([PNG_SIGNATURE, &[0; LARGEST_LOGO_BYTES]].concat());
        let large = format!(r#"{{"mediaType": "image/png", "bytes": "{large}"}}"#);
        check(&large, "bytes");
    }
}
