#pragma once
#include "wide.hpp"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// A loop's body is compiled twice: for machines with eight lanes and for others.
namespace {
using Bytes8 [[maybe_unused]] = uint8_t __attribute__((vector_size(8)));
using Bytes16 [[maybe_unused]] = uint8_t __attribute__((vector_size(16)));
using Words8 [[maybe_unused]] = uint16_t __attribute__((vector_size(16)));
using Float8 [[maybe_unused]] = float __attribute__((vector_size(32)));
using Double4 [[maybe_unused]] = double __attribute__((vector_size(32)));

#define SAKK_BODY static inline __attribute__((always_inline))
#if defined(__x86_64__)
bool isWide() {
    static const bool is = cv::checkHardwareSupport(CV_CPU_AVX2);
    return is;
}
#define SAKK_WIDE(name, parameters, arguments) SAKK_WIDE_OF(void, name, parameters, arguments)
#define SAKK_WIDE_OF(type, name, parameters, arguments) \
    __attribute__((target("avx2,popcnt"))) static type name##Wide parameters { return name##Body arguments; } \
    type sakk::name parameters { return isWide() ? name##Wide arguments : name##Body arguments; }
#else
#define SAKK_WIDE(name, parameters, arguments) SAKK_WIDE_OF(void, name, parameters, arguments)
#define SAKK_WIDE_OF(type, name, parameters, arguments) \
    type sakk::name parameters { return name##Body arguments; }
#endif

template <typename Vector, typename Value> SAKK_BODY void load(Vector &vector, const Value *from) {
    std::memcpy(&vector, from, sizeof vector);
}

SAKK_BODY float sumOf(const Float8 &v) {
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}
}  // namespace
