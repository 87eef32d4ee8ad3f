#!/usr/bin/env python3
"""Makes vectors for the texts of `coderank texts export`, on whatever machine has a GPU or time.

    coderank texts export texts.jsonl                 # here
    embed_texts.py --model NAME_OR_FOLDER texts.jsonl vectors.jsonl      # there
    coderank vectors import vectors.jsonl             # here

Needs sentence-transformers and nothing else of coderank. The model has to be the one that the index
uses: this script can check its dimension and nothing more. Models with code of their own (NomicBERT,
so CodeRankEmbed) need --trust-remote-code. src/engine/vector_exchange.h has the two formats.
"""

import argparse
import itertools
import json
import sys

BLOCK = 4096  # texts embedded, and sorted by length, together


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", help="file of coderank texts export")
    parser.add_argument("vectors", help="file to write")
    parser.add_argument("--model", required=True, help="a folder, or a name on the hub")
    parser.add_argument("--device", help="cpu, cuda, ...; default: the best there is")
    parser.add_argument("--batch", type=int, default=32, help="texts a batch [32]")
    parser.add_argument("--trust-remote-code", action="store_true", help="run the model's own code")
    return parser.parse_args()


def read_header(line):
    header = json.loads(line)
    if header.get("format") != "coderank-texts" or header.get("version") != 1:
        sys.exit("embed_texts: not a file of `coderank texts export` of version 1")
    return header


def load_model(arguments, header):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(arguments.model, device=arguments.device,
                                trust_remote_code=arguments.trust_remote_code)
    model.max_seq_length = header["max_tokens"]
    return model


def write_block(block, model, header, batch, out):
    texts = [header["document_prompt"] + entry["text"] for entry in block]
    vectors = model.encode(texts, batch_size=batch, normalize_embeddings=True,
                           convert_to_numpy=True, show_progress_bar=False)
    if vectors.shape[1] != header["dimension"]:
        sys.exit(f"embed_texts: the model gives {vectors.shape[1]} numbers a text, "
                 f"the index has {header['dimension']}: another model")
    lengths = [len(ids) for ids in model.tokenizer(texts, truncation=False, verbose=False)["input_ids"]]
    for entry, vector, length in zip(block, vectors, lengths):
        # repr of a float64 reads back to the same f32.
        json.dump({"sha256": entry["sha256"], "vector": [float(x) for x in vector],
                   "tokens": min(length, header["max_tokens"]),
                   "truncated": length > header["max_tokens"]}, out, separators=(",", ":"))
        out.write("\n")


def main():
    arguments = parse_arguments()
    with open(arguments.texts, encoding="utf-8") as source:
        header = read_header(source.readline())
        model = load_model(arguments, header)
        done = 0
        with open(arguments.vectors, "x", encoding="utf-8") as out:
            json.dump({"format": "coderank-vectors", "version": 1,
                       "fingerprint": header["fingerprint"]}, out)
            out.write("\n")
            while block := [json.loads(line) for line in itertools.islice(source, BLOCK)]:
                write_block(block, model, header, arguments.batch, out)
                done += len(block)
                print(f"embed_texts: {done} texts", file=sys.stderr)


if __name__ == "__main__":
    main()
