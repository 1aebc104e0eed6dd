//! What opens an account, and what its owner is told about it. Names of menus stay as Motive
//! prints them.

use model::Words;
use provider::{CredentialField, FieldKind};

use crate::oauth::{API_KEY, CODE, REFRESH_TOKEN};

/// One of them is needed, so none is required by itself.
pub const CREDENTIALS: &[CredentialField] = &[
    CredentialField {
        name: API_KEY,
        label: Words {
            en: "API key",
            fr: "Clé d'API",
            es: "Clave de API",
        },
        help: Words {
            en: "Motive dashboard, Admin > Integrations > API keys: a fleet administrator \
                 creates it",
            fr: "Tableau de bord Motive, Admin > Integrations > API keys : elle est créée par un \
                 administrateur de la flotte",
            es: "Panel de Motive, Admin > Integrations > API keys: la crea un administrador de \
                 la flota",
        },
        required: false,
        kind: FieldKind::Secret,
    },
    CredentialField {
        name: CODE,
        label: Words {
            en: "Authorization code",
            fr: "Code d'autorisation",
            es: "Código de autorización",
        },
        help: Words {
            en: "What Motive gave to the redirect URL of this server's app; it can be used once, \
                 and only where there is no API key",
            fr: "Ce que Motive a transmis à l'URL de redirection de l'application de ce \
                 serveur ; utilisable une seule fois, et seulement sans clé d'API",
            es: "Lo que Motive envió a la URL de redirección de la aplicación de este servidor; \
                 sirve una sola vez, y solo si no hay clave de API",
        },
        required: false,
        kind: FieldKind::Grant,
    },
    CredentialField {
        name: REFRESH_TOKEN,
        label: Words {
            en: "Refresh token",
            fr: "Jeton d'actualisation",
            es: "Token de actualización",
        },
        help: Words {
            en: "Of a grant to this server's app; it is used once and then replaced",
            fr: "D'une autorisation accordée à l'application de ce serveur ; il sert une seule \
                 fois, puis il est remplacé",
            es: "De una autorización concedida a la aplicación de este servidor; se usa una sola \
                 vez y después se reemplaza",
        },
        required: false,
        kind: FieldKind::Grant,
    },
];
