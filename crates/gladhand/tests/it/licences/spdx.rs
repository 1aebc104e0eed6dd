//! Reads licence expressions: names joined by `AND`, `OR` and `WITH`, in parentheses (SPDX 2.3,
//! annex D), and the slash that stood for `OR` before.

/// Whether one may choose so that every licence that is left is one of the permitted ones.
pub fn is_satisfied(
    expression: &str,
    may: impl Fn(&str) -> bool,
    may_with: impl Fn(&str) -> bool,
) -> Result<bool, String> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut reader = Reader {
        words: spaced.split_whitespace().collect(),
        at: 0,
        may: &may,
        may_with: &may_with,
    };
    let satisfied = reader.choice()?;
    match reader.words.get(reader.at) {
        None => Ok(satisfied),
        Some(word) => Err(format!("{word} was not expected")),
    }
}

struct Reader<'a> {
    words: Vec<&'a str>,
    at: usize,
    may: &'a dyn Fn(&str) -> bool,
    may_with: &'a dyn Fn(&str) -> bool,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at).copied();
        self.at += usize::from(word.is_some());
        word
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.words.get(self.at) == Some(&word);
        self.at += usize::from(is_next);
        is_next
    }

    fn choice(&mut self) -> Result<bool, String> {
        let mut satisfied = self.all()?;
        while self.takes("OR") {
            satisfied |= self.all()?;
        }
        Ok(satisfied)
    }

    fn all(&mut self) -> Result<bool, String> {
        let mut satisfied = self.one()?;
        while self.takes("AND") {
            satisfied &= self.one()?;
        }
        Ok(satisfied)
    }

    fn one(&mut self) -> Result<bool, String> {
        let name = match self.next() {
            Some("(") => {
                let satisfied = self.choice()?;
                return match self.takes(")") {
                    true => Ok(satisfied),
                    false => Err("a parenthesis is not closed".to_owned()),
                };
            }
            Some(word) if !["AND", "OR", "WITH", ")"].contains(&word) => word,
            Some(word) => return Err(format!("{word} stands where a name should")),
            None => return Err("it ends where a name should stand".to_owned()),
        };
        let mut satisfied = (self.may)(name);
        if self.takes("WITH") {
            let exception = self.next().ok_or("WITH stands at its end")?;
            satisfied &= (self.may_with)(exception);
        }
        Ok(satisfied)
    }
}

#[test]
fn expressions_are_read() {
    let check = |expression: &str, want: Option<bool>| {
        let may = |name: &str| ["MIT", "ISC", "Zlib"].contains(&name);
        let found = is_satisfied(expression, may, |name| name == "LLVM-exception");
        assert_eq!(found.ok(), want, "{expression}");
    };
    check("MIT", Some(true));
    check("GPL-3.0-only", Some(false));
    check("MIT OR GPL-3.0-only", Some(true));
    check("GPL-3.0-only/MIT", Some(true));
    check("MIT AND GPL-3.0-only", Some(false));
    check("MIT AND ISC OR GPL-3.0-only", Some(true));
    check("GPL-3.0-only OR MIT AND ISC", Some(true));
    check("GPL-3.0-only AND (MIT OR ISC)", Some(false));
    check("(GPL-3.0-only OR MIT) AND (ISC)", Some(true));
    check("MIT WITH LLVM-exception", Some(true));
    check("MIT WITH Classpath-exception-2.0", Some(false));
    check("MIT WITH Classpath-exception-2.0 OR Zlib", Some(true));
    check("", None);
    check("MIT OR", None);
    check("(MIT", None);
    check("MIT)", None);
    check("MIT ISC", None);
    check("OR MIT", None);
    check("MIT WITH", None);
}
