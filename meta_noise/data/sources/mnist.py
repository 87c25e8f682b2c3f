"""MNIST: 70,000 grey images of handwritten digits, 28 x 28.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document Recognition", Proceedings
of the IEEE 86(11), 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf.
"""

from meta_noise.data.idx import idx_source
from meta_noise.data.source import Source


def mnist(path: str = "", part: str = "train", verify: bool = True) -> Source:
    """Returns 60,000 training or 10,000 test images of digits.

    Args:
        path: folder with the four official files (`train-images-idx3-ubyte.gz`, ...), packed or not.
        part: "train" or "test".
        verify: compare each file with its published checksum.

    Returns:
        inputs [N, 28, 28, 1] uint8; ids such as "mnist-train-00012" hold the row number in the file.
    """
    return idx_source("mnist", path, part, tuple("0123456789"), verify)
