"""Runs the bad day in a plant that is up: after each hold the operator does what the line asks for."""

import argparse
import pathlib
import sys
import time

import plant_hand
from plant_hand import say

RECORDS = 20
ROUNDS = 30


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    out = parser.parse_args().out
    plant = plant_hand.Plant(out / "plant", "seeds/demo/line.yaml")
    began = time.monotonic()
    holds = []
    options = ["--blanks", "40"]
    for _ in range(ROUNDS):
        done = plant.run_line(*options)
        if done.returncode == 0:
            break
        if done.returncode not in (3, 4):
            sys.exit(f"sakk run ended with {done.returncode}: {done.stderr[-1500:]}")
        holds.append(plant_hand.why(done))
        say(f"  held: {holds[-1]}")
        plant.help()
        options = ["--acknowledge"]
    else:
        sys.exit("the day does not come to its end")
    faults = plant.census()["faults"]
    missed = [fault["kind"] for fault in faults if not fault["happened"]]
    say(f"{len(faults) - len(missed)} faults happened, {len(holds)} holds, {time.monotonic() - began:.0f} s")
    if missed:
        sys.exit(f"these faults did not happen: {', '.join(missed)}")
    # the last card of each fault is the price at most
    sys.exit(
        plant_hand.judge(
            out / "ledger.sqlite", plant, out, "--expect-good", str(RECORDS), "--max-spoiled", str(len(faults))))


main()
