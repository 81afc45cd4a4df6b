"""The warden: counts which references inspections come nearest to, and quarantines one that passes the match budget."""

import logging
import threading
from collections import Counter
from collections.abc import Callable

from index.match_budget import MatchBudget, overdrawn
from index.store import Actor, Store, acting
from serve.failures import tell
from serve.metrics import Metrics
from vision.verdict import Finding, Verdict

log = logging.getLogger("touchstone.serve")

ACTOR = "match-budget"  # who did it, in the audit log
STOP_PATIENCE_S = 5.0


class Warden:
    """One thread. A request only adds to a counter; the thread writes the counts and judges by them."""

    def __init__(
        self, store: Store, budget: MatchBudget, every_s: float, metrics: Metrics, changed: Callable[[int], None]
    ) -> None:
        self.store, self.budget, self.every_s = store, budget, every_s
        self.metrics, self.changed = metrics, changed
        self.inspections, self.nearest = 0, Counter[tuple[str, str]]()
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.work, name="warden", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self.thread.start()

    def stop(self) -> None:
        """End, and write what was counted."""
        self.stopping.set()
        self.thread.join(STOP_PATIENCE_S)

    def count(self, verdict: Verdict) -> None:
        """Take note of an inspection."""
        findings = [finding for photo in verdict.photos for finding in photo.regions if finding.brand == verdict.brand]
        best = max(findings, key=_recognition, default=None)
        with self.lock:
            self.inspections += 1
            if best is not None and best.nearest_reference:
                self.nearest[best.brand, best.nearest_reference] += 1

    def work(self) -> None:
        """Look now and then, until stopped."""
        while not self.stopping.wait(self.every_s):
            self.look()
        self.look()

    def look(self) -> None:
        """Write what was counted since, and quarantine what passes the budget. A store that fails is tried again."""
        with self.lock:
            inspections, nearest = self.inspections, self.nearest
            self.inspections, self.nearest = 0, Counter()
        if not inspections:
            return
        try:
            self.store.match_counts.add(inspections, nearest)
        except Exception as fault:  # whatever it is, the thread watches on
            tell(logging.WARNING, "matches could not be counted, which is tried again", fault)
            with self.lock:
                self.inspections += inspections
                self.nearest += nearest
            return
        self.judge()

    def judge(self) -> None:
        """Quarantine each reference that passes the budget; where the store fails, next time."""
        try:
            self.judge_all()
        except Exception as fault:
            tell(logging.WARNING, "the match budget could not be judged, which is tried again", fault)

    def judge_all(self) -> None:
        """Quarantine each reference that passes the budget."""
        for counted in self.store.match_counts.most_matched(self.budget.max_share):
            words = overdrawn(counted.matched, self.budget)
            if words is None:
                continue
            with acting(Actor(ACTOR)):
                change = self.store.switches.quarantine(counted.brand, counted.id, words)
            if change.count:
                log.warning("reference %s of brand %r is quarantined: %s", counted.id, counted.brand, words)
                self.metrics.quarantines.inc()
                self.changed(change.version)


def _recognition(finding: Finding) -> float:
    return finding.recognition
