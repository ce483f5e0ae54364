"""Plays through `sakk gp` on the cards of `sakk-plant readers`: what it does, what it says, its exit codes."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import zipfile

import gp_judge

MASTER = bytes(range(0x40, 0x50))
CAP = "Tests/Chip/GlobalPlatformTests/Vectors/specimen.cap"
PACKAGE, FIRST, SECOND = "F0534B414B0001", "F0534B414B000101", "F0534B414B000102"
ISD = "A000000151000000"
NAMES = ["Plant 00 00 00", "Plant 00 00 01", "Plant 01 00 00", "Plant 01 00 01"]


class Trial:
    def __init__(self, work):
        self.work = work
        self.passed = 0
        self.faults = []
        self.state = 0
        self.fresh_state()

    def fresh_state(self):
        """Forgets which cards proved other keys."""
        self.state += 1
        os.environ["SAKK_STATE"] = str(self.work / f"state-{self.state}")

    def inside(self, *words, **variables):
        environment = dict(os.environ, **variables)
        return subprocess.run(words, env=environment, capture_output=True, text=True)

    def plant(self, *words):
        done = subprocess.run(
            ["sakk-plant", *words[:2], "--dir", str(self.work / "plant"), *words[2:]], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"sakk-plant {words}: {done.stderr}")
        return done.stderr

    def lay(self, reader, *words):
        """Another card in a reader; whatever lies there is taken out, and pcscd (it looks every 400 ms) has seen that."""
        self.empty(reader)
        self.plant("card", "insert", str(reader), *words)

    def empty(self, *readers):
        for reader in readers:
            self.plant("card", "remove", str(reader))
        for _ in range(60):
            lines = self.inside("sakk", "gp", "readers").stdout.splitlines()
            if all(f"{NAMES[reader - 1]}: no card" in lines for reader in readers):
                return
            time.sleep(0.05)
        raise RuntimeError(f"pcscd still sees cards: {lines}")

    def gp(self, *words, reader=1, key=True, **variables):
        options = [] if reader is None else ["--reader", NAMES[reader - 1]]
        if words[0] != "keys" or words[1] != "release":
            options += ["--wait-ms", "3000"] if reader else []
        else:
            options = []
        if key and words[0] not in ("info", "readers") and words[:2] != ("keys", "list"):
            options += ["--key", MASTER.hex()] + ([] if "--scheme" in words else ["--scheme", "kdf3"])
        return self.inside("sakk", "gp", *words, *options, **variables)

    def expect(self, name, done, code, *said):
        text = done.stdout + done.stderr
        missing = [word for word in said if word not in text]
        if done.returncode == code and not missing:
            self.passed += 1
            line = next((part for part in text.splitlines() if said and said[0] in part), "").strip()
            print(f"  ok    {name}: {line[:150]}", file=sys.stderr)
        else:
            self.faults.append(name)
            print(
                f"  FAULT {name}: exit {done.returncode}, wanted {code} and {missing or said}: {text[-700:]}",
                file=sys.stderr)
        return done

    def check(self, name, truth, detail=""):
        if truth:
            self.passed += 1
            print(f"  ok    {name} {detail}", file=sys.stderr)
        else:
            self.faults.append(name)
            print(f"  FAULT {name} {detail}", file=sys.stderr)

    def settled(self, count, mute=0):
        """Waits until pcscd sees so many cards: a card that was laid in a moment ago is not there for it yet."""
        for _ in range(60):
            done = self.inside("sakk", "gp", "readers")
            lines = done.stdout.splitlines()
            if sum(": a card, ATR" in line for line in lines) == count and (
                sum("does not answer" in line for line in lines) == mute
            ):
                return
            time.sleep(0.05)
        raise RuntimeError(f"pcscd does not see {count} cards and {mute} mute ones: {done.stdout}")

    def opensc(self, reader, *apdus):
        words = [word for apdu in apdus for word in ("-s", apdu)]
        return self.inside("opensc-tool", "-r", NAMES[reader - 1], *words).stdout.replace(" ", "").replace("\n", "")


def readers(trial):
    trial.expect("readers without cards", trial.inside("sakk", "gp", "readers"), 0, f"{NAMES[0]}: no card")
    trial.lay(1)
    trial.lay(2, "scp=02", "options=55")
    trial.lay(3, "options=60", "uid=04A1B2C3D4E5F6", "status=legacy")
    trial.lay(4, "does=mute")
    trial.settled(3, mute=1)
    done = trial.inside("sakk", "gp", "readers", "--json")
    cards = [entry["card"] for entry in json.loads(done.stdout)["readers"]]
    trial.check("readers as JSON", cards == ["a card"] * 3 + ["a card that does not answer"], str(cards))
    done = trial.inside("sakk", "gp", "readers", "--watch", "--for-ms", "100")
    trial.expect("watching for a moment", done, 0, f"{NAMES[0]}: a card")
    trial.expect(
        "no pcscd", trial.inside("sakk", "gp", "info", PCSCLITE_CSOCK_NAME="/nonexistent/pcscd"), 3,
        "[reader.service.missing]", "systemctl start pcscd")
    trial.expect("no reader named", trial.gp("info", reader=None), 3, "[reader.unnamed]", NAMES[2])
    done = trial.inside("sakk", "gp", "info", "--reader", "Plant 9")
    trial.expect("wrong reader", done, 3, "[reader.missing]", NAMES[0])
    trial.expect("mute card", trial.gp("info", reader=4), 4, "[chip.mute]")
    trial.empty(4)
    done = trial.inside("sakk", "gp", "info", "--reader", NAMES[3])
    trial.expect("no card", done, 4, "[chip.absent]", "--wait-ms")


def hot_plug(trial):
    """Readers that come and go: a scripted service stands in for libpcsclite, whose virtual readers cannot be plugged."""
    script = trial.work / "readers"
    library = trial.work / "pcsc-script.so"
    flags = subprocess.run(["pkg-config", "--cflags", "libpcsclite"], capture_output=True, text=True).stdout.split()
    subprocess.run(
        ["cc", "-O2", "-shared", "-fPIC", *flags, "scripts/pcsc-script.c", "-o", str(library)], check=True)

    def write(*names):
        new = trial.work / "readers.new"
        new.write_text("".join(name + "\n" for name in names))
        new.rename(script)

    def watch(*options):
        return subprocess.Popen(
            ["sakk", "gp", "readers", "--watch", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, LD_PRELOAD=str(library), PCSC_SCRIPT=str(script)))

    write("Alpha")
    program = watch()
    said = [program.stdout.readline().strip()]
    for names, lines in ((("Alpha", "Beta"), 1), (("Beta",), 1), ((), 1), (("Gamma", "Delta"), 2)):
        write(*names)
        said += [program.stdout.readline().strip() for _ in range(lines)]
    script.unlink()
    out, errors = program.communicate(timeout=20)
    trial.check(
        "readers that come and go", said == ["Alpha: no card", "+ Beta", "- Alpha", "- Beta", "+ Gamma", "+ Delta"], str(said))
    trial.check(
        "a service that goes away", program.returncode == 3 and "[reader.service.missing]" in errors and out == "", errors[-200:])
    write("Alpha")
    begun = time.monotonic()
    program = watch("--for-ms", "200", "--json")
    out, errors = program.communicate(timeout=20)
    trial.check(
        "a watch that is ended", program.returncode == 0 and json.loads(out)["readers"][0]["name"] == "Alpha"
        and time.monotonic() - begun < 2, errors)


def information(trial):
    done = trial.expect("info of an SCP03 card", trial.gp("info", "--json"), 0, "sakk.gp-info/1")
    card = json.loads(done.stdout)["cards"][0]
    trial.check("its secure channel", card["secure_channels"] == [{"i": "70", "scp": 3}])
    raw = trial.opensc(1, "80CA9F7F00")
    trial.check(
        "opensc-tool reads the same chip", card["cplc"]["serial"] == "00000001" and "9F7F2A5A4B0001534B60010100603200" in raw,
        raw[-140:-20])
    trial.expect("info of an SCP02 card", trial.gp("info", reader=2), 0, "SCP02 i=55", "3DES 128 bits")
    trial.expect("a fixed number", trial.gp("info", reader=3), 0, "04A1B2C3D4E5F6")
    trial.expect("keys list", trial.gp("keys", "list"), 0, "version 1 (01)  id 3  AES 128 bits")
    trial.expect(
        "an unknown security domain", trial.gp("info", "--domain", "A0000000039999"), 4, "[chip.domain.missing]",
        "A0000000039999")
    trial.expect("an AID that is none", trial.gp("info", "--domain", "A000"), 2, "5 to 16 bytes")


def wrong_keys(trial):
    done = trial.gp("list", "--scheme", "none", "--trace")
    trial.expect("a wrong key", done, 4, "[chip.keys.wrong]", "504A77")
    headers = [line.split()[4] for line in done.stderr.splitlines() if " Lc " in line]
    trial.check("nothing after a wrong cryptogram", headers[-1] == "80500000", " ".join(headers))
    trial.expect("the same card again", trial.gp("list", "--scheme", "none"), 4, "[chip.keys.other]")
    trial.expect("keys find, wrong", trial.gp("keys", "find", "--scheme", "none"), 1, "does not hold none")
    trial.expect("keys find, right", trial.gp("keys", "find"), 0, "The card holds kdf3")
    trial.expect("the right key", trial.gp("list"), 0, "SECURED")
    trial.expect("an unknown version", trial.gp("list", "--key-version", "9"), 4, "[chip.keys.missing]", "version 9")
    real = "00112233445566778899AABBCCDDEEF0"
    done = trial.inside("sakk", "gp", "list", "--reader", NAMES[0], "--key", real, "--trace")
    trial.expect("a key that is no test key", done, 3, "[keys.production]", "Nothing was sent")
    trial.check("it is not shown, and no card sees a command", real not in done.stderr and " Lc " not in done.stderr)
    # three cards in a row that do not know the keys
    for serial in (201, 202):
        trial.lay(4, f"serial={serial}", "key=000102030405060708090A0B0C0D0E0F")
        trial.expect(f"card {serial} of another maker", trial.gp("list", "--scheme", "emv", reader=4), 4, "[chip.keys.wrong]")
    trial.lay(4, "serial=203", "key=000102030405060708090A0B0C0D0E0F")
    trial.expect("the third one", trial.gp("list", "--scheme", "emv", reader=4), 4, "[chip.keys.wrong]")
    trial.lay(4, "serial=204")
    done = trial.gp("list", "--scheme", "emv", "--trace", reader=4)
    trial.expect("a fourth card", done, 4, "[chip.keys.stopped]")
    trial.check("it is asked nothing about keys", "80500000" not in done.stderr)
    trial.expect("another key set works on", trial.gp("list", reader=4), 0, "SECURED")
    trial.expect("release", trial.gp("keys", "release", "--scheme", "emv"), 0, "Released emv")
    trial.expect("after the release", trial.gp("list", "--scheme", "emv", reader=4), 4, "[chip.keys.wrong]")
    trial.lay(4, "does=wrong-cryptogram")
    trial.expect("a faulty cryptogram", trial.gp("list", reader=4), 4, "[chip.keys.wrong]")
    trial.fresh_state()


def content(trial):
    done = trial.gp("load", CAP, "--hash", "sha256", "--trace-data")
    trial.expect("load at the highest level", done, 0, f"Loaded {PACKAGE} version 2.3: 3861 bytes")
    session = gp_judge.replay(done.stderr, MASTER)
    loads = [entry for entry in session.plain if entry[0][1] == 0xE8]
    stream = b"".join(entry[1] for entry in loads)
    order = "Header Directory Import Applet Class Method StaticField Export ConstantPool RefLocation".split()
    with zipfile.ZipFile(CAP) as archive:
        parts = {name.split("/")[-1][:-4].lower(): archive.read(name) for name in archive.namelist()}
    code = b"".join(parts.get(name.lower(), b"") for name in order)
    trial.check(
        "a second SCP03 finds the file on the wire",
        session.level == 0x33 and stream == b"\xC4\x82" + len(code).to_bytes(2, "big") + code,
        f"({session.checked} cryptograms and MACs, {len(loads)} blocks)")
    trial.check(
        "blocks are numbered and the last is marked",
        [(entry[0][2], entry[0][3]) for entry in loads]
        == [(0x80 if index == len(loads) - 1 else 0, index) for index in range(len(loads))])
    trial.expect("list with modules", trial.gp("list"), 0, f"PKG: {PACKAGE} (LOADED)", f"Module: {SECOND}")
    trial.expect("load again", trial.gp("load", CAP), 4, "[chip.refused]", "INSTALL [for load]", "6985")
    trial.expect("install one module", trial.gp("install", CAP, "--module", FIRST, "--not-selectable"), 0, "not loaded again", "not selectable yet")
    trial.expect("installed", trial.gp("list"), 0, f"APP: {FIRST} (INSTALLED)")
    trial.expect("make selectable", trial.gp("install", "--make-selectable", "--instance", FIRST), 0, "selectable")
    trial.expect("selectable", trial.gp("list"), 0, f"APP: {FIRST} (SELECTABLE)")
    trial.expect("install twice", trial.gp("install", CAP, "--module", FIRST), 4, "[chip.refused]", "6985")
    trial.expect("an unknown module", trial.gp("install", CAP, "--module", "F0534B414B000199"), 2, "it has", SECOND)
    trial.expect("an unknown package", trial.gp("install", "--package", "F0534B414B0009", "--module", FIRST), 4, "6A88")
    trial.expect("unknown privilege", trial.gp("install", CAP, "--privileges", "Everything"), 2, "CardLock")
    trial.expect("lock an application", trial.gp("lock", FIRST), 0, "is locked")
    trial.expect("locked", trial.gp("list"), 0, f"APP: {FIRST} (LOCKED)")
    trial.check("a locked application is not selectable", "SW1=0x6A,SW2=0x82" in trial.opensc(1, "00A4040008" + FIRST))
    trial.expect("unlock it", trial.gp("lock", FIRST, "--unlock"), 0, "is unlocked")
    trial.check("it is selectable again", "SW1=0x90,SW2=0x00" in trial.opensc(1, "00A4040008" + FIRST))
    trial.expect("lock what is not there", trial.gp("lock", "F000000001"), 4, "[chip.refused]", "6A88")
    trial.expect("delete a package in use", trial.gp("delete", PACKAGE), 4, "[chip.refused]", "6985", "--related")
    trial.expect("delete with its instances", trial.gp("delete", PACKAGE, "--related"), 0, f"Deleted {PACKAGE}")
    trial.expect("delete again", trial.gp("delete", CAP), 4, "[chip.object.missing]", PACKAGE)
    trial.expect("install a CAP file in one go", trial.gp("install", CAP, reader=2, *["--scheme", "visa2"]), 0, f"Installed {SECOND}")
    trial.expect("replace it", trial.gp("install", CAP, "--replace", reader=2, *["--scheme", "visa2"]), 0, "and its instances")
    trial.expect("list of a legacy card", trial.gp("list", reader=3), 0, "ISD: " + ISD)
    broken = trial.work / "broken.cap"
    broken.write_bytes(pathlib.Path(CAP).read_bytes()[:2000])
    trial.expect("half a CAP file", trial.gp("load", str(broken)), 1, "[cap.malformed]", "broken.cap")
    trial.expect("half a CAP file to delete", trial.gp("delete", str(broken)), 1, "[cap.malformed]", "broken.cap")
    whole = bytearray(pathlib.Path(CAP).read_bytes())
    whole[700] ^= 0x10
    broken.write_bytes(whole)
    trial.expect("one bit wrong", trial.gp("load", str(broken)), 1, "[cap.malformed]")
    trial.expect("no CAP file", trial.gp("load", "/nonexistent.cap"), 3, "[file.missing]")
    trial.expect("no CAP file to delete", trial.gp("delete", "/nonexistent.cap"), 3, "[file.missing]")


def keys(trial):
    new = "000102030405060708090A0B0C0D0E0F"
    done = trial.gp("keys", "put", "--new-key", new, "--new-version", "66", "--trace-data")
    trial.expect("put a key set", done, 0, "holds version 66, in place of version 1", "C35280 C35280 C35280")
    session = gp_judge.replay(done.stderr, MASTER)
    put = next(entry for entry in session.plain if entry[0][1] == 0xD8)
    data = put[1]
    sealed = [data[1 + 23 * index :][: 23] for index in range(3)]
    kcv = gp_judge.check_value(bytes.fromhex(new))
    right = all(
        part[:4] == bytes.fromhex("88111010")[:2] + bytes([0x10]) + part[3:4]
        and session.key_data(part[3:19]) == bytes.fromhex(new) and part[19:] == b"\x03" + kcv for part in sealed)
    trial.check("a second program opens PUT KEY", put[0] == bytes.fromhex("80D80181") and data[0] == 66 and right, kcv.hex())
    trial.expect("the old keys", trial.gp("list", "--key-version", "1"), 4, "[chip.keys.missing]")
    given = ["--key", new, "--scheme", "none"]
    trial.expect("the new keys", trial.gp("list", *given, key=False), 0, "SECURED")
    trial.expect("keys list", trial.gp("keys", "list"), 0, "version 66 (42)")
    done = trial.gp("keys", "put", "--new-key", MASTER.hex(), "--new-scheme", "kdf3", "--new-version", "1", *given, "--replace", "0", key=False)
    trial.expect("one more key set", done, 0, "holds version 1, added")
    trial.expect("delete a version", trial.gp("keys", "delete", "--version", "66", "--key-version", "1"), 0, "Deleted version 66")
    trial.expect("delete it again", trial.gp("keys", "delete", "--version", "66"), 4, "[chip.object.missing]")
    trial.expect("a new version of 0", trial.gp("keys", "put", "--new-key", new, "--new-version", "0"), 2, "1 to 127")
    # torn: the card tells which keys it holds
    for moment, holds, other in (("before", ["--scheme", "kdf3", "--key", MASTER.hex()], given), ("after", given, ["--scheme", "kdf3", "--key", MASTER.hex()])):
        trial.plant("card", "does", "1", f"torn-put-key:{moment}")
        done = trial.gp("keys", "put", "--new-key", new, "--new-version", "1")
        trial.expect(f"PUT KEY torn {moment} its commit", done, 4, "outcome unknown", "sakk gp keys find")
        trial.expect("found by its cryptogram", trial.gp("keys", "find", "--key-version", "1", *holds, key=False), 0, "The card holds")
        trial.expect("and not the others", trial.gp("keys", "find", "--key-version", "1", *other, key=False), 1, "does not hold")
    done = trial.gp("keys", "put", "--new-key", MASTER.hex(), "--new-scheme", "kdf3", "--new-version", "1", *given, key=False)
    trial.expect("put the first keys back", done, 0, "in place of version 1")
    scp02 = ["--scheme", "visa2"]
    done = trial.gp("keys", "put", "--new-key", new, "--new-version", "2", *scp02, "--trace-data", reader=2)
    trial.expect("put triple DES keys", done, 0, "version 2")
    session = gp_judge.replay(done.stderr, MASTER, "visa2", "02")
    put = next(entry for entry in session.plain if entry[0][1] == 0xD8)
    kcv = gp_judge.check_value_des(bytes.fromhex(new))
    parts = [put[1][1 + 22 * index :][:22] for index in range(3)]
    trial.check(
        "a second program opens PUT KEY under SCP02",
        put[0] == bytes.fromhex("80D80181") and all(
            part[:2] == bytes.fromhex("8010") and session.key_data(part[2:18]) == bytes.fromhex(new)
            and part[18:] == b"\x03" + kcv for part in parts), kcv.hex())
    trial.expect("and open with them", trial.gp("list", *given, reader=2, key=False), 0, "SECURED")


def data(trial):
    trial.expect("store an object", trial.gp("store", "--tlv", "4508CAFE000000000001"), 0, "Stored 10 bytes in 1 commands")
    trial.expect("read it back", trial.gp("info"), 0, "CAFE000000000001")
    trial.check("opensc-tool reads it too", "CAFE000000000001" in trial.opensc(1, "80CA004500"))
    trial.expect("long data in blocks", trial.gp("store", "--tlv", "5F50" + "81C8" + "41" * 200, "--block", "64"), 0, "in 4 commands")
    trial.expect("an object that is not kept", trial.gp("store", "--tlv", "9F7F0100"), 4, "[chip.refused]", "6A80")
    groupings = trial.work / "list.dgi"
    groupings.write_text("# the issuer\n0070 4205 0102030405\n")
    trial.expect("store groupings", trial.gp("store", "--dgi", str(groupings)), 0, "Stored")
    trial.expect("the issuer's number", trial.gp("info"), 0, "Issuer (IIN)      0102030405")
    groupings.write_text("0070 42050102030405\n00G1 00\n")
    trial.expect("a broken list", trial.gp("store", "--dgi", str(groupings)), 3, "[file.malformed]", "list.dgi:2")
    trial.expect("an instance that is not there", trial.gp("store", "--data", "00", "--instance", "F000000001"), 4, "6A88")
    trial.expect("commands in clear", trial.gp("apdu", "80CA004500", "80CAFF2100"), 0, "80CA0045 -> 4508CAFE000000000001 9000")
    trial.expect("a command in the channel", trial.gp("apdu", "--secure", "80F28002024F0000"), 0, "9F70")
    trial.expect("a refusal ends the list", trial.gp("apdu", "80CA12340000", "80CA004500"), 2, "lengths")
    done = trial.gp("apdu", "80CA123400", "80CA004500")
    trial.expect("a status word", done, 4, "6A88")
    trial.check("the list ended", "CAFE" not in done.stdout)
    trial.expect("unless it goes on", trial.gp("apdu", "80CA123400", "80CA004500", "--keep-going"), 0, "CAFE")
    trial.expect("authenticating by hand", trial.gp("apdu", "848200001000000000000000000000000000000000"), 2, "--secure")


def bad_cards(trial):
    trial.plant("card", "does", "1", "sw:1:6A86")
    trial.expect("SELECT of one name is refused, of the next one not", trial.gp("info"), 0, "Security domain   A000000151000000")
    trial.plant("card", "does", "1", "silent:9")
    trial.expect("torn in a load", trial.gp("load", CAP), 4, "[chip.silent]", "outcome unknown", "sakk gp list")
    trial.expect("what is there", trial.gp("list"), 0, "SECURED")
    trial.plant("card", "does", "1", "lost:6")
    trial.expect("an answer lost", trial.gp("install", CAP), 4, "outcome unknown")
    trial.plant("card", "does", "1", "reset:8")
    trial.expect("power lost for a moment", trial.gp("list"), 4, "[chip.")
    trial.plant("card", "does", "1", "sw:7:6F00")
    trial.expect("a strange status word", trial.gp("list"), 4, "6F00", "no precise diagnosis")
    trial.plant("card", "does", "1", "memory-full")
    trial.expect("memory full", trial.gp("load", CAP), 4, "[chip.refused]", "6A84", "not enough memory")
    trial.plant("card", "does", "1", "worn-counter")
    trial.expect("a worn counter", trial.gp("list"), 4, "[chip.keys.refused]", "6581")
    trial.plant("card", "does", "1", "good")
    trial.lay(4, "serial=300")
    two = trial.inside(
        "sakk", "gp", "list", "--reader", NAMES[3], "--reader", NAMES[1], "--reader", "Plant 9", "--key", MASTER.hex(), "--scheme",
        "kdf3", "--wait-ms", "3000", "--json")
    cards = json.loads(two.stdout)["cards"]
    trial.check(
        "several readers at once, the worst decides",
        two.returncode == 4 and [card["done"] for card in cards] == [True, False, False]
        and cards[1]["error"]["code"] == "chip.keys.wrong" and cards[2]["error"]["code"] == "reader.missing", two.stdout[-300:])
    trial.fresh_state()


def life(trial):
    trial.expect("state", trial.gp("state"), 0, "SECURED")
    trial.expect("back to initialized", trial.gp("state", "initialized"), 4, "[chip.refused]", "SET STATUS")
    trial.expect("lock the card", trial.gp("lock"), 0, "CARD_LOCKED")
    done = trial.expect("info of a locked card", trial.gp("info"), 0, "State             CARD_LOCKED")
    trial.check("it is not called terminated", "TERMINATED" not in done.stdout)
    trial.check("SELECT warns", "SW1=0x62,SW2=0x83" in trial.opensc(1, "00A4040008" + ISD + "00"))
    trial.expect("load on a locked card", trial.gp("load", CAP), 4, "6985", "sakk gp lock --unlock")
    trial.expect("unlock", trial.gp("lock", "--unlock"), 0, "SECURED")
    trial.expect("terminate, half-hearted", trial.gp("state", "terminated"), 2, "--for-ever")
    trial.lay(4, "serial=301", "state=op_ready")
    for target, said in (("initialized", "OP_READY -> INITIALIZED"), ("secured", "INITIALIZED -> SECURED"), ("locked", "SECURED -> CARD_LOCKED")):
        trial.expect(f"state {target}", trial.gp("state", target, reader=4), 0, said)
    trial.expect("terminate", trial.gp("state", "terminated", "--for-ever", reader=4), 0, "CARD_LOCKED -> TERMINATED")
    trial.expect("a dead card", trial.gp("list", reader=4), 4, "6985", "terminated")
    trial.expect("it tells who it was", trial.gp("info", reader=4), 0, "IC serial         0000012D", "State             TERMINATED")
    census = json.loads(subprocess.run(
        ["sakk-plant", "census", "--dir", str(trial.work / "plant"), "--json"], capture_output=True, text=True, check=True).stdout)
    states = {card["serial"]: card["state"] for card in census["cards"]}
    trial.check("the plant agrees", states[301] == "TERMINATED" and states[1] == "SECURED", str(states))


def channels(trial):
    """Every secure channel; four cards at a time."""
    kinds = [(f"scp=03 options={options}", "kdf3") for options in "00 10 20 30 60 01 31 71".split()]
    kinds += [("scp=03 options=70 key=" + bytes(range(0x40, 0x40 + size)).hex(), "kdf3") for size in (24, 32)]
    kinds += [(f"scp=02 options={options} scheme={scheme}", scheme) for options, scheme in zip("15 35 75 55".split(), "visa2 emv visa none".split())]
    for start in range(0, len(kinds), 4):
        group = kinds[start : start + 4]
        trial.empty(1, 2, 3, 4)
        for index, (words, _) in enumerate(group):
            trial.plant("card", "insert", str(index + 1), *words.split())
        for index, (words, scheme) in enumerate(group):
            master = next((word[4:] for word in words.split() if word.startswith("key=")), MASTER.hex())
            done = trial.gp("list", "--key", master, "--scheme", scheme, "--trace-data", reader=index + 1, key=False)
            trial.expect(f"{words}", done, 0, "SECURED")
            session = gp_judge.replay(done.stderr, bytes.fromhex(master), scheme, words[4:6])
            trial.check(
                "judged by a second implementation", session.level is not None,
                f"level {session.level or 0:02X}, {session.checked} MACs and cryptograms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True, type=pathlib.Path)
    trial = Trial(parser.parse_args().work)
    begun = time.monotonic()
    for part in (readers, hot_plug, information, wrong_keys, content, keys, data, bad_cards, life, channels):
        since = time.monotonic()
        part(trial)
        print(f"  {part.__name__}: {time.monotonic() - since:.1f} s", file=sys.stderr)
    print(f"gp-test: {trial.passed} passed, {len(trial.faults)} failed in {time.monotonic() - begun:.1f} s")
    for fault in trial.faults:
        print(f"  failed: {fault}")
    return 1 if trial.faults else 0


sys.exit(main())
