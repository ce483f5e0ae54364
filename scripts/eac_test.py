"""The parts of scripts/eac-test: `border`, where OpenPACE opens a chip of this project, `chip`, where it plays one, and `applet`,
where a card by another hand (applet_card.py) takes a document in the dialect of the open applet."""

import argparse
import base64
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import lds_judge

# 9303-11 table 6: domains by number, as profiles name them
FIELDS = {0: "dh1024-160", 1: "dh2048-224", 2: "dh2048-256"}
CURVES = {8: "p192", 9: "bp192", 10: "p224", 11: "bp224", 12: "p256", 13: "bp256", 14: "bp320", 15: "p384", 16: "bp384",
          17: "bp512", 18: "p521"}
CIPHERS = {"3des": ("3DES-CBC-CBC", 1), "aes128": ("AES-CBC-CMAC-128", 2), "aes192": ("AES-CBC-CMAC-192", 3),
           "aes256": ("AES-CBC-CMAC-256", 4)}
KINDS = {"DH": (FIELDS, 1), "ECDH": (CURVES, 2)}
# id-PACE: 0.4.0.127.0.7.2.2.4
PACE = bytes([0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04])
FILES = {"1E": "COM", "01": "DG1", "02": "DG2", "0B": "DG11", "0C": "DG12", "0E": "DG14", "0F": "DG15", "1D": "SOD"}
NUMBER = "A12345678"


def variants(extent):
    """(cipher, domain, OpenPACE's name, last two bytes of the identifier): every cipher with one field and one curve (few), all
    domains in turn (turn), or each cipher with every domain (all). The generic mapping alone: OpenPACE's integrated
    one is of a text before 9303-11, without its R(s, t)."""
    chosen = []
    for kind, (domains, arc) in KINDS.items():
        numbers = list(domains)
        for turn, (cipher, (long, last)) in enumerate(CIPHERS.items()):
            share = 1 if extent == "few" else -(-len(numbers) // len(CIPHERS))
            some = numbers if extent == "all" else [numbers[(turn * share + n) % len(numbers)] for n in range(share)]
            chosen += [(cipher, number, f"id-PACE-{kind}-GM-{long}", bytes([arc, last])) for number in some]
    return chosen


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)


def need(done, what):
    if done.returncode != 0:
        sys.exit(f"eac-test: {what}: {done.stdout}{done.stderr}")
    return done


def digit(text):
    """Check digit of 9303-3 clause 4.9."""
    value = lambda c: 0 if c == "<" else int(c) if c.isdigit() else ord(c) - 55
    return str(sum(value(c) * (7, 3, 1)[n % 3] for n, c in enumerate(text)) % 10)


def zone(work):
    record = json.loads((work / "record.json").read_text())
    birth, expiry = (record[name].replace("-", "")[2:] for name in ("date_of_birth", "date_of_expiry"))
    return f"{NUMBER},{birth},{expiry}", "".join(field + digit(field) for field in (NUMBER, birth, expiry))


def border(work, extent):
    need(run("sakk", "seed", "batch", "--product", "iq-passport-regular", "--count", 1, "--seed", 5, "--out", work / "b.tar"),
         "no record")
    need(run("tar", "xf", work / "b.tar", "-C", work), "no record")
    need(run("openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", work / "0001.p7m", "-out", work / "record.json"),
         "no record")
    mrz, secret = zone(work)
    text = pathlib.Path("profiles/iq-passport-regular/chip.yaml").read_text()
    here = pathlib.Path.cwd()
    text = text.replace("../../", f"{here}/")
    passed = 0
    for count, (cipher, domain, name, _) in enumerate(variants(extent)):
        product = work / "products" / "iq-passport-regular"
        shutil.rmtree(product.parent, ignore_errors=True)
        shutil.copytree("profiles/iq-passport-regular", product)
        words = f"pace: {{ mapping: generic, cipher: {cipher}, domain: {(FIELDS | CURVES)[domain]} }}"
        changed, places = re.subn(r"pace: \{[^}]*\}", words, text)
        if places != 1:
            sys.exit("eac-test: the profile says nothing of PACE")
        (product / "chip.yaml").write_text(changed)
        reader = "Plant 00 00 00"
        plant(work, "card", "remove", "1") if count else None
        seen(reader, False)
        plant(work, "card", "insert", "1", "scp=03")
        seen(reader, True)
        need(run("sakk", "chip", "personalise", "--reader", reader, "--product", product, "--record", work / "record.json",
                 "--number", NUMBER, "--json"), f"{name} {domain}: not personalised")
        theirs, ours = work / "theirs", work / "ours"
        for folder in (theirs, ours):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        need(run(work / "eac-peer", "border", reader, "mrz", secret, name, domain, theirs), f"{name} {domain}")
        wrong = run(work / "eac-peer", "border", reader, "mrz", "B" + secret[1:], name, domain, theirs)
        if wrong.returncode != 1 or "6300" not in wrong.stderr:
            sys.exit(f"eac-test: {name} {domain}: opened by a wrong zone: {wrong.stdout}{wrong.stderr}")
        need(run("sakk", "chip", "read", "--reader", reader, "--mrz", mrz, "--csca", "seeds/test-pki", "--files", ours, "--json"),
             f"{name} {domain}: not read")
        for short, long in FILES.items():
            if (theirs / f"{short}.bin").read_bytes() != (ours / f"EF.{long}.bin").read_bytes():
                sys.exit(f"eac-test: {name} {domain}: OpenPACE and this project read another EF.{long}")
        passed += 1
    keep = work / "chip"
    keep.mkdir()
    for short, long in FILES.items():
        shutil.copy(work / "ours" / f"EF.{long}.bin", keep / f"{short}.bin")
    print(f"OpenPACE opened and read {passed} chips of this project, each with another PACE, and none by a wrong zone")
    fingers(work)


def fingers(work):
    """A residence card: OpenPACE reads all of it but EF.DG3, this project's inspection system EF.DG3 as it was enrolled."""
    folder = work / "residence"
    folder.mkdir()
    need(run("sakk", "seed", "batch", "--product", "iq-residence-card", "--count", 1, "--seed", 5, "--out", folder / "b.tar"),
         "no record")
    need(run("tar", "xf", folder / "b.tar", "-C", folder), "no record")
    need(run("openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", folder / "0001.p7m", "-out",
             folder / "record.json"), "no record")
    record = json.loads((folder / "record.json").read_text())
    number = record["document_number"]
    birth, expiry = (record[name].replace("-", "")[2:] for name in ("date_of_birth", "date_of_expiry"))
    secret = "".join(field + digit(field) for field in (number, birth, expiry))
    reader, mrz = "Plant 00 00 00", f"{number},{birth},{expiry}"
    plant(work, "card", "remove", "1")
    seen(reader, False)
    plant(work, "card", "insert", "1", "scp=03", "version=48")
    seen(reader, True)
    made = need(run("sakk", "chip", "personalise", "--reader", reader, "--product", "iq-residence-card", "--record",
                    folder / "record.json", "--json"), "residence card: not personalised")
    checks = {check["name"]: check["passed"] for check in json.loads(made.stdout)["checks"]}
    if not all(checks.get(name) for name in ("dg3.closed", "dg3.read", "dg3.hash", "ta")):
        sys.exit(f"eac-test: the desk did not prove the fingers: {made.stdout}")
    theirs, ours, closed = folder / "theirs", folder / "ours", folder / "closed"
    for place in (theirs, ours, closed):
        place.mkdir()
    peer = need(run(work / "eac-peer", "border", reader, "mrz", secret, "id-PACE-ECDH-GM-AES-CBC-CMAC-128", 12, theirs),
                "residence card: OpenPACE")
    if "03 closed" not in peer.stdout or (theirs / "03.bin").exists():
        sys.exit(f"eac-test: fingers are not closed to OpenPACE: {peer.stdout}")
    common = ["sakk", "chip", "read", "--reader", reader, "--mrz", mrz, "--csca", "seeds/test-pki/csca.pem", "--json"]
    need(run(*common, "--files", closed), "residence card: not read without an inspection system")
    if (closed / "EF.DG3.bin").exists():
        sys.exit("eac-test: fingers were read without an inspection system")
    need(run(*common, "--files", ours, "--terminal", "seeds/test-pki/inspection"), "residence card: not inspected")
    group = (ours / "EF.DG3.bin").read_bytes()
    for finger in record["fingers"]:
        if base64.b64decode(finger["data"]) not in group:
            sys.exit("eac-test: a finger on the chip is not the one of the record")
    if base64.b64decode(record["signature"]["data"]) != (theirs / "07.bin").read_bytes()[-len(base64.b64decode(record["signature"]["data"])):]:
        sys.exit("eac-test: EF.DG7 is not the signature of the record")
    faults = lds_judge.faults(ours, "seeds/test-pki/csca.pem")
    if faults:
        sys.exit(f"eac-test: residence card: {faults}")
    # the next card has everything but a lock on its fingers: rejected for that alone, and killed
    plant(work, "card", "remove", "1")
    seen(reader, False)
    plant(work, "card", "insert", "1", "scp=03", "version=48", "does=fingers-open")
    seen(reader, True)
    made = run("sakk", "chip", "personalise", "--reader", reader, "--product", "iq-residence-card", "--record",
               folder / "record.json", "--json")
    said = json.loads(made.stdout)
    failed = [check["name"] for check in said["checks"] if not check["passed"]]
    if made.returncode == 0 or failed != ["dg3.closed"] or said["chip_death"] != "confirmed":
        sys.exit(f"eac-test: fingers that open to anybody: {made.stdout}{made.stderr}")
    print(f"{len(record['fingers'])} fingers of a residence card: closed to OpenPACE after PACE, read by the inspection system as enrolled")


def plant(work, *words):
    need(run("sakk-plant", *words[:2], "--dir", work / "plant", *words[2:]), f"sakk-plant {words}")


def seen(reader, is_there):
    """pcscd looks at a reader some times a second."""
    for _ in range(200):
        lines = [line for line in run("sakk", "gp", "readers").stdout.splitlines() if line.startswith(f"{reader}: ")]
        if lines and ("no card" not in lines[0]) == is_there:
            return
        time.sleep(0.05)
    sys.exit(f"eac-test: pcscd does not see {'a card' if is_there else 'an empty reader'}: {lines}")


def object_of(tag, *parts):
    value = b"".join(parts)
    return bytes([tag, len(value)]) + value


def service(work, name, port):
    """pcscd with one reader, in a network and a mount namespace of its own; its process."""
    need(run("ip", "link", "set", "lo", "up"), "no loopback")
    pathlib.Path("/run/pcscd").mkdir(exist_ok=True)
    need(run("mount", "-t", "tmpfs", "tmpfs", "/run/pcscd"), "no place for pcscd")
    folder = work / f"service-{name}"
    (folder / "conf").mkdir(parents=True)
    driver = folder / "libifdvpcd0.so"
    shutil.copy(pathlib.Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so").resolve(), driver)
    (folder / "conf" / "reader").write_text(
        f'FRIENDLYNAME "Other 00"\nDEVICENAME /dev/null:0x{port:X}\nLIBPATH {driver}\nCHANNELID 0x{port:X}\n')
    return subprocess.Popen(["pcscd", "--foreground", "--config", folder / "conf"], stdout=subprocess.DEVNULL)


def connected(words, port):
    """A card's process, started when the reader listens."""
    for _ in range(400):
        if f":{port:04X} " in pathlib.Path("/proc/net/tcp").read_text() or f":{port:04X} " in (
            pathlib.Path("/proc/net/tcp6").read_text()
        ):
            return subprocess.Popen([str(word) for word in words])
        time.sleep(0.05)
    sys.exit(f"eac-test: no reader listens at port {port}")


def applet(work, extent):
    """The national ID card, written to and read from a card that shares nothing with this project, under T=1 and T=0."""
    need(run("sakk", "seed", "batch", "--product", "iq-national-id", "--count", 1, "--seed", 5, "--out", work / "id.tar"),
         "no record")
    folder = work / "id"
    folder.mkdir()
    need(run("tar", "xf", work / "id.tar", "-C", folder), "no record")
    need(run("openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", folder / "0001.p7m", "-out",
             folder / "record.json"), "no record")
    record = json.loads((folder / "record.json").read_text())
    birth, expiry = (record[name].replace("-", "")[2:] for name in ("date_of_birth", "date_of_expiry"))
    reader, port = "Other 00 00 00", 41000
    daemon = service(work, "applet", port)
    try:
        for transport in ("t1", "t0"):
            log = folder / f"{transport}.log"
            card = connected([sys.executable, "scripts/applet_card.py", port, transport, log], port)
            try:
                seen(reader, True)
                done = run("sakk", "chip", "personalise", "--reader", reader, "--product", "iq-national-id", "--record",
                           folder / "record.json", "--json")
                need(done, f"open applet, {transport}: not personalised: {done.stdout}")
                number = record["document_number"]
                for first, code in ((number[0], 0), ("Z" if number[0] != "Z" else "Y", 1)):
                    done = run("sakk", "chip", "read", "--reader", reader, "--csca", "seeds/test-pki/csca.pem",
                               "--mrz", f"{first}{number[1:]},{birth},{expiry}")
                    if done.returncode != code:
                        sys.exit(f"eac-test: open applet, {transport}: {done.stdout}{done.stderr}")
                # a reader that is not there hides no other's document
                done = run("sakk", "chip", "read", "--reader", "No such reader", "--reader", reader, "--csca",
                           "seeds/test-pki/csca.pem", "--mrz", f"{number},{birth},{expiry}", "--json")
                if done.returncode != 3 or json.loads(done.stdout)["verdict"] != "pass":
                    sys.exit(f"eac-test: two readers, one of them not there: {done.stdout}{done.stderr}")
            finally:
                card.terminate()
                card.wait()
            faults = [line for line in log.read_text().splitlines() if line.startswith("FAULT")]
            if faults:
                sys.exit(f"eac-test: open applet, {transport}: {faults}")
            seen(reader, False)
    finally:
        daemon.terminate()
        daemon.wait()
    print("a card by another hand took a document in the open applet's dialect under T=1 and T=0, was opened by its zone "
          "and by no other")


def chip(work, extent):
    """In a network and a mount namespace of its own."""
    port = 41000
    daemon = service(work, "chip", port)
    reader = "Other 00 00 00"
    mrz, secret = zone(work)
    wrong = mrz[:-1] + ("8" if mrz[-1] != "8" else "1")
    passed = 0
    try:
        for _, domain, name, arcs in variants(extent):
            # it announces what is signed in EF.DG14 only by chance: that, and what it cannot play, must be what fails
            info = object_of(0x30, object_of(0x06, PACE, arcs), object_of(0x02, b"\x02"), object_of(0x02, bytes([domain])))
            (work / "chip" / "1C.bin").write_bytes(object_of(0x31, info))
            played = subprocess.Popen([work / "eac-peer", "chip", str(port), secret, "123456", name, str(domain),
                                       work / "chip"])
            try:
                seen(reader, True)
                for by, should in ((["--mrz", wrong], False), (["--mrz", mrz], True), (["--can", "123456"], True)):
                    done = run("sakk", "chip", "read", "--reader", reader, *by, "--csca", "seeds/test-pki", "--json")
                    checks = {check["name"]: check["passed"] for check in json.loads(done.stdout)["checks"]}
                    failed = {check for check, fine in checks.items() if not fine}
                    opened = checks["pace"] and checks.get("sod.signature") and checks.get("dg2.hash")
                    if should and not (opened and failed <= {"aa", "ca", "card.access"}):
                        sys.exit(f"eac-test: {name} {domain} {by[0]}: {done.stdout}{done.stderr}")
                    if not should and (checks["pace"] or len(checks) > 1):
                        sys.exit(f"eac-test: {name} {domain}: a wrong zone opened it: {done.stdout}")
            finally:
                played.send_signal(signal.SIGTERM)
                played.wait()
            seen(reader, False)
            passed += 1
    finally:
        daemon.terminate()
        daemon.wait()
    print(f"{passed} chips that OpenPACE played were opened by zone and by access number, read and verified; "
          "none by a wrong zone")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("half", choices=["border", "chip", "applet"])
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--extent", choices=["few", "turn", "all"], default="turn")
    words = parser.parse_args()
    {"border": border, "chip": chip, "applet": applet}[words.half](words.work, words.extent)
