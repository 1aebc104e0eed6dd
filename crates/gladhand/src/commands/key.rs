//! `gladhand key`: API keys, whose texts are shown once.

use serde_json::json;

use crate::cli::{Format, KeyCommand, KeyKindArg, SourceArgs};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output::{self, Column};

const COLUMNS: &[Column] = &[
    ("id", "id"),
    ("kind", "kind"),
    ("ends in", "hint"),
    ("created", "createdAt"),
    ("revoked", "revokedAt"),
];

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
            if output.format == Format::Text {
                eprintln!("This is the only time that the key is shown; what is kept is its hash.");
            }
            Ok(())
        }
        KeyCommand::List { owner, output } => {
            let application = super::application_of(&operator, &owner).await?;
            let path = format!("/keys?applicationId={application}");
            let list = operator.get(&path).await?;
            let nothing = "no key yet; make one: gladhand key create";
            output::table(output.format, &list, COLUMNS, nothing)
        }
        KeyCommand::Revoke { id, output } => {
            let path = format!("/keys/{id}/revoke");
            let revoked = operator.post(&path, &json!({})).await?;
            output::block(output.format, &revoked, COLUMNS)
        }
    }
}
