"""What a person changed in the files on disk and did not commit."""

from typing import NamedTuple

from orchestration import codec
from orchestration.errors import InvalidData
from orchestration.store import layout
from orchestration.store.objects import object_id
from orchestration.store.snapshot import Snapshot, on_disk


class Edit(NamedTuple):
    """What a file holds on disk; None when it was deleted."""

    content: bytes | None


def edit_of(reader: Snapshot, file: str) -> Edit | None:
    """Return the edit of a file, None for a file that is as committed; InvalidData when it does not parse."""
    disk = on_disk(reader.root, file)
    if (None if disk is None else object_id(b"blob", disk)) == reader.blob_id(file):
        return None
    if disk is not None and file.endswith(layout.SUFFIX):
        try:
            if not isinstance(codec.load(disk, name=file), dict):
                raise InvalidData(f"{file} does not hold a mapping")
        except InvalidData as error:
            raise InvalidData(
                f"{error.message}; it was edited by hand and cannot be read",
                hint=f"mend {reader.root / file}, or take back the edit with "
                f"`git -C {reader.root} checkout -- {file}`",
            ) from None
    return Edit(disk)
