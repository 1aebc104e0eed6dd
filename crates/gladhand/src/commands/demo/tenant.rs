//! The demo's application, keys and connections: those of the directory, else new ones.

use std::collections::BTreeMap;

use model::{ApplicationId, Timestamp};
use serde_json::{Value, json};
use simulator::Vendor;
use store::{Connection, ConnectionQuery, StoreError};

use world::{Clock, SystemClock};

use crate::commands::connection::days_between;
use crate::error::CommandError;
use crate::instance::Instance;
use crate::operator::Operator;

/// The simulated fleet is nobody's secret.
pub const SIMULATOR_TOKEN: &str = "sim-token";
/// More than a demo ever makes.
const MOST_CONNECTIONS: usize = 100;

pub struct Tenant {
    pub secret_key: String,
    pub publishable_key: String,
    /// One a provider, in the order in which the fleet names them.
    pub connections: Vec<Connection>,
}

impl Tenant {
    /// Keys are new each time: of earlier ones only the hashes were kept.
    pub async fn find_or_make(
        instance: &Instance,
        vendors: &[Vendor],
        begins_at: Timestamp,
    ) -> Result<Tenant, CommandError> {
        let store = instance.engine.store();
        let operator = Operator::over(instance.clone());
        let application = match store.list_applications().await?.first() {
            Some(application) => application.id,
            None => {
                let made = operator
                    .post("/applications", &json!({"name": "Demo"}))
                    .await?;
                id(&made)?
            }
        };
        let all = ConnectionQuery {
            limit: MOST_CONNECTIONS,
            ..ConnectionQuery::default()
        };
        let mut found = store.list_connections(application, &all).await?;
        let mut connections = Vec::new();
        for vendor in vendors {
            let is_it = |known: &Connection| known.provider == vendor.name();
            let connection = match found.iter().position(is_it) {
                Some(place) => found.swap_remove(place),
                None => {
                    let body = connection_body(application, *vendor, begins_at);
                    let made = operator.post("/connections", &body).await?;
                    let connection = store.connection(id(&made)?).await?;
                    connection.ok_or(StoreError::NotFound { what: "connection" })?
                }
            };
            connections.push(connection);
        }
        Ok(Tenant {
            secret_key: key(&operator, application, "secret").await?,
            publishable_key: key(&operator, application, "publishable").await?,
            connections,
        })
    }
}

/// Without a base URL of its own: the simulator's port is another at each start, so the
/// configuration of the process names it.
fn connection_body(application: ApplicationId, vendor: Vendor, begins_at: Timestamp) -> Value {
    let credentials = vendor.credentials(SIMULATOR_TOKEN).into_iter();
    json!({
        "applicationId": application,
        "provider": vendor.name(),
        "credentials": credentials.collect::<BTreeMap<_, _>>(),
        "company": {"name": "Demo fleet", "dotNumbers": []},
        "backfillDays": days_between(begins_at, SystemClock.now()),
    })
}

async fn key(
    operator: &Operator,
    application: ApplicationId,
    kind: &str,
) -> Result<String, CommandError> {
    let body = json!({"applicationId": application, "kind": kind});
    let made = operator.post("/keys", &body).await?;
    text(&made, "key").map(str::to_owned)
}

fn id<T: std::str::FromStr>(made: &Value) -> Result<T, CommandError> {
    text(made, "id")?.parse().map_err(|_| unknown())
}

fn text<'a>(made: &'a Value, name: &str) -> Result<&'a str, CommandError> {
    made[name].as_str().ok_or_else(unknown)
}

fn unknown() -> CommandError {
    CommandError::UnknownAnswer {
        base_url: "this process".to_owned(),
        status: 200,
    }
}
