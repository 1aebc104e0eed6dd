//! What opens an account, and what its owner is told about it. Names of clearances stay as
//! MyGeotab prints them.

use model::Words;
use provider::{CredentialField, FieldKind};

pub const USERNAME: &str = "username";
pub const PASSWORD: &str = "password";
pub const DATABASE: &str = "database";

pub const CREDENTIALS: &[CredentialField] = &[
    CredentialField {
        name: USERNAME,
        label: Words {
            en: "User name",
            fr: "Nom d'utilisateur",
            es: "Nombre de usuario",
        },
        help: Words {
            en: "A service account in the Company group whose security clearance includes: \
                 List devices, List users and drivers, View device status information, View \
                 engine diagnostics and measurements, View exception rules, View exceptions, \
                 View groups, View trailers, View HOS logs, View fuel tax (IFTA) report",
            fr: "Un compte de service du groupe Company dont l'autorisation de sécurité \
                 comprend : List devices, List users and drivers, View device status \
                 information, View engine diagnostics and measurements, View exception rules, \
                 View exceptions, View groups, View trailers, View HOS logs, View fuel tax \
                 (IFTA) report",
            es: "Una cuenta de servicio del grupo Company cuya autorización de seguridad \
                 incluye: List devices, List users and drivers, View device status information, \
                 View engine diagnostics and measurements, View exception rules, View \
                 exceptions, View groups, View trailers, View HOS logs, View fuel tax (IFTA) \
                 report",
        },
        required: true,
        kind: FieldKind::Name,
    },
    CredentialField {
        name: PASSWORD,
        label: Words {
            en: "Password",
            fr: "Mot de passe",
            es: "Contraseña",
        },
        help: Words {
            en: "The password of that account, with basic authentication and not single \
                 sign-on (SSO)",
            fr: "Le mot de passe de ce compte, en authentification de base et non en \
                 authentification unique (SSO)",
            es: "La contraseña de esa cuenta, con autenticación básica y no con inicio de \
                 sesión único (SSO)",
        },
        required: true,
        kind: FieldKind::Secret,
    },
    CredentialField {
        name: DATABASE,
        label: Words {
            en: "Database",
            fr: "Base de données",
            es: "Base de datos",
        },
        help: Words {
            en: "In the browser's address after my.geotab.com/ once signed in; not needed for \
                 an account that is in one database only",
            fr: "Dans l'adresse du navigateur, après my.geotab.com/, une fois connecté ; inutile \
                 si le compte n'existe que dans une seule base",
            es: "En la dirección del navegador, después de my.geotab.com/, una vez iniciada la \
                 sesión; no hace falta si la cuenta está en una sola base de datos",
        },
        required: false,
        kind: FieldKind::Name,
    },
];
