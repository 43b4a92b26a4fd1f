"""Debian packages without touching the system: a private apt root of our own.

Its sources copy the archive and the keyring that this machine already trusts and add the suites
that hold sched_ext kernels and a recent libbpf. Nothing is installed; packages are unpacked into
the cache.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from schedtui.model.text import safe_text
from schedtui.target.port import Progress, TargetError
from schedtui.target.sandbox.places import sub_dir

SUITES = ("bookworm", "bookworm-backports", "trixie-backports")
"""Userland from the first two, kernels from the last."""

USERLAND = (
    "libbpf1/bookworm-backports",
    "python3.11-minimal/bookworm",
    "libpython3.11-minimal/bookworm",
    "libpython3.11-stdlib/bookworm",
    "libc6/bookworm",
    "libelf1/bookworm",
    "zlib1g/bookworm",
    "libzstd1/bookworm",
    "libffi8/bookworm",
    "libexpat1/bookworm",
    "busybox-static/bookworm",
)
"""Packages of the guest, each with the suite it comes from."""


@dataclass(frozen=True, slots=True)
class Archive:
    """The Debian archive this machine uses."""

    uri: str
    keyring: str


def find_archive(apt_dir: Path = Path("/etc/apt")) -> Archive:
    """Read archive and keyring from the machine's own apt sources. Raises TargetError."""
    for path in sorted(apt_dir.glob("sources.list.d/*.sources")):
        for stanza in path.read_text(errors="replace").split("\n\n"):
            found = _archive_of_stanza(stanza)
            if found:
                return found
    for path in (apt_dir / "sources.list", *sorted(apt_dir.glob("sources.list.d/*.list"))):
        if path.exists():
            for line in path.read_text(errors="replace").splitlines():
                found = _archive_of_line(line)
                if found:
                    return found
    raise TargetError(
        "this machine has no Debian package source to fetch a sched_ext kernel from",
        "give one yourself: --kernel PATH (a vmlinuz with sched_ext and BTF)",
    )


_DEFAULT_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def _archive_of_stanza(stanza: str) -> Archive | None:
    fields = dict(re.findall(r"^([\w-]+):\s*(\S+)", stanza, re.MULTILINE))
    uri = fields.get("URIs", "").rstrip("/")
    if not uri.endswith("/debian"):
        return None
    return Archive(uri, fields.get("Signed-By", _DEFAULT_KEYRING))


def _archive_of_line(line: str) -> Archive | None:
    match = re.match(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+/debian)/?\s", line)
    if not match:
        return None
    keyring = re.search(r"signed-by=(\S+)", match.group(1) or "")
    return Archive(match.group(2), keyring.group(1) if keyring else _DEFAULT_KEYRING)


class PrivateApt:
    """An apt of our own below the cache.

    With ``expired_suite`` it knows that suite alone and takes its lists even after the day until
    which they say they are good. Their signature is checked as always; what is given up is the
    certainty that nobody hands out an old list to hide a newer fix. So it is for kernels that
    only tests boot, and has a root of its own.
    """

    def __init__(self, archive: Archive, expired_suite: str = "") -> None:
        self._root = sub_dir(f"apt-{expired_suite}" if expired_suite else "apt")
        self._suites = (expired_suite,) if expired_suite else SUITES
        self._options = f"arch=amd64 signed-by={archive.keyring}"
        if expired_suite:
            self._options += " check-valid-until=no"
        self._archive = archive

    async def update(self, progress: Progress) -> None:
        """Fetch the package lists. Raises TargetError when the archive cannot be reached."""
        progress("reading the package lists of the kernel suites")
        self.configure()
        await self._apt("apt-get", "update")

    async def newest_kernel(self, series: str) -> str:
        """Return the newest cloud kernel package of a series such as ``7.0``."""
        names = (await self._apt("apt-cache", "pkgnames")).split()
        wanted = re.compile(
            rf"linux-(?:binary|image)-({re.escape(series)}\.[0-9]+)\+deb1[34]-cloud-amd64"
        )
        found = [
            (m.group(1), "binary" in name, name) for name in names if (m := wanted.fullmatch(name))
        ]
        if not found:
            raise TargetError(
                f"the archive holds no {series} kernel with sched_ext",
                "give one yourself: --kernel PATH (a vmlinuz with sched_ext and BTF)",
            )
        return max(found, key=lambda item: ([int(part) for part in item[0].split(".")], item[1]))[2]

    async def download(self, package: str, into: Path) -> Path:
        """Fetch one package file; returns its path."""
        into.mkdir(parents=True, exist_ok=True)
        name = package.split("/", maxsplit=1)[0]
        for old in into.glob(f"{name}_*.deb"):
            old.unlink()
        await self._apt("apt-get", "download", package, directory=into)
        return next(into.glob(f"{name}_*.deb"))

    async def download_with_needs(self, package: str, suite: str) -> list[Path]:
        """Fetch a package and every package it needs that this machine has not installed."""
        into = self._root / "cache" / "needs"
        shutil.rmtree(into, ignore_errors=True)
        (into / "partial").mkdir(parents=True)
        await self._apt(
            "apt-get", "install", "--download-only", "--no-install-recommends", "--yes",
            "--target-release", suite, "-o", f"Dir::Cache::archives={into}/",
            "-o", "Dir::State::status=/var/lib/dpkg/status", package,
        )  # fmt: skip
        return sorted(into.glob("*.deb"))

    def configure(self) -> None:
        """Write the sources and the configuration of this root."""
        for folder in ("etc", "state", "lists/partial", "cache/archives/partial"):
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        (self._root / "status").touch()
        lines = [
            f"deb [{self._options}] {self._archive.uri} {suite} main" for suite in self._suites
        ]
        (self._root / "etc" / "sources.list").write_text("\n".join(lines) + "\n")
        (self._root / "apt.conf").write_text(_apt_conf(self._root))

    async def _apt(self, *argv: str, directory: Path | None = None) -> str:
        environment = os.environ | {"APT_CONFIG": str(self._root / "apt.conf"), "LC_ALL": "C"}
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=directory or self._root,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        if process.returncode != 0:
            last = err.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
            raise TargetError(
                f"{argv[0]} {argv[1]} failed: {safe_text(last[0])}",
                "check the network and the machine's apt sources, then run: schedtui lab setup",
            )
        return out.decode(errors="replace")


def _apt_conf(root: Path) -> str:
    return f"""Dir "{root}";
Dir::Etc "etc";
Dir::Etc::sourcelist "sources.list";
Dir::Etc::sourceparts "-";
Dir::State "state";
Dir::State::lists "{root}/lists";
Dir::State::status "{root}/status";
Dir::Cache "cache";
APT::Architecture "amd64";
Acquire::Languages "none";
Acquire::Retries "2";
APT::Update::Error-Mode "any";
Debug::NoLocking "1";
APT::Sandbox::User "";
"""


async def unpack(package: Path, into: Path) -> None:
    """Unpack a package file without installing it. Raises TargetError."""
    process = await asyncio.create_subprocess_exec(
        "dpkg-deb", "-x", str(package), str(into), stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    if process.returncode != 0:
        raise TargetError(f"cannot unpack {package.name}: {safe_text(err)}")


async def fetch_userland(apt: PrivateApt, into: Path, progress: Progress) -> None:
    """Fetch Python, libbpf and the C library for the guest and unpack them into ``into``."""
    for package in USERLAND:
        progress(f"fetching {package.split('/')[0]} for the guest")
        await unpack(await apt.download(package, sub_dir("debs")), into)
