"""A second SCP03 (GlobalPlatform Amendment D 1.2), written apart from the controller: replays a trace of `sakk gp --trace-data`.

From the static keys and the bytes on the wire it computes every cryptogram and MAC again and says what was sent in the plain.
All AES is openssl's.
"""

import re
import subprocess


def openssl(words, data):
    done = subprocess.run(["openssl", *words], input=data, capture_output=True)
    if done.returncode != 0:
        raise ValueError("openssl: " + done.stderr.decode().strip())
    return done.stdout


def cmac(key, data):
    name = f"AES-{len(key) * 8}-CBC"
    words = ["mac", "-cipher", name, "-macopt", "hexkey:" + key.hex(), "-in", "-", "-binary", "CMAC"]
    return openssl(words, data)


def cipher(key, vector, data, *direction):
    name = f"-aes-{len(key) * 8}-cbc"
    return openssl(["enc", name, "-nopad", "-K", key.hex(), "-iv", vector.hex(), *direction], data)


def block(key, data):
    return cipher(key, bytes(16), data)


def derive(key, constant, bits, context):
    """NIST SP 800-108 in counter mode as Amendment D 4.1.5 fills it."""
    out = b""
    counter = 1
    while len(out) * 8 < bits:
        head = bytes(11) + bytes([constant, 0]) + bits.to_bytes(2, "big") + bytes([counter])
        out += cmac(key, head + context)
        counter += 1
    return out[: bits // 8]


def diversified(master, kdd):
    """KDF3: three keys of the length of the master from the ten bytes of the card."""
    keys = []
    for number in (1, 2, 3):
        out = b""
        counter = 1
        while len(out) < len(master):
            out += cmac(master, bytes([counter, 0, 0, 0, number, 0]) + kdd)
            counter += 1
        keys.append(out[: len(master)])
    return keys


def check_value(key):
    return block(key, bytes([1] * 16))[:3]


def unpadded(data):
    stripped = data.rstrip(b"\0")
    if not stripped.endswith(b"\x80"):
        raise ValueError("the padding is not 80 00 ..")
    return stripped[:-1]


class Session:
    """Replays exchanges; `plain` collects (header, data, answer data, status word)."""

    def __init__(self, master, scheme="kdf3"):
        self.master = master
        self.scheme = scheme
        self.level = None
        self.plain = []
        self.checked = 0

    def want(self, truth, what):
        if not truth:
            raise ValueError(what)
        self.checked += 1

    def exchange(self, command, answer):
        data = command[5 : 5 + command[4]] if len(command) > 5 else b""
        body, status = answer[:-2], answer[-2:]
        if command[1] == 0x50 and command[0] == 0x80:
            self.begin(data, body)
        elif command[1] == 0x82 and command[0] == 0x84:
            self.authenticate(command, data, status)
        elif command[0] & 0x04 and self.level is not None:
            self.secured(command, data, body, status)
        else:
            self.plain.append((command[:4], data, body, status))

    def begin(self, challenge, body):
        self.size = len(challenge)
        kdd, self.version, options = body[:10], body[10], body[12]
        card = body[13 : 13 + self.size]
        self.host = challenge
        self.options = options
        keys = diversified(self.master, kdd) if self.scheme == "kdf3" else [self.master] * 3
        self.static = keys
        context = challenge + card
        bits = len(keys[0]) * 8
        self.enc, self.mac = derive(keys[0], 4, bits, context), derive(keys[1], 6, bits, context)
        self.rmac = derive(keys[1], 7, bits, context)
        self.context = context
        cryptogram = derive(self.mac, 0, self.size * 8, context)
        self.level = None
        self.genuine = cryptogram == body[13 + self.size : 13 + 2 * self.size]
        if self.genuine:
            self.checked += 1

    def authenticate(self, command, data, status):
        self.want(self.genuine, "EXTERNAL AUTHENTICATE was sent to a card with a wrong cryptogram")
        cryptogram = derive(self.mac, 1, self.size * 8, self.context)
        self.want(data[: self.size] == cryptogram, "the host cryptogram is not right")
        self.chain = cmac(self.mac, bytes(16) + command[:5] + cryptogram)
        self.want(data[self.size :] == self.chain[: self.size], "the MAC of EXTERNAL AUTHENTICATE is not right")
        self.counter = 0
        if status == b"\x90\x00":
            self.level = command[2]

    def secured(self, command, data, body, status):
        self.counter += 1
        sealed, mac = data[: -self.size], data[-self.size :]
        self.chain = cmac(self.mac, self.chain + command[:5] + sealed)
        self.want(mac == self.chain[: self.size], f"the C-MAC of {command[:4].hex()} is not right")
        plain = sealed
        if self.level & 0x02 and sealed:
            vector = block(self.enc, self.counter.to_bytes(16, "big"))
            plain = unpadded(cipher(self.enc, vector, sealed, "-d"))
        answer = body
        if self.level & 0x10 and status in (b"\x90\x00", b"\x63\x10"):
            answer, response_mac = body[: -self.size], body[-self.size :]
            self.want(
                response_mac == cmac(self.rmac, self.chain + answer + status)[: self.size], "an R-MAC is not right")
            if self.level & 0x20 and answer:
                vector = block(self.enc, b"\x80" + self.counter.to_bytes(15, "big"))
                answer = unpadded(cipher(self.enc, vector, answer, "-d"))
        self.plain.append((bytes([command[0] & 0xFB]) + command[1:4], plain, answer, status))

    def key_data(self, sealed):
        """Key bytes under the static Key-DEK."""
        return cipher(self.static[2], bytes(16), sealed, "-d")


def exchanges(trace):
    """Pairs of command and answer in the words of --trace-data."""
    found = re.findall(r"  >> ([0-9A-F]+)\n  << ([0-9A-F]*)", trace)
    return [(bytes.fromhex(command), bytes.fromhex(answer)) for command, answer in found]


def replay(trace, master, scheme="kdf3"):
    session = Session(master, scheme)
    for command, answer in exchanges(trace):
        session.exchange(command, answer)
    return session
