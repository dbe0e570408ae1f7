"""Text of others inside Markdown: shown as it is, never obeyed."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_MARKUP = re.compile(r"[\\`*_{}\[\]()#!|<>~&]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def inline(text: object) -> str:
    """Return text as one line of Markdown in which nothing is markup, a link, a mention or HTML."""
    line = _CONTROL.sub(" ", str(text)).strip()
    shown = _MARKUP.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), line)
    # A scheme or `www.` alone makes a link in GitHub's Markdown, and `@` a mention.
    shown = re.sub(r"(?i)\b(https?|ftp|mailto|xmpp):", r"\1&#58;", shown)
    shown = re.sub(r"(?i)\bwww\.", "www&#46;", shown).replace("@", "&#64;")
    # At a line's beginning these would make a list or underline a heading.
    return re.sub(r"\A([-+=]+|[0-9]+[.)])(?=\s|\Z)", lambda found: f"{found[1][:-1]}\\{found[1][-1]}", shown)
