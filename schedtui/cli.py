"""The command line. Reading it imports nothing but argparse; the verb brings the rest."""

from __future__ import annotations

import argparse
import re
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schedtui import __version__

if TYPE_CHECKING:
    from schedtui.commands.options import Options

_REPLAY = "replay:"
_STOPPED = 128 + signal.SIGINT

_EPILOG = """\
without a verb the full-screen program starts.

exit codes: 0 done or verdict pass; 1 the answer is no (rejected, ejected, guard fired, not
approved); 2 usage; 3 something needed is missing (with the fix); 4 a fault of schedtui; 130 Ctrl-C
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Read the command line and run what it says; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    options = read_options(argv)
    from schedtui.commands.run import run

    try:
        # From here on Ctrl-C is an exception that every verb cleans up after.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        code = run(options)
        # All is cleaned up: while the interpreter ends, Ctrl-C just ends it sooner.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    except KeyboardInterrupt:
        return _STOPPED
    return code


def read_options(argv: Sequence[str] | None = None) -> Options:
    """Return the command line, read. Ends the program with 2 when it cannot be read."""
    parsed = _parser().parse_args(argv)
    from schedtui.commands.options import Options

    given = {key: value for key, value in vars(parsed).items() if value is not None}
    if isinstance(given.get("subject"), list):
        given["subject"] = " ".join(given["subject"])
    if parsed.verb == "replay":
        # The screen, which is no verb, on a target of its own.
        given |= {"verb": "", "target": f"{_REPLAY}{given.pop('subject')}"}
    return Options(**given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="schedtui",
        description="From one plain sentence to a proved, approved, reversible Linux scheduler.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"schedtui {__version__}")
    parser.set_defaults(verb="")
    for common in (_common, _building, _screen, _model):
        common(parser)
    verbs = parser.add_subparsers(metavar="VERB", title="verbs")
    offered = (_doctor, _lab, _watch, _policies, _verify, _goal, _trial, _sweep, _tune)
    control = (_status, _set, _rollback, _approve, _mcp)
    kept = (_record, _replay, _history)
    for add in (*offered, *kept, *control, _loads, _keys, _themes):
        add(verbs)
    return parser


_Parser = argparse.ArgumentParser
_Verbs = argparse._SubParsersAction  # noqa: SLF001 - argparse gives this type no public name


def _verb(verbs: _Verbs[argparse.ArgumentParser], name: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name, help=text, description=text, allow_abbrev=False
    )
    parser.set_defaults(verb=name)
    _common(parser)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    """Options of every verb; they may stand before or after it."""
    parser.add_argument(
        "--target",
        type=_target,
        default=argparse.SUPPRESS,
        metavar="sandbox|local|replay:FILE",
        help="where to look and act: the sandbox (default) or this host; or a recording, to look",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="one JSON document, or JSON lines for streams, on standard output",
    )


def _building(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kernel",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="PATH",
        help="a vmlinuz of your own for the sandbox, or `running`",
    )
    parser.add_argument(
        "--compiler",
        choices=("zig", "clang"),
        default=argparse.SUPPRESS,
        help="what compiles policies (default: zig)",
    )


def _screen(parser: argparse.ArgumentParser) -> None:
    suppressed = argparse.SUPPRESS
    parser.add_argument(
        "--ascii", action="store_true", default=suppressed, help="draw with ASCII only"
    )
    parser.add_argument(
        "--theme", default=suppressed, metavar="NAME", help="colours of the screen (see: themes)"
    )
    parser.add_argument(
        "--no-mouse",
        dest="mouse",
        action="store_false",
        default=suppressed,
        help="leave the mouse to the terminal",
    )
    _rate(parser)


def _rate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--hz",
        type=_hertz,
        default=argparse.SUPPRESS,
        metavar="N",
        help="samples per second, 0.5 to 10",
    )


def _load(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--load", default=argparse.SUPPRESS, metavar="NAME", help=text)


def _battery(parser: argparse.ArgumentParser, usual: str) -> None:
    parser.add_argument(
        "--battery",
        choices=("none", "quick", "full"),
        metavar="none|quick|full",
        help=f"exercises that the scheduler must survive in throw-away guests (default: {usual})",
    )


def _doctor(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "doctor", "say what is there, what is missing, why, and the fix")
    _building(parser)


def _lab(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "lab", "prepare the sandbox, look at it, or get a shell in it")
    parser.add_argument(
        "action",
        choices=("setup", "status", "shell", "externals"),
        help="externals builds two scx_* schedulers from their crates, to be tried",
    )
    parser.add_argument(
        "--again", action="store_true", help="with setup: make the saved guest anew"
    )
    _building(parser)


def _watch(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "watch", "show a target's figures, one row per sample")
    parser.add_argument("--seconds", type=_duration, metavar="N", help="stop after N seconds")
    parser.add_argument(
        "--cpus", dest="per_cpu", action="store_true", help="one more row for every CPU"
    )
    _load(parser, "start this built-in load first (see: loads list)")
    _rate(parser)
    _building(parser)


def _record(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "record", "write a target's samples and goals into a file, to replay")
    parser.add_argument("subject", metavar="FILE", help="a new file, readable by you only")
    parser.add_argument(
        "--seconds", type=_duration, metavar="N", help="stop after N seconds (default: 8 hours)"
    )
    _load(parser, "start this built-in load first (see: loads list)")
    _rate(parser)
    _building(parser)


def _replay(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "replay", "look at a recording on the screen, with the same keys")
    parser.add_argument("subject", metavar="FILE")
    _screen(parser)


def _policies(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "policies", "list, search, show, compose, export and import policies")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _action(actions, "list", "all policies")
    _action(actions, "show", "one policy, whole").add_argument("subject", metavar="NAME")
    export = _action(actions, "export", "write one policy and its manifest into a new folder")
    export.add_argument("subject", metavar="NAME")
    taking = _action(actions, "import", "check an exported policy and make it one of yours")
    for each in (export, taking):
        each.add_argument("folder", metavar="FOLDER", type=Path)
    compose = _action(actions, "compose", "the source that the slots of a policy file become")
    compose.add_argument("subject", metavar="FILE.toml")
    compose.add_argument("--out", metavar="FILE.c", type=Path, help="write it there")
    search = _action(actions, "search", "policies that words fit, best first, and why")
    search.add_argument("subject", metavar="WORDS", nargs="+")
    search.add_argument("--family", metavar="NAME", help="only policies made for this family")


def _action(actions: _Verbs[argparse.ArgumentParser], name: str, text: str) -> _Parser:
    parser: _Parser = actions.add_parser(name, help=text, description=text, allow_abbrev=False)
    _common(parser)
    return parser


def _verify(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "verify", "take a scheduler's BPF C through the gates; deploys nothing")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("subject", metavar="FILE", nargs="?")
    what.add_argument("--explain", metavar="CODE", help="say what a finding means, and no more")
    _load(parser, "run the trial gate too, under this built-in load")
    _battery(parser, "full, one to two minutes")
    _building(parser)


def _goal(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "goal", "from one sentence to a deployed, watched scheduler")
    parser.add_argument("subject", metavar="TEXT", help="what this machine should be good at")
    parser.add_argument("--yes", action="store_true", help="approve without being asked")
    parser.add_argument(
        "--stream", action="store_true", help="with --json: every event as a JSON line"
    )
    parser.add_argument(
        "--hold",
        dest="hold_s",
        type=_duration,
        metavar="SECONDS",
        help="keep and watch the deployment this long before rolling back (default: 0)",
    )
    _load(parser, "start this built-in load first (see: loads list)")
    _model(parser)
    _battery(parser, "quick in the sandbox, full for a host")
    _building(parser)


def _model(parser: argparse.ArgumentParser) -> None:
    """Options of what pursues goals: the verb, and the screen."""
    suppressed = argparse.SUPPRESS
    parser.add_argument(
        "--model",
        type=_model_name,
        default=suppressed,
        metavar="auto|offline|NAME",
        help="who plans besides the rules: models that fit each task where ANTHROPIC_API_KEY is "
        "set (auto, the default), nobody (offline), or one model",
    )
    parser.add_argument(
        "--max-cost",
        type=_dollars,
        default=suppressed,
        metavar="DOLLARS",
        help="for models, of one goal, at most (default: 0.50)",
    )
    parser.add_argument(
        "--max-turns",
        type=_turns,
        default=suppressed,
        metavar="N",
        help="of models, for one goal, at most (default: 12)",
    )


def _trial(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "trial", "measure a policy against the default scheduler, in turn")
    parser.add_argument("subject", metavar="POLICY_OR_FILE", help="a policy, or a .bpf.c file")
    _measuring(parser)
    _settings(parser, "NAME=VALUE", "a parameter of the policy; may be given several times")
    parser.add_argument(
        "--against",
        action="append",
        metavar="defaults|NAME=VALUE",
        help="measure against the policy itself with these parameters",
    )
    _report(parser)
    _battery(parser, "none")
    _building(parser)


def _sweep(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "sweep", "find the policy, or the default, that a proposal must beat")
    parser.add_argument(
        "--policies",
        metavar="NAME,NAME",
        help="compare these (default: all that are made for the load)",
    )
    _measuring(parser)
    _settings(parser, "POLICY.NAME=VALUE", "a parameter of one policy; may be given several times")
    _report(parser)
    _battery(parser, "none")
    _building(parser)


def _tune(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "tune", "find parameters of a policy that beat its defaults, if any do")
    parser.add_argument("subject", metavar="POLICY")
    _measuring(parser)
    parser.add_argument(
        "--trials", type=_settings_tried, metavar="N", help="settings to try, 2 to 64 (default: 12)"
    )
    parser.add_argument(
        "--sampler",
        choices=("optuna", "sample"),
        metavar="optuna|sample",
        help="who proposes settings (default: optuna where it is installed)",
    )
    parser.add_argument("--seed", type=_seed, metavar="N", help="of the settings (default: 1)")
    _settings(parser, "NAME=VALUE", "a parameter that is not searched; may be given several times")
    _report(parser)
    _battery(parser, "none")
    _building(parser)


def _settings(parser: argparse.ArgumentParser, form: str, text: str) -> None:
    parser.add_argument("--set", dest="settings", action="append", metavar=form, help=text)


def _report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a page of it all")


def _measuring(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    meanwhile = "what runs meanwhile, with options in quotes (see: loads list)"
    what.add_argument("--load", metavar="NAME", help=meanwhile)
    what.add_argument("--command", metavar="CMD", help="a command of your own runs meanwhile")
    parser.add_argument(
        "--with",
        dest="files",
        action="append",
        type=Path,
        metavar="PATH",
        help="a file or folder that --command needs; may be given several times",
    )
    parser.add_argument("--metric", metavar="M", help="what decides (default: the load's usual)")
    parser.add_argument(
        "--pairs", type=_pairs, metavar="N", help="at most N pairs in one trial, 2 to 20"
    )
    parser.add_argument(
        "--seconds", type=_window, metavar="S", help="length of one window, 1 to 30 whole seconds"
    )


def _history(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "history", "list the results of trials, or show one of them whole")
    parser.add_argument("subject", metavar="ID", nargs="?")


def _status(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    _verb(verbs, "status", "who schedules, and what of ours is deployed")


def _set(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "set", "set live parameters of what is deployed, from any terminal")
    parser.add_argument("subject", metavar="NAME=NUMBER", nargs="+")


def _rollback(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    _verb(verbs, "rollback", "give the kernel back to its own scheduler, from any terminal")


def _approve(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    _verb(verbs, "approve", "read what waits for approval in a running session, and answer")


def _mcp(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "mcp", "an MCP server on standard input and output, for agents")
    parser.add_argument(
        "--http",
        dest="http_port",
        type=_port,
        metavar="PORT",
        help="serve over HTTP on this port of the loopback instead; 0 takes a free one",
    )
    _battery(parser, "quick in the sandbox, full for a host; verify takes its own")
    _building(parser)


def _loads(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "loads", "list the built-in loads")
    parser.add_argument("action", choices=("list",))


def _keys(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    _verb(verbs, "keys", "list the keys of the screen, yours among them")


def _themes(verbs: _Verbs[argparse.ArgumentParser]) -> None:
    _verb(verbs, "themes", "list the themes of the screen, yours among them")


def _target(text: str) -> str:
    if text.startswith("ssh:"):
        raise argparse.ArgumentTypeError("ssh targets are not built yet; use sandbox or local")
    recording = text.startswith(_REPLAY) and len(text) > len(_REPLAY)
    if text not in {"sandbox", "local"} and not recording:
        raise argparse.ArgumentTypeError("the targets are sandbox, local and replay:FILE")
    return text


def _hertz(text: str) -> float:
    return _between(text, 0.5, 10.0)


def _duration(text: str) -> float:
    return _between(text, 0.0, 86400.0)


def _model_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99}", text):
        raise argparse.ArgumentTypeError("expected auto, offline, or the name of a model")
    return text


def _dollars(text: str) -> float:
    return _between(text, 0.0, 100.0)


def _turns(text: str) -> int:
    return _whole(text, 1, 100)


def _settings_tried(text: str) -> int:
    return _whole(text, 2, 64)


def _seed(text: str) -> int:
    return _whole(text, 1, 999_999_999)


def _pairs(text: str) -> int:
    return _whole(text, 2, 20)


def _window(text: str) -> int:
    return _whole(text, 1, 30)


def _port(text: str) -> int:
    return _whole(text, 0, 65535)


def _whole(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"expected a whole number from {low} to {high}")
    return int(text)


def _between(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"expected a number from {low:g} to {high:g}")
    return value
