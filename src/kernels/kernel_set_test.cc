#include "kernels/kernel_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace coderank::kernels {
namespace {

using ::testing::HasSubstr;

constexpr CpuFeatures kNothing{};
constexpr CpuFeatures kHaswell{.avx2 = true, .fma = true, .f16c = true};
constexpr CpuFeatures kSkylakeServer{.avx2 = true,
                                     .fma = true,
                                     .f16c = true,
                                     .avx512f = true,
                                     .avx512bw = true,
                                     .avx512dq = true,
                                     .avx512vl = true};

#if defined(__x86_64__)
CpuFeatures With(CpuFeatures features, bool CpuFeatures::*more) {
  features.*more = true;
  return features;
}
#endif

std::string Chosen(const CpuFeatures& cpu, std::string_view forced = "") {
  const auto set = ChooseKernels(cpu, forced);
  return set ? (*set)->name : set.error().message();
}

TEST(KernelSetTest, ChoosesTheFastestSetTheCpuHas) {
  EXPECT_EQ(Chosen(kNothing), "scalar");
#if defined(__x86_64__)
  EXPECT_EQ(Chosen(kHaswell), "avx2");
  EXPECT_EQ(Chosen(kSkylakeServer), "avx512");
  const CpuFeatures icelake = With(kSkylakeServer, &CpuFeatures::avx512vnni);
  EXPECT_EQ(Chosen(icelake), "avx512vnni");
  EXPECT_EQ(Chosen(With(icelake, &CpuFeatures::amx_int8)), "amx");
  EXPECT_EQ(Chosen(With(kHaswell, &CpuFeatures::avxvnni)), "avxvnni");
  // Knights Landing's foundation without BW, DQ, VL is not enough.
  CpuFeatures partial = kHaswell;
  partial.avx512f = true;
  EXPECT_EQ(Chosen(partial), "avx2");
#elif defined(__aarch64__)
  EXPECT_EQ(Chosen({.asimddp = true}), "neon");
#endif
}

TEST(KernelSetTest, ForcingLowersTheChoice) {
  EXPECT_EQ(Chosen(kSkylakeServer, "scalar"), "scalar");
#if defined(__x86_64__)
  EXPECT_EQ(Chosen(kSkylakeServer, "avx2"), "avx2");
#endif
}

TEST(KernelSetTest, ForcingWhatTheCpuLacksIsAnError) {
#if defined(__x86_64__)
  const auto set = ChooseKernels(kHaswell, "avx512");
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(set.error().message(), HasSubstr("this CPU has no avx512"));
#elif defined(__aarch64__)
  const auto set = ChooseKernels(kNothing, "neon");
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(set.error().message(), HasSubstr("this CPU has no neon"));
#endif
}

TEST(KernelSetTest, UnknownNameIsAnErrorThatListsTheSets) {
  const auto set = ChooseKernels(kSkylakeServer, "sse9");
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(set.error().message(), HasSubstr("expected one of scalar"));
  EXPECT_THAT(set.error().message(), HasSubstr("\"sse9\""));
}

TEST(KernelSetTest, ReadsTheEnvironment) {
  const char* before = std::getenv("CODERANK_FORCE_ISA");
  const std::string saved = before == nullptr ? "" : before;
  ::setenv("CODERANK_FORCE_ISA", "scalar", 1);
  const auto forced = ChooseKernels();
  ::setenv("CODERANK_FORCE_ISA", "no-such-set", 1);
  const auto wrong = ChooseKernels();
  ::setenv("CODERANK_FORCE_ISA", saved.c_str(), 1);
  ASSERT_TRUE(forced);
  EXPECT_STREQ((*forced)->name, "scalar");
  EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace coderank::kernels
