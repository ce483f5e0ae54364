"""A hold of a record in the making, blanks that are changed for an older record, a campaign that goes before its turn."""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import time

import plant_hand
from approvals import opened, sign

# against a hang only: a busy machine takes a minute for a card
PATIENCE_S = 900
FIRST = datetime.datetime(2026, 1, 5, 8, 0)


def stopped(process):
    """Returns when it stands still, or has ended."""
    end = time.monotonic() + PATIENCE_S
    while process.poll() is None and not plant_hand.is_stopped(process):
        if time.monotonic() > end:
            sys.exit("fault: the line does not come to its stop")
        time.sleep(0.05)


class Site:
    """A line of two products in `work`, whose files are written anew as a person would edit them."""

    def __init__(self, work):
        self.work = work
        self.line = work / "line.yaml"
        self.campaign = work / "site/profiles/iq-national-id/profile.yaml"
        (work / "site").mkdir()
        shutil.copytree("profiles", work / "site/profiles")
        (work / "site/firmware-specs").symlink_to(pathlib.Path("firmware-specs").resolve())
        self.profile = self.campaign.read_text()

    def write(self, window_hours, deadline=None):
        """`deadline`: the last day of the class `campaign`, which has no head start and no quota here."""
        root = os.getcwd()
        text = pathlib.Path("seeds/demo/line.yaml").read_text()
        text = text.replace("../../profiles", str(self.work / "site/profiles"))
        text = text.replace("../../", root + "/").replace("../test-pki", root + "/seeds/test-pki")
        # the other product has fingers
        pki = f"{root}/seeds/test-pki"
        trust = f"trust:\n  terminal_authority: {pki}/cvca.cvcert\n  inspection_system: {pki}/inspection\n"
        text = text.replace("trust:\n", trust, 1)
        other = f"other_profiles: [{self.work}/site/profiles/iq-residence-card]\nstock_window_hours: {window_hours}\n"
        self.line.write_text(text.replace("ledger:", other + "ledger:", 1))
        date = f", deadline: {deadline}, deadline_rise_days: 60" if deadline else ""
        lines = [
            f"  campaign: {{ head_start_hours: 0{date} }}" if line.startswith("  campaign:") else line
            for line in self.profile.splitlines()
        ]
        self.campaign.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    work = parser.parse_args().work
    site = Site(work)
    plant = plant_hand.Plant(work / "plant", str(site.line))

    def sakk(*words, **more):
        return subprocess.run(["sakk", *words], capture_output=True, text=True, **more)

    def need(true, what, done=None, words=""):
        if not true:
            sys.exit(f"fault: {what}\n{words}" + (f"{done.stdout}{done.stderr}" if done else ""))
        plant_hand.say(f"  ok    {what}")

    documents = {}

    def take(name, product, seed, day, priority="normal"):
        """One seeded record, approved on another day, perhaps in another class."""
        batch = work / f"{name}.tar"
        sakk("seed", "batch", "--product", product, "--count", "1", "--seed", str(seed), "--out", str(batch), check=True)
        with tarfile.open(batch) as tar:
            record = json.loads(opened(tar.extractfile("0001.p7m").read()))
        record["request_id"] = name
        documents[record["document_number"]] = name
        record["approved_at"] = (FIRST + datetime.timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")
        record["priority"] = {"class": priority} | ({"reason": "campaign"} if priority != "normal" else {})
        envelope = work / f"{name}.p7m"
        envelope.write_bytes(sign(work, json.dumps(record, ensure_ascii=False).encode()))
        done = sakk("queue", "import", "--line", str(site.line), str(envelope))
        need(done.returncode == 0, f"{name} waits", done)

    def records():
        done = sakk("queue", "list", "--line", str(site.line), "--json", "--state", "queued", "--state", "claimed",
                    "--state", "held", "--state", "produced")
        return {record["request"]: record for record in json.loads(done.stdout)["records"]}

    def good():
        """The records of the documents in the good box, in the order in which they came."""
        names = {}
        for card in plant.census()["cards"]:
            box, _, index = card["place"].partition(":")
            if box == "good":
                names[int(index)] = documents[card["chip"]["dg1_mrz"][5:14].rstrip("<")]
        return [names[index] for index in sorted(names)]

    site.write(window_hours=0)
    take("FIRST-1", "iq-national-id", 21, 0)
    take("PERMIT-1", "iq-residence-card", 22, 1)
    take("SECOND-1", "iq-national-id", 23, 2)
    take("CAMPAIGN-1", "iq-national-id", 24, 30, "campaign")

    # a person holds the record whose card is before the print head
    controller = plant.start(
        "sakk", "run", "--until-idle", "--line", str(site.line), "--blanks", "20", SAKK_FAULT_STOP="line.print.before:1")
    try:
        stopped(controller)
        need(controller.poll() is None, "the first card is written and not printed")
        hold = sakk("queue", "hold", "--line", str(site.line), "--by", "Amal", "--why", "photo", "FIRST-1")
        # its other threads stand where they were, perhaps in the middle of a transaction: a print takes much longer
        while hold.returncode != 0 and "[ledger.busy]" in hold.stderr:
            controller.send_signal(signal.SIGCONT)
            time.sleep(0.02)
            controller.send_signal(signal.SIGSTOP)
            stopped(controller)
            hold = sakk("queue", "hold", "--line", str(site.line), "--by", "Amal", "--why", "photo", "FIRST-1")
        controller.send_signal(signal.SIGCONT)
        words = "".join(controller.communicate(timeout=PATIENCE_S))
    finally:
        if controller.poll() is None:
            controller.kill()
            controller.wait()
    need(hold.returncode == 0, f"its record is held: {hold.stderr.strip()}", hold)
    need(controller.returncode == 4, "the line ends held", words=words)
    need(records()["FIRST-1"]["state"] == "held", f"and the record with it: {records()['FIRST-1'].get('reason')}")
    census = plant.census()
    need(census["feeds"] == 1 and good() == [], "its card did not leave by the good exit")
    need(
        "[line.stock.change]" in words and "pc-td1-residence" in words,
        "the older record of the other product asks for its blanks at once", words=words)

    # the person passes over the change for a while, and the campaign is to be made by tomorrow
    tomorrow = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=1)
    site.write(window_hours=1000, deadline=tomorrow)
    done = plant.run_line("--acknowledge")
    need(done.returncode == 4 and "[line.stock.change]" in done.stderr, "when none of its own waits it asks again", done)
    need(plant.census()["feeds"] == 3, "after two more cards")
    need(good() == ["CAMPAIGN-1", "SECOND-1"], f"the campaign's before the one that was approved four weeks earlier: {good()}")
    need(records()["PERMIT-1"]["state"] == "queued", "and the other product's record waits for its blanks")

    # the supervisor ends the hold, and an inspector passes the card
    plant.move("reject:1", "desk")
    card = next(card for card in plant.census()["cards"] if card["place"] == "desk")
    zone = card["chip"]["dg1_mrz"]
    lines = "\n".join(zone[index:index + 30] for index in (0, 30, 60)) + "\n"
    verdict = ["sakk", "card", "verdict", "pass", "--line", str(site.line), "--operator-name", "Huda"]
    done = plant.inside(*verdict, typed=lines)
    need(done.returncode != 0 and "verdict.held" in done.stderr, "nobody passes the card of a held record", done)
    done = sakk("queue", "release", "--line", str(site.line), "--by", "Amal", "--why", "fine", "FIRST-1")
    need(done.returncode == 0, "the hold is ended", done)
    done = plant.inside(*verdict, typed=lines)
    need(done.returncode == 0, f"then an inspector does: {done.stdout.strip()}", done)
    plant.move("desk", "good:top")
    sys.exit(plant_hand.judge(pathlib.Path(os.environ["SAKK_LEDGER"]), plant, work, "--expect-good", "3", "--expect-spoiled", "0"))


main()
