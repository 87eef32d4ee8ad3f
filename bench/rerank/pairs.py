"""The shapes that are measured: pairs of a query of 14 words and a document, the same for everyone."""

_FIRST_WORD, _WORDS = 1000, 29000
_CLS, _SEP = 2, 3
SECOND_BEGIN = 16  # [CLS] 14 words [SEP]

SHAPES = {f"{count}x{length}": (count, length)
          for count, length in ((20, 256), (100, 64), (100, 128), (100, 256), (100, 512))}


def sequences(shape):
    """Token ids of the pairs, all of one length, so that no engine has to pad."""
    count, length = SHAPES[shape]
    query = [_FIRST_WORD + i * 1303 % _WORDS for i in range(SECOND_BEGIN - 2)]
    result = []
    for s in range(count):
        words = [_FIRST_WORD + (s * 7919 + t * 104729 + t * t * 31) % _WORDS
                 for t in range(length - SECOND_BEGIN - 1)]
        result.append([_CLS] + query + [_SEP] + words + [_SEP])
    return result
