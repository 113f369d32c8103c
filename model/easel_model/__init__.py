"""Recipe of Easel's default model: data, training, evaluation and export."""
