"""Words by which a goal is refused. They are looked up on their own, beside the goal grammar."""

from __future__ import annotations

from typing import Final

from schedtui.agent.terms.kinds import Kind, Table

UNSAFE: Final[Table] = {
    (Kind.GUARANTEE, "guarantee"): {
        "en": "guarante*|hard real time|hard realtime|hard deadline*|provabl*|worst case bound*"
        "|worst case execution|never ever|certif*|100 percent certain|safety critical"
        "|mathematically|hard rt|strict real time|absolute certainty"
        "|deterministic deadline*|hard latency bound*|without exception"
        "|under all circumstances|real time guarant*|always met|always meet*|with proof"
        "|every deadline|all deadlines|each deadline|never late|proven bound*|promise*"
        "|assure me|no request ever|no frame ever|nothing ever|ever takes longer"
        "|ever take longer|ever misses|ever miss|ever exceed*|under no circumstances"
        "|every single time|with certainty|absolutely certain|for certain",
        "de": "garant*|harte echtzeit|harten echtzeit|unter allen umstanden|beweisbar*|zusicher*",
        "fr": "garant*|temps reel dur|temps reel strict|prouvabl*|en toutes circonstances",
        "es": "garant*|tiempo real estricto|tiempo real duro|demostrable*|en todo caso",
    },
    (Kind.STARVE, "starve"): {
        "en": "starve|starves|starving|starvation|choke|choke out|squeeze out all|strangle"
        "|monopoli*|hog all|take all cpu*|grab all|all the cpu* for|others get nothing"
        "|rest gets nothing|nothing else runs|nothing else may run"
        "|nothing else should run|nobody else gets|everything else gets nothing"
        "|everyone else gets nothing|everybody else gets nothing|anyone else gets nothing"
        "|everything else can starve|nothing for everyone else|only mine runs"
        "|only mine run|only my process runs|only my game runs|only my service runs"
        "|nothing but my|nobody else|no one else",
        "de": "verhunger*|aushunger*",
        "fr": "affame*|famine|etouffe*",
        "es": "hambre|matar de hambre|asfixi*|inanicion",
    },
    (Kind.OTHERS, "others"): {
        "en": "everyone else|everybody else|everything else|anyone else|anything else"
        "|all other*|all the other*|every other|others|other users|other user"
        "|other processes|other process|other tenants|other tenant|other programs"
        "|other tasks|other services|other people|the rest|other containers"
        "|other customers|the other users|other team*|colleague*|coworker*|neighbo*",
        "de": "alle anderen|alles andere|allen anderen|anderen|andere prozesse|andere benutzer"
        "|der rest|den rest|alles ubrige|kollegen",
        "fr": "tous les autres|tout le reste|les autres|le reste|autres processus"
        "|autres utilisateurs",
        "es": "todos los demas|todo lo demas|los demas|el resto|otros procesos|otros usuarios",
    },
    (Kind.STOP_WORK, "stop work"): {
        "en": "kill|kills|killing|freeze|suspend*|pause|block|terminate|stop|give nothing to"
        "|nothing for|nothing to|shut down|halt|throttle to zero|never run|never schedule"
        "|take cpu away from|take cpu time away from|take cpu from|take the cpu* from"
        "|take cpus from|take all cores from|deprive|rob|steal cpu from"
        "|steal cpu time from|lock out|throttle|push out|kick out|evict|throw out|expel",
        "de": "tote|toten|einfrieren|anhalten|blockier*|stoppe*|beende*|nichts fur|gib nichts",
        "fr": "tue|tuer|gele|geler|bloque*|arrete*|suspend*|rien pour|rien aux",
        "es": "mata|matar|congela*|bloquea*|para|parar|deten*|nada para|nada a",
    },
    (Kind.DISABLE, "disable"): {
        "en": "disable*|disabling|turn off|turning off|switch off|switching off|skip|skipping"
        "|bypass*|circumvent*|deactivat*|get around|turn the|switch the|work around"
        "|override|ignore|remove|drop the|shut off|defeat|evade|forget the|suppress"
        "|unlimited|no need for|no need to|dont bother|do not bother|dont need|do not need|no more",
        "de": "abschalt*|ausschalt*|schalte|deaktivier*|uberspring*|umgeh*|ignorier*|abstell*"
        "|weglass*",
        "fr": "desactiv*|saute*|contourn*|ignor*|eteins|coupe|enleve*|supprime*|sauter",
        "es": "desactiv*|omit*|salt*|ignor*|apag*|quit*|evad*|desconect*",
    },
    (Kind.SAFETY, "safety"): {
        "en": "watchdog*|guard|guards|verifier|verification|verify|approval|confirmation"
        "|confirm|safety|safety check*|safety gate*|safeguard*|lease|rollback|roll back"
        "|canary|trial|review|gates|checks|sandbox|token check*|asking|asking me|ask me"
        "|confirming|approving|protections|warnings|security|testing|limits|token|tokens"
        "|permission|audit|verifying|testing it|prompts|dry run",
        "de": "watchdog*|wachter|wachhund|prufung*|prufer|verifikation|bestatig*|sicherheit*"
        "|genehmig*|schutz*|ruckfrage|nachfrag*|uberwach*|zu fragen|freigabe",
        "fr": "chien de garde|garde fou*|verification*|verificateur|confirmation*|securite*"
        "|approbation|protection*|demander|validation",
        "es": "perro guardian|verificador|verificacion|confirmacion|seguridad|aprobacion"
        "|proteccion*|preguntar|vigilante|comprobacion*",
    },
    (Kind.SAFETY, "off"): {
        "en": "unverified|untested|unapproved|unchecked|no questions asked|dont verify"
        "|do not verify|dont ask|do not ask|never ask me|dont confirm|do not confirm"
        "|rollback impossible|no confirmation|cannot be rolled back|cant be rolled back"
        "|auto approv*|autoapprov*|self approv*|approve automatically|automatically approve*"
        "|approve everything|approve anything|approve whatever|approve it for me|approve for me"
        "|approve on my behalf|approve it yourself|approve yourself|dont review|do not review"
        "|never review|dont roll back|do not roll back|never roll back|dont rollback"
        "|do not rollback|never rollback|dont revert|do not revert|never revert|dont undo"
        "|do not undo|never undo|skip the tests|skip tests|skip all tests|no human in the loop"
        "|no humans in the loop|without a human in the loop|human out of the loop"
        "|even if a guard|even if the guard*|even when a guard|even when the guard*"
        "|even if guards|even if the watchdog*|keep going when the guard*|lease forever"
        "|lease for ever|lease indefinitely|infinite lease|endless lease|permanent lease"
        "|lease never expire*|never let the lease|no end to the lease",
        "de": "ungepruft|ohne zu fragen|frag nicht|automatisch genehmig*|genehmige alles"
        "|nicht zuruckrollen|nie zuruckrollen|niemals zuruckrollen|ohne menschen",
        "fr": "non verifie|ne demande pas|approuve tout|approuve automatiquement"
        "|sans intervention humaine",
        "es": "sin verificar|no preguntes|no verifiques|aprueba todo|apruebalo por mi"
        "|sin intervencion humana",
    },
    (Kind.PRIVATE, "private"): {
        "en": "password*|api key*|credential*|secret key*|private key*|ssh key*|keystroke*"
        "|etc shadow|secrets|environment variables|cookies|bank account*|credit card*"
        "|private data|personal data|system prompt|previous instructions|all instructions"
        "|prior instructions|browsing history|access token*|private messages"
        "|your instructions|your rules|your system prompt",
        "de": "passwort*|zugangsdaten|geheim*|private schlussel|tastatureingaben|private daten",
        "fr": "mot de passe|mots de passe|identifiants|cle privee|donnees privees|cle api|frappes",
        "es": "contrasena*|credencial*|clave privada|datos privados|clave api|pulsaciones",
    },
    (Kind.READ, "read"): {
        "en": "read|spy*|dump*|steal*|extract*|leak*|exfiltrat*|sniff*|inspect*|look into|peek*"
        "|snoop*|show me|copy|access|print|log|record|monitor|capture|scan|tell me what",
        "de": "lies|lese|lesen|auslesen|auslies|ausspah*|kopier*|mitles*|zeige*|protokollier*",
        "fr": "lis|lire|espionn*|copie*|vole|voler|extrai*|affiche*|montre*",
        "es": "lee|leer|espia*|copia*|roba*|extrae*|muestra*|vuelca*",
    },
    (Kind.OTHER_OWNER, "other data"): {
        "en": "memory of|memory contents|process memory|memory of other*|other process* memory"
        "|other users data|other users files|other peoples|data of other*|files of other*"
        "|address space|heap of|what other users|what other people|what bob|users data"
        "|user data|other process* data|data from other*|contents of other*"
        "|data of the other*|memory of the other*|their data|data of another"
        "|memory of another|another process|another users|what process"
        "|what other process*",
        "de": "speicher anderer|daten anderer|speicher der anderen|daten der anderen"
        "|speicher fremder|fremde daten|fremden speicher|daten von anderen",
        "fr": "memoire des autres|donnees des autres|memoire d autres|donnees d autres",
        "es": "memoria de otros|datos de otros|memoria de los demas|datos de los demas",
    },
}
