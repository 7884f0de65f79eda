"""Mutations of a file's bytes: what must land is not known, only that no row may vanish."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

_SIGNS = (
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b"\\",
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b"\xff",
    b"\xe9",
    b"\xef\xbb\xbf",
    b"\x1a",
)
_SIGNS += (b"{", b"}", b"[", b"]", b":", b'""', b'\\"', b"\\u0000", b"\xc3", b"\xed\xa0\x80", b"sep=;\n", b"#", b"|")


def mutate_text(content: bytes, random: Random) -> bytes:
    """Change the text in one to four ways."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        content = random.choice(_ON_TEXT)(content, random)
    return content


def damage(content: bytes, random: Random) -> bytes:
    """Change bytes of a file that is not text, as a bad disk or a broken transfer does."""
    return random.choice((_flip_bits, _flip_bits, _truncate, _drop_slice, _repeat_slice, _blank_slice))(content, random)


def _flip_bits(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 3, 30)) if changed else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _put_sign(content: bytes, random: Random) -> bytes:
    at = random.randint(0, len(content))
    return content[:at] + random.choice(_SIGNS) * random.choice((1, 1, 1, 2, 50)) + content[at:]


def _put_sign_for_byte(content: bytes, random: Random) -> bytes:
    at = random.randint(0, len(content))
    return content[:at] + random.choice(_SIGNS) + content[at + 1 :]


def _truncate(content: bytes, random: Random) -> bytes:
    return content[: random.randint(0, len(content))]


def _drop_slice(content: bytes, random: Random) -> bytes:
    at = random.randint(0, len(content))
    return content[:at] + content[at + random.choice((1, 3, 20, 200)) :]


def _repeat_slice(content: bytes, random: Random) -> bytes:
    at, size = random.randint(0, len(content)), random.choice((1, 5, 50, 500))
    return content[: at + size] + content[at:]


def _blank_slice(content: bytes, random: Random) -> bytes:
    at, size = random.randint(0, len(content)), random.choice((1, 8, 64))
    return content[:at] + b"\0" * min(size, len(content) - at) + content[at + size :]


def _shuffle_lines(content: bytes, random: Random) -> bytes:
    lines = content.split(b"\n")
    return b"\n".join(random.sample(lines, len(lines)))


def _repeat_header(content: bytes, random: Random) -> bytes:
    lines = content.split(b"\n")
    lines.insert(random.randint(0, len(lines)), lines[0])
    return b"\n".join(lines)


def _cut_line(content: bytes, random: Random) -> bytes:
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    lines[at] = lines[at][: random.randint(0, len(lines[at]))]
    return b"\n".join(lines)


def _mix_line_ends(content: bytes, random: Random) -> bytes:
    return b"".join(line + random.choice((b"\n", b"\r\n", b"\r", b"\n\n")) for line in content.split(b"\n"))


def _recode_line(content: bytes, random: Random) -> bytes:
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    lines[at] = (
        lines[at].decode("utf-8", "replace").encode(random.choice(("cp1252", "utf-16-le", "utf-8-sig")), "replace")
    )
    return b"\n".join(lines)


def _put_before(content: bytes, random: Random) -> bytes:
    return (
        random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n", b"sep=,\n", b"Report of today\n", b" ", b"\0")) + content
    )


def _join_lines(content: bytes, random: Random) -> bytes:
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    return (
        b"\n".join(lines[:at])
        + b"\n"
        + lines[at]
        + b"".join(lines[at + 1 : at + 2])
        + b"\n"
        + b"\n".join(lines[at + 2 :])
    )


_ON_TEXT: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(_flip_bits, _put_sign, _put_sign, _put_sign_for_byte, _truncate, _drop_slice, _repeat_slice, _blank_slice),
    *(_shuffle_lines, _repeat_header, _cut_line, _mix_line_ends, _recode_line, _put_before, _join_lines),
)
