// What a person sees: escaped text, colour only on a terminal, a progress line.
#pragma once

#include <string>
#include <string_view>

#include "coderank/collections.h"
#include "coderank/indexing.h"
#include "coderank/log.h"
#include "coderank/models.h"
#include "coderank/status.h"

namespace coderank::cli {

// Control characters and characters that reorder a line (bidirectional overrides) as \x1b or
// \u202e, so that file names and source cannot drive the terminal. Tabs stay, and newlines where
// `multiline` says so. The result is valid UTF-8.
std::string EscapeForTerminal(std::string_view text, bool multiline = false);

// Standard output with optional colour. Colour is off when standard output is not a terminal or
// NO_COLOR is set.
class Styler {
 public:
  Styler();
  std::string Path(std::string_view text) const;
  std::string Faint(std::string_view text) const;

 private:
  std::string Wrap(std::string_view code, std::string_view text) const;
  bool colour_;
};

// Notes and progress on standard error. One line is redrawn on a terminal; otherwise a line is
// printed every few seconds.
class Console {
 public:
  explicit Console(bool quiet);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  void Note(std::string_view text);  // nothing when quiet
  void Error(const Status& status);  // always
  void Progress(const IndexProgress& progress);
  void Progress(const ModelPullProgress& progress);
  void Progress(const CollectionProgress& progress);
  void EndProgress();

  LogSink log_sink();

 private:
  // Redraws the line, as `full` or, where that does not fit, as `brief`.
  void Redraw(std::string full, std::string brief);

  bool quiet_;
  bool terminal_;
  // One that is redrawn, or a line every few seconds; `seconds` into the phase.
  void Show(double seconds, std::string full, std::string brief);

  bool line_open_ = false;
  double last_printed_ = -1;  // seconds into the phase
  IndexProgress::Phase last_phase_ = IndexProgress::Phase::kScanning;
};

// kUnavailable where results were lost, as on a full disk. A reader that left, as `head` does, has
// had what it wanted.
Status FlushOutput();

// Whether standard output is a pipe or a socket that nobody reads any more.
bool ReaderHasLeft();

// "3.2 MB", "417 B".
std::string HumanBytes(uint64_t bytes);

}  // namespace coderank::cli
