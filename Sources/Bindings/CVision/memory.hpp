#pragma once

namespace sakk {
/// As long as one of these is there, memory of pictures is kept for the next picture; with the last one it is given back.
/// First member of whatever holds pictures, so that it goes last.
struct Lent {
    Lent();
    ~Lent();
    Lent(const Lent &) = delete;
    Lent &operator=(const Lent &) = delete;
};
}  // namespace sakk
