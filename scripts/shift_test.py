"""One shift of a storekeeper and a shift lead at the virtual plant (see scripts/shift-test)."""

import argparse
import base64
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tarfile

from approvals import opened

LINE = "seeds/demo/line.yaml"
STOCK = "pc-td1-contactless"
DAY = "2026-03-28"
SHIFT = f"demo/{DAY}/night"
MANIFEST = f"""sakk: 1
schema: sakk.stock-manifest/1
stock: {STOCK}
lot: L7
chip_lot: C7
transport_key: tk-7
serials: ["0001..0012"]
count: 12
"""


class Test:
    def __init__(self, work):
        self.work = work
        self.plant = str(work / "plant")

    def sakk(self, *words, environment=None):
        at = 2 if words[0] in ("stock", "shift", "report", "ledger", "batch", "queue") else 1
        command = ["sakk", *words[:at], "--line", LINE, *words[at:]]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})})

    def does(self, *words, code=0, says=""):
        done = self.sakk(*words)
        self.need(done.returncode == code and says in done.stdout + done.stderr, f"sakk {' '.join(words)}", done)
        return done

    def refuses(self, word, *words):
        return self.does(*words, code=1, says=f"[{word}]")

    def run(self, *words):
        return subprocess.run(
            ["sakk-plant", "exec", "--dir", self.plant, "--", "sakk", "run", "--until-idle", "--line", LINE, *words],
            capture_output=True, text=True)

    def hand(self, source, target):
        subprocess.run(
            ["sakk-plant", "hand", "move", "--dir", self.plant, "--from", source, "--to", target], check=True,
            capture_output=True)

    def census(self):
        done = subprocess.run(
            ["sakk-plant", "census", "--dir", self.plant, "--json"], check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def count(self, place):
        return sum(card["place"].startswith(place + ":") for card in self.census()["cards"])

    def need(self, true, what, done=None):
        if not true:
            sys.exit(f"fault: {what}" + (f"\nexit {done.returncode}\n{done.stdout}{done.stderr}" if done else ""))
        print(f"  ok    {what}", file=sys.stderr)


def stock(test):
    manifest = test.work / "manifest.yaml"
    manifest.write_text(MANIFEST)
    test.does("stock", "receive", str(manifest), "--by", "Vera", "--delivered", "0001..0011", code=1, says="0012")
    test.does("stock", "receive", str(manifest), "--by", "Vera", "--delivered", "0012", says="1 blanks")
    test.refuses(
        "stock.cell.unknown", "stock", "issue", "0001..0012", "--by", "Vera", "--stock", STOCK, "--cell", "cell-9")
    test.does("stock", "issue", "0001..0012", "--by", "Vera", "--stock", STOCK, "--cell", "cell-1")
    for serial in ("R1", "R2"):
        test.does("stock", "ribbon", "receive", serial, "--by", "Vera", "--part", "R5F", "--lot", "9", "--capacity", "200")
    test.refuses("stock.cell.unknown", "stock", "ribbon", "mount", "R1", "--by", "Op", "--cell", "cell-9")
    test.does("stock", "ribbon", "mount", "R1", "--by", "Op", "--cell", "cell-1")
    test.refuses("stock.refused", "stock", "ribbon", "mount", "R2", "--by", "Op", "--cell", "cell-1")


def held_lot(test):
    test.does("stock", "hold-lot", "L7", "--by", "Quality", "--stock", STOCK, "--reason", "antennas break")
    done = test.run()
    feeds = test.census()["feeds"]
    test.need(done.returncode == 4 and "stock.lot.held" in done.stderr and feeds == 0, "a held lot is not fed", done)
    test.refuses(
        "stock.people.same", "stock", "release-lot", "L7", "--by", "Quality", "--stock", STOCK, "--reason", "tested",
        "--first", "Ann", "--second", "ann ")
    test.does(
        "stock", "release-lot", "L7", "--by", "Quality", "--stock", STOCK, "--reason", "tested", "--first", "Ann",
        "--second", "Bob")
    done = test.run("--acknowledge", "--operator-name", "Omar")
    test.need(done.returncode == 0, "once two people released it, it is made", done)


def blind_count(test):
    hopper = test.count("hopper")
    good, reject = test.count("good"), test.count("reject")
    test.need((hopper, good, reject) == (5, 5, 2), f"hopper {hopper}, good {good}, reject {reject}")
    test.hand("hopper:top", "table")
    counted = test.count("hopper")
    test.need(counted == hopper - 1, "somebody takes a blank out of the hopper and tells nobody")
    # nothing that a person can ask for says what the books hold
    asked = [
        test.sakk("status"), test.sakk("status", "--json"), test.sakk("stock", "report"),
        test.sakk("stock", "report", "--json"), test.sakk("shift", "report"), test.sakk("shift", "report", "--json"),
        test.sakk("shift", "close", "--by", "Sup"), test.sakk("shift", "close", "--by", "Sup", "--json"),
        test.sakk(
            "shift", "count", "--by", "Op", "--cell", "cell-9", "--hopper", "1", "--good", "1", "--reject", "1",
            "--held", "1"),
        test.sakk(
            "shift", "close", "--by", "Sup", "--json", "--missing", f"{STOCK}:0012", "--incident", "x", "--first",
            "A", "--second", "B"),
    ]
    for done in asked:
        words = done.stdout + done.stderr
        leak = re.search(r"expected|differs|hopper\D{1,4}\d|line demo +\d|\"line\": ?\d|books hold \d", words, re.I)
        test.need(leak is None, f"no figure of the books before the count: {' '.join(done.args[1:3])}", done)
    counts = ["--cell", "cell-1", "--good", str(good), "--reject", str(reject), "--held", "0", "--json"]
    done = test.does("shift", "count", "--by", "Op", "--hopper", str(counted), *counts)
    test.need(json.loads(done.stdout)["not_counted"] == ["supplies"], "the count itself answers no figure", done)
    test.refuses("shift.count.first", "shift", "close", "--by", "Sup")
    test.does("shift", "supplies", "--by", "Op", "ribbon:R1")
    test.does("shift", "report", says=f"hopper {counted} (DIFFERS: books {hopper})")
    test.refuses("shift.count.same", "shift", "count", "--by", "op", "--hopper", str(hopper), *counts)
    test.refuses("shift.count.differs", "shift", "close", "--by", "Sup")
    gone = ["--missing", f"{STOCK}:0012"]
    test.refuses("shift.incident", "shift", "close", "--by", "Sup", *gone)
    test.refuses(
        "stock.people.same", "shift", "close", "--by", "Sup", *gone, "--incident", "hopper door open", "--first",
        "Sup", "--second", "SUP")
    test.does(
        "shift", "close", "--by", "Sup", *gone, "--incident", "hopper door open", "--first", "Sup", "--second",
        "Guard", says="missing 1")
    test.does("shift", "report", "--shift", SHIFT, says=f"missing: {STOCK}:0012")


def recall(test):
    done = test.does(
        "recall", "--by", "Quality", "--where", "chip_lot=C7", "--where", "since=2026-01-01T00:00:00Z", "--where",
        "ribbon=R1", "--where", "operator=Omar", "--json")
    documents = json.loads(done.stdout)["documents"]
    good = [row for row in documents if row["account"] == "good"]
    keys = {"printer", "firmware", "camera", "operator", "ds_key", "plan", "template"}
    test.need(
        len(good) == 5 and all(set(row["genealogy"]) == keys for row in documents), "each attempt keeps its genealogy",
        done)
    template = good[0]["genealogy"]["template"]
    done = test.does(
        "recall", "--by", "Quality", "--where", f"template={template}", "--where", "chip_lot=C7", "--hold", "bad ink",
        "--custodian", "Eve", "--place", "safe 2", "--json")
    held = json.loads(done.stdout)["held"]
    test.need(sorted(held) == sorted(row["blank"] for row in good), "a recall holds the good ones", done)
    test.does("stock", "report", says="HELD: bad ink")
    test.does(
        "stock", "release", "--by", "Eve", "--to", "good", "--reason", "tested", "--first", "Eve", "--second", "Bob",
        held[0])
    return [row["blank"] for row in documents if row["account"] == "spoiled"]


def destruction(test, spoiled):
    test.does("stock", "ribbon", "unmount", "R1", "--by", "Op")
    pki = "seeds/test-pki/approval-signer"
    paper, signed = str(test.work / "certificate.pdf"), str(test.work / "certificate.p7m")
    words = [
        "stock", "destroy", "--by", "Ann", "--certificate", "D-1", "--method", "shredded", "--place", "room 4", "--pdf",
        paper, "--signed", signed, "--seal-certificate", pki + ".pem", "--seal-key", pki + ".key.pem", "--json",
        *spoiled, "ribbon:R1",
    ]
    test.refuses("stock.people.same", *words, "--first", "Ann", "--second", "ANN")
    done = test.does(*words, "--first", "Ann", "--second", "Bob")
    test.refuses("stock.blank.elsewhere", *[word.replace("D-1", "D-2") for word in words], "--first", "Ann", "--second", "Bob")
    opened = verified(test, signed, "seeds/test-pki/approval-ca.pem")
    test.need(opened == json.loads(done.stdout), "openssl opens the signed certificate: the same as --json")
    test.need(opened["count"] == len(spoiled) + 1, "with every piece", done)


def verified(test, path, authority):
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", path, "-CAfile", authority, "-purpose", "any"],
        capture_output=True)
    test.need(done.returncode == 0, f"openssl verifies {os.path.basename(path)}")
    return json.loads(done.stdout)


def reports(test):
    done = test.does("report", "production", "--by", "shift", "--json")
    groups = {group["key"]: group["counts"] for group in json.loads(done.stdout)["groups"]}
    test.need(
        groups[SHIFT]["good"] + groups[SHIFT]["held"] == 5 and groups[SHIFT]["rejected"] == 2,
        "production by shift", done)
    asked = [
        ["report", "production", "--shift", SHIFT, "--json"], ["report", "production", "--by", "governorate"],
        ["report", "oee", "--of-shift", SHIFT, "--item-ms", "24000", "--json"],
        ["report", "oee", "--of-shift", SHIFT, "--item-ms", "24000"], ["shift", "report", "--shift", SHIFT, "--json"],
        ["stock", "report", "--json"], ["shift", "list"], ["ledger", "verify"],
    ]
    places = [
        {"TZ": "UTC", "LC_ALL": "C"}, {"TZ": "Asia/Baghdad", "LC_ALL": "ar_IQ.UTF-8"},
        {"TZ": "America/New_York", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"TZ": "right/Europe/London", "LANG": "de_DE.UTF-8"}, {"TZ": ":nowhere", "LANG": "xx"},
    ]
    for words in asked:
        answers = [test.sakk(*words, environment=place) for place in places]
        test.need(
            all(answer.returncode == 0 and answer.stdout == answers[0].stdout for answer in answers),
            f"the same in every time zone and language: {' '.join(words)}", answers[-1])
    for language in ("en", "ar"):
        batch = json.loads(test.sakk("status", "--json").stdout)["batches"][0]
        for name, words in {
            "production": ["report", "production", "--by", "office"],
            "oee": ["report", "oee", "--of-shift", SHIFT, "--item-ms", "24000"], "ageing": ["report", "ageing"],
            "batch": ["batch", "report", batch],
        }.items():
            path = str(test.work / f"{name}-{language}.pdf")
            test.does(*words, "--pdf", path, "--language", language)
            text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
            test.need("…" not in text and len(text) > 100, f"nothing is cut on {name}-{language}.pdf")


def withdraw(test):
    """The authority takes one good document back, with a list that openssl signed."""
    now = json.loads(test.sakk("status", "--json").stdout)
    report = json.loads(test.sakk("batch", "report", now["batches"][0], "--json").stdout)
    record = report["records"][0]["production_id"]
    stamp = datetime.datetime.now(datetime.timezone.utc)
    plain, signed = test.work / "stop.json", test.work / "stop.p7m"
    plain.write_text(json.dumps({
        "schema": "sakk.stoplist/1", "authority": report["authority"], "number": 1,
        "issued_at": stamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "next_update": (stamp + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "entries": [{"production_id": record, "reason": "court.order"}]}))
    pki = "seeds/test-pki/approval-signer"
    subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-in", plain, "-out", signed, "-signer",
         f"{pki}.pem", "-inkey", f"{pki}.key.pem", "-md", "sha256"], check=True, capture_output=True)
    standing = test.work / "standing.yaml"
    standing.write_text(
        f"sakk: 1\nstop_lists:\n  authorities: [{report['authority']}]\n"
        f"  trust: [{os.path.abspath('seeds/test-pki/approval-ca.pem')}]\n  max_age_s: 86400\n")
    test.does("queue", "stop-list", str(signed), "--standing", str(standing), says="taken")


def outgoing(test):
    """Status file, void feed and webhook, killed at every fault point: openssl and a receiver judge what came."""
    withdraw(test)
    subprocess.run(["scripts/reference-source", "certificates", test.work / "tls"], check=True, capture_output=True)
    (test.work / "events.key").write_text("00112233445566778899aabbccddeeff" * 2)
    (test.work / "none").mkdir()
    server = subprocess.Popen(
        ["scripts/reference-source", "serve", "--records", test.work / "none", "--certificates", test.work / "tls",
         "--events-key", test.work / "events.key", "--orders", "--until-eof"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline().split()[1])
        publish(test, port)
    finally:
        server.stdin.close()
        server.wait()


def publish(test, port):
    pki = os.path.abspath("seeds/test-pki/approval-signer")
    file = test.work / "outgoing.yaml"
    file.write_text(
        f"sakk: 1\nseal: {{certificate: {pki}.pem, key: {pki}.key.pem}}\nstatus_folder: status\nvoid_folder: void\n"
        f"webhook:\n  address: https://localhost:{port}/v1/events\n  outbox: outbox\n  key: events.key\n"
        "  tls: {authorities: tls/authority.pem, certificate: tls/client.pem, key: tls/client.key.pem}\n")
    words = ["batch", "publish", "--outgoing", str(file), "--once"]
    kills = 0
    while True:
        for folder in ("status", "void", "outbox"):
            shutil.rmtree(test.work / folder, ignore_errors=True)
        killed = test.sakk(*words, environment={"SAKK_FAULT_KILL": str(kills + 1)})
        done = test.sakk(*words)
        pages = sorted(path.name for path in (test.work / "void").glob("*.p7m"))
        statuses = sorted((test.work / "status").glob("*.p7m"))
        if done.returncode != 0 or pages != ["void-000000001.p7m"] or len(statuses) != 1:
            test.need(False, f"after kill {kills + 1}: {pages}, {statuses}", done)
        if killed.returncode != -9:
            break
        kills += 1
    test.need(kills > 10, f"{kills} kills of sakk batch publish: one status file and one void page each time")
    status = verified(test, str(statuses[0]), "seeds/test-pki/approval-ca.pem")
    test.need(
        sum(status["counts"].values()) == 5 and status["counts"]["withdrawn"] == 1, "the counts are all its records")
    void = verified(test, str(test.work / "void" / pages[0]), "seeds/test-pki/approval-ca.pem")
    test.need([entry["reason"] for entry in void["entries"]] == ["court.order"], "the void number stands there once")
    context = ssl.create_default_context(cafile=str(test.work / "tls/authority.pem"))
    context.load_cert_chain(str(test.work / "tls/client.pem"), str(test.work / "tls/client.key.pem"))
    connection = http.client.HTTPSConnection("localhost", port, context=context)
    connection.request("POST", "/control", "{}")
    heard = json.loads(connection.getresponse().read())
    kinds = [event["body"]["event"] for event in heard["events"]]
    test.need(
        sorted(kinds) == ["batch.status", "void.page"] and heard["event_tries"] > 2,
        f"the receiver heard {heard['event_tries']} tries and counts each event once: {kinds}")


def secrets(batch):
    """What of a holder must be nowhere on the plant's disk, each with its name."""
    found = []
    with tarfile.open(batch) as tar:
        for member in tar.getmembers():
            if not member.name.endswith(".p7m"):
                continue
            record = json.loads(opened(tar.extractfile(member).read()))
            picture = base64.b64decode(record["portrait"]["data"])
            latin, arabic = record["names"]["latin"], record["names"]["arabic"]
            for name, text in (
                ("national number", record["national_number"]), ("document number", record["document_number"]),
                ("name", f"{latin['given']} {latin['father']}"), ("surname and name", f"{latin['surname']}<<{latin['given']}"),
                ("Arabic name", arabic["given"] + " " + arabic["father"]),
            ):
                found += [(name, text.encode(form)) for form in ("utf-8", "utf-16-le")]
            found += [(f"portrait at {at}", picture[at:at + 40]) for at in (200, len(picture) // 2, len(picture) - 40)]
            found.append(("portrait in base64", record["portrait"]["data"][400:460].encode()))
    return found


def seen_in(paths, wanted):
    hits = []
    for path in paths:
        content = path.read_bytes()
        if path.suffix == ".pdf":
            content += subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout
        hits += [f"{name} in {path.name}" for name, secret in wanted if secret in content]
    return hits


def forgotten(test):
    """Nothing of a holder lies on the disk in the clear; and with the weeks' keys gone no backup opens any record."""
    wanted = secrets(test.work / "batch.tar")
    # the tar is what the authority sent, the plant is the world outside; a void number is told on purpose
    outside = ["batch.tar", "plant", "void"]

    def files(*more):
        return [
            path for path in sorted(test.work.rglob("*"))
            if path.is_file() and path.relative_to(test.work).parts[0] not in (*outside, *more)]

    signed = [(name, secret) for name, secret in wanted if name in ("national number", "document number")]
    test.need(len(seen_in([test.work / "batch.tar"], signed)) > 0, "what is looked for is found where it must be")
    test.does("ledger", "backup", str(test.work / "old.sqlite"))
    # pictures of a SPECIMEN are kept in the clear until it is forgotten
    kept = files("pictures")
    test.need(len(kept) > 10 and seen_in(kept, wanted) == [], f"nothing of a holder in {len(kept)} files: {seen_in(kept, wanted)}")
    with tarfile.open(test.work / "batch.tar") as tar:
        approved = [
            json.loads(opened(tar.extractfile(member).read()))["approved_at"] for member in tar.getmembers()
            if member.name.endswith(".p7m")]
    weeks = {datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).isocalendar() for time in approved}
    for week in sorted({f"{day[0]}-W{day[1]:02}" for day in weeks}):
        test.does("ledger", "forget", "--week", week, "--witness", "Bob")
    test.need(seen_in(files(), wanted) == [], f"once they are forgotten in none, nor in a picture: {seen_in(files(), wanted)}")
    copy = {"SAKK_LEDGER": str(test.work / "copy.sqlite")}
    done = test.sakk("ledger", "restore", str(test.work / "old.sqlite"), environment=copy)
    test.need(done.returncode == 0, "the old backup is restored", done)
    outgoing = str(test.work / "outgoing.yaml")
    shutil.rmtree(test.work / "void")
    done = test.sakk("batch", "publish", "--outgoing", outgoing, "--once", environment=copy)
    test.need(
        done.returncode == 1 and "its record is forgotten" in done.stderr,
        "and opens no record: the void number cannot be told from it", done)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    test = Test(parser.parse_args().work)
    test.does("queue", "import", str(test.work / "batch.tar"))
    test.does("shift", "open", "--by", "Sup", "--day", DAY, "--name", "night")
    stock(test)
    held_lot(test)
    blind_count(test)
    spoiled = recall(test)
    destruction(test, spoiled)
    reports(test)
    outgoing(test)
    test.does("ledger", "verify")
    forgotten(test)


main()
