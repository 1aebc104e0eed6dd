//! `gladhand template`: how applications ask for consent.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::cli::{FormArgs, SourceArgs, TemplateCommand};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output::{self, Column};

const COLUMNS: &[Column] = &[
    ("id", "id"),
    ("name", "name"),
    ("display name", "form.displayName"),
    ("updated", "updatedAt"),
    ("archived", "archivedAt"),
];

const DETAILS: &[Column] = &[
    ("id", "id"),
    ("name", "name"),
    ("display name", "form.displayName"),
    ("primary colour", "form.primaryColor"),
    ("border radius", "form.borderRadius"),
    ("title (en)", "form.texts.en.title"),
    ("title (fr)", "form.texts.fr.title"),
    ("title (es)", "form.texts.es.title"),
    ("mode", "form.syncMode"),
    ("backfill days", "form.backfillDays"),
    ("tags", "form.tags"),
    ("wants external id", "form.requireExternalId"),
    ("redirects to", "form.redirectUrl"),
    ("if unlisted, to", "form.unsupportedRedirectUrl"),
    ("logo", "logo.mediaType"),
    ("created", "createdAt"),
    ("updated", "updatedAt"),
    ("archived", "archivedAt"),
];

pub async fn run(sources: &SourceArgs, command: TemplateCommand) -> Result<(), CommandError> {
    let config = super::configuration(sources, Vec::new())?;
    match command {
        TemplateCommand::Create {
            name,
            owner,
            form,
            logo,
            output,
        } => {
            // Files first: one that cannot be read is the likeliest mistake.
            let mut body = json!({"name": name, "form": form_of(Map::new(), &form)?});
            if let Some(path) = &logo {
                body["logo"] = read_logo(path)?;
            }
            let operator = Operator::connect(&config).await?;
            let application = super::application_of(&operator, &owner).await?;
            body["applicationId"] = json!(application);
            let made = operator.post("/templates", &body).await?;
            output::block(output.format, &made, DETAILS)
        }
        TemplateCommand::List { owner, output } => {
            let operator = Operator::connect(&config).await?;
            let application = super::application_of(&operator, &owner).await?;
            let path = format!("/templates?applicationId={application}");
            let list = operator.get(&path).await?;
            let nothing = "no template yet; make one: gladhand template create default";
            output::table(output.format, &list, COLUMNS, nothing)
        }
        TemplateCommand::Show { id, output } => {
            let operator = Operator::connect(&config).await?;
            let template = operator.get(&format!("/templates/{id}")).await?;
            output::block(output.format, &template, DETAILS)
        }
        TemplateCommand::Update {
            id,
            name,
            form,
            logo,
            no_logo,
            output,
        } => {
            let operator = Operator::connect(&config).await?;
            let path = format!("/templates/{id}");
            let before = operator.get(&path).await?;
            let before = before["form"].as_object().cloned().unwrap_or_default();
            let mut body = json!({"form": form_of(before, &form)?});
            if let Some(name) = name {
                body["name"] = json!(name);
            }
            if let Some(path) = &logo {
                body["logo"] = read_logo(path)?;
            } else if no_logo {
                body["logo"] = Value::Null;
            }
            let updated = operator.post(&path, &body).await?;
            output::block(output.format, &updated, DETAILS)
        }
        TemplateCommand::Archive { id, output } => {
            let operator = Operator::connect(&config).await?;
            let path = format!("/templates/{id}/archive");
            let archived = operator.post(&path, &json!({})).await?;
            output::block(output.format, &archived, DETAILS)
        }
    }
}

/// The form of the file, or else the one before, and the flags over it. What it holds is judged by
/// the admin API.
fn form_of(
    before: Map<String, Value>,
    arguments: &FormArgs,
) -> Result<Map<String, Value>, CommandError> {
    let mut form = match &arguments.file {
        Some(path) => read_form(path)?,
        None => before,
    };
    let texts = [
        ("displayName", &arguments.display_name),
        ("primaryColor", &arguments.primary_color),
        ("redirectUrl", &arguments.redirect_url),
        (
            "unsupportedRedirectUrl",
            &arguments.unsupported_redirect_url,
        ),
    ];
    for (name, text) in texts {
        put(&mut form, name, text.as_deref());
    }
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            form.insert(name.to_owned(), value);
        }
    };
    set(
        "borderRadius",
        arguments.border_radius.map(|pixels| json!(pixels)),
    );
    set(
        "syncMode",
        arguments.sync_mode.map(|mode| json!(mode.name())),
    );
    set(
        "backfillDays",
        arguments.backfill_days.map(|days| json!(days)),
    );
    set(
        "requireExternalId",
        arguments.require_external_id.map(|wanted| json!(wanted)),
    );
    if !arguments.tag.is_empty() {
        let tags = arguments.tag.iter().filter(|tag| !tag.is_empty());
        set("tags", Some(json!(tags.collect::<Vec<_>>())));
    }
    put_texts(&mut form, arguments)?;
    Ok(form)
}

/// An empty text takes the member away.
fn put(members: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    match text {
        None => {}
        Some("") => {
            members.remove(name);
        }
        Some(text) => {
            members.insert(name.to_owned(), json!(text));
        }
    }
}

fn put_texts(form: &mut Map<String, Value>, arguments: &FormArgs) -> Result<(), CommandError> {
    let given = &arguments.texts;
    let languages = [
        (
            "en",
            &given.title_en,
            &given.agreement_en,
            &given.success_en,
        ),
        (
            "fr",
            &given.title_fr,
            &given.agreement_fr,
            &given.success_fr,
        ),
        (
            "es",
            &given.title_es,
            &given.agreement_es,
            &given.success_es,
        ),
    ];
    for (language, title, agreement, success) in languages {
        if title.is_none() && agreement.is_none() && success.is_none() {
            continue;
        }
        let agreement = agreement.as_deref().map(read_agreement).transpose()?;
        let texts = form.entry("texts").or_insert_with(|| json!({}));
        let Some(texts) = texts.as_object_mut() else {
            // The file has something else there, which the admin API refuses by its place.
            return Ok(());
        };
        let own = texts.entry(language).or_insert_with(|| json!({}));
        if let Some(own) = own.as_object_mut() {
            put(own, "title", title.as_deref());
            put(own, "agreement", agreement.as_deref());
            put(own, "success", success.as_deref());
        }
    }
    Ok(())
}

/// No file, like an empty text, takes the agreement away.
fn read_agreement(path: &str) -> Result<String, CommandError> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let path = Path::new(path);
    let text = std::fs::read_to_string(path).map_err(|error| CommandError::file(path, &error))?;
    Ok(text.trim().to_owned())
}

fn read_form(path: &Path) -> Result<Map<String, Value>, CommandError> {
    let text = std::fs::read(path).map_err(|error| CommandError::file(path, &error))?;
    let wrong = |reason: String| CommandError::File {
        path: path.display().to_string(),
        reason,
    };
    match serde_json::from_slice(&text) {
        Ok(Value::Object(form)) => Ok(form),
        Ok(_) => Err(wrong("holds no JSON object".to_owned())),
        Err(error) => Err(wrong(format!("is not JSON: {error}"))),
    }
}

fn read_logo(path: &Path) -> Result<Value, CommandError> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let extension = extension.map(str::to_ascii_lowercase);
    let media_type = match extension.as_deref() {
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        _ => {
            let reason = format!("{}: a logo is a .png or a .svg", path.display());
            return Err(CommandError::Usage(reason));
        }
    };
    let bytes = std::fs::read(path).map_err(|error| CommandError::file(path, &error))?;
    Ok(json!({"mediaType": media_type, "bytes": STANDARD.encode(bytes)}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::connection::SyncMode;

    #[test]
    fn flags_lie_over_what_was_there() {
        let before = json!({
            "displayName": "Acme",
            "primaryColor": "#000000",
            "tags": ["old"],
            "texts": {"en": {"title": "Connect", "success": "Done"}},
        });
        let before = before.as_object().expect("an object").clone();
        let unchanged = form_of(before.clone(), &FormArgs::default());
        assert_eq!(unchanged.expect("no file"), before);
        let mut arguments = FormArgs {
            display_name: Some("Acme Inc.".to_owned()),
            primary_color: Some(String::new()),
            border_radius: Some(4),
            sync_mode: Some(SyncMode::Manual),
            backfill_days: Some(30.0),
            tag: vec!["new".to_owned()],
            require_external_id: Some(true),
            ..FormArgs::default()
        };
        arguments.texts.title_en = Some(String::new());
        arguments.texts.title_fr = Some("Connecter".to_owned());
        let form = form_of(before, &arguments).expect("no file");
        let wanted = json!({
            "displayName": "Acme Inc.",
            "borderRadius": 4,
            "tags": ["new"],
            "texts": {"en": {"success": "Done"}, "fr": {"title": "Connecter"}},
            "syncMode": "manual",
            "backfillDays": 30.0,
            "requireExternalId": true,
        });
        assert_eq!(Value::Object(form), wanted);
    }

    #[test]
    fn a_logo_is_known_by_its_name() {
        let error = read_logo(Path::new("logo.gif")).expect_err("no such kind");
        assert!(error.to_string().contains(".png or a .svg"), "{error}");
    }
}
