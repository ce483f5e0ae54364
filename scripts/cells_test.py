"""Two cells of one line in a plant that is up: a jam and a pulled plug in the second one, the first one goes on."""

import argparse
import json
import pathlib
import subprocess
import sys
import time

import plant_hand
from plant_hand import say

LINE = "seeds/demo/line-cells.yaml"
PATIENCE_S = 120


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--records", type=int, required=True)
    options = parser.parse_args()
    plant = plant_hand.Plant(options.out / "plant", LINE)

    def sakk(*words):
        return subprocess.run(["sakk", *words, "--line", LINE], capture_output=True, text=True)

    def cells():
        done = sakk("line", "status", "--json")
        return {cell["cell"]: cell for cell in json.loads(done.stdout)["cells"]} if done.returncode == 0 else {}

    def need(true, what, more=""):
        if not true:
            controller.terminate()
            sys.exit(f"fault: {what}\n{more}\n{controller.communicate()[1][-3000:]}")
        say(f"  ok    {what}")

    def reached(test, what):
        end = time.monotonic() + PATIENCE_S
        while not test() and time.monotonic() < end:
            need(controller.poll() is None or test(), f"the controller works until: {what}", str(cells()))
            time.sleep(0.2)
        need(test(), what, str(cells()))

    def ask(word, *more):
        done = plant.inside("sakk", "line", word, "--line", LINE, "--by", "Amal", *more)
        need(done.returncode == 0, f"`sakk line {word}` is obeyed: {done.stdout.strip()}", done.stderr)

    def good():
        return sum(card["place"].startswith("good") for card in plant.census()["cards"])

    # the hopper of the second cell comes into the books too
    for cell in ("cell-1", "cell-2"):
        done = plant.run_line("--count", "0", "--cell", cell, "--blanks", "20")
        if done.returncode != 0:
            sys.exit(f"the line does not start: {done.stderr[-2000:]}")
    controller = plant.start("sakk", "run", "--line", LINE, "--stay")
    reached(lambda: cells().get("cell-2", {}).get("code") == "line.card.jammed", "the second cell is held by its jam")
    reached(lambda: good() >= options.records // 2, "the first cell goes on alone")
    ask("hold", "--cell", "cell-1", "--why", "lunch")
    reached(lambda: cells()["cell-1"]["state"] == "held", "the first cell is held when its card has left")
    ask("unhold", "--cell", "cell-1")
    # the person takes the jammed card to the desk reader, as the hold says
    plant.move("cell-2/machine", "cell-2/table")
    ask("unhold", "--cell", "cell-2")
    reached(lambda: cells()["cell-2"]["code"] == "line.card.search", "the second cell looks for its card")
    plant.settle("cell-2/")
    ask("unhold", "--cell", "cell-2")
    reached(lambda: good() == options.records, "all documents are good")
    reached(lambda: all(cell["state"] == "complete" for cell in cells().values()), "both cells are complete")
    controller.terminate()
    words = controller.communicate()[1]
    need(controller.returncode == 0, "the controller ends orderly", words[-2000:])
    status = json.loads(sakk("line", "status", "--json").stdout)
    need(status["controller"] is None, "and gives the line back")
    sys.exit(
        plant_hand.judge(
            options.out / "ledger.sqlite", plant, options.out, "--expect-good", str(options.records), "--max-spoiled",
            "1"))


main()
