"""Data: from marks and photographs to the batch of each step."""

from training.data.batch import Batch, Lesson
from training.data.captions import caption, product_prompt, vocabulary

__all__ = ["Batch", "Lesson", "caption", "product_prompt", "vocabulary"]
