"""The files that an external scheduler needs elsewhere, and the manifest that seals them."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from pathlib import Path

import pytest

from schedtui.model.external import External, Manifest, manifest_bytes, read_manifest
from schedtui.model.wire import WireError
from schedtui.policy.errors import PolicyError
from schedtui.policy.external.bundle import bundle
from tests.fakes.externals import found_in, install, trusting

MANIFEST = Manifest("bpfland", "scx_bpfland", "", ("--slice-us", "5"), ())


def installed(folder: Path, content: bytes) -> External:
    path = install(folder, "scx_bpfland", "x")
    path.write_bytes(content)
    (scheduler,) = found_in(folder).schedulers
    return scheduler


def test_a_program_is_taken_with_its_linker_and_libraries(tmp_path: Path) -> None:
    real = shutil.which("true") or ""
    scheduler = installed(tmp_path, Path(real).read_bytes())
    ready = asyncio.run(bundle(scheduler, ("-v",), trusting(tmp_path)))
    manifest = ready.manifest
    assert (manifest.program, manifest.arguments) == ("scx_bpfland", ("-v",))
    assert manifest.linker.startswith("ld-linux")
    names = [file.name for file in manifest.files]
    assert {"scx_bpfland", "libc.so.6", manifest.linker} <= set(names)
    assert [each.path for each in ready.files] == names
    assert ready.program_sha256 == scheduler.program.sha256
    assert read_manifest(ready.object) == manifest


def test_what_is_no_program_for_the_sandbox_is_refused(tmp_path: Path) -> None:
    for content in (b"#!/bin/sh\n", b"", b"\x7fELF" + b"\xff" * 200):
        scheduler = installed(tmp_path, content)
        with pytest.raises(PolicyError, match="no program for x86-64"):
            asyncio.run(bundle(scheduler, (), trusting(tmp_path)))


def test_a_program_that_was_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    scheduler = installed(tmp_path, b"one")
    Path(scheduler.program.path).write_bytes(b"two")
    with pytest.raises(PolicyError, match="was changed"):
        asyncio.run(bundle(scheduler, (), trusting(tmp_path)))
    Path(scheduler.program.path).chmod(0o777)
    with pytest.raises(PolicyError, match="others than root can change"):
        asyncio.run(bundle(scheduler, (), trusting(tmp_path)))


def test_a_manifest_has_one_form() -> None:
    data = manifest_bytes(MANIFEST)
    assert read_manifest(data) == MANIFEST
    for odd in (data + b" ", data.replace(b":", b": ", 1), b"{}", b"[", b"\xff", b"[" * 10_000):
        with pytest.raises(WireError, match="no manifest"):
            read_manifest(odd)


def test_a_name_of_the_kernel_must_be_of_its_kind() -> None:
    assert MANIFEST.shows("bpfland")
    assert MANIFEST.shows("bpfland_1.1.4_x86_64")
    assert not MANIFEST.shows("bpflander")
    assert not dataclasses.replace(MANIFEST, kernel_name="land").shows("bpfland")
