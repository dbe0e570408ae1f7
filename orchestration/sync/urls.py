"""URLs and names of remotes: which git may be given, and how they are shown."""

import re

from orchestration.errors import BadUsage, Refused

PROTOCOLS = "file:git:http:https:ssh"
_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<rest>.*)\Z", re.IGNORECASE)
_PLACE = re.compile(r"(?:[\w.~+%-][^@:/\s]*@)?(?P<host>[\w.][\w.-]*|\[[0-9a-fA-F:]+\]):(?P<path>[^:].*)\Z")
_WHO = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    r"(?P<who>[^/\s]*@|[^/@\s:\[]*:(?!\d*(?:[/'\s]|\Z))[^\s@]*@)",  # the second: a password with a slash in it
    re.IGNORECASE,
)


def check_url(url: str) -> str:
    """Return a URL that git may be given; Refused for one that runs programs or looks like an option."""
    shown = redacted(url)
    if not url or url.startswith("-") or re.search(r"[\x00-\x20\x7f]", url):
        raise Refused(f"{shown!r} is no URL of a git repository", hint="use https://, ssh:// or a path")
    found = _SCHEME.match(url)
    if found:
        rest = found["rest"]
        host = rest.rpartition("/")[0].partition("/")[0].rpartition("@")[2]
        if found["scheme"].lower() not in PROTOCOLS.split(":"):
            raise Refused(f"{shown!r}: {found['scheme']} is not allowed", hint="use https:// or ssh://")
        if host.startswith("-") or rest.startswith("-"):
            raise Refused(f"{shown!r} has a host that looks like an option")
        return url
    if re.match(r"[^/\[]*::", url):
        raise Refused(
            f"{shown!r} asks git to run a program", hint="use https://, ssh:// or the path of a repository"
        )
    if url.startswith("/") or _PLACE.match(url):
        return url
    raise Refused(
        f"{shown!r} is no URL of a git repository",
        hint="use https://HOST/PATH, ssh://HOST/PATH, HOST:PATH, or the path of a folder",
    )


def check_name(name: str) -> str:
    """Return a name that a remote may have."""
    if not re.match(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z", name):
        raise BadUsage(
            f"{name!r} cannot be the name of a remote", hint="use letters, digits, _ and -, such as origin"
        )
    return name


def is_ssh(url: str) -> bool:
    """Say whether git would call ssh for a URL."""
    found = _SCHEME.match(url)
    return found["scheme"].lower() == "ssh" if found else not url.startswith("/")


def redacted(text: str) -> str:
    """Return text without the passwords of the URLs in it; of users, who may be tokens, only ssh's stay."""
    return _WHO.sub(_without_secret, text)


def _without_secret(found: re.Match[str]) -> str:
    scheme, who = found["scheme"], found["who"]
    user = re.split("[:@]", who)[0]
    return f"{scheme}://{user}@" if user and scheme.lower() == "ssh" else f"{scheme}://"
