// Searches of collections for the archives of wire_archive.h, which find these in the namespace of
// the structs.
#pragma once

#include "coderank/collections.h"

namespace coderank {

template <typename Archive>
void Fields(Archive& archive, PayloadFilter& f) {
  archive("key", f.key);
  archive("value", f.value);
}

template <typename Archive>
void Fields(Archive& archive, CollectionSearchRequest& r) {
  archive("query", r.query);
  archive("names", r.names);
  archive("text_key", r.text_key);
  archive("limit", r.limit);
  archive("candidates", r.candidates);
  archive("exact", r.exact);
  archive("filters", r.filters);
  archive("max_tokens", r.max_tokens);
  archive("judge", r.judge);
  archive("judge_model", r.judge_model);
  archive("judge_depth", r.judge_depth);
  archive("judge_weight", r.judge_weight);
}

template <typename Archive>
void Fields(Archive& archive, CollectionHit& h) {
  archive("collection", h.collection);
  archive("id", h.id);
  archive("score", h.score);
  archive("rerank_score", h.rerank_score);
  archive("text", h.text);
  archive("text_cut", h.text_cut);
  archive("place", h.place);
  archive("start_line", h.start_line);
  archive("end_line", h.end_line);
  archive("payload", h.payload);
}

template <typename Archive>
void Fields(Archive& archive, SearchedCollection& c) {
  archive("name", c.name);
  archive("model", c.model);
  archive("text_key", c.text_key);
  archive("hits", c.hits);
  archive("query_ms", c.query_ms);
  archive("server_ms", c.server_ms);
}

template <typename Archive>
void Fields(Archive& archive, CollectionSearchTimings& t) {
  archive("look_up", t.look_up);
  archive("load_model", t.load_model);
  archive("embed", t.embed);
  archive("query", t.query);
  archive("rerank", t.rerank);
  archive("total", t.total);
}

template <typename Archive>
void Fields(Archive& archive, CollectionSearchReport& r) {
  archive("hits", r.hits);
  archive("collections", r.collections);
  archive("by_rank", r.by_rank);
  archive("rerank", r.rerank);
  archive("timings", r.timings);
}

}  // namespace coderank
