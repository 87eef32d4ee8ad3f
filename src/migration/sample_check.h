// Whether vectors of a collection are those that a model makes of its texts: a sample of points is
// embedded again and compared.
#pragma once

#include <cstdint>
#include <string>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "migration/document_vectors.h"
#include "qdrant/client.h"

namespace coderank {

struct SampleCheck {
  uint64_t points = 0;      // with a text
  double least_cosine = 1;  // between a stored vector and the one made now
  double median_cosine = 1;
  std::string worst;  // the id of the point with the least
};

// Vectors of one and the same model differ by the rounding of stored numbers alone: half precision,
// in which the cache keeps them, changes a cosine by 1e-6.
inline constexpr double kSameVector = 0.999;
// Vectors that another program made with the same model, perhaps in half precision, against ours in
// int8 (0.998 at worst) and cut at another length. Those of another model are as good as unrelated.
inline constexpr double kSameModel = 0.98;

Result<SampleCheck> CheckSample(qdrant::Client& client, const DocumentVectors& vectors,
                                const std::string& collection, const std::string& vector_name,
                                const std::string& text_key, const CancellationToken* cancel);

}  // namespace coderank
