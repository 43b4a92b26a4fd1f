"""The steps from a bare machine to a ready one. Each does nothing when its work is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from setup.host import Host, Show

APT_LISTS = Path("/var/lib/apt/lists")


@dataclass(frozen=True)
class Need:
    """A system package, the program that shows it is there, and why it is wanted."""

    program: str
    package: str
    why: str


QEMU = Need("qemu-system-x86_64", "qemu-system-x86", "the sandbox is a small virtual machine")
BUBBLEWRAP = Need("bwrap", "bubblewrap", "proposed schedulers are compiled away from your files")
TMUX = Need("tmux", "tmux", "tests drive the screen in a real terminal")


@dataclass(frozen=True)
class Steps:
    """The set-up of one checkout on one host."""

    host: Host
    checkout: Path

    @property
    def python(self) -> Path:
        """Return the interpreter of the checkout's own environment."""
        return self.checkout / ".venv" / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Return the file that says what the environment was installed from."""
        return self.checkout / ".venv" / "schedtui-stamp.json"

    def packages(self, *, tests: bool) -> bool:
        """Install missing system packages, or say how; False when some are still missing."""
        wanted = (QEMU, BUBBLEWRAP, *((TMUX,) if tests else ()))
        needs = [need for need in wanted if self._lacks(need)]
        if not self.environment_possible:
            needs.append(Need("", "python3-venv", "schedtui gets a Python environment of its own"))
        if not needs:
            return True
        command = apt_install([need.package for need in needs])
        for need in needs:
            self.host.say(f"  {need.package} is missing: {need.why}")
        if not self.host.which("apt-get"):
            self.host.say("  install it with this system's package manager; going on without")
            return False
        if not self.host.root:
            self.host.say(f"  not root, so please run: sudo {' '.join(command)}")
            return False
        return self._apt(command)

    def _lacks(self, need: Need) -> bool:
        return not self.host.which(need.program)

    def _apt(self, command: Sequence[str]) -> bool:
        if not self.host.any_file(APT_LISTS, "*_InRelease"):
            self._timed("package lists", "there are none yet", ["apt-get", "update", "-q"])
        if self._timed("system packages", " ".join(command[4:]), command):
            return True
        # Old lists name versions that the archive no longer has: refresh and try once more.
        self._timed("package lists", "the install failed, they may be old", ["apt-get", "update"])
        return self._timed("system packages", "second try", command)

    @property
    def environment_possible(self) -> bool:
        """Whether ``.venv`` is there or can be made without a system package."""
        return self._environment_there() or self.host.has_module("ensurepip")

    def environment(self) -> bool:
        """Make ``.venv`` when it is missing or belongs to another Python."""
        if self._environment_there():
            return True
        folder = str(self.checkout / ".venv")
        base = [self._base_python(), "-m", "venv", "--clear"]
        pip = () if self.host.has_module("ensurepip") else ("--without-pip",)
        why = "schedtui installs nothing into the system's Python"
        return self._timed("environment .venv", why, [*base, *pip, folder])

    def _environment_there(self) -> bool:
        return bool(self.host.which(str(self.python))) and self._installed_with() in {
            "",
            self.host.python,
        }

    def _base_python(self) -> str:
        return self.host.which("python3") or "python3"

    def _installed_with(self) -> str:
        return str(self._stamped().get("python", ""))

    def _stamped(self) -> dict[str, object]:
        try:
            data = json.loads(self.host.read(self.stamp) or "{}")
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}

    def dependencies(self) -> bool:
        """Install the project when pyproject.toml or the Python changed since the last time."""
        why = "the program's libraries"
        return self._pip_installed("libraries", why, ["--editable", str(self.checkout)])

    def tools(self) -> bool:
        """Install what checks and tests the project; its libraries are there.

        By name, so that the project itself stays as it is for whoever runs it meanwhile.
        """
        import tomllib  # noqa: PLC0415 - an older Python must get as far as saying that it is one

        project = tomllib.loads(self.host.read(self.checkout / "pyproject.toml"))
        wanted = project["project"]["optional-dependencies"]["dev"]
        # Tools are large, and most of each is never imported.
        return self._pip_installed("tools", "the tools that check it", ["--no-compile", *wanted])

    def _pip_installed(self, what: str, why: str, options: Sequence[str]) -> bool:
        had, wanted = self._stamped(), self._wanted()
        if had.get(what) == wanted:
            return True
        command = [*self._pip(), "install", "--disable-pip-version-check", *options]
        if not self._timed(f"Python packages, {what}", why, command):
            return False
        python = {"python": self.host.python}
        self.host.write(self.stamp, json.dumps(self._stamped() | python | {what: wanted}))
        return True

    def _wanted(self) -> str:
        text = self.host.read(self.checkout / "pyproject.toml")
        return hashlib.sha256(f"{self.host.python}\n{text}".encode()).hexdigest()

    def _pip(self) -> list[str]:
        if self.host.run([str(self.python), "-m", "pip", "--version"]).code == 0:
            return [str(self.python), "-m", "pip"]
        # An environment made without ensurepip: the system's pip can install into it.
        return [self._base_python(), "-m", "pip", "--python", str(self.python)]

    def usable(self) -> bool:
        """Tell whether the environment can open the screen, however old it is."""
        return self.host.run([str(self.python), "-c", "import schedtui, textual"]).code == 0

    def sandbox(self) -> bool:
        """Fetch the kernel and save the guest; the program itself knows what is missing."""
        started = self.host.now()
        done = self.host.run([str(self.python), "-m", "schedtui", "lab", "setup"], Show.TALK)
        if done.code != 0:
            self.host.say("  sandbox: not ready, for the reason above")
            return False
        elapsed = self.host.now() - started
        if elapsed > 2:
            self.host.say(f"  sandbox: kernel fetched and guest saved ({elapsed:.1f} s)")
        return True

    def _timed(self, title: str, why: str, command: Sequence[str]) -> bool:
        started = self.host.now()
        self.host.say(f"  {title}: {why} ...")
        result = self.host.run(command)
        if result.code != 0:
            self._failed(title, result.tail)
            return False
        self.host.say(f"  {title}: done ({self.host.now() - started:.1f} s)")
        return True

    def _failed(self, title: str, tail: Sequence[str]) -> None:
        self.host.say(f"  {title}: FAILED")
        for line in tail:
            self.host.say(f"      {line[:160]}")


def apt_install(packages: Sequence[str]) -> list[str]:
    """Return the command that installs system packages and nothing beside them."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *packages]
