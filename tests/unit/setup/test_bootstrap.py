from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from setup.bootstrap import MISSING, PROGRAMS, alone, bring_up, check, newer_python
from setup.host import RealHost, Result, Show
from setup.steps import APT_LISTS, Steps
from tests.fakes.setup_host import Effect, MemoryHost

CHECKOUT = Path("/checkout")
PYTHON = str(CHECKOUT / ".venv" / "bin" / "python")
ROOT = Path(__file__).parents[3]
PROJECT = '[project.optional-dependencies]\ndev = ["pytest==9.*", "ruff==0.17.*"]\n'
TOOLS = f"{PYTHON} -m pip install --disable-pip-version-check --no-compile pytest==9.* ruff==0.17.*"


def bare(**facts: object) -> Steps:
    """A Debian machine on which nothing was done yet; commands have their effects."""
    host = MemoryHost(**facts)  # type: ignore[arg-type]  # keyword facts of many types
    host.files[CHECKOUT / "pyproject.toml"] = PROJECT
    host.effects = {
        "-m venv": lambda h: h.programs.add(PYTHON),
        "install -y --no-install-recommends qemu-system-x86": lambda h: h.programs.update(
            {"qemu-system-x86_64", "bwrap"}
        ),
        "apt-get update": lambda h: h.files.update({APT_LISTS / "x_InRelease": ""}),
    }
    return Steps(host, CHECKOUT)


def memory(steps: Steps) -> MemoryHost:
    assert isinstance(steps.host, MemoryHost)
    return steps.host


def test_the_first_run_does_all_steps_in_order_and_opens_the_screen() -> None:
    steps = bare()
    assert bring_up(steps, "run", ["--ascii"]) == 0
    host = memory(steps)
    *installing, last = (line for line in host.ran if "--version" not in line)
    assert [line for line in installing if line.startswith("apt-get")] == [
        "apt-get update -q",
        "apt-get install -y --no-install-recommends qemu-system-x86 bubblewrap",
    ]
    assert [line for line in installing if not line.startswith("apt-get")] == [
        "python3 -m venv --clear /checkout/.venv",
        f"{PYTHON} -m pip install --disable-pip-version-check --editable /checkout",
    ]
    assert last == f"{PYTHON} -m schedtui lab setup"
    assert host.became == [PYTHON, "-m", "schedtui", "--ascii"]
    assert "the sandbox is a small virtual machine" in host.talk


def test_the_second_run_installs_nothing() -> None:
    steps = bare()
    bring_up(steps, "run", [])
    host = memory(steps)
    host.ran.clear()
    host.said.clear()
    assert bring_up(steps, "run", []) == 0
    assert host.ran == [f"{PYTHON} -m schedtui lab setup"]
    assert host.said == []


@pytest.mark.parametrize("change", ["pyproject", "python", "dev"])
def test_a_change_installs_again(change: str) -> None:
    steps = bare()
    bring_up(steps, "run", [])
    host = memory(steps)
    host.ran.clear()
    if change == "pyproject":
        host.files[CHECKOUT / "pyproject.toml"] += "# new"
    if change == "python":
        host.python = "3.12.1"
    host.programs.add("tmux")
    bring_up(steps, "test" if change == "dev" else "run", [])
    assert any(line.endswith("--editable /checkout") for line in host.ran) is (change != "dev")
    assert (TOOLS in host.ran) is (change == "dev")
    assert any("-m venv" in line for line in host.ran) is (change == "python")


def test_tools_come_while_the_sandbox_is_prepared_and_once() -> None:
    steps, both = bare(programs={"apt-get", "python3", "tmux"}), threading.Barrier(2, timeout=10)
    for part in ("--no-compile", "lab setup"):
        memory(steps).effects[part] = _meeting(both, lambda _: None)
    assert bring_up(steps, "test", []) == 0
    memory(steps).effects.clear()
    memory(steps).ran.clear()
    for verb in ("run", "test"):
        bring_up(steps, verb, [])
    assert not any("pip install" in line for line in memory(steps).ran)


def test_without_tools_nothing_is_checked_or_tested() -> None:
    steps = bare(programs={"apt-get", "python3", "tmux"}, failing=["--no-compile"])
    assert bring_up(steps, "test", []) == MISSING
    assert bring_up(steps, "check", []) == MISSING
    assert memory(steps).became == []
    assert not any("ruff check" in line for line in memory(steps).ran)


def test_without_root_the_command_is_named_and_the_screen_opens() -> None:
    steps = bare(root=False)
    assert bring_up(steps, "run", []) == 0
    host = memory(steps)
    command = "sudo apt-get install -y --no-install-recommends qemu-system-x86 bubblewrap"
    assert command in host.talk
    assert not any(line.startswith("apt-get") for line in host.ran)
    assert host.became[0] == PYTHON


def test_without_apt_the_package_is_named() -> None:
    steps = bare(programs={"python3"})
    assert bring_up(steps, "run", []) == 0
    assert "qemu-system-x86 is missing" in memory(steps).talk
    assert "bubblewrap is missing" in memory(steps).talk


def test_old_package_lists_are_refreshed_once() -> None:
    steps = bare(failing=["once:apt-get install"])
    memory(steps).files[APT_LISTS / "old_InRelease"] = ""
    steps.packages(tests=False)
    assert [line.split()[1] for line in memory(steps).ran] == ["install", "update", "install"]


def test_a_broken_sandbox_still_opens_the_screen_but_runs_no_test() -> None:
    steps = bare(failing=["lab setup"], programs={"apt-get", "python3", "tmux"})
    assert bring_up(steps, "run", []) == 0
    assert memory(steps).became
    memory(steps).became.clear()
    assert bring_up(steps, "test", []) == MISSING
    assert memory(steps).became == []
    assert "sandbox: not ready" in memory(steps).talk


def test_without_network_an_older_environment_will_do() -> None:
    steps = bare()
    bring_up(steps, "run", [])
    host = memory(steps)
    host.files[CHECKOUT / "pyproject.toml"] = "changed"
    host.failing.append("pip install")
    host.became.clear()
    assert bring_up(steps, "run", []) == 0
    assert host.became == [PYTHON, "-m", "schedtui"]
    assert "already there" in host.talk


def test_without_network_and_environment_the_doctor_speaks() -> None:
    steps = bare(failing=["pip install", "import schedtui, textual"])
    assert bring_up(steps, "run", []) == MISSING
    host = memory(steps)
    assert host.ran[-1] == "python3 -m schedtui doctor"
    assert host.became == []


def test_an_environment_is_made_without_ensurepip() -> None:
    steps = bare(root=False, modules=set(), failing=[f"{PYTHON} -m pip --version"])
    assert steps.environment()
    assert steps.dependencies()
    ran = memory(steps).ran
    assert "python3 -m venv --clear --without-pip /checkout/.venv" in ran
    assert any(line.startswith(f"python3 -m pip --python {PYTHON} install") for line in ran)


def test_missing_venv_support_is_a_system_package_and_comes_first() -> None:
    steps = bare(modules=set())
    bring_up(steps, "run", [])
    lines = memory(steps).ran
    assert lines[1].endswith("qemu-system-x86 bubblewrap python3-venv")
    assert "-m venv" in lines[2]


def _meeting(both: threading.Barrier, then: Effect) -> Effect:
    def effect(host: MemoryHost) -> None:
        both.wait()
        then(host)

    return effect


def test_system_and_python_packages_come_at_the_same_time() -> None:
    steps, both = bare(), threading.Barrier(2, timeout=10)
    for part in ("install -y", "pip install"):
        before = memory(steps).effects.get(part, lambda _: None)
        memory(steps).effects[part] = _meeting(both, before)
    assert bring_up(steps, "run", []) == 0
    assert not both.broken


@pytest.mark.parametrize("garbage", ["{", "[]", '"x"', '{"python": 3}'])
def test_a_damaged_stamp_installs_again(garbage: str) -> None:
    steps = bare(programs={"python3", PYTHON, "qemu-system-x86_64"})
    memory(steps).files[steps.stamp] = garbage
    assert bring_up(steps, "run", []) == 0
    assert any("pip install" in line for line in memory(steps).ran)


def test_tests_stop_at_the_first_check_that_says_no() -> None:
    steps = bare(programs={"apt-get", "python3", "tmux"}, failing=["ruff check"])
    assert bring_up(steps, "test", []) == 1
    host = memory(steps)
    assert host.became == []
    assert "rules: FAILED" in host.talk
    assert not any("mypy" in line for line in host.ran)


def test_tests_end_as_pytest() -> None:
    steps = bare(programs={"apt-get", "python3", "tmux"})
    assert bring_up(steps, "test", ["-x"]) == 0
    workers = ["-n", "2", "--no-loadscope-reorder"]
    assert memory(steps).became == [PYTHON, "-m", "pytest", *workers, "-x"]


def test_every_check_names_an_installed_program() -> None:
    steps = Steps(MemoryHost(), ROOT)
    assert check(steps) == 0
    programs = {Path(line.split()[0]).name for line in memory(steps).ran}
    assert programs == {"ruff", "clang-format", "lint-imports", "mypy"}
    c_line = next(line for line in memory(steps).ran if "clang-format" in line)
    assert "fifo_rtc.bpf.c" in c_line


def test_make_knows_every_verb() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = next(line for line in makefile.splitlines() if line.startswith(".PHONY:"))
    assert set(phony.split()[1:]) == {*PROGRAMS, "check"}


def test_a_newer_python_is_found() -> None:
    assert newer_python(MemoryHost(programs={"python3.12", "python3.11"})) == "python3.12"
    assert newer_python(MemoryHost()) == ""


def test_the_set_up_needs_the_standard_library_alone() -> None:
    program = "import sys, setup.bootstrap; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{program}",
        ],
        capture_output=True,
        check=True,
        timeout=30,
    )
    roots = {name.partition(".")[0] for name in done.stdout.decode().split()}
    assert roots <= {*sys.stdlib_module_names, "setup", "__main__", "__mp_main__"}


# the real host -------------------------------------------------------------------------------


def test_a_real_command_keeps_its_last_lines_and_code() -> None:
    program = "for i in range(40): print('line', i)\nprint('\\x1b[2Jend')\nraise SystemExit(3)"
    result = RealHost().run([sys.executable, "-c", program])
    assert result.code == 3
    assert result.tail[-1] == "?[2Jend"
    assert len(result.tail) == 15


def test_the_talk_of_a_command_is_shown_alone(capsys: pytest.CaptureFixture[str]) -> None:
    program = "import sys; print('data'); print('talk', file=sys.stderr)"
    result = RealHost().run([sys.executable, "-c", program], Show.TALK)
    assert result == Result(0, ("talk",))
    assert capsys.readouterr().err == "    talk\n"


def test_a_command_that_is_not_there_is_a_failure() -> None:
    result = RealHost().run(["/no/such/program"])
    assert result.code == 127
    assert "/no/such/program" in result.tail[0]


def test_two_set_ups_wait_for_each_other(tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\nfrom setup.bootstrap import alone\n"
        f"with alone(Path({str(tmp_path)!r})): print('in', flush=True)"
    )
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with alone(tmp_path):
            locked.set()
            release.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(10)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as other:
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.7)
        release.set()
        out, _ = other.communicate(timeout=10)
    holder.join()
    assert out == b"in\n"
    assert list(tmp_path.iterdir()) == []
