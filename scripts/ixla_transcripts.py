"""Writes devices/ixla-xml/transcripts: conversations put together from firmware-specs/ixla-xml alone.

It shares nothing with driver or virtual machine. Usage: ixla_transcripts.py FOLDER
"""

import base64
import os
import struct
import sys

SERIAL = "SAKK-IX-0001"
INTERLOCKS = [
    "AbsoluteThermalFault", "CurrentDriverCurrentFault", "CurrentDriverInterlockFault", "CurrentDriverPowerFault",
    "CurrentDriverTemperatureFault", "Interlock1", "Interlock2", "LaserShutterOpen", "RelativeThermalFault",
]


def escape(text):
    return text.replace("<", "\0").replace(">", "<3E>").replace("\0", "<3C>").replace("\r\n", "<0D0A>")


def sent(text):
    return ["> " + escape(text + "\r\n")]


def said(text):
    return ["< " + escape(text + "\r\n")]


def command(name, **attributes):
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return sent(f'<command name="{name}"{more} />')


def yes(**attributes):
    return said("<command valid=\"true\"" + "".join(f' {key}="{value}"' for key, value in attributes.items()) + " />")


def no(error):
    return said(f'<command valid="false" error="{error}" />')


def done(name):
    return said(f'<command name="{name}" executed="true" >')


def broke(name, error=None):
    return said(f'<command name="{name}" executed="false"' + (f' error="{error}"' if error else "") + " >")


def modules(transport="Ready", laser="Ready", interface="Ready"):
    return command("machinestatus") + yes(transportstatus=transport, laserstatus=laser, interfacestatus=interface)


def interlocks(on=(), missing=(), **extra):
    states = {name: "true" if name in on else "false" for name in INTERLOCKS if name not in missing}
    return command("getinterlock") + yes(**states, **extra)


def stacker(empty="false"):
    return command("stacker") + said(f'<stacker empty="{empty}" />')


def state(transport="Ready", laser="Ready", interface="Ready", on=(), empty="false"):
    return modules(transport, laser, interface) + interlocks(on) + stacker(empty)


def entities(texts="sakk", images=""):
    return command("getentities") + yes(texts=texts, barcodes="", images=images)


def examine(memory=None, **kind):
    return (memory or entities()) + state(**kind)


def seek(pattern, x=None, y="0,000", percent=96):
    said_to = command("autoposition", PatternName=f"{SERIAL}-{pattern}")
    return said_to + (no("Autopositioning failed") if x is None else yes(XOffset=x, YOffset=y, Correlation=percent))


def number(value):
    asked = command("barcode", BarcodeName=f"{SERIAL}-number")
    return asked + (no("Barcode failed") if value is None else yes(Barcode=value))


def nothing():
    return seek("empty", "0,000", percent=98) + number(None)


def booklet(value="B00000001", page="regular", x="0,000", y="0,000", percent=96):
    looked = seek("empty") + number(value)
    for category in ["regular", "diplomatic"]:
        looked += seek("data-" + category, x, y, percent) if category == page else seek("data-" + category)
    return looked


def idle_document():
    text = '<command name="createdocument"><layout Name="sakk" Rotation="0" XOffset="0" YOffset="0">'
    text += '<entity Type="Text" Name="sakk" Text="sakk" XPos="0" YPos="0" Font="Arial" CharSize="20" Color="000000" />'
    return sent(text + "</layout></command>")


def cleared():
    return idle_document() + yes() + done("CreateDocument") + entities()


def bitmap(rows, dpi=300):
    """rows from above, 0 nothing to 255 full."""
    width = len(rows[0])
    stride = (width + 3) // 4 * 4
    body = b"".join(bytes(255 - dot for dot in row) + bytes(stride - width) for row in reversed(rows))
    head = b"BM" + struct.pack("<IHHI", 1078 + len(body), 0, 0, 1078)
    metre = round(dpi / 0.0254)
    head += struct.pack("<IiiHHIIiiII", 40, width, len(rows), 1, 8, 0, len(body), metre, metre, 256, 0)
    return head + b"".join(bytes([level, level, level, 0]) for level in range(256)) + body


def image_document(rows, name="A-1"):
    text = f'<command name="createdocument"><layout Name="{name}" Rotation="0" XOffset="0" YOffset="0">'
    text += f'<entity Type="Image" Name="{name}" Image="{base64.b64encode(bitmap(rows)).decode()}"'
    text += ' XPos="0" YPos="0" /></layout></command>'
    return sent(text)


def mark(x="0,000", y="0,000", name="A-1"):
    return command("marklayout", layout=name, XOffset=x, YOffset=y)


def load():
    return command("movepassport", source="stacker", destination="laser")


def reject():
    return command("movepassport", source="laser", destination="reject")


PAGE = [[255, 0, 128, 1, 254], [0, 0, 0, 0, 0], [7, 77, 177, 200, 255]]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)

    def write(name, facts, *parts, after="connect", world=(), driver=False):
        text = [f"# {facts}"] + ([f"* after {after}.txt"] if after else [])
        text += ["* driver only"] if driver else []
        text += [f"* world {word}" for word in world]
        for part in parts:
            text += part if isinstance(part, list) else [part]
        with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(text) + "\n")

    patterns = f"{SERIAL}-empty;{SERIAL}-data-regular;{SERIAL}-data-diplomatic"

    def taught(names=patterns):
        return command("getpatterns") + yes(Patterns=names)

    twice = state() + state()
    small = "* raster 5 3 5 3"
    there = ["inside print", "number B00000001"]

    # connection
    write("connect", "V5, V6, V7, S1, I1, M7, E1, E12", taught(), twice, cleared(), after=None)
    write("connect-small", "as connect.txt, with a picture of 5 by 3 dots", small, taught(), twice, cleared(),
          after=None, world=["size 5 3"])
    write("connect-serial-other", "V6: another machine's patterns", taught("X-1-empty;X-1-data-regular"),
          after=None, driver=True)
    write("connect-no-page", "V7: no page was taught", taught(f"{SERIAL}-empty"), after=None, driver=True)
    write("connect-firmware-unknown", "no version is told", taught(), after=None)
    write("connect-moving", "S4: it moves still", taught(), state(transport="Moving"), state(interface="Marking"), twice,
          cleared(), after=None, driver=True)
    write("connect-error", "S10: no document can be made", taught(), state(interface="Error"),
          state(interface="Error"), after=None, driver=True)
    write("connect-mark-not-kept", "E12", taught(), twice, idle_document(), yes(), done("CreateDocument"),
          entities(texts="", images="A-77"), after=None, driver=True)
    write("connect-mark-refused", "E7", taught(), twice, idle_document(), no("Laser module not ready"), after=None,
          driver=True)
    write("connect-silent", "F3", command("getpatterns"), "* silence", after=None, driver=True)
    write("connect-broken", "F2: bytes that are no element", command("getpatterns"), "< OK", after=None, driver=True)
    write("connect-html", "F2: another server on that port", command("getpatterns"), said("<html>"), after=None,
          driver=True)
    write("connect-turn", "F7: the end of another command", command("getpatterns"), done("eject"), after=None,
          driver=True)
    cut = "".join(taught()[1:])[2:]
    write("connect-cut", "F8: answers in pieces, without a blank, with closing tags",
          taught()[0], "< " + cut[:30], "< " + cut[30:47], "< " + cut[47:],
          modules()[0], "< " + escape('<command valid="true" transportstatus="Ready" laserstatus="Ready" '),
          "< " + escape("interfacestatus='Ready'></command>"), interlocks(), stacker(), state(), idle_document(),
          "< " + escape('<command valid="true"/><command name="CreateDocument" executed="true"/>'), entities(),
          after=None, driver=True)

    # state
    write("status-empty", "S2, S5, S8, V6", examine(), nothing())
    write("status-booklet", "V3, V7", examine(), booklet(), world=there)
    write("status-point", "F11: a point before the decimals", examine(), booklet(x="0.120", y="-0.1"), driver=True)
    write("status-other-page", "V7: another page", examine(), booklet(page=None), world=there + ["page other"])
    write("status-faint", "V1: a pattern that is seen faintly is not seen", examine(),
          seek("empty", "0,000", percent=41), number(None), seek("data-regular"), seek("data-diplomatic"), driver=True)
    write("status-stacker-empty", "M7", examine(empty="true"), nothing(), world=["hopper 0"])
    write("status-door-open", "I7", examine(on=["Interlock1"]), nothing(), world=["cover open"])
    write("status-door2-open", "I8", examine(on=["Interlock2"]), nothing(), driver=True)
    write("status-hot", "I1", examine(on=["AbsoluteThermalFault"]), nothing(), world=["hot"])
    write("status-hot-all", "I1, I2, I3",
          examine(on=["AbsoluteThermalFault", "RelativeThermalFault", "CurrentDriverTemperatureFault"]), nothing(),
          driver=True)
    write("status-driver", "I4, I5, I6, I9",
          examine(on=["CurrentDriverCurrentFault", "CurrentDriverInterlockFault", "CurrentDriverPowerFault",
                      "LaserShutterOpen"]), nothing(), driver=True)
    write("status-jam", "S3", examine(transport="Fault"), booklet(None, None), driver=True)
    write("status-laser-fault", "S6", examine(laser="Fault"), nothing(), world=["laser off"])
    write("status-warm-up", "S7", examine(laser="WarmUp"), nothing(), driver=True)
    write("status-interface-error", "S10", examine(interface="Error"), nothing(), driver=True)
    write("status-interface-fault", "S11", examine(interface="Fault"), nothing(), driver=True)
    write("status-marking", "S9", examine(interface="Marking"), nothing(), driver=True)
    write("status-word-unlisted", "S12", examine(transport="Parked"), nothing(), driver=True)
    write("status-interlock-missing", "I9", entities(), modules(), interlocks(missing=["LaserShutterOpen"]), driver=True)
    write("status-interlock-unlisted", "I1: another name", entities(), modules(), interlocks(Interlock3="false"),
          driver=True)
    write("status-module-missing", "S1", entities(), command("machinestatus"), yes(transportstatus="Ready"),
          driver=True)
    write("status-reset", "E9: its memory is empty", command("getentities"), no("No active layouts"), world=["reset"])
    write("status-other-document", "E8: somebody else's document", entities(texts="", images="X"), driver=True)
    write("status-offset-strange", "V1: no number", examine(), command("autoposition", PatternName=f"{SERIAL}-empty"),
          yes(XOffset="left", YOffset="0,000", Correlation="96"), driver=True)
    write("status-stray", "F7: an answer that nobody asked for", examine()[:-1],
          "< " + escape('<stacker empty="false" /><command valid="true" />'), driver=True)
    write("details", "nothing is told of it")

    # the reader
    write("read-booklet", "V3, V7", booklet(), world=there)
    write("read-diplomatic", "V7: another cover", booklet(page="diplomatic"), world=there + ["category diplomatic"])
    write("read-absent", "V6", nothing())
    write("read-unreadable", "V4", booklet(None), world=["inside print"])
    write("read-upside-down", "V4, V7", booklet(None, None), world=there + ["upside-down"])
    write("read-two", "V6: an empty bed with a number is neither", seek("empty", "0,000", percent=90), number("B1"),
          driver=True)
    write("read-two-pages", "V7: two pages at once", seek("empty"), number("B1"), seek("data-regular", "0,000"),
          seek("data-diplomatic", "0,000"), driver=True)

    # movement
    write("feed", "M1", examine(), nothing(), load(), yes(), done("movepassport"), examine(), booklet(),
          world=["next B00000001"])
    write("feed-occupied", "V3", examine(), booklet(), world=there)
    write("feed-empty", "M7", examine(empty="true"), nothing(), world=["hopper 0"])
    write("feed-door-open", "I7", examine(on=["Interlock1"]), nothing(), world=["cover open"])
    write("feed-hot", "I1", examine(on=["AbsoluteThermalFault"]), nothing(), world=["hot"])
    write("feed-laser-fault", "S6", examine(laser="Fault"), nothing(), world=["laser off"])
    write("feed-warm-up", "S7", examine(laser="WarmUp"), nothing(), driver=True)
    write("feed-unlisted", "S12", examine(transport="Parked"), nothing(), driver=True)
    write("feed-refused", "M5", examine(), nothing(), load(), no("Transport module not ready"), driver=True)
    write("feed-jam", "M6", examine(), nothing(), load(), yes(), broke("movepassport", "Passport jam"), world=["jams"])
    write("feed-air", "V6: it says that it took one in", examine(), nothing(), load(), yes(), done("movepassport"),
          examine(), nothing(), driver=True)
    write("feed-silent", "F4", examine(), nothing(), load(), yes(), "* silence", driver=True)
    write("feed-gone", "F9", examine(), nothing(), "* gone", driver=True)
    write("feed-other-end", "F6: the end of another command", examine(), nothing(), load(), yes(), done("eject"),
          driver=True)
    write("feed-reset", "E9: switched off and on in between", examine(), nothing(), load(), yes(),
          done("movepassport"), command("getentities"), no("No active layouts"), driver=True)
    write("move", "M11", examine(), booklet(), world=there)
    write("move-nothing", "V6", examine(), nothing())
    write("move-jam", "S3", examine(transport="Fault"), booklet(None, None), driver=True)
    write("present", "V3", examine(), booklet(), world=there)
    write("eject-good", "M3", examine(), booklet(), command("eject"), yes(), done("eject"), examine(), nothing(),
          world=there)
    write("eject-reject", "M4", examine(), booklet(), reject(), yes(), done("movepassport"), examine(), nothing(),
          world=there)
    write("eject-nothing", "V6", examine(), nothing())
    write("eject-refused", "M5", examine(), booklet(), command("eject"), no("Transport module not ready"), driver=True)
    write("eject-jam", "M6", examine(), booklet(), command("eject"), yes(), broke("eject"), driver=True)
    write("eject-still", "V3: it lies there still", examine(), booklet(), command("eject"), yes(), done("eject"),
          examine(), booklet(), driver=True)
    write("eject-reset", "E9: it was reset, which ejects", examine(), booklet(), command("eject"), yes(), done("eject"),
          command("getentities"), no("No active layouts"), driver=True)
    write("eject-silent", "F4", examine(), booklet(), command("eject"), yes(), "* silence", driver=True)
    write("eject-error-good", "S10: a reset would go unnoticed", state(interface="Error"), booklet(),
          after="connect-error", driver=True)
    write("eject-error-reject", "S10, M4", state(interface="Error"), booklet(), reject(), yes(), done("movepassport"),
          state(interface="Error"), nothing(), after="connect-error", driver=True)

    # mark
    looked = booklet(x="0,250", y="-1,000")
    spot = there + ["offset 250 -1000"]
    made = image_document(PAGE) + yes() + done("CreateDocument") + entities(texts="", images="A-1")
    ours = entities(texts="", images="A-1")
    begin = examine() + looked + made + examine(ours) + looked
    tail = examine(ours) + looked
    marked = mark("0,250", "-1,000")
    write("print", "E1, E4, E8, E10, K1", begin, marked, yes(), done("MarkLayout"), tail, cleared(),
          after="connect-small", world=spot)
    write("print-clear-refused", "E7: the memory is written over at the next feed", begin, marked, yes(),
          done("MarkLayout"), tail, idle_document(), no("Laser module not ready"), after="connect-small", driver=True)
    write("print-nothing", "K2: nothing lies there", examine(), nothing(), after="connect-small")
    write("print-page", "V7", examine(), booklet(page=None), after="connect-small", world=there + ["page other"])
    write("print-unreadable", "V4", examine(), booklet(None), after="connect-small", world=["inside print"])
    write("print-far", "V1", examine(), booklet(x="2,501"), after="connect-small", world=there + ["offset 2501 0"])
    write("print-door", "I8", examine(on=["Interlock2"]), after="connect-small", driver=True)
    write("print-document-failed", "E6", examine(), looked, image_document(PAGE), yes(),
          broke("CreateDocument", "Error creating document. Error on entity: A-1"), after="connect-small", driver=True)
    write("print-document-refused", "E7", examine(), looked, image_document(PAGE), no("Laser module not ready"),
          after="connect-small", driver=True)
    write("print-document-other", "E8: something else is in memory too", examine(), looked, image_document(PAGE), yes(),
          done("CreateDocument"), entities(texts="", images="A-0;A-1"), after="connect-small", driver=True)
    write("print-document-silent", "F4", examine(), looked, image_document(PAGE), yes(), "* silence",
          after="connect-small", driver=True)
    write("print-swapped", "V3: a hand was in the machine", examine(), looked, made, examine(ours),
          booklet("B00000002"), after="connect-small", driver=True)
    write("print-taken", "K2: a hand took it out", examine(), looked, made, examine(ours), nothing(),
          after="connect-small", driver=True)
    write("print-refused", "E7", begin, marked, no("Laser module not ready"), after="connect-small", driver=True)
    write("print-failed", "K3", begin, marked, yes(), broke("MarkLayout", "Error marking layout"), after="connect-small",
          driver=True)
    write("print-laser-off", "K3, S6", begin, marked, yes(), broke("MarkLayout", "Error marking layout"),
          after="connect-small", driver=True)
    write("print-silent", "F4", begin, marked, yes(), "* silence", after="connect-small", driver=True)
    write("print-gone", "F9", begin, "* gone", after="connect-small", driver=True)
    write("print-moved-out", "V6: it is gone behind the mark", begin, marked, yes(), done("MarkLayout"), examine(ours),
          nothing(), after="connect-small", driver=True)
    write("read-then-other", "V3: another one than was read", booklet(), examine(), booklet("B00000002"),
          after="connect-small", driver=True)

    # reset
    asked = [*state(), *nothing(), *command("reset"), *yes(), *done("reset")]
    back = command("getentities") + no("No active layouts") + taught() + twice + cleared()
    write("reset", "M8, E9: every document is gone", asked, back, nothing())
    write("reset-error", "M8: the module that was in error is ready", state(interface="Error"), nothing(), command("reset"),
          yes(), done("reset"), back, nothing(), driver=True)
    write("reset-occupied", "V6: M8 would throw it out", state(), booklet(), world=there)
    write("reset-stuck", "S3: a booklet may lie where the camera does not see it", state(transport="Fault"), driver=True)
    write("reset-failed", "S11", state(), nothing(), command("reset"), yes(), broke("reset"), driver=True)
    write("reset-refused", "F3", state(), nothing(), command("reset"), no("Transport module not ready"), driver=True)
    write("reset-undone", "E9: the document is still there", asked, entities(), driver=True)
    write("reset-booklet", "V6: something lies there behind it", asked, back, booklet(), driver=True)


main()
