// Big bytes are lent to a document only where it was asked for.
#include "marshal/check.hpp"
#include "marshal/lent.hpp"
#include "marshal/lists.hpp"
#include "support/toy.hpp"

namespace pep::marshal {
namespace {

json encoded(const Path& root, std::size_t size, const std::string& bytes) {
    toy::file file{};
    file.value = const_cast<char*>(bytes.data()); // only read
    file.size = size;
    return Type<toy::file*>::encode(&file, root.field("files")).value().front().at("value");
}

TEST(Lent, StandsForTheBytesItPointsTo) {
    const std::string bytes = "abc";
    const json value = lend(bytes);
    ASSERT_TRUE(lent_bytes(value));
    EXPECT_EQ(lent_bytes(value)->data(), bytes.data());
    EXPECT_EQ(*lent_bytes(value), "abc");
}

TEST(Lent, IsNoOtherValue) {
    EXPECT_FALSE(lent_bytes(json("abc")));
    EXPECT_FALSE(lent_bytes(json()));
    EXPECT_FALSE(lent_bytes(json::binary({'1', '.', '5'}))); // a number as text
}

TEST(Lent, BigBytesAreLentWhereThePathAllowsIt) {
    const std::string bytes(lent_from_bytes, 'x');
    const Path plain;
    const Path lending = Path::lending();
    EXPECT_TRUE(encoded(plain, bytes.size(), bytes).is_string());
    EXPECT_EQ(lent_bytes(encoded(lending, bytes.size(), bytes)), bytes);
    EXPECT_TRUE(encoded(lending, bytes.size() - 1, bytes).is_string());
}

} // namespace
} // namespace pep::marshal
