"""The judge of scripts/panels-test: received panels by ImageMagick against the document that the books say they are of."""
import json
import pathlib
import subprocess
import sys

WORK = pathlib.Path(sys.argv[1])
# family, dots per inch that it was given, the most that a dot of colour may differ in levels of 255 (its bits), product
CELLS = {
    "cell-1": ("g-printec-xid", 300, 1, "iq-national-id"),
    "cell-2": ("evolis-esc", 300, 2, "iq-national-id"),
    "cell-3": ("g-printec-xid", 600, 2, "iq-national-id"),
    "cell-4": ("magicard", 300, 3, "iq-national-id"),
    "cell-5": ("ixla-xml", 300, 0, "iq-passport-regular"),
}
failures = 0


def check(name, good, detail=""):
    global failures
    failures += not good
    print(f"{'ok  ' if good else 'FAIL'} {name}{'' if good else ': ' + str(detail)}")


def run(*command, **more):
    result = subprocess.run([str(word) for word in command], capture_output=True, **more)
    if result.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {result.returncode}\n{result.stderr.decode()[-2000:]}")
    return result.stdout


def records(batch):
    folder = WORK / f"records-{batch}"
    folder.mkdir()
    run("tar", "xf", WORK / f"{batch}.tar", cwd=folder)
    found = {}
    for envelope in sorted(folder.glob("*.p7m")):
        content = envelope.with_suffix(".json")
        run("openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", envelope, "-out", content)
        found[json.loads(content.read_text())["national_number"]] = content
    return found


def differs(one, other):
    """The most that two grey pictures differ, in levels of 255."""
    return int(run("convert", one, other, "-compose", "difference", "-composite", "-format", "%[fx:round(255*maxima)]", "info:"))


def mean(one, other):
    text = run("convert", one, other, "-compose", "difference", "-composite", "-format", "%[fx:255*mean]", "info:")
    return float(text)


def recombined(stock, panels, target):
    """Stock and received panels on each other, as ink lies on paper."""
    command = ["convert", stock]
    if "c" in panels:
        command += ["(", *[panels[ink] for ink in "cmy"], "-colorspace", "gray", "-negate", "-set", "colorspace", "sRGB", "-combine", ")",
                    "-compose", "multiply", "-composite"]
    run(*command, "(", panels["k"], "-negate", ")", "-compose", "multiply", "-composite", target)
    return target


def outside(file, fields, side, card):
    width, height = map(int, run("identify", "-format", "%w %h", file).split())
    pixels = run("convert", file, "-depth", "8", "gray:-")
    scale = 300 / 25.4
    left, top = (width - card[0] * scale) / 2, (height - card[1] * scale) / 2
    rows = [bytearray(pixels[y * width:(y + 1) * width]) for y in range(height)]
    for field in fields:
        if field["side"] != side:
            continue
        x, y, w, h = field["rect_mm"]
        first, last = max(int(left + x * scale) - 2, 0), min(int(left + (x + w) * scale) + 3, width)
        for row in range(max(int(top + y * scale) - 2, 0), min(int(top + (y + h) * scale) + 3, height)):
            rows[row][first:last] = bytes(last - first)
    return sum(1 for row in rows for pixel in row if pixel)


def as_received(drawn, ink, dpi, target):
    """A drawn panel as a machine with two levels of black, and a world of 300 dpi, must have got it."""
    command = ["convert", drawn]
    if ink in "ko" and "laser" not in str(target):
        command += ["-threshold", "50%"]
    if dpi == 600:
        command += ["-filter", "box", "-resize", "50%"]
    run(*command, "-depth", "8", target)
    return target


def examine(card, record, stocks):
    family, dpi, limit, product = CELLS[card["cell"]]
    name = f"{card['cell']} {family} {dpi} dpi, card {card['card']}"
    number = card["chip"]["dg1_mrz"][5:14] if product == "iq-national-id" else card["booklet"]
    drawn = WORK / f"drawn-{card['card']}"
    seen = drawn if dpi == 300 else WORK / f"seen-{card['card']}"
    for folder, density in {drawn: dpi, seen: 300}.items():
        run("sakk", "art", "render", "--product", product, "--record", record, "--number", number, "--out", folder,
            "--panels", "--fields-json", "--dpi", density)
    fields = json.loads((seen / "fields.json").read_text())["fields"]
    size = (125, 88) if product.startswith("iq-passport") else (85.6, 53.98)
    for side in ("front", "back"):
        received = {file.stem[-1]: file for file in (WORK / "census").glob(f"card-{card['card']}-{side}-?.png")}
        if not received:
            continue
        for ink, file in sorted(received.items()):
            target = WORK / f"{'laser-' if product.startswith('iq-passport') else ''}wanted-{card['card']}-{side}-{ink}.png"
            wanted = as_received(drawn / f"{side}-{ink}.png", ink, dpi, target)
            most = 1 if dpi == 600 else limit if ink in "ymc" else 0
            levels = differs(file, wanted)
            check(f"{name}: {side} {ink} is the drawn panel", levels <= max(most, limit if ink in "ymc" else most), f"{levels} levels")
            if ink != "o":
                dots = outside(file, fields, side, size)
                check(f"{name}: {side} {ink} has nothing of the stock", dots == 0, f"{dots} dots outside the fields")
        whole = recombined(stocks / f"stock-{side}.png", received, WORK / f"whole-{card['card']}-{side}.png")
        if dpi == 300:
            levels = differs(whole, seen / f"{side}.png")
            check(f"{name}: {side} comes out of stock and received panels", levels <= limit + 1, f"{levels} levels")
        else:
            apart = mean(whole, seen / f"{side}.png")
            check(f"{name}: {side} comes out of stock and received panels, finer than seen", apart < 4, f"{apart} levels in the mean")


def main():
    cards = json.loads((WORK / "census.json").read_text())["cards"]
    good = [card for card in cards if card["place"].startswith("good")]
    books = {"iq-national-id": records("cards"), "iq-passport-regular": records("booklets")}
    stocks = {}
    for product in books:
        stocks[product] = WORK / f"stock-{product}"
        run("sakk", "art", "stock", "--profile", f"profiles/{product}", "--out", stocks[product], "--dpi", 300)
    for cell, (family, _, _, product) in CELLS.items():
        mine = [card for card in good if card["cell"] == cell]
        check(f"{cell} {family}: a good document", mine)
        for card in mine[:1]:
            zone = card["chip"]["dg1_mrz"]
            person = zone[15:30] if product == "iq-national-id" else zone[72:86]
            examine(card, books[product][person.strip("<")], stocks[product])
    sys.exit(failures > 0)


main()
