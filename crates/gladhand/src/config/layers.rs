//! Reads the layers and lays them over one another.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::DEFAULT_TOML;
use super::error::{ConfigError, ConfigErrors};
use super::nearest::nearest;
use super::values::{Origin, Value, Values};

const ENVIRONMENT_PREFIX: &str = "GLADHAND_";
/// Taken when no file is named and this one is there.
const USUAL_FILE: &str = "gladhand.toml";
/// Names a configuration file.
const FILE_VARIABLE: &str = "GLADHAND_CONFIG";
/// Variables of the tests, which are none of the program's business.
const TEST_PREFIX: &str = "GLADHAND_TEST_";

/// A flag that sets a key.
#[derive(Clone, Debug)]
pub struct Setting {
    /// As the user wrote it (`--listen`).
    pub flag: String,
    pub key: String,
    pub text: String,
}

impl Setting {
    /// From the text of `--set`.
    pub fn parse(text: &str) -> Result<Setting, ConfigError> {
        match text.split_once('=') {
            Some((key, value)) if key.contains('.') => Ok(Setting {
                flag: "--set".to_owned(),
                key: key.trim().to_owned(),
                text: value.to_owned(),
            }),
            _ => Err(ConfigError::NotASetting {
                text: text.to_owned(),
            }),
        }
    }
}

/// What the operator's own app with a provider is registered by, below `providers.CODE`.
pub const APP_KEYS: [&str; 3] = ["client_id", "client_secret", "redirect_uri"];

#[derive(Clone, Copy, Debug)]
pub struct ProviderDefault<'a> {
    pub code: &'a str,
    pub base_url: &'a str,
    /// Accounts can be connected through an app of the operator's own.
    pub has_apps: bool,
}

/// Everything that a configuration is made of; only [`crate::cli`] fills it from the process.
#[derive(Clone, Debug, Default)]
pub struct Inputs<'a> {
    pub file: Option<PathBuf>,
    /// Look for `GLADHAND_CONFIG` and, below this directory, for `gladhand.toml`.
    pub look_in: Option<PathBuf>,
    pub environment: Vec<(String, String)>,
    pub settings: Vec<Setting>,
    pub providers: Vec<ProviderDefault<'a>>,
}

pub fn merge(inputs: &Inputs<'_>) -> Result<(Values, Vec<String>), ConfigErrors> {
    let mut values = defaults(inputs)?;
    let mut wrong = Vec::new();
    if let Some(path) = file_to_read(inputs) {
        let text = std::fs::read_to_string(&path).map_err(|error| ConfigError::Unreadable {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?;
        for (key, value) in read_toml(&path, &text)? {
            set(&mut values, &key, value, &mut wrong);
        }
    }
    let warnings = apply_environment(&mut values, &inputs.environment);
    for setting in &inputs.settings {
        let origin = Origin::Flag {
            name: setting.flag.clone(),
        };
        let value = Value::new(&setting.text, origin);
        set(&mut values, &setting.key, value, &mut wrong);
    }
    if wrong.is_empty() {
        Ok((values, warnings))
    } else {
        Err(ConfigErrors(wrong))
    }
}

fn defaults(inputs: &Inputs<'_>) -> Result<Values, ConfigErrors> {
    let mut values = Values::default();
    for (key, mut value) in read_toml(Path::new("default.toml"), DEFAULT_TOML)? {
        value.origin = Origin::Default;
        values.insert(&key, value);
    }
    for provider in &inputs.providers {
        let key = format!("providers.{}.base_url", provider.code);
        values.insert(&key, Value::new(provider.base_url, Origin::Default));
        let of_apps = APP_KEYS.iter().filter(|_| provider.has_apps);
        for name in of_apps {
            let key = format!("providers.{}.{name}", provider.code);
            values.insert(&key, Value::new("", Origin::Default));
        }
    }
    Ok(values)
}

fn file_to_read(inputs: &Inputs<'_>) -> Option<PathBuf> {
    if let Some(path) = &inputs.file {
        return Some(path.clone());
    }
    let directory = inputs.look_in.as_ref()?;
    let named = inputs
        .environment
        .iter()
        .find(|(name, text)| name == FILE_VARIABLE && !text.is_empty());
    if let Some((_, path)) = named {
        return Some(PathBuf::from(path));
    }
    let usual = directory.join(USUAL_FILE);
    usual.is_file().then_some(usual)
}

fn set(values: &mut Values, key: &str, value: Value, wrong: &mut Vec<ConfigError>) {
    if values.contains(key) {
        values.insert(key, value);
    } else {
        wrong.push(ConfigError::UnknownKey {
            at: value.origin,
            key: key.to_owned(),
            nearest: nearest(key, values.keys()).map(str::to_owned),
        });
    }
}

/// A variable that names no key is only warned of: cluster managers make variables of their own
/// beside ours, named after the service that they run (`GLADHAND_PORT`).
fn apply_environment(values: &mut Values, environment: &[(String, String)]) -> Vec<String> {
    let variable = |key: &str| {
        let name = key.replace('.', "_").to_uppercase();
        format!("{ENVIRONMENT_PREFIX}{name}")
    };
    let known: Vec<(String, String)> = values
        .keys()
        .map(|key| (variable(key), key.to_owned()))
        .collect();
    let mut warnings = Vec::new();
    for (name, text) in environment {
        if !name.starts_with(ENVIRONMENT_PREFIX)
            || name.starts_with(TEST_PREFIX)
            || name == FILE_VARIABLE
        {
            continue;
        }
        match known.iter().find(|(variable, _)| variable == name) {
            Some((_, key)) => {
                let origin = Origin::Environment { name: name.clone() };
                values.insert(key, Value::new(text, origin));
            }
            None => {
                let names = known.iter().map(|(variable, _)| variable.as_str());
                let hint = nearest(name, names)
                    .map(|near| format!(", did you mean {near}?"))
                    .unwrap_or_default();
                warnings.push(format!("environment variable {name} sets no key{hint}"));
            }
        }
    }
    warnings
}

fn read_toml(path: &Path, text: &str) -> Result<Vec<(String, Value)>, ConfigErrors> {
    let path = path.display().to_string();
    let table = DeTable::parse(text).map_err(|error| ConfigError::NotToml {
        path: path.clone(),
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        reason: error.message().to_owned(),
    })?;
    let mut reader = TomlReader {
        path: &path,
        text,
        found: Vec::new(),
        wrong: Vec::new(),
    };
    reader.table("", table.get_ref());
    if reader.wrong.is_empty() {
        Ok(reader.found)
    } else {
        Err(ConfigErrors(reader.wrong))
    }
}

struct TomlReader<'a> {
    path: &'a str,
    text: &'a str,
    found: Vec<(String, Value)>,
    wrong: Vec<ConfigError>,
}

impl TomlReader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = if prefix.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{prefix}.{}", name.get_ref())
            };
            let origin = Origin::File {
                path: self.path.to_owned(),
                line: line_at(self.text, name.span().start),
            };
            match value.get_ref() {
                DeValue::Table(inner) => self.table(&key, inner),
                scalar => match scalar_text(scalar) {
                    Some(text) => self.found.push((key, Value::new(text, origin))),
                    None => self.wrong.push(self.not_a_scalar(key, value, origin)),
                },
            }
        }
    }

    fn not_a_scalar(&self, key: String, value: &Spanned<DeValue<'_>>, at: Origin) -> ConfigError {
        ConfigError::BadValue {
            at,
            key,
            found: format!("a value of type {}", value.get_ref().type_str()),
            wanted: "one text, number or boolean".to_owned(),
        }
    }
}

fn scalar_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}

/// Counted from 1.
fn line_at(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}
