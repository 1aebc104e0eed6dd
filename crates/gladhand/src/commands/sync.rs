//! `gladhand sync`: ask for syncs, and watch them.

use std::time::Duration;

use model::ConnectionId;
use serde_json::{Map, Value, json};
use world::{Clock, SystemClock};

use crate::cli::{Format, SourceArgs, StartArgs, SyncCommand};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output::{self, Column};

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(500);

const COLUMNS: &[Column] = &[
    ("id", "id"),
    ("status", "status"),
    ("progress", "progress"),
    ("attempts", "attempts"),
    ("requested", "requestedAt"),
    ("completed", "completedAt"),
    ("failure", "failureReason"),
];

const DETAILS: &[Column] = &[
    ("id", "id"),
    ("status", "status"),
    ("progress", "progress"),
    ("attempts", "attempts"),
    ("history from", "startFrom"),
    ("requested", "requestedAt"),
    ("completed", "completedAt"),
    ("failure", "failureReason"),
    ("issues", "issues"),
];

pub async fn run(sources: &SourceArgs, command: SyncCommand) -> Result<(), CommandError> {
    let config = super::configuration(sources, Vec::new())?;
    let operator = Operator::connect(&config).await?;
    match command {
        SyncCommand::Request {
            connection,
            start,
            wait,
            output,
        } => request(&operator, connection, start, wait, output.format).await,
        SyncCommand::Status {
            connection,
            sync,
            output,
        } => {
            let sync = match sync {
                Some(id) => operator.get(&one(connection, &id.to_string())).await?,
                None => newest(&operator, connection).await?,
            };
            output::block(output.format, &sync, DETAILS)
        }
        SyncCommand::List {
            connection,
            limit,
            output,
        } => {
            let mut list = all(&operator, connection).await?;
            if let Some(syncs) = list["results"].as_array_mut() {
                syncs.truncate(usize::from(limit));
            }
            let nothing = "no sync yet; ask for one: gladhand sync request conn_…";
            output::table(output.format, &list, COLUMNS, nothing)
        }
    }
}

fn one(connection: ConnectionId, sync: &str) -> String {
    format!("/connections/{connection}/syncs/{sync}")
}

/// The newest hundred, newest first.
async fn all(operator: &Operator, connection: ConnectionId) -> Result<Value, CommandError> {
    operator
        .get(&format!("/connections/{connection}/syncs"))
        .await
}

async fn newest(operator: &Operator, connection: ConnectionId) -> Result<Value, CommandError> {
    let list = all(operator, connection).await?;
    output::results(&list).first().cloned().ok_or_else(|| {
        CommandError::Usage(format!(
            "{connection} was never synced; ask for it: gladhand sync request {connection}"
        ))
    })
}

async fn request(
    operator: &Operator,
    connection: ConnectionId,
    start: StartArgs,
    wait: bool,
    format: Format,
) -> Result<(), CommandError> {
    if wait && !operator.is_running() {
        return Err(CommandError::Usage(
            "--wait needs a running server; start one: gladhand serve".to_owned(),
        ));
    }
    let mut body = Map::new();
    if let Some(days) = start.days {
        body.insert("days".to_owned(), json!(days));
    }
    if let Some(time) = start.start_from {
        body.insert("startFrom".to_owned(), json!(time));
    }
    let path = format!("/connections/{connection}/syncs");
    let mut sync = operator.post(&path, &Value::Object(body)).await?;
    if wait {
        sync = until_over(operator, connection, sync).await?;
    }
    output::block(format, &sync, DETAILS)?;
    if sync["status"] == "failed" {
        return Err(CommandError::SyncFailed {
            sync: sync["id"].as_str().unwrap_or("the sync").to_owned(),
            reason: sync["failureReason"]
                .as_str()
                .unwrap_or("no reason")
                .to_owned(),
        });
    }
    if !operator.is_running() && format == Format::Text {
        eprintln!("No server is running: the sync begins when `gladhand serve` does.");
    }
    Ok(())
}

async fn until_over(
    operator: &Operator,
    connection: ConnectionId,
    mut sync: Value,
) -> Result<Value, CommandError> {
    let id = sync["id"].as_str().unwrap_or_default().to_owned();
    while !matches!(sync["status"].as_str(), Some("completed" | "failed")) {
        SystemClock.sleep(LOOK_AGAIN_AFTER).await;
        sync = operator.get(&one(connection, &id)).await?;
    }
    Ok(sync)
}
