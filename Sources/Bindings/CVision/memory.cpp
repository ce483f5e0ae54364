// Pictures come and go by the hundred a card: their memory is lent from picture to picture, and given back when nothing is
// judged any more.
#include "memory.hpp"

#include <opencv2/core.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <vector>

namespace {
/// Blocks of a kilobyte and more, in steps of a quarter of a power of two; a larger one, up to twice the size, is lent before a
/// new one is made, so that there is less to be wiped. A block that was lent is not wiped between two pictures of one card: what
/// is given back goes through the process' own `free`, which wipes it.
class Lender final : public cv::MatAllocator {
public:
    void begin() {
        std::lock_guard<std::mutex> turn(lock);
        users++;
    }

    void end() {
        std::lock_guard<std::mutex> turn(lock);
        if (--users > 0) return;
        for (auto &blocks : idle) {
            for (void *block : blocks) cv::fastFree(block);
            blocks.clear();
        }
        held = 0;
    }

    cv::UMatData *allocate(
        int dims, const int *sizes, int type, void *own, size_t *step, cv::AccessFlag, cv::UMatUsageFlags) const override {
        size_t total = CV_ELEM_SIZE(type);
        for (int i = dims - 1; i >= 0; i--) {
            if (step) {
                if (own && step[i] != automatic) {
                    CV_Assert(total <= step[i]);
                    total = step[i];
                } else {
                    step[i] = total;
                }
            }
            total *= size_t(sizes[i]);
        }
        auto *data = new cv::UMatData(this);
        try {
            // The allocator's own flags say which shelf a block comes from.
            data->data = data->origdata =
                own ? static_cast<uchar *>(own) : static_cast<uchar *>(take(total, data->allocatorFlags_));
        } catch (...) {
            delete data;
            throw;
        }
        data->size = total;
        if (own) data->flags |= cv::UMatData::USER_ALLOCATED;
        return data;
    }

    bool allocate(cv::UMatData *data, cv::AccessFlag, cv::UMatUsageFlags) const override { return data != nullptr; }

    void deallocate(cv::UMatData *data) const override {
        if (!data) return;
        CV_Assert(data->urefcount == 0 && data->refcount == 0);
        if (!(data->flags & cv::UMatData::USER_ALLOCATED)) give(data->origdata, data->allocatorFlags_);
        delete data;
    }

private:
    /// OpenCV's own mark (CV_AUTOSTEP) of a step that is to be reckoned.
    static constexpr size_t automatic = 0x7fffffff;
    static constexpr size_t least = 1024, most = size_t(32) << 20, all = size_t(192) << 20;

    static constexpr int shelves = 72, none = -1;

    /// A size's shelf, and how large its blocks are.
    static int shelf(size_t size, size_t &block) {
        int index = 0;
        size_t whole = least;
        while (whole * 2 <= size) whole *= 2, index += 4;
        const size_t quarters = (size - whole + whole / 4 - 1) / (whole / 4);
        block = whole + quarters * (whole / 4);
        return index + int(quarters);
    }

    static size_t blockOf(int shelf) { return (least << (shelf / 4)) + size_t(shelf % 4) * ((least << (shelf / 4)) / 4); }

    void *take(size_t size, int &from) const {
        from = none;
        if (size < least || size > most) return cv::fastMalloc(size);
        size_t block;
        const int own = shelf(size, block);
        {
            std::lock_guard<std::mutex> turn(lock);
            for (from = own; from <= std::min(own + 4, shelves - 1); from++) {
                auto &blocks = idle[size_t(from)];
                if (blocks.empty()) continue;
                void *last = blocks.back();
                blocks.pop_back();
                held -= blockOf(from);
                return last;
            }
        }
        from = own;
        return cv::fastMalloc(block);
    }

    void give(void *memory, int from) const {
        if (from != none) {
            const size_t block = blockOf(from);
            std::lock_guard<std::mutex> turn(lock);
            if (users > 0 && held + block <= all) {
                idle[size_t(from)].push_back(memory);
                held += block;
                return;
            }
        }
        cv::fastFree(memory);
    }

    mutable std::mutex lock;
    mutable std::array<std::vector<void *>, size_t(shelves)> idle;
    mutable size_t held = 0;
    size_t users = 0;
};

/// Lives as long as the process: a picture may be freed at its very end.
Lender &lender() {
    static Lender &one = *new Lender;
    return one;
}
}  // namespace

sakk::Lent::Lent() {
    static const bool isSet = (cv::Mat::setDefaultAllocator(&lender()), true);
    (void)isSet;
    lender().begin();
}

sakk::Lent::~Lent() { lender().end(); }
