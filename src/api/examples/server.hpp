// Example calls: the server itself.
#pragma once

#include "rpc/function_map.hpp"

namespace pep::api::examples {

inline constexpr rpc::Example serverVersion{
    "What is behind the door",
    R"({})",
    R"({
  "return": {
    "major": 3, "minor": 3, "patch": 25, "api_version": "3.3.25", "name": "pep-json-server",
    "package_version": "…", "engine_version": "…", "pep_protocol_version": "3.3"
  },
  "out": {}
})"};

inline constexpr rpc::Example version{
    "For a line in the log",
    R"({})",
    R"({"return": "3.3.25 \"pep-json-server\" package_version=…", "out": {}})"};

inline constexpr rpc::Example ping{
    "Is the token right?", R"({})", R"({"return": "pong", "out": {}})"};

// Not all members are shown; the schema has them.
inline constexpr rpc::Example status{
    "How busy the server is",
    R"({})",
    R"({
  "return": {
    "epoch": "flu5i4u8H4UoGlhREfWynQ", "pid": 4711, "uptime_s": 3600,
    "connections": {"open": 2, "accepted": 17}, "requests": {"served": 240, "refused": 1},
    "calls": {"running": 1, "queued": 0}, "trustwords": [{"lang": "en", "file": "…/en.txt", "sha256": "…"}]
  },
  "out": {}
})"};

inline constexpr rpc::Example create_page_file{
    "Open the test page in a browser", R"({})", R"({"return": "/run/…", "out": {}})"};

inline constexpr rpc::Example recent_log{
    "Lines behind number 6",
    R"({"after": 6})",
    R"({
  "return": {
    "next": 7, "lines": ["2026-01-02T03:04:05.678Z info serving port=4223"], "lost": 0
  },
  "out": {}
})"};

inline constexpr rpc::Example shutdown{
    "Before an update of the package", R"({})", R"({"return": null, "out": {}})"};

} // namespace pep::api::examples
