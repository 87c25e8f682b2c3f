"""Fashion-MNIST: 70,000 grey images of clothing, 28 x 28, in the format of MNIST.

H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms",
2017, https://arxiv.org/abs/1708.07747.
"""

from meta_noise.data.idx import idx_source
from meta_noise.data.source import Source

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def fashion_mnist(path: str = "", part: str = "train", verify: bool = True) -> Source:
    """Returns 60,000 training or 10,000 test images of clothing.

    Args:
        path: folder with the four official files (`train-images-idx3-ubyte.gz`, ...), packed or not.
        part: "train" or "test".
        verify: compare each file with its published checksum.

    Returns:
        inputs [N, 28, 28, 1] uint8; ids such as "fashion_mnist-train-00012" hold the row number in the file.
    """
    return idx_source("fashion_mnist", path, part, CLASS_NAMES, verify)
