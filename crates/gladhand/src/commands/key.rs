//! `gladhand key`: API keys. The texts of secret ones are shown once.

use serde_json::{Value, json};

use crate::cli::{Format, KeyCommand, KeyKindArg, SourceArgs};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output::{self, Column};

const COLUMNS: &[Column] = &[
    ("id", "id"),
    ("kind", "kind"),
    ("ends in", "hint"),
    ("created", "createdAt"),
    ("expires", "expiresAt"),
    ("revoked", "revokedAt"),
    ("key", "key"),
];

const ROTATED: &[Column] = &[
    ("id", "id"),
    ("key", "key"),
    ("replaces", "replaced.id"),
    ("until then", "replaced.expiresAt"),
];

const SHOWN_ONCE: &str = "This is the only time that the key is shown; what is kept is its hash.";

pub async fn run(sources: &SourceArgs, command: KeyCommand) -> Result<(), CommandError> {
    let config = super::configuration(sources, Vec::new())?;
    let operator = Operator::connect(&config).await?;
    match command {
        KeyCommand::Create {
            owner,
            kind,
            output,
        } => {
            let application = super::application_of(&operator, &owner).await?;
            let kind = match kind {
                KeyKindArg::Secret => "secret",
                KeyKindArg::Publishable => "publishable",
            };
            let body = json!({"applicationId": application, "kind": kind});
            let made = operator.post("/keys", &body).await?;
            output::block(output.format, &made, &[("id", "id"), ("key", "key")])?;
            tell(output.format, &made);
            Ok(())
        }
        KeyCommand::List { owner, output } => {
            let application = super::application_of(&operator, &owner).await?;
            let path = format!("/keys?applicationId={application}");
            let list = operator.get(&path).await?;
            let nothing = "no key yet; make one: gladhand key create";
            output::table(output.format, &list, COLUMNS, nothing)
        }
        KeyCommand::Rotate {
            id,
            overlap,
            output,
        } => {
            let path = format!("/keys/{id}/rotate");
            let body = json!({"overlapSeconds": overlap.as_secs()});
            let rotated = operator.post(&path, &body).await?;
            output::block(output.format, &rotated, ROTATED)?;
            tell(output.format, &rotated);
            Ok(())
        }
        KeyCommand::Revoke { id, output } => {
            let path = format!("/keys/{id}/revoke");
            let revoked = operator.post(&path, &json!({})).await?;
            output::block(output.format, &revoked, COLUMNS)
        }
    }
}

fn tell(format: Format, made: &Value) {
    if format == Format::Text && made["kind"] == "secret" {
        eprintln!("{SHOWN_ONCE}");
    }
}
