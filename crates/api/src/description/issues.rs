//! `/issues`.

use model::IssueId;
use model::issue::{IssueCode, IssueStatus, ResolutionType};
use utoipa::openapi::{HttpMethod, Ref};

use super::operation::{Built, Described, Wants};
use super::schema::{Schemas, id_or, like, object, text};
use crate::parameters;

pub(super) static OPERATIONS: &[Described] = &[
    Described {
        method: HttpMethod::Get,
        path: "/issues",
        tag: "Issues",
        summary: "Lists the issues of all connections",
        wants: Wants::Key,
        answer: Built::read(
            &parameters::LIST_ISSUES,
            "First reported first.",
            ("Issues.", "IssuePage"),
        ),
    },
    Described {
        method: HttpMethod::Post,
        path: "/issues/{issueId}/resolve",
        tag: "Issues",
        summary: "Marks an issue as resolved",
        wants: Wants::Key,
        answer: Built {
            path_id: "IssueId",
            refusals: &[404],
            ..Built::read(
                &parameters::RESOLVE_ISSUE,
                "Until a sync meets it again. Resolving it twice changes nothing.",
                ("The issue.", "Issue"),
            )
        },
    },
];

pub(super) fn describe(schemas: &mut Schemas) {
    schemas.add_type::<IssueId>();
    schemas.add_type::<IssueStatus>();
    schemas.add_type::<IssueCode>();
    schemas.add_type::<ResolutionType>();
    let message = text("What is missing and why.");
    let error = object("What was met.")
        .property("code", like("IssueCode", "Its kind, for programs."))
        .required("code")
        .property(
            "message",
            message.examples(["The account may not read drivers"]),
        )
        .required("message");
    let connection = "The connection that it is of; whole with `expand=connection`.";
    let issue = object("What makes a connection's data incomplete without failing its syncs.")
        .property("id", Ref::from_schema_name("IssueId"))
        .required("id")
        .property(
            "connection",
            id_or("ConnectionId", "Connection", connection),
        )
        .required("connection")
        .property(
            "status",
            like("IssueStatus", "Whether the newest syncs met it."),
        )
        .required("status")
        .property("error", error)
        .required("error")
        .property(
            "resolutionType",
            like("ResolutionType", "Who can make it go away."),
        )
        .required("resolutionType")
        .property(
            "firstReportedAt",
            like("Timestamp", "When a sync first met it."),
        )
        .required("firstReportedAt")
        .property(
            "lastReportedAt",
            like("Timestamp", "When a sync last met it."),
        )
        .required("lastReportedAt");
    schemas.add("Issue", issue);
    schemas.add_page("Issue");
}
