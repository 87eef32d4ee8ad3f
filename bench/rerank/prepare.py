"""Makes what the engines load, once: prepare.py FOLDER SEED."""
import pathlib
import sys

import onnx_graph
import random_model


def main():
    root, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    if (root / "complete").exists():
        return
    random_model.write(root / "model", seed)
    onnx_graph.write(root / "model", root / "f32.onnx", root / "int8.onnx")
    (root / "complete").touch()


if __name__ == "__main__":
    main()
