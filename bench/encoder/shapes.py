"""The shapes that are measured and their token ids, the same for every engine and every run."""

_FIRST_WORD, _WORDS = 1000, 29000  # ids of ordinary words in the synthetic vocabulary
_CLS, _SEP = 101, 102


def _mixed_lengths():
    """32 lengths from 16 to 240 of mean 128, evenly spread, in an order that is not sorted."""
    lengths = [round(16 + 224 * i / 31) for i in range(32)]
    return [lengths[(i * 13) % 32] for i in range(32)]


SHAPES = {
    "1x16": [16],
    "1x128": [128],
    "8x128": [128] * 8,
    "32x128": _mixed_lengths(),
    "1x512": [512],
    "4x512": [512] * 4,
    "1x2048": [2048],
}


def sequences(shape):
    """The shape's sequences of token ids: [CLS] words [SEP], another text in each place."""
    result = []
    for s, length in enumerate(SHAPES[shape]):
        words = [_FIRST_WORD + (s * 7919 + t * 104729 + t * t * 31) % _WORDS
                 for t in range(length - 2)]
        result.append([_CLS] + words + [_SEP])
    return result


def tokens(shape):
    return sum(SHAPES[shape])


def operations(shape, config):
    """(linear, attention) operations of one pass; a multiplication and an addition are two."""
    hidden, inner, layers = config["n_embd"], config["n_inner"], config["n_layer"]
    linear = 2 * layers * (4 * hidden * hidden + 3 * hidden * inner) * tokens(shape)
    attention = sum(4 * layers * hidden * length * length for length in SHAPES[shape])
    return linear, attention
