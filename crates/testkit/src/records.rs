//! Records of every model, put into a connection as a sync would put them, without a provider:
//! what the API's tests read back.
//!
//! [`Seed`] commits any records with a source row for each; [`contents`] draws a small fleet of all
//! models, in which most members that may be missing are there in some rows and not in others.

pub mod contents;

use std::time::Duration;

use engine::SyncRequest;
use model::{Draft, IdSpace, Model, RawRange, Record, RecordId};
use serde_json::json;
use store::{Checkpoint, ListingEnd, PageBody, PageDraft, RawPage, SyncOutcome};
use world::Clock;

use crate::api_server::ApiServer;
use crate::fleet::Fleet;
use contents::Contents;

/// Under which seeded records are stored, and what `raw` calls their schema.
pub const STREAM: &str = "seed";

/// A server whose connection holds a fleet that no provider has.
pub async fn seeded_server() -> (ApiServer, Contents) {
    let server = ApiServer::bare().await;
    let ids = server.fleet.connection().await.ids();
    let contents = Contents::new(&ids);
    let mut seed = Seed::new(ids);
    contents.add_to(&mut seed);
    seed.commit(&server.fleet).await;
    (server, contents)
}

/// What one sync brings.
pub struct Seed {
    ids: IdSpace,
    /// A JSON list of a source row for each draft.
    page: String,
    drafts: Vec<Draft>,
    listed: Vec<Model>,
    withdrawn: Vec<RecordId>,
}

impl Seed {
    pub fn new(ids: IdSpace) -> Seed {
        Seed {
            ids,
            page: String::new(),
            drafts: Vec::new(),
            listed: Vec::new(),
            withdrawn: Vec::new(),
        }
    }

    /// A record, with the source row `{"key": …}`.
    pub fn add<R: Record>(&mut self, record: &R) {
        let row = json!({ "key": record.natural_key() }).to_string();
        self.page.push(if self.page.is_empty() { '[' } else { ',' });
        let place = |bytes: usize| u32::try_from(bytes).expect("a small page");
        let range = RawRange {
            offset: place(self.page.len()),
            length: place(row.len()),
        };
        self.page.push_str(&row);
        self.drafts.push(Draft::new(&self.ids, record, vec![range]));
    }

    pub fn add_all<'a, R: Record + 'a>(&mut self, records: impl IntoIterator<Item = &'a R>) {
        for record in records {
            self.add(record);
        }
    }

    /// Says that the records of this model that were added are all that there are.
    pub fn lists_all(&mut self, model: Model) {
        self.listed.push(model);
    }

    /// An event that the provider no longer has.
    pub fn withdraw(&mut self, id: RecordId) {
        self.withdrawn.push(id);
    }

    /// Commits in the fleet's connection, as one sync.
    ///
    /// # Panics
    /// When a sync runs already.
    pub async fn commit(mut self, fleet: &Fleet) {
        let connection = fleet.connection().await;
        let (store, now) = (&fleet.store, fleet.clock.now());
        let asked = fleet
            .engine
            .request_sync(&connection, SyncRequest::default())
            .await;
        asked.expect("nothing runs");
        let lease_for = Duration::from_secs(60);
        let claimed = store.claim_sync("filler", now, lease_for).await;
        let claim = claimed.expect("the store answers").expect("the sync waits");

        let state = store.sync_state(connection.id).await;
        let number = state.expect("the connection exists").next_page;
        self.page
            .push_str(if self.page.is_empty() { "[]" } else { "]" });
        let listings = self.listed.iter().map(|model| ListingEnd {
            stream: STREAM,
            models: vec![*model],
            seen: ids_of(&self.drafts, *model),
        });
        let checkpoint = Checkpoint {
            now,
            lease_until: now + lease_for,
            pages: vec![RawPage {
                number,
                group: number,
                stream: STREAM,
                request: "GET /seed".to_owned(),
                task: "{}".to_owned(),
                received_at: now,
                status: 200,
                body: PageBody::Plain(self.page.into_bytes().into()),
            }],
            listings: listings.collect(),
            drafts: self
                .drafts
                .into_iter()
                .map(|draft| PageDraft {
                    page: number,
                    stream: STREAM,
                    draft,
                })
                .collect(),
            withdrawals: self.withdrawn,
            ..Checkpoint::default()
        };
        store
            .commit(&claim.lease, checkpoint)
            .await
            .expect("the lease holds");
        let done = SyncOutcome::Completed {
            clean_streams: Vec::new(),
        };
        store
            .finish_sync(&claim.lease, &done, now)
            .await
            .expect("the lease holds");
    }
}

fn ids_of(drafts: &[Draft], model: Model) -> Vec<model::Ulid> {
    drafts
        .iter()
        .filter(|draft| draft.id.model == model)
        .map(|draft| draft.id.ulid)
        .collect()
}
