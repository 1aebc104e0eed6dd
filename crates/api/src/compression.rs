//! Which compression an answer goes out with, and doing it.
//!
//! Hand-written over the two codecs that history needs anyway: bodies here are whole in memory, so
//! nothing is streamed, and the level is the fastest, because JSON shrinks tenfold even so.

use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use flate2::{Compress, Compression, FlushCompress, Status};

/// Smaller bodies fit one packet with their headers, compressed or not.
pub(crate) const SMALLEST_BODY: usize = 1_024;
const ZSTD_LEVEL: i32 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Zstd,
}

impl Coding {
    /// The `Content-Encoding`.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Coding::Identity => None,
            Coding::Gzip => Some("gzip"),
            Coding::Zstd => Some("zstd"),
        }
    }

    pub(crate) fn encode(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Coding::Identity => Ok(body.to_vec()),
            Coding::Gzip => gzip(body),
            Coding::Zstd => zstd::bulk::compress(body, ZSTD_LEVEL),
        }
    }
}

/// Compressors that are done with their last answer. A new one allocates and clears a few hundred
/// kilobytes, as much as a page of history takes.
static IDLE: Mutex<Vec<Compress>> = Mutex::new(Vec::new());
const IDLE_MAX: usize = 4;
const WINDOW_BITS: u8 = 15;

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let idle = || IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = idle().pop();
    let mut compress = kept.unwrap_or_else(|| Compress::new_gzip(Compression::fast(), WINDOW_BITS));
    let mut out = Vec::with_capacity(body.len() / 4 + 64);
    loop {
        let rest = &body[compress.total_in() as usize..];
        match compress.compress_vec(rest, &mut out, FlushCompress::Finish)? {
            Status::StreamEnd => break,
            // It ran out of room.
            Status::Ok | Status::BufError => out.reserve(out.capacity()),
        }
    }
    compress.reset();
    let mut idle = idle();
    if idle.len() < IDLE_MAX {
        idle.push(compress);
    }
    Ok(out)
}

/// The coding that the client likes best: the highest `q` of gzip and zstd, zstd where they are
/// equal. Identity when it names neither, likes identity better, or says nothing.
pub(crate) fn negotiate(headers: &HeaderMap) -> Coding {
    let mut wishes = Wishes::default();
    for header in headers.get_all(ACCEPT_ENCODING) {
        // A header that is no text names no coding.
        for item in header.to_str().unwrap_or_default().split(',') {
            wishes.add(item);
        }
    }
    wishes.best()
}

/// Thousandths of `q`, where the client said something.
#[derive(Debug, Default)]
struct Wishes {
    gzip: Option<u16>,
    zstd: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Wishes {
    fn add(&mut self, item: &str) {
        let mut parts = item.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let quality = parts
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(1_000, read_quality);
        let slot = match coding.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => &mut self.gzip,
            "zstd" => &mut self.zstd,
            "identity" => &mut self.identity,
            "*" => &mut self.any,
            _ => return,
        };
        *slot = Some(quality);
    }

    fn best(&self) -> Coding {
        let of = |wish: Option<u16>| wish.or(self.any).unwrap_or(0);
        let (gzip, zstd) = (of(self.gzip), of(self.zstd));
        let identity = self.identity.unwrap_or(0);
        if zstd > 0 && zstd >= gzip && zstd >= identity {
            Coding::Zstd
        } else if gzip > 0 && gzip >= identity {
            Coding::Gzip
        } else {
            Coding::Identity
        }
    }
}

/// A malformed quality is none.
fn read_quality(text: &str) -> u16 {
    match text.parse::<f32>() {
        Ok(quality) if (0.0..=1.0).contains(&quality) => (quality * 1_000.0) as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn negotiated(texts: &[&'static str]) -> Coding {
        let mut headers = HeaderMap::new();
        for text in texts {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(text));
        }
        negotiate(&headers)
    }

    #[test]
    fn the_client_chooses() {
        let check = |text: &'static str, want: Coding| {
            assert_eq!(negotiated(&[text]), want, "{text}");
        };
        check("", Coding::Identity);
        check("identity", Coding::Identity);
        check("br, deflate", Coding::Identity);
        check("gzip, deflate, br", Coding::Gzip);
        check("gzip, deflate, br, zstd", Coding::Zstd);
        check("GZIP;q=1.0, zstd;q=0.5", Coding::Gzip);
        check("gzip;q=0", Coding::Identity);
        check("*", Coding::Zstd);
        check("zstd;q=0, *;q=0.1", Coding::Gzip);
        check("identity;q=1, gzip;q=0.5", Coding::Identity);
        check("gzip;q=nonsense", Coding::Identity);
        assert_eq!(negotiated(&[]), Coding::Identity);
        assert_eq!(negotiated(&["br", "gzip"]), Coding::Gzip);
    }

    #[test]
    fn a_compressor_serves_again() {
        for rounds in [0, 1, 40_000, 3] {
            // Not what can be compressed fourfold, so that the first room does not suffice.
            let mut state = 7u32;
            let body: Vec<u8> = std::iter::repeat_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .take(rounds)
            .collect();
            let gzip = Coding::Gzip.encode(&body).expect("encodes");
            let mut plain = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&gzip[..]), &mut plain)
                .expect("decodes");
            assert_eq!(plain, body);
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        let body = "{\"results\":[]}".repeat(500);
        let gzip = Coding::Gzip.encode(body.as_bytes()).expect("encodes");
        let mut plain = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&gzip[..]), &mut plain)
            .expect("decodes");
        assert_eq!(plain, body);
        let zstd = Coding::Zstd.encode(body.as_bytes()).expect("encodes");
        assert_eq!(
            zstd::bulk::decompress(&zstd, body.len()).expect("decodes"),
            body.as_bytes()
        );
    }
}
