// The arguments of Service::Embed as one value.
#pragma once

#include <string>
#include <vector>

namespace coderank::server {

struct EmbeddingsRequest {
  std::string model;
  std::vector<std::string> texts;
  bool query = false;
  bool normalize = true;
};

}  // namespace coderank::server
