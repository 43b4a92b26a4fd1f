"""``python -m schedtui``."""

import sys

from schedtui.cli import main

sys.exit(main())
