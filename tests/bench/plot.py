# SPDX-License-Identifier: ISC
"""A picture of the ratios, by gnuplot: OpenSSH is 1."""
import subprocess

from servers import DROPBEAR, OPENSSH, OURS, Failure


def quoted(text):
    return '"' + text.replace("\\", "").replace('"', "").replace("`", "") + '"'


def bars(rows):
    """(title, ours, Dropbear, target), each beside OpenSSH, where less is better."""
    for row in rows:
        theirs = row.value(OPENSSH)
        if not theirs or not row.value(OURS):
            continue

        def beside(value, whole=theirs, turn=row.more_is_better):
            if not value:
                return "NaN"
            return f"{whole / value if turn else value / whole:.4f}"
        limit = row.targets.get(OPENSSH)
        yield (row.title, beside(row.value(OURS)), beside(row.value(DROPBEAR)),
               beside(limit and limit * theirs))


def draw(rows, path):
    data = list(bars(rows))
    lines = [f"{len(data) - 1 - i} {ours} {dropbear} {limit} {quoted(title)}"
             for i, (title, ours, dropbear, limit) in enumerate(data)]
    script = f"""
set terminal svg size 1000,{130 + 34 * len(data)} font "sans,13" background "#ffffff"
set bmargin 5
set output {quoted(path)}
set label "What it takes of time, memory, CPU; OpenSSH's sshd takes 1" \
    at screen 0.5, screen 0.98 center offset 0,-0.7
set tmargin 3
set logscale x 2
set xrange [0.0625:8]
set xtics nomirror
set ytics scale 0 nomirror
set yrange [-0.7:{len(data) - 0.3}]
set grid xtics lc "#dddddd"
set key at screen 0.98, screen 0.05 right horizontal samplen 2
set arrow from 1, graph 0 to 1, graph 1 nohead lw 2 lc "#888888" back
$rows << END
{chr(10).join(lines)}
END
plot $rows using (0.0625):($1+0.17):(0.0625):2:($1+0.02):($1+0.32):ytic(5) \\
       with boxxyerror fs solid 0.9 lc "#2a7f62" title "sshd-entry", \\
     $rows using (0.0625):($1-0.17):(0.0625):3:($1-0.32):($1-0.02) \\
       with boxxyerror fs solid 0.9 lc "#c9b458" title "Dropbear", \\
     $rows using 4:($1+0.17) with points pt 2 ps 1 lw 2 lc "#b03030" title "target"
"""
    done = subprocess.run(["gnuplot"], input=script, text=True, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise Failure(f"gnuplot: {done.stderr.strip()[-200:]}")
