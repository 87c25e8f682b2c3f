"""The door of every data set: which part is wanted, where its files are, and whether they are the published ones.

Sources of the checksums: the `.gz` files of MNIST and Fashion-MNIST as recorded by tensorflow_datasets 4.9.10, their
unpacked forms from files that agree with it; the CIFAR archives as recorded by Keras, the files inside as recorded by
torchvision; the compact CIFAR-10 from its README. A digest of 32 digits is MD5, one of 64 is SHA-256.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from meta_noise.errors import DataNotFoundError, InputError, unknown_name

PARTS = ("train", "test")
CHECKSUMS: dict[str, dict[str, str]] = {
    "mnist": {
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    "fashion_mnist": {
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
    "cifar10": {
        "cifar-10-python.tar.gz": "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
        "test_batch": "40351d587109b95175f43aff81a1287e",
    },
    "cifar100": {
        "cifar-100-python.tar.gz": "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
        "train": "16019d7e3df5f24257cddd939b257f8d",
        "test": "f0ef6b0ae62326f3e7ffdfab6717acfc",
        "meta": "7973b15100ade9c7d40fb424638fde48",
    },
    "cifar10_compact": {
        "index.npz": "e42692495289ec5bea1cb5d87f3532268dff7015c3fc1a254ea72e886baf75f3",
        "cifar10n.npz": "6306c16d9d3633bc39f6e5191d00317a8642eb38ceaae11526b57c5af3a9b016",
        "train_scans.bin": "9e82e79d88343c9db7f1dacb695123c24874fafb3119497a9eefd2b6318336f2",
        "test_scans.bin": "4af714c659dcdbe707c0fa5309f61f25eadbddfa9a8b8adfdca65f24ff6770e8",
    },
}


def check_part(part: str, parts: Iterable[str] = PARTS) -> str:
    """Returns `part`, or raises InputError unless it is one of `parts`, "train" or "test" where not given."""
    if part not in (choices := tuple(parts)):
        raise unknown_name("part of a data set", str(part), choices)
    return part


def not_found(name: str, path: str | os.PathLike[str], advice: str = "", file: str = "") -> DataNotFoundError:
    """Returns the error for files of data set `name` that are not at `path`, with the way to get them."""
    folder = os.fspath(path) or "DIR"
    lacking = f"{file} of data set {name}" if file else f"data set {name}"
    what = f"the folder {folder} does not hold {lacking}" if os.fspath(path) else f"data set {name} needs a path"
    advice = advice or f"Get it with `python -m meta_noise.data.download {name} {folder}`"
    return DataNotFoundError(f"{what[0].upper()}{what[1:]}. {advice}, then give that folder as the path.")


def existing_path(name: str, path: str | os.PathLike[str], advice: str = "") -> Path:
    """Returns `path` as a Path, or raises DataNotFoundError where it is empty or does not exist."""
    if not os.fspath(path) or not Path(path).exists():
        raise not_found(name, path, advice)
    return Path(path)


def check_bytes(data: bytes, name: str, file: str, where: str | os.PathLike[str]) -> None:
    """Raises InputError unless `data` is the content of `file` as published for data set `name`.

    Args:
        data: the whole file.
        name: a data set of `CHECKSUMS`.
        file: the file's published name.
        where: the place it was read from, for the message.
    """
    expected = CHECKSUMS[name][file]
    algorithm = "md5" if len(expected) == 32 else "sha256"
    got = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
    if got != expected:
        raise InputError(
            f"{where} is not the published {file} of data set {name}: expected {algorithm} {expected}, got {got}. "
            "It is damaged or another version: get it again, or pass verify=False to use it as it is."
        )
