#include "server/bound_service.h"

#include "base/try.h"

namespace coderank::server {
namespace {

// The user has named these folders to be searched: their indexes are wanted, whoever gives up.
CallContext WithIndexKept(const CallContext& context) {
  CallContext kept = context;
  kept.keeps_first_index = true;
  return kept;
}

}  // namespace

// Of several folders the engine shows the one in which a result lies, as it was given: here by the
// name that the caller knows.
void BoundService::NameFolders(SearchReport& report) const {
  for (SearchResult& result : report.results) result.path = roots_.Named(result.path);
}

Result<SearchReport> BoundService::Search(const SearchRequest& request,
                                          const CallContext& context) {
  SearchRequest bound = request;
  const bool all = roots_.list().size() > 1 && request.more_directories.empty() &&
                   (request.directory.empty() || request.directory == ".");
  if (all) {
    bound.directory = roots_.list().front().folder;
    for (size_t i = 1; i < roots_.list().size(); ++i) {
      bound.more_directories.push_back(roots_.list()[i].folder);
    }
  } else {
    CODERANK_ASSIGN(bound.directory, roots_.Resolve(request.directory));
    for (auto& directory : bound.more_directories) {
      CODERANK_ASSIGN(directory, roots_.Resolve(directory));
    }
  }
  auto report = service_.Search(bound, WithIndexKept(context));
  if (report && !bound.more_directories.empty()) NameFolders(*report);
  return report;
}

Result<SearchReport> BoundService::FindRelated(const RelatedRequest& request,
                                               const CallContext& context) {
  RelatedRequest bound = request;
  CODERANK_ASSIGN(bound.search.directory, roots_.Resolve(request.search.directory));
  CODERANK_ASSIGN(bound.file, roots_.Resolve(request.file.is_absolute()
                                                 ? request.file
                                                 : bound.search.directory / request.file));
  return service_.FindRelated(bound, WithIndexKept(context));
}

Result<StatusReport> BoundService::IndexStatus(const StatusRequest& request,
                                               const CallContext& context) {
  StatusRequest bound = request;
  CODERANK_ASSIGN(bound.directory, roots_.Resolve(request.directory));
  return service_.IndexStatus(bound, context);
}

Result<IndexReport> BoundService::Refresh(const IndexRequest& request, const CallContext& context) {
  IndexRequest bound = request;
  CODERANK_ASSIGN(bound.directory, roots_.Resolve(request.directory));
  return service_.Refresh(bound, context);
}

}  // namespace coderank::server
