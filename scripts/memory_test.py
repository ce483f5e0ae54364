"""Looks into the memory of `sakk run` and of the programs that it started for what finished cards were made of; and once more with wiping switched off."""

import argparse
import base64
import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tarfile
import time

import gp_judge
import plant_hand
from plant_hand import say


def records_of(batch):
    """Contents of the signed records, opened by openssl, by document number."""
    records = {}
    with tarfile.open(batch) as tar:
        for member in tar.getmembers():
            if member.name.endswith(".p7m"):
                done = subprocess.run(
                    ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-CAfile", "seeds/test-pki/approval-ca.pem",
                     "-purpose", "any"], input=tar.extractfile(member).read(), capture_output=True, check=True)
                record = json.loads(done.stdout)
                records[record["document_number"]] = record
    return records


def workers_of(pid):
    """Programs that it started and that run; not the plant's, which was there before it."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            words, program = path.read_text(), (path.parent / "cmdline").read_bytes().split(b"\0")[0]
        except OSError:
            continue
        if int(words.rsplit(")", 1)[1].split()[1]) == pid and not program.endswith(b"sakk-plant"):
            found.append(int(path.parent.name))
    return found


def mappings(pid):
    """Writable memory of no file: (kind, bytes). Stacks of threads are anonymous mappings; a text of up to fifteen bytes lies in
    the value itself and so on the stack of whoever held it, and is looked for in the heap and the arenas only."""
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            fields = line.split(maxsplit=5)
            name = fields[5] if len(fields) > 5 else ""
            # memory without a name is where the pictures' worker is shown a card
            if not fields[1].startswith("rw") or (name and not name.startswith(("[", "/memfd:"))):
                continue
            begin, end = (int(part, 16) for part in fields[0].split("-"))
            try:
                memory.seek(begin)
                found = memory.read(end - begin)
            except (OSError, ValueError):
                continue
            # arenas of the allocator begin at multiples of 64 MiB
            kind = name or ("arena" if begin % (64 << 20) == 0 else "anonymous")
            yield kind, found


def factors(modulus, found):
    """Whether a factor of an RSA modulus stands there, as OpenSSL keeps it (limbs) or as a DER integer."""
    size = (modulus.bit_length() + 15) // 16
    if re.search(rb"\x02" + bytes([size + 1]) + rb"\x00", found):
        for match in re.finditer(rb"\x02" + re.escape(bytes([size + 1])) + rb"\x00", found):
            number = int.from_bytes(found[match.end() : match.end() + size], "big")
            if number > 1 and modulus % number == 0:
                return True
    odd = bytes(range(1, 256, 2))
    for match in re.finditer(rb"(?s)(?=[" + re.escape(odd) + rb"].{%d}[\xC0-\xFF])" % (size - 2), found):
        if match.start() % 8 == 0:
            number = int.from_bytes(found[match.start() : match.start() + size], "little")
            if modulus % number == 0:
                return True
    return False


class Line:
    def __init__(self, options):
        self.out = options.out
        self.line = str(options.out / "line.yaml")
        self.plant = plant_hand.Plant(options.out / "plant", self.line)
        self.records = records_of(options.out / "batch.tar")
        self.master = (options.out / "master").read_bytes()
        text = subprocess.run(
            ["openssl", "pkey", "-in", str(options.out / "ds.p8"), "-noout", "-text"], capture_output=True, text=True).stdout
        digits = "".join(re.search(r"priv:\s*([0-9a-f:\s]+?)pub:", text).group(1).split()).replace(":", "")
        self.signer = bytes.fromhex(digits)[-32:]
        self.pin = (options.out / "pin").read_bytes()
        self.processes = []

    def queue(self):
        batch = self.out / "batch.tar"
        done = subprocess.run(["sakk", "queue", "import", "--line", self.line, str(batch)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"memory: {done.stderr}")

    def good(self):
        return [card for card in self.plant.census()["cards"] if card["place"].startswith("good:")]

    def start(self, *options, **variables):
        words = ["sakk", "run", "--stay", "--line", self.line, *options]
        environment = dict(os.environ, **variables)
        log = open(self.out / "run.log", "ab")
        preload = 'LD_PRELOAD="${SAKK_PRELOAD:+$SAKK_PRELOAD:}$LD_PRELOAD" exec "$@"'
        process = subprocess.Popen(
            ["sakk-plant", "exec", "--dir", str(self.out / "plant"), "--", "sh", "-c", preload, "sh", *words], env=environment,
            stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def end(self):
        """Ends what was started and still runs, stopped or not."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    def until(self, process, truth, what):
        for _ in range(6000):
            if truth():
                return
            if process.poll() is not None:
                sys.exit(f"memory: the line ended ({process.returncode}) before {what}: {self.said()}")
            time.sleep(0.1)
        sys.exit(f"memory: waited in vain for {what}; the line's last words: {self.said()}")

    def said(self):
        return (self.out / "run.log").read_text()[-1500:]

    def stop(self, process):
        """Stops it when it and its workers do next to nothing: the last commit, and whatever else was under way, is over."""

        def spent():
            words = [pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in [process.pid, *workers_of(process.pid)]]
            return sum(int(each[11]) + int(each[12]) for each in words) / os.sysconf("SC_CLK_TCK")

        quiet = 0
        for _ in range(300):
            before = spent()
            time.sleep(1)
            quiet = quiet + 1 if spent() - before < 0.25 else 0
            if quiet == 2:
                process.send_signal(signal.SIGSTOP)
                return self.until(process, lambda: plant_hand.is_stopped(process), "the stop")
        sys.exit(f"memory: the line does not come to rest; its last words: {self.said()}")

    def secrets_of(self, cards):
        """Named byte strings of finished cards; short ones (their flag is True) may lie in a value on a stack."""
        found = []
        for card in cards:
            zone = card["chip"]["dg1_mrz"]
            record = self.records[zone[5:14].rstrip("<")]
            picture = base64.b64decode(record["portrait"]["data"])
            name = f"card {card['card']}"
            arabic = record["names"]["arabic"]
            found += [
                (f"{name}: zone", zone[-30:].encode(), False), (f"{name}: zone, second line", zone[30:54].encode(), False),
                (f"{name}: portrait", picture[200:240], False), (f"{name}: portrait's middle", picture[len(picture) // 2 :][:40], False),
                (f"{name}: portrait's end", picture[-40:], False), (f"{name}: portrait as approved", record["portrait"]["data"][400:460].encode(), False),
                (f"{name}: national number", record["national_number"].encode(), True),
                (f"{name}: document number", record["document_number"].encode(), True),
                (f"{name}: Arabic name", (arabic["given"] + arabic["father"]).encode()[:24], True),
            ]
            for part, key in zip(("ENC", "MAC", "DEK"), gp_judge.diversified(self.master, self.diversification(card))):
                found.append((f"{name}: card key {part}", key, False))
        return found + [
            ("master key", self.master, False), ("master key in digits", self.master.hex().encode(), False),
            ("document signer's key", self.signer, False), ("document signer's key as limbs", self.signer[::-1], False),
            ("PIN", self.pin, False),
        ]

    def diversification(self, card):
        """As the plant's maker derives it: see firmware-specs/globalplatform-card."""
        return bytes.fromhex(card["kdd"])

    def open_cards(self, cards):
        """At the desk: what the keys are derived from, and the modulus of the chip's own key."""
        moduli = {}
        for card in cards:
            zone = card["chip"]["dg1_mrz"]
            self.plant.move(card["place"], "desk")
            folder = self.out / f"files-{card['card']}"
            done = self.plant.inside(
                "sakk", "chip", "read", "--reader", "Plant 00 00 01", "--mrz", f"{zone[5:14].rstrip(chr(60))},{zone[30:36]},{zone[38:44]}", "--csca",
                "seeds/test-pki/csca.pem", "--files", str(folder))
            if done.returncode != 0:
                sys.exit(f"memory: a good card does not open: {done.stdout}{done.stderr}")
            said = self.plant.inside("sakk", "gp", "apdu", "--reader", "Plant 00 00 01", "80500000080001020304050607")
            card["kdd"] = re.search(r"-> ([0-9A-F]{20})", said.stdout).group(1)
            self.plant.move("desk", card["place"])
            group = next(path for path in folder.iterdir() if "DG15" in path.name).read_bytes()
            key = subprocess.run(
                ["openssl", "rsa", "-pubin", "-inform", "DER", "-noout", "-modulus"], input=group[group.index(b"\x30", 1) :],
                capture_output=True)
            moduli[card["card"]] = int(key.stdout.decode().split("=")[1], 16)
        return moduli

    def search(self, pid, secrets, moduli):
        """Names of what was found, with the kind of memory."""
        hits, total = [], 0
        for kind, found in mappings(pid):
            total += len(found)
            for name, secret, is_short in secrets:
                if secret in found and not (is_short and kind in ("anonymous", "[stack]")):
                    hits.append(f"{name} ({kind})")
            for card, modulus in moduli.items():
                if factors(modulus, found):
                    hits.append(f"card {card}: private key of the chip ({kind})")
        return hits, total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--cards", type=int, required=True)
    options = parser.parse_args()
    line = Line(options)
    try:
        search(line, options.cards)
    finally:
        line.end()


def search(line, cards):
    line.queue()
    faults = 0

    # as it is shipped: in the middle of a card, and at the end, while the process stays for the next record
    process = line.start(
        "--blanks", "40", SAKK_FAULT_STOP=f"chip.lock.after:{cards}")
    line.until(process, lambda: plant_hand.is_stopped(process), "a card in the middle")
    for moment in ("in the middle of a card", "when all are made"):
        finished = line.good()
        # its own line of the reader is held by the stopped process; the desk's reader is free
        moduli = line.open_cards(finished)
        secrets = line.secrets_of(finished)
        begun = time.monotonic()
        hits, total = line.search(process.pid, secrets, moduli)
        # a search that finds nothing at all has not looked: the line's own name is there
        if not any(b"iq-national-id" in found for _, found in mappings(process.pid)):
            sys.exit("memory: the search does not find what is there")
        # what reads the documents back has met their zones and portraits, and is told nothing but its reader
        workers = workers_of(process.pid)
        # the one for pictures is started with the first card that is seen
        if len(workers) < (2 if finished else 1):
            sys.exit("memory: the line reads back, or judges pictures, without a process of its own")
        for worker in workers:
            others, more = line.search(worker, secrets, moduli)
            hits += [f"{name} of worker {worker}" for name in others]
            total += more
            # the border's worker knows its reader, the pictures' worker the names of its reasons
            program = pathlib.Path(f"/proc/{worker}/cmdline").read_bytes().split(b"\0")[0]
            known = b"portrait.differs" if program.endswith(b"sakk-picture") else b"Plant 00"
            if not any(known in found for _, found in mappings(worker)):
                sys.exit("memory: the search does not find what is in a worker")
        say(
            f"{moment}: {len(finished)} finished cards, {len(secrets) + len(moduli)} secrets looked for in {total >> 20} MB "
            f"({time.monotonic() - begun:.0f} s): {', '.join(hits) or 'none found'}")
        faults += len(hits)
        process.send_signal(signal.SIGCONT)
        if moment.startswith("in"):
            line.until(process, lambda: len(line.good()) == 2 * cards, "the last card")
            line.stop(process)
    process.send_signal(signal.SIGTERM)
    if process.wait(60) != 0:
        sys.exit(f"memory: the line ended with {process.returncode}")
    log = (line.out / "run.log").read_bytes()
    for name, secret, _ in line.secrets_of(finished):
        if secret in log or secret.hex().encode() in log.lower():
            faults += 1
            say(f"in the line's output: {name}")

    # The mutant: nothing is wiped. What lies in freed memory is overwritten by and by, so one search may miss what the next finds.
    fresh = 4
    seed = ["seed", "batch", "--product", "iq-national-id", "--count", str(fresh), "--seed", "78", "--out", str(line.out / "batch.tar")]
    subprocess.run(["sakk", *seed], check=True, capture_output=True)
    line.records |= records_of(line.out / "batch.tar")
    line.queue()
    before = {card["card"] for card in line.good()}
    process = line.start(SAKK_PRELOAD=str(line.out / "forgetful.so"))
    wanted = {"portrait", "zone", "private key of the chip", "card key ENC", "card key MAC", "card key DEK"}
    kinds = collections.Counter()
    for made in range(1, fresh + 1):
        line.until(process, lambda: len(line.good()) >= len(before) + made, "the mutant's cards")
        time.sleep(1)
        process.send_signal(signal.SIGSTOP)
        line.until(process, lambda: plant_hand.is_stopped(process), "the stop")
        finished = [card for card in line.good() if card["card"] not in before]
        moduli = line.open_cards(finished)
        hits, _ = line.search(process.pid, line.secrets_of(finished), moduli)
        kinds.update(re.sub(r"card \d+: | \(.*", "", hit) for hit in hits)
        process.send_signal(signal.SIGCONT)
        if wanted <= set(kinds):
            break
    process.kill()
    process.wait(60)
    found = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    say(f"with wiping off, after {made} cards: {found or 'NOTHING, so the search proves nothing'}")
    if not wanted <= set(kinds):
        faults += 1
        say(f"not found with wiping off: {', '.join(sorted(wanted - set(kinds)))}")
    print(f"memory-test: {faults} faults")
    sys.exit(1 if faults else 0)


main()
