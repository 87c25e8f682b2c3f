"""Small text data sets in exactly the published layouts, for tests."""

import csv
import gzip
import io

PIECES = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "play", "##ing", "##er", "news", "of", ".", "a", "##b", "un"),
    *("pla", "##y"),  # shorter than "play": the longest beginning has to win
)


def quoted(rows):
    """Returns rows as CSV text, every cell in quotes, as Zhang et al. wrote them."""
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def headed(header, rows, delimiter=","):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return stream.getvalue()


def packed(path, text):
    path.write_bytes(gzip.compress(text.encode()))


def topical(klass, row):
    """Returns a text that shows its class by one word."""
    return f"Topic{klass} the news number {row} of the day"


def write_zhang(folder, classes, columns, per_class=6, test_per_class=2):
    """Writes train.csv and test.csv of a set of Zhang et al.; classes take turns."""
    for part, count in (("train", per_class), ("test", test_per_class)):
        rows = [
            [str(row % classes + 1), *(topical(row % classes, row) for _ in range(columns))]
            for row in range(count * classes)
        ]
        (folder / f"{part}.csv").write_text(quoted(rows))


def write_noisy_ag_news(folder, rows=40):
    """Writes the files of NoisyAG-News as its repository and that of AG News ship them; every fifth label is wrong."""
    cells = [
        [(row + (row % 5 == 0)) % 4, row % 4, f"{topical(row % 4, row)} . body", 6 - row % 5] for row in range(rows)
    ]
    (folder / "samples10000valMed.csv").write_text(headed(["label", "gt", "text", "group"], cells))
    tests = [[row % 4 + 1, topical(row % 4, row), "body"] for row in range(8)]
    (folder / "test.csv").write_text(quoted(tests))


def write_tweets(folder):
    """Writes three files of tagged tweets, 25 tags in the training part."""
    tags = "!#$&,@ADEGLMNOPRSTUVXYZ^~"
    lines = [f"word{tag}\t{tag}\nThe\tD\n" for tag in tags]
    (folder / "tweets-train.txt").write_text("\n".join(lines))
    (folder / "tweets-dev.txt").write_text("\n".join(lines[:3]))
    (folder / "tweets-devtest.txt").write_text("the\tD\nwordN\tN\nnew\tA\n\nwordV\tV\n\n")


def write_phrases(folder):
    """Writes two files of SST: 40 phrases to train, 10 to test."""
    for part, count in (("train", 40), ("test", 10)):
        rows = [f"a {('dull', 'fine')[number % 2]} film {number}\t{number % 2}\n" for number in range(count)]
        (folder / f"senti.binary.{part}").write_text("".join(rows))


def write_pieces(folder):
    """Writes a vocab.txt and returns its path."""
    path = folder / "vocab.txt"
    path.write_text("\n".join(PIECES) + "\n")
    return str(path)
