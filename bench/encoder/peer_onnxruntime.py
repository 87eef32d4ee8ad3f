"""The peers ONNX Runtime f32 and int8; see prepare.py for how the graphs are made."""
import pathlib

import numpy
import onnxruntime

import peer_protocol


class OnnxPeer(peer_protocol.Peer):
    """Takes a folder of plain.onnx and masked.onnx. Attention without a mask has the faster kernel,
    so the masked graph is loaded only when a padded group is computed."""

    def __init__(self, folder, threads):
        self.folder, self.threads = pathlib.Path(folder), threads
        self.sessions = {}
        self.session("plain")

    def session(self, name):
        if name not in self.sessions:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self.threads
            options.log_severity_level = 3
            self.sessions[name] = onnxruntime.InferenceSession(
                self.folder / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
        return self.sessions[name]

    def prepare(self, sequences):
        ids, mask = peer_protocol.padded(sequences)
        positions = numpy.broadcast_to(numpy.arange(ids.shape[1]), ids.shape).copy()
        inputs = {"ids": ids, "positions": positions}
        if mask is None:
            return self.session("plain"), inputs
        return self.session("masked"), inputs | {"mask": mask.astype(numpy.int32)}

    def compute(self, prepared):
        session, inputs = prepared
        return session.run(None, inputs)[0]


def main():
    folder, threads = peer_protocol.model_threads()
    settings = (pathlib.Path(folder) / "settings.txt").read_text().strip()
    peer_protocol.serve(OnnxPeer(folder, threads), f"onnxruntime {onnxruntime.__version__}", settings)


if __name__ == "__main__":
    main()
