"""Connecting the processes, with a limit on how long one waits for the others."""

import os
import socket
import threading
import time
import warnings

import jax
from jax._src import clusters  # what `jax.distributed.initialize` asks, needed before to name the coordinator

from meta_noise.errors import InputError, shown
from meta_noise.hosts import exchange
from meta_noise.hosts.address import FORM, Address

PATIENCE = 300.0  # seconds that processes wait for each other at the start
HEARTBEAT = 30  # seconds of silence after which a process counts as dead
VARIABLE = "META_NOISE_HOSTS_PATIENCE"  # seconds, in place of PATIENCE
_NEVER = 7 * 24 * 3600  # JAX's own limit ends the process without a sentence, so it must not come first


def detected() -> Address:
    """Returns the address of this process as the cluster says that JAX finds in the environment.

    Raises:
        InputError: there is none, or it does not say all.
    """
    try:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            coordinator, count, index, devices = clusters.ClusterEnv.auto_detect_unset_distributed_params(
                None, None, None, None, None, int(patience())
            )
    except Exception as error:  # the clusters tell of missing variables and services in many ways
        what = f"{type(error).__name__}: {shown(error)}"
        raise InputError(f"--multihost=auto fails while it looks for a cluster ({what:.400}). Give {FORM}.") from error
    if coordinator is None or count is None or index is None:
        why = "".join(f" ({' '.join(str(warning.message).split())})" for warning in found)
        raise InputError(f"--multihost=auto finds no cluster in the environment{why:.400}. Give {FORM}.")
    return Address(coordinator, count, index, None if devices is None else tuple(devices))


def patience() -> float:
    """Returns how many seconds processes wait for each other at the start."""
    text = os.environ.get(VARIABLE, "")
    try:
        return float(text) if text else PATIENCE
    except ValueError:
        raise InputError(f"The environment variable {VARIABLE} is {text!r:.40}; give seconds, such as 300.") from None


def connect(address: Address) -> None:
    """Connects this process to the others; before anything else asks JAX for its devices.

    Collectives between CPUs go through Gloo. A process that JAX has not heard for `HEARTBEAT` seconds ends all.

    Raises:
        InputError: the coordinator does not answer, or its port is taken.
    """
    limit = patience()
    _reach(address, limit)
    jax.config.update("jax_enable_preemption_service", False)  # signals are answered by the training loop
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # two steps at a time would mix up what Gloo sends
    _initialised(address, limit)
    exchange.introduce()


def _reach(address: Address, limit: float) -> None:
    """Returns when the coordinator can be reached; of process 0 when the port is free."""
    host, port = address.coordinator.rsplit(":", 1)
    if address.process == 0:
        _check_port(int(port))
        return
    begin, reason = time.monotonic(), ""
    while time.monotonic() - begin < limit:
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
            return
        except OSError as error:
            reason = error.strerror or str(error)
            time.sleep(min(1.0, limit / 10))
    raise InputError(
        f"The coordinator {address.coordinator} does not answer process {address.process} (waited {limit:.0f} s: "
        f"{reason}). Start process 0 on that machine, or check the name, the port and the firewall."
    )


def _check_port(port: int) -> None:
    try:
        with socket.socket(socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("", port))
    except OSError as error:
        raise InputError(
            f"Process 0 cannot listen on port {port} ({error.strerror or error}). End what uses it, or give all "
            "processes another port."
        ) from error


def _initialised(address: Address, limit: float) -> None:
    """Calls `jax.distributed.initialize`, in a thread, as no signal would be heard inside it.

    Raises:
        InputError: not all processes have come within `limit` seconds.
    """
    failed: list[BaseException] = []

    def initialise() -> None:
        try:
            jax.distributed.initialize(
                address.coordinator,
                address.processes,
                address.process,
                address.devices,
                cluster_detection_method="deactivate",
                initialization_timeout=_NEVER,
                heartbeat_timeout_seconds=HEARTBEAT,
            )
        except BaseException as error:
            failed.append(error)

    thread, end = threading.Thread(target=initialise, daemon=True), time.monotonic() + limit
    thread.start()
    while thread.is_alive() and time.monotonic() < end:
        thread.join(0.05)
    if thread.is_alive():
        raise InputError(
            f"Of {address.processes} processes not all have come to the coordinator {address.coordinator} (process "
            f"{address.process} waited {limit:.0f} s). Start those that are missing, each with an INDEX of its own, or "
            "give the right COUNT."
        )
    if failed:
        raise failed[0]
