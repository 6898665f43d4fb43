# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Combines results of benchmarks/portability on several machines into one table and one figure.

    python3 benchmarks/portability.py h100.json mi250.json zen5.json --table portability.md --picture portability.svg

A share is the least time allowed by the limits of the machine, divided by the measured time. The performance portability of a case is the
harmonic mean of its shares over the machines, and 0 if one of them does not run it (Pennycook, Sewall, Lee: "A metric for performance
portability", arXiv 1611.07409). Cases in tf32 or bfloat16 count only machines with such products.
"""
import argparse
import json
import os
import sys
from xml.sax.saxutils import escape

FORMAT = "ign portability 1"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")  # Okabe and Ito: safe for colour-blind readers


class Bad(Exception):
    """Invalid result file."""


def read(path):
    """Reads and checks the results of one machine."""
    try:
        with open(path, encoding="utf-8") as file:
            machine = json.load(file)
    except (OSError, ValueError) as error:
        raise Bad(f"{path}: {error}") from None
    if not isinstance(machine, dict) or machine.get("format") != FORMAT:
        raise Bad(f"{path}: 'format' is {machine.get('format') if isinstance(machine, dict) else None!r}, expected {FORMAT!r}")
    for field in ("label", "device", "driver", "machine", "limits", "cases"):
        if field not in machine:
            raise Bad(f"{path}: field '{field}' is missing, expected the output of benchmarks/portability")
    for case in machine["cases"]:
        if not 0 < case.get("share", 0) < float("inf"):
            raise Bad(f"{path}: the share of case {case.get('name')!r} is {case.get('share')!r}, expected a positive number")
    return machine


def shares(machine):
    return {case["name"]: case["share"] for case in machine["cases"]}


def portability(values):
    """Returns the harmonic mean of efficiencies, or 0 if one is missing."""
    if not values or any(value is None for value in values):
        return 0.0
    return len(values) / sum(1 / value for value in values)


def join(machines):
    """Returns rows (case, [share per machine], portability) in the order of first appearance. The share is None if the machine has not run
    the case, and '-' if it has no products of the precision of the case."""
    names = list(dict.fromkeys(case["name"] for machine in machines for case in machine["cases"]))
    rows = []
    for name in names:
        precision = name.rsplit("/", 1)[-1]
        values = []
        for machine in machines:
            able = precision in machine["limits"]["product_flops"]
            values.append(shares(machine).get(name) if able else "-")
        rows.append((name, values, portability([value for value in values if value != "-"])))
    return rows


def percent(value):
    return value if value == "-" else "**no**" if value is None else f"{100 * value:.1f}"


def table(machines):
    lines = ["| machine | device | driver | compiler | date | product, GFLOP/s | stream, GB/s | launch, µs |", "|---|---|---|---|---|---|---|---|"]
    for machine in machines:
        limits = machine["limits"]
        flops = ", ".join(f"{name} {1e-9 * value:.0f}" for name, value in limits["product_flops"].items())
        facts = machine["machine"]
        lines.append(f"| {machine['label']} | {machine['device']} | {machine['driver']} | {facts.get('compiler', '')} | {facts.get('date', '')} "
                     f"| {flops} | {1e-9 * limits['stream_bytes_per_second']:.0f} | {1e6 * limits['launch_seconds']:.2f} |")
    lines += ["", "Shares of the limits of each machine in per cent, and performance portability over all machines:", "",
              "| case | " + " | ".join(machine["label"] for machine in machines) + " | portability |", "|---" * (len(machines) + 2) + "|"]
    for name, values, figure in join(machines):
        lines.append(f"| {name} | " + " | ".join(percent(value) for value in values) + f" | {100 * figure:.1f} |")
    return "\n".join(lines) + "\n"


def picture(machines):
    """Returns an SVG with one line per case, one dot per machine and a bar for the portability. Logarithmic scale, 0.1 to 150 per cent."""
    rows = join(machines)
    left, width, line, top = 230, 560, 18, 34 + 18 * len(machines)
    height = top + line * len(rows) + 40

    def place(share):
        import math
        return left + width * (math.log10(min(max(share, 1e-3), 1.5)) + 3) / (math.log10(1.5) + 3)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 30} {height}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="#ffffff"/>',
           '<text x="12" y="18">Share of the limits of the machine; grey bar: performance portability (harmonic mean)</text>']
    for i, machine in enumerate(machines):
        out.append(f'<circle cx="18" cy="{34 + 18 * i}" r="5" fill="{COLOURS[i % len(COLOURS)]}"/>'
                   f'<text x="30" y="{38 + 18 * i}">{escape(machine["label"])}</text>')
    for share in (0.001, 0.01, 0.1, 1):
        x = place(share)
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{height - 28}" stroke="#cccccc"/>'
                   f'<text x="{x:.1f}" y="{height - 12}" text-anchor="middle">{100 * share:g} %</text>')
    for i, (name, values, figure) in enumerate(rows):
        y = top + line * (i + 0.5)
        out.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(name)}</text>')
        if figure > 0:
            out.append(f'<rect x="{left}" y="{y - 5:.1f}" width="{place(figure) - left:.1f}" height="10" fill="#dddddd"/>')
        else:
            out.append(f'<text x="{left + 4}" y="{y + 4:.1f}" fill="#777777">0: does not run on all machines</text>')
        for k, value in enumerate(values):
            if isinstance(value, float):
                out.append(f'<circle cx="{place(value):.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[k % len(COLOURS)]}"/>')
    return "\n".join(out + ["</svg>"]) + "\n"


def write(path, text):
    temporary = path + ".tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Combines results of benchmarks/portability into a table and a figure.")
    parser.add_argument("results", nargs="+", help="JSON files, one per machine")
    parser.add_argument("--table", help="Markdown file (default: standard output)")
    parser.add_argument("--picture", help="SVG file")
    o = parser.parse_args(arguments)
    try:
        machines = [read(path) for path in o.results]
    except Bad as error:
        sys.exit(f"portability: {error}")
    if o.table:
        write(o.table, table(machines))
    else:
        print(table(machines), end="")
    if o.picture:
        write(o.picture, picture(machines))


if __name__ == "__main__":
    main()
