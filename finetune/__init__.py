"""From texts to a better generator: examples, training, evaluation, and immutable model versions."""
