//! Texts that owners of accounts agreed to. Kept once each under their hash and never changed, so
//! that a consent of years ago still shows what was on the page.

use model::Timestamp;

use crate::backend::params;
use crate::{Store, StoreError, hash_secret};

impl Store {
    /// Keeps a text and gives its SHA-256; a text that is there already keeps its first time.
    pub async fn keep_agreement(&self, text: &str, now: Timestamp) -> Result<[u8; 32], StoreError> {
        let hash = hash_secret(text);
        // Nearly always it is there, and reading waits for nobody.
        if self.agreement(hash).await?.is_some() {
            return Ok(hash);
        }
        let params = params![hash, text, now];
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "insert into agreement_texts (hash, body, created_at)
                    values (?1, ?2, ?3) on conflict (hash) do nothing";
                tx.execute(sql, &params).await?;
                Ok(hash)
            })
        })
        .await
    }

    /// By the SHA-256 of the text.
    pub async fn agreement(&self, hash: [u8; 32]) -> Result<Option<String>, StoreError> {
        let row = self
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "select body from agreement_texts where hash = ?1";
                    tx.query_first(sql, &params![hash]).await
                })
            })
            .await?;
        row.map(|row| row.text(0).map(str::to_owned)).transpose()
    }
}
