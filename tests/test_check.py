"""Mistakes and what is said about them: small policies in which each problem is written below the line that has it.

A line `#! CODE <words> title` stands for one problem of the line above it: code, words under the carets, title.
A page is checked as a whole: every problem is expected, in order, and nothing else is reported.
"""

from __future__ import annotations

import re

import pytest

from scorec.compiler.pipeline import Analysis, analyze_text
from scorec.dsl.problems import CATALOGUE, Severity

# Every page goes on from here, unless it has a header of its own, or is about headers.
FACTS = """\
policy inbound
  language 1

lead by lead_id
  email: text
  industry: text
  employees: number
  revenue: number
  country: one of ("US", "CA", "other")
  plan: one of (free, pro)
  opted_in: yes/no
  created_at: time
  renewed_on: date
  tags: list of text

event login
event page_view
  url: text
  seconds: number
event purchase
  items: list of text

list competitors = ("rival.example", "contender.example")
list codes = (1, 2, 3)

score fit from 0 to 100
  +10 big when employees > 5
score engagement from 0 to 100
  +10 active when any login
band grade of fit
  A >= 50
  B otherwise
band interest of engagement
  1 >= 50
  2 otherwise
decide step
  sales when grade is A
  wait otherwise
"""

PAGES = """
=== names: a misspelt field is found, and the nearest name offered
score s
  +1 r when employes > 3
    #! SC002 <employes> there is no field called `employes`

=== names: a misspelt list, score, event, function and library member
use std.email as mail
score s
  +1 a when domain(email) in competitor
    #! SC003 <competitor> there is no list called `competitor`
  +1 b when engagment 7 days ago > 3
    #! SC022 <engagment> there is no score called `engagment`
  +1 c when any logn
    #! SC017 <logn> there is no event called `logn`
  +1 d when domian(email) is "x"
    #! SC021 <domian> there is no function called `domian`
  +1 e when mail.is_fre(email)
    #! SC020 <is_fre> `mail` has nothing called `is_fre`

=== names: a property belongs to its event
score s
  +1 a when any login where (seconds > 3)
    #! SC028 <seconds> `seconds` is a property of `page_view`, and a value is needed here
  +1 b when sum of second of page_view > 60
    #! SC018 <second> `page_view` has no property called `second`
  +1 c when seconds > 3
    #! SC028 <seconds> `seconds` is a property of `page_view`, and a value is needed here
  +1 d for each login, once per seconds
    #! SC018 <seconds> `login` has no property called `seconds`

=== names: a name of another kind is told what it is
score s
  +1 a when login
    #! SC028 <login> `login` is an event, and a value is needed here
  +1 b when competitors is "x"
    #! SC028 <competitors> `competitors` is a list, and a single value is needed here
  +1 c when days since login > 3
    #! SC028 <login> `login` is an event, and a date or a time is needed here
  +1 d when industry is competitors
    #! SC028 <competitors> `competitors` is a list, and a single value is needed here
  +1 e when grade 7 days ago is A
    #! SC028 <grade> `grade` is a band, and a score is needed here
  +1 f when fit.big > 3
    #! SC028 <fit.big> `fit.big` is a rule, and a value is needed here
  +1 g when employees(3) > 3
    #! SC028 <employees> `employees` is a field, and a function or a define is needed here
  +1 h when employees in grade
    #! SC028 <grade> `grade` is a band, and a list is needed here
  +1 i when any employees
    #! SC028 <employees> `employees` is a field, and an event is needed here
  +1 j when sales
    #! SC028 <sales> `sales` is one of the labels of `step`, and a value is needed here
  +1 k when domain is "x"
    #! SC028 <domain> `domain` is a function, and a value is needed here

=== names: a bare word that is nothing may be a text without its quotes
score s
  +1 a when industry is software
    #! SC002 <software> there is no field called `software`
  +1 b when industry contains software
    #! SC002 <software> there is no field called `software`
  +1 c when industry is industri
    #! SC002 <industri> there is no field called `industri`

=== names: what is declared twice is kept once, and the second is reported
lead by lead_id
    #! SC078 <lead> the block of fields stands here twice
  x: text
  x: number
    #! SC007 <x> there are two fields called `x`
event signup, login
    #! SC007 <login> there are two events called `login`
event signup
    #! SC007 <signup> there are two events called `signup`
list competitors = ("x")
    #! SC007 <competitors> there are two lists called `competitors`
score grade
    #! SC007 <grade> there are two things called `grade`
  +1 a when employees > 3
  +1 a when employees > 4
    #! SC007 <a> there are two rules or groups in `grade` called `a`
  group a
    #! SC007 <a> there are two rules or groups in `grade` called `a`
    +1 b when employees > 5
gate g
  never sales when employees > 3
gate g
    #! SC007 <g> there are two gates called `g`
  never sales when employees > 4
promise p
  fit >= 0
promise p
    #! SC007 <p> there are two promises called `p`
  fit >= 0
test "t"
  expect fit is 0
test "t"
    #! SC007 <"t"> there are two tests called `t`
  expect fit is 0

=== names: the result has a column for the key, which no score, band or decision may be called like
score lead_id
    #! SC007 <lead_id> there are two columns of the result called `lead_id`
  +1 a when employees > 3

=== names: a line stands once
score s
  start at 1
  start at 2
    #! SC078 <start at 2> `start at` stands here twice
  decay halving every 3 days
  decay fading over 3 days
    #! SC078 <decay fading over 3 days> `decay` stands here twice
  decay halving every 3 days of silence
  group g at most 3 points, at most 4 points
    #! SC078 <at most 4 points> `at most` stands here twice
    +1 a for each login

=== names: some names are taken
define words(t: text) = t is "x"
    #! SC033 <words> `words` cannot be the name of a define
event visit
  at: time
    #! SC033 <at> `at` cannot be the name of a property
score s
  +1 cap when employees > 3
    #! SC033 <cap> `cap` cannot be the name of a rule
  group range
    #! SC033 <range> `range` cannot be the name of a group
    +1 a when employees > 3

=== names: what is defined by itself has no meaning
define a = b
    #! SC034 <a> these are defined by each other: `a` -> `b` -> `a`
define b = a
define c(n: number) = c(n) > 3
    #! SC034 <c> `c` is defined by itself
score x = y + 1
    #! SC034 <x> these are defined by each other: `x` -> `y` -> `x`
score y = x + 1
score z = z 7 days ago + 1
    #! SC034 <z> `z` is defined by itself
decide d
    #! SC034 <d> `d` is defined by itself
  q when d is q
  w otherwise
rules rs
    #! SC034 <rs> `rs` is defined by itself
  include rs

=== types: like is compared with like
score s
  +1 a when employees is "50"
    #! SC004 <"50"> `employees` is a number, but it is compared with a text
  +1 b when industry is 50
    #! SC004 <50> `industry` is a text, but it is compared with a number
  +1 c when industry > "a"
    #! SC004 <industry> `industry` is a text, but `>` compares numbers, dates and times
  +1 d when grade > 3
    #! SC004 <3> `grade` is a band, but it is compared with a number
  +1 e when opted_in is "yes"
    #! SC004 <"yes"> `opted_in` is yes or no, but it is compared with a text
  +1 f when created_at > 30
    #! SC004 <30> `created_at` is a time, but it is compared with a number
  +1 g when created_at >= "2026-01-01"
    #! SC004 <"2026-01-01"> `created_at` is a time, but it is compared with a text
  +1 h when tags is "vip"
    #! SC004 <"vip"> `tags` is a list of texts, but it is compared with a text
  +1 i when grade is industry
    #! SC004 <industry> `grade` is a band, but it is compared with a text
  +1 j when employees in ("a", "b")
    #! SC004 <employees> `employees` is a number, but `("a", "b")` holds texts
  +1 k when employees in ("a", 5)
    #! SC004 <"a"> `a` is a text, but other values of this list are numbers
  +1 l when employees in competitors
    #! SC004 <employees> `employees` is a number, but `competitors` holds texts
  +1 m when tags in competitors
    #! SC004 <tags> `tags` is a list of texts, but `in` looks for one value
  +1 n when renewed_on in (2026-01-01, 5)
    #! SC004 <5> `renewed_on` is a date, but it is compared with a number
  +1 o when if(opted_in, 1, "a") is 1
    #! SC004 <"a"> `"a"` is a text, but the other value of this `if` is a number
  +1 o2 when if(opted_in, missing, missing) is 1
    #! SC004 <missing> `if` is missing either way, but it needs a value
  +1 p when grade is interest
    #! SC004 <interest> `interest` is one of `1`, `2`, but `grade` is never any of those

=== types: a condition is true or not
score s
  +1 a when employees
    #! SC067 <employees> `employees` is a number, not a condition
  +1 b when not industry
    #! SC067 <industry> `industry` is a text, not a condition
  +1 c when grade and opted_in
    #! SC067 <grade> `grade` is a band, not a condition
  +1 d when tags
    #! SC067 <tags> `tags` is a list of texts, not a condition
  +1 e when created_at
    #! SC067 <created_at> `created_at` is a time, not a condition
  +1 f when country
    #! SC067 <country> `country` is a text, not a condition
  +1 g when 5
    #! SC067 <5> `5` is a number, not a condition

=== types: arithmetic needs numbers
score s
  +1 a when created_at + 3 > 5
    #! SC068 <created_at> `created_at` is a time, and a number is needed here
  +1 b when grade * 2 > 5
    #! SC068 <grade> `grade` is a band, and a number is needed here
  +1 c per industry
    #! SC068 <industry> `industry` is a text, and a number is needed here
  +(opted_in) d when opted_in
    #! SC068 <opted_in> `opted_in` is yes or no, and a number is needed here
score t = industry
    #! SC068 <industry> `industry` is a text, and a number is needed here
score u = 50% of created_at
    #! SC068 <created_at> `created_at` is a time, and a number is needed here

=== types: tests for texts apply to texts
score s
  +1 a when employees contains "5"
    #! SC069 <employees> `employees` is a number, which `contains` does not apply to
  +1 b when industry has "x"
    #! SC069 <industry> `industry` is a text, which `has` does not apply to
  +1 c when tags contains "x"
    #! SC069 <tags> `tags` is a list of texts, which `contains` does not apply to
  +1 d when grade like "a*"
    #! SC069 <grade> `grade` is a band, which `like` does not apply to
  +1 e when industry contains email
    #! SC076 <email> `email` differs from lead to lead, and the text to look for is written in the policy
  +1 f when industry contains competitors
    #! SC076 <competitors> `competitors` is a list, and one text is needed here
  +1 g when industry contains any of codes
    #! SC004 <codes> `codes` is a list of numbers, but texts are looked for here
  +1 h when industry is ""
    #! SC074 <""> an empty text is the same as missing, so no lead has it
  +1 i when industry has word "&"
    #! SC074 <"&"> there is no word in "&"

=== types: a value outside a closed set never occurs
score s
  +1 a when country is "DE"
    #! SC005 <"DE"> `country` is never `DE`
  +1 b when plan is por
    #! SC005 <por> `plan` is never `por`
  +1 c when grade is C
    #! SC005 <C> `grade` is never `C`
  +1 d when interest in (1, 3)
    #! SC005 <3> `interest` is never `3`
  +1 e when plan in ("pro", "bsic")
    #! SC005 <"bsic"> `plan` is never `bsic`

=== types: a label may be written bare, in any case, in quotes, or as a number
score s
  +1 a when country is us
  +1 b when plan is "PRO"
  +1 c when grade is a
  +1 d when grade is "A"
  +1 e when interest is 1
  +1 f when interest in (1, 2)
  +1 g when plan in (pro)

=== types: units are not mixed
score s
  +1 a when days since created_at > hours since last login
    #! SC006 <hours since last login> `hours since last login` is in hours, but `days since created_at` is in days
  +1 b when days since created_at + weeks since renewed_on > 5
    #! SC006 <weeks since renewed_on> `weeks since renewed_on` is in weeks, but `days since created_at` is in days
  +1 c when max(days since created_at, hours since last login) > 5
    #! SC006 <hours since last login> `hours since last login` is in hours, but `days since created_at` is in days
  +1 d when employees > 50%
    #! SC006 <50%> `50%` is in percent, but a plain number is needed here
  +1 e when 50% of employees > 5

=== types: functions and defines get what they ask for
define heavy(n: number) = count of login > n
define light = count of login < 3
score s
  +1 a when domain(employees) is "x"
    #! SC070 <employees> `domain` takes a text, and `employees` is a number
  +1 b when domain(email, 1) is "x"
    #! SC070 <domain(email, 1)> `domain` takes 1 value
  +1 c when repeats(email, employees)
    #! SC070 <employees> `repeats` takes a whole number from 2 to 1000, written out
  +1 d when round(employees, 9) > 3
    #! SC070 <9> `round` takes a whole number from 0 to 4, written out
  +1 e when min(employees) > 3
    #! SC070 <min(employees)> `min` takes 2 values or more
  +1 f when weighted_mean(50% of fit, engagement) > 3
    #! SC070 <weighted_mean(50% of fit, engagement)> `weighted_mean` takes shares of numbers
  +1 g when heavy
    #! SC070 <heavy> `heavy` needs 1 value
  +1 h when heavy("x")
    #! SC070 <"x"> `heavy` takes a number as its `n`, and `"x"` is none
  +1 i when heavy(1, 2)
    #! SC070 <heavy(1, 2)> `heavy` takes 1 value, not 2
  +1 j when light()
    #! SC070 <light()> `light` takes no values

=== types: a problem inside a define is told once, with the place of its use where only that brings it out
define one_of_mine(t: text) = t is "enterprise"
    #! SC005 <"enterprise"> `t` is never `enterprise`
define wrong(n: number) = n is "x"
    #! SC004 <"x"> `n` is a number, but it is compared with a text
score s
  +1 a when one_of_mine(industry)
  +1 b when one_of_mine(plan)
  +1 c when wrong(employees)
  +1 d when wrong(revenue)

=== types: division by a written zero
score s
  +1 a when employees / 0 > 3
    #! SC072 <0> this divides by zero, so the result is always missing
  +1 b when fit / (2 - 2) > 3
    #! SC072 <(2 - 2)> this divides by zero, so the result is always missing

=== places: a score, a band and a gate come before decisions
define is_sales = step is sales
score s
  +1 a when step is sales
    #! SC071 <step> a score cannot read the decision `step`
  +1 b when is_sales
    #! SC071 <is_sales> a score cannot read the decision `step`
band b of s
  x >= if(is_sales, 3, 4)
    #! SC071 <is_sales> a band cannot read the decision `step`
  y otherwise
gate g
  never sales when step is sales
    #! SC071 <step> a gate cannot read the decision `step`

=== places: the condition of an event reads the event, the lead's fields and written values
score s
  +1 a when any page_view where (fit > 3)
    #! SC071 <fit> the condition of an event cannot read the score `fit`
  +1 b when any page_view where (grade is A)
    #! SC071 <grade> the condition of an event cannot read the band `grade`
  +1 c when any page_view where (any login)
    #! SC071 <login> the condition of an event cannot read a lead's events
  +1 d when any page_view where (days since created_at > 3)
    #! SC071 <days since created_at> the condition of an event cannot read how long ago something was
  +1 e when any page_view where (url is "x" and seconds > employees and opted_in)

=== places: an account reads its leads through what adds them up
account by industry
  score heat = sum of top 3 fit + 10 * count of leads where (grade is A and employees > 5)
  score bad = employees + fit + count of login + if(grade is A, 1, 2)
    #! SC071 <employees> an account cannot read the field `employees`
    #! SC071 <fit> an account cannot read the score `fit`
    #! SC071 <login> an account cannot read a lead's events
    #! SC071 <grade> an account cannot read the band `grade`
  score rules
    +1 a for each login
    #! SC071 <login> an account cannot read a lead's events
    +1 b when count of leads > 3
  band heat_band of heat
    hot >= 30
    cold otherwise
  band other of fit
    #! SC028 <fit> `fit` is a score, and a score of the account is needed here
    hot >= 30
    cold otherwise
  decide action
    call when heat_band is hot
    wait otherwise
  gate calm
    never call when heat < 3
    never sales when heat < 3
    #! SC025 <sales> no decision has an outcome called `sales`
score s
  +1 a when heat > 3
    #! SC071 <heat> a score cannot read the account's `heat`
  +1 b when count of leads > 3
    #! SC071 <count of leads> a score cannot read several leads

=== places: an account has a text for its key
account by employees where industry
    #! SC327 <employees> leads are rolled up by a text, and `employees` is a number
    #! SC067 <industry> `industry` is a text, not a condition
  score heat = sum of fit

=== values: points have four decimals and a sensible size
score s from -2000000000 to 5
    #! SC031 <-2000000000> -2,000,000,000 is too large
  +0.00001 a when employees > 3
    #! SC035 <+0.00001> 0.00001 has more than four decimals
  +2000000 b when employees > 3
    #! SC031 <+2000000> 2,000,000 is too large
  cap 0.12345 when employees > 3
    #! SC035 <0.12345> 0.12345 has more than four decimals
  group g at most 9999999999 points
    #! SC031 <9999999999> 9,999,999,999 is too large
    +1 c when employees > 3

=== values: durations are whole numbers of minutes, up to a hundred years
outcome sales within 0 days
    #! SC063 <0 days> `0 days` is no time at all
score s
  +1 a when any login in the last 0 days
    #! SC063 <0 days> `0 days` is no time at all
  +1 b when any login in the last 101 years
    #! SC063 <101 years> `101 years` is longer than 100 years
  +1 c when any login in the last 0.001 hours
    #! SC063 <0.001 hours> `0.001 hours` is no whole number of minutes
  +1 d when any login in the last 1.5 days
  +1 e for each login, halving every 0 days
    #! SC063 <0 days> `0 days` is no time at all

=== values: ranges go up
score s from 100 to 0
    #! SC061 <from 100 to 0> the range from 100 to 0 is upside down
  +1 a when employees between 5 and 3
    #! SC061 <5 and 3> the range from 5 to 3 is upside down
  +1 b when renewed_on between 2026-05-01 and 2026-01-01
    #! SC061 <2026-05-01 and 2026-01-01> the range from 2026-05-01 to 2026-01-01 is upside down
  +1 c when employees > 3, from 2026-05-01, until 2026-01-01
    #! SC061 <until 2026-01-01> the range from 2026-05-01 to 2026-01-01 is upside down
  group g at least 5 points, at most 3 points
    #! SC061 <at least 5 points, at most 3 points> the range from 5 to 3 is upside down
    +1 d when employees > 3

=== values: a list holds each value once, and values of one kind
list a = ("Rival.example", "other", " rival.EXAMPLE ")
    #! SC502 <" rival.EXAMPLE "> "rival.EXAMPLE" stands twice in this list
list b = (1, "x")
    #! SC004 <"x"> `x` is a text, but other values of this list are numbers
list c = ("x", "")
    #! SC074 <""> an empty text is the same as missing, so no lead has it
score s
  +1 a when domain(email) in a and industry in ("x", "X")
    #! SC502 <"X"> "X" stands twice in this list

=== scores: modifiers fit their rule
score s
  +1 a when employees > 3, once
    #! SC234 <once> `once` counts events, and this rule gives its points for a condition
  +1 b when employees > 3, at most 3 times
    #! SC234 <at most 3 times> `at most 3 times` counts events, and this rule gives its points for a condition
  +1 c when employees > 3, at most 3 points
    #! SC234 <at most 3 points> `at most 3 points` has nothing to limit: the rule gives its points once
  +1 d per 10 of employees, halving every 3 days
    #! SC234 <halving every 3 days> `halving every 3 days` counts events, and this rule gives its points for a condition
  +1 e for each login, halving every 3 days, fading over 3 days
    #! SC234 <fading over 3 days> `fading over 3 days` is one too many: `halving every 3 days` stands there already
  +1 f for each login, after 3 days
    #! SC234 <after 3 days> `after 3 days` delays a decay, and this rule has none of its own
  +1 g for each login, once, once per day
    #! SC234 <once per day> `once per day` is one too many: `once` stands there already
  +1 h for each login, at most 0 times
    #! SC234 <at most 0 times> `at most 0 times` counts no event at all
  +1 i for each login, losing 110% every 3 days
    #! SC075 <110%> 110% makes no sense here
  +1 j for each page_view, once per url, at most 3 times per week, at most 5 points, halving every 3 days, after 1 hour
  +(employees) k when employees > 3, at most 5 points
  +1 l per 0 of employees
    #! SC004 <0> `0` is no portion, but points are given for each whole portion
  +1 m for each purchase, once per items
    #! SC004 <items> `items` is a list of texts, but `once per` needs a property with one value

=== scores: lines stand where they have a meaning
score s = fit + engagement
  start at 5
    #! SC235 <start at 5> `start at 5` does not belong in a score that is an expression
  +1 a when employees > 3
    #! SC235 <+1 a when employees > 3> `+1 a when employees > 3` does not belong in a score that is an expression
  cap 50 when employees > 3
  reset on login
score t
  first of f
    +1 b otherwise
    #! SC232 <otherwise> nothing below `otherwise` is ever reached in a `first of`
    +1 c when employees > 3
    group inner
      +1 d when employees > 3
  group g counting 0%
    #! SC075 <0%> 0% makes no sense here
    start at 5
    #! SC235 <start at 5> `start at 5` does not belong in a group
    +1 e otherwise
    #! SC233 <otherwise> the rule `e` says `otherwise`, but does not stand in a `first of`
  best of h
    +1 i otherwise
    #! SC233 <otherwise> the rule `i` says `otherwise`, but does not stand in a `first of`
rules with_an_end
  +1 x when employees > 3
  +1 y otherwise
    #! SC232 <otherwise> nothing below `otherwise` is ever reached in a `first of`
score u
  first of k
    +1 a when employees > 30
    include with_an_end
  first of l
    include with_an_end except x, y
    +1 z otherwise
score v
  first of m
    include with_an_end
    +1 b when employees > 30

=== scores: a rule is renamed from a name that is free
score s
  +1 a when employees > 3
  +1 b when employees > 3, renamed from a
    #! SC241 <a> `b` is said to be renamed from `a`, but there still is a rule `a`
  +1 c when employees > 3, renamed from old
  +1 d when employees > 3, renamed from old
    #! SC078 <old> `renamed from old` stands here twice

=== scores: a score has rules or an expression
score s from 0 to 5
    #! SC237 <score s from 0 to 5> the score `s` has no rules

=== bands: limits go down, and the last row takes the rest
band one of fit
  warm >= 20
  hot >= 50
    #! SC230 <hot >= 50> no lead can be `hot`: `warm >= 20` stands above `>= 50` and takes them all
  cold otherwise
band two of fit
    #! SC231 <two> the band `two` does not say what all other leads are
  hot >= 50
  warm >= 50
    #! SC230 <warm >= 50> no lead can be `warm`: `hot >= 50` stands above `>= 50` and takes them all
band three of fit
  hot >= 50
  cold otherwise
    #! SC232 <cold otherwise> nothing below `otherwise` is ever reached in the band `three`
  warm >= 20
band four of step
    #! SC028 <step> `step` is a decision, and a score is needed here
  hot >= 50
  hot >= 20
    #! SC007 <hot> there are two rows in the band `four` called `hot`
  cold otherwise
band five of fit
  boiling >= 90.00001
    #! SC035 <90.00001> 90.00001 has more than four decimals
  hot >= employees
  warm >= industry
    #! SC068 <industry> `industry` is a text, and a number is needed here
  cold otherwise

=== sets: rules are brought in with their parameters bound
rules page_rules(e: event, t: text, limit: score, hosts: list of text)
  +1 a for each e where url is "x"
    #! SC028 <url> `url` is a property of `page_view`, and a value is needed here
  +1 b when t in hosts and limit > 5
  +1 c otherwise
    #! SC233 <otherwise> the rule `c` says `otherwise`, but does not stand in a `first of`
score s
  include page_rules(page_view, email, fit, competitors) except c
score t
  include page_rules(login, email, fit, competitors) except c
score u
  include page_rules(page_view, employees, grade, codes) except c
    #! SC070 <employees> `page_rules` takes a text as its `t`, and `employees` is none
    #! SC028 <grade> `grade` is a band, and a score is needed here
    #! SC070 <codes> `page_rules` takes a list of texts as its `hosts`, and `codes` is none
score v
  include page_rules(page_view, email, fit, competitors) except d
    #! SC020 <d> `page_rules` has nothing called `d`
score w
  include page_rules(page_view) except a
    #! SC070 <include page_rules(page_view) except a> `page_rules` takes 4 values, not 1
  include page_rulez
    #! SC026 <page_rulez> there is no set of rules called `page_rulez`
score x
  first of y
    include page_rules(page_view, email, fit, competitors)

=== sets: what is wrong in a set is told once, at the set
rules wrong_rules
  +1 a when employes > 3
    #! SC002 <employes> there is no field called `employes`
  start at 5
    #! SC235 <start at 5> `start at 5` does not belong in a set of rules
score s
  include wrong_rules
score t
  include wrong_rules

=== sets: a rule that is there already can be left out of an include
rules more
  +1 a when employees > 3
  +1 b when employees > 3
score s
  +1 a when employees > 5
  include more
    #! SC007 <include more> there are two rules or groups in `s` called `a`

=== sets: bands and choices are rows like any other
bands hot_cold(hot_from: number)
  hot >= hot_from
    #! SC230 <hot >= hot_from> no lead can be `hot`: `boiling >= 40` stands above `>= 50` and takes them all
  cold otherwise
choices matrix
  |   | 1     | 2    |
    #! SC005 <1> `b1` is never `1`
    #! SC005 <2> `b1` is never `2`
  | A | sales | wait |
  | B | wait  | wait |
choices rest
  wait otherwise
band b1 of fit
  boiling >= 90
  include hot_cold(50)
band b2 of fit
  boiling >= 40
  include hot_cold(50)
band b3 of fit
  include matrix
    #! SC028 <matrix> `matrix` is a set of choices, and a set of bands is needed here
decide d1 by grade, interest
  include matrix
  include rest
decide d2 by grade, b1
  include matrix
  include rest except wait
    #! SC235 <wait> `except wait` does not belong in an include of rows

=== decisions: a grid has a cell for every pair of labels
decide no_rows by grade, interest
  |   | 1 | 2 |
  | A | x | y |
    #! SC321 <A> the grid has no row for `B` of `grade`
  z otherwise
decide no_column by grade, interest
  |   | 1 |
    #! SC321 <|   | 1 |> the grid has no column for `2` of `interest`
  | A | x |
  | B | x |
  z otherwise
decide twice by grade, interest
  |   | 1 | 2 | 2 |
    #! SC322 <2> this grid has two columns for `2`
  | A | x | y | y |
  | A | x | y | y |
    #! SC322 <A> this grid has two rows for `A`
  | B | x | y | y |
  z otherwise
decide crooked by grade, interest
  |   | 1 | 2 |
  | A | x |
    #! SC322 <| A | x |> this row has 1 outcome for 2 columns
  | B | x | y |
  z otherwise
decide unknown_label by grade, interest
  |   | 1 | 2 |
  | A | x | y |
  | C | x | y |
    #! SC005 <C> `grade` is never `C`
  z otherwise
decide no_heading by grade, interest
  | A | x | y |
    #! SC322 <| A | x | y |> this grid has no row that names its columns
  | B | x | y |
  z otherwise
decide of_scores by fit, intrest
    #! SC028 <fit> `fit` is a score, and a band is needed here
    #! SC023 <intrest> there is no band called `intrest`
  |   | 1 | 2 |
  | A | x | y |
  z otherwise
decide no_by
    #! SC323 <no_by> `no_by` has a grid, but does not say of which bands
  |   | 1 | 2 |
  | A | x | y |
  z otherwise

=== decisions: every lead gets an outcome
decide d
    #! SC320 <d> the decision `d` does not say what happens to all other leads
  sales when employees > 3
decide e
  sales otherwise
    #! SC232 <sales otherwise> nothing below `otherwise` is ever reached in the decision `e`
  wait when employees > 3

=== decisions: a gate bars what can be barred
gate g
  never sale when employees > 3
    #! SC025 <sale> no decision has an outcome called `sale`
  never wait when employees > 3
    #! SC324 <wait> `wait` cannot be barred: it is what `step` falls back on
  never sales unless employees
    #! SC067 <employees> `employees` is a number, not a condition

=== decisions: an alert waits for what can happen
alert a to "x@acme.example" when fit becomes A
    #! SC326 <fit> `becomes` does not apply to `fit`, which is a score
alert b to "x@acme.example" when grade rises above 5
    #! SC326 <grade> `rises above` does not apply to `grade`, which is a band
alert c to "x@acme.example" when grade becomes C
    #! SC005 <C> `grade` is never `C`
alert d to "x@acme.example" when fitt rises above 5
    #! SC027 <fitt> there is no score, band or decision called `fitt`
alert e to "x@acme.example" when employees rises above 5
    #! SC028 <employees> `employees` is a field, and a score, a band or a decision is needed here
alert f to "x@acme.example" when step leaves sales
alert g to "x@acme.example" when fit falls below 12.5

=== decisions: an audience sees results
show sales: fit, gradee, employees
    #! SC027 <gradee> there is no score, band or decision called `gradee`
    #! SC028 <employees> `employees` is a field, and a score, a band or a decision is needed here
show sales: everything
    #! SC007 <sales> there are two audiences called `sales`
show marketing: fit, fit
    #! SC078 <fit> `fit` stands here twice

=== promises: statements about all leads
promise p
  fit
    #! SC067 <fit> `fit` is a number, not a condition
  employees > 3 implies fit
    #! SC067 <fit> `fit` is a number, not a condition
  more logn never lowers engagement
    #! SC017 <logn> there is no event called `logn`
  higher employes never raises fit
    #! SC002 <employes> there is no field called `employes`
  higher industry never raises fit
    #! SC028 <industry> `industry` is a field that is no number, and a field that is a number is needed here
  higher employees never raises grade
    #! SC028 <grade> `grade` is a band, and a score is needed here
  student implies step is not sales
    #! SC002 <student> there is no field called `student`

=== tests: the lead of a test is one of the policy's
test "t"
  at 2026-03-02
  at 2026-03-03
    #! SC078 <at 2026-03-03> `at` stands here twice
  given employes 3, country "DE", plan Pro, industry 12, employees "many", opted_in 1, fit 3
    #! SC606 <employes> a lead has no field called `employes`
    #! SC005 <"DE"> `country` is never `DE`
    #! SC004 <12> `industry` is a text, but the test gives it a number
    #! SC004 <"many"> `employees` is a number, but the test gives it a text
    #! SC004 <1> `opted_in` is yes or no, but the test gives it a number
    #! SC028 <fit> `fit` is a score, and a field of the lead is needed here
  given tags ("a", "b"), renewed_on 2026-01-01T10:00Z, created_at 2026-01-01, email missing, revenue 3, revenue 4
    #! SC004 <2026-01-01T10:00Z> `renewed_on` is a date, but the test gives it a time
    #! SC078 <revenue> `revenue` stands here twice
  event login 3 days ago, seconds 3
    #! SC018 <seconds> `login` has no property called `seconds`
  event logn 3 days ago
    #! SC017 <logn> there is no event called `logn`
  event page_view 0 times 3 days ago
    #! SC611 <event page_view 0 times 3 days ago> an event cannot happen 0 times in a test
  event page_view 3 days ago, url 3, seconds 5
    #! SC004 <3> `url` is a text, but the test gives it a number
  expect fit
    #! SC067 <fit> `fit` is a number, not a condition
  expect grade is C
    #! SC005 <C> `grade` is never `C`
  expect fired fit.bigg, big, fit
    #! SC024 <fit.bigg> there is no rule called `fit.bigg`
    #! SC024 <big> there is no rule called `big`
    #! SC024 <fit> there is no rule called `fit`
  expect not fired fit.big

=== tests: a test can fail, and always comes out the same
test "expects nothing"
    #! SC605 <"expects nothing"> the test "expects nothing" expects nothing, so it cannot fail
  given employees 3
test "has events but no day"
    #! SC608 <"has events but no day"> the test "has events but no day" does not say when it is
  event login 3 days ago
  expect engagement is 10
test "needs no day"
  given employees 3
  expect fit is 0

=== headers: what a file says about itself is checked
policy inbound
    #! SC912 <inbound> this file does not say which language version it is written in
  version 01.0.0
    #! SC038 <version 01.0.0> `01.0.0` is no version
  timezone "Europe/Pariss"
    #! SC065 <"Europe/Pariss"> there is no time zone called "Europe/Pariss"
  effective from 2026-05-01 to 2026-01-01
    #! SC061 <effective from 2026-05-01 to 2026-01-01> the range from 2026-05-01 to 2026-01-01 is upside down
  owner "a@acme.example"
  owner "b@acme.example"
    #! SC078 <owner "b@acme.example"> `owner` stands here twice
  for customer
lead by lead_id
    #! SC077 <lead> this policy is for each customer, but its fields are those of a lead
  seats: number
score s
  +1 a when seats > 3

=== headers: a policy for a newer language is not guessed at
policy inbound
  language 2
    #! SC060 <language 2> this file is written for language 2, and this scorec knows language 1

=== headers: customers are scored with the same language, and their key is of use
policy upsell
  language 1
  for customer
customer by tags
    #! SC028 <tags> `tags` is neither a text nor a number, and a text or a number is needed here
  tags: list of text
score s
  +1 a when tags has "vip"

=== headers: a file without a header has none of its other problems hidden
lead by lead_id
    #! SC039 <> this file does not say what it is
  seats: number
score s
  +1 a when seat > 3
    #! SC002 <seat> there is no field called `seat`

=== libraries: a library holds lists, defines and sets, and knows no lead
library team.forms
  language 1
use team.forms
    #! SC012 <team.forms> the library `team.forms` uses itself
lead by lead_id
    #! SC066 <lead> `lead` does not belong in a library
  seats: number
score s
    #! SC066 <s> `score` does not belong in a library
  start at 5
list words_of_junk = ("test", "asdf")
define junk(name: text) = name in words_of_junk or name has word any of words_of_junk
define quiet = no event in the last 30 days
define wrong = employees > 3
    #! SC002 <employees> there is no field called `employees`
rules junk_names(name: text, e: event, s: score)
  +1 a when junk(name) and s > 3 and quiet
  +1 b for each e where url is "x" and name is "y", once per url
  +1 c when nme is "x"
    #! SC002 <nme> there is no field called `nme`

=== libraries: a name that begins with a library which is not used
score s
  +1 a when email.is_free(email)
    #! SC037 <email.is_free> this file uses no library called `email`
  include forms.junk(email)
    #! SC037 <forms.junk> this file uses no library called `forms`

=== facts: values of a closed set, names of data
policy inbound
  language 1
lead by lead_id
  plan: one of ("Pro", "pro", "")
    #! SC502 <"pro"> "pro" stands twice in this list
    #! SC074 <""> an empty text is the same as missing, so no lead has it
event a from "Visit"
event b from "Visit"
    #! SC078 <b from "Visit"> data called "Visit" stands here twice
event c
  x: number
event d
  x: text
score s
  +1 e when any event where (x is "y")
    #! SC036 <x> `x` is of one type in some of these events and of another in others
  +1 f when sum of x of event > 3
    #! SC036 <x> `x` is of one type in some of these events and of another in others

=== expressions: what grows beyond reading is refused
define d1 = employees + employees + employees + employees + employees
define d2 = d1 + d1 + d1 + d1 + d1
define d3 = d2 + d2 + d2 + d2 + d2
define d4 = d3 + d3 + d3 + d3 + d3
define d5 = d4 + d4 + d4 + d4 + d4
define d6 = d5 + d5 + d5 + d5 + d5
    #! SC064 <d5 + d5 + d5 + d5 + d5> this has too many parts, once its defines are opened
score s
  +1 a when d4 > 3
  +1 b when d6 > 3

=== events: the points of an event read its own properties only
define later(n: number) = count of page_view where (seconds > n)
    #! SC071 <n> the condition of an event cannot read another event's `seconds`
score s
  +(seconds * 2) a for each page_view
  +(later(3)) b for each page_view
  +(later(seconds)) c for each page_view
  +(url) d for each page_view
    #! SC068 <url> `url` is a text, and a number is needed here
  +(seconds) e for each login
    #! SC028 <seconds> `seconds` is a property of `page_view`, and a value is needed here

=== scores: looking back from scores that look back multiplies
score s0
  +1 a for each page_view
score s1 = s0 - s0 1 days ago
score s2 = s1 - s1 2 days ago
score s3 = s2 - s2 4 days ago
score s4 = s3 - s3 8 days ago
score s5 = s4 - s4 16 days ago
score s6 = s5 - s5 32 days ago
score s7 = s6 - s6 64 days ago
score s8 = s7 - s7 128 days ago
    #! SC238 <s8> `s8` and what it reads look back at more than 500 instants

=== sets: what an argument reads counts where the parameter stands
define longer_than(n: number) = count of page_view where (seconds > n)
    #! SC071 <n> the condition of an event cannot read the score `fit`
rules of_leads(s: score, least: number)
  +(sum of top 3 s) top when count of leads where (s >= least) > 2
    #! SC071 <sum of top 3 s> a score cannot read several leads
    #! SC071 <count of leads where (s >= least)> a score cannot read several leads
rules of_one(s: score)
  +1 a when s > 3
    #! SC071 <s> an account cannot read the score `fit`
score s
  +1 b when longer_than(employees) > 3
  +1 c when longer_than(fit) > 3
  include of_one(fit)
  include of_leads(fit, 3)
account by industry
  score heat
    include of_leads(fit, 30)
    include of_one(fit)
"""


def _pages() -> list[tuple[str, str]]:
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in PAGES.split("=== ")[1:]]


def _analysis(title: str, text: str) -> Analysis:
    alone = title.startswith("headers") or text.startswith(("policy", "library"))
    return analyze_text(text if alone else FACTS + "\n" + text)


def _expected(text: str) -> list[str]:
    """The annotations, each with the number of the line that it is about, as they stand in the whole text."""
    found: list[str] = []
    line = 0
    for number, words in enumerate(text.split("\n"), 1):
        if words.lstrip().startswith("#! "):
            found.append(f"line {line}: {words.lstrip()[3:]}")
        else:
            line = number
    return found


def _found(analysis: Analysis) -> list[str]:
    found: list[str] = []
    for problem in analysis.problems:
        source = analysis.sources[problem.span.source]
        line, _ = source.position(problem.span.start)
        words = source.text[problem.span.start : problem.span.end].split("\n")[0]
        found.append(f"line {line}: {problem.code} <{words}> {problem.message()}")
    return found


@pytest.mark.parametrize(("title", "text"), _pages(), ids=[title for title, _ in _pages()])
def test_every_problem_is_told_where_it_is_and_nothing_else(title: str, text: str) -> None:
    analysis = _analysis(title, text)
    assert _found(analysis) == _expected(analysis.source.text)


@pytest.mark.parametrize(("title", "text"), _pages(), ids=[title for title, _ in _pages()])
def test_a_policy_with_an_error_has_no_program_and_one_without_has_one(title: str, text: str) -> None:
    analysis = _analysis(title, text)
    wrong = any(problem.severity is Severity.ERROR for problem in analysis.problems)
    assert (analysis.program is None) is wrong


def test_the_facts_that_the_pages_go_on_from_have_no_problem() -> None:
    assert not _analysis("facts", "").problems


def test_every_problem_of_the_checker_stands_on_a_page() -> None:
    """Those about list files are in `test_imports.py`, where there are files; those about what promises say together
    in `test_promises.py`."""
    classes = [cls for cls in CATALOGUE.values() if cls.__module__.startswith("scorec.compiler.check.")]
    on_pages = set(re.findall(r"#! (SC\d+) ", PAGES))
    assert {cls.code for cls in classes} - on_pages == {"SC504", "SC514", "SC630", "SC631", "SC632"}


# ------------------------------------------------------------------ one cause, one problem


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # What could not be read is not called unknown, or lacking, where it is used.
        ("lead by lead_id\n  a: nmber\n  b: number\nscore s\n  +1 r when a > 3 and b > 3\n", ["SC001"]),
        ("define big = n >\nscore s\n  +1 r when big\n", ["SC001"]),
        ("score s\n  +1 r when\nband b of s\n  hot >= 5\n  cold otherwise\n", ["SC001"]),
        ("score s\n  +1 r per 3\nband b of s\n  hot >=\n  cold otherwise\npromise p\n  b is hot\n", ["SC001"]),
        ('score s\n  +1 a per 3\n  +1 b wen s > 3\ntest "t"\n  expect fired s.b\n', ["SC001"]),
        ("decide d\n  sales when\n  wait otherwise\ngate g\n  never sales when 1 > 2\n", ["SC001"]),
        # What the parser puts in place of an impossible date is not judged.
        ("score s\n  +1 r per 3, from 2026-05-01, until 2026-02-30\n", ["SC051"]),
        # A thing with a problem has no type, and nothing follows from that.
        ("score s\n  +1 r when not (x + 1 > 3 and x is hot) or x in (1, 2)\n", ["SC002", "SC002", "SC002"]),
        ("band b of s\n  hot >= 5\n  cold otherwise\ndecide d\n  x when b is hot\n  y otherwise\n", ["SC022"]),
    ],
)
def test_what_follows_from_a_mistake_is_not_reported(text: str, codes: list[str]) -> None:
    analysis = analyze_text(f"policy p\n  language 1\n\n{text}")
    assert [problem.code for problem in analysis.problems] == codes, _found(analysis)


SLIP = 'outcome call "Somebody calls" within\n'
"""It cannot be read, and has nothing to do with the rest."""


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('score s\n  +1 r per 3\ntest "t"\n  given a 1\n', ["SC605"]),
        ("score s\n  +1 r per 3\nband b of s\n  hot >= 5\n", ["SC231"]),
        ("score s\n  +1 r per 3\ndecide d\n  call when s > 3\n", ["SC320"]),
    ],
)
def test_what_cannot_be_read_hides_nothing_elsewhere(text: str, codes: list[str]) -> None:
    head = "policy p\n  language 1\n\nlead by id\n  a: number\n\n"
    alone = [problem.code for problem in analyze_text(head + text).problems]
    together = analyze_text(f"{head}{text}\n{SLIP}").problems
    assert alone == codes
    assert [problem.code for problem in together] == [*codes, "SC001"]


def test_a_line_at_the_margin_may_be_one_of_the_test_above() -> None:
    text = 'score s\n  +1 r per 3\ntest "t"\n  given a 1\nevent demo 2 times 1 day ago\n  expect s is 1\n'
    found = analyze_text(f"policy p\n  language 1\n\nlead by id\n  a: number\n\nevent demo\n\n{text}").problems
    assert "SC001" in {problem.code for problem in found} and "SC605" not in {problem.code for problem in found}


# ------------------------------------------------------------------ policies that no person writes


def _chain(line: str, length: int, end: str) -> str:
    return "".join(line.format(here=i, there=i + 1) + "\n" for i in range(length)) + end


GROWING = {
    "defines that double": _chain("define d{there} = d{here} + d{here}", 60, "define d0 = employees\nscore s = d60\n"),
    "defines with parameters that double": _chain(
        "define d{here}(n: number) = d{there}(n) + d{there}(n)",
        40,
        "define d40(n: number) = n\nscore s = d0(employees)\n",
    ),
    "a long chain of defines": _chain(
        "define d{here} = d{there} + 1", 3000, "define d3000 = employees\nscore s = d0\n"
    ),
    "a long chain of defines with parameters": _chain(
        "define d{here}(n: number) = d{there}(n + 1)",
        300,
        "define d300(n: number) = n\nscore s = d0(employees)\n",
    ),
    "sets that double": _chain(
        "rules d{here}\n  include d{there}\n  include d{there}",
        40,
        "rules d40\n  +1 a when employees > 3\nscore s\n  include d0\n",
    ),
    "a sum of many terms": "score s = " + " + ".join(["employees"] * 6000) + "\n",
    "a condition of many parts": "score s\n  +1 a when " + " or ".join(["employees > 3"] * 5000) + "\n",
}


@pytest.mark.parametrize("text", GROWING.values(), ids=GROWING)
def test_what_grows_beyond_measure_is_refused_once_and_soon(text: str) -> None:
    found = [problem.code for problem in _analysis("growing", text).problems]
    assert found.count("SC064") == 1 and set(found) <= {"SC064", "SC007"}


def test_thousands_of_unknown_names_are_all_told_and_soon() -> None:
    lines = "".join(f"  +1 r{number} when employes_{number} > 3\n" for number in range(3000))
    defines = "".join(f"define employees_{number} = employees > {number}\n" for number in range(3000))
    found = _analysis("unknown names", f"{defines}score s\n{lines}").problems
    assert [problem.code for problem in found] == ["SC002"] * 3000


def test_a_long_chain_of_scores_is_no_trouble() -> None:
    text = _chain("score s{here} = s{there} + 1", 2000, "score s2000\n  +1 a when employees > 3\n")
    program = _analysis("scores", text).program
    assert program is not None and program.scores[-1].name == "s0" and program.declared_scores[-1] == "s2000"
