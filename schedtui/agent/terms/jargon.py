"""Words of forums, chats and on-call channels, beside those of whole sentences."""

from __future__ import annotations

from typing import Final

from schedtui.agent.terms.kinds import Kind, Table

JARGON: Final[Table] = {
    (Kind.ACTION, "improve"): {
        "en": "under control|sort out|beef up|make it snappy|back down|gets cpu"
        "|get cpu|let quick|let short|let small|favors|chill|unbreak|rein in|bring back",
        "de": "ruckgangig|in den griff|flott*|ratzfatz|hurtig*|zack zack",
        "fr": "maitrise*",
        "es": "bajo control|controlar",
    },
    (Kind.ACTION, "raise"): {"en": "bump|bump up|crank|crank up|gimme more|max out|pump"},
    (Kind.ACTION, "complain"): {
        "en": "trash|garbage|crap|crappy|meh|takes ages|ages|way too|unbearable|insane"
        "|through the roof|goes to hell|go to hell|abysmal|brutal|painful|ridiculous|a joke"
        "|dominated by|went from|gets worse|no cpu|starves|fight over|fights over|fighting over"
        "|compete*|contend*|contention|waste*|never respected|not respected|ignored|unfair*"
        "|wait for|waits for|waiting for|waiting on|eats all|eating all|eats my|eating my"
        "|dont get cpu|dont get enough|not enough cpu|hammer*|hogs|hogging|bottleneck*|meltdown"
        "|takes too|out of hand|drag|drags|bog down|bogs down|bogged|holds up|hold up|held up",
        "de": "mies*|lahmt|frisst|fressen|blod|nervt|ungerecht*|streiten|drangel*",
        "fr": "nul|nulle|mange|mangent|injuste*|penible|galere",
        "es": "asco|come|comen|injust*|pesimo|pelean",
    },
    (Kind.ACTION, "harm"): {"en": "regression*|nosedive*|crater*|bomb|craters|worsen*"},
    (Kind.SUBJECT, "service"): {
        "en": "traefik|caddy|varnish|lighttpd|uvicorn|puma|php fpm|phpfpm|sidecar*|ingress"
        "|dns server|solr|opensearch|influxdb|etcd|consul|keycloak|clickhouse|duckdb|dashboards"
        "|sql|handlers|handler|spark sql|warehouse|functions|invocations|lambda*|llama*|ollama"
        "|vllm|model server*|inference|chatbot|replicas|upstreams|resolver"
        "|web shop|webshop|auth|celery|sidekiq|fastapi|flask|spring boot|jvm|innodb|pgbench"
        "|sysbench|oltp*|webserver*|httpd|consumers|broker",
        "de": "webshop*|schnittstelle*",
        "fr": "boutique|passerelle",
        "es": "tienda|pasarela",
    },
    (Kind.SUBJECT, "game"): {
        "en": "wow|world of warcraft|baldurs gate*|bg3|csgo|apex|pubg|league of legends|warzone"
        "|skyrim|starfield|stellaris|retroarch|dolphin emu*|pcsx2|rpcs3|yuzu|gamescope|lutris"
        "|terraria|osu|warframe|roblox|witcher|diablo|palworld|helldivers|kerbal|ksp|beamng"
        "|assetto*|msfs|x plane|lol|esports|fps game|quest 3|steamvr|gamer*|zock*|poe|ff14|gtav",
        "de": "zock*|daddel*",
        "fr": "jeu en ligne",
        "es": "videojuego",
    },
    (Kind.SUBJECT, "video call"): {
        "en": "video calls|jitsi|webex|skype|twitch|gstreamer|plex|jellyfin|kodi|hangouts"
    },
    (Kind.SUBJECT, "audio"): {"en": "alsa|audacity|ableton|fl studio|spotify app|headset|mic"},
    (Kind.SUBJECT, "desktop"): {
        "en": "hyprland|sway|i3|neovim|vim|intellij|jetbrains|tmux|ssh session*|remote desktop"
        "|rdp|vnc|xfce|touchpad|trackpad|kitty|alacritty|login shell|bash prompt|prompt",
    },
    (Kind.SUBJECT, "batch"): {
        "en": "sims|sim|airflow|slurm|sge|monte carlo|batch window|unrar|unzip|7zip|7z|folding"
        "|boinc|handbrake|x264|x265|hevc|prime95|lightmap*|bake|baking|dbt|luigi|dask|ray tasks"
        "|celery tasks|queue of work|preprocess*|post process*|pytest|jest|ctest|nightlies"
        "|regression run|fuzz*|matlab|solver*|cfd|fea|finite element*|hyperparameter*|queue",
    },
    (Kind.SUBJECT, "compile"): {
        "en": "kbuild|mvn|msbuild|meson|scons|jenkins|gitlab runner*|github runner*|ccache"
        "|distcc|nix build|portage|gentoo|llvm",
    },
    (Kind.RESOURCE, "resource"): {
        "en": "io wait|iowait|disk io*|disk i o|disk io wait*|i o wait*|packet loss|packets|nic"
        "|page cache|oom|out of memory|storage latenc*|s3|bandwidth limit|disk wait|blkio"
        "|mem usage|lan|vpn|dl"
    },
    (Kind.METRIC, "respond"): {
        "en": "return|returns|come back|comes back|time to first token|ttft|first token"
    },
    (Kind.METRIC, "latency"): {"en": "latencies|lat|ping time of the app"},
    (Kind.METRIC, "wakeup"): {
        "en": "runqueue latenc*|runq latenc*|runqlat|runqueue wait*|run queue wait*"
        "|preempt immediately|preempts immediately|run immediately|runs immediately|run at once"
        "|runs at once|wake immediately|scheduled immediately|get the cpu immediately"
        "|scheduled at once|gets the cpu at once|react immediately|reacts immediately"
        "|wakes up late|wake up late|wake late|runqueue delay*|sched delay*|sched latenc*"
    },
    (Kind.METRIC, "qps"): {
        "en": "req per second|reqs per second|tok per second|more users|more clients|more visitors"
        "|more connections|more customers|more sessions|req sec|reqs s|reqs sec|requests sec"
        "|tokens s|tokens per second|tokens a second"
        "|tok s|token rate|queries per hour|queries an hour|queries h|queries per minute"
        "|inferences per second|messages s|invocations per second|commits per second"
    },
    (Kind.METRIC, "rate"): {
        "en": "per second|per minute|per hour|per day|tasks per second|steps per second"
        "|iterations per second|it s|samples per second|images per second"
        "|ops s|jobs s|jobs h|work done|tpm|items per second"
    },
    (Kind.METRIC, "finish"): {
        "en": "needs to fit|fit in|fits in|fit into|minutes off|seconds off|hours off"
    },
    (Kind.METRIC, "completion"): {
        "en": "mean completion*|average completion*|avg completion*|mean job completion*"
        "|average job completion*|average turnaround*|mean turnaround*|avg turnaround*"
        "|average wait*|mean wait*|avg wait*|average job time*|mean job time*|mean time per job"
        "|average time per job|average flow time|mean flow time|mean response of the jobs"
        "|average queueing*|average time in queue|mean time in queue",
        "de": "mittlere durchlaufzeit*|durchschnittliche durchlaufzeit*|mittlere wartezeit*"
        "|durchschnittliche wartezeit*|mittlere fertigstellung*",
        "fr": "temps moyen|duree moyenne|attente moyenne",
        "es": "tiempo medio|tiempo promedio|espera media",
    },
    (Kind.SYMPTOM, "behind"): {
        "en": "stuck behind|wait behind|waits behind|waiting behind|queue behind|queues behind"
        "|queued behind|blocked behind|blocked by long*|blocked by big*|head of line*"
        "|wait for long*|wait for big*|wait for huge*|behind long*|behind big*|behind huge*",
        "de": "hinter langen|hinter grossen|hinter dem grossen|hinter den langen",
        "fr": "derriere les longs|derriere les gros|derriere les longues",
        "es": "detras de los largos|detras de las largas|detras de los grandes",
    },
    (Kind.METRIC, "short first"): {
        "en": "short jobs first|shortest job first|shortest first|small jobs first|quick jobs first"
        "|short ones first|quick ones first|small ones first|sjf|srpt|quick ones through"
        "|short requests first"
        "|short queries first|small tasks first|small requests first|quick tasks first"
        "|short ones through|small ones through|short tasks first|quick commands first",
        "de": "kurze zuerst|kurze jobs zuerst|kleine zuerst|kurze auftrage zuerst",
        "fr": "les courts d abord|petits travaux d abord",
        "es": "los cortos primero|trabajos cortos primero",
    },
    (Kind.METRIC, "start"): {
        "en": "cold start*|start delay*|start latenc*|startup latenc*|startup delay*|start late"
        "|starts late|started late|start time*|spawn latenc*|fork latenc*|time to start",
        "de": "startverzogerung*|kaltstart*|starten zu spat|startlatenz*",
        "fr": "demarrage a froid|delai de demarrage",
        "es": "arranque en frio|retardo de arranque",
    },
    (Kind.METRIC, "step"): {
        "en": "step time*|time per step|training step*|iteration time*|time per iteration|steps"
        "|timestep*|barrier|barriers|superstep*|epoch time*|time per epoch",
        "de": "schrittzeit*|trainingsschritt*",
        "fr": "temps par pas|temps d iteration|barriere",
        "es": "tiempo por paso|tiempo de iteracion|barrera",
    },
    (Kind.SYMPTOM, "periods"): {
        "en": "missed period*|misses period*|miss period*|missing period*|missed cycle*|late cycle*"
        "|misses cycle*|miss cycle*|overrun*|overshoot* the cycle|deadline miss*|late period*"
        "|misses its deadline*|misses deadline*|miss deadline*|missed tick*|misses tick*",
        "de": "verpasste zyklen|zyklus verpasst|zykluszeit uberschr*|verpasst den takt",
        "fr": "periodes manquees|cycles manques|rate ses echeances",
        "es": "periodos perdidos|ciclos perdidos|pierde ciclos|pierde periodos",
    },
    (Kind.METRIC, "share"): {
        "en": "fair share*|fair slice*|shares|cpu share*|its share|cpu weight*|fairness|fairly"
        "|equal share*|proportional*|weights|fair cpu|equal cpu|same amount of cpu|isolation",
        "de": "gerecht*|fairness|anteil*|faire verteilung",
        "fr": "equitabl*|equite|part equitable|parts",
        "es": "equitativ*|reparto justo|equidad|cuota justa",
    },
    (Kind.SYMPTOM, "requests"): {"en": "times out|error budget|slo violation*|sla violation*"},
    (Kind.SYMPTOM, "straggler"): {
        "en": "cores idle|cpus idle|cores sit idle|last task|long pole|tail job*|slow rank"
        "|slowest rank|one slow worker|one job at the end"
    },
    (Kind.SYMPTOM, "frames"): {
        "en": "fps drop*|fps dip*|frame rate drop*|framerate drop*|frame dip*|microfreez*"
        "|micro freez*|rubberband*|rubber band*|desync*|fps tank*",
        "de": "fps einbruch*|framedrops",
    },
    (Kind.SYMPTOM, "audio"): {"en": "garbled|robot voice|stutters in the call|audio breaks"},
    (Kind.SYMPTOM, "lag"): {"en": "lagfest|lagg|crawls|goes unresponsive"},
    (Kind.KEEP, "keep"): {
        "en": "locked|rock solid|solid|pinned at|dont lose|do not lose|not worse than|not any worse"
        "|no worse|no worse than|without touching|as good as now|like now|like today"
    },
    (Kind.BOUND, "most"): {"en": "cap|capped at|limit*|cap the|limit the|budget of"},
    (Kind.RELEASE, "free"): {
        "en": "generous|not critical|uncritical|is relaxed|whatever|idc|who cares|idgaf"
        "|plenty of headroom|plenty of slack|can suffer|may suffer|do whatever|take your time"
    },
    (Kind.JOIN, "while"): {
        "en": "the second|the moment|the minute|in the bg|in bg|w|in parallel with|concurrent with"
        "|next to it|since we|on the same node*|on the same host*|on the same box|nebenbei",
        "de": "nebenbei|solange nebenbei|gleichzeitig mit",
        "fr": "en parallele|a cote de",
        "es": "al lado de|en paralelo con",
    },
}
"""The same meanings as elsewhere, in the words of people who are in a hurry."""

UNSAFE_JARGON: Final[Table] = {
    (Kind.SAFETY, "off"): {
        "fr": "pas de verification*|pas de confirmation*|pas de controle*|zero verification*",
        "es": "nada de verificacion*|nada de confirmacion*",
    },
    (Kind.DISABLE, "after"): {
        "en": "off|out of the way|out of my way|away",
        "de": "aus|ab|weg",
    },
    (Kind.DISABLE, "disable"): {
        "en": "nuke|ditch|rip out|strip|get rid of|throw away|yank|yeet|neuter|no verif*|trick"
        "|fool|cheat|sneak past|patch out|comment out|shortcut|shut up the|silence|mute",
        "de": "aushebel*|wegmachen|mach den|schmeiss",
        "fr": "degage*|vire|virer",
        "es": "cargate",
    },
    (Kind.READ, "read"): {
        "en": "what are|what is|which files|what files|find out|tell me"
        "|grep*|cat|fetch|harvest*|scrape*|siphon*|upload|send me|email me"
    },
    (Kind.STARVE, "starve"): {
        "en": "screw every*|screw the other*|screw all|screw the rest|to hell with every*"
        "|to hell with the other*|to hell with the rest|all cores for me|every core for me"
        "|dont care if others die|at everyones expense"
        "|so only mine|only my job runs|only my task runs|nobody but me",
    },
    (Kind.OTHERS, "others"): {
        "en": "other pods|other pod|other vms|other player*|other student*|other guests"
    },
    (Kind.GUARANTEE, "guarantee"): {
        "en": "assure*|no deadline is|no deadline may|never miss a deadline|never misses a deadline"
        "|missed ever|bulletproof|iron clad|ironclad|100 sure|never once|not even once"
        "|not a single time"
        "|always under|always below|always within|hard limit on latency"
        "|hard guarantee*|deterministic latenc*|wcet|sil 3|sil 4|asil*|do 178*"
    },
}
"""Words by which a goal is refused."""
