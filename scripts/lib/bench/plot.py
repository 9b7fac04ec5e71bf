"""The medians as bars with whiskers from minimum to maximum: one SVG, a panel for each wire and measure."""
import statistics
from html import escape

from .measures import MEASURES
from .report import number

LEFT, PANEL, GAP, BAR, HEAD, TOP = 160, 260, 12, 15, 34, 30
LENGTH = PANEL - 50  # of the longest bar
OUTLIER = 8  # times the median tunnel: where a panel ends
STYLE = """
  text { font: 11px system-ui, "DejaVu Sans", sans-serif; fill: #24292f }
  .head { font-weight: 600; font-size: 13px }
  .note { font-weight: 400; font-size: 11px }
  .quiet { fill: #57606a }
  .end { text-anchor: end }
  .paper { fill: #ffffff }
  .other { fill: #a3b1c2 }
  .own { fill: #2f81f7 }
  .variant { fill: #9ecbff }
  .whisker { stroke: #24292f; stroke-width: 1.2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .quiet { fill: #9198a1 }
    .paper { fill: #0d1117 }
    .other { fill: #59636e }
    .own { fill: #4493f8 }
    .variant { fill: #1f4f8f }
    .whisker { stroke: #e6edf3 }
  }
"""


def text(x, y, content, kind="", note=""):
    quiet = f' <tspan class="quiet note">{escape(note)}</tspan>' if note else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(content)}{quiet}</text>'


def bar(x, y, value, scale, kind):
    """A bar, its whisker and its figure behind whichever is longer; what runs out of the panel ends in »."""
    low, middle, high = (min(LENGTH, max(0, value[k] * scale)) for k in ("min", "median", "max"))
    centre = y + BAR / 2
    figure = ("» " if value["median"] * scale > LENGTH else "") + number(value["median"])
    drawn = [f'<rect x="{x}" y="{y + 2}" width="{middle:.1f}" height="{BAR - 4}" class="{kind}"/>']
    if high > low:
        drawn.append(f'<path d="M{x + low:.1f} {centre}H{x + high:.1f}M{x + low:.1f} {centre - 3}v6'
                     f'M{x + high:.1f} {centre - 3}v6" class="whisker"/>')
    return drawn + [text(x + max(middle, high) + 5, y + BAR - 4, figure, "quiet")]


def panel(x, y, summaries, names, key, kinds):
    """The tunnels' bars of one measure on one wire."""
    present = [s[key] for s in summaries.values() if key in s]
    if not present:
        return []
    # One tunnel that is far off must not flatten the others.
    usual = statistics.median(v["median"] for v in present)
    scale = LENGTH / (min(max(v["max"] for v in present), OUTLIER * usual) or 1)
    drawn = []
    for row, name in enumerate(names):
        if key in summaries.get(name, {}):
            drawn += bar(x, y + row * BAR, summaries[name][key], scale, kinds[name])
    return drawn


def svg(wires, names, own):
    """`wires`: by kind the summary by tunnel and measure; the scale is each panel's own."""
    kinds = {n: "own" if n == own else "variant" if n.startswith("ipv8-tun") else "other"
             for n in names}
    measures = [m for m in MEASURES if m.plotted
                and any(m.key in s for found in wires.values() for s in found.values())]
    width = LEFT + len(wires) * (PANEL + GAP)
    height = TOP + len(measures) * (HEAD + len(names) * BAR) + 10
    drawn = [text(LEFT + i * (PANEL + GAP), TOP - 10, kind, "head") for i, kind in enumerate(wires)]
    for i, m in enumerate(measures):
        y = TOP + i * (HEAD + len(names) * BAR)
        better = "more is better" if m.more_is_better else "less is better"
        drawn.append(text(10, y + 20, m.heading, "head", better))
        y += HEAD - 6
        drawn += [text(LEFT - 8, y + row * BAR + BAR - 4, name, "end")
                  for row, name in enumerate(names)]
        for column, found in enumerate(wires.values()):
            drawn += panel(LEFT + column * (PANEL + GAP), y, found, names, m.key, kinds)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">\n<style>{STYLE}</style>\n'
            f'<rect width="{width}" height="{height}" class="paper"/>\n'
            + "\n".join(drawn) + "\n</svg>\n")
