"""``make bench``: the figures schedtui promises, as a table and as JSON.

Every figure comes from raw samples of this run. Comparisons are interleaved within one boot.
``python -m tests.perf NAME ...`` runs some of them; ``--record`` keeps them in ``docs/figures``.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from tests.perf import attaches, goals, overhead, record, sample, sandbox, screen
from tests.perf.row import Row, table

BENCHES = {
    "attach": sandbox.attach,
    "verdict": sandbox.verdict,
    "screen": screen.first_frame_and_quit,
    "probe": overhead.probe,
    "sample": sample.cost,
    "attaches": attaches.lost,
    "service": goals.service,
    "batch": goals.batch,
    "game": goals.game,
}


async def _run(names: list[str], *, recorded: bool) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        started, begun = time.monotonic(), record.begin("bench", name)
        found = await BENCHES[name]()
        if recorded:
            record.keep(begun, found)
        rows += found
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
        print(table(found), file=sys.stderr)
    return rows


def main() -> int:
    """Run the named benches, all without a name."""
    names = [name for name in sys.argv[1:] if name != "--record"] or list(BENCHES)
    rows = asyncio.run(_run(names, recorded="--record" in sys.argv))
    print(table(rows))
    report = [row.as_json() for row in rows]
    Path("build").mkdir(exist_ok=True)
    Path("build/bench.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report))
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
