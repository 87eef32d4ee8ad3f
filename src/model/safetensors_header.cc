#include "model/safetensors_header.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/strings.h"

namespace coderank {
namespace {

using nlohmann::json;

// {"__metadata__": {"key": "text", ...}, "<tensor>": {"dtype": ..., "shape": [...],
// "data_offsets": [begin, end]}, ...}. Every event that this grammar has no place for ends the
// parse.
class HeaderReader : public nlohmann::json_sax<json> {
 public:
  std::vector<TensorEntry> TakeEntries() { return std::move(entries_); }
  const std::string& problem() const { return problem_; }

  bool null() override { return Misplaced("null"); }
  bool boolean(bool) override { return Misplaced("a boolean"); }
  bool number_integer(number_integer_t) override { return Misplaced("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return Misplaced("a fractional or too large number");
  }
  bool binary(binary_t&) override { return Misplaced("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::kList) return Misplaced("a number");
    list_->push_back(value);
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::kMetadata) return true;
    if (place_ != Place::kTensor || field_ != "dtype") return Misplaced("a string");
    entries_.back().dtype = std::move(value);
    return true;
  }

  bool start_object(size_t) override {
    switch (place_) {
      case Place::kOutside:
        place_ = Place::kHeader;
        return true;
      case Place::kHeader:
        place_ = name_ == "__metadata__" ? Place::kMetadata : Place::kTensor;
        if (place_ == Place::kTensor) entries_.emplace_back().name = name_;
        fields_.clear();
        return true;
      default:
        return Misplaced("an object");
    }
  }

  bool key(string_t& value) override {
    if (place_ == Place::kHeader) {
      name_ = std::move(value);
      if (!names_.insert(name_).second) return Fail("the name appears twice");
      return true;
    }
    field_ = std::move(value);
    if (!fields_.insert(field_).second) return Fail(StrCat("field \"", field_, "\" appears twice"));
    if (place_ == Place::kMetadata || field_ == "dtype" || field_ == "shape" ||
        field_ == "data_offsets") {
      return true;
    }
    return Fail(StrCat("expected dtype, shape, data_offsets, found field \"", field_, "\""));
  }

  bool end_object() override {
    if (place_ == Place::kTensor && !CheckEntry()) return false;
    place_ = place_ == Place::kHeader ? Place::kOutside : Place::kHeader;
    return true;
  }

  bool start_array(size_t) override {
    if (place_ != Place::kTensor || field_ == "dtype") return Misplaced("an array");
    list_ = field_ == "shape" ? &entries_.back().shape : &entries_.back().offsets;
    place_ = Place::kList;
    return true;
  }

  bool end_array() override {
    place_ = Place::kTensor;
    return true;
  }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    problem_ = StrCat("header: expected JSON, found a syntax error at byte ", position);
    return false;
  }

 private:
  enum class Place { kOutside, kHeader, kMetadata, kTensor, kList };

  bool CheckEntry() {
    for (const char* field : {"dtype", "shape", "data_offsets"}) {
      if (fields_.count(field) == 0) return Fail(StrCat("field \"", field, "\" is missing"));
    }
    const size_t offsets = entries_.back().offsets.size();
    return offsets == 2 || Fail(StrCat("data_offsets: expected 2 numbers, found ", offsets));
  }

  bool Fail(std::string_view problem) {
    problem_ =
        name_.empty() ? StrCat("header: ", problem) : StrCat("header: \"", name_, "\": ", problem);
    return false;
  }
  bool Misplaced(std::string_view found) {
    return Fail(
        StrCat("expected an object of tensor descriptions, found ", found, " out of place"));
  }

  Place place_ = Place::kOutside;
  std::string name_;   // the tensor being read
  std::string field_;  // its field being read
  std::vector<uint64_t>* list_ = nullptr;
  std::set<std::string> names_;
  std::set<std::string> fields_;
  std::vector<TensorEntry> entries_;
  std::string problem_;
};

}  // namespace

Result<std::vector<TensorEntry>> ParseSafetensorsHeader(std::string_view text) {
  HeaderReader reader;
  if (!json::sax_parse(text.begin(), text.end(), &reader)) return Corrupt(reader.problem());
  return reader.TakeEntries();
}

}  // namespace coderank
