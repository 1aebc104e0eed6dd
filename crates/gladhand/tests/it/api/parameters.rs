//! Query parameters: what is refused, what is ignored aloud, and what is taken in another's place.

use api::UnknownParameters;
use testkit::api_server::ApiServer;

use super::refused_at;

#[tokio::test]
async fn a_parameter_that_nobody_knows_is_refused_with_the_nearest_name() {
    let server = ApiServer::bare().await;
    for (path, name, nearest) in [
        (
            "/vehicles?modified_after=2026-01-01T00:00:00Z",
            "modified_after",
            "modifiedAfter",
        ),
        ("/vehicles?Limit=5", "Limit", "limit"),
        ("/connections?external_id=7", "external_id", "externalId"),
        (
            "/issues?lastReportedafter=2026-01-01",
            "lastReportedafter",
            "lastReportedAfter",
        ),
        ("/providers?wrong=1", "wrong", ""),
        ("/syncs?state=failed", "state", "status"),
    ] {
        let answer = server.client.get(path).await;
        refused_at(&answer, &format!("{{requestQuery}}.{name}"));
        let (_, message, suggestion) = &answer.places()[0];
        assert!(message.contains(name), "{answer}");
        assert!(suggestion.contains(nearest), "{answer}");
    }
    let answer = server.client.get("/vehicles?one=1&two=2&limit=0").await;
    assert_eq!(
        answer.places().len(),
        3,
        "everything that is wrong is told at once: {answer}"
    );
}

#[tokio::test]
async fn a_parameter_that_is_known_elsewhere_is_ignored_with_a_warning() {
    let server = ApiServer::bare().await;
    for (path, names) in [
        ("/vehicles?startAt=2026-01-01T00:00:00Z", vec!["startAt"]),
        ("/groups?hidden=true", vec!["hidden"]),
        (
            "/connections?expand=provider&raw=true",
            vec!["expand", "raw"],
        ),
        ("/connections/current?limit=nonsense", vec!["limit"]),
        ("/providers?limit=1", vec!["limit"]),
        ("/issues?vehicleIds=vcl_1", vec!["vehicleIds"]),
        ("/vehicles?limit=1", vec![]),
    ] {
        let answer = server.client.get(path).await;
        answer.ok();
        let warnings = answer.header_texts("warning");
        assert_eq!(warnings.len(), names.len(), "{answer}: {warnings:?}");
        for name in names {
            let told = warnings
                .iter()
                .any(|text| text.starts_with("299 ") && text.contains(name));
            assert!(told, "{answer}: {warnings:?}");
        }
    }
}

/// An operation without parameters of its own knows every other's by name.
#[tokio::test]
async fn no_parameter_of_the_contract_is_unknown() {
    let server = ApiServer::bare().await;
    let Some(contract) = server.client.contract() else {
        return;
    };
    let mut unknown = Vec::new();
    for name in contract.query_parameters() {
        let answer = server
            .client
            .get(&format!("/connections/current?{name}=1"))
            .await;
        if answer.status != 200 || answer.header_texts("warning").len() != 1 {
            unknown.push(name);
        }
    }
    assert_eq!(unknown, Vec::<String>::new());
}

#[tokio::test]
async fn unknown_parameters_are_ignored_where_the_operator_wants_it() {
    let server = ApiServer::bare().await;
    let lenient = server.client_of(|config| config.unknown_parameters = UnknownParameters::Ignore);
    let answer = lenient.get("/vehicles?modified_after=1&limit=5").await;
    answer.ok();
    let warnings = answer.header_texts("warning");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("modified_after"), "{warnings:?}");
    // What is known is held to its form all the same.
    refused_at(
        &lenient.get("/vehicles?limit=0").await,
        "{requestQuery}.limit",
    );
    // A name goes into a header without what could break it.
    let answer = lenient.get("/vehicles?%22%0d%0aX-Evil%3a=1").await;
    answer.ok();
    assert_eq!(answer.header("x-evil"), None);
}

#[tokio::test]
async fn malformed_values_name_their_place_and_what_to_send() {
    let server = ApiServer::bare().await;
    for (path, name) in [
        ("/vehicles?limit=", "limit"),
        ("/vehicles?limit=-1", "limit"),
        ("/vehicles?limit=1.5", "limit"),
        ("/vehicles?modifiedAfter=yesterday", "modifiedAfter"),
        (
            "/vehicles?modifiedBefore=2026-02-30T00:00:00Z",
            "modifiedBefore",
        ),
        ("/vehicles?raw=yes", "raw"),
        ("/vehicles?hidden=1", "hidden"),
        ("/vehicles?deleted=TRUE", "deleted"),
        ("/vehicles?expand=drivers", "expand"),
        ("/vehicles?expand=groups,,devices", "expand"),
        ("/vehicles?cursor=", "cursor"),
        ("/drivers?expand=devices", "expand"),
        ("/groups?expand=parents", "expand"),
        ("/syncs?status=done", "status"),
        ("/syncs?expand=issue", "expand"),
        ("/connections?status=live", "status"),
        ("/connections?order=newest", "order"),
        ("/connections?updatedAfter=0", "updatedAfter"),
        ("/issues?status=open", "status"),
        ("/issues?errorCode=nothing", "errorCode"),
        ("/issues?connectionId=7", "connectionId"),
        ("/issues?lastReportedAfter=2026-13-01", "lastReportedAfter"),
        ("/issues?expand=connections", "expand"),
        (
            "/vehicles/vcl_00000000000000000000000000/locations?startAt=now",
            "startAt",
        ),
        (
            "/vehicles/vcl_00000000000000000000000000/locations?limit=0",
            "limit",
        ),
        (
            "/vehicles/vcl_00000000000000000000000000/stats/historical?types=mileage",
            "types",
        ),
        (
            "/vehicles/vcl_00000000000000000000000000/stats/historical?expand=driver",
            "expand",
        ),
    ] {
        refused_at(
            &server.client.get(path).await,
            &format!("{{requestQuery}}.{name}"),
        );
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let server = ApiServer::bare().await;
    refused_at(
        &server.client.get("/vehicles?limit=1&limit=2").await,
        "{requestQuery}.limit",
    );
    let answer = server.client.get("/connections?tag=a&tags=b").await;
    refused_at(&answer, "{requestQuery}.tag");
}

#[tokio::test]
async fn times_with_offsets_are_taken_and_an_unescaped_plus_sign_too() {
    let server = ApiServer::bare().await;
    for text in [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.000Z",
        "2026-01-01T02:00:00%2B02:00",
        "2026-01-01T02:00:00+02:00",
    ] {
        server
            .client
            .get(&format!("/vehicles?modifiedAfter={text}"))
            .await
            .ok();
    }
}
