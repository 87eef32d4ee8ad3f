#include <cstdio>

int main() {
  std::puts("coderank");
  return 0;
}
