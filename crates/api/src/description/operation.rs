//! An operation as it is described: what it wants, answers and refuses.

use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{
    AnyOfBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, HeaderBuilder, Ref, Required, ResponseBuilder};

use super::errors;
use super::parameter;
use crate::parameters;

/// Names of components.
pub(super) const KEY: &str = "secretKey";
pub(super) const TOKEN: &str = "connectionToken";
pub(super) const TOKEN_PARAMETER: &str = "ConnectionToken";
pub(super) const TOKEN_HEADER: &str = "Connection-Token";

const JSON: &str = "application/json";
const REPLAYED: &str = "Idempotent-Replayed";

/// What an operation wants of its caller.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Wants {
    /// A key is looked at where there is one.
    Nothing,
    Key,
    KeyAndToken,
}

pub(super) struct Described {
    pub method: HttpMethod,
    /// With the contract's names of path parameters.
    pub path: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    pub wants: Wants,
    pub answer: Built,
}

/// What an operation is given, and what comes of it.
pub(super) struct Built {
    pub parameters: &'static parameters::Operation,
    /// What the summary does not tell.
    pub text: &'static str,
    /// The schema of what the path names, where it names something.
    pub path_id: &'static str,
    /// The schema of a body, where one may be sent.
    pub body: Option<&'static str>,
    /// Whether it must be.
    pub body_required: bool,
    pub status: &'static str,
    /// What comes with the status, and its schema; without a name it has no body.
    pub success: (&'static str, &'static str),
    /// The status of a request that was sent before and has its answer already, which a header
    /// tells; it may be that of success.
    pub replayed: Option<&'static str>,
    /// Success may also be bytes of any other kind.
    pub any_bytes: bool,
    /// Statuses beyond those that every operation may answer.
    pub refusals: &'static [u16],
}

impl Built {
    /// For a read without a body: 200.
    pub(super) const fn read(
        parameters: &'static parameters::Operation,
        text: &'static str,
        success: (&'static str, &'static str),
    ) -> Built {
        Built {
            parameters,
            text,
            path_id: "",
            body: None,
            body_required: false,
            status: "200",
            success,
            replayed: None,
            any_bytes: false,
            refusals: &[],
        }
    }
}

impl Described {
    pub(super) fn id(&self) -> &'static str {
        self.answer.parameters.id
    }

    pub(super) fn operation(&self) -> Operation {
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.id()))
            .tag(self.tag)
            .summary(Some(self.summary))
            .securities(Some(self.securities()));
        if self.wants == Wants::KeyAndToken {
            operation = operation.parameter_ref(Ref::new(format!(
                "#/components/parameters/{TOKEN_PARAMETER}"
            )));
        }
        for name in path_parameters(self.path) {
            operation = operation.parameter(parameter::of_path(name, self.answer.path_id));
        }
        operation = self.answer.describe(operation);
        for status in self.refusals() {
            let response = Ref::from_response_name(errors::response_name(status));
            operation = operation.response(status.to_string(), response);
        }
        operation.build()
    }

    fn securities(&self) -> Vec<SecurityRequirement> {
        let key = SecurityRequirement::new::<_, [String; 0], String>(KEY, []);
        match self.wants {
            Wants::Nothing => vec![SecurityRequirement::default(), key],
            Wants::Key => vec![key],
            Wants::KeyAndToken => vec![key.add::<_, [String; 0], String>(TOKEN, [])],
        }
    }

    fn refusals(&self) -> Vec<u16> {
        let mut statuses = vec![401, 429, 500, 504];
        if self.wants == Wants::KeyAndToken {
            statuses.push(403);
        }
        statuses.push(400);
        if self.answer.body.is_some() {
            statuses.extend([413, 415]);
        }
        statuses.extend(self.answer.refusals);
        statuses
    }
}

impl Built {
    fn describe(&self, mut operation: OperationBuilder) -> OperationBuilder {
        if !self.text.is_empty() {
            operation = operation.description(Some(self.text));
        }
        for own in self.parameters.parameters {
            operation = operation.parameter(parameter::of_query(own));
        }
        if let Some(schema) = self.body {
            let body = RequestBodyBuilder::new()
                .content(JSON, Content::new(Some(Ref::from_schema_name(schema))))
                .required(Some(match self.body_required {
                    true => Required::True,
                    false => Required::False,
                }));
            operation = operation.request_body(Some(body.build()));
        }
        match self.replayed {
            None => operation.response(self.status, self.success(false)),
            Some(status) if status == self.status => operation.response(status, self.success(true)),
            Some(status) => operation
                .response(self.status, self.success(false))
                .response(status, self.success(true)),
        }
    }

    fn success(&self, may_be_replayed: bool) -> ResponseBuilder {
        let (text, schema) = self.success;
        let mut success = ResponseBuilder::new().description(text);
        if may_be_replayed {
            let mark = HeaderBuilder::new()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .description(Some("`true` where an equal request was answered before."));
            success = success.header(REPLAYED, mark.build());
        }
        if schema.is_empty() {
            return success;
        }
        let schema = Ref::from_schema_name(schema);
        if self.any_bytes {
            // Bytes of the provider's may be JSON of the provider's.
            let anything = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
            let json = AnyOfBuilder::new().item(schema).item(anything);
            success = success.content(JSON, Content::new(Some(json)));
            let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
            let bytes = ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(binary));
            success = success.content("*/*", Content::new(Some(bytes)));
        } else {
            success = success.content(JSON, Content::new(Some(schema)));
        }
        success
    }
}

/// `/vehicles/{vehicleId}/locations` names `vehicleId`.
fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}
