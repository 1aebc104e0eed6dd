//! A transport that counts what comes over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use world::http::Sending;
use world::{HttpRequest, Transport};

pub struct Counted {
    transport: Arc<dyn Transport>,
    came: Arc<Came>,
}

#[derive(Default)]
struct Came {
    answers: AtomicU64,
    wire_bytes: AtomicU64,
}

impl Counted {
    pub fn new(transport: Arc<dyn Transport>) -> Counted {
        Counted {
            transport,
            came: Arc::default(),
        }
    }

    pub fn answers(&self) -> u64 {
        self.came.answers.load(Ordering::Relaxed)
    }

    /// Bytes of the answers' bodies as they came: compressed, as a rule.
    pub fn wire_bytes(&self) -> u64 {
        self.came.wire_bytes.load(Ordering::Relaxed)
    }
}

impl Transport for Counted {
    fn send(&self, request: HttpRequest) -> Sending {
        let (sending, came) = (self.transport.send(request), Arc::clone(&self.came));
        Box::pin(async move {
            let answer = sending.await?;
            let bytes = answer.wire_body.len() as u64;
            came.answers.fetch_add(1, Ordering::Relaxed);
            came.wire_bytes.fetch_add(bytes, Ordering::Relaxed);
            Ok(answer)
        })
    }
}
