"""Fine lines: guilloche, rosettes, emblem and captions as SVG text. Lengths are millimetres; the same numbers give the same
lines. Only the standard library is used."""
import math


def path(points, closed=False):
    text = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return text + ("Z" if closed else "")


def waves(width, height, count, amplitude, length, shift, swell, walk=0.21, step=1.0):
    """Lines across the document that breathe: the amplitude swells along it, the phase walks from line to line."""
    lines = []
    for i in range(count):
        base = -2 + (height + 4) * i / (count - 1)
        points = []
        x = -1.5
        while x <= width + 1.5:
            size = amplitude * (0.45 + 0.55 * math.cos(2 * math.pi * (x - 12) / swell + i * 0.045) ** 2)
            points.append((x, base + size * math.sin(2 * math.pi * x / length + shift + i * walk)))
            x += step
        lines.append(path(points))
    return lines


def braid(cx, cy, radius, swing, petals, curves, stretch=1.0):
    """A ring of closed curves, all of one shape, each turned by an equal part of a petal: they plait."""
    lines = []
    steps = petals * 12
    for i in range(curves):
        turn = 2 * math.pi * i / curves
        points = []
        for k in range(steps):
            angle = 2 * math.pi * k / steps
            r = radius + swing * math.cos(petals * angle + turn)
            points.append((cx + stretch * r * math.cos(angle), cy + r * math.sin(angle)))
        lines.append(path(points, closed=True))
    return lines


def rosette(cx, cy, size, stretch=1.0, petals=(9, 16, 24), curves=7):
    """Three plaits within each other; `size` is the outer radius."""
    return (braid(cx, cy, size * 0.25, size * 0.13, petals[0], curves, stretch)
            + braid(cx, cy, size * 0.57, size * 0.17, petals[1], curves, stretch)
            + braid(cx, cy, size * 0.88, size * 0.12, petals[2], curves, stretch))


def ribbon(x0, x1, y, swing, length, curves):
    """A straight plait along a line."""
    lines = []
    for i in range(curves):
        points = []
        x = x0
        while x <= x1 + 1e-6:
            envelope = math.sin(math.pi * (x - x0) / (x1 - x0)) ** 0.35
            points.append((x, y + swing * envelope * math.sin(2 * math.pi * (x - x0) / length + 2 * math.pi * i / curves)))
            x += 0.3
        lines.append(path(points))
    return lines


def group(lines, colour, width, opacity, extra=""):
    return (f'    <g fill="none" stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}"{extra}>\n'
            + "".join(f'      <path d="{d}"/>\n' for d in lines) + "    </g>\n")


def star(cx, cy, radius, points=8, ratio=0.765):
    """Two squares turned by an eighth: the star of eight."""
    corners = []
    for k in range(points * 2):
        r = radius if k % 2 == 0 else radius * ratio
        angle = -math.pi / 2 + math.pi * k / points
        corners.append((cx + r * math.cos(angle), cy + r * math.sin(angle)))
    return path(corners, closed=True)


def emblem(cx, cy, size, dark, gold, pale, ground="#fdfcf6"):
    """A sun over water in a star of eight; `size` is the star's radius. Invented: no state bears it."""
    s = size / 4.6
    at = lambda x, y: f"{cx + x * s:.2f} {cy + y * s:.2f}"
    rays = "".join(
        f"M{at(1.12 * math.cos(a), 0.25 + 1.12 * math.sin(a))}L{at(1.85 * math.cos(a), 0.25 + 1.85 * math.sin(a))}"
        for a in [-math.pi / 2 + k * math.pi / 8 for k in range(-3, 4)])
    water = ""
    for half, y in ((2.2, 0.8), (1.9, 1.3), (1.4, 1.8)):
        d = half / 2
        water += f"M{at(-half, y)}" + "".join(
            f"q{d / 2 * s:.2f} {-0.35 * s if i % 2 == 0 else 0.35 * s:.2f} {d * s:.2f} 0" for i in range(4))
    return (f'    <g id="emblem">\n'
            f'      <path d="{star(cx, cy, size)}" fill="{ground}" stroke="{gold}" stroke-width="{0.22 * s:.3f}"/>\n'
            f'      <path d="{star(cx, cy, size * 0.9)}" fill="none" stroke="{gold}" stroke-width="{0.1 * s:.3f}"/>\n'
            f'      <circle cx="{cx}" cy="{cy}" r="{2.85 * s:.2f}" fill="{dark}"/>\n'
            f'      <circle cx="{cx}" cy="{cy}" r="{2.6 * s:.2f}" fill="none" stroke="{pale}" stroke-width="{0.1 * s:.3f}"/>\n'
            f'      <path d="M{at(-0.85, 0.25)}A{0.85 * s:.2f} {0.85 * s:.2f} 0 0 1 {at(0.85, 0.25)}Z" fill="{pale}"/>\n'
            f'      <path d="{rays}{water}" stroke="{pale}" stroke-width="{0.17 * s:.3f}" stroke-linecap="round" fill="none"/>\n'
            f'    </g>\n')


LATIN, ARABIC = "Noto Sans", "Noto Naskh Arabic"


def caption(x, y, words, size, colour, anchor="start", font=None, bold=False, spacing=0, opacity=1):
    """One direction a caption, so that no reordering can go wrong."""
    font = font or (ARABIC if any("\u0600" <= c <= "\u06ff" for c in words) else LATIN)
    weight = ' font-weight="bold"' if bold else ""
    space = f' letter-spacing="{spacing}"' if spacing else ""
    pale = f' fill-opacity="{opacity}"' if opacity != 1 else ""
    return (f'    <text x="{x}" y="{y}" font-family="{font}" font-size="{size}"{weight} fill="{colour}"{pale} '
            f'text-anchor="{anchor}"{space}>{words}</text>\n')


def rule(x1, x2, y, colour, width=0.1, opacity=0.6):
    return (f'    <line x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" stroke="{colour}" stroke-width="{width}" '
            f'stroke-opacity="{opacity}"/>\n')


def microtext(x1, x2, y, words, size, colour, opacity=0.8):
    """A line of letters so small that a copier makes it a line; repeated evenly from `x1` to `x2`."""
    count = max(round((x2 - x1) / (len(words) * size * 0.655)), 1)
    step = (x2 - x1) / count
    return "".join(caption(round(x1 + step * i, 2), f"{y:g}", words, size, colour, opacity=opacity) for i in range(count))


def field(name, kind, x, y, w, h, panel="k", **more):
    text = "".join(f' data-{key.replace("_", "-")}="{value}"' for key, value in more.items())
    return (f'    <rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" fill="none" data-field="{name}" '
            f'data-kind="{kind}" data-panel="{panel}"{text}/>\n')


def latin(name, x, y, w, size, least, bold=False, align="left", height=3.4, **more):
    """A Latin value whose baseline lies at `y`."""
    weight = {"weight": "bold"} if bold else {}
    base = round(height * 0.74, 2)
    return field(name, "text", x, round(y - base, 2), w, height, font=LATIN, **weight, size=f"{size}pt",
                 min_size=f"{least}pt", dir="ltr", align=align, baseline=base, **more)


def arabic(name, x, y, w, size, least, bold=False, align="right", height=4.1, **more):
    """An Arabic or Sorani value whose baseline lies at `y`; letters reach further below it than Latin ones."""
    weight = {"weight": "bold"} if bold else {}
    base = round(height * 0.64, 2)
    return field(name, "text", x, round(y - base, 2), w, height, font=ARABIC, **weight, size=f"{size}pt",
                 min_size=f"{least}pt", dir="rtl", align=align, baseline=base, **more)


def drawing(width, height, defs, stock, personal, more=""):
    w, h = f"{width:g}", f"{height:g}"
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<!-- Millimetres from the top left. The rules of a template: profiles/iq-national-id/artwork/README.md. '
            f'Written by scripts/artwork/make; may be edited in Inkscape. -->\n'
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" viewBox="0 0 {w} {h}">\n'
            f'  <defs>\n{defs}  </defs>\n  <g id="stock">\n{stock}  </g>\n{more}'
            f'  <g id="personal">\n{personal}  </g>\n</svg>\n')


def gradient(name, stops, x2=1, y2=0.6):
    return (f'    <linearGradient id="{name}" x1="0" y1="0" x2="{x2}" y2="{y2}">\n'
            + "".join(f'      <stop offset="{o}" stop-color="{c}"/>\n' for o, c in stops) + "    </linearGradient>\n")
