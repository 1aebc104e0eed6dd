//! `gladhand config`: what is in force, and why; or the built-in default.

use serde_json::json;

use crate::cli::{ConfigArgs, Format, SourceArgs};
use crate::config::DEFAULT_TOML;
use crate::error::CommandError;
use crate::output;

pub fn run(sources: &SourceArgs, arguments: &ConfigArgs) -> Result<(), CommandError> {
    if arguments.default {
        return output::line(DEFAULT_TOML.trim_end());
    }
    let config = super::configuration(sources, Vec::new())?;
    let shown: Vec<_> = config.values.shown().collect();
    if arguments.output.format == Format::Json {
        let rows: serde_json::Map<_, _> = shown
            .into_iter()
            .map(|(key, value, origin)| {
                let row = json!({"value": value, "from": origin.to_string()});
                (key.to_owned(), row)
            })
            .collect();
        return output::line(&serde_json::Value::Object(rows).to_string());
    }
    let lines: Vec<(String, String)> = shown
        .into_iter()
        .map(|(key, value, origin)| (format!("{key} = {value:?}"), origin.to_string()))
        .collect();
    let width = lines.iter().map(|(left, _)| left.chars().count()).max();
    let width = width.unwrap_or(0);
    for (left, origin) in lines {
        output::line(&format!("{left:<width$}  # {origin}"))?;
    }
    Ok(())
}
