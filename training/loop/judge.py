"""The judge: retrieval on brands that were never learned from."""

from dataclasses import dataclass

from training.data.validation import Validation
from training.loop.trainer import Trainer
from training.model import Network
from training.retrieval import own_nearness, retrieval, separation


@dataclass(frozen=True, eq=False)
class Judge:
    """Measures retrieval on brands that were never learned from."""

    task: Validation

    def measure(self, trainer: Trainer, network: Network) -> dict[str, float]:
        """Recall of genuine and forged queries, and how well forgeries lie apart."""
        vectors = trainer.embed(network, self.task.batch.images)
        brand, forged = self.task.batch.brand.numpy(), self.task.batch.forged.numpy()
        is_reference = self.task.is_reference
        references = vectors[is_reference], brand[is_reference]
        genuine, fake = ~is_reference & ~forged, ~is_reference & forged
        found = retrieval(vectors[genuine], brand[genuine], *references)
        imitated = retrieval(vectors[fake], brand[fake], *references) if fake.any() else found
        nearness = [own_nearness(vectors[rows], brand[rows], *references) for rows in (genuine, fake)]
        return {
            "recall_at_1": found.recall_at_1,
            "recall_at_5": found.recall_at_5,
            "forged_recall_at_5": imitated.recall_at_5,
            "separation": separation(*nearness) if fake.any() else 0.5,
        }
