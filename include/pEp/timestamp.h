/* Points in time: broken-down UTC, as in the C library. */
#pragma once

#include <time.h>

#include "export.h"

PEP_BEGIN_DECLS

typedef struct tm timestamp;

/** UTC time of `clock` seconds since the epoch; 0 gives an all-zero struct. Release with free_timestamp. */
PEP_API timestamp* new_timestamp(time_t clock);
PEP_API timestamp* timestamp_dup(const timestamp* src);

/** Seconds since the epoch: UTC conversion minus tm_gmtoff. NULL gives -1; the all-zero struct gives 0. */
PEP_API time_t timegm_with_gmtoff(const timestamp* ts);
PEP_API void free_timestamp(timestamp* ts);

PEP_END_DECLS
