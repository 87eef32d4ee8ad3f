#include "model/pack_model.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "model/architectures.h"
#include "model/bert.h"
#include "model/calibration_texts.h"
#include "model/encoder_fit.h"
#include "model/float_layers.h"
#include "model/json_config.h"
#include "model/model_folder.h"
#include "model/packed_file.h"
#include "model/packed_layers.h"
#include "model/quantize.h"
#include "model/weight_files.h"

namespace coderank {
namespace {

// Collects what goes into each projection.
class Calibration : public nn::ActivationObserver {
 public:
  explicit Calibration(size_t projections) : statistics_(projections) {}

  void Observe(size_t layer, const float* x, size_t rows, size_t in) override {
    statistics_[layer].Add(x, rows, in);
  }
  void Add(const Calibration& other) {
    for (size_t i = 0; i < statistics_.size(); ++i) statistics_[i].Add(other.statistics_[i]);
  }
  const ChannelStatistics& of(size_t layer) const { return statistics_[layer]; }

 private:
  std::vector<ChannelStatistics> statistics_;
};

// Where calibration texts are cut, whatever the record says: the packed file is then the same for
// every choice of the longest text.
constexpr size_t kCalibrationTokens = 512;

// Calibration text `i` as the model will see texts: a judge of pairs sees each after the one
// before.
Result<TokenBatch> CalibrationBatch(const ModelRecord& record, const Tokenizer& tokenizer, size_t i,
                                    size_t length) {
  const std::span<const std::string_view> texts = CalibrationTexts();
  TokenBatch batch;
  if (record.kind == ModelKind::kCrossEncoder) {
    const std::string_view before = texts[i == 0 ? texts.size() - 1 : i - 1];
    CODERANK_ASSIGN(const PairEncoding pair, tokenizer.EncodePair(before, texts[i], length));
    batch.Append({std::span(pair.ids), pair.second_begin});
  } else {
    const Encoding encoding = tokenizer.Encode(texts[i], length);
    batch.Append(std::span(encoding.ids));
  }
  return batch;
}

// Each text on a thread of its own; summed in their order, so that the number of threads does not
// show in the result.
Result<Calibration> Calibrate(const Encoder& encoder, const ModelRecord& record, size_t projections,
                              const Tokenizer& tokenizer, ThreadPool& pool) {
  const size_t length = std::min(kCalibrationTokens, encoder.max_positions());
  std::vector<TokenBatch> batches(CalibrationTexts().size());
  for (size_t i = 0; i < batches.size(); ++i) {
    CODERANK_ASSIGN(batches[i], CalibrationBatch(record, tokenizer, i, length));
  }
  std::vector<Calibration> parts(batches.size(), Calibration(projections));
  pool.ParallelFor(batches.size(), [&](size_t i) {
    nn::Workspace workspace;
    workspace.blocks.resize(1);
    workspace.blocks.front().projection.observer = &parts[i];
    encoder.Forward(batches[i], States::kAll, nullptr, workspace);
  });
  Calibration calibration(projections);
  for (const Calibration& part : parts) calibration.Add(part);
  return calibration;
}

// Finite weights may still give what cannot be quantised.
Status CheckFinite(const ChannelStatistics& statistics, const ModelRecord& record) {
  if (std::all_of(statistics.eighths.begin(), statistics.eighths.end(),
                  [](double v) { return std::isfinite(v); })) {
    return OkStatus();
  }
  return Corrupt(StrCat("model ", record.name,
                        ": the weights overflow f32 on plain code; run `coderank model verify`"));
}

template <typename T>
Status AddNumbers(PackedFileWriter& writer, const std::string& name, const std::vector<T>& values) {
  return writer.Add(name, std::span<const T>(values));
}

Status AddProjection(PackedFileWriter& writer, const ProjectionSpec& spec,
                     const QuantizedProjection& projection) {
  const ProjectionSections names(spec);
  CODERANK_TRY(AddNumbers(writer, names.panels, projection.panels));
  CODERANK_TRY(AddNumbers(writer, names.scale, projection.scale));
  CODERANK_TRY(AddNumbers(writer, names.sum, projection.sum));
  if (!spec.biases.empty()) CODERANK_TRY(AddNumbers(writer, names.bias, projection.bias));
  CODERANK_TRY(AddNumbers(writer, names.outlier_weights, projection.outlier_weights));
  CODERANK_TRY(AddNumbers(writer, names.outlier_channels, projection.outlier_channels));
  return AddNumbers(writer, names.channel_scale, projection.channel_scale);
}

Status AddVector(PackedFileWriter& writer, const WeightFiles& files, const std::string& tensor,
                 size_t n) {
  const uint64_t shape[] = {n};
  CODERANK_ASSIGN(const std::vector<float> values, files.Read(tensor, shape));
  return AddNumbers(writer, tensor, values);
}

Status AddFloats(PackedFileWriter& writer, const WeightFiles& files,
                 const FloatLayers::Plain& plain) {
  CODERANK_ASSIGN(const std::vector<float> values, files.Read(plain.tensor, plain.shape));
  return AddNumbers(writer, plain.tensor, values);
}

// In f16: half the memory, and an error of 2^-11 of a value, far below that of the int8 layers.
Status AddTable(PackedFileWriter& writer, const WeightFiles& files, const FloatLayers::Table& table,
                const kernels::KernelSet& kernels) {
  const uint64_t shape[] = {table.rows, table.n};
  CODERANK_ASSIGN(const std::vector<float> values, files.Read(table.tensor, shape));
  std::vector<uint16_t> half(values.size());
  kernels.f32_to_f16(values.data(), values.size(), half.data());
  return AddNumbers(writer, table.tensor, half);
}

}  // namespace

Sha256Digest PackIdentity(ModelRecord record) {
  // The layout of the panels; the scheme is part of the fingerprint.
  constexpr int kPanelLayoutVersion = 1;
  record.max_length = 0;  // the user may choose another one every time
  return Sha256Of(
      StrCat("coderank int8 pack, layout ", kPanelLayoutVersion, ", model ", record.Fingerprint()));
}

Status PackModel(const std::filesystem::path& folder, const ModelRecord& record,
                 const Tokenizer& tokenizer, const kernels::KernelSet& kernels, ThreadPool& pool,
                 const std::filesystem::path& path) {
  const std::filesystem::path transformer = folder / record.transformer_folder;
  CODERANK_ASSIGN(const JsonConfig config, LoadModelConfig(transformer));
  CODERANK_ASSIGN(const EncoderLoader load, FindArchitecture(record.architecture));
  CODERANK_ASSIGN(const WeightFiles files, WeightFiles::Open(transformer));
  FloatLayers layers(files, kernels);
  std::unique_ptr<Encoder> encoder;
  CODERANK_ASSIGN(encoder, load(config, layers, kernels));
  CODERANK_TRY(CheckEncoderFits(*encoder, record));
  CODERANK_TRY(CheckTokenizerFits(tokenizer, encoder->vocabulary_size(), record.name));
  if (record.kind == ModelKind::kCrossEncoder) {
    CODERANK_ASSIGN(const PairHead head, LoadBertPairHead(config, layers, kernels));
  }
  CODERANK_ASSIGN(const Calibration calibration,
                  Calibrate(*encoder, record, layers.projections().size(), tokenizer, pool));
  encoder.reset();  // its memory is needed for the quantised copy

  CODERANK_ASSIGN(PackedFileWriter writer, PackedFileWriter::Create(path, PackIdentity(record)));
  for (const FloatLayers::Table& table : layers.tables()) {
    CODERANK_TRY(AddTable(writer, files, table, kernels));
  }
  for (const NormSpec& norm : layers.norms()) {
    CODERANK_TRY(AddVector(writer, files, norm.gamma, norm.n));
    CODERANK_TRY(AddVector(writer, files, norm.beta, norm.n));
  }
  for (const FloatLayers::Plain& plain : layers.floats()) {
    CODERANK_TRY(AddFloats(writer, files, plain));
  }
  for (size_t i = 0; i < layers.projections().size(); ++i) {
    const ProjectionSpec& spec = layers.projections()[i];
    CODERANK_ASSIGN(const std::vector<float> weight, ReadWeights(files, spec));
    CODERANK_ASSIGN(const std::vector<float> bias, ReadBiases(files, spec));
    CODERANK_TRY(CheckFinite(calibration.of(i), record));
    CODERANK_TRY(AddProjection(writer, spec, Quantize(spec, weight, bias, calibration.of(i))));
  }
  return writer.Finish();
}

}  // namespace coderank
