"""The peers ONNX Runtime f32 and int8: takes a file of onnx_graph.py."""
import pathlib
import sys

import numpy
import onnxruntime

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "encoder"))
import peer_protocol


class OnnxPeer(peer_protocol.Peer):
    def __init__(self, path, threads):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(path, options,
                                                    providers=["CPUExecutionProvider"])

    def prepare(self, sequences):
        return {"ids": numpy.array(sequences, numpy.int64)}

    def compute(self, prepared):
        return self.session.run(None, prepared)[0]


def main():
    path, threads = peer_protocol.model_threads()
    peer_protocol.serve(OnnxPeer(path, threads), f"onnxruntime {onnxruntime.__version__}",
                        pathlib.Path(path).stem)


if __name__ == "__main__":
    main()
