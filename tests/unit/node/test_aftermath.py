from __future__ import annotations

from pathlib import Path

from schedtui.node.aftermath import put_right


def cpu(root: Path, name: str, online: str | None) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    if online is not None:  # the first CPU has no switch
        (folder / "online").write_text(online)
    return folder / "online"


def test_only_cpus_that_are_off_are_switched(tmp_path: Path) -> None:
    cpu(tmp_path, "cpu0", None)
    on = cpu(tmp_path, "cpu1", "1\n")
    off = cpu(tmp_path, "cpu2", "0\n")
    other = cpu(tmp_path, "cpufreq", "0\n")
    put_right(tmp_path / "groups", tmp_path)
    assert (on.read_text(), off.read_text(), other.read_text()) == ("1\n", "1", "0\n")


def test_foreign_groups_go_and_the_loads_own_one_stays(tmp_path: Path) -> None:
    for name in ("load", "abcd-0-1", "abcd-1-0"):
        (tmp_path / name).mkdir()
    (tmp_path / "cgroup.procs").write_text("")
    put_right(tmp_path, tmp_path / "cpus")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cgroup.procs", "load"]


def test_a_group_that_stays_busy_is_killed_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "busy" / "child").mkdir(parents=True)
    (tmp_path / "busy" / "cgroup.kill").touch()
    put_right(tmp_path, tmp_path / "cpus")
    assert (tmp_path / "busy" / "cgroup.kill").read_text() == "1"


def test_without_cgroups_nothing_happens(tmp_path: Path) -> None:
    put_right(tmp_path / "none", tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
