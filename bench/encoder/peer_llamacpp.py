"""The peer llama.cpp with Q8_0 weights, through the C interface of llama-cpp-python.

Embedding mode with CLS pooling; a group of sequences is one unpadded batch, computed at once
(n_ubatch holds every token), each sequence with an id of its own.
"""
import llama_cpp
import numpy

import peer_protocol

_TOKENS = 8192  # more than any shape has
_SEQUENCES = 32


class LlamaPeer(peer_protocol.Peer):
    def __init__(self, path, threads):
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(
            path.encode(), llama_cpp.llama_model_default_params())
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = _TOKENS
        parameters.n_seq_max = _SEQUENCES
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.embeddings = True
        parameters.pooling_type = llama_cpp.LLAMA_POOLING_TYPE_CLS
        self.context = llama_cpp.llama_init_from_model(self.model, parameters)
        self.hidden = llama_cpp.llama_model_n_embd(self.model)

    def prepare(self, sequences):
        batch = llama_cpp.llama_batch_init(sum(map(len, sequences)), 0, 1)
        for s, sequence in enumerate(sequences):
            for position, token in enumerate(sequence):
                i = batch.n_tokens
                batch.token[i], batch.pos[i], batch.logits[i] = token, position, True
                batch.n_seq_id[i], batch.seq_id[i][0] = 1, s
                batch.n_tokens += 1
        return len(sequences), batch

    def compute(self, prepared):
        sequences, batch = prepared
        code = llama_cpp.llama_encode(self.context, batch)
        if code != 0:
            raise RuntimeError(f"llama_encode: {code}")
        return numpy.array([llama_cpp.llama_get_embeddings_seq(self.context, s)[:self.hidden]
                            for s in range(sequences)], numpy.float32)


def main():
    path, threads = peer_protocol.model_threads()
    info = llama_cpp.llama_print_system_info().decode()
    used = [part.strip() for part in info.replace("CPU :", "").split("|") if "= 1" in part]
    peer_protocol.serve(LlamaPeer(path, threads), f"llama-cpp-python {llama_cpp.__version__}",
                        "Q8_0, built here; " + ", ".join(part.split(" = ")[0] for part in used))


if __name__ == "__main__":
    main()
