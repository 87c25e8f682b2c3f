"""Published figures of chips and machines, and what is assumed where nothing is published."""

from typing import NamedTuple


class Chip(NamedTuple):
    """A chip, per second and in bytes.

    Attributes:
        flops: of bfloat16 products, dense.
        memory: bytes.
        bandwidth: of its memory.
        inside: bytes that it sends to the others of its slice or server.
        outside: bytes that it sends to other servers.
        latency: seconds of one step of a ring; assumed.
        source: of all but the latency.
    """

    name: str
    flops: float
    memory: float
    bandwidth: float
    inside: float
    outside: float
    latency: float
    source: str


class Machine(NamedTuple):
    """So many chips of a kind, in groups of `server` that are joined by fast links, each with `cores` for decoding."""

    name: str
    chip: Chip
    chips: int
    server: int
    cores: int


V5E = Chip(
    "TPU v5e",
    197e12,
    16e9,
    819e9,
    100e9,
    100e9,
    1e-6,
    "Google Cloud, TPU v5e, https://cloud.google.com/tpu/docs/v5e: 197 TFLOP/s, 16 GB, 819 GB/s, interconnect "
    "1,600 Gb/s over all links, of which half is taken to be sent; 256 chips in one torus",
)
H100 = Chip(
    "H100 SXM",
    989.4e12,
    80e9,
    3.35e12,
    450e9,
    50e9,
    5e-6,
    "NVIDIA, H100 and DGX H100 data sheets, https://www.nvidia.com/en-us/data-center/h100/: 989.4 TFLOP/s (half of the "
    "sparse figure), 80 GB, 3.35 TB/s, NVLink 900 GB/s both ways together, one 400 Gb/s port per GPU between servers",
)
MACHINES = (
    Machine("v5e-8", V5E, 8, 256, 112),  # 224 virtual processors
    Machine("v5e-256", V5E, 256, 256, 32 * 112),
    Machine("8 x H100", H100, 8, 8, 112),
    Machine("64 x H100", H100, 64, 8, 8 * 112),
)
PRODUCTS = 0.4  # share of `flops` that convolutions reach; assumed
STREAMED = 0.7  # share of `bandwidth` that is reached; assumed
LINKED = 0.7  # share of `inside` and `outside` that a ring reaches; assumed
DECODED = 650.0  # images per second and core, 500 x 375 to 224 x 224: experiments/input_pipeline
