"""Writes devices/magicard/transcripts: conversations put together from firmware-specs/magicard alone.

It shares nothing with driver or virtual printer. Usage: magicard_transcripts.py FOLDER
"""

import os
import sys

SENSORS = ["FRONT", "MID", "REAR", "FLIP", "SMART", "LID", "DYE", "TEMP", "CAM"]
ROW = "<000F" + "FF" * 80 + "F000"


def frame(text):
    return f"> <05*9><01>{text}<1C03>"


def ask(key, value):
    return [frame(f"REQ,STA,{key},"), f"< <01>STA,{key}{value}<2C03>"]


def lines_of(on, extra=(), missing=()):
    given = [f"{name} {'ON' if name in on else 'OFF'}" for name in SENSORS if name not in missing]
    return given + list(extra)


def sensors(lines):
    said = []
    for number, line in enumerate(list(lines) + ["END"], 1):
        said += [frame(f"SNR{number}"), f"< {line}"]
    return said


def state(*on, port="18", left=1200, due="OFF", off=(), extra=(), missing=()):
    on = set(on) | {"LID", "DYE", "CAM"}
    on -= set(off)
    said = ask("FSS", 51) + ask("DFR", left) + ask("CRQ", due) + sensors(lines_of(on, extra, missing))
    return said + ([f"* port {port}"] if port else [])


def cards(value):
    return ask("TCQ", value)


def panels(value):
    return ask("TPQ", value)


def synchronised():
    return ["* reset"] + ask("PID", 34826)


def job(page, planes, rows=1016, followed=False, overcoat=True, hole=None):
    """planes: list of letter, count of bytes, the bytes as a transcript writes them."""
    fields = ["NOC1", "LC8", f"PAG{page}", "DPXON" if followed or page == 2 else "DPXOFF"]
    if page == 2:
        fields.append("BACK")
    fields.append("OVRON" if overcoat else "OVROFF")
    if hole:
        fields.append("NCT" + ",".join(str(number) for number in hole))
    fields += ["ESS1", "REJOFF", "EJTOFF", f"HGT{rows}", "WID642", "IMF" + "".join(plane[0] for plane in planes)]
    fields += [f"SZ{letter}{count}" for letter, count, _ in planes]
    text = "> <05*64><01>" + "".join("," + field for field in fields) + "<1C>"
    for letter, _, data in planes:
        text += data + "<1C>" + letter + "<3A>"
    return text


def nothing(colour=512064, black=85344):
    return [(letter, colour, f"<00*{colour}>") for letter in "BGR"] + [("K", black, f"<00*{black}>")]


def cleared(colour=512064, black=85344, rows=1016):
    return [job(1, nothing(colour, black), rows, overcoat=False)] + synchronised()


def full(letter):
    return (letter, 512064, ROW + "*6096>") if letter != "K" else ("K", 85344, ROW + "*1016>")


class Small:
    """16 by 8 dots upright, the lying picture 8 by 12: 2 dots of margin."""

    @staticmethod
    def plane(dots, bits):
        plane = bytearray(2 * bits * 8)
        for (x, y), level in dots.items():
            column = 2 + 11 - y
            for bit in range(bits):
                if level >> bit & 1:
                    plane[x * 2 * bits + bit * 2 + column // 8] |= 0x80 >> column % 8
        return f"<{plane.hex().upper()}>"

    @staticmethod
    def planes(yellow, magenta, cyan, black):
        return [
            ("B", 96, Small.plane(yellow, 6)),
            ("G", 96, Small.plane(magenta, 6)),
            ("R", 96, Small.plane(cyan, 6)),
            ("K", 16, Small.plane(black, 1)),
        ]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)

    def write(name, facts, *parts, after="connect", world=(), driver=False, first=()):
        text = [f"# {facts}"]
        text += [f"* after {after}.txt"] if after else []
        text += ["* driver only"] if driver else []
        text += list(first) + [f"* world {word}" for word in world]
        for part in parts:
            text += part if isinstance(part, list) else [part]
        with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(text) + "\n")

    serial = ask("MSR", "SAKK-MC-0001")
    product = ask("PID", 34826)
    version = ask("VRS", "3.01v")
    marked = [frame("RAMP51,")] + ask("FSS", 51)
    smart, mid = state("SMART"), state("MID")
    fed = cards(201)

    # connection
    write("connect", "F7, F2; Q1, Q3, Q2; I1, I2, Q10", synchronised(), serial, product, version, marked, after=None)
    write(
        "connect-mark-not-kept", "I1, Q10 the setting is not kept", synchronised(), serial, product, version,
        frame("RAMP51,"), ask("FSS", 50), after=None, driver=True)
    write(
        "connect-small", "F7, F2; Q1, Q3, Q2; a small plane", synchronised(), serial, product, version, marked, after=None,
        driver=True, first=["* raster 16 8 8 12"])
    write(
        "connect-late-answers", "answers to another program's questions come first; F7",
        ["* reset", "< MID OFF", "< <01>STA,TCQ199<2C03>"], product, serial, product, version, marked, after=None, driver=True)
    write(
        "connect-late-question", "F2 an answer that comes late bears another key", "* reset", product[0],
        "< <01>STA,TPQ77<2C03>", product[1], serial, product, version, marked, after=None, driver=True)
    write("connect-serial-other", "Q1 another machine", synchronised(), ask("MSR", "SAKK-MC-0009"), after=None, driver=True)
    write("connect-model-other", "Q3 another model", synchronised(), serial, ask("PID", 18432), after=None, driver=True)
    write(
        "connect-firmware-unknown", "Q2 a firmware that nobody tried", synchronised(), serial, product,
        ask("VRS", "9.99"), after=None, driver=True)
    write(
        "connect-silent", "F7, F2 no answer at all", *(["* reset", product[0], "* silence"] for _ in range(3)),
        after=None, driver=True)
    write(
        "connect-answer-other", "F2 the answer to another question: synchronised, asked once more", synchronised(),
        serial[0], "< <01>STA,TCQ7<2C03>", synchronised(), serial, product, version, marked, after=None, driver=True)
    write(
        "connect-answer-never", "F2 the answer to another question, twice", synchronised(), serial[0],
        "< <01>STA,TCQ7<2C03>", synchronised(), serial[0], "< <01>STA,TCQ7<2C03>", after=None, driver=True)
    write(
        "connect-number-broken", "Q3 no number", synchronised(), serial, ask("PID", "many"), after=None, driver=True)

    # status
    counters = cards(200) + panels(1200)
    write("status-healthy", "S5, Q5, Q6, Q7, F8", smart, counters, world=["inside contactless"])
    write("status-nothing-inside", "S1 to S9, F8", state(), counters)
    write("status-hopper-empty", "W1", state(port="38"), counters, world=["hopper 0"])
    write("status-cover-open", "S6, W2", state(off=["LID"], port="10"), counters, world=["cover open"])
    write("status-no-ribbon", "S7, W2, W7", state(off=["DYE"], port="10", left=0), counters, world=["ribbon none"])
    write("status-ribbon-end", "W7", state(port="10", left=0), counters, world=["left 0"])
    write("status-jam", "S3, W2, M10", state("REAR", port="10"), counters, world=["inside jam"])
    write("status-cleaning", "Q9, W8", state(due="ON"), counters, world=["cleaning due"])
    write("status-two-cards", "W6", state("MID", "FRONT"), counters, driver=True)
    write("status-flip-jam", "S4", state("FLIP", port="10"), counters, driver=True)
    write("status-head-hot", "S8", state("TEMP", port="10"), counters, driver=True)
    write("status-fault", "W3 no sensor says why: a card may lie where none is", state(port="10"), counters, driver=True)
    write("status-offline", "W4", state(port="08"), counters, driver=True)
    write("status-port-unlisted", "W5", state(port="99"), counters, driver=True)
    write("status-sensor-unlisted", "a sensor that is not listed", state(extra=["LASER ON"]), counters, driver=True)
    write("status-value-unlisted", "a value that is not listed", state(extra=["CAM1 HALF"]), counters, driver=True)
    write("status-sensor-missing", "S2 is not told", state(missing=["MID"]), driver=True)
    write("status-sensor-twice", "S2 is told twice", state(extra=["MID ON"]), driver=True)
    write("status-cleaning-unlisted", "Q9", ask("FSS", 51), ask("DFR", 1200), ask("CRQ", "PERHAPS"), driver=True)
    write("status-left-negative", "Q7", ask("FSS", 51), ask("DFR", -1), driver=True)
    write(
        "status-line-other", "F3 another answer among the lines: synchronised, asked again from the first",
        ask("FSS", 51), ask("DFR", 1200), ask("CRQ", "OFF"), frame("SNR1"), "< <01>STA,TCQ200<2C03>", synchronised(),
        sensors(lines_of({"LID", "DYE"})), "* port 18", counters, driver=True)
    write("details", "Q5 to Q8", ask("DFR", 1200), panels(1200), cards(200), ask("CCQ", 0), ask("CCP", 1000),
          ask("TCP", 1200), ask("TCN", 0), ask("CPQ", 0))

    write("status-reset", "I2, Q10 it was off in between", ask("FSS", 50), driver=True)

    # feed
    begin = state() + cards(200) + cleared()
    down = frame("CHPDOWN,")
    write("feed-contactless", "M2, S5, Q5; P14, F7 nobody's picture stays in memory", begin, down, smart, fed)
    write("feed-print", "M1, S2, Q5", begin, frame("FEED0,"), mid, fed)
    write("feed-occupied", "S2 a card is inside", mid, world=["inside print"])
    write("feed-empty", "W1", state(port="38"), world=["hopper 0"])
    write("feed-empty-late", "no card came and none was counted", begin, down, state(), cards(200), driver=True)
    write("feed-empty-told", "W1 it notices at the feed", begin, down, state(port="38"), cards(200), driver=True)
    write("feed-cover-open", "S6", state(off=["LID"], port="10"), world=["cover open"])
    write("feed-cleaning", "W8", state(due="ON"), world=["cleaning due"])
    write("feed-no-ribbon", "S7", state(off=["DYE"], port="10", left=0), world=["ribbon none"])
    write("feed-head-hot", "S8", state("TEMP"), driver=True)
    write("feed-fault", "W3: a card may be inside", state(port="10"), driver=True)
    write("feed-unlisted", "a sensor that is not listed", state(extra=["LASER ON"]), driver=True)
    write("feed-offline", "W4", state(port="08"), driver=True)
    write("feed-jam", "M10, S3, Q5", begin, down, state("REAR", port="10"), fed, world=["jams"])
    write("feed-not-there", "Q5 a card was taken and no sensor sees it", begin, down, state(), fed, driver=True)
    write("feed-two", "Q5 two cards were taken", begin, down, smart, cards(202), driver=True)
    write("feed-lost-answer", "F5 nothing is answered behind the order", begin, down, frame("REQ,STA,FSS,"), "* silence",
          driver=True)
    write("feed-gone", "the cable is gone at the order", begin, "* gone", down, driver=True)
    write("feed-clear-stalled", "P13 memory could not be written over: nothing is fed", state(), cards(200), "* stall",
          driver=True)

    # movement
    write("move-print", "M3, S2", smart, frame("CHPUP,"), mid, world=["inside contactless"])
    write("move-there", "S2 it lies there already", mid, world=["inside print"])
    write("move-nothing-inside", "M2 would take a card from the hopper", state())
    write("move-jam", "M10", smart, frame("CHPUP,"), state("REAR", port="10"), world=["inside contactless", "jams"])
    write("move-not-there", "M3 nothing moved", smart, frame("CHPUP,"), smart, driver=True)
    write("present-back", "M4", mid, frame("FLIP,"), mid, after="feed-print")
    write("present-jam", "M4, S4", mid, frame("FLIP,"), state("FLIP", port="10"), after="feed-print", driver=True)

    # print
    front = job(1, [full("B"), nothing()[1], full("R"), nothing()[3]], followed=True)
    back = job(2, [full("K")], overcoat=False)
    ready = mid + panels(1200)
    end = "> <03>"
    write(
        "print-card", "P1 to P12, Q6; P13 its end is sent apart; P14, F7", ready, front, end, panels(1205), mid, back, end,
        panels(1206), mid, cleared(), after="feed-print")
    write("print-no-card", "S5 the card lies elsewhere", smart, after="feed-contactless")
    write("print-side-unknown", "P16 the side of a card that was inside is not known", mid, world=["inside print"])
    write("print-cover-open", "S6", state("MID", off=["LID"], port="10"), after="feed-print", driver=True)
    write("print-ribbon-short", "Q7", state("MID", left=5), after="feed-print", driver=True)
    write(
        "print-ribbon-end", "P17, W7", ready, front, end, panels(1201), state("MID", port="10", left=0), after="feed-print",
        world=["ribbon-ends m"])
    write(
        "print-nothing-laid", "P7, P15 the job is refused, nothing is counted", ready, front, end, panels(1200),
        state("MID", port="10"), after="feed-print", driver=True)
    write("print-panel-missing", "Q6 a panel too few", ready, front, end, panels(1204), mid, after="feed-print", driver=True)
    write("print-ejected", "P11 the card went out by itself", ready, front, end, panels(1205), state(), after="feed-print",
          driver=True)
    write("print-flip-jam", "P9, S4", ready, front, end, panels(1205), state("FLIP", port="10"), after="feed-print",
          driver=True)
    write(
        "print-stalled", "P13 the job stalls: its end is never sent, and what came is dropped (F7) before the next question",
        ready, "* stall", synchronised(), mid, cards(201), panels(1200), after="feed-print", driver=True)
    write(
        "print-stalled-back", "P13 the second page stalls: the front's ink stays", ready, front, end, panels(1205), mid,
        "* stall", after="feed-print", driver=True)
    write("print-gone", "the cable is gone in the job", ready, "* gone", front, after="feed-print", driver=True)
    write("print-gone-end", "the cable is gone at the byte that prints", ready, front, "* gone", end, after="feed-print",
          driver=True)
    write("print-lost-counter", "Q6 is not answered", ready, front, end, frame("REQ,STA,TPQ,"), "* silence",
          after="feed-print", driver=True)

    small = state() + cards(200) + cleared(96, 16, 8) + [frame("FEED0,")] + mid + fed + ready
    black = {(0, 11): 1, (2, 6): 1}
    black |= {(1, y): 1 for y in (7, 6, 2, 1, 0)}
    write(
        "print-places", "P4, P5, P6: top left yellow, bottom right half magenta, black that looks like a frame", small,
        job(1, Small.planes({(0, 0): 63}, {(7, 11): 32}, {}, black), 8, followed=True), end, panels(1205), mid,
        job(2, [("K", 16, Small.plane({(0, 0): 1}, 1))], 8, overcoat=False), end, panels(1206), mid,
        cleared(96, 16, 8), after="connect-small", driver=True)
    write(
        "print-hole", "P8", small, job(1, Small.planes({}, {}, {}, {}), 8, hole=(2, 3, 5, 7)), end, panels(1205), mid,
        cleared(96, 16, 8), after="connect-small", driver=True)

    # exits
    eject, reject = frame("EJT,"), frame("REJ,")
    before = mid + counters
    write("eject-good", "M5, S1 to S5, Q5, Q6", before, eject, state(), counters, world=["inside print"])
    write("eject-reject", "M6, S1 to S5, Q5, Q6", before, reject, state(), counters, world=["inside print"])
    write("eject-nothing-inside", "S1 to S5", state())
    write("eject-full", "S2 it did not leave", before, eject, mid, counters, world=["inside print", "full good"])
    write("eject-jam", "M10", before, eject, state("REAR", port="10"), counters, world=["inside print", "jams"])
    write("eject-hidden-jam", "W3 no sensor sees it, but something is wrong", before, eject, state(port="10"), counters,
          world=["inside print"], driver=True)
    write("eject-other-card", "Q5 another card was taken", before, eject, state(), cards(201) + panels(1200), driver=True)
    write("eject-other-ink", "Q6 something was printed", before, eject, state(), cards(200) + panels(1201), driver=True)
    write("eject-cover-open", "S6 a hand may have taken it", before, eject, state(off=["LID"], port="10"), counters,
          driver=True)
    write("eject-unlisted", "a sensor that is not listed", before, eject, state(extra=["LASER ON"]), counters, driver=True)
    write("eject-reset", "I2, M11 it was reset: the card may have gone by the other exit", before, reject, ask("FSS", 50),
          driver=True)
    write("eject-lost-answer", "F5", before, eject, frame("REQ,STA,FSS,"), "* silence", driver=True)
    write("eject-gone", "the cable is gone at the order", before, "* gone", eject, driver=True)

    # service
    write("clean", "M8, Q8", state(), ask("TCN", 4), frame("CLN,"), ask("TCN", 5), driver=True)
    write("clean-no-card", "M8, Q8 no cleaning card lies in the hopper", state(), ask("TCN", 0), frame("CLN,"), ask("TCN", 0))
    write("clean-occupied", "S2", mid, world=["inside print"])
    back = [*synchronised(), *ask("FSS", 50), *synchronised(), *serial, *product, *version, *marked, *state()]
    write("reset", "M7, I2: it forgets", state(), cards(200), frame("RST,"), back, cards(200))
    write("reset-occupied", "S2: M7 would throw it out", mid, world=["inside print"])
    write("reset-jam-unseen", "W3: a card may lie where no sensor is", state(port="10"), driver=True)
    write(
        "reset-undone", "M7, I2: it has not forgotten", state(), cards(200), frame("RST,"), synchronised(), ask("FSS", 51),
        driver=True)
    write("reset-card", "M7, Q5: a card was taken meanwhile", state(), cards(200), frame("RST,"), back, cards(201), driver=True)


main()
