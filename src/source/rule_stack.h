// RuleStack: the ignore rules in force at a place of the walk, from the weakest to the strongest.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "text/ignore_rules.h"

namespace coderank {

// Not thread-safe.
class RuleStack {
 public:
  struct Decision {
    const IgnoreRules* rules = nullptr;
    const IgnoreRule* rule = nullptr;  // nullptr: no rule speaks of the path
  };

  // The rules belong to the folder whose path (with its final '/') is `base` bytes long.
  void Push(IgnoreRules rules, size_t base) {
    if (!rules.empty()) rows_.push_back({std::move(rules), base});
  }
  size_t size() const { return rows_.size(); }
  void Truncate(size_t size) {
    rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(size), rows_.end());
  }

  // The strongest row with a matching rule. `path` lies below every row's folder.
  Decision Decide(std::string_view path, bool is_folder) const {
    for (size_t i = rows_.size(); i-- > 0;) {
      const IgnoreRule* rule = rows_[i].rules.LastMatch(path.substr(rows_[i].base), is_folder);
      if (rule != nullptr) return {&rows_[i].rules, rule};
    }
    return {};
  }

 private:
  struct Row {
    IgnoreRules rules;
    size_t base = 0;
  };
  std::vector<Row> rows_;
};

}  // namespace coderank
