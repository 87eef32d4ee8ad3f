#include "source/relative_path.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "text/utf8.h"

namespace coderank {

Result<std::vector<std::string>> SplitRelativePath(const std::string& relative) {
  std::vector<std::string> parts;
  if (relative.starts_with('/') || relative.find('\0') != std::string::npos) {
    return InvalidArgument(StrCat(ToValidUtf8(relative), ": expected a path relative to the root"));
  }
  for (size_t at = 0; at < relative.size();) {
    const size_t end = std::min(relative.find('/', at), relative.size());
    std::string part = relative.substr(at, end - at);
    if (part == "..") {
      return InvalidArgument(StrCat(ToValidUtf8(relative), ": '..' could lead out of the root"));
    }
    if (!part.empty() && part != ".") parts.push_back(std::move(part));
    at = end + 1;
  }
  return parts;
}

}  // namespace coderank
