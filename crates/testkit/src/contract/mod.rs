//! The wire contract, as a judge of answers.
//!
//! A [`Contract`] is the committed OpenAPI document of the reference, read from beside the checkout
//! (it is not part of it: where it is absent, tests say so and go on without it). It is asked one
//! thing: whether the answer to a request is one that the contract allows. Every schema of the
//! document is walked when it is read, so a keyword or pattern that the checker does not understand
//! stops the tests at once instead of being passed over.
//!
//! Stricter than JSON Schema in one point: an answer's property that the contract does not name is
//! a complaint, because a misspelt optional property is otherwise never noticed. Absent here: only
//! answers are judged, no requests, and of answers no headers.

mod extra;
mod formats;
mod schema;

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use extra::ExtraStatuses;
pub use schema::Complaint;
use schema::Schemas;

/// Methods of a path item; its other members (`parameters`, `x-…`) are no operations.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation of the contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// `listVehicles`
    pub id: String,
    /// Upper case.
    pub method: String,
    /// `/vehicles/{id}`, without the API's own prefix.
    pub template: String,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.id, self.method, self.template)
    }
}

/// Why the contract does not allow an answer.
#[derive(Debug, thiserror::Error)]
pub enum Violation {
    #[error(
        "{operation} may not answer {status}: neither contract nor list of extra statuses has it"
    )]
    Status { operation: String, status: u16 },
    #[error("{operation} {status}: the contract has no body here, yet {bytes} bytes came")]
    Surplus {
        operation: String,
        status: u16,
        bytes: usize,
    },
    #[error("{operation} {status}: no JSON: {reason}")]
    NotJson {
        operation: String,
        status: u16,
        reason: String,
    },
    #[error("{operation} {status}: {}", lines(.complaints))]
    Body {
        operation: String,
        status: u16,
        complaints: Vec<Complaint>,
    },
}

fn lines(complaints: &[Complaint]) -> String {
    const SHOWN: usize = 20;
    let mut text = format!("{} complaints", complaints.len());
    for complaint in complaints.iter().take(SHOWN) {
        text.push_str("\n  ");
        text.push_str(&complaint.to_string());
    }
    text
}

/// The document cannot be used, which is a fault of the tests and never of the server.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("the contract has what the checker does not understand:\n{}", .0.join("\n"))]
    NotUnderstood(Vec<String>),
    #[error("{path}, line {line}: {reason}")]
    ExtraStatuses {
        path: String,
        line: usize,
        reason: String,
    },
}

/// What stands under one status of one operation.
enum Answer<'a> {
    Schema(&'a Value),
    /// Anything at all (passthrough's raw bytes).
    Anything,
    /// The contract names the status and says nothing of a body.
    Unspecified,
}

pub struct Contract {
    document: Value,
    operations: Vec<Operation>,
    extra: ExtraStatuses,
}

impl Contract {
    /// The contract beside the checkout; `None`, and one printed line, where there is none.
    ///
    /// # Panics
    /// When it is there and cannot be used: a test that silently checks nothing is worse.
    pub fn shared() -> Option<Arc<Contract>> {
        static SHARED: OnceLock<Option<Arc<Contract>>> = OnceLock::new();
        SHARED
            .get_or_init(|| {
                let path = workspace_root().join("../shared/contract/openapi.json");
                if !path.exists() {
                    println!(
                        "skipped: answers are not checked against the contract, which is absent"
                    );
                    return None;
                }
                let read = |path: &PathBuf| {
                    std::fs::read_to_string(path).map_err(|error| ContractError::Unreadable {
                        path: path.display().to_string(),
                        reason: error.to_string(),
                    })
                };
                let extra = workspace_root().join("crates/api/extra-statuses.txt");
                let contract =
                    read(&path).and_then(|document| Contract::parse(&document, &read(&extra)?));
                match contract {
                    Ok(contract) => Some(Arc::new(contract)),
                    Err(error) => panic!("{error}"),
                }
            })
            .clone()
    }

    /// `extra_statuses` is the committed list of statuses beyond the contract.
    pub fn parse(document: &str, extra_statuses: &str) -> Result<Contract, ContractError> {
        let document: Value =
            serde_json::from_str(document).map_err(|error| ContractError::Unreadable {
                path: "the contract".to_owned(),
                reason: error.to_string(),
            })?;
        let operations = operations(&document);
        let extra = ExtraStatuses::parse(extra_statuses)?;
        let unknown = Schemas::new(&document).audit();
        if !unknown.is_empty() {
            return Err(ContractError::NotUnderstood(unknown));
        }
        Ok(Contract {
            document,
            operations,
            extra,
        })
    }

    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Every query parameter that any operation takes.
    pub fn query_parameters(&self) -> BTreeSet<String> {
        let schemas = Schemas::new(&self.document);
        let mut names = BTreeSet::new();
        for operation in &self.operations {
            let item = &self.document["paths"][&operation.template];
            let own = &item[operation.method.to_lowercase()];
            for list in [item, own].map(|holder| holder["parameters"].as_array()) {
                for parameter in list.into_iter().flatten().map(|each| schemas.resolve(each)) {
                    if parameter["in"] == "query" {
                        names.extend(parameter["name"].as_str().map(str::to_owned));
                    }
                }
            }
        }
        names
    }

    /// The operation that serves `path` (without query and without the API's prefix). A template
    /// that names a segment goes before one that leaves it open.
    pub fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations
            .iter()
            .filter(|operation| operation.method == method && fits(&operation.template, path))
            .min_by_key(|operation| operation.template.matches('{').count())
    }

    /// Judges an answer. `Ok(None)`: the request met no operation of the contract (an unknown path
    /// or method) and was refused.
    pub fn check(
        &self,
        method: &str,
        path: &str,
        status: u16,
        body: &[u8],
    ) -> Result<Option<Operation>, Violation> {
        let Some(operation) = self.operation(method, path) else {
            return self
                .check_outside(method, path, status, body)
                .map(|()| None);
        };
        let name = operation.to_string();
        match self.answer(operation, status) {
            Some(Answer::Schema(schema)) => self.check_body(&name, status, schema, body)?,
            Some(Answer::Anything) => {}
            Some(Answer::Unspecified) if status >= 400 => self.check_error(&name, status, body)?,
            Some(Answer::Unspecified) if body.is_empty() => {}
            Some(Answer::Unspecified) => {
                let (operation, bytes) = (name, body.len());
                return Err(Violation::Surplus {
                    operation,
                    status,
                    bytes,
                });
            }
            None if self.extra.allow(Some(operation), status) => {
                self.check_error(&name, status, body)?;
            }
            None => {
                let operation = name;
                return Err(Violation::Status { operation, status });
            }
        }
        Ok(Some(operation.clone()))
    }

    /// A path that the contract does not have is 404; one that it has, with another method, is what
    /// the list of extra statuses says.
    fn check_outside(
        &self,
        method: &str,
        path: &str,
        status: u16,
        body: &[u8],
    ) -> Result<(), Violation> {
        let operation = format!("{method} {path} (no operation of the contract)");
        let has_path = self
            .operations
            .iter()
            .any(|found| fits(&found.template, path));
        let allowed = if has_path {
            self.extra.allow(None, status)
        } else {
            status == 404
        };
        match allowed {
            // What a HEAD would say stays behind.
            true if method == "HEAD" => Ok(()),
            true => self.check_error(&operation, status, body),
            false => Err(Violation::Status { operation, status }),
        }
    }

    fn answer(&self, operation: &Operation, status: u16) -> Option<Answer<'_>> {
        let schemas = Schemas::new(&self.document);
        let method = operation.method.to_lowercase();
        let answer = &self.document["paths"][&operation.template][&method]["responses"];
        // Where bytes of any kind are a success, so is any status of one.
        let anything = schemas.resolve(&answer["200"])["content"].get("*/*");
        if anything.is_some() && (200..300).contains(&status) {
            return Some(Answer::Anything);
        }
        let answer = schemas.resolve(answer.get(status.to_string())?);
        let Some(content) = answer.get("content") else {
            return Some(Answer::Unspecified);
        };
        match content.get("application/json") {
            Some(json) => Some(Answer::Schema(&json["schema"])),
            None => Some(Answer::Anything),
        }
    }

    fn check_body(
        &self,
        operation: &str,
        status: u16,
        schema: &Value,
        body: &[u8],
    ) -> Result<(), Violation> {
        let value: Value = serde_json::from_slice(body).map_err(|error| Violation::NotJson {
            operation: operation.to_owned(),
            status,
            reason: error.to_string(),
        })?;
        let complaints = Schemas::new(&self.document).check(schema, &value);
        if complaints.is_empty() {
            return Ok(());
        }
        Err(Violation::Body {
            operation: operation.to_owned(),
            status,
            complaints,
        })
    }

    /// The form that all errors of the contract share.
    fn check_error(&self, operation: &str, status: u16, body: &[u8]) -> Result<(), Violation> {
        let schema = serde_json::json!({
            "type": "object",
            "properties": {
                "code": { "type": "string", "minLength": 1 },
                "message": { "type": "string", "minLength": 1 },
                "detail": { "oneOf": [
                    { "type": "string" },
                    {
                        "type": "array",
                        "items": { "$ref": "#/components/schemas/ErrorPathDetail" },
                    },
                ] },
            },
            "required": ["code", "message"],
        });
        self.check_body(operation, status, &schema, body)
    }
}

/// Of the checkout whose tests run: checkouts share a target directory, so this may have been
/// compiled in another one. Every crate lies two floors below it.
pub fn workspace_root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR");
    let crate_root = manifest.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    crate_root.join("../..")
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (template, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let id = operation["operationId"].as_str().unwrap_or(template);
            operations.push(Operation {
                id: id.to_owned(),
                method: method.to_uppercase(),
                template: template.clone(),
            });
        }
    }
    operations
}

/// Whether a path is one that the template stands for.
fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests;
