"""Words that hold a goal together: negation, permission, bounds, joins."""

from __future__ import annotations

from typing import Final

from schedtui.agent.terms.kinds import Kind, Table

GRAMMAR: Final[Table] = {
    (Kind.KEEP, "keep"): {
        "en": "keep*|hold|holds|holding|maintain*|preserv*|protect*|retain*|stay*|remain*|same"
        "|unchanged|constant|stable|steady|intact|as it is|as is|as before|flat|untouched"
        "|leave|leaving|unaffected|unharmed|safe|sustain*|unimpaired|where it is"
        "|at its level",
        "de": "halt*|halten|behalt*|beibehalt*|bleib*|gleich|gleichbleib*|stabil*|unverandert"
        "|konstant*|bewahr*|schutz*",
        "fr": "garde*|gardant|maintien*|maintenir|maintenant|reste|restent|rester|stable*"
        "|constant*|conserv*|preserv*|inchange*|meme|proteg*|identique",
        "es": "manten*|mantien*|conserv*|qued*|siga|sigue|estable*|constante*|igual|preserv*"
        "|proteg*|permanec*|mismo|misma|intact*",
    },
    (Kind.NEGATION, "not"): {
        "en": "not|no|never|dont|doesnt|didnt|mustnt|shouldnt|wont|cant|cannot|isnt|arent"
        "|wouldnt|none|nor|neither|avoid*|prevent*|zero|free of|nothing|hardly|any fewer"
        "|any less|any lower|rid of|stop it from|isn|don|cease|aint",
        "de": "nicht|kein*|nie|niemals|vermeid*|verhinder*|weder|nichts",
        "fr": "pas|jamais|aucun*|evite*|eviter|empech*|ni|rien",
        "es": "no|nunca|jamas|ningun*|evit*|impid*|impedir|tampoco|ni",
    },
    (Kind.PERMISSION, "may"): {
        "en": "may|can|could|might|allowed|okay|ok|acceptable|tolera*|accept*|afford|willing"
        "|fine|allow*|permitted|is fine|free to|okay if|ok if|fine if|acceptable if"
        "|alright if|not a problem if|no problem if|dont mind if|tolerable if"
        "|is allowed to",
        "de": "darf|durfen|kann|konnen|erlaubt|akzeptabel|akzeptier*|in ordnung|verkraft*"
        "|in ordnung wenn|okay wenn|ok wenn|kein problem wenn",
        "fr": "peut|peuvent|accept*|tolere*|toler*|autoris*|permis|d accord si|pas grave si"
        "|acceptable si",
        "es": "puede|pueden|acept*|toler*|permit*|podria|no pasa nada si|esta bien si"
        "|aceptable si|vale si",
    },
    (Kind.BOUND, "most"): {
        "en": "at most|at the most|no more than|not more than|more than|up to|less than|within"
        "|at max|not over|not exceed*|exceed*|by more than|beyond|tops|limited to"
        "|no less than zero|max of|a maximum of|maximum of|at maximum",
        "de": "hochstens|nicht mehr als|mehr als|bis zu|um mehr als",
        "fr": "au plus|au maximum|pas plus de|plus de|tout au plus|de plus de|jusqu a|moins de"
        "|un maximum de",
        "es": "como maximo|como mucho|no mas de|mas de|hasta|a lo sumo|en mas de|menos de"
        "|un maximo de",
    },
    (Kind.BOUND, "maximum"): {
        "en": "max|maximum|maximal",
        "de": "maximal|maximum|max|maximale*",
        "fr": "maximum|max|maximal*",
        "es": "maximo|maxima|max",
    },
    (Kind.BOUND, "minimum"): {
        "en": "minimum|minimal|min",
        "de": "minimum|minimale*",
        "fr": "minimum|minimal*",
        "es": "minimo|minima",
    },
    (Kind.BOUND, "below"): {
        "en": "below|under|not below",
        "de": "unter",
        "fr": "sous|en dessous de",
        "es": "por debajo de|debajo de",
    },
    (Kind.BOUND, "least"): {
        "en": "at least|no less than|not less than|no fewer than|above|minimum of",
        "de": "mindestens|wenigstens|uber|nicht weniger als",
        "fr": "au moins|au minimum|pas moins de",
        "es": "al menos|por lo menos|como minimo|no menos de",
    },
    (Kind.PERCENT_WORD, "percent"): {
        "en": "percent|per cent|pct|percents|percentage points",
        "de": "prozent",
        "fr": "pour cent|pourcent",
        "es": "por ciento|por cien",
    },
    (Kind.LITTLE, "little"): {
        "en": "a bit|a little|slightly|somewhat|a tad|marginally|a touch|a hair",
        "de": "ein wenig|ein bisschen|etwas|leicht",
        "fr": "un peu|legerement",
        "es": "un poco|ligeramente|algo",
    },
    (Kind.COUNT, "1"): {"en": "one", "de": "ein", "fr": "un", "es": "uno"},
    (Kind.COUNT, "2"): {"en": "two", "de": "zwei", "fr": "deux", "es": "dos"},
    (Kind.COUNT, "3"): {"en": "three", "de": "drei", "fr": "trois", "es": "tres"},
    (Kind.COUNT, "4"): {"en": "four", "de": "vier", "fr": "quatre", "es": "cuatro"},
    (Kind.COUNT, "5"): {"en": "five", "de": "funf|fuenf", "fr": "cinq", "es": "cinco"},
    (Kind.COUNT, "8"): {"en": "eight", "de": "acht", "fr": "huit", "es": "ocho"},
    (Kind.COUNT, "10"): {"en": "ten", "de": "zehn", "fr": "dix", "es": "diez"},
    (Kind.COUNT, "15"): {"en": "fifteen", "de": "funfzehn", "fr": "quinze", "es": "quince"},
    (Kind.COUNT, "20"): {"en": "twenty", "de": "zwanzig", "fr": "vingt", "es": "veinte"},
    (Kind.COUNT, "25"): {"en": "twenty five", "de": "funfundzwanzig", "fr": "vingt cinq"},
    (Kind.COUNT, "30"): {"en": "thirty", "de": "dreissig", "fr": "trente", "es": "treinta"},
    (Kind.COUNT, "50"): {"en": "fifty", "de": "funfzig", "fr": "cinquante", "es": "cincuenta"},
    (Kind.COUNT, "tenth"): {"en": "a tenth|one tenth", "de": "ein zehntel"},
    (Kind.COUNT, "fifth"): {"en": "a fifth|one fifth", "de": "ein funftel"},
    (Kind.COUNT, "quarter"): {"en": "a quarter|one quarter", "de": "ein viertel"},
    (Kind.COUNT, "half"): {"en": "half|a half", "de": "die halfte", "fr": "la moitie"},
    (Kind.UNEVEN, "uneven"): {
        "en": "uneven*|skew*|imbalanc*|unbalanced|different length*|mixed length*"
        "|very different|varying length*|long and short|short and long|one huge"
        "|a few huge|one big|few long",
        "de": "ungleich*|unterschiedlich lang*|verschieden lang*",
        "fr": "inegal*|desequilibr*",
        "es": "desigual*|desequilibrad*",
    },
    (Kind.JOIN, "than"): {
        "en": "matters more than|is more important than|more important than|counts more than"
        "|over everything|before throughput|comes before|instead of|rather than"
        "|goes before|takes priority over|takes precedence over|has priority over"
        "|ahead of|over|more than everything|above everything|above all else",
        "de": "wichtiger als|statt|anstatt|anstelle von|vor allem anderen",
        "fr": "plus important* que|plutot que|au lieu de|avant tout",
        "es": "mas importante que|en vez de|en lugar de|antes que",
    },
}

JOINS: Final[Table] = {
    (Kind.JOIN, "but"): {
        "en": "but|however|yet|though|although|nevertheless|only that|except that|still",
        "de": "aber|jedoch|doch|allerdings|dabei|wobei|zwar",
        "fr": "mais|cependant|toutefois",
        "es": "pero|sin embargo|aunque no",
    },
    (Kind.JOIN, "while"): {
        "en": "while|whilst|when|whenever|during|even while|even when|meanwhile|next to|beside"
        "|besides|alongside|in the background of|under a|as soon as|after|once|despite"
        "|in spite of|under load|under heavy|against",
        "de": "wahrend|waehrend|wahrenddessen|wenn|beim|neben|trotz|obwohl|sobald|nebenher"
        "|sogar wenn|auch beim|auch wahrend",
        "fr": "pendant que|pendant|tandis que|quand|lorsque|lorsqu|alors que|en meme temps que"
        "|lors|malgre|pendant qu|des que",
        "es": "mientras que|mientras|cuando|durante|a la vez que|incluso cuando|a pesar de|al",
    },
    (Kind.JOIN, "without"): {
        "en": "without|w o",
        "de": "ohne dass|ohne|ohne das",
        "fr": "sans que|sans|sans qu",
        "es": "sin que|sin",
    },
    (Kind.JOIN, "provided"): {
        "en": "as long as|so long as|provided that|provided|providing|on condition that|if"
        "|unless|given that|subject to",
        "de": "solange|sofern|vorausgesetzt|falls",
        "fr": "tant que|a condition que|a condition de|si|pourvu que",
        "es": "siempre que|siempre y cuando|si|con tal de que|a condicion de que",
    },
    (Kind.JOIN, "and"): {
        "en": "and|at the same time|also|plus|or|with|at|then|yet also|as well as|for",
        "de": "und|sowie|mit|bei|oder|dann|gleichzeitig|zugleich",
        "fr": "et|ainsi que|avec|en meme temps|ou|puis|tout en",
        "es": "y|e|con|a la vez|o|al mismo tiempo|ademas",
    },
    (Kind.JOIN, "because"): {
        "en": "because|because of|since|due to|caused by|thanks to|every time|each time",
        "de": "weil|wegen|da|durch|aufgrund|jedesmal",
        "fr": "parce que|a cause de|car|parce qu|en raison de|chaque fois",
        "es": "porque|debido a|por culpa de|a causa de|cada vez que",
    },
    (Kind.JOIN, "so"): {
        "en": "so that|such that|in a way that|so|and make sure|make sure|ensure|ensuring"
        "|ensures|i want|i need|i would like|id like|see to it that|also make sure|want"
        "|need",
        "de": "sodass|so dass|damit|sorge dafur dass|stell sicher dass|ich mochte|ich will"
        "|sorge dafur",
        "fr": "pour que|afin que|de sorte que|fais en sorte que|je veux|je voudrais",
        "es": "para que|de modo que|asegur* que|quiero|de forma que|haz que",
    },
    (Kind.JOIN, "even if"): {
        "en": "even if|even though|even at the cost of|at the cost of|at the expense of"
        "|regardless of|no matter|whatever happens to|for a price of|in exchange for"
        "|for the price of|at a cost of|at cost of|sacrificing|in return for",
        "de": "auch wenn|selbst wenn|auf kosten von|auf kosten der|auf kosten des|um den preis",
        "fr": "meme si|quitte a|au prix de|au detriment de",
        "es": "aunque|a costa de|incluso si|a expensas de|a cambio de",
    },
    (Kind.RELEASE, "free"): {
        "en": "dont care about|do not care about|dont care|do not care|does not matter"
        "|doesnt matter|never mind|not important|unimportant|is irrelevant|irrelevant"
        "|dont mind|do not mind|at any cost|is not important|isnt important"
        "|are not important|is secondary|secondary|no matter what|is not a concern"
        "|not a concern|can wait|dont matter|do not matter",
        "de": "egal|ist mir egal|unwichtig|nebensachlich|spielt keine rolle|nicht wichtig"
        "|zweitrangig",
        "fr": "peu importe|m est egal|n importe pas|pas important*|secondaire",
        "es": "no importa|da igual|me da igual|no es importante|secundario",
    },
}
