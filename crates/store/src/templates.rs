//! Consent templates: how an application asks for consent.
//!
//! An archived template is used by no new link and goes on serving those that name it. Of those
//! that are not archived, names are unique in an application; the one called `default` serves
//! links that name none.

use bytes::Bytes;
use model::link::ConsentForm;
use model::{ApplicationId, TemplateId, Timestamp};

use crate::backend::{Row, Tx, params};
use crate::connections::json_text;
use crate::{Store, StoreError};

#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub id: TemplateId,
    pub application: ApplicationId,
    pub name: String,
    pub form: ConsentForm,
    pub logo: Option<Logo>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
}

/// An image of the application's own: bytes of strangers, to be served as an image and as nothing
/// else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// `image/png` or `image/svg+xml`
    pub media_type: String,
    pub bytes: Bytes,
}

/// What is to change; `None` leaves a member as it is.
#[derive(Clone, Debug, Default)]
pub struct TemplatePatch {
    pub name: Option<String>,
    /// In the place of the whole form.
    pub form: Option<ConsentForm>,
    /// `Some(None)` takes it away.
    pub logo: Option<Option<Logo>>,
}

const COLUMNS: &str = "select id, application, name, body, logo, logo_type, created_at, updated_at,
    archived_at from templates";

const NAME_TAKEN: StoreError = StoreError::Conflict {
    what: "a template of this name",
};

impl Store {
    /// [`StoreError::Conflict`] when the application has one of this name.
    pub async fn create_template(&self, template: &Template) -> Result<(), StoreError> {
        let logo = template.logo.as_ref();
        let params = params![
            template.id,
            template.application,
            &template.name,
            json_text(&template.form),
            logo.map(|logo| logo.bytes.clone()),
            logo.map(|logo| logo.media_type.clone()),
            template.created_at,
            template.updated_at,
            template.archived_at,
        ];
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "insert into templates (id, application, name, body, logo, logo_type,
                    created_at, updated_at, archived_at)
                    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) on conflict do nothing";
                match tx.execute(sql, &params).await? {
                    0 => Err(NAME_TAKEN),
                    _ => Ok(()),
                }
            })
        })
        .await
    }

    /// [`StoreError::NotFound`] when it is not there or archived, [`StoreError::Conflict`] when
    /// another has the new name.
    pub async fn update_template(
        &self,
        id: TemplateId,
        patch: &TemplatePatch,
        now: Timestamp,
    ) -> Result<Template, StoreError> {
        let patch = patch.clone();
        let row = self
            .write(move |tx| Box::pin(update(tx, id, patch, now)))
            .await?;
        template_of(&row)
    }

    /// Archiving an archived template changes nothing. [`StoreError::NotFound`] when it is not
    /// there.
    pub async fn archive_template(
        &self,
        id: TemplateId,
        now: Timestamp,
    ) -> Result<Template, StoreError> {
        let row = self
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "update templates set archived_at = ?2, updated_at = ?2
                        where id = ?1 and archived_at is null";
                    tx.execute(sql, &params![id, now]).await?;
                    by_id(tx, id).await
                })
            })
            .await?;
        template_of(&row.ok_or(StoreError::NotFound { what: "template" })?)
    }

    /// Archived or not.
    pub async fn template(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        let row = self.read(move |tx| Box::pin(by_id(tx, id))).await?;
        row.as_ref().map(template_of).transpose()
    }

    /// The one that is not archived.
    pub async fn template_named(
        &self,
        application: ApplicationId,
        name: &str,
    ) -> Result<Option<Template>, StoreError> {
        let params = params![application, name];
        let row = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = format!(
                        "{COLUMNS} where application = ?1 and name = ?2 and archived_at is null"
                    );
                    tx.query_first(&sql, &params).await
                })
            })
            .await?;
        row.as_ref().map(template_of).transpose()
    }

    /// Archived ones included, in the order of creation.
    pub async fn list_templates(
        &self,
        application: ApplicationId,
    ) -> Result<Vec<Template>, StoreError> {
        let rows = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = format!("{COLUMNS} where application = ?1 order by id");
                    tx.query(&sql, &params![application]).await
                })
            })
            .await?;
        rows.iter().map(template_of).collect()
    }
}

async fn by_id(tx: &mut Tx<'_>, id: TemplateId) -> Result<Option<Row>, StoreError> {
    tx.query_first(&format!("{COLUMNS} where id = ?1"), &params![id])
        .await
}

async fn update(
    tx: &mut Tx<'_>,
    id: TemplateId,
    patch: TemplatePatch,
    now: Timestamp,
) -> Result<Row, StoreError> {
    let missing = StoreError::NotFound { what: "template" };
    let Some(row) = by_id(tx, id).await? else {
        return Err(missing);
    };
    if row.opt_time(8)?.is_some() {
        return Err(missing);
    }
    if let Some(name) = &patch.name {
        let sql = "select id from templates where application = ?1 and name = ?2 and id <> ?3
            and archived_at is null";
        let params = params![row.text(1)?, name, id];
        if tx.query_first(sql, &params).await?.is_some() {
            return Err(NAME_TAKEN);
        }
    }
    let keeps_logo = patch.logo.is_none();
    let logo = patch.logo.flatten();
    let sql = "update templates set name = coalesce(?2, name), body = coalesce(?3, body),
        logo = case when cast(?4 as bigint) = 1 then logo else ?5 end,
        logo_type = case when cast(?4 as bigint) = 1 then logo_type else ?6 end, updated_at = ?7
        where id = ?1";
    let params = params![
        id,
        patch.name,
        patch.form.as_ref().map(json_text),
        keeps_logo,
        logo.as_ref().map(|logo| logo.bytes.clone()),
        logo.map(|logo| logo.media_type),
        now,
    ];
    tx.execute(sql, &params).await?;
    by_id(tx, id).await?.ok_or(missing)
}

fn template_of(row: &Row) -> Result<Template, StoreError> {
    let logo = row.opt_blob(4)?.zip(row.opt_text(5)?);
    Ok(Template {
        id: row.parsed(0, |text| text.parse().ok())?,
        application: row.parsed(1, |text| text.parse().ok())?,
        name: row.text(2)?.to_owned(),
        form: row.json(3)?,
        logo: logo.map(|(bytes, media_type)| Logo {
            media_type: media_type.to_owned(),
            bytes: bytes.clone(),
        }),
        created_at: row.time(6)?,
        updated_at: row.time(7)?,
        archived_at: row.opt_time(8)?,
    })
}
