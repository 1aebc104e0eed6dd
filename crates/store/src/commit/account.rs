//! What the provider says of the account, on the connection's row.

use model::connection::{Account, Company};
use model::{ConnectionId, Timestamp};

use super::AccountUpdate;
use crate::StoreError;
use crate::backend::{Row, Tx, params};
use crate::connections::json_text;

/// What the provider leaves out stays as it was. The company's name is the client's: it is filled
/// in only where there is none.
pub(super) async fn update_account(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    connection: &Row,
    update: &AccountUpdate,
    stamp: Timestamp,
) -> Result<(), StoreError> {
    let old_source_id = connection.opt_text(4)?;
    let old_company: Company = connection.json(5)?;
    let old_account: Account = connection.json(6)?;
    let source_id = update.source_id.as_deref().or(old_source_id);
    let account = Account {
        name: update.name.clone().or_else(|| old_account.name.clone()),
        dot_numbers: match update.dot_numbers.is_empty() {
            true => old_account.dot_numbers.clone(),
            false => update.dot_numbers.clone(),
        },
    };
    let company = Company {
        name: old_company.name.clone().or_else(|| account.name.clone()),
        ..old_company.clone()
    };
    if source_id == old_source_id && account == old_account && company == old_company {
        return Ok(());
    }
    let sql = "update connections set source_id = ?2, company = ?3, account = ?4, updated_at = ?5
        where id = ?1";
    let params = params![
        id,
        source_id,
        json_text(&company),
        json_text(&account),
        stamp
    ];
    tx.execute(sql, &params).await?;
    Ok(())
}
