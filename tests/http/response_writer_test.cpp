// Response heads, byte by byte.
#include "http/response_writer.hpp"

#include <gtest/gtest.h>

namespace pep::http {
namespace {

constexpr std::string_view constant = "Cache-Control: no-store\r\n"
                                      "X-Content-Type-Options: nosniff\r\n"
                                      "Cross-Origin-Resource-Policy: same-origin\r\n";

TEST(ResponseHead, StatesTypeAndLength) {
    const Response response{.content_type = "application/json", .body = "{}"};
    EXPECT_EQ(
        response_head(response, {}),
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + std::string(constant) +
            "Content-Length: 2\r\n\r\n"
    );
}

TEST(ResponseHead, Has204WithoutLength) {
    const Response response{.status = 204};
    EXPECT_EQ(
        response_head(response, {}), "HTTP/1.1 204 No Content\r\n" + std::string(constant) + "\r\n"
    );
}

TEST(ResponseHead, AnswersHttp10AsSuch) {
    const Response response{.body = "x"};
    EXPECT_EQ(
        response_head(response, {.http_1_0 = true, .keep_alive = false}),
        "HTTP/1.0 200 OK\r\n" + std::string(constant) +
            "Connection: close\r\nContent-Length: 1\r\n\r\n"
    );
    EXPECT_NE(
        response_head(response, {.http_1_0 = true}).find("Connection: keep-alive\r\n"),
        std::string::npos
    );
}

TEST(ResponseHead, GivesAStreamNoLength) {
    const std::string head = response_head({.body = "x"}, {.stream = true});
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
    EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos);
}

TEST(ResponseHead, CannotBeSplit) {
    const Response response{
        .headers = {{"X-Name", "a\r\nSet-Cookie: b"}, {"X-\nOther", "c"}, {"X-Good", "d"}}};
    const std::string head = response_head(response, {});
    EXPECT_EQ(head.find("Set-Cookie"), std::string::npos);
    EXPECT_EQ(head.find("Other"), std::string::npos);
    EXPECT_NE(head.find("X-Good: d\r\n"), std::string::npos);
}

TEST(ResponseHead, NeverInvitesOtherOrigins) {
    EXPECT_EQ(response_head({}, {}).find("Access-Control"), std::string::npos);
}

TEST(ReasonPhrase, IsKnownForEveryStatusWeUse) {
    for (const int status :
         {200, 204, 400, 401, 403, 404, 405, 408, 413, 415, 417, 421, 431, 500, 503, 505}) {
        EXPECT_FALSE(reason_phrase(status).empty()) << status;
    }
    EXPECT_EQ(reason_phrase(299), "");
}

} // namespace
} // namespace pep::http
