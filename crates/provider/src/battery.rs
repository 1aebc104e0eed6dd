//! The battery that every provider passes: what must hold of any connector, whatever it speaks.
//!
//! Each check is a pure function from a provider and recorded answers to a list of [`Fault`]s,
//! empty when all is well, so that a test of any crate can run it and print what is wrong. It knows
//! no vendor; what an answer *should* map to is for the connector's own tests.
//!
//! - [`check_descriptor`]: the engine can plan from it.
//! - [`check_secrecy`]: secrets are in the header that is sent and nowhere else.
//! - [`check_walk`]: pages end, positions never repeat, and reading twice gives the same.
//! - [`check_mutations`]: broken answers never panic, and give sound pages or named errors.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use model::provider::{SUPPORTED_MODELS, SupportStatus};
use model::{IdSpace, Language, Values, Window, Zone};

use crate::{
    Answer, CredentialField, Credentials, Descriptor, FieldKind, Next, Page, Partition, Position,
    Provider, ProviderError, Request, Session, Shape, Stream, Task, WindowShape,
};

mod mutation;

/// Something that a provider got wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault(pub String);

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A task and the answers that it met, page by page.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub stream: &'static Stream,
    pub ids: &'a IdSpace,
    pub zone: &'a Zone,
    pub partitions: &'a [Partition],
    pub window: Option<Window>,
    pub answers: &'a [Answer<'a>],
}

impl Case<'_> {
    fn task<'p>(&'p self, position: Option<&'p Position>) -> Task<'p> {
        Task {
            stream: self.stream,
            ids: self.ids,
            zone: self.zone,
            partitions: self.partitions,
            window: self.window,
            position,
        }
    }
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Fault(what()));
        }
    }
}

/// What the hosted page asks an account's owner for, and how it is tried.
fn check_credentials(descriptor: &Descriptor, faults: &mut Faults) {
    let check = descriptor.stream(descriptor.check);
    let is_listing = |stream: &Stream| matches!(stream.shape, Shape::Listing { .. });
    faults.check(check.is_some_and(is_listing), || {
        format!(
            "`{}`, which credentials are tried with, is no listing",
            descriptor.check
        )
    });
    for field in descriptor.credentials {
        for words in [field.label, field.help] {
            let all = Language::ALL.map(|language| words.in_language(language));
            faults.check(all.iter().all(|text| !text.trim().is_empty()), || {
                format!("credential `{}` has no text in some language", field.name)
            });
        }
    }
    let grants = |field: &&CredentialField| field.kind == FieldKind::Grant;
    let is_granted = descriptor.credentials.iter().any(|field| grants(&field));
    faults.check(is_granted == descriptor.oauth.is_some(), || {
        "grants without OAuth, or OAuth without a credential for its grant".to_owned()
    });
}

/// Names are there and unique, sizes are more than nothing, every named model is the contract's.
pub fn check_descriptor(descriptor: &Descriptor) -> Vec<Fault> {
    let mut faults = Faults::default();
    let code = descriptor.code;
    let plain = |text: &str| !text.is_empty() && text.trim() == text;
    faults.check(
        code.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b)),
        || format!("code `{code}` is not lower-case ASCII"),
    );
    faults.check(plain(code) && plain(descriptor.name), || {
        "no code or name".to_owned()
    });
    faults.check(
        descriptor.default_base_url.starts_with("https://")
            && !descriptor.default_base_url.ends_with('/'),
        || format!("base URL `{}`", descriptor.default_base_url),
    );
    faults.check(descriptor.concurrency > 0, || "concurrency 0".to_owned());
    faults.check(!descriptor.streams.is_empty(), || "no streams".to_owned());
    unique(
        "stream",
        descriptor.streams.iter().map(|s| s.name),
        &mut faults,
    );
    unique(
        "credential",
        descriptor.credentials.iter().map(|c| c.name),
        &mut faults,
    );
    unique(
        "lacking model",
        descriptor.lacks.iter().copied(),
        &mut faults,
    );
    check_credentials(descriptor, &mut faults);
    for model in descriptor.lacks {
        faults.check(SUPPORTED_MODELS.contains(model), || {
            format!("`{model}` is no model of the support matrix")
        });
        faults.check(
            descriptor.support(model) == SupportStatus::NotSupportedByProvider,
            || format!("`{model}` is read, and said to be lacking"),
        );
    }
    for difference in descriptor.differs {
        faults.check(
            SUPPORTED_MODELS.contains(&difference.model) && plain(difference.how),
            || format!("a difference without model or reason: {difference:?}"),
        );
    }
    for (model, members) in descriptor.omits {
        faults.check(
            SUPPORTED_MODELS.contains(model) && !members.is_empty(),
            || format!("`{model}` is no model, or omits nothing"),
        );
    }
    for stream in descriptor.streams {
        let name = stream.name;
        faults.check(plain(name) && plain(stream.permission), || {
            format!("stream `{name}` lacks a name or a permission")
        });
        match &stream.shape {
            Shape::Listing { .. } => {}
            Shape::Window(shape) => check_window_shape(name, shape, &mut faults),
            Shape::Feed(feed) => {
                let beside = descriptor.stream(feed.beside).map(|beside| &beside.shape);
                faults.check(matches!(beside, Some(Shape::Window(_))), || {
                    format!("feed `{name}` stands beside no window stream")
                });
            }
            Shape::Watch(watch) => {
                faults.check(!watch.over.is_empty(), || {
                    format!("watch `{name}` watches nothing")
                });
                for watched in watch.over.iter().chain(watch.stirs) {
                    let watched = descriptor.stream(watched).map(|watched| &watched.shape);
                    faults.check(matches!(watched, Some(Shape::Window(_))), || {
                        format!("watch `{name}` watches what is no window stream")
                    });
                }
            }
        }
    }
    let signals = descriptor.streams.iter().flat_map(signal_names);
    unique("signal", signals, &mut faults);
    faults.0
}

fn signal_names(stream: &'static Stream) -> impl Iterator<Item = &'static str> {
    let signals = match &stream.shape {
        Shape::Window(shape) => shape.signals,
        // A feed's signals are those of the stream beside it.
        Shape::Listing { .. } | Shape::Feed(_) | Shape::Watch(_) => &[],
    };
    signals.iter().map(|signal| signal.name)
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for name in names {
        faults.check(seen.insert(name), || {
            format!("{what} `{name}` is listed twice")
        });
    }
}

fn check_window_shape(stream: &str, shape: &WindowShape, faults: &mut Faults) {
    let mut check = |holds: bool, what: &str| {
        faults.check(holds, || format!("stream `{stream}`: {what}"));
    };
    check(
        !shape.signals.is_empty() || !shape.owns.is_empty(),
        "neither signals nor records",
    );
    check(shape.max_batch > 0, "max_batch 0");
    check(shape.max_window.as_millis() > 0, "max_window 0");
    check(
        shape.settle < shape.max_window,
        "settle is as long as a window",
    );
    check(
        shape.bytes_per_partition_hour > 0,
        "bytes_per_partition_hour 0",
    );
    for step in shape.reread {
        check(step.slot.as_millis() > 0, "a reread slot of 0");
        check(
            step.after >= shape.settle,
            "a reread before rows have settled",
        );
        check(
            step.slot <= shape.max_window,
            "a reread slot longer than a window",
        );
    }
    for pair in shape.reread.windows(2) {
        check(
            pair[0].after < pair[1].after,
            "rereads do not follow each other",
        );
        check(pair[0].slot <= pair[1].slot, "reread slots get shorter");
    }
}

/// No request holds a secret, and neither the credentials nor the signature show one in `Debug`;
/// without credentials there is no signature. `session` is for accounts that sign in.
pub fn check_secrecy(
    provider: &dyn Provider,
    credentials: &Credentials,
    session: Option<&Session>,
    cases: &[Case<'_>],
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let of_session = session.into_iter().flat_map(|s| s.secrets.values());
    let secrets: Vec<&str> = credentials
        .0
        .values()
        .chain(of_session)
        .map(|secret| secret.reveal())
        .collect();
    let mut silent = |what: &str, text: &str| {
        faults.check(!secrets.iter().any(|secret| text.contains(secret)), || {
            format!("{what} shows a secret")
        });
    };
    silent("credentials' Debug", &format!("{credentials:?}"));
    silent("a session's Debug", &format!("{session:?}"));
    match provider.sign_in(credentials, None) {
        Ok(sign_in) => silent("a sign-in's Debug", &format!("{sign_in:?}")),
        Err(error) => silent("an error", &format!("{error} {error:?}")),
    }
    for case in cases {
        let request = provider.request(&case.task(None));
        silent("a request", &format!("{request} {request:?}"));
        match provider.authorize(&request, credentials, session) {
            Ok(auth) => silent("a signature's Debug", &format!("{auth:?}")),
            Err(error) => silent("an error", &format!("{error} {error:?}")),
        }
    }
    for case in cases {
        let request = provider.request(&case.task(None));
        faults.check(
            provider.authorize(&request, credentials, session).is_ok(),
            || format!("the credentials do not sign {request}"),
        );
        let unsigned = provider.authorize(&request, &Credentials::default(), None);
        let rejected = matches!(
            unsigned,
            Err(ProviderError::CredentialsRejected { .. } | ProviderError::SessionEnded { .. })
        );
        let needed = provider
            .descriptor()
            .credentials
            .iter()
            .any(|field| field.required);
        faults.check(rejected || !needed, || {
            format!("signed without credentials: {request}")
        });
    }
    faults.0
}

/// Follows the answers from page to page: each next request differs from all before it, the last
/// answer ends the task and no earlier one does, every page is sound and is read twice alike.
pub fn check_walk(provider: &dyn Provider, case: &Case<'_>) -> Vec<Fault> {
    let mut faults = Faults::default();
    let mut asked: HashSet<(String, Option<String>)> = HashSet::new();
    let mut position: Option<Position> = None;
    let name = case.stream.name;
    for (index, answer) in case.answers.iter().enumerate() {
        let place = position.take();
        let task = case.task(place.as_ref());
        let request = provider.request(&task);
        check_request(name, &request, &mut faults);
        let question = (request.path_and_query(), request.body.clone());
        faults.check(asked.insert(question), || {
            format!("`{name}` asks twice: {request}")
        });
        let page = match provider.read(&task, answer) {
            Ok(page) => page,
            Err(error) => {
                faults
                    .0
                    .push(Fault(format!("`{name}` answer {index}: {error}")));
                return faults.0;
            }
        };
        faults.check(provider.read(&task, answer).as_ref() == Ok(&page), || {
            format!("`{name}` answer {index} is read differently the second time")
        });
        faults
            .0
            .extend(page_faults(provider.descriptor(), &task, answer, &page));
        let is_last = index + 1 == case.answers.len();
        match page.next {
            Next::Page(next) => position = Some(next),
            Next::End | Next::Later(_) => {
                faults.check(is_last, || format!("`{name}` ends at answer {index}"));
                return faults.0;
            }
        }
    }
    faults
        .0
        .push(Fault(format!("`{name}` wants more after its last answer")));
    faults.0
}

fn check_request(stream: &str, request: &Request, faults: &mut Faults) {
    faults.check(request.path.starts_with('/'), || {
        format!("`{stream}` asks for `{}`", request.path)
    });
    let lower = request
        .headers
        .iter()
        .all(|(name, _)| !name.contains(char::is_uppercase));
    faults.check(lower, || format!("`{stream}` has an upper-case header"));
}

/// Reads `count` seeded mutations of the case's first answer, and that answer cut short at every
/// `cut_every`-th byte. None may panic; a cut answer is an [`ProviderError::UnexpectedAnswer`], any
/// other is that or a sound page.
pub fn check_mutations(
    provider: &dyn Provider,
    case: &Case<'_>,
    seed: u64,
    count: u32,
    cut_every: usize,
) -> Vec<Fault> {
    let Some(answer) = case.answers.first() else {
        return vec![Fault(format!(
            "`{}` has no answer to mutate",
            case.stream.name
        ))];
    };
    let mut faults = Vec::new();
    let whole = answer.body.trim_ascii_end();
    for end in (0..whole.len()).step_by(cut_every.max(1)) {
        let what = format!("cut at byte {end}");
        let result = read_mutated(provider, case, answer, &whole[..end], &what);
        match result {
            Ok(Err(ProviderError::UnexpectedAnswer { .. })) => {}
            Ok(other) => faults.push(Fault(format!("{what}: {other:?}"))),
            Err(fault) => faults.push(fault),
        }
    }
    for number in 0..count {
        let (body, how) = mutation::mutate(whole, seed.wrapping_add(u64::from(number)));
        let what = format!(
            "`{}` mutation {number} of seed {seed}, {how}",
            case.stream.name
        );
        let mutated = Answer {
            body: &body,
            ..*answer
        };
        match read_mutated(provider, case, answer, &body, &what) {
            Ok(Ok(page)) => {
                let task = case.task(None);
                let wrong = page_faults(provider.descriptor(), &task, &mutated, &page);
                faults.extend(wrong.into_iter().map(|f| Fault(format!("{what}: {f:?}"))));
            }
            Ok(Err(ProviderError::UnexpectedAnswer { .. })) => {}
            Ok(Err(error)) => faults.push(Fault(format!("{what}: {error:?}"))),
            Err(fault) => faults.push(fault),
        }
    }
    faults
}

fn read_mutated(
    provider: &dyn Provider,
    case: &Case<'_>,
    answer: &Answer<'_>,
    body: &[u8],
    what: &str,
) -> Result<Result<Page, ProviderError>, Fault> {
    let mutated = Answer { body, ..*answer };
    let task = case.task(None);
    // A panic is what is looked for here, and the mutation that raised it must be named. Nothing is
    // shared with the call but the provider, which holds no state.
    catch_unwind(AssertUnwindSafe(|| provider.read(&task, &mutated)))
        .map_err(|_| Fault(format!("{what}: panicked")))
}

/// What must hold of every page: it owns what it gives, and points into its own body.
pub fn page_faults(
    descriptor: &Descriptor,
    task: &Task<'_>,
    answer: &Answer<'_>,
    page: &Page,
) -> Vec<Fault> {
    let mut faults = Faults::default();
    let name = task.stream.name;
    let owns = descriptor.owns(task.stream);
    for draft in &page.drafts {
        let id = draft.id;
        faults.check(owns.contains(&draft.id.model), || {
            format!("`{name}` does not own {id}")
        });
        faults.check(task.ids.record(id.model, &draft.natural_key) == id, || {
            format!("{id} is not the id of its natural key")
        });
        let in_body = draft.raw.iter().all(|range| {
            let end = u64::from(range.offset) + u64::from(range.length);
            end <= answer.body.len() as u64
        });
        faults.check(in_body, || format!("{id} points outside its page"));
    }
    let watches = |stream: &str| match &task.stream.shape {
        Shape::Watch(watch) => watch.names(stream),
        _ => false,
    };
    for news in &page.news {
        faults.check(watches(news.stream), || {
            format!("`{name}` does not watch `{}`", news.stream)
        });
    }
    for notice in &page.notices {
        faults.check(
            !notice.place.is_empty() && !notice.reason.is_empty(),
            || format!("a notice without place or reason: {notice:?}"),
        );
    }
    for series in &page.points {
        check_series(descriptor, task, answer, series, &mut faults);
    }
    faults.check(
        !matches!((&page.next, task.position), (Next::Page(next), Some(now)) if next == now),
        || format!("`{name}` stays at {:?}", task.position),
    );
    faults.0
}

fn check_series(
    descriptor: &Descriptor,
    task: &Task<'_>,
    answer: &Answer<'_>,
    series: &model::SeriesPoints,
    faults: &mut Faults,
) {
    let key = &series.series;
    let known = descriptor.signals(task.stream).iter().any(|signal| {
        signal.name == key.signal && signal.kind == key.kind && signal.rank == series.rank
    });
    faults.check(known, || {
        format!("`{}` has no series {key}", task.stream.name)
    });
    let points = &series.points;
    let count = points.len();
    let columns = match &points.values {
        Values::Location(columns) => vec![
            columns.latitude_e7.len(),
            columns.longitude_e7.len(),
            columns.heading_centi.len(),
            columns.speed_centi_kph.len(),
            columns.driver.len(),
            columns.address.len(),
        ],
        Values::Stat(values) => vec![values.len()],
    };
    let even = points.source_id.len() == count
        && points.raw_offset.len() == count
        && columns.iter().all(|length| *length == count);
    faults.check(even, || format!("columns of {key} differ in length"));
    // A feed gives what arrived since it was begun, whatever its time.
    let is_feed = matches!(task.stream.shape, Shape::Feed(_));
    let in_window = is_feed
        || points
            .time
            .iter()
            .all(|time| task.window.is_none_or(|window| window.contains(*time)));
    faults.check(in_window, || format!("{key} has points outside the window"));
    let in_body = points
        .raw_offset
        .iter()
        .all(|offset| *offset == u32::MAX || (*offset as usize) < answer.body.len());
    faults.check(in_body, || format!("{key} points outside its page"));
}

#[cfg(test)]
mod tests;
