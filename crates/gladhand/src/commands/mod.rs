//! One file a command. Each is given its arguments and reads no other.

mod application;
mod config;
mod connection;
mod credential;
mod demo;
mod explain;
mod key;
mod provider;
mod replay;
mod serve;
mod simulate;
mod sync;
mod template;
mod vault;

use std::path::PathBuf;

use crate::cli::{ApplicationArgs, Cli, Command, SourceArgs};
use crate::config::{ConfigErrors, Configuration, Inputs, ProviderDefault, Setting};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output;

pub async fn run(cli: Cli) -> Result<(), CommandError> {
    let sources = &cli.sources;
    match cli.command {
        Command::Serve(arguments) => serve::run(sources, &arguments).await,
        Command::Demo(arguments) => demo::run(sources, &arguments).await,
        Command::Simulate(arguments) => simulate::run(&arguments).await,
        Command::Application(command) => application::run(sources, command).await,
        Command::Key(command) => key::run(sources, command).await,
        Command::Vault(command) => vault::run(sources, command).await,
        Command::Connection(command) => connection::run(sources, command).await,
        Command::Template(command) => template::run(sources, command).await,
        Command::Provider(command) => provider::run(sources, command).await,
        Command::Sync(command) => sync::run(sources, command).await,
        Command::Replay(arguments) => replay::run(sources, arguments).await,
        Command::Config(arguments) => config::run(sources, &arguments),
        Command::Explain(arguments) => explain::run(&arguments),
    }
}

/// Flags, environment and files of this process; `own` are the command's own flags for keys.
fn configuration(sources: &SourceArgs, own: Vec<Setting>) -> Result<Configuration, CommandError> {
    let settings = settings(sources, own)?;
    let environment = std::env::vars_os()
        .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
        .collect();
    let config = Configuration::load(&Inputs {
        file: sources.config.clone(),
        look_in: Some(PathBuf::from(".")),
        environment,
        settings,
        providers: provider_defaults(),
    })?;
    for warning in &config.warnings {
        eprintln!("gladhand: {warning}");
    }
    Ok(config)
}

fn settings(sources: &SourceArgs, own: Vec<Setting>) -> Result<Vec<Setting>, ConfigErrors> {
    let mut settings = own;
    if let Some(directory) = &sources.data {
        settings.push(Setting {
            flag: "--data".to_owned(),
            key: "data.directory".to_owned(),
            text: directory.display().to_string(),
        });
    }
    for text in &sources.set {
        settings.push(Setting::parse(text)?);
    }
    Ok(settings)
}

fn provider_defaults() -> Vec<ProviderDefault<'static>> {
    // A brand goes where its platform goes.
    let descriptors = providers::all()
        .iter()
        .map(|provider| provider.descriptor())
        .filter(|descriptor| descriptor.base_code.is_none());
    let defaults = descriptors.map(|descriptor| ProviderDefault {
        code: descriptor.code,
        base_url: descriptor.default_base_url,
        has_apps: descriptor.oauth.is_some(),
    });
    defaults.collect()
}

/// The application that a command is about: the one named, else the only one.
async fn application_of(
    operator: &Operator,
    owner: &ApplicationArgs,
) -> Result<String, CommandError> {
    if let Some(id) = owner.application {
        return Ok(id.to_string());
    }
    let answer = operator.get("/applications").await?;
    let ids: Vec<&str> = output::results(&answer)
        .iter()
        .filter_map(|application| application["id"].as_str())
        .collect();
    match ids.as_slice() {
        [id] => Ok((*id).to_owned()),
        [] => Err(CommandError::Usage(
            "there is no application yet; make one: gladhand application create NAME".to_owned(),
        )),
        ids => Err(CommandError::Usage(format!(
            "there is more than one application; name one with --application: {}",
            ids.join(", ")
        ))),
    }
}
