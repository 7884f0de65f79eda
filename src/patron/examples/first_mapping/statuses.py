"""Which of a shop's order statuses count as spend, by their words."""

from __future__ import annotations

from dataclasses import dataclass

from patron.examples.first_mapping.words import split_words

_SPEND = frozenset(
    "completed|complete|delivered|shipped|paid|invoiced|approved|processing|fulfilled|closed|success|successful|succeeded"
    "|done|finished|sold|settled|captured|billed|ok|picked up|in transit|ready|partially paid"
    "|unshipped|partially shipped|wc completed|wc processing"
    "|abgeschlossen|versendet|versandt|bezahlt|geliefert|erledigt|zugestellt|in bearbeitung"
    "|termine|terminee|livre|livree|payee|paye|expedie|expediee|en cours de traitement"
    "|completado|completada|entregado|pagado|enviado|procesando"
    "|concluido|concluida|entregue|pago|enviado|faturado|aprovado"
    "|completato|consegnato|pagato|spedito|evaso"
    "|voltooid|afgerond|geleverd|betaald|verzonden"
    "|zrealizowane|zrealizowano|dostarczone|oplacone|wyslane|zakonczone".split("|")
)
_NO_SPEND = frozenset(
    "cancelled|canceled|cancel|void|voided|failed|failure|pending|on hold|hold|holded|draft|checkout draft|created"
    "|unpaid|pending payment|payment pending|rejected|declined|expired|trash|abandoned|denied|open|authorized"
    "|returned|fraud"
    "|unavailable|error|disputed|in process|new|quote|wc pending|wc cancelled|wc failed|wc on hold"
    "|storniert|abgebrochen|offen|ausstehend|fehlgeschlagen|wartend"
    "|annule|annulee|en attente|echoue|echouee"
    "|cancelado|cancelada|pendiente|fallido|pendente|falhou"
    "|annullato|in attesa|fallito"
    "|geannuleerd|in afwachting|mislukt"
    "|anulowane|anulowano|oczekujace|nieudane".split("|")
)
_REFUNDED = frozenset(
    "refunded|wc refunded|refund|erstattet|rembourse|remboursee|reembolsado|rimborsato|terugbetaald|zwrocone".split("|")
)

_PARTLY_REFUNDED = frozenset("partially refunded|partial refund|partly refunded|teilweise erstattet".split("|"))
"""Without the amount of the refund it is unknown what such an order is worth."""


@dataclass(frozen=True)
class StatusReading:
    """Statuses that count as spend, and those of which the word does not say so."""

    spend: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether any status speaks of orders at all."""
        return bool(self.spend)


def read_statuses(texts: list[str], *, has_refunds: bool) -> StatusReading | None:
    """Sort statuses by whether they count; None where most are no words of orders.

    has_refunds: whether the shop maps what it gave back, so that a refunded order counts, and its refund too.
    """
    words = {text: split_words(text) for text in texts}
    known = [text for text, word in words.items() if word in _SPEND | _NO_SPEND | _REFUNDED | _PARTLY_REFUNDED]
    if not known or len(texts) > 60:
        return None
    spend = _SPEND | _REFUNDED | _PARTLY_REFUNDED if has_refunds else _SPEND
    counted = tuple(sorted({text.lower() for text, word in words.items() if word in spend}))
    unknown = tuple(sorted(text for text, word in words.items() if word not in spend | _NO_SPEND | _REFUNDED))
    return StatusReading(counted, unknown)
