//! French.

use super::{Texts, Told};

pub const TEXTS: Texts = Texts {
    close: "Fermer",
    languages: "Langue",
    problem: "Cela n'a pas fonctionné",
    optional: "facultatif",

    choose_title: "Choisissez votre fournisseur",
    choose_intro: |who| {
        format!(
            "{who} souhaite lire les données de votre flotte. Quel fournisseur de télématique \
             utilisez-vous ?"
        )
    },
    search: "Rechercher un fournisseur",
    search_button: "Rechercher",
    found: "Fournisseurs trouvés : #",
    none_found: |sought| format!("Aucun fournisseur ne s'appelle « {sought} »."),
    not_listed: "Mon fournisseur n'est pas dans la liste",

    connect_title: |provider| format!("Connecter {provider}"),
    again_title: |provider| format!("Se reconnecter à {provider}"),
    another_provider: "Choisir un autre fournisseur",
    agreement_heading: "Ce que vous acceptez",
    agreement: |who, provider| {
        format!(
            "{who} pourra lire les données de votre compte {provider} : véhicules, conducteurs, \
             positions, trajets, heures de service, événements de sécurité et diagnostics, passés \
             et à venir, aussi longtemps que la connexion existe.\n\n\
             Rien n'est modifié dans votre compte. Vous pouvez y mettre fin à tout moment : \
             changez les identifiants chez {provider}, ou demandez à {who} de supprimer la \
             connexion.\n\n\
             En continuant, vous confirmez que vous pouvez accorder cet accès au nom de votre \
             entreprise."
        )
    },
    credentials_heading: "Vos identifiants",
    credentials_note: |provider| {
        format!("Ils sont vérifiés auprès de {provider}, puis conservés chiffrés.")
    },
    connect_button: "Accepter et connecter",
    oauth_button: |provider| format!("Accepter et continuer avec {provider}"),
    by_hand: "Saisir plutôt des identifiants",
    one_is_enough: "Un seul de ces champs suffit.",
    checking: |provider| {
        format!("Vérification auprès de {provider}. Cela peut prendre quelques secondes.")
    },

    done_title: |provider| format!("{provider} est connecté"),
    done_text: |who, provider| {
        format!("{who} peut maintenant lire les données de votre compte {provider}.")
    },
    done_button: "Terminer",
    done_no_button: "Vous pouvez fermer cette page.",
    handover: Told {
        heading: "Un instant",
        sentence: "Cette fenêtre se ferme toute seule. Si elle reste ouverte, continuez ici.",
    },
    handover_link: "Continuer",

    wish_title: "Demander un fournisseur",
    wish_intro: "Dites-nous quel fournisseur vous utilisez. Il ne peut pas être connecté \
                 aujourd'hui.",
    wish_name: "Nom du fournisseur",
    wish_contact: "Votre adresse e-mail",
    wish_contact_help: "Si vous souhaitez être averti lorsqu'il sera disponible.",
    wish_button: "Envoyer",
    wish_unusable: "Saisissez le nom du fournisseur, avec 200 caractères au plus par champ.",
    wish_noted_title: "Merci",
    wish_noted: |provider, who| format!("{who} verra que vous avez demandé {provider}."),
    back_to_list: "Retour à la liste",

    rejected: |provider| {
        format!(
            "{provider} n'accepte pas ces identifiants. Vérifiez qu'ils ne contiennent ni faute \
             de frappe ni espace et qu'ils n'ont pas expiré."
        )
    },
    forbidden: |provider, permission| {
        format!(
            "{provider} accepte ces identifiants, mais il leur manque un droit : {permission}. \
             Accordez-le chez {provider}, puis réessayez."
        )
    },
    throttled: |provider| {
        format!("{provider} reçoit trop de requêtes en ce moment. Réessayez dans une minute.")
    },
    throttled_until: |provider, minutes| {
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        format!("{provider} nous demande d'attendre. Réessayez dans {minutes} {unit}.")
    },
    unavailable: |provider| {
        format!(
            "{provider} ne répond pas, ou pas à temps. Votre saisie n'est pas en cause : \
             réessayez dans quelques minutes."
        )
    },
    misunderstood: |provider| {
        format!(
            "Nous ne comprenons pas la réponse de {provider}. Réessayez ; si cela se reproduit, \
             signalez-le à qui vous a envoyé ici."
        )
    },
    other_account: |provider| {
        format!(
            "Ces identifiants sont ceux d'un autre compte {provider} que celui qui était \
             connecté. Connectez-vous à ce dernier."
        )
    },
    missing: "Il manque quelque chose. Remplissez les champs signalés.",
    missing_field: "Remplissez ce champ.",
    unusable: "Une saisie n'est pas utilisable. Vérifiez les champs signalés.",
    unusable_field: "Ce texte est trop long ou contient des caractères qui ne se tapent pas.",
    check_field: "Vérifiez ce champ.",
    agreement_changed: "Le texte que vous acceptez a changé. Lisez-le, puis continuez.",
    denied: |provider| {
        format!("Vous n'avez pas donné votre accord chez {provider}. Rien n'a été connecté.")
    },
    no_consent: |provider| {
        format!("{provider} vous a renvoyé sans accord. Rien n'a été connecté : réessayez.")
    },
    too_many: |minutes| {
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        format!("Trop d'essais. Réessayez dans {minutes} {unit}.")
    },

    expired_ticket: Told {
        heading: "Cette page est trop ancienne",
        sentence: "Elle est restée ouverte plus d'une heure. Fermez-la et rouvrez-la depuis la \
                   page d'où vous venez.",
    },
    foreign_ticket: Told {
        heading: "Ce lien est incomplet",
        sentence: "Il a été coupé ou modifié. Fermez cette page et rouvrez-la depuis la page \
                   d'où vous venez.",
    },
    unknown_key: Told {
        heading: "Ce lien ne fonctionne pas",
        sentence: "Il ne contient pas de clé publique (pk_…) de ce serveur. Signalez-le à qui vous \
                   l'a donné.",
    },
    dead_key: Told {
        heading: "Ce lien ne fonctionne plus",
        sentence: "La clé qu'il contient a été révoquée ou a expiré. Demandez un nouveau lien.",
    },
    unknown_link: Told {
        heading: "Ce lien n'existe pas",
        sentence: "Il a été supprimé, il est trop ancien ou mal recopié. Demandez-en un nouveau.",
    },
    unknown_connection: Told {
        heading: "Cette connexion n'existe pas",
        sentence: "Ce lien concerne une connexion introuvable. Demandez un nouveau lien.",
    },
    connection_closed: Told {
        heading: "Cette connexion est en cours de suppression",
        sentence: "Elle a été supprimée ou le sera bientôt : personne ne peut plus s'y \
                   reconnecter. Demandez un lien pour en créer une nouvelle.",
    },
    wrong_parameters: Told {
        heading: "Ce lien contient des erreurs",
        sentence: "La personne qui l'a créé doit corriger ces paramètres :",
    },
    not_here: Told {
        heading: "Il n'y a rien ici",
        sentence: "L'adresse ne mène à aucune page de ce serveur.",
    },
    foreign_form: Told {
        heading: "Ceci ne vient pas de notre page",
        sentence: "Pour votre sécurité, l'envoi a été refusé. Fermez cette page et rouvrez-la \
                   depuis la page d'où vous venez.",
    },
    foreign_state: Told {
        heading: "Cette réponse n'est pas utilisable",
        sentence: "Votre navigateur ne l'a pas demandée, ou il y a trop longtemps. Fermez cette \
                   page et recommencez depuis la page d'où vous venez.",
    },
    too_many_wishes: Told {
        heading: "Trop de demandes",
        sentence: "Vos demandes précédentes ont bien été reçues.",
    },
    internal: Told {
        heading: "Une erreur est survenue de notre côté",
        sentence: "Rien n'a été connecté. Réessayez dans quelques minutes.",
    },

    wrong_required: "est obligatoire",
    wrong_provider: "ne désigne aucun fournisseur de ce serveur",
    wrong_sync_mode: "doit être automatic ou manual",
    wrong_days: "doit être un nombre de 0 à 3660",
    wrong_date: "doit être une date telle que 2026-01-31",
    wrong_future: "ne doit pas être dans le futur",
    wrong_both: "ne doit pas être donné avec backfill_days",
    wrong_length: |most| format!("doit avoir au plus {most} caractères"),
    wrong_count: |most| format!("doit avoir au plus {most} éléments"),
    wrong_template: "ne désigne aucun modèle de consentement de cette application",
    wrong_address: "n'est pas une adresse de redirection enregistrée de cette application",
};
