#!/bin/sh
# Starts the sampler's training in the background, or says that it runs already; a killed run resumes.
#   PYTHON=python3 DNB_TRAINING_DIR=/some/folder training/emoji/start.sh
# First every concept, then the known ones (see data.py). The second stage's number of images comes from
# $DNB_TRAINING_DIR/emoji/target (400000 when that is missing); it may be changed between restarts until the learning
# rate begins to fall, at four fifths of it.
set -eu
cd "$(dirname "$0")/.."
export DNB_TRAINING_DIR="${DNB_TRAINING_DIR:-$PWD/.work}"
folder="$DNB_TRAINING_DIR/emoji"
mkdir -p "$folder/logs"
pid="$folder/pid"
if [ -f "$pid" ] && kill -0 "$(cat "$pid")" 2>/dev/null; then
  echo "already running: pid $(cat "$pid")"
  exit 0
fi
images=$(cat "$folder/target" 2>/dev/null || echo 400000)
setsid nohup nice -n "${NICE:-10}" sh -c "
  '${PYTHON:-python3}' -u -m emoji.train --all --images 2400000 --stop-after 6400 &&
  exec '${PYTHON:-python3}' -u -m emoji.train --images $images" >>"$folder/logs/sampler.log" 2>&1 </dev/null &
echo $! >"$pid"
sleep 1
kill -0 "$(cat "$pid")" && echo "running: pid $(cat "$pid"), log $folder/logs/sampler.log"
