"""Objects in pack files, read with the standard library.

A pack holds objects compressed, many of them as the difference from another one (a delta); its index
says at which byte each begins. Git replaces packs at any moment (`git repack`): what was opened stays
readable, and an object that is in no pack known so far is looked for in the folder anew.

What this reader does not know is left to dulwich (`unusual.py`): indexes that are not of version 2 or
whose size is wrong, and the objects of other repositories that `info/alternates` names.
"""

import contextlib
import mmap
import os
import zlib
from collections.abc import Iterator

from orchestration.store import deltas
from orchestration.store.objects import DamagedPack

_INDEX = b"\xfftOc\0\0\0\2"
_FANOUT = 8
_NAMES = _FANOUT + 256 * 4
_HASH = 20
_KINDS = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}
_OFFSET_DELTA, _NAMED_DELTA = 6, 7
_LONGEST_CHAIN = 4095  # git makes none longer
_PIECE = 4096  # of a pack: most objects are smaller
_BASES_KEPT = 16 * 1024 * 1024  # bytes of delta bases, per pack


class Unusual(Exception):
    """An index that this reader does not know."""


class Packs:
    """The packs of one objects folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._packs: dict[str, Pack] = {}
        self._is_unusual = False

    def copies(self, oid: str) -> Iterator[bytes]:
        """Yield header and content of an object from each place that has it, not yet checked by its id.

        DamagedPack when only damaged places have it. Nothing when there is none.
        """
        damage: DamagedPack | None = None
        found = False
        for name, pack in self._known_then_new():
            try:
                data = pack.read(oid)
            except DamagedPack as error:
                damage = DamagedPack(f"{name}.pack {error}")
                continue
            if data is not None:
                found = True
                yield data
        if found:
            return
        if self._is_unusual or os.path.exists(f"{self.folder}/info/alternates"):
            from orchestration.store import unusual

            try:
                data = unusual.read(self.folder, oid)
            except unusual.DAMAGED as error:
                raise DamagedPack(f"a pack holds it in pieces that do not fit: {error}") from None
            if data is not None:
                yield data
                return
        if damage:
            raise damage

    def complete(self, prefix: str) -> list[str]:
        """Return the ids of packed objects that begin with `prefix`."""
        self._look()
        found = [oid for pack in self._packs.values() for oid in pack.complete(prefix)]
        if self._is_unusual or os.path.exists(f"{self.folder}/info/alternates"):
            from orchestration.store import unusual

            found += unusual.complete(self.folder, prefix)
        return found

    def _known_then_new(self) -> Iterator[tuple[str, "Pack"]]:
        known = dict(self._packs)
        yield from known.items()
        # whoever asks on has not found it: a new pack may hold it, and packs known so far may be gone
        self._look()
        yield from ((name, pack) for name, pack in self._packs.items() if name not in known)

    def _look(self) -> None:
        """Open the packs that were added, let go of those that were removed."""
        try:
            files = os.listdir(f"{self.folder}/pack")
        except FileNotFoundError:
            files = []
        packs: dict[str, Pack] = {}
        for file in files:
            name = file.removesuffix(".idx")
            if name == file:
                continue
            if name in self._packs:
                packs[name] = self._packs[name]
                continue
            try:
                packs[name] = Pack(f"{self.folder}/pack/{name}")
            except FileNotFoundError:
                continue  # replaced at this moment, or an index without a pack, which git ignores as well
            except Unusual:
                self._is_unusual = True
        self._packs = packs


class Pack:
    """One pack and its index."""

    def __init__(self, path: str) -> None:
        """Open the pack; Unusual for an index this reader does not know."""
        self._fd = -1
        with open(f"{path}.idx", "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size < _NAMES + 2 * _HASH:
                raise Unusual
            self._index = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._index[:_FANOUT] != _INDEX:
            raise Unusual
        self._count = self._number(_NAMES - 4)
        self._offsets = _NAMES + self._count * (_HASH + 4)  # behind the names and their checksums
        self._large = self._offsets + self._count * 4
        if size < self._large + 2 * _HASH:
            raise Unusual
        self._fd = os.open(f"{path}.pack", os.O_RDONLY | os.O_CLOEXEC)
        self._bases: dict[int, tuple[bytes, bytes]] = {}
        self._bases_size = 0

    def __del__(self) -> None:
        if self._fd != -1:
            with contextlib.suppress(OSError):
                os.close(self._fd)

    # -- the index

    def _number(self, position: int) -> int:
        return int.from_bytes(self._index[position : position + 4], "big")

    def _first(self, name: bytes) -> int:
        """Return how many names stand before `name`, which may be the beginning of one."""
        low = self._number(_FANOUT + (name[0] - 1) * 4) if name[0] else 0
        high = min(self._number(_FANOUT + name[0] * 4), self._count)
        while low < high:
            middle = (low + high) // 2
            if self._name(middle) < name:
                low = middle + 1
            else:
                high = middle
        return low

    def _name(self, place: int) -> bytes:
        start = _NAMES + place * _HASH
        return self._index[start : start + _HASH]

    def _offset(self, name: bytes) -> int | None:
        place = self._first(name)
        if place >= self._count or self._name(place) != name:
            return None
        offset = self._number(self._offsets + place * 4)
        if offset < 1 << 31:
            return offset
        start = self._large + (offset - (1 << 31)) * 8
        return int.from_bytes(self._index[start : start + 8], "big")

    def complete(self, prefix: str) -> list[str]:
        """Return the ids in this pack that begin with `prefix` (at least 2 digits)."""
        found = []
        place = self._first(bytes.fromhex(prefix + "0" * (len(prefix) % 2)))
        while place < self._count and self._name(place).hex().startswith(prefix):
            found.append(self._name(place).hex())
            place += 1
        return found

    def ids(self) -> Iterator[str]:
        """Yield the ids of all objects in this pack."""
        for place in range(self._count):
            yield self._name(place).hex()

    # -- the objects

    def read(self, oid: str) -> bytes | None:
        """Return header and content of an object, or None when it is not in this pack."""
        offset = self._offset(bytes.fromhex(oid))
        if offset is None:
            return None
        try:
            kind, data = self._build(offset)
        except (zlib.error, IndexError, OverflowError):
            raise DamagedPack(f"is damaged at byte {offset}") from None
        return b"%s %d\0" % (kind, len(data)) + data

    def _build(self, offset: int) -> tuple[bytes, bytes]:
        """Return kind and content of the object at `offset`, made from its base where it is a delta."""
        chain: list[tuple[int, bytes]] = []
        while offset not in self._bases:
            number, base, data = self._entry(offset)
            if base is None:
                if number not in _KINDS:
                    raise DamagedPack(f"is damaged at byte {offset}")
                self._keep(offset, _KINDS[number], data)
                kind, content = _KINDS[number], data
                break
            chain.append((offset, data))
            if len(chain) > _LONGEST_CHAIN:
                raise DamagedPack(f"is damaged at byte {offset}: its deltas never end")
            offset = base
        else:
            kind, content = self._bases[offset]
        for at, delta in reversed(chain):
            content = deltas.patched(content, delta)
            self._keep(at, kind, content)
        return kind, content

    def _keep(self, offset: int, kind: bytes, data: bytes) -> None:
        if len(data) > _BASES_KEPT // 16:
            return
        if self._bases_size + len(data) > _BASES_KEPT:
            self._bases = {}  # a new one: another thread may be looking into the old one
            self._bases_size = 0
        self._bases[offset] = kind, data
        self._bases_size += len(data)

    def _entry(self, offset: int) -> tuple[int, int | None, bytes]:
        """Return the number of the kind, where the base is (None for a whole object), and the content."""
        piece = os.pread(self._fd, _PIECE, offset)
        byte = piece[0]
        number, size, shift, at = byte >> 4 & 7, byte & 15, 4, 1
        while byte & 0x80:
            byte = piece[at]
            size |= (byte & 0x7F) << shift
            shift += 7
            at += 1
        base: int | None = None
        if number == _OFFSET_DELTA:
            byte = piece[at]
            distance = byte & 0x7F
            at += 1
            while byte & 0x80:
                byte = piece[at]
                distance = (distance + 1) << 7 | byte & 0x7F
                at += 1
            base = offset - distance
            if base <= 0 or distance == 0:
                raise DamagedPack(f"is damaged at byte {offset}")
        elif number == _NAMED_DELTA:
            base = self._offset(piece[at : at + _HASH])
            at += _HASH
            if base is None:
                raise DamagedPack(f"is damaged at byte {offset}: it lacks a base")
        return number, base, self._inflate(piece[at:], offset + len(piece), size)

    def _inflate(self, piece: bytes, behind: int, size: int) -> bytes:
        """Return `size` bytes from the compressed ones in `piece`, which go on at byte `behind`."""
        engine = zlib.decompressobj()
        parts = [engine.decompress(piece)]
        while not engine.eof:
            piece = os.pread(self._fd, 16 * _PIECE, behind)
            if not piece:
                break
            behind += len(piece)
            parts.append(engine.decompress(piece))
        data = b"".join(parts)
        if len(data) != size or not engine.eof:
            raise zlib.error("the object is of another size")
        return data
