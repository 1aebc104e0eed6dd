//! Which columns are sealed: one list, so that no rotation forgets one.

/// A column of sealed values, each bound to its row and to what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SealedColumn {
    pub table: &'static str,
    pub column: &'static str,
    /// The table's primary key, a text.
    pub key: &'static str,
    what: &'static str,
}

/// All but `data_keys`, whose values the master key seals.
pub(crate) const SEALED_COLUMNS: [SealedColumn; 3] = [
    SealedColumn {
        table: "connections",
        column: "token_sealed",
        key: "id",
        what: "token",
    },
    SealedColumn {
        table: "credentials",
        column: "sealed",
        key: "connection",
        what: "credentials",
    },
    SealedColumn {
        table: "keys",
        column: "sealed",
        key: "id",
        what: "text",
    },
];

impl SealedColumn {
    /// What the value in the row with this key is sealed to.
    pub(crate) fn bound_to(&self, key: &str) -> String {
        format!("{key}/{}", self.what)
    }
}
