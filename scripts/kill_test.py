"""Runs a batch in a plant that is up, kills the controller at seeded moments, and does what the line asks a person to do.

Moments are fault points of the controller (before and after each commit, movement, panel, chip command): the n-th one
of a run ends it with SIGKILL. Some are named, so that each seed has a kill in mid-print and one before the eject.
"""

import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys

LINE = "seeds/demo/line.yaml"


class Plant:
    def __init__(self, out):
        self.out = out
        self.folder = str(out / "plant")

    def inside(self, *command, **variables):
        environment = dict(os.environ, **variables)
        return subprocess.run(
            ["sakk-plant", "exec", "--dir", self.folder, "--", *command], env=environment, capture_output=True, text=True)

    def cards(self):
        done = subprocess.run(
            ["sakk-plant", "census", "--dir", self.folder, "--json"], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["cards"]

    def move(self, source, target):
        subprocess.run(
            ["sakk-plant", "hand", "move", "--dir", self.folder, "--from", source, "--to", target], check=True,
            capture_output=True)


def settle(plant, say):
    """A person lays the cards that may be meant on the desk reader, the last ones first, until none is looked for.

    A card that the line does not look for is put back where it lay; the line says so and changes nothing.
    """
    places = [card["place"] for card in plant.cards()]
    if "machine" in places:
        plant.move("machine", "table")
        places = [card["place"] for card in plant.cards()]
    candidates = [place for place in places if place.startswith("table:")]
    for box in ("good", "reject"):
        count = sum(place.startswith(box + ":") for place in places)
        candidates += [f"{box}:{index}" for index in range(count, max(0, count - 3), -1)]
    # table places move up as cards are taken, so the last goes first
    for place in sorted(candidates, key=lambda place: (place.startswith("table"), place), reverse=True):
        box = place.split(":")[0]
        plant.move(place, "desk")
        done = plant.inside(
            "sakk", "card", "settle", "--line", LINE, "--found", "elsewhere" if box == "table" else box)
        decision = done.stdout.split()[0] if done.returncode == 0 and done.stdout else None
        if decision:
            say(f"  settled {place}: {done.stdout.strip()}")
        # a card that turned out to be spoiled goes to the reject box, a good one to the good box
        target = {"good": "good:top", "spoiled": "reject:top"}.get(decision or "", "reject:top" if box == "table" else place)
        plant.move("desk", target)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--records", type=int, required=True)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    plant = Plant(options.out)

    def say(text):
        print(text, file=sys.stderr, flush=True)

    named = ["printer.panel.after:3", "printer.eject.before:1", "printer.feed.after:1", "chip.lock.after:1"]
    moments = named[: options.kills] + [str(dice.randint(1, 90)) for _ in range(options.kills - len(named))]
    dice.shuffle(moments)
    say(f"seed {options.seed}: {options.kills} kills, {options.records} records; moments {' '.join(moments)}")
    killed = holds = rounds = 0
    blanks = ["--blanks", str(options.records + options.kills + 12)]
    acknowledge = []
    while True:
        rounds += 1
        if rounds > 4 * options.kills + 60:
            sys.exit("the line does not come to its end")
        variables = {"SAKK_FAULT_KILL": moments[0]} if moments else {}
        done = plant.inside("sakk", "run", "--until-idle", "--line", LINE, *blanks, *acknowledge, **variables)
        blanks, acknowledge = [], []
        if done.returncode in (137, -9):
            killed += 1
            say(f"  kill {killed} at fault point {moments.pop(0)}")
        elif done.returncode == 0:
            if not moments:
                break
            say(f"  the batch is done; {len(moments)} moments were not reached")
            break
        elif done.returncode == 4:
            holds += 1
            why = re.findall(r"why: (.*)", done.stderr)
            say(f"  held: {why[-1] if why else done.stderr[-300:]}")
            settle(plant, say)
            acknowledge = ["--acknowledge"]
        else:
            sys.exit(f"sakk run ended with {done.returncode}: {done.stderr[-1500:]}")
    (options.out / "census.json").write_text(
        subprocess.run(
            ["sakk-plant", "census", "--dir", plant.folder, "--json"], capture_output=True, text=True, check=True).stdout)
    say(f"{killed} kills, {holds} holds, {rounds} runs")
    faults = 2  # power cuts that the world orders
    judged = subprocess.run(
        [
            "sakk-judge", "--ledger", str(options.out / "ledger.sqlite"), "--census", str(options.out / "census.json"),
            "--expect-good", str(options.records), "--max-spoiled", str(killed + faults),
        ])
    sys.exit(judged.returncode)


main()
