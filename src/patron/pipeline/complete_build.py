"""A builder that starts from the tables of a complete build of all that has landed, and from nothing else."""

from __future__ import annotations

from patron.errors import EngineError, NothingBuiltError
from patron.pipeline.build import REQUESTED_AS_OF, Builder
from patron.transform import plan as plans


class CompleteBuilder(Builder):
    """The builder of a part of the tables, where all others are what a full build would make of them."""

    def refuse_incomplete(self) -> None:
        """Raise NothingBuiltError where the tables are not those of one complete build of all that has landed, and
        EngineError where they do not hold what it wrote.
        """
        ids, highest = self._lake_ids(), self.lake.next_batch_id() - 1
        why = plans.explain_full_build(self.record, ids, highest, self._read_identity())
        complete = self.record.complete
        if not why and self.record.begun is not None:
            why = "the last build did not end"
        if not why and complete is not None:
            late = [source for source, batch in self._last_batches().items() if batch > complete.since_batch]
            new = sorted(set(ids) - set(complete.lake))
            why = f"rows of {', '.join(late)} landed since" if late else ""
            why = f"{', '.join(new)} was not a source yet" if new else why
        if why:
            what = f"There is no complete build to start from: {why}."
            do = "run `patron run` there first; it builds what changed, too"
            raise NothingBuiltError(what, where=str(self.project.state), do=do)
        self._refuse_damaged()
        assert complete is not None
        self._warehouse_id, self._number = complete.warehouse_id, complete.number

    def _refuse_damaged(self) -> None:
        if damaged := self.warehouse.find_damaged_tables():
            what = f"Files of {len(damaged):,} tables were damaged or are gone: {', '.join(damaged[:5])}."
            raise EngineError(what, where=str(self.project.warehouse), do="run `patron run --full-refresh` first")

    def read_requested_as_of(self) -> str:
        """Read the day that the last build was asked to measure at: an ISO date, or latest."""
        schema, table = REQUESTED_AS_OF
        return str(self.warehouse.query(f"select as_of from {schema}.{table}").to_pylist()[0]["as_of"])
