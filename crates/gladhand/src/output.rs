//! What commands print: tables and blocks for people, the answer itself for scripts.

use std::io::Write;

use serde_json::Value;

use crate::cli::Format;
use crate::error::CommandError;

/// A line on standard output. A closed pipe (`| head`) is an error like any other, not a panic.
pub fn line(text: &str) -> Result<(), CommandError> {
    writeln!(std::io::stdout().lock(), "{text}").map_err(CommandError::Output)
}

/// A column: its heading, and where its value lies in a row (`company.name`).
pub type Column = (&'static str, &'static str);

/// One row as lines of heading and value.
pub fn block(format: Format, answer: &Value, columns: &[Column]) -> Result<(), CommandError> {
    if format == Format::Json {
        return line(&answer.to_string());
    }
    let width = columns.iter().map(|(heading, _)| heading.len()).max();
    let width = width.unwrap_or(0);
    for (heading, path) in columns {
        let text = cell(answer, path);
        if !text.is_empty() {
            line(&format!("{heading:<width$}  {text}"))?;
        }
    }
    Ok(())
}

/// A page's `results` as a table; `nothing` is said when there are none.
pub fn table(
    format: Format,
    answer: &Value,
    columns: &[Column],
    nothing: &str,
) -> Result<(), CommandError> {
    if format == Format::Json {
        return line(&answer.to_string());
    }
    let rows = results(answer);
    if rows.is_empty() {
        return line(nothing);
    }
    for row in lay_out(rows, columns) {
        line(&row)?;
    }
    Ok(())
}

/// The rows of a page.
pub fn results(answer: &Value) -> &[Value] {
    answer["results"].as_array().map_or(&[], Vec::as_slice)
}

fn lay_out(rows: &[Value], columns: &[Column]) -> Vec<String> {
    let headings = columns.iter().map(|(heading, _)| heading.to_uppercase());
    let mut cells: Vec<Vec<String>> = vec![headings.collect()];
    cells.extend(
        rows.iter()
            .map(|row| columns.iter().map(|(_, path)| cell(row, path)).collect()),
    );
    let width = |column: usize| {
        let widths = cells.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let lines = cells.iter().map(|row| {
        let padded: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(text, width)| format!("{text:<width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    });
    lines.collect()
}

fn cell(row: &Value, path: &str) -> String {
    let value = path.split('.').fold(row, |value, name| &value[name]);
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let texts: Vec<String> = items
                .iter()
                .map(|item| match (item.as_str(), item["message"].as_str()) {
                    (Some(text), _) | (None, Some(text)) => text.to_owned(),
                    (None, None) => item.to_string(),
                })
                .collect();
            texts.join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_laid_out_in_columns() {
        let rows = [
            json!({"id": "app_1", "company": {"name": "A"}, "tags": ["x", "y"]}),
            json!({"id": "app_22", "company": {}}),
        ];
        let columns = [("id", "id"), ("company", "company.name"), ("tags", "tags")];
        assert_eq!(
            lay_out(&rows, &columns),
            ["ID      COMPANY  TAGS", "app_1   A        x, y", "app_22"]
        );
    }
}
