/* Names of statuses. */
#pragma once

#include "pEpEngine.h"

PEP_BEGIN_DECLS

/** Symbolic name, e.g. "PEP_KEY_NOT_FOUND"; "unknown status code" for other numbers. Static. */
PEP_API const char* pEp_status_to_string(PEP_STATUS status);

PEP_END_DECLS
