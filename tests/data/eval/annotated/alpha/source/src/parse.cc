#include "parse.h"

// A number in decimal digits.
Number Parse(Text digits) {
  Number sum = 0;
  for (Character digit : digits) {
    sum = sum * 10 + Value(digit);
  }
  return sum;
}
