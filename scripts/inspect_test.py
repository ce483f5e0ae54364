"""The judge of scripts/inspect-test: knows jobs and verdicts by their files alone. Its camera is ImageMagick."""
import base64
import hashlib
import json
import os
import pathlib
import stat
import subprocess
import sys
import zlib

SAKK, WORK = sys.argv[1], pathlib.Path(sys.argv[2])
failures = 0


def check(name, good, detail=""):
    global failures
    if not good:
        failures += 1
    print(f"{'ok  ' if good else 'FAIL'} {name}{'' if good else ': ' + str(detail)[:600]}")


def run(*command, ok=(0,), **more):
    result = subprocess.run([str(c) for c in command], capture_output=True, **more)
    if ok is not None and result.returncode not in ok:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {result.returncode}\n{result.stderr.decode()[-2000:]}")
    return result


def documents(product, count):
    folder = WORK / product
    folder.mkdir()
    run(SAKK, "seed", "batch", "--product", product, "--count", count, "--seed", 20261121, "--out", folder / "batch.tar")
    run("tar", "xf", "batch.tar", cwd=folder)
    for index, envelope in enumerate(sorted(folder.glob("*.p7m"))):
        record = envelope.with_suffix(".json")
        run("openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", envelope, "-out", record)
        content = json.loads(record.read_text())
        number = [] if content.get("document_number") else ["--number", f"A1234567{index}"]
        for dpi in (300, 600):
            run(SAKK, "art", "render", "--product", product, "--record", record, *number,
                "--out", folder / f"{index}-{dpi}", "--dpi", dpi, "--fields-json")
        yield folder, index, content


def photograph(drawn, seen, width_mm, height_mm, turn, light, noise, blur=0.9, marks=(), dpi=300):
    """The document without its bleed on a dark table under a lamp that is not even, a little turned, soft and noisy."""
    width, height = round(width_mm * dpi / 25.4), round(height_mm * dpi / 25.4)
    across = 2080 if width_mm < 100 else 2200
    run("convert", drawn, "-gravity", "center", "-crop", f"{width}x{height}+0+0", "+repage", *marks,
        "-resize", f"{across}x{round(across * height_mm / width_mm)}!", "-background", "gray8", "-rotate", turn,
        "-gravity", "center", "-extent", "2448x2048",
        "(", "-size", "2448x2048", f"gradient:gray{light}-gray{light - 9}", ")", "-compose", "multiply", "-composite",
        "-blur", f"0x{blur}", "-seed", "7", "-attenuate", noise, "+noise", "Gaussian", "-depth", "8", f"PNG24:{seen}")


def judge(name, product, fields, jobs, *more):
    file = WORK / f"{name}.jsonl"
    file.write_text("\n".join(json.dumps(job) if isinstance(job, dict) else job for job in jobs) + "\n")
    out = WORK / f"{name}-verdicts.jsonl"
    run(SAKK, "inspect", "--product", product, "--fields", fields, "--in", file, "--out", out, *more)
    verdicts = [json.loads(line) for line in out.read_text().splitlines()]
    check(f"{name}: a verdict of the schema for each job, in order", len(verdicts) == len(jobs) and all(
        list(v) == ["schema", "id", "verdict", "reasons", "milliseconds", "from_capture_milliseconds"] and v["schema"] == "sakk.inspect-verdict/1"
        and v["verdict"] in ("pass", "reject", "cannot_judge") and (v["verdict"] == "pass") == (not v["reasons"])
        and all(list(r) == ["code", "severity", "box_mm", "text"] and len(r["box_mm"]) == 4 for r in v["reasons"])
        and v["id"] == (job.get("id", "") if isinstance(job, dict) else "") for v, job in zip(verdicts, jobs)), verdicts)
    return verdicts


def job(id, side, reference, capture, **more):
    return {"schema": "sakk.inspect-job/1", "id": id, "side": side, "reference": str(reference), "capture": str(capture), **more}


def codes(verdict):
    return {reason["code"] for reason in verdict["reasons"]}


# a card: two people, both sides
CARD = "iq-national-id"
people = list(documents(CARD, 2))
folder = people[0][0]
fields = folder / "0-300" / "fields.json"
zone = run("zbarimg", "--raw", "-q", folder / "0-600" / "back.png").stdout.decode().strip()
mrz = [zone[at:at + 30] for at in (0, 30, 60)]
for index in (0, 1):
    for side in ("front", "back"):
        photograph(folder / f"{index}-300" / f"{side}.png", folder / f"{index}-{side}.png", 85.6, 53.98, 0.8 - index, 96, 0.15)
        photograph(folder / f"{index}-600" / f"{side}.png", folder / f"{index}-{side}-fine.png", 85.6, 53.98, index - 0.6, 92, 0.2,
                   dpi=600)
record = people[0][2]
(folder / "portrait.jpg").write_bytes(base64.b64decode(record["portrait"]["data"]))
signed = {"text": {"document_number": record["document_number"], "national_number": record["national_number"]},
          "portrait": f"{CARD}/portrait.jpg"}
back = {"mrz": mrz, "codes": {"qr": zone}}


def drawn(index, side, dpi=300):
    return f"{CARD}/{index}-{dpi}/{side}.png"


def seen(index, side):
    return f"{CARD}/{index}-{side}.png"


good = judge("good", CARD, fields, [
    job("front", "front", drawn(0, "front"), seen(0, "front")),
    job("back", "back", drawn(0, "back"), seen(0, "back")),
    job("front signed", "front", drawn(0, "front"), seen(0, "front"), px_per_mm=300 / 25.4, expected=signed),
    job("back signed", "back", drawn(0, "back"), seen(0, "back"), px_per_mm=300 / 25.4, expected=back),
    job("front of 600 dpi", "front", drawn(0, "front", 600), seen(0, "front-fine"), px_per_mm=600 / 25.4, expected=signed),
    job("back of 600 dpi", "back", drawn(0, "back", 600), seen(0, "back-fine"), expected=back),
    job("filled", "back", drawn(0, "back"), drawn(0, "back"), expected=back),
])
for verdict in good:
    check(f"a good card passes: {verdict['id']}", verdict["verdict"] == "pass", verdict)
print("     milliseconds, and from the capture:", [(round(v["milliseconds"]), round(v["from_capture_milliseconds"])) for v in good])

# a device that verdicts are written to stays one
device = WORK / "device"
os.mknod(device, stat.S_IFCHR | 0o600, os.makedev(1, 3))
lines = (WORK / "good.jsonl").read_text().splitlines(keepends=True)
(WORK / "one.jsonl").write_text(lines[0])
run(SAKK, "inspect", "--product", CARD, "--fields", fields, "--in", WORK / "one.jsonl", "--out", device)
check("verdicts that nobody wants leave the device a device", stat.S_ISCHR(device.stat().st_mode))

run("convert", folder / "0-front.png", "-colorspace", "gray", folder / "gray.png")
run("convert", folder / "0-front.png", "-rotate", "180", folder / "turned.png")
photograph(folder / "0-300" / "front.png", folder / "scratched.png", 85.6, 53.98, 0.5, 96, 0.15,
           marks=["-stroke", "gray20", "-strokewidth", "3", "-draw", "line 450,150 750,250"])
photograph(folder / "0-300" / "front.png", folder / "soft.png", 85.6, 53.98, 0.5, 96, 0.1, blur=9)
photograph(folder / "0-300" / "front.png", folder / "dark.png", 85.6, 53.98, 0.5, 20, 0.1)
# the dye that takes red away left out of the whole side
photograph(folder / "0-300" / "front.png", folder / "cyan.png", 85.6, 53.98, 0.5, 96, 0.15,
           marks=["-channel", "R", "-evaluate", "max", "90%", "+channel"])
bad = judge("bad", CARD, fields, [
    job("other front", "front", drawn(0, "front"), seen(1, "front")),
    job("other back", "back", drawn(0, "back"), seen(1, "back")),
    job("other record", "back", drawn(1, "back"), seen(1, "back"), expected=back),
    job("other portrait", "front", drawn(1, "front"), seen(1, "front"), expected={"portrait": signed["portrait"]}),
    job("other text", "front", drawn(1, "front"), seen(1, "front"), expected={"text": signed["text"]}),
    job("back for front", "front", drawn(0, "front"), seen(0, "back")),
    job("turned", "front", drawn(0, "front"), f"{CARD}/turned.png"),
    job("grey", "front", drawn(0, "front"), f"{CARD}/gray.png"),
    job("scratch", "front", drawn(0, "front"), f"{CARD}/scratched.png"),
    job("soft", "front", drawn(0, "front"), f"{CARD}/soft.png"),
    job("dark", "front", drawn(0, "front"), f"{CARD}/dark.png"),
    job("no cyan", "front", drawn(0, "front"), f"{CARD}/cyan.png"),
], "--annotate", WORK / "annotated")
wanted = [{"portrait.differs", "field.differs"}, {"mrz.character", "qr.content"}, {"mrz.character", "qr.content"},
          {"portrait.differs"}, {"field.differs"}, set(), {"card.orientation"}, {"frame.grey"}, set(), {"focus"},
          {"exposure.dark"}, set()]
for verdict, reasons in zip(bad, wanted):
    check(f"never passes: {verdict['id']}: {', '.join(sorted(codes(verdict)))}",
          verdict["verdict"] != "pass" and reasons <= codes(verdict), verdict)
sheets = [p for p in (WORK / "annotated").glob("*.png") if p.stem.count("-") == 1]
check("a sheet of each that did not pass", len(sheets) == len(bad), sheets)
crops = {p.name for p in (WORK / "annotated").glob("*.png")} - {p.name for p in sheets}
wanted_crops = {f"{at + 1}-{v['id'].replace(' ', '_')}-{n + 1}-{r['code']}.png"
                for at, v in enumerate(bad) if v["verdict"] == "reject" for n, r in enumerate(v["reasons"])}
check("a crop for each reason of a reject", crops == wanted_crops, crops ^ wanted_crops)

# hostile files and lines
hostile = WORK / "hostile"
hostile.mkdir()
whole = (folder / "0-300" / "front.png").read_bytes()
(hostile / "cut.png").write_bytes(whole[:len(whole) // 2])
(hostile / "empty.png").write_bytes(b"")
(hostile / "text.png").write_bytes(b"no picture" * 99)
# the header says 60,000 by 60,000
(hostile / "huge.png").write_bytes(whole[:16] + (60000).to_bytes(4, "big") * 2 + whole[24:])
for name, size, colour in (("black", "2448x2048", "black"), ("white", "2448x2048", "white"), ("one", "1x1", "gray50"),
                           ("line", "9000x2", "gray50"), ("flat", "1016x648", "white"), ("night", "1016x648", "black")):
    run("convert", "-size", size, f"xc:{colour}", f"PNG24:{hostile / name}.png")
run("convert", "-size", "1016x648", "plasma:", "-depth", "16", hostile / "sixteen.png")
run("convert", "-size", "1016x648", "plasma:fractal", "-depth", "8", f"PNG24:{hostile / 'other.png'}")
names = [p.name for p in sorted(hostile.iterdir())] + ["missing.png", "../hostile", "../../../../dev/zero", ""]
jobs = [job(f"capture {n}", "front", drawn(0, "front"), f"hostile/{n}") for n in names]
jobs += [job(f"reference {n}", "front", f"hostile/{n}", seen(0, "front")) for n in names]
jobs += ["{", "[]", "null", '"x"', '{"schema":"sakk.inspect-job/1"}', "\u0000\ufffd"]
jobs += [job("side", "left", drawn(0, "front"), seen(0, "front")),
         job("scale", "front", drawn(0, "front"), seen(1, "front"), px_per_mm=-1e300)]
for verdict in judge("hostile", CARD, fields, jobs):
    check(f"never passes: {verdict['id'] or 'no job'}: {', '.join(sorted(codes(verdict)))}",
          verdict["verdict"] != "pass", verdict)

# why
explain = [SAKK, "inspect", "explain", "--product", CARD, "--fields", fields, "--in", WORK / "good.jsonl"]
said = json.loads(run(*explain, "front signed", "--json").stdout)
check("explain gives measures with limits, all kept by a good card", said["verdict"] == "pass" and any(
    m["at_least"] is not None for m in said["measures"]) and all(m["holds"] for m in said["measures"]), said)
check("explain in words", b"front.portrait " in run(*explain, "front signed").stdout)
check("explain of no job", run(*explain, "nobody", ok=(3,)).returncode == 3)

# limits from good cards: never from one picture twice, never from what is tested with
calibrate = [SAKK, "inspect", "calibrate", "--product", CARD, "--fields", fields, "--out", WORK / "limits.yaml"]
captures = []
for number in range(20):
    seed = folder / f"good-{number}.png"
    run("convert", folder / "0-front.png", "-seed", number, "-attenuate", "0.05", "+noise", "Gaussian", "-depth", "8", f"PNG24:{seed}")
    captures.append(job(f"good {number}", "front", drawn(0, "front"), f"{CARD}/{seed.name}"))


def calibration(name, jobs):
    (WORK / f"{name}.jsonl").write_text("\n".join(json.dumps(j) for j in jobs) + "\n")
    (WORK / "limits.yaml").unlink(missing_ok=True)
    return run(*calibrate, "--in", WORK / f"{name}.jsonl", ok=None)


done = calibration("calibrate", captures)
text = (WORK / "limits.yaml").read_text() if done.returncode == 0 else ""
named = {hashlib.sha256((WORK / j["capture"]).read_bytes()).hexdigest().upper() for j in captures}
check("limits name the captures they come from, with margins",
      all(f"#   {digest} " in text for digest in named) and "margin" in text and b"margin" in done.stdout, done)
again = folder / "again.png"
run("convert", folder / "good-3.png", "-define", "png:compression-level=1", f"PNG24:{again}")
done = calibration("repeated", captures + [job("again", "front", drawn(0, "front"), f"{CARD}/again.png")])
check("a picture that is there twice, encoded anew: refused, nothing written",
      done.returncode != 0 and b"again (as good 3)" in done.stderr and not (WORK / "limits.yaml").exists(), done)
marked = (folder / "good-0.png").read_bytes()
content = b"tEXtSakk-Seeds\0test"
chunk = (len(content) - 4).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")
(folder / "tested.png").write_bytes(marked[:33] + chunk + marked[33:])
done = calibration("tested", captures[1:] + [job("tested", "front", drawn(0, "front"), f"{CARD}/tested.png")])
check("captures of the test seeds: refused, nothing written",
      done.returncode != 0 and b"tested" in done.stderr and not (WORK / "limits.yaml").exists(), done)

# a passport's page, which fills the picture or lies on a table
PAGE = "iq-passport-regular"
[(folder, _, record), _] = list(documents(PAGE, 2))
fields = folder / "0-300" / "fields.json"
for index in (0, 1):
    photograph(folder / f"{index}-300" / "front.png", folder / f"seen-{index}.png", 125, 88, 0.4, 96, 0.15)
page = judge("page", PAGE, fields, [
    job("page", "front", f"{PAGE}/0-300/front.png", f"{PAGE}/seen-0.png"),
    job("page filled", "front", f"{PAGE}/0-300/front.png", f"{PAGE}/0-300/front.png"),
    job("other page", "front", f"{PAGE}/0-300/front.png", f"{PAGE}/seen-1.png"),
])
check("a good page passes", page[0]["verdict"] == "pass" and page[1]["verdict"] == "pass", page[:2])
check("another page is rejected", {"mrz.character", "portrait.differs"} <= codes(page[2]), page[2])

print(f"{failures} failures")
sys.exit(failures > 0)
