"""A card by another hand: the open passport applet as its source (0.0.2b) behaves, its scanner of BER included, on a small
GlobalPlatform card with SCP03, at a port of vpcd. Nothing of it comes from the plant or the controller.

    python3 scripts/applet_card.py PORT t0|t1 LOG

With t0 it answers as a card of T=0 does: 61xx beside data, 6Cxx, no Le behind data. LOG gets a line for each command, and `FAULT`
for what no real card would have forgiven.
"""

import ctypes
import ctypes.util
import hashlib
import os
import socket
import struct
import sys

PACKAGE, APPLET = bytes.fromhex("A00000024710"), bytes.fromhex("A0000002471001")
DOMAIN = bytes.fromhex("A000000151000000")
MASTER, DIVERSIFIER, VERSION = bytes(range(0x40, 0x50)), bytes(range(1, 11)), 0x30
PRODUCTION = bytes.fromhex("9F7F2A47905168479112100123 7111 A1B2C3D4 0001") + bytes(24)
BUFFER = 261

CRYPTO = ctypes.CDLL(ctypes.util.find_library("crypto"))
for name in ("EVP_CIPHER_CTX_new", "EVP_get_cipherbyname"):
    getattr(CRYPTO, name).restype = ctypes.c_void_p


def cipher(kind, key, data, encrypts=True, vector=bytes(16)):
    context = ctypes.c_void_p(CRYPTO.EVP_CIPHER_CTX_new())
    algorithm = ctypes.c_void_p(CRYPTO.EVP_get_cipherbyname(kind))
    out, count = ctypes.create_string_buffer(len(data) + 32), ctypes.c_int()
    if CRYPTO.EVP_CipherInit_ex(context, algorithm, None, key, vector, int(encrypts)) != 1:
        raise RuntimeError(kind)
    CRYPTO.EVP_CIPHER_CTX_set_padding(context, 0)
    CRYPTO.EVP_CipherUpdate(context, out, ctypes.byref(count), bytes(data), len(data))
    CRYPTO.EVP_CIPHER_CTX_free(context)
    return out.raw[: count.value]


def aes(key, data, encrypts=True, vector=bytes(16)):
    return cipher(b"aes-128-cbc", key, data, encrypts, vector)


def des3(key, data, encrypts=True):
    return cipher(b"des-ede3-cbc", key + key[:8], data, encrypts)


def single(key, data, encrypts=True):
    return cipher(b"des-ede3-cbc", key * 3, data, encrypts)


def padded(data, block):
    data = bytes(data) + b"\x80"
    return data + bytes(-len(data) % block)


def unpadded(data):
    data = data.rstrip(b"\0")
    if data[-1:] != b"\x80":
        raise Refusal(0x6F00)
    return data[:-1]


def cmac(key, data):
    def double(number):
        return (number << 1 ^ (0x87 if number >> 127 else 0)) & (1 << 128) - 1

    secret = double(int.from_bytes(aes(key, bytes(16)), "big"))
    whole = data and len(data) % 16 == 0
    data = data if whole else padded(data, 16)
    secret = secret if whole else double(secret)
    last = int.from_bytes(data[-16:], "big") ^ secret
    return aes(key, data[:-16] + last.to_bytes(16, "big"))[-16:]


def retail(key, data):
    first = single(key[:8], padded(data, 8))[-8:]
    return single(key[:8], single(key[8:16], first, False))


def session_key(seed, number):
    """9303-11 clause 9.7.1; DES does not look at parity."""
    return hashlib.sha1(seed + bytes([0, 0, 0, number])).digest()[:16]


def check_digit(text):
    value = lambda c: 0 if c == 60 else c - 48 if c < 58 else c - 55
    return b"%d" % (sum(value(c) * (7, 3, 1)[n % 3] for n, c in enumerate(text)) % 10)


class Refusal(Exception):
    def __init__(self, word):
        self.word = word


class Scanner:
    """The applet's way through BER: it walks the card's buffer, and knows nothing of where the data ends."""

    def __init__(self, buffer):
        self.buffer = buffer

    def byte(self, place):
        if place >= len(self.buffer):
            raise Refusal(0x6F00)
        return self.buffer[place]

    def object(self, place):
        """Where the value of the object at `place` begins; zeros and FF before it are passed over."""
        while self.byte(place) in (0x00, 0xFF):
            place += 1
        if self.byte(place) & 0x1F == 0x1F:
            place += 1
            while self.byte(place) & 0x80:
                place += 1
        length = self.byte(place + 1)
        self.start, self.count = place + 2, length
        if length & 0x80:
            self.start += length & 0x7F
            self.count = int.from_bytes(self.buffer[place + 2 : self.start], "big")
        return self.start

    def behind(self):
        return self.start + self.count

    def value(self):
        self.byte(self.behind() - 1)
        return bytes(self.buffer[self.start : self.behind()])


class Applet:
    files_known = {*range(0x0101, 0x0110), 0x011C, 0x011D, 0x011E, 0xDEAD}

    def __init__(self):
        self.files, self.sizes, self.keys = {}, {}, {}
        self.is_locked = False
        self.reset()

    def reset(self):
        """Not at SELECT: who authenticated once must reset the card to do it again."""
        self.challenge = self.selected = self.session = None
        self.counter = 0

    def process(self, buffer, le):
        """Answer and status word; the command lies in the buffer, with zero for a length that is not there."""
        answer, word = b"", 0x9000
        is_protected = buffer[0] & 0x0C == 0x0C
        if is_protected and not self.session:
            return b"", 0x6882
        try:
            if is_protected:
                le = self.unwrap(buffer)
            answer = self.execute(buffer, is_protected, le)
        except Refusal as refusal:
            word = refusal.word
        return (self.wrap(answer, word) if is_protected else answer), word

    def checksum(self, data):
        return retail(self.session[1], self.counter.to_bytes(8, "big") + data)

    def unwrap(self, buffer):
        self.counter += 1
        place, le, sealed = 5, 0, b""
        if buffer[place] == 0x87:
            place += 1
            width = 1
            if buffer[place] > 0x80:
                width = buffer[place] & 0x7F
                place += 1
            length = int.from_bytes(buffer[place : place + width], "big")
            place += width
            if width > 2 or buffer[place] != 1:
                raise Refusal(0x6D66)
            sealed = bytes(buffer[place + 1 : place + length])
            place += length
        if buffer[place] == 0x97:
            if buffer[place + 1] != 1:
                raise Refusal(0x6D66)
            le = buffer[place + 2]
            place += 3
        if buffer[place] != 0x8E:
            raise Refusal(0x6D66)
        if buffer[place + 1] != 8:
            raise Refusal(0x6984)
        covered = bytes(buffer[:4]) + b"\x80\0\0\0" + bytes(buffer[5:place])
        if self.checksum(covered) != bytes(buffer[place + 2 : place + 10]):
            raise Refusal(0x6985)
        if sealed:
            plain = unpadded(des3(self.session[0], sealed, False))
            buffer[5 : 5 + len(plain)] = plain
            buffer[4] = len(plain)
        return le

    def wrap(self, answer, word):
        self.counter += 1
        body = b""
        if answer:
            sealed = b"\1" + des3(self.session[0], padded(answer, 8))
            body = b"\x87" + (bytes([len(sealed)]) if len(sealed) < 0x80 else bytes([0x81, len(sealed)])) + sealed
        body += b"\x99\2" + word.to_bytes(2, "big")
        return body + b"\x8E\x08" + self.checksum(body)

    def execute(self, buffer, is_protected, le):
        place, data = buffer[2] << 8 | buffer[3], bytes(buffer[5 : 5 + buffer[4]])
        match buffer[1]:
            case 0x84:
                if is_protected or self.session or "access" not in self.keys:
                    raise Refusal(0x6982)
                if le != 8:
                    raise Refusal(0x6700)
                self.challenge = os.urandom(8)
                return self.challenge
            case 0x82:
                return self.authenticate(data, is_protected)
            case 0x88:
                return self.sign(data)
            case 0xA4:
                return self.select(data)
            case 0xB0:
                return self.read(place, le)
            case 0xD6:
                if self.selected is None or self.is_locked:
                    raise Refusal(0x6985)
                if self.sizes[self.selected] < place + len(data):
                    raise Refusal(0x6A84)
                self.files[self.selected][place : place + len(data)] = data
                return b""
            case 0xE0:
                return self.create(data)
            case 0xDA:
                return self.put(buffer, place)
        raise Refusal(0x6D00)

    def authenticate(self, data, is_protected):
        if is_protected or self.session or not self.challenge:
            raise Refusal(0x6982)
        if len(data) != 40:
            raise Refusal(0x6700)
        enc, mac = self.keys["access"]
        plain = des3(enc, data[:32], False)
        if retail(mac, data[:32]) != data[32:] or plain[8:16] != self.challenge:
            raise Refusal(0x6982)
        secret = os.urandom(16)
        seed = bytes(ours ^ theirs for ours, theirs in zip(secret, plain[16:]))
        self.session = session_key(seed, 1), session_key(seed, 2)
        self.counter = int.from_bytes(plain[12:16] + plain[4:8], "big")
        self.challenge = None
        sealed = des3(enc, plain[8:16] + plain[:8] + secret)
        return sealed + retail(mac, sealed)

    def sign(self, data):
        if not self.session or not {0x60, 0x61} <= self.keys.keys():
            raise Refusal(0x6982)
        if len(data) != 8:
            raise Refusal(0x6700)
        first = bytes(106)
        message = b"\x6A" + first + hashlib.sha1(first + data).digest() + b"\xBC"
        return pow(int.from_bytes(message, "big"), self.keys[0x61], self.keys[0x60]).to_bytes(128, "big")

    def guard(self, file):
        """Fingers and irises need a certificate that this one has not."""
        if file in (0x0103, 0x0104):
            raise Refusal(0x6982)

    def select(self, data):
        if self.is_locked and not self.session:
            raise Refusal(0x6982)
        if len(data) != 2:
            raise Refusal(0x6700)
        file = int.from_bytes(data, "big")
        self.guard(file)
        self.selected = file if file in self.files else None
        if self.selected is None:
            raise Refusal(0x6A82)
        return b""

    def read(self, place, le):
        if not self.session:
            raise Refusal(0x6982)
        if self.selected is None:
            raise Refusal(0x6985)
        left = self.sizes[self.selected] - place
        # a short file identifier is a negative offset here, and a length of 00 is none
        if place & 0x8000 or left < 0:
            raise Refusal(0x6F00)
        return bytes(self.files[self.selected][place : place + min(le, BUFFER - 37, left)])

    def create(self, data):
        if self.is_locked:
            raise Refusal(0x6985)
        if len(data) < 6 or data[1] < 4:
            raise Refusal(0x6700)
        if data[0] != 0x63:
            raise Refusal(0x6984)
        size, file = struct.unpack(">hH", data[2:6])
        self.guard(file)
        if file not in self.files_known or size < 0:
            raise Refusal(0x6F00)
        if len(self.files.setdefault(file, bytearray(size))) < size:
            raise Refusal(0x6A84)
        self.sizes[file] = size
        return b""

    def put(self, buffer, what):
        if self.is_locked:
            raise Refusal(0x6985)
        scanner = Scanner(buffer)
        match what:
            case 0xDEAD:
                self.is_locked = True
            case 0x0060 | 0x0061:
                scanner.object(5)
                scanner.object(scanner.behind())
                number = scanner.value()
                number = number[1:] if number[:1] == b"\0" else number
                if not 0 < len(number) <= 128:
                    raise Refusal(0x6F00)
                self.keys[what] = int.from_bytes(number, "big")
            case 0x0062:
                place, zone = scanner.object(5), b""
                for _ in range(3):
                    scanner.object(place)
                    zone += scanner.value() + check_digit(scanner.value())
                    place = scanner.behind()
                seed = hashlib.sha1(zone).digest()[:16]
                self.keys["access"] = session_key(seed, 1), session_key(seed, 2)
            case _:
                raise Refusal(0x6A86)
        return b""


class Card:
    """SCP03 with i 00, short lengths, one key set under KDF3."""

    def __init__(self, is_t0, log):
        self.is_t0, self.log = is_t0, log
        self.applet, self.state = None, 0x0F
        self.buffer = bytearray(BUFFER)
        self.reset()

    def reset(self):
        self.in_applet, self.session, self.waiting = False, None, b""
        if self.applet:
            self.applet.reset()

    def fault(self, text):
        self.log.write(f"FAULT {text}\n")
        return b"\x67\0"

    def transmit(self, message):
        if self.is_t0 and message[1] == 0xC0:
            count = message[4] or 256
            if count > len(self.waiting):
                return bytes([0x6C, len(self.waiting) & 0xFF])
            answer, self.waiting = self.waiting[:count], self.waiting[count:]
            return answer + (bytes([0x61, min(255, len(self.waiting))]) if self.waiting else b"\x90\0")
        if len(message) > 5 and message[4] == 0:
            return self.fault("a command of extended length")
        data = message[5 : 5 + message[4]] if len(message) > 5 else b""
        rest = message[5 + len(data) :] if data else message[4:]
        if len(rest) > 1 or (len(message) > 5 and len(data) != message[4]):
            return self.fault("lengths that do not fit")
        if self.is_t0 and data and rest:
            return self.fault("Le behind data under T=0")
        self.buffer[: len(message)] = message
        if not data:
            self.buffer[4] = 0
        try:
            answer, word = self.run(message, data, (rest[0] or 256) if rest else 0)
        except Refusal as refusal:
            answer, word = b"", refusal.word
        if self.is_t0 and answer:
            if data:
                self.waiting = answer
                return bytes([0x61, len(answer) if len(answer) < 256 else 0])
            if 0 < rest[0] and rest[0] > len(answer):
                return bytes([0x6C, len(answer)])
        return answer + word.to_bytes(2, "big")

    def run(self, message, data, le):
        if message[0] == 0x00 and message[1] == 0xA4 and message[2] == 0x04:
            return self.select(data)
        if self.in_applet and not message[0] & 0x80:
            return self.applet.process(self.buffer, le)
        match message[1]:
            case 0xCA if message[2:4] == b"\x9F\x7F":
                return PRODUCTION, 0x9000
            case 0xCA if message[2:4] == b"\0\xE0":
                return b"\xE0\x12" + b"".join(bytes([0xC0, 4, n, VERSION, 0x88, 16]) for n in (1, 2, 3)), 0x9000
            case 0xCA:
                raise Refusal(0x6A88)
            case 0x50:
                return self.begin(message[2], data)
        if not message[0] & 0x04 or not self.session:
            raise Refusal(0x6982)
        return self.manage(message, self.opened(message, data))

    def select(self, name):
        if name == APPLET and self.applet and self.state == 0x0F:
            self.in_applet = True
            return b"", 0x9000
        if name not in (b"", DOMAIN):
            raise Refusal(0x6A82)
        self.in_applet, self.session = False, None
        return bytes.fromhex("6F108408A000000151000000A5049F6501FF"), 0x9000 if self.state == 0x0F else 0x6283

    def derive(self, key, constant, bits):
        return cmac(key, bytes(11) + bytes([constant, 0]) + bits.to_bytes(2, "big") + b"\1" + self.context)[: bits // 8]

    def begin(self, version, challenge):
        if version not in (0, VERSION):
            raise Refusal(0x6A88)
        enc, mac = (cmac(MASTER, bytes([1, 0, 0, 0, number, 0]) + DIVERSIFIER) for number in (1, 2))
        ours = os.urandom(8)
        self.context = challenge + ours
        self.session = self.derive(enc, 4, 128), self.derive(mac, 6, 128)
        self.chain, self.level, self.count = bytes(16), None, 0
        return DIVERSIFIER + bytes([VERSION, 3, 0]) + ours + self.derive(self.session[1], 0, 64), 0x9000

    def opened(self, message, data):
        """The command's data without its MAC and in the plain."""
        code = cmac(self.session[1], self.chain + message[:5] + data[:-8])
        if code[:8] != data[-8:]:
            self.fault("a wrong MAC")
            self.session = None
            raise Refusal(0x6982)
        self.chain, data = code, data[:-8]
        if message[1] == 0x82:
            return data
        if self.level is None:
            raise Refusal(0x6982)
        self.count += 1
        if self.level & 2 and data:
            vector = aes(self.session[0], self.count.to_bytes(16, "big"))
            data = unpadded(aes(self.session[0], data, False, vector))
        return data

    def manage(self, message, data):
        match message[1]:
            case 0x82:
                if data != self.derive(self.session[1], 1, 64):
                    self.fault("a failed EXTERNAL AUTHENTICATE")
                    raise Refusal(0x6300)
                self.level = message[2]
                return b"", 0x9000
            case 0xE6:
                names, place = [], 0
                while place < len(data):
                    names.append(data[place + 1 : place + 1 + data[place]])
                    place += 1 + data[place]
                if names[:3] != [PACKAGE, APPLET, APPLET] or message[2] != 0x0C:
                    raise Refusal(0x6A80)
                if self.applet:
                    raise Refusal(0x6985)
                self.applet = Applet()
                return b"\0", 0x9000
            case 0xE4:
                if not self.applet:
                    raise Refusal(0x6A88)
                self.applet = None
                return b"\0", 0x9000
            case 0xF0:
                self.state = message[3]
                return b"", 0x9000
        raise Refusal(0x6D00)


def main(port, transport, log):
    card = Card(transport == "t0", open(log, "w", buffering=1))
    # T=0 alone, or both with T=1 the second one offered
    reset = bytes.fromhex("3B00" if card.is_t0 else "3B80800101")
    line = socket.create_connection(("127.0.0.1", int(port)))

    def receive(count):
        data = b""
        while len(data) < count:
            # Debian's vpcd sends in two pieces: without this each command waits 40 ms
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            part = line.recv(count - len(data))
            if not part:
                sys.exit(0)
            data += part
        return data

    while True:
        message = receive(struct.unpack(">H", receive(2))[0])
        if message == b"\x04":
            answer = reset
        elif len(message) == 1:
            card.reset()
            continue
        else:
            answer = card.transmit(message)
            card.log.write(f"{message[:4].hex()} {len(message)} -> {len(answer) - 2} {answer[-2:].hex()}\n")
        line.sendall(struct.pack(">H", len(answer)) + answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
