"""A person beside the virtual plant: runs commands in it, moves cards, and does what a held line asks for."""

import hashlib
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys


def say(text):
    print(text, file=sys.stderr, flush=True)


class Plant:
    """A plant that is up in `folder`; `line` is the configuration that the controller is started with."""

    def __init__(self, folder, line):
        self.folder = str(folder)
        self.line = line

    def inside(self, *command, typed=None, **variables):
        """`typed`: what stands on its standard input."""
        environment = dict(os.environ, **variables)
        return subprocess.run(
            ["sakk-plant", "exec", "--dir", self.folder, "--", *command], env=environment, capture_output=True, text=True,
            input=typed)

    def start(self, *command, **variables):
        """As `inside`, beside this program."""
        return subprocess.Popen(
            ["sakk-plant", "exec", "--dir", self.folder, "--", *command], env=dict(os.environ, **variables),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_line(self, *options, **variables):
        return self.inside("sakk", "run", "--until-idle", "--line", self.line, *options, **variables)

    def census(self):
        done = subprocess.run(
            ["sakk-plant", "census", "--dir", self.folder, "--json"], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def hand(self, *words, check=False):
        return subprocess.run(
            ["sakk-plant", "hand", words[0], "--dir", self.folder, *words[1:]], check=check, capture_output=True,
            text=True)

    def move(self, source, target):
        self.hand("move", "--from", source, "--to", target, check=True)

    def settle(self, cell="", depth=3):
        """Lays the cards that may be meant on the desk reader, the last `depth` of each box, the last ones first.

        A card that the line does not look for is put back where it lay; the line says so and changes nothing. `cell` is
        where the person looks, `cell-2/` for example; the desk is the first cell's.
        """

        def places():
            cards = self.census()["cards"]
            return [card["place"] for card in cards if not cell or card.get("cell") == cell.rstrip("/")]

        before = places()
        if "machine" in before:
            self.move(f"{cell}machine", f"{cell}table")
            before = places()
        candidates = [place for place in before if place.startswith("table:")]
        for box in ("good", "reject"):
            count = sum(place.startswith(box + ":") for place in before)
            candidates += [f"{box}:{index}" for index in range(count, max(0, count - depth), -1)]
        # table places move up as cards are taken, so the last goes first
        for place in sorted(candidates, key=lambda place: (place.startswith("table"), place), reverse=True):
            box = place.split(":")[0]
            self.move(f"{cell}{place}", "desk")
            done = self.inside(
                "sakk", "card", "settle", "--line", self.line, "--found", "elsewhere" if box == "table" else box)
            decision = done.stdout.split()[0] if done.returncode == 0 and done.stdout else None
            if decision:
                say(f"  settled {cell}{place}: {done.stdout.strip()}")
            # a card that turned out to be spoiled goes to the reject box, a good one to the good box; one that lay there
            # already keeps its place, so that a second look finds the boxes as they were
            target = {"good": "good:top", "spoiled": "reject:top"}.get(
                decision or "", "reject:top" if box == "table" else place)
            if target.split(":")[0] == box:
                target = place
            self.move("desk", f"{cell}{target}")
            if decision == "unconfirmed":
                self.punch(done.stdout.split()[1], f"{cell}{target}")

    def punch(self, blank, place):
        """Two people seal and punch a card whose chip did not confirm its death; its record may be made again."""
        done = self.inside(
            "sakk", "card", "settle", "--line", self.line, "--destroyed", blank, "--operator-name", "Amal", "--witness",
            "Sami")
        if done.returncode == 0:
            self.move(place, place.split("reject")[0] + "shredder")
        say(f"  punched {blank}: {(done.stdout or done.stderr).strip()}")

    def inspect(self, ledger):
        """An inspector looks at what could not be judged (frames that came too late on a busy machine) and rejects it, so
        that it is made again, where its attempts are used up by an engineer's leave; how many cards there were."""
        done = self.inside("sakk", "card", "waiting", "--line", self.line, "--jsonl")
        if done.returncode != 0:
            sys.exit(f"nobody says what waits for an inspector: {done.stderr}")
        waiting = [json.loads(line) for line in done.stdout.splitlines()]
        for card in waiting:
            # as it is written on the card's bag, which the plant has none of
            with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as books:
                [chip] = books.execute("SELECT chip FROM blank WHERE blank = ?", (card["blank"],)).fetchone()
            self.move(self.place(chip), "desk")
            done = self.inside(
                "sakk", "card", "verdict", "reject", "--reason", "print.scratch", "--final", "--operator-name", "Amal",
                "--line", self.line)
            if done.returncode != 0:
                sys.exit(f"no verdict on {card['blank']} ({card['reason']}): {done.stdout}{done.stderr}")
            say(f"  an inspector rejected {card['blank']} ({card['reason']}): {done.stdout.strip()}")
            self.move("desk", "reject:top")
            if done.stdout.startswith("unconfirmed"):
                self.punch(card["blank"], self.place(chip))
        if waiting:
            self.allow(ledger)
        return len(waiting)

    def allow(self, ledger):
        """An engineer gives back what was spoiled so often that the line asks for one."""
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as books:
            held = books.execute("SELECT production FROM production WHERE state = 'held' AND reason = 'attempts.limit'")
            records = [production for production, in held]
        if not records:
            return
        done = self.inside(
            "sakk", "queue", "release", "--line", self.line, "--by", "Engineer", "--why", "the cause is known", *records)
        if done.returncode != 0:
            sys.exit(f"not given back: {done.stdout}{done.stderr}")
        say(f"  an engineer gave back {' '.join(records)}")

    def place(self, chip):
        """Where the card lies whose chip the books name: a hash over the serial fields of its CPLC."""
        for seen in self.census()["cards"]:
            cplc = bytes.fromhex(seen["chip"]["cplc"])
            if hashlib.sha256(cplc[:4] + cplc[10:18]).hexdigest() == chip.lower():
                return seen["place"]
        sys.exit(f"no card is {chip}")

    def help(self, depth=3):
        """After any hold: closes the cover, changes a used-up ribbon, brings cards to the desk reader."""
        self.hand("cover", "close")
        if self.census()["ribbon_cards_left"] == 0:
            self.hand("ribbon", "--cards", "100", check=True)
        self.settle(depth=depth)


def why(done):
    """The last reason that a run gave."""
    reasons = re.findall(r"why: (.*)", done.stderr)
    return reasons[-1] if reasons else done.stderr.strip()[-300:]


def is_stopped(process):
    """By SIGSTOP."""
    return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def judge(ledger, plant, out, *options):
    """Books against cards, by the third program; its exit code."""
    census = out / "census.json"
    census.write_text(json.dumps(plant.census()))
    return subprocess.run(["sakk-judge", "--ledger", str(ledger), "--census", str(census), *options]).returncode
