//! PostgreSQL databases made for one test and dropped after it.

use std::str::FromStr;
use std::time::Duration;

use model::Secret;
use tokio_postgres::{Client, Config, NoTls};

use crate::StoreError;

const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// Makes a database on the server that `server_url` names and returns its URL.
/// [`StoreError::Unavailable`] when no server answers there.
pub async fn create(server_url: &str, name: &str) -> Result<Secret, StoreError> {
    let client = connect(server_url).await?;
    client
        .batch_execute(&format!("create database {name}"))
        .await
        .map_err(failed)?;
    let (before, query) = match server_url.split_once('?') {
        Some((before, query)) => (before, format!("?{query}")),
        None => (server_url, String::new()),
    };
    let base = before.rsplit_once('/').map_or(before, |(base, _)| base);
    Ok(Secret::new(format!("{base}/{name}{query}")))
}

/// Drops it, whoever is still connected.
pub async fn remove(server_url: &str, name: &str) -> Result<(), StoreError> {
    let client = connect(server_url).await?;
    let statement = format!("drop database if exists {name} with (force)");
    client.batch_execute(&statement).await.map_err(failed)
}

async fn connect(server_url: &str) -> Result<Client, StoreError> {
    let mut config = Config::from_str(server_url).map_err(failed)?;
    config.connect_timeout(CONNECT_WITHIN);
    let (client, connection) = config.connect(NoTls).await.map_err(failed)?;
    // It ends with the client; what the client was told of an error is enough.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

fn failed(error: tokio_postgres::Error) -> StoreError {
    StoreError::Unavailable {
        reason: error.to_string(),
    }
}
