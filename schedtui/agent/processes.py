"""What well-known process names stand for. A hint only: names can lie."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final


class ProcessKind(StrEnum):
    """What a process of this name usually does."""

    INTERACTIVE = "interactive"
    BATCH = "batch"
    SERVICE = "service"
    KERNEL = "kernel"
    UNKNOWN = "unknown"


_STEMS: Final = {
    ProcessKind.KERNEL: "kworker/|ksoftirqd/|migration/|rcu_|kthreadd|kswapd|kcompactd|swapper"
    "|irq/|jbd2/|khugepaged|cpuhp/|idle_inject|watchdog/|kauditd|oom_reaper|writeback|ksmd|scsi_",
    ProcessKind.INTERACTIVE: "game|steam|gamescope|wine|proton|minecraft|factorio|dota|cs2|csgo"
    "|kwin|gnome-shell|mutter|plasmashell|Xorg|Xwayland|sway|weston|hyprland|picom|xfwm|cinnamon"
    "|pipewire|wireplumber|pulseaudio|jackd|ardour|bitwig|reaper|mpv|vlc|zoom|teams|discord|obs"
    "|firefox|Isolated Web|WebExtensions|chrome|chromium|GeckoMain|slack|code|kitty|alacritty"
    "|konsole|gnome-terminal|retroarch|godot|unity|UnrealEditor|blender-ui|spotify",
    ProcessKind.BATCH: "cc1|cc|c++|g++|gcc|clang|ld|ld.lld|lld|mold|rustc|cargo|go|javac|make|ninja"
    "|cmake|bazel|gradle|as|ar|ffmpeg|x264|x265|HandBrake|blender|xz|zstd|gzip|bzip2|7z|tar|rsync"
    "|borg|restic|pytest|ctest|tsc|webpack|stress-ng|sysbench|hashcat|povray|octave|Rscript",
    ProcessKind.SERVICE: "nginx|apache2|httpd|haproxy|envoy|postgres|mysqld|mariadbd|redis-server"
    "|memcached|mongod|java|node|gunicorn|uwsgi|php-fpm|caddy|traefik|schbench|beam.smp|etcd"
    "|service|clickhouse|cassandra|rabbitmq|kafka|elasticsearch",
}

_SHORT: Final = 4
"""Names up to this length must match whole: ``as`` is the assembler, ``aspell`` is not."""


@lru_cache(maxsize=4096)
def kind_of(name: str) -> ProcessKind:
    """Return what a process of this name usually does."""
    for kind, stems in _STEMS.items():
        if any(_matches(name, stem) for stem in stems.split("|")):
            return kind
    return ProcessKind.UNKNOWN


def _matches(name: str, stem: str) -> bool:
    return name == stem or (len(stem) > _SHORT and name.startswith(stem))
