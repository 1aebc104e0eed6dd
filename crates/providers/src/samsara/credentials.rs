//! What opens an account, and what its owner is told about it. Names of menus and scopes stay as
//! Samsara prints them.

use model::Words;
use provider::{CredentialField, FieldKind};

use crate::oauth::{API_KEY, CODE, REFRESH_TOKEN};

/// One of them is needed, so none is required by itself.
pub const CREDENTIALS: &[CredentialField] = &[
    CredentialField {
        name: API_KEY,
        label: Words {
            en: "API token",
            fr: "Jeton d'API",
            es: "Token de API",
        },
        help: Words {
            en: "Samsara dashboard, Settings > API Tokens: a token with the read scopes \
                 Org Information, Vehicles, Drivers, Tags, Gateways, Assets, Assignments, \
                 Vehicle Statistics, Vehicle Trips, Trailer Statistics, Safety Events & Scores, \
                 ELD Compliance Settings (US), Fuel & Energy and IFTA (US); also Camera Media for \
                 the videos of safety events",
            fr: "Tableau de bord Samsara, Settings > API Tokens : un jeton avec les droits de \
                 lecture Org Information, Vehicles, Drivers, Tags, Gateways, Assets, Assignments, \
                 Vehicle Statistics, Vehicle Trips, Trailer Statistics, Safety Events & Scores, \
                 ELD Compliance Settings (US), Fuel & Energy et IFTA (US) ; ainsi que Camera \
                 Media pour les vidéos des événements de sécurité",
            es: "Panel de Samsara, Settings > API Tokens: un token con los permisos de lectura \
                 Org Information, Vehicles, Drivers, Tags, Gateways, Assets, Assignments, \
                 Vehicle Statistics, Vehicle Trips, Trailer Statistics, Safety Events & Scores, \
                 ELD Compliance Settings (US), Fuel & Energy e IFTA (US); también Camera Media \
                 para los vídeos de los eventos de seguridad",
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
            en: "What Samsara gave to the redirect URL of this server's app; it can be used \
                 once, and only where there is no API token",
            fr: "Ce que Samsara a transmis à l'URL de redirection de l'application de ce \
                 serveur ; utilisable une seule fois, et seulement sans jeton d'API",
            es: "Lo que Samsara envió a la URL de redirección de la aplicación de este servidor; \
                 sirve una sola vez, y solo si no hay token de API",
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
