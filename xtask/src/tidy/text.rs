//! What a file's text may hold: lengths and words.

use super::Finding;
use super::files::File;

const MAX_COLUMNS: usize = 100;
const MAX_LINES: usize = 600;

/// Longer files, each with the length that it may reach and the reason.
const LONGER_FILES: &[(&str, usize)] = &[];

/// Rust files whose lines are data: addresses, payloads, vectors.
const DATA_FILES: &[&str] = &["/fixtures/"];

/// This folder names all the words that it forbids.
const WORD_LISTS: &str = "xtask/src/tidy/";

struct Word {
    text: &'static str,
    reason: &'static str,
    applies: fn(&File, usize) -> bool,
}

const WORDS: &[Word] = &[
    word("todo!", "finish it or leave it out", in_rust),
    word("unimplemented!", "finish it or leave it out", in_rust),
    word("TODO", "do it, or write an issue", anywhere),
    word("FIXME", "fix it, or write an issue", anywhere),
    word("XXX", "say what is meant", in_rust),
    word("dbg!", "left over from looking for a bug", in_rust),
    word(
        "#[ignore",
        "a test that does not run holds nothing",
        in_rust,
    ),
    word(
        "thread::sleep",
        "wait for a signal or a condition",
        in_crates,
    ),
    word("time::sleep", "wait for a signal or a condition", in_tests),
    word("/work/", "a path of somebody's machine", anywhere),
    word("/root/", "a path of somebody's machine", anywhere),
    word("/farm", "a path of somebody's machine", anywhere),
    word("rusqlite", "only `store` speaks SQL", beyond_store),
    word("tokio_postgres", "only `store` speaks SQL", beyond_store),
    word(
        "SystemTime::",
        "only `world` asks for the time",
        beyond_world,
    ),
    word(
        "Instant::now",
        "only `world` asks for the time",
        beyond_world,
    ),
    word("getrandom::", "only `world` asks for chance", beyond_world),
    word("reqwest", "only `world` opens connections", beyond_world),
];

/// Files that may ask the outside beside `world`, each for a reason.
const OUTSIDE_ASKED_BY: &[(&str, &str)] = &[
    ("xtask/", "measures its own steps; no part of the server"),
    ("crates/bench/", "measures real time"),
    (
        "crates/store/src/conformance/readers.rs",
        "polls beside a database that stamps by its own clock",
    ),
];

/// Files that may speak SQL beside `store`.
const SQL_SPOKEN_BY: &[(&str, &str)] = &[(
    "crates/testkit/",
    "makes a PostgreSQL database of its own for each test",
)];

const fn word(text: &'static str, reason: &'static str, applies: fn(&File, usize) -> bool) -> Word {
    Word {
        text,
        reason,
        applies,
    }
}

fn anywhere(_: &File, _: usize) -> bool {
    true
}

fn in_rust(file: &File, _: usize) -> bool {
    file.is_rust()
}

fn in_crates(file: &File, _: usize) -> bool {
    file.is_rust() && file.path.starts_with("crates/")
}

fn in_tests(file: &File, line: usize) -> bool {
    in_crates(file, line) && line >= file.first_test_line()
}

fn beyond_store(file: &File, _: usize) -> bool {
    let excepted = SQL_SPOKEN_BY
        .iter()
        .any(|(path, _)| file.path.starts_with(path));
    file.is_rust() && !file.path.starts_with("crates/store/") && !excepted
}

fn beyond_world(file: &File, _: usize) -> bool {
    let excepted = OUTSIDE_ASKED_BY
        .iter()
        .any(|(path, _)| file.path.starts_with(path));
    file.is_rust() && !file.path.starts_with("crates/world/") && !excepted
}

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        check_length(file, &mut findings);
        let words = !file.path.starts_with(WORD_LISTS) && !file.path.ends_with(".lock");
        for (index, line) in file.text.lines().enumerate() {
            let number = index + 1;
            check_columns(file, number, line, &mut findings);
            if words {
                check_words(file, number, line, &mut findings);
            }
        }
    }
    findings
}

fn check_length(file: &File, findings: &mut Vec<Finding>) {
    if !file.is_rust() {
        return;
    }
    let excepted = LONGER_FILES.iter().find(|(path, _)| *path == file.path);
    let limit = excepted.map_or(MAX_LINES, |(_, lines)| *lines);
    let lines = file.text.lines().count();
    if lines > limit {
        let what = format!("{lines} lines, more than {limit}: split it by what it is about");
        findings.push(Finding::new(&file.path, 0, what));
    }
}

fn check_columns(file: &File, number: usize, line: &str, findings: &mut Vec<Finding>) {
    let is_data = DATA_FILES.iter().any(|part| file.path.contains(part));
    let columns = line.chars().count();
    if file.is_rust() && !is_data && columns > MAX_COLUMNS {
        let what = format!("{columns} columns, more than {MAX_COLUMNS}");
        findings.push(Finding::new(&file.path, number, what));
    }
}

fn check_words(file: &File, number: usize, line: &str, findings: &mut Vec<Finding>) {
    for word in WORDS {
        if contains_word(line, word.text) && (word.applies)(file, number) {
            let what = format!("`{}`: {}", word.text, word.reason);
            findings.push(Finding::new(&file.path, number, what));
        }
    }
}

/// The word itself, not a part of a longer one.
fn contains_word(line: &str, word: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let inner = |c: Option<char>| is_letter(c);
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let opens = !inner(word.chars().next()) || !inner(before);
        let closes = !inner(word.chars().next_back()) || !inner(after);
        // A URL's path is no machine's.
        let path_in_url = word.starts_with('/') && before.is_some_and(|c| c.is_alphanumeric());
        opens && closes && !path_in_url
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let file = File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        check(&[file]).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn forbidden_words_are_found_where_they_are_forbidden() {
        let check = |path: &str, text: &str, count: usize| {
            let findings = found(path, text);
            assert_eq!(findings.len(), count, "{path}: {text}: {findings:?}");
        };
        check("crates/api/src/a.rs", "fn a() { todo!() }", 1);
        check("crates/api/src/a.rs", "// TODOS are fine, mastodon too", 0);
        check("crates/api/src/a.rs", "use rusqlite::Connection;", 1);
        check("crates/store/src/a.rs", "use rusqlite::Connection;", 0);
        check("crates/api/src/a.rs", "let now = Instant::now();", 1);
        check("crates/world/src/a.rs", "let now = Instant::now();", 0);
        check("README.md", "see /root/notes", 1);
        check("README.md", "see https://host.test/work/notes", 0);
        check("crates/api/src/a.rs", "tokio::time::sleep(pause).await", 0);
        check(
            "crates/api/src/a.rs",
            "#[cfg(test)]\ntokio::time::sleep(pause)",
            1,
        );
    }

    #[test]
    fn long_lines_and_files_are_found() {
        let line = "x".repeat(101);
        assert_eq!(found("a.rs", &line), ["a.rs:1: 101 columns, more than 100"]);
        assert_eq!(found("a.md", &line).len(), 0);
        let file = "\n".repeat(601);
        assert_eq!(found("a.rs", &file).len(), 1);
    }
}
