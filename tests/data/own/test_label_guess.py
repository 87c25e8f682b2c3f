import pytest

from meta_noise.data.own.frames import frame_table
from meta_noise.data.own.label_guess import likely_labels, perhaps

ROWS = 24
FRAME = {
    "patient": [f"p{row}" for row in range(ROWS)],
    "age": [30.5 + row for row in range(ROWS)],
    "ward": ["north", "south", "east"] * 8,
    "visit": [f"2024-01-{row + 1:02}" for row in range(ROWS)],
}
LABELS = ["ill", "well"] * 12


@pytest.mark.parametrize(
    "frame, names",
    [
        ({**FRAME, "diagnosis": LABELS}, ["diagnosis"]),
        ({"Final Diagnosis": LABELS, **FRAME}, ["Final Diagnosis"]),
        ({**FRAME, "found": LABELS}, ["found", "ward"]),
        ({"texto": [f"unas palabras {row}" for row in range(ROWS)], "etiqueta": LABELS}, ["etiqueta"]),
        ({**FRAME, "survived": [0, 1] * 12}, ["survived"]),
        ({"x": [row / 7 for row in range(ROWS)], "split": ["train", "test"] * 12}, []),
    ],
)
def test_likely_labels(frame, names):
    assert likely_labels(frame_table(frame)) == names


def test_the_question_is_asked_and_nothing_taken(refusal):
    assert refusal({**FRAME, "diagnosis": LABELS}).endswith("(--label). Perhaps --label diagnosis?")
    assert perhaps(["a b", "c"]) == " Perhaps --label 'a b' or --label c?" and perhaps([]) == ""
