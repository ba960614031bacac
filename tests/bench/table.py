# SPDX-License-Identifier: ISC
"""The results as text."""
from servers import DROPBEAR, OPENSSH, OURS

HEADER = ["measure", "unit", "ours", "OpenSSH", "Dropbear", "beside them", "/OpenSSH", "/Dropbear",
          "target", "met"]
LEFT = (0, 1, 5, 8, 9)


def number(value):
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(row, party):
    value = row.ratio(party)
    return "–" if value is None else f"{value:.2f}"


def target(row):
    sign = "≥" if row.more_is_better else "≤"
    short = {"": f" {row.unit}", OPENSSH: " OpenSSH", DROPBEAR: " Dropbear"}
    return ", ".join(f"{sign} {limit:g}{short.get(party, ' ' + party)}"
                     for party, limit in row.targets.items())


def cells(row):
    beside = ", ".join(f"{party} {number(row.value(party))}" +
                       (f" ({ratio(row, party)})" if party in row.targets else "")
                       for party in row.others())
    return [row.title, row.unit, number(row.value(OURS)), number(row.value(OPENSSH)),
            number(row.value(DROPBEAR)), beside, ratio(row, OPENSSH), ratio(row, DROPBEAR),
            target(row), ", ".join("yes" if met else "NO" for met in row.met().values())]


def score(rows):
    verdicts = [met for row in rows for met in row.met().values()]
    return f"{sum(verdicts)} of {len(verdicts)} targets met"


def text(rows):
    lines = [HEADER] + [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    return "\n".join("  ".join(cell.ljust(width) if i in LEFT else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
                     for line in lines)


def markdown(rows):
    lines = [HEADER, ["---" if i in LEFT else "---:" for i in range(len(HEADER))]]
    lines += [cells(row) for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
