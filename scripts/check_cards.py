"""For each card of a finished batch: record, QR in the camera's picture and chip are one person's; spoiled chips are dead.

Judges with other programs than the line's own: openssl opens the records and checks EF.SOD, zbarimg reads the QR, scripts/lds_judge.py holds the files against Doc 9303.
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import tarfile

import lds_judge


def run(*command, check=True, **options):
    done = subprocess.run(command, capture_output=True, **options)
    if check and done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command[:4]))} ... ended with {done.returncode}: {done.stderr.decode()[-400:]}")
    return done


def records_of(batch):
    """Contents of the signed records, opened by openssl, by request id."""
    records = {}
    with tarfile.open(batch) as tar:
        for member in tar.getmembers():
            if member.name.endswith(".p7m"):
                envelope = tar.extractfile(member).read()
                opened = run(
                    "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-CAfile", "seeds/test-pki/approval-ca.pem",
                    "-purpose", "any", input=envelope)
                record = json.loads(opened.stdout)
                records[record["request_id"]] = record
    return records


def places_of(census):
    """Where each chip lies, by the name the books use: SHA-256 over the serial fields of its CPLC."""
    places = {}
    for card in json.loads(census.read_text())["cards"]:
        cplc = bytes.fromhex(card["chip"]["cplc"])
        places[hashlib.sha256(cplc[0:4] + cplc[10:18]).hexdigest().lower()] = card["place"]
    return places


def mrz_access(lines):
    """Document number, birth and expiry out of a TD1 zone."""
    return lines[0][5:14].rstrip("<"), lines[1][0:6], lines[1][8:14]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--plant", required=True)
    options = parser.parse_args()
    report = json.loads((options.out / "report.json").read_text())
    records = records_of(options.out / "batch.tar")
    pictures = options.out / "pictures"
    places = places_of(options.out / "census.json")
    good = dead = 0
    faults = []

    def desk(attempt, mrz):
        place = places[attempt["chip"].lower()]
        run("sakk-plant", "hand", "move", "--dir", options.plant, "--from", place, "--to", "desk")
        read = run(
            "sakk-plant", "exec", "--dir", options.plant, "--", "sakk", "chip", "read", "--reader", "Plant 00 00 01",
            "--mrz", ",".join(mrz_access(mrz)), "--csca", "seeds/test-pki/csca.pem", "--json", "--files",
            str(options.out / "chips" / attempt["attempt"]), check=False)
        run("sakk-plant", "hand", "move", "--dir", options.plant, "--from", "desk", "--to", place)
        return read

    for entry in report["records"]:
        record = records[entry["request_id"]]
        for attempt in entry["attempts"]:
            if attempt["state"] not in ("produced", "spoiled"):
                continue
            zones = pictures / f"{attempt['attempt']}-mrz.json"
            if not zones.exists():
                # thrown out before it was looked at: the zone of its record's other attempt opens it, if it opens
                zones = next(pictures.glob(f"{attempt['attempt'].rsplit('-', 1)[0]}-*-mrz.json"))
            drawn = json.loads(zones.read_text())
            number = record["document_number"]
            if attempt["state"] == "produced":
                capture = pictures / f"{attempt['attempt']}-back-capture.jpg"
                qr = run("zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", str(capture), check=False)
                payload = qr.stdout.decode().strip()
                read = desk(attempt, drawn["expected"])
                chip = json.loads(read.stdout) if read.returncode == 0 else {"mrz": []}
                zones = [drawn["expected"], drawn["seen"], chip["mrz"]]
                if any(zone != zones[0] for zone in zones) or payload != "".join(zones[0]):
                    faults.append(f"{attempt['attempt']}: record, camera, QR and chip are not one person's")
                elif mrz_access(zones[0])[0] != number:
                    faults.append(f"{attempt['attempt']}: the number is not the record's")
                else:
                    folder = options.out / "chips" / attempt["attempt"]
                    faults += openssl_faults(folder, attempt["attempt"])
                    faults += lds_judge.faults(folder, "seeds/test-pki/csca.pem")
                    good += 1
            else:
                read = desk(attempt, drawn["expected"])
                if read.returncode == 0:
                    faults.append(f"{attempt['attempt']}: a spoiled chip opens")
                else:
                    dead += 1
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"cards checked by other programs: {good} good, {dead} spoiled and dead, {len(faults)} faults", file=sys.stderr)
    sys.exit(5 if faults else 0)


def openssl_faults(folder, name):
    """`openssl cms -verify` accepts EF.SOD and refuses it with one byte of its signature flipped. Its chains take no explicit
    curve parameters, which 9303-12 asks for: the signer in EF.SOD is compared with the one that the country certified."""
    sod = (folder / "EF.SOD.bin").read_bytes()
    signed = sod[4:] if sod[1] == 0x82 else sod[3:]

    def verify(data):
        return run(
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-noverify", "-out", "/dev/null", input=data,
            check=False).returncode

    faults = []
    if verify(signed) != 0:
        faults.append(f"{name}: openssl refuses EF.SOD")
    inside = run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-noverify", "-out", "/dev/null", "-signer",
                 "/dev/stdout", input=signed, check=False).stdout
    certified = pathlib.Path("seeds/test-pki/ds.pem").read_bytes()
    if inside.strip() != certified.strip():
        faults.append(f"{name}: EF.SOD holds another signer than the certified one")
    flipped = bytearray(signed)
    flipped[-1] ^= 1
    if verify(bytes(flipped)) == 0:
        faults.append(f"{name}: openssl accepts EF.SOD with a flipped byte")
    return faults


main()
