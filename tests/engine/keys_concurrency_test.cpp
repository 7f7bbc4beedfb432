// Two threads, each with a key ring of its own on one database, change the same key.
#include "keys_fixture.hpp"
#include "support/temporary_folder.hpp"

#include <ctime>
#include <thread>

namespace pep::engine {
namespace {

constexpr std::time_t day = 24 * 3600;

Store opened(const test::TemporaryFolder& folder) {
    auto store = Store::open(folder.path());
    if (!store)
        throw std::runtime_error{store.error().message};
    return std::move(*store);
}

TEST(ConcurrentKeyChanges, ARevocationIsNotOverwrittenByARenewal) {
    const test::TemporaryFolder folder;
    Store store = opened(folder);
    KeyRing keys{store.db()};
    for (int round = 0; round < 12; ++round) {
        const auto fpr = must(keys.generate({.address = "me@example.org", .username = "Me"}));
        std::thread renewing{[&] {
            Store own = opened(folder);
            KeyRing ring{own.db()};
            for (int i = 1; i <= 4; ++i)
                static_cast<void>(ring.renew(fpr, std::time(nullptr) + i * 100 * day, nullptr));
        }};
        std::thread revoking{[&] {
            Store own = opened(folder);
            KeyRing ring{own.db()};
            must(ring.revoke(fpr, "", nullptr));
        }};
        renewing.join();
        revoking.join();
        EXPECT_TRUE(must(keys.revoked(fpr))) << round;
        EXPECT_TRUE(must(keys.has_secret(fpr)));
    }
}

TEST(ConcurrentKeyChanges, AnImportIsNotOverwrittenByARevocation) {
    const test::TemporaryFolder folder;
    Store store = opened(folder);
    KeyRing keys{store.db()};
    for (int round = 0; round < 3; ++round) { // each waits for a second to pass
        Ring elsewhere;
        const auto fpr = elsewhere.make("me@example.org");
        must(keys.import(elsewhere.export_secret(fpr)));
        const auto until = std::time(nullptr) + 1000 * day;
        next_second();
        must(elsewhere.keys.renew(fpr, until, nullptr));
        const auto renewed = elsewhere.export_public(fpr);
        std::thread importing{[&] {
            Store own = opened(folder);
            KeyRing ring{own.db()};
            must(ring.import(renewed));
        }};
        must(keys.revoke(fpr, "", nullptr));
        importing.join();
        EXPECT_TRUE(must(keys.revoked(fpr))) << round;
    }
}

} // namespace
} // namespace pep::engine
