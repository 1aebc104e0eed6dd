//! The end of a window read: what began in it and was not listed is withdrawn.

use std::collections::{BTreeSet, HashSet};

use model::{ConnectionId, Model, Timestamp, Ulid};

use super::WindowEnd;
use crate::StoreError;
use crate::backend::{Tx, params};

macro_rules! began_within {
    ($member:literal) => {
        concat!(
            "select id from records where connection = ?1 and model = ?2 and ",
            $member,
            " = ?3 and started_at is not null and started_at >= ?4 and started_at < ?5
             and stream = ?6 and page < ?7 and withdrawn_at is null and deleted_at is null"
        )
    };
}

const OF_VEHICLE: &str = began_within!("vehicle");
const OF_DRIVER: &str = began_within!("driver");

const WITHDRAW: &str = "update records set withdrawn_at = ?4, modified_at = ?4
    where connection = ?1 and model = ?2 and id = ?3 and withdrawn_at is null";

/// What the windows of a commit took away.
#[derive(Debug, Default)]
pub(super) struct Withdrawn {
    pub(super) records: u64,
    /// Groups of pages whose window took something away.
    pub(super) groups: BTreeSet<i64>,
}

/// Comes after the commit's own drafts, so that they have their newest times and pages.
pub(super) async fn end_windows(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    windows: Vec<WindowEnd>,
    stamp: Timestamp,
) -> Result<Withdrawn, StoreError> {
    let (of_drivers, of_vehicles): (Vec<_>, Vec<_>) = windows
        .into_iter()
        .partition(|window| window.member.model == Model::Driver);
    let mut withdrawn = Withdrawn::default();
    for (sql, windows) in [(OF_VEHICLE, of_vehicles), (OF_DRIVER, of_drivers)] {
        let (mut asked, mut rows) = (Vec::new(), Vec::new());
        for window in &windows {
            let seen: HashSet<Ulid> = window.seen.iter().copied().collect();
            for model in window.models {
                asked.push((*model, window.group, seen.clone()));
                rows.push(
                    params![
                        connection,
                        model.name(),
                        window.member.ulid,
                        window.from,
                        window.until,
                        window.stream,
                        window.group,
                    ]
                    .to_vec(),
                );
            }
        }
        let mut gone = Vec::new();
        let answers = tx.query_each(sql, rows).await?;
        for ((model, group, seen), found) in asked.into_iter().zip(answers) {
            for row in found {
                let id: Ulid = row.parsed(0, |text| text.parse().ok())?;
                if !seen.contains(&id) {
                    withdrawn.groups.insert(group);
                    gone.push(params![connection, model.name(), id, stamp].to_vec());
                }
            }
        }
        withdrawn.records += tx.execute_each(WITHDRAW, gone).await?;
    }
    Ok(withdrawn)
}
