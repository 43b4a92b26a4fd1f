"""Stands where a shell would: runs a program on the terminal, then says how it left it.

Started as ``python -m tests.e2e.parent PROGRAM ...``; prints ``[ended CODE] [terminal same]`` and
stays until its input ends.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import termios


def main() -> None:
    """Run the program to its end and report."""
    # A handler, not "ignore": that would be inherited by the program.
    signal.signal(signal.SIGINT, lambda *_: None)
    before = termios.tcgetattr(0)
    code = subprocess.call(sys.argv[1:])
    same = termios.tcgetattr(0) == before
    sys.stdout.write(f"[ended {code}] [terminal {'same' if same else 'changed'}]\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
