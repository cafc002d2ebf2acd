"""A network that this project did not train: MobileNetV2 1.4 of nsfwjs, converted to ONNX."""
