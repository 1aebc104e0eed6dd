//! Spanish.

use super::{Texts, Told};

pub const TEXTS: Texts = Texts {
    close: "Cerrar",
    languages: "Idioma",
    problem: "No ha funcionado",
    optional: "opcional",

    choose_title: "Elija su proveedor",
    choose_intro: |who| {
        format!("{who} solicita leer los datos de su flota. ¿Qué proveedor de telemática utiliza?")
    },
    search: "Buscar proveedores",
    search_button: "Buscar",
    found: "Proveedores encontrados: #",
    none_found: |sought| format!("Ningún proveedor se llama «{sought}»."),
    not_listed: "Mi proveedor no está en la lista",

    connect_title: |provider| format!("Conectar {provider}"),
    again_title: |provider| format!("Volver a iniciar sesión en {provider}"),
    another_provider: "Elegir otro proveedor",
    agreement_heading: "Lo que usted acepta",
    agreement: |who, provider| {
        format!(
            "{who} podrá leer los datos de su cuenta de {provider}: vehículos, conductores, \
             ubicaciones, viajes, horas de servicio, eventos de seguridad y diagnósticos, pasados \
             y futuros, mientras exista la conexión.\n\n\
             No se cambia nada en su cuenta. Puede ponerle fin en cualquier momento: cambie las \
             credenciales en {provider} o pida a {who} que elimine la conexión.\n\n\
             Al continuar, confirma que puede conceder este acceso en nombre de su empresa."
        )
    },
    credentials_heading: "Sus credenciales",
    credentials_note: |provider| {
        format!("Se comprueban con {provider} y después se guardan cifradas.")
    },
    connect_button: "Aceptar y conectar",
    oauth_button: |provider| format!("Aceptar y continuar con {provider}"),
    by_hand: "Introducir credenciales en su lugar",
    one_is_enough: "Basta con uno de estos campos.",
    checking: |provider| format!("Comprobando con {provider}. Puede tardar unos segundos."),

    done_title: |provider| format!("{provider} está conectado"),
    done_text: |who, provider| format!("{who} ya puede leer los datos de su cuenta de {provider}."),
    done_button: "Listo",
    done_no_button: "Puede cerrar esta página.",
    handover: Told {
        heading: "Un momento",
        sentence: "Esta ventana se cierra sola. Si permanece abierta, continúe aquí.",
    },
    handover_link: "Continuar",

    wish_title: "Solicitar un proveedor",
    wish_intro: "Díganos qué proveedor utiliza. Hoy todavía no se puede conectar.",
    wish_name: "Nombre del proveedor",
    wish_contact: "Su correo electrónico",
    wish_contact_help: "Si desea que le avisen cuando esté disponible.",
    wish_button: "Enviar",
    wish_unusable: "Escriba el nombre del proveedor, con 200 caracteres como máximo por campo.",
    wish_noted_title: "Gracias",
    wish_noted: |provider, who| format!("{who} verá que usted ha solicitado {provider}."),
    back_to_list: "Volver a la lista",

    rejected: |provider| {
        format!(
            "{provider} no acepta estas credenciales. Compruebe que no tengan errores ni espacios \
             y que no hayan caducado."
        )
    },
    forbidden: |provider, permission| {
        format!(
            "{provider} acepta estas credenciales, pero les falta un permiso: {permission}. \
             Concédalo en {provider} e inténtelo de nuevo."
        )
    },
    throttled: |provider| {
        format!(
            "{provider} recibe demasiadas solicitudes en este momento. Inténtelo de nuevo en un \
             minuto."
        )
    },
    throttled_until: |provider, minutes| {
        let unit = if minutes == 1 { "minuto" } else { "minutos" };
        format!("{provider} nos pide esperar. Inténtelo de nuevo en {minutes} {unit}.")
    },
    unavailable: |provider| {
        format!(
            "{provider} no responde, o no a tiempo. Lo que ha escrito no es la causa: inténtelo \
             de nuevo en unos minutos."
        )
    },
    misunderstood: |provider| {
        format!(
            "No entendemos la respuesta de {provider}. Inténtelo de nuevo; si vuelve a ocurrir, \
             avise a quien le envió aquí."
        )
    },
    other_account: |provider| {
        format!(
            "Estas credenciales son de otra cuenta de {provider}, no de la que estaba conectada. \
             Inicie sesión en aquella."
        )
    },
    missing: "Falta algo. Rellene los campos marcados.",
    missing_field: "Rellene este campo.",
    unusable: "Hay algo que no se puede usar. Revise los campos marcados.",
    unusable_field: "Es demasiado largo o contiene caracteres que no se pueden escribir.",
    check_field: "Revise este campo.",
    agreement_changed: "El texto que usted acepta ha cambiado. Léalo y continúe.",
    denied: |provider| {
        format!("Usted no dio su consentimiento en {provider}. No se ha conectado nada.")
    },
    no_consent: |provider| {
        format!(
            "{provider} le ha devuelto sin consentimiento. No se ha conectado nada: inténtelo de \
             nuevo."
        )
    },
    too_many: |minutes| {
        let unit = if minutes == 1 { "minuto" } else { "minutos" };
        format!("Demasiados intentos. Inténtelo de nuevo en {minutes} {unit}.")
    },

    expired_ticket: Told {
        heading: "Esta página es demasiado antigua",
        sentence: "Ha estado abierta más de una hora. Ciérrela y ábrala de nuevo desde donde vino.",
    },
    foreign_ticket: Told {
        heading: "Este enlace no está completo",
        sentence: "Se cortó o se modificó. Cierre esta página y ábrala de nuevo desde donde vino.",
    },
    unknown_key: Told {
        heading: "Este enlace no funciona",
        sentence: "No contiene una clave pública (pk_…) de este servidor. Avise a quien se lo dio.",
    },
    dead_key: Told {
        heading: "Este enlace ya no funciona",
        sentence: "La clave que contiene fue revocada o ha caducado. Pida un enlace nuevo.",
    },
    unknown_link: Told {
        heading: "Este enlace no existe",
        sentence: "Se eliminó, es demasiado antiguo o está mal escrito. Pida uno nuevo.",
    },
    unknown_connection: Told {
        heading: "Esta conexión no existe",
        sentence: "El enlace es de una conexión que no está. Pida un enlace nuevo.",
    },
    connection_closed: Told {
        heading: "Esta conexión se está eliminando",
        sentence: "Se ha eliminado o se eliminará pronto, así que ya nadie puede volver a iniciar \
                   sesión en ella. Pida un enlace para crear una nueva.",
    },
    wrong_parameters: Told {
        heading: "Este enlace tiene errores",
        sentence: "Quien lo creó debe corregir estos parámetros:",
    },
    not_here: Told {
        heading: "Aquí no hay nada",
        sentence: "La dirección no lleva a ninguna página de este servidor.",
    },
    foreign_form: Told {
        heading: "Esto no lo envió nuestra página",
        sentence: "Por su seguridad no se ha aceptado. Cierre esta página y ábrala de nuevo desde \
                   donde vino.",
    },
    foreign_state: Told {
        heading: "Esta respuesta no se puede usar",
        sentence: "Su navegador no la pidió, o la pidió hace demasiado tiempo. Cierre esta página \
                   y empiece de nuevo desde donde vino.",
    },
    too_many_wishes: Told {
        heading: "Demasiadas solicitudes",
        sentence: "Sus solicitudes anteriores se han recibido.",
    },
    internal: Told {
        heading: "Algo ha fallado por nuestra parte",
        sentence: "No se ha conectado nada. Inténtelo de nuevo en unos minutos.",
    },

    wrong_required: "es obligatorio",
    wrong_provider: "no nombra ningún proveedor de este servidor",
    wrong_sync_mode: "debe ser automatic o manual",
    wrong_days: "debe ser un número de 0 a 3660",
    wrong_date: "debe ser una fecha como 2026-01-31",
    wrong_future: "no debe estar en el futuro",
    wrong_both: "no debe darse junto con backfill_days",
    wrong_length: |most| format!("debe tener como máximo {most} caracteres"),
    wrong_count: |most| format!("debe tener como máximo {most} elementos"),
    wrong_template: "no nombra ninguna plantilla de consentimiento de esta aplicación",
    wrong_address: "no es una dirección de redirección registrada de esta aplicación",
};
