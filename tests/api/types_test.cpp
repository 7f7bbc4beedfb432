// The wire form of the engine's structs and enumerations, in literals.
#include "api/types/message.hpp"
#include "api/types/status.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pep::marshal {
namespace {

template <class T>
std::string written(const T& value) {
    auto out = Type<T>::encode(value, Path{});
    return out ? out->dump() : "error at " + out.error().where;
}

template <class T>
auto read(const char* text) {
    return Type<T>::decode(json::parse(text), Path{});
}

/// Decode and encode again.
template <class T>
std::string through(const char* text) {
    auto holder = read<T>(text);
    return holder ? written<T>(Type<T>::get(*holder)) : "error at " + holder.error().where;
}

TEST(StatusType, ShowsPositiveNumbersInHexadecimal) {
    EXPECT_EQ(written(PEP_KEY_NOT_FOUND), R"({"status":513,"hex":"0x201 \"PEP_KEY_NOT_FOUND\""})");
    EXPECT_EQ(written(PEP_STATUS_OK), R"({"status":0,"hex":"0 \"PEP_STATUS_OK\""})");
    EXPECT_EQ(written(PEP_ILLEGAL_VALUE), R"({"status":-4,"hex":"-4 \"PEP_ILLEGAL_VALUE\""})");
    EXPECT_EQ(
        written(static_cast<PEP_STATUS>(12345)),
        R"({"status":12345,"hex":"0x3039 \"unknown status code\""})"
    );
}

TEST(RatingType, IsAnObjectAndAlsoReadAsNumberOrName) {
    EXPECT_EQ(written(PEP_rating_reliable), R"({"rating":6})");
    for (const char* form : {R"({"rating":-2})", "-2", R"("PEP_rating_b0rken")", R"("b0rken")"}) {
        auto rating = read<PEP_rating>(form);
        ASSERT_TRUE(rating) << form;
        EXPECT_EQ(*rating, PEP_rating_b0rken) << form;
    }
}

TEST(RatingType, RefusesNumbersThatAreNone) { EXPECT_FALSE(read<PEP_rating>("77")); }

TEST(IdentityType, WritesItsMembersInOrder) {
    EXPECT_EQ(
        through<pEp_identity*>(
            R"({"flags":1,"lang":"en","comm_type":56,"username":"Ann","user_id":"u1",
                                   "fpr":"AB12","address":"a@x.test","major_ver":2,"minor_ver":1})"
        ),
        R"({"address":"a@x.test","fpr":"AB12","user_id":"u1","username":"Ann","comm_type":56,"lang":"en",)"
        R"("me":false,"major_ver":2,"minor_ver":1,"flags":1})"
    );
}

TEST(IdentityType, TakesNullAndTheEmptyObjectAsNull) {
    for (const char* form : {"null", "{}"}) {
        auto identity = read<pEp_identity*>(form);
        ASSERT_TRUE(identity);
        EXPECT_EQ(identity->get(), nullptr);
    }
}

TEST(IdentityType, IgnoresUnknownMembersAndNamesWrongOnes) {
    EXPECT_EQ(
        through<pEp_identity*>(R"({"address":"a","what":[1]})"),
        R"({"address":"a","comm_type":0,"me":false,"major_ver":0,"minor_ver":0,"flags":0})"
    );
    EXPECT_EQ(through<pEp_identity*>(R"({"address":7})"), "error at /address");
    EXPECT_EQ(through<pEp_identity*>(R"({"comm_type":999})"), "error at /comm_type");
    EXPECT_EQ(through<pEp_identity*>(R"({"me":1})"), "error at /me");
}

TEST(IdentityListType, EndsAtTheFirstEmptyNode) {
    EXPECT_EQ(through<identity_list*>("[]"), "[]");
    EXPECT_EQ(through<identity_list*>("[null]"), "[]");
    auto list = read<identity_list*>("[]");
    ASSERT_TRUE(list);
    EXPECT_NE(list->get(), nullptr);
}

TEST(StringListType, SkipsEmptyNodesOnTheWayOut) {
    EXPECT_EQ(through<stringlist_t*>(R"(["AB","CD"])"), R"(["AB","CD"])");
    EXPECT_EQ(through<stringlist_t*>("[]"), "[]");
    EXPECT_FALSE(read<stringlist_t*>("[null]"));
    EXPECT_FALSE(read<stringlist_t*>(R"([1])"));
}

TEST(BlobType, CarriesBytesAsBase64WithTheirCount) {
    EXPECT_EQ(
        through<bloblist_t*>(
            R"([{"value":"SGFsbG8=","size":99,"mime_type":"text/plain","filename":"h.txt"}])"
        ),
        R"([{"value":"SGFsbG8=","size":5,"mime_type":"text/plain","filename":"h.txt"}])"
    );
}

TEST(BlobType, IsInlineByItsName) {
    auto blobs = read<bloblist_t*>(
        R"([{"value":"AA==","filename":"cid://x"},{"value":"AA==","filename":"file://x"}])"
    );
    ASSERT_TRUE(blobs);
    EXPECT_EQ((*blobs)->disposition, PEP_CONTENT_DISP_INLINE);
    EXPECT_EQ((*blobs)->next->disposition, PEP_CONTENT_DISP_ATTACHMENT);
}

TEST(BlobType, WithANameAndNoContentsIsAnEmptyFile) {
    const char* const empty = R"([{"filename":"file://x"}])";
    auto blobs = read<bloblist_t*>(empty);
    ASSERT_TRUE(blobs);
    EXPECT_NE((*blobs)->value, nullptr);
    EXPECT_EQ((*blobs)->size, 0U);
    EXPECT_EQ(
        through<bloblist_t*>(R"([{"filename":"file://x","value":"AA=="}])"),
        R"([{"value":"AA==","size":1,"filename":"file://x"}])"
    );
}

TEST(MessageType, LeavesOutWhatIsZero) {
    EXPECT_EQ(through<message*>(R"({"dir":0,"enc_format":0,"rating":{"rating":0}})"), "{}");
    EXPECT_EQ(
        through<message*>(
            R"({"dir":1,"id":"1@x","shortmsg":"","sent":0,"to":[],"attachments":[],"opt_fields":[],
                              "rating":{"rating":6},"enc_format":3})"
        ),
        R"({"dir":1,"id":"1@x","shortmsg":"","sent":0,"to":[],"enc_format":3,"rating":{"rating":6}})"
    );
}

TEST(MessageType, NamesThePlaceOfAWrongValue) {
    EXPECT_EQ(
        through<message*>(R"({"to":[{"address":"a"},{"address":"b"},{"address":3}]})"),
        "error at /to/2/address"
    );
    EXPECT_EQ(
        through<message*>(R"({"attachments":[{"value":"!"}]})"), "error at /attachments/0/value"
    );
    EXPECT_EQ(
        through<message*>(R"({"opt_fields":[{"key":"a","value":1}]})"),
        "error at /opt_fields/0/value"
    );
    EXPECT_EQ(through<message*>("{\"shortmsg\":\"a\\u0000b\"}"), "error at /shortmsg");
}

TEST(MessageType, KeepsEveryMember) {
    const char* all =
        R"({"dir":1,"id":"i","shortmsg":"s","longmsg":"l","longmsg_formatted":"<p>","attachments":[{"value":"AA==","size":1}],)"
        R"("sent":1700000000,"recv":1700000001,"from":{"address":"a","comm_type":0,"me":false,"major_ver":0,"minor_ver":0,"flags":0},)"
        R"("to":[{"address":"b","comm_type":0,"me":false,"major_ver":0,"minor_ver":0,"flags":0}],)"
        R"("in_reply_to":["x"],"references":["y","z"],"keywords":["k"],"comments":"c",)"
        R"("opt_fields":[{"key":"X-Test","value":"1"}],"enc_format":4,"rating":{"rating":-1}})";
    EXPECT_EQ(through<message*>(all), all);
}

} // namespace
} // namespace pep::marshal
