# SPDX-License-Identifier: ISC
"""Rows of the table: samples of each party, and what ours are to be."""
import statistics

from servers import DROPBEAR, OPENSSH, OURS


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def rounds(count, parties):
    """COUNT orders of PARTIES. Each is the first as often as the others: who comes first finds the
    machine as nobody else does."""
    parties = list(parties)
    for i in range(count):
        at = i % len(parties)
        yield parties[at:] + parties[:at]


class Row:
    """One measure. TARGETS: the most (least, where more is better) that ours may be of each party;
    of "" it is the value itself."""

    def __init__(self, title, unit, targets=None, more_is_better=False):
        self.title, self.unit, self.targets = title, unit, targets or {}
        self.more_is_better = more_is_better
        self.samples = {}
        self.reduce = statistics.median

    def add(self, party, value):
        self.samples.setdefault(party, []).append(value)

    def value(self, party):
        samples = self.samples.get(party)
        return self.reduce(samples) if samples else None

    def ratio(self, party):
        ours, theirs = self.value(OURS), self.value(party)
        return ours / theirs if ours and theirs else None

    def others(self):
        """Whom else than the two servers it is held against."""
        return [p for p in self.samples if p not in (OURS, OPENSSH, DROPBEAR)]

    def met(self):
        """PARTY -> bool. What was not measured was not met."""
        result = {}
        for party, limit in self.targets.items():
            reached = self.ratio(party) if party else self.value(OURS)
            result[party] = reached is not None and (
                reached >= limit if self.more_is_better else reached <= limit)
        return result

    def as_json(self):
        parties = {p: {"value": self.value(p), "ratio": self.ratio(p), "samples": s}
                   for p, s in self.samples.items()}
        return {"title": self.title, "unit": self.unit, "more_is_better": self.more_is_better,
                "parties": parties, "targets": self.targets, "met": self.met()}


class P99(Row):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.reduce = lambda samples: percentile(samples, 99)
