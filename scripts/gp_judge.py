"""A second SCP02 (GlobalPlatform 2.3.1 annex E) and SCP03 (Amendment D 1.2), written apart from the controller: replays a trace
of `sakk gp --trace-data`.

From the static keys and the bytes on the wire it computes every cryptogram and MAC again and says what was sent in the plain.
All AES and DES is openssl's.
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


def des3(key, vector, data, *direction):
    """Two-key triple DES in CBC, without padding."""
    full = key + key[:8]
    return openssl(["enc", "-des-ede3-cbc", "-nopad", "-K", full.hex(), "-iv", vector.hex(), *direction], data)


def single_des(key, data):
    """One block under single DES: triple DES with three equal keys."""
    return openssl(["enc", "-des-ede3-cbc", "-nopad", "-K", (key * 3).hex(), "-iv", "00" * 8], data)


def padded(data):
    data += b"\x80"
    return data + bytes(-len(data) % 8)


def full_mac(key, data):
    """ISO 9797-1 MAC algorithm 1 with triple DES (E.4.1): the cryptograms."""
    return des3(key, bytes(8), padded(data))[-8:]


def retail_mac(key, vector, data):
    """ISO 9797-1 MAC algorithm 3 (B.1.2.2): single DES, the last block triple."""
    chain = vector
    blocks = padded(data)
    for start in range(0, len(blocks), 8):
        chain = single_des(key[:8], bytes(a ^ b for a, b in zip(chain, blocks[start : start + 8])))
    middle = openssl(["enc", "-des-ede3-cbc", "-nopad", "-K", (key[8:16] * 3).hex(), "-iv", "00" * 8, "-d"], chain)
    return single_des(key[:8], middle)


def diversified_des(master, kdd, scheme):
    """VISA2, EMV CPS 1.1 and VISA: which bytes of the ten stand for the card."""
    if scheme == "none":
        return [master] * 3
    picks = {"visa2": (0, 1, 4, 5, 6, 7), "emv": (4, 5, 6, 7, 8, 9), "visa": (0, 1, 2, 3, 8, 9)}[scheme]
    card = bytes(kdd[index] for index in picks)
    ecb = lambda half: des3(master, bytes(8), half)
    return [ecb(card + bytes([0xF0, k])) + ecb(card + bytes([0x0F, k])) for k in (1, 2, 3)]


class Session02:
    """Replays an SCP02 session with explicit initiation on modified APDUs (i 15, 35, 55, 75); as `Session`."""

    def __init__(self, master, scheme):
        self.master, self.scheme = master, scheme
        self.level, self.plain, self.checked, self.genuine = None, [], 0, False

    def want(self, truth, what):
        if not truth:
            raise ValueError(what)
        self.checked += 1

    def exchange(self, command, answer):
        data = command[5 : 5 + command[4]] if len(command) > 5 else b""
        body, status = answer[:-2], answer[-2:]
        if command[:2] == b"\x80\x50":
            self.begin(data, body)
        elif command[:2] == b"\x84\x82":
            self.authenticate(command, data, status)
        elif command[0] & 0x04 and self.level is not None:
            self.secured(command, data, body, status)
        else:
            self.plain.append((command[:4], data, body, status))

    def begin(self, host, body):
        kdd, protocol = body[:10], body[11]
        if protocol != 2:
            raise ValueError("the card does not speak SCP02")
        counter, card, cryptogram = body[12:14], body[14:20], body[20:28]
        self.static = diversified_des(self.master, kdd, self.scheme)
        session = lambda constant, key: des3(key, bytes(8), bytes.fromhex(constant) + counter + bytes(12))
        self.enc, self.mac = session("0182", self.static[0]), session("0101", self.static[1])
        self.rmac, self.dek = session("0102", self.static[1]), session("0181", self.static[2])
        self.host_side = counter + card + host
        self.level = None
        self.genuine = full_mac(self.enc, host + counter + card) == cryptogram
        if self.genuine:
            self.checked += 1

    def authenticate(self, command, data, status):
        self.want(self.genuine, "EXTERNAL AUTHENTICATE was sent to a card with a wrong cryptogram")
        self.want(data[:8] == full_mac(self.enc, self.host_side), "the host cryptogram is not right")
        self.chain = retail_mac(self.mac, bytes(8), command[:5] + data[:8])
        self.want(data[8:] == self.chain, "the MAC of EXTERNAL AUTHENTICATE is not right")
        # the R-MAC chain begins with the C-MAC of EXTERNAL AUTHENTICATE (E.4.5)
        self.response_chain = self.chain
        if status == b"\x90\x00":
            self.level = command[2]

    def secured(self, command, data, body, status):
        sealed, mac = data[:-8], data[-8:]
        plain = sealed
        if self.level & 0x02 and sealed:
            plain = unpadded(des3(self.enc, bytes(8), sealed, "-d"))
        # the MAC is over the plain command (E.4.4), the vector the one before it under single DES (E.3.4)
        header = bytes([command[0], command[1], command[2], command[3], len(plain) + 8])
        self.chain = retail_mac(self.mac, single_des(self.mac[:8], self.chain), header + plain)
        self.want(mac == self.chain, f"the C-MAC of {command[:4].hex()} is not right")
        answer = body
        if self.level & 0x10:
            # an error word comes alone; it is a link of the chain all the same (no public transcript has one)
            succeeded = status == b"\x90\x00" or status[:1] in b"\x62\x63"
            answer, response_mac = (body[:-8], body[-8:]) if succeeded else (b"", b"")
            stripped = bytes([command[0] & 0xF8]) + command[1:4] + bytes([len(plain)]) + plain
            self.response_chain = retail_mac(
                self.rmac, self.response_chain, stripped + bytes([len(answer)]) + answer + status)
            if succeeded:
                self.want(response_mac == self.response_chain, "an R-MAC is not right")
        self.plain.append((bytes([command[0] & 0xFB]) + command[1:4], plain, answer, status))

    def key_data(self, sealed):
        """Key bytes under the session's DEK (E.4.7): blocks of their own."""
        full = self.dek + self.dek[:8]
        return openssl(["enc", "-des-ede3", "-nopad", "-K", full.hex(), "-d"], sealed)


def check_value_des(key):
    return des3(key, bytes(8), bytes(8))[:3]


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


def replay(trace, master, scheme="kdf3", protocol="03"):
    session = Session(master, scheme) if protocol == "03" else Session02(master, scheme)
    for command, answer in exchanges(trace):
        session.exchange(command, answer)
    return session
