"""Topics of Hausa and Yoruba news titles, with labels that rules gave: a half and a third of them are wrong.

M. A. Hedderich et al., "Transfer Learning and Distant Supervision for Multilingual Transformer Models: A Study on
African Languages", EMNLP 2020, https://arxiv.org/abs/2010.03179. The rows are those whose true label is
known beside the given one; further rows of the set, with given labels only, and its named entities are not read.
"""

from pathlib import Path

import numpy as np

from meta_noise.data.formats.published import check_part
from meta_noise.data.source import Source, row_ids
from meta_noise.data.text.files import class_names_to_numbers, find, read_columns
from meta_noise.data.text.tokens import tokenise
from meta_noise.errors import InputError, unknown_name

CLASS_NAMES = {
    "hausa": ("Africa", "Health", "Nigeria", "Politics", "World"),
    "yoruba": ("africa", "entertainment", "health", "nigeria", "politics", "sport", "world"),
}
COLUMNS = {"text": ("news_title",), "label": ("label",)}
ADVICE = (
    "Get the folders hausa_newsclass and yoruba_newsclass of the folder data of "
    "https://github.com/uds-lsv/transfer-distant-transformer-african"
)


def hausa_yoruba(
    path: str = "",
    part: str = "train",
    language: str = "hausa",
    vocabulary: int = 20_000,
    length: int = 32,
    word_pieces: str = "",
) -> Source:
    """Returns 2,045 training or 582 test titles in Hausa (5 topics), 1,340 or 379 in Yoruba (7 topics).

    Args:
        path: folder with `hausa_newsclass` and `yoruba_newsclass`, their files packed by gzip or not.
        part: "train" for the rows with given and true labels, "test" for those with true ones.
        language: "hausa" or "yoruba".
        vocabulary, length, word_pieces: as in `ag_news`.

    Returns:
        inputs [N, length] int32 tokens; true_labels known; ids such as "hausa-train-00012" hold the row number.

    >>> from meta_noise.data.sources.hausa_yoruba import hausa_yoruba
    >>> hausa_yoruba("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder/hausa_newsclass does not hold data
    """
    check_part(part)
    if language not in CLASS_NAMES:
        raise unknown_name("language", str(language), CLASS_NAMES)
    names = CLASS_NAMES[language]
    training, truth = _read(path, language, "train_clean")
    texts, given = training, truth
    if part == "train":
        texts, given = _read(path, language, "train_clean_noisy_labels")
        if texts != training:
            raise InputError(f"The titles with true and with given labels in {path} are not the same; get both again.")
    else:
        texts, truth = _read(path, language, "test")
        given = truth.copy()
    tokens = tokenise(texts, lambda: training, vocabulary, length, word_pieces)
    return Source(tokens, given, row_ids(f"{language}-{part}", len(given)), names, truth, name=f"{language}_news")


def _read(path: str, language: str, file: str) -> tuple[list[str], np.ndarray]:
    """Returns titles and classes [N] int32 of one file."""
    folder = str(Path(path) / f"{language}_newsclass") if path else ""
    found = find("hausa_yoruba", folder, ADVICE, f"{file}.tsv")
    columns = read_columns(found, COLUMNS, "\t", quotes=False)
    return columns["text"], class_names_to_numbers(columns["label"], CLASS_NAMES[language], found)
