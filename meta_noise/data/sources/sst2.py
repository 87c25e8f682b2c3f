"""SST, binary: sentences and phrases of film reviews, negative or positive.

R. Socher et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank", EMNLP 2013,
https://aclanthology.org/D13-1170; in the form that GLC used it: D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, "Using
Trusted Data to Train Deep Networks on Labels Corrupted by Severe Noise", NeurIPS 2018, https://arxiv.org/abs/1802.05300.
"""

from meta_noise.data.ids import row_ids
from meta_noise.data.parts import check_part
from meta_noise.data.source import Source
from meta_noise.data.text.files import class_numbers, find, read_rows
from meta_noise.data.text.tokens import tokenise
from meta_noise.errors import InputError

CLASS_NAMES = ("negative", "positive")
ADVICE = "Get the files of the folder SST/data/SST/ of https://github.com/mmazeika/glc"


def sst2(
    path: str = "", part: str = "train", vocabulary: int = 20_000, length: int = 48, word_pieces: str = ""
) -> Source:
    """Returns 67,349 training phrases or 1,821 test sentences, with their true labels.

    Args:
        path: folder with `senti.binary.train` and `senti.binary.test`, also with `.tsv` and `.gz` behind the names.
        part: "train" or "test"; the published development part is not read.
        vocabulary, length, word_pieces: as in `ag_news`.

    Returns:
        inputs [N, length] int32 tokens; ids such as "sst2-train-00012" hold the row number in the file.
    """
    texts, labels = _read(path, check_part(part))
    tokens = tokenise(texts, lambda: _read(path, "train")[0], vocabulary, length, word_pieces)
    return Source(tokens, labels, row_ids(f"sst2-{part}", len(labels)), CLASS_NAMES, labels.copy(), name="sst2")


def _read(path: str, part: str):
    """Returns texts and classes [N] int32."""
    file = find("sst2", path, ADVICE, f"senti.binary.{part}", f"senti.binary.{part}.tsv")
    rows = list(read_rows(file, "\t", quotes=False))
    if any(len(row) != 2 for row in rows):
        raise InputError(f"{file} is not a file of SST, whose lines are a text, a tab and a label.")
    return [row[0] for row in rows], class_numbers([row[1] for row in rows], 0, len(CLASS_NAMES), file)
