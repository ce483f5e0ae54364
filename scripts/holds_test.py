"""A name that cannot fit is held before feeding; a spoiled card that comes back holds the cell; no camera is said."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tarfile

from approvals import opened, sign

LINE = "seeds/demo/line.yaml"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=pathlib.Path, required=True)
    work = parser.parse_args().work
    plant = str(work / "plant")

    def run(*command):
        return subprocess.run(command, capture_output=True, text=True)

    def inside(*command):
        return run("sakk-plant", "exec", "--dir", plant, "--", *command)

    def status():
        return json.loads(run("sakk", "status", "--line", LINE, "--json").stdout)

    def fed():
        return json.loads(run("sakk-plant", "census", "--dir", plant, "--json").stdout)["feeds"]

    def need(true, what, done=None):
        if not true:
            sys.exit(f"fault: {what}" + (f"\n{done.stdout}{done.stderr}" if done else ""))
        print(f"  ok    {what}", file=sys.stderr)

    # one record alone, with a name as long as the schema allows and the field does not
    with tarfile.open(work / "batch.tar") as tar:
        envelope = tar.extractfile("0001.p7m").read()
    record = json.loads(opened(envelope))
    record["request_id"] = "LONG-000001"
    record["document_number"] = "ZZ9999999"
    for part in ("given", "father"):
        record["names"]["latin"][part] = "MAXIMILIANALEXANDERBARTHOLOMEWCONSTANTIN"
    (work / "long.p7m").write_bytes(sign(work, json.dumps(record, ensure_ascii=False).encode()))
    done = run("sakk", "queue", "import", "--line", LINE, str(work / "long.p7m"))
    need(done.returncode == 0, "the long name is a valid record", done)
    done = inside("sakk", "run", "--until-idle", "--line", LINE, "--blanks", "20")
    now = status()
    need(now["totals"]["held"] == 1, "the name that does not fit holds its record", done)
    need(fed() == 0 and now["blanks"].get("line") == 20, "before anything was fed")
    held = run("sakk", "batch", "report", "--line", LINE, now["batches"][0])
    need("artwork.text.overflow" in held.stdout, "with its reason in the report", held)

    # no camera: the same line with another camera address
    other = work / "line.yaml"
    text = pathlib.Path(LINE).read_text().replace("address: 127.0.0.1", "address: 127.0.0.9")
    root = os.getcwd()
    other.write_text(text.replace("../../", root + "/").replace("../test-pki", root + "/seeds/test-pki"))
    done = inside("sakk", "run", "--until-idle", "--line", str(other))
    need(done.returncode == 3 and "camera.missing" in done.stderr, "no camera is said, exit 3", done)

    # card 2 is spoiled, and comes back before the fourth feed
    done = run("sakk", "queue", "import", "--line", LINE, str(work / "batch.tar"))
    need(done.returncode == 0, "four records", done)
    done = inside("sakk", "run", "--until-idle", "--line", LINE)
    need(done.returncode == 4, "the cell holds", done)
    now = status()
    spoiled = json.loads(
        run("sakk", "batch", "report", "--line", LINE, now["batches"][-1], "--json").stdout)["records"]
    old = [
        attempt["attempt"] for entry in spoiled for attempt in entry["attempts"] if attempt["state"] == "spoiled"]
    need(len(old) == 1 and old[0] in now["text"], "and names the card's old attempt: " + now["text"], done)
    feeds = fed()
    need(feeds == 4, "after the fourth feed, no further blank was used")
    done = inside("sakk", "run", "--until-idle", "--line", LINE)
    need(done.returncode == 4 and fed() == feeds, "and holds until a person has looked", done)
    sys.exit(0)


main()
