"""Documents for the benchmark: 30-line windows of the source files that a machine has anyway."""
import json
import os
import pathlib

# What an ordinary Debian development machine has; taken in this order until there is enough.
ROOTS = ("/usr/include", "/usr/lib/python3", "/usr/lib/python3.11", "/usr/share/perl", "/usr/lib/gcc",
         "/usr/share/cmake-3.25", "/usr/lib/llvm-16", "/usr/share/doc", "/usr/local")
SUFFIXES = {".h", ".hpp", ".hh", ".c", ".cc", ".cpp", ".inc", ".tcc", ".py", ".pm", ".pl", ".js",
            ".ts", ".go", ".rs", ".java", ".cmake", ".sh", ".md", ".rst"}
LINES = 30
MOST_BYTES = 1_000_000  # of a file


def files(roots):
    """Source files below the roots in a fixed order, each once."""
    seen = set()
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders.sort()
            for name in sorted(names):
                path = pathlib.Path(folder) / name
                # libstdc++'s "vector" and its like have no suffix.
                known = path.suffix in SUFFIXES or (not path.suffix and "c++" in folder)
                if not known or path.is_symlink() or not path.is_file():
                    continue
                status = path.stat()
                if status.st_size > MOST_BYTES or (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
                yield path


def windows(path):
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    for start in range(0, len(lines), LINES):
        body = "\n".join(line[:2000] for line in lines[start:start + LINES])
        if body.strip():
            yield body


def write(target, wanted, roots):
    """Writes up to `wanted` documents, one JSON object a line; how many, and their bytes."""
    count = size = 0
    with open(target, "w", encoding="utf-8") as out:
        for path in files(roots):
            for body in windows(path):
                out.write(json.dumps({"id": count, "path": str(path).lstrip("/"), "body": body}))
                out.write("\n")
                count += 1
                size += len(body.encode())
                if count == wanted:
                    return count, size
    return count, size
