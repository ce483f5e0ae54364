"""Compares the edges of the package with the list of those that are allowed."""

import json
import sys


def allowed(path):
    edges = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.split("#")[0].strip()
            if line:
                module, _, uses = line.partition(":")
                edges[module.strip()] = set(uses.split())
    return edges


def main():
    package = json.load(sys.stdin)
    rules = allowed(sys.argv[1])
    faults = []
    for target in package["targets"]:
        name = target["name"]
        if target["type"] == "test" or target["type"] == "system-target":
            continue
        if name not in rules:
            faults.append(f"{name}: not in scripts/edges.txt; say there what it may import")
            continue
        uses = set(target.get("target_dependencies", []))
        for forbidden in sorted(uses - rules[name]):
            faults.append(f"{name} may not import {forbidden} (scripts/edges.txt)")
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        sys.exit(1)
    print(f"edges: {len(package['targets'])} targets, none forbidden", file=sys.stderr)


main()
