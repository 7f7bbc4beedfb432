// Writes the reference of all functions, for the build: `pep-json-server-docs FILE`, Markdown if
// its name ends in .md, else HTML.
#include "api/api.hpp"
#include "api/service.hpp"
#include "daemon/limits_table.hpp"
#include "rpc/reference.hpp"

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

namespace {

using namespace pep;

/// What stands around the functions: title, introduction, limits.
rpc::ReferenceFrame frame() {
    rpc::ReferenceFrame made;
    made.title = "pep-json-server: reference";
    made.introduction = {
        "All functions of the server, made from the table that the server works by. How clients "
        "find "
        "the server, show the token, and what both dialects have in common, is in the README; for "
        "programs the same is in `/openrpc.json`.",
        "New clients call `POST /rpc`: inputs by name, outputs in `out` by name. Old clients call "
        "`POST "
        "/ja/0.1/callFunction`, the old dialect: params is an array with a place for each "
        "parameter, "
        "and a placeholder, as \"OP\", where nothing comes in. Old names and shapes are understood "
        "there only.",
        "The examples take place in the home of Ann, whose program knows the key of Ben, and "
        "nobody "
        "has compared trustwords yet. In replies, text that ends in … goes on. A test executes "
        "each of "
        "them."};
    // The defaults; what a certain server allows is in its `status`.
    for (const auto& [name, value] : daemon::list_limits(daemon::Limits{}))
        made.limits[name] = value;
    return made;
}

/// False if the file could not be written in full.
bool write(const std::string& file) {
    const auto page = file.ends_with(".md") ? rpc::markdown_writer() : rpc::html_writer();
    rpc::write_reference(*page, api::all_functions(), frame());
    std::ofstream out{file, std::ios::binary};
    out << page->finish() << std::flush;
    return out.good();
}

} // namespace

int main(int argc, char** argv) {
    // Exit codes as those of the server: 1 failure, 2 wrong usage.
    if (argc != 2) {
        std::fputs("usage: pep-json-server-docs FILE\n", stderr);
        return 2;
    }
    try {
        if (write(argv[1]))
            return 0;
    } catch (const std::exception&) { // told below
    }
    std::fprintf(stderr, "pep-json-server-docs: %s cannot be written\n", argv[1]);
    return 1;
}
