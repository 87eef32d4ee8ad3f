"""The peers OpenVINO f32 and int8; see prepare.py for how the models are made.

One stream with all threads, which is the latency mode. In f32 the precision is pinned, since
OpenVINO computes in bf16 by itself where the CPU can; the int8 model is left that freedom for what
is not quantised, because it is faster and the cosine hardly changes.
"""
import pathlib

import openvino

import peer_protocol


class OpenVinoPeer(peer_protocol.Peer):
    """Takes a folder of plain.xml and masked.xml; the masked one is loaded when first needed."""

    def __init__(self, folder, threads, precision):
        self.folder = pathlib.Path(folder)
        self.options = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
                        "PERFORMANCE_HINT": "LATENCY"}
        if precision == "f32":
            self.options["INFERENCE_PRECISION_HINT"] = "f32"
        self.core = openvino.Core()
        self.requests = {}
        self.request("plain")

    def request(self, name):
        if name not in self.requests:
            model = self.core.compile_model(self.folder / f"{name}.xml", "CPU", self.options)
            self.requests[name] = model.create_infer_request()
        return self.requests[name]

    def prepare(self, sequences):
        ids, mask = peer_protocol.padded(sequences)
        if mask is None:
            return self.request("plain"), {0: ids}
        return self.request("masked"), {0: ids, 1: mask}

    def compute(self, prepared):
        request, inputs = prepared
        return request.infer(inputs)[0].copy()


def main():
    folder, threads = peer_protocol.model_threads()
    precision = (pathlib.Path(folder) / "precision.txt").read_text().strip()
    peer = OpenVinoPeer(folder, threads, precision)
    rest = peer.request("plain").get_compiled_model().get_property("INFERENCE_PRECISION_HINT")
    peer_protocol.serve(peer, f"openvino {openvino.__version__}",
                        f"{precision}, the rest {rest.get_type_name()}, latency hint")


if __name__ == "__main__":
    main()
