"""Tables in and out: what is read, what is refused with which words, and that nothing is ever written half."""

from __future__ import annotations

import csv
import errno
import gzip
import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from scorec.compiler.tables import (
    BadRow,
    Column,
    Row,
    TableError,
    bind,
    harmless,
    nearest,
    open_table,
    open_writer,
    write_beside,
)
from scorec.compiler.wording import points_text


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, *wanted: str) -> list[Row | BadRow]:
    with open_table(path) as table:
        return list(table.rows(bind(table, wanted or table.columns)))


def reasons(rows: list[Row | BadRow]) -> list[str]:
    return [row.reason for row in rows if isinstance(row, BadRow)]


# ------------------------------------------------------------------ CSV


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv", 'lead_id,note\n1,"two\nlines"\n\n3,x\n')
    assert read(file) == [(2, {"lead_id": "1", "note": "two\nlines"}), (4, {"lead_id": "3", "note": "x"})]


def test_only_the_wanted_columns_are_given(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv", "a,b,c\n1,2,3\n")
    assert read(file, "c", "a", "z") == [(2, {"a": "1", "c": "3"})]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_the_header_uses(tmp_path: Path, separator: str) -> None:
    file = write(tmp_path / "leads.csv", separator.join("ab") + "\n" + separator.join("12") + "\n")
    assert read(file) == [(2, {"a": "1", "b": "2"})]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(tmp_path: Path, end: str) -> None:
    file = write(tmp_path / "leads.csv", end.join(["a,b", "1,2", "3,4", ""]))
    assert [row[0] for row in read(file) if not isinstance(row, BadRow)] == [2, 3]


def test_a_byte_order_mark_is_not_part_of_the_first_header(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv", b"\xef\xbb\xbflead_id\n7\n")
    assert read(file) == [(2, {"lead_id": "7"})]


def test_a_header_in_quotes_may_hold_a_comma(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv", '"Name, full",b\nAnn,2\n')
    assert read(file) == [(2, {"Name, full": "Ann", "b": "2"})]


def test_a_packed_file_is_read_like_any_other(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv.gz", gzip.compress(b"a,b\n1,2\n"))
    assert read(file) == [(2, {"a": "1", "b": "2"})]


def test_a_quote_left_open_costs_its_own_row_and_is_reported_where_it_opened(tmp_path: Path) -> None:
    lines = ["lead_id,company,city", "1,Acme,Rome", '2,"Open Ltd,Oslo', *(f"{n},Corp,Bern" for n in range(3, 9))]
    rows = read(write(tmp_path / "leads.csv", "\n".join(lines) + "\n"))
    bad = [row for row in rows if isinstance(row, BadRow)]
    assert [(row.number, row.column) for row in bad] == [(3, "company")]
    assert "a quote opens here and is not closed" in bad[0].reason
    assert [row[0] for row in rows if not isinstance(row, BadRow)] == [2, 4, 5, 6, 7, 8, 9]


def test_a_quote_that_closes_rows_later_swallows_none_of_them(tmp_path: Path) -> None:
    lines = ["lead_id,company", '1,"Open', "2,b", "3,c", '4,"Good, Inc"', "5,e"]
    rows = read(write(tmp_path / "leads.csv", "\n".join(lines) + "\n"))
    assert [row.number for row in rows if isinstance(row, BadRow)] == [2]
    assert [row[1]["lead_id"] for row in rows if not isinstance(row, BadRow)] == ["2", "3", "4", "5"]


def test_text_after_a_closing_quote_is_refused(tmp_path: Path) -> None:
    rows = read(write(tmp_path / "leads.csv", 'a,b\n1,"6" pipe"\n2,x\n'))
    assert reasons(rows) == ["text stands after a closing quote; double the quotes that are part of the text"]
    assert len(rows) == 2


def test_a_row_with_too_many_or_too_few_values_is_refused(tmp_path: Path) -> None:
    rows = read(write(tmp_path / "leads.csv", "a,b\n1,2,3\n4\n5,6,,\n"))
    assert reasons(rows) == [
        "the row has 3 values for 2 columns; put a text that has a comma in it in quotes",
        "the row has only 1 of 2 values",
    ]
    assert rows[2] == (4, {"a": "5", "b": "6"})


def test_bytes_that_are_not_utf8_cost_one_row(tmp_path: Path) -> None:
    rows = read(write(tmp_path / "leads.csv", "a,b\n1,Zoë\n".encode() + "2,Zoë\n".encode("latin-1")))
    assert rows[0] == (2, {"a": "1", "b": "Zoë"})
    assert isinstance(rows[1], BadRow)
    assert (rows[1].column, rows[1].value) == ("b", "Zo\N{REPLACEMENT CHARACTER}")
    assert "not UTF-8" in rows[1].reason


def test_a_nul_character_costs_one_row(tmp_path: Path) -> None:
    rows = read(write(tmp_path / "leads.csv", b"a,b\n1,x\x00y\n2,z\n"))
    assert reasons(rows) == ["has a NUL character; is this really a text file?"]
    assert rows[1] == (3, {"a": "2", "b": "z"})


def test_a_huge_value_costs_one_row(tmp_path: Path) -> None:
    rows = read(write(tmp_path / "leads.csv", "a,b\n1," + "x" * 200_000 + "\n2,z\n"))
    assert reasons(rows) == ["a value is longer than 131,072 characters"]
    assert rows[1] == (3, {"a": "2", "b": "z"})


# ------------------------------------------------------------------ files that cannot be read


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("leads.csv", b"", "is empty"),
        ("leads.csv", b"\n\n", "is empty"),
        ("leads.csv", b"\xff\xfea\x00", "is UTF-16 text"),
        ("leads.csv", b"PAR1....", "is a Parquet file"),
        ("leads.csv", b"PK\x03\x04....", "is a spreadsheet or a zip file"),
        ("leads.csv", b"\x1f\x8b\x08....", "is packed with gzip but not called .gz"),
        ("leads.csv.gz", b"a,b\n", "is called .gz but is not packed"),
        ("leads.csv", b"a\x00,b\n", "the header of"),
        ("leads.csv", b"na\xefve,b\n", "the header of"),
        ("leads.csv", b'"a,b\n1,2\n', "has a quote that is not closed"),
        ("leads.jsonl", b"", "is empty"),
        ("leads.json", b"{}", "should hold a list of objects"),
        ("leads.json", b"[", "is not JSON"),
        ("leads.xlsx", b"PK", "is a spreadsheet"),
        ("leads.txt", b"a", "its name ends in `.txt`"),
        ("leads", b"a", "has no ending"),
        ("leads.parquet", b"PAR1 nonsense", "is not a readable Parquet file"),
    ],
)
def test_an_unreadable_file_is_refused_with_a_sentence(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(TableError, match=message.replace(".", r"\.")):
        open_table(write(tmp_path / name, content))


def test_a_file_that_is_not_there_is_looked_for_by_a_similar_name(tmp_path: Path) -> None:
    write(tmp_path / "leads.csv", "a\n1\n")
    with pytest.raises(TableError) as caught:
        open_table(tmp_path / "lead.csv")
    assert "there is no file" in str(caught.value)
    assert "leads.csv" in caught.value.hint


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").mkdir()
    with pytest.raises(TableError, match="is a folder"):
        open_table(tmp_path / "leads.csv")


def test_a_truncated_packed_file_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + os.urandom(50_000).hex().encode() + b",1\n")
    with pytest.raises(TableError, match="cannot be read"):
        read(write(tmp_path / "leads.csv.gz", packed[:-2000]))


# ------------------------------------------------------------------ columns


def test_a_header_that_differs_in_case_or_blanks_is_found(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv", "Lead_ID, EMAIL \n1,x\n")
    assert read(file, "lead_id", "email") == [(2, {"lead_id": "1", "email": "x"})]


def test_an_exact_header_wins_but_two_that_differ_in_case_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv", "email,Email,x\n1,2,3\n")
    with pytest.raises(TableError, match="differ only in case"):
        read(file, "email")
    assert read(file, "x") == [(2, {"x": "3"})]


def test_a_header_that_is_wanted_as_it_is_stands_for_nothing_else(tmp_path: Path) -> None:
    """As for a policy with the fields `Order_Date ... from "Order Date"`, which may be called by its name too, and
    `order_date`."""
    file = write(tmp_path / "leads.csv", "Order Date,order_date\n1,2\n")
    assert read(file, "Order Date", "Order_Date", "order_date") == [(2, {"Order Date": "1", "order_date": "2"})]


def test_a_header_that_stands_twice_is_refused_only_if_it_is_needed(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv", "email,email,x\n1,2,3\n")
    with pytest.raises(TableError, match="has 2 columns called `email`"):
        read(file, "email")
    assert read(file, "x") == [(2, {"x": "3"})]


@pytest.mark.parametrize(
    ("name", "column"), [("job_title", "Job Title"), ("emplyees", "employees"), ("lead_id", "LeadId")]
)
def test_the_nearest_column_is_found(name: str, column: str) -> None:
    assert nearest(name, ("email", "employees", "Job Title", "LeadId")) == column


def test_nothing_is_near_what_is_altogether_different() -> None:
    assert nearest("country", ("email", "employees")) is None


# ------------------------------------------------------------------ JSON


def test_json_lines_keep_their_types_and_bring_new_keys_in_any_row(tmp_path: Path) -> None:
    lines = [*('{"lead_id": 1}' for _ in range(120)), '{"LEAD_ID": 2, "tags": ["a"], "n": 1.5}', "", '{"lead_id": 3}']
    rows = read(write(tmp_path / "leads.jsonl", "\n".join(lines)), "lead_id", "tags", "n")
    assert rows[-2:] == [(121, {"lead_id": 2, "tags": ["a"], "n": 1.5}), (123, {"lead_id": 3})]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is not JSON"),
        ("[1]", "is not an object"),
        ('{"a": 1, "a": 2}', "the key `a` stands twice in one object"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"a": ' + "1" * 5_000 + "}", "is not JSON"),
    ],
)
def test_a_bad_json_line_costs_itself(tmp_path: Path, line: str, reason: str) -> None:
    rows = read(write(tmp_path / "leads.jsonl", f'{{"a": 1}}\n{line}\n{{"a": 3}}\n'), "a")
    assert [isinstance(row, BadRow) for row in rows] == [False, True, False]
    assert reason in reasons(rows)[0]


def test_a_json_list_of_objects_is_a_table(tmp_path: Path) -> None:
    rows = read(write(tmp_path / "leads.json", '[{"a": 1}, 2, {"a": 3}]'), "a")
    assert rows[0] == (1, {"a": 1}) and rows[2] == (3, {"a": 3})
    assert reasons(rows) == ["is not an object: {...}"]


# ------------------------------------------------------------------ Parquet


def test_parquet_gives_python_values_and_reads_only_what_is_wanted(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    from datetime import datetime, timezone

    moment = datetime(2026, 3, 1, 10, tzinfo=timezone.utc)
    table = pa.table(
        {
            "lead_id": [1, 2],
            "seen": pa.array([moment, None], pa.timestamp("ns", "UTC")),
            "tags": [["a", "b"], None],
            "unused": [1, 2],
        }
    )
    pq.write_table(table, tmp_path / "leads.parquet")
    rows = read(tmp_path / "leads.parquet", "lead_id", "seen", "tags")
    assert rows == [
        (1, {"lead_id": 1, "seen": moment, "tags": ["a", "b"]}),
        (2, {"lead_id": 2, "seen": None, "tags": None}),
    ]


def test_without_pyarrow_parquet_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(TableError) as caught:
        open_table(write(tmp_path / "leads.parquet", b"PAR1"))
    assert "needs pyarrow" in str(caught.value) and "pip install" in caught.value.hint


# ------------------------------------------------------------------ writing

COLUMNS = (
    Column("lead_id", "text"),
    Column("fit", "points"),
    Column("as_of", "instant"),
    Column("reasons", "reasons"),
)
ROW = ("=cmd()", 425_000, 86_400_000_000, [("fit.start", 10_000), ("fit.student", -405_000)])


def test_a_csv_result_shows_points_exactly_and_runs_no_formula(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "out.csv", COLUMNS)
    writer.row(ROW)
    writer.row(("b", None, 0, []))
    writer.close()
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["lead_id", "fit", "as_of", "reasons"],
        ["'=cmd()", "42.5", "1970-01-02T00:00:00Z", "fit.start +1; fit.student -40.5"],
        ["b", "", "1970-01-01T00:00:00Z", ""],
    ]


def test_a_json_lines_result_holds_numbers_and_lists(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "out.jsonl", COLUMNS)
    writer.row(ROW)
    writer.close()
    assert json.loads((tmp_path / "out.jsonl").read_text()) == {
        "lead_id": "=cmd()",
        "fit": 42.5,
        "as_of": "1970-01-02T00:00:00Z",
        "reasons": [{"rule": "fit.start", "points": 1}, {"rule": "fit.student", "points": -40.5}],
    }


def test_a_parquet_result_has_exact_points(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    from decimal import Decimal

    writer = open_writer(tmp_path / "out.parquet", COLUMNS)
    writer.row(ROW)
    writer.row(("b", None, 0, []))
    writer.close()
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["fit"] for row in rows] == [Decimal("42.5000"), None]
    assert rows[0]["reasons"][1] == {"rule": "fit.student", "points": Decimal("-40.5000")}


def test_a_result_without_rows_still_has_its_header(tmp_path: Path) -> None:
    for name in ("out.csv", "out.parquet"):
        open_writer(tmp_path / name, COLUMNS).close()
    assert (tmp_path / "out.csv").read_text() == "lead_id,fit,as_of,reasons\n"
    pq = pytest.importorskip("pyarrow.parquet")
    assert pq.read_table(tmp_path / "out.parquet").column_names == ["lead_id", "fit", "as_of", "reasons"]


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl", "out.parquet"])
def test_an_abandoned_result_leaves_nothing_and_an_old_one_stays(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, "old")
    writer = open_writer(tmp_path / name, COLUMNS)
    writer.row(ROW)
    assert (tmp_path / name).read_text() == "old"
    writer.abandon()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "old"


def test_a_result_keeps_the_mode_of_the_file_that_it_replaces(tmp_path: Path) -> None:
    file = write(tmp_path / "out.csv", "old")
    file.chmod(0o640)
    open_writer(file, COLUMNS).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    write(tmp_path / "real.txt", "old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_beside(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink() and (tmp_path / "real.txt").read_text() == "new"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="there is no folder"):
        open_writer(tmp_path / "nowhere" / "out.csv", COLUMNS)


def test_a_full_disk_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sys, "stdout", FullDisk())
    writer = open_writer(None, COLUMNS)
    writer.row(ROW)
    with pytest.raises(TableError, match="no space left"):
        writer.close()


@pytest.mark.parametrize(
    ("text", "written"),
    [("=1+1", "'=1+1"), ("+49 30", "'+49 30"), ("-x", "'-x"), ("@a", "'@a"), ("\tx", "'\tx"), ("a=b", "a=b")],
)
def test_formulas_are_made_harmless(text: str, written: str) -> None:
    assert harmless(text) == written


@pytest.mark.parametrize(
    ("ticks", "text"), [(0, "0"), (425_000, "42.5"), (-1, "-0.0001"), (-10_000, "-1"), (123_456, "12.3456")]
)
def test_points_are_written_with_no_more_decimals_than_they_have(ticks: int, text: str) -> None:
    assert points_text(ticks) == text
