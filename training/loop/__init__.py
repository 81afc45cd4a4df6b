"""The loop: one descent after another, judged and kept on the way."""
