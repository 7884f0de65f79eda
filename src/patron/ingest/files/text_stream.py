"""A text file as UTF-8 bytes, block by block, whatever its compression and encoding."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from patron.errors import SettingsError, SourceError

BLOCK_BYTES = 8 * 2**20
HEAD_BYTES = 2**18

_COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
_ZSTD = b"\x28\xb5\x2f\xfd"
COMPRESSED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
_MARKS = {  # byte order marks; UTF-32 first, since its mark starts with that of UTF-16
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
MIXED = "cp1252 or utf-8"
"""The encoding of a file with lines in both: each is read as UTF-8 if it is valid, else as Windows-1252."""
_FIRST_LINE = re.compile(rb'(?:\s*+"?sep=.*\r?\n)?\s*+(?:"(?:[^"]|"")*+"|[^"\r\n])*+"?(\r(?!\n)|\r?\n|\Z)')
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_FEW_CONTROL = 100
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1a\x1b")
# Windows' Western code page, with Latin-1 for the five bytes that it leaves undefined.
_WINDOWS_1252 = {byte: ord(bytes([byte]).decode("cp1252", "ignore") or chr(byte)) for byte in range(256)}
_UNREADABLE = (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)  # pyarrow's are ValueErrors


class TextStream:
    """Reads blocks of UTF-8. `encoding` is that of the file, as far as it is known by then.

    With `auto`: a byte order mark decides; else zero bytes reveal UTF-16; else the first block that is
    not ASCII decides between UTF-8 and Windows-1252, by which most of its lines are valid in. In a file of
    Windows-1252, a line that is valid UTF-8 is read as such, and counted in `utf8_lines`. A line that is not
    valid in UTF-8 passes unchanged; the code that splits it into rows must reject it.

    Raises SourceError if the file is not text, its compression is truncated, or cannot be read.
    """

    def __init__(self, path: Path, display_name: str, encoding: str = "auto") -> None:
        self.display_name = display_name
        self._file: BinaryIO = _open(path, display_name)
        try:
            self._head = self._read_raw(HEAD_BYTES)
            self.encoding = self._guess_encoding() if encoding == "auto" else _normalize_encoding(encoding)
            self._mixed = _MixedDecoder()
            self._returns = _Returns(_show_signs(self._head, self.encoding))
            self._drop_mark()
            self._decoder = self._make_decoder()
        except BaseException:
            self._file.close()
            raise

    def read(self, size: int) -> bytes:
        """Read at most about `size` bytes of UTF-8; empty only at the end of the file."""
        while True:
            raw = self._take(size)
            block = self._returns.replace(self._to_utf8(raw), is_last=not raw)
            if block or not raw:
                return block

    def read_full(self, size: int | None = None) -> tuple[bytes, bool]:
        """Read a block (of BLOCK_BYTES or size) and whether it is the last."""
        parts, size = [], size or BLOCK_BYTES
        while size > 0 and (part := self.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts), size > 0

    def skip(self, size: int) -> int:
        """Skip the first bytes of the file; return how many lines end in them."""
        lines, size = 0, size - self._mark_bytes
        while size > 0 and (raw := self._take(min(size, BLOCK_BYTES))):
            lines += self._returns.replace(self._to_utf8(raw), is_last=False).count(b"\n")
            size -= len(raw)
        # what waits for the rest of its line
        return lines + self._returns.replace(self._to_utf8(b""), is_last=True).count(b"\n")

    def _to_utf8(self, raw: bytes) -> bytes:
        if self.encoding == "ascii" and not raw.isascii():
            self.encoding = "utf-8" if _is_mostly_utf8(raw) else MIXED
            self._decoder = self._make_decoder()
        if self._decoder is None or (self.encoding == "cp1252" and raw.isascii()):
            return raw
        try:
            return self._decoder(raw)
        except UnicodeError as error:
            raise SourceError(
                f"the file is not {self.encoding}: {error}",
                where=self.display_name,
                do="set csv.encoding of the source to the file's encoding",
            ) from error

    @property
    def utf8_lines(self) -> int:
        """How many lines so far were UTF-8 in a file of Windows-1252."""
        return self._mixed.utf8_lines

    def _make_decoder(self) -> Callable[[bytes], bytes] | None:
        return self._mixed.decode if self.encoding == MIXED else _make_decoder(self.encoding)

    def _guess_encoding(self) -> str:
        for mark, encoding in _MARKS.items():
            if self._head.startswith(mark):
                if encoding != "utf-8" and b"\0" not in self._head.removeprefix(mark) != b"":
                    raise _refuse_mark(self.display_name, encoding)
                return encoding
        if self._head.count(0) * 5 >= len(self._head) > 0:
            return self._guess_utf16()
        if _has_much_control(self._head, _FEW_CONTROL):
            raise _refuse_binary(self.display_name, self._head)
        return "ascii"

    def _guess_utf16(self) -> str:
        """Guess UTF-16 without a mark: every other byte of plain letters is zero, and few control characters remain."""
        even, odd = self._head[0::2].count(0), self._head[1::2].count(0)
        encoding = "utf-16-le" if odd > even else "utf-16-be"
        signs = self._head.decode(encoding, "ignore").encode("utf-8")
        if max(even, odd) * 5 < len(self._head) or _has_much_control(signs, 0):
            raise _refuse_binary(self.display_name, self._head)
        return encoding

    def _drop_mark(self) -> None:
        self._mark_bytes = 0
        if self.encoding == "utf-8" and self._head.startswith(codecs.BOM_UTF8):
            self._head = self._head.removeprefix(codecs.BOM_UTF8)  # other decoders drop theirs themselves
            self._mark_bytes = len(codecs.BOM_UTF8)

    def _take(self, size: int) -> bytes:
        if self._head:
            head, self._head = self._head[:size], self._head[size:]
            return head
        return self._read_raw(size)

    def _read_raw(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except _UNREADABLE as error:
            raise SourceError(
                f"the file cannot be read to its end: {error}",
                where=self.display_name,
                do="it may be truncated: deliver it again",
            ) from error

    def __enter__(self) -> TextStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def is_compressed(path: Path) -> bool:
    """Whether a file is compressed, by its first bytes."""
    with path.open("rb") as file:
        return file.read(6).startswith((_ZSTD, *_COMPRESSED))


def _open(path: Path, display_name: str) -> BinaryIO:
    try:
        with path.open("rb") as file:
            start = file.read(6)
    except OSError as error:
        raise SourceError(f"the file cannot be opened: {error.strerror}", where=display_name) from error
    if start.startswith(_ZSTD):
        import pyarrow as pa

        return pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")  # type: ignore[no-any-return]
    if path.name.lower().endswith(COMPRESSED_SUFFIXES) and _is_cut_short(start):
        raise SourceError("the file ends within the mark of its compression", where=display_name, do="deliver it again")
    opener: Any = next((open_ for magic, open_ in _COMPRESSED.items() if start.startswith(magic)), None)
    return opener(path, "rb") if opener else path.open("rb", buffering=0)


def _is_cut_short(start: bytes) -> bool:
    """Whether a file is nothing but the beginning of a compressed file's mark, which would pass as a line of text."""
    return start != b"" and any(mark.startswith(start) and start != mark for mark in (_ZSTD, *_COMPRESSED))


class _MixedDecoder:
    """Decodes lines of Windows-1252 or UTF-8; the end of a piece waits for the rest of its line."""

    def __init__(self) -> None:
        self.utf8_lines = 0
        self._rest = b""

    def decode(self, raw: bytes) -> bytes:
        """Decode a piece as UTF-8; nothing stands for the end of the file."""
        text = self._rest + raw
        end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1 if raw else len(text)
        self._rest = text[end:]
        whole = text[:end]
        return whole if whole.isascii() else b"".join(map(self._decode_line, whole.splitlines(keepends=True)))

    def _decode_line(self, line: bytes) -> bytes:
        if line.isascii():
            return line
        if _is_utf8(line, final=True):
            self.utf8_lines += 1
            return line
        return codecs.charmap_decode(line, "strict", _WINDOWS_1252)[0].encode()


class _Returns:
    """Makes line ends of carriage returns, where the first line ends with one that no line feed follows.

    Line feeds stay: they stand inside values there, or end lines that another program appended.
    """

    def __init__(self, head: bytes) -> None:
        first = _FIRST_LINE.match(head)
        self._end_lines = first is not None and first[1] == b"\r"
        self._held = b""

    def replace(self, text: bytes, *, is_last: bool) -> bytes:
        """Replace the returns of a piece; one at its end waits for what follows."""
        if not self._end_lines:
            return text
        text, self._held = self._held + text, b""
        if text.endswith(b"\r") and not is_last:
            text, self._held = text[:-1], b"\r"
        return _LONE_RETURN.sub(b"\n", text)


def _show_signs(head: bytes, encoding: str) -> bytes:
    """Return the head with its quotes and line ends as in ASCII; most encodings write these as ASCII does."""
    is_wide = encoding.startswith(("utf-16", "utf-32"))
    return head.decode(encoding, "ignore").encode("utf-8", "ignore") if is_wide else head


def _make_decoder(encoding: str) -> Callable[[bytes], bytes] | None:
    """Make an incremental decoder from the file's bytes to UTF-8; None if they are UTF-8 already."""
    if encoding in ("ascii", "utf-8"):
        return None
    if encoding == "cp1252":
        return lambda raw: codecs.charmap_decode(raw, "strict", _WINDOWS_1252)[0].encode()
    # Undecodable bytes come through as invalid UTF-8: the row is rejected, not the file.
    kept = "surrogatepass" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    steps = codecs.getincrementaldecoder(encoding)(kept)
    return lambda raw: steps.decode(raw).encode("utf-8", kept)


def _normalize_encoding(name: str) -> str:
    if name == MIXED:
        return name
    try:
        known = codecs.lookup(name).name
    except LookupError:
        raise SettingsError(
            f"there is no encoding {name!r}",
            where="csv.encoding",
            do="write utf-8, utf-16, cp1252, latin-1, ...",
        ) from None
    return "utf-8" if known in ("ascii", "utf-8-sig") else known


def _has_much_control(head: bytes, few: int) -> bool:
    """Tell whether so many control characters stand in a text that it is none. A row with some is rejected, no file."""
    control = len(head) - len(head.translate(None, delete=_CONTROL))
    return control * 50 > len(head) + few


def _is_mostly_utf8(raw: bytes) -> bool:
    *lines, rest = raw.split(b"\n")
    odd = [line for line in lines if not line.isascii()]
    if odd:
        return sum(_is_utf8(line, final=True) for line in odd) * 2 > len(odd)
    return _is_utf8(rest, final=False)  # the block may end inside a character


def _is_utf8(line: bytes, *, final: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line, final)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_mark(display_name: str, encoding: str) -> SourceError:
    return SourceError(
        f"the file begins with the mark of {encoding.upper()} and is not written in it",
        where=display_name,
        do="deliver it again; or set csv.encoding of the source to the file's encoding",
    )


def _refuse_binary(display_name: str, head: bytes) -> SourceError:
    kind = "a workbook or zip archive" if head.startswith(b"PK") else "no text file"
    return SourceError(
        f"the file is {kind}, whatever its name says",
        where=display_name,
        do="save it as CSV, JSON lines or Parquet, or exclude it from the source's patterns",
    )
