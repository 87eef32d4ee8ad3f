"""Sums up ctest result files: skipped tests with their reasons, failed ones with the end of what
they printed, then the counts on a last line.

Usage: ctest_summary.py RESULTS.xml...   (written by `ctest --output-junit`)
Fails when a file is missing or holds no test that was really run.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree


# Lines of a failed test that the summary repeats: enough for a failed expectation and its trace.
FAILURE_LINES = 40


def skip_reason(case):
    """What GTEST_SKIP() was given: the lines between `file:line: Skipped` and the verdict."""
    output = case.findtext("system-out") or ""
    match = re.search(r": Skipped\n(.*?)\n?\[  SKIPPED \]", output, re.DOTALL)
    return " ".join(match.group(1).split()) if match and match.group(1) else "no reason given"


def verdict(case):
    if case.get("status") == "run":
        return "passed"
    # A test whose program is missing is "notrun" as well, but it is a failure.
    skipped = case.find("skipped")
    if skipped is not None and "SKIP" in skipped.get("message", ""):
        return "skipped"
    return "failed"


def last_words(case):
    """The end of what a failed test printed, so that a log which keeps only its end shows why."""
    lines = (case.findtext("system-out") or "").rstrip().splitlines()
    return lines[-FAILURE_LINES:] or ["no output"]


def main(paths):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    skips = {}
    failures = []
    sound = True
    for path in paths:
        try:
            cases = ElementTree.parse(path).getroot().findall("testcase")
        except (OSError, ElementTree.ParseError) as error:
            print(f"{path}: no test results: {error}")
            sound = False
            continue
        verdicts = [verdict(case) for case in cases]
        if not any(v != "skipped" for v in verdicts):
            print(f"{path}: no test was executed")
            sound = False
        for case, outcome in zip(cases, verdicts):
            counts[outcome] += 1
            if outcome == "skipped":
                skips.setdefault(skip_reason(case), {})[case.get("name")] = None
            elif outcome == "failed":
                failures.append((path, case))
    for reason, names in skips.items():
        print(f"Skipped ({len(names)}): {reason}")
        for name in names:
            print(f"  {name}")
    for path, case in failures:
        print(f"Failed: {case.get('name')} ({path})")
        for line in last_words(case):
            print(f"  {line}")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 0 if sound and counts["failed"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
