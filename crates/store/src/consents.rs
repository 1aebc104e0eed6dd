//! Consents: what an account's owner gave, kept with what came of it in one transaction.

use model::connection::{Company, ConnectionStatus, SyncMode};
use model::{ApplicationId, ConnectionId, ConsentId, Timestamp};

use crate::backend::{Dialect, Row, Tx, Value, params};
use crate::commit::AccountUpdate;
use crate::commit::account::update_account;
use crate::connections::{
    self, Connection, NewConnection, connection_of, json_text, lock_connection,
};
use crate::{Store, StoreError, credentials};

/// What came of a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentOutcome {
    New,
    /// The account had a connection already.
    Merged,
    /// The connection that the link named.
    Reconnected,
    /// The form was sent twice: nothing but another public token.
    Repeated,
}

impl ConsentOutcome {
    pub fn name(self) -> &'static str {
        match self {
            ConsentOutcome::New => "new",
            ConsentOutcome::Merged => "merged",
            ConsentOutcome::Reconnected => "reconnected",
            ConsentOutcome::Repeated => "repeated",
        }
    }
}

#[derive(Clone, Debug)]
pub struct NewConsent {
    pub id: ConsentId,
    /// SHA-256 of the ticket.
    pub ticket: [u8; 32],
    pub again: Option<ConnectionId>,
    pub merges: bool,
    /// SHA-256 of the text.
    pub agreement: [u8; 32],
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    /// As the provider named it.
    pub account: AccountUpdate,
    pub renew_at: Option<Timestamp>,
    /// SHA-256 of the token.
    pub public_token: [u8; 32],
    pub public_token_ends: Timestamp,
    /// What becomes of it where there is no connection yet.
    pub connection: NewConnection,
}

#[derive(Debug)]
pub enum Settled {
    Done {
        connection: Box<Connection>,
        outcome: ConsentOutcome,
    },
    /// The connection to authenticate again is of another account; nothing was changed.
    OtherAccount,
    /// It is on its way to deletion; nothing was changed.
    Closed(ConnectionStatus),
}

/// A consent as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRow {
    pub id: ConsentId,
    pub application: ApplicationId,
    pub connection: ConnectionId,
    /// SHA-256 of the text that was agreed to.
    pub agreement: [u8; 32],
    pub accepted_at: Timestamp,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
}

/// The application's row is held, so that two consents for one account come one after the other.
const HOLD_APPLICATION: &str = "select id from applications where id = ?1 for update";

/// Of equal accounts the one that is of most use, the oldest first.
const SAME_ACCOUNT: &str = "select id from connections
    where application = ?1 and provider = ?2 and source_id = ?3
        and (external_id is null or cast(?4 as text) is null or external_id = ?4)
        and status in ('connected', 'disconnected', 'archived')
    order by case status when 'connected' then 0 when 'disconnected' then 1 else 2 end, id
    limit 1";

const INSERT: &str = "insert into consents (id, application, connection, ticket, outcome,
    external_id, tags, agreement, accepted_at, ip_address, user_agent)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

enum Place {
    New,
    /// One of these it is; and how it came to be.
    Known(ConnectionId, ConsentOutcome),
    Refused(Settled),
}

impl Store {
    /// Keeps a consent: makes its connection, or gives the new credentials to the one that has the
    /// account (its token stays, tags are added, what it lacks is filled in, it is connected
    /// again), and writes consent and public token beside it. [`StoreError::NotFound`] where the
    /// connection to authenticate again is not the application's.
    pub async fn settle_consent(
        &self,
        new: &NewConsent,
        now: Timestamp,
    ) -> Result<Settled, StoreError> {
        let vault = self.vault().clone();
        let new = new.clone();
        let settled = self
            .write(move |tx| {
                Box::pin(async move {
                    let place = find_place(tx, &new).await?;
                    let (id, outcome) = match place {
                        Place::Refused(settled) => return Ok(Err(settled)),
                        Place::New => {
                            connections::insert(tx, &new.connection, &vault, new.renew_at).await?;
                            (new.connection.id, ConsentOutcome::New)
                        }
                        Place::Known(id, ConsentOutcome::Repeated) => {
                            (id, ConsentOutcome::Repeated)
                        }
                        Place::Known(id, outcome) => {
                            let secret = &new.connection.credentials;
                            let sealed = vault.seal(secret, &credentials::bound_to(id));
                            give(tx, id, &new, sealed, now).await?;
                            (id, outcome)
                        }
                    };
                    if outcome != ConsentOutcome::Repeated {
                        let row = lock_connection(tx, id).await?;
                        update_account(tx, id, &row, &new.account, now).await?;
                        record(tx, id, outcome, &new, now).await?;
                    }
                    insert_public_token(tx, id, &new, now).await?;
                    let row = lock_connection(tx, id).await?;
                    Ok(Ok((row, outcome)))
                })
            })
            .await?;
        match settled {
            Err(refused) => Ok(refused),
            Ok((row, outcome)) => Ok(Settled::Done {
                connection: Box::new(connection_of(&row, self.vault())?),
                outcome,
            }),
        }
    }

    /// In the order in which they were given.
    pub async fn consents(&self, connection: ConnectionId) -> Result<Vec<ConsentRow>, StoreError> {
        let rows = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "select id, application, connection, agreement, accepted_at,
                            ip_address, user_agent
                        from consents where connection = ?1 order by id";
                    tx.query(sql, &params![connection]).await
                })
            })
            .await?;
        rows.iter().map(consent_of).collect()
    }
}

async fn find_place(tx: &mut Tx<'_>, new: &NewConsent) -> Result<Place, StoreError> {
    let application = new.connection.application;
    if tx.dialect() == Dialect::Postgres {
        tx.query(HOLD_APPLICATION, &params![application]).await?;
    }
    let sql = "select connection from consents where ticket = ?1 and application = ?2";
    let sent_before = tx
        .query_first(sql, &params![new.ticket, application])
        .await?;
    if let Some(row) = sent_before {
        let id = row.parsed(0, |text| text.parse().ok())?;
        return Ok(match held_status(tx, id).await? {
            Ok(()) => Place::Known(id, ConsentOutcome::Repeated),
            Err(closed) => Place::Refused(Settled::Closed(closed)),
        });
    }
    if let Some(id) = new.again {
        return again(tx, id, new).await;
    }
    let (true, Some(source_id)) = (new.merges, &new.account.source_id) else {
        return Ok(Place::New);
    };
    let params = params![
        application,
        &new.connection.provider,
        source_id,
        new.connection.external_id.as_ref(),
    ];
    let Some(row) = tx.query_first(SAME_ACCOUNT, &params).await? else {
        return Ok(Place::New);
    };
    let id = row.parsed(0, |text| text.parse().ok())?;
    Ok(match held_status(tx, id).await? {
        Ok(()) => Place::Known(id, ConsentOutcome::Merged),
        // Its deletion was asked for in this very moment.
        Err(_) => Place::New,
    })
}

/// Holds the connection, so that no erasure passes between this look and what is written of it;
/// the status of one that is on its way out.
async fn held_status(
    tx: &mut Tx<'_>,
    id: ConnectionId,
) -> Result<Result<(), ConnectionStatus>, StoreError> {
    let row = lock_connection(tx, id).await?;
    Ok(match row.parsed(3, ConnectionStatus::from_name)? {
        ConnectionStatus::Connected
        | ConnectionStatus::Disconnected
        | ConnectionStatus::Archived => Ok(()),
        closed => Err(closed),
    })
}

async fn again(tx: &mut Tx<'_>, id: ConnectionId, new: &NewConsent) -> Result<Place, StoreError> {
    let row = lock_connection(tx, id).await?;
    let application: ApplicationId = row.parsed(1, |text| text.parse().ok())?;
    if application != new.connection.application || row.text(2)? != new.connection.provider {
        return Err(StoreError::NotFound { what: "connection" });
    }
    if let Err(closed) = held_status(tx, id).await? {
        return Ok(Place::Refused(Settled::Closed(closed)));
    }
    // An account that neither side can name is taken for the same.
    let known = row.opt_text(4)?;
    let given = new.account.source_id.as_deref();
    if known.is_some() && given.is_some() && known != given {
        return Ok(Place::Refused(Settled::OtherAccount));
    }
    Ok(Place::Known(id, ConsentOutcome::Reconnected))
}

/// New credentials for a connection that is there, and what the consent adds to it.
async fn give(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    new: &NewConsent,
    sealed: Vec<u8>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = lock_connection(tx, id).await?;
    let fresh = &new.connection;
    let mut tags: Vec<String> = row.json(8)?;
    let added: Vec<_> = fresh
        .tags
        .iter()
        .filter(|tag| !tags.contains(tag))
        .collect();
    let added: Vec<String> = added.into_iter().cloned().collect();
    tags.extend(added);
    let company: Company = row.json(5)?;
    let company = Company {
        name: company.name.or_else(|| fresh.company.name.clone()),
        ..company
    };
    let was = row.parsed(3, ConnectionStatus::from_name)?;
    let is_automatic = row.parsed(9, SyncMode::from_name)? == SyncMode::Automatic;
    // One that was not synced meanwhile is due.
    let is_due = is_automatic && was != ConnectionStatus::Connected;
    let sql = "update connections set status = 'connected', tags = ?2, company = ?3,
            external_id = coalesce(external_id, ?4), updated_at = ?5,
            history_from = case when cast(?6 as bigint) is not null
                and (history_from is null or history_from > ?6) then ?6 else history_from end,
            next_sync_at = case when ?7 = 1 then ?5 else next_sync_at end
        where id = ?1";
    let params = params![
        id,
        json_text(&tags),
        json_text(&company),
        fresh.external_id.as_ref(),
        now,
        fresh.history_from,
        is_due,
    ];
    tx.execute(sql, &params).await?;
    let labels = connections::label_rows(id, &fresh.tags, &Company::default());
    tx.execute_each(connections::INSERT_LABEL, labels).await?;
    let sql = "insert into credentials
        (connection, sealed, version, updated_at, renew_at, given_at)
        values (?1, ?2, 1, ?3, ?4, ?3)
        on conflict (connection) do update set sealed = excluded.sealed,
            version = credentials.version + 1, updated_at = excluded.updated_at,
            renew_at = excluded.renew_at, given_at = excluded.given_at,
            held_by = null, held_until = null";
    tx.execute(sql, &params![id, sealed, now, new.renew_at])
        .await?;
    Ok(())
}

async fn record(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    outcome: ConsentOutcome,
    new: &NewConsent,
    now: Timestamp,
) -> Result<(), StoreError> {
    let params = params![
        new.id,
        new.connection.application,
        id,
        new.ticket,
        outcome.name(),
        new.connection.external_id.as_ref(),
        json_text(&new.connection.tags),
        new.agreement,
        now,
        new.ip_address.as_ref(),
        new.user_agent.as_ref(),
    ];
    tx.execute(INSERT, &params).await?;
    Ok(())
}

async fn insert_public_token(
    tx: &mut Tx<'_>,
    id: ConnectionId,
    new: &NewConsent,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "insert into public_tokens (hash, application, connection, created_at, expires_at)
        values (?1, ?2, ?3, ?4, ?5)";
    let params: [Value; 5] = params![
        new.public_token,
        new.connection.application,
        id,
        now,
        new.public_token_ends,
    ];
    tx.execute(sql, &params).await?;
    Ok(())
}

fn consent_of(row: &Row) -> Result<ConsentRow, StoreError> {
    let hash = row.blob(3)?.as_ref().try_into();
    Ok(ConsentRow {
        id: row.parsed(0, |text| text.parse().ok())?,
        application: row.parsed(1, |text| text.parse().ok())?,
        connection: row.parsed(2, |text| text.parse().ok())?,
        agreement: hash.map_err(|_| StoreError::Corrupt {
            what: "consent",
            reason: "its agreement is no SHA-256".to_owned(),
        })?,
        accepted_at: row.time(4)?,
        ip_address: row.opt_text(5)?.map(str::to_owned),
        user_agent: row.opt_text(6)?.map(str::to_owned),
    })
}
