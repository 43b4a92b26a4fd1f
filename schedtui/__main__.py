"""``python -m schedtui``, and what the command ``schedtui`` starts."""

import signal
import sys

# Until the program is set up Ctrl-C just ends it: a traceback out of imports helps nobody.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from schedtui.cli import main  # noqa: E402 - after the line above

if __name__ == "__main__":
    sys.exit(main())
