//! Groups of vehicles and drivers, as the provider nests them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::GroupId;
use crate::record::{Model, Record};
use crate::time::Timestamp;

/// A group as served, without `metadata` and `raw`. Members name their groups, not the reverse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    pub id: GroupId,
    /// As its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Night shift")]
    pub name: Option<String>,
    /// The provider's own id of it.
    #[schema(example = "4815162")]
    pub source_id: String,
    /// The provider's code.
    #[schema(example = "samsara")]
    pub provider: String,
    /// The group that this one lies in; absent at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<GroupId>,
    /// When the provider says that it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When the provider says that it was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

impl Record for Group {
    const MODEL: Model = Model::Group;

    fn natural_key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.source_id)
    }
}
