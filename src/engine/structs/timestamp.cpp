// Points in time (include/pEp/timestamp.h).
#include "pEp/timestamp.h"

#include "engine/structs/alloc.hpp"

using namespace pep::engine::structs;

timestamp* new_timestamp(time_t clock) {
    Owner<timestamp, free_timestamp> ts{make_zeroed<timestamp>()};
    // gmtime_r fails for years that do not fit an int
    if (!ts || (clock != 0 && gmtime_r(&clock, ts.get()) == nullptr))
        return nullptr;
    return ts.release();
}

timestamp* timestamp_dup(const timestamp* src) {
    if (src == nullptr)
        return nullptr;
    auto* copy = make_zeroed<timestamp>();
    if (copy != nullptr)
        *copy = *src;
    return copy;
}

time_t timegm_with_gmtoff(const timestamp* ts) {
    if (ts == nullptr)
        return -1;
    // No day of a month is 0, so this is new_timestamp(0) and not a date of 1899.
    if (ts->tm_year == 0 && ts->tm_mon == 0 && ts->tm_mday == 0 && ts->tm_hour == 0 &&
        ts->tm_min == 0 && ts->tm_sec == 0)
        return 0;
    timestamp normalised = *ts; // timegm() writes to its argument
    return timegm(&normalised) - ts->tm_gmtoff;
}

void free_timestamp(timestamp* ts) { std::free(ts); }
