//! Listings: everything that the provider names, read whole, page by page.

use std::collections::BTreeMap;

use model::{Model, Zone};
use provider::{Next, ProviderError, Stream, Task};
use store::{AccountUpdate, ListingEnd, ZoneSetting, ZoneSource};

use crate::ask::AskError;
use crate::pending::ListingPlace;
use crate::run::{End, LISTING_WEIGHT_MS, MAX_RESTARTS, SyncRun};

impl SyncRun {
    pub(crate) async fn read_listing(
        &mut self,
        stream: &'static Stream,
        owns: &[Model],
    ) -> Result<(), End> {
        let ids = self.connection.ids();
        let zone = self.connection.zone();
        let mut place = self.places.remove(stream.name).unwrap_or_default();
        let mut restarts = 0;
        while !self.left.contains(stream.name) {
            let position = place.position();
            let task = Task {
                stream,
                ids: &ids,
                zone: &zone,
                partitions: &[],
                window: None,
                position: position.as_ref(),
            };
            let read = match self.asker.ask(&task).await {
                Ok(read) => read,
                Err(AskError::Provider(ProviderError::PositionExpired))
                    if restarts < MAX_RESTARTS =>
                {
                    restarts += 1;
                    place = ListingPlace::default();
                    continue;
                }
                Err(error) => {
                    self.pending.place(ListingPlace::cleared(stream.name));
                    return self.trouble(stream, error, None);
                }
            };
            let drafts = read.page.drafts.iter();
            place
                .seen
                .extend(drafts.map(|draft| draft.id.ulid.to_string()));
            for name in &read.page.zones {
                *place.zones.entry(name.clone()).or_default() += 1;
            }
            let next = read.page.next.clone();
            self.take_page(read.raw, read.page);
            match next {
                Next::Page(next) => {
                    place.after = Some(next.0);
                    self.pending.place(place.row(stream.name));
                    self.flush_if_due().await?;
                }
                Next::End | Next::Later(_) => {
                    self.pending.place(ListingPlace::cleared(stream.name));
                    self.vote(&place.zones);
                    if !owns.is_empty() {
                        self.pending.listings.push(ListingEnd {
                            stream: stream.name,
                            models: owns.to_vec(),
                            seen: place.seen(),
                        });
                    }
                    self.advance(LISTING_WEIGHT_MS);
                    return self.flush_if_due().await;
                }
            }
        }
        Ok(())
    }

    /// The zone that most drivers live in. Of equally common ones that which the connection has, so
    /// that days are not read anew with every driver that comes or goes, else the first by name.
    fn vote(&mut self, zones: &BTreeMap<String, u32>) {
        let now = self.connection.zone();
        let most = zones
            .iter()
            .filter_map(|(name, count)| Some((*count, Zone::named(name)?)))
            .reduce(|best, next| {
                let is_more = next.0 > best.0 || (next.0 == best.0 && next.1 == now);
                if is_more { next } else { best }
            });
        let Some((_, zone)) = most else { return };
        let account = self
            .pending
            .account
            .get_or_insert_with(AccountUpdate::default);
        // The account's own word beats its drivers'.
        account.zone.get_or_insert(ZoneSetting {
            zone,
            source: ZoneSource::Drivers,
        });
    }
}
