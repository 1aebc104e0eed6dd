//! Operations around the Link page: they take no query parameters.

use super::Operation;

pub(crate) static EXCHANGE_PUBLIC_TOKEN: Operation = Operation {
    id: "publicTokenExchange",
    parameters: &[],
};

pub(crate) static CREATE_SHORT_LINK: Operation = Operation {
    id: "createShortLink",
    parameters: &[],
};

pub(crate) static DELETE_SHORT_LINK: Operation = Operation {
    id: "deleteShortLink",
    parameters: &[],
};
