// Input of a test: HTTP that knows the engine and a foreign library. Never compiled.
#pragma once

#include "engine/store.hpp"
#include <pEp/pEpEngine.h>
#include <sqlite3.h>
