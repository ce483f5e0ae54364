"""Reads the output of a test run under ThreadSanitizer and says which of its reports are races.

`Synchronization.Mutex` waits in the toolchain's own library, which is not instrumented: when two threads meet at one, the
sanitizer does not see that the second one waited, and reports what both did under the lock (eight threads that count under one
Mutex show it). A report is set aside when both sides stand in `withLock` of the same mutex, by their own source lines; every
other one counts. Ends with 1 when one counts.
"""

import pathlib
import re
import sys

FRAME = re.compile(r"^\s+#\d+ .*? (/\S+?):(\d+)(?::\d+)?(?: |$)")
LOCK = re.compile(r"([\w.]+)\.withLock\b")


def stacks(report):
    """The two accesses, each a list of (file, line)."""
    sides = []
    for line in report.splitlines():
        if re.match(r"^  \S.*(by thread|by main thread)", line) or re.match(r"^  Previous ", line):
            sides.append([])
        elif re.match(r"^  (Location|Thread|Mutex|As if) ", line):
            break
        elif sides and (frame := FRAME.match(line)):
            sides[-1].append((frame[1], int(frame[2])))
    return sides


def locks(side):
    """The mutexes that this side stands in: file and expression."""
    found = set()
    for path, number in side:
        try:
            lines = pathlib.Path(path).read_text().splitlines()
        except OSError:
            continue
        if number <= len(lines):
            found |= {(path, lock) for lock in LOCK.findall(lines[number - 1])}
    return found


def main():
    text = pathlib.Path(sys.argv[1]).read_text(errors="replace")
    reports = re.findall(r"WARNING: ThreadSanitizer: .*?(?=\n={10,}|\Z)", text, re.S)
    races = []
    for report in reports:
        sides = stacks(report)
        if len(sides) < 2 or not locks(sides[0]) & locks(sides[1]):
            races.append(report)
    print(f"{len(reports)} reports of the sanitizer, {len(reports) - len(races)} of them under one mutex, {len(races)} races")
    for race in races:
        print(race)
    sys.exit(1 if races else 0)


main()
