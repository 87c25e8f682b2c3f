"""The launch files, as far as they can be checked without a cluster."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from jax._src.clusters import cloud_tpu_cluster

from meta_noise.hosts import start
from meta_noise.hosts.address import Address, parse

ROOT = Path(__file__).parents[2]
LAUNCH = ROOT / "launch"
SCRIPTS = ("tpu_pod.sh", "slurm.sbatch")
TPU = {"PROJECT": "p", "ZONE": "z", "NAME": "n", "SHARED": "10.0.0.2:/share", "EVERY": "0", "RUN": "mine"}


def stub(folder, name, body):
    """Puts a program of that name into a folder; it appends its name and its arguments to `calls`."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    log = f"printf '%s\\x1f' {name} \"$@\" >> {folder}/calls; printf '\\x1e' >> {folder}/calls"
    path.write_text(f"#!/usr/bin/env bash\n{log}\n{body}\n")
    path.chmod(0o755)


def run(folder, *words, **variables):
    """Returns the exit code of a command with the stubs of a folder, and what these were called with."""
    environment = {**os.environ, **variables, "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    calls = folder / "calls"
    lines = calls.read_text().split("\x1e")[:-1] if calls.exists() else []
    found = [line.split("\x1f")[:-1] for line in lines]
    return done.returncode, found, done.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_shell(name):
    subprocess.run(["bash", "-n", LAUNCH / name], check=True)


def gcloud(tmp_path, step, state="ACTIVE"):
    stub(tmp_path / "bin", "gcloud", f'case "$*" in *describe*) echo {state} ;; esac')
    stub(tmp_path / "bin", "tar", "")
    return run(tmp_path / "bin", "bash", LAUNCH / "tpu_pod.sh", step, **TPU)


def test_a_pod_is_made_and_deleted(tmp_path):
    code, calls, _ = gcloud(tmp_path, "create")
    assert code == 0 and [call[3:6] for call in calls] == [
        ["queued-resources", "create", "n"],
        ["queued-resources", "describe", "n"],
    ]
    assert {"--node-id=n", "--accelerator-type=v5litepod-16", "--project=p", "--zone=z"} <= set(calls[0])
    code, calls, _ = gcloud(tmp_path, "delete")
    assert code == 0 and calls[-1][3:7] == ["queued-resources", "delete", "n", "--force"]


def test_a_pod_that_does_not_come(tmp_path):
    code, _, error = gcloud(tmp_path, "create", "FAILED")
    assert code == 1 and "FAILED" in error


def test_all_hosts_of_a_pod_train(tmp_path):
    code, calls, _ = gcloud(tmp_path, "train")
    (call,) = calls
    assert code == 0 and call[3:6] == ["tpu-vm", "ssh", "n"] and "--worker=all" in call
    command = next(word for word in call if word.startswith("--command=")).removeprefix("--command=")
    subprocess.run(["bash", "-n", "-c", command], check=True)
    words = dict(word.split("=", 1) for word in shlex.split(command) if word.startswith("--"))
    assert parse(words["--multihost"]) == "auto" and (ROOT / words["--config"]).is_file()
    assert words["--workdir"] == "/mnt/shared/runs/mine"


def test_what_hosts_of_a_pod_install(tmp_path):
    code, calls, _ = gcloud(tmp_path, "install")
    assert code == 0
    copied, installed = (call for call in calls if call[0] == "gcloud")
    assert copied[4] == "scp" and "--worker=all" in copied and "--worker=all" in installed
    command = next(word for word in installed if word.startswith("--command=")).removeprefix("--command=")
    subprocess.run(["bash", "-n", "-c", command], check=True)
    assert "mount -t nfs 10.0.0.2:/share /mnt/shared" in command and "meta_noise[tpu]" in command


def test_a_stop_does_not_end_the_shell_that_says_it(tmp_path):
    _, calls, _ = gcloud(tmp_path, "stop")
    command = next(word for word in calls[0] if word.startswith("--command=")).removeprefix("--command=")
    pattern = shlex.split(command)[-1]
    assert re.search(pattern, "python -m meta_noise.main --multihost=auto") and not re.search(pattern, command)


def test_a_pod_without_a_name(tmp_path):
    code, _, error = run(tmp_path, "bash", LAUNCH / "tpu_pod.sh", "create", PROJECT="p", ZONE="z")
    assert code != 0 and "a name for the slice" in error


def test_hosts_of_a_pod_find_each_other(monkeypatch):
    """By the metadata that each host of a slice made by a queued resource has."""
    told = {"agent-worker-number": "1", "worker-network-endpoints": "a:8470:10.0.0.5,b:8470:10.0.0.6", "tpu-env": ""}
    monkeypatch.delenv("TPU_SKIP_MDS_QUERY", raising=False)  # JAX sets it where there is no TPU
    monkeypatch.setattr(cloud_tpu_cluster, "running_in_cloud_tpu_vm", True)
    monkeypatch.setattr("jax._src.clusters.cluster.running_in_cloud_tpu_vm", True)
    monkeypatch.setattr(cloud_tpu_cluster, "get_metadata", lambda key: (told[key], 200))
    assert start.detected() == Address("10.0.0.5:8482", 2, 1)


SRUN = """
words=()
for word in "$@"; do case "$word" in --gpu-bind*|--kill*|--wait*) ;; *) words+=("$word") ;; esac; done
export SLURM_STEP_NODELIST=localhost SLURM_STEP_NUM_NODES=1 SLURM_NTASKS=2
for rank in 0 1; do SLURM_PROCID=$rank SLURM_LOCALID=$rank "${words[@]}" & pids[$rank]=$!; done
code=0
for rank in 0 1; do wait ${pids[$rank]} || code=$?; done
exit $code
"""


def batch(tmp_path, python, *words):
    """Runs the batch script; `srun` starts the words twice, with the variables that Slurm's own sets."""
    stub(tmp_path / "bin", "srun", SRUN)
    stub(tmp_path / "bin", "scontrol", "")
    return run(tmp_path / "bin", "bash", LAUNCH / "slurm.sbatch", *words, PYTHON=str(python), SLURM_JOB_ID="4711")


def settings_of_batch():
    lines = (LAUNCH / "slurm.sbatch").read_text().splitlines()
    return dict(
        line.removeprefix("#SBATCH --").split("=", 1) for line in lines if line.startswith("#SBATCH --") and "=" in line
    )


def test_a_batch_script_asks_for_two_nodes():
    settings = settings_of_batch()
    assert settings["nodes"] == "2" and settings["ntasks-per-node"] == settings["gpus-per-node"]
    assert settings["signal"].startswith("TERM@")  # to the steps, not to the shell alone


def test_a_batch_script_starts_processes_that_find_each_other(tmp_path):
    report = tmp_path / "report.py"
    report.write_text(
        "import sys\nfrom meta_noise.hosts.start import detected\nfrom meta_noise.hosts.address import parse\n"
        "assert parse(sys.argv[3].removeprefix('--multihost=')) == 'auto', sys.argv\n"
        f"open(f'{tmp_path}/' + str(detected().process), 'w').write(repr(detected()) + ' '.join(sys.argv[4:]))\n"
    )
    python = tmp_path / "python"
    python.write_text(f'#!/usr/bin/env bash\nexec {os.sys.executable} {report} "$@"\n')
    python.chmod(0o755)
    code, _, error = batch(tmp_path, python, "configs/digits.py", "runs/mine")
    assert code == 0, error
    for rank in range(2):
        found = (tmp_path / str(rank)).read_text()
        assert repr(Address("localhost:66151", 2, rank, (rank,))).replace("66151", str(4711 % 4096 + 61440)) in found
        assert found.endswith("--config=configs/digits.py --workdir=runs/mine")


@pytest.mark.parametrize(("code", "requeued"), [(143, True), (2, False), (0, False)])
def test_a_batch_script_that_was_stopped_goes_back_into_the_queue(tmp_path, code, requeued):
    python = tmp_path / "python"
    python.write_text(f"#!/usr/bin/env bash\nexit {code}\n")
    python.chmod(0o755)
    found, calls, _ = batch(tmp_path, python)
    assert found == code and (["scontrol", "requeue", "4711"] in calls) == requeued


def jobset():
    return yaml.safe_load((LAUNCH / "gke_jobset.yaml").read_text())


def check_model(kubernetes, kind, value, path):
    """Checks an object of Kubernetes, and all below it, against the fields and the types that its client knows."""
    if match := re.fullmatch(r"[Ll]ist\[(.+)\]", kind):
        assert isinstance(value, list), path
        for number, entry in enumerate(value):
            check_model(kubernetes, match[1], entry, f"{path}[{number}]")
    elif match := re.fullmatch(r"[Dd]ict[\[(]str, (.+)[\])]", kind):
        for key, entry in value.items():
            check_model(kubernetes, match[1], entry, f"{path}.{key}")
    elif kind in ("int", "bool"):
        assert type(value).__name__ == kind, path
    elif kind == "str":
        assert isinstance(value, str), path
    else:
        model = getattr(kubernetes.client, kind)
        names = {json: name for name, json in model.attribute_map.items()}
        assert value.keys() <= names.keys(), f"{path}: {value.keys() - names.keys()}"
        for key, entry in value.items():
            check_model(kubernetes, model.openapi_types[names[key]], entry, f"{path}.{key}")
        model(**{names[key]: entry for key, entry in value.items()})  # asks for what is required


def test_the_job_of_kubernetes():
    kubernetes = pytest.importorskip("kubernetes")
    for job in jobset()["spec"]["replicatedJobs"]:
        check_model(kubernetes, "V1JobTemplateSpec", job["template"], job["name"])


def test_the_jobset():
    """Against the fields of `jobset.x-k8s.io/v1alpha2` that it uses."""
    found = jobset()
    assert (found["apiVersion"], found["kind"]) == ("jobset.x-k8s.io/v1alpha2", "JobSet")
    spec = found["spec"]
    assert spec.keys() <= {"failurePolicy", "replicatedJobs", "network", "successPolicy", "suspend", "startupPolicy"}
    policy = spec["failurePolicy"]
    assert policy.keys() <= {"maxRestarts", "restartStrategy", "rules"}
    for rule in policy["rules"]:
        assert rule.keys() <= {"name", "action", "onJobFailureReasons", "targetReplicatedJobs"}
        assert rule["action"] in ("FailJobSet", "RestartJobSet", "RestartJobSetAndIgnoreMaxRestarts")
        assert re.fullmatch(r"[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?", rule["name"])
    for job in spec["replicatedJobs"]:
        assert job.keys() <= {"name", "replicas", "template", "dependsOn", "groupName"}
        name = f"{found['metadata']['name']}-{job['name']}-0-0"
        assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name) and len(name) < 64


def test_hosts_of_a_jobset_find_each_other(monkeypatch):
    """By the variables that GKE sets in pods which ask for TPUs, for the names and the number of this file."""
    found = jobset()
    (job,) = found["spec"]["replicatedJobs"]
    spec = job["template"]["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    base = f"{found['metadata']['name']}-{job['name']}-0"
    names = [f"{base}-{number}.{found['metadata']['name']}" for number in range(spec["parallelism"])]
    monkeypatch.setattr(cloud_tpu_cluster, "running_in_cloud_tpu_vm", True)
    monkeypatch.setattr("jax._src.clusters.cluster.running_in_cloud_tpu_vm", True)
    monkeypatch.setattr(cloud_tpu_cluster.socket, "gethostbyname", lambda name: "10.0.0.1")
    for name, value in {
        "TPU_SKIP_MDS_QUERY": "true",
        "TPU_WORKER_HOSTNAMES": ",".join(names),
        "TPU_WORKER_ID": "3",
        "MEGASCALE_COORDINATOR_ADDRESS": names[0],
        "MEGASCALE_NUM_SLICES": str(job["replicas"]),
        "MEGASCALE_SLICE_ID": "0",
    }.items():
        monkeypatch.setenv(name, value)
    assert start.detected() == Address(f"{names[0]}:8482", 4, 3)
    assert {"containerPort": 8482} in container["ports"]
    chips = [
        int(side) for side in spec["template"]["spec"]["nodeSelector"]["cloud.google.com/gke-tpu-topology"].split("x")
    ]
    assert chips[0] * chips[1] == spec["parallelism"] * int(container["resources"]["limits"]["google.com/tpu"])


def test_what_a_jobset_runs_is_a_command_of_ours():
    (job,) = jobset()["spec"]["replicatedJobs"]
    (container,) = job["template"]["spec"]["template"]["spec"]["containers"]
    words = dict(word.removeprefix("--").split("=", 1) for word in container["args"])
    assert parse(words["multihost"]) == "auto" and (ROOT / words["config"]).is_file()
    mounted = container["volumeMounts"][0]["mountPath"]
    assert words["workdir"].startswith(f"{mounted}/") and container["command"] == ["python", "-m", "meta_noise.main"]
