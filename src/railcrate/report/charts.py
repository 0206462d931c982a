# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The report's charts: Altair specifications drawn to SVG, once for light and once for dark.

They are drawn when the report is written, not in the reader's browser: the page needs no
script, prints well, and opens at once. Each is about as wide as a phone, so that its
letters stay readable there; wider screens put two beside each other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert

WIDTH = 300  # pixels of the plotting area; with its labels a chart is about 440 wide
ROW = 26  # pixels of a row in a chart with one row for each name
FONT = "system-ui, sans-serif"  # as in report.css
NAMES, CELL, LINE = 112, 23, 22  # pixels of names, and of cells, in a table of counts: it fits a phone

# Colors that can be told apart with the common kinds of color blindness (Okabe and Ito
# 2008, "Color Universal Design"), lightened for dark backgrounds where needed.
LIGHT = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8A6D00", "#56B4E9", "#5F5F5F", "#000000"]
DARK = ["#5BB8F0", "#F58B4C", "#3FCFA4", "#E3A3C8", "#E8CF4A", "#9AD3F5", "#B0B0B0", "#FFFFFF"]


@dataclass(frozen=True)
class Ramp:
    """Colors of cells from nothing to all, and of the figures in them.

    Attributes:
        none: the color of nothing.
        all: the color of all.
        on_none: of figures on the colors near the first.
        on_all: of figures on those near the other.
        turns: the share from which on figures take the latter.
    """

    none: str
    all: str
    on_none: str
    on_all: str
    turns: float


LIGHT_RAMP = Ramp("#eef3f8", "#0a4f86", "#000000", "#ffffff", 0.72)
DARK_RAMP = Ramp("#262b33", "#7cc4f5", "#ffffff", "#000000", 0.54)


@dataclass(frozen=True)
class Chart:
    """A chart as the page shows it.

    Attributes:
        light: SVG for a light background.
        dark: SVG for a dark one.
        label: what it shows, in words, for those who do not see it.
    """

    light: str
    dark: str
    label: str


def draw(chart: alt.Chart | alt.LayerChart, label: str) -> Chart:
    """Draw a chart for light and dark backgrounds.

    Args:
        chart: the specification.
        label: what it shows, in words.

    Returns:
        The two drawings.
    """
    return Chart(_svg(chart, dark=False), _svg(chart, dark=True), label)


def _svg(chart: alt.Chart | alt.LayerChart | alt.VConcatChart, *, dark: bool) -> str:
    text, faint = ("#e6e6e6", "#4a4f57") if dark else ("#1d2129", "#dcdfe4")
    axis = {
        "labelColor": text, "titleColor": text, "domainColor": faint, "tickColor": faint, "gridColor": faint,
        "labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "labelLimit": 180,
    }  # fmt: skip
    # Altair has checked each part as it was made; to check the whole once more takes longer than to draw it.
    specification = chart.configure(
        background="transparent",
        # Labels were measured in another font than the reader's, so they get room to be wider.
        padding={"left": 30, "right": 30, "top": 5, "bottom": 5},
        font=FONT,
        axis=alt.AxisConfig(**axis),
        title=alt.TitleConfig(color=text, fontSize=13, fontWeight="normal", fontStyle="italic"),
        legend=alt.LegendConfig(
            labelColor=text, titleColor=text, labelFontSize=13, titleFontSize=13,
            orient="bottom", columns=2, labelLimit=200, symbolStrokeWidth=3,
        ),
        view=alt.ViewConfig(stroke=None),
        range=alt.RangeConfig(category=DARK if dark else LIGHT),
        mark=alt.MarkConfig(color=(DARK if dark else LIGHT)[0]),
        rule=alt.MarkConfig(color=text),
    ).to_dict(validate=False)  # fmt: skip
    svg = vl_convert.vegalite_to_svg(specification)
    # The page scales it to the column; a fixed width and height would not let it.
    svg = re.sub(r'^<svg([^>]*?) width="[\d.]+" height="[\d.]+"', r"<svg\1", svg, count=1)
    # The font is the page's own; to say so at each word makes a table of counts twice as large.
    svg = svg.replace(f' font-family="{FONT}"', "")
    # Ids are the page's, not the drawing's: two drawings with one clip path between them lose it.
    unique = hashlib.sha256(svg.encode()).hexdigest()[:10]
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{unique}-", svg)


def intervals(
    rows: Sequence[Mapping[str, Any]], *, title: str, zero: float | None, names: Sequence[str], percent: bool
) -> Chart:
    """Draw estimates with their intervals, one row for each name.

    Args:
        rows: `name`, `estimate`, `low`, `high` of each; `series` where several share a row.
        title: what the horizontal axis measures, with its unit.
        zero: the value that means "no difference" or "chance"; drawn as a line.
        names: the order of the rows.
        percent: whether to write the axis as percentages.

    Returns:
        The drawing.
    """
    data = alt.Data(values=[dict(row) for row in rows])
    several = len({row.get("series", "") for row in rows}) > 1
    axis = alt.Axis(format="+.0%" if percent and zero == 0 else ".0%" if percent else ".3~f", tickCount=5)
    color = alt.Color("series:N", title=None) if several else alt.Undefined
    offset = alt.YOffset("series:N") if several else alt.Undefined
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", sort=list(names), title=None, axis=alt.Axis(labelLimit=180)), yOffset=offset, color=color
    )
    scale = alt.Scale(zero=False, nice=True)
    bars = base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", title=title, scale=scale, axis=axis), x2="high:Q")
    points = base.mark_point(filled=True, size=70, opacity=1).encode(x=alt.X("estimate:Q", scale=scale))
    layers = [bars, points]
    if zero is not None:
        line = alt.Chart(alt.Data(values=[{"at": zero}])).mark_rule(strokeDash=[4, 4], strokeWidth=1.2)
        layers.insert(0, line.encode(x="at:Q"))
    height = max(3, len(names)) * ROW * (1 if not several else 1.4)
    text = "; ".join(f"{row['name']} {row['estimate']:.3f} ({row['low']:.3f} to {row['high']:.3f})" for row in rows)
    return draw(alt.layer(*layers).properties(width=WIDTH, height=height), f"{title}: {text}")


def heat(rows: Sequence[Mapping[str, Any]], *, columns: Sequence[str], lines: Sequence[str], title: str) -> Chart:
    """Draw a table of values as colored cells with their figures.

    Args:
        rows: `line`, `column`, `value` (0 to 1) of each cell.
        columns: order of the columns.
        lines: order of the lines.
        title: what the values are.

    Returns:
        The drawing.
    """
    base = alt.Chart(alt.Data(values=[dict(row) for row in rows])).encode(
        x=alt.X(
            "column:N", sort=list(columns), title=None, axis=alt.Axis(orient="top", labelAngle=-40, labelLimit=140)
        ),
        y=alt.Y("line:N", sort=list(lines), title=None),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "value:Q", title=title, scale=alt.Scale(scheme="blueorange", domain=[0, 1], reverse=True)
        ).legend(None)
    )
    # The middle of this scale is pale and its ends are dark, so the figures change color with it.
    figures = base.mark_text(fontSize=12).encode(
        text=alt.Text("value:Q", format=".0%"),
        color=alt.condition("abs(datum.value - 0.5) > 0.3", alt.value("#ffffff"), alt.value("#1d2129")),
    )
    width = max(WIDTH, 46 * len(columns))
    text = "; ".join(f"{row['line']}, {row['column']}: {row['value']:.2f}" for row in rows)
    return draw((cells + figures).properties(width=width, height=ROW * len(lines)), f"{title}: {text}")


def tally(blocks: Sequence[tuple[str, Sequence[Mapping[str, Any]]]], *, columns: Sequence[str], label: str) -> Chart:
    """Draw counts as colored cells: the more of what there is, the stronger the color.

    Args:
        blocks: rows of one kind each, under a heading: `line`, `column`, `text`, `share` (0 to 1) of each cell.
        columns: order of the columns.
        label: what it shows, in words; the figures themselves belong into a table.

    Returns:
        The drawing.
    """
    light, dark = (_tally(blocks, columns, ramp) for ramp in (LIGHT_RAMP, DARK_RAMP))
    return Chart(_svg(light, dark=False), _svg(dark, dark=True), label)


def _tally(
    blocks: Sequence[tuple[str, Sequence[Mapping[str, Any]]]], columns: Sequence[str], ramp: Ramp
) -> alt.VConcatChart:
    parts: list[alt.LayerChart] = []
    for heading, rows in blocks:
        lines = list(dict.fromkeys(row["line"] for row in rows))
        # Names take as much room in each block, so that columns stand below each other.
        names = alt.Axis(minExtent=NAMES, maxExtent=NAMES, labelLimit=NAMES, ticks=False, domain=False)
        above = alt.Axis(orient="top", labelAngle=-75, labelLimit=160, ticks=False, domain=False)
        base = alt.Chart(alt.Data(values=[dict(row) for row in rows])).encode(
            x=alt.X("column:N", sort=list(columns), title=None, axis=None if parts else above),
            y=alt.Y("line:N", sort=lines, title=None, axis=names),
        )
        scale = alt.Scale(range=[ramp.none, ramp.all], domain=[0, 1])
        cells = base.mark_rect(aria=False).encode(color=alt.Color("share:Q", scale=scale, legend=None))
        figures = base.mark_text(fontSize=13, aria=False).encode(
            text="text:N",
            color=alt.condition(f"datum.share > {ramp.turns}", alt.value(ramp.on_all), alt.value(ramp.on_none)),
        )
        size = {"width": CELL * len(columns), "height": LINE * len(lines)}
        # The first block's names stand below those of the columns, and need no heading.
        head = {"title": alt.Title(heading, anchor="start", frame="bounds")} if parts else {}
        parts.append((cells + figures).properties(**size, **head))
    return alt.vconcat(*parts, spacing=6)


def curves(rows: Sequence[Mapping[str, Any]], *, names: Sequence[str]) -> Chart:
    """Draw training curves: a thin line for each seed, one color for each variant.

    Args:
        rows: `tokens`, `loss`, `name`, `experiment` of each point.
        names: order of the names in the legend.

    Returns:
        The drawing.
    """
    chart = (
        alt.Chart(alt.Data(values=[dict(row) for row in rows]))
        .mark_line(strokeWidth=1.4, opacity=0.85, clip=True)
        .encode(
            x=alt.X("tokens:Q", title="tokens seen", axis=alt.Axis(format="~s", tickCount=5)),
            y=alt.Y("loss:Q", title="training loss (nats per token)", scale=alt.Scale(zero=False)),
            color=alt.Color("name:N", sort=list(names), title=None),
            detail="experiment:N",
        )
        .properties(width=WIDTH + 60, height=240)
    )
    last = {row["experiment"]: row["loss"] for row in rows}
    text = "; ".join(f"{name} ends at {loss:.3f}" for name, loss in last.items())
    return draw(chart, f"training loss by tokens seen: {text}")


def scatter(
    rows: Sequence[Mapping[str, Any]], *, title: str, percent: bool, lines: Sequence[Mapping[str, Any]]
) -> Chart:
    """Draw every experiment as a point beside published figures as lines.

    Args:
        rows: `name`, `value` of each experiment.
        title: what the axis measures.
        percent: whether to write it as percentages.
        lines: `name`, `value` of what others published.

    Returns:
        The drawing.
    """
    axis = alt.Axis(format=".0%" if percent else ".3~f", tickCount=5)
    names = list(dict.fromkeys([row["name"] for row in rows] + [line["name"] for line in lines]))
    values = [{**row, "series": "this study"} for row in rows] + [{**line, "series": "published"} for line in lines]
    chart = (
        alt.Chart(alt.Data(values=values))
        .mark_point(filled=True, size=60, opacity=0.8)
        .encode(
            x=alt.X("value:Q", title=title, axis=axis, scale=alt.Scale(zero=False)),
            y=alt.Y("name:N", sort=names, title=None),
            color=alt.Color("series:N", sort=["this study", "published"], title=None),
            shape=alt.Shape("series:N", sort=["this study", "published"], title=None),
        )
        .properties(width=WIDTH, height=ROW * len(names))
    )
    text = "; ".join(f"{value['name']} {value['value']:.3f}" for value in values)
    return draw(chart, f"{title}: {text}")
