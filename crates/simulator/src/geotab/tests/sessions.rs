//! Signing in, quotas, calls within a call, and being sent elsewhere.

use std::time::Duration;

use serde_json::json;

use super::client::*;
use crate::{FaultPlan, GeotabConfig, GeotabServer, ProviderServer, SimRequest};

#[test]
fn a_wrong_password_and_a_dead_session_look_alike() {
    let server = server(1, FaultPlan::none());
    let now = days_later(1);
    let mut wrong = sign_in(&GeotabConfig::default());
    wrong["params"]["password"] = json!("guess");
    assert_eq!(
        error_of(&post(&server, &wrong, now)),
        "InvalidUserException"
    );
    let client = Client::new(&server, now);
    assert!(!client.get("Device", json!(null)).is_empty());
    let mut dead = client.at(now);
    dead.credentials["sessionId"] = json!("aNobodysSession");
    let answer = dead.ask("Get", json!({"typeName": "Device"}));
    assert_eq!(error_of(&answer), "InvalidUserException");
    assert_eq!(
        json_of(&answer)["error"]["message"],
        "Invalid session @ 'bluebird'"
    );
    let late = client.at(days_later(16));
    let answer = late.ask("Get", json!({"typeName": "Device"}));
    assert_eq!(error_of(&answer), "InvalidUserException");
    let extended = client.ask("ExtendSession", json!({}));
    assert!(json_of(&extended).get("result").is_none());
}

#[test]
fn the_password_may_stand_for_a_session_and_the_database_be_left_out() {
    let server = server(1, FaultPlan::none());
    let config = GeotabConfig::default();
    let params = json!({"typeName": "Group", "credentials": {
        "password": config.password, "userName": config.username,
    }});
    let body = json!({"method": "Get", "params": params});
    let groups = json_of(&post(&server, &body, days_later(1)));
    assert!(groups["result"].as_array().unwrap().len() > 10);
    let mut nameless = sign_in(&config);
    nameless["params"]["database"] = json!(null);
    let answer = json_of(&post(&server, &nameless, days_later(1)));
    assert_eq!(answer["result"]["path"], "ThisServer");
}

#[test]
fn quotas_are_told_and_kept() {
    let world = world(2, 6);
    let server = GeotabServer::new(world, FaultPlan::none(), GeotabConfig::default());
    let now = days_later(1);
    let client = Client::new(&server, now);
    let ask = |entity: &str| client.ask("GetFeed", json!({"typeName": entity}));
    for left in (0..60).rev() {
        let answer = ask("Trip");
        assert_eq!(
            answer.header("x-rate-limit-remaining"),
            Some(&*left.to_string())
        );
        assert_eq!(answer.header("x-rate-limit-limit"), Some("1m"));
    }
    let over = ask("Trip");
    assert_eq!(error_of(&over), "OverLimitException");
    assert_eq!(over.header("retry-after"), Some("60"));
    assert!(json_of(&ask("LogRecord")).get("result").is_some());
    // Children of a multicall count.
    let child = json!({"method": "GetFeed", "params": {"typeName": "Trip"}});
    let body = json!({"calls": [{"method": "Get", "params": {"typeName": "Rule"}}, child]});
    let answer = client.ask("ExecuteMultiCall", body.clone());
    assert_eq!(error_of(&answer), "OverLimitException");
    assert_eq!(json_of(&answer)["error"]["data"]["requestIndex"], 1);
    let next = client.at(now + MINUTE);
    assert!(
        json_of(&next.ask("ExecuteMultiCall", body))
            .get("result")
            .is_some()
    );
    for _ in 0..9 {
        json_of(&post(&server, &sign_in(&GeotabConfig::default()), now));
    }
    let eleventh = post(&server, &sign_in(&GeotabConfig::default()), now);
    assert_eq!(error_of(&eleventh), "OverLimitException");
}

#[test]
fn the_first_failure_ends_a_multicall() {
    let server = server(3, FaultPlan::none());
    let client = Client::new(&server, days_later(1));
    let get = |entity: &str| json!({"method": "Get", "params": {"typeName": entity}});
    let calls = json!({"calls": [get("Group"), get("Controller"), get("FillUp")]});
    let answer = json_of(&client.ask("ExecuteMultiCall", calls));
    let lists = answer["result"].as_array().unwrap();
    assert_eq!(lists.len(), 3);
    assert_eq!(lists[2], json!([]));
    let calls = json!({"calls": [get("Group"), get("Grp"), get("Controller")]});
    let answer = client.ask("ExecuteMultiCall", calls);
    assert_eq!(error_of(&answer), "MissingMethodException");
    assert_eq!(json_of(&answer)["error"]["data"]["requestIndex"], 1);
}

#[test]
fn who_signs_in_is_sent_to_the_second_host() {
    let config = GeotabConfig {
        second_host: Some("http://geotab-2.test:81/apiv1".to_owned()),
        rate_limits: false,
        ..GeotabConfig::default()
    };
    let server = GeotabServer::new(world(4, 4), FaultPlan::none(), config.clone());
    let now = days_later(1);
    let ask = |host: &str, body: &serde_json::Value| {
        let mut request = SimRequest::post("/apiv1/", body.to_string());
        request.host = host.to_owned();
        server.answer(&request, now)
    };
    let answer = json_of(&ask("geotab.test", &sign_in(&config)));
    assert_eq!(answer["result"]["path"], "http://geotab-2.test:81/apiv1");
    let credentials = &answer["result"]["credentials"];
    let params = json!({"typeName": "Device", "credentials": credentials});
    let body = json!({"method": "Get", "params": params});
    let lost = ask("geotab.test", &body);
    assert_eq!(error_of(&lost), "DbUnavailableException");
    assert!(
        json_of(&ask("geotab-2.test:81", &body))
            .get("result")
            .is_some()
    );
    let there = json_of(&ask("geotab-2.test:81", &sign_in(&config)));
    assert_eq!(there["result"]["path"], "ThisServer");
}

#[test]
fn sessions_die_now_and_then_and_never_soon() {
    let mut faults = FaultPlan::none();
    faults.expire_cursor = true;
    let server = server(5, faults);
    let mut now = days_later(1);
    let mut client = Client::new(&server, now);
    let (mut ends, mut calls) = (0, 0);
    for _ in 0..400 {
        now = now + Duration::from_secs(30);
        calls += 1;
        let answer = client.at(now).ask("Get", json!({"typeName": "Controller"}));
        if json_of(&answer).get("error").is_some() {
            assert_eq!(error_of(&answer), "InvalidUserException");
            assert!(calls > 20);
            (ends, calls) = (ends + 1, 0);
            client = Client::new(&server, now);
        }
    }
    assert!((2..15).contains(&ends), "{ends}");
}
