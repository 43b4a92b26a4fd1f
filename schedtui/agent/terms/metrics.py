"""Words for what is measured: neutral names, things nobody wants, things everybody wants."""

from __future__ import annotations

from typing import Final

from schedtui.agent.terms.kinds import Kind, Table

METRICS: Final[Table] = {
    (Kind.METRIC, "request"): {
        "en": "p99*|p95|p90|p 99|p 95|p999|p50|tail latenc*|request latenc*|tail"
        "|tail response time*|percentile*|response time*|response latenc*"
        "|time to first byte|ttfb|latency tail|request time*|request delay*|query time*"
        "|query latenc*|service time|reply time*|p99 latenc*|p99 response time*"
        "|p95 latenc*|p99 request latenc*|answer time*|time per request"
        "|latency percentile*|page load*|load time*|loading time*|lookup time*|tails",
        "de": "antwortzeit*|perzentil*|anfragelatenz*|anfragezeit*|reaktionszeit*",
        "fr": "temps de reponse|latence des requetes|latence de queue|percentile",
        "es": "tiempo* de respuesta|latencia de cola|latencia de las peticiones|percentil",
    },
    (Kind.METRIC, "respond"): {
        "en": "respond|responds|responding|answer|answers|answering|replies|reply|served|wait"
        "|waits|waited",
        "de": "antwortet|antworten|reagier*|warten|wartet",
        "fr": "repond*|attend|attendent|attendre",
        "es": "responde|responder|responda*|espera|esperan|esperar",
    },
    (Kind.METRIC, "latency"): {
        "en": "latenc*|delay*|response|reaction time*|waiting time*|wait time*|queueing time*",
        "de": "latenz*|verzogerung*|wartezeit*",
        "fr": "latence*|delai*|temps d attente",
        "es": "latencia*|retardo*|retraso*|tiempo de espera",
    },
    (Kind.METRIC, "wakeup"): {
        "en": "wake up latenc*|wakeup latenc*|wake up delay*|wakeup delay*|scheduling latenc*"
        "|scheduling delay*|scheduler latenc*|run delay*|run queue delay*"
        "|run queue latenc*|jitter|p99 wake up latenc*|p99 wakeup latenc*|wake up time*"
        "|wakeup time*|wakeup*|wake ups|p99 scheduling latenc*|p99 wakeup|input latenc*"
        "|input delay*|keyboard latenc*",
        "de": "aufwachlatenz*|scheduling latenz*|aufwachzeit*|eingabeverzogerung*|eingabelatenz*",
        "fr": "latence de reveil|latence d ordonnancement|gigue|latence de saisie",
        "es": "latencia de despertar|latencia de planificacion|latencia de entrada",
    },
    (Kind.METRIC, "rate"): {
        "en": "throughput|rate|iops|ops|jobs per second|jobs per hour|operations per second"
        "|work per second|bandwidth of requests|jobs per minute|capacity|output"
        "|messages per second|goodput",
        "de": "durchsatz*|datendurchsatz|rate",
        "fr": "debit|rendement",
        "es": "rendimiento|caudal|throughput|tasa",
    },
    (Kind.METRIC, "qps"): {
        "en": "request rate*|rps|qps|tps|requests per second|requests a second"
        "|queries per second|transactions per second|requests s|req s|requests per minute"
        "|query rate|transaction rate|request throughput|traffic|concurrent users"
        "|hits per second",
        "de": "anfragen pro sekunde|anfragerate",
        "fr": "requetes par seconde|debit de requetes|debit des requetes",
        "es": "peticiones por segundo|consultas por segundo",
    },
    (Kind.METRIC, "makespan"): {
        "en": "makespan|make span|total time|total run time|total runtime|overall time"
        "|wall time|wall clock|wall clock time|elapsed time|completion time*|run time"
        "|runtime|running time|turnaround|turnaround time|build time*|compile time*"
        "|compilation time*|batch time|finish time|finishing time|end to end time"
        "|job time|processing time|time to completion|time to finish|duration"
        "|rendering time|render time*|test time|time it takes|encoding time"
        "|total duration",
        "de": "gesamtzeit|gesamtlaufzeit|laufzeit|gesamtdauer|dauer|bauzeit*|durchlaufzeit"
        "|kompilierzeit|ubersetzungszeit|renderzeit",
        "fr": "temps total|duree totale|duree|temps d execution|temps de compilation"
        "|temps de calcul|temps de rendu",
        "es": "tiempo total|duracion total|duracion|tiempo de ejecucion|tiempo de compilacion",
    },
    (Kind.METRIC, "finish"): {
        "en": "finish*|complete|completes|completed|completing|done|take|takes|taking|through"
        "|over with|ready|end|the time|time needed|time required|less long",
        "de": "fertig*|dauert|dauern|dauere|abgeschlossen|abschliess*|beend*|braucht|brauchen",
        "fr": "fini*|termine*|acheve*|prend|prendre|prenne",
        "es": "termin*|acab*|finalic*|finaliz*|complet*|tarde|tarda|tardar|lleve",
    },
    (Kind.METRIC, "fps"): {
        "en": "fps|frame rate*|framerate*|frames per second|percentlow|frames|frame consistency",
        "de": "bildrate*|bilder pro sekunde|bildwiederholrate",
        "fr": "images par seconde|ips|cadence d images|taux de rafraichissement|images seconde",
        "es": "fotogramas por segundo|tasa de fotogramas|cuadros por segundo|fotogramas|cuadros",
    },
    (Kind.METRIC, "frametime"): {
        "en": "frame time*|frametime*|frame pacing|frame latenc*|frame delay*|p99 frame time*"
        "|p99 frametime*|frame variance|frame jitter",
        "de": "bildzeit*|frametime*",
        "fr": "temps d image",
        "es": "tiempo de fotograma|tiempo de cuadro",
    },
}

SYMPTOMS: Final[Table] = {
    (Kind.SYMPTOM, "frames"): {
        "en": "stutter*|micro stutter*|microstutter*|jank*|hitch*|frame drop*|frame skip*"
        "|dropped frame*|drop frame*|drops frame*|dropping frame*|missed frame*"
        "|miss frame*|misses frame*|missing frame*|lost frame*|lose frame*|loses frame*"
        "|losing frame*|skip frame*|skips frame*|skipping frame*|choppy|chop*|judder*"
        "|lag spike*|late frame*|frame loss|slideshow|slide show|dropped a frame"
        "|miss a frame|drop a frame|unplayable|frames drop*|drop any frame*"
        "|miss any frame*|frame hiccup*|skipped frame*|missed deadline*",
        "de": "ruckel*|ruckl*|gestotter|stotter*|bildaussetzer|framedrop*|bildsprunge|unspielbar",
        "fr": "saccad*|a coup*|perte d image*|pertes d images|sauts d image|injouable|saute",
        "es": "tiron*|trompicon*|tartamud*|entrecort*|saltos|injugable|perdida de fotogramas"
        "|pierda* fotogramas|pierde fotogramas|perder fotogramas|trab*",
    },
    (Kind.SYMPTOM, "lag"): {
        "en": "lag|lags|laggy|lagging|lagged|hang|hangs|hanging|freez*|froze|sluggish*"
        "|unresponsive|hiccup*|unusable|stall*|jerky|jerk*|beachball*|stuck"
        "|slow reaction*",
        "de": "hakt|haken|hakel*|hangt|hangen|hanger|einfrier*|friert|trage|lahm*|laggt"
        "|unbenutzbar",
        "fr": "rame|rament|ramer|ralenti*|gele*|fige*|figer|blocage*|decalage*|inutilisable",
        "es": "congel*|cuelg*|bloque*|se traba|lento|lenta|lentitud|inutilizable|retrasos",
    },
    (Kind.SYMPTOM, "audio"): {
        "en": "crackl*|xrun*|dropout*|drop out*|drop outs|glitch*|pops|popping|clicks and pops"
        "|underrun*|buffer underrun*|break up|breaks up|breaking up|cut out|cuts out"
        "|skip*|robotic|distort*|stutters audio",
        "de": "knack*|aussetz*|setzt aus|setzen aus|knister*|abgehackt*|verzerr*",
        "fr": "gresill*|craque*|coupure*|coupe|couper|hache*",
        "es": "chasquid*|cort*|crepit*|se corta|se corte",
    },
    (Kind.SYMPTOM, "input"): {
        "en": "input lag|mouse lag|keyboard lag|cursor lag|typing lag",
        "de": "eingabeverzug",
    },
    (Kind.SYMPTOM, "requests"): {
        "en": "slow request*|slowest request*|slowest quer*|slowest response*|latency spike*"
        "|timeout*|time out*|timing out|slow response*|outlier*|p99 spike*|slow quer*"
        "|slow repl*|slow answer*|slow outlier*|tail spike*|late response*|slowest",
        "de": "langsame anfragen|latenzspitze*|zeituberschreitung*|ausreiss*|ausreiser",
        "fr": "requetes lentes|pics de latence|delais d attente depasses",
        "es": "peticiones lentas|picos de latencia|respuestas lentas",
    },
    (Kind.SYMPTOM, "straggler"): {
        "en": "straggler*|long tail of the batch|last job|last one|slowest job*|longest job*"
        "|waiting for the last|idle at the end|idle cores at the end|idle cpus at the end"
        "|one long job|long job at the end|slowest task*|longest task*|one slow job",
        "de": "nachzugler*|letzten job|letzten auftrag|langster auftrag|langste aufgabe",
        "fr": "trainard*|derniere tache|dernier travail|tache la plus longue",
        "es": "rezagad*|ultimo trabajo|ultima tarea|tarea mas larga|trabajo mas largo",
    },
}

VIRTUES: Final[Table] = {
    (Kind.VIRTUE, "smooth"): {
        "en": "smooth*|fluid*|responsive*|snapp*|playable|usable|butter*|reactive|silky|crisp"
        "|interactive|quick to react|clean|glitch free|lag free|stutter free|click free"
        "|reliable|continuous",
        "de": "flussig*|reaktionsfreudig*|geschmeidig*|spielbar|ruckelfrei*|reaktiv|benutzbar"
        "|storungsfrei|sauber",
        "fr": "fluid*|reactif*|reactiv*|jouable|utilisable|sans accroc",
        "es": "fluid*|agil|suave*|receptiv*|jugable|usable",
    },
}
