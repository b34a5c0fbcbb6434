"""A field about a person's age, health, origin or the like."""

from __future__ import annotations

from collections.abc import Iterator

from ....dsl import tree
from ....dsl.problems import Note, Problem, Severity, problem
from ....dsl.source import Span
from ..rule import Option, rule
from ..subject import Subject

SENSITIVE = Option("sensitive-fields", (), "more names of fields that should decide nothing")


@problem("SC310", Severity.WARNING)
class SensitiveFieldUsed(Problem):
    """A field that is protected by law, or stands for one that is, decides about leads.

    ## Why it matters
    Age, gender, health, origin, religion and the like may in most countries not decide how a person is treated, and a
    postcode often stands for them. Whoever has a good reason writes it down, and allows the finding beside it.
    `sensitive-fields` adds names of your own.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      age: number
      employees: number

    score fit
      +10 big when employees >= 50
      +10 young when age < 40
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      years_in_job: number
      employees: number

    score fit
      +10 big when employees >= 50
      +10 new_in_job when years_in_job < 3
    ```
    """

    name: str

    def message(self) -> str:
        return f"`{self.name}` decides about people, and may be protected by law"

    def help(self) -> str:
        return "leave it out, or allow it in a comment that gives the reason"


_NAMES = {
    "age", "age_group", "birthday", "birth_date", "birthdate", "birth_year", "date_of_birth", "year_of_birth", "dob",
    "gender", "sex", "pronouns", "sexual_orientation", "marital_status", "married", "pregnant", "pregnancy", "children",
    "race", "ethnicity", "ethnic_group", "ethnic_origin", "nationality", "citizenship", "place_of_birth",
    "country_of_birth", "native_language", "mother_tongue", "skin_colour", "skin_color", "religion", "faith",
    "political_party", "political_views", "union_member", "trade_union", "health", "health_status", "disability",
    "disabled", "illness", "diagnosis", "genetic_data", "criminal_record", "postcode", "postal_code", "zip", "zip_code",
    "zipcode",
}  # fmt: skip
_BEFORE = ("lead_", "person_", "contact_", "customer_", "applicant_", "buyer_", "donor_", "home_", "is_", "has_")


@rule(SensitiveFieldUsed, needs="text", options=(SENSITIVE,))
def look(subject: Subject) -> Iterator[Problem]:
    more = {name.lower() for name in subject.settings[SENSITIVE]}
    declared = {field.name.text: field.name.span for record in subject.written(tree.Record) for field in record.fields}
    sensitive = {name: span for name, span in declared.items() if _bare(name) in _NAMES or name.lower() in more}
    if not sensitive:
        return
    tests = [test.span for test in subject.written(tree.Test)]
    read: dict[str, list[Span]] = {}
    for name in subject.written(tree.Dotted):
        if name.text in sensitive and not any(test.start <= name.span.start < test.end for test in tests):
            read.setdefault(name.text, []).append(name.span)
    for text, places in read.items():
        notes = (Note(sensitive[text], "declared here"), *(Note(place, "and here") for place in places[1:]))
        yield SensitiveFieldUsed(span=places[0], label="read here", notes=notes, name=text)


def _bare(name: str) -> str:
    name = name.lower()
    return next((name.removeprefix(before) for before in _BEFORE if name.startswith(before)), name)
