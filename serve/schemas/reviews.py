"""What goes over the wire about reviews."""

from datetime import datetime

from index.store import Outcome
from index.store.reviews import Review
from serve.schemas.wire import Wire


class ReviewRequest(Wire):
    """What a person found."""

    finding: Outcome


class ReviewResponse(Wire):
    """What a person found of an inspection."""

    inspection: str
    brand: str
    finding: Outcome
    reviewed_at: datetime
    photos: int  # of the inspection, whose look is remembered

    @classmethod
    def from_domain(cls, review: Review) -> "ReviewResponse":
        """As stored."""
        return cls(
            inspection=review.inspection,
            brand=review.brand,
            finding=review.finding,
            reviewed_at=review.created,
            photos=review.photos,
        )


class ReviewsResponse(Wire):
    """The reviews of a brand that the caller may see."""

    brand: str
    reviews: list[ReviewResponse]
