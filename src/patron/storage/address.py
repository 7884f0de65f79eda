"""Addresses in object storage, such as s3://bucket/folder/file.csv."""

from __future__ import annotations

from dataclasses import dataclass

_SCHEMES = {"s3": "s3", "s3a": "s3", "gs": "gs", "az": "az", "abfs": "abfss", "abfss": "abfss"}
"""Scheme -> the one that every library knows it by."""


@dataclass(frozen=True)
class Address:
    """A place in a bucket. scheme: s3, gs, az or abfss. bucket: of Azure, a container, with its account (abfss).

    key: the name behind the bucket, without a slash at either end; empty for the bucket itself.
    """

    scheme: str
    bucket: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.root}/{self.key}" if self.key else self.root

    @property
    def root(self) -> str:
        """The bucket's own address."""
        return f"{self.scheme}://{self.bucket}"

    def join(self, name: str) -> Address:
        """Return the address of a name below this one."""
        return Address(self.scheme, self.bucket, f"{self.key}/{name}".strip("/"))


def is_address(text: str) -> bool:
    """Whether a text names a place behind a scheme rather than a path."""
    return "://" in text


def parse_address(text: str) -> Address:
    """Read an address. Raises ValueError, in words for a person, where the scheme is unknown or the bucket missing."""
    scheme, _, rest = text.partition("://")
    if scheme.lower() not in _SCHEMES:
        raise ValueError(f"{scheme}:// is no object storage that patron reads; write s3://, gs://, az:// or abfss://")
    bucket, _, key = rest.partition("/")
    if not bucket or not bucket.strip():
        raise ValueError(f"{text} names no bucket; write {scheme}://bucket/folder")
    if ":" in bucket.rpartition("@")[0]:
        raise ValueError("an address holds no password: credentials come from the environment")
    return Address(_SCHEMES[scheme.lower()], bucket, key.strip("/"))
