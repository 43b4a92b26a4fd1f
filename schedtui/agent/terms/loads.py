"""Words that name a kind of load, beside the grammar: who runs, not what shall happen to it."""

from __future__ import annotations

from typing import Final

from schedtui.agent.terms.kinds import Kind, Table
from schedtui.model.goal import Family

LOADS: Final[Table] = {
    (Kind.LOAD, Family.BUILD): {
        "en": "compil*|build|builds|building|rebuild*|make j*|cargo|rustc|gcc|clang|ninja|cmake"
        "|bazel|linking|linker|ci|ci cd|gradle|maven|webpack|xcodebuild|link step|recompil*|yocto"
        "|buildroot|emerge|toolchain|makefile*|mvn|msbuild|meson|scons|jenkins|gitlab runner*"
        "|github runner*|llvm|ccache|distcc|dpkg buildpackage|rpmbuild|nix build|portage|gentoo",
        "de": "kompil*|ubersetz*|build*|bauen|baue|baut|compil*",
        "fr": "compil*|build*",
        "es": "compil*|build*",
        "zh": "编译|构建",
        "ja": "コンパイル|ビルド",
    },
    (Kind.LOAD, Family.OLTP): {
        "en": "postgres*|psql|mysql*|mariadb|innodb|oltp*|tpc c|tpcc|tps|transactions|commits"
        "|commit|commit latenc*|sql server|oracle db|oracle database|cockroach*|vitess|pgbench"
        "|sqlite|transaction rate*|transactions per second|transactional|order entry|pgbouncer|wal",
        "de": "transaktion*|buchung*",
        "fr": "transactions|transactionnel*",
        "es": "transacciones|transaccional*",
        "zh": "事务|交易数据库",
        "ja": "トランザクション",
    },
    (Kind.LOAD, Family.OLAP): {
        "en": "olap|clickhouse|duckdb|snowflake|data warehouse*|warehouse*|analytical quer*"
        "|analytics quer*|analytic quer*|tpc h|tpch|tpc ds|presto|trino|druid|impala|bi quer*"
        "|dashboard quer*|dashboards|queries per hour|spark sql|reporting quer*|big quer*"
        "|full table scan*|aggregation*|column store|columnar",
        "de": "auswertungsabfrage*|berichtsabfrage*|data warehouse*",
        "fr": "requetes analytiques|entrepot de donnees",
        "es": "consultas analiticas|almacen de datos",
        "zh": "数据仓库|分析查询",
        "ja": "分析クエリ|データウェアハウス",
    },
    (Kind.LOAD, Family.MICROSERVICES): {
        "en": "microservice*|micro service*|service mesh|istio|linkerd|end to end latenc*"
        "|call chain*|service chain*|chain of services|services calling|hops|rpc chain*"
        "|fan out|fanout|service graph|request path|downstream service*|upstream service*"
        "|services that call|several services|many services|between services|across services"
        "|pipeline of services|deathstarbench|online boutique|bff",
        "de": "microservice*|dienstekette|kette von diensten|mehrere dienste",
        "fr": "microservice*|chaine de services|micro services",
        "es": "microservicio*|cadena de servicios",
        "zh": "微服务|服务链",
        "ja": "マイクロサービス",
    },
    (Kind.LOAD, Family.SERVERLESS): {
        "en": "serverless|lambda*|faas|openfaas|knative|openwhisk|cloud function*|function call*"
        "|cold start*|invocation*|short lived function*|short function*|functions|firecracker"
        "|burst of functions|fission|cgi script*|short lived process*|spawn*|fork storm*"
        "|edge function*|start delay*|start latenc*|startup delay*",
        "de": "serverless|funktionsaufruf*|kaltstart*|kurzlebige*",
        "fr": "sans serveur|serverless|demarrage a froid|fonctions courtes",
        "es": "sin servidor|serverless|arranque en frio|funciones cortas",
        "zh": "无服务器|冷启动|函数计算",
        "ja": "サーバーレス|コールドスタート",
    },
    (Kind.LOAD, Family.LOADING): {
        "en": "dataloader*|data loader*|data loading|loader worker*|loader process*|gpu sits"
        "|gpu idle*|gpu is idle|gpus idle|gpu waits|gpus wait|gpu starv*|gpus starv*|gpu util*"
        "|input pipeline*|feed the gpu*|feeding the gpu*|keep the gpu*|input bound|tfrecord*"
        "|augmentation*|tokenization worker*|preprocessing worker*|prefetch*|gpu busy|gpus busy",
        "de": "datenlader*|gpu wartet|gpu langweilt",
        "fr": "chargement des donnees|chargeur* de donnees|gpu attend",
        "es": "carga de datos|cargador* de datos|gpu espera",
        "zh": "数据加载|喂不饱",
        "ja": "データローダ*|データ読み込み",
    },
    (Kind.LOAD, Family.BARRIER): {
        "en": "barrier*|mpi|mpirun|allreduce|all reduce|openmp|omp|bulk synchronous|bsp|lockstep"
        "|ranks|slowest rank|slow rank|slowest worker|data parallel|synchronous training"
        "|horovod|gloo|nccl|collective*|stencil*|time step*|timestep*|superstep*|iterations"
        "|synchroni* step*|gradient sync*|lammps|gromacs|openfoam|wrf",
        "de": "barriere*|gleichschritt",
        "fr": "barriere*|rangs",
        "es": "barrera*|rangos",
        "zh": "屏障|同步训练",
        "ja": "バリア|同期学習",
    },
    (Kind.LOAD, Family.INFERENCE): {
        "en": "inference|llama*|llm|llms|ollama|vllm|tokens per second|tokens s|tok s"
        "|time to first token|ttft|first token|onnx*|triton|whisper|model server*|model serving"
        "|torchserve|embedding server*|gguf|tokens a second|token rate|token generation"
        "|tensorflow serving|stable diffusion|chatbot",
        "de": "inferenz*|sprachmodell*",
        "fr": "inference*|modele de langue",
        "es": "inferencia*|modelo de lenguaje",
        "zh": "推理|大模型|首个token|首token",
        "ja": "推論|言語モデル",
    },
    (Kind.LOAD, Family.PERIODIC): {
        "en": "control loop*|motor control*|plc|soft rt|soft real time|soft realtime|robot*"
        "|servo*|ethercat|can bus|cyclic task*|cycle time*|cyclic|khz|missed period*|misses period*"
        "|missed cycle*|misses cycle*|periodic task*|periodic thread*|every millisecond|sampling"
        "|sampler|drone*|flight controller*|autopilot|periods|sdr|linuxcnc|cnc|ros2|ros 2"
        "|cyclictest|telescope|polling loop*|ecu",
        "de": "regelkreis*|regelung*|steuerung*|zykluszeit*|zyklisch*|sps|abtast*|takt",
        "fr": "boucle de controle|boucle de regulation|periodique*|automate",
        "es": "lazo de control|bucle de control|periodic*|ciclo de control",
        "zh": "控制循环|控制回路|周期任务",
        "ja": "制御ループ|周期タスク",
    },
    (Kind.LOAD, Family.TENANTS): {
        "en": "tenant*|multi tenant|multitenant|noisy neighbo*|pods|pod|container*|cgroup*"
        "|cpu weight*|cpu share*|cpushare*|k8s|kubernetes|docker|podman|lxc|vms|customer vm*"
        "|guest vm*|fair share*|fair slice*|fairly|fairness|shared host*|shared server*"
        "|shared machine*|shared node*|hypervisor*|quota*|namespace*|per user share*|proportional"
        "|systemd slice*|customers on|both customers|on one host"
        "|same host|share a host|share the host|share a box|share a machine"
        "|each user|each customer|every customer|each team|every team",
        "de": "mandant*|container*|gerecht*|fair|anteil*|jeder kunde|jeder benutzer|jeder nutzer",
        "fr": "locataire*|conteneur*|equitabl*|part equitable|voisin bruyant",
        "es": "inquilino*|contenedor*|equitativ*|reparto justo|vecino ruidoso",
        "zh": "租户|容器|公平|邻居",
        "ja": "テナント|コンテナ|公平",
    },
    (Kind.LOAD, Family.PHASES): {
        "en": "phase|phases|phased|map reduce|mapreduce|shuffle|first it|day and night"
        "|by day|by night|at night|during the day|alternat*|switches between|goes back and forth"
        "|changes behavio*|changing behavio*|two modes|mode switch*|load changes|business hours"
        "|office hours|changing load|varying load|bursts then|then computes|then it computes"
        "|then crunches|then waits",
        "de": "phase|phasen|abwechselnd|wechselnde last|tagsuber|nachts",
        "fr": "phase|phases|en alternance|charge changeante|la nuit|le jour",
        "es": "fase|fases|alterna*|carga cambiante|de noche|de dia",
        "zh": "阶段|交替",
        "ja": "フェーズ|段階|交互",
    },
    (Kind.LOAD, Family.ABUSE): {
        "en": "fork bomb*|forkbomb*|sched yield*|yield in a loop|yielding in a loop|busy loop*"
        "|spins in a loop|spinning in a loop|wake storm*|wakeup storm*|misbehav*|rogue|runaway*"
        "|cryptominer*|crypto miner*|miner|crypto mining|bitcoin mining|abus*|hostile|malicious"
        "|hog|hogs|hogging|hogged|greedy|cpu eater|stress ng|attacker*|ddos|idiot|infinite loop*"
        "|endless loop*|yield loop*|while true",
        "de": "forkbombe*|amok*|endlosschleife*|ausser kontrolle|rucksichtslos*|miner",
        "fr": "bombe a fork*|boucle infinie|emball*|malveillant*|mineur*",
        "es": "bomba fork|bucle infinito|descontrolad*|malicios*|minero*",
        "zh": "死循环|挖矿|失控",
        "ja": "無限ループ|暴走|マイニング",
    },
}
"""Loads by family; the families that are measured without such words are not among them."""
