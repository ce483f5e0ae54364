"""Kills `sakk queue pull` at each fault point and counts what became of each record (see scripts/pull-test)."""
import argparse
import glob
import http.client
import json
import os
import random
import shutil
import sqlite3
import ssl
import subprocess
import sys
import tarfile
import time


class Folder:
    """A watched folder with one batch and one record of a foreign signer."""

    name = "folder"

    def __init__(self, out, options):
        self.folder = f"{out}/folder"
        self.batch = f"{out}/batch.tar"
        self.configuration = f"{out}/folder.yaml"
        with open(self.configuration, "w", encoding="ascii") as file:
            file.write("sakk: 1\nsource: drop\nkind: folder\nfolder: {path: folder}\n")

    def begin(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        shutil.copy(self.batch, f"{self.folder}/batch.tar")
        with open(f"{self.folder}/bad.p7m", "wb") as file:
            file.write(b"\x30\x03\x02\x01\x01")

    def check(self, records):
        def inside(place):
            return sorted(os.path.basename(path) for path in glob.glob(f"{self.folder}/{place}/*"))

        assert inside("taken") == ["batch.tar"], inside("taken")
        assert inside("refused") == ["bad.p7m", "bad.p7m.json"], inside("refused")
        assert inside("work") == [], inside("work")

    def end(self):
        pass


class Server:
    """The reference server."""

    name = "https"

    def __init__(self, out, options):
        self.folder = f"{out}/records"
        os.makedirs(self.folder)
        with tarfile.open(f"{out}/batch.tar") as tar:
            for member in tar:
                if member.name.endswith(".p7m"):
                    with open(f"{self.folder}/{member.name}", "wb") as file:
                        file.write(tar.extractfile(member).read())
        with open(f"{self.folder}/9999.p7m", "wb") as file:
            file.write(b"\x30\x03\x02\x01\x01")
        self.process = subprocess.Popen(
            ["scripts/reference-source", "serve", "--records", self.folder, "--certificates", f"{out}/tls", "--orders",
             "--until-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        self.context = ssl.create_default_context(cafile=f"{out}/tls/authority.pem")
        self.context.load_cert_chain(f"{out}/tls/client.pem", f"{out}/tls/client.key.pem")
        self.configuration = f"{out}/https.yaml"
        with open(self.configuration, "w", encoding="ascii") as file:
            file.write(
                f"sakk: 1\nsource: registry\nkind: https\nhttps:\n  address: https://localhost:{self.port}\n"
                "  page_records: 3\n  tls: {authorities: tls/authority.pem, certificate: tls/client.pem, "
                "key: tls/client.key.pem}\n")

    def control(self, orders):
        connection = http.client.HTTPSConnection("localhost", self.port, context=self.context)
        connection.request("POST", "/control", json.dumps(orders))
        return json.loads(connection.getresponse().read())

    def begin(self):
        self.control({"forget": 1})

    def check(self, records):
        report = self.control({})
        assert len(report["taken"]) == records, report["taken"]
        assert list(report["refused"]) == ["9999"], report["refused"]

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Table:
    """A registry's table; psql fills and reads it."""

    name = "table"

    def __init__(self, out, options):
        self.database = options.database
        self.sql("CREATE TABLE cards (id bigint PRIMARY KEY, cms bytea, acknowledged_at timestamptz, refusal text)")
        with tarfile.open(f"{out}/batch.tar") as tar:
            for number, member in enumerate(member for member in tar if member.name.endswith(".p7m")):
                content = tar.extractfile(member).read().hex()
                self.sql(f"INSERT INTO cards (id, cms) VALUES ({number + 1}, decode('{content}', 'hex'))")
        self.sql("INSERT INTO cards (id, cms) VALUES (9999, '\\x3003020101')")
        self.configuration = f"{out}/table.yaml"
        with open(self.configuration, "w", encoding="ascii") as file:
            file.write(
                "sakk: 1\nsource: table\nkind: table\n"
                f"table: {{database: '{self.database}', name: cards, refusal: refusal, page_records: 3}}\n")

    def sql(self, statement):
        return subprocess.run(["psql", "-qtA", self.database], input=statement, check=True, capture_output=True,
                              text=True).stdout.split()

    def begin(self):
        self.sql("UPDATE cards SET acknowledged_at = NULL, refusal = NULL")

    def check(self, records):
        assert self.sql("SELECT count(*) FROM cards WHERE acknowledged_at IS NULL") == ["0"]
        assert self.sql("SELECT id FROM cards WHERE refusal IS NOT NULL") == ["9999"]

    def end(self):
        pass


def pull(source, options, point=None, seconds=None):
    """One run, killed at a fault point or after some time if so ordered."""
    environment = dict(os.environ, SAKK_LEDGER=f"{options.out}/ledger.sqlite", SAKK_VAULT=f"{options.out}/vault")
    if point:
        environment["SAKK_FAULT_KILL"] = str(point)
    process = subprocess.Popen(
        ["sakk", "queue", "pull", "--line", options.line, "--source", source.configuration, "--once"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _, words = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        _, words = process.communicate()
    return process.returncode, words


def empty(options):
    for path in glob.glob(f"{options.out}/ledger.sqlite*"):
        os.remove(path)
    shutil.rmtree(f"{options.out}/vault", ignore_errors=True)


def count(source, options, records, what):
    """0 when each record is in the queue once and the source knows it."""
    books = sqlite3.connect(f"{options.out}/ledger.sqlite")
    rows = books.execute("SELECT COUNT(*) FROM production WHERE state = 'queued'").fetchone()[0]
    taken = books.execute("SELECT COUNT(*) FROM journal WHERE kind = 'record.taken'").fetchone()[0]
    books.close()
    try:
        assert rows == taken == records, f"{rows} in the queue, {taken} taken, {records} sent"
        source.check(records)
    except AssertionError as error:
        print(f"{source.name}, {what}: {error}", file=sys.stderr)
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--line", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--moments", type=int, default=0)
    options = parser.parse_args()
    moments = random.Random(1)
    with tarfile.open(f"{options.out}/batch.tar") as tar:
        records = sum(member.name.endswith(".p7m") for member in tar)
    for kind in (Folder, Server, Table):
        source = kind(options.out, options)
        kills, breaches, point, length = 0, 0, 1, 0.0
        while True:
            empty(options)
            source.begin()
            begun = time.monotonic()
            code, words = pull(source, options, point=point)
            length = time.monotonic() - begun
            killed = code == -9
            # what the kill left behind is taken up by the next start
            if killed:
                code, words = pull(source, options)
            if code not in (0, 1):
                sys.exit(f"{source.name}, kill at point {point}: ends with {code}:\n{words}")
            breaches += count(source, options, records, f"kill at point {point}")
            if not killed:
                break
            kills += 1
            point += options.every
        # between the points too: at any moment, several times over
        for number in range(options.moments):
            empty(options)
            source.begin()
            for _ in range(3):
                code, words = pull(source, options, seconds=moments.uniform(0, length))
                kills += code == -9
            code, words = pull(source, options)
            if code not in (0, 1):
                sys.exit(f"{source.name}, kill at moment {number}: ends with {code}:\n{words}")
            breaches += count(source, options, records, f"kill at moment {number}")
        source.end()
        print(f"{source.name}: {records} records, {kills} kills, "
              f"{breaches} runs with a record lost, twice or unacknowledged")
        if breaches:
            sys.exit(5)


main()
