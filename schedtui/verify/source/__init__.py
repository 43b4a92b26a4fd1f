"""Reading a candidate's C: lexemes, a parse tree, functions, and what happens on every path."""
