//! `gladhand replay`: maps stored pages again, and tells what that changed.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};
use world::{Clock, SystemClock};

use crate::cli::{Format, ReplayArgs, SourceArgs};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output::{self, Column};

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(200);
/// Progress has two decimals.
const STEPS: f64 = 100.0;

const PAGES: &[Column] = &[
    ("stream", "stream"),
    ("mapped", "pages.mapped"),
    ("without body", "pages.withoutBody"),
    ("refused", "pages.refused"),
];
const RECORDS: &[Column] = &[
    ("stream", "stream"),
    ("records", "model"),
    ("added", "added"),
    ("changed", "changed"),
    ("withdrawn", "withdrawn"),
    ("unchanged", "unchanged"),
];
const POINTS: &[Column] = &[
    ("stream", "stream"),
    ("points", "model"),
    ("added", "added"),
    ("changed", "modified"),
    ("removed", "removed"),
    ("unchanged", "unchanged"),
];

pub async fn run(sources: &SourceArgs, arguments: ReplayArgs) -> Result<(), CommandError> {
    let config = super::configuration(sources, Vec::new())?;
    let operator = Operator::connect(&config).await?;
    let path = format!("/connections/{}/replay", arguments.connection);
    let mut body = Map::new();
    if let Some(stream) = &arguments.stream {
        body.insert("stream".to_owned(), json!(stream));
    }
    body.insert("dryRun".to_owned(), json!(arguments.dry_run));
    let begun = operator.post(&path, &Value::Object(body)).await?;
    let status = follow(&operator, &path, begun).await?;
    if arguments.output.format == Format::Json {
        output::line(&status.to_string())?;
    } else {
        tell(&status)?;
    }
    match status["status"].as_str() {
        Some("completed") => Ok(()),
        _ => Err(CommandError::ReplayFailed {
            reason: status["failureReason"]
                .as_str()
                .unwrap_or("no reason")
                .to_owned(),
        }),
    }
}

/// Until it is over: a bar on a terminal, a line every tenth elsewhere; both on standard error.
async fn follow(operator: &Operator, path: &str, mut status: Value) -> Result<Value, CommandError> {
    let bar = std::io::stderr().is_terminal().then(bar);
    let mut said = None;
    loop {
        let progress = status["progress"].as_f64().unwrap_or_default();
        let phase = status["phase"].as_str().unwrap_or_default();
        match &bar {
            Some(bar) => {
                bar.set_position((progress * STEPS) as u64);
                bar.set_message(format!("{progress:.2} % {phase}"));
            }
            None => {
                let tenth = (progress / 10.0) as u32;
                if said != Some(tenth) {
                    said = Some(tenth);
                    eprintln!("  {progress:.2} % {phase}");
                }
            }
        }
        if status["status"] != "running" {
            if let Some(bar) = bar {
                bar.abandon();
            }
            return Ok(status);
        }
        SystemClock.sleep(LOOK_AGAIN_AFTER).await;
        status = operator.get(path).await?;
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("  [{bar:40}] {msg}  {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    ProgressBar::new((100.0 * STEPS) as u64).with_style(style)
}

fn tell(status: &Value) -> Result<(), CommandError> {
    let summary = &status["summary"];
    for (rows, columns) in [
        (pages(summary), PAGES),
        (counts(summary, "records"), RECORDS),
        (counts(summary, "points"), POINTS),
    ] {
        if !rows.is_empty() {
            output::table(Format::Text, &json!({"results": rows}), columns, "")?;
            output::line("")?;
        }
    }
    if let Some(passed @ 1..) = summary["pagesOfUnknownStreams"].as_u64() {
        output::line(&format!(
            "{passed} page(s) are of streams that the provider no longer has: passed over"
        ))?;
    }
    for name in ["refusals", "notes"] {
        for text in summary[name].as_array().into_iter().flatten() {
            output::line(text.as_str().unwrap_or_default())?;
        }
    }
    output::line(conclusion(status))
}

fn conclusion(status: &Value) -> &'static str {
    let summary = &status["summary"];
    let rows = counts(summary, "records");
    let rows = rows.iter().chain(&counts(summary, "points")).any(|row| {
        let members = ["added", "changed", "withdrawn", "modified", "removed"];
        members.iter().any(|name| row[*name].as_u64() > Some(0))
    });
    match (rows, status["dryRun"] == true) {
        (false, true) => "Nothing would change.",
        (true, true) => "A dry run: nothing was changed.",
        (false, false) => "Nothing changed.",
        (true, false) => "Done.",
    }
}

fn streams(summary: &Value) -> impl Iterator<Item = (&String, &Value)> {
    summary["streams"].as_object().into_iter().flatten()
}

/// A row a stream.
fn pages(summary: &Value) -> Vec<Value> {
    let rows =
        streams(summary).map(|(name, stream)| json!({"stream": name, "pages": stream["pages"]}));
    rows.collect()
}

/// A row for each stream and model.
fn counts(summary: &Value, of: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for (name, stream) in streams(summary) {
        for (model, counted) in stream[of].as_object().into_iter().flatten() {
            let mut row = counted.clone();
            row["stream"] = json!(name);
            row["model"] = json!(model);
            rows.push(row);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_by_stream_and_model() {
        let counted = |changed: u64| json!({"added": 0, "changed": changed, "unchanged": 7});
        let status = |changed, dry_run| {
            json!({
                "dryRun": dry_run,
                "summary": {"streams": {
                    "vehicles": {
                        "pages": {"mapped": 3, "withoutBody": 1, "refused": 0},
                        "records": {"vehicle": counted(changed), "device": counted(0)},
                        "points": {},
                    },
                }},
            })
        };
        let changed = status(2, false);
        let rows = counts(&changed["summary"], "records");
        let shown = rows.iter().map(|row| (&row["model"], &row["changed"]));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            [
                (&json!("device"), &json!(0)),
                (&json!("vehicle"), &json!(2))
            ]
        );
        assert_eq!(conclusion(&changed), "Done.");
        assert_eq!(
            conclusion(&status(2, true)),
            "A dry run: nothing was changed."
        );
        assert_eq!(conclusion(&status(0, false)), "Nothing changed.");
    }
}
