"""What every training script here shares: folders, checkpoints, pausing, ONNX export, contact sheets."""
