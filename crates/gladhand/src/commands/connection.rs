//! `gladhand connection`: authorised accounts at providers.

use std::io::IsTerminal;

use model::{ConnectionId, Timestamp};
use serde_json::{Map, Value, json};
use world::{Clock, SystemClock};

use crate::cli::{ConnectionCommand, ConnectionCreateArgs, Format, SourceArgs, StartArgs};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output::{self, Column};

use super::credential;

const COLUMNS: &[Column] = &[
    ("id", "id"),
    ("provider", "provider.code"),
    ("status", "status"),
    ("company", "company.name"),
    ("external id", "externalId"),
    ("mode", "syncMode"),
    ("last sync", "lastSync.status"),
];

const DETAILS: &[Column] = &[
    ("id", "id"),
    ("provider", "provider.code"),
    ("status", "status"),
    ("company", "company.name"),
    ("DOT numbers", "company.dotNumbers"),
    ("account", "account.name"),
    ("external id", "externalId"),
    ("tags", "tags"),
    ("mode", "syncMode"),
    ("time zone", "timeZone"),
    ("said by", "timeZoneSource"),
    ("base URL", "baseUrl"),
    ("created", "createdAt"),
    ("to be deleted", "deleteAt"),
    ("deleted", "deletedAt"),
    ("last sync", "lastSync.id"),
    ("its status", "lastSync.status"),
    ("its progress", "lastSync.progress"),
    ("token", "token"),
];

pub async fn run(sources: &SourceArgs, command: ConnectionCommand) -> Result<(), CommandError> {
    let config = super::configuration(sources, Vec::new())?;
    match command {
        ConnectionCommand::Create(arguments) => {
            // Before anything is opened: a credential that cannot be read is the likeliest mistake.
            let body = body(&arguments, &credential::Process)?;
            let operator = Operator::connect(&config).await?;
            create(&operator, &arguments, body).await
        }
        ConnectionCommand::List { owner, output } => {
            let operator = Operator::connect(&config).await?;
            let application = super::application_of(&operator, &owner).await?;
            let path = format!("/connections?applicationId={application}");
            let list = operator.get(&path).await?;
            let nothing = "no connection yet; see: gladhand connection create --help";
            output::table(output.format, &list, COLUMNS, nothing)
        }
        ConnectionCommand::Show { id, token, output } => {
            let operator = Operator::connect(&config).await?;
            let path = format!("/connections/{id}?token={token}");
            let connection = operator.get(&path).await?;
            output::block(output.format, &connection, DETAILS)
        }
        ConnectionCommand::TimeZone { id, zone, output } => {
            let operator = Operator::connect(&config).await?;
            let path = format!("/connections/{id}/time-zone");
            let changed = operator
                .post(&path, &json!({"timeZone": zone.name()}))
                .await?;
            output::block(output.format, &changed, DETAILS)
        }
        ConnectionCommand::Archive { id, output } => {
            let operator = Operator::connect(&config).await?;
            set_status(&operator, id, "archived", output.format).await
        }
        ConnectionCommand::Restore { id, output } => {
            let operator = Operator::connect(&config).await?;
            set_status(&operator, id, "connected", output.format).await
        }
        ConnectionCommand::Delete {
            id,
            now,
            yes,
            output,
        } => {
            if now && !yes {
                confirm(id)?;
            }
            let operator = Operator::connect(&config).await?;
            let path = format!("/connections/{id}?now={now}");
            let leaving = operator.delete(&path).await?;
            output::block(output.format, &leaving, DETAILS)?;
            if output.format == Format::Text && !operator.is_running() {
                eprintln!("No server is running: its data goes when `gladhand serve` runs.");
            }
            Ok(())
        }
    }
}

async fn set_status(
    operator: &Operator,
    id: ConnectionId,
    status: &str,
    format: Format,
) -> Result<(), CommandError> {
    let path = format!("/connections/{id}/status");
    let changed = operator.post(&path, &json!({ "status": status })).await?;
    output::block(format, &changed, DETAILS)
}

/// What cannot be undone is asked of the person at the terminal, who types the id.
fn confirm(id: ConnectionId) -> Result<(), CommandError> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::Usage(
            "--now cannot be undone: add --yes where nobody can be asked".to_owned(),
        ));
    }
    eprint!("All data of {id} will be gone. Type its id to go on: ");
    let mut typed = String::new();
    std::io::stdin()
        .read_line(&mut typed)
        .map_err(|error| CommandError::File {
            path: "standard input".to_owned(),
            reason: error.to_string(),
        })?;
    match typed.trim() == id.to_string() {
        true => Ok(()),
        false => Err(CommandError::Usage(
            "that is not its id: nothing was deleted".to_owned(),
        )),
    }
}

async fn create(
    operator: &Operator,
    arguments: &ConnectionCreateArgs,
    mut body: Map<String, Value>,
) -> Result<(), CommandError> {
    let application = super::application_of(operator, &arguments.owner).await?;
    body.insert("applicationId".to_owned(), json!(application));
    let made = operator.post("/connections", &Value::Object(body)).await?;
    output::block(arguments.output.format, &made, DETAILS)?;
    if arguments.output.format == Format::Text && !operator.is_running() {
        eprintln!("No server is running: the first sync begins when `gladhand serve` does.");
    }
    Ok(())
}

fn body(
    arguments: &ConnectionCreateArgs,
    sources: &dyn credential::Sources,
) -> Result<Map<String, Value>, CommandError> {
    let credentials: Map<String, Value> = credential::read(&arguments.credential, sources)?
        .into_iter()
        .map(|(name, secret)| (name, json!(secret.reveal())))
        .collect();
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    put("provider", json!(arguments.provider));
    put("credentials", Value::Object(credentials));
    put("syncMode", json!(arguments.sync_mode.name()));
    if arguments.company.is_some() || !arguments.dot_number.is_empty() {
        let mut company = json!({"dotNumbers": arguments.dot_number});
        if let Some(name) = &arguments.company {
            company["name"] = json!(name);
        }
        put("company", company);
    }
    if let Some(external_id) = &arguments.external_id {
        put("externalId", json!(external_id));
    }
    if !arguments.tag.is_empty() {
        put("tags", json!(arguments.tag));
    }
    if let Some(base_url) = &arguments.base_url {
        put("baseUrl", json!(base_url));
    }
    if let Some(seconds) = arguments.cadence_seconds {
        put("cadenceSeconds", json!(seconds));
    }
    if let Some(zone) = &arguments.time_zone {
        put("timeZone", json!(zone.name()));
    }
    if let Some(days) = backfill_days(&arguments.start, SystemClock.now())? {
        put("backfillDays", json!(days));
    }
    Ok(body)
}

fn backfill_days(start: &StartArgs, now: Timestamp) -> Result<Option<f64>, CommandError> {
    match start.start_from {
        Some(time) if time >= now => Err(CommandError::Usage(format!(
            "--start-from {time} lies in the future"
        ))),
        Some(time) => Ok(Some(days_between(time, now))),
        None => Ok(start.days),
    }
}

pub fn days_between(earlier: Timestamp, later: Timestamp) -> f64 {
    later.since(earlier).as_secs_f64() / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_becomes_days() {
        let now = Timestamp::from_millis(10 * 86_400_000);
        let start = |millis: i64| StartArgs {
            days: None,
            start_from: Some(Timestamp::from_millis(millis)),
        };
        let half = backfill_days(&start(9 * 86_400_000 + 43_200_000), now);
        assert_eq!(half.expect("in the past"), Some(0.5));
        assert!(backfill_days(&start(11 * 86_400_000), now).is_err());
        let plain = StartArgs {
            days: Some(3.0),
            start_from: None,
        };
        assert_eq!(backfill_days(&plain, now).expect("days"), Some(3.0));
    }
}
