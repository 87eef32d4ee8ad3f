#include "matrix.h"

#define CHECK(x) if (!(x)) abort()

namespace math::dense {

// Rows and columns.
template <typename T>
class Matrix {
 public:
  Matrix(int rows, int columns);
  ~Matrix();
  T& operator()(int row, int column) { return values_[row * columns_ + column]; }
  int rows() const;
  operator bool() const { return rows_ > 0; }

 private:
  int rows_ = 0;
  int columns_ = 0;
  std::vector<T> values_;
};

enum class Order { kRows, kColumns };
using Real = Matrix<double>;
constexpr int kLimit = 1000;

}  // namespace math::dense

/// Makes a matrix without values, in which
/// every element is what T() is.
template <typename T>
math::dense::Matrix<T>::Matrix(int rows, int columns)
    : rows_(rows), columns_(columns), values_(rows * columns) {
  CHECK(rows >= 0);
}

template <typename T>
bool operator==(const math::dense::Matrix<T>& a, const math::dense::Matrix<T>& b) {
  Matrix<T> difference(a.rows(), a.rows());
  return a.rows() == b.rows();
}

const char* Name() { return "matrix"; }
