"""Sources that attack the machine that compiles them.

``SECRET``, ``FIFO`` and ``FOLDER`` stand for paths that the test plants.
"""

from __future__ import annotations

SECRET_TEXT = "PLANTED-7f3a91 word_of_the_host;"
"""What the planted file holds."""


def _nested(base: str, times: int, depth: int, between: str = " ") -> str:
    """Return macros that expand to ``base``, ``times`` to the power of ``depth`` times."""
    lines = [f"#define A0 {base}"]
    lines += [f"#define A{i} {between.join([f'A{i - 1}'] * times)}" for i in range(1, depth + 1)]
    return "\n".join(lines) + "\n"


READING = {
    "include": '#include "SECRET"\n',
    "include in angles": "#include <SECRET>\n",
    "include by going up": '#include "../../../../../../../../../SECRET"\n',
    "include next": '#include_next "SECRET"\n',
    "import": '#import "SECRET"\n',
    "digraph": '%:include "SECRET"\n',
    "line splice": '#inc\\\nlude "SEC\\\nRET"\n',
    "macro name": '#define NAME "SECRET"\n#include NAME\n',
    "macro in angles": "#define NAME <SECRET>\n#include NAME\n",
    "comment between": '#/**/include/**/"SECRET"\n',
    "missing file after it": '#include "SECRET"\n#include "no-such-file.h"\n',
    "embed": 'const unsigned char a[] = {\n#embed "SECRET"\n};\n',
    "digraph embed": 'const unsigned char a[] = {\n%:embed "SECRET"\n};\n',
    "incbin": '__asm__(".incbin \\"SECRET\\"");\n',
    "incbin in a function": 'void f(void)\n{\n\t__asm__(".incbin \\"SECRET\\"");\n}\n',
    "assembler include": '__asm__(".include \\"SECRET\\"");\n',
    "dependency pragma": '#pragma GCC dependency "SECRET"\n',
    "module pragma": '#pragma clang module import "SECRET"\n',
    "environment": '#include "/proc/self/environ"\n',
    "first process": '#include "/proc/1/environ"\n',
    "own memory": '__asm__(".incbin \\"/proc/self/mem\\"");\n',
    "password file": '__asm__(".incbin \\"/etc/passwd\\"");\n',
    "standard input": '#include "/dev/stdin"\n',
    "folder": '#include "FOLDER"\n',
}
"""These want what a file holds; each is refused."""

QUIET_READING = {
    "lines for debugging": '#line 1 "SECRET"\nint f(int a)\n{\n\treturn a + 1;\n}\n',
    "line marker": '# 1 "SECRET" 1 3\nint f(int a)\n{\n\treturn a + 1;\n}\n',
}
"""These compile: the compiler puts the text of the named lines into the object if it can."""

ORACLES = {
    "has include": '#if __has_include("SECRET")\n#error there\n#else\n#error not there\n#endif\n',
    "has include next": (
        '#if __has_include_next("SECRET")\n#error there\n#else\n#error not there\n#endif\n'
    ),
    "has embed": '#if __has_embed("SECRET")\n#error there\n#else\n#error not there\n#endif\n',
    "include": '#include "SECRET"\n',
    "incbin": '__asm__(".incbin \\"SECRET\\"");\n',
    "dependency": '#pragma GCC dependency "SECRET"\n',
    "folder": '#if __has_include("FOLDER/.")\n#error there\n#else\n#error not there\n#endif\n',
    "lines for debugging": QUIET_READING["lines for debugging"],
}
"""The answer to each must not depend on whether the file exists."""

BLOCKING = {
    "include a pipe": '#include "FIFO"\n',
    "incbin a pipe": '__asm__(".incbin \\"FIFO\\"");\n',
    "embed a pipe": 'const unsigned char a[] = {\n#embed "FIFO"\n};\n',
    "include endless zeros": '#include "/dev/zero"\n',
    "incbin endless zeros": '__asm__(".incbin \\"/dev/zero\\"");\n',
    "embed endless zeros": 'const unsigned char a[] = {\n#embed "/dev/zero"\n};\n',
    "terminal": '#include "/dev/tty"\n',
    "own output": '__asm__(".incbin \\"/dev/stdout\\"");\n',
    "self": '#include "scheduler.bpf.c"\n',
    "self by macro": "#include __FILE__\n",
}
"""These read something without an end."""

BREAKING = {
    "crash": "#pragma clang __debug crash\n",
    "parser crash": "#pragma clang __debug parser_crash\n",
    "fatal error": "#pragma clang __debug llvm_fatal_error\n",
    "crash by operator": '_Pragma("clang __debug crash")\n',
    "memory barrier": "void f(void)\n{\n\t__sync_synchronize();\n}\n",
    "stack of 800 bytes": (
        "int f(void)\n{\n\tvolatile char a[800];\n"
        "\tfor (int i = 0; i < 800; i++)\n\t\ta[i] = i;\n\treturn a[3];\n}\n"
    ),
    "signs": f"int a = {'- ' * 300_000}1;\n",
    "parentheses": f"int a = {'(' * 100_000}1{')' * 100_000};\n",
    "blocks": f"void f(void) {'{' * 100_000}{'}' * 100_000}\n",
    "pointers": f"int {'*' * 200_000}p;\n",
    "wide vector": (
        "typedef int v __attribute__((vector_size(1 << 20)));\nv f(v a, v b) { return a * b; }\n"
    ),
    "undecodable": "int \udcff;\n",
    "clock": "const char when[] = __DATE__ __TIME__;\n",
    "many errors": "#error again\n" * 20_000,
}
"""These end the compiler, or could."""

GROWING = {
    "array": "char a[4 << 20] = {1};\n",
    "alignment": "int a __attribute__((aligned(1 << 26))) = 1;\n",
    "assembler zeros": '__asm__(".zero 3000000");\n',
    "identifier": f"int {'a' * 5_000_000};\n",
    "all memory": "char a[1ULL << 33] = {1};\n",
    "macros": _nested("1", 10, 8, "+") + "int f(void) { return A8; }\n",
    "assembler repeats": '__asm__(".rept 100000000\\n.byte 1\\n.endr");\n',
}
"""These take memory and time without an end."""

REFUSED = {
    f"{title}: {name}": source
    for title, group in (
        ("reading", READING),
        ("blocking", BLOCKING),
        ("breaking", BREAKING),
        ("growing", GROWING),
    )
    for name, source in group.items()
}
