// Packed int8 GEMM on matrix tiles, over the tile vocabulary of int8_amx_tiles.inl or its emulation
// in the tests; finished by int8_epilogue.inl. Included inside the set's namespace.
//
// Eight tiles of 16 rows x 64 bytes: 2 x 2 of sums (two times 16 rows, two panels), two of
// activations, two of weights, so each loaded tile serves two products. A step takes 64 of the
// depth: 16 groups of four k in a panel are a tile of weights as they lie in memory. Fewer rows
// than 16 are a tile configured to fewer rows: memory beyond the last row is not touched. Around a
// block of tiles, as in gemm_int8.inl: the rows, then the panels.

namespace {

constexpr size_t kTileRowsMost = 16;
constexpr size_t kRowTiles = 2;
constexpr size_t kPanelTiles = 2;
constexpr size_t kBlockRowsMost = kRowTiles * kTileRowsMost;

// The tiles' numbers: sums 0 .. 3, activations 4 and 5, weights 6 and 7.
constexpr int SumTile(size_t row_tile, size_t panel) {
  return static_cast<int>(row_tile * kPanelTiles + panel);
}
constexpr int RowsTile(size_t row_tile) { return static_cast<int>(4 + row_tile); }
constexpr int WeightsTile(size_t panel) { return static_cast<int>(6 + panel); }

// For blocks of `rows` in [1, 32] rows. A tile configured to no rows may not be used.
inline TileConfig ConfigFor(size_t rows) {
  TileConfig config{};
  config.palette = 1;
  const size_t first = AtMost(rows, kTileRowsMost);
  const size_t counts[kRowTiles] = {first, rows - first};
  const auto set = [&config](int tile, size_t count) {
    config.rows[tile] = static_cast<uint8_t>(count);
    config.row_bytes[tile] = count == 0 ? 0 : kInt8DepthStep;
  };
  for (size_t r = 0; r < kRowTiles; ++r) {
    set(RowsTile(r), counts[r]);
    for (size_t p = 0; p < kPanelTiles; ++p) set(SumTile(r, p), counts[r]);
  }
  for (size_t p = 0; p < kPanelTiles; ++p) set(WeightsTile(p), kInt8DepthStep / kInt8Group);
  return config;
}

// sums[rows][kPanels * 16], aligned: the exact products of a block.
template <size_t kRowTilesUsed, size_t kPanels>
void MultiplyTiles(const Int8Tile& t, int32_t* sums) {
  constexpr size_t kSumsStride = kPanels * kInt8Panel * sizeof(int32_t);
  const size_t depth = t.weights->depth;
  const uint8_t* a = t.rows->values + t.row * depth;
  const int8_t* b = t.weights->panels + t.panel * kInt8Panel * depth;
  Unroll<kRowTilesUsed>([](auto r) {
    Unroll<kPanels>([](auto p) { ZeroTile<SumTile(decltype(r)::kValue, decltype(p)::kValue)>(); });
  });
  for (size_t k = 0; k < depth; k += kInt8DepthStep) {
    Unroll<kPanels>([&](auto p) {
      LoadTile<WeightsTile(decltype(p)::kValue)>(b + p.kValue * kInt8Panel * depth, kGroupBytes);
    });
    Unroll<kRowTilesUsed>([&](auto r) {
      LoadTile<RowsTile(decltype(r)::kValue)>(a + r.kValue * kTileRowsMost * depth, depth);
      Unroll<kPanels>([](auto p) {
        constexpr size_t kR = decltype(r)::kValue;
        constexpr size_t kP = decltype(p)::kValue;
        AddTileProducts<SumTile(kR, kP), RowsTile(kR), WeightsTile(kP)>();
      });
    });
    a += kInt8DepthStep;
    b += kInt8Panel * kInt8DepthStep;
  }
  Unroll<kRowTilesUsed>([&](auto r) {
    Unroll<kPanels>([&](auto p) {
      StoreTileTo<SumTile(decltype(r)::kValue, decltype(p)::kValue)>(
          sums + r.kValue * kTileRowsMost * kPanels * kInt8Panel + p.kValue * kInt8Panel,
          kSumsStride);
    });
  });
}

// All blocks of kPanels panels. `configured` is the number of rows that the tiles are set to.
template <size_t kPanels, bool kGated>
void MultiplyTilePanels(Int8Tile t, size_t row_count, size_t& configured) {
  alignas(64) int32_t sums[kBlockRowsMost * kPanels * kInt8Panel];
  for (; t.row < row_count; t.row += kBlockRowsMost) {
    const size_t rows = AtMost(row_count - t.row, kBlockRowsMost);
    if (rows != configured) LoadTileConfig(ConfigFor(rows));
    configured = rows;
    if (rows > kTileRowsMost) {
      MultiplyTiles<kRowTiles, kPanels>(t, sums);
    } else {
      MultiplyTiles<1, kPanels>(t, sums);
    }
    StoreTile<kPanels, kGated>(t, rows, sums);
  }
}

template <bool kGated>
void MultiplyInt8(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
                  const Int8Output& output) {
  if (row_count == 0) return;
  size_t configured = 0;
  for (size_t panel = output.first_panel; panel < output.last_panel; panel += kPanelTiles) {
    const Int8Tile tile{
        .weights = &weights, .rows = &rows, .output = &output, .row = 0, .panel = panel};
    if (output.last_panel - panel >= kPanelTiles) {
      MultiplyTilePanels<kPanelTiles, kGated>(tile, row_count, configured);
    } else {
      MultiplyTilePanels<1, kGated>(tile, row_count, configured);
    }
  }
  // Tiles in use would be saved at each switch of threads.
  ReleaseTiles();
}

}  // namespace

void GemmInt8(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
              const Int8Output& output) {
  MultiplyInt8<false>(rows, row_count, weights, output);
}

void GemmInt8Gated(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
                   const Int8Output& output) {
  MultiplyInt8<true>(rows, row_count, weights, output);
}
