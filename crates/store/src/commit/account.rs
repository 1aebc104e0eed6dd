//! What the provider says of the account, on the connection's row.

use model::connection::{Account, Company};
use model::{ConnectionId, Timestamp};

use super::AccountUpdate;
use crate::backend::{Row, Tx, params};
use crate::connections::{json_text, zone_of};
use crate::{StoreError, ZoneSetting};

/// What the provider leaves out stays as it was. The company's name is the client's: it is filled
/// in only where there is none.
pub(crate) async fn update_account(
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
    let old_zone = zone_of(connection)?;
    let zone = zone_to_keep(old_zone.as_ref(), update.zone.as_ref());
    if source_id == old_source_id
        && account == old_account
        && company == old_company
        && zone == old_zone.as_ref()
    {
        return Ok(());
    }
    let sql = "update connections set source_id = ?2, company = ?3, account = ?4, updated_at = ?5,
        time_zone = ?6, time_zone_source = ?7 where id = ?1";
    let params = params![
        id,
        source_id,
        json_text(&company),
        json_text(&account),
        stamp,
        zone.map(|setting| setting.zone.name()),
        zone.map(|setting| setting.source.name()),
    ];
    tx.execute(sql, &params).await?;
    Ok(())
}

/// A weaker source never overrules a stronger one; what is stored of its own it does.
fn zone_to_keep<'a>(
    stored: Option<&'a ZoneSetting>,
    seen: Option<&'a ZoneSetting>,
) -> Option<&'a ZoneSetting> {
    match (stored, seen) {
        (Some(stored), Some(seen)) if stored.source < seen.source => Some(stored),
        (stored, seen) => seen.or(stored),
    }
}
