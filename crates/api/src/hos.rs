//! `GET /hos/logs`, `GET /hos/daily-logs`.

use model::Model;

use crate::error::ApiError;
use crate::extract::Scope;
use crate::query::QueryText;
use crate::reply::Reply;
use crate::{parameters, records};

pub(crate) async fn list_logs(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_HOS_LOGS, &query)?;
    records::list(&scope, Model::HosLog, arguments).await
}

pub(crate) async fn list_daily_logs(scope: Scope, query: QueryText) -> Result<Reply, ApiError> {
    let arguments = scope.arguments(&parameters::LIST_HOS_DAILY_LOGS, &query)?;
    records::list(&scope, Model::HosDailyLog, arguments).await
}
