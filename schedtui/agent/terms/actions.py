"""Words for what shall happen, or happens, to a metric."""

from __future__ import annotations

from typing import Final

from schedtui.agent.terms.kinds import Kind, Table

ACTIONS: Final[Table] = {
    (Kind.ACTION, "lower"): {
        "en": "cut|cuts|cutting|reduc*|lower|lowers|lowering|decreas*|minimi*|shrink*|trim*"
        "|shave*|bring down|bringing down|push down|get down|drive down|take down|halv*"
        "|shorten*|slash*|less|fewer|smaller|shorter|lowest|smallest|shortest|squeeze*"
        "|tame|taming|curb*|keep down|tighten*|tight|drop the|drop my|least"
        "|bring the|soften",
        "de": "senk*|verringer*|reduzier*|verkurz*|herunter|runter|weniger|niedriger*|kleiner*"
        "|kurzer*|minimier*|halbier*|verminder*|niedrigste*|kurzeste*|druck*",
        "fr": "redui*|baisse|baisser|baissez|diminue*|abaisse*|moins|minimise*|raccourci*"
        "|divise*|limite*",
        "es": "reduc*|reduzc*|baja|bajar|baje|disminuir|disminuye*|menos|menor|minimiz*|acort*"
        "|recort*",
    },
    (Kind.ACTION, "raise"): {
        "en": "increas*|rais*|boost*|maximi*|more|higher|bigger|greater|highest|most|lift*"
        "|push up|bring up|get up|drive up|double|doubl*|scale up|squeeze out|extra"
        "|squeeze more",
        "de": "erhoh*|steiger*|maximier*|mehr|hoher*|grosser*|hochste*|verdoppel*|anheb*",
        "fr": "augment*|maximis*|davantage|plus haut*|plus eleve*|doubl*",
        "es": "aument*|subir|sube|increment*|maximiz*|mayor|mas alt*|dobl*|duplic*|elev*",
    },
    (Kind.ACTION, "fall"): {
        "en": "drop|drops|dropped|dropping|fall|falls|fell|fallen|falling|go down|goes down"
        "|sink*|went down|dip|dips|dipped|low|come down|comes down|coming down|collapse*"
        "|decline*|going down|plunge*|short",
        "de": "sink*|fall*|abfall*|einbrech*|bricht ein|gering*|niedrig|zuruckgeh*|abnehm*"
        "|abnimmt|einbusst|kurz|einbruch",
        "fr": "chute*|tomb*|baissent|decroit*|bas|basse|faible",
        "es": "cae|caer|caiga*|cayo|bajo|bajen|descend*|desciend*|bajas",
    },
    (Kind.ACTION, "rise"): {
        "en": "rise|rises|rose|rising|go up|goes up|going up|climb*|grow|grows|grew|growing"
        "|spike|spikes|spiked|explode*|high|elevated|creep*|jump*|surge*|went up|up|long"
        "|free up",
        "de": "steig*|anstieg*|wachs*|hoch|explodier*|zunehm*|zunimmt|hohe|lange|lang",
        "fr": "monte|montent|monter|grimpe*|elevee*|eleve|haut|haute|explose*|grimper|longtemps"
        "|long",
        "es": "suben|suba|crec*|crezc*|alto|alta|dispar*|largo|largos|elevad*",
    },
    (Kind.ACTION, "improve"): {
        "en": "improv*|better|best|optimi*|speed up|speeds up|speeding up|speedup|speed"
        "|accelerat*|faster|fast|fastest|quick*|sooner|earlier|early|earliest|soon|fix"
        "|fixes|fixing|help|helps|tune|tuning|enhance*|hurry|rush*|asap|prioriti*"
        "|priority|favor*|favour*|prefer*|good|great|get rid|no longer|stop|stops"
        "|eliminat*|remov*|swift*|snappier|as fast as possible|perfect*|nice|well"
        "|more quickly|at once|in less time|less time|expedit*|precedence|come first"
        "|comes first|goes first|go first|matter*|important|first",
        "de": "verbesser*|besser*|optimier*|beschleunig*|schnell*|fruh*|eher|behebe*|behoben"
        "|bevorzug*|vorrang|priorisier*|gut|beseitig*|wichtig*|zugig",
        "fr": "amelior*|mieux|meilleur*|optimis*|accel*|plus vite|vite|plus rapide*|rapide*|tot"
        "|plus tot|corrig*|priorite|privilegi*|bien|au plus vite|supprim*|important*",
        "es": "mejor*|optimi*|aceler*|mas rapid*|rapid*|antes|pronto|cuanto antes|arregl*"
        "|prioriz*|priorid*|bien|elimin*|favorec*|important*",
    },
    (Kind.ACTION, "harm"): {
        "en": "hurt*|harm*|degrad*|worse*|suffer*|regress*|sacrific*|los|lose|loses|losing|loss"
        "|losses|lost|slower|slow down|slows down|slowing down|slowing|slowed|slow|slows"
        "|slowdown|later|longer|penal*|damag*|ruin*|disturb*|interrupt*|affect*|impact*"
        "|bother*|impair*|deteriorat*|delayed|delaying|wreck*|tank|tanks|tanking|cost"
        "|costs|break|breaks|breaking|kill|killing|touch*|hamper*|giv up|giving up"
        "|give up|trade*|pay|pays|destroy*|hit|reduction|compromis*|penalty",
        "de": "schad*|beeintracht*|leid*|verschlechter*|schlechter*|verlier*|verlust*|langsam*"
        "|spater|langer|stor*|einbuss*|opfer*|bremst|bremsen|verlangsam*|beruhr*"
        "|auf kosten|kosten",
        "fr": "nui*|degrad*|empir*|perdre|perd|perte*|perdant|souffr*|plus lent*|ralentir"
        "|ralentit|plus longtemps|plus tard|plus long*|sacrifi*|affect*|pire|deterior*"
        "|penalis*|gener",
        "es": "perjudic*|empeor*|perder|pierda*|perdid*|sufr*|mas lent*|ralentic*|ralentiz*"
        "|mas tarde|mas tiempo|sacrific*|afect*|peor*|degrad*|dan*|penaliz*|pierde",
    },
    (Kind.ACTION, "complain"): {
        "en": "bad|terrible|awful|horrible|poor*|too slow|too high|too low|too long|too late"
        "|slow as|is slow|are slow|feels slow|so slow|very slow|unacceptable|crawl*"
        "|horrid|suck*|broken|annoying|problem*|trouble*|issue*|struggl*|starved"
        "|is starving|gets starved|overload*|too much|forever|slow again|really slow"
        "|all over the place|erratic|unstable|too many|oversubscribed|overcommitted"
        "|over committed|too busy",
        "de": "schlecht|schrecklich|zu langsam|zu hoch|zu lang*|zu niedrig|furchtbar|problem*"
        "|miserabel|ewig|katastroph*|uberlast*|zu spat",
        "fr": "mauvais*|terrible*|horrible*|trop lent*|trop haut*|trop elev*|trop bas*"
        "|trop long*|probleme*|catastroph*|surcharg*|trop longtemps|trop de",
        "es": "mal|mala|malo|terrible*|horrible*|demasiado lent*|demasiado alt*|demasiado baj*"
        "|problema*|demasiado tiempo|demasiado larg*|sobrecarg*|fatal|demasiado*",
    },
}
