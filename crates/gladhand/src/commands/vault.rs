//! `gladhand vault`: the keys that seal what is secret.

use serde_json::{Value, json};
use world::SystemEntropy;

use crate::cli::{ChangeMasterArgs, Format, SourceArgs, VaultCommand};
use crate::error::CommandError;
use crate::master_key;
use crate::operator::Operator;
use crate::output::{self, Column};

const KEYS: &[Column] = &[
    ("data key", "number"),
    ("created", "createdAt"),
    ("values", "values"),
];

const ROTATED: &[Column] = &[
    ("data key", "dataKey"),
    ("sealed anew", "values"),
    ("left, as they open with no key", "unopenable"),
];

pub async fn run(sources: &SourceArgs, command: VaultCommand) -> Result<(), CommandError> {
    let config = super::configuration(sources, Vec::new())?;
    match command {
        VaultCommand::Rotate { output } => {
            let operator = Operator::connect(&config).await?;
            rotate(&operator, output.format).await
        }
        VaultCommand::ChangeMaster(arguments) => {
            // Before anything is opened: a key that cannot be had is the likeliest mistake.
            let change = Change::read(&arguments)?;
            let operator = Operator::connect(&config).await?;
            let changed = operator.post("/vault/master-key", &change.body).await?;
            output::block(
                arguments.output.format,
                &changed,
                &[
                    ("master key of", "masterKeyFrom"),
                    ("data keys", "dataKeys"),
                ],
            )?;
            eprintln!("{}", change.advice);
            Ok(())
        }
        VaultCommand::Status { output } => {
            let operator = Operator::connect(&config).await?;
            let status = operator.get("/vault").await?;
            output::table(output.format, &status, KEYS, "no data key")?;
            if output.format == Format::Text {
                output::line(&format!("master key of {}", text(&status["masterKeyFrom"])))?;
                if let Some(values @ 1..) = status["valuesOfMasterKey"].as_u64() {
                    output::line(&format!(
                        "{values} value(s) are sealed by the master key itself, as before there \
                         were data keys; gladhand vault rotate seals them anew"
                    ))?;
                }
            }
            Ok(())
        }
    }
}

/// Stretch by stretch, with a line on standard error after each.
async fn rotate(operator: &Operator, format: Format) -> Result<(), CommandError> {
    let mut body = json!({});
    let mut values = 0;
    loop {
        let mut stretch = operator.post("/vault/rotate", &body).await?;
        values += stretch["values"].as_u64().unwrap_or_default();
        if stretch["isFinished"] == true {
            stretch["values"] = json!(values);
            output::block(format, &stretch, ROTATED)?;
            if format == Format::Text {
                eprintln!("Older data keys that seal nothing any more go at the next start.");
            }
            return Ok(());
        }
        eprintln!("  {values} sealed anew, {} left", text(&stretch["left"]));
        body = json!({"dataKey": stretch["dataKey"]});
    }
}

/// The new master key, and what is to be done about the configuration.
struct Change {
    body: Value,
    advice: String,
}

impl Change {
    fn read(arguments: &ChangeMasterArgs) -> Result<Change, CommandError> {
        let arguments = &arguments.new_key;
        let (key, setting) = match (&arguments.new_key_file, &arguments.new_key_command) {
            (Some(path), _) => {
                let path = std::path::absolute(path).map_err(|e| CommandError::file(path, &e))?;
                let key = master_key::of_file(&path, &SystemEntropy)?;
                (
                    key,
                    format!("vault.key_file = {:?}", path.display().to_string()),
                )
            }
            (None, Some(line)) => {
                let key = master_key::of_command(line, "--new-key-command")?;
                (key, format!("vault.master_key_command = {line:?}"))
            }
            (None, None) => {
                let nothing = "--new-key-file or --new-key-command says where the new key is";
                return Err(CommandError::Usage(nothing.to_owned()));
            }
        };
        Ok(Change {
            body: json!({"masterKey": key.text().reveal(), "from": key.from()}),
            advice: format!(
                "Before the next start, set {setting} (and no other key of [vault]): the old \
                 master key opens nothing any more."
            ),
        })
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
