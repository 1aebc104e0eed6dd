//! Operations of the contract that are not built yet.

use utoipa::openapi::HttpMethod::{self, Delete, Post};

use super::operation::{Answer, Described, Wants};

const fn operation(
    method: HttpMethod,
    path: &'static str,
    wants: Wants,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
) -> Described {
    Described {
        method,
        path,
        tag,
        summary,
        wants,
        answer: Answer::NotBuilt { id },
    }
}

pub(super) static OPERATIONS: &[Described] = &[
    operation(
        Post,
        "/public-token/exchange",
        Wants::Key,
        "publicTokenExchange",
        "Link",
        "Exchanges what the Link page gave for a connection",
    ),
    operation(
        Delete,
        "/connections/current",
        Wants::KeyAndToken,
        "deleteCurrentConnection",
        "Connections",
        "Deletes the connection of the token with all its data",
    ),
    operation(
        Post,
        "/link/short",
        Wants::Key,
        "createShortLink",
        "Link",
        "Makes a short address of the Link page",
    ),
    operation(
        Delete,
        "/link/short/{id}",
        Wants::Key,
        "deleteShortLink",
        "Link",
        "Makes a short address lead nowhere",
    ),
];
