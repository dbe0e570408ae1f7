"""Which store a command works on.

`--store`, else `ORCHESTRATION_STATE_DIR`, else `store:` in the checkout's
`.claude/orchestration.yaml`, else the default place. A checkout may come from anybody, so the store
it names is used only after one approval on this machine, remembered below HOME.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import Refused

if TYPE_CHECKING:
    from orchestration.store.checkout import Checkout


def default_root(home: Path) -> Path:
    """Return the default place of the store."""
    return home / ".claude" / "state"


def resolve(
    *, explicit: str | None, environment: str | None, checkout: "Checkout | None", home: Path
) -> Path:
    """Return the folder of the store; Refused for one that a checkout names and nobody approved."""
    for text in (explicit, environment):
        if text:
            return Path(os.path.abspath(_expand(text, home)))
    if checkout is None or checkout.store is None or checkout.config is None:
        return default_root(home)
    place = named(checkout, home)
    if str(place) not in _approved(home):
        raise Refused(
            f"{checkout.config} asks for the store {place}, which was never approved on this machine",
            hint=f"if you trust it, run `orchestration approve {place}`",
        )
    return place


def named(checkout: "Checkout", home: Path) -> Path:
    """Return the store a checkout names, relative to the checkout's top folder."""
    assert checkout.store is not None and checkout.config is not None
    return Path(os.path.abspath(checkout.config.parent.parent / _expand(checkout.store, home)))


def approve(place: Path, home: Path) -> None:
    """Remember that stores named by checkouts may lie at `place`."""
    file = _file(home)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_text(json.dumps(sorted({*_approved(home), str(place)}), indent=1))
    draft.replace(file)


def _expand(text: str, home: Path) -> Path:
    return home / text[2:] if text.startswith("~/") else Path(text)


def _file(home: Path) -> Path:
    return home / ".config" / "claude-orchestration" / "approved-stores.json"


def _approved(home: Path) -> list[str]:
    try:
        data = json.loads(_file(home).read_text())
    except (OSError, ValueError):  # nothing was approved yet, or it is torn: then it is asked again
        return []
    return [str(item) for item in data] if isinstance(data, list) else []
