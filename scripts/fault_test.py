"""Makes the n-th call of each kind fail while one card is made, and judges books and cards after each n.

The run without a fault tells how many calls of each kind there are. Cards differ a little (how often a status is asked,
whether a picture is taken again): a card that made fewer calls has tested nothing, and another one follows. What three
cards did not reach is told, and is a failure when it is more than a few of the last calls. A breach is a failure, and so
is a record that does not get its document within a few starts.

`border.transmit` are the commands of the read-back, a process of its own (sakk-border); the others are the controller's.
What a hold asks for is done by this program: a card is taken to the desk reader when the hold is about a card, and all
that lie in the boxes when the last ones were not the one. A card that the camera could not judge is rejected by an
inspector and its record made again. With --parts the n are dealt out to several worlds.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import time

import plant_hand
from plant_hand import say

LINE = "seeds/demo/line.yaml"
CALLS = ["pcsc.transmit", "usb.transfer", "camera.frame", "border.transmit"]
STARTS = 12
CARDS = 3
# of a kind's calls, in a hundred: how many of the last ones a card may do without
SPREAD = 5


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--samples", type=int, required=True, help="of each kind; 0: every n")
    parser.add_argument("--call", action="append", choices=CALLS)
    parser.add_argument("--first", type=int, default=1, help="the smallest n")
    parser.add_argument("--last", type=int, help="the largest n")
    parser.add_argument("--part", default="1/1", help="I/N: the I-th of N worlds among which the n are dealt out")
    options = parser.parse_args()
    out = options.out
    plant = plant_hand.Plant(out / "plant", LINE)
    began = time.monotonic()

    def record(number):
        batch = out / f"batch-{number}.tar"
        for words in (
            ["seed", "batch", "--product", "iq-national-id", "--count", "1", "--seed", str(1000 + number), "--out", batch],
            ["queue", "import", "--line", LINE, batch],
        ):
            done = subprocess.run(["sakk", *map(str, words)], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"fault: no record {number}: {done.stderr}")

    border = out / "border-calls"

    def orders(kind=None, number=0):
        """What makes the call fail, for `run_line`."""
        border.unlink(missing_ok=True)
        inside = number if kind == "border.transmit" else 0
        words = {"SAKK_FAULT_COUNT": "1", "SAKK_BORDER_FAULT": f"{inside}:{border}"}
        return words if kind in (None, "border.transmit") else {**words, "SAKK_FAULT_FAIL": f"{kind}:{number}"}

    def counts(done):
        found = {kind: int(count) for kind, count in re.findall(r"system-calls (\S+) (\d+)", done.stderr)}
        return {**found, "border.transmit": int(border.read_text()) if border.exists() else 0}

    part, parts = map(int, options.part.split("/"))
    record(0)
    first = plant.run_line("--blanks", "900", **orders())
    if first.returncode != 0:
        sys.exit(f"fault: the run without a fault ended with {first.returncode}: {first.stderr[-1500:]}")
    totals = counts(first)
    say("calls of one card: " + ", ".join(f"{kind} {totals.get(kind, 0)}" for kind in CALLS))
    made, failures, holds, inspected, tried, missed = 1, 0, 0, 0, 0, []
    for kind in options.call or CALLS:
        total = totals.get(kind, 0)
        if total == 0:
            sys.exit(f"fault: there is no {kind}")
        numbers = range(max(1, options.first), min(total, options.last or total) + 1)
        if not numbers:
            sys.exit(f"fault: a card makes {total} calls of {kind}")
        if 0 < options.samples < total:
            # the first and the last one, and between them as far apart as can be
            steps = max(1, options.samples - 1)
            spread = {1 + round(index * (total - 1) / steps) for index in range(options.samples)}
            numbers = sorted(spread.intersection(numbers))
        numbers = list(numbers)[part - 1::parts]
        for number in numbers:
            for card in range(CARDS):
                record(made)
                made += 1
                done = plant.run_line(**orders(kind, number))
                reached = counts(done).get(kind, 0)
                if reached >= number or done.returncode != 0:
                    break
            if reached < number:
                missed.append(f"{kind} {number}")
                say(f"  {kind} {number} was not reached by {card + 1} cards: the last one made {reached} calls")
                if number < total * (100 - SPREAD) / 100 - 1 or done.returncode != 0:
                    failures += 1
                    say(f"  fault: {kind} {number} is not one of the last calls, or the card ended with {done.returncode}")
                if done.returncode == 0:
                    continue
            tried += 1
            ended = [done.returncode]
            while len(ended) < STARTS:
                rejected = plant.inspect(out / "ledger.sqlite")
                inspected += rejected
                if ended[-1] == 0 and not rejected:
                    break
                if ended[-1] != 0:
                    holds += 1
                    if "[line.card." in plant_hand.why(done) or len(ended) > 2:
                        plant.help(depth=3 if len(ended) < 4 else 900)
                done = plant.run_line("--acknowledge")
                ended.append(done.returncode)
            judged = plant_hand.judge(out / "ledger.sqlite", plant, out, "--expect-good", str(made))
            if judged != 0 or ended[-1] != 0:
                failures += 1
                say(f"  fault: {kind} {number}: ends {ended}, judge {judged}; {plant_hand.why(done)}")
            else:
                say(f"  ok    {kind} {number} of {total}: ends {ended}")
    spoiled = sum(card["place"].startswith("reject") for card in plant.census()["cards"])
    say(
        f"{tried} failing calls of {sum(totals.get(kind, 0) for kind in CALLS)}, {len(missed)} not reached, {holds} times a person helped, "
        f"{inspected} for an inspector, {spoiled} cards spoiled, {failures} faults, {time.monotonic() - began:.0f} s")
    sys.exit(1 if failures else 0)


main()
