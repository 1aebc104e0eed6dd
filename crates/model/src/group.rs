//! Groups of vehicles and drivers, as the provider nests them.

use serde::{Deserialize, Serialize};

use crate::ids::GroupId;
use crate::record::{Model, Record};
use crate::time::Timestamp;

/// A group as served, without `metadata` and `raw`. Members name their groups, not the reverse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    pub id: GroupId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub source_id: String,
    pub provider: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<GroupId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

impl Record for Group {
    const MODEL: Model = Model::Group;

    fn natural_key(&self) -> &str {
        &self.source_id
    }
}
