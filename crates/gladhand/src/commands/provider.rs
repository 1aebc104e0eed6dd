//! `gladhand provider`: those that this program knows, and those that people missed.

use serde_json::{Value, json};

use crate::cli::{OutputArgs, ProviderCommand, SourceArgs};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output::{self, Column};

const COLUMNS: &[Column] = &[
    ("code", "code"),
    ("name", "name"),
    ("runs on", "baseCode"),
    ("signs in by", "signsInBy"),
];

const WISHES: &[Column] = &[
    ("id", "id"),
    ("provider", "name"),
    ("contact", "contact"),
    ("asked for", "requestedAt"),
];

pub async fn run(sources: &SourceArgs, command: ProviderCommand) -> Result<(), CommandError> {
    match command {
        ProviderCommand::List { output } => list(&output),
        ProviderCommand::Requests { owner, output } => {
            let config = super::configuration(sources, Vec::new())?;
            let operator = Operator::connect(&config).await?;
            let application = super::application_of(&operator, &owner).await?;
            let path = format!("/provider-requests?applicationId={application}");
            let wishes = operator.get(&path).await?;
            let nothing = "nobody asked for a provider that is not there";
            output::table(output.format, &wishes, WISHES, nothing)
        }
    }
}

/// They are part of the program, so no store is opened for it.
fn list(output: &OutputArgs) -> Result<(), CommandError> {
    let results: Vec<Value> = providers::all()
        .iter()
        .map(|provider| provider_json(*provider))
        .collect();
    let list = json!({"results": results});
    output::table(output.format, &list, COLUMNS, "no provider")
}

fn provider_json(provider: &dyn provider::Provider) -> Value {
    let descriptor = provider.descriptor();
    let fields = descriptor.credentials.iter();
    let typed = fields.filter(|field| field.kind != provider::FieldKind::Grant);
    let mut ways: Vec<&str> = typed.map(|field| field.name).collect();
    if descriptor.oauth.is_some() {
        ways.push("OAuth");
    }
    json!({
        "code": descriptor.code,
        "name": descriptor.name,
        "baseCode": descriptor.base_code.unwrap_or(descriptor.code),
        "oauth": descriptor.oauth.is_some(),
        "signsInBy": ways,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_says_how_it_is_signed_in_to() {
        for provider in providers::all() {
            let shown = provider_json(*provider);
            let ways = shown["signsInBy"].as_array().expect("a list");
            assert!(!ways.is_empty(), "{shown}");
            let base = shown["baseCode"].as_str().expect("a code");
            assert!(providers::find(base).is_some(), "{shown}");
        }
    }
}
