"""Who counts as a customer: ids that stand for nobody, and e-mail addresses as ids."""

from __future__ import annotations

from pydantic import Field

from patron.project.settings.base import Settings, Words

GUESTS = (
    *("guest", "guests", "guest customer", "guest user", "guest checkout", "anonymous", "anonymous customer", "anon"),
    *(
        "walk-in",
        "walkin",
        "walk in",
        "walk-in customer",
        "cash customer",
        "unknown",
        "unknown customer",
        "no customer",
    ),
    *("n/a", "na", "#n/a", "nan", "null", "nil", "none", "undefined", "not available", "not applicable"),
    *("(null)", "<null>", "\\n", "<na>", "(none)", "<none>", "(blank)", "blank", "missing", "empty", "no name"),
    *("n.a.", "n.a", "nat", "(empty)", "(unknown)", "[object object]"),
    *("#ref!", "#value!", "#name?", "#null!", "#num!", "#div/0!"),
    *("unbekannt", "inconnu", "desconocido", "sconosciuto", "onbekend"),
    *("0", "0.0", "-1", "-", "--", "---", "–", "—", "―", "−", "?", "??", "???", ".", "...", "…"),
    *("anonymous@", "guest@", "noreply@", "no-reply@"),
)


class Customers(Settings):
    """Customer ids that stand for guests, and how e-mail addresses are compared."""

    guests: Words = Field(
        GUESTS,
        description="Customer ids that stand for nobody, in any case and without outer blanks: such a line is a "
        "guest's. `guest@` stands for every e-mail address of that name. A list of yours replaces this one; `[]` "
        "switches it off.",
    )
    more_guests: Words = Field(
        (), description="Ids in addition to `guests`, such as the shop's own e-mail address for sales at the till."
    )
    normalize_emails: bool = Field(
        True, description="Whether customer ids that are e-mail addresses are the same in any case."
    )

    @property
    def guest_words(self) -> tuple[str, ...]:
        """Return all ids of guests, in lower case and without outer blanks."""
        return tuple(dict.fromkeys(word.strip().lower() for word in (*self.guests, *self.more_guests)))
