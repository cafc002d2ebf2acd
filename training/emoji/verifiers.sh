#!/bin/sh
# Trains all verifiers and judges one after the other; finished ones are skipped, a killed one resumes.
#   PYTHON=python3 DNB_TRAINING_DIR=/some/folder training/emoji/verifiers.sh
set -eu
cd "$(dirname "$0")/.."
export DNB_TRAINING_DIR="${DNB_TRAINING_DIR:-$PWD/.work}"
logs="$DNB_TRAINING_DIR/emoji/logs"
mkdir -p "$logs"
for name in style concept judge-concept alignment judge-alignment features; do
  nice -n 12 "${PYTHON:-python3}" -u -m emoji.train_verifier "$name" >>"$logs/$name.log" 2>&1
done
