"""Words for what the goal is about."""

from __future__ import annotations

from typing import Final

from schedtui.agent.terms.kinds import Kind, Table

SUBJECTS: Final[Table] = {
    (Kind.SUBJECT, "service"): {
        "en": "request service*|web service*|service|services|microservice*|web server*|server"
        "|servers|backend|backends|api|apis|api server*|http server*|database*|db|rpc"
        "|grpc|endpoint*|web app*|webapp|web application|web site|website|proxy"
        "|load balancer|gateway|requests|request|queries|query|clients|nginx|apache"
        "|haproxy|envoy|postgres*|mysql|mariadb|redis|memcached|mongodb|mongo|cassandra"
        "|kafka|elasticsearch|tomcat|node js|nodejs|gunicorn|uwsgi|django|rails|schbench"
        "|worker pool|thread pool|worker threads|workers|transactions|customers"
        "|message broker|rabbitmq|search engine|inference server|shop|checkout|payment*",
        "de": "dienst*|anfrage*|webserver*|datenbank*|webdienst*|server*|abfrage*|webseite*"
        "|dienste",
        "fr": "serveur*|service web|requete*|base de donnees|site web|service*|site",
        "es": "servicio*|servidor*|peticion*|base de datos|sitio web|solicitud*|consulta*",
    },
    (Kind.SUBJECT, "game"): {
        "en": "game|games|gaming|gameplay|steam|minecraft|doom|cs2|counter strike|dota*"
        "|valorant|elden ring|fortnite|factorio|proton|wine|emulator*|vr|vr headset"
        "|cyberpunk|quake|overwatch|gta|videogame*|video game*|shooter|racing game"
        "|racing sim|simulator|flight sim*|civ|rocket league|play|plays|playing|player*",
        "de": "spiel|spiele|spielen|spiels|gaming|videospiel*|computerspiel*",
        "fr": "jeu|jeux|jouer|joue|jeu video|jeux video",
        "es": "juego|juegos|jugar|juegue|videojuego*|jugando",
    },
    (Kind.SUBJECT, "video call"): {
        "en": "video call*|videocall*|video conference*|video meeting*|zoom|zoom call*|teams"
        "|teams call*|meeting|meetings|video chat*|webcam|video playback|video stream*"
        "|video|movie*|youtube|netflix|vlc|mpv|obs|live stream*|livestream*|stream"
        "|streaming|facetime|google meet|conference call*|screen share|screen sharing"
        "|call|calls|screencast*|discord",
        "de": "videoanruf*|videokonferenz*|videocall*|videotelefonat*|film*|video|anruf*"
        "|besprechung*",
        "fr": "appel video|visio*|visioconference*|appel*|film*|video*|reunion*",
        "es": "videollamada*|videoconferencia*|llamada*|pelicula*|video*|reunion*",
    },
    (Kind.SUBJECT, "audio"): {
        "en": "audio|sound|music|jack|pipewire|pulseaudio|daw|ardour|microphone|podcast|synth*"
        "|reaper|guitar|midi|voice|voip|spotify|song*|playback|recording session"
        "|audio stream*|bitwig",
        "de": "musik*|ton|klang|audio*|mikrofon|sprach*",
        "fr": "audio|musique|son|micro|voix",
        "es": "audio|sonido|musica|microfono|voz",
    },
    (Kind.SUBJECT, "desktop"): {
        "en": "desktop|browser|firefox|chrome|chromium|mouse|cursor|pointer|typing|keyboard|gui"
        "|ui|user interface|editor|ide|vscode|vs code|emacs|animations|animation|windows"
        "|window|window manager|terminal|kde|gnome|plasma|compositor|wayland|xorg|screen"
        "|scrolling|scroll|user input|interactive task*|interactive app*"
        "|interactive program*|interactive work|interactive use|foreground|display|shell",
        "de": "desktop|browser|maus|mauszeiger|tastatur|oberflache*|fenster|editor|tippen"
        "|bildschirm|vordergrund*",
        "fr": "bureau|navigateur|souris|clavier|interface|fenetre*|ecran|editeur",
        "es": "escritorio|navegador|raton|teclado|interfaz|ventana*|pantalla|editor",
    },
    (Kind.SUBJECT, "machine"): {
        "en": "my machine|my pc|my computer|workstation|laptop|pc|computer|machine|system",
        "de": "rechner|laptop|computer|arbeitsplatz|system|kiste",
        "fr": "ordinateur|poste|machine|systeme",
        "es": "ordenador|computadora|sistema|maquina",
    },
    (Kind.SUBJECT, "compile"): {
        "en": "compil*|build|builds|building|kernel build*|make j*|cargo|cargo build|rustc|gcc"
        "|clang|ninja|cmake|bazel|linking|linker|ci|ci job*|ci run*|ci pipeline|gradle"
        "|maven|webpack|xcodebuild|link step|clean build|full build|kernel compile"
        "|recompil*|yocto|buildroot|emerge|toolchain",
        "de": "kompil*|ubersetz*|build*|bauen|baue|baut|compil*|bau",
        "fr": "compil*|construction|build*",
        "es": "compil*|construccion|build*|construir",
    },
    (Kind.SUBJECT, "batch"): {
        "en": "batch|batches|batch job*|batch of jobs|batch run*|batch work|jobs|job|job queue"
        "|render*|render farm|render job*|encode|encodes|encoding|encoder|transcod*"
        "|ffmpeg|blender|test suite*|tests|unit tests|pipeline*|etl|data processing"
        "|simulation*|training|training job*|backup*|compress*|archiv*|nightly"
        "|nightly job*|nightly run|cron|cron job*|work queue|work items|items|set of jobs"
        "|list of jobs|tasks|map reduce|mapreduce|spark|hadoop|sweep|analysis|analytics"
        "|number crunching|crunch*|conversion*|convert*|workload|stages|stage"
        "|image processing|parameter sweep|indexing|report*|background job*"
        "|background task*|background work|background load|background|virus scan|updates"
        "|update|export|exports|photos|bioinformatics|genome|experiment*|files|file"
        "|calculation*|computation*|hpc|video transcod*|video encod*|video conversion*"
        "|video render*|video processing|video export*|audio encod*|audio conversion*"
        "|shader compil*",
        "de": "stapel*|auftrag*|auftrage|job|jobs|aufgaben|render*|testlauf*|tests|testsuite"
        "|berechnung*|simulation*|backup*|sicherung*|hintergrund*|batch*|kodier*"
        "|nachtlauf|verarbeitung*|batchlauf*|charge|dateien|umwandl*",
        "fr": "lot|lots|lot de travaux|traitement*|tache*|travaux|travail|rendu*|encodage*"
        "|simulation*|calcul*|sauvegarde*|tests|batch|suite de tests|job*|arriere plan"
        "|fichiers",
        "es": "lote|lotes|trabajos|trabajo|tareas|renderiz*|simulacion*|pruebas|calculos"
        "|copia de seguridad|procesamiento|batch|segundo plano|codificacion*|ficheros"
        "|archivos|respaldo",
    },
    (Kind.RESOURCE, "resource"): {
        "en": "disk*|ssd*|hdd*|nvme|hard drive*|hard disk*|storage|file system*|filesystem*"
        "|network*|wifi|wi fi|wlan|internet|bandwidth|download*|upload*|ram|memory"
        "|memory usage|swap|gpu|gpus|vram|graphics card|video card|ping|usb|boot time"
        "|boot|battery life of|clock speed|cpu frequency|cpu temperature|temperature|fan"
        "|fan noise|ethernet|dns|router|nfs|raid",
        "de": "festplatte*|platte|netzwerk*|arbeitsspeicher|speicher|grafikkarte|laufwerk*"
        "|datentrager|temperatur|lufter|internetverbindung",
        "fr": "disque*|reseau|memoire|carte graphique|connexion internet|stockage|temperature"
        "|connexion",
        "es": "disco*|red|memoria|tarjeta grafica|almacenamiento|conexion|temperatura|wifi",
    },
    (Kind.ENERGY, "energy"): {
        "en": "battery|power consumption|energy|power usage|power draw|power saving|save power"
        "|watt*|electricity",
        "de": "akku*|batterie*|stromverbrauch|energie*|strom",
        "fr": "batterie|consommation|energie",
        "es": "bateria|consumo|energia",
    },
}
