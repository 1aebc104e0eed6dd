//! The result: one table for people, the same numbers as JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

/// One line: something measured, beside what it should reach.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Which row of the design's list it belongs to.
    pub row: &'static str,
    pub what: String,
    pub measured: String,
    pub target: String,
    /// `None`: a figure to know, without a target of its own.
    pub reached: Option<bool>,
    /// The numbers behind `measured`; names carry units.
    pub figures: BTreeMap<&'static str, f64>,
    /// How it was measured, where that is not plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Line {
    pub fn new(row: &'static str, what: impl Into<String>, measured: impl Into<String>) -> Line {
        Line {
            row,
            what: what.into(),
            measured: measured.into(),
            target: String::new(),
            reached: None,
            figures: BTreeMap::new(),
            note: None,
        }
    }

    pub fn target(mut self, target: impl Into<String>, reached: bool) -> Line {
        self.target = target.into();
        self.reached = Some(reached);
        self
    }

    pub fn figure(mut self, name: &'static str, value: f64) -> Line {
        self.figures.insert(name, value);
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Line {
        self.note = Some(note.into());
        self
    }
}

#[derive(Debug, Serialize)]
pub struct Table {
    pub cores: usize,
    /// Sizes of a smoke test: the figures say little.
    pub quick: bool,
    pub lines: Vec<Line>,
    /// Rows that could not be measured, each with the reason.
    pub failures: BTreeMap<&'static str, String>,
}

impl Table {
    pub fn new(cores: usize, quick: bool) -> Table {
        Table {
            cores,
            quick,
            lines: Vec::new(),
            failures: BTreeMap::new(),
        }
    }

    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers are always valid JSON")
    }

    pub fn text(&self) -> String {
        let mut cells = vec![["row", "what", "measured", "target", "reached"].map(str::to_owned)];
        cells.extend(self.lines.iter().map(|line| {
            let reached = match line.reached {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "–",
            };
            let texts = [line.row, &line.what, &line.measured, &line.target, reached];
            texts.map(str::to_owned)
        }));
        let mut widths = [0; 5];
        for row in &cells {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = format!(
            "{} cores{}\n",
            self.cores,
            if self.quick { ", quick" } else { "" }
        );
        for row in &cells {
            let mut shown = String::new();
            for (width, cell) in widths.iter().zip(row) {
                let _ = write!(shown, "{cell:width$}  ");
            }
            text.push_str(shown.trim_end());
            text.push('\n');
        }
        for line in &self.lines {
            if let Some(note) = &line.note {
                let _ = writeln!(text, "{}, {}: {note}", line.row, line.what);
            }
        }
        for (row, reason) in &self.failures {
            let _ = writeln!(text, "{row}: could not be measured: {reason}");
        }
        text
    }
}

/// 1234567.8 as `1,234,568`.
pub fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if number <= -0.5 {
        format!("-{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0.4), "0");
        assert_eq!(grouped(999.0), "999");
        assert_eq!(grouped(1_234_567.8), "1,234,568");
        assert_eq!(grouped(-1_000.0), "-1,000");
    }

    #[test]
    fn a_table_says_what_was_not_reached() {
        let mut table = Table::new(2, true);
        let line = Line::new("read", "1,000 points", "0.3 ms").target("≤ 0.2 ms", false);
        table
            .lines
            .push(line.figure("median_us", 300.0).note("in process"));
        table.failures.insert("http", "no port".to_owned());
        let want = "2 cores, quick\n\
                    row   what          measured  target    reached\n\
                    read  1,000 points  0.3 ms    ≤ 0.2 ms  NO\n\
                    read, 1,000 points: in process\n\
                    http: could not be measured: no port\n";
        assert_eq!(table.text(), want);
        assert!(table.json().contains("\"median_us\": 300.0"));
    }
}
