"""All themes there are: those that come with the program, and the user's own as they change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from schedtui.resources import resource_dir
from schedtui.ui.own_files import OwnFileError, read_own
from schedtui.ui.themes import Theme, ThemeData, ThemeError, theme_data, theme_of

MOST_FILES: Final = 64
"""Own theme files that are read, the first ones by name."""

Stamp = tuple[int, int, int]
"""What changes when a file does: time of change in ns, size in bytes, number."""


class ThemeShelf:
    """Reads the shipped themes once, and the user's own whenever ``look`` finds them changed.

    Attributes:
        themes: By name. One of the user's own takes the place of a shipped one.
        files: Where each theme comes from, by its name.
    """

    def __init__(self, own: Path | None = None) -> None:
        """Raises ThemeError when a theme that comes with the program is not usable."""
        self._folder = own
        self._bases: dict[str, ThemeData] = {}
        self._shipped: dict[Path, Theme] = {}
        self._own: dict[Path, Theme] = {}
        self._read: dict[Path, Stamp] = {}
        self._seen: dict[Path, Stamp] = {}
        self._faults: dict[Path, str] = {}
        for path in sorted(resource_dir("themes").glob("*.toml")):
            data = theme_data(path.read_text("utf-8"), path.name)
            self._shipped[path] = theme_of(data, path.name)
            self._bases[self._shipped[path].name] = data
        self._seen = dict(self._stamps())
        self._take_settled(self._seen)

    @property
    def themes(self) -> dict[str, Theme]:
        """All themes by name."""
        return {theme.name: theme for theme in (self._shipped | self._own).values()}

    @property
    def files(self) -> dict[str, Path]:
        """The file of each theme by its name."""
        return {theme.name: path for path, theme in (self._shipped | self._own).items()}

    @property
    def faults(self) -> tuple[str, ...]:
        """One sentence for each of the user's own files that cannot be used as it is now."""
        return tuple(self._faults.values())

    def is_own(self, name: str) -> bool:
        """Tell whether the theme called ``name`` is the user's own."""
        return self.files[name] in self._own

    def look(self) -> tuple[str, ...]:
        """Read what changed and has settled; return the faults of what was read now.

        A file that became unusable leaves the theme that was read from it before. A file that is
        being written is read one look later.
        """
        now = dict(self._stamps())
        settled = {path: stamp for path, stamp in now.items() if self._seen.get(path) == stamp}
        self._seen = now
        for path in self._read.keys() - now.keys():
            del self._read[path]
            self._own.pop(path, None)
            self._faults.pop(path, None)
        return self._take_settled(settled)

    def _take_settled(self, settled: dict[Path, Stamp]) -> tuple[str, ...]:
        changed = [path for path, stamp in settled.items() if self._read.get(path) != stamp]
        for path in changed:
            self._read[path] = settled[path]
            self._take(path)
        return tuple(self._faults[path] for path in changed if path in self._faults)

    def _take(self, path: Path) -> None:
        self._faults.pop(path, None)
        try:
            data = theme_data(read_own(path), path.name, self._bases)
            self._own[path] = theme_of(data, path.name)
        except (ThemeError, OwnFileError) as error:
            self._faults[path] = str(error)
        except FileNotFoundError:
            self._read.pop(path)

    def _stamps(self) -> Iterator[tuple[Path, Stamp]]:
        if self._folder is None:
            return
        try:
            paths = sorted(self._folder.glob("*.toml"))
        except OSError:
            return
        for path in paths[:MOST_FILES]:
            try:
                found = path.stat()
            except OSError:
                continue
            yield path, (found.st_mtime_ns, found.st_size, found.st_ino)
