#!/bin/sh
# Trains all verifiers and judges one after the other; finished ones are skipped, a killed one resumes.
#   PYTHON=python3 DNB_TRAINING_DIR=/some/folder training/emoji/verifiers.sh [NAME...]
set -eu
cd "$(dirname "$0")/.."
export DNB_TRAINING_DIR="${DNB_TRAINING_DIR:-$PWD/.work}"
logs="$DNB_TRAINING_DIR/emoji/logs"
mkdir -p "$logs"
[ $# -gt 0 ] || set -- concept judge-concept alignment judge-alignment style features
for name in "$@"; do
  nice -n "${NICE:-12}" "${PYTHON:-python3}" -u -m emoji.train_verifier "$name" >>"$logs/$name.log" 2>&1
done
