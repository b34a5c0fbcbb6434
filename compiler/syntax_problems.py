"""What can be wrong with a text before anybody asks what it means: characters, lines, words in the wrong place."""

from __future__ import annotations

from ..dsl.problems import Problem, problem


@problem("SC001")
class SyntaxError(Problem):
    """Some words are not where the language has a place for them.

    ## Why it matters
    What cannot be read cannot give points. The rest of the file is read and checked all the same; only the statement
    with the mistake is left out, and so no lead can be scored until it is mended.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big if employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
    ```
    """

    title: str
    advice: str = ""
    expected: tuple[str, ...] = ()
    """What could stand here, in words."""

    def message(self) -> str:
        return self.title

    def help(self) -> str:
        return self.advice


@problem("SC009")
class ConfusableName(Problem):
    """A character looks like another one, or like nothing at all.

    ## Why it matters
    A name with a Cyrillic `а` in it is another name than the one with a Latin `a`, and no reader can see it. Characters
    that turn the direction of writing can even make a line read as something else than what it does. So names are
    written with plain letters, and such characters are refused everywhere, in texts and comments too.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      company: text

    score fit
      +10 known when compаny is known
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      company: text

    score fit
      +10 known when company is known
    ```
    """

    word: str
    character: str
    looks_like: str

    def message(self) -> str:
        if not self.looks_like:
            return f"an invisible character: {_name_of(self.character)}"
        return f"`{self.word}` has a letter that only looks like `{self.looks_like}`: {_name_of(self.character)}"

    def help(self) -> str:
        if not self.looks_like:
            return "take it out: readers cannot see it, and it can make a line read as what it is not"
        return f"type the word again with the Latin letter `{self.looks_like}`; such letters come with copied text"


@problem("SC040")
class UnreadableFile(Problem):
    """A file is not a text in UTF-8.

    ## Why it matters
    Names and values in it could be read as something else than what was written. A spreadsheet, a word processor's
    document or a file in another encoding is refused as a whole.

    ## What to do
    Save the policy as plain text, with the encoding UTF-8. Every editor has a setting for it, often under "Save as".
    """

    reason: str

    def message(self) -> str:
        return f"this file is not plain text in UTF-8: {self.reason}"

    def help(self) -> str:
        return "save it again as plain text, with the encoding UTF-8"


@problem("SC041")
class LoneCarriageReturn(Problem):
    """A line ends with a carriage return alone.

    ## Why it matters
    Some programs take it for the end of a line and some do not: the same file would be read in two ways, and a
    comment could hide a rule.

    ## What to do
    Save the file with the line ends of Unix (LF) or of Windows (CR LF).
    """

    def message(self) -> str:
        return "a line ends with a carriage return alone, which programs read in different ways"

    def help(self) -> str:
        return "save the file with the line ends LF (Unix) or CR LF (Windows)"


@problem("SC042")
class TabCharacter(Problem):
    """A tab stands where blanks belong.

    ## Why it matters
    Indentation says what belongs to what, and a tab is as wide as each editor likes. With blanks everybody sees the
    same policy.

    ## What to do
    `scorec check --fix` replaces the tabs; most editors can do it too. In a text, `\\t` stands for a tab.
    """

    count: int

    def message(self) -> str:
        more = "" if self.count == 1 else f" ({self.count} places in this file)"
        return f"a tab stands where blanks belong{more}"

    def help(self) -> str:
        return "indent with two blanks for each level; `scorec check --fix` does it for you"


@problem("SC043")
class EmptyFile(Problem):
    """There is nothing in the file that could be read.

    ## Why it matters
    An empty policy scores nobody. Most often the file was not saved, or the wrong one was named.

    ## Avoid
    ```score
    # To be written.
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
    ```
    """

    only_comments: bool

    def message(self) -> str:
        return "this file has comments, but no policy" if self.only_comments else "this file is empty"

    def help(self) -> str:
        return "a policy begins with a line such as `policy inbound`; `scorec init` writes a first one"


@problem("SC044")
class FileTooLarge(Problem):
    """A file is larger than any policy.

    ## Why it matters
    No one could have written or read it; most often it is a table of leads. The limits are 10 MB and 100,000 lines.

    ## What to do
    Long lists of values belong into text files of their own: `list domains from "domains.txt"`.
    """

    size: str
    limit: str

    def message(self) -> str:
        return f"this file has {self.size}; a policy has at most {self.limit}"

    def help(self) -> str:
        return 'put long lists of values into files of their own: `list domains from "domains.txt"`'


@problem("SC045")
class UnclosedText(Problem):
    """A text has no closing quote.

    ## Why it matters
    Nobody can tell where the text ends and the rule goes on. A text stands on one line; `\\n` in it is a new line.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 home when country is "NL
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 home when country is "NL"
    ```
    """

    def message(self) -> str:
        return "this text has no closing quote"

    def help(self) -> str:
        return 'write `"` where the text ends; a quote inside a text is written `\\"`'


@problem("SC046")
class WrongIndentation(Problem):
    """The indentation of a line fits no line above it.

    ## Why it matters
    Indentation says what belongs to what: a rule to its score, a row to its band. If it is off, a rule could count in
    the wrong score.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
        +20 huge when employees >= 5000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50
      +20 huge when employees >= 5000
    ```
    """

    found: int
    possible: tuple[int, ...]
    """How many blanks there are, and how many there could be."""

    def message(self) -> str:
        return f"this line is indented by {_blanks(self.found)}, and belongs to nothing above it"

    def help(self) -> str:
        wanted = " or ".join(_blanks(count) if count else "none" for count in self.possible)
        return f"indent it by {wanted}"


@problem("SC047")
class MissingLines(Problem):
    """A block has no lines.

    ## Why it matters
    A band without rows or a gate without a `never` says nothing, and most often its lines are there but not indented.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50

    band size of fit
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50

    band size of fit
      large >= 10
      small otherwise
    ```
    """

    block: str
    example: str

    def message(self) -> str:
        return f"`{self.block}` needs indented lines below it"

    def help(self) -> str:
        return f"write them below it, two blanks further in, for instance `{self.example}`" if self.example else ""


@problem("SC048")
class MalformedNumber(Problem):
    """A number is written in a way that can be read as something else.

    ## Why it matters
    `1,000` is a thousand to one reader, one to another, and two numbers in a list. Points must not depend on who reads.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 1,000
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 1_000
    ```
    """

    written: str
    advice: str

    def message(self) -> str:
        return f"`{self.written}` is not a number as policies write them"

    def help(self) -> str:
        return self.advice


@problem("SC049")
class NestedTooDeep(Problem):
    """Something is nested deeper than anybody can read.

    ## Why it matters
    A hundred levels of brackets, of `not` or of groups come from a program that went astray, never from a person.

    ## What to do
    Give parts of the condition names with `define`, and use the names.
    """

    limit: int

    def message(self) -> str:
        return f"this is nested more than {self.limit} levels deep"

    def help(self) -> str:
        return "give parts of it a name with `define`, and use the names"


@problem("SC050")
class ForeignCharacter(Problem):
    """A character stands outside of texts and comments that policies do not use there.

    ## Why it matters
    Word processors turn quotes, dashes and signs into prettier ones, which are other characters. Names are written with
    the letters a to z, so that they can be columns everywhere. Inside of texts and comments every letter is welcome.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 home when country is “NL”
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      country: text

    score fit
      +10 home when country is "NL"
    ```
    """

    character: str
    instead: str
    """What to write for it; empty where there is no sign that means it."""

    def message(self) -> str:
        if self.character.isspace():
            return f"a blank that is not the common one: {_name_of(self.character)}"
        if self.character.isalpha() and not self.instead:
            return f"`{self.character}` cannot be part of a name"
        return f"`{self.character}` is not a sign of the language ({_name_of(self.character)})"

    def help(self) -> str:
        if self.character.isspace():
            return "write a common blank instead"
        if self.instead == '"':
            return "use straight quotes; a word processor makes the curly ones"
        if self.instead:
            return f"write `{self.instead}` instead"
        if self.character.isalpha():
            return 'names have the letters a to z, digits and `_`; for a column with another name write `from "..."`'
        return "take it out, or put it into a text or a comment"


@problem("SC051")
class ImpossibleDate(Problem):
    """A date is not in the calendar, or a time not on the clock.

    ## Why it matters
    A rule that holds until the 31st of June holds until a day that nobody can name.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50, until 2026-06-31
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when employees >= 50, until 2026-06-30
    ```
    """

    written: str
    reason: str

    def message(self) -> str:
        return f"`{self.written}` does not exist: {self.reason}"

    def help(self) -> str:
        return "dates are written `2026-03-01`, times `2026-03-01T10:00Z`"


@problem("SC052")
class UnclosedBracket(Problem):
    """A bracket is opened and not closed.

    ## Why it matters
    A condition that goes on without end would swallow the rules below it.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when (employees >= 50
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      employees: number

    score fit
      +10 big when (employees >= 50)
    ```
    """

    def message(self) -> str:
        return "this bracket is not closed"

    def help(self) -> str:
        return "write `)` where it ends; lines that go on inside a bracket are indented"


@problem("SC053")
class UnknownEscape(Problem):
    """A backslash in a text stands before a letter that it does not go with.

    ## Why it matters
    In a text the backslash begins a sign of two letters: `\\"` is a quote, `\\\\` a backslash, `\\n` a new line and
    `\\t` a tab. Policies have no regular expressions, so `\\d` means nothing.

    ## Avoid
    ```score
    policy inbound
      language 1

    lead by lead_id
      folder: text

    score fit
      +10 shared when folder starts with "\\server"
    ```

    ## Prefer
    ```score
    policy inbound
      language 1

    lead by lead_id
      folder: text

    score fit
      +10 shared when folder starts with "\\\\server"
    ```
    """

    written: str

    def message(self) -> str:
        return f"`{self.written}` has no meaning in a text"

    def help(self) -> str:
        return f"for a backslash write two: `\\{self.written}`"


@problem("SC054")
class ControlCharacter(Problem):
    """A character that cannot be seen or printed stands in the file.

    ## Why it matters
    It comes from copying out of a terminal or a document. Nobody sees it, and programs read it in different ways.

    ## What to do
    Take it out; `scorec check --fix` writes a blank for it.
    """

    number: int

    def message(self) -> str:
        return f"a control character (U+{self.number:04X}) stands in this file"

    def help(self) -> str:
        return "take it out: it cannot be seen, and does not belong into a policy"


def _blanks(count: int) -> str:
    return "1 blank" if count == 1 else f"{count} blanks"


def _name_of(character: str) -> str:
    """`CYRILLIC SMALL LETTER A (U+0430)`, in small letters."""
    # The names of all characters are a megabyte; who makes no such mistake does not load them.
    import unicodedata

    name = unicodedata.name(character, "no name").lower()
    return f"{name}, U+{ord(character):04X}"
