"""Small trees of real JPEG files, laid out as the distributors of image sets lay theirs out."""

import io
from pathlib import Path

import numpy as np
import scipy.io
from PIL import Image

SYNSETS = tuple(f"n{1440764 + 13 * number:08d}" for number in range(1000))


def jpeg(seed, label=0, width=100, height=80, quality=90):
    """Returns the bytes of a JPEG whose colour depends on the class, with noise on it."""
    rng = np.random.default_rng(seed)
    colour = np.random.default_rng([7, label]).integers(30, 226, size=3)
    noise = rng.normal(0, 20, (height // 4 + 1, width // 4 + 1, 3)).repeat(4, 0).repeat(4, 1)[:height, :width]
    data = io.BytesIO()
    Image.fromarray(np.clip(colour + noise, 0, 255).astype(np.uint8)).save(data, "JPEG", quality=quality)
    return data.getvalue()


def put(path, *args, **settings):
    """Writes a JPEG, see `jpeg`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jpeg(*args, **settings))


def write_lines(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def write_webvision(tree: Path, classes=50, train=2, width=100, height=80):
    """Writes WebVision with `train` images per class from Google, one from Flickr, two classes more than the first."""
    listed = {"google": [], "flickr": [], "val": []}
    for label in range(classes + 2):
        for number in range(train):
            name = f"google/q{label + 1:04d}/g{label}_{number}.jpg"
            put(tree / name, [0, label, number], label, width, height + number)
            listed["google"].append(f"{name} {label}")
        name = f"flickr/q{label + 1:04d}/f{label}.jpg"
        put(tree / name, [1, label], label, width, height)
        listed["flickr"].append(f"{name} {label}")
        name = f"val{label + 1:06d}.jpg"
        put(tree / "val_images_256" / name, [2, label], label, width, height)
        listed["val"].append(f"{name} {label}")
    for search in ("google", "flickr"):
        write_lines(tree / f"info/train_filelist_{search}.txt", listed[search])
    write_lines(tree / "info/val_filelist.txt", listed["val"])
    write_lines(tree / "info/synsets.txt", [f"{synset} thing {n}, more" for n, synset in enumerate(SYNSETS)])
    return tree


def write_imagenet(tree: Path, classes=50, train=2, width=80, height=100):
    """Writes ILSVRC 2012 with one validation image and `train` training images for the first synsets."""
    for label, synset in enumerate(SYNSETS[:classes]):
        put(tree / f"val/{synset}/ILSVRC2012_val_{label:08d}.JPEG", [3, label], label, width, height)
        for number in range(train):
            put(tree / f"train/{synset}/{synset}_{number}.JPEG", [4, label, number], label, width, height)
    return tree


def write_flat_imagenet(tree: Path, classes=50):
    """Writes ILSVRC 2012's validation images as they are shipped, two of each class, with the development kit."""
    numbers = np.random.default_rng(0).permutation(classes) + 1  # number of each class in the kit
    order = np.random.default_rng(1).permutation(np.repeat(np.arange(classes), 2))
    for place, label in enumerate(order, 1):
        put(tree / f"val/ILSVRC2012_val_{place:08d}.JPEG", [3, place], int(label), 40, 50)
    data = tree / "ILSVRC2012_devkit_t12/data"
    write_lines(data / "ILSVRC2012_validation_ground_truth.txt", [numbers[label] for label in order])
    entries = [(np.uint16(numbers[label]), SYNSETS[label]) for label in range(classes)]
    kinds = [("ILSVRC2012_ID", object), ("WNID", object)]
    scipy.io.savemat(data / "meta.mat", {"synsets": np.array(entries, kinds)[:, None]})
    return tree, order


def write_clothing1m(tree: Path, noisy=28, clean=14):
    """Writes Clothing1M with so many noisy images, a third of them wrong, and clean ones in each of three sets."""
    noisy_labels, clean_labels = {}, {}
    keys = {name: [] for name in ("noisy_train", "clean_train", "clean_val", "clean_test")}
    for part, name in enumerate(keys):
        for number in range(noisy if part == 0 else clean):
            truth = number % 14
            key = f"images/{part}/{number % 3}/{part},{number}.jpg"
            put(tree / key, [part, number], truth, 60, 70)
            keys[name].append(key)
            if part == 0:
                noisy_labels[key] = (truth + (number % 3 == 0)) % 14
            else:
                clean_labels[key] = truth
            if part == 1:  # these have both
                noisy_labels[key] = (truth + (number % 3 == 0)) % 14
    for kind, labels in (("noisy", noisy_labels), ("clean", clean_labels)):
        write_lines(tree / f"{kind}_label_kv.txt", [f"{key} {label}" for key, label in labels.items()])
    for name, listed in keys.items():
        write_lines(tree / f"{name}_key_list.txt", listed)
    write_lines(tree / "category_names_eng.txt", [f"Garment {number}" for number in range(14)])
    return tree


def write_food(tree: Path, other: Path):
    """Writes Food-101N with two images per class and Food-101 with one test image per class."""
    names = [f"dish_{number:03d}" for number in range(101)]
    images, test = [], []
    for label, name in enumerate(names):
        for number in range(2):
            key = f"{name}/{label:04x}{number}.jpg"
            put(tree / "images" / key, [label, number], label, 50, 40)
            images.append(key)
        put(other / "images" / name / f"{label}.jpg", [label, 9], label, 50, 40)
        test.append(f"{name}/{label}")
    write_lines(tree / "meta/classes.txt", ["class_name", *names])
    write_lines(tree / "meta/imagelist.tsv", ["class_name/key", *images])
    header = "class_name/key\tverification_label"
    train = [f"{key}\t{int(n % 3 > 0)}" for n, key in enumerate(images[:60])]
    held = [f"{key}\t{n % 2}" for n, key in enumerate(images[-20:])]
    write_lines(tree / "meta/verified_train.tsv", [header, *train])
    write_lines(tree / "meta/verified_val.tsv", [header, *held])
    write_lines(other / "meta/test.txt", test)
    return tree, other


def write_cnwl(tree: Path, side=40):
    """Writes mini-ImageNet with two images per class: all right, 50% web images (red), 50% flips (blue), a test set."""
    originals = [(f"{SYNSETS[label]}{number:08d}.jpg", label) for label in range(100) for number in range(2)]
    for name, label in originals:
        put(tree / "all_images" / name, [label, 0], label, side, side)
    lists = {"red_noise_nl_0.0": originals, "blue_noise_nl_0.0": originals}
    webs = [(f"{label:016x}.jpg", label) for label in range(100)]
    for name, label in webs:
        put(tree / "noisy_images" / name, [label, 1], label + 500, side, side + 5)
    lists["red_noise_nl_0.5"] = [*originals[::2], *webs]
    lists["blue_noise_nl_0.5"] = [(name, (label + (n % 2)) % 100) for n, (name, label) in enumerate(originals)]
    validation = [(f"ILSVRC2012_val_{label:08d}.jpg", label) for label in range(100)]
    for name, label in validation:
        put(tree / "validation" / str(label) / name, [label, 2], label, side, side)
    lists["clean_validation"] = validation
    for name, rows in lists.items():
        write_lines(tree / "mini-imagenet/split" / name, [f"{image} {label}" for image, label in rows])
    write_lines(tree / "mini-imagenet/class_name.txt", [f"{SYNSETS[label]} thing {label}" for label in range(100)])
    return tree


def write_animals(tree: Path):
    """Writes ANIMAL-10N with three training images and one test image per class."""
    for label in range(10):
        for number in range(3):
            put(tree / f"training/{label}_img_{number}.jpg", [label, number], label, 64, 64)
        put(tree / f"testing/{label}_img_9.jpg", [label, 9], label, 64, 64)
    return tree
