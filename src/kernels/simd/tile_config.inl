// The operand of LDTILECFG, 64 bytes (Intel SDM volume 1, 18.2 "Tile configuration"). Included
// inside a set's namespace.

namespace {

struct TileConfig {
  uint8_t palette;  // 1: eight tiles of at most 16 rows x 64 bytes; 0: tiles not in use
  uint8_t start_row;
  uint8_t reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};
static_assert(sizeof(TileConfig) == 64);

}  // namespace
