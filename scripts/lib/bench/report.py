"""What becomes of the samples: medians with their range, ratios, a JSON file and tables."""
import json, os, re, statistics
from itertools import groupby
from pathlib import Path

from .measures import MEASURES

UNSEALED = "ipv8-tun, unsealed"


def number(value):
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def cell(value):
    """Median and range, or the one sample."""
    if not value:
        return "–"
    if value["min"] == value["max"]:
        return number(value["median"])
    return f"{number(value['median'])} ({number(value['min'])}–{number(value['max'])})"


def add_differences(round_):
    """`added` of each tunnel: its idle round trip less that of the bare wire in the same round."""
    bare = round_.get("none")
    for name, found in round_.items():
        if name != "none" and bare and "rtt" in bare and "rtt" in found:
            found["added"] = found["rtt"] - bare["rtt"]


def summary(rounds, names):
    """By tunnel and measure: median, minimum, maximum."""
    result = {}
    for name in names:
        for key in (m.key for m in MEASURES):
            values = [r[name][key] for r in rounds if key in (r.get(name) or {})]
            if values:
                result.setdefault(name, {})[key] = {
                    "median": statistics.median(values), "min": min(values), "max": max(values)}
    return result


def others(samples):
    """Shares of the cores, %, that other programs took while the tunnels idled: median and most."""
    shares = [found["others"] for rounds in samples.values() for r in rounds
              for found in r.values() if "others" in found]
    return (statistics.median(shares), max(shares)) if shares else (0, 0)


def ratios(rounds, own, name):
    """How `own` compares with a tunnel, by measure: of the medians, and the median of the rounds'."""
    result = {}
    for key in (m.key for m in MEASURES):
        pairs = [(r[own][key], r[name][key]) for r in rounds
                 if all((r.get(n) or {}).get(key, 0) > 0 for n in (own, name))]
        if pairs:
            mine, theirs = zip(*pairs)
            result[key] = {
                "of_medians": statistics.median(mine) / statistics.median(theirs),
                "median_of_rounds": statistics.median(a / b for a, b in pairs)}
    return result


# Markdown


def rows(head, lines):
    return ["| " + " | ".join(cells) + " |"
            for cells in [head, ["---"] + ["--:"] * (len(head) - 1), *lines]] + [""]


def measured(summary_, mtus):
    """A table for each group of measures, a line for each tunnel."""
    text = []
    for group, measures in groupby(MEASURES, lambda m: m.group):
        measures = list(measures)
        lines = []
        for name, row in summary_.items():
            lines.append([name, str(mtus[name])] + [cell(row.get(m.key)) for m in measures])
        text += [f"### {group}", "", *rows(["tunnel", "MTU"] + [m.heading for m in measures], lines)]
    return text


def compared(ratios_, own):
    """A line for each measure, a column for each other tunnel."""
    lines = []
    for m in MEASURES:
        cells = [against.get(m.key) for against in ratios_.values()]
        if any(cells):
            lines.append([f"{m.heading} ({'more' if m.more_is_better else 'less'})"] + [
                f"{c['of_medians']:.2f} · {c['median_of_rounds']:.2f}" if c else "–"
                for c in cells])
    text = [f"### {own} divided by each", "",
            "Ratio of the medians · median of the rounds' ratios.", "",
            *rows(["measure (what is better)", *ratios_], lines)]
    sealing = ratios_.get(UNSEALED, {}).get("tcp")
    if sealing:
        text += [f"Sealed, the single flow has {sealing['of_medians']:.0%} of what the same path has"
                 f" without sealing; median of the rounds' ratios {sealing['median_of_rounds']:.0%}.",
                 ""]
    return text


def markdown(record, plot):
    machine = record["machine"]
    usual, most = others(record["samples"])
    text = [f"# {record['name']}", "", f"`{record['command']}`", "",
            f"{record['date']}; {machine['cpu']}, {machine['cores']} cores, Linux"
            f" {machine['kernel']}. Load average before and after: {record['load'][0]:.1f},"
            f" {record['load'][1]:.1f}; other programs took {usual:.1f}% of the cores, {most:.1f}% at"
            f" most, while the tunnels idled. Interleaved rounds: {record['rounds']}, {record['seconds']} s"
            f" a run; medians (minimum–maximum).", ""]
    text += [f"- {name}: {'; '.join(filter(None, known))}"
             for name, known in record["tunnels"].items() if any(known)]
    text += [f"- not measured: {name}: {reason}" for name, reason in record["skipped"].items()]
    text += ["", f"![Medians with minimum and maximum]({plot})"] if plot else []
    for kind, found in record["wires"].items():
        text += ["", f"## {kind}", "", *measured(found["summary"], record["mtus"])]
        if found["ratios"]:
            text += compared(found["ratios"], record["own"])
    return re.sub(r"\n{3,}", "\n\n", "\n".join(text)).rstrip() + "\n"


def machine():
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    return {"cpu": cpu[1] if cpu else "unknown", "cores": os.cpu_count(),
            "kernel": os.uname().release}


def write_json(path, record):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
