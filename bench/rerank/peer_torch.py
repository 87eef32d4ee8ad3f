"""The peer PyTorch f32, in inference mode."""
import pathlib
import sys

import torch

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "encoder"))
import bert_torch
import peer_protocol


class TorchPeer(peer_protocol.Peer):
    def __init__(self, folder):
        self.model = bert_torch.load(folder)

    def prepare(self, sequences):
        return torch.tensor(sequences)

    def compute(self, prepared):
        with torch.inference_mode():
            return self.model(prepared).numpy()


def main():
    folder, threads = peer_protocol.model_threads()
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    peer_protocol.serve(TorchPeer(folder), f"torch {torch.__version__}", "encoder layers, eager")


if __name__ == "__main__":
    main()
