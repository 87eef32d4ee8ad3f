#include "model/calibration_texts.h"

namespace coderank {
namespace {
constexpr std::string_view kTexts[] = {
    "def parse_args(argv):\n    parser = ArgumentParser()\n    return parser.parse_args(argv)\n",
    "func (s *Server) Close() error {\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n\treturn "
    "s.listener.Close()\n}\n",
    "where is the retry backoff computed?",
};
}  // namespace
std::span<const std::string_view> CalibrationTexts() { return kTexts; }
}  // namespace coderank
