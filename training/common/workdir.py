"""Where training keeps data, checkpoints and logs: outside of git.

The folder is `$DNB_TRAINING_DIR`, or `training/.work` (ignored by git) when that is not set.
"""

import os
from pathlib import Path

TRAINING = Path(__file__).resolve().parents[1]
REPOSITORY = TRAINING.parent
MEDIA = REPOSITORY / "media" / "models"


def work_root() -> Path:
    """The root of all work data; created when missing."""
    root = Path(os.environ.get("DNB_TRAINING_DIR") or TRAINING / ".work")
    root.mkdir(parents=True, exist_ok=True)
    return root


def work_folder(*parts: str) -> Path:
    """A folder below the work root; created when missing."""
    folder = work_root().joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
