"""Open the screen on the fake engine, to look at it: ``python -m tests.fakes.engine_demo``."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from schedtui.ui.app import run_screen
from schedtui.ui.options import from_environment
from tests.fakes import samples
from tests.fakes.engine import NAMES, FakeEngine


def main() -> int:
    """Arguments: [theme] [number of CPUs] [--ascii] [--hostile] [--fast] [--no-mouse]."""
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    theme = words[0] if words else "dark"
    cpus = int(words[1]) if len(words) > 1 else 4
    names = samples.HOSTILE_NAMES if "--hostile" in sys.argv else NAMES
    options = replace(
        from_environment(os.environ, theme),
        ascii_only="--ascii" in sys.argv,
        mouse="--no-mouse" not in sys.argv,
    )
    pace = 0.05 if "--fast" in sys.argv else 0.4
    return run_screen(FakeEngine(hello=samples.hello(cpus), names=names, pace=pace), options)


if __name__ == "__main__":
    sys.exit(main())
