"""Feeds `sakk` bad batches and missing parts; checks exit code, code word and that nothing was taken."""

import argparse
import io
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tarfile

from approvals import opened, sign

LINE = "seeds/demo/line.yaml"


class Trial:
    def __init__(self, work):
        self.work = work
        self.count = 0
        self.faults = []
        self.passed = 0

    def sakk(self, *words, **variables):
        environment = dict(
            os.environ, SAKK_LEDGER=str(self.work / "ledger.sqlite"), SAKK_PICTURES=str(self.work / "pictures"),
            SAKK_VAULT=str(self.work / "vault"), **variables)
        return subprocess.run(["sakk", *words], env=environment, capture_output=True, text=True)

    def waiting(self):
        import json

        done = self.sakk("status", "--line", LINE, "--json")
        return json.loads(done.stdout)["totals"]["records"]

    def expect(self, name, done, code, word):
        said = done.stdout + done.stderr
        if done.returncode == code and word in said:
            self.passed += 1
            line = next((part for part in said.splitlines() if word in part), "").strip()
            print(f"  ok    {name}: {line[:140]}", file=sys.stderr)
        else:
            self.faults.append(name)
            print(f"  FAULT {name}: exit {done.returncode}, wanted {code} and '{word}': {said[-400:]}", file=sys.stderr)

    def expect_untouched(self, name, before):
        after = self.waiting()
        if after != before:
            self.faults.append(f"{name}: {after - before} records were taken")


def members(batch):
    with tarfile.open(batch) as tar:
        return [(member.name, tar.extractfile(member).read()) for member in tar.getmembers()]


def pack(path, parts):
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in parts:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def records(trial, work):
    dice = random.Random(7)
    batch = work / "good.tar"
    done = trial.sakk(
        "seed", "batch", "--product", "iq-national-id", "--count", "3", "--seed", "11", "--out", str(batch))
    trial.expect("seed batch", done, 0, "Wrote 3")
    parts = members(batch)
    envelope = next(content for name, content in parts if name.endswith(".p7m"))
    content = opened(envelope)

    def single(name, data, word):
        path = work / f"{name.replace(' ', '-')}.p7m"
        path.write_bytes(data)
        before = trial.waiting()
        trial.expect(name, trial.sakk("queue", "import", "--line", LINE, str(path)), 1, word)
        trial.expect_untouched(name, before)

    single("empty file", b"", "batch.empty")
    single("binary junk", dice.randbytes(5000), "batch.unknown")
    single("unsigned", content, "batch.unknown")
    single("wrongly signed", sign(work, content, "rogue-signer"), "cms.chain.untrusted")
    flipped = bytearray(envelope)
    flipped[-3] ^= 0x40
    single("flipped signature", bytes(flipped), "cms.signature.invalid")
    single("truncated envelope", envelope[: len(envelope) // 2], "cms.malformed")
    single("oversize envelope", sign(work, content + b" " * 600_000), "record.too_large")
    single("wrong encoding", sign(work, content.replace(b"UTO-CIVIL", b"UTO-CIV\xff\xfe")), "record.encoding")
    single("unknown product", sign(work, content.replace(b"iq-national-id", b"iq-library-card")), "record.field.value")
    single("unknown member", sign(work, content.replace(b'"authority"', b'"autority"', 1)), "record.field")
    import json

    broken = json.loads(content)
    picture = broken["portrait"]
    key = next(name for name, value in picture.items() if isinstance(value, str) and len(value) > 1000)
    picture[key] = picture[key][: len(picture[key]) // 2 // 4 * 4]
    single("broken image", sign(work, json.dumps(broken).encode()), "image.truncated")

    cut = work / "cut.tar"
    cut.write_bytes(batch.read_bytes()[:20_000])
    before = trial.waiting()
    trial.expect("truncated batch", trial.sakk("queue", "import", "--line", LINE, str(cut)), 1, "batch.truncated")
    trial.expect_untouched("truncated batch", before)
    missing = work / "no-such.tar"
    trial.expect("no such file", trial.sakk("queue", "import", "--line", LINE, str(missing)), 1, "batch.unreadable")
    swapped = [(name, parts[-1][1] if name.endswith("1.p7m") else data) for name, data in parts]
    twice = pack(work / "twice.tar", swapped)
    trial.expect("duplicate id in a batch", trial.sakk("queue", "import", "--line", LINE, str(twice)), 1, "batch.digest.mismatch")

    fresh = trial.waiting()
    trial.expect("good batch", trial.sakk("queue", "import", "--line", LINE, str(batch)), 0, "taken")
    if trial.waiting() != 3:
        trial.faults.append(f"good batch: {trial.waiting() - fresh} records taken, 3 in all expected")
    trial.expect("the same batch again", trial.sakk("queue", "import", "--line", LINE, str(batch)), 0, "3 known")
    other = json.loads(content)
    other["family_number"] = other["family_number"][:-1] + ("1" if other["family_number"][-1] != "1" else "2")
    conflict = work / "conflict.p7m"
    conflict.write_bytes(sign(work, json.dumps(other).encode()))
    trial.expect(
        "a known request with other content", trial.sakk("queue", "import", "--line", LINE, str(conflict)), 1,
        "record.conflict")


def parts_missing(trial, work):
    run = ["run", "--until-idle", "--line", LINE, "--blanks", "5"]

    def alone(name, word, *command, code=3, before="true", **variables):
        """Runs sakk in a namespace of its own, where nothing is but what `before` starts as $P."""
        environment = {
            **os.environ, "SAKK_LEDGER": str(work / "ledger.sqlite"), "SAKK_PICTURES": str(work / "pictures"),
            "SAKK_VAULT": str(work / "vault"), **variables}
        script = (
            "ip link set lo up; mkdir -p /run/pcscd; mount -t tmpfs t /run/pcscd; P=; " + before
            + "; sakk \"$@\"; C=$?; [ -z \"$P\" ] || { kill $P; wait $P; }; exit $C")
        done = subprocess.run(
            ["unshare", "-m", "-n", "sh", "-c", script, "sakk", *command], env=environment, capture_output=True, text=True)
        trial.expect(name, done, code, word)

    alone("no printer", "usb.", *run)
    alone("no pcscd", "reader.service.missing", "chip", "read", "--reader", "Plant 00 00 00", "--mrz", "A,900101,300101")
    service = "pcscd --foreground >/dev/null 2>&1 & P=$!; until [ -e /run/pcscd/pcscd.comm ]; do sleep 0.1; done"
    alone(
        "no reader", "reader.missing", "chip", "read", "--reader", "No such reader", "--mrz", "A,900101,300101",
        before=service)
    alone("unwritable database", "ledger.unwritable", "status", "--line", LINE, SAKK_LEDGER="/proc/ledger.sqlite")
    config = work / "fonts.conf"
    config.write_text("<fontconfig><dir>/nonexistent</dir><cachedir>/tmp/none</cachedir></fontconfig>")
    alone("a missing font", "artwork.font", "check", "--line", LINE, FONTCONFIG_FILE=str(config))
    trial.expect("no line file", trial.sakk("status", "--line", "no-such.yaml"), 3, "no-such.yaml")
    bad = work / "line.yaml"
    bad.write_text(pathlib.Path(LINE).read_text().replace("mode: training", "mode: training\ncolour: green"))
    trial.expect("an unknown key", trial.sakk("status", "--line", str(bad)), 3, "line.yaml:")
    trial.expect("no arguments for import", trial.sakk("queue", "import", "--line", LINE), 2, "Missing")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    trial = Trial(parser.parse_args().work)
    records(trial, trial.work)
    parts_missing(trial, trial.work)
    for fault in trial.faults:
        print(f"fault: {fault}", file=sys.stderr)
    print(f"bad input: {trial.passed} as they should be, {len(trial.faults)} faults", file=sys.stderr)
    shutil.rmtree(trial.work, ignore_errors=True)
    sys.exit(1 if trial.faults else 0)


main()
