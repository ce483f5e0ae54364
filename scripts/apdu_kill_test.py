"""Ends the controller at its n-th command to a chip, for each n, and lets the next start recover and be ended at the next n.

One record waits at a time. A start that reaches no n-th command has finished the record; the next one comes, and when that
does not reach it either, the sweep is over: there is no n-th command in a card's life.
"""

import argparse
import collections
import pathlib
import subprocess
import sys
import time

import plant_hand
from plant_hand import say

LINE = "seeds/demo/line.yaml"
MANNERS = ["before", "inside", "after"]


class Sweep:
    def __init__(self, options):
        self.out = options.out
        self.plant = plant_hand.Plant(options.out / "plant", LINE)
        self.records = self.kills = self.holds = self.runs = self.goods = self.inspected = 0
        self.blanks = ["--blanks", "2000"]
        self.held = False

    def record(self):
        self.records += 1
        batch = self.out / "batch.tar"
        for words in (
            ["seed", "batch", "--product", "iq-national-id", "--count", "1", "--seed", str(7000 + self.records), "--out", batch],
            ["queue", "import", "--line", LINE, batch],
        ):
            done = subprocess.run(["sakk", *map(str, words)], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"apdu-kill: no record: {done.stderr}")

    def run(self, order):
        """True when the run was killed."""
        if self.held:
            self.plant.help()
        words = ["sakk", "run", "--until-idle", "--line", LINE, *self.blanks] + (["--acknowledge"] if self.held else [])
        script = 'LD_PRELOAD="$APDU_LIBRARY${LD_PRELOAD:+:$LD_PRELOAD}" exec "$@"'
        variables = {"APDU_LIBRARY": str(self.out / "apdu-kill.so"), "APDU_COUNT": str(self.out / "count")}
        if order:
            variables["APDU_KILL"] = order
        done = self.plant.inside("sh", "-c", script, "sh", *words, **variables)
        self.runs += 1
        self.blanks = []
        self.held = done.returncode == 4
        self.holds += self.held
        if done.returncode not in (0, 4, -9, 137):
            sys.exit(f"apdu-kill: the controller ended with {done.returncode} at {order}: {done.stderr[-1500:]}")
        self.judge_chips(order)
        self.why = plant_hand.why(done)
        return done.returncode in (-9, 137)

    def judge_chips(self, order):
        """A document that opens is one whose instance is there and locked: at no time are there two of one person. And no card
        ever counts a failed EXTERNAL AUTHENTICATE."""
        chips = [card["chip"] for card in self.plant.census()["cards"]]
        if any(chip["failed_authentications"] for chip in chips):
            sys.exit(f"apdu-kill: after {order} a card was answered with a wrong cryptogram")
        living = collections.Counter(chip["dg1_mrz"] for chip in chips if chip["instance"] and chip["locked"])
        twins = [mrz for mrz, count in living.items() if count > 1]
        if twins:
            sys.exit(f"apdu-kill: after {order} {len(twins)} documents live twice")
        self.goods = len(living)

    def inspect(self):
        rejected = self.plant.inspect(self.out / "ledger.sqlite")
        self.inspected += rejected
        return rejected

    def finish(self):
        """Until every record is made."""
        self.produce()
        for _ in range(6):
            if not self.inspect():
                return
            self.produce()
        sys.exit("apdu-kill: the camera judges no card")

    def produce(self):
        """Until no record waits."""
        for _ in range(12):
            if not self.run(None) and not self.held:
                return
        sys.exit(f"apdu-kill: the line does not come to its end: {self.why}")

    def reach(self, order):
        """Killed there, on this record or on a fresh one; False when no card's life has so many commands."""
        for fresh in (False, True):
            if fresh:
                self.record()
            for _ in range(12):
                if self.run(order):
                    self.kills += 1
                    return True
                if not self.held:
                    break
            else:
                sys.exit(f"apdu-kill: the line does not come to its end: {self.why}")
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--to", dest="last", type=int, default=100_000)
    parser.add_argument("--manner", choices=MANNERS + ["all"], default="all")
    options = parser.parse_args()
    began = time.monotonic()
    sweep = Sweep(options)
    sweep.record()
    sweep.finish()
    total = int((sweep.out / "count").read_text())
    say(f"a card's life has {total} commands to its chip")
    last = {}
    for manner in MANNERS if options.manner == "all" else [options.manner]:
        before = sweep.kills
        for number in range(options.first, options.last + 1, options.every):
            if not sweep.reach(f"{manner}:{number}"):
                break
            last[manner] = number
            if sweep.kills % 25 == 0:
                say(f"  {sweep.kills} kills, now {manner}:{number}; {sweep.records} records, {time.monotonic() - began:.0f} s")
        say(f"  {manner}: {sweep.kills - before} kills, the last at command {last.get(manner)}")
        # the sweep ends at the first n that a whole life does not have; the first life looked at the reader once more
        if sweep.kills == before or (options.last > total and last[manner] + options.every < 0.9 * total):
            sys.exit(f"apdu-kill: the commands of a card were not all reached ({last.get(manner)} of {total})")
    sweep.finish()
    spoiled = sum(card["place"].startswith("reject") for card in sweep.plant.census()["cards"])
    judged = plant_hand.judge(
        sweep.out / "ledger.sqlite", sweep.plant, sweep.out, "--expect-good", str(sweep.records), "--max-spoiled",
        str(sweep.kills + sweep.inspected))
    say(
        f"{sweep.kills} kills at {total} commands of a life, {sweep.runs} starts, {sweep.holds} holds, {sweep.inspected} for an "
        f"inspector, {sweep.records} records: "
        f"{sweep.goods} living documents, {spoiled} spoiled, never two of one, {time.monotonic() - began:.0f} s")
    sys.exit(judged)


main()
