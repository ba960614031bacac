# SPDX-License-Identifier: ISC
"""What /proc tells of a server's processes."""
import os

TICK = os.sysconf("SC_CLK_TCK")


def stat(pid):
    """proc_pid_stat(5) of PID: its name, and the fields from the third one on."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
        text = f.read()
    end = text.rindex(")")
    return text[text.index("(") + 1:end], text[end + 2:].split()


def descendants(root):
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                children.setdefault(int(stat(entry)[1][1]), []).append(int(entry))
            except (OSError, ValueError):
                pass  # it has ended
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found[1:]


def split(server):
    """The server's processes that serve connections, and those that they run for the client."""
    serving, running = [], []
    for pid in descendants(server.pid):
        try:
            own = stat(pid)[0].startswith(server.comm)
        except OSError:
            continue
        (serving if own else running).append(pid)
    return serving, running


def cpu_seconds(pid):
    """Of the process itself: what it runs for the client is not the server's work."""
    try:
        with open(f"/proc/{pid}/schedstat", encoding="utf-8") as f:
            if spent := int(f.read().split()[0]):
                return spent / 1e9
    except OSError:
        pass
    fields = stat(pid)[1]
    return (int(fields[11]) + int(fields[12])) / TICK


def pss_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))
