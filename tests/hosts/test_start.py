"""Finding the others: what the cluster's environment says, and what is said where nobody answers."""

import socket

import pytest

from meta_noise.errors import InputError
from meta_noise.hosts import start
from meta_noise.hosts.address import Address

SLURM = {  # as srun sets them for the second of four tasks on two nodes
    "SLURM_JOB_ID": "4711",
    "SLURM_STEP_NODELIST": "gpu[03-04]",
    "SLURM_NTASKS": "4",
    "SLURM_PROCID": "1",
    "SLURM_LOCALID": "1",
    "SLURM_STEP_NUM_NODES": "2",
}
OPEN_MPI = {
    "OMPI_MCA_orte_hnp_uri": "1531576320.0;tcp://10.96.0.1,10.148.0.1:34911",
    "OMPI_COMM_WORLD_SIZE": "2",
    "OMPI_COMM_WORLD_RANK": "1",
    "OMPI_COMM_WORLD_LOCAL_RANK": "0",
}
NOWHERE = ("SLURM_JOB_ID", "OMPI_MCA_orte_hnp_uri", "KUBERNETES_SERVICE_HOST", "TPU_WORKER_HOSTNAMES")


@pytest.fixture
def environment(monkeypatch):
    for name in NOWHERE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(start.VARIABLE, "1")
    return monkeypatch


def test_slurm(environment):
    for name, value in SLURM.items():
        environment.setenv(name, value)
    assert start.detected() == Address(f"gpu03:{4711 % 4096 + 61440}", 4, 1, (1,))


def test_open_mpi(environment):
    for name, value in OPEN_MPI.items():
        environment.setenv(name, value)
    found = start.detected()
    assert (found.coordinator.split(":")[0], found.processes, found.process) == ("10.96.0.1", 2, 1)


def test_no_cluster(environment):
    with pytest.raises(InputError, match=r"finds no cluster.*HOST:PORT,COUNT,INDEX"):
        start.detected()


def test_a_cluster_that_does_not_say_all(environment):
    for name, value in {**SLURM, "SLURM_JOB_ID": "no number"}.items():
        environment.setenv(name, value)
    with pytest.raises(InputError, match="fails while it looks for a cluster"):
        start.detected()


def test_nobody_answers(environment):
    with socket.socket() as probe:  # bound, but not listening
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
        with pytest.raises(InputError, match=rf"coordinator localhost:{port} does not answer process 1 \(waited 1 s"):
            start.connect(Address(f"localhost:{port}", 2, 1))


def test_a_name_that_nobody_knows(environment):
    with pytest.raises(InputError, match=r"coordinator nobody\.invalid:80 does not answer"):
        start.connect(Address("nobody.invalid:80", 2, 1))


def test_a_port_that_is_taken(environment):
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=rf"cannot listen on port {port} \(Address already in use\)"):
            start.connect(Address(f"localhost:{port}", 2, 0))


def test_patience_is_a_number(environment):
    environment.setenv(start.VARIABLE, "long")
    with pytest.raises(InputError, match="give seconds"):
        start.patience()
