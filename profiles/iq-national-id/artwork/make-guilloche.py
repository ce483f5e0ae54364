#!/usr/bin/env python3
"""Draws the fine-line background of front.svg and back.svg anew.

Run in this folder: python3 make-guilloche.py
Everything between the comments `guilloche` and `/guilloche` of each drawing is replaced; the same numbers give the
same lines. Lengths are millimetres. Only the standard library is used.
"""
import math
import pathlib

WIDTH, HEIGHT, BLEED = 85.6, 53.98, 1.0
TEAL, GREEN, GOLD = "#1f7a86", "#3f8f6d", "#b08a3c"


def path(points, closed=False):
    text = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return text + ("Z" if closed else "")


def waves(count, top, bottom, amplitude, length, shift, swell):
    """Lines across the card that breathe: the amplitude swells along the card, the phase walks from line to line."""
    lines = []
    for i in range(count):
        base = top + (bottom - top) * i / (count - 1)
        points = []
        x = -BLEED
        while x <= WIDTH + BLEED:
            size = amplitude * (0.45 + 0.55 * math.cos(2 * math.pi * (x - 12) / swell + i * 0.045) ** 2)
            points.append((x, base + size * math.sin(2 * math.pi * x / length + shift + i * 0.21)))
            x += 0.8
        lines.append(path(points))
    return lines


def braid(cx, cy, radius, swing, petals, curves):
    """A ring of closed curves, all of one shape, each turned by an equal part of a petal: they plait."""
    lines = []
    steps = petals * 14
    for i in range(curves):
        turn = 2 * math.pi * i / curves
        points = []
        for k in range(steps):
            angle = 2 * math.pi * k / steps
            r = radius + swing * math.cos(petals * angle + turn)
            points.append((cx + r * math.cos(angle), cy + r * math.sin(angle)))
        lines.append(path(points, closed=True))
    return lines


def rosette(cx, cy, size):
    """Three plaits within each other; `size` is the outer radius."""
    return (braid(cx, cy, size * 0.26, size * 0.14, 8, 6)
            + braid(cx, cy, size * 0.58, size * 0.17, 14, 6)
            + braid(cx, cy, size * 0.88, size * 0.12, 22, 6))


def group(lines, colour, width, opacity):
    return (f'    <g fill="none" stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}">\n'
            + "".join(f'      <path d="{d}"/>\n' for d in lines) + "    </g>\n")


def front():
    return (
        group(waves(34, -2, HEIGHT + 2, 1.9, 37, 0.0, 86), TEAL, 0.07, 0.20)
        + group(waves(30, -2, HEIGHT + 2, 2.3, 52, 1.9, 61), GOLD, 0.07, 0.20)
        + group(rosette(56.3, 32.6, 15.6), GREEN, 0.07, 0.24)
        + group(braid(42.8, 6.1, 5.2, 0.55, 24, 6), GOLD, 0.07, 0.34)
    )


def back():
    return (
        group(waves(34, -2, HEIGHT + 2, 1.9, 41, 2.2, 86), TEAL, 0.07, 0.20)
        + group(waves(30, -2, HEIGHT + 2, 2.3, 57, 0.4, 61), GREEN, 0.07, 0.18)
        + group(rosette(44.0, 18.1, 12.0), GOLD, 0.07, 0.28)
    )


def replace(name, lines):
    file = pathlib.Path(__file__).with_name(name)
    text = file.read_text(encoding="utf-8")
    begin, end = "<!-- guilloche -->", "<!-- /guilloche -->"
    head, rest = text.split(begin)
    _, tail = rest.split(end)
    file.write_text(f"{head}{begin}\n{lines}    {end}{tail}", encoding="utf-8")


replace("front.svg", front())
replace("back.svg", back())
