#!/usr/bin/env python3
"""Makes a data set in BEIR's layout from HumanEval: find the solution by its description.

  eval/humaneval_to_beir.py FOLDER_OF_HUMANEVAL_JSONL_GZ OUT
  eval/humaneval_to_beir.py "$(scripts/fetch-humaneval)" /tmp/humaneval
  coderank eval /tmp/humaneval

A query is the description in a problem's docstring: its prose up to the first example, because
examples hold the function's name and its results. A document is the program without imports and
without any docstring: signature and canonical solution, helpers included. Names of functions stay,
as they do in real code; a description that still names its function is not changed, and how many do
is printed. Standard library only; nothing of the data set is run.
"""
import ast
import gzip
import json
import pathlib
import re
import sys

# Lines with which examples begin: a prompt, or a heading such as "Examples:" or "[input/output] samples:".
EXAMPLE = re.compile(r"^\W*(>>>|(for\s+)?(some\s+)?e(xamples?|\.g\.?)\b|(\[?input/output\]?\s+)?samples?\b)", re.IGNORECASE)


def docstring_of(function):
    """Its first statement that is nothing but a text: one problem has an import before it."""
    return next((node for node in function.body
                 if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
                 and isinstance(node.value.value, str)), None)


def description(docstring, name):
    """The prose before the first example; a call of the function is an example too."""
    kept = []
    for line in docstring.splitlines():
        if EXAMPLE.match(line) or re.search(rf"\b{re.escape(name)}\s*\(", line):
            break
        kept.append(line.strip())
    return " ".join(" ".join(kept).split())


def without_docstrings(program):
    """The source text of all function definitions, less their docstrings."""
    lines = program.splitlines()
    tree = ast.parse(program)
    removed = set()
    for node in ast.walk(tree):
        docstring = docstring_of(node) if isinstance(node, ast.FunctionDef) else None
        if docstring is not None:
            removed.update(range(docstring.lineno, docstring.end_lineno + 1))
    functions = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            numbers = range(node.lineno, node.end_lineno + 1)
            functions.append("\n".join(lines[n - 1] for n in numbers if n not in removed))
    return "\n\n\n".join(functions) + "\n"


def convert(problem):
    """(description, program, whether the description names the function) of one problem."""
    program = problem["prompt"] + problem["canonical_solution"]
    name = problem["entry_point"]
    function = next(node for node in ast.parse(program).body
                    if isinstance(node, ast.FunctionDef) and node.name == name)
    query = description(docstring_of(function).value.value, name)
    return query, without_docstrings(program), re.search(rf"\b{re.escape(name)}\b", query) is not None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, out = map(pathlib.Path, sys.argv[1:])
    (out / "qrels").mkdir(parents=True, exist_ok=True)
    with gzip.open(source / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as lines:
        problems = [json.loads(line) for line in lines]
    named = 0
    with (open(out / "corpus.jsonl", "w", encoding="utf-8") as corpus,
          open(out / "queries.jsonl", "w", encoding="utf-8") as queries,
          open(out / "qrels" / "test.tsv", "w", encoding="utf-8") as judgements):
        judgements.write("query-id\tcorpus-id\tscore\n")
        for problem in problems:
            query, program, names_itself = convert(problem)
            if not query:
                sys.exit(f"{problem['task_id']}: its docstring has no description")
            named += names_itself
            identity = problem["task_id"]
            corpus.write(json.dumps({"_id": identity, "title": "", "text": program, "language": "python"}) + "\n")
            queries.write(json.dumps({"_id": identity, "text": query}) + "\n")
            judgements.write(f"{identity}\t{identity}\t1\n")
    print(f"{len(problems)} problems; {named} descriptions name their function", file=sys.stderr)


if __name__ == "__main__":
    main()
