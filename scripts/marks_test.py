"""Runs the line over ink that goes wrong, kills its picture worker meanwhile, and compares what was rejected with what was ordered."""

import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

# any of these codes names the mark
NAMES = {
    "blank": {"print.blank"},
    "weak_panel": {"panel.weak", "panel.missing", "print.colour", "portrait.differs"},
    "shifted_panel": {"panel.registration", "portrait.differs"},
    "shifted_print": {"print.registration"},
    "dead_elements": {"print.line"},
    "scratch": {"print.scratch", "portrait.differs"},
    "dust": {"print.spot", "portrait.differs"},
    "smudge": {"print.smudge", "print.spot", "portrait.differs"},
    "ghost": {"print.ghost", "print.smudge", "field.differs", "portrait.differs", "print.colour"},
    "character": {"mrz.character"},
    "missing_panel": {"panel.missing", "print.colour"},
}
failures = 0


def check(name, good, detail=""):
    global failures
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name}{'' if good else ': ' + str(detail)[:800]}")


def sakk(*words):
    return subprocess.run(["sakk", *map(str, words)], capture_output=True, text=True)


def worker_of(controller):
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = path.read_text().rsplit(")", 1)
        except OSError:
            continue
        if "(sakk-picture" in name and rest.split()[0] != "Z":
            parent = int(rest.split()[1])
            if parent == controller:
                return int(path.parent.name)
    return None


def controllers_of(process):
    """The process itself and what came of it: the plant's exec hands over to it."""
    known = {process.pid}
    for path in sorted(pathlib.Path("/proc").glob("[0-9]*/stat"), key=lambda p: int(p.parent.name)):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) in known:
            known.add(int(path.parent.name))
    return known


def main():
    parser = argparse.ArgumentParser()
    for name in ("out", "line", "world"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    options = parser.parse_args()
    world = options.world.read_text()
    ordered = {}
    for feed, kind, mark in re.findall(r"at_feed: (\d+)\n\s+kind: (\w+)(?:\n\s+mark: (\w+))?", world):
        ordered[int(feed)] = mark or kind

    def steps():
        """Lines of the run so far: each is a card that went somewhere."""
        try:
            return (options.out / "run.log").read_text().count(" good, ")
        except OSError:
            return 0

    kills, runs, words, reached = 0, 0, ["--blanks", "60"], 0
    while runs < 12:
        runs += 1
        log = open(options.out / "run.log", "ab")
        process = subprocess.Popen(
            ["sakk-plant", "exec", "--dir", str(options.out / "plant"), "--", "sakk", "run", "--until-idle", "--line",
             str(options.line), *words], stdout=log, stderr=log)
        seen, found, last = None, None, time.monotonic()
        while process.poll() is None:
            time.sleep(0.05)
            # each run's worker once or twice, wherever it is; never twice at one card, which would then wait for an inspector
            if time.monotonic() - last < 7 or kills >= 6 or steps() < reached + 2:
                continue
            worker = next((w for w in map(worker_of, controllers_of(process)) if w), None)
            if worker != found:
                found, last = worker, time.monotonic() - 3
                continue
            if worker and worker != seen:
                os.kill(worker, signal.SIGKILL)
                kills, seen, last, reached = kills + 1, worker, time.monotonic(), steps()
        words = ["--acknowledge"]
        if process.returncode == 0:
            break
        if process.returncode != 4:
            sys.exit(f"marks: the line ended with {process.returncode}: {(options.out / 'run.log').read_text()[-1500:]}")
    check(f"the line came to its end in {runs} runs, its worker killed {kills} times", process.returncode == 0 and kills > 0)

    rows = []
    for line in sakk("queue", "list", "--line", options.line, "--jsonl").stdout.splitlines():
        rows.append(json.loads(line))
    report = json.loads(sakk(
        "batch", "report", "--line", options.line,
        json.loads(sakk("status", "--line", options.line, "--json").stdout)["batches"][0], "--json").stdout)
    (options.out / "report.json").write_text(json.dumps(report, indent=1))
    census = subprocess.run(
        ["sakk-plant", "census", "--dir", str(options.out / "plant"), "--json"], capture_output=True, text=True).stdout
    (options.out / "census.json").write_text(census)
    judged = subprocess.run(
        ["sakk-judge", "--ledger", str(options.out / "ledger.sqlite"), "--census", str(options.out / "census.json"),
         "--expect-good", "24"], capture_output=True, text=True)
    check("the books by the cards: 24 good documents", judged.returncode == 0, judged.stdout + judged.stderr)

    # what was found on which card: by the sheets' folder
    found = {}
    for path in sorted((options.out / "pictures").glob("*-reason-*.png")):
        attempt, code = re.fullmatch(r"(.+?)-(?:front|back)-reason-\d+-(.+)\.png", path.name).groups()
        found.setdefault(attempt, set()).add(code)
    cards = {card["card"]: card for card in json.loads(census)["cards"]}
    fed = {card["feed"]: card for card in cards.values() if card.get("feed")}
    for feed, mark in sorted(ordered.items()):
        card = fed.get(feed)
        if not card:
            check(f"{mark}: its card was fed", False, sorted(fed))
            continue
        check(f"{mark}: the card of feed {feed} lies in the reject box", card["place"].startswith(("reject", "desk")), card["place"])
    for mark in ordered.values():
        check(f"{mark}: named by {sorted(NAMES[mark])}", any(codes & NAMES[mark] for codes in found.values()), found)
    print(f"{len(found)} rejects with sheets and crops in {options.out}/pictures")
    print(f"{failures} failures")
    sys.exit(failures > 0)


main()
