"""What is read from the published layouts, and what is said of trees that are not as published."""

import numpy as np
import pytest

from meta_noise.data.images.plan import check_plan
from meta_noise.data.sources.animal10n import animal10n_plan
from meta_noise.data.sources.clothing1m import clothing1m_plan
from meta_noise.data.sources.cnwl import cnwl_plan
from meta_noise.data.sources.food101n import food101n_plan
from meta_noise.data.sources.webvision import webvision_mini_plan, webvision_plan
from meta_noise.errors import DataNotFoundError, InputError
from tests import images


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    root = tmp_path_factory.mktemp("trees")
    images.write_webvision(root / "webvision", train=1)
    images.write_imagenet(root / "imagenet")
    images.write_clothing1m(root / "clothing1m", 140, 140)
    images.write_food(root / "food101n", root / "food101")
    images.write_cnwl(root / "cnwl")
    images.write_animals(root / "animal10n")
    return root


@pytest.fixture
def webvision_tree(tmp_path):
    return images.write_webvision(tmp_path / "webvision", classes=50, train=1)


def edit(path, change):
    path.write_text(change(path.read_text()))


def test_mini_webvision_is_the_first_fifty_classes_of_google(trees):
    plan = webvision_mini_plan(str(trees / "webvision"), str(trees / "imagenet"), clean=1)
    assert {split: len(rows) for split, rows in plan.splits.items()} == dict.fromkeys(plan.splits, 50)
    assert plan.class_names[0] == "n01440764 thing 0" and len(plan.class_names) == 50
    assert all(row.id.startswith("google/") and row.verified == -1 for row in plan.splits["train"])
    assert [row.label for row in plan.splits["imagenet"]] == list(range(50))
    clean = plan.splits["clean"][3]
    assert (clean.id, clean.label, clean.true_label, clean.verified) == (
        f"train/{images.SYNSETS[3]}/{images.SYNSETS[3]}_0.JPEG", 3, 3, 1,
    )  # fmt: skip
    check_plan(plan, partial=True)
    assert plan.published == {"train": 65_944, "test": 2_500, "imagenet": 2_500}


def test_webvision_is_all_of_both_search_engines(trees):
    plan = webvision_plan(str(trees / "webvision"))
    assert len(plan.class_names) == 1000 and set(plan.splits) == {"train", "test"}
    assert [row.id.split("/")[0] for row in plan.splits["train"]] == ["google"] * 52 + ["flickr"] * 52


def test_clothing1m_takes_clean_labels_for_clean_images(trees):
    plan = clothing1m_plan(str(trees / "clothing1m"))
    assert {split: len(rows) for split, rows in plan.splits.items()} == dict.fromkeys(plan.splits, 140)
    noisy, clean = plan.splits["train"], plan.splits["clean"]
    assert np.mean([row.label == number % 14 for number, row in enumerate(noisy)]) == pytest.approx(2 / 3, abs=0.01)
    assert all((row.label, row.true_label, row.verified) == (n % 14, n % 14, 1) for n, row in enumerate(clean))
    assert "140 images" in plan.notes[0] and "66.4%" in plan.notes[0]


def test_food101n_keeps_the_bits_and_holds_out_the_validation_list(trees):
    plan = food101n_plan(str(trees / "food101n"), str(trees / "food101"))
    bits = [row.verified for row in plan.splits["train"]]
    assert len(bits) == 182 and bits[:4] == [0, 1, 1, 0] and bits.count(1) == 40 and bits.count(-1) == 122
    held = {row.id for row in plan.splits["selection"]}
    assert len(held) == 10 and not held & {row.id for row in plan.splits["train"]}
    assert [row.label for row in plan.splits["test"]] == list(range(101))


def test_a_few_verified_images_without_an_entry_are_counted(tmp_path):
    tree, other = images.write_food(tmp_path / "a", tmp_path / "b")
    bits = tree / "meta/verified_train.tsv"
    edit(bits, lambda text: text + "".join(f"dish_000/more{n}.jpg\t1\n" for n in range(3)))
    with pytest.raises(InputError, match=r"3 of 83 verified images are not in imagelist.tsv, such as 'dish_000/more0"):
        food101n_plan(str(tree), str(other))


def test_cnwl_knows_which_labels_are_wrong(trees):
    red = cnwl_plan(str(trees / "cnwl"), "red", (0.0, 0.5))
    assert set(red.splits) == {"red_00", "red_50", "test"}
    assert [np.mean([r.verified for r in red.splits[split]]) for split in ("red_00", "red_50", "test")] == [1, 0.5, 1]
    assert {row.true_label for row in red.splits["red_50"] if row.verified == 0} == {-1}
    blue = cnwl_plan(str(trees / "cnwl"), "blue", (0.5,)).splits["blue_50"]
    assert np.mean([row.true_label != row.label for row in blue]) == 0.5 == np.mean([row.verified for row in blue])


def test_animals_have_their_class_in_their_name(trees):
    plan = animal10n_plan(str(trees / "animal10n"))
    assert [row.label for row in plan.splits["train"]] == sorted(list(range(10)) * 3)
    assert plan.class_names[9] == "guinea pig"


def test_a_missing_folder_and_an_archive(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"nowhere does not hold data set webvision_mini. Get it from https"):
        webvision_mini_plan(str(tmp_path / "nowhere"))
    archive = tmp_path / "google.tar"
    archive.write_bytes(b"")
    with pytest.raises(InputError, match=r"google.tar is an archive. Extract"):
        webvision_plan(str(archive))
    with pytest.raises(InputError, match=r"lacks info/train_filelist_google.txt .* archives such as google.tar"):
        webvision_mini_plan(str(tmp_path))


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("train_filelist_google.txt", lambda text: text + "google/q0001/x.jpg\n", "line 53: .* is not `image class`"),
        ("train_filelist_google.txt", lambda text: text + "google/q0001/x.jpg 1000\n", r"classes are 0\.\.999"),
        ("train_filelist_google.txt", lambda text: text + text, "names .* twice"),
        ("train_filelist_google.txt", lambda text: text + "google/q0001/x.jpg 7\n", "query .*q0001.* classes 0 and 7"),
        ("synsets.txt", lambda text: text[:-20], "must have 1,000 lines|names a synset twice"),
        ("synsets.txt", lambda text: text.replace("n01440764", "tench"), "not that of WebVision"),
        ("synsets.txt", lambda text: text.replace("n01440777", "n01440764"), "names a synset twice"),
    ],
)
def test_lists_of_webvision_that_do_not_fit(webvision_tree, file, change, message):
    edit(webvision_tree / "info" / file, change)
    with pytest.raises(InputError, match=message):
        webvision_mini_plan(str(webvision_tree))


def test_a_shifted_list_does_not_go_through(webvision_tree):
    """Labels against images by one line: folders then have two classes."""
    path = webvision_tree / "info/train_filelist_google.txt"
    images.write_webvision(webvision_tree, train=2)
    pairs = [line.split() for line in path.read_text().splitlines()]
    images.write_lines(path, [f"{a} {d}" for (a, _), (_, d) in zip(pairs, pairs[1:] + pairs[:1], strict=True)])
    with pytest.raises(InputError, match="do not belong together"):
        webvision_mini_plan(str(webvision_tree))


def test_imagenet_as_it_is_shipped(trees, tmp_path):
    """All validation images in one folder; the kit says which is which."""
    tree, order = images.write_flat_imagenet(tmp_path)
    rows = webvision_mini_plan(str(trees / "webvision"), str(tree)).splits["imagenet"]
    assert [row.label for row in rows] == order.tolist() and rows[4].id == "val/ILSVRC2012_val_00000005.JPEG"
    truth = next(tree.rglob("ILSVRC2012_validation_ground_truth.txt"))
    edit(truth, lambda text: text.rpartition("\n")[0].rpartition("\n")[0])
    with pytest.raises(InputError, match=r"val_00000100.JPEG has no line"):
        webvision_mini_plan(str(trees / "webvision"), str(tree))
    edit(truth, lambda text: "77\n" + text)
    with pytest.raises(InputError, match=r"has the number '77'"):
        webvision_mini_plan(str(trees / "webvision"), str(tree))
    next(tree.rglob("meta.mat")).write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"is not the meta.mat"):
        webvision_mini_plan(str(trees / "webvision"), str(tree))
    truth.unlink()
    with pytest.raises(DataNotFoundError, match=r"holds 0 files ILSVRC2012_validation.*Extract ILSVRC2012_devkit"):
        webvision_mini_plan(str(trees / "webvision"), str(tree))


def test_imagenet_without_a_folder_for_each_synset(trees, tmp_path):
    images.write_imagenet(tmp_path, classes=49)
    with pytest.raises(InputError, match=rf"{images.SYNSETS[49]} holds 0 images"):
        webvision_mini_plan(str(trees / "webvision"), str(tmp_path))
    with pytest.raises(InputError, match="3 or more"):
        webvision_mini_plan(str(trees / "webvision"), str(trees / "imagenet"), clean=3)
    with pytest.raises(InputError, match="--imagenet"):
        webvision_mini_plan(str(trees / "webvision"), clean=3)


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("noisy_train_key_list.txt", lambda text: text + "images/9/9/9.jpg\n", "without a label in noisy_label_kv"),
        ("clean_test_key_list.txt", lambda text: text + text, "names .* twice"),
        ("category_names_eng.txt", lambda text: text[10:], "names 13 classes"),
        ("clean_label_kv.txt", lambda text: text.replace(".jpg 13", ".jpg 14"), r"classes are 0\.\.13"),
    ],
)
def test_lists_of_clothing1m_that_do_not_fit(tmp_path, file, change, message):
    tree = images.write_clothing1m(tmp_path)
    edit(tree / file, change)
    with pytest.raises(InputError, match=message):
        clothing1m_plan(str(tree))


def test_clothing1m_with_slipped_labels(tmp_path):
    tree = images.write_clothing1m(tmp_path, 14, 140)
    pairs = [line.split() for line in (tree / "clean_label_kv.txt").read_text().splitlines()]
    shifted = [f"{a} {d}" for (a, _), (_, d) in zip(pairs, pairs[1:] + pairs[:1], strict=True)]
    images.write_lines(tree / "clean_label_kv.txt", shifted)
    with pytest.raises(InputError, match="140 images with both labels only"):
        clothing1m_plan(str(tree))


def test_cnwl_that_does_not_fit(tmp_path):
    tree = images.write_cnwl(tmp_path)
    splits = tree / "mini-imagenet/split"
    with pytest.raises(InputError, match=r"no CNWL set with a rate of 0\.45"):
        cnwl_plan(str(tree), "red", (0.45,))
    with pytest.raises(DataNotFoundError, match=r"red_noise_nl_0\.4 does not exist"):
        cnwl_plan(str(tree), "red", (0.4,))
    (splits / "red_noise_nl_0.8").write_text((splits / "red_noise_nl_0.5").read_text())
    with pytest.raises(InputError, match=r"has 50.0% wrong labels, but its name says 80%"):
        cnwl_plan(str(tree), "red", (0.8,))
    name = (splits / "clean_validation").read_text().split()[0]
    images.put(tree / "again" / name, 0)
    with pytest.raises(InputError, match=f"{name} .* lies in two places"):
        cnwl_plan(str(tree), "red", (0.5,))


def test_absent_images_and_a_part_of_the_set(webvision_tree):
    plan = webvision_mini_plan(str(webvision_tree))
    with pytest.raises(
        InputError, match=r"name 50 images for the split 'train', the published set has 65,944.*--partial"
    ):
        check_plan(plan, partial=False)
    for number in (4, 7):
        (webvision_tree / plan.splits["train"][number].id).unlink()
    with pytest.raises(DataNotFoundError, match=r"name 2 images \(of 100\) that do not exist, such as .*g4_0.jpg"):
        check_plan(plan, partial=True)


def test_animals_without_a_class(tmp_path):
    tree = images.write_animals(tmp_path)
    images.put(tree / "training/cat_1.jpg", 0)
    with pytest.raises(InputError, match=r"cat_1.jpg does not begin with its class"):
        animal10n_plan(str(tree))
