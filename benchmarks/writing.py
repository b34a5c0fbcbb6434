"""Policies of any length, made from a seed: for measuring the compiler."""

from __future__ import annotations

import random

HEAD = """\
policy made "A policy of many rules"
  language 1
  version 1.0.0

lead by lead_id
  email: text
  job_title: text
  industry: text
  country: text
  employees: number
  revenue: number
  budget: number
  unsubscribed: yes/no

event page_view
  url: text
event email_open, email_click, form_submit, demo_request, login

"""

_INDUSTRIES = ("software", "fintech", "healthcare", "banking", "retail", "energy", "media", "travel", "pharma", "legal")
_COUNTRIES = ("US", "GB", "DE", "FR", "NL", "SE", "CA", "AU", "BR", "IN", "JP", "KR", "MX", "PL", "ES", "IT")
_TITLES = ("chief", "vp", "director", "head of", "manager", "intern", "student", "founder", "partner", "owner")
_EVENTS = ("page_view", "email_open", "email_click", "form_submit", "demo_request", "login")


def rules_policy(rules: int, seed: int = 3) -> str:
    """A policy with so many rules: two thirds on attributes, one third on events."""
    dice = random.Random(seed)
    on_events = rules // 3
    fit = "".join(f"  {_attribute_rule(dice, number)}\n" for number in range(rules - on_events))
    engagement = "".join(f"  {_event_rule(dice, number)}\n" for number in range(on_events))
    return f"{HEAD}score fit from 0 to 100\n{fit}\nscore engagement from 0 to 100\n{engagement}"


def long_policy(lines: int, seed: int = 4) -> str:
    """A policy of about so many lines, a seventh of them comments and empty lines."""
    dice = random.Random(seed)
    text = HEAD + 'score fit "Who they are" from 0 to 100\n'
    written = text.count("\n")
    for number in range(lines * 3 // 5 - written):
        text += _with_comments(dice, _attribute_rule(dice, number), number)
    text += '\nscore engagement "What they do" from 0 to 100\n'
    for number in range(lines - text.count("\n") - 12):
        text += _with_comments(dice, _event_rule(dice, number), number)
        if text.count("\n") >= lines - 12:
            break
    return text + (
        "\nscore total from 0 to 200 = fit + engagement\n\n"
        "band readiness of total\n  hot >= 110\n  warm >= 60\n  cold otherwise\n\n"
        "decide next_step\n  sales when readiness is hot\n  nurture otherwise\n"
    )


def _with_comments(dice: random.Random, rule: str, number: int) -> str:
    before = "\n" if dice.random() < 0.07 else f"  # agreed in review {number}\n" if dice.random() < 0.08 else ""
    return f"{before}  {rule}\n"


def _attribute_rule(dice: random.Random, number: int) -> str:
    match dice.randrange(7):
        case 0:
            names = sorted(dice.sample(_INDUSTRIES, dice.randint(2, 6)))
            test = "industry in (" + ", ".join(f'"{name}"' for name in names) + ")"
        case 1:
            names = sorted(dice.sample(_COUNTRIES, dice.randint(2, 9)))
            test = "country in (" + ", ".join(f'"{name}"' for name in names) + ")"
        case 2:
            low = dice.randrange(1, 5000)
            test = f"employees between {low} and {low + dice.randrange(10, 4000)}"
        case 3:
            words = ", ".join(f'"{word}"' for word in sorted(dice.sample(_TITLES, 3)))
            test = f"job_title contains any of ({words})"
        case 4:
            test = f'email ends with "{dice.choice((".edu", ".gov", ".mil", "@mail.example"))}"'
        case 5:
            test = f"revenue >= {dice.randrange(1, 99)}000000 and budget >= {dice.randrange(1, 99)}000"
        case _:
            test = (
                f'country is "{dice.choice(_COUNTRIES)}" and not (unsubscribed or employees < {dice.randrange(2, 9)})'
            )
    return f'{dice.choice(("+15", "+10", "-5", "+3", "-10"))} fit_{number} "Reason {number}" when {test}'


def _event_rule(dice: random.Random, number: int) -> str:
    event = dice.choice(_EVENTS)
    days = dice.choice((7, 14, 30, 60, 90))
    match dice.randrange(5):
        case 0:
            test = f"for each {event} in the last {days} days, at most {dice.randrange(10, 60)} points"
        case 1:
            test = f'for each page_view in the last {days} days where url contains "/pricing", at most 3 times'
        case 2:
            test = f"for each {event}, halving every {days} days, at most {dice.randrange(40, 90)} points"
        case 3:
            test = f"when days since last {event} < {days}"
        case _:
            test = f"when no event in the last {days} days"
    return f'+{dice.randrange(1, 30)} did_{number} "Reason {number}" {test}'
