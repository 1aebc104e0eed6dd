//! One stored answer, explained: what a provider makes of it, as readable JSON.
//!
//! This is how one finds out why a value came out as it did, and it uses the very code that a sync
//! uses. It is for people and scripts at a terminal; no client of the API sees this shape.

use model::history::{StatUnit, Values};
use model::units::{from_degrees_e7, from_hundredths};
use model::{
    Draft, IdSpace, PointIds, SeriesKind, SeriesPoints, StatLogId, VehicleLocationId,
    history::EngineState,
};
use serde_json::{Value, json};

use crate::{AccountFacts, Answer, News, Next, Page, Provider, ProviderError, Task};

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    #[error("{provider} has no stream `{stream}`; it has {}", known.join(", "))]
    UnknownStream {
        provider: &'static str,
        stream: String,
        known: Vec<&'static str>,
    },
    /// What the provider makes of the answer, where that is an error.
    #[error(transparent)]
    Answer(#[from] ProviderError),
}

/// What `provider` makes of an answer to `stream`: `{drafts, points, withdrawals, notices, news,
/// account, next}`. Times are ISO 8601, values are in served units, and each point and draft says
/// where in the body it lies (bytes).
///
/// The task is not known, so the answer is read as the first page of its stream, over all time and
/// for every vehicle in it.
pub fn explain(
    provider: &dyn Provider,
    stream: &str,
    answer: &Answer<'_>,
    ids: &IdSpace,
) -> Result<Value, ExplainError> {
    let descriptor = provider.descriptor();
    let stream = descriptor
        .stream(stream)
        .ok_or_else(|| ExplainError::UnknownStream {
            provider: descriptor.code,
            stream: stream.to_owned(),
            known: descriptor.streams.iter().map(|known| known.name).collect(),
        })?;
    let task = Task {
        stream,
        ids,
        zone: &model::Zone::utc(),
        partitions: &[],
        window: Some(model::Window {
            from: model::Timestamp::MIN,
            until: model::Timestamp::MAX,
        }),
        position: None,
    };
    let page = provider.read(&task, answer)?;
    Ok(page_as_json(&page))
}

fn page_as_json(page: &Page) -> Value {
    let notices: Vec<Value> = page
        .notices
        .iter()
        .map(|notice| {
            json!({
                "code": notice.code.name(),
                "place": notice.place,
                "reason": notice.reason,
            })
        })
        .collect();
    let withdrawals: Vec<String> = page
        .withdrawals
        .iter()
        .map(|withdrawal| withdrawal.id.to_string())
        .collect();
    json!({
        "account": page.account.as_ref().map(account_as_json),
        "drafts": page.drafts.iter().map(draft_as_json).collect::<Vec<_>>(),
        "points": page.points.iter().map(series_as_json).collect::<Vec<_>>(),
        "withdrawals": withdrawals,
        "notices": notices,
        "news": page.news.iter().map(news_as_json).collect::<Vec<_>>(),
        "next": match &page.next {
            Next::Page(position) => json!({ "position": position.0 }),
            Next::Later(position) => json!({ "later": position.0 }),
            Next::End => json!("end"),
        },
    })
}

fn news_as_json(news: &News) -> Value {
    json!({
        "stream": news.stream,
        "member": news.member.to_string(),
        "from": news.window.from,
        "until": news.window.until,
    })
}

fn account_as_json(account: &AccountFacts) -> Value {
    json!({
        "sourceId": account.source_id,
        "name": account.name,
        "dotNumbers": account.dot_numbers,
        "zone": account.zone,
    })
}

fn draft_as_json(draft: &Draft) -> Value {
    json!({
        "model": draft.id.model.name(),
        "id": draft.id.to_string(),
        "naturalKey": draft.natural_key,
        "body": serde_json::from_str::<Value>(&draft.body)
            .unwrap_or_else(|_| Value::String(draft.body.clone())),
        "raw": draft.raw,
    })
}

fn series_as_json(series: &SeriesPoints) -> Value {
    let mut ids = PointIds::new(series.vehicle, &series.series);
    let points: Vec<Value> = (0..series.points.len())
        .map(|index| point_as_json(series, index, &mut ids))
        .collect();
    json!({
        "vehicle": series.vehicle,
        "kind": series.series.kind.name(),
        "signal": series.series.signal,
        "rank": series.rank,
        "points": points,
    })
}

fn point_as_json(series: &SeriesPoints, index: usize, ids: &mut PointIds) -> Value {
    let points = &series.points;
    let time = points.time[index];
    let source_id = points.source_id.get(index);
    let ulid = ids.ulid(time, source_id);
    let mut fields = match (&points.values, series.series.kind) {
        (Values::Location(columns), _) => {
            let point = columns.get(index);
            let decimal = |centi: i32| from_hundredths(i64::from(centi));
            json!({
                "id": VehicleLocationId(ulid),
                "latitude": from_degrees_e7(point.latitude_e7),
                "longitude": from_degrees_e7(point.longitude_e7),
                "headingDegrees": point.heading_centi.map(decimal),
                "speedKph": point.speed_centi_kph.map(decimal),
                "driver": point.driver,
                "address": point.address,
            })
        }
        (Values::Stat(values), SeriesKind::Stat(stat)) => {
            let (member, unit) = stat.member();
            let value = values[index];
            let served = match unit {
                StatUnit::Hundredths => json!(from_hundredths(value)),
                StatUnit::Milliseconds => json!(value),
                StatUnit::EngineState => json!(EngineState::from_code(value).map(|s| s.name())),
            };
            json!({ "id": StatLogId(ulid), member: served })
        }
        // Columns of another kind than their series: shown as they are.
        (Values::Stat(values), SeriesKind::Location) => json!({ "value": values[index] }),
    };
    fields["time"] = json!(time);
    if let Some(source_id) = source_id {
        fields["sourceId"] = json!(source_id);
    }
    fields["rawOffset"] = match points.raw_offset[index] {
        u32::MAX => Value::Null,
        offset => json!(offset),
    };
    fields
}
