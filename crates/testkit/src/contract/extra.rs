//! The committed list of statuses that the server gives beyond the contract.
//!
//! A line is an operation's id (`*` for every path of the contract, whatever the method), a status
//! and a reason, separated by blanks; `#` begins a comment.

use std::collections::BTreeSet;

use super::{ContractError, Operation};

const NAME: &str = "extra-statuses.txt";

#[derive(Debug, Default)]
pub(super) struct ExtraStatuses(BTreeSet<(String, u16)>);

impl ExtraStatuses {
    pub(super) fn parse(text: &str) -> Result<ExtraStatuses, ContractError> {
        let mut listed = BTreeSet::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            let wrong = |reason: &str| ContractError::ExtraStatuses {
                path: NAME.to_owned(),
                line: index + 1,
                reason: reason.to_owned(),
            };
            let mut words = line.split_whitespace();
            let Some(operation) = words.next() else {
                continue;
            };
            let status = words.next().ok_or_else(|| wrong("names no status"))?;
            let status: u16 = status
                .parse()
                .map_err(|_| wrong("has a status that is none"))?;
            if words.next().is_none() {
                return Err(wrong("gives no reason"));
            }
            listed.insert((operation.to_owned(), status));
        }
        Ok(ExtraStatuses(listed))
    }

    /// Whether a path of the contract may be answered so; `operation` is that of the method, if
    /// the path has it.
    pub(super) fn allow(&self, operation: Option<&Operation>, status: u16) -> bool {
        let listed = |name: &str| self.0.contains(&(name.to_owned(), status));
        listed("*") || operation.is_some_and(|operation| listed(&operation.id))
    }
}
