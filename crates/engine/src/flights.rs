//! Identical questions that are asked at once are asked once, and an answer is kept for a moment.
//!
//! The asking runs as a task of its own: whoever asked first may go away without taking the answer
//! from those who joined. Failures are told to everybody who waits and never kept.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::Timestamp;
use tokio::sync::watch;
use world::Clock;

/// What is kept beyond this is forgotten, the oldest first.
const MOST_KEPT_BYTES: usize = 32 << 20;
const MOST_KEPT: usize = 1_000;

/// The task that asked ended without an answer: it panicked, or the runtime is shutting down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BrokeOff;

type Outcome<T, E> = Result<Arc<T>, E>;

enum Place<T, E> {
    Flying {
        number: u64,
        outcome: watch::Receiver<Option<Outcome<T, E>>>,
    },
    Kept {
        answer: Arc<T>,
        at: Timestamp,
        bytes: usize,
    },
}

struct Table<K, T, E> {
    places: HashMap<K, Place<T, E>>,
    kept_bytes: usize,
    kept: usize,
    flown: u64,
}

pub(crate) struct Flights<K, T, E> {
    table: Arc<Mutex<Table<K, T, E>>>,
    clock: Arc<dyn Clock>,
    keep: Duration,
    /// How many bytes an answer takes, roughly.
    weigh: fn(&T) -> usize,
}

/// Derived, it would ask the same of the types inside.
impl<K, T, E> Clone for Flights<K, T, E> {
    fn clone(&self) -> Self {
        Flights {
            table: Arc::clone(&self.table),
            clock: Arc::clone(&self.clock),
            keep: self.keep,
            weigh: self.weigh,
        }
    }
}

impl<K, T, E> Flights<K, T, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Send + Sync + 'static,
    E: Clone + From<BrokeOff> + Send + Sync + 'static,
{
    /// Answers are kept for `keep`, not at all where that is zero.
    pub(crate) fn new(clock: Arc<dyn Clock>, keep: Duration, weigh: fn(&T) -> usize) -> Self {
        let table = Table {
            places: HashMap::new(),
            kept_bytes: 0,
            kept: 0,
            flown: 0,
        };
        Flights {
            table: Arc::new(Mutex::new(table)),
            clock,
            keep,
            weigh,
        }
    }

    /// The answer that is kept or under way for this key; else `flight` is begun.
    pub(crate) async fn join(
        &self,
        key: K,
        flight: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<Arc<T>, E> {
        let mut outcome = match self.board(key, flight) {
            Ok(kept) => return Ok(kept),
            Err(outcome) => outcome,
        };
        let told = outcome.wait_for(Option::is_some).await;
        match told.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            Ok(None) | Err(_) => Err(BrokeOff.into()),
        }
    }

    /// What is kept, or where the answer will be told.
    fn board(
        &self,
        key: K,
        flight: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<Arc<T>, watch::Receiver<Option<Outcome<T, E>>>> {
        let now = self.clock.now();
        let mut table = self.lock();
        match table.places.get(&key) {
            Some(Place::Flying { outcome, .. }) => return Err(outcome.clone()),
            Some(Place::Kept { answer, at, .. }) if now < at.saturating_add(self.keep) => {
                return Ok(Arc::clone(answer));
            }
            Some(Place::Kept { .. }) | None => {}
        }
        table.forget(&key);
        table.flown += 1;
        let number = table.flown;
        let (tell, outcome) = watch::channel(None);
        let place = Place::Flying {
            number,
            outcome: outcome.clone(),
        };
        table.places.insert(key.clone(), place);
        let landing = Landing {
            flights: self.clone(),
            key,
            number,
        };
        tokio::spawn(async move {
            let outcome = flight.await.map(Arc::new);
            landing.keep(&outcome);
            tell.send_replace(Some(outcome));
        });
        Err(outcome)
    }

    fn lock(&self) -> MutexGuard<'_, Table<K, T, E>> {
        // Each change of the table is whole before anything can panic.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash, T, E> Table<K, T, E> {
    fn forget(&mut self, key: &K) {
        if let Some(Place::Kept { bytes, .. }) = self.places.remove(key) {
            self.kept_bytes -= bytes;
            self.kept -= 1;
        }
    }

    /// Forgets what is older than `since`, and more where there is too much.
    fn thin(&mut self, since: Timestamp) {
        let mut ages: Vec<(Timestamp, K)> = self
            .places
            .iter()
            .filter_map(|(key, place)| match place {
                Place::Kept { at, .. } => Some((*at, key.clone())),
                Place::Flying { .. } => None,
            })
            .collect();
        ages.sort_by_key(|(at, _)| *at);
        for (at, key) in ages {
            let too_much = self.kept_bytes > MOST_KEPT_BYTES || self.kept > MOST_KEPT;
            if at > since && !too_much {
                break;
            }
            self.forget(&key);
        }
    }
}

/// Takes the flight off the table when its task ends, however it ends.
struct Landing<K, T, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Send + Sync + 'static,
    E: Clone + From<BrokeOff> + Send + Sync + 'static,
{
    flights: Flights<K, T, E>,
    key: K,
    number: u64,
}

impl<K, T, E> Landing<K, T, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Send + Sync + 'static,
    E: Clone + From<BrokeOff> + Send + Sync + 'static,
{
    fn keep(&self, outcome: &Outcome<T, E>) {
        let (Ok(answer), false) = (outcome, self.flights.keep.is_zero()) else {
            return;
        };
        let (at, bytes) = (self.flights.clock.now(), (self.flights.weigh)(answer));
        if bytes > MOST_KEPT_BYTES {
            return;
        }
        let mut table = self.flights.lock();
        let kept = Place::Kept {
            answer: Arc::clone(answer),
            at,
            bytes,
        };
        table.places.insert(self.key.clone(), kept);
        table.kept_bytes += bytes;
        table.kept += 1;
        table.thin(at.saturating_sub(self.flights.keep));
    }
}

impl<K, T, E> Drop for Landing<K, T, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Send + Sync + 'static,
    E: Clone + From<BrokeOff> + Send + Sync + 'static,
{
    fn drop(&mut self) {
        let mut table = self.flights.lock();
        if let Some(Place::Flying { number, .. }) = table.places.get(&self.key)
            && *number == self.number
        {
            table.places.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Semaphore;
    use world::ManualClock;

    #[derive(Clone, Debug, PartialEq)]
    struct Failed(&'static str);

    impl From<BrokeOff> for Failed {
        fn from(_: BrokeOff) -> Failed {
            Failed("broke off")
        }
    }

    struct Scene {
        clock: Arc<ManualClock>,
        flights: Flights<&'static str, usize, Failed>,
        begun: Arc<AtomicUsize>,
        /// Flights end when they have a permit.
        gate: Arc<Semaphore>,
    }

    impl Scene {
        /// An answer is its own number of bytes.
        fn new(keep_s: u64) -> Scene {
            let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_000_000)));
            Scene {
                flights: Flights::new(
                    Arc::clone(&clock) as Arc<dyn Clock>,
                    Duration::from_secs(keep_s),
                    |bytes| *bytes,
                ),
                clock,
                begun: Arc::default(),
                gate: Arc::new(Semaphore::new(0)),
            }
        }

        async fn ask(
            &self,
            key: &'static str,
            answer: Result<usize, Failed>,
        ) -> Result<usize, Failed> {
            let (begun, gate) = (Arc::clone(&self.begun), Arc::clone(&self.gate));
            let flight = async move {
                begun.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.expect("open").forget();
                answer
            };
            self.flights.join(key, flight).await.map(|answer| *answer)
        }

        fn begun(&self) -> usize {
            self.begun.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn identical_questions_at_once_are_one_flight() {
        let scene = Scene::new(5);
        let together = async {
            tokio::join!(
                scene.ask("a", Ok(1)),
                scene.ask("a", Ok(2)),
                scene.ask("b", Ok(3)),
                scene.ask("a", Ok(4)),
            )
        };
        let open = async {
            tokio::task::yield_now().await;
            scene.gate.add_permits(2);
        };
        let (answers, ()) = tokio::join!(together, open);
        assert_eq!(answers, (Ok(1), Ok(1), Ok(3), Ok(1)));
        assert_eq!(scene.begun(), 2);
    }

    #[tokio::test]
    async fn answers_are_kept_for_a_moment_and_failures_never() {
        let scene = Scene::new(5);
        scene.gate.add_permits(10);
        assert_eq!(scene.ask("a", Ok(1)).await, Ok(1));
        scene.clock.advance(Duration::from_millis(4_999));
        assert_eq!(scene.ask("a", Ok(2)).await, Ok(1));
        scene.clock.advance(Duration::from_millis(1));
        assert_eq!(scene.ask("a", Ok(2)).await, Ok(2));
        assert_eq!(scene.ask("b", Err(Failed("no"))).await, Err(Failed("no")));
        assert_eq!(scene.ask("b", Ok(3)).await, Ok(3));
        assert_eq!(scene.begun(), 4);
    }

    #[tokio::test]
    async fn nothing_is_kept_where_keeping_is_off() {
        let scene = Scene::new(0);
        scene.gate.add_permits(10);
        assert_eq!(scene.ask("a", Ok(1)).await, Ok(1));
        assert_eq!(scene.ask("a", Ok(2)).await, Ok(2));
        assert!(scene.flights.lock().places.is_empty());
    }

    #[tokio::test]
    async fn whoever_asked_first_may_go_away() {
        let scene = Arc::new(Scene::new(5));
        let first = tokio::spawn({
            let scene = Arc::clone(&scene);
            async move { scene.ask("a", Ok(1)).await }
        });
        while scene.begun() == 0 {
            tokio::task::yield_now().await;
        }
        let second = scene.ask("a", Ok(2));
        first.abort();
        assert!(first.await.expect_err("aborted").is_cancelled());
        scene.gate.add_permits(1);
        assert_eq!(second.await, Ok(1));
        assert_eq!(scene.begun(), 1);
    }

    #[tokio::test]
    async fn a_flight_that_panics_is_told_and_leaves_no_trace() {
        let scene = Scene::new(5);
        let fall = scene
            .flights
            .join("a", async { panic!("as the test wants") });
        assert_eq!(fall.await, Err(Failed("broke off")));
        scene.gate.add_permits(1);
        assert_eq!(scene.ask("a", Ok(7)).await, Ok(7));
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded() {
        let scene = Scene::new(5);
        scene.gate.add_permits(10);
        let large = MOST_KEPT_BYTES / 2;
        for key in ["a", "b", "c"] {
            scene.clock.advance(Duration::from_millis(1));
            scene.ask(key, Ok(large)).await.expect("an answer");
        }
        {
            let table = scene.flights.lock();
            assert_eq!((table.kept, table.kept_bytes), (2, 2 * large));
            assert!(!table.places.contains_key("a"));
        }
        scene.ask("d", Ok(MOST_KEPT_BYTES + 1)).await.expect("told");
        assert_eq!(scene.flights.lock().kept, 2, "it drives nobody out");
        scene.clock.advance(Duration::from_secs(60));
        scene.ask("e", Ok(1)).await.expect("an answer");
        let table = scene.flights.lock();
        assert_eq!((table.kept, table.kept_bytes), (1, 1));
    }
}
