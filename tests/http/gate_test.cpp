// The gate, as tables: raw header blocks and what becomes of them. The server under test is
// 127.0.0.1:4223; statuses and slugs are literals, for clients rely on them.
#include "http/gate.hpp"
#include "http/refusals.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pep::http {
namespace {

using namespace std::string_literals;

constexpr std::string_view host = "Host: 127.0.0.1:4223\r\n";

// What the gate says to a block that came at once, on a path with the given route.
Refusal judge(const std::string& block, const Route& route, std::vector<std::string> allowed = {}) {
    const Limits limits;
    const HeadScan scan = scan_head(block, 0, limits);
    if (scan.refusal) {
        return *scan.refusal;
    }
    if (scan.size != block.size()) {
        return {0, "incomplete"};
    }
    Head head;
    std::optional<Refusal> refusal = read_head(block, limits, head);
    const Origins ours = Origins::of("127.0.0.1", 4223, allowed);
    if (!refusal) {
        refusal = check_origin(head, ours, route);
    }
    if (!refusal) {
        refusal = check_route(head, route);
    }
    if (!refusal) {
        refusal = check_content_type(head);
    }
    const auto is_token = [](std::string_view token) { return token == "right"; };
    const TokenState token = check_token(head, is_token);
    if (!refusal) {
        refusal = check_token_rule(token, route);
    }
    if (!refusal) {
        refusal = check_length(head, body_limit(head, token, route, limits));
    }
    return refusal.value_or(Refusal{200, ""});
}

Route rpc_route() {
    return {.found = true, .methods = {"POST"}, .body = BodyRule::header_token_or_small};
}

Route page_route() { return {.found = true, .methods = {"GET", "HEAD"}, .navigable = true}; }

struct Row {
    std::string_view name;
    std::string block;
    int status;
    std::string_view slug = "";
};

void expect(const Row& row, const Route& route) {
    const Refusal refusal = judge(row.block, route);
    EXPECT_EQ(refusal.status, row.status) << row.name;
    EXPECT_EQ(refusal.slug, row.slug) << row.name;
    EXPECT_EQ(row.slug.empty(), hint_of(row.slug).empty()) << row.name;
}

std::string post(std::string_view fields) {
    return "POST /rpc HTTP/1.1\r\n"s.append(host).append(fields).append("\r\n");
}

std::string get(std::string_view fields) {
    return "GET / HTTP/1.1\r\n"s.append(host).append(fields).append("\r\n");
}

TEST(Gate, JudgesFraming) {
    const Row rows[] = {
        {"plain", post("Content-Length: 2\r\n"), 200},
        {"no body", post(""), 200},
        {"chunked", post("Transfer-Encoding: chunked\r\n"), 200},
        {"chunked, any case", post("TRANSFER-ENCODING: Chunked\r\n"), 200},
        {"length with blanks around", post("Content-Length: \t 2 \r\n"), 200},
        {"length with zeros in front", post("Content-Length: 0002\r\n"), 200},
        {"obs-text in a value", post("X-Name: \xC3\xA4\r\n"), 200},
        {"tab in a value", post("X-Name: a\tb\r\n"), 200},
        {"empty value", post("X-Name:\r\n"), 200},
        {"HTTP/1.0", "POST /rpc HTTP/1.0\r\n"s + std::string(host) + "\r\n", 200},
        {"no Host", "POST /rpc HTTP/1.1\r\n\r\n", 400, "host_missing"},
        {"no Host in HTTP/1.0", "POST /rpc HTTP/1.0\r\n\r\n", 400, "host_missing"},
        {"two Hosts", post(host), 400, "field_repeated"},
        {"two lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n"), 400, "field_repeated"},
        {"length list", post("Content-Length: 2, 2\r\n"), 400, "bad_content_length"},
        {"signed length", post("Content-Length: +2\r\n"), 400, "bad_content_length"},
        {"negative length", post("Content-Length: -2\r\n"), 400, "bad_content_length"},
        {"hexadecimal length", post("Content-Length: 0x2\r\n"), 400, "bad_content_length"},
        {"empty length", post("Content-Length:\r\n"), 400, "bad_content_length"},
        {"length of 2 GiB", post("Content-Length: 2147483648\r\n"), 413, "too_large"},
        {"length over 64 bits",
         post("Content-Length: 99999999999999999999999999\r\n"),
         413,
         "too_large"},
        {"length and chunked",
         post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"),
         400,
         "bad_transfer_encoding"},
        {"gzip, chunked",
         post("Transfer-Encoding: gzip, chunked\r\n"),
         400,
         "bad_transfer_encoding"},
        {"xchunked", post("Transfer-Encoding: xchunked\r\n"), 400, "bad_transfer_encoding"},
        {"chunked twice",
         post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
         400,
         "field_repeated"},
        {"empty encoding", post("Transfer-Encoding:\r\n"), 400, "bad_transfer_encoding"},
        {"chunked in HTTP/1.0",
         "POST /rpc HTTP/1.0\r\n"s + std::string(host) + "Transfer-Encoding: chunked\r\n\r\n",
         400,
         "bad_transfer_encoding"},
        {"blank before the colon", post("Content-Length : 2\r\n"), 400, "bad_field"},
        {"no colon", post("Content-Length\r\n"), 400, "bad_field"},
        {"no name", post(": 2\r\n"), 400, "bad_field"},
        {"folded line", post("X-Name: a\r\n b\r\n"), 400, "obs_fold"},
        {"folded by a tab", post("X-Name: a\r\n\tb\r\n"), 400, "obs_fold"},
        {"fold before the first field",
         "POST /rpc HTTP/1.1\r\n Host: 127.0.0.1:4223\r\n\r\n",
         400,
         "obs_fold"},
        {"NUL in a value", post("X-Name: a\0b\r\n"s), 400, "bad_field"},
        {"NUL in a name", post("X-\0Name: a\r\n"s), 400, "bad_field"},
        {"escape in a value", post("X-Name: \x1b[2J\r\n"), 400, "bad_field"},
        {"DEL in a value", post("X-Name: \x7f\r\n"), 400, "bad_field"},
        {"bare CR in a value", post("X-Name: a\rX-Other: b\r\n"), 400, "bad_field"},
        {"bare LF behind a field", post("X-Name: a\nX-Other: b\r\n"), 400, "bare_lf"},
        {"bare LF at the end",
         "POST /rpc HTTP/1.1\r\n"s + std::string(host) + "\n",
         400,
         "bare_lf"},
        {"bare LF behind the request line", "POST /rpc HTTP/1.1\n", 400, "bare_lf"},
        {"unknown expectation", post("Expect: 200-maybe\r\n"), 417, "expectation"},
        {"100-continue", post("Expect: 100-Continue\r\nContent-Length: 2\r\n"), 200},
    };
    for (const Row& row : rows) {
        expect(row, rpc_route());
    }
}

TEST(Gate, JudgesTheRequestLine) {
    const auto line = [](std::string text) {
        return text.append("\r\n").append(host).append("\r\n");
    };
    const Row rows[] = {
        {"plain", line("POST /rpc HTTP/1.1"), 200},
        {"query", line("POST /rpc?a=b HTTP/1.1"), 200},
        {"absolute form", line("POST http://127.0.0.1:4223/rpc HTTP/1.1"), 400, "target_form"},
        {"asterisk", line("OPTIONS * HTTP/1.1"), 400, "target_form"},
        {"authority", line("CONNECT 127.0.0.1:25 HTTP/1.1"), 400, "target_form"},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", 505, "version"},
        {"HTTP/1.2", line("POST /rpc HTTP/1.2"), 505, "version"},
        {"HTTP/0.9", line("GET /rpc"), 400, "bad_request_line"},
        {"lower case version", line("POST /rpc http/1.1"), 400, "bad_request_line"},
        {"two blanks", line("POST  /rpc HTTP/1.1"), 400, "bad_request_line"},
        {"blank in the target", line("POST /r pc HTTP/1.1"), 400, "bad_request_line"},
        {"blank at the end", line("POST /rpc HTTP/1.1 "), 400, "bad_request_line"},
        {"no target", line("POST HTTP/1.1"), 400, "bad_request_line"},
        {"control character in the target", line("POST /\x01 HTTP/1.1"), 400, "bad_request_line"},
        {"letter beyond ASCII in the target",
         line("POST /\xC3\xA4 HTTP/1.1"),
         400,
         "bad_request_line"},
        {"method of odd characters", line("PO(ST /rpc HTTP/1.1"), 400, "bad_request_line"},
        {"TLS greeting", "\x16\x03\x01\x02", 400, "bad_request_line"},
        {"blank in front", line(" POST /rpc HTTP/1.1"), 400, "bad_request_line"},
        {"GET", line("GET /rpc HTTP/1.1"), 405, "method"},
        {"lower case method", line("post /rpc HTTP/1.1"), 405, "method"},
        {"OPTIONS", line("OPTIONS /rpc HTTP/1.1"), 405, "method"},
        {"TRACE", line("TRACE /rpc HTTP/1.1"), 405, "method"},
    };
    for (const Row& row : rows) {
        expect(row, rpc_route());
    }
}

TEST(Gate, JudgesHost) {
    const auto with_host = [](std::string_view name) {
        return "GET / HTTP/1.1\r\nHost: "s.append(name).append("\r\n\r\n");
    };
    const Row rows[] = {
        {"address", with_host("127.0.0.1:4223"), 200},
        {"name", with_host("localhost:4223"), 200},
        {"name in capitals", with_host("LOCALHOST:4223"), 200},
        {"IPv6", with_host("[::1]:4223"), 200},
        {"no port", with_host("127.0.0.1"), 421, "foreign_host"},
        {"other port", with_host("127.0.0.1:80"), 421, "foreign_host"},
        {"longer port", with_host("127.0.0.1:42230"), 421, "foreign_host"},
        {"other loopback address", with_host("127.0.0.2:4223"), 421, "foreign_host"},
        {"rebound name", with_host("evil.example:4223"), 421, "foreign_host"},
        {"trailing dot", with_host("localhost.:4223"), 421, "foreign_host"},
        {"suffix", with_host("127.0.0.1:4223.evil.example"), 421, "foreign_host"},
        {"user part", with_host("127.0.0.1:4223@evil.example"), 421, "foreign_host"},
        {"empty", with_host(""), 421, "foreign_host"},
    };
    for (const Row& row : rows) {
        expect(row, page_route());
    }
}

TEST(Gate, JudgesOriginAndFetchMetadata) {
    const Row rows[] = {
        {"own origin", get("Origin: http://127.0.0.1:4223\r\n"), 200},
        {"own origin by name", get("Origin: http://localhost:4223\r\n"), 200},
        {"https", get("Origin: https://127.0.0.1:4223\r\n"), 403, "foreign_origin"},
        {"no port", get("Origin: http://127.0.0.1\r\n"), 403, "foreign_origin"},
        {"other port", get("Origin: http://127.0.0.1:8080\r\n"), 403, "foreign_origin"},
        {"null", get("Origin: null\r\n"), 403, "foreign_origin"},
        {"empty", get("Origin:\r\n"), 403, "foreign_origin"},
        {"another site", get("Origin: https://evil.example\r\n"), 403, "foreign_origin"},
        {"two origins",
         get("Origin: http://127.0.0.1:4223\r\nOrigin: https://evil.example\r\n"),
         400,
         "field_repeated"},
        {"extension", get("Origin: moz-extension://abc\r\n"), 403, "foreign_origin"},
        {"same origin", get("Sec-Fetch-Site: same-origin\r\n"), 200},
        {"typed by the user", get("Sec-Fetch-Site: none\r\n"), 200},
        {"same site", get("Sec-Fetch-Site: same-site\r\n"), 403, "foreign_site"},
        {"cross site", get("Sec-Fetch-Site: cross-site\r\n"), 403, "foreign_site"},
        {"link on a page",
         get("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"
             "Sec-Fetch-Dest: document\r\n"),
         200},
        {"frame of a page",
         get("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"
             "Sec-Fetch-Dest: iframe\r\n"),
         403,
         "foreign_site"},
        {"image of a page",
         get("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"
             "Sec-Fetch-Dest: image\r\n"),
         403,
         "foreign_site"},
        {"preflight",
         "OPTIONS / HTTP/1.1\r\n"s + std::string(host) +
             "Origin: http://127.0.0.1:4223\r\nAccess-Control-Request-Method: POST\r\n\r\n",
         403,
         "preflight"},
    };
    for (const Row& row : rows) {
        expect(row, page_route());
    }
}

TEST(Gate, LetsNavigationReachPagesOnly) {
    Route script = page_route();
    script.navigable = false;
    const std::string block = get("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n"
                                  "Sec-Fetch-Dest: document\r\n");
    EXPECT_EQ(judge(block, script), (Refusal{403, "foreign_site"}));
}

TEST(Gate, LetsInAnAllowedOriginThoughItIsAnotherSite) {
    const std::string block = get("Origin: moz-extension://abc\r\nSec-Fetch-Site: cross-site\r\n");
    EXPECT_EQ(judge(block, page_route(), {"moz-extension://abc"}), (Refusal{200, ""}));
    EXPECT_EQ(
        judge(block, page_route(), {"moz-extension://abcd"}), (Refusal{403, "foreign_origin"})
    );
}

TEST(Gate, JudgesContentType) {
    const std::string browser = "Origin: http://127.0.0.1:4223\r\nContent-Length: 2\r\n";
    const Row rows[] = {
        {"JSON", post(browser + "Content-Type: application/json\r\n"), 200},
        {"JSON with charset",
         post(browser + "Content-Type: Application/JSON ; charset=utf-8\r\n"),
         200},
        {"text", post(browser + "Content-Type: text/plain\r\n"), 415, "content_type"},
        {"form",
         post(browser + "Content-Type: application/x-www-form-urlencoded\r\n"),
         415,
         "content_type"},
        {"JSON as parameter",
         post(browser + "Content-Type: text/plain; application/json\r\n"),
         415,
         "content_type"},
        {"none", post(browser), 415, "content_type"},
        {"text by fetch metadata",
         post("Sec-Fetch-Site: same-origin\r\nContent-Length: 2\r\n"),
         415,
         "content_type"},
        {"browser without body", post("Origin: http://127.0.0.1:4223\r\n"), 200},
        {"text of an old client", post("Content-Length: 2\r\nContent-Type: text/plain\r\n"), 200},
        {"no type of an old client", post("Content-Length: 2\r\n"), 200},
    };
    for (const Row& row : rows) {
        expect(row, rpc_route());
    }
}

TEST(Gate, JudgesTheToken) {
    const Row rows[] = {
        {"right", post("Authorization: Bearer right\r\n"), 200},
        {"scheme in any case", post("Authorization: bEARER   right \r\n"), 200},
        {"wrong", post("Authorization: Bearer wrong\r\n"), 401, "wrong_token"},
        {"empty", post("Authorization: Bearer \r\n"), 401, "wrong_token"},
        {"prefix", post("Authorization: Bearer righ\r\n"), 401, "wrong_token"},
        {"other scheme", post("Authorization: Basic cmlnaHQ=\r\n"), 401, "wrong_token"},
        {"no scheme", post("Authorization: right\r\n"), 401, "wrong_token"},
        {"two",
         post("Authorization: Bearer right\r\nAuthorization: Bearer x\r\n"),
         400,
         "field_repeated"},
        {"wrong before the length is looked at",
         post("Authorization: Bearer wrong\r\nContent-Length: 99999999999\r\n"),
         401,
         "wrong_token"},
        {"large with the right token",
         post("Authorization: Bearer right\r\nContent-Length: 67108864\r\n"),
         200},
        {"too large even so",
         post("Authorization: Bearer right\r\nContent-Length: 67108865\r\n"),
         413,
         "too_large"},
        {"small without token", post("Content-Length: 1048576\r\n"), 200},
        {"large without token", post("Content-Length: 1048577\r\n"), 413, "too_large"},
    };
    for (const Row& row : rows) {
        expect(row, rpc_route());
    }
    Route strict = rpc_route();
    strict.token = TokenRule::required;
    EXPECT_EQ(judge(post(""), strict), (Refusal{401, "token_missing"}));
    EXPECT_EQ(judge(post("Authorization: Bearer right\r\n"), strict), (Refusal{200, ""}));
}

TEST(Gate, GivesLegacyClientsRoomButNotBrowsers) {
    Route legacy = rpc_route();
    legacy.body = BodyRule::legacy;
    EXPECT_EQ(judge(post("Content-Length: 67108864\r\n"), legacy).status, 200);
    EXPECT_EQ(judge(post("Content-Length: 67108865\r\n"), legacy).status, 413);
    const std::string browser =
        "Origin: http://127.0.0.1:4223\r\nContent-Type: application/json\r\n";
    EXPECT_EQ(judge(post(browser + "Content-Length: 1048576\r\n"), legacy).status, 200);
    EXPECT_EQ(judge(post(browser + "Content-Length: 1048577\r\n"), legacy).status, 413);
}

TEST(Gate, TakesNoBodyWhereNoneBelongs) {
    EXPECT_EQ(judge(get("Content-Length: 1\r\n"), page_route()), (Refusal{413, "too_large"}));
    EXPECT_EQ(
        judge(get("Transfer-Encoding: chunked\r\n"), page_route()), (Refusal{413, "too_large"})
    );
    EXPECT_EQ(judge(get("Content-Length: 0\r\n"), page_route()).status, 200);
}

TEST(Gate, KnowsNoOtherPath) {
    EXPECT_EQ(judge(get(""), Route{}), (Refusal{404, "not_found"}));
    // Who may not ask does not learn what is there.
    EXPECT_EQ(judge(get("Origin: https://evil.example\r\n"), Route{}).status, 403);
}

TEST(Gate, TakesAnySingleHostOnTheUnixSocket) {
    Head head;
    const std::string block = "GET / HTTP/1.1\r\nHost: anything\r\n\r\n";
    ASSERT_FALSE(read_head(block, Limits{}, head));
    EXPECT_FALSE(check_origin(head, Origins::any_host({}), page_route()));
}

TEST(Gate, CountsAnAddressOfItsOwnAsOurs) {
    Head head;
    const std::string block = "GET / HTTP/1.1\r\nHost: 127.0.0.9:5\r\n"
                              "Origin: http://127.0.0.9:5\r\n\r\n";
    ASSERT_FALSE(read_head(block, Limits{}, head));
    EXPECT_FALSE(check_origin(head, Origins::of("127.0.0.9", 5, {}), page_route()));
    EXPECT_TRUE(check_origin(head, Origins::of("127.0.0.1", 5, {}), page_route()));
}

TEST(HeadScan, FindsTheEndWhereverTheBlockIsCut) {
    const std::string block = get("X-Name: value\r\n");
    const Limits limits;
    for (std::size_t cut = 1; cut < block.size(); ++cut) {
        const HeadScan first = scan_head(std::string_view(block).substr(0, cut), 0, limits);
        ASSERT_FALSE(first.refusal) << cut;
        ASSERT_EQ(first.size, 0U) << cut;
        const HeadScan second = scan_head(block + "rest", first.scanned, limits);
        EXPECT_EQ(second.size, block.size()) << cut;
    }
}

TEST(HeadScan, RefusesABlockOverTheLimitBeforeItEnds) {
    Limits limits;
    limits.header_bytes = 100;
    const std::string head = "GET / HTTP/1.1\r\nX: ";
    EXPECT_FALSE(scan_head(head + std::string(99 - head.size(), 'x'), 0, limits).refusal);
    EXPECT_EQ(
        scan_head(head + std::string(100 - head.size(), 'x'), 0, limits).refusal,
        (Refusal{431, "header_too_large"})
    );
    const std::string fits = head + std::string(96 - head.size(), 'x') + "\r\n\r\n";
    EXPECT_EQ(scan_head(fits, 0, limits).size, 100U);
}

TEST(Head, HasAtMostAHundredFields) {
    std::string fields;
    for (int i = 0; i < 99; ++i) { // and Host
        fields += "X: y\r\n";
    }
    EXPECT_EQ(judge(get(fields), page_route()).status, 200);
    EXPECT_EQ(judge(get(fields + "X: y\r\n"), page_route()), (Refusal{431, "header_too_large"}));
}

TEST(Head, KnowsWhetherTheConnectionStays) {
    struct {
        std::string_view version, field;
        bool stays;
    } const rows[] = {
        {"HTTP/1.1", "", true},
        {"HTTP/1.1", "Connection: close\r\n", false},
        {"HTTP/1.1", "Connection: x, Close\r\n", false},
        {"HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
        {"HTTP/1.0", "", false},
        {"HTTP/1.0", "Connection: Keep-Alive\r\n", true},
    };

    for (const auto& row : rows) {
        Head head;
        const std::string block = "GET / "s.append(row.version)
                                      .append("\r\n")
                                      .append(host)
                                      .append(row.field)
                                      .append("\r\n");
        ASSERT_FALSE(read_head(block, Limits{}, head));
        EXPECT_EQ(head.keep_alive, row.stays) << block;
    }
}

} // namespace
} // namespace pep::http
