//! A small HTTP/1.1 load generator: a few keep-alive connections, each asking again as soon as it
//! was answered. Bodies are read and counted, not decompressed.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::error::{BenchError, Doing};

/// Four threads, a connection each.
pub const CONNECTIONS: usize = 4;

#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    pub requests: u64,
    pub body_bytes: u64,
    pub seconds: f64,
}

impl Load {
    pub fn requests_per_s(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    pub fn bytes_each(&self) -> f64 {
        self.body_bytes as f64 / self.requests.max(1) as f64
    }
}

/// Sends these requests (whole heads), one after the other and over again, for so long.
pub fn generate(
    server: SocketAddr,
    requests: &[String],
    duration: Duration,
) -> Result<Load, BenchError> {
    let began = Instant::now();
    let until = began + duration;
    let threads: Vec<Result<Load, BenchError>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..CONNECTIONS)
            .map(|first| scope.spawn(move || one_connection(server, requests, first, until)))
            .collect();
        let ended = running.into_iter().map(|thread| {
            let panicked = |_| Err(BenchError::unexpected("the load generator panicked"));
            thread.join().unwrap_or_else(panicked)
        });
        ended.collect()
    });
    let mut total = Load::default();
    for of_thread in threads {
        let load = of_thread?;
        total.requests += load.requests;
        total.body_bytes += load.body_bytes;
    }
    total.seconds = began.elapsed().as_secs_f64();
    Ok(total)
}

fn one_connection(
    server: SocketAddr,
    requests: &[String],
    first: usize,
    until: Instant,
) -> Result<Load, BenchError> {
    let mut stream = TcpStream::connect(server).doing("connecting")?;
    stream.set_nodelay(true).doing("connecting")?;
    let mut answers = BufReader::with_capacity(64 << 10, stream.try_clone().doing("connecting")?);
    let (mut load, mut body) = (Load::default(), Vec::new());
    let mut next = first;
    while Instant::now() < until {
        let request = &requests[next % requests.len()];
        next += 1;
        stream.write_all(request.as_bytes()).doing("sending")?;
        load.body_bytes += read_answer(&mut answers, &mut body)?;
        load.requests += 1;
    }
    Ok(load)
}

/// Reads one answer; returns the length of its body.
fn read_answer(answers: &mut impl BufRead, body: &mut Vec<u8>) -> Result<u64, BenchError> {
    let mut line = String::new();
    answers.read_line(&mut line).doing("reading an answer")?;
    let status = line.trim_end().to_owned();
    let mut length = None;
    while line != "\r\n" && !line.is_empty() {
        line.clear();
        answers.read_line(&mut line).doing("reading an answer")?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse::<usize>().ok();
        }
    }
    let Some(length) = length else {
        return Err(BenchError::Unexpected(format!(
            "`{status}` names no length"
        )));
    };
    body.resize(length, 0);
    answers.read_exact(body).doing("reading an answer")?;
    if !status.starts_with("HTTP/1.1 200 ") {
        let text = String::from_utf8_lossy(&body[..length.min(300)]);
        return Err(BenchError::Unexpected(format!("`{status}`: {text}")));
    }
    Ok(length as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_their_end() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nx: y\r\n\r\nabcHTTP/1.1 200 OK\r\n\
                    content-length: 0\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno";
        let (mut answers, mut body) = (text.as_bytes(), Vec::new());
        assert_eq!(read_answer(&mut answers, &mut body).expect("an answer"), 3);
        assert_eq!(body, b"abc");
        assert_eq!(read_answer(&mut answers, &mut body).expect("an answer"), 0);
        let error = read_answer(&mut answers, &mut body).expect_err("not found");
        assert!(error.to_string().contains("404 Not Found`: no"), "{error}");
    }
}
