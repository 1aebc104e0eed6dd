//! The configuration in force, and where each value of it came from.
//!
//! Four layers, the first that gives a value wins: flags, environment, one TOML file, the default
//! that is built in ([`DEFAULT_TOML`], which is also the list of keys that exist). Everything is
//! read and validated once, at start; after that the sections below are plain values handed down.
//! Nothing else in the program reads an environment variable or a configuration file.

mod error;
mod layers;
mod link;
mod nearest;
mod section;
mod values;
mod vault;

pub use error::{ConfigError, ConfigErrors};
pub use layers::{Inputs, ProviderDefault, Setting};
pub use link::LinkSection;
pub use section::{
    ApiSection, AppSection, DataSection, DatabaseSection, HttpSection, LogFormat, LogSection,
    ProvidersSection, ServerSection, SyncSection, UnknownParameters,
};
pub use values::Values;
pub use vault::{MasterKeySource, VaultSection};

/// The commented default, as `gladhand config --default` prints it.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

#[derive(Clone, Debug)]
pub struct Configuration {
    pub server: ServerSection,
    pub data: DataSection,
    pub database: DatabaseSection,
    pub vault: VaultSection,
    pub api: ApiSection,
    pub sync: SyncSection,
    pub providers: ProvidersSection,
    pub link: LinkSection,
    pub http: HttpSection,
    pub log: LogSection,
    /// Every key with its text and origin, for `gladhand config`.
    pub values: Values,
    /// What looks like a mistake and is none for certain: said at start.
    pub warnings: Vec<String>,
}

impl Configuration {
    /// Merges the layers and validates every key; all that is wrong is said at once.
    pub fn load(inputs: &Inputs) -> Result<Configuration, ConfigErrors> {
        let (values, warnings) = layers::merge(inputs)?;
        let mut wrong = Vec::new();
        let server = keep(ServerSection::read(&values), &mut wrong);
        let data = keep(DataSection::read(&values), &mut wrong);
        let database = keep(DatabaseSection::read(&values), &mut wrong);
        let vault = keep(VaultSection::read(&values), &mut wrong);
        let api = keep(ApiSection::read(&values), &mut wrong);
        let sync = keep(SyncSection::read(&values), &mut wrong);
        let providers = keep(ProvidersSection::read(&values), &mut wrong);
        let link = keep(LinkSection::read(&values), &mut wrong);
        let http = keep(HttpSection::read(&values), &mut wrong);
        let log = keep(LogSection::read(&values), &mut wrong);
        match (
            server, data, database, vault, api, sync, providers, link, http, log,
        ) {
            (
                Some(server),
                Some(data),
                Some(database),
                Some(vault),
                Some(api),
                Some(sync),
                Some(providers),
                Some(link),
                Some(http),
                Some(log),
            ) => Ok(Configuration {
                server,
                data,
                database,
                vault,
                api,
                sync,
                providers,
                link,
                http,
                log,
                values,
                warnings,
            }),
            _ => Err(ConfigErrors(wrong)),
        }
    }
}

fn keep<T>(section: Result<T, ConfigErrors>, wrong: &mut Vec<ConfigError>) -> Option<T> {
    match section {
        Ok(section) => Some(section),
        Err(errors) => {
            wrong.extend(errors.0);
            None
        }
    }
}

#[cfg(test)]
mod tests;
