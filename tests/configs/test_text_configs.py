"""The configs for texts, two steps each on small files in the published layouts; predictions; wrong settings."""

from pathlib import Path

import numpy as np
import pytest

from meta_noise import main
from meta_noise.build.defaults import resolved
from meta_noise.build.method import make_method, make_network
from meta_noise.build.optimizer import Lengths
from meta_noise.config.argument import merge
from meta_noise.config.file import load
from meta_noise.config.parse import parse
from meta_noise.config.schema import Model, Named
from meta_noise.data.sources.small_ag_news import noisy_ag_news
from meta_noise.errors import DataNotFoundError, InputError
from meta_noise.runs.run import run
from tests.texts import write_noisy_ag_news, write_pieces, write_tweets, write_zhang

CONFIGS = Path(__file__).parents[2] / "configs"
ZHANG = {"ag_news": (4, 2), "yelp5": (5, 1), "amazon5": (5, 2), "yahoo": (10, 3)}
SMALL_BERT = {"vocabulary": 20, "positions": 16, "layers": 1, "width": 8, "heads": 2, "hidden": 8, "dropout": 0.0}


def small(argument, folder, classes, **changes):
    """Returns the config of a file and argument for two steps on the data in `folder`."""
    few = {
        "data": {"path": str(folder), "length": 8, "verify": False},
        "clean": {"size": classes, "selection": 0},
        "train": {"epochs": 1, "batch_size": 2 * classes, "eval_batch_size": 16, "devices": 1},
    }
    return merge(merge(load(f"{CONFIGS}/{argument}"), few), changes)


@pytest.fixture
def noisy(tmp_path):
    write_noisy_ag_news(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_word_pieces_and_bert(tmp_path):
    write_zhang(tmp_path, 4, 2)
    config = small("ag_news.py:bert", tmp_path, 4)
    assert (config["model"]["name"], config["train"]["batch_size"]) == ("bert", 8)
    fitted = run(
        merge(config, {"model": SMALL_BERT, "data": {"word_pieces": write_pieces(tmp_path)}}), tmp_path / "run"
    )
    assert fitted.results["steps"] == 2 and fitted.results["training_rows"] == len(fitted.labels) == 20
    assert fitted.results["accuracy"]["measured_on"] == "test"


def test_papers_settings():
    """100 clean rows per class, BERT-base, the label network of the paper, in each of the four files."""
    for name, (classes, _) in ZHANG.items():
        config = parse(load(f"{CONFIGS}/{name}.py:bert"))
        assert config.clean.size == 100 * classes and config.model == Model("bert")
        assert config.method == Named("mlc_lcn", {"hidden": 768})
        assert config.data.settings["word_pieces"] and config.data.settings["length"] <= 512
        for method in ("mlc_lcn", "mw_net", "mlc_t", "supervised"):
            config = resolved(parse(load(f"{CONFIGS}/{name}.py:bert,{method}")))
            assert make_method(config, make_network(config.model, classes), Lengths(100, 10))


@pytest.mark.slow
def test_human_labels(noisy):
    config = small("noisy_ag_news.py", noisy, 4)
    fitted = run(config, noisy / "run")
    truth = np.arange(40) % 4
    rows = [int(identifier[-5:]) for identifier in fitted.labels["id"].to_pylist()]
    wrong = [row % 5 == 0 for row in rows]
    assert fitted.results["noise"]["realised"] == pytest.approx(np.mean(wrong)) and any(wrong)
    names = ("World", "Sports", "Business", "Sci/Tech")
    assert fitted.labels["true_label"].to_pylist() == [names[truth[row]] for row in rows]
    assert [
        a != b for a, b in zip(*(fitted.labels[c].to_pylist() for c in ("true_label", "given_label")), strict=True)
    ] == wrong

    tokens = noisy_ag_news(str(noisy), "test", length=8, verify=False).inputs
    probabilities = fitted.predict_proba(tokens)
    assert probabilities.shape == (8, 4) and np.allclose(probabilities.sum(1), 1, atol=1e-5)
    np.testing.assert_array_equal(fitted.predict(tokens.tolist()), probabilities.argmax(1))
    for inputs, message in [
        (tokens[:, :5], r"int32 rows of shape \(5,\)"),
        (tokens + 20_000, "the network knows 0 to 19999"),
        (tokens / 2, "got float64"),
        (["a text"], "Tokens are integers"),
    ]:
        with pytest.raises(InputError, match=message):
            fitted.predict(inputs)


def test_a_small_set_is_learned(noisy):
    changes = {"train": {"epochs": 40, "eval_every": 40}, "optimizer": {"lr": 0.05}}
    fitted = run(small("noisy_ag_news.py:supervised", noisy, 4, **changes), noisy / "run")
    assert fitted.results["accuracy"]["last"] == 1.0


@pytest.mark.parametrize("argument", ["", "supervised"])
@pytest.mark.slow
def test_twitter(argument, tmp_path):
    write_tweets(tmp_path)
    config = small(f"twitter_pos.py:{argument}", tmp_path, 25, train={"batch_size": 15, "clean_batch_size": 10})
    config["data"] = {"name": "twitter_pos", "path": str(tmp_path)}
    fitted = run(config, tmp_path / "run")
    assert fitted.results["steps"] == 2 and fitted.results["method"] == (argument or "mlc_t")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {"name": "mlp"}}, "Model 'mlp' cannot take texts; use word_average"),
        ({"model": {"vocabulary": 5}}, "but the network knows 0 to 4"),
        ({"model": {"name": "bert", "positions": 4}}, "bert of 4 positions takes texts"),
        ({"data": {"vocabulary": 1}}, "2 tokens or more"),
        ({"data": {"length": 0}}, "at least 1 token"),
        ({"data": {"word_pieces": "nowhere.txt"}}, "There is no vocabulary nowhere.txt"),
        ({"data": {"path": "nowhere"}}, "nowhere does not hold data set noisy_ag_news"),
    ],
)
def test_wrong_settings_get_one_sentence(noisy, changes, message):
    config = merge(small("noisy_ag_news.py:supervised", noisy, 4), changes)
    with pytest.raises(InputError, match=message) as caught:
        run(config, noisy / "run")
    assert "\n" not in str(caught.value)


def test_tokens_that_only_test_texts_have_are_noticed(noisy):
    (noisy / "test.csv").write_text('"1","un","un"\n')
    pieces = {"data": {"word_pieces": write_pieces(noisy)}, "model": {"vocabulary": 12}}
    with pytest.raises(InputError, match="from 0 to 13, but the network knows 0 to 11"):
        run(small("noisy_ag_news.py:supervised", noisy, 4, **pieces), noisy / "run")


def test_images_are_no_texts(tmp_path):
    with pytest.raises(InputError, match=r"Model 'word_average' cannot take inputs of shape \(8, 8, 1\)"):
        run(merge(load(f"{CONFIGS}/digits.py"), {"model": {"name": "word_average"}}), tmp_path)


def test_missing_files_on_the_command_line(tmp_path, capsys):
    command = ["meta_noise.main", f"--config={CONFIGS}/yelp5.py", f"--workdir={tmp_path}/run", "--config.data.path=x"]
    assert main.run(command) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "yelp_review_full_csv.tgz" in error and "Traceback" not in error
    with pytest.raises(DataNotFoundError):
        run(load(f"{CONFIGS}/yahoo.py"), tmp_path / "run")
