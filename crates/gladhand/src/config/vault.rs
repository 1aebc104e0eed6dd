//! Where the vault's master key is kept.

use std::path::PathBuf;

use model::Secret;

use super::error::ConfigErrors;
use super::values::Values;

/// In the order in which they are named where more than one is set.
const KEYS: [&str; 3] = [
    "vault.key_file",
    "vault.master_key",
    "vault.master_key_command",
];

#[derive(Clone, Debug)]
pub enum MasterKeySource {
    /// The data directory's own, made at the first start.
    DataDirectory,
    /// Made at the first start, too.
    File(PathBuf),
    Text(Secret),
    /// A shell's command line that prints it.
    Command(String),
}

#[derive(Clone, Debug)]
pub struct VaultSection {
    pub master_key: MasterKeySource,
}

impl VaultSection {
    pub fn read(values: &Values) -> Result<VaultSection, ConfigErrors> {
        let given: Vec<&str> = KEYS
            .into_iter()
            .filter(|key| !values.text(key).trim().is_empty())
            .collect();
        let master_key = match given.as_slice() {
            [] => MasterKeySource::DataDirectory,
            [key] => {
                let text = values.text(key);
                match *key {
                    "vault.key_file" => MasterKeySource::File(PathBuf::from(text)),
                    "vault.master_key" => MasterKeySource::Text(Secret::new(text)),
                    _ => MasterKeySource::Command(text.to_owned()),
                }
            }
            [first, second, ..] => {
                let wanted = format!("nothing, since {first} is set: there is one master key");
                return Err(values.bad(second, wanted).into());
            }
        };
        Ok(VaultSection { master_key })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Configuration, Inputs, Setting};
    use super::*;

    fn load(settings: &[&str]) -> Result<Configuration, ConfigErrors> {
        let settings = settings.iter().map(|text| Setting::parse(text));
        Configuration::load(&Inputs {
            settings: settings.collect::<Result<_, _>>().expect("settings"),
            ..Inputs::default()
        })
    }

    #[test]
    fn the_master_key_has_one_place() {
        let place = |settings: &[&str]| load(settings).expect("valid").vault.master_key;
        assert!(matches!(place(&[]), MasterKeySource::DataDirectory));
        let file = place(&["vault.key_file=/run/secrets/vault.key"]);
        assert!(matches!(file, MasterKeySource::File(path) if path.ends_with("vault.key")));
        let text = place(&["vault.master_key=abc"]);
        assert!(matches!(text, MasterKeySource::Text(text) if text.reveal() == "abc"));
        let command = place(&["vault.master_key_command=pass show vault"]);
        assert!(matches!(command, MasterKeySource::Command(line) if line == "pass show vault"));
        let twice = ["vault.key_file=x", "vault.master_key=geheim"];
        let shown = load(&twice).expect_err("two places").to_string();
        assert!(shown.contains("since vault.key_file is set"), "{shown}");
        assert!(!shown.contains("geheim"), "{shown}");
    }

    #[test]
    fn the_key_itself_is_never_shown() {
        let config = load(&["vault.master_key=geheim"]).expect("valid");
        let shown: Vec<String> = config.values.shown().map(|(_, text, _)| text).collect();
        assert!(!shown.iter().any(|text| text.contains("geheim")));
        assert!(!format!("{config:?}").contains("geheim"));
    }
}
