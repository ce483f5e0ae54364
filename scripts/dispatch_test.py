"""Packing and handing over at the virtual plant (see scripts/dispatch-test).

`things` is what the hands did: which card lies in which envelope, which envelope in which box. It never asks the books;
at the end the two are compared.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys

LINE = "seeds/demo/line.yaml"


class Test:
    def __init__(self, work):
        self.work = work
        self.plant = str(work / "plant")
        self.dice = random.Random(7)
        self.kills = 0
        # what the hands did
        self.envelope_of = {}
        self.box_of = {}
        self.bag_of = {}

    def sakk(self, *words, environment=None):
        at = 2 if words[0] in ("dispatch", "people", "ledger", "batch", "queue") else 1
        who = ["--by", "amal"] if words[0] == "dispatch" and words[1] != "check" else []
        line = [] if words[:2] == ("dispatch", "check") else ["--line", LINE]
        command = ["sakk", *words[:at], *line, *who, *words[at:]]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})})

    def does(self, *words, code=0, says=""):
        done = self.sakk(*words)
        self.need(done.returncode == code and says in done.stdout + done.stderr, f"sakk {' '.join(words)}", done)
        return done

    def refuses(self, word, *words):
        return self.does(*words, code=1, says=f"[{word}]")

    def asks(self, *words):
        return json.loads(self.does(*words, "--json").stdout)

    def need(self, true, what, done=None):
        if not true:
            sys.exit(f"fault: {what}" + (f"\nexit {done.returncode}\n{done.stdout}{done.stderr}" if done else ""))
        print(f"  ok    {what}", file=sys.stderr)

    def census(self):
        done = subprocess.run(
            ["sakk-plant", "census", "--dir", self.plant, "--json"], check=True, capture_output=True, text=True)
        (self.work / "census.json").write_text(done.stdout)
        return json.loads(done.stdout)["cards"]

    def judge(self, good):
        self.census()
        done = subprocess.run(
            ["sakk-judge", "--ledger", os.environ["SAKK_LEDGER"], "--census", str(self.work / "census.json"),
             "--expect-good", str(good)], capture_output=True, text=True)
        self.need(done.returncode == 0, "books and cards agree card by card", done)


class Table:
    """A scanner on `sakk dispatch scan`, whose program is killed in the middle of scans and started again."""

    def __init__(self, test, kills):
        self.test = test
        self.with_kills = kills
        self.process = None

    def start(self):
        environment = dict(os.environ)
        if self.with_kills:
            environment["SAKK_FAULT_KILL"] = str(self.test.dice.randint(1, 16))
        self.process = subprocess.Popen(
            ["sakk", "dispatch", "scan", "--line", LINE, "--by", "amal"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

    def scan(self, *words):
        """The answer, and whether the program died before one came: then the same was scanned again."""
        died = False
        while True:
            if self.process is None:
                self.start()
            try:
                self.process.stdin.write(" ".join(words) + "\n")
                self.process.stdin.flush()
                line = self.process.stdout.readline()
            except BrokenPipeError:
                line = ""
            if line:
                return json.loads(line), died
            code = self.process.wait()
            if code != -9:
                self.test.need(False, f"sakk dispatch scan ended with {code}: {self.process.stderr.read()[-800:]}")
            self.test.kills += 1
            died = True
            self.process = None

    def does(self, *words, again=()):
        """Done; or, after a kill, done by the scan before."""
        answer, died = self.scan(*words)
        if not answer["done"] and not (died and answer["code"] in again):
            self.test.need(False, f"scan {' '.join(words)}: {answer}")
        return answer

    def refuses(self, code, *words):
        answer, _ = self.scan(*words)
        if answer.get("code") != code:
            self.test.need(False, f"scan {' '.join(words)} is refused with {code}: {answer}")

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
            self.process = None


def make(test):
    test.does("queue", "import", str(test.work / "batch.tar"))
    done = subprocess.run(
        ["sakk-plant", "exec", "--dir", test.plant, "--", "sakk", "run", "--until-idle", "--line", LINE, "--blanks", "14"],
        capture_output=True, text=True)
    test.need(done.returncode == 0, "twelve documents are made", done)
    test.judge(12)
    batch = test.asks("status")["batches"][0]
    report = test.asks("batch", "report", batch)
    marks = sorted(
        attempt["blank"]["blank"] for record in report["records"] for attempt in record["attempts"]
        if attempt["state"] == "produced")
    done = test.does("dispatch", "status", "--batch", batch, "--json", code=1)
    stages = {gap["stage"] for gap in json.loads(done.stdout)["missing"]}
    test.need(len(marks) == 12 and stages == {"not_packed"}, "the closing names twelve that lie in the good box")
    for _ in marks:
        subprocess.run(
            ["sakk-plant", "hand", "move", "--dir", test.plant, "--from", "good:top", "--to", "table"], check=True,
            capture_output=True)
    return batch, marks


def label(test, table, mark):
    answer = table.does("pack", mark)
    if not answer["new"]:
        # whether the paper came out before the program died is not known: another one, and the first is void
        answer = table.does("reprint", mark)
    return answer["envelope"]


def pack(test, table, marks):
    """Careless hands: swaps, doubles, torn and old labels, wrong boxes. Only what shows green is done by the hands."""
    addresses, labels = {}, {}
    for mark in marks:
        labels[mark] = label(test, table, mark)
    old = labels[marks[0]]
    labels[marks[0]] = table.does("reprint", marks[0])["envelope"]
    table.refuses("shipping.label.void", "match", marks[0], old)
    for index, mark in enumerate(marks):
        other = labels[marks[(index + 1) % len(marks)]]
        refusal = "shipping.item.twice" if index + 1 == len(marks) else "shipping.envelope.other"
        table.refuses(refusal, "match", mark, other)
        torn = labels[mark][:-3] + ("0" if labels[mark][-3] != "0" else "1") + labels[mark][-2:]
        table.refuses("shipping.scan.check", "match", mark, torn)
        table.does("match", mark, labels[mark], again=("shipping.document.twice",))
        test.envelope_of[mark] = labels[mark]
        table.refuses("shipping.document.twice", "match", mark, labels[mark])
    table.close()
    for mark in marks:
        where = test.asks("dispatch", "status", mark)
        addresses[mark] = (where["route"], where["place"])
    return addresses


def box(test, table, marks, addresses):
    boxes = {}
    for mark in marks:
        if addresses[mark] not in boxes:
            boxes[addresses[mark]] = table.does("open", "box", *addresses[mark])["number"]
    for mark in marks:
        envelope, mine = test.envelope_of[mark], boxes[addresses[mark]]
        for address, other in boxes.items():
            if address != addresses[mark]:
                answer, _ = table.scan("put", envelope, other)
                wrong = ("shipping.route.other", "shipping.governorate.other", "shipping.office.other")
                test.need(answer.get("code") in wrong, f"a wrong box is refused: {answer.get('code')}")
                break
        table.does("put", envelope, mine, again=("shipping.item.twice",))
        test.box_of[envelope] = mine
        table.refuses("shipping.item.twice", "put", envelope, mine)
    return boxes


def send(test, table, boxes):
    bags = {}
    for index, ((route, place), number) in enumerate(sorted(boxes.items())):
        inside = [envelope for envelope, where in test.box_of.items() if where == number]
        table.refuses("shipping.count.differs", "close", number, str(len(inside) + 1))
        table.does("close", number, str(len(inside)), again=("shipping.container.closed",))
        bag = table.does("open", "bag", route, place)["number"]
        table.does("put", number, bag, again=("shipping.item.twice",))
        test.bag_of[number] = bag
        table.does("close", bag, "1", again=("shipping.container.closed",))
        consignment = table.does("open", "consignment", route, place)["number"]
        table.refuses("shipping.seal.missing", "put", bag, consignment)
        table.does("seal", bag, f"SEAL-{index}", again=("shipping.container.closed",))
        if index:
            other = test.asks("dispatch", "status", bag)
            test.need(other["seal"] == f"SEAL-{index}", f"bag {bag} bears its seal")
        table.does("put", bag, consignment, again=("shipping.item.twice",))
        table.does("close", consignment, "1", again=("shipping.container.closed",))
        if route == "mission":
            table.refuses("shipping.signatures", "hand-over", consignment, "pouch", "amal")
        bags[bag] = (route, place, number, f"SEAL-{index}", consignment)
    return bags


def papers(test, bags):
    key, certificate = str(test.work / "dispatch.key.pem"), str(test.work / "dispatch.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
         "-out", certificate, "-subj", "/CN=SPECIMEN dispatch", "-days", "30"], check=True, capture_output=True)
    mark = next(iter(test.envelope_of))
    paper = str(test.work / "label.pdf")
    refused = test.refuses("dispatch.label.stands", "dispatch", "pack", mark, "--label", paper)
    test.need(not os.path.exists(paper), "a label that stands is not printed twice", refused)
    bag, (_, _, number, _, consignment) = next(iter(bags.items()))
    box_paper = str(test.work / "box.pdf")
    test.does("dispatch", "box", number, "--label", box_paper, "--key", key)
    seen = read(test, box_paper)
    test.need(any(number in text for text in seen), f"zbar reads the SSCC of the box: {number}")
    genuine(test, certificate, [text for text in seen if text.startswith("QR-Code:")], number)
    sheet, listing, head = (str(test.work / name) for name in ("manifest.pdf", "manifest.json", "manifest.head"))
    test.does(
        "dispatch", "manifest", consignment, "--pdf", sheet, "--out", listing, "--head", head, "--key", key, "--carrier",
        "van 7")
    seen = read(test, sheet)
    codes = [text[8:] for text in seen if text.startswith("QR-Code:")]
    test.need(codes == [pathlib.Path(head).read_text()], "zbar reads the signed head on the manifest")
    test.does("dispatch", "check", "--trust", certificate, "--manifest", listing, codes[0], says="Genuine")
    text = pathlib.Path(listing).read_text()
    changed = text.replace(bag, bag[:-1] + str((int(bag[-1]) + 1) % 10))
    test.need(changed != text, "the bag stands in the manifest, and a digit of it is changed")
    (test.work / "changed.json").write_text(changed)
    test.does("dispatch", "check", "--trust", certificate, "--manifest", str(test.work / "changed.json"), codes[0], code=1)
    return key, certificate


def genuine(test, certificate, codes, number):
    test.need(len(codes) == 1, "one signed code is on the label")
    test.does("dispatch", "check", "--trust", certificate, codes[0][8:], says=number)
    forged = codes[0][8:-2] + ("00" if codes[0][-2:] != "00" else "11")
    test.does("dispatch", "check", "--trust", certificate, forged, code=1)


def read(test, paper):
    picture = paper.replace(".pdf", "")
    subprocess.run(["pdftoppm", "-r", "300", "-png", "-singlefile", paper, picture], check=True, capture_output=True)
    done = subprocess.run(["zbarimg", "-q", f"{picture}.png"], capture_output=True, text=True)
    return done.stdout.split("\n")[:-1]


def hand_over(test, table, bags, key, certificate):
    for bag, (route, place, number, seal, consignment) in bags.items():
        signers = ["amal", "basim"]
        table.does("hand-over", consignment, "van-7", *signers, again=("shipping.container.closed",))
        table.refuses("shipping.seal.other", "arrive", bag, place, "TORN", "dana", "esam")
        table.does("arrive", bag, place, seal, "dana", "esam", again=("shipping.item.twice",))
        table.does("arrive", number, place, "-", again=("shipping.item.twice",))
    table.close()
    return deliver(test, table, bags, key, certificate)


def deliver(test, table, bags, key, certificate):
    delivered = 0
    for envelope, number in sorted(test.box_of.items()):
        route, place, _, _, _ = bags[test.bag_of[number]]
        table.does("receive", envelope, place, again=("shipping.item.twice",))
        if route in ("home", "mobile_station"):
            table.does("out", envelope, "karim", again=("shipping.document.state",))
            code = table.does("code", envelope)["code"]
            wrong = "000000" if code != "000000" else "000001"
            table.refuses("shipping.code.wrong", "deliver", envelope, wrong)
            table.does("deliver", envelope, code, again=("shipping.document.state",))
        elif delivered % 2:
            table.does("collect", envelope, "dana", again=("shipping.document.state",))
        else:
            table.close()
            shown = test.does("dispatch", "code", envelope, "--key", key).stdout.strip()
            test.refuses(
                "shipping.token.wrong", "dispatch", "deliver", envelope, "--qr", shown[:-2] + "00", "--trust", certificate)
            test.does("dispatch", "deliver", envelope, "--qr", shown, "--trust", certificate)
        delivered += 1
    table.close()
    return delivered


def compare(test, batch, marks, delivered):
    for mark in marks:
        where = test.asks("dispatch", "status", mark)
        test.need(
            where["state"] == "delivered" and where["envelope"] == test.envelope_of[mark],
            f"{mark} is with its holder, in the envelope in which the hands put it")
    totals = test.asks("batch", "report", batch)["totals"]
    test.need(
        (totals["good"], totals["packed"], totals["dispatched"], totals["delivered"]) == (12, 0, 0, delivered),
        f"the batch report says: {totals}")
    test.does("dispatch", "status", "--batch", batch, says="Everything accounted for: 12")
    refused = test.asks("dispatch", "status", "--refused")["refused"]
    test.need(len(refused) >= 40, f"the last {len(refused)} wrong scans stand in the journal")
    test.does("ledger", "verify")
    test.judge(12)
    names = subprocess.run(
        ["strings", "-a", os.environ["SAKK_LEDGER"]], capture_output=True, text=True, check=True).stdout
    test.need("SAKK1:" not in names, "no code and no token lies in the ledger")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    test = Test(parser.parse_args().work)
    batch, marks = make(test)
    table = Table(test, kills=True)
    addresses = pack(test, table, marks)
    packed = test.asks("batch", "report", batch)["totals"]["packed"]
    test.need(packed == 12, "the batch report counts twelve packed")
    boxes = box(test, table, marks, addresses)
    bags = send(test, table, boxes)
    table.close()
    key, certificate = papers(test, bags)
    delivered = hand_over(test, table, bags, key, certificate)
    test.need(test.kills >= 20, f"the scanner's program was killed {test.kills} times in the middle of scans")
    compare(test, batch, marks, delivered)


main()
