"""A foreign program at the virtual printer: the system's libusb through ctypes, no code of the project.

    plant_probe.py identify     enumerate, claim, ask Rtp and GET_DEVICE_ID, print them with the time that it took
    plant_probe.py hold         claim, say so, keep the claim until standard input ends
    plant_probe.py busy         succeed when somebody else's claim keeps this one out
    plant_probe.py flood        claim, send SOFT_RESET and a bitmap that never ends (to be killed in the middle)
    plant_probe.py job BYTES    claim, send SOFT_RESET and a bitmap outside a print: the answer must be ERR PARAMETERS
    plant_probe.py unplugged    wait for an answer until the plug is pulled, then for the machine at a new address
"""

import ctypes
import sys
import time

USB = ctypes.CDLL("libusb-1.0.so.0")
USB.libusb_open_device_with_vid_pid.restype = ctypes.c_void_p
USB.libusb_get_device.restype = ctypes.c_void_p
VENDOR, PRODUCT, OUT, IN = 0x0F49, 0x0A00, 0x01, 0x82
BUSY, NO_DEVICE, TIMEOUT = -6, -4, -7


def fail(text):
    print(f"plant_probe: {text}", file=sys.stderr)
    sys.exit(1)


class Printer:
    def __init__(self):
        self.handle = USB.libusb_open_device_with_vid_pid(None, VENDOR, PRODUCT)
        if not self.handle:
            raise LookupError
        self.handle = ctypes.c_void_p(self.handle)
        device = ctypes.c_void_p(USB.libusb_get_device(self.handle))
        self.address = USB.libusb_get_device_address(device)

    def claim(self):
        return USB.libusb_claim_interface(self.handle, 0)

    def control(self, kind, request, length):
        buffer = ctypes.create_string_buffer(max(length, 1))
        count = USB.libusb_control_transfer(self.handle, kind, request, 0, 0, buffer, length, 1000)
        return count if count < 0 else buffer.raw[:count]

    def bulk(self, endpoint, data, timeout=2000):
        moved = ctypes.c_int(0)
        code = USB.libusb_bulk_transfer(
            self.handle, ctypes.c_ubyte(endpoint), data, len(data), ctypes.byref(moved), timeout)
        return code, moved.value

    def send(self, data):
        code, moved = self.bulk(OUT, ctypes.create_string_buffer(data, len(data)))
        if code != 0 or moved != len(data):
            fail(f"bulk OUT ended with {code} after {moved} of {len(data)} bytes")

    def ask(self, command):
        self.send(b"\x1b" + command.encode() + b"\r")
        return self.answer()

    def answer(self, timeout=2000):
        text = b""
        while not text.endswith(b"\0"):
            buffer = ctypes.create_string_buffer(512)
            code, moved = self.bulk(IN, buffer, timeout)
            if code != 0:
                fail(f"bulk IN ended with {code}")
            text += buffer.raw[:moved]
        return text[:-1].decode()


def claimed():
    printer = Printer()
    code = printer.claim()
    if code != 0:
        fail(f"claim ended with {code}")
    return printer


def identify():
    begun = time.monotonic()
    printer = claimed()
    identity = printer.control(0xA1, 0, 512)
    length = int.from_bytes(identity[:2], "big")
    if length != len(identity):
        fail("GET_DEVICE_ID says another length than it has")
    model = printer.ask("Rtp")
    took = 1000 * (time.monotonic() - begun)
    print(f"address {printer.address} model {model} id {identity[2:].decode()} in {took:.1f} ms")


def hold():
    claimed()
    print("claimed", flush=True)
    sys.stdin.read()


def busy():
    code = Printer().claim()
    if code != BUSY:
        fail(f"a second claim ended with {code}, not with BUSY")


def flood():
    printer = claimed()
    printer.control(0x21, 2, 0)
    printer.send(b"\x1bDb;y;128;")
    data = ctypes.create_string_buffer(65536)
    print("flooding", flush=True)
    while True:
        # never ends: the bitmap's end is not sent, the machine is reset before it is whole
        for _ in range(8):
            printer.bulk(OUT, data)
        printer.control(0x21, 2, 0)
        printer.send(b"\x1bDb;y;128;")


def job():
    printer = claimed()
    printer.control(0x21, 2, 0)
    printer.send(b"\x1bDb;k;2;" + bytes(range(256)) * 321 + bytes(120) + b"\r")
    answer = printer.answer()
    if answer != "ERR PARAMETERS":
        fail(f"a bitmap outside a print was answered with {answer}")


def unplugged():
    printer = claimed()
    before = printer.address
    print("waiting", flush=True)
    code, _ = printer.bulk(IN, ctypes.create_string_buffer(512), 10000)
    if code != NO_DEVICE:
        fail(f"a pulled plug ended the transfer with {code}, not with NO_DEVICE")
    USB.libusb_close(printer.handle)
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        try:
            again = Printer()
        except LookupError:
            time.sleep(0.02)
            continue
        if again.address == before:
            # the library has not yet heard that this one is gone
            USB.libusb_close(again.handle)
            time.sleep(0.02)
            continue
        if again.claim() != 0 or again.ask("Rsn") == "":
            fail("the machine does not answer after its power came back")
        print(f"address {before} became {again.address}; Rem {again.ask('Rem')}")
        return
    fail("the machine did not come back")


if USB.libusb_init(None) != 0:
    fail("libusb cannot be initialised")
{"identify": identify, "hold": hold, "busy": busy, "flood": flood, "job": job, "unplugged": unplugged}[sys.argv[1]]()
