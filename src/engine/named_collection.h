// A collection as the user names it, and what is to be known before its vectors are compared.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "coderank/result.h"
#include "engine/engine_share.h"
#include "migration/server_names.h"
#include "qdrant/client.h"

namespace coderank {

struct NamedCollection {
  ServerNames names;
  std::string asked;  // the name that was given
  std::string name;   // an alias followed
  qdrant::CollectionInfo info;

  static Result<NamedCollection> Find(qdrant::Client& client, const std::string& name);

  // The field whose vectors are compared: the unnamed one, or the only one.
  Result<qdrant::VectorField> SearchedVector() const;
};

// What its vectors were made with and of.
struct CollectionModel {
  std::shared_ptr<const LoadedModel> model;
  std::string text_key;
  bool guessed = false;  // the model, by the size of its vectors alone
};

Result<std::vector<qdrant::Point>> FirstPoints(qdrant::Client& client, const std::string& name);

}  // namespace coderank
