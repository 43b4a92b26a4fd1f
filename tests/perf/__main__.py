"""``make bench``: the figures schedtui promises, as a table and as JSON.

Every figure comes from raw samples of this run. Comparisons are interleaved within one boot.
``python -m tests.perf NAME ...`` runs some of them; ``--record`` keeps them in ``docs/figures``.
"""

from __future__ import annotations

import sys

from tests.perf import attaches, bench, goals, model, overhead, sample, sandbox, screen

BENCHES = {
    "attach": sandbox.attach,
    "verdict": sandbox.verdict,
    "screen": screen.first_frame_and_quit,
    "probe": overhead.probe,
    "sample": sample.cost,
    "attaches": attaches.lost,
    "model": model.dearest,
    "service": goals.service,
    "batch": goals.batch,
    "game": goals.game,
}

if __name__ == "__main__":
    sys.exit(bench.run("bench", BENCHES, sys.argv[1:]))
