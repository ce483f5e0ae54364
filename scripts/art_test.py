"""The judge of scripts/art-test: knows documents by their files alone. Only the standard library and other people's programs."""
import filecmp
import json
import pathlib
import re
import shutil
import subprocess
import sys

SAKK, WORK = sys.argv[1], pathlib.Path(sys.argv[2])
ROOT = pathlib.Path.cwd()
failures = 0


def check(name, good, detail=""):
    global failures
    if not good:
        failures += 1
    print(f"{'ok  ' if good else 'FAIL'} {name}{'' if good else ': ' + str(detail)}")


def run(*command, ok=(0,), **more):
    result = subprocess.run([str(c) for c in command], capture_output=True, **more)
    if ok is not None and result.returncode not in ok:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {result.returncode}\n{result.stderr.decode()[-2000:]}")
    return result


def records(product, count):
    folder = WORK / f"records-{product}"
    if folder.exists():
        return sorted(folder.glob("*.json"))[:count]
    folder.mkdir()
    run(SAKK, "seed", "batch", "--product", product, "--count", count, "--seed", 20261121, "--out", folder / "batch.tar")
    run("tar", "xf", "batch.tar", cwd=folder)
    files = []
    (folder / "manifest.json").unlink()
    for envelope in sorted(folder.glob("*.p7m")):
        run("openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", envelope, "-out", envelope.with_suffix(".json"))
        files.append(envelope.with_suffix(".json"))
    return files


def render(profile, record, out, *more):
    run(SAKK, "art", "render", "--product", profile, "--record", record, "--out", out, "--panels", "--fields-json",
        "--number", "A12345678", *more)
    return out


def gray(file):
    """Width, height and one byte a pixel."""
    size = run("identify", "-format", "%w %h", file).stdout.split()
    return int(size[0]), int(size[1]), run("convert", file, "-depth", "8", "gray:-").stdout


def same(one, other):
    names = sorted(p.name for p in one.iterdir())
    return names == sorted(p.name for p in other.iterdir()) and not filecmp.cmpfiles(one, other, names, shallow=False)[1]


def recombined(out, stock, side, dpi):
    """The side as ImageMagick makes it of stock and panels; the largest difference to ours, in levels of 255."""
    letters = [p.stem.split("-")[1] for p in out.glob(f"{side}-?.png")]
    command = ["convert", stock]
    if "c" in letters:
        command += ["("] + [str(out / f"{side}-{ink}.png") for ink in "cmy"]
        command += ["-colorspace", "gray", "-negate", "-set", "colorspace", "sRGB", "-combine", ")",
                    "-compose", "multiply", "-composite"]
    command += ["(", str(out / f"{side}-k.png"), "-negate", ")", "-compose", "multiply", "-composite"]
    command += [str(out / f"{side}.png"), "-compose", "difference", "-composite", "-format", "%[fx:round(255*maxima)]", "info:"]
    return int(run(*command).stdout)


def ink_outside_fields(out, side, dpi, card):
    fields = [f for f in json.loads((out / "fields.json").read_text())["fields"] if f["side"] == side]
    outside = 0
    for file in out.glob(f"{side}-[ymck].png"):
        width, height, pixels = gray(file)
        scale = dpi / 25.4
        left, top = (width - card[0] * scale) / 2, (height - card[1] * scale) / 2
        rows = [bytearray(pixels[y * width:(y + 1) * width]) for y in range(height)]
        for field in fields:
            x, y, w, h = field["rect_mm"]
            first, last = max(int(left + x * scale) - 2, 0), min(int(left + (x + w) * scale) + 3, width)
            for row in range(max(int(top + y * scale) - 2, 0), min(int(top + (y + h) * scale) + 3, height)):
                rows[row][first:last] = bytes(last - first)
        outside += sum(1 for row in rows for pixel in row if pixel)
    return outside


def products():
    for profile in sorted((ROOT / "profiles").glob("*/profile.yaml")):
        text = profile.read_text()
        if "\nprint:" not in text:
            continue
        name = profile.parent.name
        card = (125, 88) if "format: TD3" in text else (85.6, 53.98)
        check(f"{name}: art check", run(SAKK, "art", "check", profile.parent, ok=None).returncode == 0)
        for number, record in enumerate(records(name, 2)):
            for dpi in (300, 600) if number == 0 else (300,):
                seal = []
                if 'data-kind="vds"' in "".join(p.read_text() for p in (profile.parent / "artwork").glob("*.svg")):
                    key = WORK / "seal.pem"
                    if not key.exists():
                        run("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", key)
                    bare = [render(profile.parent, record, WORK / f"{name}-{number}-{dpi}-{n}", "--dpi", dpi) for n in "st"]
                    check(f"{name}: without a key a specimen's seal, the same twice",
                          bare[0].joinpath("seal.bin").read_bytes() == bare[1].joinpath("seal.bin").read_bytes())
                    first = render(profile.parent, record, WORK / f"{name}-{number}-{dpi}-a", "--dpi", dpi, "--seal-key", key)
                    seal = ["--seal-key", key]
                else:
                    first = render(profile.parent, record, WORK / f"{name}-{number}-{dpi}-a", "--dpi", dpi)
                again = render(profile.parent, record, WORK / f"{name}-{number}-{dpi}-b", "--dpi", dpi, *seal)
                check(f"{name}: record {number}, {dpi} dpi, two processes draw the same bytes", same(first, again))
                stock = WORK / f"stock-{name}-{dpi}"
                if not stock.exists():
                    run(SAKK, "art", "stock", "--profile", profile.parent, "--out", stock, "--dpi", dpi)
                for side in ("front", "back"):
                    if not (first / f"{side}.png").exists():
                        continue
                    levels = recombined(first, stock / f"stock-{side}.png", side, dpi)
                    check(f"{name}: {side}, {dpi} dpi, stock and panels make the side", levels <= 1, f"{levels} levels apart")
                    if dpi == 300:
                        left = ink_outside_fields(first, side, dpi, card)
                        check(f"{name}: {side}, no ink outside the fields", left == 0, f"{left} dots")


def temporary_product(name, change=lambda text: text):
    """A card product of its own: the national card's profile with another product's artwork."""
    folder = WORK / "profiles" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    profile = (ROOT / "profiles/iq-national-id/profile.yaml").read_text()
    (folder / "profile.yaml").write_text(profile.replace("product: iq-national-id", f"product: {name}"))
    shutil.copytree(ROOT / "profiles" / name / "artwork", folder / "artwork")
    for drawing in folder.glob("artwork/*.svg"):
        drawing.write_text(change(drawing.read_text()))
    return folder


def der(plain):
    def number(data):
        data = data.lstrip(b"\0") or b"\0"
        data = (b"\0" if data[0] & 0x80 else b"") + data
        return bytes([2, len(data)]) + data
    half = len(plain) // 2
    body = number(plain[:half]) + number(plain[half:])
    return bytes([0x30, len(body)]) + body


def codes():
    record = records("iq-national-id", 1)[0]
    zone_out = render(ROOT / "profiles/iq-national-id", record, WORK / "codes-id")
    number = "A12345678"
    qr = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", zone_out / "back.png").stdout.decode().strip()
    check("ZBar reads the zone of 90 characters", len(qr) == 90 and number in qr)
    profile = temporary_product("iq-residence-card")
    key, public = WORK / "codes.pem", WORK / "codes.pub.pem"
    run("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", key)
    run("openssl", "ec", "-in", key, "-pubout", "-out", public)
    for dpi in (300, 600):
        out = render(profile, record, WORK / f"codes-{dpi}", "--dpi", dpi, "--seal-key", key, "--seal-signer", "UTTS",
                     "--seal-certificate", "5B")
        bar = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Scode39.enable", out / "back.png").stdout.decode().strip()
        check(f"{dpi} dpi: ZBar reads Code 39", bar == number, bar)
        picture = WORK / f"seal-{dpi}.png"
        run("convert", out / "back.png", "-crop", "34%x57%+0+0", "+repage", picture)
        seal = run("dmtxread", "-N1", picture).stdout
        check(f"{dpi} dpi: libdmtx reads the seal's bytes", seal == (out / "seal.bin").read_bytes(), len(seal))
        lines = run("ZXingReader", "-format", "DATA_MATRIX", picture, ok=None).stdout.decode(errors="replace")
        check(f"{dpi} dpi: ZXing sees a Data Matrix", "DataMatrix" in lines, lines)
    check("the seal says version, state, signer UTTS, certificate 5B", seal[:10].hex() == "dc03d9c5d9cac8a73a99", seal[:10].hex())
    (WORK / "signed").write_bytes(seal[:-66])
    (WORK / "signature").write_bytes(der(seal[-64:]))
    verified = run("openssl", "dgst", "-sha256", "-verify", public, "-signature", WORK / "signature", WORK / "signed", ok=None)
    check("OpenSSL verifies the seal's signature", verified.returncode == 0)
    (WORK / "signed").write_bytes(seal[:-67] + b"\0")
    verified = run("openssl", "dgst", "-sha256", "-verify", public, "-signature", WORK / "signature", WORK / "signed", ok=None)
    check("and refuses another message", verified.returncode != 0)


QR = r'x="4" y="7.6" width="21" height="21" fill="none" data-field="qr"'
REFUSED = [
    ("a font that nobody has", 'data-font="Noto Sans"', 'data-font="Utopia Sans"', "artwork.font.missing"),
    ("a field out of the card", 'x="39" y="46.65"', 'x="69" y="46.65"', "artwork.template.field"),
    ("a zone off the grid", 'width="76.2" height="19.05"', 'width="75" height="19.05"', "artwork.mrz.grid"),
    ("a zone too far right", 'x="4.7" y="32.855"', 'x="5.9" y="32.855"', "artwork.mrz.grid"),
    ("a picture from elsewhere", '<g id="stock">', '<g id="stock"><use xmlns:xlink="http://www.w3.org/1999/xlink" '
     'xlink:href="http://127.0.0.1/a.svg#a"/>', "artwork.template.reference"),
    ("a quiet zone too small", QR, QR.replace('width="21" height="21"', 'width="15" height="15"'), "artwork.code.size"),
    ("a field in the quiet zone", 'x="29.5" y="9.70"', 'x="20.5" y="9.70"', "artwork.field.overlap"),
    ("fields over the contacts", 'viewBox="0 0 85.6 53.98">', 'viewBox="0 0 85.6 53.98" data-contacts="yes">',
     "artwork.field.contacts"),
    ("an unknown field", 'data-field="blood_group"', 'data-field="shoe_size"', "artwork.template.field"),
    ("a script", '<g id="stock">', '<g id="stock"><script>1</script>', "artwork.template.element"),
    ("an entity bomb", "<svg ", '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg ', "artwork.template.xml"),
    ("an inclusion", '<g id="stock">', '<g id="stock"><xi:include href="/etc/passwd"/>', "artwork.template.element"),
    ("a use within itself", '<g id="stock">', '<g id="stock"><g id="q"><use href="#q"/></g>', "artwork.template.loop"),
    ("a huge drawing", 'width="85.6mm" height="53.98mm"', 'width="99999999mm" height="53.98mm"', "artwork.template.root"),
    ("a huge shape", '<g id="stock">', '<g id="stock"><rect width="1e12" height="1"/>', "artwork.template.size"),
    ("dark art under the zone", '<g id="personal">', '</g><g id="x">', None),
]


def refusals():
    for name, old, new, code in REFUSED:
        if code is None:
            old, new, code = "  </g>\n  <g id=\"personal\">", '<rect x="0" y="40" width="85" height="2" fill="#555"/></g>\n<g id="personal">', \
                "artwork.field.background"
        folder = temporary_product("iq-national-id", lambda text: text.replace(old, new, 1))
        result = run(SAKK, "art", "check", folder, ok=None)
        words = result.stderr.decode()
        told = re.search(r"\.svg: Line \d+.*\n    \S.*\[" + re.escape(code) + r"\]", words)
        check(f"refused: {name}", result.returncode == 1 and told, f"exit {result.returncode}: {words[:300]}")
    folder = temporary_product("iq-national-id")
    pins = folder / "artwork/fonts.sha256"
    text = pins.read_text()
    pins.write_text("0" * 64 + text[64:])
    words = run(SAKK, "art", "check", folder, ok=None).stderr.decode()
    check("refused: a font file with another hash, both hashes told", "artwork.font.other" in words and "0" * 64 in words
          and text[:64] in words, words[:300])
    check("the fonts' hashes are those of sha256sum's format",
          run(SAKK, "art", "fonts", folder).stdout.decode() == text)


products()
codes()
refusals()
print(f"art-test: {failures} failed", file=sys.stderr)
sys.exit(1 if failures else 0)
