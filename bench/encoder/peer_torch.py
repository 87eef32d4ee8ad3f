"""The peer PyTorch f32: eager mode, scaled_dot_product_attention, inference mode.

No mask is passed where nothing is padded, which leaves attention its fastest kernel.
"""
import torch

import nomic_torch
import peer_protocol


class TorchPeer(peer_protocol.Peer):
    def __init__(self, folder):
        self.model = nomic_torch.load(folder)

    def prepare(self, sequences):
        ids, mask = peer_protocol.padded(sequences)
        return torch.from_numpy(ids), None if mask is None else torch.from_numpy(mask)

    def compute(self, prepared):
        with torch.inference_mode():
            return self.model(*prepared).numpy()


def main():
    folder, threads = peer_protocol.model_threads()
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    peer_protocol.serve(TorchPeer(folder), f"torch {torch.__version__}",
                        f"eager, SDPA, {torch.backends.cpu.get_cpu_capability()}")


if __name__ == "__main__":
    main()
