"""A strict second reader of a document's files (ICAO Doc 9303-3 to -6, -10, -11, -12; must and should), written apart from the
program's own: what it finds in a document that we issue is a fault. Signatures are OpenSSL's to judge.

    python3 scripts/lds_judge.py FOLDER CSCA.pem [--flip]     FOLDER as `sakk chip read --files` writes it

`--flip` changes each byte of EF.SOD and EF.COM in turn: every one of them must be found.
"""

import datetime
import hashlib
import pathlib
import subprocess
import sys
import tempfile

GROUPS = {1: 0x61, 2: 0x75, 3: 0x63, 4: 0x76, 5: 0x65, 6: 0x66, 7: 0x67, 8: 0x68, 9: 0x69, 10: 0x6A, 11: 0x6B, 12: 0x6C,
          13: 0x6D, 14: 0x6E, 15: 0x6F, 16: 0x70}
DIGESTS = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512",
           "2.16.840.1.101.3.4.2.4": "sha224"}
SIGNATURES = {"1.2.840.10045.4.3.1": "sha224", "1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384",
              "1.2.840.10045.4.3.4": "sha512"}


class Fault(Exception):
    pass


def want(truth, text):
    if not truth:
        raise Fault(text)


class Object:
    """One object of DER; tags of more bytes as they stand."""

    def __init__(self, tag, header, value):
        self.tag, self.header, self.value = tag, header, value
        self.encoded = header + value

    def children(self):
        return parse_all(self.value)


def parse(data, place):
    start = place
    want(place < len(data), "an object is cut")
    tag = data[place]
    place += 1
    if tag & 0x1F == 0x1F:
        while True:
            want(place < len(data), "a tag is cut")
            tag = tag << 8 | data[place]
            place += 1
            if not data[place - 1] & 0x80:
                break
    want(place < len(data), "a length is cut")
    length = data[place]
    place += 1
    if length >= 0x80:
        count = length & 0x7F
        want(1 <= count <= 3 and place + count <= len(data), "a length that DER does not have")
        length = int.from_bytes(data[place : place + count], "big")
        want(length >= 0x80 and length >> (8 * (count - 1)), "a length is not the shortest")
        place += count
    want(place + length <= len(data), "an object is longer than what it lies in")
    return Object(tag, data[start:place], data[place : place + length]), place + length


def parse_all(data):
    place, found = 0, []
    while place < len(data):
        one, place = parse(data, place)
        found.append(one)
    return found


def only(data, tag, what):
    found = parse_all(data)
    want(len(found) == 1 and found[0].tag == tag, f"{what} is not one object {tag:X}")
    return found[0]


def oid(one):
    want(one.tag == 6 and one.value, "no object identifier")
    arcs, number = [], 0
    for byte in one.value:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first] + arcs[1:]))


def integer(one):
    want(one.tag == 2 and one.value, "no INTEGER")
    want(len(one.value) == 1 or one.value[0] not in (0, 0xFF) or (one.value[0] ^ one.value[1]) & 0x80, "an INTEGER is not the shortest")
    return int.from_bytes(one.value, "big", signed=True)


def in_order(objects, what):
    encodings = [one.encoded for one in objects]
    want(encodings == sorted(encodings) and len(set(encodings)) == len(encodings), f"{what}: a SET OF is not in order")


def moment(one):
    text = one.value.decode("ascii")
    want(text.endswith("Z") and (one.tag, len(text)) in ((0x17, 13), (0x18, 15)), "a time is not UTC with seconds")
    if one.tag == 0x17:
        text = ("20" if text < "5" else "19") + text
    else:
        want(text >= "2050", "GeneralizedTime before 2050")
    return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ")


def verifies(info, digest, signature, message):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "s").write_bytes(signature)
        (path / "m").write_bytes(message)
        (path / "k").write_bytes(info)
        return subprocess.run(
            ["openssl", "dgst", f"-{digest}", "-verify", path / "k", "-keyform", "DER", "-signature", path / "s", path / "m"],
            capture_output=True).returncode == 0


def digit(field):
    value = lambda c: 0 if c == "<" else int(c) if c.isdigit() else ord(c) - 55
    return str(sum(value(c) * (7, 3, 1)[i % 3] for i, c in enumerate(field)) % 10)


def curve(algorithm, what):
    """9303-12 7.1.1 and RFC 3279: parameters written out, with the cofactor; points uncompressed."""
    parts = algorithm.children()
    want(oid(parts[0]) == "1.2.840.10045.2.1" and parts[1].tag == 0x30, f"{what}: no explicit curve parameters")
    fields = parts[1].children()
    want(len(fields) == 6 and integer(fields[0]) == 1, f"{what}: ECParameters are not version 1 with a cofactor")
    want(integer(fields[5]) == 1 and fields[3].value[0] == 4, f"{what}: cofactor or base point")
    field = fields[1].children()
    want(oid(field[0]) == "1.2.840.10045.1.1", f"{what}: not over a prime field")
    width = (integer(field[1]).bit_length() + 7) // 8
    want(all(len(one.value) == width for one in fields[2].children()[:2]), f"{what}: coefficients are not of the field's width")
    return width


def key_info(info, what, smallest=256):
    parts = info.children()
    want(len(parts) == 2 and parts[1].tag == 3 and parts[1].value[0] == 0, f"{what}: no SubjectPublicKeyInfo")
    algorithm = parts[0].children()
    if oid(algorithm[0]) == "1.2.840.113549.1.1.1":
        want(algorithm[1].encoded == b"\x05\x00", f"{what}: RSA parameters are not NULL")
        return "rsa"
    width = curve(parts[0], what)
    want(width * 8 >= smallest - 8, f"{what}: a curve of {width * 8} bits")
    want(parts[1].value[1] == 4 and len(parts[1].value) == 2 + 2 * width, f"{what}: the point is not uncompressed")
    return "ec"


def zone(file):
    lines = only(only(file, 0x61, "EF.DG1").value, 0x5F1F, "EF.DG1").value.decode("ascii")
    want(all(c == "<" or c.isdigit() or "A" <= c <= "Z" for c in lines), "zone: a character that it does not have")
    if len(lines) == 90:
        one, two, three = lines[:30], lines[30:60], lines[60:]
        code, state, number, names = one[:2], one[2:5], one[5:14], three
        birth, sex, expiry, nationality = two[:7], two[7], two[8:15], two[15:18]
        composite, last = one[5:30] + two[0:7] + two[8:15] + two[18:29], two[29]
        want(code[0] in "ACI" and code[1] != "V", "zone: document code")
        want(one[14] == digit(number) or one[14] == "<" and number[8] != "<", "zone: digit of the number")
    elif len(lines) == 88:
        one, two = lines[:44], lines[44:]
        code, state, number, names = one[:2], one[2:5], two[:9], one[5:]
        birth, sex, expiry, nationality = two[13:20], two[20], two[21:28], two[10:13]
        composite, last = two[0:10] + two[13:20] + two[21:43], two[43]
        want(code[0] == "P" and two[9] == digit(number), "zone: document code or digit of the number")
        optional = two[28:42]
        want(two[42] == (digit(optional) if optional.strip("<") else two[42]) and two[42] in "<0123456789", "zone: digit of optional data")
    else:
        raise Fault(f"zone of {len(lines)} characters")
    want(last == digit(composite), "zone: composite digit")
    for field in (birth, expiry):
        want(field[6] == digit(field[:6]), "zone: digit of a date")
        datetime.datetime.strptime(field[:6], "%y%m%d")
    want(sex in "FM<" and all("A" <= c <= "Z" for c in (state + nationality).rstrip("<")), "zone: sex or state")
    text = names.rstrip("<")
    want(text and not text.startswith("<") and text.count("<<") <= 1 and "<<<" not in text, "zone: form of the names")
    want(not any(c.isdigit() for c in text), "zone: a digit in the names")
    return code.rstrip("<"), state.rstrip("<"), datetime.datetime.strptime("20" + expiry[:6], "%Y%m%d")


def face(file):
    group = only(only(file, 0x75, "EF.DG2").value, 0x7F61, "EF.DG2").children()
    want(integer(group[0]) == len(group) - 1 == 1 and group[1].tag == 0x7F60, "EF.DG2: number of templates")
    header, record = group[1].children()
    fields = {one.tag: one.value for one in header.children()}
    want(header.tag == 0xA1 and list(fields) == sorted(fields) and fields[0x87] == b"\x01\x01", "EF.DG2: template header")
    if record.tag != 0x5F2E:
        want(record.tag == 0x7F2E and fields[0x88] == b"\x00\x2a", "EF.DG2: neither 19794-5 nor 39794-5")
        return
    want(fields[0x88] == b"\x00\x08" and fields.get(0x81) == b"\x02", "EF.DG2: format or type")
    data = record.value
    want(data[:8] == b"FAC\x00010\x00" and int.from_bytes(data[8:12], "big") == len(data) and data[12:14] == b"\0\1", "EF.DG2: header of the record")
    want(int.from_bytes(data[14:18], "big") == len(data) - 14 and data[18:20] == b"\0\0" and data[20] <= 2, "EF.DG2: facial information")
    kind, width, height, image = data[35], int.from_bytes(data[36:38], "big"), int.from_bytes(data[38:40], "big"), data[46:]
    want(data[34] == 1 and data[40] == 1, "EF.DG2: not a full frontal image in colour")
    want(image[:3] == b"\xff\xd8\xff" if kind == 0 else image[4:8] == b"jP  ", "EF.DG2: image and its type differ")
    want(0 < width < height, "EF.DG2: a portrait stands upright")
    if kind == 0:
        place = 2
        while image[place + 1] not in (0xC0, 0xC1, 0xC2):
            place += 2 + int.from_bytes(image[place + 2 : place + 4], "big")
        size = int.from_bytes(image[place + 7 : place + 9], "big"), int.from_bytes(image[place + 5 : place + 7], "big")
        want(size == (width, height), "EF.DG2: the image has another size than its record says")


def details(file, tag, dates):
    objects = only(file, tag, f"{tag:X}").children()
    want(objects[0].tag == 0x5C, "details without a tag list")
    named, listed, place = [], objects[0].value, 0
    while place < len(listed):
        size = 2 if listed[place] & 0x1F == 0x1F else 1
        named.append(int.from_bytes(listed[place : place + size], "big"))
        place += size
    want(named == [one.tag for one in objects[1:]] and len(set(named)) == len(named), f"{tag:X}: tag list and objects differ")
    for one in objects[1:]:
        if one.tag in dates:
            want(len(one.value) == 8, f"{one.tag:X} is not YYYYMMDD")
            datetime.datetime.strptime(one.value.decode("ascii"), "%Y%m%d")
        else:
            want(one.value and one.value.decode("utf-8") == one.value.decode("utf-8").strip(), f"{one.tag:X} is empty or has spaces around it")


def security_infos(file, active):
    infos = only(only(file, 0x6E, "EF.DG14").value, 0x31, "EF.DG14").children()
    in_order(infos, "EF.DG14")
    found = {}
    for info in infos:
        parts = info.children()
        found.setdefault(oid(parts[0]), []).append(parts[1:])
    base = "0.4.0.127.0.7.2.2."
    chip = {name: value for name, value in found.items() if name.startswith(base + "3.")}
    keys = {name: value for name, value in found.items() if name.startswith(base + "1.")}
    for name, entries in chip.items():
        agreement = name.split(".")[9]
        for entry in entries:
            want(integer(entry[0]) == 1, "EF.DG14: version of chip authentication")
            owners = [key for key in keys.get(base + "1." + agreement, []) if [one.encoded for one in key[1:]] == [one.encoded for one in entry[1:]]]
            want(len(owners) == 1, "EF.DG14: not one key for chip authentication")
    for name, entries in keys.items():
        for entry in entries:
            if name.endswith(".2"):
                want(key_info(entry[0], "EF.DG14: chip key", 224) == "ec", "EF.DG14: chip key of another kind")
    for name, entries in found.items():
        if name.startswith(base + "4."):
            want(all(integer(entry[0]) == 2 and len(entry) == 2 for entry in entries), "EF.DG14: PACEInfo")
        elif name == "2.23.136.1.1.5":
            want(integer(entries[0][0]) == 1 and oid(entries[0][1]).startswith("0.4.0.127.0.7.1.1.4.1."), "EF.DG14: ActiveAuthenticationInfo")
        else:
            want(name in chip or name in keys or name == base + "2", f"EF.DG14: unknown {name}")
    want(active != "ec" or "2.23.136.1.1.5" in found, "EF.DG14 does not tell the hash of active authentication")


def names(one):
    found = []
    for relative in one.children():
        for pair in relative.children():
            kind, value = pair.children()
            want(value.tag in (0x0C, 0x13), "a name is neither UTF8String nor PrintableString")
            found.append((oid(kind), value.tag, value.value.decode()))
    return found


def certificate(encoded, what):
    outer = only(encoded, 0x30, what).children()
    parts = outer[0].children()
    want([one.tag for one in outer] == [0x30, 0x30, 0x03] and outer[2].value[0] == 0, f"{what}: no certificate")
    want( parts[0].encoded == bytes.fromhex("A003020102"), f"{what}: not version 3")
    want(parts[2].encoded == outer[1].encoded, f"{what}: two signature algorithms")
    want(0 < integer(parts[1]) and len(parts[1].value) <= 20, f"{what}: serial number")
    extensions = {}
    want(len(parts) == 8 and parts[7].tag == 0xA3, f"{what}: unique identifiers or no extensions")
    for one in only(parts[7].value, 0x30, what).children():
        fields = one.children()
        critical = len(fields) == 3
        want(not critical or fields[1].encoded == b"\x01\x01\xff", f"{what}: a criticality that DER does not have")
        want(oid(fields[0]) not in extensions, f"{what}: an extension twice")
        extensions[oid(fields[0])] = (critical, fields[-1].value)
    key_info(parts[6], what)
    begin, end = map(moment, parts[4].children())
    countries = [[value for kind, tag, value in names(parts[place]) if kind == "2.5.4.6"] for place in (3, 5)]
    want(countries[0] == countries[1] and len(countries[0]) == 1 and countries[0][0].isupper() and len(countries[0][0]) == 2, f"{what}: country")
    return {"tbs": outer[0].encoded, "algorithm": oid(outer[1].children()[0]), "signature": outer[2].value[1:], "issuer": parts[3].encoded,
            "subject": parts[5].encoded, "serial": parts[1].encoded, "begin": begin, "end": end, "info": parts[6].encoded,
            "extensions": extensions, "country": countries[0][0]}


def signer(found, authority, code, state, signed, expires):
    extensions = dict(found["extensions"])
    rules = {"2.5.29.15": True, "2.5.29.35": False, "2.5.29.16": False, "2.5.29.17": False, "2.5.29.18": False, "2.5.29.31": False,
             "2.23.136.1.1.6.2": False}
    for name, critical in rules.items():
        want(name in extensions and extensions[name][0] == critical, f"signer: extension {name}")
    want(not set(extensions) - set(rules) - {"2.5.29.14", "2.5.29.32"}, "signer: extensions that the profile does not know")
    want(extensions["2.5.29.15"][1] == bytes.fromhex("03020780"), "signer: key usage")
    issuer = [one.value for one in only(extensions["2.5.29.35"][1], 0x30, "AKI").children() if one.tag == 0x80]
    own = only(authority["extensions"]["2.5.29.14"][1], 4, "SKI").value
    want(issuer == [own], "signer: its authority's key identifier")
    period = {one.tag: datetime.datetime.strptime(one.value.decode(), "%Y%m%d%H%M%SZ") for one in only(extensions["2.5.29.16"][1], 0x30, "usage").children()}
    want(period and period.get(0x80, signed) <= signed <= period.get(0x81, signed), "signer: signed outside its key's usage period")
    want(found["begin"] <= signed <= found["end"] and found["end"] >= expires, "signer: its certificate does not outlive the document")
    for name in ("2.5.29.17", "2.5.29.18"):
        alternatives = only(extensions[name][1], 0x30, "alternative name").children()
        directory = [one for one in alternatives if one.tag == 0xA4]
        want(any(one.tag in (0x81, 0x82, 0x86) for one in alternatives) and len(directory) == 1, "signer: alternative names")
        want([(kind, value) for kind, _, value in names(only(directory[0].value, 0x30, "name"))] == [("2.5.4.7", state)], "signer: state in its alternative names")
    version, types = only(extensions["2.23.136.1.1.6.2"][1], 0x30, "document types").children()
    in_order(types.children(), "document types")
    want(integer(version) == 0 and code.encode() in [one.value for one in types.children() if one.tag == 0x13], "signer: not for this document")
    want(found["issuer"] == authority["subject"] and found["algorithm"] in SIGNATURES, "signer: issuer or algorithm")
    want(verifies(authority["info"], SIGNATURES[found["algorithm"]], found["signature"], found["tbs"]), "signer: not signed by its authority")


def security_object(file, groups, authority, code, state, expires):
    """The LDS version, and the numbers that are signed."""
    info = only(only(file, 0x77, "EF.SOD").value, 0x30, "EF.SOD").children()
    want(len(info) == 2 and oid(info[0]) == "1.2.840.113549.1.7.2" and info[1].tag == 0xA0, "EF.SOD: no SignedData")
    version, algorithms, content, certificates, signers = fields = only(info[1].value, 0x30, "SignedData").children()
    want(integer(version) == 3 and [one.tag for one in fields[1:]] == [0x31, 0x30, 0xA0, 0x31], "EF.SOD: version or fields")
    kind, octets = content.children()
    want(octets.tag == 0xA0, "EF.SOD: no content")
    want(oid(kind) == "2.23.136.1.1.1", "EF.SOD: content type")
    signed = only(octets.value, 4, "content").value
    object_ = only(signed, 0x30, "LDS security object").children()
    number, hashing, hashes = object_[:3]
    want(hashing.encoded == algorithms.value and len(hashing.children()) == 1, "EF.SOD: digest algorithms differ, or have parameters")
    digest = DIGESTS[oid(hashing.children()[0])]
    told = None
    if integer(number) == 1:
        told = object_[3].children()[0].value.decode()
        want(len(object_) == 4 and [one.tag for one in object_[3].children()] == [0x13, 0x13] and object_[3].children()[1].value == b"040000", "EF.SOD: version information")
    else:
        want(integer(number) == 0 and len(object_) == 3, "EF.SOD: version of the security object")
    numbers = []
    for pair in hashes.children():
        group, value = pair.children()
        numbers.append(integer(group))
        want(value.tag == 4 and value.value == hashlib.new(digest, groups[integer(group)]).digest(), f"EF.SOD: hash of EF.DG{integer(group)}")
    want(numbers == sorted(set(numbers)) == sorted(groups), "EF.SOD: the groups that are signed are not those that are there")
    want(len(parse_all(certificates.value)) == 1, "EF.SOD: not one certificate")
    found = certificate(certificates.value, "signer")
    want(len(signers.children()) == 1, "EF.SOD: not one signer")
    version, name, hashing, attributes, signing, value = fields = signers.children()[0].children()
    want([one.tag for one in [signers.children()[0]] + fields] == [0x30, 0x02, 0x30, 0x30, 0xA0, 0x30, 0x04], "EF.SOD: signer's fields")
    want(integer(version) == 1 and name.value == found["issuer"] + found["serial"], "EF.SOD: the signer's name")
    want(hashing.encoded == algorithms.value and attributes.tag == 0xA0, "EF.SOD: the signer's digest, or no signed attributes")
    in_order(attributes.children(), "EF.SOD: signed attributes")
    values = {}
    for attribute in attributes.children():
        kind, inner = attribute.children()
        want(inner.tag == 0x31 and len(inner.children()) == 1, "EF.SOD: an attribute of several values")
        values[oid(kind)] = inner.children()[0]
    base = "1.2.840.113549.1.9."
    want(set(values) == {base + "3", base + "4", base + "5"}, "EF.SOD: signed attributes")
    want(oid(values[base + "3"]) == "2.23.136.1.1.1" and values[base + "4"].tag == 4, "EF.SOD: content type that is signed")
    want(values[base + "4"].value == hashlib.new(digest, signed).digest(), "EF.SOD: digest of the content")
    want(len(signing.children()) == 1 and SIGNATURES.get(oid(signing.children()[0])) == digest, "EF.SOD: signature algorithm")
    parts = only(value.value, 0x30, "signature").children()
    want(value.tag == 4 and all(integer(one) > 0 for one in parts) and len(parts) == 2, "EF.SOD: form of the signature")
    want(verifies(found["info"], digest, value.value, b"\x31" + attributes.encoded[1:]), "EF.SOD: signature")
    signer(found, authority, code, state, moment(values[base + "5"]), expires)
    return told, numbers


def common(file, told, numbers):
    version, unicode, tags = only(file, 0x60, "EF.COM").children()
    want((version.tag, unicode.tag, tags.tag) == (0x5F01, 0x5F36, 0x5C) and unicode.value == b"040000", "EF.COM: objects")
    want(version.value.decode() == (told or "0107"), "EF.COM: another LDS version than EF.SOD's")
    want(list(tags.value) == [GROUPS[number] for number in numbers], "EF.COM: tags are not those of EF.SOD in their order")


def judge(files, authority):
    """`files` by name (EF.DG1 and so on); raises Fault at the first departure."""
    groups = {number: files[f"EF.DG{number}"] for number in GROUPS if f"EF.DG{number}" in files}
    code, state, expires = zone(groups[1])
    face(groups[2])
    if 11 in groups:
        details(groups[11], 0x6B, {0x5F2B})
    if 12 in groups:
        details(groups[12], 0x6C, {0x5F26})
    active = key_info(only(only(groups[15], 0x6F, "EF.DG15").value, 0x30, "EF.DG15"), "EF.DG15") if 15 in groups else None
    if 14 in groups:
        security_infos(groups[14], active)
    if "EF.CardAccess" in files:
        offered = only(files["EF.CardAccess"], 0x31, "EF.CardAccess").children()
        in_order(offered, "EF.CardAccess")
        told = {one.encoded for one in parse_all(parse_all(groups[14])[0].value)[0].children()}
        want({one.encoded for one in offered} <= told, "EF.CardAccess: what it offers does not stand in EF.DG14")
    told, numbers = security_object(files["EF.SOD"], groups, authority, code, state, expires)
    common(files["EF.COM"], told, numbers)


def read(folder, csca):
    files = {path.name.removesuffix(".bin"): path.read_bytes() for path in pathlib.Path(folder).glob("EF.*.bin")}
    der = subprocess.run(["openssl", "x509", "-in", csca, "-outform", "DER"], capture_output=True, check=True).stdout
    return files, certificate(der, "authority")


def faults(folder, csca):
    """What departs, as a list of at most one sentence."""
    try:
        judge(*read(folder, csca))
        return []
    except (Fault, ValueError, KeyError, IndexError) as error:
        return [f"{folder.name}: {error}"]


def main():
    folder, csca = pathlib.Path(sys.argv[1]), sys.argv[2]
    found = faults(folder, csca)
    for fault in found:
        print(fault, file=sys.stderr)
    if found or "--flip" not in sys.argv:
        print(f"{folder.name}: {'departs' if found else 'follows Doc 9303'}")
        sys.exit(1 if found else 0)
    files, authority = read(folder, csca)
    unseen = total = 0
    for name in ("EF.SOD", "EF.COM"):
        for place in range(len(files[name])):
            changed = bytearray(files[name])
            changed[place] ^= 1 << (place % 8)
            total += 1
            try:
                judge({**files, name: bytes(changed)}, authority)
                unseen += 1
                print(f"{name}: byte {place} changed and not seen", file=sys.stderr)
            except (Fault, ValueError, KeyError, IndexError):
                pass
    print(f"{folder.name}: follows Doc 9303; {total} changed bytes, {unseen} not seen")
    sys.exit(1 if unseen else 0)


if __name__ == "__main__":
    main()
