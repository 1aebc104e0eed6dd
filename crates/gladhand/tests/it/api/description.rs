//! The server's own description of itself: served to everybody, true of real answers, and the
//! contract's but for a committed list of differences.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use api::{Api, ApiConfig};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use testkit::api_server::ApiServer;
use testkit::contract::{Contract, workspace_root};
use tower::ServiceExt;

const DIFFERENCES: &str = "crates/api/description-differences.txt";

fn beside_root(path: &str) -> PathBuf {
    workspace_root().join(path)
}

fn described() -> Value {
    serde_json::to_value(api::description::description()).expect("a description is JSON")
}

#[tokio::test]
async fn it_is_served_to_everybody_in_two_places() {
    let server = ApiServer::bare().await;
    for path in ["/tsp/openapi", "/openapi.json"] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let router = api::router(Api {
            engine: server.fleet.engine.clone(),
            config: ApiConfig::new("http://gladhand.test"),
        });
        let answer = router.oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/json");
        let body = to_bytes(answer.into_body(), 10 << 20).await.expect("whole");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body, described());
        assert_eq!(body["openapi"], "3.1.0");
    }
}

/// Answers with all that can be spliced into them are what the description says.
#[tokio::test]
async fn real_answers_are_as_described() {
    let server = ApiServer::synced().await;
    let ours = Contract::parse(&described().to_string(), "").expect("a description we understand");
    let truth = server.fleet.truth().await;
    let (vehicle, driver) = (truth.vehicles()[0].id, truth.drivers()[0].id);
    let syncs = server.client.get("/syncs").await.ok();
    let sync = super::text(&syncs, "/results/0/id");
    server
        .client
        .patch_json("/connections/current", &json!({ "tags": ["west"] }))
        .await
        .ok();
    for path in [
        "/providers".to_owned(),
        "/connections".to_owned(),
        "/connections/current".to_owned(),
        "/issues?expand=connection".to_owned(),
        "/syncs?expand=issues".to_owned(),
        format!("/syncs/{sync}"),
        "/groups?raw=true&expand=parent&deleted=true".to_owned(),
        "/vehicles?raw=true&expand=groups,devices&hidden=true&limit=3".to_owned(),
        format!("/vehicles/{vehicle}"),
        "/drivers?raw=true&expand=groups&deleted=true".to_owned(),
        format!("/drivers/{driver}"),
        format!("/vehicles/{vehicle}/locations?raw=true"),
        format!("/vehicles/{vehicle}/stats/historical?raw=true&expand=vehicle"),
        "/vehicles?limit=0".to_owned(),
        "/vehicles/vcl_00000000000000000000000000".to_owned(),
    ] {
        is_as_described(&server, &ours, &path).await;
    }
}

async fn is_as_described(server: &ApiServer, ours: &Contract, path: &str) {
    let answer = server.client.get(path).await;
    let bare = path.split('?').next().unwrap_or_default();
    if let Err(violation) = ours.check("GET", bare, answer.status, &answer.body) {
        panic!("{path}: {violation}");
    }
}

/// Of models that the simulated provider may not have rows of.
#[tokio::test]
async fn answers_with_rows_of_every_model_are_as_described() {
    let (server, contents) = testkit::records::seeded_server().await;
    let ours = Contract::parse(&described().to_string(), "").expect("a description we understand");
    let event = contents.safety_events[0].id;
    let months = "startMonth=2025-12&endMonth=2026-02";
    for path in [
        "/vehicles?raw=true&expand=groups,devices".to_owned(),
        "/devices?raw=true&expand=vehicle".to_owned(),
        "/devices".to_owned(),
        "/trailers?raw=true&expand=groups".to_owned(),
        "/trips?raw=true&expand=vehicle,driver".to_owned(),
        "/trips?startedAfter=2026-01-01T00:00:00Z".to_owned(),
        "/safety/events?raw=true&expand=vehicle,driver".to_owned(),
        format!("/safety/events/{event}?raw=true&expand=vehicle,driver"),
        "/fault-codes/events?raw=true&expand=vehicle".to_owned(),
        "/hos/logs?raw=true&expand=driver,vehicle,codrivers".to_owned(),
        "/hos/daily-logs?raw=true&expand=driver".to_owned(),
        "/vehicles/utilization?raw=true&expand=vehicle".to_owned(),
        format!("/ifta/summary?{months}&raw=true&expand=vehicle"),
        format!("/ifta/summary?{months}&groupBy=jurisdiction"),
        format!("/ifta/summary?{months}&groupBy=vehicle,jurisdiction,month"),
        "/ifta/summary".to_owned(),
    ] {
        is_as_described(&server, &ours, &path).await;
    }
}

/// What the provider says at the moment of a call.
#[tokio::test]
async fn live_answers_are_as_described() {
    let scene = super::live::scene().await;
    let ours = Contract::parse(&described().to_string(), "").expect("a description we understand");
    for path in [
        "/vehicles/locations?raw=true&expand=vehicle,driver",
        "/vehicles/locations",
        "/trailers/locations?raw=true&expand=trailer",
        "/hos/available-time?raw=true&expand=driver",
        "/safety/events/sft_evt_00000000000000000000000000/camera-media",
    ] {
        let answer = scene.client.get(path).await;
        let bare = path.split('?').next().unwrap_or_default();
        if let Err(violation) = ours.check("GET", bare, answer.status, &answer.body) {
            panic!("{path}: {violation}");
        }
    }
    let body = json!({ "method": "GET", "path": "/fleet/hos/clocks" });
    for path in ["/passthrough", "/passthrough/raw"] {
        let answer = scene.client.post_json(path, &body).await;
        if let Err(violation) = ours.check("POST", path, answer.status, &answer.body) {
            panic!("{path}: {violation}");
        }
    }
}

/// What leads to a connection, and what it gives.
#[tokio::test]
async fn answers_around_the_link_page_are_as_described() {
    let server = ApiServer::bare().await;
    let ours = Contract::parse(&described().to_string(), "").expect("a description we understand");
    let (_, token) = super::public_token::consent(&server, 1).await;
    let exchange = json!({ "publicToken": token });
    let mut seen = Vec::new();
    for (path, body) in [
        ("/public-token/exchange", &exchange),
        ("/public-token/exchange", &exchange),
        ("/link/short", &json!({ "name": "Acme" })),
        ("/link/short", &json!({ "name": "Acme" })),
        ("/link/short", &json!({ "name": 7 })),
    ] {
        let answer = server.client.post_json(path, body).await;
        if let Err(violation) = ours.check("POST", path, answer.status, &answer.body) {
            panic!("{path}: {violation}");
        }
        seen.push(answer.status);
    }
    assert_eq!(seen, [200, 400, 201, 200, 400]);
}

#[test]
fn it_differs_from_the_contract_only_where_we_said_so() {
    let path = beside_root("../shared/contract/openapi.json");
    let Ok(theirs) = std::fs::read_to_string(&path) else {
        println!("skipped: the description is not compared with the contract, which is absent");
        return;
    };
    let mut comparison = Comparison {
        ours: described(),
        theirs: serde_json::from_str(&theirs).expect("the contract is JSON"),
        found: BTreeSet::new(),
        seen: BTreeSet::new(),
    };
    comparison.compare_operations();
    let list = std::fs::read_to_string(beside_root(DIFFERENCES)).expect("the list is committed");
    let accepted = accepted(&list);
    let covers = |line: &str, found: &str| match line.strip_prefix('*') {
        Some(end) => found.ends_with(end),
        None => line == found,
    };
    let found = comparison.found.iter();
    let unlisted: Vec<_> = found
        .filter(|found| !accepted.iter().any(|line| covers(line, found)))
        .collect();
    assert!(unlisted.is_empty(), "not in {DIFFERENCES}: {unlisted:#?}");
    let stale: Vec<_> = accepted
        .iter()
        .filter(|line| !comparison.found.iter().any(|found| covers(line, found)))
        .collect();
    assert!(stale.is_empty(), "in {DIFFERENCES} and not so: {stale:#?}");
}

/// The list's lines without their reasons, which each must have.
fn accepted(list: &str) -> Vec<String> {
    let lines = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(place), Some(what), Some(reason)) if !reason.trim().is_empty() => {
                format!("{place} {what}")
            }
            _ => panic!("{DIFFERENCES}: `{line}` is not a place, a word and a reason"),
        }
    };
    lines.map(read).collect()
}

/// Two descriptions of the same operations. A difference is a place and a word: `absent` is in the
/// contract alone, `more` in ours alone, `optional` is always there by the contract and not by us,
/// `narrower` an object there and less here.
struct Comparison {
    ours: Value,
    theirs: Value,
    found: BTreeSet<String>,
    /// Places that were compared, because schemas contain themselves.
    seen: BTreeSet<String>,
}

/// What a schema says of an object, whatever it is composed of.
#[derive(Default)]
struct Shape {
    /// The innermost component's name.
    name: Option<String>,
    members: BTreeMap<String, Value>,
    required: BTreeSet<String>,
    items: Option<Value>,
    words: BTreeSet<String>,
}

impl Comparison {
    fn compare_operations(&mut self) {
        let (ours, theirs) = (self.ours.clone(), self.theirs.clone());
        for (path, item) in ours["paths"].as_object().expect("paths") {
            for (method, our) in item.as_object().expect("operations") {
                let answers = our["responses"].as_object().expect("answers");
                let succeeds = answers.keys().any(|status| status.starts_with('2'));
                assert!(succeeds, "{method} {path} never succeeds");
                let their_item = &theirs["paths"][path];
                let their = &their_item[method];
                assert!(their.is_object(), "the contract has no {method} {path}");
                assert_eq!(our["operationId"], their["operationId"]);
                let id = our["operationId"].as_str().expect("a name");
                self.compare_parameters(id, [item, our], [their_item, their]);
                self.compare_answers(id, our, their);
                self.compare_bodies(id, our, their);
            }
        }
    }

    fn compare_parameters(&mut self, id: &str, ours: [&Value; 2], theirs: [&Value; 2]) {
        let ours = parameters(&self.ours, ours);
        let theirs = parameters(&self.theirs, theirs);
        for (place, required) in &theirs {
            match ours.get(place) {
                None => self.note(&format!("{id}.{place}"), "absent"),
                Some(ours) if ours != required => {
                    self.note(&format!("{id}.{place}"), "otherwise-required");
                }
                Some(_) => {}
            }
        }
        for place in ours.keys().filter(|place| !theirs.contains_key(*place)) {
            self.note(&format!("{id}.{place}"), "more");
        }
    }

    fn compare_answers(&mut self, id: &str, our: &Value, their: &Value) {
        let successes = |operation: &Value| -> BTreeMap<String, Value> {
            let answers = operation["responses"].as_object().expect("answers");
            let good = answers.iter().filter(|(status, _)| status.starts_with('2'));
            good.map(|(status, answer)| (status.clone(), answer.clone()))
                .collect()
        };
        let (ours, theirs) = (successes(our), successes(their));
        let statuses = |answers: &BTreeMap<String, Value>| answers.keys().cloned().collect();
        let (our_statuses, their_statuses): (Vec<String>, Vec<String>) =
            (statuses(&ours), statuses(&theirs));
        assert_eq!(our_statuses, their_statuses, "{id}");
        for (status, answer) in &ours {
            let their = resolved(&self.theirs, &theirs[status]);
            let (ours, theirs) = (json_schema(answer), json_schema(&their));
            self.compare_schemas(&ours, &theirs, &format!("{id}.{status}"));
        }
    }

    fn compare_bodies(&mut self, id: &str, our: &Value, their: &Value) {
        match (our.get("requestBody"), their.get("requestBody")) {
            (Some(ours), Some(theirs)) => {
                let (ours, theirs) = (json_schema(ours), json_schema(theirs));
                self.compare_schemas(&ours, &theirs, &format!("{id}.body"));
            }
            (None, Some(_)) => self.note(&format!("{id}.body"), "absent"),
            (Some(_), None) => self.note(&format!("{id}.body"), "more"),
            (None, None) => {}
        }
    }

    fn compare_schemas(&mut self, ours: &Value, theirs: &Value, place: &str) {
        let ours = shape(&self.ours, ours);
        let theirs = shape(&self.theirs, theirs);
        if ours.members.is_empty() && !theirs.members.is_empty() {
            self.note(place, "narrower");
            return;
        }
        let place = theirs.name.clone().unwrap_or(place.to_owned());
        if !self.seen.insert(place.clone()) {
            return;
        }
        if let (Some(ours), Some(theirs)) = (&ours.items, &theirs.items) {
            self.compare_schemas(ours, theirs, &place);
        }
        if !theirs.words.is_empty() {
            for word in ours.words.difference(&theirs.words) {
                self.note(&format!("{place}={word}"), "more");
            }
        }
        for (name, theirs_of) in &theirs.members {
            let member = format!("{place}.{name}");
            let Some(ours_of) = ours.members.get(name) else {
                self.note(&member, "absent");
                continue;
            };
            if theirs.required.contains(name) && !ours.required.contains(name) {
                self.note(&member, "optional");
            }
            self.compare_schemas(ours_of, theirs_of, &member);
        }
        for name in ours.members.keys() {
            if !theirs.members.contains_key(name) {
                self.note(&format!("{place}.{name}"), "more");
            }
        }
    }

    fn note(&mut self, place: &str, what: &str) {
        self.found.insert(format!("{place} {what}"));
    }
}

/// `query.limit` and whether it must be sent.
fn parameters(document: &Value, holders: [&Value; 2]) -> BTreeMap<String, bool> {
    let lists = holders.map(|holder| holder["parameters"].as_array());
    let all = lists.into_iter().flatten().flatten();
    let read = |parameter: &Value| {
        let parameter = resolved(document, parameter);
        let text = |name: &str| parameter[name].as_str().unwrap_or_default().to_owned();
        let required = parameter["required"] == json!(true);
        (format!("{}.{}", text("in"), text("name")), required)
    };
    all.map(read).collect()
}

fn json_schema(holder: &Value) -> Value {
    holder["content"]["application/json"]["schema"].clone()
}

fn resolved(document: &Value, value: &Value) -> Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => {
            let found = document.pointer(reference.trim_start_matches('#'));
            resolved(document, found.expect("references lead somewhere"))
        }
        None => value.clone(),
    }
}

fn shape(document: &Value, schema: &Value) -> Shape {
    let mut shape = Shape::default();
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let found = document.pointer(reference.trim_start_matches('#'));
        shape = self::shape(document, found.expect("references lead somewhere"));
        let name = reference.rsplit('/').next().map(str::to_owned);
        shape.name = shape.name.or(name);
    }
    let list = |name: &str| schema[name].as_array().cloned().unwrap_or_default();
    let members = schema["properties"].as_object().cloned();
    shape.members.extend(members.into_iter().flatten());
    let texts = |values: Vec<Value>| {
        values
            .into_iter()
            .filter_map(|v| Some(v.as_str()?.to_owned()))
    };
    shape
        .required
        .extend(texts(list("required")).collect::<Vec<_>>());
    shape.words.extend(texts(list("enum")).collect::<Vec<_>>());
    if let Some(items) = schema.get("items") {
        shape.items = Some(items.clone());
    }
    for part in list("allOf") {
        let part = self::shape(document, &part);
        shape.members.extend(part.members);
        shape.required.extend(part.required);
    }
    let alternatives = [list("oneOf"), list("anyOf")].concat();
    add_alternatives(&mut shape, document, &alternatives);
    shape
}

/// Of alternatives: all members, and of the required ones those of every object among them. An id
/// beside an entity is no object.
fn add_alternatives(shape: &mut Shape, document: &Value, alternatives: &[Value]) {
    let mut always: Option<BTreeSet<String>> = None;
    for alternative in alternatives {
        let alternative = self::shape(document, alternative);
        if alternative.members.is_empty() {
            continue;
        }
        always = Some(match always {
            None => alternative.required,
            Some(before) => before
                .intersection(&alternative.required)
                .cloned()
                .collect(),
        });
        shape.members.extend(alternative.members);
        shape.name = shape.name.take().or(alternative.name);
    }
    shape.required.extend(always.unwrap_or_default());
}
