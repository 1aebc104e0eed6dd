//! Connections. Their tokens are sealed, and findable by hash.

use std::time::Duration;

use model::connection::{Account, Company, ConnectionFilters, ConnectionStatus, SyncMode};
use model::{ApplicationId, ConnectionId, IdSpace, Secret, Timestamp, Zone};

use crate::backend::{Dialect, Row, Tx, Value, params};
use crate::lifecycle::{self, lock_staying, may_become, status_of, wrong_state};
use crate::syncs::fail_unfinished;
use crate::{Store, StoreError, Vault, credentials, hash_secret};

#[derive(Clone, Debug)]
pub struct Connection {
    pub id: ConnectionId,
    pub application: ApplicationId,
    /// Provider code.
    pub provider: String,
    pub status: ConnectionStatus,
    /// The account's id at the provider.
    pub source_id: Option<String>,
    pub company: Company,
    pub account: Account,
    pub external_id: Option<String>,
    pub tags: Vec<String>,
    pub sync_mode: SyncMode,
    /// The contract's `ProviderOptions`, a JSON object.
    pub options: String,
    pub filters: ConnectionFilters,
    pub token: Secret,
    /// Overrides the provider's default base URL.
    pub base_url: Option<String>,
    /// Overrides the server's cadence for automatic syncs.
    pub cadence: Option<Duration>,
    /// The earliest `startFrom` that any sync was asked for: open intervals are retried back to it.
    pub history_from: Option<Timestamp>,
    /// Where the fleet lives; [`Connection::zone`] is what counts.
    pub zone: Option<ZoneSetting>,
    /// When the next automatic sync is due.
    pub next_sync_at: Option<Timestamp>,
    /// Immutable: part of every record's id.
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When its data goes, or began to go; none where nobody asked for that, or called it off.
    pub delete_at: Option<Timestamp>,
    /// When its data was gone.
    pub deleted_at: Option<Timestamp>,
}

impl Connection {
    pub fn ids(&self) -> IdSpace {
        IdSpace {
            connection: self.id,
            created_at: self.created_at,
        }
    }

    /// Whose days and months are meant: UTC until somebody says where the fleet lives.
    pub fn zone(&self) -> Zone {
        let setting = self.zone.as_ref();
        setting.map_or_else(Zone::utc, |setting| setting.zone.clone())
    }
}

/// Who says in which zone a fleet lives; an earlier one is believed over a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZoneSource {
    Operator,
    /// The provider's account settings.
    Account,
    /// Where most of its drivers live.
    Drivers,
}

impl ZoneSource {
    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            ZoneSource::Operator => "operator",
            ZoneSource::Account => "account",
            ZoneSource::Drivers => "drivers",
        }
    }

    pub fn from_name(name: &str) -> Option<ZoneSource> {
        let all = [
            ZoneSource::Operator,
            ZoneSource::Account,
            ZoneSource::Drivers,
        ];
        all.into_iter().find(|source| source.name() == name)
    }
}

/// A connection's zone, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneSetting {
    pub zone: Zone,
    pub source: ZoneSource,
}

#[derive(Clone, Debug)]
pub struct NewConnection {
    pub id: ConnectionId,
    pub application: ApplicationId,
    pub provider: String,
    pub company: Company,
    pub external_id: Option<String>,
    pub tags: Vec<String>,
    pub sync_mode: SyncMode,
    pub token: Secret,
    /// JSON object of credential fields; sealed before it is stored.
    pub credentials: Secret,
    pub base_url: Option<String>,
    pub cadence: Option<Duration>,
    pub history_from: Option<Timestamp>,
    /// The operator's word on it; `None` leaves it to what the provider says.
    pub zone: Option<Zone>,
    /// When the first automatic sync is due; `None` for never by itself.
    pub next_sync_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// What a PATCH may change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct ConnectionPatch {
    /// Connected, disconnected or archived; any of them calls a deletion off. The others come about
    /// otherwise.
    pub status: Option<ConnectionStatus>,
    pub options: Option<String>,
    pub company: Option<Company>,
    /// `Some(None)` takes it away.
    pub external_id: Option<Option<String>>,
    pub sync_mode: Option<SyncMode>,
    pub tags: Option<Vec<String>>,
    pub filters: Option<ConnectionFilters>,
    /// The operator's word: what the provider says no longer counts.
    pub zone: Option<Zone>,
}

/// Filters of a list; bounds on `updated_at` are inclusive on both sides. Ordered by id.
#[derive(Clone, Debug, Default)]
pub struct ConnectionQuery {
    pub external_id: Option<String>,
    pub dot_number: Option<String>,
    pub tag: Option<String>,
    pub updated_after: Option<Timestamp>,
    pub updated_before: Option<Timestamp>,
    pub status: Option<ConnectionStatus>,
    pub provider: Option<String>,
    pub descending: bool,
    /// Strictly beyond this id, in the order asked for.
    pub after: Option<ConnectionId>,
    pub limit: usize,
}

macro_rules! connection_columns {
    () => {
        "c.id, c.application, c.provider, c.status, c.source_id, c.company, c.account,
         c.external_id, c.tags, c.sync_mode, c.options, c.filters, c.token_sealed, c.base_url,
         c.cadence_ms, c.history_from, c.next_sync_at, c.created_at, c.updated_at, c.fence,
         c.commit_stamp, c.next_page, c.time_zone, c.time_zone_source, c.delete_at, c.deleted_at"
    };
}

/// Places of the columns that only the store itself reads.
pub(crate) const FENCE: usize = 19;
pub(crate) const COMMIT_STAMP: usize = 20;
pub(crate) const NEXT_PAGE: usize = 21;
/// Followed by its source.
const TIME_ZONE: usize = 22;
/// Followed by when its data was gone.
const DELETE_AT: usize = 24;

const BY_ID: &str = concat!(
    "select ",
    connection_columns!(),
    " from connections c where c.id = ?1"
);
const BY_ID_LOCKED: &str = concat!(
    "select ",
    connection_columns!(),
    " from connections c where c.id = ?1 for update"
);
const BY_TOKEN: &str = concat!(
    "select ",
    connection_columns!(),
    " from connections c where c.token_hash = ?1"
);

macro_rules! list_sql {
    ($beyond:literal, $order:literal) => {
        concat!(
            "select ",
            connection_columns!(),
            " from connections c where c.application = ?1
              and (cast(?2 as text) is null or c.external_id = ?2)
              and (cast(?3 as text) is null or exists (select 1 from connection_labels l
                   where l.connection = c.id and l.kind = 'dot_number' and l.label = ?3))
              and (cast(?4 as text) is null or exists (select 1 from connection_labels l
                   where l.connection = c.id and l.kind = 'tag' and l.label = ?4))
              and c.updated_at >= ?5 and c.updated_at <= ?6
              and (cast(?7 as text) is null or c.status = ?7)
              and (cast(?8 as text) is null or c.provider = ?8)
              and c.id ",
            $beyond,
            " ?9 order by c.id ",
            $order,
            " limit ?10"
        )
    };
}

const LIST_ASCENDING: &str = list_sql!(">", "asc");
const LIST_DESCENDING: &str = list_sql!("<", "desc");

impl Store {
    /// [`StoreError::Conflict`] when the id or the token is taken, or the application is not there.
    pub async fn insert_connection(&self, new: &NewConnection) -> Result<Connection, StoreError> {
        let (new, vault) = (new.clone(), self.vault().clone());
        let row = self
            .write(move |tx| {
                Box::pin(async move {
                    // Nobody has tried these credentials yet: they are due at once.
                    insert(tx, &new, &vault, Some(new.created_at)).await?;
                    tx.query_first(BY_ID, &params![new.id]).await
                })
            })
            .await?;
        self.found(row)
    }

    pub async fn connection(&self, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
        let row = self
            .read(move |tx| Box::pin(async move { tx.query_first(BY_ID, &params![id]).await }))
            .await?;
        row.map(|row| connection_of(&row, self.vault())).transpose()
    }

    /// By [`crate::hash_secret`] of the token, whoever's application it is.
    pub async fn connection_by_token(
        &self,
        hash: [u8; 32],
    ) -> Result<Option<Connection>, StoreError> {
        let row = self
            .read(move |tx| Box::pin(async move { tx.query_first(BY_TOKEN, &params![hash]).await }))
            .await?;
        row.map(|row| connection_of(&row, self.vault())).transpose()
    }

    pub async fn list_connections(
        &self,
        application: ApplicationId,
        query: &ConnectionQuery,
    ) -> Result<Vec<Connection>, StoreError> {
        // Ids consist of characters below `~`.
        let (sql, start) = match query.descending {
            false => (LIST_ASCENDING, ""),
            true => (LIST_DESCENDING, "~"),
        };
        let params = params![
            application,
            query.external_id.as_ref(),
            query.dot_number.as_ref(),
            query.tag.as_ref(),
            query.updated_after.unwrap_or(Timestamp::MIN),
            query.updated_before.unwrap_or(Timestamp::MAX),
            query.status.map(ConnectionStatus::name),
            query.provider.as_ref(),
            query.after.map_or(start.to_owned(), |id| id.to_string()),
            i64::try_from(query.limit).unwrap_or(i64::MAX),
        ];
        let rows = self
            .read(move |tx| Box::pin(async move { tx.query(sql, &params).await }))
            .await?;
        rows.iter()
            .map(|row| connection_of(row, self.vault()))
            .collect()
    }

    /// Archiving and disconnecting raise the fence, so a sync under way can change nothing any
    /// more; it is failed. A connection that is connected again, or made automatic, is due at once.
    /// [`StoreError::ConnectionState`] for a status that cannot follow, and for any change once its
    /// erasure has begun.
    pub async fn update_connection(
        &self,
        id: ConnectionId,
        patch: &ConnectionPatch,
        now: Timestamp,
    ) -> Result<Connection, StoreError> {
        let patch = patch.clone();
        let row = self
            .write(move |tx| {
                Box::pin(async move {
                    let row = lock_staying(tx, id).await?;
                    patch_connection(tx, id, &row, &patch, now).await?;
                    tx.query_first(BY_ID, &params![id]).await
                })
            })
            .await?;
        self.found(row)
    }

    fn found(&self, row: Option<Row>) -> Result<Connection, StoreError> {
        let row = row.ok_or(StoreError::NotFound { what: "connection" })?;
        connection_of(&row, self.vault())
    }
}

/// The connection's row, held until the transaction ends. [`StoreError::NotFound`] without one.
pub(crate) async fn lock_connection(tx: &mut Tx<'_>, id: ConnectionId) -> Result<Row, StoreError> {
    // On SQLite a write transaction holds the whole file already.
    let sql = match tx.dialect() {
        Dialect::Sqlite => BY_ID,
        Dialect::Postgres => BY_ID_LOCKED,
    };
    tx.query_first(sql, &params![id])
        .await?
        .ok_or(StoreError::NotFound { what: "connection" })
}

const INSERT: &str = "insert into connections (id, application, provider, status, company, account,
    external_id, tags, sync_mode, options, filters, token_hash, token_sealed, base_url, cadence_ms,
    history_from, next_sync_at, created_at, updated_at, fence, commit_stamp, next_page, time_zone,
    time_zone_source)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, '{}', '{}', ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?16,
    0, 0, 1, ?17, ?18)";

pub(crate) const INSERT_LABEL: &str = "insert into connection_labels (connection, kind, label)
    values (?1, ?2, ?3) on conflict (connection, kind, label) do nothing";

/// A connection with its sealed credentials, which are to be renewed at `renew_at`.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    new: &NewConnection,
    vault: &Vault,
    renew_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let sealed = vault.seal(&new.credentials, &credentials::bound_to(new.id));
    tx.execute(INSERT, &new_connection_params(new, vault))
        .await?;
    let sql = "insert into credentials
        (connection, sealed, version, updated_at, renew_at, given_at)
        values (?1, ?2, 1, ?3, ?4, ?3)";
    let params = params![new.id, sealed, new.created_at, renew_at];
    tx.execute(sql, &params).await?;
    let labels = label_rows(new.id, &new.tags, &new.company);
    tx.execute_each(INSERT_LABEL, labels).await?;
    Ok(())
}

fn new_connection_params(new: &NewConnection, vault: &Vault) -> Vec<Value> {
    params![
        new.id,
        new.application,
        &new.provider,
        ConnectionStatus::Connected.name(),
        json_text(&new.company),
        json_text(&Account::default()),
        new.external_id.as_ref(),
        json_text(&new.tags),
        new.sync_mode.name(),
        hash_secret(new.token.reveal()),
        vault.seal(&new.token, &token_bound_to(new.id)),
        new.base_url.as_ref(),
        new.cadence.map(millis),
        new.history_from,
        new.next_sync_at,
        new.created_at,
        new.zone.as_ref().map(Zone::name),
        new.zone.as_ref().map(|_| ZoneSource::Operator.name()),
    ]
    .to_vec()
}

/// The statuses that a client gives.
const SETTABLE: [ConnectionStatus; 3] = [
    ConnectionStatus::Connected,
    ConnectionStatus::Disconnected,
    ConnectionStatus::Archived,
];
/// Of a connection that the cadence looks at.
const SYNCED: (ConnectionStatus, SyncMode) = (ConnectionStatus::Connected, SyncMode::Automatic);

pub(crate) async fn patch_connection(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    row: &Row,
    patch: &ConnectionPatch,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "update connections set status = ?2, options = ?3, company = ?4, external_id = ?5,
        sync_mode = ?6, tags = ?7, filters = ?8, updated_at = ?9, fence = fence + ?10,
        time_zone = coalesce(?11, time_zone), time_zone_source = coalesce(?12, time_zone_source),
        next_sync_at = case when ?13 = 1 then ?9 else next_sync_at end,
        delete_at = case when ?14 = 1 then null else delete_at end
        where id = ?1";
    let status = status_of(row)?;
    let new_status = patch.status.unwrap_or(status);
    let is_for_clients = SETTABLE.contains(&new_status) && may_become(status, new_status);
    if new_status != status && !is_for_clients {
        return Err(wrong_state(status));
    }
    let closes = new_status != status && new_status != ConnectionStatus::Connected;
    let text = |column: usize| row.text(column).map(str::to_owned);
    let external_id = match &patch.external_id {
        Some(external_id) => external_id.as_deref(),
        None => row.opt_text(7)?,
    };
    let mode = row.parsed(9, SyncMode::from_name)?;
    let new_mode = patch.sync_mode.unwrap_or(mode);
    let is_due = (new_status, new_mode) == SYNCED && (status, mode) != SYNCED;
    let params = params![
        id,
        new_status.name(),
        patch.options.clone().map_or_else(|| text(10), Ok)?,
        patch
            .company
            .as_ref()
            .map_or_else(|| text(5), |company| Ok(json_text(company)))?,
        external_id,
        new_mode.name(),
        patch
            .tags
            .as_ref()
            .map_or_else(|| text(8), |tags| Ok(json_text(tags)))?,
        patch
            .filters
            .as_ref()
            .map_or_else(|| text(11), |filters| Ok(json_text(filters)))?,
        now,
        closes,
        patch.zone.as_ref().map(Zone::name),
        patch.zone.as_ref().map(|_| ZoneSource::Operator.name()),
        is_due,
        new_status != ConnectionStatus::PendingDeletion,
    ];
    tx.execute(sql, &params).await?;
    if closes {
        fail_unfinished(tx, id, lifecycle::reason(new_status), now).await?;
    }
    if patch.tags.is_some() || patch.company.is_some() {
        let tags = patch.tags.clone().map_or_else(|| row.json(8), Ok)?;
        let company = patch.company.clone().map_or_else(|| row.json(5), Ok)?;
        let sql = "delete from connection_labels where connection = ?1";
        tx.execute(sql, &params![id]).await?;
        tx.execute_each(INSERT_LABEL, label_rows(id, &tags, &company))
            .await?;
    }
    Ok(())
}

pub(crate) fn label_rows(id: ConnectionId, tags: &[String], company: &Company) -> Vec<Vec<Value>> {
    let tags = tags.iter().map(|tag| ("tag", tag));
    let dot_numbers = company.dot_numbers.iter().map(|dot| ("dot_number", dot));
    tags.chain(dot_numbers)
        .map(|(kind, label)| params![id, kind, label].to_vec())
        .collect()
}

/// What a connection's token is sealed to.
fn token_bound_to(id: ConnectionId) -> String {
    format!("{id}/token")
}

pub(crate) fn json_text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain structs of texts and lists")
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

pub(crate) fn zone_of(row: &Row) -> Result<Option<ZoneSetting>, StoreError> {
    if row.opt_text(TIME_ZONE)?.is_none() {
        return Ok(None);
    }
    Ok(Some(ZoneSetting {
        zone: row.parsed(TIME_ZONE, Zone::named)?,
        source: row.parsed(TIME_ZONE + 1, ZoneSource::from_name)?,
    }))
}

pub(crate) fn connection_of(row: &Row, vault: &Vault) -> Result<Connection, StoreError> {
    let id = row.parsed(0, |text| text.parse().ok())?;
    Ok(Connection {
        id,
        application: row.parsed(1, |text| text.parse().ok())?,
        provider: row.text(2)?.to_owned(),
        status: row.parsed(3, ConnectionStatus::from_name)?,
        source_id: row.opt_text(4)?.map(str::to_owned),
        company: row.json(5)?,
        account: row.json(6)?,
        external_id: row.opt_text(7)?.map(str::to_owned),
        tags: row.json(8)?,
        sync_mode: row.parsed(9, SyncMode::from_name)?,
        options: row.text(10)?.to_owned(),
        filters: row.json(11)?,
        token: vault.unseal(row.blob(12)?, &token_bound_to(id))?,
        base_url: row.opt_text(13)?.map(str::to_owned),
        cadence: row
            .opt_i64(14)?
            .map(|cadence_ms| Duration::from_millis(cadence_ms.unsigned_abs())),
        history_from: row.opt_time(15)?,
        zone: zone_of(row)?,
        next_sync_at: row.opt_time(16)?,
        created_at: row.time(17)?,
        updated_at: row.time(18)?,
        delete_at: row.opt_time(DELETE_AT)?,
        deleted_at: row.opt_time(DELETE_AT + 1)?,
    })
}
