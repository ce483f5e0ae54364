"""Runs a line under four lamps over ordered faults, dead lamps and a pulled camera, and compares what was rejected with what was ordered."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

# the code that each fault of the world must be given, by the lamp that shows it
ORDERED = {2: "panel.missing", 4: "mrz.infrared", 6: "print.scratch", 8: "print.wrinkle"}
failures = 0


def check(name, good, detail=""):
    global failures
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name}{'' if good else ': ' + str(detail)[:800]}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    for name in ("out", "line"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    options = parser.parse_args()
    plant = ["--dir", str(options.out / "plant")]

    def run(*words):
        ended = subprocess.run(
            ["sakk-plant", "exec", *plant, "--", "sakk", "run", "--until-idle", "--line", str(options.line), *words],
            capture_output=True, text=True)
        with open(options.out / "run.log", "a") as log:
            log.write(ended.stdout + ended.stderr)
        return ended

    def order(*words):
        subprocess.run(["sakk-plant", *words[:1], *plant, *words[1:]], check=True, capture_output=True)

    def sakk(*words):
        return subprocess.run(["sakk", *map(str, words)], capture_output=True, text=True)

    def status():
        return json.loads(sakk("line", "status", "--line", options.line, "--json").stdout)["cells"][0]

    def cards():
        text = subprocess.run(["sakk-plant", "census", *plant, "--json"], capture_output=True, text=True).stdout
        (options.out / "census.json").write_text(text)
        return {card["feed"]: card for card in json.loads(text)["cards"] if card.get("feed")}

    ended = run("--blanks", "30", "--count", "5")
    check("five good cards among the ordered faults", ended.returncode == 0, ended.stderr[-600:])
    fed = cards()
    reasons = {}
    for path in sorted((options.out / "pictures").glob("*-reason-*.png")):
        attempt, code = re.fullmatch(r"(.+?)-(?:front|back)-reason-\d+-(.+)\.png", path.name).groups()
        reasons.setdefault(attempt, set()).add(code)
    for feed, code in ORDERED.items():
        card = fed.get(feed)
        check(f"feed {feed}: lies in the reject box", card and card["place"].startswith("reject"), card and card["place"])
        check(f"feed {feed}: {code}, and nothing else", {code} in reasons.values(), reasons)
    good = [feed for feed in fed if feed not in ORDERED]
    check("good cards pass under all lamps", all(fed[feed]["place"].startswith("good") for feed in good),
          {feed: fed[feed]["place"] for feed in good})
    lights = sorted({p.name.rsplit("capture", 1)[1] for p in (options.out / "pictures").glob("*capture*.jpg")})
    check("a frame by each lamp is kept", lights == ["-infrared.jpg", "-raking.jpg", "-uv.jpg", ".jpg"], lights)

    # a dead lamp never passes a card: the panel that does not glow, the zone that nobody sees
    for lamp, code in (("uv", "panel.missing"), ("infrared", "mrz.infrared"), ("white", "card.absent")):
        before = cards()
        order("lamp", lamp, "dead")
        ended = run("--acknowledge", "--count", "1")
        fed = cards()
        new = [feed for feed in fed if feed not in before]
        places = [fed[feed]["place"] for feed in new]
        check(f"{lamp} lamp dead: the card is not passed", new and not any(p.startswith("good") for p in places), places)
        check(f"{lamp} lamp dead: it says {code}", code in ended.stderr + ended.stdout, (ended.stderr + ended.stdout)[-600:])
        order("lamp", lamp, "alive")

    # the camera's cable: nothing passes, the cell is held, and goes on by a person's word
    before = cards()
    order("cable", "pull")
    ended = run("--acknowledge", "--count", "1")
    fed = cards()
    places = [fed[feed]["place"] for feed in fed if feed not in before]
    check("the camera's cable pulled: the cell is held", ended.returncode in (3, 4), ended.returncode)
    check("the camera's cable pulled: no card passes", not any(p.startswith("good") for p in places), places)
    check("the camera is named", "camera." in ended.stderr + ended.stdout, (ended.stderr + ended.stdout)[-600:])
    order("cable", "put")
    before = cards()
    ended = run("--acknowledge", "--count", "2")
    fed = cards()
    new = [fed[feed]["place"] for feed in fed if feed not in before]
    check("the cable is back: the line makes good cards again", ended.returncode == 0 and len(new) >= 2
          and sum(place.startswith("good") for place in new) >= 1, (new, (ended.stderr + ended.stdout)[-600:]))
    camera = status().get("camera") or {}
    check("the camera's counters are in the line's status", camera.get("frames", 0) > 0 and "temperature_tenths" in camera, camera)
    cards()
    judged = subprocess.run(
        ["sakk-judge", "--ledger", str(options.out / "ledger.sqlite"), "--census", str(options.out / "census.json")],
        capture_output=True, text=True)
    check("the books agree with the cards", judged.returncode == 0, judged.stdout + judged.stderr)
    print(f"{failures} failures")
    sys.exit(failures > 0)


main()
