//! Wishes for providers that are not there, as people on the Link page left them.

use model::{ApplicationId, ProviderRequestId, Timestamp};

use crate::backend::{Row, params};
use crate::{Store, StoreError};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderWish {
    pub id: ProviderRequestId,
    /// Whose Link page it was.
    pub application: ApplicationId,
    /// Of the provider, as it was typed.
    pub name: String,
    /// How to reach who asked, if they said.
    pub contact: Option<String>,
    pub requested_at: Timestamp,
}

impl Store {
    /// [`StoreError::Conflict`] when the id is taken or the application is not there.
    pub async fn add_provider_wish(&self, wish: &ProviderWish) -> Result<(), StoreError> {
        let params = params![
            wish.id,
            wish.application,
            &wish.name,
            wish.contact.as_ref(),
            wish.requested_at,
        ];
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "insert into provider_requests
                    (id, application, name, contact, requested_at) values (?1, ?2, ?3, ?4, ?5)";
                tx.execute(sql, &params).await?;
                Ok(())
            })
        })
        .await
    }

    /// In the order in which they were made.
    pub async fn list_provider_wishes(
        &self,
        application: ApplicationId,
    ) -> Result<Vec<ProviderWish>, StoreError> {
        let rows = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "select id, application, name, contact, requested_at
                        from provider_requests where application = ?1 order by id";
                    tx.query(sql, &params![application]).await
                })
            })
            .await?;
        rows.iter().map(wish_of).collect()
    }
}

fn wish_of(row: &Row) -> Result<ProviderWish, StoreError> {
    Ok(ProviderWish {
        id: row.parsed(0, |text| text.parse().ok())?,
        application: row.parsed(1, |text| text.parse().ok())?,
        name: row.text(2)?.to_owned(),
        contact: row.opt_text(3)?.map(str::to_owned),
        requested_at: row.time(4)?,
    })
}
