"""What is known of tags of tokens, for a notebook: short in print, sentences in HTML, a folder to keep it in."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.report.html import rendered
from meta_noise.report.saved import save, saved
from meta_noise.report.tags import Sentence, Word

KIND, RESULTS, SHOWN = "tag findings", "tag_findings.json", 10
LABELS, SENTENCES = "labels.parquet", "sentences.parquet"


class TagFindings(NamedTuple):
    """What is known of the tags of N tokens in S sentences.

    Attributes:
        labels: N rows: id, sentence, token_number, line, token, given_label, suggested_label, suggested_probability,
            label_quality, is_label_issue, why.
        sentences: S rows, the least believable first.
        results: answer, estimated noise, tags, pairs that are confused, notes.
        worst: the sentences with tags that look wrong as they are shown, worst first.
        name: of the corrected file.
        corrected: its content.
        cleaned: the data set of Hugging Face that was given, or the `DatasetDict`, with suggested tags; None for other
            data and for what was loaded from a folder.
    """

    labels: pa.Table
    sentences: pa.Table
    results: Mapping[str, Any]
    worst: Sequence[Sentence]
    name: str
    corrected: bytes
    cleaned: Any = None

    @property
    def tags(self) -> list[list[str]]:
        """Returns S lists of suggested tags; the given ones where nothing looks wrong."""
        found: list[list[str]] = []
        numbers, names = (self.labels.column(name).to_pylist() for name in ("sentence", "suggested_label"))
        for number, name in zip(numbers, names, strict=True):
            if number > len(found):
                found.append([])
            found[-1].append(name)
        return found

    def __repr__(self) -> str:
        return f"<TagFindings: {self.results['said'][0]}>"

    def _repr_html_(self) -> str:
        """Returns the answer and the worst sentences for a notebook; all that comes from the user is escaped."""
        said = [*self.results["said"], *self.results["notes"]]
        return rendered("tag_findings.html.jinja", said=said, sentences=self.worst[:SHOWN])

    def save(self, folder: str | Path) -> Path:
        """Writes all of it into a folder, nothing as pickle; returns the folder.

        Raises:
            InputError: the folder holds something else.
        """
        worst = [[*one[:3], [list(word) for word in one.words]] for one in self.worst]
        return save(folder, KIND, RESULTS, {LABELS: self.labels, SENTENCES: self.sentences}, self, worst)


def load_tag_findings(folder: str | Path) -> TagFindings:
    """Returns what `TagFindings.save` wrote into a folder.

    Raises:
        InputError: the folder is none of these, or a file is damaged.

    >>> import tempfile
    >>> import meta_noise
    >>> sentences = [["Mary", "lives", "in", "Kano"], ["Kano", "is", "old"], ["She", "left", "Kano"]] * 12
    >>> tags = [["B-PER", "O", "O", "B-LOC"], ["B-LOC", "O", "O"], ["O", "O", "B-LOC"]] * 12
    >>> tags[5] = ["O", "O", "O"]  # which is wrong
    >>> found = meta_noise.clean_tags(sentences, tags)
    >>> folder = tempfile.mkdtemp()
    >>> saved = found.save(f"{folder}/found")
    >>> type(meta_noise.load_tag_findings(f"{folder}/found")).__name__
    'TagFindings'
    """
    with saved(folder, RESULTS) as found:
        worst = [Sentence(one[0], one[1], one[2], [Word(*word) for word in one[3]]) for one in found["worst"]]
        labels, sentences = (pq.read_table(Path(folder) / one) for one in (LABELS, SENTENCES))
        return TagFindings(labels, sentences, found["results"], worst, found["name"], found["corrected"])
