#!/usr/bin/env python3
"""Makes the invented authority that fingers open to, and the plant's inspection system: card verifiable certificates of ICAO Doc
9303-12 clause 7.2 (BSI TR-03110 part 3), ECDSA on P-256 with SHA-256. Keys and signatures by the openssl command line.

    make-inspection.py [FOLDER] [--request FILE]   FOLDER: where to write, this folder if not given

With `--request` the inspection system's key is the one of a request (`sakk keys request --holder`), and no key is written.
"""

import argparse
import pathlib
import re
import subprocess
import tempfile

# id-TA-ECDSA-SHA-256 and id-IS
ALGORITHM = bytes.fromhex("04007F00070202020203")
INSPECTION = bytes.fromhex("04007F000703010201")
# bits of the certificate holder authorisation: role above, irises and fingers below
AUTHORITY, VERIFIER, TERMINAL, FINGERS = 0xC0, 0x80, 0x00, 0x01


def openssl(*words, data=None):
    return subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True, check=True).stdout


def tlv(tag, *parts):
    value = b"".join(parts)
    size = len(value)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
    return bytes.fromhex(tag) + length + value


def digits(date):
    return bytes(int(character) for character in date)


def domain(key):
    """Objects 81 to 85 and 87 of the key's curve, as openssl writes its parameters out."""
    text = openssl("pkey", "-in", key, "-noout", "-text", "-ec_param_enc", "explicit").decode()

    def number(name):
        field = re.search(rf"^{name}[^:]*:\s*\n((?:\s+[0-9a-f:]+\n)+)", text, re.M).group(1)
        return bytes.fromhex(re.sub(r"[^0-9a-f]", "", field))

    def whole(value):
        return value.lstrip(b"\0").rjust(32, b"\0")

    base = number("Generator")
    return [tlv("81", whole(number("Prime"))), tlv("82", whole(number("A"))), tlv("83", whole(number("B"))),
            tlv("84", base), tlv("85", whole(number("Order")))], tlv("87", b"\1")


def point_of(key):
    return openssl("pkey", "-in", key, "-pubout", "-outform", "DER", "-ec_param_enc", "named_curve")[-65:]


def objects(data):
    """Tags and values of BER-TLV that lies side by side, and the bytes of each object."""
    found, place = {}, 0
    while place < len(data):
        start, width = place, 2 if data[place] & 0x1F == 0x1F else 1
        tag = data[place : place + width].hex().upper()
        place += width
        size = data[place]
        place += 1
        if size > 0x80:
            more = size & 0x7F
            size = int.from_bytes(data[place : place + more], "big")
            place += more
        found[tag] = data[place : place + size], data[start : place + size]
        place += size
    return found


def requested(path, work):
    """Holder and point of a request on P-256 that its own key signed (BSI TR-03110-3 C.2.1)."""
    outer = objects(objects(path.read_bytes())["7F21"][0])
    fields = objects(outer["7F4E"][0])
    key = objects(fields["7F49"][0])
    if key["06"][0] != ALGORITHM or key["85"][0].hex() != "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551":
        raise SystemExit("the request is for another curve or hash")
    point, plain = key["86"][0], outer["5F37"][0]
    public, signature = pathlib.Path(work) / "request.der", pathlib.Path(work) / "request.sig"
    public.write_bytes(bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + point)
    numbers = [half if half[0] < 0x80 else b"\0" + half for half in (plain[:32].lstrip(b"\0"), plain[32:].lstrip(b"\0"))]
    signature.write_bytes(tlv("30", *[tlv("02", number) for number in numbers]))
    openssl("dgst", "-sha256", "-verify", public, "-keyform", "DER", "-signature", signature, data=outer["7F4E"][1])
    return fields["5F20"][0].decode(), point


def certificate(key, point, holder, role, authority, signer):
    before, after = domain(key) if role == AUTHORITY else ([], b"")
    body = tlv("7F4E", tlv("5F29", b"\0"), tlv("42", authority.encode()),
               tlv("7F49", tlv("06", ALGORITHM), *before, tlv("86", point), after), tlv("5F20", holder.encode()),
               tlv("7F4C", tlv("06", INSPECTION), tlv("53", bytes([role | FINGERS]))),
               tlv("5F25", digits("260101")), tlv("5F24", digits("560101")))
    signed = openssl("dgst", "-sha256", "-sign", signer, data=body)
    parts = re.findall(r"INTEGER\s*:([0-9A-F]+)", openssl("asn1parse", "-inform", "DER", data=signed).decode())
    plain = b"".join(bytes.fromhex(part.rjust(64, "0")) for part in parts)
    return tlv("7F21", body, tlv("5F37", plain))


def main():
    words = argparse.ArgumentParser()
    words.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    words.add_argument("--request", type=pathlib.Path)
    words = words.parse_args()
    target, mark = words.folder, pathlib.Path(__file__).parent / "SPECIMEN"
    inspection = target / "inspection"
    inspection.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        keys = [pathlib.Path(work) / f"{name}.pem" for name in ("authority", "verifier", "terminal")]
        for key in keys:
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        authority, verifier, terminal = keys
        names = "UTCVCA00001", "UTDVTEST001", "UTISTEST001"
        holder, point = requested(words.request, work) if words.request else (names[2], point_of(terminal))
        (target / "cvca.cvcert").write_bytes(
            certificate(authority, point_of(authority), names[0], AUTHORITY, names[0], authority))
        (inspection / "1-verifier.cvcert").write_bytes(
            certificate(verifier, point_of(verifier), names[1], VERIFIER, names[0], authority))
        (inspection / "2-terminal.cvcert").write_bytes(certificate(terminal, point, holder, TERMINAL, names[1], verifier))
        if not words.request:
            (inspection / "key.pem").write_bytes(terminal.read_bytes())
    for folder in {target, inspection}:
        if not (folder / "SPECIMEN").exists():
            (folder / "SPECIMEN").write_text(mark.read_text())


if __name__ == "__main__":
    main()
