//! A client's socket that runs out of patience.
//!
//! Reading has one timer, for the head of a request: it runs from the first wait after the head's
//! first byte until a handler is called. Which bytes are a head's is told by [`Turn`], because a
//! socket cannot know. Writing has one, for an answer that nobody takes: it runs while the socket's
//! buffer is full and starts anew with each byte that goes out. The body of a request has one of
//! the head's kind. None is made before somebody has to be waited for, so that a quick client costs
//! nothing.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::ServeLimits;

/// Whose turn it is on a connection. What the client sends while a request is answered is no head.
///
/// Odd numbers are ours. It is a number so that whoever looks seldom still sees that a turn passed.
#[derive(Clone, Default)]
pub struct Turn(Arc<AtomicU32>);

impl Turn {
    /// The request's head is complete; until the value given back is dropped, it is answered.
    pub fn begin(&self) -> AnswerEnds {
        self.0.fetch_add(1, Ordering::AcqRel);
        AnswerEnds(self.clone())
    }

    fn number(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }
}

fn is_ours(turn: u32) -> bool {
    turn % 2 == 1
}

pub struct AnswerEnds(Turn);

impl Drop for AnswerEnds {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// A request's body that must come within its time.
pub struct Question {
    body: Incoming,
    patience: Patience,
}

impl Question {
    pub fn new(body: Incoming, limits: ServeLimits) -> Question {
        Question {
            body,
            patience: Patience::new(limits.body),
        }
    }
}

impl HttpBody for Question {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let waits = polled.is_pending() || self.patience.runs.is_some();
        if waits && self.patience.poll(cx).is_ready() {
            let error = too_slow("the body of a request is slow");
            return Poll::Ready(Some(Err(axum::Error::new(error))));
        }
        polled.map_err(axum::Error::new)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that tells when it was sent or given up.
pub struct Answer {
    body: Body,
    _ends: AnswerEnds,
}

impl Answer {
    pub fn new(body: Body, ends: AnswerEnds) -> Answer {
        Answer { body, _ends: ends }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Runs while somebody is waited for.
struct Patience {
    lasts: Duration,
    runs: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(lasts: Duration) -> Patience {
        Patience { lasts, runs: None }
    }

    fn end(&mut self) {
        self.runs = None;
    }

    /// Starts it unless it runs, and tells whether it has run out; whoever waits is woken then.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lasts = self.lasts;
        let runs = self
            .runs
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(lasts)));
        runs.as_mut().poll(cx)
    }
}

pub struct PatientStream {
    stream: TcpStream,
    turn: Turn,
    /// The turn when the socket was last read.
    seen: u32,
    /// Some of a head came in this turn.
    in_head: bool,
    head: Patience,
    answer: Patience,
}

impl PatientStream {
    pub fn new(stream: TcpStream, turn: Turn, limits: ServeLimits) -> PatientStream {
        PatientStream {
            stream,
            seen: turn.number(),
            turn,
            in_head: false,
            head: Patience::new(limits.head),
            answer: Patience::new(limits.stalled_answer),
        }
    }

    /// What came of a write, unless nothing went out for too long.
    fn written(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if polled.is_ready() {
            self.answer.end();
            return polled;
        }
        match self.answer.poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(too_slow("the client does not take the answer"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

fn too_slow(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

impl AsyncRead for PatientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let turn = self.turn.number();
        if turn != self.seen {
            self.seen = turn;
            self.in_head = false;
            self.head.end();
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if is_ours(turn) {
            return polled;
        }
        // Bytes do not start it anew: one now and then is no head.
        let waits = polled.is_pending() && self.in_head;
        if (waits || self.head.runs.is_some()) && self.head.poll(cx).is_ready() {
            return Poll::Ready(Err(too_slow("the head of a request is slow")));
        }
        self.in_head |= buffer.filled().len() > before;
        polled
    }
}

impl AsyncWrite for PatientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.written(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
