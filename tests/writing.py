"""Surface trees as text, as plainly as possible: one statement a line, brackets only where a tree has them.

For policies that are drawn at random and stand in no text yet; how a policy should look is the formatter's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from scorec.dsl import tree


def written(file: tree.File) -> str:
    """The text of a whole file."""
    lines = [*_header(file.header)] if file.header is not None else []
    for declaration in file.declarations:
        lines += _declaration(declaration)
    return "\n".join(lines) + "\n"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield "  " + line


# ------------------------------------------------------------------ words


def _number(value: Decimal) -> str:
    return f"{value:f}"


def _text(node: tree.Text) -> str:
    escaped = node.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _duration(node: tree.Duration) -> str:
    return f"{_number(node.count)} {node.unit}{'' if node.count == 1 else 's'}"


def _literal(node: tree.Literal_ | tree.Values) -> str:
    match node:
        case tree.Values():
            return _values(node)
        case tree.Number():
            return _number(node.value)
        case tree.Text():
            return _text(node)
        case tree.Flag():
            return "yes" if node.value else "no"
        case tree.Date() | tree.Time() | tree.Name():
            return node.text
        case _:
            raise AssertionError(node)


def _values(node: tree.Values) -> str:
    return f"({', '.join(map(_literal, node.items))})"


def _collection(node: tree.Collection) -> str:
    return node.text if isinstance(node, tree.Dotted) else _values(node)


def _label(label: tree.Text | None) -> str:
    return f" {_text(label)}" if label is not None else ""


def _event(node: tree.EventName) -> str:
    return node.name.text if node.name is not None else "event"


def _type(node: tree.TypeName) -> str:
    return f"one of {_values(tree.Values(node.values))}" if node.kind == "one of" else node.kind


def _params(params: tuple[tree.Param, ...]) -> str:
    return f"({', '.join(f'{one.name.text}: {_type(one.type)}' for one in params)})" if params else ""


def _selection(window: tree.Duration | None, where: tree.Expr | None, brackets: bool = True) -> str:
    text = f" in the last {_duration(window)}" if window is not None else ""
    if where is not None:
        text += f" where ({expression(where)})" if brackets else f" where {expression(where)}"
    return text


# ------------------------------------------------------------------ expressions


def expression(node: tree.Expr) -> str:
    """An expression. Nothing is put in brackets that the tree does not put there."""
    match node:
        case tree.Number() | tree.Text() | tree.Flag() | tree.Date() | tree.Time():
            return _literal(node)
        case tree.Percent():
            return f"{_number(node.value)}%"
        case tree.Ref():
            return node.name.text
        case tree.CallOf():
            return f"{node.name.text}({', '.join(map(expression, node.args))})"
        case tree.Paren():
            return f"({expression(node.inner)})"
        case tree.Or():
            return " or ".join(map(expression, node.items))
        case tree.And():
            return " and ".join(map(expression, node.items))
        case tree.Not():
            return f"not {expression(node.item)}"
        case tree.Compare():
            return f"{expression(node.left)} {node.sign} {expression(node.right)}"
        case tree.Is():
            return f"{expression(node.left)} is {'not ' if node.negated else ''}{expression(node.right)}"
        case tree.IsMissing():
            return f"{expression(node.item)} is {'not ' if node.negated else ''}missing"
        case tree.IsKnown():
            return f"{expression(node.item)} is known"
        case tree.Between():
            return f"{expression(node.item)} between {expression(node.low)} and {expression(node.high)}"
        case tree.In():
            return f"{expression(node.item)} {'not ' if node.negated else ''}in {_collection(node.collection)}"
        case tree.TextTest():
            quantifier = f"{node.quantifier} of " if node.quantifier is not None else ""
            match node.needles:
                case tree.Text() | tree.Ref() as needle:
                    needles = expression(needle)
                case collection:
                    needles = _collection(collection)
            return f"{expression(node.item)} {node.op} {quantifier}{needles}"
        case tree.Occurs():
            return f"{node.quantifier} {_event(node.event)}{_selection(node.window, node.where)}"
        case tree.Sum():
            text = expression(node.first) if node.first is not None else ""
            for sign, term in node.rest:
                text += f" {sign} {expression(term)}" if text else f"{sign}{expression(term)}"
            return text
        case tree.Product():
            return expression(node.first) + "".join(f" {sign} {expression(factor)}" for sign, factor in node.rest)
        case tree.PercentOf():
            return f"{expression(node.percent)} of {expression(node.item)}"
        case tree.Earlier():
            return f"{node.name.text} {_duration(node.ago)} ago"
        case tree.Count():
            distinct = f"distinct {node.distinct.text} of " if node.distinct is not None else ""
            return f"count of {distinct}{_event(node.event)}{_selection(node.window, node.where)}"
        case tree.Aggregate():
            return f"{node.word} of {node.prop.text} of {_event(node.event)}{_selection(node.window, node.where)}"
        case tree.CountLeads():
            return f"count of leads{_selection(None, node.where)}"
        case tree.OverLeads():
            return f"{node.word} of {f'top {node.top} ' if node.top is not None else ''}{node.score.text}"
        case tree.SinceEvent():
            return f"{node.unit}s since {node.which} {_event(node.event)}{_selection(None, node.where)}"
        case tree.SinceField():
            return f"{node.unit}s {'until' if node.until else 'since'} {node.name.text}"
        case tree.PathTime():
            start, end = f"{node.start_which} {_event(node.start)}", f"{node.end_which} {_event(node.end)}"
            return f"{node.unit}s from {start} to {end}"
        case _:
            raise AssertionError(node)


# ------------------------------------------------------------------ declarations


def _header(node: tree.Header) -> Iterator[str]:
    yield f"{node.kind} {node.name.text}{_label(node.label)}"
    for meta in node.meta:
        match meta:
            case tree.Language():
                yield f"  language {meta.number}"
            case tree.Version():
                yield f"  version {meta.text}"
            case tree.Owner():
                yield f"  owner {_text(meta.text)}"
            case tree.Effective():
                start = f" from {meta.start.text}" if meta.start is not None else ""
                yield f"  effective{start}{f' to {meta.end.text}' if meta.end is not None else ''}"
            case tree.TimeZone():
                yield f"  timezone {_text(meta.text)}"
            case tree.Subject():
                yield f"  for {meta.name.text}"


def _fields(fields: Iterable[tree.Field]) -> Iterator[str]:
    for one in fields:
        column = f" from {_text(one.column)}" if one.column is not None else ""
        yield f"  {one.name.text}: {_type(one.type)}{' required' if one.required else ''}{column}"


def _declaration(node: tree.Declaration) -> Iterator[str]:
    match node:
        case tree.Use():
            yield f"use {node.name.text}{f' as {node.alias.text}' if node.alias is not None else ''}"
        case tree.Record():
            yield f"{node.subject.text}{f' by {node.key.text}' if node.key is not None else ''}"
            yield from _fields(node.fields)
        case tree.Event():
            kinds = (f"{one.name.text}{f' from {_text(one.source)}' if one.source else ''}" for one in node.kinds)
            yield f"event {', '.join(kinds)}"
            yield from _fields(node.fields)
        case tree.ListOf():
            source = f"from {_text(node.file)}" if node.file is not None else ""
            yield f"list {node.name.text} {f'= {_values(node.values)}' if node.values is not None else source}"
        case tree.Define():
            yield f"define {node.name.text}{_params(node.params)} = {expression(node.body)}"
        case tree.RuleSet():
            yield f"rules {node.name.text}{_params(node.params)}{_label(node.label)}"
            for item in node.items:
                yield from _indented(_item(item))
        case tree.BandSet():
            yield f"bands {node.name.text}{_params(node.params)}{_label(node.label)}"
            yield from _indented(map(_band_row, node.rows))
        case tree.ChoiceSet():
            yield f"choices {node.name.text}{_params(node.params)}{_label(node.label)}"
            yield from _indented(map(_row, node.rows))
        case tree.Score() | tree.Band() | tree.Decide() | tree.Gate():
            yield from _judgement(node)
        case tree.Outcome():
            within = f" within {_duration(node.within)}" if node.within is not None else ""
            yield f"outcome {node.name.text}{_label(node.label)}{within}"
        case tree.Alert():
            value = node.value.text if isinstance(node.value, tree.Label) else _number(node.value.value)
            to = _text(node.to)
            yield f"alert {node.name.text} to {to} when {node.watched.text} {node.change} {value}"
        case tree.Show():
            names = ", ".join(one.text for one in node.names) if node.names is not None else "everything"
            yield f"show {node.audience.text}: {names}"
        case tree.Account():
            where = f" where {expression(node.where)}" if node.where is not None else ""
            yield f"account by {expression(node.key)}{where}"
            for part in node.items:
                yield from _indented(_judgement(part))
        case tree.Promise():
            yield f"promise {node.name.text}{_label(node.label)}"
            yield from _indented(map(_vow, node.vows))
        case tree.Test():
            yield f"test {_text(node.title)}"
            yield from _indented(map(_step, node.steps))
        case _:
            raise AssertionError(node)


def _judgement(node: tree.Score | tree.Band | tree.Decide | tree.Gate) -> Iterator[str]:
    match node:
        case tree.Score():
            head = f"score {node.name.text}{_label(node.label)}"
            if node.range is not None:
                head += f" from {_number(node.range.low.value)} to {_number(node.range.high.value)}"
            head += f" {node.rounding}" if node.rounding is not None else ""
            yield head + (f" = {expression(node.body)}" if node.body is not None else "")
            for item in node.items:
                yield from _indented(_item(item))
        case tree.Band():
            yield f"band {node.name.text} of {node.score.text}{_label(node.label)}"
            yield from _indented(map(_band_row, node.rows))
        case tree.Decide():
            by = f" by {node.by[0].text}, {node.by[1].text}" if node.by is not None else ""
            yield f"decide {node.name.text}{_label(node.label)}{by}"
            yield from _indented(map(_row, node.rows))
        case tree.Gate():
            yield f"gate {node.name.text}{_label(node.label)}"
            for ban in node.bans:
                yield f"  never {', '.join(one.text for one in ban.outcomes)} {_trigger(ban.trigger)}"
        case _:
            raise AssertionError(node)


def _include(node: tree.Include) -> str:
    arguments = f"({', '.join(map(expression, node.args))})" if node.args is not None else ""
    left_out = f" except {', '.join(one.text for one in node.excluded)}" if node.excluded else ""
    return f"include {node.name.text}{arguments}{left_out}"


def _item(node: tree.Item) -> Iterator[str]:
    match node:
        case tree.StartAt():
            yield f"start at {_number(node.points.value)}"
        case tree.ResetOn():
            yield f"reset on {', '.join(one.text for one in node.events)}"
        case tree.DecayLine():
            after = f", after {_duration(node.after)}" if node.after is not None else ""
            yield f"decay {_modifier(node.curve)}{' of silence' if node.of_silence else ''}{after}"
        case tree.CapLine():
            yield f"cap {_number(node.points.value)} when {expression(node.condition)}"
        case tree.FloorLine():
            yield f"floor {_number(node.points.value)} when {expression(node.condition)}"
        case tree.Include():
            yield _include(node)
        case tree.Rule():
            if isinstance(node.points, Decimal):
                points = f"{'-' if node.negative else '+'}{_number(abs(node.points))}"
            else:
                points = f"{'-' if node.negative else '+'}({expression(node.points)})"
            modifiers = "".join(f", {_modifier(one)}" for one in node.modifiers)
            yield f"{points} {node.name.text}{_label(node.label)} {_trigger(node.trigger)}{modifiers}"
        case tree.Group():
            limits = ", ".join(map(_limit, node.limits))
            yield f"{node.kind} {node.name.text}{_label(node.label)}{f' {limits}' if limits else ''}"
            for item in node.items:
                yield from _indented(_item(item))
        case _:
            raise AssertionError(node)


def _limit(node: tree.Limit) -> str:
    match node:
        case tree.AtMost():
            return f"at most {_number(node.points.value)} points"
        case tree.AtLeast():
            return f"at least {_number(node.points.value)} points"
        case tree.Counting():
            return f"counting {_number(node.percent.value)}%"
        case _:
            raise AssertionError(node)


def _trigger(node: tree.Trigger) -> str:
    match node:
        case tree.When():
            return f"when {expression(node.condition)}"
        case tree.Unless():
            return f"unless {expression(node.condition)}"
        case tree.Otherwise():
            return "otherwise"
        case tree.Each():
            if node.unless and node.where is not None:
                return f"for each {_event(node.event)}{_selection(node.window, None)} unless {expression(node.where)}"
            return f"for each {_event(node.event)}{_selection(node.window, node.where, brackets=False)}"
        case tree.Per():
            amount = f"{_number(node.amount.value)} of " if node.amount is not None else ""
            return f"per {amount}{expression(node.item)}"
        case _:
            raise AssertionError(node)


def _modifier(node: tree.Modifier) -> str:
    match node:
        case tree.MaxTimes():
            return f"at most {node.count} times{f' per {node.per}' if node.per is not None else ''}"
        case tree.MaxPoints():
            return f"at most {_number(node.points)} points"
        case tree.Once():
            per = node.per.text if isinstance(node.per, tree.Name) else node.per
            return f"once per {per}" if per is not None else "once"
        case tree.Starts():
            return f"from {node.date.text}"
        case tree.Until():
            return f"until {node.date.text}"
        case tree.After():
            return f"after {_duration(node.duration)}"
        case tree.Curve():
            word = {"halving": "halving every", "fading": "fading over"}.get(node.shape)
            if word is not None:
                return f"{word} {_duration(node.duration)}"
            assert node.percent is not None
            return f"{node.shape} {_number(node.percent.value)}% every {_duration(node.duration)}"
        case tree.RenamedFrom():
            return f"renamed from {node.name.text}"
        case _:
            raise AssertionError(node)


def _band_row(node: tree.BandRow | tree.Include) -> str:
    if isinstance(node, tree.Include):
        return _include(node)
    return f"{node.label.text} {f'>= {expression(node.limit)}' if node.limit is not None else 'otherwise'}"


def _row(node: tree.Row | tree.Include) -> str:
    match node:
        case tree.Include():
            return _include(node)
        case tree.Choice():
            return f"{node.outcome.text} {_trigger(node.trigger)}"
        case tree.GridRow():
            cells = [node.head.text if node.head is not None else "", *(cell.text for cell in node.cells)]
            return f"| {' | '.join(cells)} |"
        case _:
            raise AssertionError(node)


def _vow(node: tree.Vow) -> str:
    match node:
        case tree.Holds():
            return expression(node.condition)
        case tree.Implies():
            return f"{expression(node.condition)} implies {expression(node.consequence)}"
        case tree.Never():
            return f"never {expression(node.unwanted)} when {expression(node.condition)}"
        case tree.Stays():
            return f"{node.score.text} stays between {node.low.value} and {node.high.value}"
        case tree.ExactlyOne():
            return f"every {node.subject.text} gets exactly one {node.name.text}"
        case tree.Monotone():
            return f"{node.direction} {node.name.text} never {node.verb} {node.score.text}"
        case _:
            raise AssertionError(node)


def _step(node: tree.Step) -> str:
    match node:
        case tree.At():
            return f"at {node.when.text}"
        case tree.Given():
            return f"given {', '.join(f'{name.text} {_literal(value)}' for name, value in node.values)}"
        case tree.Happened():
            times = f" {node.times} times" if node.times != 1 else ""
            when = f"{_duration(node.ago)} ago" if node.ago is not None else f"on {node.on.text if node.on else ''}"
            return f"event {node.event.text}{times} {when}" + "".join(
                f", {name.text} {_literal(value)}" for name, value in node.values
            )
        case tree.Expect():
            return f"expect {expression(node.condition)}"
        case tree.ExpectFired():
            rules = ", ".join(rule.text for rule in node.rules)
            return f"expect {'not ' if node.negated else ''}fired {rules}"
        case _:
            raise AssertionError(node)
