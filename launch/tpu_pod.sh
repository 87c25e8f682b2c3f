#!/usr/bin/env bash
# Training on a TPU pod slice of Google Cloud, one step at a time:
#
#   export PROJECT=my-project ZONE=us-west4-a NAME=noise SHARED=10.0.0.2:/share
#   launch/tpu_pod.sh create     # asks for the slice by a queued resource, and waits until it is there
#   launch/tpu_pod.sh install    # on all hosts: mounts the shared folder, installs this checkout
#   launch/tpu_pod.sh train      # on all hosts; the same again resumes
#   launch/tpu_pod.sh stop       # all save at the same step and end
#   launch/tpu_pod.sh delete
#
# SHARED is an NFS export that all hosts see, such as a Filestore instance in the same network.
set -euo pipefail

PROJECT=${PROJECT:?the Google Cloud project}
ZONE=${ZONE:?a zone with TPUs, such as us-west4-a}
NAME=${NAME:?a name for the slice}
ACCELERATOR=${ACCELERATOR:-v5litepod-16}
RUNTIME=${RUNTIME:-v2-alpha-tpuv5-lite}
CONFIG=${CONFIG:-configs/cifar10.py}
RUN=${RUN:-cifar10}
FOLDER=/mnt/shared

gcloud_tpu() { gcloud compute tpus "$@" --project="$PROJECT" --zone="$ZONE"; }
on_hosts() { gcloud_tpu tpu-vm ssh "$NAME" --worker="$1" --command="$2"; }

case "${1:-}" in
  create)
    gcloud_tpu queued-resources create "$NAME" --node-id="$NAME" \
      --accelerator-type="$ACCELERATOR" --runtime-version="$RUNTIME" ${SPOT:+--spot}
    until state=$(gcloud_tpu queued-resources describe "$NAME" --format="value(state.state)") && [ "$state" = ACTIVE ]; do
      case "$state" in FAILED | SUSPENDED) echo "The slice is $state." >&2; exit 1 ;; esac
      sleep "${EVERY:-30}"
    done
    ;;
  install)
    SHARED=${SHARED:?the NFS export that all hosts share, such as 10.0.0.2:/share}
    tar --exclude-vcs -czf "/tmp/$NAME.tar.gz" .
    gcloud_tpu tpu-vm scp "/tmp/$NAME.tar.gz" "$NAME:meta_noise.tar.gz" --worker=all
    on_hosts all "set -e
      sudo apt-get install -y nfs-common python3-venv
      sudo mkdir -p $FOLDER
      mountpoint -q $FOLDER || sudo mount -t nfs $SHARED $FOLDER
      mkdir -p meta_noise && tar -xzf meta_noise.tar.gz -C meta_noise
      python3 -m venv venv && venv/bin/pip install './meta_noise[tpu]'"
    ;;
  train)
    on_hosts all "cd meta_noise && exec ../venv/bin/python -m meta_noise.main --multihost=auto \
      --config=$CONFIG --workdir=$FOLDER/runs/$RUN"
    ;;
  stop)
    on_hosts 0 "pkill -TERM -f '[m]eta_noise.main'"
    ;;
  delete)
    gcloud_tpu queued-resources delete "$NAME" --force --quiet
    ;;
  *)
    echo "usage: $0 create|install|train|stop|delete" >&2
    exit 2
    ;;
esac
