"""The report as one HTML file, and as text: whole without network or script, safe, readable without its plots."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from test_impact import EVENTS, HOME, LARGER, LEADS, OLD, compared, edit, edited

from scorec.cli.impact_text import impact_text
from scorec.cli.render import Paint
from scorec.compiler.impact import Impact
from scorec.compiler.impact.counting import step_of
from scorec.compiler.impact.figures import Standing
from scorec.compiler.impact.page import page
from scorec.compiler.impact.said import share

HOSTILE = "<script>alert(1)</script>"
VOID = {"meta", "br", "link", "img"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leads.csv").write_text(LEADS, "utf-8")
    (tmp_path / "events.csv").write_text(EVENTS, "utf-8")
    return tmp_path


def impossible(what: str, name: str, old: str, new: str) -> Standing:
    return Standing.IMPOSSIBLE if (old, new) == ("C", "A") else Standing.POSSIBLE


@pytest.fixture
def impact(folder: Path) -> Impact:
    edits = [edit("large", LARGER, HOME), edit("home", HOME, LARGER)]
    return compared(folder, edited(LARGER, HOME), edits=edits, prove=impossible)


class Reading(HTMLParser):
    """What is on a page: its elements with their attributes, and its text; that they are nested as they should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


# ------------------------------------------------------------------ one file, safe


def test_the_page_needs_no_network_and_no_script(impact: Impact) -> None:
    text = page(impact)
    found = Reading(text)
    assert not found.all("script") and not found.all("link") and not found.all("img") and not found.all("iframe")
    for _, attributes in found.elements:
        assert not {"src", "href", "onclick", "onload"} & set(attributes)
    assert "url(" not in text and "@import" not in text
    assert re.findall("https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"] * len(found.all("svg"))
    policy = next(one["content"] for one in found.all("meta") if one.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_what_stands_in_data_and_policies_is_text_and_nothing_else(folder: Path) -> None:
    (folder / "bad.csv").write_text(LEADS.replace("L2", HOSTILE) + f"L9,{HOSTILE},de,no\n", "utf-8")
    impact = compared(folder, edited(LARGER), leads="bad.csv", edits=[edit(HOSTILE, LARGER)])
    assert impact.movers[0].key == HOSTILE
    found = Reading(page(impact))
    assert not found.all("script")
    assert HOSTILE in found.text


def test_code_in_the_words_of_an_edit_is_shown_as_code(folder: Path) -> None:
    impact = compared(folder, edited(LARGER), edits=[edit("`fit.large` asks `employees < 5`", LARGER)])
    assert "<code>fit.large</code> asks <code>employees &lt; 5</code>" in page(impact)


def test_the_page_follows_the_light(impact: Impact) -> None:
    text = page(impact)
    assert "prefers-color-scheme: dark" in text and "color-scheme: light dark" in text
    colours = re.findall(r"var\((--[a-z]+)\)", text)
    light, dark = text.split("@media (prefers-color-scheme: dark)", 1)
    for name in set(colours):
        assert f"{name}:" in light and f"{name}:" in dark.split("* {", 1)[0], name


# ------------------------------------------------------------------ for everybody


def plots(text: str) -> Iterator[ElementTree.Element]:
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        yield ElementTree.fromstring(svg)


def test_every_plot_is_an_image_with_a_title_and_a_description(impact: Impact) -> None:
    found = list(plots(page(impact)))
    # Two bands, a decision, a grid; three scores.
    assert len(found) == 7
    names: list[str] = []
    for svg in found:
        title, told = list(svg)[:2]
        assert svg.get("role") == "img"
        assert svg.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
        assert title.text and told.text
        names += [str(title.get("id")), str(told.get("id"))]
    assert len(set(names)) == len(names)


def test_every_plot_has_its_numbers_in_a_table_too(impact: Impact) -> None:
    found = Reading(page(impact))
    assert len(found.all("summary")) == len(found.all("svg"))
    assert len(found.all("caption")) == len(found.all("table"))
    assert all(head.get("scope") in ("col", "row") for head in found.all("th"))


def test_nothing_that_is_drawn_is_out_of_the_picture(impact: Impact) -> None:
    for svg in plots(page(impact)):
        *_, wide, high = map(float, str(svg.get("viewBox")).split())
        for one in svg.iter():
            x, y = float(one.get("x", 0)), float(one.get("y", 0))
            own = one.attrib if one is not svg else {}
            assert x >= 0 and x + float(own.get("width", 0)) <= wide
            assert y >= 0 and y + float(own.get("height", 0)) <= high


# ------------------------------------------------------------------ what it says


def test_the_page_tells_what_was_counted(impact: Impact) -> None:
    text = Reading(page(impact)).text
    assert "inbound 1.0.0" in text and impact.new.fingerprint[:12] in text and impact.new.fingerprint not in text
    assert "6 leads scored by both, as of 2026-03-02 00:00 UTC." in text
    assert "2 up · 1 down · 3 unchanged" in text
    assert impact.data[0].digest in text
    assert "fit.large +40 -> nothing" in text
    assert "hangs on other edits" in text
    assert not set("→↓") & set(text), "the page has the arrow that the terminal has"


def test_a_cell_without_leads_is_impossible_or_only_not_seen(impact: Impact) -> None:
    text = Reading(page(impact)).text
    assert "C -> A: impossible (proved)" in text
    assert "B -> C: possible, not seen" in text


def test_a_page_about_nobody_is_whole(folder: Path) -> None:
    (folder / "none.csv").write_text("lead_id,employees,country,opted_in\n", "utf-8")
    text = Reading(page(compared(folder, edited(LARGER), leads="none.csv"))).text
    assert "0 leads scored by both" in text
    assert "No lead has another result." in text


def test_a_policy_without_bands_has_a_page_with_its_scores(folder: Path) -> None:
    text = OLD[: OLD.index("band grade")]
    found = Reading(page(compared(folder, edited(LARGER, text=text), old=text)))
    assert len(found.all("svg")) == 3


# ------------------------------------------------------------------ at the terminal


def test_the_terminal_gets_the_matrix_and_the_movers(impact: Impact) -> None:
    said = impact_text(impact, Paint(), 80)
    assert said.startswith("6 leads scored with both: inbound 1.0.0 -> inbound 1.0.0\n")
    assert "band grade  2 up · 1 down · 3 unchanged\n" in said
    # The rows are before, the columns now.
    assert re.search(r"A +2 66.7% +- +1 33.3%\n", said)
    assert re.search(r"C +impossible +- +1 100%\n", said)
    assert "fit.large +40 -> nothing" in said
    assert all(len(line) <= 80 for line in said.splitlines())


def test_shares_are_never_rounded_to_nothing_or_to_all() -> None:
    assert (share(1, 3), share(1, 100_000), share(99_999, 100_000)) == ("33.3%", "<0.1%", ">99.9%")
    assert (share(0, 5), share(5, 5), share(0, 0)) == ("0%", "100%", "0%")


def test_bins_have_round_widths() -> None:
    assert [step_of(width) for width in (24, 25, 1_000_000, 2_000_000)] == [1, 2, 50_000, 100_000]
    assert step_of(0) == 10_000
