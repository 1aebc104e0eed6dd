//! `gladhand application`: owners of keys and connections.

use serde_json::{Value, json};

use crate::cli::{ApplicationCommand, ApplicationSetArgs, EnvironmentArg, MergeArg, SourceArgs};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output::{self, Column};

const COLUMNS: &[Column] = &[
    ("id", "id"),
    ("name", "name"),
    ("environment", "environment"),
    ("created", "createdAt"),
];

const DETAILS: &[Column] = &[
    ("id", "id"),
    ("name", "name"),
    ("environment", "environment"),
    ("merge", "merge"),
    ("merges", "merges"),
    ("origins", "origins"),
    ("redirects", "redirects"),
    ("created", "createdAt"),
];

pub async fn run(sources: &SourceArgs, command: ApplicationCommand) -> Result<(), CommandError> {
    let config = super::configuration(sources, Vec::new())?;
    let operator = Operator::connect(&config).await?;
    match command {
        ApplicationCommand::Create {
            name,
            environment,
            output,
        } => {
            let environment = match environment {
                EnvironmentArg::Production => "production",
                EnvironmentArg::Sandbox => "sandbox",
            };
            let body = json!({"name": name, "environment": environment});
            let made = operator.post("/applications", &body).await?;
            output::block(output.format, &made, COLUMNS)
        }
        ApplicationCommand::List { output } => {
            let list = operator.get("/applications").await?;
            let nothing = "no application yet; make one: gladhand application create NAME";
            output::table(output.format, &list, COLUMNS, nothing)
        }
        ApplicationCommand::Show { id, output } => {
            let application = operator.get(&format!("/applications/{id}")).await?;
            output::block(output.format, &application, DETAILS)
        }
        ApplicationCommand::Set(arguments) => {
            let path = format!("/applications/{}", arguments.id);
            let changed = operator.post(&path, &change(&arguments)?).await?;
            output::block(arguments.output.format, &changed, DETAILS)
        }
    }
}

fn change(arguments: &ApplicationSetArgs) -> Result<Value, CommandError> {
    let mut body = serde_json::Map::new();
    if let Some(merge) = arguments.merge {
        let merge = match merge {
            MergeArg::On => "on",
            MergeArg::Off => "off",
            MergeArg::Default => "default",
        };
        body.insert("merge".to_owned(), json!(merge));
    }
    for (name, addresses) in [
        ("allowOrigins", &arguments.allow_origin),
        ("removeOrigins", &arguments.remove_origin),
        ("allowRedirects", &arguments.allow_redirect),
        ("removeRedirects", &arguments.remove_redirect),
    ] {
        if !addresses.is_empty() {
            body.insert(name.to_owned(), json!(addresses));
        }
    }
    if body.is_empty() {
        let nothing = "nothing to change; see: gladhand application set --help";
        return Err(CommandError::Usage(nothing.to_owned()));
    }
    Ok(Value::Object(body))
}
