"""Runs a batch in a plant that is up, kills the controller at seeded moments, and does what the line asks a person to do.

Moments are fault points of the controller (before and after each commit, movement, panel, chip command): the n-th one
of a run ends it with SIGKILL. Some are named, so that each seed has a kill in mid-print and one before the eject.
"""

import argparse
import pathlib
import random
import sys

import plant_hand
from plant_hand import say

LINE = "seeds/demo/line.yaml"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--records", type=int, required=True)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    plant = plant_hand.Plant(options.out / "plant", LINE)
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
        done = plant.run_line(*blanks, *acknowledge, **variables)
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
            say(f"  held: {plant_hand.why(done)}")
            plant.settle()
            acknowledge = ["--acknowledge"]
        else:
            sys.exit(f"sakk run ended with {done.returncode}: {done.stderr[-1500:]}")
    say(f"{killed} kills, {holds} holds, {rounds} runs")
    faults = 2  # power cuts that the world orders
    sys.exit(
        plant_hand.judge(
            options.out / "ledger.sqlite", plant, options.out, "--expect-good", str(options.records), "--max-spoiled",
            str(killed + faults)))


main()
