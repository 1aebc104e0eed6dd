//! A client that signs in and asks.

use std::sync::Arc;
use std::time::Duration;

use model::Timestamp;
use model::time::DAY_MS;
use serde_json::{Value, json};

use crate::{FaultPlan, GeotabConfig, GeotabServer, ProviderServer, SimAnswer, SimRequest};
use crate::{World, WorldConfig};

pub const BEGINS_AT: Timestamp = Timestamp::from_millis(1_760_313_600_000);

/// So many days after history began.
pub fn days_later(days: i64) -> Timestamp {
    Timestamp::from_millis(BEGINS_AT.millis() + days * DAY_MS)
}

pub fn world(seed: u64, vehicles: usize) -> Arc<World> {
    Arc::new(World::new(WorldConfig {
        seed,
        vehicles,
        drivers: vehicles + 4,
        begins_at: BEGINS_AT,
        ends_at: None,
    }))
}

pub fn server(seed: u64, faults: FaultPlan) -> GeotabServer {
    let config = GeotabConfig {
        rate_limits: false,
        ..GeotabConfig::default()
    };
    GeotabServer::new(world(seed, 12), faults, config)
}

pub struct Client<'a> {
    pub server: &'a GeotabServer,
    pub now: Timestamp,
    pub credentials: Value,
}

pub fn post(server: &GeotabServer, body: &Value, now: Timestamp) -> SimAnswer {
    server.answer(&SimRequest::post("/apiv1", body.to_string()), now)
}

pub fn json_of(answer: &SimAnswer) -> Value {
    assert_eq!(answer.status, 200);
    let content_type = answer.header("content-type").unwrap();
    assert!(content_type.starts_with("application/json"));
    serde_json::from_slice(&answer.body).unwrap()
}

/// The type of an error, which both forms agree on.
pub fn error_of(answer: &SimAnswer) -> String {
    let body = json_of(answer);
    let error = &body["error"];
    assert_eq!(error["data"]["type"], error["errors"][0]["name"]);
    assert_eq!(error["message"], error["errors"][0]["message"]);
    assert!(body.get("result").is_none());
    error["data"]["type"].as_str().unwrap().to_owned()
}

pub fn sign_in(config: &GeotabConfig) -> Value {
    json!({"method": "Authenticate", "params": {
        "userName": config.username,
        "password": config.password,
        "database": config.database,
    }})
}

impl<'a> Client<'a> {
    pub fn new(server: &'a GeotabServer, now: Timestamp) -> Client<'a> {
        let answer = json_of(&post(server, &sign_in(&GeotabConfig::default()), now));
        Client {
            server,
            now,
            credentials: answer["result"]["credentials"].clone(),
        }
    }

    pub fn at(&self, now: Timestamp) -> Client<'a> {
        Client {
            server: self.server,
            now,
            credentials: self.credentials.clone(),
        }
    }

    pub fn ask(&self, method: &str, mut params: Value) -> SimAnswer {
        params["credentials"] = self.credentials.clone();
        let body = json!({"method": method, "params": params});
        post(self.server, &body, self.now)
    }

    pub fn get(&self, entity: &str, search: Value) -> Vec<Value> {
        let answer = self.ask("Get", json!({"typeName": entity, "search": search}));
        let body = json_of(&answer);
        let rows = body["result"].as_array();
        rows.unwrap_or_else(|| panic!("{entity}: {body}")).clone()
    }

    /// All pages of a feed since a date, and where it stands then.
    pub fn feed(&self, entity: &str, mut search: Value, from: Timestamp, limit: usize) -> Feed {
        search["fromDate"] = json!(from.to_string());
        let first = json!({"typeName": entity, "search": search, "resultsLimit": limit});
        self.feed_pages(entity, search, first, limit)
    }

    pub fn feed_after(&self, entity: &str, search: Value, version: &str, limit: usize) -> Feed {
        let first = json!({
            "typeName": entity,
            "search": search.clone(),
            "fromVersion": version,
            "resultsLimit": limit,
        });
        self.feed_pages(entity, search, first, limit)
    }

    fn feed_pages(&self, entity: &str, search: Value, first: Value, limit: usize) -> Feed {
        let mut feed = Feed::default();
        let mut params = first;
        loop {
            let body = json_of(&self.ask("GetFeed", params));
            let data = body["result"]["data"].as_array();
            let data = data.unwrap_or_else(|| panic!("{entity}: {body}"));
            let version = body["result"]["toVersion"].as_str().unwrap().to_owned();
            assert_eq!(version.len(), 16);
            assert!(data.is_empty() || version > feed.version, "{entity}");
            feed.pages += 1;
            feed.version = version;
            feed.rows.extend(data.iter().cloned());
            if data.len() < limit {
                return feed;
            }
            params = json!({
                "typeName": entity,
                "search": search.clone(),
                "fromVersion": feed.version,
                "resultsLimit": limit,
            });
        }
    }
}

#[derive(Default)]
pub struct Feed {
    pub rows: Vec<Value>,
    pub version: String,
    pub pages: usize,
}

pub fn text<'v>(row: &'v Value, name: &str) -> &'v str {
    row[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name}: {row}"))
}

pub const MINUTE: Duration = Duration::from_secs(60);
