"""Whatever is put in, a sentence comes out: never a traceback, never a hang, never half a result.

Every case is tried as a person would try it, with the command line, and held against the words that this person reads.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from command_line import LEADS, POLICY, Ran, scorec, write

import scorec as package
from scorec.dsl.source import Source

HEAD = """\
policy p
  language 1

lead by lead_id
  employees: number
  name: text
  country: one of ("US", "GB")
  born: date
  ok: yes/no

event login
  minutes: number

"""


def rule(text: str) -> str:
    """A policy with one score that has one rule."""
    return f"{HEAD}score fit\n  {text}\n"


def condition(text: str) -> str:
    return rule(f"+1 a when {text}")


def check(folder: Path, text: str | bytes) -> Ran:
    (folder / "p.score").write_bytes(text if isinstance(text, bytes) else text.encode())
    started = time.perf_counter()
    ran = scorec(folder, "check", "p.score")
    assert time.perf_counter() - started < 20
    return ran


def said(ran: Ran) -> str:
    """What was said, without line breaks."""
    return " ".join((ran.out + ran.err).split())


# ------------------------------------------------------------------ policies

MANY_LINES = HEAD + "score fit\n" + "".join(f"  +1 r{number} when employees > {number}\n" for number in range(100_000))
DEEP = 10_000

POLICIES = {
    "an empty file": ("", "SC043", "this file is empty"),
    "a file of blank lines": ("\n  \n\n", "SC043", "this file is empty"),
    "a file of comments": ("# to be written\n", "SC043", "this file has comments, but no policy"),
    "a binary file": (bytes(range(256)) * 20, "SC040", "this file is not plain text in UTF-8"),
    "a text with NUL": (HEAD.encode() + b"\0", "SC040", "this file is not plain text in UTF-8"),
    "a text in UTF-16": (HEAD.encode("utf-16"), "SC040", "it is saved as UTF-16"),
    "a text in Latin-1": (condition('name is "Zoë"').encode("latin-1"), "SC040", "line 15 holds the byte 0xEB"),
    "a file of 100,000 lines": (MANY_LINES, "SC044", "a policy has at most 100,000 lines"),
    "a file of 11 MB": ("#" * 11_000_000, "SC044", "a policy has at most 10 MB"),
    "lines that end in CR only": (HEAD.replace("\n", "\r"), "SC041", "carriage return alone"),
    "tabs": (condition("ok").replace("  +1", "\t+1"), "SC042", "a tab stands where blanks belong"),
    "nonsense": ("((((\n|||\n+++ ++\n", "SC039", "this file does not say what it is"),
    "10,000 nested parentheses": (condition("(" * DEEP + "ok" + ")" * DEEP), "SC049", "nested more than 100 levels"),
    "10,000 open parentheses": (condition("(" * DEEP + "ok"), "SC049", "nested more than 100 levels"),
    "10,000 times not": (condition("not " * DEEP + "ok"), "SC049", "nested more than 100 levels"),
    "10,000 nested calls": (
        condition("if(ok, 1, " * DEEP + "2" + ")" * DEEP + " > 1"),
        "SC049",
        "more than 100 levels",
    ),
    "1,000 nested groups": (
        HEAD + "score fit\n" + "".join("  " * level + f"group g{level}\n" for level in range(1, 1000)),
        "SC049",
        "nested more than 100 levels",
    ),
    "an unknown field": (condition("emplyees > 1"), "SC002", "did you mean `employees`?"),
    "a text without quotes": (condition("name is NY"), "SC002", 'if it is meant as a text, put it in quotes: `"NY"`'),
    "a text without quotes, or a slip": (condition("name is nmae"), "SC002", 'put it in quotes: `"nmae"`'),
    "a comparison that goes on with a text": (condition('name is "a" or "b"'), "SC067", 'country in ("US", "CA")'),
    "an unknown event": (rule("+1 a for each logn"), "SC017", "there is no event called `logn`"),
    "an unknown list": (condition("name in friends"), "SC003", "there is no list called `friends`"),
    "an unknown function": (condition("lenght(name) > 1"), "SC021", "did you mean `length`?"),
    "an unknown rule in a test": (
        rule('+1 a when ok\n\ntest "t"\n  expect fired fit.b'),
        "SC024",
        "no rule called `fit.b`",
    ),
    "an unknown band": (rule("+1 a when ok\n\ngate g\n  never x when grade is A"), "SC002", "`grade`"),
    "an unknown library": (
        HEAD.replace("lead by", "use acme.forms\n\nlead by"),
        "SC019",
        "there is no library called `acme.forms`",
    ),
    "a text compared with a number": (condition("name > 3"), "SC004", "`name` is a text, but it is compared with"),
    "a number compared with a text": (condition('employees is "x"'), "SC004", "`employees` is a number, but it is"),
    "a number where a condition belongs": (condition("employees"), "SC067", "`employees` is a number, not a condition"),
    "a value outside its domain": (condition('country is "FR"'), "SC005", "`country`"),
    "a division by zero": (condition("employees / 0 > 1"), "SC072", "this divides by zero"),
    "a number of 5,000 digits": (condition("employees > " + "9" * 5_000), "SC048", "is not a number as policies write"),
    "a number with an exponent": (condition("employees > 1e999"), "SC001", "numbers are written out"),
    "too many points": (rule("+999999999999 a when ok"), "SC031", "999,999,999,999 is too large"),
    "points with five decimals": (rule("+0.12345 a when ok"), "SC035", "more than four decimals"),
    "a percentage over 100": (rule("+1 a for each login, losing 150% every 7 days"), "SC075", "150% makes no sense"),
    "a window of nothing": (rule("+1 a for each login in the last 0 days"), "SC063", "`0 days` is no time at all"),
    "a window of a million years": (rule("+1 a for each login in the last 1000000000 days"), "SC063", "100 years"),
    "a negative window": (rule("+1 a for each login in the last -1 days"), "SC001", "`-` does not fit here"),
    "a day that does not exist": (condition("born > 2026-02-30"), "SC051", "`2026-02-30` does not exist"),
    "a Cyrillic letter in a name": (condition("еmployees > 1"), "SC009", "a letter that only looks like `e`"),
    "a bidi control in a name": (rule("+1 a\u202e when ok"), "SC009", "right-to-left override, U+202E"),
    "a bidi control in a text": (condition('name is "x\u202ey"'), "SC009", "right-to-left override, U+202E"),
    "an invisible character in a name": (rule("+1 a\u200bb when ok"), "SC009", "zero width space, U+200B"),
    "a text that is not closed": (condition('name is "x'), "SC045", "this text has no closing quote"),
    "a name that stands twice": (
        rule("+1 a when ok\n  +1 a when ok"),
        "SC007",
        "two rules or groups in `fit` called `a`",
    ),
    "defines that need each other": (
        condition("b").replace("score", "define b = c\ndefine c = b\n\nscore"),
        "SC034",
        "`b` -> `c` -> `b`",
    ),
    "scores that need each other": (HEAD + "score a = b\nscore b = a\n", "SC034", "`a` -> `b` -> `a`"),
    "a band without an end": (rule("+1 a when ok\n\nband b of fit\n  hot >= 1"), "SC231", "all other leads"),
    "limits in the wrong order": (
        rule("+1 a when ok\n\nband b of fit\n  hot >= 1\n  warm >= 5\n  cold otherwise"),
        "SC230",
        "no lead can be `warm`",
    ),
    "a gate that bars everything": (
        rule("+1 a when ok\n\ndecide d\n  x otherwise\n\ngate g\n  never x when ok"),
        "SC324",
        "`x` cannot be barred",
    ),
    "a grid with a hole": (
        rule(
            "+1 a when ok\n\nband b of fit\n  hi >= 1\n  lo otherwise\n\nband c of fit\n  up >= 1\n  down otherwise\n\n"
            "decide d by b, c\n  |    | up | down |\n  | hi | x  | y    |\n  z otherwise"
        ),
        "SC321",
        "`lo`",
    ),
    "a test without an instant": (
        rule('+1 a for each login\n\ntest "t"\n  event login 1 day ago\n  expect fit is 1'),
        "SC608",
        "at 2026-03-02",
    ),
}


@pytest.mark.parametrize("case", POLICIES)
def test_a_bad_policy_is_answered_with_a_sentence(tmp_path: Path, case: str) -> None:
    text, code, words = POLICIES[case]
    ran = check(tmp_path, text)
    assert ran.code == 1, ran.err
    assert f"error {code}: " in ran.out
    assert words in said(ran)
    assert max(map(len, ran.out.split("\n"))) <= 100


@pytest.mark.parametrize("case", POLICIES)
def test_a_bad_policy_is_refused_by_every_command(tmp_path: Path, case: str) -> None:
    text, code, _ = POLICIES[case]
    (tmp_path / "p.score").write_bytes(text if isinstance(text, bytes) else text.encode())
    write(tmp_path, leads_csv=LEADS)
    for arguments in (
        ("test", "p.score"),
        ("score", "p.score", "leads.csv", "-o", "out.csv"),
        ("explain", "p.score", "leads.csv", "--key", "L1"),
        ("build", "p.score", "--target", "json", "-o", "out.json"),
    ):
        ran = scorec(tmp_path, *arguments)
        assert (ran.code, ran.out) == (1, ""), arguments
        assert f"error {code}: " in ran.err, arguments
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leads.csv", "p.score"]


@pytest.mark.parametrize("case", POLICIES)
def test_every_problem_points_into_its_text(tmp_path: Path, case: str) -> None:
    text, _, _ = POLICIES[case]
    if isinstance(text, bytes):
        return
    source = Source("p.score", text)
    for problem in package.check(text, name="p.score"):
        assert 0 <= problem.span.start <= problem.span.end <= len(source.text)
        assert problem.message() and "\n" not in problem.message()


GOOD = {
    "a byte order mark": b"\xef\xbb\xbf" + condition("ok").encode(),
    "lines that end in CR LF": condition("ok").replace("\n", "\r\n"),
    "a minus before zero": condition("employees > -0"),
    "the first year": condition("born > 0001-01-01"),
    "a text with everything in it": condition(r'''name is "a\"b\\c\n{}%s$1--;'{name}{0!r}"'''),
    "a long chain of and": condition(" and ".join(["ok"] * 1_000)),
    "a long sum": condition(" + ".join(["1"] * 1_000) + " > employees"),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_is_unusual_but_right_is_accepted(tmp_path: Path, case: str) -> None:
    ran = check(tmp_path, GOOD[case])
    assert ran.code == 0 and "error" not in ran.out, ran.out


def test_names_may_be_words_of_python(tmp_path: Path) -> None:
    text = """\
policy class
  language 1

lead by lambda
  class: number
  import: text
  __import__: number
  def: yes/no
  None: number

event print, exec
  eval: number

score while
  +1 for when class > 1
  +1 return when import is "x" and __import__ > 0 and None > 1 and def
  +1 yield for each exec where eval > 1

band try of while
  finally >= 1
  except otherwise

decide raise
  break when try is finally
  continue otherwise

gate global
  never break when def

test "k"
  at 2026-01-01
  given class 2, import "x", __import__ 1, None 2, def yes
  event exec 1 day ago, eval 2
  expect while is 3 and try is finally and raise is continue
"""
    write(tmp_path, p_score=text, leads_csv="lambda,class,__import__\n1,2,3\n")
    assert scorec(tmp_path, "test", "p.score").out == "1 test in 1 policy: 1 passed\n"
    ran = scorec(tmp_path, "score", "p.score", "leads.csv", "--at", "2026-01-01")
    assert ran.out.split("\n")[1].startswith("1,1,finally,break,")
    assert scorec(tmp_path, "explain", "p.score", "leads.csv", "--key", "1").code == 0
    assert scorec(tmp_path, "build", "p.score", "--target", "python").code == 0


def test_a_text_never_becomes_code_or_format(tmp_path: Path) -> None:
    nasty = r"""a\"b\\c\n\t{}{0}%s%(x)s$1`'''--;/*{name}\\N{BEL}"""
    text = condition(f'name is "{nasty}"').replace("+1 a", f'+1 a "{nasty}"')
    value = 'a"b\\c\n\t{}{0}%s%(x)s$1`' + "'''--;/*{name}\\N{BEL}"
    assert all(problem.severity is not package.Severity.ERROR for problem in package.check(text))
    result = package.loads(text).score({"name": value}, at="2026-01-01")
    assert result.scores["fit"] == 1 and result.reasons[0].text == value


# ------------------------------------------------------------------ what stands beside a policy


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("gone.txt", "is not there"),
        ("../outside.txt", "lies outside the policy's folder"),
        ("inner/../../outside.txt", "lies outside the policy's folder"),
        ("/etc/passwd", "is an absolute path"),
        ("C:\\\\lists\\\\x.txt", "is an absolute path"),
        ("link.txt", "lies outside the policy's folder"),
        ("linked/outside.txt", "lies outside the policy's folder"),
        ("inner", "is a folder"),
        ("binary.txt", "is not a text file"),
        ("latin.txt", "is not UTF-8 text (line 2)"),
        ("empty.txt", "empty.txt"),
        ("huge.txt", "is larger than 10 MB"),
    ],
)
def test_a_list_file_is_read_only_in_the_folder_of_its_policy(tmp_path: Path, file: str, words: str) -> None:
    folder = tmp_path / "policies"
    (folder / "inner").mkdir(parents=True)
    (tmp_path / "outside.txt").write_text("secret\n")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "binary.txt").write_bytes(b"a\0b\n")
    (folder / "latin.txt").write_bytes("ok\nZoë\n".encode("latin-1"))
    (folder / "empty.txt").write_bytes(b"")
    (folder / "huge.txt").write_bytes(b"x" * 10_000_001)
    ran = check(folder, condition("name in l").replace("score", f'list l from "{file}"\n\nscore'))
    assert words in said(ran)
    assert "secret" not in said(ran)
    assert ran.code == 1 or file == "empty.txt"


def test_a_list_file_in_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "l.txt").write_text("\ufeffa\n\n# b\nc\n", encoding="utf-8")
    assert check(tmp_path, condition("name in l").replace("score", 'list l from "lists/l.txt"\n\nscore')).code == 0


def test_libraries_that_use_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "a.score").write_text("library acme.a\n  language 1\n\nuse acme.b\n")
    (tmp_path / "acme" / "b.score").write_text("library acme.b\n  language 1\n\nuse acme.a\n")
    ran = check(tmp_path, condition("ok").replace("lead by", "use acme.a\n\nlead by"))
    assert "error SC012: " in ran.out
    assert "these libraries use each other: `acme.a` -> `acme.b` -> `acme.a`" in said(ran)


def test_a_library_outside_the_folder_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "forms.score").write_text("library team.forms\n  language 1\n")
    (tmp_path / "policies" / "team").symlink_to(tmp_path)
    ran = check(tmp_path / "policies", condition("ok").replace("lead by", "use team.forms\n\nlead by"))
    assert "error SC019: " in ran.out


# ------------------------------------------------------------------ data


def score(folder: Path, leads: str | bytes, policy: str = POLICY, name: str = "leads.csv") -> Ran:
    (folder / "p.score").write_text(policy, encoding="utf-8")
    (folder / name).write_bytes(leads if isinstance(leads, bytes) else leads.encode())
    return scorec(folder, "score", "p.score", name, "--at", "2026-03-02", "-o", "out.csv")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("1,000", "`1,000` is not a number: write it without the comma"),
        ("12 %", "`12 %` is not a number: write it without the percent sign"),
        ("n/a", "`n/a` is not a number: leave the cell empty where the number is not known"),
        ("1_000", "`1_000` is not a number: write it without the underscore"),
        ("٣", "`٣` is not a number: write it with the digits 0 to 9"),
        ("$5", "`$5` is not a number: write it without the currency sign"),
        ("9" * 500, "is too long for a number"),
    ],
)
def test_a_text_where_a_number_belongs_rejects_its_row(tmp_path: Path, value: str, reason: str) -> None:
    ran = score(tmp_path, f'lead_id,email,Company size\nL1,a@b.example,"{value}"\nL2,a@b.example,5\n')
    assert ran.code == 0
    assert "1 lead scored" in said(ran)
    assert reason in said(ran)
    assert reason in (tmp_path / "out.csv.rejected.csv").read_text(encoding="utf-8").replace('""', '"')


@pytest.mark.parametrize("value", ["NaN", "nan", "inf", "-Infinity", "1e999", ""])
def test_what_is_no_finite_number_is_missing(tmp_path: Path, value: str) -> None:
    ran = score(tmp_path, f"lead_id,email,Company size\nL1,a@b.example,{value}\n")
    assert ran.code == 0
    assert (tmp_path / "out.csv").read_text().split("\n")[1].startswith("L1,10,0,6,cold,wait,0,")


@pytest.mark.parametrize(("value", "fit"), [("-0", "10"), (" 1200 ", "90"), ("1.2e3", "90"), ("1e308", "90")])
def test_unusual_numbers_are_numbers(tmp_path: Path, value: str, fit: str) -> None:
    score(tmp_path, f"lead_id,email,Company size\nL1,a@b.example,{value}\n")
    assert (tmp_path / "out.csv").read_text().split("\n")[1].split(",")[1] == fit


def test_nan_in_json_is_missing_too(tmp_path: Path) -> None:
    first = '{"lead_id": 1, "email": "a@b.example", "Company size": NaN}'
    second = '{"lead_id": 2, "email": "a@b.example", "employees": -Infinity}'
    score(tmp_path, f"{first}\n{second}\n", name="leads.jsonl")
    assert [line.split(",")[6] for line in (tmp_path / "out.csv").read_text().split("\n")[1:3]] == ["0", "0"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2026-02-31", "the calendar has no such day"),
        ("31.01.2026", "write year, month and day in this order"),
        ("01/02/26", "write"),
        ("1767225600", "a count of seconds or days can be misread"),
        ("soon", "write it as 2026-03-01"),
    ],
)
def test_a_bad_date_rejects_its_row(tmp_path: Path, value: str, reason: str) -> None:
    ran = score(tmp_path, f"lead_id,born\nL1,{value}\n", condition("born < 2026-01-01"))
    assert ran.code == 0
    assert "0 leads scored" in said(ran) and reason in said(ran)


def test_a_value_outside_one_of_rejects_its_row(tmp_path: Path) -> None:
    assert "`Mars` is none of US, GB" in said(
        score(tmp_path, "lead_id,country\nL1,Mars\n", condition('country is "US"'))
    )


def test_events_in_the_future_and_of_nobody_are_counted(tmp_path: Path) -> None:
    write(tmp_path, p_score=POLICY, leads_csv=LEADS)
    write(tmp_path, events_csv="lead_id,event,at\nL1,demo_request,2027-01-01\nL9,demo_request,2026-01-01\n")
    ran = scorec(tmp_path, "score", "p.score", "leads.csv", "--events", "events.csv", "--at", "2026-03-02")
    assert "events 0 of 2 used; ignored: 1 without a lead, 1 after the as-of instant" in said(ran)
    assert ran.out.split("\n")[1].split(",")[2] == "0"


@pytest.mark.parametrize(
    ("leads", "words"),
    [
        ("", "leads.csv is empty"),
        ("email\nx\n", "leads.csv has no column `lead_id`"),
        ("lead_id,lead_id\n1,2\n", "leads.csv has 2 columns called `lead_id`"),
        ("lead_id,email,E-mail,EMAIL\n1,2,3,4\n", "differ only in case"),
        (b"\xff\xfel\x00", "leads.csv is UTF-16 text"),
        (b"lead_id\x00,email\n", "the header of leads.csv has a NUL character"),
        ('"lead_id,email\n', "the header of leads.csv has a quote that is not closed"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path, leads: str | bytes, words: str) -> None:
    ran = score(tmp_path, leads)
    assert ran.code == 2
    assert words in said(ran)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["leads.csv", "p.score"]


def test_a_quote_left_open_is_reported_where_it_opened(tmp_path: Path) -> None:
    rows = "".join(f"L{number},a@b.example,x,5,US,yes\n" for number in range(4, 500))
    ran = score(tmp_path, LEADS + 'L4x,"open@b.example,x,5,US,yes\n' + rows)
    assert "499 leads scored" in said(ran)
    assert "leads.csv row 5: email 'open@b.example,x,5,US,yes': a quote opens here and is not closed" in said(ran)


def test_one_broken_row_in_ten_costs_only_itself(tmp_path: Path) -> None:
    rows = [f"L{number},a@b.example,,{'many' if number % 10 == 0 else 5},," for number in range(1_000)]
    ran = score(tmp_path, LEADS.split("\n")[0] + "\n" + "\n".join(rows) + "\n")
    assert "900 leads scored" in said(ran) and "rejected 100 leads" in said(ran)
    assert (tmp_path / "out.csv.rejected.csv").read_text().count("\n") == 101


def test_a_hundred_thousand_events_of_one_lead_are_no_trouble(tmp_path: Path) -> None:
    write(tmp_path, p_score=POLICY, leads_csv=LEADS)
    rows = "L1,page_view,2026-03-01T10:00Z,/pricing\n" * 100_000
    write(tmp_path, events_csv="lead_id,event,at,url\n" + rows)
    ran = scorec(tmp_path, "score", "p.score", "leads.csv", "--events", "events.csv", "--at", "2026-03-02")
    assert ran.out.split("\n")[1].startswith("L1,100,60,84,")
    assert "99,999 counted although they are the same as another" in said(ran)


@pytest.mark.parametrize("at", ["0001-01-01", "9999-12-31T23:59:59Z"])
def test_an_instant_at_the_end_of_the_calendar(tmp_path: Path, at: str) -> None:
    write(tmp_path, p_score=POLICY, leads_csv=LEADS, events_csv="lead_id,event,at\nL1,demo_request,2026-01-01\n")
    for arguments in (("score", "p.score", "leads.csv"), ("explain", "p.score", "leads.csv", "--key", "L1")):
        ran = scorec(tmp_path, *arguments, "--events", "events.csv", "--at", at)
        assert ran.code == 0, ran.err


# ------------------------------------------------------------------ anything at all


def test_mangled_policies_are_answered_with_problems() -> None:
    """Some hundred ways to break a good policy: letters lost, doubled and exchanged, lines moved, tails cut off."""
    dice = random.Random(7)
    for _ in range(300):
        text = list(POLICY)
        for _ in range(dice.randint(1, 6)):
            at = dice.randrange(len(text))
            match dice.randrange(5):
                case 0:
                    del text[at : at + dice.randint(1, 30)]
                case 1:
                    text[at:at] = dice.choice(
                        ['"', "(", ")", "\n", "  ", "|", "é", "\u202e", "0", " when ", "#", "%", "\t"]
                    )
                case 2:
                    text[at] = chr(dice.randrange(1, 0x2FF))
                case 3:
                    text[at:at] = text[dice.randrange(len(text)) :][:40]
                case _:
                    del text[at:]
            text = text or ["x"]
        mangled = "".join(text)
        for problem in package.check(mangled):
            assert problem.message()
            assert 0 <= problem.span.start <= problem.span.end <= len(mangled), mangled
