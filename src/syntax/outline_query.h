// OutlineQuery: a language's query file, compiled, and what it finds in a tree.
//
// Captures have a meaning of ours:
//   @definition.KIND  something that is defined; KIND is what people call it
//   @container.KIND   the same, and what it holds is cut into definitions of its own
//   @extension.KIND   a container that does not define its name but adds to it, as an impl
//   @heading.KIND     a container that reaches to the next heading beside it, or to the end
//   @member.KIND      a definition that is never a chunk by itself, as a field
//   @name             of it; may be qualified
//   @scope            what a definition says it belongs to, as the receiver of a Go method
//   @body             where its signature ends; the field `body` when there is none
//   @attached         a comment or decorator that belongs to a definition on the line below
// Of two patterns for one name the earlier in the file counts.
//
// Predicates, which tree-sitter's C library leaves to its users:
//   (#any-of? @capture "a" ...)      its text is one of these
//   (#not-any-of? @capture "a" ...)
//   (#not-in? @capture "type" ...)   the node around it has none of these types
#pragma once

#include <tree_sitter/api.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/status.h"
#include "syntax/languages.h"
#include "syntax/outline.h"

namespace coderank {

struct FoundDefinition {
  Definition definition;  // without name and scope
  std::string_view name;  // as they stand in the text
  std::string_view scope;
};

class OutlineQuery {
 public:
  explicit OutlineQuery(const Grammar& grammar);
  const Status& status() const { return status_; }

  // In the order of names. Attached spans are appended to `attached`, ascending.
  std::vector<FoundDefinition> Run(TSQueryCursor* cursor, TSNode root, std::string_view text,
                                   std::vector<Outline::Attached>& attached) const;

 private:
  enum class Role { kNone, kDefinition, kName, kScope, kBody, kAttached };
  struct Capture {
    Role role = Role::kNone;
    DefinitionRole definition = DefinitionRole::kWhole;
    bool heading = false;
    std::string kind;
  };
  struct Predicate {
    enum class Test { kAnyOf, kNotAnyOf, kNotIn } test;
    uint32_t capture;
    std::vector<std::string_view> values;
  };
  struct QueryDeleter {
    void operator()(TSQuery* query) const { ts_query_delete(query); }
  };

  struct Found {
    FoundDefinition result;
    uint32_t pattern = 0;
    bool heading = false;
    const void* parent = nullptr;  // identifies the node around a heading
  };

  Status ReadCaptures();
  Status ReadPredicates();
  bool Holds(const TSQueryMatch& match, std::string_view text) const;
  std::optional<Found> Read(const TSQueryMatch& match, std::string_view text,
                            std::vector<Outline::Attached>& attached) const;
  static void EndHeadings(std::vector<Found>& all);

  std::unique_ptr<TSQuery, QueryDeleter> query_;
  std::vector<Capture> captures_;                   // by capture id
  std::vector<std::vector<Predicate>> predicates_;  // by pattern
  Status status_;
};

}  // namespace coderank
