//! Issues: one row a (connection, code, stream).

use model::issue::{Issue, IssueCode, IssueStatus};
use model::{ApplicationId, ConnectionId, IssueId, Timestamp};

use crate::backend::{Row, params};
use crate::{Store, StoreError};

/// Ordered by id (first reported first). Both bounds inclusive.
#[derive(Clone, Debug, Default)]
pub struct IssueQuery {
    pub connection: Option<ConnectionId>,
    pub code: Option<IssueCode>,
    pub status: Option<IssueStatus>,
    pub last_reported_after: Option<Timestamp>,
    pub last_reported_before: Option<Timestamp>,
    pub after: Option<IssueId>,
    pub limit: usize,
}

macro_rules! issue_columns {
    () => {
        "i.id, i.connection, i.code, i.stream, i.status, i.message, i.first_reported_at,
         i.last_reported_at"
    };
}

const LIST: &str = concat!(
    "select ",
    issue_columns!(),
    " from issues i join connections c on c.id = i.connection
      where c.application = ?1
      and (cast(?2 as text) is null or i.connection = ?2)
      and (cast(?3 as text) is null or i.code = ?3)
      and (cast(?4 as text) is null or i.status = ?4)
      and i.last_reported_at >= ?5 and i.last_reported_at <= ?6
      and i.id > ?7
      order by i.id limit ?8"
);

const BY_ID: &str = concat!(
    "select ",
    issue_columns!(),
    " from issues i where i.id = ?1"
);

const RESOLVE: &str = "update issues set status = 'resolved' where id = ?2
    and connection in (select c.id from connections c where c.application = ?1)
    returning id, connection, code, stream, status, message, first_reported_at, last_reported_at";

impl Store {
    pub async fn list_issues(
        &self,
        application: ApplicationId,
        query: &IssueQuery,
    ) -> Result<Vec<Issue>, StoreError> {
        let params = params![
            application,
            query.connection,
            query.code.map(IssueCode::name),
            query.status.map(IssueStatus::name),
            query.last_reported_after.unwrap_or(Timestamp::MIN),
            query.last_reported_before.unwrap_or(Timestamp::MAX),
            query.after.map_or(String::new(), |id| id.to_string()),
            i64::try_from(query.limit).unwrap_or(i64::MAX),
        ];
        let rows = self
            .read(move |tx| Box::pin(async move { tx.query(LIST, &params).await }))
            .await?;
        rows.iter().map(issue_of).collect()
    }

    /// A client says that an issue is dealt with; saying so again changes nothing. If it is met
    /// again it is ongoing again. `None` when the application has no such issue.
    pub async fn resolve_issue(
        &self,
        application: ApplicationId,
        id: IssueId,
    ) -> Result<Option<Issue>, StoreError> {
        let row = self
            .write(move |tx| {
                Box::pin(async move { tx.query_first(RESOLVE, &params![application, id]).await })
            })
            .await?;
        row.as_ref().map(issue_of).transpose()
    }

    /// Those that exist, in any order.
    pub async fn issues(&self, ids: &[IssueId]) -> Result<Vec<Issue>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = ids.iter().map(|id| params![*id].to_vec()).collect();
        let answers = self
            .read(move |tx| Box::pin(async move { tx.query_each(BY_ID, rows).await }))
            .await?;
        answers.iter().flatten().map(issue_of).collect()
    }
}

fn issue_of(row: &Row) -> Result<Issue, StoreError> {
    Ok(Issue {
        id: row.parsed(0, |text| text.parse().ok())?,
        connection: row.parsed(1, |text| text.parse().ok())?,
        code: row.parsed(2, IssueCode::from_name)?,
        stream: row.text(3)?.to_owned(),
        status: row.parsed(4, IssueStatus::from_name)?,
        message: row.text(5)?.to_owned(),
        first_reported_at: row.time(6)?,
        last_reported_at: row.time(7)?,
    })
}
