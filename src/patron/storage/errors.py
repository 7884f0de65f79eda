"""What object storage refuses, in patron's words."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from patron.errors import EngineError, PatronError
from patron.storage.address import Address
from patron.storage.credentials import HOW_TO_SIGN_IN

_NO_BUCKET = re.compile(r"NoSuchBucket|bucket (?:you tried|does not exist)|ContainerNotFound", re.IGNORECASE)
_REFUSED = re.compile(
    r"ExpiredToken|InvalidToken|TokenRefreshRequired|InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|"
    r"AuthenticationFailed|InvalidClientTokenId|status code: 40[13]|\b40[13] (?:Forbidden|Unauthorized)|"
    r"169\.254\.169\.254|metadata|Unauthenticated|lacked valid auth|necessary privileges|credential",
    re.IGNORECASE,
)
_EXPIRED = re.compile(r"Expired|TokenRefreshRequired", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"error sending request|timed? ?out|connect|dns|reset|status code: 5\d\d|SlowDown|max_retries|"
    r"operation was cancell",
    re.IGNORECASE,
)


class StorageUnreachableError(EngineError):
    """The storage does not answer now; later it may."""


@contextlib.contextmanager
def translate_storage_errors(address: Address, kind: type[PatronError] = EngineError) -> Iterator[None]:
    """Turn what obstore raises inside into an error of a kind, which says what to do."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, FileNotFoundError, PermissionError) as error:
        raise explain_storage_error(str(error), address, kind) from error


def refuse_lost_bucket(error: Exception) -> None:
    """Raise the error again where it is not the object that is missing, but its bucket."""
    if _NO_BUCKET.search(str(error)):
        raise error


def explain_storage_error(text: str, address: Address, kind: type[PatronError] = EngineError) -> PatronError:
    """Make an error of what a library said about a place in object storage."""
    where, again = str(address), "run again; nothing landed in part"
    if _NO_BUCKET.search(text):
        do = f"make it, or correct the address in patron.yaml; then {again}"
        return kind(f"There is no bucket {address.root}.", where=where, do=do)
    if _REFUSED.search(text):
        what = "have expired" if _EXPIRED.search(text) else "are missing, or do not permit this"
        do = f"{HOW_TO_SIGN_IN[address.scheme]}; then {again}"
        return kind(f"The credentials for {address.root} {what}.", where=where, do=do)
    if _UNREACHABLE.search(text):
        do = f"check the network, and AWS_ENDPOINT_URL if it is set; then {again}"
        return kind(f"The object storage {address.root} does not answer.", where=where, do=do)
    return kind(f"The object storage returned an error: {shorten(text)}.", where=where, do=again)


def shorten(text: str) -> str:
    """Keep the first line of a message, without the XML that a server answered."""
    return re.split(r"<\?xml|\n", text.strip(), maxsplit=1)[0].strip().rstrip(".:")[:300]
