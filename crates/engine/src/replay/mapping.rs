//! A stored page, mapped with today's mapping.

use model::{IdSpace, Timestamp, Window, Zone};
use provider::{
    Answer, Member, Page, Partition, PartitionBy, Position, Provider, Shape, Stream, Task,
};
use store::LoggedPage;

use crate::task_record::{FirstFor, TaskRecord};

/// The task of a stored page, as it was.
#[derive(Clone, Debug)]
pub struct StoredTask {
    pub stream: &'static Stream,
    pub partitions: Vec<Partition>,
    pub window: Option<Window>,
    pub zone: Zone,
    pub first_for: FirstFor,
    position: Option<Position>,
    taken: Option<crate::task_record::Taken>,
}

/// Why a page cannot be mapped, in a sentence.
#[derive(Debug, thiserror::Error)]
#[error("page {number} of {stream}: {reason}")]
pub struct Refusal {
    number: i64,
    stream: &'static str,
    reason: String,
}

impl StoredTask {
    /// As the sync that read the page described it.
    pub fn of(
        logged: &LoggedPage,
        stream: &'static Stream,
        ids: &IdSpace,
    ) -> Result<StoredTask, Refusal> {
        let refusal = |reason: String| Refusal {
            number: logged.number,
            stream: stream.name,
            reason,
        };
        let record: TaskRecord<'_> = serde_json::from_str(&logged.task)
            .map_err(|error| refusal(format!("its task cannot be read: {error}")))?;
        let zone = match &record.zone {
            Some(name) => Zone::named(name)
                .ok_or_else(|| refusal(format!("its time zone {name} is unknown")))?,
            None => Zone::utc(),
        };
        let member = |source_id: &str| match &stream.shape {
            Shape::Window(shape) if shape.partition == PartitionBy::Driver => {
                Member::Driver(ids.driver(source_id))
            }
            _ => Member::Vehicle(ids.vehicle(source_id)),
        };
        let partitions = record.partitions.iter().map(|source_id| Partition {
            member: member(source_id),
            source_id: source_id.clone().into_owned(),
        });
        Ok(StoredTask {
            stream,
            partitions: partitions.collect(),
            window: record.window,
            zone,
            first_for: record.first_for,
            position: record.position.map(|text| Position(text.into_owned())),
            taken: record.taken,
        })
    }

    /// Partitions for whom what the window did not list is gone.
    pub fn proven(&self) -> impl Iterator<Item = &Partition> {
        let partitions = self.partitions.iter();
        partitions.filter(|partition| !self.first_for.holds(&partition.source_id))
    }

    /// What the page means today, as far as the sync took it. Mapping may take its time, so it has
    /// a thread of its own.
    pub async fn map(
        self,
        provider: &'static dyn Provider,
        ids: IdSpace,
        logged: &LoggedPage,
        body: Vec<u8>,
    ) -> Result<(StoredTask, Page), Refusal> {
        let (number, stream) = (logged.number, self.stream.name);
        let refusal = |reason: String| Refusal {
            number,
            stream,
            reason,
        };
        let (status, received_at) = (logged.status, logged.received_at);
        let mapping = tokio::task::spawn_blocking(move || {
            let result = self.read(provider, &ids, status, received_at, &body);
            (self, result)
        });
        let (task, result) = mapping.await.map_err(|_| {
            refusal("the mapping panicked: a defect in this program; please report it".to_owned())
        })?;
        let mut page = result.map_err(|error| refusal(error.to_string()))?;
        if let Some(taken) = &task.taken {
            taken.keep(&mut page);
        }
        Ok((task, page))
    }

    fn read(
        &self,
        provider: &dyn Provider,
        ids: &IdSpace,
        status: u16,
        received_at: Timestamp,
        body: &[u8],
    ) -> Result<Page, provider::ProviderError> {
        let task = Task {
            stream: self.stream,
            ids,
            zone: &self.zone,
            partitions: &self.partitions,
            window: self.window,
            position: self.position.as_ref(),
        };
        let answer = Answer {
            status,
            headers: &[],
            body,
            received_at,
        };
        provider.read(&task, &answer)
    }
}
