//! Applications: whose keys and connections they are, and where their pages may be.

use std::collections::BTreeMap;

use model::{ApplicationId, Timestamp};

use crate::addresses::redirect_address;
use crate::backend::{Row, Tx, Value, params};
use crate::{Store, StoreError};

/// What an application's keys name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Environment {
    #[default]
    Production,
    Sandbox,
}

impl Environment {
    pub const ALL: [Environment; 2] = [Environment::Production, Environment::Sandbox];

    pub fn name(self) -> &'static str {
        match self {
            Environment::Production => "production",
            Environment::Sandbox => "sandbox",
        }
    }

    pub fn from_name(name: &str) -> Option<Environment> {
        Environment::ALL
            .into_iter()
            .find(|environment| environment.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    pub id: ApplicationId,
    pub name: String,
    pub environment: Environment,
    /// As it was set; see [`Application::merges`].
    pub merges: Option<bool>,
    /// Of the pages that may frame Link, each as [`crate::origin_address`] spells it; sorted.
    pub origins: Vec<String>,
    /// Where Link may send browsers, each as [`crate::redirect_address`] spells it; sorted.
    pub redirects: Vec<String>,
    pub created_at: Timestamp,
}

impl Application {
    /// In production, with no address.
    pub fn new(id: ApplicationId, name: impl Into<String>, created_at: Timestamp) -> Application {
        Application {
            id,
            name: name.into(),
            environment: Environment::default(),
            merges: None,
            origins: Vec::new(),
            redirects: Vec::new(),
            created_at,
        }
    }

    /// Whether a second consent for an account joins its first connection. In a sandbox the same
    /// few test accounts are connected over and over, so there it does not unless told to.
    pub fn merges(&self) -> bool {
        self.merges
            .unwrap_or(self.environment == Environment::Production)
    }

    /// Whether scheme, host, port and path are those of a registered address; queries are free.
    pub fn may_redirect_to(&self, address: &str) -> bool {
        redirect_address(address).is_ok_and(|address| self.redirects.contains(&address))
    }
}

/// `None` and empty leave what there is. What is removed and added is added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApplicationPatch {
    /// `Some(None)`: as usual in its environment.
    pub merges: Option<Option<bool>>,
    pub origins_added: Vec<String>,
    pub origins_removed: Vec<String>,
    pub redirects_added: Vec<String>,
    pub redirects_removed: Vec<String>,
}

const ORIGIN: &str = "origin";
const REDIRECT: &str = "redirect";

const APPLICATIONS: &str = "select id, name, environment, merges, created_at from applications";

impl Store {
    /// [`StoreError::Conflict`] when the id is taken.
    pub async fn create_application(&self, application: &Application) -> Result<(), StoreError> {
        let params = params![
            application.id,
            &application.name,
            application.environment.name(),
            application.merges,
            application.created_at,
        ];
        let id = application.id;
        let addresses = address_rows(id, ORIGIN, &application.origins)
            .into_iter()
            .chain(address_rows(id, REDIRECT, &application.redirects))
            .collect();
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "insert into applications (id, name, environment, merges, created_at)
                    values (?1, ?2, ?3, ?4, ?5)";
                tx.execute(sql, &params).await?;
                tx.execute_each(INSERT_ADDRESS, addresses).await?;
                Ok(())
            })
        })
        .await
    }

    /// In the order of creation.
    pub async fn list_applications(&self) -> Result<Vec<Application>, StoreError> {
        self.read(|tx| {
            Box::pin(async move {
                let rows = tx
                    .query(&format!("{APPLICATIONS} order by id"), &[])
                    .await?;
                let sql = "select application, kind, address from application_addresses
                    order by application, kind, address";
                let mut of_application: BTreeMap<String, Vec<Row>> = BTreeMap::new();
                for row in tx.query(sql, &[]).await? {
                    let id = row.text(0)?.to_owned();
                    of_application.entry(id).or_default().push(row);
                }
                rows.iter()
                    .map(|row| {
                        let addresses = of_application.get(row.text(0)?);
                        application_of(row, addresses.map_or(&[], Vec::as_slice))
                    })
                    .collect()
            })
        })
        .await
    }

    pub async fn application(&self, id: ApplicationId) -> Result<Option<Application>, StoreError> {
        self.read(move |tx| Box::pin(async move { read_application(tx, id).await }))
            .await
    }

    /// Addresses as [`crate::origin_address`] and [`crate::redirect_address`] spell them.
    pub async fn update_application(
        &self,
        id: ApplicationId,
        patch: &ApplicationPatch,
    ) -> Result<Application, StoreError> {
        let merges = patch.merges;
        let rows = |kind, addresses: &[String]| address_rows(id, kind, addresses).into_iter();
        let removed: Vec<_> = rows(ORIGIN, &patch.origins_removed)
            .chain(rows(REDIRECT, &patch.redirects_removed))
            .collect();
        let added: Vec<_> = rows(ORIGIN, &patch.origins_added)
            .chain(rows(REDIRECT, &patch.redirects_added))
            .collect();
        let changed = self
            .write(move |tx| {
                Box::pin(async move {
                    if read_application(tx, id).await?.is_none() {
                        return Ok(None);
                    }
                    if let Some(merges) = merges {
                        let sql = "update applications set merges = ?2 where id = ?1";
                        tx.execute(sql, &params![id, merges]).await?;
                    }
                    let sql = "delete from application_addresses
                        where application = ?1 and kind = ?2 and address = ?3";
                    tx.execute_each(sql, removed).await?;
                    tx.execute_each(INSERT_ADDRESS, added).await?;
                    read_application(tx, id).await
                })
            })
            .await?;
        changed.ok_or(StoreError::NotFound {
            what: "application",
        })
    }
}

const INSERT_ADDRESS: &str = "insert into application_addresses (application, kind, address)
    values (?1, ?2, ?3) on conflict (application, kind, address) do nothing";

fn address_rows(id: ApplicationId, kind: &str, addresses: &[String]) -> Vec<Vec<Value>> {
    let rows = addresses
        .iter()
        .map(|address| params![id, kind, address].to_vec());
    rows.collect()
}

async fn read_application(
    tx: &mut Tx<'_>,
    id: ApplicationId,
) -> Result<Option<Application>, StoreError> {
    let sql = format!("{APPLICATIONS} where id = ?1");
    let Some(row) = tx.query_first(&sql, &params![id]).await? else {
        return Ok(None);
    };
    let sql = "select application, kind, address from application_addresses
        where application = ?1 order by kind, address";
    let addresses = tx.query(sql, &params![id]).await?;
    application_of(&row, &addresses).map(Some)
}

fn application_of(row: &Row, addresses: &[Row]) -> Result<Application, StoreError> {
    let mut application = Application {
        id: row.parsed(0, |text| text.parse().ok())?,
        name: row.text(1)?.to_owned(),
        environment: row.parsed(2, Environment::from_name)?,
        merges: row.opt_i64(3)?.map(|merges| merges != 0),
        origins: Vec::new(),
        redirects: Vec::new(),
        created_at: row.time(4)?,
    };
    for address in addresses {
        let text = address.text(2)?.to_owned();
        match address.text(1)? {
            ORIGIN => application.origins.push(text),
            REDIRECT => application.redirects.push(text),
            kind => {
                return Err(StoreError::Corrupt {
                    what: "address",
                    reason: format!("there is no kind {kind}"),
                });
            }
        }
    }
    Ok(application)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_match_but_for_their_query() {
        let id = ApplicationId::new(Timestamp::from_millis(0), 1);
        let mut application = Application::new(id, "A", Timestamp::from_millis(0));
        application.redirects = vec!["https://a.example/done".to_owned()];
        let check = |address: &str, want: bool| {
            assert_eq!(application.may_redirect_to(address), want, "{address}");
        };
        check("https://a.example/done", true);
        check("https://A.example:443/done?x=1&y", true);
        check("https://a.example/done/", false);
        check("https://a.example/done#x", false);
        check("https://a.example:8443/done", false);
        check("https://a.example.evil.test/done", false);
        check("https://b.example/done", false);
        check("http://a.example/done", false);
        check("javascript:alert(1)", false);
    }

    #[test]
    fn accounts_merge_in_production_unless_told_otherwise() {
        let id = ApplicationId::new(Timestamp::from_millis(0), 1);
        let check = |environment, merges, want| {
            let application = Application {
                environment,
                merges,
                ..Application::new(id, "A", Timestamp::from_millis(0))
            };
            assert_eq!(application.merges(), want, "{environment:?} {merges:?}");
        };
        check(Environment::Production, None, true);
        check(Environment::Sandbox, None, false);
        check(Environment::Production, Some(false), false);
        check(Environment::Sandbox, Some(true), true);
    }
}
