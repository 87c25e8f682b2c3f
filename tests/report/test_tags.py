"""The page on tags: what is the user's is escaped, long sentences are cut around what looks wrong."""

from meta_noise.report.tags import Contents, Sentence, Word, page, shown_words


def test_what_is_the_users_is_escaped():
    bad = "<script>alert(1)</script>\u202e"
    words = [Word(bad, bad), Word(bad, bad, bad, "sure")]
    contents = Contents(
        bad, bad, bad, [bad], [(bad, bad)], {"labels.csv": "all"}, [Sentence(1, 1, "0.1", words)], 1,
        [(bad, bad, 1)], [(bad, 2, 1)], {"id": "an id"},
    )  # fmt: skip
    found = page(contents)
    assert "<script" not in found and "\u202e" not in found and found.count("&lt;script&gt;") > 10


def test_long_sentences_are_cut():
    words = [Word(str(n)) for n in range(200)]
    words[100] = Word("100", "O", "B-X")
    found = shown_words(words)
    assert len(found) == 27 and found[0].is_gap and found[-1].is_gap and found[13].is_wrong
    assert shown_words(words[80:130]) == words[80:130]
