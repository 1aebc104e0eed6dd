//! Operations of the contract that are not built yet.

use testkit::api_server::ApiServer;

use super::operations::{OPERATIONS, call};

/// Who may call them learns so; who may not, does not (see `operations`).
#[tokio::test]
async fn they_answer_501_to_those_who_may_call() {
    let server = ApiServer::bare().await;
    let mut met = 0;
    for operation in OPERATIONS.iter().filter(|operation| !operation.built) {
        let answer = call(&server.client, operation).await;
        let body = answer.is(501);
        assert_eq!(body["code"], "not_implemented", "{answer}");
        assert_eq!(body["message"], "Not Implemented", "{answer}");
        met += 1;
    }
    assert_eq!(met, 4);
}

/// They take no notice of what they are asked, so a client's whole query survives until then.
#[tokio::test]
async fn their_parameters_and_bodies_are_not_judged() {
    let server = ApiServer::bare().await;
    server
        .client
        .call(
            "DELETE",
            "/connections/current?startedAfter=nonsense&wrong=1",
        )
        .send()
        .await
        .is(501);
    server
        .client
        .call("POST", "/link/short")
        .text("{")
        .send()
        .await
        .is(501);
}
