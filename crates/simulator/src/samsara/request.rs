//! Requests as this server reads them: paths, parameters, and what is wrong with them.

use std::collections::HashSet;

use model::{Timestamp, Window};

use super::answer::Refusal;
use crate::shown::instant;

/// Decoded parameters in the order in which they came; a name may come twice.
#[derive(Clone, Debug)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub fn read(query: &str) -> Parameters {
        Parameters(
            query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (percent_decoded(name), percent_decoded(value))
                })
                .collect(),
        )
    }

    /// The first value; an empty one counts as absent.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub fn occurrences(&self, name: &str) -> usize {
        self.0.iter().filter(|(known, _)| known == name).count()
    }

    /// Comma lists and repeated names are both taken.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.0
            .iter()
            .filter(|(known, _)| known == name)
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect()
    }

    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(text) = self.one(name) else {
            return Ok(None);
        };
        Timestamp::parse(text).map(Some).ok_or_else(|| {
            Refusal::bad(format!(
                "Invalid value for {name}: '{text}' is not an RFC 3339 time"
            ))
        })
    }

    /// A window that the request must name, half-open. `None`: it is empty.
    pub fn window(&self) -> Result<Option<Window>, Refusal> {
        let from = self.required_time("startTime")?;
        let until = self.required_time("endTime")?;
        if until < from {
            return Err(Refusal::bad("startTime must be before endTime"));
        }
        Ok(Window::new(from, until))
    }

    /// A window whose bounds are both `now` unless the request names them. An instant is a window
    /// of one millisecond.
    pub fn window_around(&self, now: Timestamp) -> Result<Window, Refusal> {
        let from = self.time("startTime")?.unwrap_or(now);
        let until = self.time("endTime")?.unwrap_or(now);
        if until < from {
            return Err(Refusal::bad("startTime must be before endTime"));
        }
        Ok(Window::new(from, until).unwrap_or(instant(from)))
    }

    /// Ids that the request limits itself to; `None`: no limit.
    pub fn ids(&self, name: &str, most: usize) -> Result<Option<HashSet<String>>, Refusal> {
        let ids = self.list(name);
        if ids.len() > most {
            return Err(Refusal::bad(format!(
                "{name} must have {most} or less values but got {}",
                ids.len()
            )));
        }
        Ok((!ids.is_empty()).then(|| ids.into_iter().map(str::to_owned).collect()))
    }

    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.one(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Refusal::bad(format!(
                "Invalid value for {name}: '{other}' is not a boolean"
            ))),
        }
    }

    /// One of a closed list; the first when it is absent.
    pub fn choice(&self, name: &str, choices: &[&'static str]) -> Result<&'static str, Refusal> {
        let Some(text) = self.one(name) else {
            return choices
                .first()
                .copied()
                .ok_or_else(|| Refusal::bad(format!("Missing parameter: {name}")));
        };
        choices
            .iter()
            .find(|choice| **choice == text)
            .copied()
            .ok_or_else(|| {
                let quoted: Vec<String> = choices.iter().map(|c| format!("'{c}'")).collect();
                Refusal::bad(format!(
                    "Invalid value for {name}. Can only be {}",
                    quoted.join(" or ")
                ))
            })
    }

    pub fn required_time(&self, name: &str) -> Result<Timestamp, Refusal> {
        self.time(name)?
            .ok_or_else(|| Refusal::bad(format!("Missing parameter: {name}")))
    }

    /// `limit`, from 1 to `most`; `most` when it is absent.
    pub fn limit(&self, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.one("limit") else {
            return Ok(most);
        };
        let number: i64 = text
            .parse()
            .map_err(|_| Refusal::bad(format!("limit must be an integer but got value {text}")))?;
        if number < 1 {
            return Err(Refusal::bad(format!(
                "limit must be greater or equal than 1 but got value {number}"
            )));
        }
        usize::try_from(number)
            .ok()
            .filter(|number| *number <= most)
            .ok_or_else(|| {
                Refusal::bad(format!(
                    "limit must be lesser or equal than {most} but got value {number}"
                ))
            })
    }

    /// A number that stands for all parameters but `after`: a cursor goes with its query.
    pub fn fingerprint(&self, path: &str) -> u64 {
        let mut pairs: Vec<&(String, String)> =
            self.0.iter().filter(|(name, _)| name != "after").collect();
        pairs.sort();
        let texts = pairs.iter().flat_map(|(name, value)| [name, value]);
        fnv(std::iter::once(path).chain(texts.map(String::as_str)))
    }
}

/// FNV-1a over the texts, each ended by a byte that no text contains.
pub fn fnv<'a>(texts: impl Iterator<Item = &'a str>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in texts.flat_map(|text| text.bytes().chain([0xff])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        let escaped = (*first == b'%')
            .then(|| others.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_with_commas_or_repeated() {
        for query in [
            "types=gps,engineStates",
            "types=gps&types=engineStates",
            "types=gps%2CengineStates",
        ] {
            assert_eq!(
                Parameters::read(query).list("types"),
                ["gps", "engineStates"]
            );
        }
    }

    #[test]
    fn limits_are_checked_loudly() {
        let message = |query: &str| Parameters::read(query).limit(512).unwrap_err().message;
        assert_eq!(
            message("limit=513"),
            "limit must be lesser or equal than 512 but got value 513"
        );
        assert!(message("limit=0").contains("greater"));
        assert!(message("limit=many").contains("integer"));
        assert_eq!(Parameters::read("limit=7").limit(512).unwrap(), 7);
    }

    #[test]
    fn broken_escapes_stay_as_they_are() {
        assert_eq!(percent_decoded("a%2"), "a%2");
        assert_eq!(percent_decoded("%zz+b%C3%A9"), "%zz bé");
    }
}
